use std::fmt::Write as _;

use crate::folder::{Candle, Folder};

const MINUTE: i64 = 60_000_000;
/// 2024-01-01 00:00 UTC.
const START: i64 = 1_704_067_200_000_000;
const MARKET: &str = "source=binance/symbol=ETHUSDT/interval=1m";
const YEAR: f64 = 365.0 * 86_400e6;

/// Minutes of three days with a hole, prices and volumes that repeat nowhere soon.
pub(crate) fn minutes() -> Vec<Candle> {
    let candle = |at: i64| Candle {
        open_time: START + at * MINUTE,
        close: 2_000 + i128::from((at * 7_919) % 613),
        volume: 1 + i128::from((at * 104_729) % 97),
    };
    (0..3 * 1_440).filter(|at| !(1_700..1_733).contains(at)).map(candle).collect()
}

/// The minutes as they lie in a folder: days, one of them in two parts whose rows alternate.
pub(crate) async fn folder(candles: &[Candle]) -> Folder {
    let folder = Folder::new();
    let is_late = |candle: &Candle| {
        let minute = (candle.open_time - START) / MINUTE;
        minute >= 2 * 1_440 && minute % 2 == 1
    };
    for late in [true, false] {
        let part = candles.iter().copied().filter(|candle| is_late(candle) == late);
        folder.candles(MARKET, &part.collect::<Vec<_>>()).await;
    }
    folder
}

#[tokio::test]
async fn longer_candles_are_made_of_stored_ones_and_say_where_some_are_missing() {
    let candles = minutes();
    let lines = folder(&candles)
        .await
        .csv(
            "SELECT arrow_cast(open_time, 'Int64'), open, high, low, close, volume, quote_volume, \
             trades, complete FROM candles('binance', 'ETHUSDT', '15m') ORDER BY 1",
        )
        .await;
    let mut expected = Vec::new();
    for start in (0..3 * 1_440).step_by(15) {
        let start = START + start * MINUTE;
        let inside = |candle: &&Candle| (start..start + 15 * MINUTE).contains(&candle.open_time);
        let inside: Vec<_> = candles.iter().filter(inside).collect();
        let (Some(first), Some(last)) = (inside.first(), inside.last()) else { continue };
        let highest = inside.iter().map(|candle| candle.close).max().unwrap() as f64 + 0.9;
        let lowest = inside.iter().map(|candle| candle.close).min().unwrap() as f64 - 0.9;
        let volume: i128 = inside.iter().map(|candle| candle.volume).sum();
        let mut line = String::new();
        write!(line, "{start},{:?},{highest:?},{lowest:?}", first.close as f64 - 0.5).unwrap();
        write!(line, ",{:?},{:?},{:?}", last.close as f64, volume as f64, volume as f64 * 2.0)
            .unwrap();
        write!(line, ",{},{}", 3 * inside.len(), inside.len() == 15).unwrap();
        expected.push(line);
    }
    assert_eq!(lines.len() - 1, expected.len());
    assert_eq!(lines[1..], expected);
    assert_eq!(expected.len(), 3 * 96 - 1, "one interval of fifteen minutes has nothing at all");
    let incomplete = expected.iter().filter(|line| line.ends_with("false")).count();
    assert_eq!(incomplete, 2, "the hole begins and ends inside an interval");
}

#[tokio::test]
async fn rolling_features_equal_their_definitions_and_are_null_across_a_hole() {
    let candles = minutes();
    let folder = folder(&candles).await;
    let window = 37_usize;
    let volatility = folder
        .csv(&format!(
            "SELECT realised_volatility FROM realised_volatility('binance', 'ETHUSDT', '1m', \
             '{window}m') ORDER BY open_time"
        ))
        .await;
    let volume = folder
        .csv(&format!(
            "SELECT rolling_volume FROM rolling_volume('binance', 'ETHUSDT', '1m', '{window}m') \
             ORDER BY open_time"
        ))
        .await;
    let returns = folder
        .csv(
            "SELECT log_return, simple_return FROM returns('binance', 'ETHUSDT', '1m') \
             ORDER BY open_time",
        )
        .await;
    assert_eq!([volatility.len(), volume.len(), returns.len()], [candles.len() + 1; 3]);
    for at in 0..candles.len() {
        let consecutive = |count: usize| {
            let first = at.checked_sub(count)?;
            let span = candles[at].open_time - candles[first].open_time;
            (span == count as i64 * MINUTE).then(|| &candles[first..=at])
        };
        let log_return = |pair: &[Candle]| (pair[1].close as f64 / pair[0].close as f64).ln();
        let expected = consecutive(window).map(|span| {
            let squares = span.windows(2).map(|pair| log_return(pair).powi(2));
            (squares.sum::<f64>() / window as f64 * YEAR / MINUTE as f64).sqrt()
        });
        assert_close(&volatility[at + 1], expected, "volatility", at);
        let expected = consecutive(window - 1);
        let expected = expected.map(|span| span.iter().map(|candle| candle.volume).sum::<i128>());
        assert_close(&volume[at + 1], expected.map(|sum| sum as f64), "volume", at);
        let expected = consecutive(1).map(log_return);
        let (log, simple) = returns[at + 1].split_once(',').unwrap();
        assert_close(log, expected, "logarithmic return", at);
        assert_close(simple, expected.map(f64::exp_m1), "return", at);
    }
}

fn assert_close(found: &str, expected: Option<f64>, what: &str, at: usize) {
    // A line of one empty field is quoted.
    let found: Option<f64> = (!matches!(found, "" | "\"\"")).then(|| found.parse().unwrap());
    match found.zip(expected) {
        Some((found, expected)) => {
            let error = (found - expected).abs() / expected.abs().max(1e-6);
            assert!(error < 1e-9, "{what} {at}: {found} is not {expected}");
        }
        None => assert_eq!(found, expected, "{what} {at}"),
    }
}

#[tokio::test]
async fn bounds_of_time_spare_files_and_change_nothing() {
    let folder = folder(&minutes()).await;
    let sql = |bound: &str| {
        format!(
            "SELECT count(*) AS n, sum(realised_volatility) AS s FROM (SELECT * FROM \
             realised_volatility('binance', 'ETHUSDT', '5m', '1h')) {bound}"
        )
    };
    let after = "WHERE open_time >= '2024-01-02T12:00:00Z' AND open_time < '2024-01-03T01:00:00Z'";
    // Seen through a sum, the bound cannot be pushed down.
    let unbounded = "WHERE date_trunc('second', open_time) >= '2024-01-02T12:00:00Z' AND \
                     date_trunc('second', open_time) < '2024-01-03T01:00:00Z'";
    let (bounded, unbounded) = (folder.csv(&sql(after)).await, folder.csv(&sql(unbounded)).await);
    assert_eq!(bounded[1].split_once(',').unwrap().0, "156");
    let sum = |lines: &[String]| lines[1].split_once(',').unwrap().1.parse::<f64>().unwrap();
    assert!((sum(&bounded) / sum(&unbounded) - 1.0).abs() < 1e-9);
}

#[tokio::test]
async fn stored_rows_are_tables_with_the_names_of_their_folders() {
    let folder = folder(&minutes()).await;
    let lines = folder
        .csv(
            "SELECT source, symbol, \"interval\", period, count(*) AS n FROM candles \
             GROUP BY 1, 2, 3, 4 ORDER BY 4",
        )
        .await;
    let day = |day: &str, rows| format!("binance,ETHUSDT,1m,2024-01-{day},{rows}");
    assert_eq!(lines[1..], [day("01", 1_440), day("02", 1_407), day("03", 1_440)]);
}
