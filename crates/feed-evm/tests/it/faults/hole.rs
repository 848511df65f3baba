//! A node that leaves logs out.

use serde_json::{Value, json};
use tidemill_feed_evm::backfill::{Agreement, BackfillOptions};

use super::{assert_covered, beside, hidden_by_a_good_node, named_when_alone, one_at_a_time};
use crate::node::http::{Asked, Fault};
use crate::node::run;

/// Leaves out every log of the last block that has one.
fn hole(logs: &mut Value) {
    let logs = logs.as_array_mut().unwrap();
    if let Some(block) = logs.last().map(|log| log["blockNumber"].clone()) {
        logs.retain(|log| log["blockNumber"] != block);
    }
}

fn leaves_out(asked: &Asked<'_>) -> Fault {
    if asked.method == "eth_getLogs" { Fault::Edit(hole) } else { Fault::None }
}

#[test]
fn another_node_fills_it() {
    run(hidden_by_a_good_node(leaves_out));
}

#[test]
fn alone_its_receipts_fill_it() {
    run(async {
        let (sink, done, truth) = beside(false, one_at_a_time(), leaves_out).await;
        done.unwrap();
        assert_eq!(sink.lines(), truth);
    });
}

#[test]
fn without_receipts_it_is_named() {
    let named = run(named_when_alone(|asked| match asked.method {
        "eth_getBlockReceipts" => Fault::Error(-32_601, "the method does not exist".to_owned()),
        _ => leaves_out(asked),
    }));
    assert!(named.contains("eth_getBlockReceipts: error -32601"), "{named}");
}

#[test]
fn receipts_that_do_not_give_the_bloom_filter_prove_nothing() {
    let named = run(named_when_alone(|asked| match asked.method {
        "eth_getBlockReceipts" => Fault::Edit(|receipts| *receipts = json!([{ "logs": [] }])),
        _ => leaves_out(asked),
    }));
    assert!(named.contains("nothing confirms that block"), "{named}");
}

/// One of two logs of a contract in a block: no bloom filter tells, a second node does.
#[test]
fn part_of_a_block_is_seen_when_two_have_to_agree() {
    fn last(logs: &mut Value) {
        logs.as_array_mut().unwrap().pop();
    }
    run(async {
        let options = BackfillOptions { agreement: Agreement::Two, ..one_at_a_time() };
        let faults = |asked: &Asked<'_>| match asked.method {
            "eth_getLogs" => Fault::Edit(last),
            _ => Fault::None,
        };
        let (sink, done, truth) = beside(true, options, faults).await;
        done.unwrap();
        assert_eq!(sink.lines(), truth);
    });
}

/// Each of two nodes has what the other has not: neither is right.
#[test]
fn two_nodes_that_disagree_are_named() {
    use std::sync::{Arc, Mutex};

    use crate::node::chain::Chain;
    use crate::node::clock::TestClock;
    use crate::node::http::Node;
    use crate::node::{fetch, open};

    fn first(logs: &mut Value) {
        logs.as_array_mut().unwrap().remove(0);
    }
    fn last(logs: &mut Value) {
        logs.as_array_mut().unwrap().pop();
    }
    run(async {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(100)));
        let side = |edit: fn(&mut Value)| {
            Node::start(&chain, &clock, move |asked: &Asked<'_>| match asked.method {
                "eth_getLogs" => Fault::Edit(edit),
                _ => Fault::None,
            })
        };
        let (one, other) = (side(first).await, side(last).await);
        let endpoints = open(&[&one, &other], &clock).await;
        let two = Agreement::Two;
        let options = BackfillOptions { agreement: two, lost_chunks: 99, ..one_at_a_time() };
        let (sink, done) = fetch(&endpoints, (5, 94), options).await;
        done.unwrap();
        assert_covered(&sink, &chain.lock().unwrap().truth(5, 94));
        let named = sink.gaps()[0].cause.to_string();
        assert!(named.contains("two nodes disagree about the logs of blocks 5 to 19"), "{named}");
    });
}
