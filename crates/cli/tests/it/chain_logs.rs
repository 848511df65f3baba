//! Raw logs from files into the data folder, and out of it as tapes.

use std::fs;

use serde_json::json;

use crate::recorded_data::recorded;
use crate::run::{content, refused, tidemill};
use crate::windows::{write_logs, write_window};

const SOURCE: &str = "pool_events/chain=1/pool=0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640";

#[test]
fn a_recorded_day_of_raw_logs_is_a_tape_that_replays() {
    let Some(set) = recorded("univ3-usdc-weth-500-2024-01-05") else { return };
    let home = tempfile::tempdir().unwrap();
    let pool = json!({
        "chain_id": 1, "pool": "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640",
        "kind": "uniswap_v3", "token0": { "symbol": "USDC", "decimals": 6 },
        "token1": { "symbol": "WETH", "decimals": 18 }, "fee_pips": 500, "tick_spacing": 10,
        "tick_map": "unknown", "fee_protocol0": 0, "fee_protocol1": 0,
    });
    fs::write(home.path().join("pool.json"), pool.to_string()).unwrap();
    let logs = set.join("pool_logs.csv.gz").display().to_string();
    let import = ["data", "import", &logs, "--as", "logs", "--pool", "pool.json", "--json"];
    let told = tidemill(home.path(), &import).json();
    assert_eq!((&told["logs"], &told["events"]), (&json!(6_234), &json!(6_234)), "{told:#}");
    let before = content(home.path());
    let again = tidemill(home.path(), &import).json();
    assert_eq!((&again["logs"], &again["events"]), (&json!(6_234), &json!(0)));
    assert!(content(home.path()) == before, "doing it again changes nothing");
    let verified = tidemill(home.path(), &["data", "verify", "--fail-on", "warning", "--json"]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
    let export = ["data", "export", SOURCE, "--tape", "--out", "day.parquet"];
    tidemill(home.path(), &export).good();
    let replay = ["replay", "day.parquet", "--fidelity", "observed", "--json"];
    let replayed = tidemill(home.path(), &replay).json();
    assert_eq!((&replayed["events"], &replayed["findings"]), (&json!(6_234), &json!([])));
    // The day's last swap, as the set has it.
    let blocks = "SELECT max(block) AS last, count(*) AS n FROM \
                  swaps('0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640')";
    let answer = tidemill(home.path(), &["data", "sql", blocks, "--json"]).json();
    assert_eq!(answer, json!({ "last": 18_944_480, "n": 6_046 }));
}

#[test]
fn raw_logs_that_cannot_be_are_refused() {
    let home = tempfile::tempdir().unwrap();
    write_window(home.path());
    write_logs(home.path());
    let text = fs::read_to_string(home.path().join("logs.csv")).unwrap();
    fs::write(home.path().join("short.csv"), text.trim_end().get(..text.len() - 9).unwrap())
        .unwrap();
    fs::write(home.path().join("logs.txt"), &text).unwrap();
    tidemill(
        home.path(),
        &["data", "import", "logs.csv", "--as", "logs", "--pool", "window/pool.json"],
    )
    .good();
    let pool = ["--as", "logs", "--pool", "window/pool.json"];
    let wrong: [(&[&str], &[&str], &str); 5] = [
        (&["short.csv"], &pool, "short.csv: block 351528575, log index 10"),
        (&["logs.txt"], &pool, "allowed are names ending in .csv, .json or .jsonl"),
        (&["none.csv"], &pool, "none.csv"),
        (&["logs.csv"], &["--as", "logs"], "--pool is missing"),
        (&["logs.csv"], &["--as", "dvol", "--pool", "window/pool.json"], "--as logs"),
    ];
    for (file, how, says) in wrong {
        let message = refused(home.path(), &[&["data", "import"], file, how].concat());
        assert!(message.contains(says), "{file:?} {how:?}: {message}");
    }
}
