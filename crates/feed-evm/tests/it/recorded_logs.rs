//! A day of a pool's raw logs, as an indexer exported them.

use std::collections::BTreeMap;

use tidemill_feed_evm::{Decoded, decode_pool_log, open_log_file};
use tidemill_model::{PoolBuild, PoolEvent};

use crate::recorded_data::recorded;

#[test]
fn every_log_of_a_recorded_day_is_read() {
    let Some(folder) = recorded("univ3-usdc-weth-500-2024-01-05") else { return };
    let mut counts = BTreeMap::new();
    let mut before = None;
    for log in open_log_file(&folder.join("pool_logs.csv.gz")).unwrap() {
        let log = log.unwrap();
        assert!(before < Some(log.place), "in the order of the chain");
        before = Some(log.place);
        let Decoded::Event(event) = decode_pool_log(&PoolBuild::UniswapV3, &log).unwrap() else {
            panic!("{} changes nothing", log.place);
        };
        *counts.entry(event.kind()).or_insert(0) += 1;
        if let PoolEvent::Swap { after, .. } = event {
            let (price, tick) = (after.sqrt_price.unwrap(), after.tick.unwrap());
            assert_eq!(tidemill_amm::concentrated::tick_at_sqrt_price(price), Some(tick));
        }
    }
    let expected = [("burn", 69), ("collect", 65), ("mint", 54), ("swap", 6_046)];
    assert_eq!(counts, BTreeMap::from(expected));
}
