//! One step of a swap: within a stretch of constant liquidity (v3-core 1.0.1 `SwapMath.sol`).

use tidemill_units::{Amount, FeePips, LimbDivisor, Liquidity, Side, SqrtPrice, mul_limbs};

use super::PoolError;
use super::sqrt_price_math::{
    PriceSpan, Rounding, amount0_delta, amount1_delta, is_below, is_short_of_token0,
    price_after_token0_in, price_after_token0_out, price_after_token1_in, price_after_token1_out,
};

/// What a swap fixes: the amount paid in, fee included, or the amount received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapAmount {
    /// Exactly this much is paid in, or less where the price limit stops the swap.
    ExactIn(Amount),
    /// Exactly this much is received, or less where the price limit stops the swap.
    ExactOut(Amount),
}

/// A pool's fee with the reciprocals that dividing by it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeRule {
    fee: FeePips,
    kept: u64,
    per_kept: LimbDivisor,
}

/// Where a step starts and how far it may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepBounds {
    /// The price before.
    pub current: SqrtPrice,
    /// The price that the step may reach but not pass; on the side of the swap's direction.
    pub target: SqrtPrice,
    /// Liquidity between the two.
    pub liquidity: Liquidity,
}

/// What a step did, in raw token units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepResult {
    /// The price after.
    pub sqrt_price: SqrtPrice,
    /// Paid in without the fee, rounded up.
    pub amount_in: Amount,
    /// Paid out, rounded down.
    pub amount_out: Amount,
    /// The fee, paid in the input token on top of `amount_in`, rounded up.
    pub fee: Amount,
}

impl StepBounds {
    /// Whether the target is reached for nothing: it is where the price is, or nobody is in
    /// between.
    #[inline(always)]
    fn is_idle(&self) -> bool {
        self.liquidity.is_zero() || self.current == self.target
    }
}

impl StepResult {
    fn idle(sqrt_price: SqrtPrice) -> Self {
        let zero = Amount::ZERO;
        Self { sqrt_price, amount_in: zero, amount_out: zero, fee: zero }
    }
}

impl FeeRule {
    const PER_MILLION: LimbDivisor = match LimbDivisor::new(1_000_000) {
        Some(divisor) => divisor,
        None => panic!("a million is not zero"),
    };

    /// Prepares a fee; `None` from 1,000,000 pips on, which no factory enables.
    pub fn new(fee: FeePips) -> Option<Self> {
        let kept = u64::from(FeePips::ONE.0.checked_sub(fee.0)?);
        LimbDivisor::new(kept).map(|per_kept| Self { fee, kept, per_kept })
    }

    /// Prepares a fee that may be all of the input, as Uniswap v4's may; `None` above that.
    pub(super) fn up_to_whole(fee: FeePips) -> Option<Self> {
        if fee == FeePips::ONE {
            // Nothing is kept to divide by: no input has a price then, and none is divided.
            return LimbDivisor::new(1).map(|per_kept| Self { fee, kept: 0, per_kept });
        }
        Self::new(fee)
    }

    /// Returns the fee.
    pub fn fee(&self) -> FeePips {
        self.fee
    }

    /// Returns `floor(amount * (1e6 - fee) / 1e6)`.
    #[inline(always)]
    fn less_fee(&self, amount: Amount) -> Result<Amount, PoolError> {
        let quotient = Self::PER_MILLION.mul_div(amount.0, self.kept);
        quotient.floor().map(Amount).ok_or(PoolError::OutOfRange)
    }

    /// Whether `floor(amount * (1e6 - fee) / 1e6) >= needed`, decided without dividing: the floor
    /// of a ratio reaches an integer when the ratio does.
    #[inline(always)]
    fn covers(&self, amount: Amount, needed: Amount) -> bool {
        let kept: [u64; 5] = mul_limbs(amount.0.as_limbs(), &[self.kept]);
        let needed: [u64; 5] = mul_limbs(needed.0.as_limbs(), &[1_000_000]);
        !is_below(&kept, &needed)
    }

    /// Returns `ceil(amount_in * fee / (1e6 - fee))`.
    #[inline(always)]
    fn on_top(&self, amount_in: Amount) -> Result<Amount, PoolError> {
        let quotient = self.per_kept.mul_div(amount_in.0, u64::from(self.fee.0));
        quotient.ceil().map(Amount).ok_or(PoolError::OutOfRange)
    }

    /// Returns `ceil(amount * fee / 1e6)`, the fee of a flash loan.
    pub(super) fn on_loan(&self, amount: Amount) -> Result<Amount, PoolError> {
        let quotient = Self::PER_MILLION.mul_div(amount.0, u64::from(self.fee.0));
        quotient.ceil().map(Amount).ok_or(PoolError::OutOfRange)
    }
}

