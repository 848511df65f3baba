//! The Curve StableSwap pools of the first generations: two to four plain coins.
//!
//! Coins are taken to be plain tokens: a transfer moves exactly its amount and never fails. The
//! pool's own lock has no counterpart, since nothing can call a pool while it is borrowed. Shares
//! are counted in all, not by holder, and who may call what is the caller's.

mod administration;
mod amplification;
mod error;
mod exchange;
mod facts;
mod generation;
mod liquidity;
mod one_coin;
mod shares;
mod state;

use tidemill_units::{Amount, Timestamp, TokenAmounts, U256, mul_limbs};

use crate::curve_math::{A_BOUND, PRECISION, get_d, multiple, part, product, quotient_by, sum};

pub use administration::{
    ADMIN_ACTIONS_DELAY, MAX_A_CHANGE, MIN_RAMP_TIME, NewFees, NewParameters, Ramp,
};
pub use error::StableSwapError;
pub use exchange::Exchange;
pub use facts::FACTS;
pub use generation::Generation;
pub use liquidity::{LiquidityChange, LiquidityLog};
pub use one_coin::{OneCoin, OneCoinPaid};
pub use state::StableSwapState;

/// The most coins a pool of these generations has here.
pub const MOST_COINS: usize = 4;
/// The largest fee, in 10^-10 (`MAX_FEE`).
pub const MAX_FEE: u64 = 5_000_000_000;
/// What amplifications stay below, or at in the first generation (`MAX_A`).
pub const MAX_A: u64 = A_BOUND;

/// A pool: its balances, what it really holds, its shares, fees and amplification.
///
/// Source: `StableSwapSUSD.vy` with `DepositSUSD.vy` (the bytecode of set-protocol-v2 0.1.16),
/// `StableSwap3Pool.vy` and `SwapTemplateBase.vy` of curve-contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StableSwap {
    generation: Generation,
    precisions: [u64; MOST_COINS],
    balances: TokenAmounts,
    holdings: TokenAmounts,
    total_supply: U256,
    initial_a: u64,
    future_a: u64,
    initial_a_time: Timestamp,
    future_a_time: Timestamp,
    fee: u64,
    admin_fee: u64,
    future_fee: u64,
    future_admin_fee: u64,
    admin_actions_deadline: Timestamp,
    is_killed: bool,
    kill_deadline: Timestamp,
}

/// Balances in the pool's common unit, of which a coin of 18 decimals has 10^18.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scaled {
    count: usize,
    balances: [U256; MOST_COINS],
}

impl Scaled {
    fn as_slice(&self) -> &[U256] {
        self.balances.get(..self.count).unwrap_or_default()
    }

    fn get(&self, coin: usize) -> Result<U256, StableSwapError> {
        self.as_slice().get(coin).copied().ok_or(StableSwapError::NoSuchCoin)
    }

    fn set(&mut self, coin: usize, balance: U256) {
        if let Some(place) = self.balances.get_mut(coin) {
            *place = balance;
        }
    }
}

impl StableSwap {
    /// Returns what belongs to the providers, as the contract's `balances`.
    pub fn balances(&self) -> TokenAmounts {
        self.balances
    }

    /// Returns what the pool holds beyond its balances: the administrator's part of the fees, and
    /// gifts (`admin_balances`).
    pub fn admin_balances(&self) -> TokenAmounts {
        // Nothing takes more from the holdings than from the balances.
        self.holdings.checked_sub(&self.balances).unwrap_or(self.holdings)
    }

    /// Returns all shares there are.
    pub fn total_supply(&self) -> Amount {
        Amount(self.total_supply)
    }

    /// Returns the generation.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Returns the fee of exchanges, in 10^-10.
    pub fn fee(&self) -> u64 {
        self.fee
    }

