use std::collections::VecDeque;

use tidemill_exec::World;
use tidemill_market::Market;
use tidemill_model::{
    Event, EventBody, GasPaid, Order, Outcome, OutcomeKind, PoolId, Sequence, TapeEvent,
};
use tidemill_risk::Approved;
use tidemill_units::{BlockNumber, Timestamp};

use crate::fill::Fill;
use crate::{GasModel, Inclusion};

/// A tape merged with the outcomes of our orders, in the order in which they would have been seen.
#[derive(Debug)]
pub struct SimulatedWorld<'a> {
    pool: PoolId,
    events: std::slice::Iter<'a, TapeEvent>,
    pending: VecDeque<PendingOrder>,
    gas: GasModel,
    inclusion: Inclusion,
    sequence: u64,
    now: Timestamp,
    has_swapped: bool,
    /// Whether the latest event was the outcome of an order of ours.
    is_after_outcome: bool,
}

#[derive(Clone, Copy, Debug)]
struct PendingOrder {
    order: Order,
    due: BlockNumber,
}

/// A simulation cannot go wrong by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimulationError {}

/// Seconds between two blocks of Ethereum, for the time of a block that the tape has no event of.
const BLOCK_SECONDS: u64 = 12;

impl<'a> SimulatedWorld<'a> {
    /// Returns the world of one pool's events.
    pub fn new(pool: PoolId, events: &'a [TapeEvent], gas: GasModel, inclusion: Inclusion) -> Self {
        Self {
            pool,
            events: events.iter(),
            pending: VecDeque::new(),
            gas,
            inclusion,
            sequence: 0,
            now: Timestamp(0),
            has_swapped: false,
            is_after_outcome: false,
        }
    }

    fn event(&mut self, happened_at: Timestamp, body: EventBody) -> Event {
        self.sequence += 1;
        self.now = happened_at;
        self.is_after_outcome = matches!(body, EventBody::Outcome(_));
        Event { sequence: Sequence(self.sequence), happened_at, seen_at: happened_at, body }
    }

    /// The oldest order, if nothing recorded comes before it any more.
    fn due_order(&mut self) -> Option<PendingOrder> {
        let due = self.pending.front()?.due;
        let comes_first = self.events.as_slice().first().is_none_or(|next| next.block > due);
        if comes_first { self.pending.pop_front() } else { None }
    }

    fn outcome_of(&mut self, pending: PendingOrder, market: &Market) -> Event {
        let PendingOrder { order, due: block } = pending;
        let next = self.events.as_slice().first().map(|next| next.time);
        if next.is_none() && block > market.block() {
            // The tape is over: no block of it can include the order.
            let gas = GasPaid::default();
            return self.end_of(&order, OutcomeKind::Expired, gas, (self.now, block));
        }
        let elapsed = block.0.saturating_sub(market.block().0).saturating_mul(BLOCK_SECONDS);
        let time = Timestamp(self.now.0.saturating_add(elapsed));
        let time = next.map_or(time, |next| time.min(next));
        let fill = Fill::of(&order, market, self.has_swapped);
        self.has_swapped |= matches!(fill.kind, OutcomeKind::Swapped { .. });
        let price = market.gas_price().unwrap_or(self.gas.fallback_price);
        let gas = GasPaid { gas: self.gas.gas(&order.intent, fill.touch), price };
        self.end_of(&order, fill.kind, gas, (time, block))
    }

    fn end_of(
        &mut self,
        order: &Order,
        kind: OutcomeKind,
        gas: GasPaid,
        (time, block): (Timestamp, BlockNumber),
    ) -> Event {
        let outcome = Outcome { order: order.key, block, gas, kind };
        self.event(time, EventBody::Outcome(Box::new(outcome)))
    }
}

impl World for SimulatedWorld<'_> {
    type Error = SimulationError;

    fn next(&mut self, market: &Market) -> Result<Option<Event>, SimulationError> {
        if let Some(pending) = self.due_order() {
            return Ok(Some(self.outcome_of(pending, market)));
        }
        let Some(recorded) = self.events.next() else { return Ok(None) };
        let chain = recorded.in_pool(self.pool);
        Ok(Some(self.event(recorded.time, EventBody::Chain(chain))))
    }

    fn submit(&mut self, approved: Approved) {
        let order = *approved.order();
        let due = if self.is_after_outcome {
            self.inclusion.due_after_outcome(order.decided_in)
        } else {
            self.inclusion.due(order.decided_in)
        };
        self.pending.push_back(PendingOrder { order, due });
    }
}
