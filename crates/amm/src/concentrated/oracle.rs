//! The pool's price and liquidity oracle (v3-core 1.0.1 `libraries/Oracle.sol`).

use tidemill_units::{Liquidity, Tick, U256, div_limbs};

use super::PoolError;
use super::sqrt_price_math::liquidity_limbs;
use super::tick_table::{wrap_56, wrap_160};

/// One entry of the oracle's ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// When, modulo 2^32.
    pub time: u32,
    /// Tick times seconds since initialization, wrapping as `int56`.
    pub tick_cumulative: i64,
    /// Seconds per liquidity since initialization, Q32.128, wrapping at 2^160.
    pub seconds_per_liquidity: U256,
    /// Whether the entry was ever written.
    pub initialized: bool,
}

/// The accumulators at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cumulatives {
    /// Tick times seconds since initialization, wrapping as `int56`.
    pub tick_cumulative: i64,
    /// Seconds per liquidity since initialization, Q32.128, wrapping at 2^160.
    pub seconds_per_liquidity: U256,
}

/// What holds since the last entry, and the time now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present {
    pub(super) time: u32,
    pub(super) tick: Tick,
    pub(super) liquidity: Liquidity,
}

/// The ring of observations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oracle {
    observations: Vec<Observation>,
    index: u16,
    cardinality: u16,
    cardinality_next: u16,
}

impl Observation {
    /// Continues this entry to another instant under a constant tick and liquidity (`transform`).
    fn continued_to(&self, time: u32, tick: Tick, liquidity: Liquidity) -> Self {
        let elapsed = time.wrapping_sub(self.time);
        let tick_seconds = i64::from(tick.0).wrapping_mul(i64::from(elapsed));
        let liquidity = liquidity_limbs(Liquidity(liquidity.0.max(1)));
        let per = div_limbs([0, 0, u64::from(elapsed)], &liquidity);
        let per = per.and_then(|per| per.floor()).unwrap_or_default();
        Self {
            time,
            tick_cumulative: wrap_56(self.tick_cumulative.wrapping_add(tick_seconds)),
            seconds_per_liquidity: wrap_160(self.seconds_per_liquidity.wrapping_add(per)),
            initialized: true,
        }
    }

    fn cumulatives(&self) -> Cumulatives {
        Cumulatives {
            tick_cumulative: self.tick_cumulative,
            seconds_per_liquidity: self.seconds_per_liquidity,
        }
    }
}

/// Whether `a` is not after `b`, both at most 2^32 seconds before `time` (`lte`).
fn is_not_after(time: u32, a: u32, b: u32) -> bool {
    time.wrapping_sub(a) >= time.wrapping_sub(b)
}

impl Oracle {
    pub(super) fn initialize(time: u32) -> Self {
        let first = Observation { time, initialized: true, ..Observation::default() };
        Self { observations: vec![first], index: 0, cardinality: 1, cardinality_next: 1 }
    }

    /// Returns the index of the latest entry.
    pub fn index(&self) -> u16 {
        self.index
    }

    /// Returns how many entries the ring has.
    pub fn cardinality(&self) -> u16 {
        self.cardinality
    }

    /// Returns how many entries the ring will have once it is next full.
    pub fn cardinality_next(&self) -> u16 {
        self.cardinality_next
    }

    /// Returns an entry; one never written has `initialized` unset, and time 1 if it was paid for.
    pub fn observation(&self, index: u16) -> Observation {
        self.observations.get(usize::from(index)).copied().unwrap_or_default()
    }

    /// Makes room (`grow`).
    pub(super) fn grow(&mut self, next: u16) {
        if next > self.cardinality_next {
            let reserved = Observation { time: 1, ..Observation::default() };
            self.observations.resize(usize::from(next), reserved);
            self.cardinality_next = next;
        }
    }

    /// Appends an entry unless this second has one (`write`).
    pub(super) fn write(&mut self, before: Present) {
        let last = self.observation(self.index);
        if last.time == before.time || self.cardinality == 0 {
            return;
        }
        let is_last = self.index == self.cardinality.saturating_sub(1);
        if self.cardinality_next > self.cardinality && is_last {
            self.cardinality = self.cardinality_next;
        }
        let following = self.index.checked_add(1).filter(|next| *next < self.cardinality);
        self.index = following.unwrap_or(0);
        let entry = last.continued_to(before.time, before.tick, before.liquidity);
        if let Some(place) = self.observations.get_mut(usize::from(self.index)) {
            *place = entry;
        }
    }

