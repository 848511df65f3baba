//! Where results go: written whole or not at all, replaced in one step, and nobody has to read to
//! the end.

use std::fs;
use std::process::Stdio;

use crate::folder::first_events;
use crate::run::{command, content, refused, tidemill};

#[test]
fn a_report_replaces_the_one_before() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("report")).unwrap();
    fs::write(place.path().join("report/report.html"), "old").unwrap();
    fs::write(place.path().join("report/notes.txt"), "mine").unwrap();
    let printed = tidemill(place.path(), &["backtest", "--out", "report", "--json"]).good();
    let first = content(place.path());
    let files: Vec<&str> = first.keys().map(String::as_str).collect();
    let expected = ["report", "report/notes.txt", "report/report.html", "report/report.json"];
    assert_eq!(files, expected);
    assert_eq!(first["report/notes.txt"].as_deref(), Some(b"mine".as_slice()));
    assert_eq!(first["report/report.json"].as_deref(), Some(printed.trim_end().as_bytes()));
    let page = first["report/report.html"].as_deref().unwrap();
    assert!(page.len() > 100_000 && page.ends_with(b"</html>\n"), "{} bytes", page.len());
    tidemill(place.path(), &["backtest", "--out", "report"]).good();
    assert!(first == content(place.path()), "the same run writes the same bytes");
}

#[test]
fn places_that_cannot_be_written() {
    let place = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| refused(place.path(), arguments);
    fs::write(place.path().join("file"), "in the way").unwrap();
    let cannot = "cannot write the report here:";
    let said_of_file = said(&["backtest", "--out", "file"]);
    assert!(said_of_file.starts_with(&format!("file: {cannot} ")), "{said_of_file}");
    let below = said(&["backtest", "--out", "file/report"]);
    assert!(below.starts_with(&format!("file/report: {cannot} ")), "{below}");
    let no_folder = "no: cannot be written: No such file or directory (os error 2)";
    let sample = said(&["tape", "sample", "--out", "no/week.parquet"]);
    assert!(sample.starts_with(no_folder), "{sample}");
    first_events(20).write(&place.path().join("good"));
    let import = |out| said(&["tape", "import", "good", "--out", out]);
    assert!(import("no/week.parquet").starts_with(no_folder));
    fs::create_dir(place.path().join("folder")).unwrap();
    for said in [import("folder"), said(&["tape", "sample", "--out", "folder"])] {
        assert!(said.starts_with("folder: cannot be written: "), "{said}");
    }
}

/// An import that fails leaves the file that was there.
#[test]
fn a_failed_import_keeps_the_old_tape() {
    let place = tempfile::tempdir().unwrap();
    let mut folder = first_events(20);
    folder.write(&place.path().join("week"));
    let import = ["tape", "import", "week", "--out", "week.parquet"];
    tidemill(place.path(), &import).good();
    folder.rows.swap(3, 4);
    folder.write(&place.path().join("week"));
    // `refused` compares the old file byte by byte as well.
    assert!(refused(place.path(), &import).contains("events.csv: row 5, column "));
    folder.rows.swap(3, 4);
    folder.rows.pop();
    folder.write(&place.path().join("week"));
    let before = content(place.path());
    tidemill(place.path(), &import).good();
    assert!(before["week.parquet"] != content(place.path())["week.parquet"]);
}

/// Whoever reads the first line and goes away has got what they wanted.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 3] = [&["backtest", "--json"], &["backtest"], &["replay"]];
    for arguments in commands {
        let mut child = command(place.path(), arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
