//! Files of feeds: what is read, exactly, and what is refused, with its row.

use tidemill_model::{FeedItem, Interval, Taker};
use tidemill_store::{FeedFile, FeedFileKind, FeedRow};
use tidemill_units::{Decimal, InstantUs};

/// 2024-12-01 00:00:00 UTC.
const START: i64 = 1_733_011_200_000_000;

fn read(text: &[u8], kind: FeedFileKind) -> Result<Vec<FeedRow>, String> {
    let file = FeedFile::open(String::from("feed.csv"), text, kind);
    let rows = file.map_err(|error| error.to_string())?;
    rows.map(|row| row.map_err(|error| error.to_string())).collect()
}

fn one(text: &str, kind: FeedFileKind) -> FeedRow {
    let rows = read(text.as_bytes(), kind).unwrap();
    let [row] = rows[..] else { panic!("{rows:?}") };
    row
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn every_kind_is_read_as_it_is_written() {
    let text = "open_time,open,high,low,close,volume,trades,seen_at\r\n\
                2024-12-01 01:00:00,2,3.5,1,2.5,7,9,2024-12-01 02:00:00.000012\r\n";
    let row = one(text, FeedFileKind::Candles(Interval::HOUR));
    let FeedItem::Candle { interval, candle } = row.item else { panic!("{row:?}") };
    assert_eq!(interval, Interval::HOUR);
    assert_eq!(candle.open_time, InstantUs(START + 3_600_000_000));
    let prices = [candle.open, candle.high, candle.low, candle.close, candle.volume];
    assert_eq!(prices, ["2", "3.5", "1", "2.5", "7"].map(decimal));
    assert_eq!((candle.quote_volume, candle.trades), (None, Some(9)));
    assert_eq!(row.seen_at, Some(InstantUs(START + 7_200_000_012)));
    assert_eq!(row.item.known_from(), Some(InstantUs(START + 7_200_000_000)));

    let text = "id,time,price,quantity,taker\n7,2024-12-01 00:00:00.5,10.25,0.001,seller\n";
    let row = one(text, FeedFileKind::Trades);
    let FeedItem::Trade(trade) = row.item else { panic!("{row:?}") };
    assert_eq!((trade.id, trade.time), (7, InstantUs(START + 500_000)));
    assert_eq!([trade.price, trade.quantity], ["10.25", "0.001"].map(decimal));
    assert_eq!((trade.taker, row.seen_at), (Taker::Seller, None));

    let text = "update_id,time,bid_price,bid_quantity,ask_price,ask_quantity,seen_at\n\
                3,,1,2,3,4,2024-12-01 00:00:00\n";
    let row = one(text, FeedFileKind::Quotes);
    let FeedItem::Quote(quote) = row.item else { panic!("{row:?}") };
    assert_eq!((quote.update_id, quote.time), (3, None));
    let levels = [quote.bid.price, quote.bid.quantity, quote.ask.price, quote.ask.quantity];
    assert_eq!(levels, ["1", "2", "3", "4"].map(decimal));

    let text = "time,rate,mark_price\n2024-12-01 00:00:00,-0.0001,\n";
    let row = one(text, FeedFileKind::Funding);
    let FeedItem::Funding(funding) = row.item else { panic!("{row:?}") };
    assert_eq!((funding.rate, funding.mark_price), (decimal("-0.0001"), None));

    let text = "time,mark,expected_funding\n2024-12-01 00:00:00,5,0.1\n";
    let row = one(text, FeedFileKind::Marks);
    let FeedItem::Mark(mark) = row.item else { panic!("{row:?}") };
    assert_eq!((mark.mark, mark.index), (decimal("5"), None));
    assert_eq!(mark.expected_funding, Some(decimal("0.1")));

    let text = "time,published_at,value\n2024-11-01 00:00:00,2024-12-01 00:00:00,-3.25\n";
    let row = one(text, FeedFileKind::Series);
    let FeedItem::Observation(value) = row.item else { panic!("{row:?}") };
    assert_eq!((value.published_at, value.value), (InstantUs(START), decimal("-3.25")));
    assert_eq!(row.item.known_from(), Some(InstantUs(START)));
}

#[test]
fn what_cannot_be_is_refused_with_its_row() {
    let trades = "id,time,price,quantity,taker\n";
    let quotes = "update_id,time,bid_price,bid_quantity,ask_price,ask_quantity\n";
    for (head, row, kind, expected) in [
        (trades, "1,2024-12-01 00:00:00,0,1,buyer", FeedFileKind::Trades, "price or quantity"),
        (trades, "1,2024-12-01 00:00:00,1,-1,buyer", FeedFileKind::Trades, "price or quantity"),
        (trades, "1,2024-12-01 00:00:00,1,1,maker", FeedFileKind::Trades, "taker is `maker`"),
        (trades, "-1,2024-12-01 00:00:00,1,1,buyer", FeedFileKind::Trades, "id "),
        (trades, ",2024-12-01 00:00:00,1,1,buyer", FeedFileKind::Trades, "id "),
        (trades, "1,,1,1,buyer", FeedFileKind::Trades, "time "),
        (trades, "1,2024-12-01 00:00:00.,1,1,buyer", FeedFileKind::Trades, "time "),
        (trades, "1,2024-12-01 00:00:00.1234567,1,1,buyer", FeedFileKind::Trades, "time "),
        (trades, "1,2024-12-01 00:00:00,1e3,1,buyer", FeedFileKind::Trades, "price "),
        (trades, "1,2024-12-01 00:00:00,,1,buyer", FeedFileKind::Trades, "price "),
        (quotes, "1,2024-12-01 00:00:00,3,1,2,1", FeedFileKind::Quotes, "bid_price is not"),
        (quotes, "1,,1,1,2,1", FeedFileKind::Quotes, "neither time nor seen_at"),
    ] {
        let refused = read(format!("{head}{row}\n").as_bytes(), kind).unwrap_err();
        assert!(refused.starts_with(&format!("feed.csv: row 1: {expected}")), "{row}: {refused}");
    }
    let later =
        format!("{trades}1,2024-12-01 00:00:01,1,1,buyer\n2,2024-12-01 00:00:00,1,1,buyer\n");
    let refused = read(later.as_bytes(), FeedFileKind::Trades).unwrap_err();
    assert_eq!(refused, "feed.csv: row 2: it became known before the row before it");
    for head in ["", "time,price", "id,time,price,quantity,taker,other", "time,id,price"] {
        let refused = read(head.as_bytes(), FeedFileKind::Trades).unwrap_err();
        assert!(refused.starts_with("feed.csv: the header is not `id,time,price"), "{refused}");
    }
    let refused = read(trades.as_bytes(), FeedFileKind::Trades).unwrap_err();
    assert_eq!(refused, "feed.csv: there is nothing in it");
}

/// Whatever the bytes, reading ends in rows or in one error, and says no more after it.
#[test]
fn any_bytes_end_in_rows_or_an_error() {
    let good = "open_time,open,high,low,close,volume\n2024-12-01 00:00:00,2,3,1,2,1\n\
                2024-12-01 01:00:00,2,3,1,2,1\n";
    let kind = FeedFileKind::Candles(Interval::HOUR);
    for place in 0..good.len() {
        for byte in [0, b',', b'\n', b'9', b'-', b'.', 0xff] {
            let mut bytes = good.as_bytes().to_vec();
            bytes[place] = byte;
            let Ok(rows) = FeedFile::open(String::from("x"), bytes.as_slice(), kind) else {
                continue;
            };
            let rows: Vec<_> = rows.collect();
            let failed = rows.iter().position(Result::is_err);
            assert!(failed.is_none_or(|failed| failed + 1 == rows.len()), "{rows:?}");
        }
        let cut = FeedFile::open(String::from("x"), &good.as_bytes()[..place], kind);
        drop(cut.map(|rows| rows.collect::<Vec<_>>()));
    }
}
