//! A real node, read by the feed: its history whole, the same however often it is killed, and after
//! reorganisations; and its state.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use serde_json::{Value, json};
use tidemill_feed_evm::backfill::{
    Agreement, BackfillOptions, BackfillReport, BackfillRequest, backfill,
};
use tidemill_feed_evm::rpc::{
    Endpoint, EndpointOptions, Endpoints, LogQuery, NodeUrl, OpenOptions, RetryPolicy, SystemClock,
};
use tidemill_feed_evm::snapshot::{
    BlockChoice, ConcentratedPool, EndpointReader, SnapshotError, concentrated_state, read_at_block,
};
use tidemill_feed_evm::token_metadata;
use tidemill_model::{Address, ChainId};
use tidemill_testkit::Random;
use tidemill_testkit::anvil::{AnvilDriver, AnvilWorld};
use tidemill_units::BlockNumber;

use crate::anvil_driver::start;
use crate::node::run;
use crate::node::sinks::{FileSink, MemorySink};

const SEED: u64 = 0x5eed_0007;
/// No reorganisation here goes deeper.
const CONFIRMATIONS: u64 = 10;

/// Two connections to the node, which count as two nodes.
pub(crate) async fn open(world: &AnvilWorld) -> Endpoints {
    let clock = Arc::new(SystemClock::new());
    let most = EndpointOptions { per_second: 1_000_000, burst: 1_000_000, ..Default::default() };
    let endpoint = || {
        let url = NodeUrl::parse(&world.chain.node.http_url()).unwrap();
        Endpoint::new(url, most, clock.clone()).unwrap()
    };
    let options = OpenOptions { chain: ChainId(31_337), lag_blocks: 0, head_age: None };
    let list = vec![endpoint(), endpoint()];
    let opened = Endpoints::open(list, RetryPolicy::default(), clock.clone(), options).await;
    opened.unwrap().endpoints
}

pub(crate) fn contracts(world: &AnvilWorld) -> Vec<Address> {
    let [token0, token1] = world.tokens;
    let all = [
        world.pool.address,
        world.pool.manager,
        world.staker.address,
        world.pair,
        world.rewards.address,
        world.curve.address,
        world.curve.shares,
        world.vault.address,
        world.bpool,
        token0,
        token1,
    ];
    all.map(|address| Address(address.0.0)).to_vec()
}

fn request(world: &mut AnvilWorld) -> BackfillRequest {
    let head = world.chain.head().unwrap();
    BackfillRequest {
        query: LogQuery::of(&contracts(world)),
        from: BlockNumber(world.first_block),
        to: BlockNumber(head - CONFIRMATIONS),
    }
}

fn options() -> BackfillOptions {
    BackfillOptions {
        chunk_blocks: 16,
        window: 3,
        confirmations: CONFIRMATIONS,
        agreement: Agreement::Two,
        ..BackfillOptions::default()
    }
}

pub(crate) async fn fetch(
    endpoints: &Endpoints,
    request: &BackfillRequest,
) -> (MemorySink, BackfillReport) {
    let mut sink = MemorySink::default();
    let report = backfill(endpoints, request, options(), &mut sink, &mut |_| {}).await.unwrap();
    assert!(sink.gaps().is_empty(), "{:?}", sink.gaps());
    (sink, report)
}

