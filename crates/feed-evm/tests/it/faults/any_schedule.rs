//! Any faults in any order: what is handed on is true, and gaps name the rest.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tidemill_feed_evm::backfill::{Agreement, BackfillOptions};

use super::{assert_covered, in_backfill};
use crate::node::chain::{Chain, Random};
use crate::node::clock::TestClock;
use crate::node::http::{Asked, Fault, Node};
use crate::node::{fetch, open, options, run};

fn without_some(logs: &mut Value) {
    if let Some(logs) = logs.as_array_mut() {
        let block = logs.get(logs.len() / 2).map(|log| log["blockNumber"].clone());
        logs.retain(|log| Some(&log["blockNumber"]) != block.as_ref());
    }
}

fn reversed(logs: &mut Value) {
    if let Some(logs) = logs.as_array_mut() {
        logs.reverse();
    }
}

fn of_another(logs: &mut Value) {
    if let Some(log) = logs.as_array_mut().and_then(|logs| logs.first_mut()) {
        log["address"] = json!(format!("{:#042x}", 9));
    }
}

fn another_branch(answer: &mut Value) {
    let hash = json!(format!("{:#066x}", 9));
    match answer {
        Value::Object(header) => drop(header.insert("hash".to_owned(), hash)),
        Value::Array(logs) => logs.iter_mut().for_each(|log| log["blockHash"] = hash.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Only the first node leaves logs out: two that leave out the same are believed, as they say the
/// same.
fn some_fault(random: &mut Random, number: u64, asked: &Asked<'_>) -> Fault {
    match random.below(14) {
        0 => Fault::Hang,
        1 => Fault::Status(429, None),
        2 => Fault::Status(429, Some("3")),
        3 => Fault::Status(503, None),
        4 => Fault::Truncate,
        5 => Fault::Close,
        6 => Fault::NotJson,
        7 => Fault::Error(-32_005, "query returned more than 5 results".to_owned()),
        8 => Fault::Error(-32_603, "internal error".to_owned()),
        9 => Fault::Error(-32_000, "header not found".to_owned()),
        10 if number == 0 && asked.method == "eth_getLogs" => Fault::Edit(without_some),
        11 => Fault::Edit(reversed),
        12 => Fault::Edit(of_another),
        _ => Fault::Edit(another_branch),
    }
}

#[test]
fn what_comes_is_true_and_gaps_name_the_rest() {
    let (mut gaps, mut whole) = (0, 0);
    for seed in 0..24 {
        let mut random = Random(seed);
        let badness = [random.below(60), random.below(100)];
        let agreement = [Agreement::One, Agreement::Two][random.below(2) as usize];
        let window = 1 + random.below(3) as usize;
        let options = BackfillOptions { agreement, window, lost_chunks: 1_000, ..options() };
        run(async {
            let clock = Arc::new(TestClock::new());
            let chain = Arc::new(Mutex::new(Chain::of(100)));
            let mut nodes = Vec::new();
            for (number, badness) in (0..).zip(badness) {
                let mut random = Random(seed * 2 + number);
                let faults = move |asked: &Asked<'_>| {
                    let bad = in_backfill(asked) && random.below(100) < badness;
                    if bad { some_fault(&mut random, number, asked) } else { Fault::None }
                };
                nodes.push(Node::start(&chain, &clock, faults).await);
            }
            let endpoints = open(&[&nodes[0], &nodes[1]], &clock).await;
            let (sink, done) = fetch(&endpoints, (5, 94), options).await;
            done.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            println!("seed {seed}: {} gaps", sink.gaps().len());
            assert_covered(&sink, &chain.lock().unwrap().truth(5, 94));
            gaps += sink.gaps().len();
            whole += usize::from(sink.gaps().is_empty());
        });
    }
    assert!(gaps > 0 && whole > 5, "{gaps} gaps, {whole} whole: the schedules test something");
}
