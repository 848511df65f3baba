//! The two pools recorded from their creation, through the importer.

use tidemill_model::{PoolEvent, PoolStart, Tape};
use tidemill_store::{TapeInfo, encode_tape, import_folder};

use crate::genesis::{Folder, ens, wbtc, write_folder};
use crate::recorded_data::data_folder;

fn tape(folder: Option<Folder>) -> Option<(Tape, TapeInfo)> {
    let Some(folder) = folder else {
        println!("skipped: no recorded data at {}", data_folder().display());
        return None;
    };
    let path = tempfile::tempdir().unwrap();
    write_folder(&folder, path.path());
    let tape = import_folder(path.path()).unwrap();
    assert_eq!(tape.header.start, PoolStart::Creation);
    let file = encode_tape(&tape, "genesis.parquet").unwrap();
    let info = TapeInfo::of(&tape, &file);
    Some((tape, info))
}

#[test]
fn ens_from_creation() {
    let Some((tape, info)) = tape(ens(&data_folder())) else { return };
    let events = info.events;
    assert_eq!((events.total, events.initialize, events.swap), (69, 1, 63));
    assert_eq!(events.mint + events.burn, 5);
    let recorded = info.recorded;
    assert_eq!((recorded.sqrt_price_after, recorded.liquidity_after), (63, 63));
    assert_eq!((recorded.tick_after, recorded.owner, recorded.gas_used), (63, 5, 0));
    assert!(tape.header.amount_tolerance.is_exact());
    assert_eq!(tape.header.token1.symbol, "ENS");
}

#[test]
fn wbtc_from_creation() {
    let Some((tape, info)) = tape(wbtc(&data_folder())) else { return };
    let events = info.events;
    assert_eq!((events.total, events.initialize, events.swap), (8726, 1, 7304));
    assert_eq!((events.mint, events.burn), (983, 438));
    assert_eq!(info.recorded.sqrt_price_after, 0);
    assert_eq!(info.amount_relative_tolerance, "1e-9");
    let PoolEvent::Mint { liquidity, .. } = tape.events[1].event else { panic!("a mint") };
    assert_eq!((tape.events[1].block.0, liquidity.0), (1, 34_399_999_543_676));
}
