//! The Balancer v2 composable stable pools of 2022-09 and 2022-11, with what the vault does around
//! them.
//!
//! A pool has 2 to 5 tokens that are worth about the same, or would be after multiplication with a
//! rate; its invariant is StableSwap's, in Balancer's rounding. Its shares are one of its tokens
//! too: nearly 2^111 lie in the vault from the first join on, belong to nobody, and come out and go
//! in by swaps. The tokens lie in the vault, whose bounds on balances are modelled; they are taken
//! to be plain, so that a transfer moves exactly its amount and never fails.
//!
//! The builds differ in how they round the protocol's new shares, and in the joins and exits in
//! proportion, which only the later one knows.

mod amplification;
mod change;
mod error;
mod facts;
mod liquidity;
mod maths;
mod protocol_fee;
mod rates;
mod share_pool;
mod state;

use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, U256};

use crate::balancer_fixed_point::{ONE, complement, div_down, div_up, mul_down, mul_up, sub};
use crate::{PoolError, Quote, SwapAmount, SwapFee, Trade};

pub use change::{
    ComposableStableChange, ComposableStableExit, ComposableStableJoin, ShareQuote, ShareTrade,
};
pub use error::ComposableStableError;
pub use facts::FACTS;
pub use rates::TokenRate;
pub use state::{ComposableStableBuild, ComposableStableState};

/// Shares locked for ever at the first join (`_getMinimumBpt`).
pub const MINIMUM_SHARES: Amount = Amount::from_u64(1_000_000);

/// All shares after the first join, most of them in the vault (`_PREMINTED_TOKEN_BALANCE`): 2^111.
pub const PREMINTED_SHARES: Amount = Amount(U256::from_limbs([0, 1 << 47, 0, 0]));

/// An amplification of one is stored as this.
pub const AMPLIFICATION_PRECISION: u64 = 1_000;

/// The most tokens of a pool, shares left out.
const MOST_TOKENS: usize = 5;

/// What shares are multiplied with to have 18 decimals, with 18 decimals.
const SHARE_FACTOR: U256 = ONE;

/// A composable stable pool.
///
/// Source: v2-deployments 3.2.0, `20220906-composable-stable-pool` and
/// `20221122-composable-stable-pool-v2` in the vault of `20210418-vault`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposableStable {
    build: ComposableStableBuild,
    balances: TokenAmounts,
    decimals: [u8; MOST_TOKENS],
    /// 10^(36 - decimals), token by token.
    scales: Upscaled,
    rates: rates::Rates,
    swap_fee: U256,
    ramp: amplification::Ramp,
    total_supply: Amount,
    vault_shares: Amount,
    last_invariant: U256,
    last_amplification: u64,
    protocol_swap_fee: U256,
    protocol_yield_fee: U256,
    in_recovery_mode: bool,
}

/// One number per token, with 18 decimals; zero past the last token.
type Upscaled = [U256; MOST_TOKENS];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Down,
    Up,
}

/// A swap as it is quoted, with the rates that it leaves behind.
struct Swapped {
    quote: Quote,
    rates: rates::Rates,
    balances: TokenAmounts,
}

impl ComposableStable {
    /// Returns which contract this is.
    pub fn build(&self) -> ComposableStableBuild {
        self.build
    }

    /// Returns what the vault holds for the pool, its shares left out.
    pub fn vault_balances(&self) -> &TokenAmounts {
        &self.balances
    }

    /// Returns the shares that the vault holds for the pool, which belong to nobody.
    pub fn vault_shares(&self) -> Amount {
        self.vault_shares
    }

    /// Returns all shares there are, the vault's included (`totalSupply`).
    pub fn total_supply(&self) -> Amount {
        self.total_supply
    }

    /// Returns the shares outside the vault: those the protocol is still due are not among them.
    pub fn virtual_supply(&self) -> Amount {
        self.total_supply.checked_sub(self.vault_shares).unwrap_or_default()
    }

