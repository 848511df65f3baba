//! Between the contracts' integers and the numbers that a supply curve is solved in.

use tidemill_units::{Amount, U256};

const TWO_POW_64: f64 = 18_446_744_073_709_551_616.0;

/// Returns the nearest float.
pub(crate) fn from_word(word: U256) -> f64 {
    let limbs = word.into_limbs().map(|limb| limb as f64);
    limbs.iter().rev().fold(0.0, |sum, limb| sum * TWO_POW_64 + limb)
}

/// Returns the nearest float.
pub(crate) fn from_amount(amount: Amount) -> f64 {
    from_word(amount.0)
}

/// Returns an amount of raw units, rounded down; nothing for what is not a positive number.
pub(crate) fn to_amount(value: f64) -> Amount {
    // The cast saturates, and takes what is not a number for zero.
    Amount::from_u128(value as u128)
}
