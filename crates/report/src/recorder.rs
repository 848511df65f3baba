//! Follows a run event by event and gathers what its sheet shows.
//!
//! Values are taken at the end of an instant, when all events of one time are applied: before the
//! first event of a later time. Hours are whole hours from the start, at the value that held at
//! their end. Time is that of the market: the chain's, and of a run without a pool when things are
//! seen.

use std::collections::BTreeMap;

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{ConcentratedMarket, Market, PoolPrices, Valuation, VotingMarket};
use tidemill_model::{
    AccountEvent, Ballot, Choice, Event, EventBody, Holding, InstrumentId, Outcome, OutcomeKind,
    PoolId, PositionId,
};
use tidemill_signals::{MaxDrawdown, ReturnMoments};
use tidemill_units::{Amount, SignedAmount, Tick, TickRange, Timestamp, TokenAmounts};

use crate::attribution::{Attribution, AttributionError, Settlement, Start};
use crate::format::utc_minute;
use crate::lvr::PositionLvr;
use crate::price::{PriceScale, whole_price};
use crate::tear_sheet::{ActionRow, LockedTokens, PricePoint, RangeSpan, ValuePoint};

/// What one run leaves for its sheet.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// Where every unit went.
    pub settlement: Settlement,
    /// What the deposit was worth at the start, raw quote units.
    pub deposit_value: SignedAmount,
    /// Loss versus rebalancing, raw quote units.
    pub lvr: f64,
    /// Share of the period with liquidity in range.
    pub time_in_range: f64,
    /// Times a position was opened after the first.
    pub rebalances: u64,
    /// The pool's price over time.
    pub price: Vec<PricePoint>,
    /// Value and holding over time.
    pub value: Vec<ValuePoint>,
    /// The deepest fall of the sampled value.
    pub drawdown: MaxDrawdown,
    /// Returns of whole hours.
    pub hourly: ReturnMoments,
    /// Fees earned over time, whole quote tokens.
    pub cumulative_fees: Vec<(u64, f64)>,
    /// Rewards earned over time, at what they were worth then, whole quote tokens.
    pub cumulative_rewards: Vec<(u64, f64)>,
    /// Ranges held.
    pub ranges: Vec<RangeSpan>,
    /// What was done.
    pub actions: Vec<ActionRow>,
    /// Tokens that are locked at the end.
    pub locked: Vec<LockedTokens>,
}

/// Gathers a [`RunRecord`] while an engine is driven.
#[derive(Clone, Debug)]
pub struct Recorder {
    valuation: Valuation,
    scale: PriceScale,
    attribution: Attribution,
    last: Option<Instant>,
    start: Option<(Timestamp, SignedAmount)>,
    open: BTreeMap<PositionId, Watched>,
    lvr: f64,
    seconds_in_range: u64,
    opened: u64,
    interval: u64,
    next_sample: u64,
    hour: Option<Hour>,
    price: Vec<PricePoint>,
    value: Vec<ValuePoint>,
    drawdown: MaxDrawdown,
    hourly: ReturnMoments,
    cumulative_fees: Vec<(u64, f64)>,
    cumulative_rewards: Vec<(u64, f64)>,
    ranges: Vec<RangeSpan>,
    actions: Vec<ActionRow>,
}

/// The state after the latest event.
#[derive(Clone, Debug)]
struct Instant {
    time: Timestamp,
    /// Of the pool that values are stated in; none in a run without one.
    prices: Option<PoolPrices>,
    /// Of a concentrated pool.
    tick: Option<Tick>,
    /// How many times a pool of shares had changed.
    changes: Option<u64>,
}

/// The next whole hour, and what we were worth at the one before.
#[derive(Clone, Copy, Debug)]
struct Hour {
    next: u64,
    value: f64,
}

#[derive(Clone, Debug)]
struct Watched {
    /// Of a concentrated pool; shares are always in range.
    range: Option<TickRange>,
    in_range: bool,
    lvr: PositionLvr,
    span: usize,
}

type Result<T> = std::result::Result<T, AttributionError>;

const HOUR: u64 = 3_600;

/// Where a run's length is not known before, samples are thinned out to half of so many.
const MOST_SAMPLES: usize = 2_000;

