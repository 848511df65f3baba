//! Amounts between prices and prices after amounts (v3-core 1.0.1 `libraries/SqrtPriceMath.sol`).
//!
//! The contract rounds twice where it divides twice; since `ceil(ceil(x / b) / a) = ceil(x / ab)`,
//! and the same for `floor`, one division by the product gives the same integer.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "limb shifts by constants on widths that the types bound"
)]

use tidemill_units::{
    Amount, Liquidity, Quotient, Side, SqrtPrice, U256, div_limbs, div_rounding_up, mul_limbs,
    narrow,
};

use super::PoolError;

/// The bounds of a price move, whichever way it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceSpan {
    low: SqrtPrice,
    high: SqrtPrice,
}

/// In whose favour an amount is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Down: for what the pool pays out.
    Down,
    /// Up: for what the pool is paid.
    Up,
}

impl PriceSpan {
    /// Returns the span between two prices in either order.
    #[inline(always)]
    pub fn between(one: SqrtPrice, other: SqrtPrice) -> Self {
        if one <= other { Self { low: one, high: other } } else { Self { low: other, high: one } }
    }

    /// Returns the span from a price to one in the direction in which `input` moves it.
    #[inline(always)]
    pub(super) fn towards(input: Side, from: SqrtPrice, to: SqrtPrice) -> Self {
        match input {
            Side::Token0 => Self { low: to, high: from },
            Side::Token1 => Self { low: from, high: to },
        }
    }

    #[inline(always)]
    fn width(self) -> [u64; 3] {
        // `between` ordered the bounds, so nothing wraps.
        price_limbs(self.high.to_x96().wrapping_sub(self.low.to_x96()))
    }
}

#[inline(always)]
pub(super) fn price_limbs(price: U256) -> [u64; 3] {
    let [a, b, c, _] = price.into_limbs();
    [a, b, c]
}

#[inline(always)]
pub(super) fn liquidity_limbs(liquidity: Liquidity) -> [u64; 2] {
    [liquidity.0 as u64, (liquidity.0 >> 64) as u64]
}

/// Returns `limbs * 2^96` in two limbs more; `P` must be that.
#[inline(always)]
fn shift_96<const N: usize, const P: usize>(limbs: [u64; N]) -> [u64; P] {
    const { assert!(P == N + 2, "96 bits are one and a half limbs") };
    let at = |i: usize| if i < N { limbs[i] } else { 0 };
    std::array::from_fn(|i| match i {
        0 => 0,
        1 => at(0) << 32,
        _ => at(i - 2) >> 32 | at(i - 1) << 32,
    })
}

/// Returns the low limbs of a price below 2^128, as those of most pools are; others take
/// a slower path.
#[inline(always)]
fn narrow_price(price: SqrtPrice) -> Option<[u64; 2]> {
    let [a, b, c, _] = price.to_x96().into_limbs();
    (c == 0).then_some([a, b])
}

/// Returns the token0 that liquidity holds over a span, `L * 2^96 * (high - low) / (high * low)`.
///
/// Refuses a low price of zero, as the contract does.
#[inline(always)]
pub fn amount0_delta(
    span: PriceSpan,
    liquidity: Liquidity,
    rounding: Rounding,
) -> Result<Amount, PoolError> {
    let Some(high) = narrow_price(span.high) else {
        return amount0_delta_wide(span, liquidity, rounding);
    };
    let [low0, low1, _] = price_limbs(span.low.to_x96());
    let [width0, width1, _] = span.width();
    let width: [u64; 4] = mul_limbs(&[width0, width1], &liquidity_limbs(liquidity));
    let product: [u64; 4] = mul_limbs(&high, &[low0, low1]);
    let numerator: [u64; 6] = shift_96(width);
    round(&div_limbs(numerator, &product).ok_or(PoolError::OutOfRange)?, rounding)
}

#[cold]
fn amount0_delta_wide(
    span: PriceSpan,
    liquidity: Liquidity,
    rounding: Rounding,
) -> Result<Amount, PoolError> {
    let width: [u64; 5] = mul_limbs(&span.width(), &liquidity_limbs(liquidity));
    let product: [u64; 6] =
        mul_limbs(&price_limbs(span.high.to_x96()), &price_limbs(span.low.to_x96()));
    let [a, b, c, d, e, _] = product;
    let numerator: [u64; 7] = shift_96(width);
    round(&div_limbs(numerator, &[a, b, c, d, e]).ok_or(PoolError::OutOfRange)?, rounding)
}

