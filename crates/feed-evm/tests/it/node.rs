//! A node of a made-up chain: a real server on loopback that misbehaves when told to.

pub(crate) mod chain;
pub(crate) mod clock;
pub(crate) mod http;
pub(crate) mod sinks;
pub(crate) mod socket;

use std::sync::Arc;

use tidemill_feed_evm::backfill::{BackfillError, BackfillOptions, BackfillRequest, backfill};
use tidemill_feed_evm::rpc::{
    Endpoint, EndpointOptions, Endpoints, LogQuery, NodeUrl, OpenError, OpenOptions, Opened,
    RetryPolicy,
};
use tidemill_model::ChainId;
use tidemill_units::BlockNumber;

use chain::{CHAIN, POOLS};
use clock::TestClock;
use http::Node;
use sinks::MemorySink;

/// A runtime of one thread, so that a test takes the same way every time.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    drop(rustls::crypto::ring::default_provider().install_default());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

pub(crate) fn endpoint(node: &Node, options: EndpointOptions, clock: &Arc<TestClock>) -> Endpoint {
    let url = NodeUrl::parse(&node.url).unwrap();
    Endpoint::new(url, options, clock.clone()).unwrap()
}

pub(crate) fn policy() -> RetryPolicy {
    RetryPolicy { tries: 3, ..RetryPolicy::default() }
}

pub(crate) async fn try_open(nodes: &[&Node], clock: &Arc<TestClock>) -> Result<Opened, OpenError> {
    let options = EndpointOptions { batch: 10, ..EndpointOptions::default() };
    let list = nodes.iter().map(|node| endpoint(node, options, clock)).collect();
    let open = OpenOptions { chain: ChainId(CHAIN), lag_blocks: 5, head_age: None };
    Endpoints::open(list, policy(), clock.clone(), open).await
}

pub(crate) async fn open(nodes: &[&Node], clock: &Arc<TestClock>) -> Endpoints {
    try_open(nodes, clock).await.unwrap().endpoints
}

pub(crate) fn query() -> LogQuery {
    LogQuery::of(&POOLS)
}

pub(crate) fn request(from: u64, to: u64) -> BackfillRequest {
    BackfillRequest { query: query(), from: BlockNumber(from), to: BlockNumber(to) }
}

pub(crate) fn options() -> BackfillOptions {
    BackfillOptions { chunk_blocks: 20, window: 3, confirmations: 2, ..BackfillOptions::default() }
}

/// Fetches a range into memory.
pub(crate) async fn fetch(
    endpoints: &Endpoints,
    (from, to): (u64, u64),
    options: BackfillOptions,
) -> (MemorySink, Result<(), BackfillError>) {
    let mut sink = MemorySink::default();
    let done = backfill(endpoints, &request(from, to), options, &mut sink, &mut |_| {}).await;
    (sink, done.map(|_| ()))
}
