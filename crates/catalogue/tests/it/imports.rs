//! Recorded files of every known layout are imported, and the reports name what their READMEs do.

use std::collections::BTreeMap;
use std::path::Path;

use tidemill_catalogue::import::{Import, ImportReport, PRESETS, Preset};
use tidemill_catalogue::verify::{Check, Finding, Severity, SourceReport, Verify};
use tidemill_catalogue::{Catalogue, Range, SeriesValue, Source};

use crate::crash::bytes_of;
use crate::recorded_data::recorded;
use crate::rows::block_on;

pub(crate) fn new_data() -> (tempfile::TempDir, Catalogue) {
    let folder = tempfile::tempdir().unwrap();
    let data = Catalogue::create(&folder.path().display().to_string()).unwrap();
    (folder, data)
}

fn import(data: &Catalogue, file: &Path, preset: &str, set: &[(&str, &str)]) -> ImportReport {
    let layout = Preset::layout(preset).unwrap();
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let settings: BTreeMap<_, _> = set.iter().map(own).collect();
    let import = Import { file, layout: &layout, settings: &settings };
    let mut last = None;
    let report = block_on(import.run(data, &mut |progress| last = Some(progress)));
    let report = report.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(last.unwrap().rows, report.rows);
    report
}

fn verify(data: &Catalogue, source: &str, against: Option<&str>) -> SourceReport {
    let source: Source = source.parse().unwrap();
    let against: Option<Source> = against.map(|against| against.parse().unwrap());
    let verify = Verify { data, source: &source, against: against.as_ref() };
    block_on(verify.run(&mut |_| {})).unwrap_or_else(|error| panic!("{error}"))
}

fn of(report: &SourceReport, check: Check) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.check == check).collect()
}

#[test]
fn every_known_layout_is_well_formed() {
    for preset in &PRESETS {
        let layout = Preset::layout(preset.name).unwrap_or_else(|error| panic!("{error}"));
        assert!(layout.dataset().is_some(), "{}", preset.name);
    }
}

#[test]
fn hourly_candles_have_the_gaps_their_source_names() {
    let Some(file) = recorded("prices-binance-1h/ETHUSDT_1h.csv.gz") else { return };
    let (folder, data) = new_data();
    let report = import(&data, &file, "binance-1h", &[("symbol", "ETHUSDT")]);
    assert_eq!((report.rows, report.rounded), (52_106, 0));
    assert_eq!((report.sources[0].rows, report.sources[0].gaps), (52_106, 28));
    let source = "candles/source=binance/symbol=ETHUSDT/interval=1h";
    let checked = verify(&data, source, None);
    let gaps = of(&checked, Check::Gap);
    assert_eq!(gaps.len(), 28, "{gaps:#?}");
    assert!(gaps.iter().all(|gap| gap.what.contains("not in ETHUSDT_1h.csv.gz")), "{gaps:#?}");
    assert_eq!(gaps.iter().map(|gap| gap.count).max(), Some(33), "34 hours between two opens");
    assert_eq!(checked.rows, 52_106);
    assert_eq!(checked.findings.iter().filter(|f| f.severity == Severity::Error).count(), 0);
    let before = bytes_of(folder.path());
    let again = import(&data, &file, "binance-1h", &[("symbol", "ETHUSDT")]);
    assert_eq!((again.sources[0].rows, again.sources[0].duplicates), (0, 52_106));
    assert_eq!(bytes_of(folder.path()), before);
    let Some(minutes) = recorded("prices-binance-1m/2021_ETHUSDT_1m.csv.gz") else { return };
    import(&data, &minutes, "binance-minutes", &[("symbol", "ETHUSDT"), ("interval", "1m")]);
    let fine = "candles/source=binance/symbol=ETHUSDT/interval=1m";
    let checked = verify(&data, fine, Some(source));
    let gaps = of(&checked, Check::Gap);
    let [gap] = gaps.as_slice() else { panic!("{gaps:#?}") };
    assert_eq!(gap.count, 270, "4.5 hours: {gap:#?}");
    assert!(gap.what.contains("up to 2021-08-13 06:30:00"), "{gap:#?}");
    let second = of(&checked, Check::SecondSource);
    let [second] = second.as_slice() else { panic!("{second:#?}") };
    assert!(second.what.starts_with("0 of 832 intervals of 1h differ"), "{}", second.what);
}

#[test]
fn five_minute_candles_have_the_gap_their_source_names_and_no_other() {
    let windows = [
        ("2021_ETHUSDT_5m", "ETHUSDT", Some("up to 2021-02-11 05:00:00")),
        ("2022_ETHUSDT_5m", "ETHUSDT", None),
        ("2024_BTCUSDT_5m", "BTCUSDT", None),
    ];
    for (name, symbol, gap) in windows {
        let Some(file) = recorded(&format!("prices-binance-1m/{name}.csv.gz")) else { return };
        let (_folder, data) = new_data();
        let set = [("symbol", symbol), ("interval", "5m")];
        assert_eq!(import(&data, &file, "binance-minutes", &set).rows, 10_000);
        let source = format!("candles/source=binance/symbol={symbol}/interval=5m");
        let checked = verify(&data, &source, None);
        let gaps = of(&checked, Check::Gap);
        assert_eq!(gaps.len(), usize::from(gap.is_some()), "{name}: {gaps:#?}");
        for (found, gap) in gaps.iter().zip(gap) {
            assert!(found.what.contains(gap) && found.count == 15, "75 minutes: {found:#?}");
        }
    }
}