    /// Returns the invariant after the last join or exit, with 18 decimals (`getLastJoinExitData`).
    pub fn last_invariant(&self) -> U256 {
        self.last_invariant
    }

    /// Returns the amplification at the last join or exit, times 1000 (`getLastJoinExitData`).
    pub fn last_amplification(&self) -> u64 {
        self.last_amplification
    }

    /// Returns the swap fee, with 18 decimals.
    pub fn swap_fee(&self) -> U256 {
        self.swap_fee
    }

    /// Returns what a swap between two tokens would pay and give; those of shares are
    /// [`quote_shares`](Self::quote_shares).
    ///
    /// Errors: `NoSuchPair`; `ZeroAmount`, `RateOverflow`, `StorageOverflow`,
    /// `InvariantDidNotConverge`, `BalanceDidNotConverge`, `BalanceOverflow`, `Maths`.
    /// Source: `Vault.swap` with `BaseGeneralPool.onSwap`.
    pub fn quote_swap(&self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        Ok(self.swapped(trade, at)?.quote)
    }

    /// Makes a swap between two tokens. Errors: as [`quote_swap`](Self::quote_swap).
    pub fn swap_tokens(&mut self, trade: &Trade, at: Timestamp) -> Result<Quote, PoolError> {
        let swapped = self.swapped(trade, at)?;
        self.rates = swapped.rates;
        self.balances = swapped.balances;
        Ok(swapped.quote)
    }

    /// Sets the swap fee. Errors: `SwapFeeTooLow`, `SwapFeeTooHigh`.
    /// Source: `setSwapFeePercentage`, which the pool's owner calls.
    pub fn set_swap_fee(&mut self, swap_fee: U256) -> Result<(), ComposableStableError> {
        if swap_fee < state::SMALLEST_SWAP_FEE {
            return Err(ComposableStableError::SwapFeeTooLow);
        }
        if swap_fee > state::LARGEST_SWAP_FEE {
            return Err(ComposableStableError::SwapFeeTooHigh);
        }
        self.swap_fee = swap_fee;
        Ok(())
    }

    fn swapped(&self, trade: &Trade, at: Timestamp) -> Result<Swapped, PoolError> {
        let (input, output) = (trade.pair.input, trade.pair.output);
        if input == output || input.max(output).place() >= self.count() {
            return Err(PoolError::NoSuchPair);
        }
        let rates = self.refreshed(at)?;
        let quote = self.quote_at(trade, &rates, at)?;
        let mut balances = self.balances;
        for (token, held) in (0..=u8::MAX).map(TokenIndex).zip(balances.as_mut_slice()) {
            if token == input {
                *held = grown(*held, quote.amount_in)?;
            }
        }
        for (token, held) in (0..=u8::MAX).map(TokenIndex).zip(balances.as_mut_slice()) {
            if token == output {
                *held = shrunk(*held, quote.amount_out)?;
            }
        }
        Ok(Swapped { quote, rates, balances })
    }

    fn quote_at(
        &self,
        trade: &Trade,
        rates: &rates::Rates,
        at: Timestamp,
    ) -> Result<Quote, ComposableStableError> {
        let (SwapAmount::ExactIn(given) | SwapAmount::ExactOut(given)) = trade.amount;
        if given.is_zero() {
            return Err(ComposableStableError::ZeroAmount);
        }
        let factors = self.factors(rates)?;
        let places = [trade.pair.input.place(), trade.pair.output.place()];
        let factor = |token: TokenIndex| factors.get(token.place()).copied().unwrap_or_default();
        let (factor_in, factor_out) = (factor(trade.pair.input), factor(trade.pair.output));
        let (amplification, count) = (self.amplification(at), self.count());
        let (amount_in, amount_out, fee) = match trade.amount {
            SwapAmount::ExactIn(amount) => {
                let fee = mul_up(amount.0, self.swap_fee)?;
                let swapped = sub(amount.0, fee)?;
                let balances = self.upscaled(&self.balances, &factors)?;
                let swapped = upscale(swapped, factor_in)?;
                let out = maths::out_given_in(amplification, &balances, count, places, swapped)?;
                (amount.0, downscale(out, factor_out, Rounding::Down)?, fee)
            }
            SwapAmount::ExactOut(amount) => {
                let balances = self.upscaled(&self.balances, &factors)?;
                let wanted = upscale(amount.0, factor_out)?;
                let paid = maths::in_given_out(amplification, &balances, count, places, wanted)?;
                let paid = downscale(paid, factor_in, Rounding::Up)?;
                let amount_in = div_up(paid, complement(self.swap_fee))?;
                (amount_in, amount.0, sub(amount_in, paid)?)
            }
        };
        let fee = SwapFee { token: trade.pair.input, amount: Amount(fee) };
        Ok(Quote { amount_in: Amount(amount_in), amount_out: Amount(amount_out), fee })
    }

