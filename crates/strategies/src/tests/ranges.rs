use tidemill_units::{Tick, TickRange};

use super::seeded::Seeded;
use super::synthetic_tape::range;
use crate::keeper::range_around;

fn check(centre: i32, half_width: i32, spacing: i32) {
    let context = format!("{half_width} around {centre}, spacing {spacing}");
    let full = TickRange::full(spacing).expect("a spacing");
    let Some(found) = range_around(Tick(centre), half_width, spacing) else {
        assert!(!full.contains(Tick(centre)), "{context}");
        return;
    };
    assert!(found.contains(Tick(centre)), "{found}, {context}");
    let ends = [found.lower, found.upper];
    assert!(ends.iter().all(|end| end.is_multiple_of(spacing)), "{found}, {context}");
    assert!(full.lower <= found.lower && found.upper <= full.upper, "{found}, {context}");
    // Each end is the half-width away or a little more, by less than a spacing, or the last tick.
    let below = centre - found.lower.0 - half_width;
    let above = found.upper.0 - centre - half_width;
    assert!((0..spacing).contains(&below) || found.lower == full.lower, "{found}, {context}");
    assert!((0..spacing).contains(&above) || found.upper == full.upper, "{found}, {context}");
}

#[test]
fn a_range_holds_its_centre_lies_on_the_spacing_and_is_as_wide_as_asked_for() {
    let mut random = Seeded(3);
    for spacing in [1, 2, 10, 60, 200, 887, 16_383] {
        for _ in 0..4_000 {
            let centre = match random.below(4) {
                0 => random.between(Tick::MAX.0 - 2 * spacing, Tick::MAX.0),
                1 => random.between(Tick::MIN.0, Tick::MIN.0 + 2 * spacing),
                2 => random.between(-100_000, 100_000) / spacing * spacing,
                _ => random.between(Tick::MIN.0, Tick::MAX.0),
            };
            let half_width = match random.below(3) {
                0 => spacing,
                1 => random.between(1, 443_636).max(spacing),
                _ => 443_636,
            };
            check(centre, half_width, spacing);
        }
    }
}

#[test]
fn ends_go_outwards_to_the_spacing() {
    let around = |centre, half_width| range_around(Tick(centre), half_width, 60);
    assert_eq!(around(0, 60), Some(range(-60, 60)));
    assert_eq!(around(1, 60), Some(range(-60, 120)));
    assert_eq!(around(-1, 60), Some(range(-120, 60)));
    assert_eq!(around(30, 1), Some(range(0, 60)));
    assert_eq!(around(887_200, 600), Some(range(886_560, 887_220)));
}

#[test]
fn beyond_the_last_multiple_of_the_spacing_there_is_no_range() {
    assert_eq!(range_around(Tick(887_220), 600, 60), None);
    assert_eq!(range_around(Tick(-887_221), 600, 60), None);
    assert_eq!(range_around(Tick(-887_220), 60, 60), Some(range(-887_220, -887_160)));
    assert_eq!(range_around(Tick(0), 60, 0), None);
}
