//! Rows to write, of every dataset.

use std::fmt::Debug;

use tidemill_catalogue::{
    Answered, Block, BookRow, Catalogue, Dataset, PoolBar, PoolSnapshot, Range, Record, Seen,
    SeriesInfo, SeriesValue, Source,
};
use tidemill_model::{
    BestQuote, BookLevel, BookSnapshot, BookUpdate, Bytes32, Candle, Funding, MarkPrice,
    Observation, Taker, Trade,
};
use tidemill_store::PoolDescription;
use tidemill_units::{
    Amount, Amounts, BlockNumber, Decimal, FeeGrowth, Gas, GasPrice, InstantUs, Liquidity,
    SignedAmount, SqrtPrice, Tick, U256,
};

use crate::crash::bytes_of;
use crate::s3;
use crate::s3_server::S3Server;

pub(crate) const DAY_US: i64 = 86_400_000_000;
pub(crate) const MINUTE_US: i64 = 60_000_000;
/// 2024-01-05 00:00:00 UTC.
pub(crate) const START_US: i64 = 1_704_412_800_000_000;

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn minutes() -> Source {
    "candles/source=binance/symbol=ETHUSDT/interval=1m".parse().unwrap()
}

/// The candle of a minute counted from the start, whose prices tell which one it is.
pub(crate) fn candle(minute: i64) -> Candle {
    let price = Decimal::from_raw((200_000 + i128::from(minute)) * 10_i128.pow(16));
    Candle {
        open_time: InstantUs(START_US + minute * MINUTE_US),
        open: price,
        high: price,
        low: price,
        close: price,
        volume: Decimal::ONE,
        quote_volume: (minute % 3 == 0).then_some(price),
        trades: (minute % 2 == 0).then_some(7),
    }
}

pub(crate) fn candles(minutes: impl IntoIterator<Item = i64>) -> Vec<Candle> {
    minutes.into_iter().map(candle).collect()
}

/// What the answer to an interval of minutes covers.
pub(crate) fn answered(from: i64, to: i64) -> Answered {
    Answered::span(START_US + from * MINUTE_US, START_US + to * MINUTE_US)
}

/// Writes rows in two parts, the later first, and reads them back before and after compaction, from
/// a disk and from an object store.
fn check<R: Record + Debug>(source: &str, frame: &R::Frame, rows: &[R]) {
    let folder = tempfile::tempdir().unwrap();
    let on_disk = Catalogue::create(&folder.path().display().to_string()).unwrap();
    let source: Source = source.parse().unwrap();
    block_on(written_and_read(&on_disk, &source, frame, rows));
    // The server keeps what it knows of an object in a file named by its key, and those of a pool's
    // parts are too long for that.
    if source.value("pool").is_none() {
        let server = S3Server::start(true);
        block_on(written_and_read(&s3::open(&server, "data"), &source, frame, rows));
        assert_eq!(s3::objects(&server, "data"), bytes_of(folder.path()), "{source}");
    }
}

async fn written_and_read<R: Record + Debug>(
    data: &Catalogue,
    source: &Source,
    frame: &R::Frame,
    rows: &[R],
) {
    let mut writer = data.writer::<R>(source, frame.clone()).await.unwrap();
    let (one, other) = rows.split_at(rows.len() / 2);
    for part in [other, one, rows] {
        writer.append(part.to_vec(), &Answered::default()).await.unwrap();
    }
    for _ in 0..2 {
        let read = data.read::<R>(source, Range::All).await.unwrap();
        assert_eq!(read.collect().await.unwrap(), rows, "{source}");
        writer.compact().await.unwrap();
    }
    let manifest = data.manifest(source).await.unwrap();
    assert_eq!(manifest.rows(), u64::try_from(rows.len()).unwrap());
    assert_eq!(manifest.files.len(), manifest.partitions().len());
    assert_eq!(data.sources().await.unwrap(), std::slice::from_ref(source));
    assert!(data.frame::<R>(source).await.unwrap() == *frame);
    assert_eq!(data.schema(source).await.unwrap(), R::schema(frame));
    let key = R::DATASET.key_column();
    for column in [key, R::DATASET.time_column()] {
        assert!(R::schema(frame).column_with_name(column).is_some(), "{source}: {column}");
    }
}

