//! The Balancer v2 weighted pools of 2021-04 and 2022-09, with what the vault does around them.
//!
//! A pool has 2 to 8 tokens, each with a weight; the product of the balances to the powers of their
//! weights is its invariant. The tokens lie in the vault, whose bounds on balances are modelled;
//! they are taken to be plain, so that a transfer moves exactly its amount and never fails.
//!
//! The two builds differ in powers (see [`PowerShortcuts`]), in the joins they know and in how the
//! protocol takes its part of the swap fees: in 2021 as tokens at the next join or exit, in 2022 as
//! new shares, at the part that the pool looked up last, and of the growth of rates too.

mod change;
mod error;
mod facts;
mod liquidity;
mod maths;
mod protocol_fee;
mod share_pool;
mod state;

use tidemill_units::{Amount, TokenAmounts, TokenIndex, U256};

use crate::balancer_fixed_point::{
    ONE, PowerShortcuts, complement, div_down, div_up, mul, mul_up, quotient_down, quotient_up, sub,
};
use crate::{PoolError, Quote, SwapAmount, SwapFee, Trade};

pub use change::{WeightedChange, WeightedExit, WeightedJoin};
pub use error::WeightedError;
pub use facts::FACTS;
pub use state::{WeightedBuild, WeightedState};

/// Shares locked for ever at the first join (`_MINIMUM_BPT`).
pub const MINIMUM_SHARES: Amount = Amount::from_u64(1_000_000);

/// A weighted pool.
///
/// Source: v2-deployments 3.2.0, `20210418-weighted-pool` and `20220908-weighted-pool-v2` in the
/// vault of `20210418-vault`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighted {
    build: WeightedBuild,
    balances: TokenAmounts,
    /// 10^(18 - decimals), token by token; one past the last token.
    scales: [U256; TokenAmounts::MOST],
    decimals: [u8; TokenAmounts::MOST],
    /// Zero past the last token.
    weights: [U256; TokenAmounts::MOST],
    rates: [Option<U256>; TokenAmounts::MOST],
    swap_fee: U256,
    total_supply: Amount,
    last_invariant: U256,
    protocol_swap_fee: U256,
    protocol_yield_fee: U256,
    highest_rate_product: U256,
}

/// One number per token, with 18 decimals; zero past the last token.
type Upscaled = [U256; TokenAmounts::MOST];

/// Numbers of so many bits can have 18 more decimals.
const SAFE_BITS: usize = 196;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Down,
    Up,
}

/// One side of a swap.
struct Side {
    /// With 18 decimals.
    balance: U256,
    weight: U256,
    scale: U256,
}

impl Weighted {
    /// Returns which contract this is.
    pub fn build(&self) -> WeightedBuild {
        self.build
    }

    /// Returns what the vault holds for the pool.
    pub fn vault_balances(&self) -> &TokenAmounts {
        &self.balances
    }

    /// Returns the shares that exist: those the protocol is still due are not among them.
    pub fn total_supply(&self) -> Amount {
        self.total_supply
    }

    /// Returns the invariant after the last join or exit, with 18 decimals
    /// (`getLastInvariant`, `getLastPostJoinExitInvariant`).
    pub fn last_invariant(&self) -> U256 {
        self.last_invariant
    }

    /// Returns the highest product of rates to their weights that was seen, with 18 decimals; zero
    /// without rates (`getATHRateProduct`).
    pub fn highest_rate_product(&self) -> U256 {
        self.highest_rate_product
    }

    /// Returns the swap fee, with 18 decimals.
    pub fn swap_fee(&self) -> U256 {
        self.swap_fee
    }

    /// Returns what a swap would pay and give.
    ///
    /// Errors: `NoSuchPair`; `ZeroAmount`, `AboveMaximumInRatio`, `AboveMaximumOutRatio`,
    /// `BalanceOverflow`, `Maths`.
    /// Source: `Vault.swap` with `BaseMinimalSwapInfoPool.onSwap`.
    pub fn quote_swap(&self, trade: &Trade) -> Result<Quote, PoolError> {
        let (input, output) = (trade.pair.input, trade.pair.output);
        let (Some(held_in), Some(held_out)) = (self.balances.get(input), self.balances.get(output))
        else {
            return Err(PoolError::NoSuchPair);
        };
        if input == output {
            return Err(PoolError::NoSuchPair);
        }
        let quote = self.quote_between(trade, [held_in, held_out])?;
        // The vault's own bounds on what it then holds.
        grown(held_in, quote.amount_in)?;
        shrunk(held_out, quote.amount_out)?;
        Ok(quote)
    }

    /// Makes a swap. Errors: as [`quote_swap`](Self::quote_swap).
    pub fn swap_tokens(&mut self, trade: &Trade) -> Result<Quote, PoolError> {
        let quote = self.quote_swap(trade)?;
        for (token, held) in (0..=u8::MAX).map(TokenIndex).zip(self.balances.as_mut_slice()) {
            if token == trade.pair.input {
                *held = grown(*held, quote.amount_in)?;
            } else if token == trade.pair.output {
                *held = shrunk(*held, quote.amount_out)?;
            }
        }
        Ok(quote)
    }

    /// Sets the swap fee. Errors: `SwapFeeTooLow`, `SwapFeeTooHigh`.
    /// Source: `setSwapFeePercentage`, which the pool's owner calls.
    pub fn set_swap_fee(&mut self, swap_fee: U256) -> Result<(), WeightedError> {
        if swap_fee < state::SMALLEST_SWAP_FEE {
            return Err(WeightedError::SwapFeeTooLow);
        }
        if swap_fee > state::LARGEST_SWAP_FEE {
            return Err(WeightedError::SwapFeeTooHigh);
        }
        self.swap_fee = swap_fee;
        Ok(())
    }

