mod chart;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use tidemill_replay::{
    Backtest, BacktestConfig, BacktestError, ConfigError, OwnedSource, Setup, backtest_watched,
    tear_sheet,
};
use tidemill_report::{
    DecisionRow, LockedTokens, OtherPoolSheet, Provenance, StoppedAt, StrategySheet, TearSheet,
    render_page, render_table,
};
use tidemill_store::{AnyTape, write_atomically};

use crate::failure::Failure;
use crate::{output, progress};
use chart::{ChartArguments, Picture};

const EXAMPLES: &str = r#"Examples:
  tidemill backtest
  tidemill backtest --out report
  tidemill backtest my.toml --json
  tidemill backtest my.toml --chart recentre.svg
  tidemill backtest --chart range.svg --strategy fixed_range --against recentre

A configuration, every key optional:
  tape = "week.parquet"          # or a folder, or "none"; the built-in sample without it
  quote = "USDC"
  deposit_quote = "1000000"      # whole tokens
  footprint = "re-executed"      # or "price-taker"
  latency_blocks = 1

  [limits]
  max_exposure_quote = "2000000"
  max_loss_quote = "100000"

  [[strategy]]
  kind = "recentre"
  half_width_ticks = 600
  threshold_ticks = 600

Kinds: hold, full_range, fixed_range, recentre, volatility_range, optimal_width,
ladder, limit_range, stable_pair, weighted_index, ratio_allocation,
mean_reversion, pairs, threshold_buy, two_pool_arbitrage,
pool_exchange_arbitrage, stake, vote; and rules, written in a file of their own
(docs/rules.md).
Reward programmes ([[reward]], farm), staking ([[staking]]) and voting services
([[voting]]), feeds ([[feed]]), and all keys: docs/configuration.md"#;

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The configuration; the built-in sample and four strategies without one
    #[arg(value_name = "CONFIG.toml")]
    config: Option<PathBuf>,
    /// The data folder of feeds with a source; TIDEMILL_DATA_DIR, or ./data, where not given
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Folder for report.html and report.json; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    chart: ChartArguments,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// Amounts are raw units of the quote token as decimal strings.
#[derive(Serialize)]
struct Json<'a> {
    /// The pool; none of a run without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<&'a str>,
    quote: &'a str,
    quote_decimals: u8,
    from_unix: u64,
    to_unix: u64,
    events: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    swaps: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tape_blake3: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    other_pools: &'a [OtherPoolSheet],
    strategies: Vec<StrategyJson<'a>>,
}

