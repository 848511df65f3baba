//! The contracts' arithmetic, which fails where it would wrap, and their weeks.

use tidemill_units::{Amount, Timestamp, U256};

use super::AerodromeError;

pub use crate::week::WEEK;

/// The longest lock, four years of 365 days (`MAXTIME`).
pub const LONGEST_LOCK: u64 = 126_144_000;
const HOUR: u64 = 3600;
/// One, with 18 decimals.
pub(super) const ONE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// The week, as an amount: what fees and emissions have to pass to be worth a notification.
pub(super) const WEEK_AMOUNT: Amount = Amount::from_u64(WEEK);

/// Returns when the epoch of an instant begins (`epochStart`).
pub fn epoch_start(at: Timestamp) -> Timestamp {
    Timestamp(at.0.saturating_sub(at.0.rem_euclid(WEEK)))
}

/// Returns when the epoch after that of an instant begins (`epochNext`).
pub fn epoch_next(at: Timestamp) -> Timestamp {
    Timestamp(epoch_start(at).0.saturating_add(WEEK))
}

/// Returns the last second in which nobody votes (`epochVoteStart`).
pub fn epoch_vote_start(at: Timestamp) -> Timestamp {
    Timestamp(epoch_start(at).0.saturating_add(HOUR))
}

/// Returns the last second in which everybody votes (`epochVoteEnd`).
pub fn epoch_vote_end(at: Timestamp) -> Timestamp {
    Timestamp(epoch_next(at).0.saturating_sub(HOUR))
}

pub(super) fn seconds(count: u64) -> U256 {
    U256::from(count)
}

pub(super) fn sum(a: Amount, b: Amount) -> Result<Amount, AerodromeError> {
    a.checked_add(b).ok_or(AerodromeError::Overflow)
}

pub(super) fn difference(a: Amount, b: Amount) -> Result<Amount, AerodromeError> {
    a.checked_sub(b).ok_or(AerodromeError::Overflow)
}

pub(super) fn product(a: U256, b: U256) -> Result<U256, AerodromeError> {
    a.checked_mul(b).ok_or(AerodromeError::Overflow)
}

pub(super) fn quotient(a: U256, b: U256) -> Result<U256, AerodromeError> {
    a.checked_div(b).ok_or(AerodromeError::DivisionByZero)
}

/// A part of an amount, rounded down; the product has to fit 256 bits.
pub(super) fn part(amount: Amount, share: U256, whole: U256) -> Result<Amount, AerodromeError> {
    quotient(product(amount.0, share)?, whole).map(Amount)
}

/// An amount as a lock holds it, an `int128`.
pub(super) fn to_int128(amount: Amount) -> Result<i128, AerodromeError> {
    i128::try_from(amount.0).map_err(|_| AerodromeError::SafeCastOverflow)
}

/// A number that is not below zero, as an amount.
pub(super) fn to_amount(value: i128) -> Amount {
    Amount::from_u128(value.max(0).unsigned_abs())
}

pub(super) fn plus(a: i128, b: i128) -> Result<i128, AerodromeError> {
    a.checked_add(b).ok_or(AerodromeError::Overflow)
}

pub(super) fn minus(a: i128, b: i128) -> Result<i128, AerodromeError> {
    a.checked_sub(b).ok_or(AerodromeError::Overflow)
}

pub(super) fn times(slope: i128, from: Timestamp, to: Timestamp) -> Result<i128, AerodromeError> {
    let elapsed = to.0.checked_sub(from.0).ok_or(AerodromeError::Overflow)?;
    slope.checked_mul(i128::from(elapsed)).ok_or(AerodromeError::Overflow)
}
