//! Recorded data sets, which are not part of the repository. Tests of several crates take this file
//! in with `#[path]`.
#![allow(dead_code, reason = "each crate uses its own part")]

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Returns where the recorded data sets are: `TIDEMILL_DATA`, or `../shared/data` beside the
/// workspace.
pub(crate) fn data_folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    std::env::var_os("TIDEMILL_DATA").map_or_else(beside, PathBuf::from)
}

/// A file or folder among the recorded data sets; `None`, said aloud, where it is not there.
pub(crate) fn recorded(name: &str) -> Option<PathBuf> {
    let path = data_folder().join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no recorded data at {}", path.display());
    None
}

/// A JSON file among them, with every number as text: many pass 64 bits, and the reader makes
/// floats of those.
pub(crate) fn recorded_json(file: &str) -> Option<Value> {
    let text = std::fs::read_to_string(recorded(file)?).unwrap();
    Some(serde_json::from_str(&quoted(&text)).unwrap())
}

/// Puts every bare integer of a JSON text in quotes.
fn quoted(text: &str) -> String {
    let (mut result, mut in_text, mut in_number) = (String::new(), false, false);
    for letter in text.chars() {
        let is_number = !in_text && (letter.is_ascii_digit() || letter == '-');
        if is_number != in_number {
            result.push('"');
            in_number = is_number;
        }
        if letter == '"' {
            in_text = !in_text;
        }
        result.push(letter);
    }
    result
}
