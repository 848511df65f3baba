use tidemill_units::U256;

use super::CryptoSwapError;
use super::checked::Checked;

/// A signed number of 256 bits in two's complement, with both kinds of Vyper's maths: checked, and
/// the machine's own, which wraps and whose division by zero is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Int(U256);

impl Int {
    pub(super) const ZERO: Self = Self(U256::ZERO);

    pub(super) const fn from_limbs(limbs: [u64; 4]) -> Self {
        Self(U256::from_limbs(limbs))
    }

    pub(super) const fn small(value: u64) -> Self {
        Self::from_limbs([value, 0, 0, 0])
    }

    /// `convert(_, int256)`, which refuses 2^255 and more.
    pub(super) fn convert(value: U256) -> Checked<Self> {
        if value.bit(255) { Err(CryptoSwapError::Overflow) } else { Ok(Self(value)) }
    }

    /// `convert(_, uint256)`, which refuses what is below zero.
    pub(super) fn to_unsigned(self) -> Checked {
        if self.is_negative() { Err(CryptoSwapError::Overflow) } else { Ok(self.0) }
    }

    pub(super) fn is_negative(self) -> bool {
        self.0.bit(255)
    }

    pub(super) fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The distance from zero; of -2^255 it is 2^255.
    pub(super) fn magnitude(self) -> U256 {
        if self.is_negative() { self.0.wrapping_neg() } else { self.0 }
    }

    fn signed(magnitude: U256, is_negative: bool) -> Self {
        Self(if is_negative { magnitude.wrapping_neg() } else { magnitude })
    }

    fn fitting(magnitude: U256, is_negative: bool) -> Checked<Self> {
        let value = Self::signed(magnitude, is_negative);
        let fits = value.is_zero() || value.is_negative() == is_negative;
        if fits && value.magnitude() == magnitude {
            Ok(value)
        } else {
            Err(CryptoSwapError::Overflow)
        }
    }

    /// `abs`, which refuses -2^255.
    pub(super) fn abs(self) -> Checked<Self> {
        Self::convert(self.magnitude())
    }

    /// `-x`, which refuses -2^255.
    pub(super) fn neg(self) -> Checked<Self> {
        Self::ZERO.minus(self)
    }

    pub(super) fn plus(self, other: Self) -> Checked<Self> {
        let total = self.wrapping_plus(other);
        let overflows =
            self.is_negative() == other.is_negative() && total.is_negative() != self.is_negative();
        if overflows { Err(CryptoSwapError::Overflow) } else { Ok(total) }
    }

    pub(super) fn minus(self, other: Self) -> Checked<Self> {
        let rest = self.wrapping_minus(other);
        let overflows =
            self.is_negative() != other.is_negative() && rest.is_negative() != self.is_negative();
        if overflows { Err(CryptoSwapError::Overflow) } else { Ok(rest) }
    }

    pub(super) fn times(self, other: Self) -> Checked<Self> {
        let magnitude = self.magnitude().checked_mul(other.magnitude());
        let magnitude = magnitude.ok_or(CryptoSwapError::Overflow)?;
        Self::fitting(magnitude, self.is_negative() != other.is_negative())
    }

    /// Towards zero; refuses a divisor of zero, and -2^255 over -1.
    pub(super) fn over(self, divisor: Self) -> Checked<Self> {
        if divisor.is_zero() {
            return Err(CryptoSwapError::Overflow);
        }
        let magnitude = self.magnitude().wrapping_div(divisor.magnitude());
        Self::fitting(magnitude, self.is_negative() != divisor.is_negative())
    }

    pub(super) fn wrapping_plus(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    pub(super) fn wrapping_minus(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }

    pub(super) fn wrapping_times(self, other: Self) -> Self {
        Self(self.0.wrapping_mul(other.0))
    }

    /// The machine's signed division: towards zero, and zero for a divisor of zero.
    pub(super) fn machine_over(self, divisor: Self) -> Self {
        if divisor.is_zero() {
            return Self::ZERO;
        }
        let magnitude = self.magnitude().wrapping_div(divisor.magnitude());
        Self::signed(magnitude, self.is_negative() != divisor.is_negative())
    }

    /// The machine's signed shift to the right, by less than 256: rounds down.
    pub(super) fn shifted_down(self, places: usize) -> Self {
        let kept = if self.is_negative() { !self.0 } else { self.0 }.wrapping_shr(places);
        Self(if self.is_negative() { !kept } else { kept })
    }

    /// Whether above zero.
    pub(super) fn is_positive(self) -> bool {
        !self.is_zero() && !self.is_negative()
    }

    /// The bits, as two's complement.
    pub(super) fn bits(self) -> U256 {
        self.0
    }
}
