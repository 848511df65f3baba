mod staking;

use std::collections::BTreeMap;
use std::sync::Arc;

use tidemill_amm::concentrated::{
    Owner, Pool, PoolError, PositionKey, PositionWorth, RangeWatch, Rounding, StagedSwap,
    SwapAmount, SwapRequest, SwapStep,
};
use tidemill_model::{Address, ChainEvent, PoolEvent, PoolHeader, PositionId, RecordedAfter, Tape};
use tidemill_units::{
    Amount, Amounts, FeeGrowth, Liquidity, Side, SignedAmounts, SqrtPrice, TickRange, Timestamp,
    TokenIndex, U256,
};

use crate::resolve::{RecordedSwap, Steps};
use crate::resolved_swaps::LentSwaps;
use crate::start::pool_at_start;
use crate::{
    Footprint, MarketError, Mismatch, OwnLiquidity, PoolPrices, ReplayCounts, ResolvedSwaps,
    own_position,
};

/// One concentrated pool: its recorded history executed again, and ourselves in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcentratedMarket {
    pub(crate) header: PoolHeader,
    footprint: Footprint,
    /// Positions are told apart by owner, not only by range.
    pub(crate) by_owner: bool,
    /// As recorded, without us.
    pub(crate) history: Pool,
    /// With us, from our first order on; re-executed only.
    with_us: Option<Box<Pool>>,
    watch: RangeWatch,
    own: BTreeMap<PositionId, OwnLiquidity>,
    /// Of the swap that is being executed; empty between two.
    pub(crate) steps: Vec<SwapStep>,
    pub(crate) counts: ReplayCounts,
    /// The call behind the latest recorded swap.
    pub(crate) last_request: Option<SwapRequest>,
    pub(crate) lent: LentSwaps,
}

impl ConcentratedMarket {
    /// Returns the pool at the start of its tape.
    ///
    /// Errors: [`MarketError::Start`], [`MarketError::StartPosition`],
    /// [`MarketError::StartLiquidity`], [`MarketError::StartState`].
    pub fn new(tape: &Tape, footprint: Footprint) -> Result<Self, MarketError> {
        let start = tape.events.first().map_or(Timestamp(0), |event| event.time);
        Ok(Self {
            header: tape.header.clone(),
            footprint,
            by_owner: tape.names_every_owner(),
            history: pool_at_start(tape, start)?,
            with_us: None,
            watch: RangeWatch::default(),
            own: BTreeMap::new(),
            steps: Vec::new(),
            counts: ReplayCounts::default(),
            last_request: None,
            lent: LentSwaps::default(),
        })
    }

    /// Returns the pool's constants.
    pub fn header(&self) -> &PoolHeader {
        &self.header
    }

    /// Returns the pool as we meet it: with ourselves in it where the footprint says so.
    pub fn pool(&self) -> &Pool {
        self.with_us.as_deref().unwrap_or(&self.history)
    }

    /// Returns what the pool's tokens are worth in one of them; `None` before it has a price.
    pub fn prices(&self, quote: TokenIndex) -> Option<PoolPrices> {
        let pool = self.pool();
        let has_price = pool.is_initialized() && quote.side().is_some();
        has_price.then(|| PoolPrices::Concentrated(pool.sqrt_price()))
    }

    /// Returns the pool as recorded, without us.
    pub fn history(&self) -> &Pool {
        &self.history
    }

    /// Returns which model of our own footprint holds.
    pub fn footprint(&self) -> Footprint {
        self.footprint
    }

    /// Returns how many events were reproduced, by kind.
    pub fn counts(&self) -> &ReplayCounts {
        &self.counts
    }

    /// Returns our open positions.
    pub fn own(&self) -> impl Iterator<Item = &OwnLiquidity> {
        self.own.values()
    }

