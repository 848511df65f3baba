//! Ticks to square root prices and back (v3-core 1.0.1 `libraries/TickMath.sol`).
//!
//! The contract multiplies one factor per set bit of the tick, truncating each time. The results
//! here are the same to the last bit; the way there is not: factors come multiplied together
//! from two tables wherever the order of truncations cannot show, and the inverse is a fixed-point
//! logarithm that falls back on the forward function where its error could matter.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "fixed-point on u128 and i128 whose bounds stand beside each step; compared with the \
              bytecode over all ticks' boundaries in testkit"
)]

use tidemill_units::{SqrtPrice, Tick, U256, div_limbs, narrow};

/// 2^128 / sqrt(1.0001)^(2^i), as the contract has them.
const FACTORS: [u128; 20] = [
    0xfffc_b933_bd6f_ad37_aa2d_162d_1a59_4001,
    0xfff9_7272_373d_4132_59a4_6990_580e_213a,
    0xfff2_e50f_5f65_6932_ef12_357c_f3c7_fdcc,
    0xffe5_caca_7e10_e4e6_1c36_24ea_a094_1cd0,
    0xffcb_9843_d60f_6159_c9db_5883_5c92_6644,
    0xff97_3b41_fa98_c081_472e_6896_dfb2_54c0,
    0xff2e_a164_66c9_6a38_43ec_78b3_26b5_2861,
    0xfe5d_ee04_6a99_a2a8_11c4_61f1_969c_3053,
    0xfcbe_86c7_900a_88ae_dcff_c83b_479a_a3a4,
    0xf987_a725_3ac4_1317_6f2b_074c_f781_5e54,
    0xf339_2b08_22b7_0005_940c_7a39_8e4b_70f3,
    0xe715_9475_a2c2_9b74_43b2_9c7f_a6e8_89d9,
    0xd097_f3bd_fd20_22b8_845a_d8f7_92aa_5825,
    0xa9f7_4646_2d87_0fdf_8a65_dc1f_90e0_61e5,
    0x70d8_69a1_56d2_a1b8_90bb_3df6_2baf_32f7,
    0x31be_135f_97d0_8fd9_8123_1505_542f_cfa6,
    0x09aa_508b_5b7a_84e1_c677_de54_f3e9_9bc9,
    0x005d_6af8_dedb_8119_6699_c329_225e_e604,
    0x0000_2216_e584_f5fa_1ea9_2604_1bed_fe98,
    0x0000_0000_048a_1703_91f7_dc42_444e_8fa2,
];

const LOW_BITS: usize = 10;
const LOW_COUNT: usize = 1 << LOW_BITS;

const HIGH_COUNT: usize = (Tick::MAX.0 as usize >> LOW_BITS) + 1;

/// The contract's running products over the low bits alone, and over the high bits alone. Entry 0
/// stands for 2^128, which has no room; it is never read.
static LOW_PRODUCTS: [u128; LOW_COUNT] = products(0);
static HIGH_PRODUCTS: [u128; HIGH_COUNT] = products(LOW_BITS);

const fn products<const N: usize>(first_bit: usize) -> [u128; N] {
    let mut products = [0; N];
    let mut index = 1;
    while index < N {
        let top = (usize::BITS - 1 - index.leading_zeros()) as usize;
        let (rest, factor) = (index ^ (1 << top), FACTORS[first_bit + top]);
        products[index] = if rest == 0 { factor } else { mul_shift_128(products[rest], factor) };
        index += 1;
    }
    products
}

/// Returns `floor(a * b / 2^128)`.
#[inline(always)]
const fn mul_shift_128(a: u128, b: u128) -> u128 {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0) = (a >> 64, a & LOW);
    let (b1, b0) = (b >> 64, b & LOW);
    let middle = a0 * b1 + ((a0 * b0) >> 64);
    let cross = a1 * b0 + (middle & LOW);
    a1 * b1 + (middle >> 64) + (cross >> 64)
}

/// The contract's `ratio`, sqrt(1.0001)^-magnitude as Q128, for `1 <= magnitude <= 887272`.
#[inline(always)]
fn ratio_below_one(magnitude: u32) -> u128 {
    let low = magnitude as usize & (LOW_COUNT - 1);
    if low == 0 {
        return HIGH_PRODUCTS[magnitude as usize >> LOW_BITS];
    }
    let mut ratio = LOW_PRODUCTS[low];
    let mut high = magnitude >> LOW_BITS;
    while high != 0 {
        ratio = mul_shift_128(ratio, FACTORS[LOW_BITS + high.trailing_zeros() as usize]);
        high &= high - 1;
    }
    ratio
}

/// Above the difference between [`ratio_nearby`] and the contract's `ratio`: each truncates at most
/// ten times below the same product, by less than one each time, and the former once more.
const RATIO_ERROR: u32 = 16;

/// Returns the contract's `ratio` but for the order of its truncations.
#[inline(always)]
fn ratio_nearby(magnitude: u32) -> u128 {
    let low = magnitude as usize & (LOW_COUNT - 1);
    let high = magnitude as usize >> LOW_BITS;
    match (low, high) {
        (0, _) => HIGH_PRODUCTS[high],
        (_, 0) => LOW_PRODUCTS[low],
        (_, _) => mul_shift_128(LOW_PRODUCTS[low], HIGH_PRODUCTS[high]),
    }
}

