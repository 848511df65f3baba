//! A node of another chain.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tidemill_feed_evm::rpc::RpcFault;
use tidemill_model::ChainId;

use super::{hidden_by_a_good_node, in_backfill, named_when_alone};
use crate::node::chain::Chain;
use crate::node::clock::TestClock;
use crate::node::http::{Asked, Fault, Node};
use crate::node::{fetch, options, run, try_open};

fn elsewhere(asked: &Asked<'_>) -> Fault {
    match asked.method {
        "eth_chainId" => Fault::Edit(|answer| *answer = json!("0x1")),
        _ => Fault::None,
    }
}

#[test]
fn it_is_set_aside() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(100)));
        let bad = Node::start(&chain, &clock, elsewhere).await;
        let good = Node::good(&chain, &clock).await;
        let opened = try_open(&[&bad, &good], &clock).await.unwrap();
        let [error] = opened.set_aside.as_slice() else { panic!("{:?}", opened.set_aside) };
        let (expected, found) = (ChainId(31_337), ChainId(1));
        assert_eq!(error.fault, RpcFault::WrongChain { expected, found });
        let (sink, done) = fetch(&opened.endpoints, (5, 94), options()).await;
        done.unwrap();
        assert_eq!(sink.lines(), chain.lock().unwrap().truth(5, 94));
        let none = try_open(&[&bad], &clock).await.err().unwrap().to_string();
        assert!(none.contains("the chain is 1; allowed is 31337"), "{none}");
    });
}

/// A gateway that later answers from another chain: its hashes link up with nothing.
#[test]
fn a_branch_that_links_to_nothing_is_asked_for_elsewhere() {
    let stray = |count: &mut u32, asked: &Asked<'_>| {
        *count += u32::from(in_backfill(asked));
        if asked.method != "eth_getBlockByNumber" || *count < 9 || !in_backfill(asked) {
            return Fault::None;
        }
        Fault::Edit(|header| header["parentHash"] = json!(format!("{:#066x}", 7)))
    };
    let mut count = 0;
    run(hidden_by_a_good_node(move |asked| stray(&mut count, asked)));
    let mut count = 0;
    let named = run(named_when_alone(move |asked| stray(&mut count, asked)));
    assert!(named.contains("names the parent"), "{named}");
}

/// Two nodes on two branches, asked for a chunk each in turn: what comes is one branch.
#[test]
fn chunks_of_two_branches_are_not_mixed() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let mut branches = [Chain::of(1), Chain::of(1)];
        for (chain, branch) in branches.iter_mut().zip(1..) {
            chain.grow(99, branch);
        }
        let [one, other] = branches.map(|chain| Arc::new(Mutex::new(chain)));
        let nodes = [Node::good(&one, &clock).await, Node::good(&other, &clock).await];
        let opened = try_open(&[&nodes[0], &nodes[1]], &clock).await.unwrap();
        // The second node cannot confirm what the first says, but its own receipts can.
        let (sink, done) = fetch(&opened.endpoints, (5, 94), options()).await;
        done.unwrap();
        assert_eq!(sink.lines(), one.lock().unwrap().truth(5, 94));
        assert_eq!(sink.chunks.len(), 5);
    });
}
