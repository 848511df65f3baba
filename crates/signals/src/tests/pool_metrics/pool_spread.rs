use proptest::prelude::*;
use tidemill_units::InstantUs;

use super::times;
use crate::pool_metrics::PoolSpread;
use crate::tests::assert_close;

#[test]
fn distances_by_hand() {
    let mut spread = PoolSpread::default();
    spread.pool(InstantUs(0), 2_002.0);
    assert_eq!(spread.basis_points(), None, "no price of the market");
    spread.market(InstantUs(10), 2_000.0);
    assert_close(spread.basis_points().unwrap(), 10.0, 1e-12);
    assert_eq!(spread.mean_basis_points(), None, "no time has passed with both");
    spread.pool(InstantUs(40), 1_999.0);
    assert_close(spread.basis_points().unwrap(), -5.0, 1e-12);
    spread.pass_to(InstantUs(50));
    // 10 for 30 microseconds and -5 for 10.
    assert_close(spread.mean_basis_points().unwrap(), 250.0 / 40.0, 1e-12);
    assert_close(spread.mean_absolute_basis_points().unwrap(), 350.0 / 40.0, 1e-12);
}

#[test]
fn prices_and_times_that_make_no_sense_are_our_bug() {
    for price in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let told = || PoolSpread::default().market(InstantUs(0), price);
        assert!(std::panic::catch_unwind(told).is_err(), "{price}");
    }
    let back = || {
        let mut spread = PoolSpread::default();
        spread.pool(InstantUs(1), 1.0);
        spread.pool(InstantUs(0), 1.0);
    };
    assert!(std::panic::catch_unwind(back).is_err());
}

proptest! {
    /// To the bit: both add distance times pause in the order of the pauses.
    #[test]
    fn the_mean_is_its_batch_definition(
        times in times(60, 1_000_000),
        prices in proptest::collection::vec((any::<bool>(), 0.9..1.1_f64), 60),
    ) {
        let mut spread = PoolSpread::default();
        let (mut pool, mut market) = (None, None);
        let mut distances = Vec::new();
        for (place, (is_pool, price)) in prices.iter().take(times.len()).enumerate() {
            if *is_pool {
                spread.pool(times[place], *price);
                pool = Some(*price);
            } else {
                spread.market(times[place], *price);
                market = Some(*price);
            }
            if let (Some(pool), Some(market)) = (pool, market)
                && let Some(after) = times.get(place + 1)
            {
                let pause = (after.0 - times[place].0) as f64;
                distances.push(((pool - market) / market * 10_000.0, pause));
            }
        }
        let time: f64 = distances.iter().map(|(_, pause)| pause).sum();
        let sum: f64 = distances.iter().map(|(distance, pause)| distance * pause).sum();
        let sizes: f64 = distances.iter().map(|(distance, pause)| distance.abs() * pause).sum();
        let mean = |sum: f64| (time > 0.0).then(|| sum / time);
        prop_assert_eq!(spread.mean_basis_points(), mean(sum));
        prop_assert_eq!(spread.mean_absolute_basis_points(), mean(sizes));
    }
}
