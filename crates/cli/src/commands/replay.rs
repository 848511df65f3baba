use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use tidemill_model::Tape;
use tidemill_replay::{ReplayReport, replay};

use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Examples:
  tidemill replay
  tidemill replay week.parquet --json

Exit code 1 if an event does not reproduce; its block and log index are named.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A tape, or a folder to import; the built-in sample without one
    #[arg(value_name = "TAPE|DIR")]
    tape: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Big integers are decimal strings.
#[derive(Serialize)]
struct Json {
    events: u64,
    swaps: u64,
    swaps_exact_in: u64,
    swaps_exact_out: u64,
    swaps_price_limited: u64,
    liquidity_changes: u64,
    mismatches: u64,
    sqrt_price_x96: String,
    tick: i32,
    liquidity: String,
    fee_growth_global_0_x128: String,
    fee_growth_global_1_x128: String,
    replay_seconds: f64,
    events_per_second: f64,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let tape = super::open(self.tape.as_deref())?;
        let report = run_with_bar(&tape)?;
        let json = Json::of(&report);
        if self.json {
            output::print_json(&json)?
        } else {
            json.print()?
        }
        match report.mismatch {
            None => Ok(()),
            Some(mismatch) => Err(Failure::finding(mismatch)),
        }
    }
}

fn run_with_bar(tape: &Tape) -> Result<ReplayReport, Failure> {
    let bar = progress::bar(tape.events.len() as u64, "replaying");
    let report = replay(tape, |done| bar.set_position(done)).map_err(Failure::input);
    bar.finish_and_clear();
    report
}

impl Json {
    fn of(report: &ReplayReport) -> Self {
        let counts = &report.counts;
        let [growth0, growth1] = report.fee_growth_global;
        let seconds = report.elapsed.as_secs_f64();
        Self {
            events: counts.events,
            swaps: counts.swaps(),
            swaps_exact_in: counts.swaps_exact_in,
            swaps_exact_out: counts.swaps_exact_out,
            swaps_price_limited: counts.swaps_price_limited,
            liquidity_changes: counts.liquidity_changes,
            mismatches: u64::from(report.mismatch.is_some()),
            sqrt_price_x96: report.sqrt_price.to_string(),
            tick: report.tick.0,
            liquidity: report.liquidity.to_string(),
            fee_growth_global_0_x128: growth0.to_string(),
            fee_growth_global_1_x128: growth1.to_string(),
            replay_seconds: seconds,
            events_per_second: if seconds > 0.0 { counts.events as f64 / seconds } else { 0.0 },
        }
    }

    fn print(&self) -> Result<(), Failure> {
        output::print_rows(&[
            ("events", self.events.to_string()),
            ("swaps", self.swaps.to_string()),
            ("  exact input", self.swaps_exact_in.to_string()),
            ("  exact output", self.swaps_exact_out.to_string()),
            ("  price limited", self.swaps_price_limited.to_string()),
            ("mints and burns", self.liquidity_changes.to_string()),
            ("mismatches", self.mismatches.to_string()),
            ("sqrt price x96", self.sqrt_price_x96.clone()),
            ("tick", self.tick.to_string()),
            ("liquidity", self.liquidity.clone()),
            ("fee growth 0 x128", self.fee_growth_global_0_x128.clone()),
            ("fee growth 1 x128", self.fee_growth_global_1_x128.clone()),
            ("seconds", format!("{:.4}", self.replay_seconds)),
            ("events per second", format!("{:.0}", self.events_per_second)),
        ])
    }
}
