use std::fmt::Write as _;

use tidemill_model::{
    BestQuote, BookLevel, BookSnapshot, BookUpdate, Candle, Funding, Interval, MarkPrice, Taker,
    Trade,
};
use tidemill_units::{Decimal, InstantUs};

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn level(price: &str, quantity: &str) -> BookLevel {
    BookLevel { price: decimal(price), quantity: decimal(quantity) }
}

#[test]
fn stream_messages_say_what_the_documents_say() {
    let trade = |id| Trade {
        id,
        time: InstantUs(1_672_515_782_136_000),
        price: decimal("0.001"),
        quantity: decimal("100"),
        taker: Taker::Seller,
    };
    let text = r#"{"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100",
        "b":88,"T":1672515782136,"m":true,"M":true}"#;
    let said = BinanceMessage::Trade { symbol: "BNBBTC".into(), trade: trade(12_345) };
    assert_eq!(parse_stream_message(text), Ok(said.clone()));
    let bare = text.replace("\"0.001\"", "1e-3").replace("\"100\"", "100.0");
    assert_eq!(parse_stream_message(&bare), Ok(said), "bare numbers are the same numbers");
    let text = r#"{"stream":"bnbbtc@aggTrade","data":{"e":"aggTrade","E":1672515782136,
        "s":"BNBBTC","a":5933014,"p":"0.001","q":"100","f":100,"l":105,"T":1672515782136,
        "m":true}}"#;
    let said = BinanceMessage::AggregateTrade { symbol: "BNBBTC".into(), trade: trade(5_933_014) };
    assert_eq!(parse_stream_message(text), Ok(said));
    let text = r#"{"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000",
        "a":"25.36520000","A":"40.66000000"}"#;
    let quote = BestQuote {
        update_id: 400_900_217,
        time: None,
        bid: level("25.3519", "31.21"),
        ask: level("25.3652", "40.66"),
    };
    let said = BinanceMessage::Quote { symbol: "BNBUSDT".into(), quote };
    assert_eq!(parse_stream_message(text), Ok(said));
    let text = r#"{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15000000",
        "i":"11784.62659091","P":"11784.25641265","r":"0.00038167","T":1562306400000}"#;
    let mark = MarkPrice {
        time: InstantUs(1_562_305_380_000_000),
        mark: decimal("11794.15"),
        index: Some(decimal("11784.62659091")),
        expected_funding: Some(decimal("0.00038167")),
    };
    let said = BinanceMessage::Mark { symbol: "BTCUSDT".into(), mark };
    assert_eq!(parse_stream_message(text), Ok(said));
    assert_eq!(
        parse_stream_message(r#"{"result":null,"id":1}"#),
        Ok(BinanceMessage::Answer { error: None })
    );
    let refused = parse_stream_message(r#"{"code":2,"msg":"Invalid request"}"#);
    let error = Some("\"Invalid request\"".to_owned());
    assert_eq!(refused, Ok(BinanceMessage::Answer { error }));
    let closing = parse_stream_message(r#"{"e":"serverShutdown","E":1}"#);
    assert_eq!(closing, Ok(BinanceMessage::Closing));
}

#[test]
fn candles_are_the_same_live_and_asked_for() {
    let candle = Candle {
        open_time: InstantUs(1_672_515_780_000_000),
        open: decimal("0.001"),
        high: decimal("0.0025"),
        low: decimal("0.0005"),
        close: decimal("0.002"),
        volume: decimal("1000"),
        quote_volume: Some(decimal("1.5")),
        trades: Some(100),
    };
    let live = r#"{"e":"kline","E":1672515782136,"s":"BNBBTC","k":{"t":1672515780000,
        "T":1672515839999,"s":"BNBBTC","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020",
        "h":"0.0025","l":"0.0005","v":"1000","n":100,"x":false,"q":"1.5000","V":"500","Q":"0.5",
        "B":"123456"}}"#;
    let said = BinanceMessage::Candle {
        symbol: "BNBBTC".into(),
        interval: Interval::MINUTE,
        candle,
        closed: false,
    };
    assert_eq!(parse_stream_message(live), Ok(said));
    let asked = r#"[[1672515780000,"0.0010","0.0025","0.0005","0.0020","1000",1672515839999,
        "1.5000",100,"500","0.5","0"]]"#;
    assert_eq!(parse_candles(asked), Ok(vec![candle]));
    let micros = asked.replace("1672515780000", "1672515780000000");
    assert_eq!(parse_candles(&micros), Ok(vec![candle]));
}