/// Returns the square root price of a tick, or `None` outside `Tick::MIN..=Tick::MAX`, where
/// `getSqrtRatioAtTick` reverts with `T`. Rounded up, as in the contract.
#[inline]
pub fn sqrt_price_at_tick(tick: Tick) -> Option<SqrtPrice> {
    let magnitude = tick.0.unsigned_abs();
    if !tick.is_valid() {
        return None;
    }
    if magnitude == 0 {
        return SqrtPrice::from_x96(U256::from_limbs([0, 1 << 32, 0, 0]));
    }
    let (shifted, rest) = if tick.0 > 0 {
        let ratio = ratio_below_one(magnitude);
        let inverse = div_limbs([u64::MAX; 4], &[ratio as u64, (ratio >> 64) as u64])?;
        let [a, b, c, d] = inverse.whole;
        ([a >> 32 | b << 32, b >> 32 | c << 32, c >> 32 | d << 32], a as u32)
    } else {
        let mut ratio = ratio_nearby(magnitude);
        if (ratio as u32).wrapping_add(RATIO_ERROR) <= 2 * RATIO_ERROR {
            // So close to a multiple of 2^32 that rounding could go either way.
            std::hint::cold_path();
            ratio = ratio_below_one(magnitude);
        }
        let shifted = ratio >> 32;
        ([shifted as u64, (shifted >> 64) as u64, 0], ratio as u32)
    };
    let [a, b, c] = shifted;
    let price = narrow(&[a, b, c, 0])?;
    SqrtPrice::from_x96(if rest == 0 { price } else { price.checked_add(U256::ONE)? })
}

const LOG_BITS: u32 = 8;
const LOG_COUNT: usize = 1 << LOG_BITS;
/// Fraction bits of logarithms.
const LOG_FRACTION: u32 = 56;
/// `2 / log2(1.0001)`, the ticks in a doubling of the square root price, as Q48.
const TICKS_PER_OCTAVE: i128 = 3_902_266_830_438_290_807;
/// `(-1)^(k+1) / (k ln 2)` for k = 1 to 5, as Q62: the series of log2(1 + z).
const SERIES: [i64; 5] = [
    6_653_256_548_922_161_246,
    -3_326_628_274_461_080_623,
    2_217_752_182_974_053_749,
    -1_663_314_137_230_540_311,
    1_330_651_309_784_432_249,
];
/// Above any error of the logarithm below, in ticks as Q48: about 10^-6.
const TICK_ERROR: i128 = 1 << 28;

/// For each of 256 intervals of [1, 2), near its middle: a reciprocal c as Q63, and -log2(c).
static LOG_TABLE: [(u64, i64); LOG_COUNT] = log_table();

const fn log_table() -> [(u64, i64); LOG_COUNT] {
    let mut table = [(0, 0); LOG_COUNT];
    let mut index = 0;
    while index < LOG_COUNT {
        let middle = 2 * (LOG_COUNT + index) + 1;
        let reciprocal = ((1_u128 << (64 + LOG_BITS)) / middle as u128) as u64;
        table[index] = (reciprocal, (1 << LOG_FRACTION) - log2_bit_by_bit(reciprocal << 1));
        index += 1;
    }
    table
}

/// log2(x / 2^63) for `x` in [2^63, 2^64), a bit per squaring; only fills the table.
const fn log2_bit_by_bit(x: u64) -> i64 {
    let mut x = x as u128;
    let mut log = 0;
    let mut bit = LOG_FRACTION;
    while bit > 0 {
        bit -= 1;
        x = (x * x) >> 63;
        if x >> 64 != 0 {
            x >>= 1;
            log |= 1 << bit;
        }
    }
    log
}

/// log2 of a square root price, within 2^-50, with [`LOG_FRACTION`] fraction bits.
#[inline(always)]
fn log2(price: U256) -> i64 {
    let [a, b, c, _] = price.into_limbs();
    let bits = price.bit_len() as u32;
    // The top 64 bits, leading one first; what is cut off moves the result by less than 2^-62.
    let mantissa = match bits {
        0..=64 => a << (64 - bits.max(1)),
        65..=128 => ((u128::from(b) << 64 | u128::from(a)) >> (bits - 64)) as u64,
        _ => ((u128::from(c) << 64 | u128::from(b)) >> (bits - 128)) as u64,
    };
    let (reciprocal, table_log) = LOG_TABLE[(mantissa << 1 >> (64 - LOG_BITS)) as usize];
    let product = u128::from(mantissa) * u128::from(reciprocal);
    // Q126, 1 + z with |z| < 2^-8; z itself as Q62.
    let z = (product.wrapping_sub(1 << 126) as i128 >> 64) as i64;
    let mul = |one: i64, other: i64| ((i128::from(one) * i128::from(other)) >> 62) as i64;
    let [first, second, third, fourth, fifth] = SERIES;
    let series = first + mul(z, second + mul(z, third + mul(z, fourth + mul(z, fifth))));
    let fraction = table_log + (mul(z, series) >> (62 - LOG_FRACTION));
    (i64::from(bits) - 97) * (1 << LOG_FRACTION) + fraction
}

/// Returns the highest tick whose price is at or below `price`, or `None` outside
/// `SqrtPrice::MIN..SqrtPrice::MAX`, where `getTickAtSqrtRatio` reverts with `R`.
#[inline]
pub fn tick_at_sqrt_price(price: SqrtPrice) -> Option<Tick> {
    price.is_valid().then(|| tick_at_valid_price(price))
}

/// Returns the highest tick whose price is at or below a price that is within the ticks.
///
/// Kept out of the swap loop, whose registers it would take.
#[inline(never)]
pub(super) fn tick_at_valid_price(price: SqrtPrice) -> Tick {
    let ticks = (i128::from(log2(price.to_x96())) * TICKS_PER_OCTAVE) >> LOG_FRACTION;
    let low = Tick(((ticks - TICK_ERROR) >> 48) as i32);
    let high = Tick(((ticks + TICK_ERROR) >> 48) as i32);
    if low == high || sqrt_price_at_tick(high).is_none_or(|at_high| at_high > price) {
        low.max(Tick::MIN)
    } else {
        high
    }
}
