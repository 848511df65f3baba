use tidemill_units::{Amount, SqrtPrice, U256};

const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
const TWO_TO_96: f64 = 79_228_162_514_264_337_593_543_950_336.0;

/// Returns the nearest real numbers to an integer, within 1e-15 of it relatively.
pub(crate) fn real(value: U256) -> f64 {
    value.as_limbs().iter().rev().fold(0.0, |sum, limb| sum * TWO_TO_64 + *limb as f64)
}

/// Returns the root of a price, token1 per token0 in raw units.
pub(crate) fn real_price(price: SqrtPrice) -> f64 {
    real(price.to_x96()) / TWO_TO_96
}

/// Returns the integer at or below a number; nothing for what is below one or no number, and the
/// largest amount past it.
pub(crate) fn floor(value: f64) -> Amount {
    if value.is_nan() || value < 1.0 {
        return Amount::ZERO;
    }
    let bits = value.to_bits();
    let (mantissa, exponent) = ((bits & ((1 << 52) - 1)) | (1 << 52), (bits >> 52) as usize);
    // A number of at least one has an exponent of at least 1023.
    match exponent - 1_023 {
        power if power >= 256 => Amount::MAX,
        power if power >= 52 => Amount(U256::from(mantissa) << (power - 52)),
        power => Amount::from_u64(mantissa >> (52 - power)),
    }
}
