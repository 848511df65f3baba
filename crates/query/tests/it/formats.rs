use std::collections::BTreeMap;

use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tidemill_query::Format;

use crate::folder::{Candle, Folder};

async fn folder() -> Folder {
    let folder = Folder::new();
    let candle = |at: i64| Candle { open_time: at * 60_000_000, close: 1_000, volume: 7 };
    let candles: Vec<_> = (0..250).map(candle).collect();
    folder.candles("source=s/symbol=X/interval=1m", &candles).await;
    folder
}

async fn written(format: Format, sql: &str) -> (u64, Vec<u8>) {
    let mut text = Vec::new();
    let folder = folder().await;
    let answer = folder.session().await.run(sql).await.unwrap();
    let rows = answer.write(format, &mut text).await.unwrap();
    (rows, text)
}

const CLOSES: &str = "SELECT close, volume FROM candles('s', 'X', '1m') LIMIT 2";

#[tokio::test]
async fn an_answer_can_be_had_in_every_form() {
    let (rows, csv) = written(Format::Csv, CLOSES).await;
    assert_eq!((rows, csv), (2, b"close,volume\n1000.0,7.0\n1000.0,7.0\n".to_vec()));
    let (rows, json) = written(Format::JsonLines, CLOSES).await;
    let text = String::from_utf8(json).unwrap();
    let lines: Vec<BTreeMap<String, f64>> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows, lines.len(), lines[0]["volume"]), (2, 2, 7.0));
    let (rows, parquet) = written(Format::Parquet, CLOSES).await;
    let read = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(parquet)).unwrap();
    let read: usize = read.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!((rows, read), (2, 2));
}

#[tokio::test]
async fn a_table_shows_its_first_rows_and_says_that_there_are_more() {
    let sql = "SELECT close FROM candles('s', 'X', '1m')";
    let (_, table) = written(Format::Table { rows: 100 }, sql).await;
    let table = String::from_utf8(table).unwrap();
    assert_eq!(table.matches("1000.0").count(), 100);
    assert!(table.contains("the first 100 rows"), "{table}");
    let (rows, table) = written(Format::Table { rows: 250 }, sql).await;
    assert_eq!(rows, 250);
    assert!(!String::from_utf8(table).unwrap().contains("the first"));
    let (rows, empty) = written(Format::Csv, "SELECT close FROM candles WHERE false").await;
    assert_eq!((rows, String::from_utf8(empty).unwrap()), (0, "close\n".to_owned()));
}
