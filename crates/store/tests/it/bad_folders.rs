//! Files that are not there, not readable as CSV, or not what their names say.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tidemill_store::{AnyTape, MAX_LINE_BYTES, MAX_POOL_JSON_BYTES, import_folder, open_tape};

use crate::small_tape::{HEADER, POOL, POSITIONS, SWAP, events, import_bytes};

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn check(events: &[u8], expected: &str) {
    let imported = import_bytes(POOL.as_bytes(), events, Some(POSITIONS.as_bytes()));
    assert_eq!(imported.unwrap_err().to_string(), format!("events.csv: {expected}"));
}

#[test]
fn headers() {
    let docs = "see docs/tape-format.md for the columns";
    let after = format!("\n{SWAP}\n");
    for (header, expected) in [
        (String::new(), "is empty; expected a header row".to_owned()),
        (format!("{HEADER},note{after}"), format!("unknown column `note`; {docs}")),
        (
            format!("{}{after}", HEADER.replace("owner", "Owner")),
            format!("unknown column `Owner`; {docs}"),
        ),
        (format!("{HEADER},{after}"), format!("unknown column ``; {docs}")),
        (
            format!("{}{after}", HEADER.replace("owner", "kind")),
            "column kind is there twice".to_owned(),
        ),
        (
            format!("{}{after}", HEADER.replace("log_index,", "")),
            "column log_index is missing".to_owned(),
        ),
        (
            format!("{}\n", "x".repeat(MAX_LINE_BYTES + 1)),
            "the line is longer than 1048576 bytes".to_owned(),
        ),
    ] {
        check(header.as_bytes(), &expected);
    }
    check(b"kind,\xff\n", "is not UTF-8 text");
    let positions = "tick_lower,tick_upper,liquidity,owner\n-20,20,1000,\n";
    let rows = events(&[SWAP]);
    let imported =
        import_bytes(POOL.as_bytes(), rows.as_bytes(), Some(positions.as_bytes())).unwrap_err();
    assert_eq!(
        imported.to_string(),
        format!("initial_positions.csv: unknown column `owner`; {docs}")
    );
}

#[test]
fn lines() {
    let row = |row: &str| events(&[SWAP, row]).into_bytes();
    for (row, expected) in [
        (row("swap,2024-12-01 00:00:12,102"), "log_index: the row has 3 fields; the header has 15"),
        (row(&format!("{SWAP},")), "tick_after: the row has 16 fields; the header has 15"),
        (row(""), "time_utc: the row has 1 fields; the header has 15"),
        (
            row(&SWAP.replace("-5", "\"-5\"")),
            "amount0: contains a quote character; write values plain, without quotes",
        ),
        (row(&SWAP.replace("-5", "-5\0")), "amount0: contains a NUL byte"),
        (
            row(&SWAP.replace("-5", &"1".repeat(2 * MAX_LINE_BYTES))),
            "amount0: the line is longer than 1048576 bytes",
        ),
    ] {
        check(&row, &format!("row 2, column {expected}"));
    }
    let mut bytes = events(&[SWAP]).into_bytes();
    let at = bytes.windows(2).position(|pair| pair == b"-5").unwrap();
    bytes[at] = 0xff;
    check(&bytes, "row 1, column amount0: is not UTF-8 text");
    // UTF-16 text is full of NUL bytes and starts with a mark that is not UTF-8.
    check(b"\xff\xfek\0i\0n\0d\0", "is not UTF-8 text");
}

#[test]
fn spaces_are_part_of_a_value() {
    check(
        events(&[&SWAP.replace("-5", " -5")]).as_bytes(),
        "row 1, column amount0: ` -5` is not a signed amount in raw units, -2^255 to 2^255 - 1",
    );
}

/// A gzip file that ends anywhere before its last byte says so; never is the part that came out
/// taken for the whole.
#[test]
fn truncated_gzip_is_refused_at_every_length() {
    let whole = gzip(events(&[SWAP]).as_bytes());
    for length in 2..whole.len() {
        let imported = import_bytes(POOL.as_bytes(), &whole[..length], Some(POSITIONS.as_bytes()));
        let message = imported.unwrap_err().to_string();
        let cut = "events.csv: the gzip data is cut short";
        assert_eq!(message, cut, "{length} of {} bytes", whole.len());
    }
}

