use tidemill_units::{Amount, Bps, U256, mul_div};

/// Returns an amount of raw units as a number to compare and to size with, within one part in
/// 2^52.
pub(crate) fn to_f64(amount: Amount) -> f64 {
    let two_to_64 = 18_446_744_073_709_551_616.0;
    amount.0.as_limbs().iter().rev().fold(0.0, |sum, limb| sum * two_to_64 + *limb as f64)
}

/// Returns a power of ten; exact up to 10^22.
pub(crate) fn ten_to(decimals: u8) -> f64 {
    (0..decimals).fold(1.0, |power, _| power * 10.0)
}

/// Returns raw units for whole ones, rounded down; `None` for what is no amount.
pub(crate) fn raw_units(whole: f64, decimals: u8) -> Option<Amount> {
    let raw = whole * ten_to(decimals);
    // Below 2^127, so that the conversion only cuts off the fraction.
    let is_amount = (0.0..1.7e38).contains(&raw);
    is_amount.then(|| Amount::from_u128(raw as u128))
}

/// Returns a part of an amount, rounded down.
pub(crate) fn part(amount: Amount, part: Bps) -> Option<Amount> {
    mul_div(amount.0, U256::from(part.0), U256::from(Bps::ONE.0)).map(Amount)
}
