mod tape;

use std::path::{Path, PathBuf};

use serde::Serialize;
use tidemill_catalogue::{Catalogue, ExportForm, Range, Source, Span};
use tidemill_units::InstantUs;

use super::new_file::NewFile;
use super::{Place, read_source, read_time};
use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "Example:
  tidemill data export candles/source=binance/symbol=ETHUSDT/interval=1h --out hours-out.csv

The ending says the form: .csv, .jsonl or .parquet. With --tape, a pool's events become a tape,
which `replay` and `backtest` read; one whose description has a state in the pool's life takes that
state's ticks from --state, as `data snapshot` wrote it. A tape --from a later time begins with the
pool's state there, which what comes before gives when it is executed again.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The source, as `data ls` names it
    #[arg(value_parser = read_source)]
    source: Source,
    /// Where it goes; an existing file is replaced
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write a tape
    #[arg(long)]
    tape: bool,
    /// Of a tape of a pool of positions: the state that its description begins with
    #[arg(long, value_name = "STATE.json", requires = "tape")]
    state: Option<PathBuf>,
    /// The first time, such as 2024-01-05 or 2024-01-05T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    from: Option<InstantUs>,
    /// The first time that is left out
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    to: Option<InstantUs>,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Json {
    source: String,
    rows: u64,
    file: String,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let (from, to) = (self.from, self.to);
        let range = match (from, to) {
            (None, None) => Range::All,
            (from, to) => {
                Span::new(from.map_or(i64::MIN, |from| from.0), to.map_or(i64::MAX, |to| to.0))
                    .map(Range::Time)
                    .ok_or_else(|| Failure::input("--from is not before --to"))?
            }
        };
        let data = self.place.open()?;
        let rows = if self.tape {
            let (source, state, out) = (&self.source, self.state.as_ref(), self.out.as_path());
            tape::write(&data, tape::Wanted { source, from, to, state, out }).await?
        } else {
            write_rows(&data, &self.source, range, &self.out).await?
        };
        let file = self.out.display().to_string();
        if self.json {
            return output::print_json(&Json { source: self.source.to_string(), rows, file });
        }
        output::print(&format!("{rows} rows of {} in {file}\n", self.source))
    }
}

async fn write_rows(
    data: &Catalogue,
    source: &Source,
    range: Range,
    out: &Path,
) -> Result<u64, Failure> {
    let form = match out.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => ExportForm::Csv,
        Some("jsonl" | "ndjson") => ExportForm::JsonLines,
        Some("parquet") => ExportForm::Parquet,
        Some(_) | None => {
            let file = out.display();
            let allowed = "ends in none of .csv, .jsonl and .parquet";
            return Err(Failure::input(format!("{file}: {allowed}")));
        }
    };
    let mut file = NewFile::create(out)?;
    let rows = data.export(source, range, form, file.writer()).await;
    let rows = rows.map_err(|error| file.failure(&error))?;
    file.finish()?;
    Ok(rows)
}