#[test]
fn answers_say_what_the_documents_say() {
    let funding = r#"[{"symbol":"BTCUSDT","fundingRate":"-0.03750000","fundingTime":1570608000000,
        "markPrice":"34287.54619963"},{"fundingRate":"0.00010000","fundingTime":1570636800000,
        "markPrice":""}]"#;
    let row = |time, rate: &str, mark: Option<&str>| Funding {
        time: InstantUs(time),
        rate: decimal(rate),
        mark_price: mark.map(decimal),
    };
    let said = vec![
        row(1_570_608_000_000_000, "-0.0375", Some("34287.54619963")),
        row(1_570_636_800_000_000, "0.0001", None),
    ];
    assert_eq!(parse_funding(funding), Ok(said));
    let depth = r#"{"lastUpdateId":1027024,"E":1589436922972,"T":1589436922959,
        "bids":[["4.00000000","431.00000000",[]]],"asks":[["4.00000200","12.00000000"]]}"#;
    let said = BookSnapshot {
        last_update_id: 1_027_024,
        bids: vec![level("4", "431")],
        asks: vec![level("4.000002", "12")],
    };
    assert_eq!(parse_depth(depth), Ok(said));
    let trades = r#"[{"id":28457,"price":"4.00000100","qty":"12.00000000","quoteQty":"48.000012",
        "time":1499865549590,"isBuyerMaker":false,"isBestMatch":true}]"#;
    let trade = Trade {
        id: 28_457,
        time: InstantUs(1_499_865_549_590_000),
        price: decimal("4.000001"),
        quantity: decimal("12"),
        taker: Taker::Buyer,
    };
    assert_eq!(parse_trades(trades), Ok(vec![trade]));
    let quote = r#"{"symbol":"LTCBTC","bidPrice":"4.00000000","bidQty":"431.00000000",
        "askPrice":"4.00000200","askQty":"9.00000000"}"#;
    let said =
        BestQuote { update_id: 0, time: None, bid: level("4", "431"), ask: level("4.000002", "9") };
    assert_eq!(parse_best_quote(quote), Ok(said));
    let mark = r#"{"symbol":"BTCUSDT","markPrice":"11793.63104562","indexPrice":"11781.80495970",
        "lastFundingRate":"0.00038246","nextFundingTime":1597392000000,"time":1597370495002}"#;
    assert_eq!(parse_mark_price(mark).unwrap().mark, decimal("11793.63104562"));
}

#[test]
fn what_is_wrong_is_said_with_message_and_field() {
    let depth = r#"{"e":"depthUpdate","E":2,"s":"A","U":1,"u":2,"b":[["1","2"]],"a":[]}"#;
    assert!(parse_stream_message(depth).is_ok());
    let mut said = String::new();
    let texts = [
        depth.replace("\"U\":1,", ""),
        depth.replace("\"U\":1,", "\"U\":null,"),
        depth.replace("\"U\":1", "\"U\":3"),
        depth.replace("\"u\":2", "\"u\":-2"),
        depth.replace("\"u\":2", "\"u\":18446744073709551616"),
        depth.replace("[\"1\",\"2\"]", "[\"1\"]"),
        depth.replace("[\"1\",\"2\"]", "[\"0\",\"2\"]"),
        depth.replace("[\"1\",\"2\"]", "[\"1\",\"-2\"]"),
        depth.replace("[\"1\",\"2\"]", "[\"1\",\"0.1234567890123456789\"]"),
        depth.replace("\"s\":\"A\"", "\"s\":7"),
        depth.replace("depthUpdate", "depthUpgrade"),
        depth.replace("\"E\":2", "\"E\":2,\"E\":3"),
        depth[..40].to_owned(),
        "[]".to_owned(),
    ];
    for text in texts {
        writeln!(said, "{}", parse_stream_message(&text).unwrap_err()).unwrap();
    }
    assert_eq!(said, SAID, "{said}");
}