impl Recorder {
    /// Returns a recorder of a run over `seconds`; charts get about a thousand points, and up to
    /// twice as many of a run without a pool, which ends when its feeds do: `seconds` is zero
    /// there.
    ///
    /// Errors: [`AttributionError::OutOfRange`].
    pub fn new(
        valuation: Valuation,
        pools: &[(PoolId, PoolAssets)],
        scale: PriceScale,
        start: &Start,
        seconds: u64,
    ) -> Result<Self> {
        Ok(Self {
            valuation,
            scale,
            attribution: Attribution::new(valuation, pools, start)?,
            last: None,
            start: None,
            open: BTreeMap::new(),
            lvr: 0.0,
            seconds_in_range: 0,
            opened: 0,
            interval: (seconds / 1_000).max(1),
            next_sample: 0,
            hour: None,
            price: Vec::new(),
            value: Vec::new(),
            drawdown: MaxDrawdown::default(),
            hourly: ReturnMoments::default(),
            cumulative_fees: Vec::new(),
            cumulative_rewards: Vec::new(),
            ranges: Vec::new(),
            actions: Vec::new(),
        })
    }

    /// Takes note of an event before it is applied.
    ///
    /// Errors: [`AttributionError`].
    pub fn before(&mut self, market: &Market, ledger: &Ledger, event: &Event) -> Result<()> {
        if let EventBody::Reverted(reverted) = event.body {
            return Err(AttributionError::Reverted(reverted));
        }
        let Some(at) = self.time_of(event) else { return self.note_account(market, event) };
        if self.valuation.pool().is_some() || self.last.is_some() {
            self.note_state(market)?;
        }
        let last = self.last.as_ref().filter(|last| last.time < at);
        if let Some(last) = last.map(|last| last.time) {
            if last.0 >= self.next_sample {
                self.sample(market, ledger)?;
            }
            self.close_hours(market, ledger, at)?;
        }
        let EventBody::Outcome(outcome) = &event.body else {
            return self.note_account(market, event);
        };
        self.attribution.observe(outcome, market)?;
        let wei = outcome.gas.cost().ok_or(AttributionError::OutOfRange)?;
        let gas = self.attribution.gas_value(market, wei)?;
        self.record_action(outcome, at, gas, market);
        Ok(())
    }

    /// To when an event moves the clock of the run; `None` where it does not: what feeds say and
    /// what exchanges do to us moves that of a run without a pool alone.
    fn time_of(&self, event: &Event) -> Option<Timestamp> {
        if self.valuation.pool().is_none() {
            return Some(event.seen_at.second());
        }
        match &event.body {
            EventBody::Data(_) | EventBody::Feed(_) | EventBody::Account(_) => None,
            EventBody::Chain(_)
            | EventBody::Programme(_)
            | EventBody::Price(_)
            | EventBody::Outcome(_)
            | EventBody::Block(_)
            | EventBody::Reverted(_) => Some(event.second()),
        }
    }

    /// Takes note of what an exchange did without an order, if that is what an event is.
    fn note_account(&mut self, market: &Market, event: &Event) -> Result<()> {
        let EventBody::Account(account) = &event.body else { return Ok(()) };
        if self.valuation.pool().is_none_or(|pool| pool.prices(market).is_some()) {
            self.attribution.observe_account(account, market)?;
            self.record_account(account, market);
        }
        Ok(())
    }

    /// Takes note of an event after it was applied.
    ///
    /// Errors: [`AttributionError`].
    pub fn after(&mut self, market: &Market, event: &Event) -> Result<()> {
        self.note_state(market)?;
        if let EventBody::Outcome(outcome) = &event.body {
            self.follow_outcome(outcome, market);
        }
        Ok(())
    }

