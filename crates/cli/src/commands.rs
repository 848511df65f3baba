//! The commands, one file each.

mod backtest;
mod campaign;
mod claim;
#[cfg(feature = "data")]
mod data;
mod earn;
mod jit;
mod position;
mod quote;
mod replay;
mod tape;

use std::fmt::Display;
use std::path::Path;

use clap::Subcommand;
use tidemill_configuration::{Document, KeyPath, Place};
use tidemill_model::Tape;
use tidemill_store::AnyTape;

use crate::failure::Failure;

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run strategies on a tape and report what they made, against holding
    Backtest(backtest::Arguments),
    /// Design an incentive campaign: what a reward budget brings, costs and leaves behind
    Campaign(campaign::Arguments),
    /// Execute every recorded event of a tape again and compare
    Replay(replay::Arguments),
    /// Say what one position paid, was paid and earned
    Position(position::Arguments),
    /// Say what just-in-time liquidity would have earned on a tape: a bound, and no strategy
    Jit(jit::Arguments),
    /// Say what a swap in a pool of any kind would pay and give
    Quote(quote::Arguments),
    /// Say what is staked in a reward programme and what can be claimed
    Earn(earn::Arguments),
    /// Check a claim of rewards against a Merkle root
    Claim(claim::Arguments),
    /// Keep recorded data: fetch, import, check, ask and export it
    #[cfg(feature = "data")]
    #[command(
        subcommand,
        after_help = "Examples:\n  tidemill data ls\n  tidemill data verify\n  tidemill data sql \
                      \"SELECT * FROM candles('binance', 'ETHUSDT', '1d')\""
    )]
    Data(data::Command),
    /// Import, inspect or write tapes
    #[command(
        subcommand,
        after_help = "Examples:\n  tidemill tape import week/ --out week.parquet\n  tidemill tape \
                      info week.parquet"
    )]
    Tape(tape::Command),
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Backtest(arguments) => arguments.run(),
            Self::Campaign(arguments) => arguments.run(),
            Self::Replay(arguments) => arguments.run(),
            Self::Position(arguments) => arguments.run(),
            Self::Jit(arguments) => arguments.run(),
            Self::Quote(arguments) => arguments.run(),
            Self::Earn(arguments) => arguments.run(),
            Self::Claim(arguments) => arguments.run(),
            #[cfg(feature = "data")]
            Self::Data(command) => command.run(),
            Self::Tape(command) => command.run(),
        }
    }
}

/// Reads a tape file, a folder to import, or the built-in sample.
fn open(path: Option<&Path>) -> Result<AnyTape, Failure> {
    match path {
        None => tidemill_store::sample().map(AnyTape::Concentrated),
        Some(path) => tidemill_store::open_tape(path),
    }
    .map_err(Failure::input)
}

/// Reads a configuration's file.
fn read_config(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::input(format!("{}: {error}", path.display())))
}

/// Shows what is wrong with a configuration in its text, if it is that of a file.
fn in_config<E: Display>(
    config: Option<&Path>,
    text: &str,
    error: &E,
    show_in: fn(&E, &Document<'_>) -> String,
) -> Failure {
    match config {
        Some(path) => {
            let name = path.display().to_string();
            Failure::input(show_in(error, &Document { name: &name, text }))
        }
        None => Failure::input(error),
    }
}

/// Says of what is wrong with a tape where the configuration names it, if it does.
fn in_tape(config: Option<&Path>, text: &str, error: &Failure) -> Failure {
    let name = config.map(|path| path.display().to_string()).unwrap_or_default();
    let document = Document { name: &name, text };
    let at = Place::Keys(vec![KeyPath::of("tape")]);
    if document.has(&at) {
        Failure::input(document.show(&error.to_string(), &at))
    } else {
        Failure::input(error)
    }
}

/// Returns where the data folder is: as given, else as the environment says, else `./data`.
fn data_folder(given: Option<String>) -> String {
    let environment = || std::env::var("TIDEMILL_DATA_DIR").ok().filter(|dir| !dir.is_empty());
    given.or_else(environment).unwrap_or_else(|| "data".to_owned())
}

/// Reads a tape as [`open`] does, for a command that ranges of ticks are the matter of.
fn open_concentrated(path: Option<&Path>) -> Result<Tape, Failure> {
    match open(path)? {
        AnyTape::Concentrated(tape) => Ok(tape),
        AnyTape::Shares(tape) => {
            let error = format!(
                "is the tape of a {} pool; this command takes tapes of concentrated pools",
                tape.start.kind()
            );
            Err(unusable_tape(path, &error))
        }
    }
}

/// A tape that was read, but cannot have happened.
fn unusable_tape(path: Option<&Path>, error: &dyn std::fmt::Display) -> Failure {
    match path {
        Some(path) => Failure::input(format!("{}: {error}", path.display())),
        None => Failure::input(error),
    }
}
