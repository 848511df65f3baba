//! State files of reward programmes: the documented examples read and write back to the letter, and
//! whatever is wrong with one is said by the field's name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tidemill_rewards::programmes;
use tidemill_store::{ProgrammeState, read_programme_state, write_programme_state};

/// The state files of `docs/programme-state`, by the kinds they are named for.
pub(crate) fn examples() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/programme-state");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: PathBuf| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path);
    let mut examples: Vec<_> = files.map(named).collect();
    examples.sort();
    examples
}

pub(crate) fn example(kind: &str) -> Value {
    let (_, path) = examples().into_iter().find(|(name, _)| name == kind).unwrap();
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn read(json: &Value) -> Result<ProgrammeState, String> {
    read_programme_state(&json.to_string()).map_err(|error| error.to_string())
}

#[track_caller]
pub(crate) fn refusal(json: &Value) -> String {
    read(json).expect_err("not a state")
}

#[test]
fn every_kind_has_an_example() {
    let named: BTreeSet<String> = examples().into_iter().map(|(name, _)| name).collect();
    let kinds: BTreeSet<String> =
        ProgrammeState::KINDS.iter().map(|kind| kind.to_string()).collect();
    assert_eq!(named, kinds);
}

#[test]
fn every_programme_has_a_kind() {
    for facts in programmes() {
        assert!(ProgrammeState::KINDS.contains(&facts.name), "{}", facts.name);
    }
}

#[test]
fn every_example_reads_and_writes_to_the_letter() {
    for (kind, path) in examples() {
        let text = fs::read_to_string(&path).unwrap();
        let state = ProgrammeState::read(&path).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(state.kind(), kind);
        assert_eq!(write_programme_state(&state).unwrap(), text, "{kind}");
        let programme = state.resume().unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(ProgrammeState::from(&programme), state, "{kind}");
    }
}

/// The documentation names each kind and each field of its example, and links the example.
#[test]
fn the_documentation_names_every_field() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/programme-state.md");
    let page = fs::read_to_string(page).unwrap();
    for (kind, _) in examples() {
        let heading = format!("## `{kind}`\n\n[{kind}.json](programme-state/{kind}.json): ");
        let section =
            page.split("\n## ").find(|section| format!("## {section}").starts_with(&heading));
        let section = section.unwrap_or_else(|| panic!("no section of {kind}"));
        let mut found = Vec::new();
        paths(&example(&kind), "", &mut found, &[]);
        // A system's parts are documented as programmes of their own.
        let parts = ["token.", "token_admin.", "escrow.", "controller.", "gauges[", "distributor."];
        let systems = ["curve_gauges", "balancer_gauges", "fee_distribution"];
        let is_system = systems.contains(&kind.as_str());
        let is_part = |path: &str| parts.iter().any(|part| path.starts_with(part));
        let is_own = |path: &str| path != "kind" && !(is_system && is_part(path));
        for (path, keys) in found.iter().filter(|(path, _)| is_own(path)) {
            let name = keys.last().unwrap();
            let is_index = name.parse::<usize>().is_ok();
            assert!(is_index || section.contains(&format!("`{name}`")), "{kind}: {path}");
        }
    }
}

/// The fields of an object and of the objects in it, by the path that errors give them.
fn paths(value: &Value, path: &str, found: &mut Vec<(String, Vec<String>)>, keys: &[String]) {
    let entries: Vec<(String, String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                (path, name.clone(), value)
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| (format!("{path}[{at}]"), at.to_string(), item))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (path, key, value) in entries {
        let keys = [keys, &[key]].concat();
        found.push((path.clone(), keys.clone()));
        paths(value, &path, found, &keys);
    }
}

pub(crate) fn step<'a>(value: &'a mut Value, key: &str) -> &'a mut Value {
    match value {
        Value::Object(fields) => fields.get_mut(key).unwrap(),
        Value::Array(items) => &mut items[key.parse::<usize>().unwrap()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            panic!("nothing is in {value}")
        }
    }
}

#[test]
fn a_missing_field_is_named() {
    for (kind, _) in examples() {
        let whole = example(&kind);
        let mut found = Vec::new();
        paths(&whole, "", &mut found, &[]);
        for (path, keys) in found {
            let mut cut = whole.clone();
            let (last, parents) = keys.split_last().unwrap();
            let parent = parents.iter().fold(&mut cut, |value, key| step(value, key));
            let Value::Object(fields) = parent else { continue };
            fields.remove(last);
            assert_eq!(refusal(&cut), format!("field {path}: is missing"), "{kind}");
        }
    }
}

#[test]
fn an_extra_field_is_named() {
    for (kind, _) in examples() {
        let whole = example(&kind);
        let mut found = vec![(String::new(), Vec::new())];
        paths(&whole, "", &mut found, &[]);
        for (path, keys) in found {
            let mut more = whole.clone();
            let place = keys.iter().fold(&mut more, |value, key| step(value, key));
            let Value::Object(fields) = place else { continue };
            fields.insert("extra".to_owned(), json!("1"));
            let named = if path.is_empty() { "extra".to_owned() } else { format!("{path}.extra") };
            assert_eq!(refusal(&more), format!("field {named}: is unknown"), "{kind}");
        }
    }
}

