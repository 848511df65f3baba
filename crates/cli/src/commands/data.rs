//! The data folder: what is in it, files into it, what is wrong with it, and files out of it.

mod export;
mod get;
mod import;
mod ls;
mod new_file;
mod nodes;
mod part_writer;
mod pool_reading;
mod record;
mod snapshot;
mod sql;
mod token;
mod venue;
mod verify;

use clap::Subcommand;
use tidemill_catalogue::import::read_instant;
use tidemill_catalogue::{Catalogue, Source};
use tidemill_units::InstantUs;

use crate::failure::Failure;

/// What to do with the data folder.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List what is recorded
    Ls(ls::Arguments),
    /// Bring a CSV, JSON lines or Parquet file into the data folder
    Import(import::Arguments),
    /// Check files, coverage, clocks and prices, and name every gap
    Verify(verify::Arguments),
    /// Fetch history from an exchange or from nodes of a chain
    #[command(
        subcommand,
        after_help = "Example:\n  tidemill data get binance candles ETHUSDT --interval 1h --from \
                      2024-01-01 --until 2024-02-01"
    )]
    Get(get::Command),
    /// Record what an exchange says live, until a time is over or Ctrl-C
    #[command(
        subcommand,
        after_help = "Example:\n  tidemill data record binance --symbol ETHUSDT --stream \
                      trades,quotes,book --for 10m"
    )]
    Record(record::Command),
    /// Read a pool's state at a block from nodes, as a file
    Snapshot(Box<snapshot::Arguments>),
    /// Ask nodes for a token's symbol and decimals
    Token(token::Arguments),
    /// Answer a query in SQL
    Sql(sql::Arguments),
    /// Write a source as a tape, CSV, JSON lines or Parquet
    Export(export::Arguments),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(Failure::input)?;
        // Another part of the process may have been first; one provider is as good as another.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        match self {
            Self::Ls(arguments) => runtime.block_on(arguments.run()),
            Self::Import(arguments) => runtime.block_on(arguments.run()),
            Self::Verify(arguments) => runtime.block_on(arguments.run()),
            Self::Get(command) => runtime.block_on(command.run()),
            Self::Record(command) => runtime.block_on(command.run()),
            Self::Snapshot(arguments) => runtime.block_on(arguments.run()),
            Self::Token(arguments) => runtime.block_on(arguments.run()),
            Self::Sql(arguments) => runtime.block_on(arguments.run()),
            Self::Export(arguments) => runtime.block_on(arguments.run()),
        }
    }
}

/// Where the data folder is.
#[derive(clap::Args)]
struct Place {
    /// The data folder, or s3://BUCKET/PREFIX; TIDEMILL_DATA_DIR, or ./data, where not given
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
}

impl Place {
    fn location(&self) -> String {
        super::data_folder(self.data.clone())
    }

    /// Opens a folder that is there.
    fn open(&self) -> Result<Catalogue, Failure> {
        Catalogue::open(&self.location()).map_err(Failure::input)
    }

    /// Opens a folder, or makes one.
    fn create(&self) -> Result<Catalogue, Failure> {
        Catalogue::create(&self.location()).map_err(Failure::input)
    }
}

fn read_source(text: &str) -> Result<Source, String> {
    text.parse().map_err(|error: tidemill_catalogue::CatalogueError| error.to_string())
}

fn read_time(text: &str) -> Result<InstantUs, String> {
    let expected = || format!("`{text}` is no time such as 2024-01-05 or 2024-01-05T12:00:00Z");
    read_instant(text).ok_or_else(expected)
}

fn time_text(time: InstantUs) -> String {
    let time = jiff::Timestamp::from_microsecond(time.0);
    time.map_or_else(|error| error.to_string(), |time| time.to_string())
}
