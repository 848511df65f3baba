//! What a live feed gives its reader, and what happens when the reader is slow.

use std::time::Duration;

use tidemill_model::{BookLevel, BookSnapshot};
use tidemill_units::InstantUs;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::book::Book;
use crate::event::{CexBody, CexEvent, Gap, GapCause, Series};

/// A live feed. Dropping it ends the connection.
#[derive(Debug)]
pub struct Live {
    events: mpsc::Receiver<CexEvent>,
    task: AbortHandle,
}

/// What is done when the reader is so slow that no place is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// The feed ends, with a gap as its last event.
    Halt,
    /// Events are lost until half of the places are free; then a gap says how many, and every book
    /// is told anew.
    Gap,
}

impl Live {
    pub(crate) fn new(events: mpsc::Receiver<CexEvent>, task: AbortHandle) -> Self {
        Self { events, task }
    }

    /// Returns the next event; `None` when the feed has halted. Nothing is lost when it is dropped
    /// half-way.
    pub async fn next(&mut self) -> Option<CexEvent> {
        self.events.recv().await
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The writing end: never waits, never loses without saying so.
#[derive(Debug)]
pub(crate) struct Outlet {
    sender: mpsc::Sender<CexEvent>,
    overflow: Overflow,
    lost: u64,
}

/// How long a reader that has caught up waits at most to hear of its loss.
pub(crate) const LOSS_TOLD_WITHIN: Duration = Duration::from_millis(100);

/// The feed is over: it was halted, or nobody reads.
#[derive(Debug)]
pub(crate) struct Ended;

/// What to do before the next event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ready {
    /// Nothing.
    Yes,
    /// Tell every book anew: the reader has missed changes.
    TellBooks,
}

impl Outlet {
    pub(crate) fn new(sender: mpsc::Sender<CexEvent>, overflow: Overflow) -> Self {
        Self { sender, overflow, lost: 0 }
    }

    /// Whether the reader has yet to hear of a loss.
    pub(crate) fn has_lost(&self) -> bool {
        self.lost > 0
    }

    /// Says that events were lost, once there is place to go on.
    pub(crate) fn recover(&mut self, seen_at: InstantUs) -> Result<Ready, Ended> {
        if self.lost == 0 {
            return Ok(Ready::Yes);
        }
        if self.sender.capacity() < self.sender.max_capacity() / 2 {
            return Ok(Ready::Yes);
        }
        let lost = std::mem::take(&mut self.lost);
        self.send(slow(seen_at, lost))?;
        Ok(Ready::TellBooks)
    }

    /// Hands an event over, or counts it as lost. The last place is kept for saying so.
    pub(crate) fn push(&mut self, event: CexEvent) -> Result<(), Ended> {
        if self.lost == 0 && self.sender.capacity() > 1 {
            return self.send(event);
        }
        match self.overflow {
            Overflow::Halt => {
                self.send(slow(event.seen_at, 1))?;
                Err(Ended)
            }
            Overflow::Gap if self.sender.is_closed() => Err(Ended),
            Overflow::Gap => {
                self.lost = self.lost.saturating_add(1);
                Ok(())
            }
        }
    }

    fn send(&self, event: CexEvent) -> Result<(), Ended> {
        self.sender.try_send(event).map_err(|_| Ended)
    }
}

fn slow(seen_at: InstantUs, lost: u64) -> CexEvent {
    gap(seen_at, "", Series::All, GapCause::SlowReader { lost })
}

pub(crate) fn gap(seen_at: InstantUs, symbol: &str, series: Series, cause: GapCause) -> CexEvent {
    let body = CexBody::Gap(Gap { series, cause });
    CexEvent { seen_at, symbol: symbol.to_owned(), body }
}

/// Returns a book as a snapshot, all levels of it.
pub(crate) fn as_snapshot(book: &Book, last_update_id: u64) -> BookSnapshot {
    let (bids, asks): (Vec<BookLevel>, _) = (book.bids().collect(), book.asks().collect());
    BookSnapshot { last_update_id, bids, asks }
}

#[cfg(test)]
mod tests;
