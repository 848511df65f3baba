mod observed;
mod programme;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use tidemill_replay::{ConcentratedEnd, ReplayEnd, ReplayReport, RunTape, ShareEnd, replay};
use tidemill_store::AnyTape;

use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Examples:
  tidemill replay
  tidemill replay week.parquet --json
  tidemill replay staker.jsonl --pool week.parquet
  tidemill replay window.parquet --fidelity observed

Exit code 1 if an event does not reproduce; its block and log index are named.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A tape of a pool or a reward programme, or a folder to import; the built-in sample without
    #[arg(value_name = "TAPE|DIR")]
    tape: Option<PathBuf>,
    /// The tape of the pool that a programme reads, such as a v3-staker's
    #[arg(long, value_name = "TAPE|DIR")]
    pool: Option<PathBuf>,
    /// What to execute again; everything without it
    #[arg(long, value_enum, default_value_t = Fidelity::Exact, hide_default_value = true)]
    fidelity: Fidelity,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fidelity {
    /// Everything, from a complete tick map
    Exact,
    /// What recorded prices and liquidity allow; the rest is bounded
    Observed,
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
    #[serde(flatten)]
    end: EndJson,
    replay_seconds: f64,
    events_per_second: f64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum EndJson {
    Concentrated {
        sqrt_price_x96: String,
        tick: i32,
        liquidity: String,
        fee_growth_global_0_x128: String,
        fee_growth_global_1_x128: String,
    },
    Shares {
        balances: Vec<String>,
        total_shares: String,
        virtual_price: Option<String>,
    },
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let is_observed = self.fidelity == Fidelity::Observed;
        if let Some(path) = &self.tape
            && tidemill_store::is_programme_tape(path)
        {
            if is_observed {
                return Err(Failure::input("--fidelity observed is for the tapes of pools"));
            }
            return programme::run(path, self.pool.as_deref(), self.json);
        }
        if self.pool.is_some() {
            return Err(Failure::input("--pool goes with the tape of a reward programme"));
        }
        let tape = super::open(self.tape.as_deref())?;
        if is_observed {
            return observed::run(&tape, self.json);
        }
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

fn run_with_bar(tape: &AnyTape) -> Result<ReplayReport, Failure> {
    let events = RunTape::from(tape).events().len();
    let bar = progress::bar(events as u64, "replaying");
    let report = replay(tape, |done| bar.set_position(done)).map_err(Failure::input);
    bar.finish_and_clear();
    report
}

impl Json {
    fn of(report: &ReplayReport) -> Self {
        let counts = &report.counts;
        let seconds = report.elapsed.as_secs_f64();
        Self {
            events: counts.events,
            swaps: counts.swaps(),
            swaps_exact_in: counts.swaps_exact_in,
            swaps_exact_out: counts.swaps_exact_out,
            swaps_price_limited: counts.swaps_price_limited,
            liquidity_changes: counts.liquidity_changes,
            mismatches: u64::from(report.mismatch.is_some()),
            end: EndJson::of(&report.end),
            replay_seconds: seconds,
            events_per_second: if seconds > 0.0 { counts.events as f64 / seconds } else { 0.0 },
        }
    }

    fn print(&self) -> Result<(), Failure> {
        let mut rows = vec![
            ("events", self.events.to_string()),
            ("swaps", self.swaps.to_string()),
            ("  exact input", self.swaps_exact_in.to_string()),
            ("  exact output", self.swaps_exact_out.to_string()),
            ("  price limited", self.swaps_price_limited.to_string()),
            (self.end.liquidity_title(), self.liquidity_changes.to_string()),
            ("mismatches", self.mismatches.to_string()),
        ];
        rows.extend(self.end.rows());
        rows.extend([
            ("seconds", format!("{:.4}", self.replay_seconds)),
            ("events per second", format!("{:.0}", self.events_per_second)),
        ]);
        output::print_rows(&rows)
    }
}

impl EndJson {
    fn of(end: &ReplayEnd) -> Self {
        match end {
            ReplayEnd::Concentrated(ConcentratedEnd {
                sqrt_price,
                tick,
                liquidity,
                fee_growth_global: [growth0, growth1],
            }) => Self::Concentrated {
                sqrt_price_x96: sqrt_price.to_string(),
                tick: tick.0,
                liquidity: liquidity.to_string(),
                fee_growth_global_0_x128: growth0.to_string(),
                fee_growth_global_1_x128: growth1.to_string(),
            },
            ReplayEnd::Shares(end) => {
                let ShareEnd { balances, total_shares, virtual_price } = **end;
                Self::Shares {
                    balances: balances.as_slice().iter().map(ToString::to_string).collect(),
                    total_shares: total_shares.to_string(),
                    virtual_price: virtual_price.map(|price| price.to_string()),
                }
            }
        }
    }

    fn liquidity_title(&self) -> &'static str {
        match self {
            Self::Concentrated { .. } => "mints and burns",
            Self::Shares { .. } => "deposits and withdrawals",
        }
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Concentrated {
                sqrt_price_x96,
                tick,
                liquidity,
                fee_growth_global_0_x128,
                fee_growth_global_1_x128,
            } => vec![
                ("sqrt price x96", sqrt_price_x96.clone()),
                ("tick", tick.to_string()),
                ("liquidity", liquidity.clone()),
                ("fee growth 0 x128", fee_growth_global_0_x128.clone()),
                ("fee growth 1 x128", fee_growth_global_1_x128.clone()),
            ],
            Self::Shares { balances, total_shares, virtual_price } => vec![
                ("balances", balances.join(", ")),
                ("total shares", total_shares.clone()),
                ("virtual price x 10^18", virtual_price.clone().unwrap_or("none".to_owned())),
            ],
        }
    }
}