#[inline(always)]
fn round<const N: usize>(quotient: &Quotient<N>, rounding: Rounding) -> Result<Amount, PoolError> {
    let rounded = match rounding {
        Rounding::Down => quotient.floor(),
        Rounding::Up => quotient.ceil(),
    };
    rounded.map(Amount).ok_or(PoolError::OutOfRange)
}

/// Returns the token1 that liquidity holds over a span, `L * (high - low) / 2^96`.
#[inline(always)]
pub fn amount1_delta(span: PriceSpan, liquidity: Liquidity, rounding: Rounding) -> Amount {
    let [a, b, c, d, e]: [u64; 5] = mul_limbs(&span.width(), &liquidity_limbs(liquidity));
    let whole = [b >> 32 | c << 32, c >> 32 | d << 32, d >> 32 | e << 32, e >> 32];
    let inexact = a != 0 || b as u32 != 0;
    // At most 2^192, so one more fits.
    let up = u64::from(rounding == Rounding::Up && inexact);
    Amount(U256::from_limbs(whole).wrapping_add(U256::from_limbs([up, 0, 0, 0])))
}

/// Returns the price after `amount` of token0 is added, rounded up; the liquidity is not zero.
#[inline(always)]
pub(super) fn price_after_token0_in(
    price: SqrtPrice,
    liquidity: Liquidity,
    amount: Amount,
) -> Result<SqrtPrice, PoolError> {
    if amount.is_zero() {
        return Ok(price);
    }
    let numerator: U256 = U256::from(liquidity.0) << 96;
    let denominator = product(amount, price).and_then(|product| numerator.checked_add(product));
    let next = match denominator {
        Some(denominator) => quotient_of_liquidity(liquidity, price, denominator),
        None => price_after_too_much_token0(price, numerator, amount),
    };
    next.and_then(SqrtPrice::from_x96).ok_or(PoolError::OutOfRange)
}

/// The contract's other formula, for amounts whose product with the price passes 256 bits.
#[cold]
fn price_after_too_much_token0(price: SqrtPrice, numerator: U256, amount: Amount) -> Option<U256> {
    let quotient = numerator.checked_div(price.to_x96())?;
    div_rounding_up(numerator, quotient.checked_add(amount.0)?)
}

/// Returns `amount * price`, or `None` past 2^256 - 1.
#[inline(always)]
fn product(amount: Amount, price: SqrtPrice) -> Option<U256> {
    if let ([amount0, amount1, 0, 0], Some(price)) = (amount.0.into_limbs(), narrow_price(price)) {
        return Some(U256::from_limbs(mul_limbs(&[amount0, amount1], &price)));
    }
    wide_product(amount, price)
}

#[cold]
fn wide_product(amount: Amount, price: SqrtPrice) -> Option<U256> {
    amount.0.checked_mul(price.to_x96())
}

/// Returns `ceil(L * 2^96 * price / denominator)`.
#[inline(always)]
fn quotient_of_liquidity(
    liquidity: Liquidity,
    price: SqrtPrice,
    denominator: U256,
) -> Option<U256> {
    if let Some(price) = narrow_price(price) {
        let product: [u64; 4] = mul_limbs(&price, &liquidity_limbs(liquidity));
        let numerator: [u64; 6] = shift_96(product);
        return div_limbs(numerator, denominator.as_limbs())?.ceil();
    }
    let product: [u64; 5] = mul_limbs(&price_limbs(price.to_x96()), &liquidity_limbs(liquidity));
    let numerator: [u64; 7] = shift_96(product);
    div_limbs(numerator, denominator.as_limbs())?.ceil()
}

/// Returns the price after `amount` of token0 is taken out, rounded up.
#[inline(always)]
pub(super) fn price_after_token0_out(
    price: SqrtPrice,
    liquidity: Liquidity,
    amount: Amount,
) -> Result<SqrtPrice, PoolError> {
    if amount.is_zero() {
        return Ok(price);
    }
    let numerator: U256 = U256::from(liquidity.0) << 96;
    let product = product(amount, price).ok_or(PoolError::OutOfRange)?;
    let denominator = numerator.checked_sub(product).filter(|rest| !rest.is_zero());
    let denominator = denominator.ok_or(PoolError::OutOfRange)?;
    let next = quotient_of_liquidity(liquidity, price, denominator);
    next.and_then(SqrtPrice::from_x96).ok_or(PoolError::OutOfRange)
}

