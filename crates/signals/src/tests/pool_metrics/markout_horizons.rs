use proptest::prelude::*;
use tidemill_units::InstantUs;

use super::times;
use crate::pool_metrics::{MarkoutHorizons, MarkoutSettings, QueueFull, USUAL_HORIZONS_US};
use crate::tests::assert_close;
use crate::{InventoryChange, MarkoutMeter};

/// The swap of Q113.
const SWAP: InventoryChange = InventoryChange { token0: 10.0, token1: -19_900.0 };

fn seconds(seconds: i64) -> InstantUs {
    InstantUs(seconds * 1_000_000)
}

fn usual() -> MarkoutSettings {
    let horizons_us = USUAL_HORIZONS_US.to_vec();
    MarkoutSettings { horizons_us, oldest_price_us: 60_000_000, capacity: 1_000 }
}

fn basis_points(markouts: &MarkoutHorizons) -> Vec<Option<f64>> {
    markouts.horizons().iter().map(|horizon| horizon.meter.basis_points()).collect()
}

/// The price falls to 1,980 within a minute and stays: half a per cent of the volume is lost.
#[test]
fn q113_markout_of_a_swap_as_its_horizons_pass() {
    let mut markouts = MarkoutHorizons::new(usual());
    markouts.price(seconds(0), 1_990.0);
    markouts.swap(seconds(0), SWAP).unwrap();
    assert_eq!(basis_points(&markouts), [None; 5], "a price may still come at this time");
    markouts.price(seconds(3), 1_985.0);
    assert_close(basis_points(&markouts)[0].unwrap(), 0.0, 1e-8);
    for minute in 0..=60 {
        markouts.price(seconds(50 + 60 * minute), 1_980.0);
        assert!(markouts.waiting() == 1 || minute == 60);
    }
    let found = basis_points(&markouts);
    assert_close(found[1].unwrap(), (10.0 * 1_985.0 - 19_900.0) / 19_900.0 * 10_000.0, 1e-12);
    for later in &found[2..] {
        assert_close(later.unwrap(), -50.251_256, 1e-8);
    }
    assert_eq!(markouts.waiting(), 0);
}

#[test]
fn swaps_without_a_price_are_counted_and_not_valued() {
    let mut markouts = MarkoutHorizons::new(usual());
    markouts.swap(seconds(0), SWAP).unwrap();
    markouts.price(seconds(1), 1_980.0);
    markouts.pass_to(seconds(4_000));
    let found: Vec<_> = markouts
        .horizons()
        .iter()
        .map(|it| (it.unpriced, it.meter.basis_points().is_some()))
        .collect();
    // None yet at once; one of 4 and of 59 seconds then; one too old after five minutes.
    assert_eq!(found, [(1, false), (0, true), (0, true), (1, false), (1, false)]);
}

#[test]
fn a_full_queue_refuses_the_next_swap_and_keeps_the_others() {
    let settings = MarkoutSettings { capacity: 2, ..usual() };
    let mut markouts = MarkoutHorizons::new(settings);
    markouts.price(seconds(0), 2_000.0);
    markouts.swap(seconds(0), SWAP).unwrap();
    markouts.swap(seconds(0), SWAP).unwrap();
    assert_eq!(markouts.swap(seconds(1), SWAP), Err(QueueFull { capacity: 2 }));
    markouts.price(seconds(3_600), 1_980.0);
    markouts.swap(seconds(3_601), SWAP).expect("both have left");
    let hour = markouts.horizons()[4];
    assert_close(hour.meter.total(), -200.0, 1e-12);
}

#[test]
fn settings_and_times_that_make_no_sense_are_our_bug() {
    let refused = [
        MarkoutSettings { horizons_us: Vec::new(), ..usual() },
        MarkoutSettings { horizons_us: vec![-1], ..usual() },
        MarkoutSettings { oldest_price_us: -1, ..usual() },
        MarkoutSettings { capacity: 0, ..usual() },
    ];
    for settings in refused {
        assert!(std::panic::catch_unwind(|| MarkoutHorizons::new(settings)).is_err());
    }
    let back = || {
        let mut markouts = MarkoutHorizons::new(usual());
        markouts.price(seconds(1), 1.0);
        markouts.price(seconds(0), 1.0);
    };
    assert!(std::panic::catch_unwind(back).is_err());
    assert!(
        std::panic::catch_unwind(|| MarkoutHorizons::new(usual()).price(seconds(0), 0.0)).is_err()
    );
}

proptest! {
    /// To the bit: for each swap and horizon the last price told by then, if it is fresh, added up
    /// in the order of the swaps.
    #[test]
    fn it_is_its_batch_definition(
        times in times(80, 30),
        events in proptest::collection::vec((any::<bool>(), -9.0..9.0_f64, 0.5..2.0_f64), 80),
        horizons_us in proptest::collection::vec(0..120_i64, 1..5),
        oldest_price_us in 0..60_i64,
    ) {
        let settings =
            MarkoutSettings { horizons_us: horizons_us.clone(), oldest_price_us, capacity: 80 };
        let mut markouts = MarkoutHorizons::new(settings);
        let (mut swaps, mut prices) = (Vec::new(), Vec::new());
        for (at, (is_swap, token0, price)) in times.iter().zip(&events) {
            if *is_swap {
                let change = InventoryChange { token0: *token0, token1: -token0 * price };
                markouts.swap(*at, change).unwrap();
                swaps.push((at.0, change));
            } else {
                markouts.price(*at, *price);
                prices.push((at.0, *price));
            }
        }
        let end = times[times.len() - 1].0 + 60;
        markouts.pass_to(InstantUs(end));
        for (found, horizon_us) in markouts.horizons().iter().zip(horizons_us) {
            let (mut meter, mut unpriced) = (MarkoutMeter::default(), 0);
            for (at, change) in swaps.iter().filter(|(at, _)| at + horizon_us < end) {
                let due = at + horizon_us;
                let told = prices.iter().rev().find(|(told, _)| *told <= due);
                match told.filter(|(told, _)| due - told <= oldest_price_us) {
                    Some((_, price)) => meter.add(*change, *price),
                    None => unpriced += 1,
                }
            }
            prop_assert_eq!((found.meter, found.unpriced), (meter, unpriced));
        }
        let last = markouts.horizons().iter().map(|it| it.horizon_us).max().unwrap();
        let waiting = swaps.iter().filter(|(at, _)| at + last >= end).count();
        prop_assert_eq!(markouts.waiting(), waiting);
    }
}
