use tidemill_units::{Amount, Timestamp, TokenIndex, TokenPair, U256, mul_div};

use super::{
    BASE, BASE_COINS, COINS, MetaExchange, POINT, StableSwapMeta, StableSwapMetaError as Error,
};
use crate::least_input::least_input;
use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, SwapFee, Trade};

const META: TokenIndex = TokenIndex(0);

/// A pair with a coin of the base pool, as the contract counts underlying coins.
#[derive(Clone, Copy, Debug)]
enum Passage {
    /// Within the base pool, in its own count.
    Base(TokenPair),
    /// From the meta coin to one of the base pool's, in its own count.
    Out(TokenIndex),
    /// The other way.
    In(TokenIndex),
}

impl Passage {
    /// Reads a pair of all tokens: the pool's own two, and the base pool's behind them.
    fn of(pair: TokenPair) -> Result<Self, PoolError> {
        let base = |token: TokenIndex| {
            let own = u8::try_from(COINS).unwrap_or(u8::MAX);
            let place = token.0.checked_sub(own).map(TokenIndex);
            place.filter(|place| place.place() < BASE_COINS)
        };
        match (base(pair.input), base(pair.output)) {
            (Some(input), Some(output)) if input != output => {
                Ok(Self::Base(TokenPair { input, output }))
            }
            (None, Some(coin)) if pair.input == META => Ok(Self::Out(coin)),
            (Some(coin), None) if pair.output == META => Ok(Self::In(coin)),
            // Shares against coins of the base pool: a deposit or a withdrawal there.
            _ => Err(PoolError::NoSuchPair),
        }
    }

    /// The pair as `exchange_underlying` counts it: the meta coin, then the base pool's.
    fn underlying(self) -> TokenPair {
        let behind = |coin: TokenIndex| TokenIndex(coin.0.saturating_add(1));
        match self {
            Self::Base(pair) => {
                TokenPair { input: behind(pair.input), output: behind(pair.output) }
            }
            Self::Out(coin) => TokenPair { input: META, output: behind(coin) },
            Self::In(coin) => TokenPair { input: behind(coin), output: META },
        }
    }
}

