//! Finding the call behind a recorded swap.
//!
//! A log says what a swap did, not what was asked for. There are three ways to ask, which round
//! differently: the input fixed, the output fixed, or all the way to a price. The first that gives
//! the recorded amounts and state is the one.

use tidemill_amm::concentrated::{
    Pool, StagedSwap, StepObserver, SwapAmount, SwapRequest, SwapStep,
};
use tidemill_model::RecordedAfter;
use tidemill_units::{
    Amount, RelativeTolerance, Side, SignedAmount, SignedAmounts, SqrtPrice, U256, mul_div,
};

use crate::Mismatch;

/// What a recorded swap had fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapKind {
    /// The amount paid in.
    ExactIn,
    /// The amount received.
    ExactOut,
    /// The price to stop at.
    PriceLimited,
}

/// How many events of which kind a replay has reproduced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayCounts {
    /// All events.
    pub events: u64,
    /// Swaps that fixed the input.
    pub swaps_exact_in: u64,
    /// Swaps that fixed the output.
    pub swaps_exact_out: u64,
    /// Swaps that went to a price.
    pub swaps_price_limited: u64,
    /// Mints and burns with liquidity.
    pub liquidity_changes: u64,
    /// Calls of others that the pool with us in it refused; they changed nothing there.
    pub reverted_with_us: u64,
}

impl ReplayCounts {
    /// Returns the number of swaps.
    pub fn swaps(&self) -> u64 {
        self.swaps_exact_in
            .saturating_add(self.swaps_exact_out)
            .saturating_add(self.swaps_price_limited)
    }

    pub(crate) fn count_swap(&mut self, kind: SwapKind) {
        let counter = match kind {
            SwapKind::ExactIn => &mut self.swaps_exact_in,
            SwapKind::ExactOut => &mut self.swaps_exact_out,
            SwapKind::PriceLimited => &mut self.swaps_price_limited,
        };
        *counter = counter.saturating_add(1);
    }
}

/// A swap as the tape has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordedSwap {
    pub(crate) amounts: SignedAmounts,
    pub(crate) after: RecordedAfter,
    pub(crate) tolerance: RelativeTolerance,
}

/// The call behind a recorded swap.
#[derive(Clone, Debug)]
pub(crate) struct ResolvedSwap {
    pub(crate) kind: SwapKind,
    pub(crate) request: SwapRequest,
    pub(crate) staged: StagedSwap,
}

/// Steps kept only while somebody watches the pool.
pub(crate) enum Steps<'a> {
    Ignore,
    Keep(&'a mut Vec<SwapStep>),
}

impl StepObserver for Steps<'_> {
    #[inline(always)]
    fn step(&mut self, step: SwapStep) {
        match self {
            Self::Ignore => {}
            Self::Keep(steps) => steps.push(step),
        }
    }
}

impl Steps<'_> {
    fn clear(&mut self) {
        match self {
            Self::Ignore => {}
            Self::Keep(steps) => steps.clear(),
        }
    }
}

impl RecordedSwap {
    fn input(&self, pool: &Pool) -> Side {
        let SignedAmounts { amount0, amount1 } = self.amounts;
        // Where no liquidity is in range a price moves for nothing: only its direction tells.
        let is_free = amount0.is_zero() && amount1.is_zero();
        let is_token1 = if is_free {
            self.after.sqrt_price.is_none_or(|after| after > pool.sqrt_price())
        } else {
            // A swap of so little that nothing comes out has one zero: what is positive was paid.
            amount0.is_negative() || (amount0.is_zero() && !amount1.is_negative())
        };
        if is_token1 { Side::Token1 } else { Side::Token0 }
    }

    /// Returns the call of a kind that could have made this swap.
    fn request(&self, kind: SwapKind, pool: &Pool) -> Option<SwapRequest> {
        let input = self.input(pool);
        let paid = self.amounts.get(input).magnitude();
        let received = self.amounts.get(input.other()).magnitude();
        let (amount, price_limit) = match kind {
            SwapKind::ExactIn => (SwapAmount::ExactIn(paid), None),
            SwapKind::ExactOut => (SwapAmount::ExactOut(received), None),
            SwapKind::PriceLimited => (UNLIMITED, Some(self.after.sqrt_price?)),
        };
        Some(SwapRequest { input, amount, price_limit })
    }

