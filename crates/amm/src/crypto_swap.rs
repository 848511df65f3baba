//! The Curve crypto pools, of two coins and of three: one invariant, concentrated around a price
//! scale that follows the market out of the pool's own profit.
//!
//! The contracts' generations differ in rounding, so a pool says which it is. Coins are taken to be
//! plain: a transfer moves exactly its amount and never fails.

mod checked;
mod claim;
mod closed_form;
mod cubic_of_two;
mod error;
mod exchange;
mod facts;
mod generation;
mod int256;
mod least_input;
mod liquidity;
mod maths;
mod narrow;
mod newton;
mod ramp;
mod roots;
mod state;
mod tweak;

use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair, U256, sqrt};

use checked::{ONE, TWO, WAD, product, quotient, small, times_over};
pub use error::CryptoSwapError;
pub use facts::FACTS;
pub use generation::{CryptoGeneration, TwoCryptoBuild, TwocryptoNgBuild};
use least_input::{Taken, least_input};
pub use liquidity::ClaimFirst;
pub use state::{AGamma, CryptoSwapParameters, CryptoSwapState};

use crate::{PoolError, PriceRatio, Quote, SharePool, SwapAmount, Trade};

/// A crypto pool.
///
/// Source: see [`CryptoGeneration`] and [`FACTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CryptoSwap {
    generation: CryptoGeneration,
    /// Nothing of each coin: what knows their number.
    none: TokenAmounts,
    /// Ten to the power of what a coin's decimals lack of 18.
    precisions: [U256; 3],
    balances: [U256; 3],
    holdings: [U256; 3],
    total_supply: U256,
    initial: AGamma,
    initial_time: u64,
    future: AGamma,
    future_time: u64,
    parameters: CryptoSwapParameters,
    price_scale: [U256; 2],
    price_oracle: [U256; 2],
    last_prices: [U256; 2],
    last_prices_time: u64,
    d: U256,
    xcp_profit: U256,
    xcp_profit_a: U256,
    virtual_price: U256,
    not_adjusted: bool,
    has_fee_receiver: bool,
    /// When twocrypto-ng last paid its administrators.
    last_claim: u64,
    /// Shares that it owes them.
    admin_shares: U256,
}

impl CryptoSwap {
    /// Returns which contracts the pool runs.
    pub fn generation(&self) -> CryptoGeneration {
        self.generation
    }

    /// Returns the price of a coin in the first, in 10^-18, as the pool's oracle gives it: a moving
    /// average up to now, but in tricrypto2 and the first pools of two only up to the last
    /// operation.
    ///
    /// Errors: `NoSuchCoin`, also of the first; `Overflow`. Source: `price_oracle`.
    pub fn price_oracle(
        &self,
        coin: tidemill_units::TokenIndex,
        at: Timestamp,
    ) -> Result<U256, CryptoSwapError> {
        let place = self.coin(coin)?.checked_sub(1).ok_or(CryptoSwapError::NoSuchCoin)?;
        let prices = self.shown_prices(at)?;
        prices.get(place).copied().ok_or(CryptoSwapError::NoSuchCoin)
    }

    fn shown_prices(&self, at: Timestamp) -> Result<[U256; 2], CryptoSwapError> {
        if self.generation.shows_average() {
            self.averaged_prices(at.0)
        } else {
            Ok(self.price_oracle)
        }
    }

    /// Returns what a share is worth in the first coin at the oracle's prices, in 10^-18; about.
    ///
    /// Errors: `NoSuchCall` of tricrypto2 and of `Eurt`; `Overflow`. Source: `lp_price`: at the
    /// prices that `price_oracle` gives, but in tricrypto-ng at those of the last operation.
    pub fn lp_price(&self, at: Timestamp) -> Result<U256, CryptoSwapError> {
        match self.generation {
            CryptoGeneration::TwoCrypto(TwoCryptoBuild::Eurt) | CryptoGeneration::Tricrypto2 => {
                Err(CryptoSwapError::NoSuchCall)
            }
            CryptoGeneration::TwoCrypto(_) => {
                let root = roots::wad_sqrt(self.shown_prices(at)?[0])?;
                times_over(product(TWO, self.virtual_price)?, root, WAD)
            }
            CryptoGeneration::TwocryptoNg(_) => {
                let root = sqrt(product(self.shown_prices(at)?[0], WAD)?);
                times_over(product(TWO, self.virtual_price)?, root, WAD)
            }
            CryptoGeneration::TricryptoNg => {
                let [second, third] = self.price_oracle;
                let root = roots::wad_cbrt(product(second, third)?);
                let value = product(product(small(3), self.virtual_price)?, root)?;
                quotient(value, product(WAD, small(1_000_000))?)
            }
        }
    }

