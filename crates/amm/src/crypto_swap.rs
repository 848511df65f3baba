//! The Curve crypto pools, of two coins and of three: one invariant, concentrated around a price
//! scale that follows the market out of the pool's own profit.
//!
//! The contracts' generations differ in rounding, so a pool says which it is. Coins are taken to be
//! plain: a transfer moves exactly its amount and never fails.

mod checked;
mod closed_form;
mod error;
mod exchange;
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

use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenPair, U256};

use checked::{ONE, TWO, WAD, product, quotient, small, times_over};
pub use error::CryptoSwapError;
use least_input::{Taken, least_input};
pub use liquidity::ClaimFirst;
pub use state::{AGamma, CryptoGeneration, CryptoSwapParameters, CryptoSwapState};

use crate::{Contract, KindFacts, Proof, Quirk};
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
}

impl CryptoSwap {
    /// Returns which contracts the pool runs.
    pub fn generation(&self) -> CryptoGeneration {
        self.generation
    }

    /// Returns the price of a coin in the first, in 10^-18, as the pool's oracle gives it: a moving
    /// average up to now, but in tricrypto2 only up to the last operation.
    ///
    /// Errors: `NoSuchCoin`, also of the first; `Overflow`. Source: `price_oracle`.
    pub fn price_oracle(
        &self,
        coin: tidemill_units::TokenIndex,
        at: Timestamp,
    ) -> Result<U256, CryptoSwapError> {
        let place = self.coin(coin)?.checked_sub(1).ok_or(CryptoSwapError::NoSuchCoin)?;
        let prices = match self.generation {
            CryptoGeneration::TwoCrypto | CryptoGeneration::TricryptoNg => {
                self.averaged_prices(at.0)?
            }
            CryptoGeneration::Tricrypto2 => self.price_oracle,
        };
        prices.get(place).copied().ok_or(CryptoSwapError::NoSuchCoin)
    }

    /// Returns what a share is worth in the first coin at the oracle's prices, in 10^-18; about.
    ///
    /// Errors: `NoSuchCall` of tricrypto2; `Overflow`. Source: `lp_price`: with the average up to
    /// now in two-crypto, up to the last operation in tricrypto-ng.
    pub fn lp_price(&self, at: Timestamp) -> Result<U256, CryptoSwapError> {
        match self.generation {
            CryptoGeneration::TwoCrypto => {
                let root = roots::wad_sqrt(self.averaged_prices(at.0)?[0])?;
                times_over(product(TWO, self.virtual_price)?, root, WAD)
            }
            CryptoGeneration::Tricrypto2 => Err(CryptoSwapError::NoSuchCall),
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

    fn exact_out(
        &self,
        pair: TokenPair,
        wanted: Amount,
        at: Timestamp,
    ) -> Result<Quote, PoolError> {
        // What the pool cannot answer at all shows here, before the search.
        let probe = |input: U256| self.quote_exchange(pair, Amount(input), at);
        self.places(pair)?;
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
        match trade.amount {
            SwapAmount::ExactIn(amount) => Ok(self.quote_exchange(trade.pair, amount, at)?),
            SwapAmount::ExactOut(amount) => self.exact_out(trade.pair, amount, at),
        }
    }

    fn swap(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
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
        let (i, j) = self.places(pair)?;
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

/// What the documentation says of this kind.
pub const FACTS: KindFacts = KindFacts {
    name: "crypto_swap",
    title: "Curve crypto pools (two-crypto, tricrypto2, tricrypto-ng)",
    models: &[
        Contract {
            name: "CurveCryptoSwap2ETH",
            version: "curvefi/curve-factory-crypto at 186c191c94cf8c55309b3406f54bfc473653c1b8",
        },
        Contract {
            name: "CurveCryptoSwap (tricrypto2)",
            version: "curvefi/curve-crypto-contract, deployment-logs/2021-07-13, at \
                27bc05b0cd48495d3cbc3f01af452f961024761a",
        },
        Contract {
            name: "CurveCryptoMath3",
            version: "curvefi/curve-crypto-contract, contracts/tricrypto, at \
                0a3a5a11721253bdba003d2f94f6c43a13f6ea00",
        },
        Contract {
            name: "CurveTricryptoOptimizedWETH \"v2.0.0\"",
            version: "curvefi/tricrypto-ng at 0c56c4c02e4a70e8eaa3e61f73fa0124d80e9ce3",
        },
        Contract {
            name: "CurveCryptoMathOptimized3 \"v2.0.0\"",
            version: "curvefi/tricrypto-ng at 49a99c6a75500b17447a3a1b4c08128ce657552e, as at \
                0xcBFf3004a20dBfE2731543AA38599A526e0fD6eE",
        },
        Contract {
            name: "CurveCryptoViews3Optimized",
            version: "curvefi/tricrypto-ng at 310ad8a7d999aff254c920baf3e7265751b905e3",
        },
    ],
    proof: &[
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_two_crypto" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_tricrypto2" },
        Proof::NaiveModel { test: "crypto_swap_equals_the_naive_model_tricrypto_ng" },
    ],
    gas: &[],
    quirks: &[
        Quirk {
            says: "Two-crypto and tricrypto2 keep a D when their last share is burned, and then \
                mint nothing for any deposit: an emptied pool is dead.",
            test: "an_emptied_old_pool_is_dead",
        },
        Quirk {
            says: "Withdrawing in one coin from two-crypto or tricrypto2 marks a ramp as over even \
                where there is none, which hides a loss from the check that follows.",
            test: "a_withdrawal_in_one_coin_skips_the_check_for_loss",
        },
        Quirk {
            says: "Tricrypto2's `get_dy` forgets that D moves with a ramp; its exchange does not.",
            test: "tricrypto2_quotes_stale_d_during_a_ramp",
        },
        Quirk {
            says: "A balanced withdrawal from tricrypto-ng goes on from the balances before its \
                own claim, which lets go of the gifts that the claim had just counted in D.",
            test: "a_withdrawal_from_ng_lets_go_of_gifts",
        },
    ],
    absent: &[
        "limits that callers set, such as the least output: compare the answer",
        "the kill switch of tricrypto2, and the three days that new parameters wait",
        "twocrypto-ng, the tricrypto pools of layer-2 factories, and two-crypto pools older than \
            the factory, whose price scale moves by a tenth instead of a fifth",
        "native ether, callbacks and exchange_extended: they pay the same amounts otherwise",
    ],
};

#[cfg(test)]
mod tests;
