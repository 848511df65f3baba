mod binance;
mod bulk;
mod kraken;
mod logs;
mod published;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tidemill_catalogue::import::{Import, ImportReport, Layout, PRESETS, Preset};

use self::published::{PUBLISHED, Published};
use super::Place;
use super::pool_reading::{Contracts, PoolFile};
use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Examples:
  tidemill data import hours.csv --as binance-1h --set symbol=ETHUSDT
  tidemill data import logs.csv --as logs --pool window/pool.json
  tidemill data import BTCUSDT-1h-2024-01.zip --as binance-archive-candles

Without --as or --layout, the known layouts are listed. A layout of your own is a JSON file that
says which column is what; see docs/data.md. Files are .csv, .jsonl (each perhaps .gz or .zst) and
.parquet. Doing it again changes nothing.

--as logs reads a pool's raw logs, .csv, .json or .jsonl, each perhaps .gz: docs/raw-logs.md.

What exchanges publish in bulk (binance-archive-…, kraken-archive-…) is .zip, .csv or .csv.gz. Its
name says the symbol, the interval and the times, unless --set symbol=, interval=, market=spot or
usdm, or source= says otherwise. A .CHECKSUM beside it is held against it. It is read to its end
first: where a row is wrong, nothing is written.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The file; without one, the known layouts are listed
    file: Option<PathBuf>,
    /// A known layout
    #[arg(long = "as", value_name = "LAYOUT", conflicts_with = "layout")]
    preset: Option<String>,
    /// A layout of your own
    #[arg(long, value_name = "FILE.json")]
    layout: Option<PathBuf>,
    /// What a name of the layout stands for, such as symbol=ETHUSDT
    #[arg(long, value_name = "NAME=VALUE", value_parser = read_setting)]
    set: Vec<(String, String)>,
    /// Of raw logs: the pool's description, as on tapes
    #[arg(long, value_name = "pool.json")]
    pool: Option<PathBuf>,
    #[command(flatten)]
    contracts: Contracts,
    /// Which file of an archive with several
    #[arg(long, value_name = "NAME")]
    member: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn read_setting(text: &str) -> Result<(String, String), String> {
    let expected = || format!("`{text}` is not NAME=VALUE");
    let (name, value) = text.split_once('=').ok_or_else(expected)?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The layout of raw logs, which are no table of one dataset's columns.
const LOGS: &str = "logs";

#[derive(Serialize)]
struct Json {
    rows: u64,
    rounded: u64,
    unfit: u64,
    sources: Vec<SourceJson>,
}

#[derive(Serialize)]
struct SourceJson {
    source: String,
    rows: u64,
    duplicates: u64,
    gaps: u64,
}

#[derive(Serialize)]
struct PresetJson {
    name: &'static str,
    reads: &'static str,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Some(file) = &self.file else { return self.list() };
        if self.preset.as_deref() == Some(LOGS) {
            let missing = || Failure::input("--pool is missing: raw logs do not say which pool");
            let pool = PoolFile::read(self.pool.as_deref().ok_or_else(missing)?)?;
            return logs::run(&self.place, (file, &pool), &self.contracts, self.json).await;
        }
        if self.pool.is_some() {
            return Err(Failure::input("--pool is of raw logs alone: --as logs"));
        }
        let published = self.preset.as_deref().and_then(Published::named);
        let report = match published {
            Some(published) => {
                check_file(file)?;
                let (member, settings) = (self.member.as_deref(), self.settings());
                let create = || self.place.create();
                published.import(file, member, &settings, create).await?
            }
            None => self.table(file).await?,
        };
        if self.json { output::print_json(&json(&report)) } else { print(&report) }
    }

    fn settings(&self) -> BTreeMap<String, String> {
        self.set.iter().cloned().collect()
    }

    /// Imports a file of a layout whose columns are named.
    async fn table(&self, file: &Path) -> Result<ImportReport, Failure> {
        let layout = self.layout()?;
        check_file(file)?;
        if self.member.is_some() {
            return Err(Failure::input(
                "--member is of archives: --as binance-archive-… or kraken-…",
            ));
        }
        let data = self.place.create()?;
        let settings = self.settings();
        let bar = progress::bytes(0, "importing");
        let import = Import { file, layout: &layout, settings: &settings };
        let done = import
            .run(&data, &mut |now| {
                bar.set_length(now.bytes);
                bar.set_position(now.bytes_read);
            })
            .await;
        bar.finish_and_clear();
        done.map_err(Failure::input)
    }

    fn layout(&self) -> Result<Layout, Failure> {
        match (&self.preset, &self.layout) {
            (Some(name), _) => Preset::layout(name).map_err(|error| {
                let published: Vec<_> = PUBLISHED.iter().map(|table| table.name).collect();
                Failure::input(format!("{error}, {}", published.join(", ")))
            }),
            (None, Some(path)) => {
                let place = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::input(format!("{place}: {error}")))?;
                Layout::read(&place, &text).map_err(Failure::input)
            }
            (None, None) => Err(Failure::input(
                "say how the file is laid out: --as LAYOUT, or --layout FILE.json",
            )),
        }
    }

    fn list(&self) -> Result<(), Failure> {
        let presets = PRESETS.iter().map(|preset| (preset.name, preset.reads));
        let published = PUBLISHED.iter().map(|published| (published.name, published.reads));
        let all = presets.chain(published).chain([(LOGS, "a pool's raw logs; --pool pool.json")]);
        let all: Vec<_> = all.map(|(name, reads)| PresetJson { name, reads }).collect();
        if self.json {
            return output::print_json(&all);
        }
        let width = all.iter().map(|preset| preset.name.len()).max().unwrap_or(0);
        let line = |preset: &PresetJson| format!("{:<width$}  {}\n", preset.name, preset.reads);
        output::print(&all.iter().map(line).collect::<String>())
    }
}

fn check_file(file: &Path) -> Result<(), Failure> {
    match file.is_file() {
        true => Ok(()),
        false => Err(Failure::input(format!("{}: is not a file", file.display()))),
    }
}

fn json(report: &ImportReport) -> Json {
    let sources = report.sources.iter().map(|done| SourceJson {
        source: done.source.to_string(),
        rows: done.rows,
        duplicates: done.duplicates,
        gaps: done.gaps,
    });
    let (rows, rounded, unfit) = (report.rows, report.rounded, report.unfit);
    Json { rows, rounded, unfit, sources: sources.collect() }
}

fn print(report: &ImportReport) -> Result<(), Failure> {
    let mut text = String::new();
    for done in &report.sources {
        text.push_str(&format!(
            "{}\n    {} new rows, {} there already, {} gaps named\n",
            done.source, done.rows, done.duplicates, done.gaps
        ));
    }
    text.push_str(&format!(
        "{} rows read; {} numbers rounded to 18 places; {} too large to be kept\n",
        report.rows, report.rounded, report.unfit
    ));
    output::print(&text)
}
