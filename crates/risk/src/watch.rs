//! What risk sees from event to event, and the orders that it gives itself: only what reduces.

use tidemill_ledger::{Ledger, OpenPosition};
use tidemill_market::Market;
use tidemill_model::{Event, EventBody, Holding, Intent, Outcome, OutcomeKind, PositionId};
use tidemill_units::{Amount, Timestamp};

use crate::mean_tick::MeanTick;
use crate::price_deviation::{priced_pairs, tick_of};
use crate::scene::Scene;
use crate::state::PositionWatch;
use crate::trade::contracts_out;
use crate::{Decision, DeviationLimit, Minutes, Risk, RiskState, Safeguards};

/// Between two orders for the same exit, where the first came to nothing.
const RETRY_SECONDS: u64 = 60;

impl Risk {
    /// Takes note of an event that market and ledger have taken in. Costs next to nothing where no
    /// limit has to be followed from event to event.
    #[inline]
    pub fn observe(&mut self, event: &Event, market: &Market, ledger: &Ledger) {
        if self.is_watching {
            let scene = Scene { valuation: &self.valuation, market, ledger };
            self.state.observe(&self.safeguards, &scene, event);
        }
    }

    /// Returns what has to be closed now, position by position in the order in which they were
    /// opened: first unstaked where that is needed, then closed. Nothing else is ever among it, and
    /// each is to go through [`reduce`](Self::reduce). It is to be asked after each event that was
    /// observed; what came to nothing is asked for again a minute later.
    #[inline]
    pub fn exits(&mut self, market: &Market, ledger: &Ledger) -> Vec<Intent> {
        if !self.is_watching {
            return Vec::new();
        }
        let scene = Scene { valuation: &self.valuation, market, ledger };
        self.state.watch(&self.safeguards, &scene);
        let mut exits = self.state.exits(&scene);
        if self.state.stopped.is_some() {
            exits.extend(self.contracts_out(market, ledger));
        }
        exits
    }

    /// What closes the contracts that are held; not again within a minute.
    fn contracts_out(&mut self, market: &Market, ledger: &Ledger) -> Vec<Intent> {
        let now = market.seen_at().second();
        let asked = self.contracts_left_at;
        if asked.is_some_and(|at| now.seconds_since(at) < RETRY_SECONDS) {
            return Vec::new();
        }
        let out = contracts_out(ledger);
        if !out.is_empty() {
            self.contracts_left_at = Some(now);
        }
        out
    }

    /// Returns what risk remembers, to be kept for a restart.
    pub fn state(&self) -> &RiskState {
        &self.state
    }

    /// Returns the rebalances, claims and compoundings that were approved under a break-even rule,
    /// oldest first: the latest 4,096.
    pub fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.state.book.decisions.iter()
    }
}

impl RiskState {
    fn observe(&mut self, safeguards: &Safeguards, scene: &Scene<'_>, event: &Event) {
        if let Some(limit) = safeguards.price_deviation {
            self.follow_prices(&limit, scene);
        }
        if let Some(rule) = safeguards.break_even {
            self.book.look(scene, rule.horizon);
        }
        if let EventBody::Outcome(outcome) = &event.body {
            self.note_outcome(safeguards, scene, outcome);
        }
        if let Some(rule) = safeguards.break_even {
            self.book.judge_due(scene, &rule);
        }
    }

    fn follow_prices(&mut self, limit: &DeviationLimit, scene: &Scene<'_>) {
        for (pool, _) in scene.market.chains() {
            let Some(market) = scene.market.pool(pool) else { continue };
            for pair in priced_pairs(market) {
                let Some(tick) = tick_of(scene, pool, pair) else { continue };
                let now = scene.market.now();
                let mean = self.means.entry((pool, pair.input.0));
                mean.or_insert_with(|| MeanTick::new(now, tick)).observe((now, tick), limit.over);
            }
        }
    }

    fn note_outcome(&mut self, safeguards: &Safeguards, scene: &Scene<'_>, outcome: &Outcome) {
        let gas = outcome.gas.cost().unwrap_or(Amount::MAX);
        if safeguards.budget.max_gas_quote_per_day.is_some() && !gas.is_zero() {
            self.used.note_gas(scene.market.now(), gas);
        }
        if safeguards.position_stop.is_set() {
            self.note_paid(scene, outcome);
        }
        if safeguards.break_even.is_some() {
            self.book.note_outcome(scene, outcome);
        }
    }

