//! Roots, powers and means: each by the series or the number of rounds that its contract uses.

use tidemill_units::U256;

use super::CryptoSwapError;
use super::checked::{
    Checked, ONE, THREE, TWO, WAD, ZERO, difference, machine_quotient, product, quotient, small,
    sum, times_over, wad_of,
};
use super::int256::Int;

/// Half to the power of a number, both in 10^-18, to about 10^-8.
///
/// Source: `CurveCryptoSwap2ETH.vy` and `CurveCryptoMath3.vy`, `halfpow`.
pub(super) fn half_to_the(power: U256) -> Checked {
    let whole = power.wrapping_div(WAD);
    let rest = power.wrapping_rem(WAD);
    let whole = match usize::try_from(whole) {
        Ok(whole) if whole <= 59 => whole,
        Ok(_) | Err(_) => return Ok(ZERO),
    };
    let result = WAD.wrapping_shr(whole);
    if rest.is_zero() {
        return Ok(result);
    }
    let half = WAD.wrapping_shr(1);
    let (mut term, mut total) = (WAD, WAD);
    let mut is_negative = false;
    for round in 1..256 {
        let divisor = product(small(round), WAD)?;
        let factor = difference(divisor, WAD)?;
        is_negative ^= rest > factor;
        term = times_over(term, times_over(rest.abs_diff(factor), half, WAD)?, divisor)?;
        total = if is_negative { difference(total, term)? } else { sum(total, term)? };
        if term < small(10_000_000_000) {
            return times_over(result, total, WAD);
        }
    }
    Err(CryptoSwapError::DidNotConverge)
}

/// The square root of a number in 10^-18.
///
/// Source: `CurveCryptoMath3.vy` `sqrt_int`.
pub(super) fn wad_sqrt(x: U256) -> Checked {
    if x.is_zero() {
        return Ok(ZERO);
    }
    let mut next = sum(x, WAD)?.wrapping_shr(1);
    let mut root = x;
    for _ in 0..256 {
        if next == root {
            return Ok(root);
        }
        root = next;
        next = sum(times_over(x, WAD, next)?, next)?.wrapping_shr(1);
    }
    Err(CryptoSwapError::DidNotConverge)
}

/// From here on the number has too many bits for a factor of 10^36 ...
const WIDE: U256 = U256::from_limbs([0xca17_a3ab_a173_d3d5, 0x4849_32d2_e725_a5bb, 0x154, 0]);
/// ... and from here on for one of 10^18.
const WIDEST: U256 =
    U256::from_limbs([0x4d54_2c5d_b234_0000, 0x5fe6_45cc_4873_f9e6, 0x725d_d1d2_43ab_a0e7, 0x12]);
const E36: U256 = U256::from_limbs([0xb34b_9f10_0000_0000, 0x00c0_97ce_7bc9_0715, 0, 0]);

/// The cube root of a number in 10^-18, by seven rounds from a good start; not always the nearest.
///
/// Source: `CurveCryptoMathOptimized3.vy` `_cbrt`.
pub(super) fn wad_cbrt(x: U256) -> U256 {
    let (scaled, unit) = if x >= WIDEST {
        (x, small(1_000_000_000_000))
    } else if x >= WIDE {
        (x.wrapping_mul(WAD), small(1_000_000))
    } else {
        (x.wrapping_mul(E36), ONE)
    };
    let log2 = scaled.bit_len().saturating_sub(1);
    let power = ONE.wrapping_shl(log2.wrapping_div(3));
    let mut root = match log2.wrapping_rem(3) {
        0 => power,
        1 => power.wrapping_mul(small(1260)).wrapping_div(small(1000)),
        _ => power.wrapping_mul(small(1_587_600)).wrapping_div(small(1_000_000)),
    };
    for _ in 0..7 {
        let part = machine_quotient(scaled, root.wrapping_mul(root));
        root = root.wrapping_mul(TWO).wrapping_add(part).wrapping_div(THREE);
    }
    root.wrapping_mul(unit)
}

