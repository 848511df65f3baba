//! A node that is behind.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidemill_feed_evm::backfill::{BackfillError, HeadersKept};
use tidemill_feed_evm::rpc::{EndpointOptions, Endpoints, OpenOptions, RpcFault};
use tidemill_model::ChainId;
use tidemill_units::BlockNumber;

use crate::node::chain::{CHAIN, Chain};
use crate::node::clock::TestClock;
use crate::node::http::Node;
use crate::node::{endpoint, fetch, open, options, policy, run, try_open};

async fn nodes(clock: &Arc<TestClock>, behind: u64) -> (Node, Node) {
    let ahead = Arc::new(Mutex::new(Chain::of(100)));
    let late = Arc::new(Mutex::new(Chain::of(100 - behind)));
    (Node::good(&late, clock).await, Node::good(&ahead, clock).await)
}

#[test]
fn far_behind_it_is_set_aside() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let (late, ahead) = nodes(&clock, 6).await;
        let opened = try_open(&[&late, &ahead], &clock).await.unwrap();
        let fault = RpcFault::Lagging { head: BlockNumber(93), best: BlockNumber(99) };
        assert_eq!(opened.set_aside.first().map(|error| &error.fault), Some(&fault));
        assert_eq!(opened.endpoints.len(), 1);
    });
}

#[test]
fn without_the_last_block_it_is_left_out() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let (late, ahead) = nodes(&clock, 4).await;
        let endpoints = open(&[&late, &ahead], &clock).await;
        for headers in [HeadersKept::Every, HeadersKept::OfLogs] {
            let options = tidemill_feed_evm::backfill::BackfillOptions { headers, ..options() };
            let before = late.parts();
            let (sink, done) = fetch(&endpoints, (5, 97), options).await;
            done.unwrap();
            assert_eq!(late.parts() - before, 1, "asked for its newest block only");
            let has = |line: &String| line.split(' ').next().unwrap().contains('.');
            let truth = ahead.chain.lock().unwrap().truth(5, 97);
            let logs = |lines: Vec<String>| lines.into_iter().filter(has).collect::<Vec<_>>();
            assert_eq!(logs(sink.lines()), logs(truth));
        }
        let endpoints = open(&[&late], &clock).await;
        let error = fetch(&endpoints, (5, 97), options()).await.1.unwrap_err();
        assert!(matches!(error, BackfillError::BeyondHead { .. }), "{error}");
    });
}

#[test]
fn a_newest_block_that_is_old_is_named() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let (_, ahead) = nodes(&clock, 0).await;
        let list = vec![endpoint(&ahead, EndpointOptions::default(), &clock)];
        let head_age = Some(Duration::from_secs(60));
        let options = OpenOptions { chain: ChainId(CHAIN), lag_blocks: 5, head_age };
        let error = Endpoints::open(list, policy(), clock, options).await.err().unwrap();
        let fault = &error.0.failures[0].fault;
        assert!(matches!(fault, RpcFault::StaleHead { age_seconds: 98_812, .. }), "{fault}");
    });
}