    /// What a position was paid is no loss of it.
    fn note_paid(&mut self, scene: &Scene<'_>, outcome: &Outcome) {
        let (id, value) = match outcome.kind {
            OutcomeKind::Claimed { position, reward }
            | OutcomeKind::Unstaked { position, reward } => {
                (position, scene.market.value_of_reward(reward))
            }
            OutcomeKind::Staked { position, fees, .. } => {
                let pool = scene.ledger.position(position).map(|open| open.pool);
                (position, pool.and_then(|pool| scene.value_in(pool, &fees).ok()))
            }
            OutcomeKind::Opened { .. }
            | OutcomeKind::Closed { .. }
            | OutcomeKind::Swapped { .. }
            | OutcomeKind::Arbitraged { .. }
            | OutcomeKind::Unbonding { .. }
            | OutcomeKind::Compounded { .. }
            | OutcomeKind::Voted { .. }
            | OutcomeKind::Extended { .. }
            | OutcomeKind::Sold { .. }
            | OutcomeKind::Traded { .. }
            | OutcomeKind::Rejected(_)
            | OutcomeKind::Expired => return,
        };
        if let Some((watch, value)) = self.positions.get_mut(&id).zip(value) {
            watch.paid = watch.paid.checked_add(value).unwrap_or(Amount::MAX);
        }
    }

    /// Looks at what has a stop or a timer. What cannot be valued is left for the next event.
    fn watch(&mut self, safeguards: &Safeguards, scene: &Scene<'_>) {
        if safeguards.portfolio_stop.is_set()
            && self.stopped.is_none()
            && let Ok(equity) = scene.equity()
        {
            let mark = self.portfolio.get_or_insert(crate::stops::Mark::new(equity));
            self.stopped = mark.note(&safeguards.portfolio_stop, equity);
        }
        self.positions.retain(|id, _| scene.ledger.position(*id).is_some());
        if !safeguards.watch_positions() {
            return;
        }
        for (id, open) in scene.ledger.positions() {
            let watch = self.positions.entry(id).or_default();
            if watch.exit.is_some() {
                continue;
            }
            if watch.is_stopped(safeguards, scene, (id, open)) {
                let until = safeguards.cool_down.map(|time| after(scene.market.now(), time));
                self.cool_until.extend(until.map(|until| (open.pool, until)));
            } else {
                watch.follow_range(safeguards, scene, open);
            }
        }
    }

    /// Asks for the next step out of every position that has to be closed.
    fn exits(&mut self, scene: &Scene<'_>) -> Vec<Intent> {
        let mut exits = Vec::new();
        if self.stopped.is_none() && self.positions.values().all(|watch| watch.exit.is_none()) {
            return exits;
        }
        let now = scene.market.now();
        for (id, open) in scene.ledger.positions() {
            let watch = self.positions.entry(id).or_default();
            if self.stopped.is_none() && watch.exit.is_none() {
                continue;
            }
            let Some(intent) = next_step(scene, id, open) else { continue };
            if scene.ledger.in_flight().any(|order| order.intent == intent) {
                continue;
            }
            let asked_at = match open.staked {
                Some(_) => &mut watch.unstaking_at,
                None => &mut watch.closing_at,
            };
            if asked_at.is_none_or(|at| now.seconds_since(at) >= RETRY_SECONDS) {
                *asked_at = Some(now);
                exits.push(intent);
            }
        }
        exits
    }
}

impl PositionWatch {
    fn is_stopped(
        &mut self,
        safeguards: &Safeguards,
        scene: &Scene<'_>,
        (id, open): (PositionId, &OpenPosition),
    ) -> bool {
        if !safeguards.position_stop.is_set() {
            return false;
        }
        let value = scene.position_value(id, open).ok();
        let Some(value) = value.and_then(|value| value.checked_add(self.paid)) else {
            return false;
        };
        let mark = self.mark.get_or_insert(crate::stops::Mark::new(value));
        self.exit = mark.note(&safeguards.position_stop, value);
        self.exit.is_some()
    }

    fn follow_range(&mut self, safeguards: &Safeguards, scene: &Scene<'_>, open: &OpenPosition) {
        let Some(timer) = safeguards.out_of_range else { return };
        let Holding::Range { range, .. } = open.holding else { return };
        let market = scene.market.pool(open.pool).and_then(|pool| pool.concentrated());
        let Some(pool) = market.map(tidemill_market::ConcentratedMarket::pool) else { return };
        let is_in_range = range.contains(pool.tick());
        if self.clock.note(&timer, is_in_range, scene.market.now()) {
            self.exit = Some(crate::StopCause::OutOfRange);
        }
    }
}

/// Returns the next step out of a position; `None` while it has to wait: a stake that was asked
/// back and is not there yet, and a lock that has not ended.
fn next_step(scene: &Scene<'_>, id: PositionId, open: &OpenPosition) -> Option<Intent> {
    if open.staked.is_some() {
        return Some(Intent::Unstake { position: id });
    }
    let can_close = match open.holding {
        Holding::Range { .. } | Holding::Shares(_) => true,
        Holding::Stake { .. } => {
            let ready_at = scene.market.staking_of(id).and_then(|staking| staking.ready_at(id));
            ready_at.is_none_or(|ready_at| ready_at <= scene.market.now())
        }
        Holding::Lock { .. } => scene.market.can_unlock(id),
    };
    can_close.then_some(Intent::Close { position: id })
}

fn after(now: Timestamp, time: Minutes) -> Timestamp {
    Timestamp(now.0.saturating_add(time.seconds()))
}