    /// Continues what depends on time and price alone, from the state before to the present one.
    fn note_state(&mut self, market: &Market) -> Result<()> {
        let pool = self.valuation.pool();
        let changes = pool.and_then(|pool| changes_of(market, pool.pool));
        let time = market.now();
        let is_known = |last: &Instant| last.time == time && last.changes == changes;
        if changes.is_some() && self.last.as_ref().is_some_and(is_known) {
            // Prices of shares take some working out, and these would be the same.
            return Ok(());
        }
        let prices = pool.and_then(|pool| pool.prices(market));
        if pool.is_some() && prices.is_none() {
            return Ok(());
        }
        let tick = self.pool(market).map(|pool| pool.pool().tick());
        let now = Instant { time, prices, tick, changes };
        match self.last.take() {
            None => {
                let value = self.attribution.hold_value(market)?;
                self.start = Some((now.time, value));
                let whole = self.scale.whole(value);
                self.hour = Some(Hour { next: now.time.0.saturating_add(HOUR), value: whole });
            }
            Some(last) if !self.open.is_empty() => self.follow(&last, &now, market)?,
            Some(_) => {}
        }
        self.last = Some(now);
        Ok(())
    }

    fn pool<'a>(&self, market: &'a Market) -> Option<&'a ConcentratedMarket> {
        let pool = market.pool(self.valuation.pool()?.pool)?.concentrated()?;
        pool.pool().is_initialized().then_some(pool)
    }

    fn follow(&mut self, last: &Instant, now: &Instant, market: &Market) -> Result<()> {
        if self.open.values().any(|watched| watched.in_range) {
            self.seconds_in_range += now.time.seconds_since(last.time);
        }
        if last.tick != now.tick {
            for watched in self.open.values_mut() {
                watched.in_range = is_inside(watched.range, now.tick);
            }
        }
        if let (Some(before), Some(after)) = (&last.prices, &now.prices)
            && before != after
        {
            // What this event closed is gone already; its own withdrawal, rounded, moved the price.
            let held = self.open.iter_mut().filter(|(id, _)| market.pool_of(**id).is_some());
            for (id, watched) in held {
                let principal = || market.worth(*id).map(|worth| worth.principal);
                let moved = watched.lvr.moved(before, after, principal);
                moved.ok_or(AttributionError::OutOfRange)?;
            }
        }
        Ok(())
    }

    fn follow_outcome(&mut self, outcome: &Outcome, market: &Market) {
        let Some((time, tick)) = self.last.as_ref().map(|last| (last.time, last.tick)) else {
            return;
        };
        // Nothing is opened or closed without a pool.
        let Some(valuation) = self.valuation.pool().copied() else { return };
        match outcome.kind {
            // A stake or a lock trades with nobody: it has no range and no LVR.
            OutcomeKind::Opened {
                holding: Holding::Stake { .. } | Holding::Lock { .. }, ..
            } => {}
            // Range and LVR are told of the pool that values are stated in.
            OutcomeKind::Opened { pool, .. } if pool != valuation.pool => {}
            OutcomeKind::Opened { position, holding, .. } => {
                let principal = || market.worth(position).map(|worth| worth.principal);
                let Some(lvr) = PositionLvr::new(holding, valuation, principal) else {
                    return;
                };
                let range = match holding {
                    Holding::Range { range, .. } => Some(range),
                    Holding::Shares(_) | Holding::Stake { .. } | Holding::Lock { .. } => None,
                };
                let in_range = is_inside(range, tick);
                let span = self.ranges.len();
                self.open.insert(position, Watched { range, in_range, lvr, span });
                self.ranges.push(self.span(range, market, time));
                self.opened += 1;
            }
            OutcomeKind::Closed { position, .. } => {
                if let Some(watched) = self.open.remove(&position) {
                    self.lvr += watched.lvr.total();
                    if let Some(span) = self.ranges.get_mut(watched.span) {
                        span.to_unix = time.0;
                    }
                }
            }
            OutcomeKind::Swapped { .. }
            | OutcomeKind::Arbitraged { .. }
            | OutcomeKind::Staked { .. }
            | OutcomeKind::Claimed { .. }
            | OutcomeKind::Unstaked { .. }
            | OutcomeKind::Unbonding { .. }
            | OutcomeKind::Compounded { .. }
            | OutcomeKind::Voted { .. }
            | OutcomeKind::Extended { .. }
            | OutcomeKind::Sold { .. }
            | OutcomeKind::Traded { .. }
            | OutcomeKind::Rejected(_)
            | OutcomeKind::Expired => {}
        }
    }

    fn span(&self, range: Option<TickRange>, market: &Market, now: Timestamp) -> RangeSpan {
        let (from_unix, to_unix) = (now.0, now.0);
        let Some(range) = range else {
            // Shares trade at every price: a band that is never drawn.
            let (lower_price, upper_price) = (0.0, f64::MAX);
            return RangeSpan { from_unix, to_unix, lower_price, upper_price, full_range: true };
        };
        let ends = [range.lower, range.upper].map(|tick| self.scale.price_of_tick(tick));
        let [one, other] = ends;
        let spacing = self.pool(market).map(|pool| pool.header().tick_spacing);
        RangeSpan {
            from_unix,
            to_unix,
            lower_price: one.min(other),
            upper_price: one.max(other),
            full_range: spacing.and_then(TickRange::full) == Some(range),
        }
    }

    fn sample(&mut self, market: &Market, ledger: &Ledger) -> Result<()> {
        let Some(at) = &self.last else { return Ok(()) };
        let settled = self.attribution.settle(market, ledger)?;
        let value = self.scale.whole(settled.final_value);
        let hold = self.scale.whole(settled.hold_value);
        let unix = at.time.0;
        self.value.push(ValuePoint { unix, value, hold });
        self.drawdown.update(value);
        let price = match &at.prices {
            Some(prices) => Some(self.scale.price(prices)),
            None => price_at_exchanges(market),
        };
        self.price.extend(price.map(|price| PricePoint { unix, price }));
        self.cumulative_fees.push((unix, self.scale.whole(settled.identity.fees)));
        self.cumulative_rewards.push((unix, self.scale.whole(settled.identity.rewards)));
        if self.value.len() >= MOST_SAMPLES {
            self.thin_out();
        }
        self.next_sample = unix.saturating_add(self.interval);
        Ok(())
    }

    /// Keeps every other sample, and takes the next ones as far apart as these then are.
    fn thin_out(&mut self) {
        fn every_other<T>(points: &mut Vec<T>) {
            let mut is_kept = false;
            points.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
        }
        every_other(&mut self.value);
        every_other(&mut self.price);
        every_other(&mut self.cumulative_fees);
        every_other(&mut self.cumulative_rewards);
        if let [first, .., last] = self.value.as_slice() {
            let gaps = u64::try_from(self.value.len()).unwrap_or(u64::MAX).saturating_sub(1);
            self.interval = last.unix.saturating_sub(first.unix).div_ceil(gaps.max(1)).max(1);
        }
    }

    /// Closes the hours that end before `until`, at the value that holds now. Of a gap, the first
    /// hour takes the whole change and the others are still.
    fn close_hours(&mut self, market: &Market, ledger: &Ledger, until: Timestamp) -> Result<()> {
        let Some(mut hour) = self.hour.filter(|hour| until.0 > hour.next) else { return Ok(()) };
        let settled = self.attribution.settle(market, ledger)?;
        let value = self.scale.whole(settled.final_value);
        while until.0 > hour.next {
            if hour.value > 0.0 {
                self.hourly.update(value / hour.value - 1.0);
            }
            hour = Hour { next: hour.next.saturating_add(HOUR), value };
        }
        self.hour = Some(hour);
        Ok(())
    }

    fn record_action(
        &mut self,
        outcome: &Outcome,
        at: Timestamp,
        gas_quote: SignedAmount,
        market: &Market,
    ) {
        let (what, detail) = described(&outcome.kind, market);
        let (unix, block) = (at.0, outcome.block.0);
        self.actions.push(ActionRow { unix, block, what: what.to_owned(), detail, gas_quote });
    }

    /// Takes note of what an exchange did without an order.
    fn record_account(&mut self, event: &AccountEvent, market: &Market) {
        let (what, detail) = match *event {
            // It comes by the clock, and is a term of the sum.
            AccountEvent::Funding { .. } => return,
            AccountEvent::Liquidated { instrument, quantity, amount, fee, .. } => {
                ("liquidated", traded(market, instrument, [quantity, amount, fee]))
            }
            AccountEvent::Settled { instrument, quantity, amount } => {
                ("settled", traded(market, instrument, [quantity, amount, Amount::ZERO]))
            }
        };
        let (unix, block) = (market.seen_at().second().0, market.block().0);
        let (what, gas_quote) = (what.to_owned(), SignedAmount::ZERO);
        self.actions.push(ActionRow { unix, block, what, detail, gas_quote });
    }

    /// What locks are worth that have not ended, and when they will.
    fn locked(&self, market: &Market, ledger: &Ledger) -> Result<Vec<LockedTokens>> {
        let mut locked = Vec::new();
        for (id, position) in ledger.positions() {
            let Holding::Lock { until, .. } = position.holding else { continue };
            if until <= market.now() {
                continue;
            }
            let value = self.valuation.pool().and_then(|pool| {
                pool.value_at(&pool.prices(market)?, &market.worth(id)?.principal)
            });
            let value = value.and_then(SignedAmount::positive);
            let value_quote = value.ok_or(AttributionError::OutOfRange)?;
            locked.push(LockedTokens { value_quote, until_unix: until.0 });
        }
        Ok(locked)
    }

    /// Closes the record at the last event. `None` where the pool never had a price, or of a run
    /// without a pool where nothing happened.
    ///
    /// Errors: [`AttributionError`].
    pub fn finish(mut self, market: &Market, ledger: &Ledger) -> Result<Option<RunRecord>> {
        let end = self.last.as_ref().map(|last| last.time);
        let (Some((start, deposit_value)), Some(end)) = (self.start, end) else {
            return Ok(None);
        };
        self.sample(market, ledger)?;
        let still_open: f64 = self.open.values().map(|watched| watched.lvr.total()).sum();
        for watched in self.open.values() {
            if let Some(span) = self.ranges.get_mut(watched.span) {
                span.to_unix = end.0;
            }
        }
        let seconds = end.seconds_since(start);
        let in_range = self.seconds_in_range as f64;
        let locked = self.locked(market, ledger)?;
        Ok(Some(RunRecord {
            locked,
            settlement: self.attribution.settle(market, ledger)?,
            deposit_value,
            lvr: self.lvr + still_open,
            time_in_range: if seconds == 0 { 0.0 } else { in_range / seconds as f64 },
            rebalances: self.opened.saturating_sub(1),
            price: self.price,
            value: self.value,
            drawdown: self.drawdown,
            hourly: self.hourly,
            cumulative_fees: self.cumulative_fees,
            cumulative_rewards: self.cumulative_rewards,
            ranges: self.ranges,
            actions: self.actions,
        }))
    }
}

