//! A node that never answers.

use super::{hidden_by_a_good_node, in_backfill, named_when_alone};
use crate::node::http::Fault;
use crate::node::run;

#[test]
fn another_node_answers() {
    run(hidden_by_a_good_node(|asked| match asked.method {
        "eth_getLogs" => Fault::Hang,
        _ => Fault::None,
    }));
}

#[test]
fn now_and_then_is_asked_again() {
    let mut count = 0;
    run(hidden_by_a_good_node(move |asked| {
        count += 1;
        if in_backfill(asked) && count % 3 == 0 { Fault::Hang } else { Fault::None }
    }));
}

#[test]
fn alone_it_is_named() {
    let named = run(named_when_alone(|asked| match asked.method {
        "eth_getLogs" => Fault::Hang,
        _ => Fault::None,
    }));
    assert!(named.contains("eth_getLogs: no answer within 30s"), "{named}");
}
