//! The `tidemill` command, and the only place where everything is wired together.
//!
//! Exit codes: 0 done; 1 `replay` found a mismatch, an output does not add up, or a strategy was
//! stopped; 2 something given is wrong or cannot be read or written.

mod commands;
mod failure;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::Command;

const ABOUT: &str = "Replays recorded AMM pools exactly as their contracts behave, runs \
                     liquidity strategies on them, and says where every unit went.";

const EXAMPLES: &str = "Examples:
  tidemill backtest
  tidemill backtest my.toml --out report
  tidemill replay week.parquet --json

Without a tape, the built-in sample is used: one week of Uniswap v3 USDC/WETH 0.05 % on Ethereum.";

#[derive(Parser)]
#[command(
    name = "tidemill",
    version,
    about = "Backtests liquidity mining, exact to the wei",
    long_about = ABOUT,
    after_help = EXAMPLES
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            failure.exit_code()
        }
    }
}