/// What an outcome is called, and what it says.
fn described(kind: &OutcomeKind, market: &Market) -> (&'static str, String) {
    match *kind {
        OutcomeKind::Opened { holding: Holding::Range { range, liquidity }, .. } => {
            ("open", format!("ticks {range}, liquidity {liquidity}"))
        }
        OutcomeKind::Opened { holding: Holding::Shares(shares), deposited, .. } => {
            let names = token_names(deposited.len());
            ("open", format!("{shares} shares for {} (raw {names})", listed(&deposited)))
        }
        OutcomeKind::Opened { holding: Holding::Stake { .. }, deposited, .. } => {
            let names = token_names(deposited.len());
            ("stake", format!("{} (raw {names})", listed(&deposited)))
        }
        OutcomeKind::Opened { holding: Holding::Lock { until, .. }, deposited, .. } => {
            let names = token_names(deposited.len());
            let until = utc_minute(until.0);
            ("lock", format!("{} (raw {names}) until {until}", listed(&deposited)))
        }
        OutcomeKind::Voted { position, ballot } => {
            ("vote", voted(&ballot, market.voting_of(position)))
        }
        OutcomeKind::Extended { until, .. } => ("extend", format!("until {}", utc_minute(until.0))),
        OutcomeKind::Unbonding { ready_at, .. } => {
            ("unbond", format!("can be had at {}", utc_minute(ready_at.0)))
        }
        OutcomeKind::Compounded { amount, .. } => ("compound", format!("{amount} raw units")),
        OutcomeKind::Closed { withdrawn, fees, .. } => {
            let names = token_names(withdrawn.len());
            let (withdrawn, fees) = (listed(&withdrawn), listed(&fees));
            ("close", format!("withdrew {withdrawn}, fees {fees} (raw {names})"))
        }
        OutcomeKind::Swapped { pair, amount_in, amount_out, .. } => {
            let (paid, received) = (pair.input.0, pair.output.0);
            ("swap", format!("{amount_in} raw token{paid} for {amount_out} raw token{received}"))
        }
        OutcomeKind::Arbitraged { legs: [first, second], amount_in, between, amount_out } => {
            let (pools, tokens) = ([first.pool.0, second.pool.0], [first.pair, second.pair]);
            let [paid, bought] = [tokens[0].input.0, tokens[0].output.0];
            let there = format!("{amount_in} raw token{paid} for {between} raw token{bought}");
            let back = format!("back for {amount_out}");
            ("arbitrage", format!("{there} in pool {}, {back} in pool {}", pools[0], pools[1]))
        }
        OutcomeKind::Staked { fees, .. } if fees.is_zero() => ("stake", String::new()),
        OutcomeKind::Staked { fees, .. } => {
            let names = token_names(fees.len());
            ("stake", format!("fees {} (raw {names})", listed(&fees)))
        }
        OutcomeKind::Claimed { reward, .. } => {
            ("claim", format!("{} raw reward units", reward.amount))
        }
        OutcomeKind::Unstaked { reward, .. } => {
            ("unstake", format!("{} raw reward units", reward.amount))
        }
        OutcomeKind::Sold { reward, into, amount_out, .. } => {
            let (sold, bought) = (reward.amount, into.0);
            ("sell", format!("{sold} raw reward units for {amount_out} raw token{bought}"))
        }
        OutcomeKind::Traded { instrument, side, quantity, amount, commission } => {
            (side.name(), traded(market, instrument, [quantity, amount, commission]))
        }
        OutcomeKind::Rejected(reason) => ("rejected", reason.describe().to_owned()),
        OutcomeKind::Expired if !market.has_pools() => {
            ("expired", "the feeds ended before it was executed".to_owned())
        }
        OutcomeKind::Expired => ("expired", "the tape ended before its block".to_owned()),
    }
}

