use tidemill_units::{Amount, Timestamp, TokenIndex, TokenPair, U256, mul_div};

use super::{MetaNgBase, StableSwapMetaNg, StableSwapMetaNgError as Error, UnderlyingExchange};
use crate::least_input::least_input;
use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, SwapFee, Trade};

/// Its own tokens: the coin and the base pool's shares.
const OWN: u8 = 2;
const COIN: TokenIndex = TokenIndex(0);
const SHARES: TokenIndex = TokenIndex(1);
/// Balances and shares are reckoned in 10^18 parts of a unit, so that a price keeps its digits.
const FINE: U256 = crate::curve_math::PRECISION;

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
    /// The pair as `exchange_underlying` counts it: the metapool's coin, then the base pool's.
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

/// Trades with the base pool's coins. Tokens are counted through: the metapool's coin, the base
/// pool's shares, and the base pool's coins behind them.
impl StableSwapMetaNg {
    /// Returns what an exchange with a coin of the base pool pays and gives, as
    /// [`exchange_underlying`](Self::exchange_underlying) does it. An exact output is bought with
    /// the least input that gives it, found by trying, but for the wavering of a few units that the
    /// loops' rounding brings; it may come to more than asked for. The fee is the metapool's, where
    /// the exchange passes through it, and else the base pool's: what the base pool takes for an
    /// unbalanced deposit or withdrawal on the way is in its shares' number alone.
    ///
    /// Errors: `NoSuchPair` between others, `OutputOutOfReach`, and those of the exchange.
    pub fn quote_underlying(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let passage = self.passage(trade.pair)?;
        let amount_in = match trade.amount {
            SwapAmount::ExactIn(amount) => amount,
            SwapAmount::ExactOut(wanted) => {
                let price = self.spot_price_underlying(trade.pair, at)?;
                let guess = mul_div(wanted.0, price.input, price.output);
                let give = |amount| self.given(passage, amount, at).ok();
                least_input(wanted, guess.map_or(Amount::MAX, Amount), give)
                    .ok_or(PoolError::OutputOutOfReach)?
            }
        };
        let amount_out = self.given(passage, amount_in, at)?;
        let fee = self.fee_on_the_way(passage, amount_in, at)?;
        Ok(Quote { amount_in, amount_out, fee })
    }

    /// Returns what the views contract promises: as
    /// [`quote_underlying`](Self::quote_underlying), but for the output of an exact input.
    ///
    /// Errors: as that. Source: `CurveStableSwapNGViews` 1.2.0 `get_dy_underlying`.
    pub fn contract_quote_underlying(
        &self,
        trade: &Trade,
        at: Timestamp,
    ) -> Result<Quote, PoolError> {
        let quote = self.quote_underlying(trade, at)?;
        let SwapAmount::ExactIn(amount_in) = trade.amount else { return Ok(quote) };
        let pair = self.passage(trade.pair)?.underlying();
        let amount_out = self.get_dy_underlying(pair, amount_in, at)?;
        Ok(Quote { amount_out, ..quote })
    }

    /// Makes an exchange with a coin of the base pool, exactly as
    /// [`quote_underlying`](Self::quote_underlying) has it.
    ///
    /// Errors: as that.
    pub fn swap_underlying(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote_underlying(trade, at)?;
        let pair = self.passage(trade.pair)?.underlying();
        let Quote { amount_in, amount_out: least_out, .. } = quote;
        self.exchange_underlying(&UnderlyingExchange { pair, amount_in, least_out }, at)?;
        Ok(quote)
    }