/// The geometric mean of three.
///
/// Source: `CurveCryptoMathOptimized3.vy` `_geometric_mean`.
pub(super) fn mean_by_cbrt(x: [U256; 3]) -> Checked {
    let pair = wad_of(x[0], x[1])?;
    let all = wad_of(pair, x[2])?;
    Ok(if all.is_zero() { ZERO } else { wad_cbrt(all) })
}

/// `e^-x`, both in 10^-18.
///
/// Source: `CurveCryptoMathOptimized3.vy` `wad_exp`, as deployed: a rational function after the
/// powers of two are taken out, whose steps round down.
pub(super) fn exp_of_minus(x: U256) -> Checked {
    // Below this a number rounds to nothing.
    const LEAST: U256 = U256::from_limbs([0x48ce_36a7_0cb2_6b3f, 2, 0, 0]);
    if x >= LEAST {
        return Ok(ZERO);
    }
    let ln2 = int(LN_2);
    let scale = |a: Int, b: Int| a.wrapping_times(b).shifted_down(96);
    let q96 = |a: Int| a.wrapping_times(Int::from_limbs([0, 1 << 32, 0, 0]));

    // 2^96 over 10^18, without their common twos.
    let value =
        Int::convert(x.wrapping_shl(78))?.neg()?.machine_over(Int::small(3_814_697_265_625));
    let twos = q96(value)
        .machine_over(ln2)
        .wrapping_plus(Int::from_limbs([0, 1 << 31, 0, 0]))
        .shifted_down(96);
    let x = value.wrapping_minus(twos.wrapping_times(ln2));

    let y = x.wrapping_plus(int(1_346_386_616_545_796_478_920_950_773_328));
    let y = scale(y, x).wrapping_plus(int(57_155_421_227_552_351_082_224_309_758_442));
    let p = y.wrapping_plus(x).wrapping_minus(int(94_201_549_194_550_492_254_356_042_504_812));
    let p = scale(p, y).wrapping_plus(int(28_719_021_644_029_726_153_956_944_680_412_240));
    let p =
        p.wrapping_times(x).wrapping_plus(q96(int(4_385_272_521_454_847_904_659_076_985_693_276)));

    let q = x.wrapping_minus(int(2_855_989_394_907_223_263_936_484_059_900));
    let q = scale(q, x).wrapping_plus(int(50_020_603_652_535_783_019_961_831_881_945));
    let q = scale(q, x).wrapping_minus(int(533_845_033_583_426_703_283_633_433_725_380));
    let q = scale(q, x).wrapping_plus(int(3_604_857_256_930_695_427_073_651_918_091_429));
    let q = scale(q, x).wrapping_minus(int(14_423_608_567_350_463_180_887_372_962_807_573));
    let q = scale(q, x).wrapping_plus(int(26_449_188_498_355_588_339_934_803_723_976_023));

    let result = p.machine_over(q).bits().wrapping_mul(OUTPUT_SCALE);
    let shift = Int::small(195).wrapping_minus(twos).to_unsigned()?;
    Ok(usize::try_from(shift).map_or(ZERO, |bits| result.wrapping_shr(bits)))
}

const LN_2: u128 = 54_916_777_467_707_473_351_141_471_128;
/// 3822833074963236453042738258902158003155416615667.
const OUTPUT_SCALE: U256 =
    U256::from_limbs([0xee70_ef65_f997_8af3, 0x63c3_2e5c_2f6d_c192, 0x0002_9d9d_c385, 0]);

fn int(value: u128) -> Int {
    let [low, high] = [value & u128::from(u64::MAX), value >> 64];
    let limb = |part: u128| u64::try_from(part).unwrap_or_default();
    Int::from_limbs([limb(low), limb(high), 0, 0])
}

/// `K * fee_gamma`'s part of the fee: 10^18 at perfect balance, towards zero far from it.
pub(super) fn reduction(product_over_sums: U256, fee_gamma: U256) -> Checked {
    let width = difference(sum(fee_gamma, WAD)?, product_over_sums)?;
    quotient(product(fee_gamma, WAD)?, width)
}
