//! The recorded swaps of a pool, worked out once for all markets that follow the same tape.
//!
//! History does not depend on who looks at it: ten markets with ten strategies would find the same
//! call behind the same swap ten times. Here it is found once, and each of them makes it in its own
//! copy of the pool, which is the cheaper part.

use std::ops::Range;
use std::sync::Arc;

use tidemill_amm::concentrated::{Pool, SwapStep};
use tidemill_model::{PoolEvent, Tape, TapeEvent};

use crate::resolve::{RecordedSwap, ResolvedSwap, Steps};
use crate::{ConcentratedMarket, Footprint, MarketError};

/// What the swaps among some events of a tape, one after another, were found to be.
#[derive(Debug)]
pub struct ResolvedSwaps {
    /// The pool before them, where they are the tape's first.
    start: Option<Box<Pool>>,
    /// How many events of the tape come before.
    first: u64,
    events: Vec<(PoolEvent, Option<Found>)>,
    /// Of all swaps.
    steps: Vec<SwapStep>,
}

/// The call behind a swap, and where its steps are.
#[derive(Debug)]
struct Found {
    resolved: ResolvedSwap,
    steps: Range<usize>,
}

/// Goes along a tape and works its swaps out, so many events at a time.
#[derive(Clone, Debug)]
pub struct SwapResolver {
    market: ConcentratedMarket,
    done: u64,
    is_over: bool,
}

impl SwapResolver {
    /// Returns a resolver at the start of a tape.
    ///
    /// Errors: those of [`ConcentratedMarket::new`].
    pub fn new(tape: &Tape) -> Result<Self, MarketError> {
        let market = ConcentratedMarket::new(tape, Footprint::PriceTaker)?;
        Ok(Self { market, done: 0, is_over: false })
    }

    /// Works out the swaps among the next events of the tape; what is returned takes less than a
    /// kilobyte for each event. It ends before an event that does not reproduce, and so does all
    /// that follows: whoever applies that event finds out what is wrong with it.
    pub fn resolve_next(&mut self, events: &[TapeEvent]) -> ResolvedSwaps {
        let start = (self.done == 0).then(|| Box::new(self.market.history.clone()));
        let (first, steps) = (self.done, Vec::with_capacity(events.len()));
        let mut next =
            ResolvedSwaps { start, first, events: Vec::with_capacity(events.len()), steps };
        for recorded in events {
            let found = if self.is_over { None } else { self.resolve(recorded, &mut next.steps) };
            let Some(found) = found else {
                self.is_over = true;
                break;
            };
            next.events.push((recorded.event.clone(), found));
            self.done = self.done.saturating_add(1);
        }
        next
    }

    /// Works out one event and applies it; `None` where it does not reproduce.
    fn resolve(&mut self, event: &TapeEvent, steps: &mut Vec<SwapStep>) -> Option<Option<Found>> {
        let Self { market, .. } = self;
        let Some((amounts, after)) = event.event.swap() else {
            market.apply_to_history(&event.event, event.time).ok()?;
            return Some(None);
        };
        let recorded = RecordedSwap { amounts, after, tolerance: market.header.amount_tolerance };
        let resolved = recorded.resolve(&market.history, Steps::Keep(&mut market.steps)).ok()?;
        market.history.commit_swap(&resolved.staged, event.time);
        let first = steps.len();
        steps.append(&mut market.steps);
        Some(Some(Found { resolved, steps: first..steps.len() }))
    }
}

/// What a pool was lent, and whether it has followed that from the start: only then is it in the
/// state that the swaps were worked out in. No part of what the pool is, so that it makes no
/// difference between two.
#[derive(Clone, Debug, Default)]
pub(crate) struct LentSwaps {
    swaps: Option<Arc<ResolvedSwaps>>,
    is_in_step: bool,
}

impl PartialEq for LentSwaps {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for LentSwaps {}

impl LentSwaps {
    pub(crate) fn lend(&mut self, swaps: &Arc<ResolvedSwaps>, pool: &Pool, events_before: u64) {
        let is_next = swaps.first == events_before;
        self.is_in_step =
            is_next && swaps.start.as_deref().map_or(self.is_in_step, |start| start == pool);
        self.swaps = self.is_in_step.then(|| Arc::clone(swaps));
    }

    /// Compares the next recorded event with the one that was worked out in its place. From the
    /// first that differs, or is beyond what was lent, the pool goes its own way.
    #[inline]
    pub(crate) fn compare(&mut self, events_before: u64, event: &PoolEvent) {
        if self.is_in_step {
            self.is_in_step = self.at(events_before).is_some_and(|(next, _)| next == event);
        }
    }

    /// Returns what a recorded swap was found to be, and its steps; `None` where the pool has to
    /// find out by itself.
    #[inline]
    pub(crate) fn found(&self, events_before: u64) -> Option<(&ResolvedSwap, &[SwapStep])> {
        let (_, found) = self.at(events_before).filter(|_| self.is_in_step)?;
        let Found { resolved, steps } = found.as_ref()?;
        Some((resolved, self.swaps.as_deref()?.steps.get(steps.clone())?))
    }

    #[inline]
    fn at(&self, events_before: u64) -> Option<&(PoolEvent, Option<Found>)> {
        let swaps = self.swaps.as_deref()?;
        swaps.events.get(usize::try_from(events_before.checked_sub(swaps.first)?).ok()?)
    }
}
