//! What people read: every line of a table ends where the others end.

use std::path::Path;

use crate::run::tidemill;

fn width(line: &str) -> usize {
    line.chars().count()
}

/// Two columns, the values flush right.
#[track_caller]
fn check_rows(text: &str, rows: usize) {
    assert_eq!(text.lines().count(), rows, "{text}");
    let widest = text.lines().map(width).max().unwrap();
    for line in text.lines() {
        assert_eq!(width(line), widest, "{line}\n{text}");
        let (name, value) = line.trim_start().split_once("  ").unwrap();
        assert!(!name.is_empty() && !value.trim().is_empty(), "{line}");
    }
}

#[test]
fn names_and_values_line_up() {
    let folder = tempfile::tempdir().unwrap();
    let printed = |arguments: &[&str]| tidemill(folder.path(), arguments).good();
    check_rows(&printed(&["replay"]), 14);
    let position = ["--lower=-100", "--upper=100", "--liquidity=5", "--footprint=price-taker"];
    check_rows(&printed(&[["position"].as_slice(), &position].concat()), 8);
    check_rows(&printed(&["tape", "sample", "--out", "week.parquet"]), 18);
    check_rows(&printed(&["tape", "info", "week.parquet"]), 18);
}

#[test]
fn the_columns_of_a_backtest_line_up() {
    let text = tidemill(Path::new("."), &["backtest"]).good();
    let is_rule = |line: &str| !line.is_empty() && line.chars().all(|character| character == '─');
    let rules: Vec<usize> =
        text.lines().enumerate().filter(|(_, line)| is_rule(line)).map(|(at, _)| at).collect();
    let [top, middle, bottom] = rules.as_slice() else { panic!("three rules in\n{text}") };
    let lines: Vec<&str> = text.lines().collect();
    let table = &lines[*top..=*bottom];
    let rows = &lines[middle + 1..*bottom];
    let ends: Vec<usize> = rows.iter().map(|line| width(line)).collect();
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}\n{text}");
    assert!(table.iter().all(|line| width(line) <= width(lines[*top])), "{text}");
    let labels = ["Fees", "IL", "LVR", "Swap cost", "Gas", "Net vs hold"];
    let found: Vec<&str> = rows.iter().map(|line| &line[1..12]).map(str::trim_end).collect();
    assert_eq!(found[..6], labels, "{text}");
    let identities: Vec<&str> =
        lines.iter().filter(|line| line.starts_with("✓ ")).copied().collect();
    assert_eq!(identities.len(), 4, "{text}");
    assert!(!text.contains('✗') && !text.contains('\u{1b}'), "{text}");
}
