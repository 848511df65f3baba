//! Price series: read to the unit, and refused with file, row and reason.

use tidemill_store::{PricedAt, read_price_series, read_time};
use tidemill_units::Amount;

const HEADER: &str = "time_utc,price_quote\n";

fn read(text: &str, decimals: u8) -> Result<Vec<PricedAt>, String> {
    read_price_series("prices.csv", text.as_bytes(), decimals).map_err(|error| error.to_string())
}

fn at(time: &str, price: u128) -> PricedAt {
    PricedAt { time: read_time(time).unwrap(), price: Amount::from_u128(price) }
}

#[test]
fn prices_are_raw_units_of_the_quote_token() {
    let text = format!("{HEADER}2024-12-01 00:00:00,12.5\n2024-12-01 00:00:01,0\n");
    let series = [at("2024-12-01 00:00:00", 12_500_000), at("2024-12-01 00:00:01", 0)];
    assert_eq!(read(&text, 6).unwrap(), series);
    assert_eq!(read(text.trim_end(), 6).unwrap(), series, "without a last line break");
    let windows = text.replace('\n', "\r\n");
    assert_eq!(read(&windows, 6).unwrap(), series, "with line breaks of Windows");
    assert_eq!(read(&text, 18).unwrap()[0].price, Amount::from_u128(12_500_000_000_000_000_000));
}

#[test]
fn times_are_civil_and_in_utc() {
    let first = read_time("2024-12-01 00:00:11").unwrap();
    assert_eq!(first.0, 1_733_011_211);
    for wrong in
        ["", "2024-12-01", "2024-12-01T00:00:00", "2024-02-30 00:00:00", "1969-12-31 23:59:59"]
    {
        let said = read_time(wrong).unwrap_err().to_string();
        assert!(said.contains("a UTC time as YYYY-MM-DD HH:MM:SS, from 1970 on"), "{said}");
    }
}

#[test]
fn every_fault_names_file_and_row() {
    let two = format!("{HEADER}2024-12-01 00:00:00,1\n");
    let cases = [
        ("", "prices.csv: the header is not `time_utc,price_quote`"),
        ("price_quote,time_utc\n", "prices.csv: the header is not `time_utc,price_quote`"),
        (HEADER, "prices.csv: there is no price in it"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text, 6).unwrap_err(), expected, "{text:?}");
    }
    let order = "time_utc is not later than that of the row before";
    for (row, fault) in [
        ("2024-12-01 00:00:00,2", order),
        ("2024-11-30 00:00:00,2", order),
        ("yesterday,2", "time_utc `yesterday` is not allowed; expected a UTC time"),
        ("2024-12-02 00:00:00", "`2024-12-02 00:00:00` is not a time and a price"),
        ("2024-12-02 00:00:00,", "`2024-12-02 00:00:00,` is not a time and a price, separated"),
        ("2024-12-02 00:00:00,-1", "price_quote is not a decimal number of whole quote tokens: "),
        ("2024-12-02 00:00:00,0.0000001", "price_quote is not a decimal number"),
        ("2024-12-02 00:00:00,1,1", "price_quote is not a decimal number"),
    ] {
        let said = read(&format!("{two}{row}\n"), 6).unwrap_err();
        assert!(said.starts_with(&format!("prices.csv: row 2: {fault}")), "{said}");
    }
}
