use tidemill_model::{BookLevel, Interval, Taker};
use tidemill_units::InstantUs;

use super::*;

/// The worked example of Kraken's "Book checksum (WebSocket v2)".
const SNAPSHOT: &str = r#"{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[
{"price":45283.5,"qty":0.10000000},{"price":45283.4,"qty":1.54582015},
{"price":45282.1,"qty":0.10000000},{"price":45281.0,"qty":0.10000000},
{"price":45280.3,"qty":1.54592586},{"price":45279.0,"qty":0.07990000},
{"price":45277.6,"qty":0.03310103},{"price":45277.5,"qty":0.30000000},
{"price":45277.3,"qty":1.54602737},{"price":45276.6,"qty":0.15445238}],"asks":[
{"price":45285.2,"qty":0.00100000},{"price":45286.4,"qty":1.54571953},
{"price":45286.6,"qty":1.54571109},{"price":45289.6,"qty":1.54560911},
{"price":45290.2,"qty":0.15890660},{"price":45291.8,"qty":1.54553491},
{"price":45294.7,"qty":0.04454749},{"price":45296.1,"qty":0.35380000},
{"price":45297.5,"qty":0.09945542},{"price":45299.5,"qty":0.18772827}],
"checksum":3310070434}]}"#;

fn book_message(text: &str) -> KrakenBookMessage {
    let Ok(KrakenMessage::Book(mut messages)) = parse_kraken_message(text) else {
        panic!("{text}")
    };
    messages.pop().unwrap()
}

/// An update that takes the best ask away and brings the next one into view.
fn update(checksum: u32) -> KrakenBookMessage {
    book_message(&format!(
        r#"{{"channel":"book","type":"update","data":[{{"symbol":"BTC/USD","bids":[],"asks":[
            {{"price":45285.2,"qty":0.00000000}},{{"price":45300.0,"qty":1.00000000}}],
            "checksum":{checksum},"timestamp":"2023-10-06T17:35:55.440295Z"}}]}}"#
    ))
}

#[test]
fn the_documents_checksum_is_ours() {
    let mut book = KrakenBook::new(10);
    let event = book.message(&book_message(SNAPSHOT), InstantUs(7));
    let KrakenBookEvent::Resynced(snapshot) = event else { panic!("{event:?}") };
    assert_eq!((snapshot.last_update_id, snapshot.bids.len(), snapshot.asks.len()), (7, 10, 10));
    // zlib.crc32 of the concatenated digits after the update.
    let event = book.message(&update(UPDATED), InstantUs(8));
    let KrakenBookEvent::Applied(update_seen) = event else { panic!("{event:?}") };
    assert_eq!(update_seen.time, InstantUs(1_696_613_755_440_295));
    assert_eq!(update_seen.first_update_id, 8);
    assert_eq!(update_seen.last_update_id, 1_696_613_755_440_295);
    let best = book.best().unwrap();
    assert_eq!(best.ask.price.to_string(), "45286.4");
    assert_eq!(book.book().unwrap().asks().count(), 10);
    let event = book.message(&update(1), InstantUs(9));
    let KrakenBookEvent::Checksum { expected: 1, found } = event else { panic!("{event:?}") };
    assert_ne!(found, 1);
    assert_eq!(book.best(), None, "stale levels are not shown");
    assert_eq!(book.message(&update(UPDATED), InstantUs(9)), KrakenBookEvent::Waiting);
}

const UPDATED: u32 = 1_475_402_238;

#[test]
fn a_wrong_level_is_seen_by_the_checksum() {
    let mut book = KrakenBook::new(10);
    let wrong = book_message(&SNAPSHOT.replace("1.54582015", "1.54582016"));
    let event = book.message(&wrong, InstantUs(7));
    assert!(matches!(event, KrakenBookEvent::Checksum { expected: 3_310_070_434, .. }));
}

