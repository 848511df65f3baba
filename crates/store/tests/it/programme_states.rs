//! State files of reward programmes: the documented examples read and write back to the letter, and
//! whatever is wrong with one is said by the field's name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
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

fn example(kind: &str) -> Value {
    let (_, path) = examples().into_iter().find(|(name, _)| name == kind).unwrap();
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn read(json: &Value) -> Result<ProgrammeState, String> {
    read_programme_state(&json.to_string()).map_err(|error| error.to_string())
}

#[track_caller]
fn refusal(json: &Value) -> String {
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
fn every_example_reads_and_writes_to_the_letter() {
    for (kind, path) in examples() {
        let text = fs::read_to_string(&path).unwrap();
        let state = ProgrammeState::read(&path).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(state.kind(), kind);
        assert_eq!(write_programme_state(&state).unwrap(), text, "{kind}");
        let programme = state.resume().unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(programme.state(), state, "{kind}");
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
        for (path, keys) in found.iter().filter(|(path, _)| path != "kind") {
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

fn step<'a>(value: &'a mut Value, key: &str) -> &'a mut Value {
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
            let place = keys.iter().fold(&mut more, |value, key| step(value, key));
            let Value::Array(items) = place else { continue };
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

/// Changes to an example, the field that is refused then, and the start of what is allowed there.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

const CASES: &[Case] = &[
    ("staking_rewards", &[("owner", "null")], "owner", "an account in Synthetix's"),
    ("staking_rewards", &[("build", "\"uniswap\"")], "owner", "an account in Synthetix's"),
    (
        "staking_rewards",
        &[("build", "\"uniswap\""), ("owner", "null"), ("is_paused", "true")],
        "is_paused",
        "false in Uniswap's",
    ),
    (
        "staking_rewards",
        &[("build", "\"uniswap\""), ("owner", "null")],
        "rewards_duration",
        "5184000 in",
    ),
    ("staking_rewards", &[("period_finish", "\"1\"")], "last_update_time", "no time after"),
    (
        "staking_rewards",
        &[("stakers.1.account", "\"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\"")],
        "stakers[1].account",
        "stakers ascending",
    ),
    ("staking_rewards", &[("stakers.1.balance", MOST)], "stakers[1].balance", "balances whose"),
    (
        "staking_rewards",
        &[("stakers.1.reward_per_token_paid", "\"12499999999999999921\"")],
        "stakers[1].reward_per_token_paid",
        "at most reward_per_token_stored",
    ),
    ("staking_rewards", &[("stakers.0.rewards", MOST)], "stakers[0].rewards", "below 2^255"),
    ("staking_rewards", &[("last_update_time", TWO_64)], "last_update_time", "seconds since 1970"),
    ("master_chef", &[("sushi_balance", MOST)], "sushi_balance", "at most sushi_supply"),
    ("master_chef", &[("lp_balances.1.balance", "0")], "lp_balances[1]", "ascending by token"),
    (
        "master_chef",
        &[("lp_balances.0.token", "\"0x5050505050505050505050505050505050505050\"")],
        "lp_balances[0]",
        "ascending by token",
    ),
    ("master_chef", &[("pools.1.alloc_point", MOST)], "pools[1].alloc_point", "weights whose"),
    ("master_chef", &[("users.2.pool", "2")], "users[2]", "ascending by pool"),
    ("master_chef", &[("users.1.pool", "0")], "users[1]", "ascending by pool"),
    (
        "master_chef",
        &[("users.2.user.reward_debt", MOST)],
        "users[2].user.reward_debt",
        "at most what",
    ),
    ("master_chef", &[("start_block", TWO_64)], "start_block", "a block number"),
    (
        "v3_staker",
        &[("incentives.0.key.end_time", "\"1700000000\"")],
        "incentives[0].key.end_time",
        "after start_time",
    ),
    (
        "v3_staker",
        &[("max_incentive_duration_seconds", "1209599")],
        "incentives[0].key.end_time",
        "after start_time",
    ),
    (
        "v3_staker",
        &[("incentives.0.total_seconds_claimed_x128", MOST)],
        "incentives[0].total_seconds_claimed_x128",
        "0 to 2^160 - 1",
    ),
    ("v3_staker", &[("deposits.1.token_id", "612345")], "deposits[1]", "ascending by token_id"),
    ("v3_staker", &[("deposits.1.range.upper", "887273")], "deposits[1].range", "lower below"),
    ("v3_staker", &[("deposits.0.range.lower", "202200")], "deposits[0].range", "lower below"),
    ("v3_staker", &[("deposits.1.owner", ZERO)], "deposits[1].owner", "an account, not"),
    ("v3_staker", &[("stakes.0.token_id", "5")], "stakes[0].token_id", "a token of the"),
    ("v3_staker", &[("stakes.0.key.end_time", "5")], "stakes[0].key", "the key of an"),
    ("v3_staker", &[("stakes.0.liquidity", "0")], "stakes[0].liquidity", "1 or more"),
    (
        "v3_staker",
        &[("stakes.0.seconds_per_liquidity_inside_initial_x128", MOST)],
        "stakes[0].seconds_per_liquidity_inside_initial_x128",
        "0 to 2^160 - 1",
    ),
    ("v3_staker", &[("rewards.0.amount", "0")], "rewards[0].amount", "1 or more"),
    ("vote_escrow", &[("maximum_lock", "0")], "maximum_lock", "1 or more"),
    ("vote_escrow", &[("history", "[]")], "history", "one point or more"),
    ("vote_escrow", &[("history.2.at", "1700863999")], "history[2]", "times and blocks"),
    ("vote_escrow", &[("history.5.slope", "-1")], "history[5]", "a bias and a slope"),
    ("vote_escrow", &[("slope_changes.1.0", "1762992001")], "slope_changes[1]", "beginnings of"),
    ("vote_escrow", &[("lockers.1.locked.amount", "-1")], "lockers[1]", "an amount of 0"),
    ("vote_escrow", &[("lockers.0.locked.end", "1")], "lockers[0]", "a lock's end"),
    (
        "vote_escrow",
        &[("lockers.1.points.0.slope", "-1")],
        "lockers[1].points[0]",
        "a bias and a slope",
    ),
    ("vote_escrow", &[("lockers.1.points", "[]")], "lockers[1].points", "one for each"),
    ("vote_escrow", &[("lockers.0.points.1.block", "1")], "lockers[0].points[1]", "times and"),
    (
        "vote_escrow",
        &[("lockers.1.account", "\"0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\"")],
        "lockers[1]",
        "sorted, no account twice",
    ),
];

const ZERO: &str = "\"0x0000000000000000000000000000000000000000\"";
const TWO_64: &str = "\"18446744073709551616\"";
const MOST: &str =
    "\"115792089237316195423570985008687907853269984665640564039457584007913129639935\"";

/// What no programme of the kind can be: the field, its place in a list, and what is allowed.
#[test]
fn values_out_of_bounds_are_named() {
    for (kind, changes, named, allowed) in CASES {
        let mut state = example(kind);
        for (path, value) in *changes {
            let place = path.split('.').fold(&mut state, |value, key| step(value, key));
            *place = serde_json::from_str(value).unwrap();
        }
        let said = refusal(&state);
        assert!(said.starts_with(&format!("field {named}: `")), "{kind}: {changes:?}: {said}");
        let expected = said.split_once("is not allowed; expected ");
        let expected = expected.map(|(_, expected)| expected).unwrap_or_default();
        assert!(expected.starts_with(allowed), "{kind}: {changes:?}: {said}");
    }
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
