//! Chains of options as a venue's book summaries tell them.

use tidemill_model::OptionKind;
use tidemill_store::{read_option_chain, read_option_chain_file};
use tidemill_units::{InstantUs, Timestamp};

use crate::recorded_data::recorded;

const HEADER: &str = "mid_price,creation_timestamp,underlying_price,mark_price,ask_price,bid_price,\
                      instrument_name,expire_date,strike_price,option_type";
const PUT: &str =
    "0.0007,1704712781414,2241.65,8.53e-04,0.001,0.0004,ETH-26JAN24-1200-P,26JAN24,1200,P";

#[test]
fn a_row_is_an_option_with_prices_in_its_coin() {
    let unquoted = PUT.replace("0.001,0.0004", ",").replace("26JAN24", "9JAN24");
    let text = format!("{HEADER}\n{PUT}\n{unquoted}\n");
    let chain = read_option_chain("options.csv", text.as_bytes()).unwrap();
    let [quoted, unquoted] = chain.as_slice() else { panic!("{chain:?}") };
    assert_eq!((quoted.name.as_str(), quoted.kind), ("ETH-26JAN24-1200-P", OptionKind::Put));
    // 2024-01-26 and 2024-01-09, 08:00 UTC.
    assert_eq!(quoted.expiry, Timestamp(1_706_256_000));
    assert_eq!(unquoted.expiry, Timestamp(1_704_787_200));
    assert_eq!(quoted.quoted_at, InstantUs(1_704_712_781_414_000));
    let decimal = |text: &str| text.parse().unwrap();
    assert_eq!((quoted.strike, quoted.future), (decimal("1200"), decimal("2241.65")));
    assert_eq!(quoted.mark, decimal("0.000853"));
    assert_eq!((quoted.bid, quoted.ask), (Some(decimal("0.0004")), Some(decimal("0.001"))));
    assert_eq!((unquoted.bid, unquoted.ask), (None, None));
}

#[test]
fn what_is_wrong_with_a_chain_is_said_with_its_row_and_column() {
    let said = |text: String| read_option_chain("options.csv", text.as_bytes()).unwrap_err();
    let no_strike = HEADER.replace("strike_price", "strike");
    let expected = "options.csv: the header has no column `strike_price`";
    assert_eq!(said(format!("{no_strike}\n{PUT}\n")).to_string(), expected);
    assert!(said(String::new()).to_string().contains("no column `instrument_name`"));
    for (from, to, column, found, expected) in [
        (",1200,P", ",1200,X", "option_type", "X", "C or P"),
        (",1200,P", ",0,P", "strike_price", "0", "a decimal number above zero"),
        ("P,26JAN24", "P,31FEB24", "expire_date", "31FEB24", "a day such as 26JAN24"),
        ("P,26JAN24", "P,26Jan24", "expire_date", "26Jan24", "a day such as 26JAN24"),
        ("1704712781414", "now", "creation_timestamp", "now", "milliseconds since 1970"),
        ("2241.65", "-1", "underlying_price", "-1", "a decimal number above zero"),
        ("8.53e-04", "", "mark_price", "", "a decimal number of zero or more"),
        ("8.53e-04", "-0.1", "mark_price", "-0.1", "a decimal number of zero or more"),
        ("0.0004", "0", "bid_price", "0", "a decimal number above zero"),
        ("0.001,", "x,", "ask_price", "x", "a decimal number above zero"),
    ] {
        let row = PUT.replacen(from, to, 1);
        let message = format!("options.csv: row 2, column {column}: `{found}` is not {expected}");
        assert_eq!(said(format!("{HEADER}\n{PUT}\n{row}\n")).to_string(), message);
    }
    let short = said(format!("{HEADER}\n1,2\n")).to_string();
    assert!(short.contains("row 1") && short.ends_with("as many fields as the header"), "{short}");
}

/// 342 calls and as many puts; of 408 both sides are quoted, and none is crossed.
#[test]
fn the_recorded_chain_is_read_whole() {
    let Some(path) = recorded("deribit-eth-options-2024-01-08/options.csv") else { return };
    let chain = read_option_chain_file(&path).unwrap();
    assert_eq!(chain.len(), 684);
    assert_eq!(chain.iter().filter(|option| option.kind == OptionKind::Call).count(), 342);
    let sides = chain.iter().filter_map(|option| option.bid.zip(option.ask));
    assert_eq!(sides.clone().count(), 408);
    assert!(sides.clone().all(|(bid, ask)| bid < ask));
    let expiries: std::collections::BTreeSet<_> = chain.iter().map(|it| it.expiry).collect();
    assert_eq!(expiries.len(), 11);
}
