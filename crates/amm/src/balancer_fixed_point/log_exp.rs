//! Exponential, logarithm and power as `LogExpMath.sol` computes them: the same tables, the same
//! number of terms, the same truncations, on magnitudes with the sign beside.
//!
//! All of the contract's signed divisions truncate towards zero, and no step adds numbers of
//! different sign, so magnitudes give the same digits. `tests.rs` compares every function with the
//! contract's formulas in signed big integers over its whole domain.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "every number is bounded by the tables below: the bounds stand where the width \
              matters, and splitting into limbs is meant"
)]

use tidemill_units::{LimbDivisor, U128Divisor, U256, div_limbs, mul_div, mul_limbs};

use super::{FixedPointError, ONE};

const E18: u64 = 1_000_000_000_000_000_000;
const E20: u128 = 100_000_000_000_000_000_000;
const E36: u128 = E18 as u128 * E18 as u128;
const BY_E18: LimbDivisor = single(E18);
const BY_100: LimbDivisor = single(100);
const BY_E20: U128Divisor = by(E20);
const BY_E22: U128Divisor = by(E20 * 100);
const BY_E36: U128Divisor = by(E36);
/// 10^20 is 2^20 of these: shifting first leaves a divisor of one limb.
const FIVE_POW_20: u64 = 95_367_431_640_625;
const BY_FIVE_POW_20: LimbDivisor = single(FIVE_POW_20);
/// 5^20 times 3 to 12, for the terms of the exponential's series after the second.
const BY_TERM: [LimbDivisor; 10] = {
    let mut divisors = [BY_E18; 10];
    let mut index = 0;
    while index < 10 {
        divisors[index] = single(FIVE_POW_20 * (index as u64 + 3));
        index += 1;
    }
    divisors
};

/// The largest and smallest arguments of the exponential, 18 decimals.
const LARGEST_EXPONENT: i128 = 130 * E18 as i128;
const SMALLEST_EXPONENT: i128 = -41 * E18 as i128;
/// 2^254 / 10^20, from which on a power's exponent is refused.
const EXPONENT_BOUND: U256 =
    U256::from_limbs([0x4181_ea80_59f7_6532, 0xa88f_4bb1_ca6b_cf58, 0x0bce_5086_4921_11ae, 0]);

/// e^128 as a plain integer, and with 18 decimals.
const A0: U256 =
    U256::from_limbs([0x0262_8270_0000_0000, 0xf53a_2717_2fa9_ec63, 0x0195_e54c_5dd4_2177, 0]);
const A0_E18: U256 = U256::from_limbs([
    0x03c0_0000_0000_0000,
    0x64c6_3b53_72d8_05e2,
    0x2e93_3ec8_84fd_e100,
    0x0016_00ef_3172_e58d,
]);
/// e^64 as a plain integer, and with 18 decimals.
const A1: U256 = U256::from_limbs([A1_VALUE as u64, (A1_VALUE >> 64) as u64, 0, 0]);
const A1_VALUE: u128 = 6_235_149_080_811_616_882_910_000_000;
const A1_E18: U256 =
    U256::from_limbs([0x04cf_4461_9e00_0000, 0x4d75_5d3c_8bc8_e032, 0x0117_9800, 0]);
const X0: u128 = 128 * E18 as u128;
const X1: u128 = 64 * E18 as u128;

/// 2^5 and its exponential, 20 decimals.
const FIRST_STEP: Step = step(3_200_000_000_000_000_000_000, 7_896_296_018_268_069_516_100 * E12);
const E12: u128 = 1_000_000_000_000;
/// 2^4 to 2^-4 and their exponentials, 20 decimals. The exponential's last two are not used.
const STEPS: [Step; 9] = [
    step(1_600_000_000_000_000_000_000, 888_611_052_050_787_263_676_000_000),
    step(800_000_000_000_000_000_000, 298_095_798_704_172_827_474_000),
    step(400_000_000_000_000_000_000, 5_459_815_003_314_423_907_810),
    step(200_000_000_000_000_000_000, 738_905_609_893_065_022_723),
    step(100_000_000_000_000_000_000, 271_828_182_845_904_523_536),
    step(50_000_000_000_000_000_000, 164_872_127_070_012_814_685),
    step(25_000_000_000_000_000_000, 128_402_541_668_774_148_407),
    step(12_500_000_000_000_000_000, 113_314_845_306_682_631_683),
    step(6_250_000_000_000_000_000, 106_449_445_891_785_942_956),
];
const EXPONENTIAL_STEPS: usize = 7;

