use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tidemill_model::{Candle, Taker};
use tidemill_units::InstantUs;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::binance::{open_aggregate_trades, open_candles, open_funding, open_quotes, open_trades};
use crate::kraken::{open_kraken_candles, open_kraken_prints};

/// As spot wrote it until the end of 2024, from 2025 on, and as futures write it.
const MILLIS: &str = "1601510340000,4.15070000,4.15870000,4.15060000,4.15540000,539.23000000,\
1601510399999,2240.39860900,13,401.82000000,1669.98121300,0\n";
const MICROS: &str = "1601510340000000,4.15070000,4.15870000,4.15060000,4.15540000,539.23000000,\
1601510399999999,2240.39860900,13,401.82000000,1669.98121300,0\n";
const HEADER: &str = "open_time,open,high,low,close,volume,close_time,quote_volume,count,\
taker_buy_volume,taker_buy_quote_volume,ignore\n";

fn candle() -> Candle {
    let decimal = |text: &str| text.parse().unwrap();
    Candle {
        open_time: InstantUs(1_601_510_340_000_000),
        open: decimal("4.1507"),
        high: decimal("4.1587"),
        low: decimal("4.1506"),
        close: decimal("4.1554"),
        volume: decimal("539.23"),
        quote_volume: Some(decimal("2240.398609")),
        trades: Some(13),
    }
}

