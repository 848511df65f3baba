use std::collections::VecDeque;
use std::convert::Infallible;

use tidemill_exec::World;
use tidemill_market::Market;
use tidemill_model::{Event, EventBody, Order, Outcome, OutcomeKind, Tape, TapeEvent};
use tidemill_risk::Approved;

use super::immediate_fill::outcome_of;
use super::synthetic_tape::{chain_event, outcome_event};

/// Executes orders before the first event of a later block, without gas; what is left at the end
/// expires. The engine may not know the simulated venue, which stands beside it.
pub(super) struct EndOfBlockVenue {
    events: VecDeque<TapeEvent>,
    pending: VecDeque<Order>,
    sequence: u64,
}

impl EndOfBlockVenue {
    pub(super) fn new(tape: &Tape) -> Self {
        let events = tape.events.iter().cloned().collect();
        Self { events, pending: VecDeque::new(), sequence: 0 }
    }
}

impl World for EndOfBlockVenue {
    type Error = Infallible;

    fn next(&mut self, market: &Market) -> Result<Option<Event>, Infallible> {
        self.sequence += 1;
        let block_is_over = self.events.front().is_none_or(|next| next.block > market.block());
        let due = self.pending.front().copied();
        if let Some(order) = due.filter(|_| block_is_over) {
            self.pending.pop_front();
            let mut outcome = outcome_of(&order, market);
            if self.events.is_empty() {
                outcome = Outcome { kind: OutcomeKind::Expired, ..outcome };
            }
            return Ok(Some(outcome_event(self.sequence, market.now(), outcome)));
        }
        let Some(recorded) = self.events.pop_front() else { return Ok(None) };
        let event = chain_event(self.sequence, &recorded);
        assert!(matches!(event.body, EventBody::Chain(_)));
        Ok(Some(event))
    }

    fn submit(&mut self, approved: Approved) {
        self.pending.push_back(*approved.order());
    }
}