    fn matches(&self, staged: &StagedSwap) -> bool {
        let result = staged.result();
        let price = |recorded: SqrtPrice| recorded == result.sqrt_price;
        let is_near = |recorded: SignedAmount, computed: SignedAmount| {
            recorded == computed
                || (recorded.is_negative() == computed.is_negative()
                    && self.tolerance.accepts(recorded.magnitude(), computed.magnitude()))
        };
        is_near(self.amounts.amount0, result.amounts.amount0)
            && is_near(self.amounts.amount1, result.amounts.amount1)
            && self.after.sqrt_price.is_none_or(price)
            && self.after.liquidity.is_none_or(|recorded| recorded == result.liquidity)
            && self.after.tick.is_none_or(|recorded| recorded == result.tick)
    }

    /// Returns how far a swap is from the record, as a share of the record in 2^-128; the larger of
    /// the two amounts' shares.
    fn distance(&self, staged: &StagedSwap) -> U256 {
        let share = |side: Side| {
            let recorded = self.amounts.get(side).magnitude().0;
            let computed = staged.result().amounts.get(side).magnitude().0;
            let off = recorded.abs_diff(computed);
            mul_div(off, U256::from_limbs([0, 0, 1, 0]), recorded.max(U256::ONE))
        };
        let [off0, off1] =
            [Side::Token0, Side::Token1].map(|side| share(side).unwrap_or(U256::MAX));
        off0.max(off1)
    }

    /// Finds the call that gives this swap on the pool as it is, and what it does.
    ///
    /// Where amounts are rounded and no price is recorded, more than one call is within the
    /// tolerance, and each leaves another price: the nearest is taken, of equals the first.
    pub(crate) fn resolve(
        &self,
        pool: &Pool,
        mut steps: Steps<'_>,
    ) -> Result<ResolvedSwap, Mismatch> {
        let mut nearest: Option<(U256, SwapKind, SwapRequest)> = None;
        for kind in [SwapKind::ExactIn, SwapKind::ExactOut, SwapKind::PriceLimited] {
            steps.clear();
            let Some(request) = self.request(kind, pool) else { continue };
            let staged = pool.stage_swap(request, &mut steps).ok();
            if let Some(staged) = staged.filter(|staged| self.matches(staged)) {
                if staged.result().amounts == self.amounts {
                    return Ok(ResolvedSwap { kind, request, staged });
                }
                let distance = self.distance(&staged);
                if nearest.is_none_or(|(least, _, _)| distance < least) {
                    nearest = Some((distance, kind, request));
                }
            }
        }
        // Worked out once more, because the steps kept are those of the last call tried.
        steps.clear();
        let again = nearest.and_then(|(_, kind, request)| {
            let staged = pool.stage_swap(request, &mut steps).ok()?;
            Some(ResolvedSwap { kind, request, staged })
        });
        let SignedAmounts { amount0, amount1 } = self.amounts;
        let (amount0, amount1) = (amount0.to_string(), amount1.to_string());
        again.ok_or(Mismatch::Swap { amount0, amount1 })
    }

    /// Returns the prices that calls giving exactly these amounts leave, each once.
    pub(crate) fn possible_prices(&self, pool: &Pool) -> Vec<SqrtPrice> {
        let mut prices = Vec::new();
        for kind in [SwapKind::ExactIn, SwapKind::ExactOut] {
            let request = self.request(kind, pool);
            let staged = request.and_then(|request| pool.stage_swap(request, &mut ()).ok());
            if let Some(staged) = staged.filter(|staged| self.matches(staged))
                && !prices.contains(&staged.result().sqrt_price)
            {
                prices.push(staged.result().sqrt_price);
            }
        }
        prices
    }
}

/// Any amount that a price limit will stop.
const UNLIMITED: SwapAmount =
    SwapAmount::ExactIn(Amount(U256::from_limbs([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1])));