const SAID: &str = "\
depthUpdate: `U` is missing
depthUpdate: `U` is missing
depthUpdate: `U` is `3`; expected at most `u`
depthUpdate: `u` is `-2`; expected a whole number below 2^64
depthUpdate: `u` is `18446744073709551616`; expected a whole number \
below 2^64
depthUpdate: `b` is `[[\"1\"]]`; expected a list of levels, each a price and a quantity
depthUpdate: `b` is `\"0\"`; expected a price above zero
depthUpdate: `b` is `\"-2\"`; expected zero or more
depthUpdate: `b` is `\"0.1234567890123456789\"`; expected a decimal number with at most 18 digits \
behind the point
depthUpdate: `s` is `7`; expected a text
stream message: `e` is `\"depthUpgrade\"`; expected depthUpdate, trade, \
aggTrade, bookTicker, kline, markPriceUpdate or serverShutdown
stream message: expected a JSON object: `E` stands there twice at line 1 column 30
stream message: expected a JSON object: EOF while parsing a string at line 1 column 40
stream message: expected a JSON object: invalid type: sequence, \
expected an object at line 1 column 0
";

fn snapshot(last_update_id: u64) -> BookSnapshot {
    let bids = vec![level("99", "1"), level("98", "1")];
    BookSnapshot { last_update_id, bids, asks: vec![level("101", "1"), level("102", "1")] }
}

fn update(first: u64, last: u64, previous: Option<u64>, bid: (&str, &str)) -> BookUpdate {
    BookUpdate {
        time: InstantUs(0),
        first_update_id: first,
        last_update_id: last,
        previous_update_id: previous,
        bids: vec![level(bid.0, bid.1)],
        asks: Vec::new(),
    }
}

fn spot() -> BinanceBook {
    BinanceBook::new(BinanceMarket::Spot, BookLimits::default())
}

fn applied(last_update_id: u64) -> BookEvent {
    BookEvent::Applied { last_update_id }
}

#[test]
fn spot_updates_follow_their_numbers() {
    let mut book = spot();
    let early = [(5, 8, "90"), (9, 12, "91"), (13, 13, "92")];
    for (first, last, price) in early {
        let event = book.update(&update(first, last, None, (price, "5")));
        assert_eq!(event, BookEvent::Waiting);
    }
    assert_eq!(book.best(), None);
    let replayed = vec![update(9, 12, None, ("91", "5")), update(13, 13, None, ("92", "5"))];
    let resynced = BookEvent::Resynced { last_update_id: 13, replayed };
    assert_eq!(book.snapshot(&snapshot(10)), resynced);
    let bids: Vec<_> = book.book().unwrap().bids().collect();
    let expected = [("99", "1"), ("98", "1"), ("92", "5"), ("91", "5")];
    assert_eq!(bids, expected.map(|(price, quantity)| level(price, quantity)));
    assert_eq!(book.update(&update(14, 15, None, ("99", "0"))), applied(15));
    assert_eq!(book.best().unwrap().bid, level("98", "1"));
    assert_eq!(book.update(&update(14, 15, None, ("99", "3"))), BookEvent::Old);
    let hole = BookEvent::Gap { expected: 16, found: 17 };
    assert_eq!(book.update(&update(17, 18, None, ("99", "3"))), hole);
    assert_eq!((book.best(), book.last_update_id()), (None, None), "stale levels are not shown");
    let too_old = BookEvent::Gap { expected: 16, found: 17 };
    assert_eq!(book.snapshot(&snapshot(15)), too_old);
    assert_eq!(book.best(), None);
    let replayed = vec![update(17, 18, None, ("99", "3"))];
    let resynced = BookEvent::Resynced { last_update_id: 18, replayed };
    assert_eq!(book.snapshot(&snapshot(16)), resynced);
    assert_eq!(book.best().unwrap().bid, level("99", "3"));
    let overlap = BookEvent::Gap { expected: 19, found: 18 };
    assert_eq!(book.update(&update(18, 20, None, ("99", "4"))), overlap, "only the first may");
}

#[test]
fn the_first_update_behind_a_snapshot_may_come_later() {
    let mut book = spot();
    let nothing = BookEvent::Resynced { last_update_id: 10, replayed: Vec::new() };
    assert_eq!(book.snapshot(&snapshot(10)), nothing);
    assert_eq!(book.update(&update(8, 10, None, ("97", "1"))), BookEvent::Old);
    assert_eq!(book.update(&update(9, 11, None, ("97", "1"))), applied(11));
    assert_eq!(book.update(&update(12, 12, None, ("97", "2"))), applied(12));
}