/// A power of two and its exponential, both with 20 decimals.
#[derive(Clone, Copy)]
struct Step {
    exponent: u128,
    power: u128,
    by_power: U128Divisor,
}

const fn step(exponent: u128, power: u128) -> Step {
    Step { exponent, power, by_power: by(power) }
}

const fn single(divisor: u64) -> LimbDivisor {
    match LimbDivisor::new(divisor) {
        Some(divisor) => divisor,
        None => unreachable!(),
    }
}

const fn by(divisor: u128) -> U128Divisor {
    match U128Divisor::new(divisor) {
        Some(divisor) => divisor,
        None => unreachable!(),
    }
}

/// A number by its magnitude; a negative zero is zero.
#[derive(Clone, Copy)]
struct Signed {
    is_negative: bool,
    magnitude: u128,
}

/// Returns `x^y` of 18-decimal numbers as the contract's logarithm and exponential give it, off by
/// up to 10^-14 of itself either way.
///
/// Errors: `BaseOutOfBounds`, `ExponentOutOfBounds`, `ProductOutOfBounds`.
/// Source: `LogExpMath.pow`.
pub fn pow(x: U256, y: U256) -> Result<U256, FixedPointError> {
    if y.is_zero() {
        return Ok(ONE);
    }
    if x.is_zero() {
        return Ok(U256::ZERO);
    }
    if x.bit(255) {
        return Err(FixedPointError::BaseOutOfBounds);
    }
    if y >= EXPONENT_BOUND {
        return Err(FixedPointError::ExponentOutOfBounds);
    }
    let (is_negative, magnitude) = log_times(x, y);
    let exponent = i128::try_from(magnitude).map_err(|_| FixedPointError::ProductOutOfBounds)?;
    let exponent = if is_negative { -exponent } else { exponent };
    if !(SMALLEST_EXPONENT..=LARGEST_EXPONENT).contains(&exponent) {
        return Err(FixedPointError::ProductOutOfBounds);
    }
    exp(exponent)
}

/// Returns `e^x` of an 18-decimal number, with 18 decimals.
///
/// Errors: `InvalidExponent`. Source: `LogExpMath.exp`.
pub fn exp(x: i128) -> Result<U256, FixedPointError> {
    if !(SMALLEST_EXPONENT..=LARGEST_EXPONENT).contains(&x) {
        return Err(FixedPointError::InvalidExponent);
    }
    let power = exp_of_magnitude(x.unsigned_abs());
    if x >= 0 {
        return Ok(power);
    }
    // e^41 has 18 + 18 digits: the inverse of a power that large or smaller fits two limbs.
    let [low, high, ..] = power.into_limbs();
    let power = (u128::from(high) << 64) | u128::from(low);
    Ok(U256::from(E36.checked_div(power).unwrap_or_default()))
}

/// Returns the natural logarithm of an 18-decimal number, with 18 decimals, rounded towards zero.
///
/// Errors: `OutOfBounds` for zero and from 2^255 on, where the contract's number is negative.
/// Source: `LogExpMath.ln`.
pub fn ln(a: U256) -> Result<i128, FixedPointError> {
    if a.is_zero() || a.bit(255) {
        return Err(FixedPointError::OutOfBounds);
    }
    let Signed { is_negative, magnitude } = match near_one(a) {
        Some(a) => {
            let exact = ln_36(a);
            Signed { magnitude: u128::from(whole_e18(exact.magnitude)), ..exact }
        }
        None => ln_18(a),
    };
    // At most 136 with 18 decimals.
    let magnitude = magnitude as i128;
    Ok(if is_negative { -magnitude } else { magnitude })
}

/// The number where it is above 0.9 and below 1.1.
#[inline]
fn near_one(a: U256) -> Option<u64> {
    let [low, b, c, d] = a.into_limbs();
    let is_near = b | c | d == 0 && low > E18 - E18 / 10 && low < E18 + E18 / 10;
    is_near.then_some(low)
}

