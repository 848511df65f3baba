use std::path::PathBuf;

use tempfile::TempDir;
use tidemill_catalogue::{Answered, Catalogue, Record, Source};
use tidemill_query::{Format, QueryError, QuerySession};
use tidemill_units::{Decimal, InstantUs};

/// A data folder of a test.
pub(crate) struct Folder(pub(crate) TempDir);

/// A candle in whole numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candle {
    pub(crate) open_time: i64,
    pub(crate) close: i128,
    pub(crate) volume: i128,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn data(&self) -> Catalogue {
        Catalogue::open(self.0.path().to_str().unwrap()).unwrap()
    }

    pub(crate) async fn session(&self) -> QuerySession {
        QuerySession::open(self.data()).await.unwrap()
    }

    /// Runs a query and returns its answer as lines of CSV, the header first.
    pub(crate) async fn csv(&self, sql: &str) -> Vec<String> {
        self.try_csv(sql).await.unwrap()
    }

    pub(crate) async fn try_csv(&self, sql: &str) -> Result<Vec<String>, QueryError> {
        let mut text = Vec::new();
        let answer = QuerySession::open(self.data()).await?.run(sql).await?;
        answer.write(Format::Csv, &mut text).await?;
        Ok(String::from_utf8(text).unwrap().lines().map(str::to_owned).collect())
    }

    /// Appends rows to a source.
    pub(crate) async fn append<R: Record>(&self, source: &Source, frame: R::Frame, rows: Vec<R>) {
        let mut writer = self.data().writer::<R>(source, frame).await.unwrap();
        writer.append(rows, &Answered::default()).await.unwrap();
    }

    /// Appends candles of a market, whose highs and lows are a tenth off.
    pub(crate) async fn candles(&self, source: &str, candles: &[Candle]) {
        let decimal = |tenths: i128| Decimal::from_raw(tenths * 10_i128.pow(17));
        let rows = candles.iter().map(|candle| tidemill_model::Candle {
            open_time: InstantUs(candle.open_time),
            open: decimal(candle.close * 10 - 5),
            high: decimal(candle.close * 10 + 9),
            low: decimal(candle.close * 10 - 9),
            close: decimal(candle.close * 10),
            volume: decimal(candle.volume * 10),
            quote_volume: Some(decimal(candle.volume * 20)),
            trades: Some(3),
        });
        let source = format!("candles/{source}").parse().unwrap();
        self.append(&source, (), rows.collect()).await;
    }

    /// Every Parquet file, by its path, in order.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let (mut files, mut folders) = (Vec::new(), vec![self.0.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "parquet") {
                    files.push(path);
                }
            }
        }
        files.sort();
        files
    }
}
