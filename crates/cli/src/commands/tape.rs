use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use tidemill_model::Token;
use tidemill_store::{AnyTape, AnyTapeInfo, ShareTapeInfo, TapeInfo};

use crate::failure::Failure;
use crate::{output, progress};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Turn a folder of CSV files into a tape
    #[command(
        after_help = "Example:\n  tidemill tape import week/ --out week.parquet\n\nThe folder \
                            holds pool.json, events.csv or events.csv.gz, and optionally \
                            initial_positions.csv[.gz]; see docs/tape-format.md."
    )]
    Import {
        /// The folder
        dir: PathBuf,
        /// Where the tape goes; an existing file is replaced
        #[arg(long, value_name = "FILE.parquet")]
        out: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what a tape holds
    #[command(after_help = "Example:\n  tidemill tape info week.parquet")]
    Info {
        /// The tape
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write the built-in sample to a file
    #[command(after_help = "Example:\n  tidemill tape sample --out week.parquet")]
    Sample {
        /// Where the tape goes; an existing file is replaced
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// What a tape holds, for scripts. Big integers are decimal strings.
#[derive(Serialize)]
struct Json {
    pool: String,
    chain_id: u64,
    pool_kind: &'static str,
    token0: String,
    token1: String,
    fee_pips: u32,
    tick_spacing: i32,
    amount_relative_tolerance: String,
    initial_positions: usize,
    events: usize,
    kinds: BTreeMap<&'static str, usize>,
    recorded: BTreeMap<&'static str, usize>,
    first_block: Option<u64>,
    last_block: Option<u64>,
    first_time: Option<u64>,
    last_time: Option<u64>,
    file_bytes: usize,
    file_blake3: String,
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Import { dir, out, json } => {
                let spinner = progress::spinner("importing");
                let tape = tidemill_store::import_any_folder(&dir).map_err(Failure::input);
                spinner.finish_and_clear();
                let written = match tape? {
                    AnyTape::Concentrated(tape) => tidemill_store::write_tape(&out, &tape),
                    AnyTape::Shares(tape) => tidemill_store::write_share_tape(&out, &tape),
                };
                written.map_err(Failure::input)?;
                show(&out, json)
            }
            Self::Info { file, json } => show(&file, json),
            Self::Sample { out, json } => {
                let written = tidemill_store::write_atomically(&out, tidemill_store::SAMPLE_BYTES);
                written.map_err(Failure::input)?;
                show(&out, json)
            }
        }
    }
}

fn show(file: &Path, json: bool) -> Result<(), Failure> {
    match AnyTapeInfo::read(file).map_err(Failure::input)? {
        AnyTapeInfo::Concentrated(info) => {
            let form = Json::of(&info);
            if json { output::print_json(&form) } else { form.print() }
        }
        AnyTapeInfo::Shares(info) => {
            let form = SharesJson::of(&info);
            if json { output::print_json(&form) } else { form.print() }
        }
    }
}

fn token_text(token: &Token) -> String {
    format!("{} ({} decimals)", token.symbol, token.decimals)
}

/// What a tape of a pool of shares holds, for scripts.
#[derive(Serialize)]
struct SharesJson {
    pool: String,
    chain_id: u64,
    pool_kind: &'static str,
    tokens: Vec<String>,
    state_after_block: u64,
    amount_relative_tolerance: String,
    events: usize,
    kinds: BTreeMap<&'static str, usize>,
    first_block: Option<u64>,
    last_block: Option<u64>,
    first_time: Option<u64>,
    last_time: Option<u64>,
    file_bytes: usize,
    file_blake3: String,
}

impl SharesJson {
    fn of(info: &ShareTapeInfo) -> Self {
        Self {
            pool: info.pool.pool.to_string(),
            chain_id: info.pool.chain_id.0,
            pool_kind: info.kind,
            tokens: info.pool.tokens.iter().map(token_text).collect(),
            state_after_block: info.pool.state_after_block.0,
            amount_relative_tolerance: info.amount_relative_tolerance.clone(),
            events: info.events,
            kinds: info.kinds.clone(),
            first_block: info.span.as_ref().map(|span| span.first_block.0),
            last_block: info.span.as_ref().map(|span| span.last_block.0),
            first_time: info.span.as_ref().map(|span| span.first_time.0),
            last_time: info.span.as_ref().map(|span| span.last_time.0),
            file_bytes: info.file_bytes,
            file_blake3: info.file_blake3.clone(),
        }
    }

    fn print(&self) -> Result<(), Failure> {
        let mut rows = vec![
            ("pool", self.pool.clone()),
            ("chain", self.chain_id.to_string()),
            ("kind of pool", self.pool_kind.to_owned()),
            ("tokens", self.tokens.join(", ")),
            ("state after block", self.state_after_block.to_string()),
            ("amount tolerance", self.amount_relative_tolerance.clone()),
            ("blocks", from_to(self.first_block, self.last_block, |block| block.to_string())),
            ("UTC", from_to(self.first_time, self.last_time, utc)),
            ("events", self.events.to_string()),
        ];
        rows.extend(self.kinds.iter().map(|(kind, count)| (*kind, count.to_string())));
        rows.push(("bytes", self.file_bytes.to_string()));
        rows.push(("BLAKE3", self.file_blake3.clone()));
        output::print_rows(&rows)
    }
}

fn from_to(first: Option<u64>, last: Option<u64>, text: impl Fn(u64) -> String) -> String {
    let span = first.zip(last);
    span.map_or("none".to_owned(), |(first, last)| format!("{} to {}", text(first), text(last)))
}

impl Json {
    fn of(info: &TapeInfo) -> Self {
        let (events, recorded) = (&info.events, &info.recorded);
        Self {
            pool: info.pool.pool.to_string(),
            chain_id: info.pool.chain_id.0,
            pool_kind: info.pool.build.name(),
            token0: token_text(&info.pool.token0),
            token1: token_text(&info.pool.token1),
            fee_pips: info.pool.fee.0,
            tick_spacing: info.pool.tick_spacing,
            amount_relative_tolerance: info.amount_relative_tolerance.clone(),
            initial_positions: info.initial_positions,
            events: events.total,
            kinds: events
                .of_builds
                .iter()
                .map(|(kind, count)| (*kind, *count))
                .chain([
                    ("initialize", events.initialize),
                    ("swap", events.swap),
                    ("mint", events.mint),
                    ("burn", events.burn),
                    ("burn_of_nothing", events.burn_of_nothing),
                    ("collect", events.collect),
                    ("flash", events.flash),
                    ("set_fee_protocol", events.set_fee_protocol),
                ])
                .collect(),
            recorded: BTreeMap::from([
                ("gas_used", recorded.gas_used),
                ("gas_price_wei", recorded.gas_price_wei),
                ("owner", recorded.owner),
                ("sqrt_price_x96_after", recorded.sqrt_price_after),
                ("liquidity_after", recorded.liquidity_after),
                ("tick_after", recorded.tick_after),
            ]),
            first_block: info.span.as_ref().map(|span| span.first_block.0),
            last_block: info.span.as_ref().map(|span| span.last_block.0),
            first_time: info.span.as_ref().map(|span| span.first_time.0),
            last_time: info.span.as_ref().map(|span| span.last_time.0),
            file_bytes: info.file_bytes,
            file_blake3: info.file_blake3.clone(),
        }
    }

    fn print(&self) -> Result<(), Failure> {
        let mut rows = vec![
            ("pool", self.pool.clone()),
            ("chain", self.chain_id.to_string()),
            ("kind of pool", self.pool_kind.to_owned()),
            ("token0", self.token0.clone()),
            ("token1", self.token1.clone()),
            ("fee, pips", self.fee_pips.to_string()),
            ("tick spacing", self.tick_spacing.to_string()),
            ("amount tolerance", self.amount_relative_tolerance.clone()),
            ("blocks", from_to(self.first_block, self.last_block, |block| block.to_string())),
            ("UTC", from_to(self.first_time, self.last_time, utc)),
            ("initial positions", self.initial_positions.to_string()),
            ("events", self.events.to_string()),
        ];
        let kinds = self.kinds.iter().filter(|(_, count)| **count > 0);
        rows.extend(kinds.map(|(kind, count)| (*kind, count.to_string())));
        rows.push(("bytes", self.file_bytes.to_string()));
        rows.push(("BLAKE3", self.file_blake3.clone()));
        output::print_rows(&rows)
    }
}

fn utc(unix: u64) -> String {
    let instant = i64::try_from(unix).ok().and_then(|unix| jiff::Timestamp::from_second(unix).ok());
    instant.map_or_else(
        || unix.to_string(),
        |instant| instant.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}