    /// Returns what one of our positions would be paid if it were closed now; `None` where no such
    /// position is open.
    pub fn worth(&self, id: PositionId) -> Option<PositionWorth> {
        let own = self.own.get(&id)?;
        match self.footprint {
            Footprint::ReExecuted => {
                let worth = own_position::worth(self.pool(), own_key(own)).ok()?;
                let fees = if own.is_staked { Amounts::ZERO } else { worth.fees };
                Some(PositionWorth { fees, ..worth })
            }
            Footprint::PriceTaker => {
                let principal =
                    self.pool().amounts_of(own.range, own.liquidity, Rounding::Down).ok()?;
                let inside = self.watch.inside(own.range, &self.history)?;
                Some(PositionWorth { principal, fees: own.earned(inside)? })
            }
        }
    }

    /// Returns what a position of ours would cost in the pool as it is.
    ///
    /// Errors: those of [`Pool::mint`], or of [`Pool::modify_liquidity`] in a v4 pool.
    pub fn quote_own(&self, range: TickRange, liquidity: Liquidity) -> Result<Amounts, PoolError> {
        own_position::quote(self.pool(), own_position::nobody(range), liquidity)
    }

    /// Returns the seconds per liquidity that the pool gathered while its price was inside the
    /// range of one of our positions, Q32.128 and wrapping at 2^160: what staking contracts pay by.
    ///
    /// `None` where no such position is open, and for a price-taker: without our liquidity in them
    /// the pool's seconds would add up to more than have passed.
    pub fn seconds_per_liquidity_inside(&self, id: PositionId, now: Timestamp) -> Option<U256> {
        let own = self.own.get(&id)?;
        match self.footprint {
            Footprint::PriceTaker => None,
            Footprint::ReExecuted => {
                let inside = self.pool().snapshot_cumulatives_inside(now, own.range).ok()?;
                Some(inside.seconds_per_liquidity)
            }
        }
    }

    /// Returns the call that the latest recorded swap was found to be; a re-executed footprint
    /// makes the same call to the pool with us. `None` before the first.
    pub fn last_request(&self) -> Option<SwapRequest> {
        self.last_request
    }

    /// Works out a swap of ours against the pool as it is.
    ///
    /// Errors: those of [`Pool::swap`].
    pub fn stage_own_swap(&self, input: Side, amount_in: Amount) -> Result<StagedSwap, PoolError> {
        let amount = SwapAmount::ExactIn(amount_in);
        self.pool().stage_swap(SwapRequest { input, amount, price_limit: None }, &mut ())
    }

    /// Returns the prices that a recorded swap without one can have left, judged by its amounts:
    /// none where it went to a price that nobody recorded.
    pub fn possible_prices(&self, amounts: SignedAmounts, after: RecordedAfter) -> Vec<SqrtPrice> {
        let tolerance = self.header.amount_tolerance;
        RecordedSwap { amounts, after, tolerance }.possible_prices(&self.history)
    }

    /// Lends what was worked out of the recorded events that come next: see
    /// [`Market::lend`](crate::Market::lend).
    pub fn lend(&mut self, swaps: &Arc<ResolvedSwaps>) {
        self.lent.lend(swaps, &self.history, self.counts.events);
    }

    /// Executes a recorded event again, in the history and, if we are in it, in the pool with us.
    pub(crate) fn apply(&mut self, chain: &ChainEvent, now: Timestamp) -> Result<(), MarketError> {
        self.lent.compare(self.counts.events, &chain.event);
        let applied = self.apply_to_history(&chain.event, now);
        applied.map_err(|mismatch| MarketError::Mismatch {
            block: chain.block,
            log_index: chain.log_index,
            mismatch,
        })?;
        self.counts.events = self.counts.events.saturating_add(1);
        if self.with_us.is_some() {
            self.apply_with_us(&chain.event, now);
        }
        Ok(())
    }