    fn quote_between(&self, trade: &Trade, held: [Amount; 2]) -> Result<Quote, WeightedError> {
        let input = self.side(trade.pair.input, held[0])?;
        let output = self.side(trade.pair.output, held[1])?;
        let shortcuts = self.build.shortcuts();
        let (amount_in, amount_out, fee) = match trade.amount {
            SwapAmount::ExactIn(amount) => {
                if amount.is_zero() {
                    return Err(WeightedError::ZeroAmount);
                }
                let fee = mul_up(amount.0, self.swap_fee)?;
                let swapped = self.build.upscale(sub(amount.0, fee)?, input.scale)?;
                let out = maths::out_given_in(&input, &output, swapped, shortcuts)?;
                (amount.0, self.build.downscale(out, output.scale, Rounding::Down)?, fee)
            }
            SwapAmount::ExactOut(amount) => {
                if amount.is_zero() {
                    return Err(WeightedError::ZeroAmount);
                }
                let wanted = self.build.upscale(amount.0, output.scale)?;
                let swapped = maths::in_given_out(&input, &output, wanted, shortcuts)?;
                let swapped = self.build.downscale(swapped, input.scale, Rounding::Up)?;
                let amount_in = div_up(swapped, complement(self.swap_fee))?;
                (amount_in, amount.0, sub(amount_in, swapped)?)
            }
        };
        let fee = SwapFee { token: trade.pair.input, amount: Amount(fee) };
        Ok(Quote { amount_in: Amount(amount_in), amount_out: Amount(amount_out), fee })
    }

    fn side(&self, token: TokenIndex, held: Amount) -> Result<Side, WeightedError> {
        let place = token.place();
        let (Some(scale), Some(weight)) = (self.scales.get(place), self.weights.get(place)) else {
            return Err(WeightedError::NoSuchToken);
        };
        let balance = self.build.upscale(held.0, *scale)?;
        Ok(Side { balance, weight: *weight, scale: *scale })
    }

    fn count(&self) -> usize {
        self.balances.len()
    }

    /// The amounts with 18 decimals.
    fn upscaled(&self, amounts: &TokenAmounts) -> Result<Upscaled, WeightedError> {
        let mut upscaled = Upscaled::default();
        let scaled = amounts.as_slice().iter().zip(&self.scales);
        for (place, (amount, scale)) in upscaled.iter_mut().zip(scaled) {
            *place = self.build.upscale(amount.0, *scale)?;
        }
        Ok(upscaled)
    }

    /// Amounts with 18 decimals in raw units: rounded up for what comes in, down for what goes out.
    fn downscaled(
        &self,
        upscaled: &Upscaled,
        rounding: Rounding,
    ) -> Result<TokenAmounts, WeightedError> {
        let mut amounts = self.balances;
        let scaled = upscaled.iter().zip(&self.scales);
        for (place, (amount, scale)) in amounts.as_mut_slice().iter_mut().zip(scaled) {
            *place = Amount(self.build.downscale(*amount, *scale, rounding)?);
        }
        Ok(amounts)
    }

    /// The weights of the tokens there are.
    fn live_weights(&self) -> &[U256] {
        self.weights.get(..self.count()).unwrap_or_default()
    }
}

impl WeightedBuild {
    fn shortcuts(self) -> PowerShortcuts {
        match self {
            Self::April2021 => PowerShortcuts::None,
            Self::September2022 => PowerShortcuts::OneTwoFour,
        }
    }

    /// The build of 2022 holds its scales with 18 decimals, so large amounts overflow earlier.
    #[inline]
    fn upscale(self, amount: U256, scale: U256) -> Result<U256, WeightedError> {
        let upscaled = mul(amount, scale)?;
        match self {
            Self::September2022 if upscaled.bit_len() > SAFE_BITS => {
                mul(upscaled, ONE)?;
            }
            Self::September2022 | Self::April2021 => {}
        }
        Ok(upscaled)
    }

    #[inline]
    fn downscale(
        self,
        amount: U256,
        scale: U256,
        rounding: Rounding,
    ) -> Result<U256, WeightedError> {
        match self {
            Self::September2022 if amount.bit_len() > SAFE_BITS => {
                div_down(amount, ONE)?;
            }
            Self::September2022 | Self::April2021 => {}
        }
        if scale == U256::ONE {
            return Ok(amount);
        }
        Ok(match rounding {
            Rounding::Down => quotient_down(amount, scale)?,
            Rounding::Up => quotient_up(amount, scale)?,
        })
    }
}

/// What the vault holds after more came in (`BalanceAllocation.increaseCash`).
fn grown(held: Amount, by: Amount) -> Result<Amount, WeightedError> {
    let sum = held.0.checked_add(by.0).ok_or(WeightedError::ADD_OVERFLOW)?;
    if sum.bit_len() > state::BALANCE_BITS {
        return Err(WeightedError::BalanceOverflow);
    }
    Ok(Amount(sum))
}

/// What the vault holds after some went out (`BalanceAllocation.decreaseCash`).
fn shrunk(held: Amount, by: Amount) -> Result<Amount, WeightedError> {
    held.checked_sub(by).ok_or(WeightedError::SUB_OVERFLOW)
}

#[cfg(test)]
mod tests;
