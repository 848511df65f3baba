mod known_blocks;

use std::collections::{BTreeMap, VecDeque};

use tidemill_model::{ChainId, Event, EventBody, ReorgDepth, RevertedBlock};

use crate::market::Place;
use crate::{BlockError, Market, MarketError};
use known_blocks::KnownBlocks;

/// What it takes to take the newest blocks of a market's chains back.
///
/// A market is a fold of the log, so a market without a block is the fold of the log without the
/// block's events. The log keeps a second market, *settled*, that is behind by the blocks that may
/// be taken back, and the events between the two. A block that gets old is applied to the settled
/// market and forgotten; a block that is taken back is left out when the rest is applied to a copy
/// of the settled one. Nothing about a pool, a programme or a position of ours has to be undone
/// field by field, and nothing can be forgotten.
///
/// Every event is applied twice, then, and a block that is taken back costs a copy of the market
/// and as many events as are kept: microseconds and milliseconds, in a run that waits seconds for
/// its blocks. A run that needs no undo has no such log and pays nothing.
///
/// Bounds: the events of [`ReorgDepth`] blocks of each chain, and those of other kinds between
/// them; never more than [`UndoLog::MOST_EVENTS`], whereupon the oldest block settles early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoLog {
    depth: ReorgDepth,
    most_events: usize,
    settled: Market,
    recent: VecDeque<Recent>,
    chains: BTreeMap<ChainId, KnownBlocks>,
}

/// An event that may be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recent {
    /// Its block, if it is of one.
    place: Option<Place>,
    event: Event,
}

impl UndoLog {
    /// The most events that are kept: 64 blocks of four thousand logs each, in some 70 MB.
    pub const MOST_EVENTS: usize = 1 << 18;

    /// Returns the log of a market as it is: nothing before can be taken back. From here on the
    /// market is to be changed by [`UndoLog::apply`] alone.
    pub fn new(market: &Market, depth: ReorgDepth) -> Self {
        Self {
            depth,
            most_events: Self::MOST_EVENTS,
            settled: market.clone(),
            recent: VecDeque::new(),
            chains: BTreeMap::new(),
        }
    }

    /// Sets how many events are kept at most.
    #[must_use]
    pub fn with_most_events(mut self, most_events: usize) -> Self {
        self.most_events = most_events;
        self
    }

    /// Returns the market without the blocks that may still be taken back.
    pub fn settled(&self) -> &Market {
        &self.settled
    }

    /// Moves a market on by one event, or takes a block back: the market is then what it would be
    /// had nothing in that block ever happened, its time and block those of the last event left.
    ///
    /// Errors: [`MarketError::Block`], after which both are as they were; those of
    /// [`Market::apply`], after which the market is not to be used.
    pub fn apply(&mut self, market: &mut Market, event: &Event) -> Result<(), MarketError> {
        if let EventBody::Reverted(reverted) = &event.body {
            *market = self.without(reverted)?;
            return Ok(());
        }
        let place = market.place_of(event)?;
        self.check_order(place, event)?;
        market.apply(event)?;
        self.note(place, event);
        self.settle()
    }

    fn check_order(&self, place: Option<Place>, event: &Event) -> Result<(), BlockError> {
        let Some((chain, number)) = place else { return Ok(()) };
        let Some(known) = self.chains.get(&chain) else { return Ok(()) };
        match &event.body {
            EventBody::Block(mined) => known.check_mined(mined),
            EventBody::Chain(_) | EventBody::Programme(_) => known.check_order(chain, number),
            // Whoever waits for a receipt may be told of it blocks later.
            EventBody::Outcome(_)
            | EventBody::Account(_)
            | EventBody::Price(_)
            | EventBody::Data(_)
            | EventBody::Feed(_)
            | EventBody::Reverted(_) => Ok(()),
        }
    }

    fn note(&mut self, place: Option<Place>, event: &Event) {
        if let Some((chain, number)) = place {
            let hash = match &event.body {
                EventBody::Block(mined) => Some(mined.hash),
                EventBody::Chain(_)
                | EventBody::Programme(_)
                | EventBody::Price(_)
                | EventBody::Account(_)
                | EventBody::Outcome(_)
                | EventBody::Data(_)
                | EventBody::Feed(_)
                | EventBody::Reverted(_) => None,
            };
            let known = self.chains.entry(chain).or_default();
            known.note(number, hash);
            known.settle(|number, newest| self.depth.is_settled(chain, number, newest));
        }
        self.recent.push_back(Recent { place, event: event.clone() });
    }

    /// Applies what is old enough to the settled market.
    fn settle(&mut self) -> Result<(), MarketError> {
        while let Some(Recent { place, event }) = self.recent.front() {
            let known = place.and_then(|(chain, _)| self.chains.get_mut(&chain));
            if let Some((known, (_, number))) = known.zip(*place) {
                if self.recent.len() > self.most_events {
                    known.settle(|other, _| other <= number);
                }
                if !known.is_settled(number) {
                    return Ok(());
                }
            }
            // It was applied to the same market before, when this was the newest.
            self.settled.apply(event)?;
            self.recent.pop_front();
        }
        Ok(())
    }

    /// Forgets a block; returns the market without it.
    fn without(&mut self, reverted: &RevertedBlock) -> Result<Market, MarketError> {
        let known = self.chains.get_mut(&reverted.chain);
        let known = known.ok_or(BlockError::UnknownBlock { reverted: *reverted })?;
        known.check_reverted(reverted)?;
        let gone = Some((reverted.chain, reverted.number));
        let mut market = self.settled.clone();
        for recent in self.recent.iter().filter(|recent| recent.place != gone) {
            let applied = market.apply(&recent.event);
            applied.map_err(|error| {
                let error = Box::new(error);
                BlockError::Remains { reverted: *reverted, error }
            })?;
        }
        self.recent.retain(|recent| recent.place != gone);
        known.forget_newest();
        Ok(market)
    }
}
