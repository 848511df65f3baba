//! Tapes of pools of shares: imported, summed up, and the same again.

use std::fs;

use crate::run::{example_state, tidemill};

#[test]
fn a_folder_of_a_pool_of_shares_is_imported() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("pair");
    fs::create_dir(&folder).unwrap();
    let state = fs::read_to_string(example_state("constant_product")).unwrap();
    let pool = "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640";
    let json = format!(
        "{{\"chain_id\": 1, \"pool\": \"{pool}\", \"state_after_block\": 100, \"state\": {state}}}"
    );
    fs::write(folder.join("pool.json"), json).unwrap();
    let events = "kind,time_utc,block,log_index,token_in,amount_in,token_out,amount_out\n\
                  swap,2024-12-01 00:00:11,101,1,0,1000000000,1,398792048086561153\n";
    fs::write(folder.join("events.csv"), events).unwrap();
    let run = |arguments: &[&str]| tidemill(place.path(), arguments);
    let imported = run(&["tape", "import", "pair", "--out", "pair.parquet", "--json"]).json();
    let info = run(&["tape", "info", "pair.parquet", "--json"]).json();
    assert_eq!(imported, info);
    assert_eq!(info["pool_kind"], "constant_product");
    assert_eq!((&info["events"], &info["kinds"]["swap"]), (&1.into(), &1.into()));
    assert_eq!(info["tokens"][1], "WETH (18 decimals)");
    let text = run(&["tape", "info", "pair.parquet"]).good();
    assert!(text.contains("kind of pool"), "{text}");
}
