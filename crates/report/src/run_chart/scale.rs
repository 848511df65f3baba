//! How far an axis of values reaches, where its ticks stand and how they read.

use crate::format::decimal;

/// A range of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Round values across a scale, and the decimals that tell them apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticks {
    pub(super) at: Vec<f64>,
    pub(super) places: usize,
}

/// Room above the highest and below the lowest value, as a part of what is between them.
const MARGIN: f64 = 0.07;
/// The part of the room asked for each tick that is enough for it.
const ENOUGH: f64 = 0.8;

impl Scale {
    /// Returns a scale that shows all finite values, and zero where it is asked for.
    ///
    /// `extras` are shown too, but widen the scale by no more than the values' own extent to either
    /// side.
    pub(super) fn of(
        values: impl Iterator<Item = f64>,
        extras: impl Iterator<Item = f64>,
        shows_zero: bool,
    ) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let zero = shows_zero.then_some(0.0);
        for value in values.chain(zero).filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let room = if high > low { high - low } else { width_of(high) };
        let (lowest, highest) = (low - room, high + room);
        for extra in extras.filter(|extra| extra.is_finite()) {
            low = low.min(extra.max(lowest));
            high = high.max(extra.min(highest));
        }
        let margin = (if high > low { high - low } else { width_of(high) }) * MARGIN;
        Self { low: low - margin, high: high + margin }
    }

    /// Where a value is, 0 at the low end and 1 at the high one.
    pub(super) fn part(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// Returns round ticks, `count` of them or a few more or less.
    pub(super) fn ticks(&self, count: u32) -> Ticks {
        let (step, places) = round_step((self.high - self.low) / f64::from(count) * ENOUGH);
        let first = (self.low / step).ceil();
        let last = (self.high / step).floor();
        // A step that is no part of the numbers it is added to would never end.
        let between = (last - first).clamp(0.0, 20.0) as u32;
        let at = (0..=between).map(|index| (first + f64::from(index)) * step).collect();
        Ticks { at, places }
    }
}

/// What a single value is shown in the middle of.
fn width_of(value: f64) -> f64 {
    if value == 0.0 { 1.0 } else { value.abs() * 0.02 }
}

impl Ticks {
    pub(super) fn label(&self, value: f64) -> String {
        decimal(value, self.places).replace('-', "\u{2212}")
    }
}

/// Returns one, two or five times a power of ten, not below a number, and the decimals it has.
fn round_step(least: f64) -> (f64, usize) {
    // Powers are multiplied out: logarithms may differ in their last digit between machines.
    let (mut power, mut places) = (1.0_f64, 0_usize);
    while power * 10.0 <= least && power < 1e300 {
        power *= 10.0;
    }
    let mut divisor = 1.0_f64;
    while power / divisor > least && places < 20 {
        divisor *= 10.0;
        places += 1;
    }
    let unit = power / divisor;
    match [1.0, 2.0, 5.0].into_iter().find(|factor| factor * unit >= least) {
        Some(factor) => (factor * unit, places),
        None => (10.0 * unit, places.saturating_sub(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Scale, round_step};

    #[test]
    fn steps_are_one_two_or_five_times_a_power_of_ten() {
        for (least, step, places) in [
            (0.7, 1.0, 0),
            (1.0, 1.0, 0),
            (1.1, 2.0, 0),
            (3.0, 5.0, 0),
            (6.0, 10.0, 0),
            (0.03, 0.05, 2),
            (0.06, 0.1, 1),
            (1234.0, 2000.0, 0),
        ] {
            let (found, decimals) = round_step(least);
            assert!((found - step).abs() < 1e-12, "{least}: {found}");
            assert_eq!(decimals, places, "{least}");
        }
    }

    #[test]
    fn extras_widen_a_scale_by_its_own_extent_at_most() {
        let scale = Scale::of([10.0, 20.0].into_iter(), [0.0, 500.0].into_iter(), false);
        // From 0 to 30, and seven hundredths of that to either side.
        assert!((scale.low + 2.1).abs() < 1e-9 && (scale.high - 32.1).abs() < 1e-9, "{scale:?}");
        let ticks = scale.ticks(4);
        assert_eq!(ticks.at, [0.0, 10.0, 20.0, 30.0]);
        assert_eq!(
            ticks.at.iter().map(|at| ticks.label(*at)).collect::<Vec<_>>().join(" "),
            "0 10 20 30"
        );
    }

    #[test]
    fn values_that_are_no_numbers_are_left_out_and_one_value_has_room() {
        let scale = Scale::of([f64::NAN, f64::INFINITY].into_iter(), std::iter::empty(), false);
        assert!(scale.low < 0.0 && scale.high > 1.0);
        let flat = Scale::of([100.0].into_iter(), std::iter::empty(), false);
        assert!(flat.low < 100.0 && 100.0 < flat.high && flat.high < 101.0, "{flat:?}");
    }
}