#[test]
fn trades_and_candles_are_read() {
    let text = r#"{"channel":"trade","type":"update","data":[{"symbol":"MATIC/USD","side":"buy",
        "price":0.5147,"qty":6423.46326,"ord_type":"limit","trade_id":4665846,
        "timestamp":"2023-09-25T07:48:36.925533Z"}]}"#;
    let Ok(KrakenMessage::Trades(trades)) = parse_kraken_message(text) else { panic!() };
    let (symbol, trade) = &trades[0];
    assert_eq!((symbol.as_str(), trade.id, trade.taker), ("MATIC/USD", 4_665_846, Taker::Buyer));
    assert_eq!(trade.quantity.to_string(), "6423.46326");
    assert_eq!(trade.time, InstantUs(1_695_628_116_925_533));
    let text = r#"{"channel":"ohlc","type":"update","timestamp":"2023-10-04T16:26:30.524394914Z",
        "data":[{"symbol":"MATIC/USD","open":0.5624,"high":0.5628,"low":0.5622,"close":0.5627,
        "trades":12,"volume":30927.68066226,"vwap":0.5626,
        "interval_begin":"2023-10-04T16:25:00.000000000Z","interval":5,
        "timestamp":"2023-10-04T16:30:00.000000Z"}]}"#;
    let Ok(KrakenMessage::Candles(candles)) = parse_kraken_message(text) else { panic!() };
    assert_eq!(Some(candles[0].interval), Interval::from_us(300_000_000));
    assert_eq!(candles[0].candle.volume.to_string(), "30927.68066226");
    assert_eq!(candles[0].candle.open_time, InstantUs(1_696_436_700_000_000));
    let alive = parse_kraken_message(r#"{"channel":"heartbeat"}"#);
    assert_eq!(alive, Ok(KrakenMessage::Alive));
    let refused = r#"{"error":"Currency pair not supported","method":"subscribe","success":false}"#;
    let error = Some("\"Currency pair not supported\"".to_owned());
    assert_eq!(parse_kraken_message(refused), Ok(KrakenMessage::Answer { error }));
}

#[test]
fn answers_are_read() {
    let text = r#"{"error":[],"result":{"XXBTZUSD":[["30243.40000","0.34507674",
        1688669597.8277369,"b","m","",61044952]],"last":"1688671969993150842"}}"#;
    let page = parse_kraken_trades(text).unwrap();
    assert_eq!(page.last, 1_688_671_969_993_150_842);
    assert_eq!(page.rows[0].time, InstantUs(1_688_669_597_827_737), "never earlier");
    assert_eq!(page.rows[0].id, 61_044_952);
    let text = r#"{"error":[],"result":{"XXBTZUSD":[[1688671200,"30306.1","30306.2","30305.7",
        "30305.7","30306.1","3.39243896",23]],"last":1688672160}}"#;
    let page = parse_kraken_candles(text).unwrap();
    assert_eq!(page.rows[0].open_time, InstantUs(1_688_671_200_000_000));
    assert_eq!(page.rows[0].trades, Some(23));
    let text = r#"{"error":[],"result":{"XXBTZUSD":{"asks":[["30384.10000","2.059",1688671659]],
        "bids":[["30297.00000","1.115",1688671636]]}}}"#;
    let depth = parse_kraken_depth(text).unwrap();
    let ask = BookLevel { price: "30384.1".parse().unwrap(), quantity: "2.059".parse().unwrap() };
    assert_eq!(depth.asks, [ask]);
    let errors = answers::kraken_errors(r#"{"error":["EQuery:Unknown asset pair"]}"#);
    assert_eq!(errors, Ok(vec!["EQuery:Unknown asset pair".to_owned()]));
    let missing = text.replace("\"asks\"", "\"ask\"");
    let said = parse_kraken_depth(&missing).unwrap_err().to_string();
    assert_eq!(said, "Depth: `asks` is missing");
}
