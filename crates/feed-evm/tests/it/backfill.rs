//! History from nodes: whole, in order, and the same however often it is killed.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use tidemill_feed_evm::backfill::{
    Agreement, BackfillError, BackfillOptions, HeadersKept, Progress, backfill,
};

use crate::node::chain::{Chain, Random};
use crate::node::clock::TestClock;
use crate::node::http::Node;
use crate::node::sinks::FileSink;
use crate::node::{fetch, open, options, request, run};

#[test]
fn a_range_comes_whole_and_in_order() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(200)));
        let nodes = [Node::good(&chain, &clock).await, Node::good(&chain, &clock).await];
        let endpoints = open(&[&nodes[0], &nodes[1]], &clock).await;
        let truth = chain.lock().unwrap().truth(7, 190);
        for agreement in [Agreement::One, Agreement::Two] {
            let (sink, done) =
                fetch(&endpoints, (7, 190), BackfillOptions { agreement, ..options() }).await;
            done.unwrap();
            assert_eq!(sink.lines(), truth);
            assert!(sink.gaps().is_empty());
            let ends: Vec<u64> = sink.chunks.iter().map(|chunk| chunk.to.0).collect();
            assert_eq!(ends, [19, 39, 59, 79, 99, 119, 139, 159, 179, 190]);
        }
        let of_logs = BackfillOptions { headers: HeadersKept::OfLogs, ..options() };
        let (sink, done) = fetch(&endpoints, (7, 190), of_logs).await;
        done.unwrap();
        let blocks_with_logs: Vec<&String> = truth
            .iter()
            .enumerate()
            .filter(|(at, line)| {
                let next = truth.get(at + 1).map_or("", String::as_str);
                line.split(' ').next().unwrap().contains('.')
                    || next.split(' ').next().unwrap().contains('.')
            })
            .map(|(_, line)| line)
            .collect();
        assert_eq!(sink.lines().iter().collect::<Vec<_>>(), blocks_with_logs);
    });
}

#[test]
fn requests_are_counted_and_told() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(200)));
        let node = Node::good(&chain, &clock).await;
        let endpoints = open(&[&node], &clock).await;
        let before = node.parts();
        let mut told: Vec<Progress> = Vec::new();
        let folder = tempfile::tempdir().unwrap();
        let mut sink = FileSink::open(folder.path(), None);
        let mut tell = |progress: &Progress| told.push(*progress);
        let wanted = request(0, 99);
        let work = movable(backfill(&endpoints, &wanted, options(), &mut sink, &mut tell));
        let report = work.await.unwrap();
        assert_eq!(told.len(), 5);
        assert_eq!(told.last(), Some(&report.progress));
        assert_eq!((report.progress.blocks, report.progress.blocks_left), (100, 0));
        assert_eq!(report.progress.requests, node.parts() - before);
        // One for the head, one a chunk for its logs, one a block for its header and one a chunk
        // for the header that names its last block's hash.
        assert_eq!(report.progress.requests, 1 + 5 + 100 + 5);
        let again =
            backfill(&endpoints, &request(0, 99), options(), &mut sink, &mut |_| {}).await.unwrap();
        assert_eq!((again.progress.blocks, again.progress.requests), (0, 0), "nothing is left");
    });
}

#[test]
fn what_makes_no_sense_is_refused() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(50)));
        let node = Node::good(&chain, &clock).await;
        let endpoints = open(&[&node], &clock).await;
        let refused = async |range, options| fetch(&endpoints, range, options).await.1.unwrap_err();
        let error = refused((9, 8), options()).await;
        assert!(matches!(error, BackfillError::Range { .. }), "{error}");
        let error = refused((0, 8), BackfillOptions { window: 0, ..options() }).await;
        assert_eq!(error.to_string(), "window is zero; allowed is at least one");
        let error = refused((0, 48), options()).await;
        assert!(matches!(error, BackfillError::BeyondHead { .. }), "{error}");
        assert!(!error.to_string().contains("a-key"), "{error}");
        let two = BackfillOptions { agreement: Agreement::Two, ..options() };
        let error = refused((0, 47), two).await;
        assert!(matches!(error, BackfillError::NotTwo { usable: 1, .. }), "{error}");
        assert!(fetch(&endpoints, (0, 47), options()).await.1.is_ok());
    });
}

/// Kills the backfill fifty times after some number of requests, and the sink at some step of its
/// writing, until it is done; the file must be as if nothing had happened.
#[test]
fn killed_anywhere_it_ends_with_the_same_bytes() {
    run(async {
        let clock = Arc::new(TestClock::new());
        let chain = Arc::new(Mutex::new(Chain::of(200)));
        let nodes = [Node::good(&chain, &clock).await, Node::good(&chain, &clock).await];
        let truth = chain.lock().unwrap().truth(3, 187).join("\n") + "\n";
        let endpoints = open(&[&nodes[0], &nodes[1]], &clock).await;
        for seed in 0..50 {
            let mut random = Random(seed);
            let folder = tempfile::tempdir().unwrap();
            let mut kills = 0;
            loop {
                let steps = (random.below(2) == 0).then(|| random.below(12) as u32);
                let mut sink = FileSink::open(folder.path(), steps);
                let last = random.below(60);
                let done = killed_after(&nodes, last, async {
                    let request = request(3, 187);
                    backfill(&endpoints, &request, options(), &mut sink, &mut |_| {}).await
                });
                match done.await {
                    Some(Ok(_)) => break,
                    Some(Err(error)) => assert!(error.to_string().contains("killed"), "{error}"),
                    None => {}
                }
                kills += 1;
                assert!(kills < 1_000, "seed {seed} gets nowhere");
            }
            let bytes = FileSink::open(folder.path(), None).bytes();
            assert_eq!(String::from_utf8(bytes).unwrap(), truth, "seed {seed}, {kills} kills");
        }
    });
}

/// A backfill may run on any thread.
fn movable<T: Send>(work: T) -> T {
    work
}

/// Lets a future run until the nodes were sent so many requests, then drops it.
async fn killed_after<T>(nodes: &[Node], last: u64, work: impl Future<Output = T>) -> Option<T> {
    let mut requests: Vec<_> = nodes.iter().map(Node::requests).collect();
    let start: u64 = requests.iter_mut().map(|sent| *sent.borrow_and_update()).sum();
    let mut work = pin!(work);
    poll_fn(|context| {
        let now: u64 = requests.iter().map(|sent| *sent.borrow()).sum();
        if now - start > last {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    })
    .await
}
