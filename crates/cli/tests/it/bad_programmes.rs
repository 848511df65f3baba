//! States of programmes with one thing wrong, of every kind: the command says in one line which
//! file and which field, and what is allowed there.

use std::fs;

use serde_json::{Value, json};
use tidemill_store::ProgrammeState;

use crate::run::{example_programme, refused};

/// The places in a state that hold neither a list nor an object, as errors name them and as JSON
/// pointers.
fn leaves(value: &Value, path: &str, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, &path, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}[{at}]"), &format!("{pointer}/{at}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push((path.to_owned(), pointer.to_owned()));
        }
    }
}

#[test]
fn one_bad_value_in_any_field_of_any_kind() {
    let place = tempfile::tempdir().unwrap();
    let mut tried = 0;
    for kind in ProgrammeState::KINDS {
        let whole = fs::read_to_string(example_programme(kind)).unwrap();
        let whole: Value = serde_json::from_str(&whole).unwrap();
        let mut found = Vec::new();
        leaves(&whole, "", "", &mut found);
        for (path, pointer) in found {
            let mut state = whole.clone();
            *state.pointer_mut(&pointer).unwrap() = json!("-0x");
            fs::write(place.path().join("bad.json"), state.to_string()).unwrap();
            let said = refused(place.path(), &["earn", "bad.json", "--at", "1800000000"]);
            let start = format!("bad.json: field {path}: `\"-0x\"` is not allowed; expected ");
            assert!(said.starts_with(&start), "{kind}: {said}");
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried}");
}

/// A state that stops anywhere is said to end too early, and the command does not.
#[test]
fn a_state_that_was_cut_short() {
    let place = tempfile::tempdir().unwrap();
    for kind in ProgrammeState::KINDS {
        let whole = fs::read(example_programme(kind)).unwrap();
        for part in 1..10 {
            fs::write(place.path().join("bad.json"), &whole[..whole.len() * part / 10]).unwrap();
            let said = refused(place.path(), &["earn", "bad.json", "--at", "1800000000"]);
            assert!(said.starts_with("bad.json: EOF while parsing"), "{kind}: {said}");
        }
    }
}
