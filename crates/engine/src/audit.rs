use std::convert::Infallible;
use std::vec;

use tidemill_exec::World;
use tidemill_market::Market;
use tidemill_model::Event;
use tidemill_risk::Approved;

/// The log of a run: every event in order, outcomes included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// The events, by ascending sequence.
    pub events: Vec<Event>,
}

/// Replays a journal. Orders go nowhere: how they ended is in the journal.
#[derive(Debug)]
pub struct AuditWorld {
    events: vec::IntoIter<Event>,
}

impl AuditWorld {
    /// Returns the world that this journal saw.
    pub fn new(journal: Journal) -> Self {
        Self { events: journal.events.into_iter() }
    }
}

impl World for AuditWorld {
    type Error = Infallible;

    fn next(&mut self, _: &Market) -> Result<Option<Event>, Infallible> {
        Ok(self.events.next())
    }

    fn submit(&mut self, _: Approved) {}
}
