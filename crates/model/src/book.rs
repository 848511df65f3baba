use std::collections::BTreeMap;

use tidemill_units::Decimal;

use crate::BookLevel;

/// An order book, exact as far as it goes.
///
/// It holds what was told of it and knows where its knowledge ends: a level beyond that is not
/// shown, since nobody could say what stands between it and the known ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    bids: Side,
    asks: Side,
    window: BookWindow,
}

/// How deep a book is known and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookWindow {
    /// Updates tell every change at any depth, and the snapshot was cut off.
    Snapshot {
        /// How many levels a side the snapshot had at most: where it has as many, what lies
        /// beyond is unknown.
        told: usize,
        /// How many levels a side are kept at most; above zero.
        kept: usize,
    },
    /// The venue keeps just so many levels a side, and tells a level when it comes into view.
    Venue(usize),
}

/// What a book cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookFault {
    /// The best bid is not below the best ask.
    Crossed {
        /// The best bid.
        bid: Decimal,
        /// The best ask.
        ask: Decimal,
    },
    /// Every known level of a side is gone, and others are beyond what is known.
    Exhausted,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Side {
    levels: BTreeMap<Decimal, Decimal>,
    /// The worst price about which everything is known; `None` where that is so of all prices.
    known_to: Option<Decimal>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Facing {
    Bid,
    Ask,
}

impl BookWindow {
    /// For books kept from the events of a live feed that tells changes at any depth: a snapshot
    /// there says nothing of what lies beyond its worst levels.
    pub const OF_FEED: Self = Self::Snapshot { told: 0, kept: 5_000 };
}

impl Book {
    /// Returns the book of a snapshot. Levels without quantity are left out.
    pub fn new(bids: &[BookLevel], asks: &[BookLevel], window: BookWindow) -> Self {
        let mut book = Self { bids: Side::default(), asks: Side::default(), window };
        book.bids.fill(bids, Facing::Bid, window);
        book.asks.fill(asks, Facing::Ask, window);
        book.cut();
        book
    }

    /// Sets the quantities of levels; zero removes one, and removing what is not there is normal.
    pub fn apply(&mut self, bids: &[BookLevel], asks: &[BookLevel]) {
        self.bids.apply(bids, Facing::Bid);
        self.asks.apply(asks, Facing::Ask);
        self.cut();
    }

    /// Returns the highest bid.
    pub fn best_bid(&self) -> Option<BookLevel> {
        self.bids().next()
    }

    /// Returns the lowest ask.
    pub fn best_ask(&self) -> Option<BookLevel> {
        self.asks().next()
    }

    /// Gives the bids, highest price first.
    pub fn bids(&self) -> impl Iterator<Item = BookLevel> + '_ {
        self.bids.levels.iter().rev().map(level)
    }

    /// Gives the asks, lowest price first.
    pub fn asks(&self) -> impl Iterator<Item = BookLevel> + '_ {
        self.asks.levels.iter().map(level)
    }

    /// Returns what the book cannot be, if it is.
    pub fn fault(&self) -> Option<BookFault> {
        let exhausted = |side: &Side| side.levels.is_empty() && side.known_to.is_some();
        if exhausted(&self.bids) || exhausted(&self.asks) {
            return Some(BookFault::Exhausted);
        }
        let (bid, ask) = (self.best_bid()?.price, self.best_ask()?.price);
        (bid >= ask).then_some(BookFault::Crossed { bid, ask })
    }

    /// Cuts both sides to what is kept.
    fn cut(&mut self) {
        let (kept, bounded) = match self.window {
            BookWindow::Snapshot { kept, .. } => (kept, true),
            BookWindow::Venue(kept) => (kept, false),
        };
        self.bids.cut(kept, Facing::Bid, bounded);
        self.asks.cut(kept, Facing::Ask, bounded);
    }
}

fn level((price, quantity): (&Decimal, &Decimal)) -> BookLevel {
    BookLevel { price: *price, quantity: *quantity }
}

impl Side {
    fn fill(&mut self, levels: &[BookLevel], facing: Facing, window: BookWindow) {
        self.apply(levels, facing);
        if let BookWindow::Snapshot { told, .. } = window
            && levels.len() >= told
        {
            self.known_to = self.worst(facing);
        }
    }

    fn worst(&self, facing: Facing) -> Option<Decimal> {
        match facing {
            Facing::Bid => self.levels.first_key_value(),
            Facing::Ask => self.levels.last_key_value(),
        }
        .map(|(price, _)| *price)
    }

    fn knows(&self, price: Decimal, facing: Facing) -> bool {
        self.known_to.is_none_or(|bound| match facing {
            Facing::Bid => price >= bound,
            Facing::Ask => price <= bound,
        })
    }

    fn apply(&mut self, levels: &[BookLevel], facing: Facing) {
        for level in levels {
            if level.quantity.is_zero() {
                self.levels.remove(&level.price);
            } else if self.knows(level.price, facing) {
                self.levels.insert(level.price, level.quantity);
            }
        }
    }

    fn cut(&mut self, kept: usize, facing: Facing, bounded: bool) {
        let mut dropped = false;
        while self.levels.len() > kept {
            match facing {
                Facing::Bid => self.levels.pop_first(),
                Facing::Ask => self.levels.pop_last(),
            };
            dropped = true;
        }
        if dropped && bounded {
            self.known_to = self.worst(facing);
        }
    }
}