#[test]
fn rows_of_every_dataset_come_back() {
    let time = |day: i64, us: i64| InstantUs(START_US + day * DAY_US + us);
    check("candles/source=a/symbol=b/interval=1m", &(), &candles([0, 1, 1439, 1440, 9000]));
    let level = |price, quantity| BookLevel { price: decimal(price), quantity: decimal(quantity) };
    let trade = |id, day, taker| Seen {
        sent: Trade {
            id,
            time: time(day, 5),
            price: decimal("1.5"),
            quantity: decimal("2"),
            taker,
        },
        seen_at: (id % 2 == 0).then_some(time(day, 9)),
    };
    let trades = [trade(1, 0, Taker::Buyer), trade(2, 0, Taker::Seller), trade(3, 1, Taker::Buyer)];
    check("trades/source=a/symbol=b", &(), &trades);
    let quote = |update_id, told: bool| Seen {
        sent: BestQuote {
            update_id,
            time: told.then_some(time(0, 3)),
            bid: level("99.9", "1"),
            ask: level("100.1", "0.000000000000000001"),
        },
        seen_at: Some(time(1, 4)),
    };
    check("quotes/source=a/symbol=b", &(), &[quote(4, true), quote(9, false)]);
    let snapshot = BookSnapshot {
        last_update_id: 10,
        bids: vec![level("99", "1"), level("98", "2")],
        asks: vec![level("101", "3")],
    };
    let update = |last_update_id, bids: &[BookLevel]| BookUpdate {
        time: time(0, 8),
        first_update_id: 8,
        last_update_id,
        previous_update_id: Some(7),
        bids: bids.to_vec(),
        asks: Vec::new(),
    };
    let book = [
        BookRow::of_update(&update(10, &[level("99", "0")]), Some(time(0, 1))),
        BookRow::of_snapshot(&snapshot, Some(time(0, 2))),
        BookRow::of_update(&update(11, &[]), None),
    ];
    check("book/source=a/symbol=b", &(), &book.concat());
    let funding = |day, mark: Option<&str>| Funding {
        time: time(day, 0),
        rate: decimal("-0.0001"),
        mark_price: mark.map(decimal),
    };
    check("funding/source=a/symbol=b", &(), &[funding(0, None), funding(400, Some("2000"))]);
    let mark = |day, index: Option<&str>| MarkPrice {
        time: time(day, 0),
        mark: decimal("2000.1"),
        index: index.map(decimal),
        expected_funding: index.map(|_| decimal("0.0001")),
    };
    check("marks/source=a/symbol=b", &(), &[mark(0, None), mark(1, Some("1999.9"))]);
}

#[test]
fn series_keep_every_vintage_and_item() {
    let value = |day: i64, published: i64, item: &str, value| SeriesValue {
        item: item.into(),
        observation: Observation {
            time: InstantUs(START_US + day * DAY_US),
            published_at: InstantUs(START_US + published * DAY_US),
            value: decimal(value),
        },
    };
    let rows = [
        value(0, 1, "", "1"),
        value(0, 2, "", "1.5"),
        value(1, 2, "gauge a", "-3"),
        value(1, 2, "gauge b", "4"),
        value(400, 401, "", "99999999999999999999.999999999999999999"),
    ];
    check("series/source=a/name=b", &SeriesInfo { unit: "USD".to_owned() }, &rows);
}

#[test]
fn rows_of_pools_and_blocks_come_back() {
    let block = |number, told: bool| Block {
        number: BlockNumber(number),
        time: told.then_some(InstantUs(START_US)),
        hash: told.then_some(Bytes32([7; 32])),
        parent_hash: told.then_some(Bytes32([6; 32])),
        base_fee: told.then_some(GasPrice(9)),
        gas_price: (!told).then_some(GasPrice(25_119_592_326)),
        gas_used: told.then_some(Gas(21_000)),
    };
    check("blocks/chain=1/source=node", &(), &[block(1, true), block(2, false), block(3, true)]);
    let snapshot = |block| PoolSnapshot {
        block: BlockNumber(block),
        time: InstantUs(START_US),
        sqrt_price: "79228162514264337593543950336".parse::<SqrtPrice>().unwrap(),
        tick: Tick(-198_448),
        liquidity: Liquidity(u128::MAX),
        fee_growth: [FeeGrowth(U256::MAX), FeeGrowth::ZERO],
    };
    let pool = "chain=42161/pool=0xc6962004f452be9203591991d15f6b388e09e8d0";
    check(&format!("pool_states/{pool}"), &(), &[snapshot(5), snapshot(6)]);
    let bar = |minute: i64| PoolBar {
        open_time: InstantUs(START_US + minute * MINUTE_US),
        open: Tick(5),
        high: Tick(4),
        low: Tick(-3),
        close: Tick(2),
        net: ["-5".parse::<SignedAmount>().unwrap(), "6".parse().unwrap()],
        paid_in: Amounts { amount0: Amount::MAX, amount1: Amount::from_u64(3) },
        liquidity: Liquidity(8),
    };
    check(&format!("pool_bars/{pool}/interval=1m"), &(), &[bar(0), bar(1), bar(3000)]);
}

#[test]
fn a_recorded_week_of_a_pool_comes_back_from_its_days() {
    let tape = tidemill_store::sample().unwrap();
    let source = Source::of_pool(&tape.header);
    assert_eq!(source.dataset(), Dataset::PoolEvents);
    let pool = PoolDescription::Concentrated(tape.header.clone());
    check(&source.to_string(), &pool, &tape.events);
}
