//! The random actions that the other tests on a node stand on: all kinds happen, few revert, and
//! the same seed writes the same logs.

use serde_json::{Value, json};
use tidemill_testkit::anvil::{AnvilDriver, AnvilError, AnvilWorld};

const SEED: u64 = 0x0a11_ce55;

/// Starts the contracts on a node; `None`, and says why, where there is no node for the platform.
pub(crate) fn start() -> Option<AnvilWorld> {
    match AnvilWorld::start() {
        Ok(world) => Some(world),
        Err(AnvilError::NotHere(reason))
            if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) =>
        {
            println!("skipped: {reason}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Returns what all logs say, without what a node makes up (hashes of blocks).
fn logs(driver: &mut AnvilDriver) -> Vec<String> {
    let range = json!([{"fromBlock": "0x0", "toBlock": "latest"}]);
    let logs = driver.world.chain.request("eth_getLogs", &range).unwrap();
    let field = |log: &Value, name: &str| log[name].to_string();
    let names = ["blockNumber", "blockTimestamp", "logIndex", "address", "topics", "data"];
    let told = |log: &Value| names.map(|name| field(log, name)).join(" ");
    logs.as_array().unwrap().iter().map(told).collect()
}

#[test]
fn the_driver_uses_every_contract_and_repeats_itself() {
    let Some(world) = start() else { return };
    let mut driver = AnvilDriver::new(world, SEED);
    driver.act(300).unwrap();
    println!("seed {SEED:#x}: {:#?}", driver.counts);
    let first = logs(&mut driver);
    println!("{} logs", first.len());
    let mut again = AnvilDriver::new(start().unwrap(), SEED);
    again.act(300).unwrap();
    assert_eq!(first, logs(&mut again));
}
