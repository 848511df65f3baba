//! The two pools that were recorded from their creation.

use tidemill_model::{PoolEvent, RecordedAfter, Tape};
use tidemill_replay::replay;
use tidemill_store::import_folder;
use tidemill_units::Tick;

use crate::genesis::{Folder, data_folder, ens, wbtc, write_folder};

fn import(folder: Option<Folder>) -> Option<Tape> {
    let Some(folder) = folder else {
        println!("skipped: no recorded data at {}", data_folder().display());
        return None;
    };
    let path = tempfile::tempdir().unwrap();
    write_folder(&folder, path.path());
    Some(import_folder(path.path()).unwrap())
}

fn last_recorded_state(tape: &Tape) -> RecordedAfter {
    let after = tape.events.iter().rev().find_map(|recorded| match recorded.event {
        PoolEvent::Swap { after, .. } => Some(after),
        _ => None,
    });
    after.unwrap()
}

#[test]
fn ens_reproduces_to_the_unit() {
    let Some(tape) = import(ens(&data_folder())) else { return };
    let report = replay(&tape, |_| {}).unwrap();
    assert_eq!(report.mismatch, None);
    // 68 recorded events, and the `initialize` before them.
    assert_eq!((report.counts.events, report.counts.swaps()), (69, 63));
    // Three mints and a burn; the second burn is of nothing.
    assert_eq!(report.counts.liquidity_changes, 4);
    let after = last_recorded_state(&tape);
    assert_eq!(after.sqrt_price, Some(report.sqrt_price));
    assert_eq!(after.liquidity, Some(report.liquidity));
    assert_eq!(after.tick, Some(report.tick));
}

#[test]
fn wbtc_reproduces_within_its_rounding() {
    let Some(tape) = import(wbtc(&data_folder())) else { return };
    let report = replay(&tape, |_| {}).unwrap();
    assert_eq!(report.mismatch, None);
    assert_eq!((report.counts.events, report.counts.swaps()), (8_726, 7_304));
    assert_eq!(report.tick, Tick(258_265));
    // The liquidity of the record has about 17 digits.
    let off = report.liquidity.0.abs_diff(328_828_956_472_062_176);
    assert!(off < 328_828_956, "liquidity {} is off by {off}", report.liquidity);
}