/// `ln(x) * y` with 18 decimals, truncated as `pow` does it: sign and magnitude.
#[inline]
fn log_times(x: U256, y: U256) -> (bool, U256) {
    let [y0, y1, y2, y3] = y.into_limbs();
    let is_small = y1 | y2 | y3 == 0;
    match near_one(x) {
        Some(x) => {
            // 36 decimals: the upper 18 and the lower 18 are multiplied apart.
            let Signed { is_negative, magnitude } = ln_36(x);
            let upper = whole_e18(magnitude);
            let lower = (magnitude - u128::from(upper) * u128::from(E18)) as u64;
            if is_small {
                let y = u128::from(y0);
                // The upper part is below 0.11: 57 bits, and the sum is below 2^122.
                let product = u128::from(lower) * y;
                let sum = u128::from(upper) * y + u128::from(whole_e18(product));
                return (is_negative, U256::from(whole_e18(sum)));
            }
            let product = U256::from(lower).wrapping_mul(y);
            let product = U256::from_limbs(BY_E18.div(product.as_limbs()).whole);
            let sum = U256::from(upper).wrapping_mul(y).wrapping_add(product);
            (is_negative, U256::from_limbs(BY_E18.div(sum.as_limbs()).whole))
        }
        None => {
            let Signed { is_negative, magnitude } = ln_18(x);
            let limbs = split(magnitude);
            if is_small {
                let product: [u64; 3] = mul_limbs(&limbs, &[y0]);
                let [a, b, c] = BY_E18.div(&product).whole;
                return (is_negative, U256::from_limbs([a, b, c, 0]));
            }
            // 136 * 10^18 times 2^254 / 10^20 fits.
            let product = U256::from(magnitude).wrapping_mul(y);
            (is_negative, U256::from_limbs(BY_E18.div(product.as_limbs()).whole))
        }
    }
}

/// A magnitude below 2^64 * 10^18 without its last 18 decimals.
#[inline(always)]
fn whole_e18(magnitude: u128) -> u64 {
    BY_E18.quotient(magnitude).unwrap_or_default()
}

