use flate2::Crc;
use tidemill_model::{BestQuote, BookLevel, BookSnapshot, BookUpdate};
use tidemill_units::{Decimal, InstantUs};

use super::{KrakenBookMessage, KrakenPlaces};
use crate::book::{Book, BookFault, BookWindow};

/// A book kept from the channel's snapshot and updates, and checked against the venue's checksum
/// after each.
///
/// The channel has no numbers of sequence. Its messages are numbered here by their time in
/// microseconds, or one more than the message before where that is no later, so that numbers rise
/// across connections too.
///
/// Source: Kraken, "Book checksum (WebSocket v2)", docs.kraken.com (2026-04).
#[derive(Clone, Debug)]
pub struct KrakenBook {
    depth: usize,
    book: Option<Book>,
    places: KrakenPlaces,
    last_update_id: u64,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KrakenBookEvent {
    /// The book is unknown, and this is no snapshot.
    Waiting,
    /// The book is as of this update.
    Applied(BookUpdate),
    /// The book is known again, as of this snapshot.
    Resynced(BookSnapshot),
    /// Something was missed: the book is unknown until the next snapshot.
    Checksum {
        /// The venue's checksum.
        expected: u32,
        /// Ours.
        found: u32,
    },
    /// The best bid is not below the best ask: the book is unknown until the next snapshot.
    Crossed {
        /// The best bid.
        bid: Decimal,
        /// The best ask.
        ask: Decimal,
    },
}

impl KrakenBook {
    /// Returns a book of which nothing is known yet, as deep as is subscribed: 10, 25, 100, 500 or
    /// 1000 levels a side.
    pub fn new(depth: usize) -> Self {
        let places = KrakenPlaces::default();
        Self { depth, book: None, places, last_update_id: 0 }
    }

    /// Returns the book; `None` while it is unknown.
    pub fn book(&self) -> Option<&Book> {
        self.book.as_ref()
    }

    /// Returns the best bid and ask; `None` while the book is unknown or a side is empty.
    pub fn best(&self) -> Option<BestQuote> {
        let book = self.book()?;
        let (bid, ask) = (book.best_bid()?, book.best_ask()?);
        Some(BestQuote { update_id: self.last_update_id, time: None, bid, ask })
    }

    /// Forgets the book: something was missed.
    pub fn reset(&mut self) {
        self.book = None;
    }

    /// Takes the next message of the market, received at `seen_at`.
    pub fn message(&mut self, message: &KrakenBookMessage, seen_at: InstantUs) -> KrakenBookEvent {
        if message.is_snapshot {
            self.places = message.places;
            let window = BookWindow::Venue(self.depth);
            self.book = Some(Book::new(&message.bids, &message.asks, window));
        } else if let Some(book) = &mut self.book {
            self.places.widen(message.places);
            book.apply(&message.bids, &message.asks);
        } else {
            return KrakenBookEvent::Waiting;
        }
        let Some(book) = &self.book else {
            return KrakenBookEvent::Waiting;
        };
        let (expected, found) = (message.checksum, checksum(book, self.places));
        if expected != found {
            self.reset();
            return KrakenBookEvent::Checksum { expected, found };
        }
        if let Some(BookFault::Crossed { bid, ask }) = book.fault() {
            self.reset();
            return KrakenBookEvent::Crossed { bid, ask };
        }
        let time = message.time.unwrap_or(seen_at);
        let number = u64::try_from(time.0).unwrap_or(0);
        let first = self.last_update_id.saturating_add(1);
        self.last_update_id = number.max(first);
        let last_update_id = self.last_update_id;
        let (bids, asks) = (message.bids.clone(), message.asks.clone());
        if message.is_snapshot {
            return KrakenBookEvent::Resynced(BookSnapshot { last_update_id, bids, asks });
        }
        KrakenBookEvent::Applied(BookUpdate {
            time,
            first_update_id: first,
            last_update_id,
            previous_update_id: first.checked_sub(1),
            bids,
            asks,
        })
    }
}

/// Returns the venue's checksum of a book: CRC-32 over the ten best asks, then the ten best bids,
/// each price and quantity with all their places, without the point and leading zeros.
fn checksum(book: &Book, places: KrakenPlaces) -> u32 {
    let mut crc = Crc::new();
    let mut digits = String::with_capacity(40);
    let mut add = |level: BookLevel| {
        for (value, places) in [(level.price, places.price), (level.quantity, places.quantity)] {
            digits.clear();
            write_scaled(value, places, &mut digits);
            crc.update(digits.as_bytes());
        }
    };
    book.asks().take(10).for_each(&mut add);
    book.bids().take(10).for_each(&mut add);
    crc.sum()
}

/// Writes the digits of a number with so many places behind the point, at most 18: the places
/// that are seen hold every number of the pair, so nothing is cut off.
fn write_scaled(value: Decimal, places: usize, into: &mut String) {
    let spare = usize::from(Decimal::PLACES).saturating_sub(places);
    let scale = u32::try_from(spare).ok().and_then(|spare| 10_i128.checked_pow(spare));
    let scaled = scale.and_then(|scale| value.raw().checked_div(scale)).unwrap_or(0);
    use std::fmt::Write;
    // Writing to a string cannot go wrong.
    let _ = write!(into, "{scaled}");
}
