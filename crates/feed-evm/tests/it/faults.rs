//! Nodes that misbehave: each fault ends in the right data, from whoever has it, or in a gap with
//! a name.

mod any_schedule;
mod foreign_logs;
mod hole;
mod lagging;
mod out_of_order;
mod quorum;
mod range_limit;
mod secrets;
mod timeout;
mod too_many_requests;
mod truncated;
mod wrong_chain;

use std::sync::{Arc, Mutex};

use tidemill_feed_evm::backfill::{BackfillError, BackfillOptions};

use crate::node::chain::Chain;
use crate::node::clock::TestClock;
use crate::node::http::{Asked, Fault, Node};
use crate::node::sinks::MemorySink;
use crate::node::{fetch, open, options};

const FROM: u64 = 5;
const TO: u64 = 94;

/// A bad node beside a good one, or alone, over the same chain.
async fn beside(
    good: bool,
    options: BackfillOptions,
    faults: impl FnMut(&Asked<'_>) -> Fault + Send + 'static,
) -> (MemorySink, Result<(), BackfillError>, Vec<String>) {
    let clock = Arc::new(TestClock::new());
    let chain = Arc::new(Mutex::new(Chain::of(100)));
    let truth = chain.lock().unwrap().truth(FROM, TO);
    let bad = Node::start(&chain, &clock, faults).await;
    let other = Node::good(&chain, &clock).await;
    let nodes: &[&Node] = if good { &[&bad, &other] } else { &[&bad] };
    let endpoints = open(nodes, &clock).await;
    let (sink, done) = fetch(&endpoints, (FROM, TO), options).await;
    (sink, done, truth)
}

/// Chunks one by one: a deadline that passes is then that of the one request under way.
fn one_at_a_time() -> BackfillOptions {
    BackfillOptions { window: 1, ..options() }
}

/// Whether this is about the blocks of the backfill, not about the node's chain and newest block.
fn in_backfill(asked: &Asked<'_>) -> bool {
    asked.method != "eth_chainId" && asked.params[0] != "latest"
}

/// With a good node beside it, a fault must not be seen in the data.
async fn hidden_by_a_good_node(faults: impl FnMut(&Asked<'_>) -> Fault + Send + 'static) {
    let (sink, done, truth) = beside(true, one_at_a_time(), faults).await;
    done.unwrap();
    assert_eq!(sink.lines(), truth);
    assert!(sink.gaps().is_empty());
}

/// Alone, a fault that stays must end in named gaps, and what is there must be right.
async fn named_when_alone(faults: impl FnMut(&Asked<'_>) -> Fault + Send + 'static) -> String {
    let (sink, done, truth) = beside(false, one_at_a_time(), faults).await;
    let lines = sink.lines();
    assert!(lines.iter().all(|line| truth.contains(line)), "nothing is made up");
    match done {
        Err(error) => error.to_string(),
        Ok(()) => {
            assert_covered(&sink, &truth);
            sink.gaps().first().expect("there is a gap").cause.to_string()
        }
    }
}

/// What was handed on and what the gaps name is everything.
fn assert_covered(sink: &MemorySink, truth: &[String]) {
    let lines = sink.lines();
    let gaps = sink.gaps();
    let block = |line: &String| line.split([' ', '.']).next().unwrap().parse::<u64>().unwrap();
    let in_gap = |number: u64| gaps.iter().any(|gap| (gap.from.0..=gap.to.0).contains(&number));
    let expected: Vec<&String> = truth.iter().filter(|line| !in_gap(block(line))).collect();
    assert_eq!(lines.iter().collect::<Vec<_>>(), expected, "gaps: {gaps:?}");
}