    fn count(&self) -> usize {
        self.balances.len()
    }

    /// The numbers of the tokens there are.
    fn live<'a>(&self, numbers: &'a Upscaled) -> &'a [U256] {
        maths::live(numbers, self.count())
    }

    /// The amounts with 18 decimals, rounded down.
    fn upscaled(
        &self,
        amounts: &TokenAmounts,
        factors: &Upscaled,
    ) -> Result<Upscaled, ComposableStableError> {
        let mut upscaled = Upscaled::default();
        let scaled = amounts.as_slice().iter().zip(factors);
        for (place, (amount, factor)) in upscaled.iter_mut().zip(scaled) {
            *place = upscale(amount.0, *factor)?;
        }
        Ok(upscaled)
    }

    /// A caller's amounts with 18 decimals.
    fn checked_upscaled(
        &self,
        amounts: &TokenAmounts,
        factors: &Upscaled,
    ) -> Result<Upscaled, ComposableStableError> {
        if amounts.len() != self.count() {
            return Err(ComposableStableError::WrongTokenCount);
        }
        self.upscaled(amounts, factors)
    }

    /// Amounts with 18 decimals in raw units: rounded up for what comes in, down for what goes out.
    fn downscaled(
        &self,
        upscaled: &Upscaled,
        factors: &Upscaled,
        rounding: Rounding,
    ) -> Result<TokenAmounts, ComposableStableError> {
        let mut amounts = self.balances;
        let scaled = upscaled.iter().zip(factors);
        for (place, (amount, factor)) in amounts.as_mut_slice().iter_mut().zip(scaled) {
            *place = Amount(downscale(*amount, *factor, rounding)?);
        }
        Ok(amounts)
    }
}

/// Returns an amount with 18 decimals, rounded down whoever gains (`_upscale`).
#[inline]
fn upscale(amount: U256, factor: U256) -> Result<U256, ComposableStableError> {
    Ok(mul_down(amount, factor)?)
}

#[inline]
fn downscale(
    amount: U256,
    factor: U256,
    rounding: Rounding,
) -> Result<U256, ComposableStableError> {
    Ok(match rounding {
        Rounding::Down => div_down(amount, factor)?,
        Rounding::Up => div_up(amount, factor)?,
    })
}

/// What the vault holds after more came in (`BalanceAllocation.increaseCash`).
fn grown(held: Amount, by: Amount) -> Result<Amount, ComposableStableError> {
    let sum = held.0.checked_add(by.0).ok_or(ComposableStableError::ADD_OVERFLOW)?;
    if sum.bit_len() > state::BALANCE_BITS {
        return Err(ComposableStableError::BalanceOverflow);
    }
    Ok(Amount(sum))
}

/// What the vault holds after some went out (`BalanceAllocation.decreaseCash`).
fn shrunk(held: Amount, by: Amount) -> Result<Amount, ComposableStableError> {
    held.checked_sub(by).ok_or(ComposableStableError::SUB_OVERFLOW)
}

#[cfg(test)]
mod tests;