#[derive(Serialize)]
struct StrategyJson<'a> {
    name: &'a str,
    deposit_quote: String,
    fees_quote: String,
    rewards_quote: String,
    il_quote: String,
    lvr_quote: String,
    swap_cost_quote: String,
    commission_quote: String,
    gas_quote: String,
    funding_quote: String,
    hedge_quote: String,
    net_quote: String,
    final_quote: String,
    hold_final_quote: String,
    #[serde(rename = "return")]
    return_: f64,
    annualised_return: f64,
    max_drawdown: f64,
    sharpe: Option<f64>,
    time_in_range: f64,
    rebalances: u64,
    footprint: &'static str,
    dilution_bound: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    decisions: &'a [DecisionRow],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    locked: &'a [LockedTokens],
    /// Where it was stopped, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<&'a StoppedAt>,
    digest: &'a str,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let text = self.text()?;
        let in_config = |error: ConfigError| self.in_config(&text, &error);
        let mut config = BacktestConfig::from_toml(&text).map_err(in_config)?;
        config.data_folder = Some(super::data_folder(self.data.clone()).into());
        let source = Arc::new(self.open(&text, &config)?);
        config.read_files(&self.folder(), source.as_ref()).map_err(in_config)?;
        let setup = config.resolve(source.as_ref()).map_err(in_config)?;
        let names: Vec<_> = setup.strategies.iter().map(|strategy| strategy.name()).collect();
        let picture = self.chart.picture(&names)?;
        if let Some(out) = &self.out {
            prepare(out)?;
        }
        let finished =
            run_with_bar(&source, setup).map_err(|error| self.failure((&text, &config), error))?;
        let sheet = tear_sheet(source.as_ref(), &finished, self.provenance(&source)?);
        let json = json_of(&sheet);
        if let Some(out) = &self.out {
            write(&out.join("report.html"), render_page(&sheet).as_bytes())?;
            let text = serde_json::to_vec_pretty(&json).map_err(Failure::input)?;
            write(&out.join("report.json"), &text)?;
        }
        if let Some(picture) = &picture {
            picture.write(&sheet)?;
        }
        self.print(&sheet, &json, picture.as_ref())?;
        check_stops(sheet.strategies.iter().map(|each| (each.name.as_str(), each.stopped.as_ref())))
    }

    fn print(
        &self,
        sheet: &TearSheet,
        json: &Json<'_>,
        picture: Option<&Picture<'_>>,
    ) -> Result<(), Failure> {
        if self.json {
            return output::print_json(json);
        }
        output::print(&render_table(sheet, output::terminal_width()))?;
        match &self.out {
            Some(out) => {
                output::print(&format!("\nReport: {}", out.join("report.html").display()))?;
            }
            None => output::print("\nAdd `--out DIR` for the HTML report with charts.")?,
        }
        match picture {
            Some(picture) => output::print(&format!("Picture: {}", picture.file.display())),
            None => Ok(()),
        }
    }

    /// The configuration's text; an empty one without any.
    fn text(&self) -> Result<String, Failure> {
        self.config.as_deref().map_or(Ok(String::new()), super::read_config)
    }

    fn in_config(&self, text: &str, error: &ConfigError) -> Failure {
        super::in_config(self.config.as_deref(), text, error, ConfigError::show_in)
    }

    fn open(&self, text: &str, config: &BacktestConfig) -> Result<OwnedSource, Failure> {
        if config.is_without_pool() {
            let tokens = config.own_tokens().map_err(|error| self.in_config(text, &error))?;
            return Ok(OwnedSource::Exchanges(tokens));
        }
        let tape = super::open(self.tape_path(config).as_deref());
        let tape = tape.map_err(|error| super::in_tape(self.config.as_deref(), text, &error));
        tape.map(OwnedSource::from)
    }

    /// A tape is looked for beside the configuration that names it.
    fn tape_path(&self, config: &BacktestConfig) -> Option<PathBuf> {
        config.tape.as_ref().map(|tape| self.folder().join(tape))
    }

    fn folder(&self) -> PathBuf {
        self.config.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned()
    }

    /// A tape that does not reproduce is an input that cannot be used; what is left are values
    /// outside their range and our own bugs.
    fn failure(&self, (text, config): (&str, &BacktestConfig), error: BacktestError) -> Failure {
        if error.is_of_the_tape() {
            let failure = super::unusable_tape(self.tape_path(config).as_deref(), &error);
            return super::in_tape(self.config.as_deref(), text, &failure);
        }
        match error {
            BacktestError::Config(error) => self.in_config(text, &error),
            BacktestError::Strategy(error) => Failure::input(error),
            BacktestError::Market(_)
            | BacktestError::Engine(_)
            | BacktestError::Ledger(_)
            | BacktestError::Attribution(_)
            | BacktestError::Simulation(_)
            | BacktestError::DoesNotAddUp { .. }
            | BacktestError::Unfinished(_)
            | BacktestError::NoPrice => Failure::finding(error),
            BacktestError::Silent => Failure::input(error),
        }
    }

    fn provenance(&self, source: &OwnedSource) -> Result<Provenance, Failure> {
        let config = self.config.as_ref().map(|path| format!(" {}", path.display()));
        Ok(Provenance {
            tidemill_version: env!("CARGO_PKG_VERSION").to_owned(),
            tape_blake3: match source {
                OwnedSource::Tape(tape) => Some(content_hash(tape)?),
                OwnedSource::Exchanges(_) => None,
            },
            command: format!("tidemill backtest{}", config.unwrap_or_default()),
        })
    }
}

