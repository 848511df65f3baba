//! A position at the pool (v3-core 1.0.1 `libraries/Position.sol`).

use tidemill_units::{Amount, Amounts, FeeGrowth, Liquidity, SignedLiquidity, TickRange, U256};

use super::PoolError;
use super::tick_table::add_delta;

/// Who owns a position: twenty bytes that mean nothing to the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(pub [u8; 20]);

/// What identifies a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionKey {
    /// Who owns it.
    pub owner: Owner,
    /// Its ticks.
    pub range: TickRange,
}

/// The state of a position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Its liquidity.
    pub liquidity: Liquidity,
    /// Fee growth inside its range when it was last brought up to date, token0 and token1.
    pub fee_growth_inside_last: [FeeGrowth; 2],
    /// What it may collect, wrapping at 2^128 as in the contract, token0 and token1.
    pub tokens_owed: [u128; 2],
}

impl Position {
    /// Returns the position after its fees are brought up to date and liquidity is changed
    /// (`Position.update`).
    pub(super) fn updated(
        &self,
        delta: SignedLiquidity,
        fee_growth_inside: [FeeGrowth; 2],
    ) -> Result<Self, PoolError> {
        if delta.0 == 0 && self.liquidity.is_zero() {
            return Err(PoolError::NoPosition);
        }
        let mut updated = *self;
        updated.liquidity = add_delta(self.liquidity, delta)?;
        updated.fee_growth_inside_last = fee_growth_inside;
        let growths = fee_growth_inside.iter().zip(self.fee_growth_inside_last);
        for (owed, (inside, last)) in updated.tokens_owed.iter_mut().zip(growths) {
            let earned = inside.wrapping_sub(last).earned_by(self.liquidity);
            *owed = owed.wrapping_add(wrap_128(earned.ok_or(PoolError::OutOfRange)?));
        }
        Ok(updated)
    }

    /// Returns the position after liquidity is changed that is staked at Slipstream's gauge: what
    /// it would have earned is the gauge's.
    pub(super) fn updated_staked(
        &self,
        delta: SignedLiquidity,
        fee_growth_inside: [FeeGrowth; 2],
    ) -> Result<Self, PoolError> {
        let current = Self { fee_growth_inside_last: fee_growth_inside, ..*self };
        current.updated(delta, fee_growth_inside)
    }

    /// Adds what burning liquidity released.
    pub(super) fn credit(&mut self, amounts: Amounts) {
        for (owed, amount) in self.tokens_owed.iter_mut().zip([amounts.amount0, amounts.amount1]) {
            *owed = owed.wrapping_add(wrap_128(amount.0));
        }
    }

    /// Takes out up to the requested amounts.
    pub(super) fn collect(&mut self, requested: [u128; 2]) -> Amounts {
        let mut paid = [Amount::ZERO; 2];
        for ((owed, requested), paid) in self.tokens_owed.iter_mut().zip(requested).zip(&mut paid) {
            let amount = requested.min(*owed);
            *owed = owed.saturating_sub(amount);
            *paid = Amount::from_u128(amount);
        }
        let [amount0, amount1] = paid;
        Amounts { amount0, amount1 }
    }
}

/// Keeps the low 128 bits, as a cast to `uint128` does.
pub(super) fn wrap_128(value: U256) -> u128 {
    let [low, high, _, _] = value.into_limbs();
    u128::from(low) | (u128::from(high) << 64_u32)
}
