//! A node that sends logs of other contracts, other blocks or another branch.

use serde_json::{Value, json};

use super::{hidden_by_a_good_node, named_when_alone};
use crate::node::http::Fault;
use crate::node::run;

fn check(edit: fn(&mut Value), said: &str) {
    let faults = move |method: &str| match method {
        "eth_getLogs" => Fault::Edit(edit),
        _ => Fault::None,
    };
    run(hidden_by_a_good_node(move |asked| faults(asked.method)));
    let named = run(named_when_alone(move |asked| faults(asked.method)));
    assert!(named.contains(said), "{named}");
}

fn first(logs: &mut Value, field: &str, value: Value) {
    if let Some(log) = logs.as_array_mut().unwrap().first_mut() {
        log[field] = value;
    }
}

#[test]
fn of_another_contract() {
    let other = |logs: &mut Value| first(logs, "address", json!(format!("{:#042x}", 0x33)));
    check(other, "is not one asked for");
}

#[test]
fn of_another_block() {
    check(|logs| first(logs, "blockNumber", json!("0x1")), "is outside the blocks asked for");
}

#[test]
fn of_another_branch() {
    let other = |logs: &mut Value| first(logs, "blockHash", json!(format!("{:#066x}", 7)));
    check(other, "are of another block");
}

#[test]
fn that_were_taken_back() {
    check(|logs| first(logs, "removed", json!(true)), "is marked as removed");
}

#[test]
fn that_the_bloom_filter_rules_out() {
    let other =
        |logs: &mut Value| first(logs, "topics", json!([format!("{:#066x}", 0xdead_beef_u64)]));
    check(other, "rules out the log");
}

#[test]
fn with_an_index_that_no_gas_paid_for() {
    check(|logs| first(logs, "logIndex", json!("0xffff")), "does not pay for a log");
}

#[test]
fn without_their_place() {
    check(|logs| first(logs, "blockNumber", Value::Null), "a log has no blockNumber");
}