#[inline(always)]
fn split(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

#[inline(always)]
fn join([low, high]: [u64; 2]) -> u128 {
    (u128::from(high) << 64) | u128::from(low)
}

/// A product that is known to fit after a division by a table's divisor.
#[inline(always)]
fn scaled(a: u128, b: u128, divisor: &U128Divisor) -> u128 {
    divisor.mul_div(a, b).unwrap_or_default()
}

/// The logarithm of a number between 0.9 and 1.1, with 36 decimals (`_ln_36`).
#[inline]
fn ln_36(x: u64) -> Signed {
    // z = (x - 1) / (x + 1) with 36 decimals; the contract's 18 more digits in both cancel out.
    let (difference, is_negative) = if x < E18 { (E18 - x, true) } else { (x - E18, false) };
    let numerator: [u64; 3] = mul_limbs(&[difference], &split(E36));
    let z = div_limbs(numerator, &[x + E18]).map_or(0, |z| join([z.whole[0], z.whole[1]]));
    let z_squared = scaled(z, z, &BY_E36);
    let mut numerator = z;
    let mut sum = z;
    for inverse in INVERSES {
        // |z| is below 0.053, so the first is below 2^108 and the others smaller.
        numerator = scaled(numerator, z_squared, &BY_E36);
        if numerator == 0 {
            break;
        }
        let [_, _, low, high] = mul_limbs::<2, 2, 4>(&split(numerator), &split(inverse));
        sum += join([low, high]);
    }
    Signed { is_negative, magnitude: sum * 2 }
}

/// 2^128 / d, rounded up, for the d of the series. For n below 2^124 the upper half of the product
/// with n is n / d rounded down: the rounding adds less than n / 2^128, which is less than 1 / d.
const INVERSES: [u128; 7] =
    [inverse(3), inverse(5), inverse(7), inverse(9), inverse(11), inverse(13), inverse(15)];

const fn inverse(odd: u128) -> u128 {
    u128::MAX / odd + 1
}

/// The logarithm of any other number, with 18 decimals (`_ln`); `a` is not zero.
fn ln_18(a: U256) -> Signed {
    let [low, b, c, d] = a.into_limbs();
    if b | c | d == 0 && low < E18 {
        let inverse = E36.checked_div(u128::from(low)).unwrap_or_default();
        return Signed { is_negative: true, magnitude: ln_18_above_one(U256::from(inverse)) };
    }
    Signed { is_negative: false, magnitude: ln_18_above_one(a) }
}

fn ln_18_above_one(a: U256) -> u128 {
    let (mut a, mut sum) = reduced(a);
    for step in &STEPS {
        if a >= step.power {
            // Below e^32 with 20 decimals, 113 bits.
            a = scaled(a, E20, &step.by_power);
            sum += step.exponent;
        }
    }
    // From here on a is below 1.0645, z below 0.032, and all but z's numerator is one limb.
    let numerator: [u64; 3] = mul_limbs(&[(a - E20) as u64], &split(E20));
    let z = div_limbs(numerator, &split(a + E20)).map_or(0, |z| z.whole[0]);
    let z_squared = whole_e20(z, z);
    let mut numerator = z;
    let mut series = z;
    for odd in [3, 5, 7, 9, 11] {
        numerator = whole_e20(numerator, z_squared);
        series += numerator / odd;
    }
    let sum = sum + 2 * u128::from(series);
    // At most 136 with 20 decimals: 75 bits.
    let [low, high] = BY_100.div(&split(sum)).whole;
    join([low, high])
}

/// A product without its last 20 decimals; it is below 2^64 * 10^20.
#[inline(always)]
fn whole_e20(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    BY_FIVE_POW_20.quotient(product >> 20).unwrap_or_default()
}

/// A number above one with 20 decimals, divided by e^128, e^64 and e^32 where it is above them, and
/// what that takes from its logarithm, with 20 decimals.
fn reduced(mut a: U256) -> (u128, u128) {
    let mut sum = 0;
    if a >= A0_E18 {
        a = a.checked_div(A0).unwrap_or_default();
        sum += X0;
    }
    if a >= A1_E18 {
        a = a.checked_div(A1).unwrap_or_default();
        sum += X1;
    }
    sum *= 100;
    // Below e^64 with 20 decimals, 160 bits.
    let mut a = a.wrapping_mul(U256::from_limbs([100, 0, 0, 0]));
    if a >= U256::from(FIRST_STEP.power) {
        let power = U256::from(FIRST_STEP.power);
        a = mul_div(a, U256::from(E20), power).unwrap_or_default();
        sum += FIRST_STEP.exponent;
    }
    let [low, high, ..] = a.into_limbs();
    (join([low, high]), sum)
}

/// e^x for x from 0 to 130 with 18 decimals.
fn exp_of_magnitude(x: u128) -> U256 {
    let (x, first) = if x >= X0 {
        (x - X0, Some(A0))
    } else if x >= X1 {
        (x - X1, Some(A1))
    } else {
        (x, None)
    };
    let mut x = x * 100;
    let is_large = x >= FIRST_STEP.exponent;
    if first.is_some() || is_large {
        return exp_of_large(x, first, is_large);
    }
    let mut product = E20;
    for step in STEPS.iter().take(EXPONENTIAL_STEPS) {
        if x >= step.exponent {
            x -= step.exponent;
            // The first factor needs no product; all together are below e^32, 113 bits.
            product =
                if product == E20 { step.power } else { scaled(product, step.power, &BY_E20) };
        }
    }
    U256::from(scaled(product, series(x), &BY_E22))
}

/// As `exp_of_magnitude`, for 32 and more.
fn exp_of_large(mut x: u128, first: Option<U256>, is_large: bool) -> U256 {
    let e20 = U256::from(E20);
    let mut product = e20;
    if is_large {
        x -= FIRST_STEP.exponent;
        product = U256::from(FIRST_STEP.power);
    }
    for step in STEPS.iter().take(EXPONENTIAL_STEPS) {
        if x >= step.exponent {
            x -= step.exponent;
            product = mul_div(product, U256::from(step.power), e20).unwrap_or_default();
        }
    }
    let power = mul_div(product, U256::from(series(x)), e20).unwrap_or_default();
    // At most e^130 with 20 decimals, 255 bits.
    let power = power.wrapping_mul(first.unwrap_or(U256::ONE));
    U256::from_limbs(BY_100.div(power.as_limbs()).whole)
}

/// e^x for x below 1/4, by the first 13 terms, all with 20 decimals.
fn series(x: u128) -> u128 {
    let term = scaled(x, x, &BY_E20) / 2;
    let mut sum = E20 + x + term;
    // Below 2^62, and x below 2^65.
    let mut term = term;
    for divisor in &BY_TERM {
        term = u128::from(divisor.quotient((term * x) >> 20).unwrap_or_default());
        if term == 0 {
            break;
        }
        sum += term;
    }
    sum
}
