use std::collections::VecDeque;

use tidemill_units::{Tick, Timestamp};

use crate::Minutes;

/// The arithmetic mean of a price's tick over the time up to now, as Uniswap's oracle has it: each
/// tick counts for the seconds until the next one, and of several in one second the last does.
///
/// Bound: one observation for each second of the stretch, and one before it.
///
/// Source: v3-periphery 1.4.4 `OracleLibrary.consult`, v3-core 1.0.1 `Oracle.transform`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MeanTick {
    pub(crate) observations: VecDeque<Observation>,
    /// The tick since the last of them.
    pub(crate) tick: Tick,
}

/// The sum of ticks times seconds up to some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Observation {
    pub(crate) at: Timestamp,
    pub(crate) cumulative: i64,
}

impl MeanTick {
    /// Returns a mean that begins now.
    pub(crate) fn new(at: Timestamp, tick: Tick) -> Self {
        Self { observations: VecDeque::from([Observation { at, cumulative: 0 }]), tick }
    }

    /// Takes note of the tick from now on. Time that runs backwards, as when a block is taken back,
    /// counts as standing still.
    pub(crate) fn observe(&mut self, (at, tick): (Timestamp, Tick), over: Minutes) {
        if tick == self.tick {
            return;
        }
        if let Some(cumulative) = self.until(at)
            && self.observations.back().is_some_and(|last| last.at < at)
        {
            self.observations.push_back(Observation { at, cumulative });
        }
        self.tick = tick;
        let start = at.0.saturating_sub(over.seconds());
        while self.observations.get(1).is_some_and(|second| second.at.0 <= start) {
            self.observations.pop_front();
        }
    }

    /// Returns the mean over a stretch of time up to now, rounded down; `None` where less of it is
    /// known.
    pub(crate) fn mean(&self, now: Timestamp, over: Minutes) -> Option<Tick> {
        let start = Timestamp(now.0.checked_sub(over.seconds())?);
        let sum = self.until(now)?.checked_sub(self.up_to(start)?)?;
        let mean = sum.checked_div_euclid(i64::try_from(over.seconds()).ok()?)?;
        i32::try_from(mean).ok().map(Tick)
    }

    /// The sum up to a time at or after the last observation.
    fn until(&self, at: Timestamp) -> Option<i64> {
        let last = self.observations.back()?;
        let more = i64::from(self.tick.0).checked_mul(seconds(*last, at)?)?;
        last.cumulative.checked_add(more)
    }

    /// The sum up to a time at or after the first observation; between two it grows evenly.
    fn up_to(&self, at: Timestamp) -> Option<i64> {
        let later = self.observations.partition_point(|one| one.at <= at);
        let before = *self.observations.get(later.checked_sub(1)?)?;
        let Some(after) = self.observations.get(later) else { return self.until(at) };
        let growth = after.cumulative.checked_sub(before.cumulative)?;
        let tick = growth.checked_div(seconds(before, after.at)?)?;
        before.cumulative.checked_add(tick.checked_mul(seconds(before, at)?)?)
    }
}

fn seconds(since: Observation, at: Timestamp) -> Option<i64> {
    i64::try_from(at.seconds_since(since.at)).ok()
}
