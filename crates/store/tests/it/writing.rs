//! Writing leaves a whole file, the old one, or nothing.

use std::fs;
use std::path::Path;

use tidemill_store::{TapeError, read_tape, write_atomically, write_tape};

use crate::small_tape::{SWAP, small_tape};

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| name(entry).into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_whole_and_nothing_is_left_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tape.parquet");
    fs::write(&path, "old").unwrap();
    let tape = small_tape(&[SWAP]);
    write_tape(&path, &tape).unwrap();
    assert_eq!(read_tape(&path).unwrap(), tape);
    assert_eq!(names(folder.path()), ["tape.parquet"]);
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let [plain, atomic] = ["plain", "atomic"].map(|name| folder.path().join(name));
    fs::write(&plain, "x").unwrap();
    write_atomically(&atomic, b"x").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&atomic), mode(&plain));
}

#[test]
fn a_tape_that_breaks_a_rule_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tape.parquet");
    fs::write(&path, "old").unwrap();
    let good = small_tape(&[SWAP]);
    let mut twice = good.clone();
    twice.events.push(twice.events[0].clone());
    let mut late = good.clone();
    late.events[0].time.0 = u64::MAX;
    let mut dear = good.clone();
    dear.events[0].gas_price = Some(tidemill_units::GasPrice(1 << 64));
    let mut free = good;
    free.header.fee.0 = 0;
    for (tape, expected) in [
        (
            twice,
            ": row 5, column log_index: duplicate: block 101, log index 1 is also the row before",
        ),
        (
            late,
            ": row 4, column time_utc: `18446744073709551615` is not allowed; expected whole \
             seconds from 1970-01-01 to 9999-12-31, UTC",
        ),
        (
            dear,
            ": row 4, column gas_price_wei: `18446744073709551616` is not allowed; expected a gas \
             price of at most 2^64 - 1 wei",
        ),
        (
            free,
            " (metadata tidemill.pool): field fee_pips: `0` is not allowed; expected hundredths \
             of a basis point, 1 to 999999",
        ),
    ] {
        let error = write_tape(&path, &tape).unwrap_err();
        assert_eq!(error.to_string(), format!("{}{expected}", path.display()));
    }
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["tape.parquet"]);
}

#[track_caller]
fn check_refused(path: &Path, named: &Path) {
    let error = write_atomically(path, b"report").unwrap_err();
    let TapeError::Write { file, .. } = &error else { panic!("{error}") };
    assert_eq!(file, &named.display().to_string());
    assert!(error.to_string().starts_with(&format!("{}: cannot be written: ", named.display())));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    check_refused(&missing.join("report.html"), &missing);
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    check_refused(&file.join("report.html"), &file);
    assert_eq!(names(folder.path()), ["file"]);
}

/// A folder of the kernel's that refuses even the superuser, as whom tests may run.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_without_permission_is_named() {
    check_refused(Path::new("/proc/self/report.html"), Path::new("/proc/self"));
}

#[test]
fn a_folder_in_the_files_place_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("report.html");
    fs::create_dir(&taken).unwrap();
    check_refused(&taken, &taken);
    assert_eq!(names(folder.path()), ["report.html"]);
}

#[test]
fn a_bare_name_is_written_into_the_current_folder() {
    let error = write_atomically(Path::new(""), b"x").unwrap_err();
    assert!(matches!(error, TapeError::Write { .. }), "{error}");
}
