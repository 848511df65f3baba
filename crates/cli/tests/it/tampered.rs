//! A tape that is well-formed but did not happen: the first event that does not reproduce is named.
//! For `replay` that is its finding, exit code 1; for the others an input they cannot use, 2.

use std::fs;
use std::path::Path;

use crate::folder::{Folder, first_events};
use crate::run::tidemill;

/// Changes the last digit of a field by one unit.
fn by_one(folder: &mut Folder, row: usize, column: &str) {
    let old: i128 = folder.get(row, column).parse().unwrap();
    let new = if old < 0 { old - 1 } else { old + 1 };
    folder.set(row, column, &new.to_string());
}

/// Imports the folder and checks that every command that replays names the row.
#[track_caller]
fn check(folder: &Folder, row: usize, what: &str) {
    let (block, log_index) = (folder.get(row, "block"), folder.get(row, "log_index"));
    let named = format!("block {block}, log index {log_index}: the {what}");
    let place = tempfile::tempdir().unwrap();
    folder.write(&place.path().join("tampered"));
    let run = |arguments: &[&str]| tidemill(place.path(), arguments);
    run(&["tape", "import", "tampered", "--out", "t.parquet"]).good();
    let replayed = run(&["replay", "t.parquet", "--json"]);
    assert!(replayed.refusal(1).starts_with(&named), "{}", replayed.stderr);
    let printed: serde_json::Value = serde_json::from_str(&replayed.stdout).unwrap();
    assert_eq!((&printed["mismatches"], &printed["events"]), (&1.into(), &row.into()));
    let replayed = run(&["replay", "tampered"]);
    assert!(replayed.refusal(1).starts_with(&named), "{}", replayed.stderr);
    let position = ["--lower=190000", "--upper=200000", "--liquidity=1", "--footprint=price-taker"];
    let followed = run(&[["position", "t.parquet"].as_slice(), &position].concat());
    let unusable = format!("t.parquet: {named}");
    assert!(followed.refusal(2).starts_with(&unusable), "{}", followed.stderr);
    assert_eq!(followed.stdout, "");
    fs::write(place.path().join("t.toml"), "tape = \"t.parquet\"\n").unwrap();
    let tested = run(&["backtest", "t.toml", "--json", "--out", "report"]);
    let placed = format!("t.toml:1:8: {unusable}");
    assert!(tested.refusal(2).starts_with(&placed), "{}", tested.stderr);
    assert_eq!(tested.stdout, "");
    assert_no_report(&place.path().join("report"));
}

fn assert_no_report(folder: &Path) {
    let left: Vec<_> = fs::read_dir(folder).into_iter().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn one_unit_of_a_swap() {
    let good = first_events(120);
    let swap = (60..good.rows.len()).find(|row| good.rows[*row].starts_with("swap,")).unwrap();
    for column in ["amount0", "amount1", "sqrt_price_x96_after"] {
        let mut folder = good.clone();
        by_one(&mut folder, swap, column);
        check(&folder, swap, "swap (");
    }
}

#[test]
fn one_unit_of_a_mint_or_burn() {
    let good = first_events(400);
    for kind in ["mint", "burn"] {
        let row = good.first(kind);
        let mut folder = good.clone();
        by_one(&mut folder, row, "amount0");
        check(&folder, row, &format!("{kind} gives amount0 "));
    }
}

#[test]
fn the_same_events_untouched_reproduce() {
    let place = tempfile::tempdir().unwrap();
    first_events(400).write(&place.path().join("good"));
    let replayed = tidemill(place.path(), &["replay", "good", "--json"]).json();
    assert_eq!((&replayed["events"], &replayed["mismatches"]), (&400.into(), &0.into()));
}
