use tidemill_units::{Amount, Timestamp, TokenIndex, TokenPair, U256, mul_div};

use crate::curve_math::PRECISION;
use crate::least_input::least_input;
use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, SwapFee, Trade};

/// A metapool's own tokens: its coin and the base pool's shares.
const OWN: u8 = 2;
const COIN: TokenIndex = TokenIndex(0);
const SHARES: TokenIndex = TokenIndex(1);

/// A pool of a coin and another pool's shares, through which that base pool's coins are traded
/// too. Tokens are counted through: the metapool's coin, the base pool's shares, and the base
/// pool's coins behind them.
pub trait Metapool: SharePool {
    /// Returns the base pool.
    fn base_pool(&self) -> &dyn SharePool;

    /// Exchanges for at least so much; the pair is counted as the contract does, the metapool's
    /// coin and then the base pool's. Returns what comes out.
    ///
    /// Errors: those of the contract's `exchange_underlying`.
    fn exchange_through(
        &mut self,
        pair: TokenPair,
        amount_in: Amount,
        least_out: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError>;

    /// Returns what such an exchange would give.
    ///
    /// Errors: as [`exchange_through`](Self::exchange_through).
    fn given_through(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError>;

    /// Returns what the contract's own view says that such an exchange gives.
    ///
    /// Errors: those of the contract's `get_dy_underlying`.
    fn promised_through(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError>;

    /// Returns the fee of an exchange between the pool's own two tokens.
    ///
    /// Errors: those of the exchange.
    fn own_fee(
        &self,
        pair: TokenPair,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError>;

    /// Returns the shares that the base pool gives for one of its coins.
    ///
    /// Errors: those of the deposit.
    fn base_shares_for(
        &self,
        coin: TokenIndex,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<Amount, PoolError>;

    /// Returns what an exchange with a coin of the base pool pays and gives, as
    /// [`exchange_through`](Self::exchange_through) does it. An exact output is bought with the
    /// least input that gives it, found by trying, but for the wavering of a few units that the
    /// loops' rounding brings; it may come to more than asked for. The fee is the metapool's, where
    /// the exchange passes through it, and else the base pool's: what the base pool takes for an
    /// unbalanced deposit or withdrawal on the way is in its shares' number alone.
    ///
    /// Errors: `NoSuchPair` between others, `OutputOutOfReach`, and those of the exchange.
    fn quote_underlying(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let passage = Passage::of(trade.pair, self.base_pool())?;
        let give = |amount| self.given_through(passage.underlying(), amount, at);
        let amount_in = match trade.amount {
            SwapAmount::ExactIn(amount) => amount,
            SwapAmount::ExactOut(wanted) => {
                let price = self.spot_price_underlying(trade.pair, at)?;
                let guess = mul_div(wanted.0, price.input, price.output);
                least_input(wanted, guess.map_or(Amount::MAX, Amount), |amount| give(amount).ok())
                    .ok_or(PoolError::OutputOutOfReach)?
            }
        };
        let amount_out = give(amount_in)?;
        let through = |input, output, amount| -> Result<SwapFee, PoolError> {
            let amount = self.own_fee(TokenPair { input, output }, amount, at)?;
            Ok(SwapFee { token: output, amount })
        };
        let fee = match passage {
            Passage::Base(pair) => {
                let trade = Trade { pair, amount: SwapAmount::ExactIn(amount_in) };
                let SwapFee { token, amount } = self.base_pool().quote(&trade, at)?.fee;
                SwapFee { token: TokenIndex(token.0.saturating_add(OWN)), amount }
            }
            Passage::Out(_) => through(COIN, SHARES, amount_in)?,
            Passage::In(coin) => through(SHARES, COIN, self.base_shares_for(coin, amount_in, at)?)?,
        };
        Ok(Quote { amount_in, amount_out, fee })
    }

    /// Returns what the contract's own quote promises: as
    /// [`quote_underlying`](Self::quote_underlying), but for the output of an exact input.
    ///
    /// Errors: as that, and those of [`promised_through`](Self::promised_through).
    fn contract_quote_underlying(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote_underlying(trade, at)?;
        let SwapAmount::ExactIn(amount_in) = trade.amount else { return Ok(quote) };
        let pair = Passage::of(trade.pair, self.base_pool())?.underlying();
        let amount_out = self.promised_through(pair, amount_in, at)?;
        Ok(Quote { amount_out, ..quote })
    }

    /// Makes an exchange with a coin of the base pool, exactly as
    /// [`quote_underlying`](Self::quote_underlying) has it.
    ///
    /// Errors: as that.
    fn swap_underlying(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote_underlying(trade, at)?;
        let pair = Passage::of(trade.pair, self.base_pool())?.underlying();
        self.exchange_through(pair, quote.amount_in, quote.amount_out, at)?;
        Ok(quote)
    }

    /// Returns the price at the margin, without fees, of exchanges with the base pool's coins. A
    /// share of the base pool is worth its part of that pool at that pool's own prices: its
    /// invariant is homogeneous of degree one.
    ///
    /// Errors: `NoSuchPair`, `NoPrice`, and those of either pool's price.
    fn spot_price_underlying(
        &self,
        pair: TokenPair,
        at: Timestamp,
    ) -> Result<PriceRatio, PoolError> {
        let base = self.base_pool();
        let own = |input, output| self.spot_price(TokenPair { input, output }, at);
        let through = |a, b, divisor| mul_div(a, b, divisor).ok_or(PoolError::NoPrice);
        let price = match Passage::of(pair, base)? {
            Passage::Base(pair) => return base.spot_price(pair, at),
            Passage::Out(coin) => {
                let (own, share) = (own(COIN, SHARES)?, share_price(base, coin, at)?);
                let output = through(own.output, share.output, own.input)?;
                PriceRatio { output, input: share.input }
            }
            Passage::In(coin) => {
                let (own, share) = (own(SHARES, COIN)?, share_price(base, coin, at)?);
                let output = through(share.input, own.output, own.input)?;
                PriceRatio { output, input: share.output }
            }
        };
        let is_none = price.input.is_zero() || price.output.is_zero();
        if is_none { Err(PoolError::NoPrice) } else { Ok(price) }
    }
}

/// A pair with a coin of the base pool, in the base pool's own count.
#[derive(Clone, Copy, Debug)]
enum Passage {
    /// Within the base pool.
    Base(TokenPair),
    /// From the metapool's coin to one of the base pool's.
    Out(TokenIndex),
    /// The other way.
    In(TokenIndex),
}

impl Passage {
    /// Reads a pair of all tokens.
    fn of(pair: TokenPair, base: &dyn SharePool) -> Result<Self, PoolError> {
        let count = base.balances().len();
        let in_base = |token: TokenIndex| {
            let place = token.0.checked_sub(OWN).map(TokenIndex);
            place.filter(|place| place.place() < count)
        };
        match (in_base(pair.input), in_base(pair.output)) {
            (Some(input), Some(output)) if input != output => {
                Ok(Self::Base(TokenPair { input, output }))
            }
            (None, Some(coin)) if pair.input == COIN => Ok(Self::Out(coin)),
            (Some(coin), None) if pair.output == COIN => Ok(Self::In(coin)),
            // Shares against coins of the base pool: a deposit or a withdrawal there.
            _ => Err(PoolError::NoSuchPair),
        }
    }

    /// The pair as the contracts count it: the metapool's coin, then the base pool's.
    fn underlying(self) -> TokenPair {
        let behind = |coin: TokenIndex| TokenIndex(coin.0.saturating_add(1));
        match self {
            Self::Base(pair) => {
                TokenPair { input: behind(pair.input), output: behind(pair.output) }
            }
            Self::Out(coin) => TokenPair { input: COIN, output: behind(coin) },
            Self::In(coin) => TokenPair { input: behind(coin), output: COIN },
        }
    }
}

/// What a pool's shares are worth in one of its coins, reckoned in 10^18 parts of a unit, so that
/// the price keeps its digits.
fn share_price(
    pool: &dyn SharePool,
    coin: TokenIndex,
    at: Timestamp,
) -> Result<PriceRatio, PoolError> {
    let fine = |amount: U256| amount.checked_mul(PRECISION).ok_or(PoolError::NoPrice);
    let mut worth = U256::ZERO;
    for (input, balance) in pool.balances().iter() {
        let mut part = fine(balance.0)?;
        if input != coin {
            let price = pool.spot_price(TokenPair { input, output: coin }, at)?;
            part = mul_div(part, price.output, price.input).ok_or(PoolError::NoPrice)?;
        }
        worth = worth.checked_add(part).ok_or(PoolError::NoPrice)?;
    }
    Ok(PriceRatio { output: worth, input: fine(pool.total_shares().0)? })
}
