mod logs;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use tidemill_catalogue::import::{Import, ImportReport, Layout, PRESETS, Preset};

use super::Place;
use super::pool_reading::{Contracts, PoolFile};
use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Example:
  tidemill data import hours.csv --as binance-1h --set symbol=ETHUSDT
  tidemill data import logs.csv --as logs --pool window/pool.json

Without --as or --layout, the known layouts are listed. A layout of your own is a JSON file that
says which column is what; see docs/data.md. Files are .csv, .jsonl (each perhaps .gz or .zst) and
.parquet. Doing it again changes nothing.

--as logs reads a pool's raw logs, .csv, .json or .jsonl, each perhaps .gz: docs/raw-logs.md.";

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
        let layout = match (&self.preset, &self.layout) {
            (Some(name), _) => Preset::layout(name).map_err(Failure::input)?,
            (None, Some(path)) => {
                let place = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::input(format!("{place}: {error}")))?;
                Layout::read(&place, &text).map_err(Failure::input)?
            }
            (None, None) => {
                return Err(Failure::input(
                    "say how the file is laid out: --as LAYOUT, or --layout FILE.json",
                ));
            }
        };
        if !file.is_file() {
            return Err(Failure::input(format!("{}: is not a file", file.display())));
        }
        let data = self.place.create()?;
        let settings: BTreeMap<_, _> = self.set.iter().cloned().collect();
        let bar = progress::bytes(0, "importing");
        let import = Import { file, layout: &layout, settings: &settings };
        let done = import
            .run(&data, &mut |now| {
                bar.set_length(now.bytes);
                bar.set_position(now.bytes_read);
            })
            .await;
        bar.finish_and_clear();
        let report = done.map_err(Failure::input)?;
        if self.json { output::print_json(&json(&report)) } else { print(&report) }
    }

    fn list(&self) -> Result<(), Failure> {
        let logs = PresetJson { name: LOGS, reads: "a pool's raw logs; --pool pool.json" };
        let all =
            PRESETS.iter().map(|preset| PresetJson { name: preset.name, reads: preset.reads });
        let all = all.chain([logs]);
        if self.json {
            return output::print_json(&all.collect::<Vec<_>>());
        }
        let width = PRESETS.iter().map(|preset| preset.name.len()).max().unwrap_or(0);
        let line = |preset: PresetJson| format!("{:<width$}  {}\n", preset.name, preset.reads);
        output::print(&all.map(line).collect::<String>())
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
