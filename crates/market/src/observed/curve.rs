//! The liquidity over all prices, as far as a tape without a tick map tells it.
//!
//! Liquidity at a price is what was there at the start plus what mints and burns on the tape have
//! changed since. What was there at the start never changes, so every swap that ends somewhere, at
//! any time, says it for that place; ticks are the places where it differs from the next one.

use std::collections::BTreeMap;

use tidemill_model::{PoolEvent, PoolStart, Tape};
use tidemill_units::{Tick, TickRange};

use super::floor::Floor;

/// A stretch between two neighbouring multiples of the tick spacing, named by the lower one over
/// the spacing. Liquidity is the same all over it.
pub(super) type Bucket = i32;

/// Returns the bucket that a tick is in.
pub(super) fn bucket_of(tick: Tick, spacing: i32) -> Bucket {
    tick.0.checked_div_euclid(spacing).unwrap_or(0)
}

/// What mints and burns have changed since an origin.
#[derive(Clone, Debug, Default)]
pub(super) struct Deltas {
    ticks: BTreeMap<Bucket, TickDelta>,
    bucket: Bucket,
    here: i128,
}

/// What they have changed at one tick.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TickDelta {
    pub(super) net: i128,
    pub(super) gross: i128,
}

impl Deltas {
    /// Adds liquidity to a range, or with a negative amount takes it out.
    pub(super) fn change(&mut self, range: [Bucket; 2], by: i128) {
        let [lower, upper] = range;
        for (tick, net) in [(lower, by), (upper, by.saturating_neg())] {
            let delta = self.ticks.entry(tick).or_default();
            delta.net = delta.net.saturating_add(net);
            delta.gross = delta.gross.saturating_add(by);
        }
        if lower <= self.bucket && self.bucket < upper {
            self.here = self.here.saturating_add(by);
        }
    }

    /// Looks at another bucket from here on.
    pub(super) fn move_to(&mut self, bucket: Bucket) {
        let (low, high) = (self.bucket.min(bucket), self.bucket.max(bucket));
        if low != high {
            let passed = self.ticks.range(low.saturating_add(1)..=high);
            let net = passed.fold(0_i128, |sum, (_, tick)| sum.saturating_add(tick.net));
            self.here = if bucket > self.bucket {
                self.here.saturating_add(net)
            } else {
                self.here.saturating_sub(net)
            };
            self.bucket = bucket;
        }
    }

    /// Returns the change in the bucket looked at.
    pub(super) fn here(&self) -> i128 {
        self.here
    }

    /// Returns the change at a tick.
    pub(super) fn at_tick(&self, tick: Bucket) -> TickDelta {
        self.ticks.get(&tick).copied().unwrap_or_default()
    }
}

/// What is known of the liquidity at the origin of one stretch of the tape that agrees with itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Epoch {
    /// The first event of it; at its end the origin is.
    pub(super) from: usize,
    /// The liquidity of buckets, where it is known.
    base: BTreeMap<Bucket, i128>,
    /// The liquidity of other buckets, between bounds.
    narrowed: BTreeMap<Bucket, [i128; 2]>,
    /// What the liquidity of all buckets was at least.
    floor: Floor,
    /// What is known of the sum of liquidity that begins or ends at a tick.
    gross: BTreeMap<Bucket, Gross>,
}

#[derive(Clone, Copy, Debug)]
enum Gross {
    AtLeast(i128),
    Is(i128),
}

impl Epoch {
    /// Returns the liquidity of a bucket at the origin: the least and the most.
    pub(super) fn base(&self, bucket: Bucket) -> Option<[i128; 2]> {
        let known = self.base.get(&bucket).map(|base| [*base, *base]);
        known.or_else(|| self.narrowed.get(&bucket).copied())
    }

    /// Returns what the liquidity of a bucket at the origin was at least.
    pub(super) fn floor(&self, bucket: Bucket) -> i128 {
        self.floor.at(bucket)
    }

    /// Takes note of what a bucket's liquidity was; `Err` with what it was before, if that differs.
    fn observe(&mut self, bucket: Bucket, base: i128) -> Result<(), i128> {
        match *self.base.entry(bucket).or_insert(base) {
            known if known == base => Ok(()),
            known => Err(known),
        }
    }

    /// Narrows the liquidity of a bucket that no swap has ended in.
    pub(super) fn narrow(&mut self, bucket: Bucket, bounds: [i128; 2]) {
        let [least, most] = bounds;
        if least == most {
            self.base.insert(bucket, least);
            self.narrowed.remove(&bucket);
        } else {
            self.narrowed.insert(bucket, bounds);
        }
    }