/// Moves the price from `current` towards `target` as far as `remaining` reaches
/// (`SwapMath.computeSwapStep`). The direction is that of the target; equal prices count as
/// token0 coming in, as in the contract.
///
/// Errors with [`PoolError::OutOfRange`] where the contract reverts on a price or amount that
/// leaves its type.
#[inline]
pub fn swap_step(
    bounds: StepBounds,
    remaining: SwapAmount,
    fee: &FeeRule,
) -> Result<StepResult, PoolError> {
    let input = if bounds.current >= bounds.target { Side::Token0 } else { Side::Token1 };
    match remaining {
        SwapAmount::ExactIn(amount) => step_exact_in::<false>(bounds, input, amount, fee),
        SwapAmount::ExactOut(amount) => step_exact_out(bounds, input, amount, fee),
    }
}

/// A step of an exact input. With `SPENDS_BUDGET`, as in Uniswap v4, an input that stops short is
/// spent up to the fee; without, as in v3, what the move of the price does not need is fee too.
#[inline(always)]
pub(super) fn step_exact_in<const SPENDS_BUDGET: bool>(
    bounds: StepBounds,
    input: Side,
    remaining: Amount,
    fee: &FeeRule,
) -> Result<StepResult, PoolError> {
    let StepBounds { current, target, liquidity } = bounds;
    if bounds.is_idle() {
        return Ok(StepResult::idle(target));
    }
    let whole = PriceSpan::towards(input, current, target);
    // A small swap in a wide stretch is known to stop short without working the stretch out.
    let is_short = input == Side::Token0 && is_short_of_token0(whole, liquidity, remaining);
    let needed = if is_short { None } else { Some(input_over(whole, liquidity, input)?) };
    if let Some(amount_in) = needed.filter(|needed| fee.covers(remaining, *needed)) {
        let amount_out = output_over(whole, liquidity, input)?;
        let fee = fee.on_top(amount_in)?;
        return Ok(StepResult { sqrt_price: target, amount_in, amount_out, fee });
    }
    let budget = fee.less_fee(remaining)?;
    let sqrt_price = match input {
        Side::Token0 => price_after_token0_in(current, liquidity, budget)?,
        Side::Token1 => price_after_token1_in(current, liquidity, budget)?,
    };
    let span = PriceSpan::towards(input, current, sqrt_price);
    let amount_in = if SPENDS_BUDGET { budget } else { input_over(span, liquidity, input)? };
    let amount_out = output_over(span, liquidity, input)?;
    // Short of the target, all that is left is taken: what the move does not need is fee.
    let fee = remaining.checked_sub(amount_in).ok_or(PoolError::OutOfRange)?;
    Ok(StepResult { sqrt_price, amount_in, amount_out, fee })
}

/// What moving over a span takes in, rounded up.
#[inline(always)]
fn input_over(span: PriceSpan, liquidity: Liquidity, input: Side) -> Result<Amount, PoolError> {
    match input {
        Side::Token0 => amount0_delta(span, liquidity, Rounding::Up),
        Side::Token1 => Ok(amount1_delta(span, liquidity, Rounding::Up)),
    }
}

/// What moving over a span pays out, rounded down.
#[inline(always)]
fn output_over(span: PriceSpan, liquidity: Liquidity, input: Side) -> Result<Amount, PoolError> {
    match input {
        Side::Token0 => Ok(amount1_delta(span, liquidity, Rounding::Down)),
        Side::Token1 => amount0_delta(span, liquidity, Rounding::Down),
    }
}

#[inline(always)]
pub(super) fn step_exact_out(
    bounds: StepBounds,
    input: Side,
    remaining: Amount,
    fee: &FeeRule,
) -> Result<StepResult, PoolError> {
    let StepBounds { current, target, liquidity } = bounds;
    if bounds.is_idle() {
        return Ok(StepResult::idle(target));
    }
    let whole = PriceSpan::towards(input, current, target);
    let is_short = input == Side::Token1 && is_short_of_token0(whole, liquidity, remaining);
    let available = if is_short { None } else { Some(output_over(whole, liquidity, input)?) };
    let (sqrt_price, amount_out) = match available.filter(|available| remaining >= *available) {
        Some(available) => (target, available),
        // The price is rounded in the pool's favour, so that the output over the span is at least
        // what was asked for, and the contract caps it there.
        None => match input {
            Side::Token0 => (price_after_token1_out(current, liquidity, remaining)?, remaining),
            Side::Token1 => (price_after_token0_out(current, liquidity, remaining)?, remaining),
        },
    };
    let span = PriceSpan::towards(input, current, sqrt_price);
    let amount_in = input_over(span, liquidity, input)?;
    Ok(StepResult { sqrt_price, amount_in, amount_out, fee: fee.on_top(amount_in)? })
}
