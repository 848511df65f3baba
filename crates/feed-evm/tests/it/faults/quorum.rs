//! Reads that money depends on: two nodes say the same, or it is an error.

use std::sync::{Arc, Mutex};

use alloy_primitives::Bytes;
use serde_json::json;
use tidemill_feed_evm::rpc::{Ask, QuorumError};

use crate::node::chain::Chain;
use crate::node::clock::TestClock;
use crate::node::http::{Asked, Fault, Node};
use crate::node::{open, run};

fn ask() -> Ask {
    let call = json!({ "to": format!("{:#042x}", 7), "data": "0x0902f1ac" });
    Ask { method: "eth_call", params: json!([call, "0x32"]) }
}

type Behaviour = fn(&Asked<'_>) -> Fault;

async fn read(faults: [Behaviour; 3], count: usize) -> Result<[usize; 2], QuorumError> {
    let clock = Arc::new(TestClock::new());
    let chain = Arc::new(Mutex::new(Chain::of(100)));
    let mut nodes = Vec::new();
    for fault in faults.iter().take(count) {
        nodes.push(Node::start(&chain, &clock, *fault).await);
    }
    let endpoints = open(&nodes.iter().collect::<Vec<_>>(), &clock).await;
    let agreed = endpoints.quorum::<Bytes>(&ask()).await?;
    assert_eq!(agreed.value.len(), 32);
    Ok(agreed.endpoints)
}

fn good(_: &Asked<'_>) -> Fault {
    Fault::None
}

fn gone(asked: &Asked<'_>) -> Fault {
    if asked.method == "eth_call" { Fault::Status(500, None) } else { Fault::None }
}

fn lies(asked: &Asked<'_>) -> Fault {
    match asked.method {
        "eth_call" => Fault::Edit(|answer| *answer = json!("0x01")),
        _ => Fault::None,
    }
}

#[test]
fn two_that_say_the_same_are_enough() {
    assert_eq!(run(read([good, good, lies], 3)).unwrap(), [0, 1]);
    assert_eq!(run(read([gone, good, good], 3)).unwrap(), [1, 2]);
}

#[test]
fn two_that_differ_are_an_error_whatever_a_third_says() {
    let error = run(read([good, lies, good], 3)).unwrap_err();
    assert!(matches!(error, QuorumError::Disagreement { .. }), "{error}");
    let said = error.to_string();
    assert!(said.starts_with("eth_call: http://127.0.0.1"), "{said}");
    assert!(said.ends_with("says 0x01") && !said.contains("a-key"), "{said}");
}

#[test]
fn one_is_not_enough() {
    let alone: [Behaviour; 3] = [good, good, good];
    for (faults, count) in [(alone, 1), ([good, gone, gone], 3)] {
        let error = run(read(faults, count)).unwrap_err();
        assert!(matches!(error, QuorumError::TooFew { .. }), "{error}");
    }
}
