use thiserror::Error;
use tidemill_units::{Amount, U256};

/// A schedule stepped by supply, not by time: a token that is minted for each unit of another, the
/// less the more of it there is.
///
/// Source: `Cvx.sol` of `convex-eth/platform` at 9e4865f (`mint`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupplyCliffs {
    /// Supply from one cliff to the next; not zero.
    pub per_cliff: Amount,
    /// Cliffs until nothing more is minted; not zero.
    pub cliffs: u64,
    /// The most there can be.
    pub max_supply: Amount,
}

/// Convex's own: a thousand cliffs of 100,000 CVX, and 100 million in all.
pub const CONVEX: SupplyCliffs = SupplyCliffs {
    per_cliff: Amount(U256::from_limbs([0x02c7_e14a_f680_0000, 0x152d, 0, 0])),
    cliffs: 1_000,
    max_supply: Amount(U256::from_limbs([0xdcc8_0cd2_e400_0000, 0x0052_b7d2, 0, 0])),
};

/// Why nothing can be minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SupplyCliffsError {
    /// A schedule without cliffs, or with cliffs of no height.
    #[error("cliffs, per_cliff: zero")]
    Cliffs,
    /// There is more than there can be, before the last cliff.
    #[error("supply: above max_supply")]
    Supply,
    /// The amount times the cliffs passes 2^256 - 1 (`SafeMath.mul`).
    #[error("a product passes 2^256 - 1")]
    MulOverflow,
}

impl SupplyCliffs {
    /// Returns what is minted for an amount of the other token, rounded down, at this supply.
    ///
    /// The cliff is that of the supply before: an amount that reaches over the next is minted
    /// whole at the higher rate. The very first amount is minted as it is.
    ///
    /// Errors: each variant of [`SupplyCliffsError`].
    pub fn minted(&self, supply: Amount, amount: Amount) -> Result<Amount, SupplyCliffsError> {
        let all = U256::from(self.cliffs);
        let cliff = supply.0.checked_div(self.per_cliff.0).ok_or(SupplyCliffsError::Cliffs)?;
        if supply.is_zero() {
            return Ok(amount);
        }
        let Some(left) = all.checked_sub(cliff).filter(|left| !left.is_zero()) else {
            return Ok(Amount::ZERO);
        };
        let scaled = amount.0.checked_mul(left).ok_or(SupplyCliffsError::MulOverflow)?;
        let minted = scaled.checked_div(all).ok_or(SupplyCliffsError::Cliffs)?;
        let room = self.max_supply.checked_sub(supply).ok_or(SupplyCliffsError::Supply)?;
        Ok(Amount(minted).min(room))
    }
}
