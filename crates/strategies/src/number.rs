use tidemill_units::Amount;

/// Returns an amount of raw units as a number to compare and to size with, within one part in
/// 2^52.
pub(crate) fn to_f64(amount: Amount) -> f64 {
    let two_to_64 = 18_446_744_073_709_551_616.0;
    amount.0.as_limbs().iter().rev().fold(0.0, |sum, limb| sum * two_to_64 + *limb as f64)
}
