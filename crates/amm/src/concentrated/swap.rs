//! Swaps (v3-core 1.0.1 `UniswapV3Pool.swap`, and its kin's), in two halves: working one out, and
//! making it.

use tidemill_units::{
    Amount, FeeGrowth, Liquidity, Side, SignedAmount, SignedAmounts, SignedLiquidity, SqrtPrice,
    Tick, Timestamp,
};

use super::rules::{self, Fork, SwapRules};
use super::swap_step::{StepBounds, StepResult, SwapAmount, step_exact_in, step_exact_out};
use super::tick_math::tick_at_valid_price;
use super::tick_table::{InitializedStop, NextStop, add_delta};
use super::{Pool, PoolError, sqrt_price_at_tick};

/// What is asked of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwapRequest {
    /// The token paid in.
    pub input: Side,
    /// What is fixed, and how much of it.
    pub amount: SwapAmount,
    /// The price at which to stop; without one the swap may go to the end of all ticks, as the
    /// routers ask for it.
    pub price_limit: Option<SqrtPrice>,
}

/// What a swap does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwapResult {
    /// What goes into (positive) and out of (negative) the pool.
    pub amounts: SignedAmounts,
    /// The price after.
    pub sqrt_price: SqrtPrice,
    /// The tick after.
    pub tick: Tick,
    /// The liquidity in range after.
    pub liquidity: Liquidity,
    /// How many initialized ticks were crossed.
    pub crossings: usize,
}

/// A swap that was worked out but not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedSwap {
    pub(super) result: SwapResult,
    pub(super) input: Side,
    cursor: usize,
    pub(super) fee_growth: FeeGrowth,
    /// Of the protocol, or of Slipstream's gauge.
    pub(super) protocol_fee: u128,
    /// In range; zero but for Slipstream.
    pub(super) staked_liquidity: Liquidity,
    crossings: Vec<Crossing>,
    revision: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Crossing {
    slot: u32,
    /// Growth of the input token's fees when the tick was crossed.
    fee_growth: FeeGrowth,
}

/// One stretch of constant liquidity within a swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwapStep {
    /// The token paid in.
    pub input: Side,
    /// The price before and after.
    pub sqrt_price: [SqrtPrice; 2],
    /// The tick before and after; after, one below a tick that was reached from above.
    pub tick: [Tick; 2],
    /// Liquidity in range during the step.
    pub liquidity: Liquidity,
    /// Growth of the input token's fees before and after.
    pub fee_growth: [FeeGrowth; 2],
}

/// Something that follows a swap step by step.
pub trait StepObserver {
    /// Takes note of a step.
    fn step(&mut self, step: SwapStep);

    /// Takes note of what a step paid; of nothing, unless it is wanted.
    #[inline(always)]
    fn paid(&mut self, _: &StepResult) {}
}

/// Follows nothing.
impl StepObserver for () {
    #[inline(always)]
    fn step(&mut self, _: SwapStep) {}
}

impl StepObserver for Vec<SwapStep> {
    fn step(&mut self, step: SwapStep) {
        self.push(step);
    }
}

impl StagedSwap {
    /// Returns what the swap would do.
    pub fn result(&self) -> &SwapResult {
        &self.result
    }
}

/// The variables of the contract's loop that do not outlive it.
struct Progress {
    /// Of the amount specified, fee included.
    remaining: Amount,
    /// Of the other token.
    calculated: Amount,
}

impl Pool {
    /// Swaps; returns what is to be paid in and out. Exactly [`Pool::stage_swap`] and
    /// [`Pool::commit_swap`].
    ///
    /// Errors: [`PoolError::ZeroSwap`], [`PoolError::NotInitialized`],
    /// [`PoolError::BadPriceLimit`], [`PoolError::OutOfRange`].
    pub fn swap(&mut self, request: SwapRequest, now: Timestamp) -> Result<SwapResult, PoolError> {
        let staged = self.stage_swap(request, &mut ())?;
        Ok(self.commit_swap(&staged, now))
    }

    /// Works a swap out without making it, showing each step to the observer.
    ///
    /// Errors as [`Pool::swap`].
    #[inline(always)]
    pub fn stage_swap<O: StepObserver>(
        &self,
        request: SwapRequest,
        observer: &mut O,
    ) -> Result<StagedSwap, PoolError> {
        match self.fork {
            Fork::UniswapV3 => self.stage_by::<rules::UniswapV3, O>(request, observer),
            Fork::PancakeV3 | Fork::Slipstream(_) | Fork::UniswapV4(_) => {
                self.stage_fork(request, observer)
            }
        }
    }

    /// Kept out of line, so that v3's loops stay as small as they were.
    #[inline(never)]
    fn stage_fork<O: StepObserver>(
        &self,
        request: SwapRequest,
        observer: &mut O,
    ) -> Result<StagedSwap, PoolError> {
        match self.fork {
            Fork::UniswapV3 | Fork::PancakeV3 => {
                self.stage_by::<rules::PancakeV3, O>(request, observer)
            }
            Fork::Slipstream(_) => self.stage_by::<rules::Slipstream, O>(request, observer),
            Fork::UniswapV4(_) => self.stage_by::<rules::UniswapV4, O>(request, observer),
        }
    }

