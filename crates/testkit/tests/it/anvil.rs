//! The real contracts on a real node: what the feed reads there, replayed, is what the node says.

mod gauges;
pub(crate) mod node_reader;
mod replayed_pool;
mod share_pools;
mod snapshots;
mod staking;
mod tokens;
mod uniswap_v4;

use std::future::Future;

use tidemill_amm::Pool;
use tidemill_model::{Address, Token};
use tidemill_store::PoolState;
use tidemill_testkit::Evm;
use tidemill_testkit::anvil::{AnvilError, AnvilMirror, AnvilWorld};

/// Starts the contracts on a node; `None`, and says why, where there is no node for the platform.
pub(crate) fn start() -> Option<AnvilWorld> {
    unless_not_here(AnvilWorld::start())
}

/// Starts a node with what is on an in-process chain; `None` as [`start`].
pub(crate) fn mirror(evm: &Evm) -> Option<AnvilMirror> {
    unless_not_here(AnvilMirror::of(evm))
}

fn unless_not_here<T>(started: Result<T, AnvilError>) -> Option<T> {
    match started {
        Ok(started) => Some(started),
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

/// The pool as it is after it was written to its file and read again.
pub(crate) fn through_file(pool: &Pool, tokens: usize) -> Pool {
    let token = |number: usize| Token { symbol: format!("T{number}"), decimals: 18, address: None };
    let tokens = (0..tokens).map(token).collect();
    let state = PoolState { tokens, base_tokens: Vec::new(), pool: pool.clone() };
    let text = state.to_json().unwrap();
    let read = PoolState::from_json("snapshot.json", text.as_bytes()).unwrap();
    // A concentrated pool has observations beside, which are no part of its state.
    assert_eq!(read.to_json().unwrap(), text);
    read.pool
}