    /// Returns the price at the margin, without fees, of exchanges with the base pool's coins. A
    /// share of the base pool is worth its part of that pool at that pool's own prices: its
    /// invariant is homogeneous of degree one.
    ///
    /// Errors: `NoSuchPair`; those of either pool's price; `Own` of arithmetic.
    pub fn spot_price_underlying(
        &self,
        pair: TokenPair,
        at: Timestamp,
    ) -> Result<PriceRatio, PoolError> {
        let own = |input, output| self.spot_price(TokenPair { input, output }, at);
        let through = |a, b, divisor| mul_div(a, b, divisor).ok_or(OVERFLOW);
        let price = match self.passage(pair)? {
            Passage::Base(pair) => return self.base.shares().spot_price(pair, at),
            Passage::Out(coin) => {
                let (own, share) = (own(COIN, SHARES)?, self.share_price(coin, at)?);
                let output = through(own.output, share.output, own.input)?;
                PriceRatio { output, input: share.input }
            }
            Passage::In(coin) => {
                let (own, share) = (own(SHARES, COIN)?, self.share_price(coin, at)?);
                let output = through(share.input, own.output, own.input)?;
                PriceRatio { output, input: share.output }
            }
        };
        if price.input.is_zero() || price.output.is_zero() {
            return Err(Error::Own(super::StableSwapNgError::DivisionByZero).into());
        }
        Ok(price)
    }

    /// Reads a pair of all tokens: the pool's own two, and the base pool's behind them.
    fn passage(&self, pair: TokenPair) -> Result<Passage, PoolError> {
        let in_base = |token: TokenIndex| {
            let place = token.0.checked_sub(OWN).map(TokenIndex);
            place.filter(|place| place.place() < self.base.count())
        };
        match (in_base(pair.input), in_base(pair.output)) {
            (Some(input), Some(output)) if input != output => {
                Ok(Passage::Base(TokenPair { input, output }))
            }
            (None, Some(coin)) if pair.input == COIN => Ok(Passage::Out(coin)),
            (Some(coin), None) if pair.output == COIN => Ok(Passage::In(coin)),
            // Shares against coins of the base pool: a deposit or a withdrawal there.
            _ => Err(PoolError::NoSuchPair),
        }
    }

    fn given(&self, passage: Passage, amount_in: Amount, at: Timestamp) -> Result<Amount, Error> {
        let (pair, least_out) = (passage.underlying(), Amount::ZERO);
        self.clone().exchange_underlying(&UnderlyingExchange { pair, amount_in, least_out }, at)
    }

    fn fee_on_the_way(
        &self,
        passage: Passage,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<SwapFee, PoolError> {
        let through = |input, output, amount| -> Result<SwapFee, PoolError> {
            let exchanged = self.own(at)?.exchange_through(TokenPair { input, output }, amount, at);
            Ok(SwapFee { token: output, amount: exchanged.map_err(Error::Own)?.fee })
        };
        match passage {
            Passage::Base(pair) => {
                let trade = Trade { pair, amount: SwapAmount::ExactIn(amount_in) };
                let SwapFee { token, amount } = self.base.shares().quote(&trade, at)?.fee;
                Ok(SwapFee { token: TokenIndex(token.0.saturating_add(OWN)), amount })
            }
            Passage::Out(_) => through(COIN, SHARES, amount_in),
            Passage::In(coin) => {
                let minted = self.base.clone().add(coin, amount_in, at)?;
                through(SHARES, COIN, minted)
            }
        }
    }

    /// What the base pool's shares are worth in one of its coins.
    fn share_price(&self, coin: TokenIndex, at: Timestamp) -> Result<PriceRatio, PoolError> {
        let base = self.base.shares();
        let fine = |amount: U256| amount.checked_mul(FINE).ok_or(OVERFLOW);
        let mut worth = U256::ZERO;
        for (input, balance) in base.balances().iter() {
            let mut part = fine(balance.0)?;
            if input != coin {
                let price = base.spot_price(TokenPair { input, output: coin }, at)?;
                part = mul_div(part, price.output, price.input).ok_or(OVERFLOW)?;
            }
            worth = worth.checked_add(part).ok_or(OVERFLOW)?;
        }
        let shares = fine(base.total_shares().0)?;
        Ok(PriceRatio { output: worth, input: shares })
    }
}

const OVERFLOW: Error = Error::Own(super::StableSwapNgError::Overflow);

impl MetaNgBase {
    fn shares(&self) -> &dyn SharePool {
        match self {
            Self::Plain(pool) => pool.as_ref(),
            Self::Ng(pool) => pool.as_ref(),
        }
    }
}
