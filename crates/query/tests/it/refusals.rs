use crate::folder::{Candle, Folder};

async fn folder() -> Folder {
    let folder = Folder::new();
    let candles = [Candle { open_time: 0, close: 1, volume: 1 }];
    for interval in ["1m", "1h"] {
        let source = format!("source=binance/symbol=ETHUSDT/interval={interval}");
        folder.candles(&source, &candles).await;
    }
    folder
}

async fn refusal(sql: &str) -> String {
    let session = folder().await.session().await;
    match session.run(sql).await {
        Err(error) => error.to_string(),
        Ok(_) => panic!("not refused: {sql}"),
    }
}

#[tokio::test]
async fn what_is_not_stored_is_named_with_what_is() {
    for (sql, says) in [
        ("SELECT * FROM candles('kraken', 'ETHUSDT', '1m')", "stored: binance"),
        ("SELECT * FROM candles('binance', 'BTCUSDT', '1m')", "stored: ETHUSDT"),
        ("SELECT * FROM candles('binance', 'ETHUSDT', '30s')", "stored: 1h, 1m"),
        ("SELECT * FROM candles('binance', 'ETHUSDT', 'soon')", "interval has to be"),
        ("SELECT * FROM candles('binance', 'ETHUSDT')", "takes (source, symbol, interval), not 2"),
        ("SELECT * FROM candles(1, 'ETHUSDT', '1m')", "source has to be a text"),
        ("SELECT * FROM returns('binance', 'ETHUSDT')", "takes (source, symbol, interval)"),
        (
            "SELECT * FROM realised_volatility('binance', 'ETHUSDT', '1m', '90s')",
            "whole intervals of 1m",
        ),
        ("SELECT * FROM rolling_volume('binance', 'ETHUSDT', '1m', '0m')", "window has to be"),
        ("SELECT * FROM swaps('0x88')", "no pool `0x88` is stored; stored: none"),
        ("SELECT * FROM depth('0x88', 0)", "no pool `0x88`"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELEC 1", "SELEC"),
        ("SELECT nothing FROM candles", "nothing"),
    ] {
        let refusal = refusal(sql).await;
        assert!(refusal.contains(says), "{sql}\n{refusal}");
        assert_eq!(refusal.lines().count(), 1, "one line: {refusal}");
    }
}

#[tokio::test]
async fn nothing_can_be_changed_or_written() {
    for sql in [
        "CREATE TABLE t AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "DROP TABLE candles",
        "INSERT INTO candles SELECT * FROM candles",
        "COPY candles TO '/tmp/tidemill-copied.csv'",
        "SET datafusion.execution.batch_size = 1",
    ] {
        let refusal = refusal(sql).await;
        assert!(refusal.contains("not supported") || refusal.contains("not allowed"), "{refusal}");
    }
    assert!(!std::path::Path::new("/tmp/tidemill-copied.csv").exists());
}
