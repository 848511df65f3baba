use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use tidemill_market::Footprint;
use tidemill_replay::{PositionError, PositionReport, PositionRequest, TapePoint, follow_position};
use tidemill_units::{Liquidity, Tick, TickRange};

use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Examples:
  tidemill position --lower 194130 --upper 194150 --liquidity 1000000000000000 \\
      --footprint re-executed
  tidemill position week.parquet --lower 193140 --upper 195140 --liquidity 1000000000000000 \\
      --open 21305000 --close 21310000:200 --footprint price-taker --json

Amounts are raw token units.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A tape, or a folder to import; the built-in sample without one
    #[arg(value_name = "TAPE|DIR")]
    tape: Option<PathBuf>,
    /// The lower tick, a multiple of the pool's spacing
    #[arg(long, value_name = "TICK", allow_negative_numbers = true)]
    lower: Tick,
    /// The upper tick, a multiple of the pool's spacing
    #[arg(long, value_name = "TICK", allow_negative_numbers = true)]
    upper: Tick,
    /// The liquidity, 1 to 2^127 - 1
    #[arg(long)]
    liquidity: Liquidity,
    /// Open right after this event, or after the block's last; at the tape's start without it
    #[arg(long, value_name = "BLOCK[:LOG_INDEX]")]
    open: Option<TapePoint>,
    /// Close right after this event, or after the block's last; at the tape's end without it
    #[arg(long, value_name = "BLOCK[:LOG_INDEX]")]
    close: Option<TapePoint>,
    /// What the position does to the recorded history
    #[arg(long, value_enum)]
    footprint: FootprintArgument,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FootprintArgument {
    /// Nothing: fees are liquidity times the recorded growth
    PriceTaker,
    /// Every recorded swap is executed again with the position in the pool
    ReExecuted,
}

/// Big integers are decimal strings.
#[derive(Serialize)]
struct Json {
    deposit0: String,
    deposit1: String,
    withdraw0: String,
    withdraw1: String,
    fees0: String,
    fees1: String,
    in_range_swaps: u64,
    swaps: u64,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let tape = super::open_concentrated(self.tape.as_deref())?;
        let request = PositionRequest {
            range: TickRange { lower: self.lower, upper: self.upper },
            liquidity: self.liquidity,
            open: self.open,
            close: self.close,
            footprint: match self.footprint {
                FootprintArgument::PriceTaker => Footprint::PriceTaker,
                FootprintArgument::ReExecuted => Footprint::ReExecuted,
            },
        };
        let bar = progress::bar(tape.events.len() as u64, "replaying");
        let report = follow_position(&tape, &request, |done| bar.set_position(done));
        bar.finish_and_clear();
        let report = report.map_err(|error| self.failure(&error))?;
        let json = Json::of(&report);
        if self.json { output::print_json(&json) } else { json.print() }
    }

    fn failure(&self, error: &PositionError) -> Failure {
        match error {
            PositionError::Market(_) => super::unusable_tape(self.tape.as_deref(), error),
            PositionError::BadPoint(_)
            | PositionError::NoSuchEvent { .. }
            | PositionError::Reversed { .. }
            | PositionError::NotInitialized
            | PositionError::Refused(_)
            | PositionError::OffSpacing { .. }
            | PositionError::NoLiquidity => Failure::input(error),
        }
    }
}

impl Json {
    fn of(report: &PositionReport) -> Self {
        let PositionReport { deposit, withdraw, fees, swaps, in_range_swaps } = report;
        Self {
            deposit0: deposit.amount0.to_string(),
            deposit1: deposit.amount1.to_string(),
            withdraw0: withdraw.amount0.to_string(),
            withdraw1: withdraw.amount1.to_string(),
            fees0: fees.amount0.to_string(),
            fees1: fees.amount1.to_string(),
            in_range_swaps: *in_range_swaps,
            swaps: *swaps,
        }
    }

    fn print(&self) -> Result<(), Failure> {
        output::print_rows(&[
            ("deposit token0", self.deposit0.clone()),
            ("deposit token1", self.deposit1.clone()),
            ("withdraw token0", self.withdraw0.clone()),
            ("withdraw token1", self.withdraw1.clone()),
            ("fees token0", self.fees0.clone()),
            ("fees token1", self.fees1.clone()),
            ("swaps", self.swaps.to_string()),
            ("swaps in range", self.in_range_swaps.to_string()),
        ])
    }
}