#[test]
fn gzip_with_other_bytes_behind_it_is_refused() {
    let whole = gzip(events(&[SWAP]).as_bytes());
    for tail in [b"trailing garbage".as_slice(), b"\0\0\0\0\0\0\0\0\0\0\0\0", b"x"] {
        let bytes = [whole.as_slice(), tail].concat();
        let imported = import_bytes(POOL.as_bytes(), &bytes, Some(POSITIONS.as_bytes()));
        let message = imported.unwrap_err().to_string();
        let is_named = message
            .starts_with("events.csv: not gzip data, damaged, or followed by other bytes (")
            || message == "events.csv: the gzip data is cut short";
        assert!(is_named, "{message}");
    }
    let mut damaged = whole;
    let checksum = damaged.len() - 6;
    damaged[checksum] ^= 1;
    let imported = import_bytes(POOL.as_bytes(), &damaged, Some(POSITIONS.as_bytes()));
    assert_eq!(
        imported.unwrap_err().to_string(),
        "events.csv: not gzip data, damaged, or followed by other bytes (corrupt gzip stream does \
         not have a matching checksum)"
    );
}

/// Writes a folder and says what importing it gives, with the folder's own path taken out.
fn import_files(files: &[(&str, &[u8])]) -> Result<usize, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let prefix = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
    let imported = open_tape(folder.path()).map(|tape| match tape {
        AnyTape::Concentrated(tape) => tape.events.len(),
        AnyTape::Shares(tape) => tape.events.len(),
    });
    imported.map_err(|error| error.to_string().replace(&prefix, ""))
}

#[test]
fn files_of_a_folder() {
    let rows = events(&[SWAP]);
    let (rows, packed) = (rows.as_bytes(), gzip(rows.as_bytes()));
    let (pool, positions) = (POOL.as_bytes(), POSITIONS.as_bytes());
    let good = [("pool.json", pool), ("initial_positions.csv", positions)];
    let with = |more: &[(&'static str, &[u8])]| {
        let files = [good.as_slice(), more].concat();
        import_files(&files)
    };
    assert_eq!(with(&[("events.csv", rows)]), Ok(1));
    assert_eq!(with(&[("events.csv.gz", &packed)]), Ok(1));
    assert_eq!(with(&[]), Err("events.csv: is missing".to_owned()));
    assert_eq!(
        with(&[("events.csv", rows), ("events.csv.gz", &packed)]),
        Err("events.csv: events.csv.gz is there as well; keep one of the two".to_owned())
    );
    assert_eq!(
        with(&[("events.csv", rows), ("initial_positions.csv.gz", &gzip(positions))]),
        Err("initial_positions.csv: initial_positions.csv.gz is there as well; keep one of the \
             two"
        .to_owned())
    );
    let plain_as_gzip = with(&[("events.csv.gz", rows)]).unwrap_err();
    assert_eq!(
        plain_as_gzip,
        "events.csv.gz: not gzip data, damaged, or followed by other bytes (invalid gzip header)"
    );
    assert_eq!(
        with(&[("events.csv.gz", b"")]),
        Err("events.csv.gz: the gzip data is cut short".to_owned())
    );
    assert_eq!(
        with(&[("events.csv", &packed)]),
        Err("events.csv: is not UTF-8 text".to_owned()),
        "compressed data under a plain name"
    );
    let no_pool = import_files(&[("events.csv", rows)]).unwrap_err();
    assert!(no_pool.starts_with("pool.json: cannot be read: "), "{no_pool}");
    let long = vec![b' '; usize::try_from(MAX_POOL_JSON_BYTES).unwrap() + 1];
    let long = import_files(&[("pool.json", &long), ("events.csv", rows)]);
    assert_eq!(long, Err("pool.json: is larger than 1048576 bytes".to_owned()));
}

#[test]
fn paths_that_are_no_folder() {
    let missing = import_folder(Path::new("no/such/folder")).unwrap_err();
    assert_eq!(missing.to_string(), "no/such/folder: is not a folder");
    let missing = open_tape(Path::new("no/such/tape.parquet")).unwrap_err().to_string();
    assert!(missing.starts_with("no/such/tape.parquet: cannot be read: "), "{missing}");
}
