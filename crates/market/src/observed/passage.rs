//! A recorded swap as a way over buckets, and what executing it again says of its fees.

use tidemill_amm::concentrated::{
    FeeRule, PriceSpan, Rounding, StepBounds, StepResult, SwapAmount, SwapStep, amount0_delta,
    amount1_delta, swap_step,
};
use tidemill_units::{Amount, FeeGrowth, Liquidity, Side, SqrtPrice, Tick, U256, mul_div};

use super::bounds::GrowthBounds;
use super::curve::Bucket;

/// The part of a swap's way that lies in one bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) bucket: Bucket,
    /// The prices where it begins and ends, in the swap's direction.
    pub(super) from: SqrtPrice,
    pub(super) to: SqrtPrice,
    /// Liquidity, the least and the most it can be.
    pub(super) liquidity: [u128; 2],
    /// What is where it ends.
    pub(super) ending: Ending,
}

/// What is at the end of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// A tick where every swap stops to look: an initialized one, or the end of a bitmap word.
    Stop,
    /// Nothing: the pool's step goes on through it.
    Free,
    /// One or the other: the tick is not known to be initialized, and nothing says it is not.
    Open,
}

/// A pool's terms, for one input token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) fee: FeeRule,
    /// One n-th of the fees goes to the protocol; 0 is none.
    pub(super) protocol_share: u8,
}

/// A recorded swap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded {
    pub(super) input: Side,
    pub(super) paid: Amount,
    pub(super) received: Amount,
    pub(super) after: SqrtPrice,
    /// A price beyond that one, in the swap's direction.
    pub(super) beyond: SqrtPrice,
}

/// A swap on its way.
pub(super) struct Passage<'a> {
    pub(super) terms: Terms,
    pub(super) recorded: Recorded,
    pub(super) stretches: &'a [Stretch],
}

/// What a swap's fees were, stretch by stretch.
#[derive(Clone, Debug, Default)]
pub(super) struct Earned {
    /// In all, without the protocol's part.
    pub(super) growth: GrowthBounds,
    pub(super) by_stretch: Vec<GrowthBounds>,
    /// The fee paid in all, the protocol's part included.
    pub(super) fee: Amount,
}

/// Of each open end of a stretch, whether it is a stop, where that became known.
pub(super) type Learnt = Vec<(Bucket, Option<bool>)>;

/// Why a swap was not executed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotExecuted {
    /// So many ends are open that not all ways to read them are tried.
    TooManyReadings,
    /// No way to read them gives the recorded amounts and price.
    Contradiction,
}

/// More than one swap pays, so that a step only ends at its target.
const UNLIMITED: SwapAmount =
    SwapAmount::ExactIn(Amount(U256::from_limbs([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1])));

/// 2^128.
pub(super) const Q128: U256 = U256::from_limbs([0, 0, 1, 0]);

/// How many ends of stretches may be open before all ways to read them are too many to try.
const MOST_OPEN: usize = 6;

impl Terms {
    /// Returns what a fee leaves to the providers.
    fn after_protocol(&self, fee: Amount) -> Amount {
        let part = fee.0.checked_div(U256::from(self.protocol_share)).unwrap_or(U256::ZERO);
        Amount(fee.0.saturating_sub(part))
    }

    /// Returns what a fee adds to the growth of liquidity; nothing where there is none.
    pub(super) fn growth(&self, fee: Amount, liquidity: u128) -> Option<FeeGrowth> {
        if liquidity == 0 {
            return Some(FeeGrowth::ZERO);
        }
        let fee = self.after_protocol(fee);
        mul_div(fee.0, Q128, U256::from(liquidity)).map(FeeGrowth)
    }
}

/// Which ends of stretches a reading takes for stops: all that are, and of the open ones those
/// whose bit is set.
#[derive(Clone, Copy)]
struct Reading {
    open: u32,
}