    /// Returns the accumulators now.
    pub(super) fn now(&self, present: Present) -> Cumulatives {
        let last = self.observation(self.index);
        if last.time == present.time {
            return last.cumulatives();
        }
        last.continued_to(present.time, present.tick, present.liquidity).cumulatives()
    }

    /// Returns the accumulators some seconds ago (`observeSingle`).
    pub(super) fn observe(
        &self,
        present: Present,
        seconds_ago: u32,
    ) -> Result<Cumulatives, PoolError> {
        if self.cardinality == 0 {
            return Err(PoolError::NoObservation);
        }
        if seconds_ago == 0 {
            return Ok(self.now(present));
        }
        let target = present.time.wrapping_sub(seconds_ago);
        let (before, after) = self.surrounding(present, target)?;
        if target == before.time {
            return Ok(before.cumulatives());
        }
        if target == after.time {
            return Ok(after.cumulatives());
        }
        Ok(between(&before, &after, target))
    }

    fn surrounding(
        &self,
        present: Present,
        target: u32,
    ) -> Result<(Observation, Observation), PoolError> {
        let newest = self.observation(self.index);
        if is_not_after(present.time, newest.time, target) {
            return Ok(if newest.time == target {
                (newest, Observation::default())
            } else {
                (newest, newest.continued_to(target, present.tick, present.liquidity))
            });
        }
        let following = self.index.checked_add(1).filter(|next| *next < self.cardinality);
        let mut oldest = self.observation(following.unwrap_or(0));
        if !oldest.initialized {
            oldest = self.observation(0);
        }
        if !is_not_after(present.time, oldest.time, target) {
            return Err(PoolError::ObservationTooOld);
        }
        self.search(present.time, target)
    }

    /// Returns the two neighbouring entries around `target` (`binarySearch`).
    fn search(&self, time: u32, target: u32) -> Result<(Observation, Observation), PoolError> {
        let cardinality = u32::from(self.cardinality);
        let at = |place: u32| {
            let index = place.checked_rem(cardinality).and_then(|index| u16::try_from(index).ok());
            self.observation(index.unwrap_or(0))
        };
        let mut low = u32::from(self.index).saturating_add(1).checked_rem(cardinality).unwrap_or(0);
        let mut high = low.saturating_add(cardinality).saturating_sub(1);
        while low <= high {
            let middle = low.midpoint(high);
            let before = at(middle);
            if !before.initialized {
                low = middle.saturating_add(1);
                continue;
            }
            let after = at(middle.saturating_add(1));
            let is_at_or_after = is_not_after(time, before.time, target);
            if is_at_or_after && is_not_after(time, target, after.time) {
                return Ok((before, after));
            }
            if is_at_or_after {
                low = middle.saturating_add(1);
            } else {
                high = middle.saturating_sub(1);
            }
        }
        Err(PoolError::ObservationTooOld)
    }
}

/// Interpolates as the contract does: the tick's mean is truncated before it is multiplied.
fn between(before: &Observation, after: &Observation, target: u32) -> Cumulatives {
    let span = after.time.wrapping_sub(before.time);
    let part = target.wrapping_sub(before.time);
    let ticks = wrap_56(after.tick_cumulative.wrapping_sub(before.tick_cumulative));
    let mean = ticks.checked_div(i64::from(span)).unwrap_or(0);
    let moved = wrap_56(mean.wrapping_mul(i64::from(part)));
    let growth = wrap_160(after.seconds_per_liquidity.wrapping_sub(before.seconds_per_liquidity));
    // 160 bits times 32 bits.
    let share = growth.wrapping_mul(U256::from(part)).checked_div(U256::from(span));
    Cumulatives {
        tick_cumulative: wrap_56(before.tick_cumulative.wrapping_add(moved)),
        seconds_per_liquidity: wrap_160(
            before.seconds_per_liquidity.wrapping_add(share.unwrap_or_default()),
        ),
    }
}
