use tidemill_units::{Amount, U256, div_limbs, mul_div, mul_div_rounding_up, mul_limbs, mul_wide};

/// One, in the last of 18 decimals.
const SCALE: u64 = 1_000_000_000_000_000_000;
const HALF: u64 = SCALE / 2;
const SCALE_WORD: U256 = U256::from_limbs([SCALE, 0, 0, 0]);
/// 10^36 in two limbs: a division with it leaves 18 digits more than are kept.
const SQUARED: [u64; 2] = [0xb34b_9f10_0000_0000, 0x00c0_97ce_7bc9_0715];

/// A number of 18 decimals, zero or above, as a count of its last decimal: what the Cosmos SDK's
/// `LegacyDec` is, up to 2^256 - 1 of them (1.15e59).
///
/// Source: cosmos-sdk `math/legacy_dec.go`. The SDK goes on to 2^256 * 10^18.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(pub U256);

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self(U256::ZERO);
    /// One.
    pub const ONE: Self = Self(SCALE_WORD);

    /// Returns a whole number as a decimal, or `None` past the largest.
    pub fn from_amount(amount: Amount) -> Option<Self> {
        amount.0.checked_mul(SCALE_WORD).map(Self)
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Returns the sum, or `None` past the largest decimal.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Returns the difference, or `None` below zero.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Returns the whole part (`TruncateInt`): rounded down.
    pub fn whole(self) -> Amount {
        Amount(self.0.checked_div(SCALE_WORD).unwrap_or_default())
    }

    /// Returns what [`whole`](Self::whole) leaves (`TruncateDecimal`).
    pub fn fraction(self) -> Self {
        Self(self.0.checked_rem(SCALE_WORD).unwrap_or_default())
    }

    /// Returns the product rounded down (`MulTruncate`), or `None` past the largest.
    pub fn mul_truncate(self, other: Self) -> Option<Self> {
        mul_div(self.0, other.0, SCALE_WORD).map(Self)
    }

    /// Returns the product rounded to the nearest, halves to even (`Mul`), or `None` past the
    /// largest.
    pub fn mul_half_even(self, other: Self) -> Option<Self> {
        chop_half_even(&mul_wide(self.0, other.0))
    }

    /// Returns this many of a whole number, rounded down to a whole one (`MulInt` and
    /// `TruncateInt`), or `None` past 2^256 - 1.
    pub fn of_amount(self, amount: Amount) -> Option<Amount> {
        mul_div(self.0, amount.0, SCALE_WORD).map(Amount)
    }

    /// Returns the quotient by a whole number, rounded down (`QuoTruncate`, `QuoInt`), or `None`
    /// where that is zero.
    pub fn div_amount(self, divisor: Amount) -> Option<Self> {
        self.0.checked_div(divisor.0).map(Self)
    }

    /// Returns `part / whole` rounded down, or `None` where the whole is zero or the quotient too
    /// large (`QuoTruncate` of two whole numbers).
    pub fn ratio_truncate(part: Amount, whole: Amount) -> Option<Self> {
        mul_div(part.0, SCALE_WORD, whole.0).map(Self)
    }

    /// Returns `part / whole` rounded up (`QuoRoundUp` of two whole numbers), as
    /// [`ratio_truncate`](Self::ratio_truncate) else.
    pub fn ratio_rounding_up(part: Amount, whole: Amount) -> Option<Self> {
        mul_div_rounding_up(part.0, SCALE_WORD, whole.0).map(Self)
    }

    /// Returns `part / whole` rounded to the nearest, halves to even (`Quo` of two whole numbers),
    /// as [`ratio_truncate`](Self::ratio_truncate) else.
    pub fn ratio_half_even(part: Amount, whole: Amount) -> Option<Self> {
        let numerator: [u64; 6] = mul_limbs(part.0.as_limbs(), &SQUARED);
        chop_half_even(&div_limbs(numerator, whole.0.as_limbs())?.whole)
    }

    /// Returns `self * amount / whole` rounded down (`MulInt`, then `QuoTruncate`), or `None`
    /// where the whole is zero or the quotient too large.
    pub fn share_truncate(self, amount: Amount, whole: Self) -> Option<Self> {
        let product = mul_wide(self.0, amount.0);
        let numerator: [u64; 9] = mul_limbs(&product, &[SCALE]);
        div_limbs(numerator, whole.0.as_limbs())?.floor().map(Self)
    }

    /// Returns `self * amount / whole` rounded down at 36 decimals, then to the nearest of 18,
    /// halves to even (`MulInt`, then `Quo`), as [`share_truncate`](Self::share_truncate) else.
    pub fn share_half_even(self, amount: Amount, whole: Self) -> Option<Self> {
        let product = mul_wide(self.0, amount.0);
        let numerator: [u64; 10] = mul_limbs(&product, &SQUARED);
        chop_half_even(&div_limbs(numerator, whole.0.as_limbs())?.whole)
    }
}

/// Source: `chopPrecisionAndRound`, banker's rounding.
fn chop_half_even<const N: usize>(limbs: &[u64; N]) -> Option<Decimal> {
    let whole = div_limbs(*limbs, &[SCALE])?.floor()?;
    // The remainder is below 10^18, so the lowest limbs alone tell it.
    let low = whole.as_limbs().first().copied().unwrap_or_default();
    let remainder =
        limbs.first().copied().unwrap_or_default().wrapping_sub(low.wrapping_mul(SCALE));
    let is_up = remainder > HALF || (remainder == HALF && whole.bit(0));
    if is_up { whole.checked_add(U256::ONE).map(Decimal) } else { Some(Decimal(whole)) }
}