    pub(crate) fn apply_to_history(
        &mut self,
        event: &PoolEvent,
        now: Timestamp,
    ) -> Result<(), Mismatch> {
        match *event {
            PoolEvent::Initialize { sqrt_price, tick } => {
                let computed = self.history.initialize(sqrt_price, now).map_err(reverts(event))?;
                let recorded = tick.unwrap_or(computed);
                if computed == recorded {
                    Ok(())
                } else {
                    Err(differs(event, "tick", computed.to_string(), recorded.to_string()))
                }
            }
            PoolEvent::Swap { amounts, after } => self.replay_swap(amounts, after, now),
            PoolEvent::Mint { owner, range, liquidity, amounts } => {
                let key = self.key(owner, range);
                let computed = self.history.mint(key, liquidity, now).map_err(reverts(event))?;
                self.counts.liquidity_changes = self.counts.liquidity_changes.saturating_add(1);
                self.compare(event, computed, amounts)
            }
            PoolEvent::Burn { owner, range, liquidity, amounts } => {
                let computed = self.replay_burn(event, self.key(owner, range), liquidity, now)?;
                if !liquidity.is_zero() {
                    self.counts.liquidity_changes = self.counts.liquidity_changes.saturating_add(1);
                }
                self.compare(event, computed, amounts)
            }
            PoolEvent::Collect { owner, range, amounts } => {
                self.replay_collect(event, self.key(owner, range), amounts)
            }
            // The loan itself leaves nothing behind: only what was paid on top of it is recorded.
            PoolEvent::Flash { paid } => {
                self.history.flash(Amounts::ZERO, paid).map_err(reverts(event))
            }
            PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 } => {
                let shares = [fee_protocol0, fee_protocol1];
                self.history.set_fee_protocol(shares).map_err(reverts(event))
            }
            PoolEvent::Shares(_) => Err(Mismatch::OtherPool { kind: event.kind() }),
            PoolEvent::Build(ref build) => self.apply_build(event, build, now),
        }
    }

    pub(crate) fn replay_swap(
        &mut self,
        amounts: SignedAmounts,
        after: RecordedAfter,
        now: Timestamp,
    ) -> Result<(), Mismatch> {
        let tolerance = self.header.amount_tolerance;
        let recorded = RecordedSwap { amounts, after, tolerance };
        if let Some((resolved, steps)) = self.lent.found(self.counts.events) {
            self.history.commit_swap(&resolved.staged, now);
            self.counts.count_swap(resolved.kind);
            self.last_request = Some(resolved.request);
            follow_steps(steps, &self.history, (&mut self.watch, &mut self.own));
            return Ok(());
        }
        let watched = !self.watch.is_empty();
        let steps = if watched { Steps::Keep(&mut self.steps) } else { Steps::Ignore };
        let resolved = recorded.resolve(&self.history, steps)?;
        self.history.commit_swap(&resolved.staged, now);
        self.counts.count_swap(resolved.kind);
        self.last_request = Some(resolved.request);
        if watched {
            follow_steps(&self.steps, &self.history, (&mut self.watch, &mut self.own));
            self.steps.clear();
        }
        Ok(())
    }

    fn replay_burn(
        &mut self,
        event: &PoolEvent,
        key: PositionKey,
        liquidity: Liquidity,
        now: Timestamp,
    ) -> Result<Amounts, Mismatch> {
        if liquidity.is_zero() && !self.by_owner {
            // Somebody brought fees up to date; a range taken as one position has none to keep.
            return Ok(Amounts::ZERO);
        }
        let held = self.history.position(&key).liquidity;
        let [asked, has] = [liquidity, held].map(|amount| Amount::from_u128(amount.0));
        let is_rounded = asked > has && self.header.amount_tolerance.accepts(asked, has);
        let burned = if is_rounded { held } else { liquidity };
        self.history.burn(key, burned, now).map_err(reverts(event))
    }

    fn replay_collect(
        &mut self,
        event: &PoolEvent,
        key: PositionKey,
        amounts: Amounts,
    ) -> Result<(), Mismatch> {
        let computed = self.history.collect(key, requested(amounts)).map_err(reverts(event))?;
        // Where owners are not known, neither is what each is owed.
        if self.by_owner { self.compare(event, computed, amounts) } else { Ok(()) }
    }

    pub(crate) fn compare(
        &self,
        event: &PoolEvent,
        computed: Amounts,
        recorded: Amounts,
    ) -> Result<(), Mismatch> {
        let tolerance = self.header.amount_tolerance;
        for (side, field) in [(Side::Token0, "amount0"), (Side::Token1, "amount1")] {
            let (computed, recorded) = (computed.get(side), recorded.get(side));
            if !tolerance.accepts(computed, recorded) {
                return Err(differs(event, field, computed.to_string(), recorded.to_string()));
            }
        }
        Ok(())
    }

    fn key(&self, owner: Option<Address>, range: TickRange) -> PositionKey {
        let owner =
            owner.filter(|_| self.by_owner).map_or(Owner::default(), |owner| Owner(owner.0));
        PositionKey { owner, range }
    }

    /// Does to the pool with us what the recorded event did to the history. A call that the altered
    /// pool refuses (a price limit already passed, say) would have reverted, and changes nothing.
    fn apply_with_us(&mut self, event: &PoolEvent, now: Timestamp) {
        match *event {
            PoolEvent::Initialize { sqrt_price, .. } => {
                self.change_with_us(|pool| pool.initialize(sqrt_price, now).map(drop));
            }
            PoolEvent::Swap { .. } => {
                if let Some(request) = self.last_request {
                    self.change_with_us(|pool| pool.swap(request, now).map(drop));
                }
            }
            PoolEvent::Mint { owner, range, liquidity, .. } => {
                let key = self.key(owner, range);
                self.change_with_us(|pool| pool.mint(key, liquidity, now).map(drop));
            }
            PoolEvent::Burn { owner, range, liquidity, .. } => {
                let key = self.key(owner, range);
                if !liquidity.is_zero() || self.by_owner {
                    let held = self.pool().position(&key).liquidity;
                    self.change_with_us(|pool| pool.burn(key, liquidity.min(held), now).map(drop));
                }
            }
            PoolEvent::Collect { owner, range, amounts } => {
                let key = self.key(owner, range);
                self.change_with_us(|pool| pool.collect(key, requested(amounts)).map(drop));
            }
            PoolEvent::Flash { paid } => {
                self.change_with_us(|pool| pool.flash(Amounts::ZERO, paid));
            }
            PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 } => {
                self.change_with_us(|pool| pool.set_fee_protocol([fee_protocol0, fee_protocol1]));
            }
            // The history has refused it already.
            PoolEvent::Shares(_) => {}
            PoolEvent::Build(ref build) => self.apply_build_with_us(build, now),
        }
    }

    pub(crate) fn change_with_us(
        &mut self,
        change: impl FnOnce(&mut Pool) -> Result<(), PoolError>,
    ) {
        if let Some(pool) = self.with_us.as_deref_mut() {
            // A revert leaves the pool as it was: that is what the chain would have done.
            if change(pool).is_err() {
                self.counts.reverted_with_us = self.counts.reverted_with_us.saturating_add(1);
            }
        }
    }

    /// Puts a position of ours where the footprint keeps it; returns what it cost, or `None` where
    /// the pool refuses it.
    pub(crate) fn open_own(&mut self, own: OwnLiquidity, now: Timestamp) -> Option<Amounts> {
        let mut own = own;
        let paid = match self.footprint {
            Footprint::ReExecuted => {
                let key = own_key(&own);
                own_position::open(self.pool_with_us(), key, own.liquidity, now).ok()?
            }
            Footprint::PriceTaker => {
                let paid = self.history.amounts_of(own.range, own.liquidity, Rounding::Up).ok()?;
                self.watch.add(own.range, &self.history);
                own.growth_at_open = self.watch.inside(own.range, &self.history)?;
                paid
            }
        };
        self.own.insert(own.id, own);
        Some(paid)
    }

    /// Takes a position of ours out; returns what it was paid, or `None` where it is not open.
    pub(crate) fn close_own(&mut self, id: PositionId, now: Timestamp) -> Option<PositionWorth> {
        let worth = self.worth(id)?;
        let own = self.own.remove(&id)?;
        match self.footprint {
            Footprint::PriceTaker => self.watch.remove(own.range),
            Footprint::ReExecuted => {
                let pool = self.pool_with_us();
                own_position::close(pool, own_key(&own), own.liquidity, now).ok()?;
            }
        }
        Some(worth)
    }

    /// Makes a swap of ours; returns what came out, or `None` where the pool refuses it.
    pub(crate) fn swap_own(
        &mut self,
        input: Side,
        amount_in: Amount,
        now: Timestamp,
    ) -> Option<Amount> {
        if self.footprint == Footprint::ReExecuted {
            self.pool_with_us();
        }
        let staged = self.stage_own_swap(input, amount_in).ok()?;
        let amounts = staged.result().amounts;
        if amounts.get(input).magnitude() != amount_in {
            return None;
        }
        if let Some(pool) = self.with_us.as_deref_mut() {
            pool.commit_swap(&staged, now);
        }
        let received = amounts.get(input.other()).magnitude();
        Some(received)
    }

    fn pool_with_us(&mut self) -> &mut Pool {
        self.with_us.get_or_insert_with(|| Box::new(self.history.clone()))
    }
}