#[test]
fn a_year_of_hours_and_of_perpetuals_has_no_gap() {
    let Some(file) = recorded("prices-binance-1h-2025/ETHUSDT_1h.csv.gz") else { return };
    let (_folder, data) = new_data();
    let report = import(&data, &file, "binance-1h-trades", &[("symbol", "ETHUSDT")]);
    assert_eq!((report.rows, report.sources[0].gaps), (8_761, 0));
    let Some(file) = recorded("perp-funding-multi-venue-2025/binance_perp_1h.csv.gz") else {
        return;
    };
    let report = import(&data, &file, "binance-perpetual-1h", &[]);
    assert_eq!(report.rows, 2 * 8_736);
    assert_eq!(
        report.sources.iter().map(|s| (s.rows, s.gaps)).collect::<Vec<_>>(),
        [(8_736, 0); 2]
    );
    for source in ["source=binance/symbol=ETHUSDT", "source=binance-perpetual/symbol=ETH"] {
        let checked = verify(&data, &format!("candles/{source}/interval=1h"), None);
        assert_eq!(of(&checked, Check::Gap), [] as [&Finding; 0]);
    }
}

#[test]
fn minutes_of_a_pool_have_ten_holes_and_the_quirk_of_their_source() {
    let name = "univ3-polygon-usdc-weth-500-minute/minute_2022-07-19_2022-08-22.csv.gz";
    let Some(file) = recorded(name) else { return };
    let (_folder, data) = new_data();
    let report = import(&data, &file, "demeter-polygon-minutes", &[]);
    assert_eq!(report.rows, 50_390);
    let checked = verify(&data, &report.sources[0].source.to_string(), None);
    let gaps = of(&checked, Check::Gap);
    assert_eq!(gaps.iter().map(|gap| gap.count).sum::<u64>(), 10);
    assert_eq!(gaps.len(), 7, "the first minutes of seven days: {gaps:#?}");
    let quirk = of(&checked, Check::Consistency);
    let [quirk] = quirk.as_slice() else { panic!("{quirk:#?}") };
    assert!(quirk.what.contains("6.7 % of 49219 intervals with trades"), "{}", quirk.what);
    let short = checked.days.iter().filter(|day| day.expected.is_some_and(|all| day.rows < all));
    assert!(short.count() >= 6);
}

#[test]
fn daily_pools_are_series_and_what_is_past_every_column_is_a_gap() {
    let Some(file) = recorded("univ3-daily-pools/link-weth-3000.csv.gz") else { return };
    let (_folder, data) = new_data();
    let report = import(&data, &file, "univ3-daily", &[("pool", "link-weth-3000")]);
    assert_eq!((report.rows, report.unfit, report.sources.len()), (1_674, 1, 8));
    assert_eq!(report.rounded, 13_388, "prices have up to 36 digits");
    let checked = verify(&data, "series/source=univ3-subgraph/name=link-weth-3000.high", None);
    let gaps = of(&checked, Check::Gap);
    let [gap] = gaps.as_slice() else { panic!("{gaps:#?}") };
    assert!(gap.what.contains("340256786540325233929710090404719700000"), "{gap:#?}");
    assert_eq!((checked.rows, gap.place.as_str()), (1_673, "2021-05-05 00:00:00"));
    let checked = verify(&data, "series/source=univ3-subgraph/name=link-weth-3000.tvl_usd", None);
    assert_eq!((checked.rows, checked.findings.len()), (1_674, 0));
}

#[test]
fn three_sets_of_funding_are_imported() {
    let Some(file) = recorded("perp-funding-multi-venue-2025/funding.csv.gz") else { return };
    let (_folder, data) = new_data();
    let report = import(&data, &file, "funding-venues", &[]);
    assert_eq!((report.rows, report.sources.len(), report.rounded), (68_601, 21, 30_929));
    let rows = |venue: &str| -> u64 {
        let of_venue = report.sources.iter().filter(|s| s.source.value("source") == Some(venue));
        of_venue.map(|source| source.rows).sum()
    };
    assert_eq!(
        ["binance", "bybit", "dydx", "hyperliquid", "kraken", "lighter", "okx"].map(rows),
        [3_276, 3_276, 3_000, 26_208, 26_181, 5_811, 849]
    );
    let Some(folder) = recorded("funding-and-volatility") else { return };
    let hourly = folder.join("btc_hyperliquid_funding_hourly.csv");
    let report = import(&data, &hourly, "funding-hyperliquid", &[("symbol", "BTC")]);
    assert_eq!(report.rows, 1_100);
    let report = import(&data, &folder.join("btc_funding_daily.csv"), "funding-daily", &[]);
    assert_eq!((report.rows, report.sources.len()), (2_348, 2));
    let report = import(&data, &folder.join("eth_dvol_hourly.csv.gz"), "dvol", &[]);
    assert_eq!((report.rows, report.sources.len()), (4_991, 2));
    let source: Source = "series/source=binance/name=btc_funding_mean".parse().unwrap();
    let rows = block_on(async {
        data.read::<SeriesValue>(&source, Range::All).await.unwrap().collect().await.unwrap()
    });
    let first = rows[0].observation;
    assert_eq!(first.published_at.us_since(first.time), Some(86_400_000_000));
    assert_eq!(first.value.to_string(), "0.0001");
}

