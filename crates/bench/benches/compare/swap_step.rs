//! W4: one step of a swap, both directions, exact in and exact out, half of them reaching the
//! target.

use alloy_primitives::aliases::U24;
use alloy_primitives::{I256, U160};
use tidemill_amm::concentrated::{
    FeeRule, StepBounds, StepResult, SwapAmount, sqrt_price_at_tick, swap_step,
};
use tidemill_units::{Amount, FeePips, Liquidity, Tick, U256};
use uniswap_v3_math::swap_math as math;
use uniswap_v3_sdk::utils as sdk;

use crate::harness::{Contestant, Row, Target, circle};
use crate::inputs::{COUNT, Random, to_i256, to_u160};

const FEES: [u32; 4] = [100, 500, 3_000, 10_000];
/// Far enough from the ends that amounts neither vanish nor overflow everywhere.
const WIDEST_TICK: i32 = 600_000;

/// A step in Tidemill's types.
#[derive(Clone, Copy, Debug)]
struct Step {
    bounds: StepBounds,
    remaining: SwapAmount,
    fee: FeeRule,
}

/// The same step in the types of the two published crates.
#[derive(Clone, Copy, Debug)]
struct SdkStep {
    current: U160,
    target: U160,
    liquidity: u128,
    remaining: I256,
    fee: U24,
}

#[derive(Clone, Copy, Debug)]
struct MathStep {
    current: U256,
    target: U256,
    liquidity: u128,
    remaining: I256,
    fee: u32,
}

pub(crate) fn steps() -> Result<Row, String> {
    let ours = inputs()?;
    let for_math: Vec<MathStep> = ours.iter().map(to_math).collect::<Result<_, _>>()?;
    let for_sdk: Vec<SdkStep> = ours.iter().zip(&for_math).map(to_sdk).collect();
    let notes = compare(&ours, &for_sdk, &for_math)?;
    Ok(Row {
        title: "swap step, mixed".to_owned(),
        target: Target::TimesFaster(3.0),
        operations: 1,
        contestants: vec![
            (Contestant::Tidemill, circle(ours, run_ours)),
            (Contestant::UniswapV3Sdk, circle(for_sdk, run_sdk)),
            (Contestant::UniswapV3Math, circle(for_math, run_math)),
        ],
        notes,
    })
}

fn run_ours(step: &Step) -> Option<StepResult> {
    swap_step(step.bounds, step.remaining, &step.fee).ok()
}

type Words = (U256, U256, U256, U256);

fn run_sdk(step: &SdkStep) -> Option<(U160, U256, U256, U256)> {
    let SdkStep { current, target, liquidity, remaining, fee } = *step;
    sdk::compute_swap_step(current, target, liquidity, remaining, fee).ok()
}

fn run_math(step: &MathStep) -> Option<Words> {
    let MathStep { current, target, liquidity, remaining, fee } = *step;
    math::compute_swap_step(current, target, liquidity, remaining, fee).ok()
}

fn to_math(step: &Step) -> Result<MathStep, String> {
    Ok(MathStep {
        current: step.bounds.current.to_x96(),
        target: step.bounds.target.to_x96(),
        liquidity: step.bounds.liquidity.0,
        remaining: to_i256(step.remaining)?,
        fee: step.fee.fee().0,
    })
}

fn to_sdk((step, for_math): (&Step, &MathStep)) -> SdkStep {
    SdkStep {
        current: to_u160(step.bounds.current),
        target: to_u160(step.bounds.target),
        liquidity: for_math.liquidity,
        remaining: for_math.remaining,
        fee: U24::from(for_math.fee),
    }
}

/// Every step equals `uniswap_v3_math`'s. Of the SDK's, the split between input and fee may differ
/// where an exact input stops short, for it follows Uniswap v4 there; the sum may not.
fn compare(
    ours: &[Step],
    for_sdk: &[SdkStep],
    for_math: &[MathStep],
) -> Result<Vec<String>, String> {
    let mut other_split = 0;
    let mut reached = 0;
    for ((step, for_sdk), for_math) in ours.iter().zip(for_sdk).zip(for_math) {
        let mine = run_ours(step).ok_or_else(|| format!("refused: {step:?}"))?;
        let words = (mine.sqrt_price.to_x96(), mine.amount_in.0, mine.amount_out.0, mine.fee.0);
        if run_math(for_math) != Some(words) {
            return Err(format!("{step:?}: {words:?}, {:?}", run_math(for_math)));
        }
        let theirs =
            run_sdk(for_sdk).map(|(price, paid, out, fee)| (U256::from(price), paid, out, fee));
        reached += usize::from(mine.sqrt_price == step.bounds.target);
        if theirs == Some(words) {
            continue;
        }
        other_split += 1;
        let (price, paid, out, fee) = words;
        let same_sum = theirs.is_some_and(|(their_price, their_paid, their_out, their_fee)| {
            (price, paid + fee, out) == (their_price, their_paid + their_fee, their_out)
        });
        let short_exact_in = matches!(step.remaining, SwapAmount::ExactIn(_))
            && mine.sqrt_price != step.bounds.target;
        if !(same_sum && short_exact_in) {
            return Err(format!("{step:?}: {words:?}, {theirs:?}"));
        }
    }
    Ok(vec![format!(
        "{reached} of {} steps reach the target; uniswap-v3-sdk splits input and fee by Uniswap \
         v4's rule in {other_split}",
        ours.len(),
    )])
}

fn inputs() -> Result<Vec<Step>, String> {
    let mut random = Random::seeded(4);
    let mut steps = Vec::with_capacity(COUNT);
    while steps.len() < COUNT {
        if let Some(step) = input(&mut random) {
            steps.push(step);
        }
    }
    Ok(steps)
}

/// A random step, or `None` where there is nothing to swap.
fn input(random: &mut Random) -> Option<Step> {
    let tick = random.between(-WIDEST_TICK, WIDEST_TICK);
    let distance = random.between(1, 2_000);
    let target = if random.chance() { tick - distance } else { tick + distance };
    let bits = random.between(60, 100).unsigned_abs();
    let bounds = StepBounds {
        current: sqrt_price_at_tick(Tick(tick))?,
        target: sqrt_price_at_tick(Tick(target))?,
        liquidity: Liquidity(1 << bits | u128::from(random.word()) << (bits - 60) >> 4),
    };
    let fee = FeeRule::new(FeePips(FEES[random.below(4) as usize]))?;
    let is_exact_in = random.chance();
    let whole = Amount(U256::ONE << 250);
    let whole = if is_exact_in { SwapAmount::ExactIn(whole) } else { SwapAmount::ExactOut(whole) };
    let whole = swap_step(bounds, whole, &fee).ok()?;
    let share = U256::from(random.between(1, 2_048));
    let part = |amount: U256| Amount((amount * share) >> 10);
    let remaining = if is_exact_in {
        SwapAmount::ExactIn(part(whole.amount_in.0 + whole.fee.0))
    } else {
        SwapAmount::ExactOut(part(whole.amount_out.0))
    };
    let (SwapAmount::ExactIn(amount) | SwapAmount::ExactOut(amount)) = remaining;
    (!amount.is_zero()).then_some(Step { bounds, remaining, fee })
}
