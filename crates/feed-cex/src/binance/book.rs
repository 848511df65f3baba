use std::collections::BTreeMap;

use tidemill_model::{BestQuote, BookSnapshot, BookUpdate};
use tidemill_units::Decimal;

use super::BinanceMarket;
use crate::book::{Book, BookFault, BookWindow};

/// A book kept from a snapshot and the updates around it, by the venue's rules of sequence.
///
/// While it is not known to be whole it says nothing at all. Updates that arrive meanwhile wait
/// for the next snapshot, in the order of their numbers.
///
/// Source: Binance, "How to manage a local order book correctly", for spot in
/// `web-socket-streams.md` (2023-12-04) and for USD-M futures (2025).
#[derive(Clone, Debug)]
pub struct BinanceBook {
    market: BinanceMarket,
    limits: BookLimits,
    state: State,
    waiting: BTreeMap<u64, BookUpdate>,
    /// The newest update that was seen: a snapshot from before it is of the past.
    newest: u64,
}

/// How much of a book is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookLimits {
    /// How many levels a side a snapshot was asked for.
    pub told: usize,
    /// How many levels a side are kept at most; above zero.
    pub kept: usize,
    /// How many updates wait for a snapshot at most; the oldest go first.
    pub waiting: usize,
}

/// What became of an update or a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookEvent {
    /// The book is unknown; the update waits for a snapshot.
    Waiting,
    /// The book has it already.
    Old,
    /// The book is as of this update.
    Applied {
        /// The update's last number.
        last_update_id: u64,
    },
    /// There is a hole: the book is unknown until the next snapshot.
    Gap {
        /// The number that had to be next; on USD-M futures the one that had to be before.
        expected: u64,
        /// The number that came instead.
        found: u64,
    },
    /// The best bid is not below the best ask: the book is unknown until the next snapshot.
    Crossed {
        /// The best bid.
        bid: Decimal,
        /// The best ask.
        ask: Decimal,
    },
    /// The market moved past every known level: the book is unknown until the next snapshot.
    Exhausted,
    /// The book is known again.
    Resynced {
        /// As of this update.
        last_update_id: u64,
        /// The updates that had waited and now follow the snapshot, in order.
        replayed: Vec<BookUpdate>,
    },
}

impl Default for BookLimits {
    /// A thousand levels told, five thousand kept, ten thousand updates waiting: at ten updates a
    /// second, seventeen minutes.
    fn default() -> Self {
        Self { told: 1_000, kept: 5_000, waiting: 10_000 }
    }
}

#[derive(Clone, Debug)]
enum State {
    Unknown,
    Known {
        book: Book,
        last_update_id: u64,
        /// Whether an update has followed the snapshot yet: the first may overlap it.
        followed: bool,
    },
}

enum Place {
    Old,
    Next,
    Hole { expected: u64, found: u64 },
}

impl BinanceBook {
    /// Returns a book of which nothing is known yet.
    pub fn new(market: BinanceMarket, limits: BookLimits) -> Self {
        Self { market, limits, state: State::Unknown, waiting: BTreeMap::new(), newest: 0 }
    }

    /// Returns the book; `None` while it is unknown.
    pub fn book(&self) -> Option<&Book> {
        match &self.state {
            State::Unknown => None,
            State::Known { book, .. } => Some(book),
        }
    }

    /// Returns the last update in the book; `None` while it is unknown.
    pub fn last_update_id(&self) -> Option<u64> {
        match &self.state {
            State::Unknown => None,
            State::Known { last_update_id, .. } => Some(*last_update_id),
        }
    }

    /// Returns the best bid and ask; `None` while the book is unknown or a side is empty.
    pub fn best(&self) -> Option<BestQuote> {
        let book = self.book()?;
        let (bid, ask) = (book.best_bid()?, book.best_ask()?);
        Some(BestQuote { update_id: self.last_update_id()?, time: None, bid, ask })
    }

    /// Forgets the book and all that was seen: a connection ended.
    pub fn reset(&mut self) {
        self.forget();
        self.newest = 0;
    }