/// An item more or less in a list of two or three.
#[test]
fn a_tuple_of_another_length_is_named() {
    let mut tried = 0;
    for (kind, _) in examples() {
        let whole = example(&kind);
        let mut found = Vec::new();
        paths(&whole, "", &mut found, &[]);
        for (path, keys) in found.into_iter().filter(|(path, _)| path.ends_with(']')) {
            let mut more = whole.clone();
            let (last, parents) = keys.split_last().unwrap();
            let parent = parents.iter().fold(&mut more, |value, key| step(value, key));
            // What stands beside a name in a pair is a list of its own.
            if !parent[0].is_array() {
                continue;
            }
            let Value::Array(items) = step(parent, last) else { continue };
            items.push(json!("1"));
            let said = refusal(&more);
            assert!(said.starts_with(&format!("field {path}: `[")), "{kind}: {said}");
            assert!(said.contains("expected a list of t"), "{kind}: {said}");
            tried += 1;
        }
    }
    assert!(tried > 0);
}

/// No field takes a float, a negative exponent, a text that is no number, or the wrong kind of
/// value.
#[test]
fn a_wrong_type_is_named() {
    let wrong = [
        json!(1.5),
        json!(-1.25e3),
        json!("1e3"),
        json!("+1"),
        json!("0x1"),
        json!([[]]),
        json!({ "a": [] }),
        json!(""),
    ];
    for (kind, _) in examples() {
        let whole = example(&kind);
        let mut found = Vec::new();
        paths(&whole, "", &mut found, &[]);
        for (path, keys) in found {
            for wrong in &wrong {
                let mut changed = whole.clone();
                *keys.iter().fold(&mut changed, |value, key| step(value, key)) = wrong.clone();
                let said = refusal(&changed);
                let named = format!("field {path}");
                assert!(said.starts_with(&named), "{kind} {path} {wrong}: {said}");
            }
        }
    }
}

#[test]
fn a_field_that_is_there_twice_is_named() {
    for (kind, _) in examples() {
        let Value::Object(fields) = example(&kind) else { panic!("{kind}") };
        for (name, value) in &fields {
            let whole = Value::Object(fields.clone()).to_string();
            let text = format!("{},\"{name}\":{value}}}", whole.strip_suffix('}').unwrap());
            let said = read_programme_state(&text).expect_err("not a state").to_string();
            assert_eq!(said, format!("field {name}: is there twice"), "{kind}");
        }
    }
}

#[test]
fn integers_may_be_bare_or_quoted() {
    fn unquote(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(unquote),
            Value::Object(fields) => fields.values_mut().for_each(unquote),
            Value::String(text) => {
                if let Ok(number) = text.parse::<u64>() {
                    *value = json!(number);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    for (kind, path) in examples() {
        let mut bare = example(&kind);
        unquote(&mut bare);
        assert_eq!(read(&bare), Ok(ProgrammeState::read(&path).unwrap()), "{kind}");
    }
}

#[test]
fn text_that_is_no_state() {
    let said = |text: &str| read_programme_state(text).expect_err("not a state").to_string();
    assert!(said("").starts_with("EOF while parsing"), "{}", said(""));
    assert!(said("{").starts_with("EOF while parsing"), "{}", said("{"));
    assert_eq!(said("[1]"), "`[1]` is not allowed; expected an object");
    assert_eq!(said("null"), "`null` is not allowed; expected an object");
    assert_eq!(said("{}"), "field kind: is missing");
    assert!(said("{} {}").starts_with("trailing characters"), "{}", said("{} {}"));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(said(&deep).ends_with("is not allowed; expected an object"), "{}", said(&deep));
    let known = said(r#"{"kind": "farm"}"#);
    let all = ProgrammeState::KINDS.join(", ");
    assert_eq!(known, format!("field kind: `\"farm\"` is not allowed; expected one of {all}"));
}

#[test]
fn files_that_are_no_states() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.json");
    let said = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = ProgrammeState::read(&path).expect_err("not a state").to_string();
        error.replace(&path.display().to_string(), "s.json")
    };
    assert_eq!(said(b"\xff"), "s.json: is not UTF-8 text");
    assert_eq!(said(b"{}"), "s.json: field kind: is missing");
    assert!(said(b"{").starts_with("s.json: EOF while parsing"));
    assert!(ProgrammeState::read(folder.path()).is_err());
    assert!(ProgrammeState::read(&folder.path().join("none")).is_err());
    let marked = [b"\xef\xbb\xbf", fs::read(&examples()[0].1).unwrap().as_slice()].concat();
    fs::write(&path, marked).unwrap();
    assert_eq!(ProgrammeState::read(&path).unwrap().kind(), examples()[0].0);
}

/// A state that was put together in memory is refused with the same words as its text.
#[test]
fn a_state_in_memory_is_refused_as_its_text_is() {
    use tidemill_rewards::Account;
    use tidemill_rewards::staking_rewards::{StakerState, StakingRewardsState};
    let mut state = StakingRewardsState::uniswap(Account([1; 20]));
    let staker = StakerState { account: Account([2; 20]), ..StakerState::default() };
    state.stakers = vec![staker, staker];
    let state = ProgrammeState::from(state);
    let error = state.resume().expect_err("one staker twice");
    assert_eq!(error.field, "stakers[1].account");
    let text = write_programme_state(&state).unwrap();
    assert_eq!(read_programme_state(&text), Err(error));
}