/// Says in the end which strategies were stopped; the results stand, theirs too.
fn check_stops<'a>(
    strategies: impl Iterator<Item = (&'a str, Option<&'a StoppedAt>)>,
) -> Result<(), Failure> {
    let said = strategies.filter_map(|(name, stopped)| {
        Some(format!("strategy `{name}` was {}", stopped?.sentence()))
    });
    let said: Vec<_> = said.collect();
    if said.is_empty() { Ok(()) } else { Err(Failure::finding(said.join("\ntidemill: "))) }
}

fn run_with_bar(source: &Arc<OwnedSource>, setup: Setup) -> Result<Backtest, BacktestError> {
    let total = setup.events(source.as_ref()).saturating_mul(setup.strategies.len());
    let bar = progress::bar(total as u64, "backtesting");
    let finished = backtest_watched(source, setup, Vec::new(), &|done| bar.set_position(done));
    bar.finish_and_clear();
    finished
}

/// Identifies the tape by its content in the form of the tape format, whatever file it came from.
pub(super) fn content_hash(tape: &AnyTape) -> Result<String, Failure> {
    let encoded = match tape {
        AnyTape::Concentrated(tape) => tidemill_store::encode_tape(tape, "tape"),
        AnyTape::Shares(tape) => tidemill_store::encode_share_tape(tape, "tape"),
    };
    let encoded = encoded.map_err(Failure::input)?;
    Ok(blake3::hash(&encoded).to_hex().to_string())
}

/// Makes the output folder and tries it, so that a long run does not end with nowhere to write.
pub(super) fn prepare(out: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::input(format!("{}: cannot write the report here: {error}", out.display()))
    };
    fs::create_dir_all(out).map_err(failed)?;
    tempfile::tempfile_in(out).map(drop).map_err(failed)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_atomically(path, bytes).map_err(Failure::input)
}

fn json_of(sheet: &TearSheet) -> Json<'_> {
    Json {
        pool: sheet.pool.on_chain.as_ref().map(|_| sheet.pool.name.as_str()),
        quote: &sheet.pool.quote_symbol,
        quote_decimals: sheet.pool.quote_decimals,
        from_unix: sheet.pool.from_unix,
        to_unix: sheet.pool.to_unix,
        events: sheet.pool.events,
        swaps: sheet.pool.on_chain.as_ref().map(|on| on.swaps),
        tape_blake3: sheet.provenance.tape_blake3.as_deref(),
        other_pools: &sheet.other_pools,
        strategies: sheet.strategies.iter().map(strategy_json).collect(),
    }
}

fn strategy_json(strategy: &StrategySheet) -> StrategyJson<'_> {
    StrategyJson {
        name: &strategy.name,
        deposit_quote: strategy.deposit_quote.to_string(),
        fees_quote: strategy.fees_quote.to_string(),
        rewards_quote: strategy.rewards_quote.to_string(),
        il_quote: strategy.il_quote.to_string(),
        lvr_quote: strategy.lvr_quote.to_string(),
        swap_cost_quote: strategy.swap_cost_quote.to_string(),
        commission_quote: strategy.commission_quote.to_string(),
        gas_quote: strategy.gas_quote.to_string(),
        funding_quote: strategy.funding_quote.to_string(),
        hedge_quote: strategy.hedge_quote.to_string(),
        net_quote: strategy.net_quote.to_string(),
        final_quote: strategy.final_quote.to_string(),
        hold_final_quote: strategy.hold_final_quote.to_string(),
        return_: strategy.return_,
        annualised_return: strategy.annualised_return,
        max_drawdown: strategy.max_drawdown,
        sharpe: strategy.sharpe,
        time_in_range: strategy.time_in_range,
        rebalances: strategy.rebalances,
        footprint: strategy.footprint.name(),
        dilution_bound: strategy.dilution_bound,
        decisions: &strategy.decisions,
        locked: &strategy.locked,
        stopped: strategy.stopped.as_ref(),
        digest: &strategy.digest,
    }
}

#[cfg(test)]
mod tests;
