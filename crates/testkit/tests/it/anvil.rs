//! The real contracts on a real node: what the feed reads there, replayed, is what the node says.

mod gauges;
mod node_reader;
mod replayed_pool;
mod share_pools;
mod snapshots;
mod staking;
mod tokens;

use std::future::Future;

use tidemill_model::Address;
use tidemill_testkit::anvil::{AnvilError, AnvilWorld};

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

/// Waits for something the feed does.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}

pub(crate) fn of_evm(address: tidemill_testkit::Address) -> Address {
    Address(address.0.0)
}
