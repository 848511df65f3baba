//! A real node on loopback: anvil from the package registry, with the real contracts on it.
//!
//! [`AnvilNode`] is the process, [`AnvilChain`] what a test does on it, [`AnvilWorld`] the
//! contracts, and [`AnvilDriver`] makes random valid actions on them. Nothing runs in between
//! blocks: the test says when one is mined and what time it has, so the same seed gives the same
//! logs in the same places. Block hashes are anvil's own and differ from run to run.

mod chain;
mod client;
mod driver;
mod error;
mod mirror;
mod node;
mod world;

pub use chain::{AnvilBlock, AnvilChain};
pub use client::AnvilClient;
pub use driver::{AnvilDriver, DriverCounts};
pub use error::AnvilError;
pub use mirror::{AnvilMirror, EvmAccount};
pub use node::{AnvilNode, find_anvil};
pub use world::{AnvilCurve, AnvilPool, AnvilRewards, AnvilStaker, AnvilVault, AnvilWorld};
