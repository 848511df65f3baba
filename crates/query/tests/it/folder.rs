use std::fs::{File, create_dir_all};
use std::path::Path as FilePath;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Decimal128Array, RecordBatch, TimestampMicrosecondArray, UInt64Array,
};
use datafusion::parquet::arrow::ArrowWriter;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tempfile::TempDir;
use tidemill_query::{Format, QuerySession};

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

    pub(crate) async fn session(&self) -> QuerySession {
        let store = Arc::new(LocalFileSystem::new());
        let root = Path::from_absolute_path(self.0.path()).unwrap();
        QuerySession::open(store, root).await.unwrap()
    }

    /// Runs a query and returns its answer as lines of CSV, the header first.
    pub(crate) async fn csv(&self, sql: &str) -> Vec<String> {
        let mut text = Vec::new();
        let answer = self.session().await.run(sql).await.unwrap();
        answer.write(Format::Csv, &mut text).await.unwrap();
        String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
    }

    /// Writes candles of a market into a file of one partition; highs and lows are a tenth off.
    pub(crate) fn candles(&self, partition: &str, name: &str, candles: &[Candle]) {
        let decimal = |value: fn(&Candle) -> i128| -> ArrayRef {
            let raw = candles.iter().map(|candle| value(candle) * 10_i128.pow(17));
            let raw = Decimal128Array::from_iter_values(raw);
            Arc::new(raw.with_precision_and_scale(38, 18).unwrap())
        };
        let times = candles.iter().map(|candle| candle.open_time);
        let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
        let columns: [(&str, ArrayRef); 8] = [
            ("open_time", Arc::new(times)),
            ("open", decimal(|candle| candle.close * 10 - 5)),
            ("high", decimal(|candle| candle.close * 10 + 9)),
            ("low", decimal(|candle| candle.close * 10 - 9)),
            ("close", decimal(|candle| candle.close * 10)),
            ("volume", decimal(|candle| candle.volume * 10)),
            ("quote_volume", decimal(|candle| candle.volume * 20)),
            ("trades", Arc::new(UInt64Array::from_iter_values(candles.iter().map(|_| 3)))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        self.write(&format!("candles/{partition}/{name}.parquet"), &batch);
    }

    /// Writes one file.
    pub(crate) fn write(&self, path: &str, batch: &RecordBatch) {
        let path = self.0.path().join(path);
        create_dir_all(path.parent().unwrap()).unwrap();
        write_file(&path, batch);
    }
}

fn write_file(path: &FilePath, batch: &RecordBatch) {
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}
