//! What exchanges say live, written as it comes.

mod binance;
mod kraken;
mod recorder;
mod session;
mod sight;
mod track;

use clap::Subcommand;

use crate::failure::Failure;

/// Where to listen.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Record trades, quotes, books, candles or mark prices of Binance; needs no key
    Binance(binance::Arguments),
    /// Record trades, books or candles of Kraken; needs no key
    Kraken(kraken::Arguments),
}

impl Command {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Binance(arguments) => arguments.run().await,
            Self::Kraken(arguments) => arguments.run().await,
        }
    }
}
