//! Damaged messages: refused or read, never a panic.

use tidemill_feed_cex::binance::{
    parse_aggregate_trades, parse_best_quote, parse_candles, parse_depth, parse_funding,
    parse_mark_price, parse_stream_message, parse_trades,
};
use tidemill_feed_cex::kraken::{
    KrakenBook, KrakenMessage, parse_kraken_candles, parse_kraken_depth, parse_kraken_message,
    parse_kraken_trades,
};
use tidemill_units::InstantUs;

use crate::support::{Numbers, recording};

/// What all parsers are tried with, besides the recording.
const SEEDS: [&str; 9] = [
    r#"{"stream":"a@kline_1m","data":{"e":"kline","E":1,"s":"A","k":{"t":60000,"T":119999,"s":"A",
        "i":"1m","o":"1","c":"2","h":"2","l":"1","v":"3","n":4,"x":true,"q":"5"}}}"#,
    r#"{"e":"depthUpdate","E":2,"T":1,"s":"A","U":157,"u":160,"pu":149,"b":[["0.1","1"]],"a":[]}"#,
    r#"{"e":"markPriceUpdate","E":1,"s":"A","p":"1.5","i":"1.4","P":"1","r":"-0.0001","T":2}"#,
    r#"[[1499040000000,"0.1","0.8","0.1","0.2","14",1499644799999,"24",308,"17","28","0"]]"#,
    r#"[{"a":26129,"p":"0.01","q":"4.7","f":27781,"l":27781,"T":1498793709153,"m":true}]"#,
    r#"{"channel":"book","type":"snapshot","data":[{"symbol":"A/B","bids":[{"price":45283.5,
        "qty":0.10000000}],"asks":[{"price":45285.2,"qty":0.00100000}],"checksum":3310070434}]}"#,
    r#"{"channel":"trade","type":"update","data":[{"symbol":"A/B","side":"sell","price":5.1e-1,
        "qty":6.4,"trade_id":46,"timestamp":"2023-09-25T07:48:36.925533Z"}]}"#,
    r#"{"error":[],"result":{"XXBTZUSD":[["30243.4","0.3","1688669597.8277369","b","m","",6]],
        "last":"1688671969993150842"}}"#,
    r#"{"error":[],"result":{"A":[[1688671200,"3.1","3.2","3.1","3.2","3.1","0.2",21]],"last":1}}"#,
];

#[test]
fn damaged_messages_never_panic() {
    let seed = 0x7469_6465;
    println!("seed {seed}");
    let mut numbers = Numbers(seed);
    let mut texts: Vec<String> = SEEDS.iter().map(|&seed| seed.to_owned()).collect();
    let recorded = recording("spot_ethusdt_20240808.jsonl.gz").unwrap_or_default();
    texts.extend(recorded.into_iter().step_by(400).map(|line| line.text));
    let mut read = 0_usize;
    for text in &texts {
        read += usize::from(try_all(text));
        for _ in 0..200 {
            let mut bytes = text.clone().into_bytes();
            for _ in 0..=numbers.below(3) {
                damage(&mut bytes, &mut numbers);
            }
            try_all(&String::from_utf8_lossy(&bytes));
        }
    }
    assert_eq!(read, texts.len(), "every message is read by a parser while it is whole");
}

fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    const LETTERS: &[u8] = b"\"{}[]:,.-+eE0129 \\\x00\xff";
    if bytes.is_empty() {
        return;
    }
    let at = numbers.below(bytes.len());
    let letter = LETTERS[numbers.below(LETTERS.len())];
    match numbers.below(5) {
        0 => bytes[at] = letter,
        1 => bytes.insert(at, letter),
        2 => drop(bytes.remove(at)),
        3 => bytes.truncate(at),
        _ => {
            let end = (at + numbers.below(40)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

/// Whether any parser takes it.
fn try_all(text: &str) -> bool {
    let mut book = KrakenBook::new(10);
    if let Ok(KrakenMessage::Book(messages)) = parse_kraken_message(text) {
        for message in messages {
            book.message(&message, InstantUs(0));
        }
    }
    [
        parse_stream_message(text).is_ok(),
        parse_candles(text).is_ok(),
        parse_aggregate_trades(text).is_ok(),
        parse_trades(text).is_ok(),
        parse_depth(text).is_ok(),
        parse_best_quote(text).is_ok(),
        parse_funding(text).is_ok(),
        parse_mark_price(text).is_ok(),
        parse_kraken_message(text).is_ok(),
        parse_kraken_candles(text).is_ok(),
        parse_kraken_trades(text).is_ok(),
        parse_kraken_depth(text).is_ok(),
    ]
    .contains(&true)
}
