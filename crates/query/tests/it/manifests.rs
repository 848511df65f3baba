//! What the manifests name is what is read: nothing beside it, and all of it.

use crate::candles::{folder, minutes};
use crate::folder::Folder;

const QUERIES: [&str; 3] = [
    "SELECT count(*) AS n, sum(close) AS c FROM candles",
    "SELECT count(*) AS n, sum(close) AS c FROM candles('binance', 'ETHUSDT', '1h')",
    "SELECT count(*) AS n, sum(log_return) AS c FROM returns('binance', 'ETHUSDT', '1m')",
];

async fn answers(folder: &Folder) -> Vec<Vec<String>> {
    let mut answers = Vec::new();
    for sql in QUERIES {
        answers.push(folder.csv(sql).await);
    }
    answers
}

#[tokio::test]
async fn files_that_no_manifest_names_change_no_answer() {
    let folder = folder(&minutes()).await;
    let before = answers(&folder).await;
    let files = folder.files();
    assert_eq!(files.len(), 4, "two days in one file each, and one in two: {files:?}");
    // Beside, in a day and an interval of its own, in a market without a manifest, and no Parquet.
    let market = folder.0.path().join("candles/source=binance/symbol=ETHUSDT");
    for place in [
        "interval=1m/period=2024-01-02",
        "interval=1m/period=2024-01-09",
        "interval=5m/period=2024-01-02",
        "../symbol=BTCUSDT/interval=1m/period=2024-01-02",
    ] {
        let place = market.join(place);
        std::fs::create_dir_all(&place).unwrap();
        std::fs::copy(&files[0], place.join("stray.parquet")).unwrap();
        std::fs::copy(&files[1], place.join("part-1-2-0123456789abcdef.parquet")).unwrap();
        std::fs::write(place.join("broken.parquet"), "no Parquet").unwrap();
    }
    assert_eq!(answers(&folder).await, before);
    let sql = "SELECT * FROM candles('binance', 'BTCUSDT', '1m')";
    let refusal = folder.try_csv(sql).await.unwrap_err().to_string();
    assert!(refusal.contains("stored: ETHUSDT"), "{refusal}");
}

#[tokio::test]
async fn a_file_that_is_gone_or_damaged_is_an_error_and_never_fewer_rows() {
    let folder = folder(&minutes()).await;
    let file = folder.files()[1].clone();
    let whole = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    for sql in QUERIES {
        assert!(folder.try_csv(sql).await.is_err(), "{sql}");
    }
    std::fs::write(&file, &whole[..whole.len() - 100]).unwrap();
    for sql in QUERIES {
        assert!(folder.try_csv(sql).await.is_err(), "{sql}");
    }
    // One bit, of which Parquet itself takes no notice: functions read whole files, and check them.
    let mut changed = whole.clone();
    changed[5] ^= 1;
    std::fs::write(&file, changed).unwrap();
    let error = folder.try_csv(QUERIES[1]).await.unwrap_err().to_string();
    assert!(error.contains("is damaged"), "{error}");
    let manifest =
        folder.0.path().join("candles/source=binance/symbol=ETHUSDT/interval=1m/manifest.json");
    std::fs::write(manifest, "{}").unwrap();
    let error = folder.try_csv("SELECT 1").await.unwrap_err().to_string();
    assert!(error.contains("manifest.json: missing field"), "{error}");
}

/// Files that are not opened need not be there.
#[tokio::test]
async fn what_a_filter_leaves_out_is_not_opened() {
    let folder = folder(&minutes()).await;
    for file in folder.files() {
        if !file.display().to_string().contains("period=2024-01-02") {
            std::fs::remove_file(file).unwrap();
        }
    }
    let count = "SELECT count(close) FROM candles WHERE";
    for (filter, rows) in [
        ("period = '2024-01-02'", "1407"),
        ("period > '2024-01-01' AND period < '2024-01-03'", "1407"),
        ("period IN ('2024-01-02', '2024-01-08')", "1407"),
        ("open_time >= '2024-01-02T00:00:00Z' AND open_time < '2024-01-03T00:00:00Z'", "1407"),
        ("open_time >= '2024-01-02T23:00:00Z' AND open_time < '2024-01-03T00:00:00Z'", "60"),
        ("date_trunc('day', open_time) = '2024-01-09' AND period LIKE '2024-01-02'", "0"),
        ("symbol = 'BTCUSDT'", "0"),
        ("period IS NULL", "0"),
    ] {
        let sql = format!("{count} {filter}");
        assert_eq!(folder.csv(&sql).await[1], rows, "{filter}");
    }
    for filter in ["true", "close > 0", "period >= '2024-01-02'"] {
        assert!(folder.try_csv(&format!("{count} {filter}")).await.is_err(), "{filter}");
    }
}