#[test]
fn costs_bribes_and_gas_are_imported() {
    let Some(file) = recorded("bridge-deposit-costs-2023-09/deposits.csv.gz") else { return };
    let (_folder, data) = new_data();
    let report = import(&data, &file, "bridge-costs", &[]);
    let rows: Vec<_> = report.sources.iter().map(|source| source.rows).collect();
    // Of 24 deposits the file does not say what ETH was worth.
    assert_eq!((report.rows, rows), (1_955, vec![1_931, 1_955]));
    let Some(file) = recorded("rewards-stakedao-bounties/gauge_rewards.csv.gz") else { return };
    let report = import(&data, &file, "stakedao-bribes", &[]);
    assert_eq!((report.rows, report.sources.len()), (5_750, 3));
    // Some amounts are in smallest units, and 711 of them pass 10^20.
    let rows: Vec<_> = report.sources.iter().map(|source| source.rows).collect();
    assert_eq!((report.unfit, rows), (711, vec![5_039, 4_641, 4_641]));
    let checked = verify(&data, "series/source=stakedao/name=reward_amount", None);
    assert_eq!(of(&checked, Check::Place), [] as [&Finding; 0]);
    assert!(of(&checked, Check::Gap)[0].what.contains("cvx/0x"), "{:#?}", checked.findings);
    let Some(folder) = recorded("gas-mainnet-2024-01") else { return };
    let file = folder.join("block_gas_price_gwei.csv.gz");
    let report = import(&data, &file, "gas-price-gwei", &[("source", "swap-blocks")]);
    assert_eq!(report.sources[0].rows, 97_820);
    let checked = verify(&data, "blocks/chain=1/source=swap-blocks", None);
    let gaps = of(&checked, Check::Gap);
    let [gap] = gaps.as_slice() else { panic!("{gaps:#?}") };
    assert_eq!(gap.count, 19_088_049 - 18_908_896 + 1 - 97_820);
    assert!(gap.what.contains("(45.3 %)"), "{}", gap.what);
    let file = folder.join("block_tx_gas_stats.csv");
    let report = import(&data, &file, "gas-block-stats", &[("source", "block-stats")]);
    assert_eq!(report.sources[0].rows, 1_043);
    let checked = verify(&data, "blocks/chain=1/source=block-stats", None);
    let gaps = of(&checked, Check::Gap);
    let [gap] = gaps.as_slice() else { panic!("{gaps:#?}") };
    assert!(gap.what.contains("in 9 ranges"), "{}", gap.what);
}

#[test]
fn a_fortnight_of_a_pool_is_imported_and_near_the_market() {
    let set = "univ3-arbitrum-weth-usdc-500-2025-07";
    let Some(folder) = recorded(set) else { return };
    let (_folder, data) = new_data();
    let preset = "arbitrum-weth-usdc-500";
    let report = import(&data, &folder.join("events.csv.zst"), preset, &[]);
    assert_eq!((report.rows, report.sources[0].rows), (378_511, 378_511));
    let pool = report.sources[0].source.to_string();
    let checked = verify(&data, &pool, None);
    assert_eq!((checked.rows, checked.days.len()), (378_511, 15));
    let (gaps, clock) = (of(&checked, Check::Gap), of(&checked, Check::Clock));
    assert!(gaps.is_empty() && clock.is_empty(), "{gaps:#?} {clock:#?}");
    let address = "0xc6962004f452be9203591991d15f6b388e09e8d0";
    let states = folder.join("hourly_states.csv");
    let report = import(&data, &states, "pool-states", &[("chain", "42161"), ("pool", address)]);
    assert_eq!(report.sources[0].rows, 334);
    let Some(file) = recorded("prices-binance-1h-2025/ETHUSDT_1h.csv.gz") else { return };
    import(&data, &file, "binance-1h-trades", &[("symbol", "ETHUSDT")]);
    let source = "candles/source=binance/symbol=ETHUSDT/interval=1h";
    let second = verify(&data, source, Some(&pool));
    let second = of(&second, Check::SecondSource);
    let [second] = second.as_slice() else { panic!("{second:#?}") };
    assert_eq!((second.severity, second.count), (Severity::Note, 0), "{}", second.what);
    assert!(second.what.starts_with("0 of 335 closes"), "{}", second.what);
}
