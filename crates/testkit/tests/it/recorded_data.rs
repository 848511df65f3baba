//! Recorded data sets, which are not part of the repository.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file among the recorded data sets, in the folder that `TIDEMILL_DATA` names or beside the
/// repository; `None`, said aloud, where it is not there.
pub(crate) fn recorded(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TIDEMILL_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(file);
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
        let is_digit = letter.is_ascii_digit() && !in_text;
        if is_digit != in_number {
            result.push('"');
            in_number = is_digit;
        }
        if letter == '"' {
            in_text = !in_text;
        }
        result.push(letter);
    }
    result
}
