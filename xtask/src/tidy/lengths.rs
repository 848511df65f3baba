//! Lengths of files and lines. Lengths of functions are clippy's.

use super::files::File;
use super::rules::{COLUMNS, FILE_LINES, FILE_LINES_WANTED, LIB_LINES};
use super::source::lines_before_tests;
use crate::finding::Finding;

/// Returns every file, `lib.rs` and line that is too long.
pub(super) fn check(file: &File) -> Vec<Finding> {
    if !file.is_rust() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let finding = |line: usize, rule: &'static str, what: String, allowed: String| Finding {
        path: file.path.clone(),
        line,
        rule,
        what,
        allowed,
    };
    let lines = lines_before_tests(&file.text);
    if !file.is_test() && lines > FILE_LINES {
        let allowed = format!("{FILE_LINES} lines, tests excluded");
        findings.push(finding(FILE_LINES + 1, "file-lines", format!("{lines} lines"), allowed));
    }
    if file.path.ends_with("src/lib.rs") && lines > LIB_LINES {
        let allowed = format!("{LIB_LINES} lines in lib.rs, and no logic");
        findings.push(finding(LIB_LINES + 1, "lib-lines", format!("{lines} lines"), allowed));
    }
    for (index, line) in file.text.lines().enumerate() {
        let columns = line.chars().count();
        if columns > COLUMNS {
            let allowed = format!("{COLUMNS} columns");
            findings.push(finding(index + 1, "columns", format!("{columns} columns"), allowed));
        }
    }
    findings
}

/// Returns a note on a file that is longer than wanted but not too long.
pub(super) fn note(file: &File) -> Option<String> {
    let lines = lines_before_tests(&file.text);
    let long = file.is_rust() && !file.is_test() && lines > FILE_LINES_WANTED;
    long.then(|| format!("{}: {lines} lines, {FILE_LINES_WANTED} wanted", file.path))
}
