//! The pool's invariant, which the contract never computes: its power is only for bases below 2,
//! and good for ten digits.

use tidemill_units::U256;

use super::BPool;

/// Bits behind the point of a logarithm.
const FRACTION_BITS: usize = 96;
/// Bits behind the point of a mantissa.
const MANTISSA_BITS: usize = 127;
/// The natural logarithm of 2, with [`MANTISSA_BITS`].
const LN_2: U256 = U256::from_limbs([16_497_206_380_264_520_535, 6_393_154_322_601_327_829, 0, 0]);
/// More terms of the exponential series than the mantissa has room for.
const MOST_TERMS: u64 = 48;

impl BPool {
    /// Returns the product of the balances, each to the power of its part of the weights, times
    /// `scale`, per share, to about 25 digits; `None` without tokens or shares, or past 2^256 - 1.
    pub(super) fn invariant_per_share(&self, scale: U256) -> Option<U256> {
        let mut weighted = U256::ZERO;
        for token in &self.tokens {
            if token.balance.is_zero() {
                return Some(U256::ZERO);
            }
            let product = log2(token.balance.0)?.checked_mul(token.denormalized_weight)?;
            weighted = weighted.checked_add(product)?;
        }
        let logarithm = weighted.checked_div(self.total_weight)?;
        let supply = log2(self.total_supply.0)?;
        match logarithm.checked_add(log2(scale)?)?.checked_sub(supply) {
            Some(logarithm) => exp2(logarithm),
            None => Some(U256::ZERO),
        }
    }
}

/// The binary logarithm, rounded down; `None` of zero.
///
/// Squaring a number in 1..2 doubles its logarithm: what passes 2 is its next bit.
fn log2(value: U256) -> Option<U256> {
    let whole = value.bit_len().checked_sub(1)?;
    let mut mantissa = if whole > MANTISSA_BITS {
        value.wrapping_shr(whole.checked_sub(MANTISSA_BITS)?)
    } else {
        value.wrapping_shl(MANTISSA_BITS.checked_sub(whole)?)
    };
    let mut logarithm = U256::from(whole);
    for _ in 0..FRACTION_BITS {
        let square = mantissa.checked_mul(mantissa)?;
        let is_two = square.bit(255);
        mantissa = square.wrapping_shr(if is_two { 128 } else { MANTISSA_BITS });
        logarithm = logarithm.wrapping_shl(1) | U256::from(u8::from(is_two));
    }
    Some(logarithm)
}

/// Two to the power of a logarithm, rounded down; `None` past 2^256 - 1.
fn exp2(logarithm: U256) -> Option<U256> {
    let whole = logarithm.wrapping_shr(FRACTION_BITS);
    let fraction = logarithm.wrapping_sub(whole.wrapping_shl(FRACTION_BITS));
    let exponent = fraction.checked_mul(LN_2)?.wrapping_shr(FRACTION_BITS);
    let mut term = U256::ONE.wrapping_shl(MANTISSA_BITS);
    let mut sum = term;
    for number in 1..MOST_TERMS {
        term = term.checked_mul(exponent)?.wrapping_shr(MANTISSA_BITS);
        term = term.checked_div(U256::from(number))?;
        if term.is_zero() {
            break;
        }
        sum = sum.checked_add(term)?;
    }
    let whole = usize::try_from(whole).ok().filter(|whole| *whole < 256)?;
    Some(if whole > MANTISSA_BITS {
        sum.checked_shl(whole.checked_sub(MANTISSA_BITS)?)?
    } else {
        sum.wrapping_shr(MANTISSA_BITS.checked_sub(whole)?)
    })
}

#[cfg(test)]
mod tests {
    use super::{FRACTION_BITS, exp2, log2};
    use tidemill_units::U256;

    #[test]
    fn powers_of_two_are_exact_and_others_good_for_25_digits() {
        for bits in 0..256_usize {
            let power = U256::from(1) << bits;
            assert_eq!(log2(power), Some(U256::from(bits) << FRACTION_BITS));
            assert_eq!(exp2(U256::from(bits) << FRACTION_BITS), Some(power));
        }
        assert_eq!(log2(U256::ZERO), None);
        assert_eq!(exp2(U256::from(256) << FRACTION_BITS), None);
        let mut value = U256::from(3);
        while value.bit_len() < 250 {
            let back = exp2(log2(value).unwrap()).unwrap();
            let error = value.abs_diff(back);
            assert!(error <= (value >> 86_usize) + U256::from(1), "{value} came back as {back}");
            value = value * U256::from(7) / U256::from(5) + U256::from(1);
        }
    }
}
