//! A real node, followed live: what the subscription tells, folded, is what a fresh backfill gives,
//! through reorganisations of any depth.

use std::time::Duration;

use serde_json::json;
use tidemill_feed_evm::backfill::{BackfillRequest, Chunk};
use tidemill_feed_evm::live::{LiveEvent, LiveOptions, LiveRequest, live};
use tidemill_feed_evm::rpc::{Ask, BlockHeader, LogQuery, NodeUrl};
use tidemill_model::Bytes32;
use tidemill_units::BlockNumber;
use tokio::sync::mpsc;

use crate::anvil_backfill::{contracts, driven, fetch, open, truth};
use crate::node::run;
use crate::node::sinks::lines;

/// What was told and not taken back.
struct Told {
    events: mpsc::Receiver<LiveEvent>,
    blocks: Vec<(BlockHeader, Vec<String>)>,
    reverted: usize,
}

impl Told {
    /// Hears until this block is the last; every event has to follow on the one before.
    async fn hear_until(&mut self, hash: Bytes32) {
        while self.blocks.last().map(|(header, _)| header.hash) != Some(hash) {
            // Not to wait by, but to fail instead of hanging.
            let event = tokio::time::timeout(Duration::from_secs(60), self.events.recv()).await;
            match event.unwrap().unwrap() {
                LiveEvent::Block { header, logs } => {
                    if let Some((last, _)) = self.blocks.last() {
                        assert_eq!(last.hash, header.parent_hash);
                    }
                    let (from, to) = (header.number, header.number);
                    let headers = vec![header.clone()];
                    let lines = lines(&Chunk { from, to, logs, headers, gaps: Vec::new() });
                    self.blocks.push((header, lines));
                }
                LiveEvent::Reverted { header } => {
                    self.reverted += 1;
                    let (last, _) = self.blocks.pop().unwrap();
                    assert_eq!(last, header, "the newest first");
                }
                LiveEvent::Gap { since, cause } => panic!("block {since}: {cause}"),
                LiveEvent::Restored => panic!("nothing was lost"),
            }
        }
    }
}

#[test]
fn a_subscription_folds_to_a_fresh_backfill_through_reorganisations() {
    let Some(mut driver) = driven(60) else { return };
    run(async {
        let endpoints = open(&driver.world).await;
        let from = BlockNumber(driver.world.first_block);
        let before = json!([format!("{:#x}", from.0 - 1), false]);
        let before = Ask { method: "eth_getBlockByNumber", params: before };
        let after: BlockHeader = endpoints.on(0, &before).await.unwrap();
        let query = LogQuery::of(&contracts(&driver.world));
        let request = LiveRequest { query: query.clone(), after: Some(after) };
        let url = NodeUrl::parse(&driver.world.chain.node.ws_url()).unwrap();
        let (sender, events) = mpsc::channel(4);
        let nodes = open(&driver.world).await;
        tokio::spawn(async move {
            live(&nodes, Some(&url), &request, LiveOptions::default(), sender).await;
        });
        let mut told = Told { events, blocks: Vec::new(), reverted: 0 };
        let latest = Ask { method: "eth_getBlockByNumber", params: json!(["latest", false]) };
        for depth in 0..=10 {
            if depth > 0 {
                driver.world.chain.reorg(depth).unwrap();
            }
            // So many that no reorganisation replaces empty blocks by the same ones alone.
            for _ in 0..12 {
                driver.step().unwrap();
            }
            let head: BlockHeader = endpoints.on(0, &latest).await.unwrap();
            told.hear_until(head.hash).await;
            let request = BackfillRequest { query: query.clone(), from, to: head.number };
            let heard: Vec<&String> = told.blocks.iter().flat_map(|(_, lines)| lines).collect();
            let truth = truth(&mut driver.world, &request);
            assert_eq!(heard, truth.iter().collect::<Vec<_>>(), "depth {depth}");
            let settled = BlockNumber(head.number.0 - 10);
            let (fresh, _) = fetch(&endpoints, &BackfillRequest { to: settled, ..request }).await;
            let fresh = fresh.lines();
            assert_eq!(heard[..fresh.len()], fresh.iter().collect::<Vec<_>>()[..]);
        }
        println!("{} blocks told, {} taken back", told.blocks.len(), told.reverted);
        assert!(told.reverted >= 50, "1 to 10 blocks are taken back, but for empty ones");
    });
}
