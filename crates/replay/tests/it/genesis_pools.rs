//! The two pools that were recorded from their creation.

use tidemill_model::{PoolEvent, RecordedAfter, Tape};
use tidemill_replay::{BacktestConfig, backtest, replay};
use tidemill_store::import_folder;
use tidemill_units::Tick;

use crate::data::{FIVE, FOOTPRINTS};
use crate::genesis::{Folder, ens, wbtc, write_folder};
use crate::recorded_data::data_folder;

pub(crate) fn import(folder: Option<Folder>) -> Option<Tape> {
    let Some(folder) = folder else {
        println!("skipped: no recorded data at {}", data_folder().display());
        return None;
    };
    let path = tempfile::tempdir().unwrap();
    write_folder(&folder, path.path());
    Some(import_folder(path.path()).unwrap())
}

fn last_recorded_state(tape: &Tape) -> RecordedAfter {
    let after = tape.events.iter().rev().find_map(|recorded| {
        if let PoolEvent::Swap { after, .. } = recorded.event { Some(after) } else { None }
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
    assert_eq!(after.sqrt_price, Some(report.concentrated().unwrap().sqrt_price));
    assert_eq!(after.liquidity, Some(report.concentrated().unwrap().liquidity));
    assert_eq!(after.tick, Some(report.concentrated().unwrap().tick));
}

#[test]
fn wbtc_reproduces_within_its_rounding() {
    let Some(tape) = import(wbtc(&data_folder())) else { return };
    let report = replay(&tape, |_| {}).unwrap();
    assert_eq!(report.mismatch, None);
    assert_eq!((report.counts.events, report.counts.swaps()), (8_726, 7_304));
    assert_eq!(report.concentrated().unwrap().tick, Tick(258_265));
    // The liquidity of the record has about 17 digits.
    let off = report.concentrated().unwrap().liquidity.0.abs_diff(328_828_956_472_062_176);
    assert!(
        off < 328_828_956,
        "liquidity {} is off by {off}",
        report.concentrated().unwrap().liquidity
    );
}

/// A pool that begins empty, in an hour, with ether as the other token and ENS as the quote.
#[test]
fn strategies_from_the_creation_of_a_pool_add_up() {
    let Some(tape) = import(ens(&data_folder())) else { return };
    for footprint in FOOTPRINTS {
        let toml = format!("footprint = \"{footprint}\"\ndeposit_quote = \"100\"\n{FIVE}");
        let setup = BacktestConfig::from_toml(&toml).unwrap().resolve(&tape).unwrap();
        let finished = backtest(&tape, setup, &|_| {}).unwrap();
        for run in &finished.runs {
            let name = run.strategy.name();
            let identity = &run.record.settlement.identity;
            assert!(identity.holds(), "{name} {footprint}: {identity:?}");
            assert!((0.0..=1.0).contains(&run.record.time_in_range), "{name}");
            // The others want a swap first, and nobody has put any ENS in yet.
            let opened = run.record.actions.first().is_some_and(|action| action.what == "open");
            let is_standing = ["full_range", "fixed_range"].contains(&name.as_str());
            assert!(opened || !is_standing, "{name} {footprint}: {:?}", run.record.actions);
        }
    }
}