    /// Gives the pool tokens, as a gift: they are the administrator's from then on.
    ///
    /// Errors: `WrongCoinCount`, `TokenOverflow`.
    pub fn give(&mut self, amounts: &TokenAmounts) -> Result<(), StableSwapError> {
        self.check_count(amounts)?;
        self.holdings = self.holdings.checked_add(amounts).ok_or(StableSwapError::TokenOverflow)?;
        Ok(())
    }

    /// Returns the invariant, in scaled units (`get_D`, which the contracts keep to themselves).
    ///
    /// Errors: `Overflow`, `Underflow`, `DivisionByZero`, `NotConverged`.
    pub fn invariant(&self, at: Timestamp) -> Result<U256, StableSwapError> {
        self.invariant_of(&self.balances, self.amplification(at)?)
    }

    /// Returns the invariant per share times 10^18, rounded down (`get_virtual_price`).
    ///
    /// Errors: as [`invariant`](Self::invariant); `DivisionByZero` without shares.
    pub fn virtual_price(&self, at: Timestamp) -> Result<Amount, StableSwapError> {
        Ok(Amount(part(self.invariant(at)?, PRECISION, self.total_supply)?))
    }

    fn count(&self) -> usize {
        self.balances.len()
    }

    fn check_count(&self, amounts: &TokenAmounts) -> Result<(), StableSwapError> {
        if amounts.len() == self.count() { Ok(()) } else { Err(StableSwapError::WrongCoinCount) }
    }

    fn balance(&self, coin: usize) -> Result<U256, StableSwapError> {
        let balance = self.balances.as_slice().get(coin).ok_or(StableSwapError::NoSuchCoin)?;
        Ok(balance.0)
    }

    fn precision(&self, coin: usize) -> Result<u64, StableSwapError> {
        let precisions = self.precisions.get(..self.count()).unwrap_or_default();
        precisions.get(coin).copied().ok_or(StableSwapError::NoSuchCoin)
    }

    /// Source: `_xp_mem`.
    #[inline(always)]
    fn scale_all(&self, balances: &TokenAmounts) -> Result<Scaled, StableSwapError> {
        let mut scaled = Scaled { count: self.count(), balances: [U256::ZERO; MOST_COINS] };
        let places = scaled.balances.iter_mut().zip(balances.as_slice()).zip(self.precisions);
        for ((place, balance), precision) in places {
            *place = scale(balance.0, precision)?;
        }
        Ok(scaled)
    }

    /// Source: `get_D_mem`.
    fn invariant_of(
        &self,
        balances: &TokenAmounts,
        amplification: u64,
    ) -> Result<U256, StableSwapError> {
        let scaled = self.scale_all(balances)?;
        Ok(get_d(self.generation.rounding(), amplification, scaled.as_slice())?)
    }
}

/// An amount in the pool's common unit. The contract multiplies by the rate, 10^18 times the
/// precision, and divides by 10^18: exact, but the product has to fit.
#[inline(always)]
fn scale(amount: U256, precision: u64) -> Result<U256, StableSwapError> {
    if let [a, b, 0, 0] = amount.into_limbs() {
        let [a, b, c] = mul_limbs(&[a, b], &[precision]);
        return Ok(U256::from_limbs([a, b, c, 0]));
    }
    product(multiple(PRECISION, precision)?, amount)?;
    Ok(multiple(amount, precision)?)
}

/// An amount of the pool's common unit in a coin's own, rounded down. The contract multiplies by
/// 10^18 and divides by the rate: the product has to fit.
#[inline(always)]
fn unscale(amount: U256, precision: u64) -> Result<U256, StableSwapError> {
    if !matches!(amount.into_limbs(), [_, _, 0, 0]) {
        product(amount, PRECISION)?;
    }
    if precision == 1 { Ok(amount) } else { Ok(quotient_by(amount, precision)?) }
}

/// What is held after a payment to the pool.
fn paid_in(held: U256, amount: U256) -> Result<U256, StableSwapError> {
    sum(held, amount).map_err(|_| StableSwapError::TokenOverflow)
}

#[cfg(test)]
mod tests;
