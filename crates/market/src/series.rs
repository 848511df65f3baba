use std::collections::VecDeque;

use tidemill_model::Observation;
use tidemill_units::InstantUs;

/// The values of a series as they became known, revisions included.
///
/// Takes observations in the order in which they were published and keeps the last
/// [`MAX_KEPT_OBSERVATIONS`] of them. What was known at an instant never depends on what was
/// published after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    observations: VecDeque<Observation>,
}

/// A value of a series as it was known at some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownValue {
    /// The value, what it is of, and when it was published.
    pub observation: Observation,
    /// How many values of the same time were published before, as far as they are kept: 0 for the
    /// first, above that for a revision.
    pub vintage: u32,
}

/// The most observations that a series keeps.
pub const MAX_KEPT_OBSERVATIONS: usize = 4_096;

/// An observation that was published before one that is known already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("published at {published_at} us, after one that was published at {last} us")]
pub struct OutOfOrder {
    /// When it was published.
    pub published_at: InstantUs,
    /// When the latest before it was.
    pub last: InstantUs,
}

impl Series {
    /// Takes in what was published next.
    ///
    /// Errors: [`OutOfOrder`]; the series is as it was.
    pub fn push(&mut self, observation: Observation) -> Result<(), OutOfOrder> {
        let published_at = observation.published_at;
        let last = self.observations.back().map(|last| last.published_at);
        if let Some(last) = last.filter(|last| *last > published_at) {
            return Err(OutOfOrder { published_at, last });
        }
        if self.observations.len() >= MAX_KEPT_OBSERVATIONS {
            self.observations.pop_front();
        }
        self.observations.push_back(observation);
        Ok(())
    }

    /// Returns the value of the latest time of which any was published by then, as it was last
    /// published by then; `None` before the first.
    pub fn known_at(&self, instant: InstantUs) -> Option<KnownValue> {
        let latest = self.published_by(instant).map(|observation| observation.time).max()?;
        self.value_of(latest, instant)
    }

    /// Returns the value of a time as it was last published by then; `None` before it was.
    pub fn value_of(&self, time: InstantUs, instant: InstantUs) -> Option<KnownValue> {
        let of_time = self.published_by(instant).filter(|observation| observation.time == time);
        let (mut count, mut last) = (0_u32, None);
        for observation in of_time {
            count = count.saturating_add(1);
            last = Some(*observation);
        }
        let vintage = count.saturating_sub(1);
        last.map(|observation| KnownValue { observation, vintage })
    }

    /// Returns what is kept, in the order in which it was published.
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.observations.iter()
    }

    fn published_by(&self, instant: InstantUs) -> impl Iterator<Item = &Observation> {
        self.observations.iter().take_while(move |observation| observation.published_at <= instant)
    }
}
