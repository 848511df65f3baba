//! Exponential moving averages of prices and of the invariant.

use tidemill_units::{Timestamp, U256};

use super::StableSwapNgError as Error;
use crate::curve_math::{PRECISION, difference, product, quotient, sum};

/// A last value and its moving average, each below 2^128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tracked {
    pub(super) last: U256,
    pub(super) average: U256,
}

impl Tracked {
    /// Returns the average at an instant (`_calc_moving_average`); it weighs the last value by the
    /// time since it was written.
    pub(super) fn average_at(
        &self,
        window: U256,
        written: Timestamp,
        at: Timestamp,
    ) -> Result<U256, Error> {
        if written >= at {
            return Ok(self.average);
        }
        let elapsed = product(U256::from(at.seconds_since(written)), PRECISION)?;
        let alpha = exp_of_minus(quotient(elapsed, window)?);
        let fresh = product(self.last, difference(PRECISION, alpha)?)?;
        Ok(quotient(sum(fresh, product(self.average, alpha)?)?, PRECISION)?)
    }

    /// Returns the two as the contract packs them (`pack_2`).
    pub(super) fn packed(last: U256, average: U256) -> Result<Self, Error> {
        if last.bit_len() > 128 || average.bit_len() > 128 {
            return Err(Error::OracleOverflow);
        }
        Ok(Self { last, average })
    }
}

/// `e^-x` times 10^18 for an `x` times 10^18, as the contract's `exp` rounds it.
///
/// Source: `CurveStableSwapNG` v7.0.0 `exp`, the rational approximation of Remco Bloemen that
/// Solmate and Snekmate use. The numbers are 256-bit words in two's complement. The largest input
/// is below 2^255, so the contract's conversion to a signed number never fails.
pub(super) fn exp_of_minus(x: U256) -> U256 {
    if x >= ZERO_FROM {
        return U256::ZERO;
    }
    let x = signed_div(x.wrapping_neg().wrapping_shl(78), FIVE_TO_18);
    let k = signed_div(x.wrapping_shl(96), LN_2).wrapping_add(HALF_2_96).arithmetic_shr(96);
    let x = x.wrapping_sub(k.wrapping_mul(LN_2));
    let times = |a: U256, b: U256| a.wrapping_mul(b).arithmetic_shr(96);

    let y = times(x.wrapping_add(P[0]), x).wrapping_add(P[1]);
    let p = times(y.wrapping_add(x).wrapping_sub(P[2]), y).wrapping_add(P[3]);
    let p = p.wrapping_mul(x).wrapping_add(P[4].wrapping_shl(96));

    let q = times(x.wrapping_sub(Q[0]), x).wrapping_add(Q[1]);
    let q = times(q, x).wrapping_sub(Q[2]);
    let q = times(q, x).wrapping_add(Q[3]);
    let q = times(q, x).wrapping_sub(Q[4]);
    let q = times(q, x).wrapping_add(Q[5]);

    let scaled = signed_div(p, q).wrapping_mul(SCALE);
    let [shift, ..] = FINAL_SHIFT.wrapping_sub(k).into_limbs();
    usize::try_from(shift).map_or(U256::ZERO, |shift| scaled.wrapping_shr(shift))
}

/// Division of words in two's complement, towards zero.
fn signed_div(a: U256, b: U256) -> U256 {
    let is_negative = a.bit(255) != b.bit(255);
    let size = |word: U256| if word.bit(255) { word.wrapping_neg() } else { word };
    let result = size(a).checked_div(size(b)).unwrap_or_default();
    if is_negative { result.wrapping_neg() } else { result }
}

const fn word(value: u128) -> U256 {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = value.to_le_bytes();
    let low = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let high = u64::from_le_bytes([i, j, k, l, m, n, o, p]);
    U256::from_limbs([low, high, 0, 0])
}

/// From here on the result is below one half, and zero.
const ZERO_FROM: U256 = word(41_446_531_673_892_822_313);
const FIVE_TO_18: U256 = word(3_814_697_265_625);
/// The logarithm of 2, times 2^96.
const LN_2: U256 = word(54_916_777_467_707_473_351_141_471_128);
const HALF_2_96: U256 = word(1 << 95);
const P: [U256; 5] = [
    word(1_346_386_616_545_796_478_920_950_773_328),
    word(57_155_421_227_552_351_082_224_309_758_442),
    word(94_201_549_194_550_492_254_356_042_504_812),
    word(28_719_021_644_029_726_153_956_944_680_412_240),
    word(4_385_272_521_454_847_904_659_076_985_693_276),
];
const Q: [U256; 6] = [
    word(2_855_989_394_907_223_263_936_484_059_900),
    word(50_020_603_652_535_783_019_961_831_881_945),
    word(533_845_033_583_426_703_283_633_433_725_380),
    word(3_604_857_256_930_695_427_073_651_918_091_429),
    word(14_423_608_567_350_463_180_887_372_962_807_573),
    word(26_449_188_498_355_588_339_934_803_723_976_023),
];
/// 3822833074963236453042738258902158003155416615667, which has 162 bits.
const SCALE: U256 =
    U256::from_limbs([0xee70_ef65_f997_8af3, 0x63c3_2e5c_2f6d_c192, 0x2_9d9d_c385, 0]);
const FINAL_SHIFT: U256 = word(195);