/// What the node itself says, in the lines of the sinks.
pub(crate) fn truth(world: &mut AnvilWorld, request: &BackfillRequest) -> Vec<String> {
    let addresses: Vec<String> = contracts(world).iter().map(ToString::to_string).collect();
    let (from, to) = (request.from.0, request.to.0);
    let filter = json!([{
        "fromBlock": format!("{from:#x}"), "toBlock": format!("{to:#x}"), "address": addresses,
    }]);
    let logs = world.chain.request("eth_getLogs", &filter).unwrap();
    let number = |value: &Value| {
        u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut logs = logs.as_array().unwrap().iter().peekable();
    let mut lines = Vec::new();
    for block in from..=to {
        let header = json!([format!("{block:#x}"), false]);
        let header = world.chain.request("eth_getBlockByNumber", &header).unwrap();
        lines.push(format!("{block} {} {}", text(&header["hash"]), text(&header["parentHash"])));
        while let Some(log) = logs.next_if(|log| number(&log["blockNumber"]) == block) {
            let (index, time) = (number(&log["logIndex"]), number(&header["timestamp"]));
            let (address, data) = (text(&log["address"]), text(&log["data"]));
            lines.push(format!("{block}.{index} {time} {address} {data}"));
        }
    }
    lines
}

pub(crate) fn driven(actions: u64) -> Option<AnvilDriver> {
    let mut driver = AnvilDriver::new(start()?, SEED);
    driver.act(actions).unwrap();
    for _ in 0..CONFIRMATIONS {
        driver.world.chain.mine(12).unwrap();
    }
    Some(driver)
}

#[test]
fn a_real_nodes_history_comes_whole() {
    let Some(mut driver) = driven(300) else { return };
    let request = request(&mut driver.world);
    let truth = truth(&mut driver.world, &request);
    let (lines, report) = run(async {
        let endpoints = open(&driver.world).await;
        let (sink, report) = fetch(&endpoints, &request).await;
        (sink.lines(), report)
    });
    assert_eq!(lines, truth);
    let progress = report.progress;
    println!(
        "{} logs of {} blocks, {} requests",
        progress.logs, progress.blocks, progress.requests
    );
    assert!(progress.logs > 500);
}

#[test]
fn killed_at_fifty_points_it_ends_with_the_same_bytes() {
    let Some(mut driver) = driven(150) else { return };
    let request = request(&mut driver.world);
    let truth = truth(&mut driver.world, &request).join("\n") + "\n";
    let mut random = Random::new(SEED);
    let (mut kills, mut runs) = (0, 0);
    run(async {
        let endpoints = open(&driver.world).await;
        while kills < 50 {
            runs += 1;
            let folder = tempfile::tempdir().unwrap();
            loop {
                // Either the sink is killed at a step of its writing, or all of it at a request.
                let steps = random.once_in(2).then(|| random.below(30) as u32);
                let mut sink = FileSink::open(folder.path(), steps);
                let last = 20 + random.below(150);
                let mut tell = |_: &_| {};
                let work = backfill(&endpoints, &request, options(), &mut sink, &mut tell);
                match killed_after(&endpoints, last, work).await {
                    Some(Ok(_)) => break,
                    Some(Err(error)) => assert!(error.to_string().contains("killed"), "{error}"),
                    None => {}
                }
                kills += 1;
                assert!(kills < 2_000, "it gets nowhere");
            }
            let bytes = FileSink::open(folder.path(), None).bytes();
            assert_eq!(String::from_utf8(bytes).unwrap(), truth, "seed {SEED:#x}, {kills} kills");
        }
    });
    println!("seed {SEED:#x}: {kills} kills in {runs} runs");
}

/// Lets a future run until so many requests were sent, then drops it.
async fn killed_after<T>(
    endpoints: &Endpoints,
    last: u64,
    work: impl Future<Output = T>,
) -> Option<T> {
    let start = endpoints.requests();
    let mut work = pin!(work);
    poll_fn(|context| {
        if endpoints.requests() - start > last {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    })
    .await
}

#[test]
fn reorganisations_up_to_the_confirmations_change_nothing_kept() {
    let Some(mut driver) = driven(60) else { return };
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let endpoints = open(&driver.world).await;
        for depth in 1..=CONFIRMATIONS {
            let before = request(&mut driver.world);
            let mut sink = FileSink::open(folder.path(), None);
            backfill(&endpoints, &before, options(), &mut sink, &mut |_| {}).await.unwrap();
            driver.world.chain.reorg(depth).unwrap();
            driver.act(5).unwrap();
            driver.world.chain.mine(12).unwrap();
            let after = request(&mut driver.world);
            assert!(after.to > before.to);
            backfill(&endpoints, &after, options(), &mut sink, &mut |_| {}).await.unwrap();
            let kept = String::from_utf8(FileSink::open(folder.path(), None).bytes()).unwrap();
            let (fresh, _) = fetch(&endpoints, &after).await;
            assert_eq!(kept, fresh.lines().join("\n") + "\n", "depth {depth}");
            assert_eq!(fresh.lines(), truth(&mut driver.world, &after), "depth {depth}");
        }
    });
}

#[test]
fn state_is_read_through_the_endpoints() {
    let Some(driver) = driven(60) else { return };
    let world = &driver.world;
    run(async {
        let endpoints = open(world).await;
        let node = EndpointReader::new(&endpoints, 0);
        let pool =
            |address: tidemill_testkit::Address| ConcentratedPool::UniswapV3(Address(address.0.0));
        let read = async |pool| {
            read_at_block(&node, BlockChoice::Latest, 1, async |at| {
                concentrated_state(at, pool).await
            })
            .await
        };
        let (block, state) = read(pool(world.pool.address)).await.unwrap();
        assert!(state.ticks.len() > 2 && block.number.0 > 60, "{state:?}");
        let error = read(pool(world.pair)).await.unwrap_err();
        assert!(matches!(error, SnapshotError::Reverted { call: "slot0()", .. }), "{error}");
        let nowhere = BlockChoice::Number(BlockNumber(1 << 40));
        let error = read_at_block(&node, nowhere, 1, async |_| Ok(())).await.unwrap_err();
        assert!(matches!(error, SnapshotError::NoBlock(_)), "{error}");
        let other = EndpointReader::new(&endpoints, 1);
        let weth = token_metadata(&[&node, &other], Address(world.weth.0.0)).await.unwrap();
        assert_eq!((weth.token.symbol.as_str(), weth.token.decimals), ("WETH", 18));
    });
}
