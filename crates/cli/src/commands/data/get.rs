//! History fetched from where it is published.

mod binance;
mod rpc;

use clap::Subcommand;

use crate::failure::Failure;

/// Where to fetch history from.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Fetch candles, trades or funding from Binance; needs no key
    Binance(binance::Arguments),
    /// Fetch a pool's events from nodes of its chain by JSON-RPC
    Rpc(rpc::Arguments),
}

impl Command {
    pub(super) async fn run(self) -> Result<(), Failure> {
        // Another part of the process may have been first; one provider is as good as another.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        match self {
            Self::Binance(arguments) => arguments.run().await,
            Self::Rpc(arguments) => arguments.run().await,
        }
    }
}