/// Lets our positions follow the steps of a swap that the history has made.
fn follow_steps(
    steps: &[SwapStep],
    history: &Pool,
    (watch, own): (&mut RangeWatch, &mut BTreeMap<PositionId, OwnLiquidity>),
) {
    if watch.is_empty() {
        return;
    }
    let [growth0, growth1] = history.fee_growth_global();
    for step in steps {
        let other = match step.input {
            Side::Token0 => growth1,
            Side::Token1 => growth0,
        };
        watch.follow(step, other);
        let is_shared =
            |own: &&mut OwnLiquidity| !step.liquidity.is_zero() && step.is_within(own.range);
        for own in own.values_mut().filter(is_shared) {
            let least = own
                .least_liquidity_beside
                .map_or(step.liquidity, |least| least.min(step.liquidity));
            own.least_liquidity_beside = Some(least);
        }
    }
}

impl OwnLiquidity {
    fn earned(&self, inside: [FeeGrowth; 2]) -> Option<Amounts> {
        let [inside0, inside1] = inside;
        let [open0, open1] = self.growth_at_open;
        Some(Amounts {
            amount0: Amount(inside0.wrapping_sub(open0).earned_by(self.liquidity)?),
            amount1: Amount(inside1.wrapping_sub(open1).earned_by(self.liquidity)?),
        })
    }

