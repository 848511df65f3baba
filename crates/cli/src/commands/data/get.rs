//! History fetched from where it is published.

mod binance;
mod blocks;
mod chunks;
mod fetch;
mod kept;
mod kraken;
mod programme;
mod rpc;

use clap::Subcommand;

use crate::failure::Failure;

/// Where to fetch history from.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Fetch candles, trades or funding from Binance; needs no key
    Binance(binance::Arguments),
    /// Fetch candles or trades from Kraken; needs no key
    Kraken(kraken::Arguments),
    /// Fetch a pool's events from nodes of its chain by JSON-RPC
    Rpc(Box<rpc::Arguments>),
    /// Fetch a reward programme's history from nodes, as a tape
    Programme(programme::Arguments),
    /// Fetch times, base fees and gas of blocks from nodes by JSON-RPC
    Blocks(blocks::Arguments),
}

impl Command {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Binance(arguments) => arguments.run().await,
            Self::Kraken(arguments) => arguments.run().await,
            Self::Rpc(arguments) => arguments.run().await,
            Self::Programme(arguments) => arguments.run().await,
            Self::Blocks(arguments) => arguments.run().await,
        }
    }
}