/// Writes a trade as `5 raw units of ETH-PERP for 19, commission 1`.
fn traded(market: &Market, id: InstrumentId, amounts: [Amount; 3]) -> String {
    let name = market.instruments().get(id).map_or("?", |found| found.name.as_str());
    let [quantity, amount, commission] = amounts;
    format!("{quantity} raw units of {name} for {amount}, commission {commission}")
}

/// What the first instrument of exchanges was last traded at; `None` before it was.
fn price_at_exchanges(market: &Market) -> Option<f64> {
    let (id, first) = market.instruments().iter().next()?;
    Some(whole_price(market.mark(id)?, [first.base_decimals, first.quote_decimals]))
}

/// How many times a pool of shares has changed; `None` for one that is concentrated.
fn changes_of(market: &Market, pool: PoolId) -> Option<u64> {
    Some(market.pool(pool)?.shares()?.changes())
}

/// Whether a position trades at this tick; shares trade at any price.
fn is_inside(range: Option<TickRange>, tick: Option<Tick>) -> bool {
    range.is_none_or(|range| tick.is_some_and(|tick| range.contains(tick)))
}

/// Writes a vote as `one gauge 2500 bps and another 7500 bps`.
fn voted(ballot: &Ballot, voting: Option<&VotingMarket>) -> String {
    let gauges = voting.map_or(&[][..], VotingMarket::gauges);
    let name = |number: usize| gauges.get(number).map_or("?", |gauge| gauge.name.as_str());
    let choice =
        |choice: &Choice| format!("{} {} bps", name(usize::from(choice.gauge.0)), choice.part.0);
    joined(&ballot.choices().iter().map(choice).collect::<Vec<_>>())
}

/// Writes amounts as `1, 2 and 3`.
fn listed(amounts: &TokenAmounts) -> String {
    let texts: Vec<_> = amounts.as_slice().iter().map(ToString::to_string).collect();
    joined(&texts)
}

fn token_names(count: usize) -> String {
    let names: Vec<_> = (0..count).map(|index| format!("token{index}")).collect();
    joined(&names)
}

fn joined(texts: &[String]) -> String {
    match texts {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        few => few.concat(),
    }
}
