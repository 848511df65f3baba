use std::collections::VecDeque;

use tidemill_catalogue::{BookMessage, BookRow, BookSide, Source, Span};
use tidemill_model::{BestQuote, Book, BookFault, BookLevel, BookWindow, FeedItem, GapCause};
use tidemill_units::{Decimal, InstantUs};

use super::folder::{FolderFault, not_recorded};
use super::merge::{Fault, FeedRecord};
use super::watch::{gap, restored};

/// A recorded book as the best bid and ask that each of its messages left.
///
/// A snapshot begins the book anew; changes have to follow it by the venue's numbers. Where the
/// venue tells the number before, that has to be the last one; else the first number has to be the
/// next one; the first change behind a snapshot may overlap it. A break is a gap until the next
/// snapshot, as is a bid that is not below the ask, and a book of which no known level is left.
pub(super) struct BookFold<I> {
    from: Source,
    rows: I,
    /// The first row of the next message.
    ahead: Option<BookRow>,
    /// The messages read, for errors.
    messages: u64,
    known: Option<Known>,
    holes: VecDeque<Span>,
    has_begun: bool,
    in_gap: bool,
    waiting: VecDeque<FeedRecord>,
    is_over: bool,
}

/// A book that is known, and its last number.
struct Known {
    book: Book,
    last_update_id: u64,
    /// Whether a change has followed the snapshot yet.
    followed: bool,
}

/// All rows of one message, as its first row with the levels of all.
struct Message {
    first: BookRow,
    /// When, by the venue's clock, else by ours.
    time: InstantUs,
    bids: Vec<BookLevel>,
    asks: Vec<BookLevel>,
}

/// The most levels of a message.
const MOST_LEVELS: usize = 1 << 16;

enum Place {
    Old,
    Next,
    Hole,
}

impl<I: Iterator<Item = Result<BookRow, Fault>>> BookFold<I> {
    /// Returns what the rows of a source tell, with these holes of the recording.
    pub(super) fn new(from: Source, rows: I, holes: Vec<Span>) -> Self {
        Self {
            from,
            rows,
            ahead: None,
            messages: 0,
            known: None,
            holes: holes.into(),
            has_begun: false,
            in_gap: false,
            waiting: VecDeque::new(),
            is_over: false,
        }
    }

    fn wrong(&self, what: &'static str) -> Fault {
        FolderFault::Row { from: self.from.clone(), row: self.messages, what }.into()
    }

    /// Reads the rows of one message.
    fn message(&mut self) -> Result<Option<Message>, Fault> {
        let first = match self.ahead.take() {
            Some(row) => row,
            None => match self.rows.next().transpose()? {
                Some(row) => row,
                None => return Ok(None),
            },
        };
        self.messages = self.messages.saturating_add(1);
        let time = first.time.or(first.seen_at);
        let time = time.ok_or_else(|| self.wrong("neither time nor seen_at is there"))?;
        let mut message = Message { first, time, bids: Vec::new(), asks: Vec::new() };
        let mut row = first;
        for expected in 0.. {
            if row.row != expected {
                return Err(self.wrong("a level of it is missing"));
            }
            if message.bids.len().saturating_add(message.asks.len()) == MOST_LEVELS {
                return Err(self.wrong("it has more than 65536 levels"));
            }
            if let Some((side, level)) = row.level {
                if level.price <= Decimal::ZERO || level.quantity < Decimal::ZERO {
                    return Err(self.wrong("a price is not above zero, or a quantity below it"));
                }
                match side {
                    BookSide::Bid => message.bids.push(level),
                    BookSide::Ask => message.asks.push(level),
                }
            }
            let Some(next) = self.rows.next().transpose()? else { break };
            let of = |row: &BookRow| (row.message, row.last_update_id);
            if of(&next) != of(&first) {
                self.ahead = Some(next);
                break;
            }
            row = next;
        }
        Ok(Some(message))
    }

    fn take(&mut self, message: &Message) {
        let is_in_hole = self.enter_holes(message.time);
        let BookRow { last_update_id, seen_at, .. } = message.first;
        let fault = match message.first.message {
            BookMessage::Snapshot => {
                let book = Book::new(&message.bids, &message.asks, BookWindow::OF_FEED);
                let fault = book.fault();
                self.known = Some(Known { book, last_update_id, followed: false });
                fault
            }
            BookMessage::Update => {
                let Some(known) = &mut self.known else { return };
                match known.place(&message.first) {
                    Place::Old => return,
                    Place::Hole => {
                        self.lose(message.time, GapCause::OutOfSequence);
                        return;
                    }
                    Place::Next => {}
                }
                known.book.apply(&message.bids, &message.asks);
                known.last_update_id = last_update_id;
                known.followed = true;
                known.book.fault()
            }
        };
        if let Some(fault) = fault {
            let cause = match fault {
                BookFault::Crossed { .. } => GapCause::Impossible,
                BookFault::Exhausted => GapCause::NotRecorded,
            };
            self.lose(message.time, cause);
            return;
        }
        let Some((bid, ask)) = self.known.as_ref().and_then(Known::best) else {
            // One side is empty, so that there is no price; the book is known all the same.
            self.open_gap(message.time, GapCause::NotRecorded);
            return;
        };
        let quote = BestQuote { update_id: last_update_id, time: message.first.time, bid, ask };
        let item = FeedItem::Quote(quote);
        self.waiting.push_back(FeedRecord::Item { item, seen_at });
        self.has_begun = true;
        if self.in_gap && !is_in_hole {
            self.waiting.push_back(restored(message.time));
            self.in_gap = false;
        }
    }

    /// Nothing is known of the book until the next snapshot.
    fn lose(&mut self, at: InstantUs, cause: GapCause) {
        self.known = None;
        self.open_gap(at, cause);
    }

    fn open_gap(&mut self, at: InstantUs, cause: GapCause) {
        if self.has_begun && !self.in_gap {
            self.waiting.push_back(gap(at, at, cause));
            self.in_gap = true;
        }
    }

    /// Opens a gap for what the recording has not; returns whether a time lies in such a hole.
    fn enter_holes(&mut self, time: InstantUs) -> bool {
        while let Some(hole) = self.holes.front().copied().filter(|hole| hole.from <= time.0) {
            if self.has_begun && !self.in_gap {
                let from = InstantUs(hole.from);
                self.waiting.push_back(not_recorded(from, from));
                self.in_gap = true;
            }
            if time.0 < hole.to {
                return true;
            }
            self.holes.pop_front();
        }
        false
    }
}

impl Known {
    fn best(&self) -> Option<(BookLevel, BookLevel)> {
        self.book.best_bid().zip(self.book.best_ask())
    }

    fn place(&self, row: &BookRow) -> Place {
        let (last, end) = (self.last_update_id, row.last_update_id);
        let first = row.first_update_id.unwrap_or(end);
        let next = last.saturating_add(1);
        let overlaps = !self.followed && first <= next;
        let follows = match row.previous_update_id {
            Some(previous) => previous == last,
            None => first == next,
        };
        if end <= last {
            Place::Old
        } else if follows || overlaps {
            Place::Next
        } else {
            Place::Hole
        }
    }
}

impl<I: Iterator<Item = Result<BookRow, Fault>>> Iterator for BookFold<I> {
    type Item = Result<FeedRecord, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.waiting.pop_front() {
                return Some(Ok(record));
            }
            if self.is_over {
                return None;
            }
            match self.message() {
                Ok(Some(message)) => self.take(&message),
                Ok(None) => self.is_over = true,
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
        }
    }
}
