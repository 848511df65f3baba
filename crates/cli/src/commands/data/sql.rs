use std::path::{Path, PathBuf};

use tidemill_query::{Answer, Format, QueryError, QuerySession};

use super::Place;
use super::new_file::NewFile;
use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "Examples:
  tidemill data sql \"SELECT * FROM candles('binance', 'ETHUSDT', '1h') LIMIT 24\"
  tidemill data sql \"SELECT * FROM returns('binance', 'ETHUSDT', '1h')\" --format csv --out r.csv
  tidemill data sql \"SELECT table_name FROM information_schema.tables\"

The tables and functions are in docs/sql.md. Nothing can be changed by a query.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The query
    sql: String,
    /// How the answer is written: table, csv, json (one object a line) or parquet
    #[arg(long, default_value = "table", conflicts_with = "json")]
    format: Format,
    /// The most rows of a table
    #[arg(long, default_value_t = 100, value_name = "N")]
    rows: usize,
    /// Where the answer goes instead of standard output; an existing file is replaced
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Print JSON, one object a line
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let format = match self.format {
            _ if self.json => Format::JsonLines,
            Format::Table { .. } => Format::Table { rows: self.rows },
            format @ (Format::Csv | Format::JsonLines | Format::Parquet) => format,
        };
        if format == Format::Parquet && self.out.is_none() {
            return Err(Failure::input("--format parquet goes to a file: give --out FILE"));
        }
        let session = QuerySession::open(self.place.open()?).await.map_err(Failure::input)?;
        let answer = session.run(&self.sql).await.map_err(Failure::input)?;
        match &self.out {
            Some(out) => write_file(answer, format, out).await,
            None => print(answer, format).await,
        }
    }
}

async fn print(answer: Answer, format: Format) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    match answer.write(format, &mut out).await {
        Ok(_) => Ok(()),
        // A reader that has gone away is not a failure.
        Err(QueryError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::input(error)),
    }
}

async fn write_file(answer: Answer, format: Format, out: &Path) -> Result<(), Failure> {
    let mut file = NewFile::create(out)?;
    let rows = answer.write(format, file.writer()).await;
    let rows = rows.map_err(|error| file.failure(&error))?;
    file.finish()?;
    output::print(&format!("{rows} rows in {}\n", out.display()))
}