    #[inline(always)]
    fn stage_by<R: SwapRules, O: StepObserver>(
        &self,
        request: SwapRequest,
        observer: &mut O,
    ) -> Result<StagedSwap, PoolError> {
        let (specified, is_exact_in) = match request.amount {
            SwapAmount::ExactIn(amount) => (amount, true),
            SwapAmount::ExactOut(amount) => (amount, false),
        };
        if specified.is_zero() {
            return Err(PoolError::ZeroSwap);
        }
        self.require_initialized()?;
        let limit = R::check(self, request)?;
        if !R::fits(request.amount) {
            return Err(PoolError::OutOfRange);
        }
        let mut progress = Progress { remaining: specified, calculated: Amount::ZERO };
        let mut staged = self.start(request.input);
        let run = (&mut staged, &mut progress);
        // Four loops instead of one that asks at each turn which way it goes: a tenth faster.
        match (request.input, is_exact_in) {
            (Side::Token0, true) => self.take_steps::<R, true, true, O>(run, limit, observer),
            (Side::Token0, false) => self.take_steps::<R, true, false, O>(run, limit, observer),
            (Side::Token1, true) => self.take_steps::<R, false, true, O>(run, limit, observer),
            (Side::Token1, false) => self.take_steps::<R, false, false, O>(run, limit, observer),
        }?;
        let Progress { remaining, calculated } = progress;
        let spent = specified.checked_sub(remaining).ok_or(PoolError::OutOfRange)?;
        let (paid, received) = if is_exact_in { (spent, calculated) } else { (calculated, spent) };
        R::finish(self, &staged, paid, received)?;
        let paid = SignedAmount::positive(paid).ok_or(PoolError::OutOfRange)?;
        let received = SignedAmount::negative(received).ok_or(PoolError::OutOfRange)?;
        staged.result.amounts = match request.input {
            Side::Token0 => SignedAmounts { amount0: paid, amount1: received },
            Side::Token1 => SignedAmounts { amount0: received, amount1: paid },
        };
        staged.result.crossings = staged.crossings.len();
        Ok(staged)
    }

    pub(super) fn checked_limit(&self, request: SwapRequest) -> Result<SqrtPrice, PoolError> {
        let price = self.sqrt_price;
        let (limit, is_allowed) = match (request.input, request.price_limit) {
            (Side::Token0, None) => (SqrtPrice::LOWEST_LIMIT, SqrtPrice::LOWEST_LIMIT < price),
            (Side::Token0, Some(limit)) => (limit, limit < price && limit > SqrtPrice::MIN),
            (Side::Token1, None) => (SqrtPrice::HIGHEST_LIMIT, SqrtPrice::HIGHEST_LIMIT > price),
            (Side::Token1, Some(limit)) => (limit, limit > price && limit < SqrtPrice::MAX),
        };
        if is_allowed { Ok(limit) } else { Err(PoolError::BadPriceLimit) }
    }

    #[inline(always)]
    fn start(&self, input: Side) -> StagedSwap {
        let [growth0, growth1] = self.fee_growth_global;
        let result = SwapResult {
            amounts: SignedAmounts::default(),
            sqrt_price: self.sqrt_price,
            tick: self.tick,
            liquidity: self.liquidity,
            crossings: 0,
        };
        StagedSwap {
            result,
            input,
            cursor: self.cursor,
            fee_growth: match input {
                Side::Token0 => growth0,
                Side::Token1 => growth1,
            },
            protocol_fee: 0,
            staked_liquidity: self.staked_liquidity(),
            crossings: Vec::new(),
            revision: self.revision,
        }
    }

