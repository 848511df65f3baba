//! Tapes and folders that are wrong: one line that names file, row and column, exit code 2, and
//! nothing written.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use tidemill_store::SAMPLE_BYTES;

use crate::folder::{Folder, first_events};
use crate::run::{refused, tidemill};

/// Checks what importing and replaying a folder say.
#[track_caller]
fn check_folder(place: &TempDir, expected: &str) {
    let path = place.path();
    let file = Path::new("bad").join("");
    let expected = format!("{}{expected}", file.display());
    assert_eq!(refused(path, &["tape", "import", "bad", "--out", "t.parquet"]), expected);
    assert_eq!(refused(path, &["replay", "bad", "--json"]), expected);
}

/// Checks what is said of a folder after a change to the good one.
#[track_caller]
fn check(change: impl FnOnce(&mut Folder), expected: &str) {
    let mut folder = first_events(300);
    change(&mut folder);
    let place = tempfile::tempdir().unwrap();
    folder.write(&place.path().join("bad"));
    check_folder(&place, expected);
}

fn at(row: usize, column: &str, what: &str) -> String {
    format!("events.csv: row {}, column {column}: {what}", row + 1)
}

#[test]
fn order_of_events() {
    let good = first_events(300);
    let key = |row: usize| {
        format!("block {}, log index {}", good.get(row, "block"), good.get(row, "log_index"))
    };
    check(
        |folder| {
            let row = folder.rows[0].clone();
            folder.rows.insert(1, row);
        },
        &at(1, "log_index", &format!("duplicate: {} is also the row before", key(0))),
    );
    let rule = "rows must ascend by block, then log index";
    check(
        |folder| folder.rows.swap(0, 1),
        &at(1, "log_index", &format!("unsorted: {} comes after {}; {rule}", key(0), key(1))),
    );
    check(
        |folder| folder.rows.swap(1, 2),
        &at(2, "block", &format!("unsorted: {} comes after {}; {rule}", key(1), key(2))),
    );
}

#[test]
fn values_of_events() {
    let good = first_events(300);
    let (swap, mint) = (good.first("swap"), good.first("mint"));
    let kinds = "one of initialize, swap, mint, burn, collect, flash, set_fee_protocol";
    let signed = "a signed amount in raw units, -2^255 to 2^255 - 1";
    let unsigned = "an amount in raw units, 0 to 2^256 - 1";
    let off = |tick| format!("tick {tick} is not a multiple of the tick spacing 10");
    let outside = "is out of range; expected a tick, -887272 to 887272";
    for (row, column, value, what) in [
        (swap, "kind", "sync", format!("`sync` is no kind of event; expected {kinds}")),
        (swap, "amount0", "1.5", format!("`1.5` is not {signed}")),
        (swap, "amount1", "1e18", format!("`1e18` is not {signed}")),
        (mint, "amount0", "-1", format!("`-1` is not {unsigned}")),
        (mint, "amount1", "0x10", format!("`0x10` is not {unsigned}")),
        (mint, "tick_lower", "194131", off("194131")),
        (mint, "tick_upper", "887280", format!("`887280` {outside}")),
        (mint, "tick_lower", "-887280", format!("`-887280` {outside}")),
    ] {
        let mut folder = good.clone();
        folder.set(row, column, value);
        let place = tempfile::tempdir().unwrap();
        folder.write(&place.path().join("bad"));
        check_folder(&place, &at(row, column, &what));
    }
}

#[test]
fn the_pool_and_its_positions() {
    for decimals in ["39", "77", "18446744073709551616"] {
        let what = format!("`{decimals}` is not allowed; expected decimals, 0 to 38");
        check(
            |folder| {
                let good = "\"decimals\": 18";
                let bad = format!("\"decimals\": {decimals}");
                folder.pool_json = folder.pool_json.replace(good, &bad);
            },
            &format!("pool.json: field token1.decimals: {what}"),
        );
    }
    let mut folder = first_events(300);
    let in_range = folder.positions.lines().skip(1).find(|line| {
        let fields: Vec<i128> = line.split(',').map(|field| field.parse().unwrap()).collect();
        fields[0] <= 194_140 && 194_140 < fields[1]
    });
    let in_range = format!("{}\n", in_range.unwrap());
    let liquidity: u128 = in_range.trim_end().rsplit(',').next().unwrap().parse().unwrap();
    folder.positions = folder.positions.replacen(&in_range, "", 1);
    let place = tempfile::tempdir().unwrap();
    folder.write(&place.path().join("bad"));
    let sum = 7_835_713_187_432_675_874 - liquidity;
    check_folder(
        &place,
        &format!(
            "initial_positions.csv: the tick map is incomplete: the positions in range at tick \
             194140 sum to {sum}, but the pool's recorded liquidity is 7835713187432675874"
        ),
    );
}