    /// Returns the invariant's worth per share in 10^-18, at this moment's D.
    ///
    /// Errors: `Overflow`, also of a pool without shares. Source: `get_virtual_price`.
    pub fn get_virtual_price(&self) -> Result<U256, CryptoSwapError> {
        self.worth_per_share(self.d, &self.price_scale)
    }

    fn check_pair(&self, pair: TokenPair) -> Result<(usize, usize), PoolError> {
        self.places(pair).map_err(|_| PoolError::NoSuchPair)
    }

    fn exact_out(
        &self,
        pair: TokenPair,
        wanted: Amount,
        at: Timestamp,
    ) -> Result<Quote, PoolError> {
        let probe = |input: U256| self.quote_exchange(pair, Amount(input), at);
        let take = |input: U256| match probe(input) {
            Ok(quote) if quote.amount_out >= wanted => Taken::Enough,
            Ok(_) => Taken::TooLittle,
            // Of a small input the rounding alone is more than the output.
            Err(CryptoSwapError::Overflow) if input.bit_len() < 128 => Taken::TooLittle,
            Err(_) => Taken::TooMuch,
        };
        let input = least_input(take).ok_or(PoolError::OutputOutOfReach)?;
        Ok(probe(input)?)
    }
}

/// Swaps are exact in, as the contracts'; an exact output is bought with the least input that
/// halving finds, and may come to more than asked for.
impl SharePool for CryptoSwap {
    fn balances(&self) -> TokenAmounts {
        self.amounts(&self.balances)
    }

    fn total_shares(&self) -> Amount {
        Amount(self.total_supply)
    }

    fn quote(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        self.check_pair(trade.pair)?;
        match trade.amount {
            SwapAmount::ExactIn(amount) => Ok(self.quote_exchange(trade.pair, amount, at)?),
            SwapAmount::ExactOut(amount) => self.exact_out(trade.pair, amount, at),
        }
    }

    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        self.check_pair(trade.pair)?;
        let amount_in = match trade.amount {
            SwapAmount::ExactIn(amount) => amount,
            SwapAmount::ExactOut(amount) => self.exact_out(trade.pair, amount, at)?.amount_in,
        };
        Ok(self.exchange(trade.pair, amount_in, at)?)
    }

    fn deposit(&mut self, amounts: &TokenAmounts, at: Timestamp) -> Result<Amount, PoolError> {
        self.add_liquidity(amounts, at)
    }

    fn withdraw(&mut self, shares: Amount, at: Timestamp) -> Result<TokenAmounts, PoolError> {
        Ok(self.remove_liquidity(shares, ClaimFirst::Yes, at)?)
    }

    fn spot_price(&self, pair: TokenPair, at: Timestamp) -> Result<PriceRatio, PoolError> {
        let (i, j) = self.check_pair(pair)?;
        let shape = self.shape(at.0)?;
        let value = |coin: usize| -> Result<U256, CryptoSwapError> {
            product(self.price_at_margin(&shape, coin)?, self.precisions[coin])
        };
        let (output, input) = (value(i)?, value(j)?);
        if input < ONE {
            return Err(CryptoSwapError::Overflow.into());
        }
        Ok(PriceRatio { output, input })
    }

    fn virtual_price(&self, _: Timestamp) -> Result<Amount, PoolError> {
        Ok(Amount(self.get_virtual_price()?))
    }
}

#[cfg(test)]
mod tests;