/// Trades with the base pool's coins. Tokens are counted through: the meta coin, the base pool's
/// shares, and the base pool's coins behind them.
impl StableSwapMeta {
    /// Returns what an exchange with a coin of the base pool pays and gives, as
    /// [`exchange_underlying`](Self::exchange_underlying) does it. An exact output is bought with
    /// the least input that gives it, found by trying, but for the wavering of a few units that the
    /// loops' rounding brings; it may come to more than asked for. The fee is the metapool's, where
    /// the exchange passes through it, and else the base pool's: what the base pool takes for an
    /// unbalanced deposit or withdrawal on the way is in its shares' number alone.
    ///
    /// Errors: `NoSuchPair` between others, `OutputOutOfReach`, and those of the exchange.
    pub fn quote_underlying(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let passage = Passage::of(trade.pair)?;
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

    /// Returns what the contract's own quote promises: as
    /// [`quote_underlying`](Self::quote_underlying), but for the output of an exact input.
    ///
    /// Errors: as that. Source: `MetaUSD.get_dy_underlying`.
    pub fn contract_quote_underlying(
        &self,
        trade: &Trade,
        at: Timestamp,
    ) -> Result<Quote, PoolError> {
        let quote = self.quote_underlying(trade, at)?;
        let SwapAmount::ExactIn(amount_in) = trade.amount else { return Ok(quote) };
        let pair = Passage::of(trade.pair)?.underlying();
        let amount_out = self.get_dy_underlying(pair, amount_in, at)?;
        Ok(Quote { amount_out, ..quote })
    }

    /// Makes an exchange with a coin of the base pool, exactly as
    /// [`quote_underlying`](Self::quote_underlying) has it.
    ///
    /// Errors: as that.
    pub fn swap_underlying(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let quote = self.quote_underlying(trade, at)?;
        let pair = Passage::of(trade.pair)?.underlying();
        let Quote { amount_in, amount_out: minimum_out, .. } = quote;
        self.exchange_underlying(MetaExchange { pair, amount_in, minimum_out }, at)?;
        Ok(quote)
    }

    /// Returns the price at the margin, without fees, of exchanges with the base pool's coins. A
    /// share of the base pool is worth its part of that pool at that pool's own prices: its
    /// invariant is homogeneous of degree one.
    ///
    /// Errors: `NoSuchPair`; those of either pool's price; `Overflow`.
    pub fn spot_price_underlying(
        &self,
        pair: TokenPair,
        at: Timestamp,
    ) -> Result<PriceRatio, PoolError> {
        let own = |input, output| self.spot_price(TokenPair { input, output }, at);
        let through = |a, b, divisor| mul_div(a, b, divisor).ok_or(Error::Overflow);
        let price = match Passage::of(pair)? {
            Passage::Base(pair) => return self.base.spot_price(pair, at),
            Passage::Out(coin) => {
                let (own, share) = (own(META, BASE)?, self.share_price(coin, at)?);
                let output = through(own.output, share.output, own.input)?;
                PriceRatio { output, input: share.input }
            }
            Passage::In(coin) => {
                let (own, share) = (own(BASE, META)?, self.share_price(coin, at)?);
                let output = through(share.input, own.output, own.input)?;
                PriceRatio { output, input: share.output }
            }
        };
        if price.input.is_zero() || price.output.is_zero() {
            return Err(Error::DivisionByZero.into());
        }
        Ok(price)
    }

    fn given(&self, passage: Passage, amount_in: Amount, at: Timestamp) -> Result<Amount, Error> {
        let (pair, minimum_out) = (passage.underlying(), Amount::ZERO);
        self.clone().exchange_underlying(MetaExchange { pair, amount_in, minimum_out }, at)
    }

    fn fee_on_the_way(
        &self,
        passage: Passage,
        amount_in: Amount,
        at: Timestamp,
    ) -> Result<SwapFee, PoolError> {
        let through = |input, output, amount| -> Result<SwapFee, PoolError> {
            let market = self.market(at)?;
            let settled = self.settle(&market, TokenPair { input, output }, amount)?;
            Ok(SwapFee { token: output, amount: Amount(settled.fee) })
        };
        match passage {
            Passage::Base(pair) => {
                let trade = Trade { pair, amount: SwapAmount::ExactIn(amount_in) };
                let SwapFee { token, amount } = self.base.quote(&trade, at)?.fee;
                let own = u8::try_from(COINS).unwrap_or(u8::MAX);
                Ok(SwapFee { token: TokenIndex(token.0.saturating_add(own)), amount })
            }
            Passage::Out(_) => through(META, BASE, amount_in.0),
            Passage::In(coin) => {
                let amounts = super::underlying::base_amounts(coin, amount_in)?;
                let minted = self.base.clone().add_liquidity(&amounts, Amount::ZERO, at);
                through(BASE, META, minted.map_err(Error::Base)?.0)
            }
        }
    }

    /// What the base pool's shares are worth in one of its coins.
    fn share_price(&self, coin: TokenIndex, at: Timestamp) -> Result<PriceRatio, PoolError> {
        let fine = |amount: U256| amount.checked_mul(POINT).ok_or(Error::Overflow);
        let mut worth = U256::ZERO;
        for (input, balance) in self.base.balances().iter() {
            let mut part = fine(balance.0)?;
            if input != coin {
                let price = self.base.spot_price(TokenPair { input, output: coin }, at)?;
                part = mul_div(part, price.output, price.input).ok_or(Error::Overflow)?;
            }
            worth = worth.checked_add(part).ok_or(Error::Overflow)?;
        }
        let shares = fine(self.base.total_shares().0)?;
        Ok(PriceRatio { output: worth, input: shares })
    }
}
