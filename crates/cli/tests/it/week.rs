//! The recorded week from its folder of CSV files to the golden state, by way of a tape file.

use serde_json::Value;

use crate::recorded_data::recorded;
use crate::run::tidemill;

const FOLDER: &str = "univ3-usdc-weth-500-2024-12-week";

fn check_golden(replayed: &Value) {
    for (field, golden) in [
        ("events", 39_159_u64),
        ("swaps", 38_235),
        ("swaps_exact_in", 33_809),
        ("swaps_exact_out", 3_334),
        ("swaps_price_limited", 1_092),
        ("liquidity_changes", 825),
        ("mismatches", 0),
        ("tick", 193_362),
    ] {
        assert_eq!(replayed[field], golden, "{field}");
    }
    for (field, golden) in [
        ("sqrt_price_x96", "1251675147291743787411274084583216"),
        ("liquidity", "16393840546567820779"),
        ("fee_growth_global_0_x128", "18287659490360439488773067091041"),
        ("fee_growth_global_1_x128", "4723791483254330712846426751379808900823"),
    ] {
        assert_eq!(replayed[field], golden, "{field}");
    }
}

#[test]
fn from_its_folder_to_the_golden_state() {
    let Some(source) = recorded(FOLDER) else { return };
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tidemill(folder.path(), arguments).json();
    let source = source.canonicalize().unwrap();
    let source = source.to_str().unwrap();
    let imported = run(&["tape", "import", source, "--out", "week.parquet", "--json"]);
    let info = run(&["tape", "info", "week.parquet", "--json"]);
    assert_eq!(imported, info);
    let counts =
        ["swap", "mint", "burn", "burn_of_nothing"].map(|kind| info["kinds"][kind].as_u64());
    assert_eq!(counts, [38_235, 414, 510, 99].map(Some));
    let sample = run(&["tape", "sample", "--out", "sample.parquet", "--json"]);
    assert_eq!(sample["file_blake3"], info["file_blake3"], "the embedded sample is this week");
    for tape in ["week.parquet", source] {
        check_golden(&run(&["replay", tape, "--json"]));
    }
}

#[test]
fn the_sample_as_a_file_replays_to_the_golden_state() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| tidemill(folder.path(), arguments).json();
    run(&["tape", "sample", "--out", "week.parquet", "--json"]);
    check_golden(&run(&["replay", "week.parquet", "--json"]));
    check_golden(&run(&["replay", "--json"]));
}
