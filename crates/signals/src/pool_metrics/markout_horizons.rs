use std::collections::VecDeque;

use thiserror::Error;
use tidemill_units::InstantUs;

use crate::{InventoryChange, MarkoutMeter};

/// At once, after 5 seconds, a minute, five minutes and an hour.
pub const USUAL_HORIZONS_US: [i64; 5] = [0, 5_000_000, 60_000_000, 300_000_000, 3_600_000_000];

/// How a pool's swaps are marked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkoutSettings {
    /// How long after a swap it is valued, in microseconds, at least zero.
    pub horizons_us: Vec<i64>,
    /// How old a price may be to value a swap, in microseconds; an older one is no price, for the
    /// market may have been away.
    pub oldest_price_us: i64,
    /// How many swaps may wait for their last horizon at once: what bounds the queue.
    pub capacity: usize,
}

/// The markout of a pool's swaps at several horizons, as prices from outside of it come in.
///
/// Each swap is valued, for each horizon, at the price in force that long after it: the last one
/// told at that time or before. Swaps of one time, such as those of a block, share it. A swap that
/// has no price then, or one that is too old, counts as unpriced at that horizon and not in its
/// meter.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkoutHorizons {
    horizons: Vec<HorizonMarkout>,
    oldest_price_us: i64,
    capacity: usize,
    /// Swaps that wait for a horizon, the oldest first.
    waiting: VecDeque<(InstantUs, InventoryChange)>,
    /// How many have left the queue.
    done: u64,
    price: Option<(InstantUs, f64)>,
    now: Option<InstantUs>,
}

/// The markout at one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HorizonMarkout {
    /// How long after a swap it is valued, in microseconds.
    pub horizon_us: i64,
    /// Of the swaps that were valued.
    pub meter: MarkoutMeter,
    /// How many were not, for want of a price.
    pub unpriced: u64,
    /// How many were looked at, valued or not.
    seen: u64,
}

/// Too many swaps wait for prices that do not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{capacity} swaps already wait to be marked out")]
pub struct QueueFull {
    /// How many may wait.
    pub capacity: usize,
}

impl MarkoutHorizons {
    /// Returns a meter without swaps.
    ///
    /// # Panics
    /// Where there is no horizon, one is negative, the oldest price's age is negative, or the
    /// capacity is zero.
    pub fn new(settings: MarkoutSettings) -> Self {
        let MarkoutSettings { horizons_us, oldest_price_us, capacity } = settings;
        assert!(!horizons_us.is_empty(), "a markout has a horizon");
        assert!(horizons_us.iter().all(|us| *us >= 0), "a horizon is not before its swap");
        assert!(oldest_price_us >= 0, "a price of {oldest_price_us} us is none");
        assert!(capacity > 0, "a queue holds at least one swap");
        let fresh = |horizon_us| HorizonMarkout {
            horizon_us,
            meter: MarkoutMeter::default(),
            unpriced: 0,
            seen: 0,
        };
        Self {
            horizons: horizons_us.into_iter().map(fresh).collect(),
            oldest_price_us,
            capacity,
            waiting: VecDeque::new(),
            done: 0,
            price: None,
            now: None,
        }
    }

    /// Takes in a swap.
    ///
    /// # Errors
    /// [`QueueFull`]; the swap is left out then, and others are valued as ever.
    ///
    /// # Panics
    /// Where the time is before the last one.
    pub fn swap(&mut self, at: InstantUs, change: InventoryChange) -> Result<(), QueueFull> {
        self.pass_to(at);
        if self.waiting.len() >= self.capacity {
            return Err(QueueFull { capacity: self.capacity });
        }
        self.waiting.push_back((at, change));
        Ok(())
    }

    /// Takes in the price of token0 in token1 outside of the pool, from a time on; of two told at
    /// one time the later holds.
    ///
    /// # Panics
    /// Where the time is before the last one, or the price not positive and finite.
    pub fn price(&mut self, at: InstantUs, price: f64) {
        assert!(price > 0.0 && price.is_finite(), "price {price} must be positive");
        self.pass_to(at);
        self.price = Some((at, price));
    }

    /// Values what fell due before a time; what falls due at it waits, as a price may still come.
    ///
    /// # Panics
    /// Where the time is before the last one.
    pub fn pass_to(&mut self, at: InstantUs) {
        let before = self.now.replace(at).unwrap_or(at);
        assert!(at >= before, "time goes back from {before} to {at} us");
        for horizon in &mut self.horizons {
            let first = horizon.seen - self.done;
            for (swapped, change) in self.waiting.range(first as usize..) {
                let due = swapped.0.saturating_add(horizon.horizon_us);
                if due >= at.0 {
                    break;
                }
                horizon.seen += 1;
                let fresh = self
                    .price
                    .filter(|(told, _)| due.saturating_sub(told.0) <= self.oldest_price_us);
                match fresh {
                    Some((_, price)) => horizon.meter.add(*change, price),
                    None => horizon.unpriced += 1,
                }
            }
        }
        let seen_by_all = self.horizons.iter().map(|horizon| horizon.seen).min().unwrap_or(0);
        self.waiting.drain(..(seen_by_all - self.done) as usize);
        self.done = seen_by_all;
    }

    /// Returns the markouts so far, in the order of the settings.
    pub fn horizons(&self) -> &[HorizonMarkout] {
        &self.horizons
    }

    /// Returns how many swaps wait for a horizon, at most the capacity.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