    /// Returns a position that is about to be opened.
    pub fn new(id: PositionId, range: TickRange, liquidity: Liquidity) -> Self {
        let growth_at_open = [FeeGrowth::ZERO; 2];
        let (is_staked, least_liquidity_beside) = (false, None);
        Self { id, range, liquidity, growth_at_open, is_staked, least_liquidity_beside }
    }
}

/// Each of our positions is an owner of its own, so that two of one range keep apart.
fn own_key(own: &OwnLiquidity) -> PositionKey {
    let PositionId(order) = own.id;
    let [a, b, c, d, e, f, g, h] = order.sequence.0.to_be_bytes();
    let [i, j] = order.intent.to_be_bytes();
    let owner = [0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d, e, f, g, h, i, j];
    PositionKey { owner: Owner(owner), range: own.range }
}

/// What a collect has to ask for to be paid these amounts; a position is never owed 2^128 or more.
pub(crate) fn requested(amounts: Amounts) -> [u128; 2] {
    [amounts.amount0, amounts.amount1].map(|amount| u128::try_from(amount.0).unwrap_or(u128::MAX))
}

pub(crate) fn reverts(event: &PoolEvent) -> impl Fn(PoolError) -> Mismatch {
    let kind = event.kind();
    move |error| Mismatch::Reverts { kind, error }
}

pub(crate) fn differs(
    event: &PoolEvent,
    field: &'static str,
    computed: String,
    recorded: String,
) -> Mismatch {
    Mismatch::Value { kind: event.kind(), field, computed, recorded }
}