/// Returns the price after `amount` of token1 is added, rounded down; the liquidity is not zero.
#[inline(always)]
pub(super) fn price_after_token1_in(
    price: SqrtPrice,
    liquidity: Liquidity,
    amount: Amount,
) -> Result<SqrtPrice, PoolError> {
    let quotient = per_liquidity_96(amount, liquidity).and_then(|quotient| quotient.floor());
    let next = quotient.and_then(|quotient| price.to_x96().checked_add(quotient));
    next.and_then(SqrtPrice::from_x96).ok_or(PoolError::OutOfRange)
}

/// Returns the price after `amount` of token1 is taken out, rounded down.
#[inline(always)]
pub(super) fn price_after_token1_out(
    price: SqrtPrice,
    liquidity: Liquidity,
    amount: Amount,
) -> Result<SqrtPrice, PoolError> {
    let quotient = per_liquidity_96(amount, liquidity).and_then(|quotient| quotient.ceil());
    let next = quotient.and_then(|quotient| price.to_x96().checked_sub(quotient));
    let next = next.filter(|next| !next.is_zero()).and_then(SqrtPrice::from_x96);
    next.ok_or(PoolError::OutOfRange)
}

/// Returns `amount * 2^96 / L`; `None` for no liquidity.
#[inline(always)]
fn per_liquidity_96(amount: Amount, liquidity: Liquidity) -> Option<Quotient<6>> {
    div_limbs(shift_96(amount.0.into_limbs()), &liquidity_limbs(liquidity))
}

/// A number's leading 64 bits, rounded down: it lies in `mantissa * 2^exponent` to one mantissa
/// more.
struct Leading {
    mantissa: u64,
    exponent: u32,
}

impl Leading {
    /// Returns the leading bits of a number that is not zero.
    #[inline(always)]
    fn of(value: u128) -> Self {
        let shift = value.leading_zeros();
        Self { mantissa: (value << shift >> 64) as u64, exponent: 64_u32.wrapping_sub(shift) }
    }

    /// Returns the product, its mantissa rounded down and not shifted up again.
    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        let product = u128::from(self.mantissa) * u128::from(other.mantissa);
        let exponent = self.exponent.wrapping_add(other.exponent).wrapping_add(64);
        Self { mantissa: (product >> 64) as u64, exponent }
    }
}

/// Whether more than `amount` of token0 certainly lies in the span, that is
/// `(amount + 1) * high * low < L * 2^96 * (high - low)`, judged by leading bits: within one part
/// in 2^57 of the border the answer is no. Also no for prices and amounts from 2^128 on.
#[inline(always)]
pub(super) fn is_short_of_token0(span: PriceSpan, liquidity: Liquidity, amount: Amount) -> bool {
    let join = |low: u64, high: u64| u128::from(low) | u128::from(high) << 64;
    let [amount0, amount1, 0, 0] = amount.0.into_limbs() else { return false };
    let Some(amount) = join(amount0, amount1).checked_add(1) else { return false };
    let Some([high0, high1]) = narrow_price(span.high) else { return false };
    let [low0, low1, _] = price_limbs(span.low.to_x96());
    let [width0, width1, _] = span.width();
    let asked = Leading::of(amount).times(&Leading::of(join(high0, high1)));
    let asked = asked.times(&Leading::of(join(low0, low1)));
    let there = Leading::of(liquidity.0).times(&Leading::of(join(width0, width1)));
    // Exponents may be below zero and have wrapped; their difference has not.
    let apart = there.exponent.wrapping_add(96).wrapping_sub(asked.exponent) as i32;
    // Truncation took less than six from `asked`.
    let (asked, there) = (u128::from(asked.mantissa) + 8, u128::from(there.mantissa));
    match apart {
        0..=60 => asked < there << apart,
        -60..=-1 => asked << -apart < there,
        _ => apart > 0,
    }
}

/// Whether one number is below another: the borrow of their difference.
#[inline(always)]
pub(super) fn is_below<const N: usize>(one: &[u64; N], other: &[u64; N]) -> bool {
    one.iter().zip(other).fold(false, |borrow, (one, other)| {
        let (difference, first) = one.overflowing_sub(*other);
        first | difference.overflowing_sub(u64::from(borrow)).1
    })
}

/// Returns `floor(amount * 2^128 / liquidity)`, or `None` for no liquidity or past 256 bits.
#[inline(always)]
pub(super) fn growth_per_liquidity(amount: Amount, liquidity: Liquidity) -> Option<U256> {
    let [a, b, c, d] = amount.0.into_limbs();
    if c | d == 0 {
        return narrow(&div_limbs([0, 0, a, b], &liquidity_limbs(liquidity))?.whole);
    }
    narrow(&div_limbs([0, 0, a, b, c, d], &liquidity_limbs(liquidity))?.whole)
}