    fn forget(&mut self) {
        self.state = State::Unknown;
        self.waiting.clear();
    }

    /// Takes the next update of the stream.
    pub fn update(&mut self, update: &BookUpdate) -> BookEvent {
        self.newest = self.newest.max(update.last_update_id);
        let State::Known { book, last_update_id, followed } = &mut self.state else {
            self.wait(update.clone());
            return BookEvent::Waiting;
        };
        match place(self.market, *last_update_id, *followed, update) {
            Place::Old => BookEvent::Old,
            Place::Hole { expected, found } => {
                self.forget();
                self.wait(update.clone());
                BookEvent::Gap { expected, found }
            }
            Place::Next => {
                book.apply(&update.bids, &update.asks);
                *last_update_id = update.last_update_id;
                *followed = true;
                let fault = book.fault();
                match fault {
                    None => BookEvent::Applied { last_update_id: update.last_update_id },
                    Some(fault) => self.fail(fault),
                }
            }
        }
    }

    /// Takes a snapshot, and the updates that waited and follow it.
    ///
    /// A snapshot that is older than what waits, or than what was seen, leaves a hole: the book
    /// stays unknown, what waits goes on waiting, and a later snapshot is needed.
    pub fn snapshot(&mut self, snapshot: &BookSnapshot) -> BookEvent {
        let BookLimits { told, kept, .. } = self.limits;
        let window = BookWindow::Snapshot { told, kept };
        let mut book = Book::new(&snapshot.bids, &snapshot.asks, window);
        let mut last_update_id = snapshot.last_update_id;
        let mut replayed = Vec::new();
        self.state = State::Unknown;
        while let Some((first, update)) = self.waiting.pop_first() {
            match place(self.market, last_update_id, !replayed.is_empty(), &update) {
                Place::Old => {}
                Place::Hole { expected, found } => {
                    self.waiting.insert(first, update);
                    return BookEvent::Gap { expected, found };
                }
                Place::Next => {
                    book.apply(&update.bids, &update.asks);
                    last_update_id = update.last_update_id;
                    replayed.push(update);
                }
            }
        }
        if last_update_id < self.newest {
            return BookEvent::Gap { expected: self.newest, found: last_update_id };
        }
        if let Some(fault) = book.fault() {
            return self.fail(fault);
        }
        let followed = !replayed.is_empty();
        self.state = State::Known { book, last_update_id, followed };
        BookEvent::Resynced { last_update_id, replayed }
    }

    fn fail(&mut self, fault: BookFault) -> BookEvent {
        self.forget();
        match fault {
            BookFault::Crossed { bid, ask } => BookEvent::Crossed { bid, ask },
            BookFault::Exhausted => BookEvent::Exhausted,
        }
    }

    fn wait(&mut self, update: BookUpdate) {
        self.waiting.insert(update.first_update_id, update);
        while self.waiting.len() > self.limits.waiting {
            self.waiting.pop_first();
        }
    }
}

/// Where an update stands to a book as of `last`. The first one behind a snapshot may overlap it.
fn place(market: BinanceMarket, last: u64, followed: bool, update: &BookUpdate) -> Place {
    let (first, end) = (update.first_update_id, update.last_update_id);
    match market {
        BinanceMarket::Spot => {
            let next = last.saturating_add(1);
            if end <= last {
                Place::Old
            } else if first == next || (!followed && first < next) {
                Place::Next
            } else {
                Place::Hole { expected: next, found: first }
            }
        }
        BinanceMarket::UsdM => {
            // What carries the snapshot's own number is taken again, as the venue says: its
            // quantities are absolute, and the next update names it as the one before.
            let previous = update.previous_update_id;
            let overlaps = !followed && first <= last && last <= end;
            if overlaps || (previous == Some(last) && end > last) {
                Place::Next
            } else if end <= last {
                Place::Old
            } else {
                Place::Hole { expected: last, found: previous.unwrap_or(first) }
            }
        }
    }
}