    /// Whether a tick is initialized, mints and burns since the origin taken into account; `None`
    /// where that is not known.
    pub(super) fn is_initialized(&self, tick: Bucket, delta: TickDelta) -> Option<bool> {
        let gross = self.gross.get(&tick);
        if let Some(Gross::Is(gross)) = gross {
            return Some(gross.saturating_add(delta.gross) > 0);
        }
        let least = match gross {
            Some(Gross::AtLeast(least)) => *least,
            Some(Gross::Is(_)) | None => 0,
        };
        let below = self.base.get(&tick.saturating_sub(1));
        let net = below.zip(self.base.get(&tick)).map_or(0, |(below, above)| {
            i128::try_from(above.abs_diff(*below)).unwrap_or(i128::MAX)
        });
        (least.max(net).saturating_add(delta.gross) > 0).then_some(true)
    }

    /// Takes note of whether a tick was initialized.
    pub(super) fn learn(&mut self, tick: Bucket, delta: TickDelta, is_initialized: bool) {
        let none = delta.gross.saturating_neg();
        if is_initialized {
            self.gross_at_least(tick, none.saturating_add(1));
        } else {
            self.gross.insert(tick, Gross::Is(none));
        }
    }

    fn gross_at_least(&mut self, tick: Bucket, least: i128) {
        let gross = self.gross.entry(tick).or_insert(Gross::AtLeast(least));
        if let Gross::AtLeast(known) = gross {
            *known = (*known).max(least);
        }
    }

    /// Counts the ticks whose net liquidity at the origin is known and not zero.
    pub(super) fn ticks(&self) -> u64 {
        let mut count = 0_u64;
        let mut before: Option<(Bucket, i128)> = None;
        for (bucket, base) in &self.base {
            let differs = before.is_some_and(|(below, liquidity)| {
                below.checked_add(1) == Some(*bucket) && liquidity != *base
            });
            count = count.saturating_add(u64::from(differs));
            before = Some((*bucket, *base));
        }
        count
    }
}

/// Reads off the whole tape what its swaps say of the liquidity at its start.
///
/// Where two of them contradict each other, something is missing between them: what came before is
/// no help for what comes after then, and a new epoch begins with the second.
pub(super) fn infer(tape: &Tape) -> Vec<Epoch> {
    let spacing = tape.header.tick_spacing;
    let mut deltas = Deltas::default();
    let mut epoch = Epoch::default();
    let mut epochs = Vec::new();
    if let PoolStart::Window(start) = tape.header.start
        && let Some(state) = start.state
    {
        let base = i128::try_from(state.liquidity.0).unwrap_or(i128::MAX);
        epoch.base.insert(bucket_of(state.tick, spacing), base);
    }
    for (index, recorded) in tape.events.iter().enumerate() {
        if let Some((range, by)) = liquidity_change(&recorded.event) {
            let range = [range.lower, range.upper].map(|tick| bucket_of(tick, spacing));
            deltas.change(range, by);
            for tick in range {
                let least = deltas.at_tick(tick).gross.saturating_neg();
                epoch.gross_at_least(tick, least);
            }
        }
        let Some((tick, liquidity)) = left_by(&recorded.event) else { continue };
        let bucket = bucket_of(tick, spacing);
        deltas.move_to(bucket);
        if epoch.observe(bucket, liquidity.saturating_sub(deltas.here())).is_err() {
            epochs.push(std::mem::take(&mut epoch));
            epoch.from = index;
            epoch.base.insert(bucket, liquidity);
            deltas = Deltas::default();
            deltas.move_to(bucket);
        }
    }
    epochs.push(epoch);
    let mut until = tape.events.len();
    for epoch in epochs.iter_mut().rev() {
        let events = tape.events.get(epoch.from..until).unwrap_or_default();
        epoch.floor = Floor::of(events.iter().map(|recorded| &recorded.event), spacing);
        until = epoch.from;
    }
    epochs
}

/// Returns where an event leaves the price, and with how much liquidity.
fn left_by(event: &PoolEvent) -> Option<(Tick, i128)> {
    let (_, after) = event.swap()?;
    let liquidity = i128::try_from(after.liquidity?.0).unwrap_or(i128::MAX);
    Some((after.tick?, liquidity))
}

/// Returns what an event adds to the liquidity of a range.
pub(super) fn liquidity_change(event: &PoolEvent) -> Option<(TickRange, i128)> {
    let signed = |liquidity: u128| i128::try_from(liquidity).unwrap_or(i128::MAX);
    match event {
        PoolEvent::Mint { range, liquidity, .. } => Some((*range, signed(liquidity.0))),
        PoolEvent::Burn { range, liquidity, .. } if !liquidity.is_zero() => {
            Some((*range, signed(liquidity.0).saturating_neg()))
        }
        PoolEvent::Initialize { .. }
        | PoolEvent::Swap { .. }
        | PoolEvent::Burn { .. }
        | PoolEvent::Collect { .. }
        | PoolEvent::Flash { .. }
        | PoolEvent::SetFeeProtocol { .. }
        | PoolEvent::Shares(_)
        | PoolEvent::Build(_) => None,
    }
}