#[test]
fn gzip_cut_short() {
    let folder = first_events(300);
    let place = tempfile::tempdir().unwrap();
    folder.write(&place.path().join("bad"));
    fs::remove_file(place.path().join("bad/events.csv")).unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(folder.events().as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    let file = place.path().join("bad/events.csv.gz");
    for length in [10, whole.len() / 2, whole.len() - 8, whole.len() - 1] {
        fs::write(&file, &whole[..length]).unwrap();
        check_folder(&place, "events.csv.gz: the gzip data is cut short");
    }
    fs::write(&file, &whole).unwrap();
    tidemill(place.path(), &["replay", "bad"]).good();
}

#[test]
fn parquet_cut_short_or_damaged() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("bad.parquet");
    fs::write(place.path().join("bad.toml"), "tape = \"bad.parquet\"\n").unwrap();
    let half = SAMPLE_BYTES.len() / 2;
    let mut damaged = SAMPLE_BYTES.to_vec();
    damaged[half] ^= 1;
    let footer = "is not a Parquet file, or cut short: it does not end with PAR1";
    let header = "is not a Parquet file, or cut short: it does not begin with PAR1";
    for (bytes, what) in [
        (&SAMPLE_BYTES[..half], footer),
        (&SAMPLE_BYTES[..SAMPLE_BYTES.len() - 1], footer),
        (b"".as_slice(), header),
        (b"kind,time_utc\n", header),
        (damaged.as_slice(), "is damaged: its bytes hash to "),
    ] {
        fs::write(&file, bytes).unwrap();
        let position = ["--lower=0", "--upper=10", "--liquidity=1", "--footprint=price-taker"];
        let commands: [&[&str]; 4] = [
            &["tape", "info", "bad.parquet"],
            &["replay", "bad.parquet"],
            &[["position", "bad.parquet"].as_slice(), &position].concat(),
            &["backtest", "bad.toml", "--out", "report"],
        ];
        for command in commands {
            let message = refused(place.path(), command);
            // A configuration is named first, with the line that names the tape.
            let message = message.strip_prefix("bad.toml: ").unwrap_or(&message);
            assert!(message.starts_with(&format!("bad.parquet: {what}")), "{message}");
        }
    }
}

#[test]
fn what_is_not_there() {
    let place = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| refused(place.path(), arguments);
    let missing = "no.parquet: cannot be read: No such file or directory (os error 2)";
    assert_eq!(said(&["replay", "no.parquet"]), missing);
    assert_eq!(said(&["tape", "info", "no.parquet"]), missing);
    assert_eq!(said(&["tape", "import", "no", "--out", "t.parquet"]), "no: is not a folder");
    first_events(1).write(&place.path().join("bad"));
    fs::remove_file(place.path().join("bad/pool.json")).unwrap();
    check_folder(&place, "pool.json: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn positions_that_no_pool_would_take() {
    let said = |lower: &str, upper: &str, liquidity: &str, more: &[&str]| {
        let named = [("--lower", lower), ("--upper", upper), ("--liquidity", liquidity)];
        let mut arguments = vec!["position".to_owned(), "--footprint=re-executed".to_owned()];
        arguments.extend(named.map(|(name, value)| format!("{name}={value}")));
        arguments.extend(more.iter().map(|more| (*more).to_owned()));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = tidemill(Path::new("."), &arguments);
        ran.refusal(2).to_owned()
    };
    let spacing = "is not a multiple of the tick spacing 10";
    assert_eq!(said("5", "10", "1", &[]), format!("tick 5 {spacing}"));
    assert_eq!(said("10", "12", "1", &[]), format!("tick 12 {spacing}"));
    assert_eq!(said("10", "20", "0", &[]), "the liquidity is zero; allowed is 1 to 2^127 - 1");
    let refused = said("20", "10", "1", &[]);
    assert!(refused.starts_with("the pool refuses the position: "), "{refused}");
    let refused = said("10", "20", "170141183460469231731687303715884105728", &[]);
    assert!(refused.starts_with("the pool refuses the position: "), "{refused}");
    let span = "it spans blocks 21303933 to 21354333";
    assert_eq!(
        said("10", "20", "1", &["--open=1"]),
        format!("the tape has no event at block 1; {span}")
    );
    assert_eq!(
        said("10", "20", "1", &["--close=21303934:71"]),
        format!("the tape has no event at block 21303934, log index 71; {span}")
    );
    assert_eq!(
        said("10", "20", "1", &["--open=21303940", "--close=21303934"]),
        "the position closes at block 21303934, before it opens at block 21303940"
    );
}
