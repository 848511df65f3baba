mod depth;
mod markout_horizons;
mod pool_activity;
mod pool_spread;
mod recorded;
mod time_in_range;

use proptest::prelude::*;
use tidemill_units::InstantUs;

/// Times that never go back, some of them equal.
fn times(count: usize, longest_pause: i64) -> impl Strategy<Value = Vec<InstantUs>> {
    proptest::collection::vec(0..longest_pause, 1..count).prop_map(|pauses| {
        pauses
            .into_iter()
            .scan(1_000_i64, |now, pause| {
                // A third of the pauses are none.
                *now += if pause % 3 == 0 { 0 } else { pause };
                Some(InstantUs(*now))
            })
            .collect()
    })
}
