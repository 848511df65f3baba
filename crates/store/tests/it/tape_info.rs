//! The figures that sum a tape up.

use tidemill_store::{TapeInfo, write_tape};

use crate::small_tape::{SWAP, small_tape};

#[test]
fn a_file_is_summed_up() {
    let tape = small_tape(&[
        SWAP,
        "swap,2024-12-01 00:00:11,101,2,0,0,,,,,,,,,-1",
        "mint,2024-12-01 00:00:11,101,3,1,2,,10,-10,10,\
         0xC36442b4a4522E871399CD717aBDD847Ab11FE88,1,,,",
        "burn,2024-12-01 00:00:12,102,0,0,0,,0,-10,10,,,,,",
        "burn,2024-12-01 00:00:12,102,1,0,0,,9,-10,10,,,,,",
        "collect,2024-12-01 00:00:12,102,2,0,3,,,-10,10,,,,,",
        "flash,2024-12-01 00:00:12,102,3,4,0,,,,,,,,,",
        "set_fee_protocol,2024-12-01 00:00:13,103,2,0,10,,,,,,,,,",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tape.parquet");
    write_tape(&path, &tape).unwrap();
    let info = TapeInfo::read(&path).unwrap();
    let events = info.events;
    assert_eq!(events.total, 8);
    assert_eq!((events.initialize, events.swap, events.mint), (0, 2, 1));
    assert_eq!((events.burn, events.burn_of_nothing, events.collect), (2, 1, 1));
    assert_eq!((events.flash, events.set_fee_protocol), (1, 1));
    let recorded = info.recorded;
    assert_eq!((recorded.gas_used, recorded.gas_price_wei, recorded.owner), (2, 1, 1));
    assert_eq!((recorded.sqrt_price_after, recorded.liquidity_after), (1, 1));
    assert_eq!(recorded.tick_after, 2);
    assert_eq!(info.initial_positions, 3);
    let span = info.span.unwrap();
    assert_eq!((span.first_block.0, span.last_block.0), (101, 103));
    assert_eq!(info.pool, tape.header);
    assert_eq!(info.amount_relative_tolerance, "0");
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(info.file_bytes, bytes.len());
    assert_eq!(info.file_blake3, blake3::hash(&bytes).to_hex().to_string());
}