#[test]
fn futures_updates_follow_the_one_before() {
    let futures = || BinanceBook::new(BinanceMarket::UsdM, BookLimits::default());
    let mut book = futures();
    assert_eq!(book.update(&update(5, 9, Some(4), ("90", "5"))), BookEvent::Waiting);
    assert_eq!(book.update(&update(10, 12, Some(9), ("91", "5"))), BookEvent::Waiting);
    let replayed = vec![update(10, 12, Some(9), ("91", "5"))];
    let resynced = BookEvent::Resynced { last_update_id: 12, replayed };
    assert_eq!(book.snapshot(&snapshot(10)), resynced);
    assert_eq!(book.update(&update(20, 22, Some(12), ("92", "5"))), applied(22), "numbers jump");
    assert_eq!(book.update(&update(20, 22, Some(12), ("92", "5"))), BookEvent::Old);
    let hole = BookEvent::Gap { expected: 22, found: 23 };
    assert_eq!(book.update(&update(24, 25, Some(23), ("92", "5"))), hole);
    assert_eq!(book.best(), None);
    let mut book = futures();
    book.snapshot(&snapshot(10));
    assert_eq!(book.update(&update(8, 9, Some(7), ("97", "1"))), BookEvent::Old);
    assert_eq!(book.update(&update(8, 10, Some(7), ("97", "1"))), applied(10));
    assert_eq!(book.update(&update(13, 14, Some(10), ("97", "1"))), applied(14));
    let mut book = futures();
    book.snapshot(&snapshot(10));
    let hole = BookEvent::Gap { expected: 10, found: 11 };
    assert_eq!(book.update(&update(12, 14, Some(11), ("97", "1"))), hole);
}

#[test]
fn a_book_that_cannot_be_is_unknown() {
    let mut book = spot();
    book.snapshot(&snapshot(10));
    let crossed = BookEvent::Crossed { bid: decimal("101"), ask: decimal("101") };
    assert_eq!(book.update(&update(11, 11, None, ("101", "1"))), crossed);
    assert_eq!(book.best(), None);
    let past = BookEvent::Gap { expected: 11, found: 10 };
    assert_eq!(book.snapshot(&snapshot(10)), past, "the market has moved on since");
    assert_eq!(book.best(), None);
    let mut wrong = snapshot(20);
    wrong.bids.push(level("103", "1"));
    let crossed = BookEvent::Crossed { bid: decimal("103"), ask: decimal("101") };
    assert_eq!(book.snapshot(&wrong), crossed);
    assert_eq!(book.best(), None);
}

#[test]
fn nothing_is_shown_beyond_what_is_known() {
    let limits = BookLimits { told: 2, kept: 3, waiting: 4 };
    let mut book = BinanceBook::new(BinanceMarket::Spot, limits);
    book.snapshot(&snapshot(10));
    assert_eq!(book.update(&update(11, 11, None, ("90", "1"))), applied(11));
    let prices = |book: &BinanceBook| -> Vec<String> {
        book.book().unwrap().bids().map(|bid| bid.price.to_string()).collect()
    };
    assert_eq!(prices(&book), ["99", "98"], "the snapshot did not reach down to 90");
    for (id, price) in [(12, "98.5"), (13, "98.6"), (14, "98.5")] {
        let quantity = if id == 14 { "0" } else { "1" };
        assert_eq!(book.update(&update(id, id, None, (price, quantity))), applied(id));
    }
    assert_eq!(prices(&book), ["99", "98.6"], "98 was let go and is not known any more");
    assert_eq!(book.update(&update(15, 15, None, ("98", "1"))), applied(15));
    assert_eq!(prices(&book), ["99", "98.6"]);
    assert_eq!(book.update(&update(16, 16, None, ("99", "0"))), applied(16));
    assert_eq!(book.update(&update(17, 17, None, ("98.6", "0"))), BookEvent::Exhausted);
    assert_eq!(book.best(), None);
    for id in 30..40 {
        assert_eq!(book.update(&update(id, id, None, ("98", "1"))), BookEvent::Waiting);
    }
    let oldest_went = BookEvent::Gap { expected: 35, found: 36 };
    assert_eq!(book.snapshot(&snapshot(34)), oldest_went, "four wait");
}
