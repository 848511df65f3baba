use tidemill_units::InstantUs;

use crate::{Dataset, Partition, Source};

#[test]
fn a_source_is_read_back_from_its_folder() {
    for text in [
        "candles/source=binance/symbol=ETHUSDT/interval=1m",
        "pool_events/chain=1/pool=0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640",
        "series/source=deribit/name=eth_dvol",
        "blocks/chain=42161/source=node",
    ] {
        let source: Source = text.parse().unwrap();
        assert_eq!(source.to_string(), text);
        assert_eq!(format!("{text}/").parse::<Source>().unwrap(), source);
    }
}

#[test]
fn names_that_cannot_be_folders_are_refused() {
    for (text, says) in [
        ("candle/source=a", "a dataset's name first"),
        ("candles/symbol=ETHUSDT/source=binance/interval=1m", "in order"),
        ("candles/source=binance/symbol=ETHUSDT", "one value for each level"),
        ("candles/source=../symbol=ETHUSDT/interval=1m", "not beginning with"),
        ("candles/source=a b/symbol=ETHUSDT/interval=1m", "letters, digits"),
        ("candles/source=a/symbol=ETHUSDT/interval=60s", "longest unit"),
        ("funding/source=a/symbol=x/period=2024", "in order"),
        ("pool_events/chain=01/pool=0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640", "plain digits"),
        ("pool_events/chain=1/pool=0x88E6a0c2ddd26feeb64f039a2c41296fcb3f5640", "lower-case"),
    ] {
        let error = text.parse::<Source>().unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}

#[test]
fn a_row_lies_in_its_day_or_its_year() {
    let time = |micros| Some(InstantUs(micros));
    let minute: Source = "candles/source=a/symbol=b/interval=1m".parse().unwrap();
    let hour: Source = "candles/source=a/symbol=b/interval=1h".parse().unwrap();
    let name = |source: &Source, micros| source.partition(time(micros)).unwrap().to_string();
    assert_eq!(name(&minute, 86_400_000_000 - 1), "period=1970-01-01");
    assert_eq!(name(&minute, 86_400_000_000), "period=1970-01-02");
    assert_eq!(name(&minute, -1), "period=1969-12-31");
    assert_eq!(name(&hour, -1), "period=1969");
    let series = Source::new(Dataset::Series, &["a", "b"]).unwrap();
    assert_eq!(name(&series, 0), "period=1970");
    assert_eq!(series.partition(None).unwrap(), Partition::UNKNOWN_DAY);
    assert_eq!(minute.partition(time(i64::MAX)), None);
}

#[test]
fn a_partition_is_read_back_from_its_folder_and_spans_its_days() {
    for name in ["period=2024-02-29", "period=2024", "period=__HIVE_DEFAULT_PARTITION__"] {
        assert_eq!(Partition::named(name).unwrap().to_string(), name);
    }
    for name in ["period=2024-2-29", "period=24", "period=2023-02-29", "month=2", "day"] {
        assert_eq!(Partition::named(name), None, "{name}");
    }
    let day = Partition::named("period=2024-02-29").unwrap();
    let (from, to) = day.span().unwrap();
    assert_eq!(to.us_since(from), Some(86_400_000_000));
    assert_eq!(Partition::day_of(from), Some(day));
    let year = Partition::named("period=2024").unwrap().span().unwrap();
    assert_eq!(year.1.us_since(year.0), Some(366 * 86_400_000_000));
}