impl Passage<'_> {
    /// Executes the swap again with the liquidity known everywhere on its way. Every way to read
    /// the open ends is tried; what the record admits is joined.
    ///
    /// Returns the fees, and of each open end whether it is a stop in all such readings
    /// (`Some(true)`), in none (`Some(false)`), or in some.
    pub(super) fn execute(&self) -> Result<(Earned, Learnt), NotExecuted> {
        let open: Vec<&Stretch> =
            self.stretches.iter().filter(|stretch| stretch.ending == Ending::Open).collect();
        if open.len() > MOST_OPEN {
            return Err(NotExecuted::TooManyReadings);
        }
        let readings = u32::try_from(open.len()).ok().and_then(|count| 1_u32.checked_shl(count));
        let readings = readings.ok_or(NotExecuted::TooManyReadings)?;
        let mut joined: Option<Earned> = None;
        let (mut in_all, mut in_some) = (u32::MAX, 0_u32);
        for bits in 0..readings {
            let Some(earned) = self.walk(Reading { open: bits }) else { continue };
            in_all &= bits;
            in_some |= bits;
            match &mut joined {
                None => joined = Some(earned),
                Some(joined) => joined.join(&earned),
            }
        }
        let learnt = open.iter().zip(0_u32..).map(|(stretch, place)| {
            let is_in = |bits: u32| bits.checked_shr(place).is_some_and(|bits| bits & 1 == 1);
            let is_stop = match (is_in(in_all), is_in(in_some)) {
                (true, _) => Some(true),
                (false, false) => Some(false),
                (false, true) => None,
            };
            (self.end_tick(stretch), is_stop)
        });
        let learnt = learnt.collect();
        joined.map(|earned| (earned, learnt)).ok_or(NotExecuted::Contradiction)
    }

    /// The tick where a stretch ends, over the spacing.
    fn end_tick(&self, stretch: &Stretch) -> Bucket {
        match self.recorded.input {
            Side::Token0 => stretch.bucket,
            Side::Token1 => stretch.bucket.saturating_add(1),
        }
    }

    fn walk(&self, reading: Reading) -> Option<Earned> {
        let mut left = self.recorded;
        let mut earned = Earned::default();
        let mut open = 0_u32;
        let mut run_starts = 0_usize;
        for (index, stretch) in self.stretches.iter().enumerate() {
            let is_last = index.checked_add(1) == Some(self.stretches.len());
            let is_stop = match stretch.ending {
                Ending::Stop => true,
                Ending::Free => false,
                Ending::Open => {
                    let bit = reading.open.checked_shr(open).is_some_and(|bits| bits & 1 == 1);
                    open = open.saturating_add(1);
                    bit
                }
            };
            if !is_stop && !is_last {
                continue;
            }
            let run = self.stretches.get(run_starts..=index)?;
            run_starts = index.saturating_add(1);
            let step = if is_last {
                self.last_step(&left, run.first()?)?
            } else {
                let step = self.whole_step(run.first()?.from, stretch.to, stretch.liquidity)?;
                left.paid = left.paid.checked_sub(step.amount_in.checked_add(step.fee)?)?;
                left.received = left.received.checked_sub(step.amount_out)?;
                step
            };
            self.book(run, &step, &mut earned)?;
        }
        Some(earned)
    }

    /// Works out a step over a span that is known to be gone all the way.
    pub(super) fn whole_step(
        &self,
        from: SqrtPrice,
        to: SqrtPrice,
        [liquidity, _]: [u128; 2],
    ) -> Option<StepResult> {
        let bounds = StepBounds { current: from, target: to, liquidity: Liquidity(liquidity) };
        swap_step(bounds, UNLIMITED, &self.terms.fee).ok()
    }

    /// Finds the call that ends the swap where it ended, with all that is left.
    fn last_step(&self, left: &Recorded, run: &Stretch) -> Option<StepResult> {
        let [liquidity, _] = run.liquidity;
        let step = |target: SqrtPrice, amount: SwapAmount| {
            let bounds = StepBounds { current: run.from, target, liquidity: Liquidity(liquidity) };
            let step = swap_step(bounds, amount, &self.terms.fee).ok()?;
            let is_it = step.sqrt_price == left.after
                && step.amount_in.checked_add(step.fee) == Some(left.paid)
                && step.amount_out == left.received;
            is_it.then_some(step)
        };
        step(left.beyond, SwapAmount::ExactIn(left.paid))
            .or_else(|| step(left.beyond, SwapAmount::ExactOut(left.received)))
            .or_else(|| step(left.after, UNLIMITED))
    }

    /// Divides a step's fee between the buckets that it went through.
    fn book(&self, run: &[Stretch], step: &StepResult, earned: &mut Earned) -> Option<()> {
        let (first, last) = (run.first()?, run.last()?);
        let [liquidity, _] = first.liquidity;
        let growth = self.terms.growth(step.fee, liquidity)?;
        earned.fee = earned.fee.checked_add(step.fee)?;
        earned.growth.add(&GrowthBounds::exact(growth));
        let whole = SwapStep {
            input: self.recorded.input,
            sqrt_price: [first.from, last.to],
            tick: [Tick(0), Tick(0)],
            liquidity: Liquidity(liquidity),
            fee_growth: [FeeGrowth::ZERO, growth],
        };
        let mut before = FeeGrowth::ZERO;
        for (index, stretch) in run.iter().enumerate() {
            let is_last = index.checked_add(1) == Some(run.len());
            let until = if is_last { growth } else { whole.fee_growth_at(stretch.to) };
            earned.by_stretch.push(GrowthBounds::exact(until.wrapping_sub(before)));
            before = until;
        }
        Some(())
    }

    /// Returns the token paid in over a span, or with `other` the one paid out.
    pub(super) fn amount_over(
        side: Side,
        [from, to]: [SqrtPrice; 2],
        liquidity: u128,
        rounding: Rounding,
    ) -> Option<U256> {
        let (span, liquidity) = (PriceSpan::between(from, to), Liquidity(liquidity));
        let amount = match side {
            Side::Token0 => amount0_delta(span, liquidity, rounding).ok()?,
            Side::Token1 => amount1_delta(span, liquidity, rounding),
        };
        Some(amount.0)
    }
}

impl Earned {
    fn join(&mut self, other: &Self) {
        self.growth.join(&other.growth);
        self.fee = self.fee.max(other.fee);
        for (mine, others) in self.by_stretch.iter_mut().zip(&other.by_stretch) {
            mine.join(others);
        }
    }
}