fn zipped(members: &[(&str, &str)], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(*name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn deflated(text: &str) -> Vec<u8> {
    zipped(&[("table.csv", text)], CompressionMethod::Deflated)
}

/// A folder with one file of that name.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// All candles, or the first error without the folder's name.
fn candles(name: &str, bytes: &[u8], options: DumpOptions<'_>) -> Result<Vec<Candle>, String> {
    let (folder, path) = file(name, bytes);
    let said = |error: DumpError| {
        let folder = format!("{}/", folder.path().display());
        error.to_string().replace(&folder, "")
    };
    open_candles(&path, options).map_err(&said)?.collect::<Result<_, _>>().map_err(&said)
}

fn whole(name: &str, bytes: &[u8]) -> Result<Vec<Candle>, String> {
    candles(name, bytes, DumpOptions::default())
}

#[test]
fn every_layout_says_the_same() {
    let expected = Ok(vec![candle(), candle()]);
    for text in [MILLIS.repeat(2), MICROS.repeat(2), format!("{HEADER}{MILLIS}{MICROS}")] {
        assert_eq!(whole("ETHUSDT-1m-2020-10.zip", &deflated(&text)), expected);
        let stored = zipped(&[("table.csv", &text)], CompressionMethod::Stored);
        assert_eq!(whole("stored.zip", &stored), expected);
        assert_eq!(whole("table.csv", text.as_bytes()), expected);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(text.as_bytes()).unwrap();
        assert_eq!(whole("table.csv.gz", &packed.finish().unwrap()), expected);
    }
    let several = zipped(&[("a.csv", "no"), ("b/c.csv", MILLIS)], CompressionMethod::Deflated);
    let options = DumpOptions { member: Some("b/c.csv"), ..DumpOptions::default() };
    assert_eq!(candles("several.zip", &several, options), Ok(vec![candle()]));
    assert_eq!(whole("empty.zip", &deflated("")), Ok(Vec::new()));
}

#[test]
fn every_table_is_read() {
    let options = DumpOptions::default();
    let text = "26129,0.01633102,4.70443515,27781,27782,1498793709153,true,True\n";
    let (_folder, path) = file("aggTrades.csv", text.as_bytes());
    let row = open_aggregate_trades(&path, options).unwrap().next().unwrap().unwrap();
    assert_eq!((row.trade.id, row.first_trade_id, row.last_trade_id), (26_129, 27_781, 27_782));
    assert_eq!((row.trade.taker, row.trade.time.0), (Taker::Seller, 1_498_793_709_153_000));
    let text = "id,price,qty,quote_qty,time,is_buyer_maker\n\
                51175358,17.8018,5.69,101.292242,1583709433583,False\n";
    let (_folder, path) = file("trades.csv", text.as_bytes());
    let row = open_trades(&path, options).unwrap().next().unwrap().unwrap();
    assert_eq!((row.id, row.taker, row.time.0), (51_175_358, Taker::Buyer, 1_583_709_433_583_000));
    let text = "calc_time,funding_interval_hours,last_funding_rate\n1704067200008,8,-0.00037409\n";
    let (_folder, path) = file("fundingRate.csv", text.as_bytes());
    let row = open_funding(&path, options).unwrap().next().unwrap().unwrap();
    assert_eq!((row.time.0, row.rate.to_string()), (1_704_067_200_008_000, "-0.00037409".into()));
    let text = "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,\
                transaction_time,event_time\n7,2.5,1,2.75,3,1704067200008,1704067200010\n";
    let (_folder, path) = file("bookTicker.csv", text.as_bytes());
    let row = open_quotes(&path, options).unwrap().next().unwrap().unwrap();
    assert_eq!((row.update_id, row.ask.price.to_string()), (7, "2.75".to_owned()));
    let text = "1381095240,122.0,122.5,121.5,122.0,0.1,1\n";
    let (_folder, path) = file("XBTUSD_1.csv", text.as_bytes());
    let row = open_kraken_candles(&path, options).unwrap().next().unwrap().unwrap();
    assert_eq!((row.open_time.0, row.trades), (1_381_095_240_000_000, Some(1)));
    let (_folder, path) = file("XBTUSD.csv", b"1381095255.5,122.0,0.1\n");
    let row = open_kraken_prints(&path, options).unwrap().next().unwrap().unwrap();
    assert_eq!((row.time.0, row.price.to_string()), (1_381_095_255_500_000, "122".to_owned()));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let row = |from: &str, to: &str| MILLIS.repeat(2) + &MILLIS.replace(from, to);
    let mut damaged = deflated(&MILLIS.repeat(50));
    let stored = zipped(&[("a.csv", MILLIS)], CompressionMethod::Stored);
    let flipped: Vec<u8> = {
        let at = stored.windows(4).position(|part| part == b"4.15").unwrap();
        let mut bytes = stored.clone();
        bytes[at] = b'5';
        bytes
    };
    let half = stored[..stored.len() / 2].to_vec();
    damaged[60] ^= 0xff;
    let two = zipped(&[("a.csv", MILLIS), ("b.csv", "")], CompressionMethod::Deflated);
    let said = [
        whole("a.csv", row("13,", "-13,").as_bytes()).unwrap_err(),
        whole("a.csv", row("4.15070000", "0").as_bytes()).unwrap_err(),
        whole("a.csv", row(",0\n", "").replace("539.23000000", "").as_bytes()).unwrap_err(),
        whole("a.csv", b"1601510340000,4.1\n").unwrap_err(),
        whole("a.csv", b"id,price,qty,quote_qty,time,is_buyer_maker\n").unwrap_err(),
        whole("flipped.zip", &flipped).unwrap_err(),
        whole("two.zip", &two).unwrap_err(),
        whole("none.zip", &zipped(&[], CompressionMethod::Stored)).unwrap_err(),
        whole("a.txt", b"").unwrap_err(),
    ];
    assert_eq!(said.join("\n"), SAID);
    assert!(whole("half.zip", &half).unwrap_err().starts_with("half.zip: the archive cannot be"));
    assert!(whole("damaged.zip", &damaged).is_err());
    let small = DumpOptions { largest: 200, ..DumpOptions::default() };
    for name in ["a.csv", "a.zip"] {
        let text = MILLIS.repeat(3);
        let bytes = if name == "a.zip" { deflated(&text) } else { text.into_bytes() };
        let said = candles(name, &bytes, small).unwrap_err();
        assert!(said.ends_with("the table has more than 200 bytes"), "{said}");
    }
    let missing = DumpOptions { member: Some("b.csv"), ..DumpOptions::default() };
    let said = candles("a.zip", &deflated(MILLIS), missing).unwrap_err();
    assert_eq!(said, "a.zip: the archive has no file b.csv");
}

const SAID: &str = "\
a.csv, row 3: klines: `count` is `-13`; expected a whole number below 2^64
a.csv, row 3: klines: `open` is `0`; expected a price above zero
a.csv, row 1: klines: `volume` is ``; expected a decimal number with at most 18 digits behind \
the point
a.csv, row 1: the columns begin with `1601510340000,4.1`; a table of klines has open_time,open,\
high,low,close,volume,close_time,quote_volume,count
a.csv, row 1: the columns begin with `id,price,qty,quote_qty,time,is_buyer_maker`; a table of \
klines has open_time,open,high,low,close,volume,close_time,quote_volume,count
flipped.zip, row 1: the archive is damaged: its content is not what its checksum says
two.zip: the archive has 2 files; say which, or give one with one file
none.zip: the archive has 0 files; say which, or give one with one file
a.txt: allowed are names ending in .csv, .csv.gz or .zip, and members of the last";

#[test]
fn the_published_hash_is_held_against_the_file() {
    let bytes = deflated(MILLIS);
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let (folder, path) = file("ETHUSDT-1m-2020-10.zip", &bytes);
    let beside = folder.path().join("ETHUSDT-1m-2020-10.zip.CHECKSUM");
    let open = || open_candles(&path, DumpOptions::default()).map(Iterator::count);
    fs::write(&beside, format!("{hash}  ETHUSDT-1m-2020-10.zip\n")).unwrap();
    assert_eq!(open().unwrap(), 1);
    fs::write(&beside, format!("{}  ETHUSDT-1m-2020-10.zip\n", "0".repeat(64))).unwrap();
    let fault = open().unwrap_err().fault;
    assert!(matches!(fault, DumpFault::Sha256 { found, .. } if found == hash));
    fs::write(&beside, "not found").unwrap();
    assert!(matches!(open().unwrap_err().fault, DumpFault::NoSha256));
}

#[test]
fn no_damage_passes_unseen() {
    let text = MILLIS.repeat(40);
    let bytes = deflated(&text);
    let expected = vec![candle(); 40];
    let mut wrong = 0;
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << (at % 8);
        match whole("table.zip", &bytes) {
            Ok(rows) => assert_eq!(rows, expected, "byte {at}"),
            Err(_) => wrong += 1,
        }
    }
    assert!(wrong > bytes.len() / 4, "{wrong} of {}", bytes.len());
}