    #[inline(always)]
    fn take_steps<R: SwapRules, const TOKEN0_IN: bool, const EXACT_IN: bool, O: StepObserver>(
        &self,
        (staged, progress): (&mut StagedSwap, &mut Progress),
        limit: SqrtPrice,
        observer: &mut O,
    ) -> Result<(), PoolError> {
        while !progress.remaining.is_zero() && staged.result.sqrt_price != limit {
            let run = (&mut *staged, &mut *progress);
            self.take_step::<R, TOKEN0_IN, EXACT_IN, O>(run, limit, observer)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn take_step<R: SwapRules, const TOKEN0_IN: bool, const EXACT_IN: bool, O: StepObserver>(
        &self,
        (staged, progress): (&mut StagedSwap, &mut Progress),
        limit: SqrtPrice,
        observer: &mut O,
    ) -> Result<(), PoolError> {
        let input = if TOKEN0_IN { Side::Token0 } else { Side::Token1 };
        let SwapResult { sqrt_price: current, tick, liquidity, .. } = staged.result;
        let stop = self.ticks.next_stop(tick, staged.cursor, input);
        let stop_price = match stop.initialized {
            Some(initialized) => initialized.sqrt_price,
            None => sqrt_price_at_tick(stop.tick).ok_or(PoolError::OutOfRange)?,
        };
        let target = match input {
            Side::Token0 => stop_price.max(limit),
            Side::Token1 => stop_price.min(limit),
        };
        let bounds = StepBounds { current, target, liquidity };
        let fee = R::fee(self, input);
        let step = if !EXACT_IN {
            step_exact_out(bounds, input, progress.remaining, fee)?
        } else if R::SPENDS_BUDGET {
            step_exact_in::<true>(bounds, input, progress.remaining, fee)?
        } else {
            step_exact_in::<false>(bounds, input, progress.remaining, fee)?
        };
        observer.paid(&step);
        progress.account(&step, EXACT_IN)?;
        let growth_before = staged.fee_growth;
        R::distribute_fee(self, staged, &step, input)?;
        staged.result.sqrt_price = step.sqrt_price;
        if step.sqrt_price == stop_price {
            if stop.initialized.is_some() {
                R::cross(self, staged, stop.tick, input)?;
            }
            staged.reach(stop, input)?;
        } else if step.sqrt_price != current {
            // Between the price limits, so within the ticks.
            staged.result.tick = tick_at_valid_price(step.sqrt_price);
        }
        observer.step(SwapStep {
            input,
            sqrt_price: [current, step.sqrt_price],
            tick: [tick, staged.result.tick],
            liquidity,
            fee_growth: [growth_before, staged.fee_growth],
        });
        Ok(())
    }

    /// Makes a swap that was worked out on this very state.
    ///
    /// # Panics
    ///
    /// If the pool has changed since the swap was staged: that is a bug of the caller.
    #[inline(always)]
    pub fn commit_swap(&mut self, staged: &StagedSwap, now: Timestamp) -> SwapResult {
        assert_eq!(staged.revision, self.revision, "a swap is made on the state it was staged on");
        let result = staged.result;
        let [global0, global1] = &mut self.fee_growth_global;
        let [protocol0, protocol1] = &mut self.protocol_fees;
        let (global, protocol) = match staged.input {
            Side::Token0 => (global0, protocol0),
            Side::Token1 => (global1, protocol1),
        };
        *global = staged.fee_growth;
        *protocol = protocol.wrapping_add(staged.protocol_fee);
        if !staged.crossings.is_empty() {
            self.cross_ticks(staged, now);
        }
        if result.tick != self.tick {
            self.write_observation(now);
            self.tick = result.tick;
            self.cursor = staged.cursor;
        }
        self.sqrt_price = result.sqrt_price;
        self.liquidity = result.liquidity;
        if let Fork::Slipstream(staking) = &mut self.fork {
            staking.liquidity = staged.staked_liquidity;
        }
        self.touch();
        result
    }

    fn cross_ticks(&mut self, staged: &StagedSwap, now: Timestamp) {
        let mut accumulators = self.accumulators(now);
        let [growth0, growth1] = &mut accumulators.fee_growth_global;
        for crossing in &staged.crossings {
            match staged.input {
                Side::Token0 => *growth0 = crossing.fee_growth,
                Side::Token1 => *growth1 = crossing.fee_growth,
            }
            let (growth0, growth1) = (*growth0, *growth1);
            let at = super::Accumulators {
                fee_growth_global: [growth0, growth1],
                seconds_per_liquidity: accumulators.seconds_per_liquidity,
                tick_cumulative: accumulators.tick_cumulative,
                time: accumulators.time,
            };
            self.ticks.cross(crossing.slot, &at);
        }
    }
}

impl StagedSwap {
    /// Moves past the tick where the step ended, taking its liquidity along if it is initialized.
    #[inline(always)]
    fn reach(&mut self, stop: NextStop, input: Side) -> Result<(), PoolError> {
        if let Some(InitializedStop { slot, liquidity_net, .. }) = stop.initialized {
            let delta = match input {
                Side::Token0 => liquidity_net.0.checked_neg().map(SignedLiquidity),
                Side::Token1 => Some(liquidity_net),
            };
            let delta = delta.ok_or(PoolError::OutOfRange)?;
            self.result.liquidity = add_delta(self.result.liquidity, delta)?;
            self.crossings.push(Crossing { slot, fee_growth: self.fee_growth });
            self.cursor = match input {
                Side::Token0 => self.cursor.saturating_sub(1),
                Side::Token1 => self.cursor.saturating_add(1),
            };
        }
        self.result.tick = match input {
            Side::Token0 => Tick(stop.tick.0.saturating_sub(1)),
            Side::Token1 => stop.tick,
        };
        Ok(())
    }
}

impl Progress {
    #[inline(always)]
    fn account(&mut self, step: &StepResult, is_exact_in: bool) -> Result<(), PoolError> {
        let paid = step.amount_in.checked_add(step.fee).ok_or(PoolError::OutOfRange)?;
        let (of_specified, of_other) =
            if is_exact_in { (paid, step.amount_out) } else { (step.amount_out, paid) };
        let remaining = self.remaining.checked_sub(of_specified);
        self.remaining = remaining.ok_or(PoolError::OutOfRange)?;
        let calculated = self.calculated.checked_add(of_other);
        self.calculated = calculated.ok_or(PoolError::OutOfRange)?;
        Ok(())
    }
}
