use tidemill_units::{U256, div_limbs, mul_limbs};

use crate::PriceRatio;

/// How many digits a price is written with, leading zeros not counted.
const SIGNIFICANT: usize = 18;

impl PriceRatio {
    /// Writes the price in whole tokens of the output per whole token of the input: 18 significant
    /// digits, the rest cut off, as a plain decimal. Every digit is exact.
    pub fn to_decimal_string(&self, input_decimals: u8, output_decimals: u8) -> String {
        if self.output.is_zero() || self.input.is_zero() {
            return "0".to_owned();
        }
        let (digits, whole) = self.significant_digits();
        // One raw unit of input is 10^-input_decimals of a token.
        let shift = i32::from(input_decimals).saturating_sub(i32::from(output_decimals));
        place_point(&digits, whole.saturating_add(shift))
    }

    /// Returns the first 18 digits, and how many of them stand before the point, which may be
    /// fewer than none or more than all.
    fn significant_digits(&self) -> (String, i32) {
        let (quotient, mut rest) = self.output.div_rem(self.input);
        let mut digits = if quotient.is_zero() { String::new() } else { quotient.to_string() };
        let mut whole = i32::try_from(digits.len()).unwrap_or(i32::MAX);
        while digits.len() < SIGNIFICANT {
            let digit;
            (digit, rest) = self.next_digit(rest);
            if digits.is_empty() && digit == '0' {
                whole = whole.saturating_sub(1);
            } else {
                digits.push(digit);
            }
        }
        digits.truncate(SIGNIFICANT);
        (digits, whole)
    }

    /// Returns the next decimal of a division that left `rest`, which is below the divisor, and
    /// what that leaves.
    fn next_digit(&self, rest: U256) -> (char, U256) {
        let tenfold: [u64; 5] = mul_limbs(&[10], rest.as_limbs());
        let digit = div_limbs(tenfold, self.input.as_limbs()).and_then(|quotient| quotient.floor());
        let digit = digit.unwrap_or_default();
        let left = rest.wrapping_mul(TEN).wrapping_sub(digit.wrapping_mul(self.input));
        let digit = u32::try_from(digit).ok().and_then(|digit| char::from_digit(digit, 10));
        (digit.unwrap_or('0'), left)
    }
}

const TEN: U256 = U256::from_limbs([10, 0, 0, 0]);

/// Writes digits with `whole` of them before the point.
fn place_point(digits: &str, whole: i32) -> String {
    let count = |value: i32| usize::try_from(value).unwrap_or_default();
    if whole <= 0 {
        return format!("0.{}{digits}", "0".repeat(count(whole.saturating_neg())));
    }
    let whole = count(whole);
    if whole >= digits.len() {
        return format!("{digits}{}", "0".repeat(whole.saturating_sub(digits.len())));
    }
    let (before, after) = digits.split_at(whole);
    format!("{before}.{after}")
}

#[cfg(test)]
mod tests;
