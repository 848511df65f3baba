//! Runs at exchanges alone, and the classic rule that takes liquidity.

use std::fmt::Write as _;
use std::io::Read as _;

use flate2::read::GzDecoder;
use tempfile::TempDir;
use tidemill_model::{EventBody, Intent, OutcomeKind};
use tidemill_replay::{
    Backtest, BacktestConfig, ConfigError, OwnedSource, Setup, backtest, record_journal,
};
use tidemill_store::time_text;
use tidemill_units::{SignedAmount, Timestamp};

use crate::recorded_data::recorded;

const HEAD: &str = r#"
tape = "none"
quote = "USDT"

[[token]]
symbol = "USDT"
decimals = 6

[[token]]
symbol = "BTC"
decimals = 8

[[feed]]
name = "btcusdt"
kind = "candles"
file = "minutes.csv"
interval = "1m"

[[exchange]]
name = "binance"
deposit = "100000"
commission_bps = 10
half_spread_bps = 0
latency_ms = 0

[[exchange.instrument]]
name = "BTCUSDT"
kind = "spot"
base = "BTC"
prices = "btcusdt"
step = "0.00001"

[limits]
max_loss_quote = "100000"
"#;

const BUY: &str = r#"
[[strategy]]
kind = "threshold_buy"
feed = "btcusdt"
below = "19000"
quantity = "0.01"
"#;

/// A file of minutes that closed at these prices.
fn minutes(closes: &[u32]) -> String {
    let mut file = String::from("open_time,open,high,low,close,volume\n");
    for (minute, close) in (0..).zip(closes) {
        let time = time_text(Timestamp(1_655_262_000 + minute * 60));
        writeln!(file, "{time},{close},{close},{close},{close},1").unwrap();
    }
    file
}

fn resolve(toml: &str, file: &str) -> Result<(Setup, OwnedSource, TempDir), ConfigError> {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("minutes.csv"), file).unwrap();
    let mut config = BacktestConfig::from_toml(toml)?;
    let source = OwnedSource::Exchanges(config.own_tokens()?);
    config.read_files(folder.path(), &source)?;
    let setup = config.resolve(&source)?;
    Ok((setup, source, folder))
}

fn ran(toml: &str, file: &str) -> Backtest {
    let (setup, source, _folder) = resolve(toml, file).unwrap();
    backtest(&source, setup, &|_| {}).unwrap()
}

fn raw(amount: i128) -> SignedAmount {
    SignedAmount::from_i128(amount)
}

/// Five minutes, two of them under the threshold once three are known: twice 0.01 BTC is bought.
#[test]
fn it_buys_a_fixed_size_at_each_close_under_the_threshold() {
    let file = minutes(&[18_000, 20_000, 18_500, 18_000, 21_000, 22_000]);
    let backtest = ran(&format!("{HEAD}{BUY}window = 3\n"), &file);
    let run = &backtest.runs[0];
    let bought = run.record.actions.iter().filter(|action| action.what == "buy");
    let bought: Vec<_> = bought.map(|action| action.detail.as_str()).collect();
    // 0.01 BTC at 18,500 and at 18,000, and a thousandth of that for the exchange.
    let [first, second] = bought[..] else { panic!("{bought:?}") };
    assert_eq!(first, "1000000 raw units of BTCUSDT for 185000000, commission 185000");
    assert_eq!(second, "1000000 raw units of BTCUSDT for 180000000, commission 180000");
    // 100,000 - 365 - 0.365, and 0.02 BTC at 22,000.
    let settlement = &run.record.settlement;
    assert_eq!(settlement.final_value, raw(100_074_635_000));
    assert_eq!(settlement.hold_value, raw(100_000_000_000));
    assert_eq!((settlement.identity.gas, settlement.identity.fees), (raw(0), raw(0)));
    assert!(settlement.identity.holds());
    assert_eq!(settlement.commission, raw(365_000));
}

#[test]
fn it_stops_at_what_it_may_hold_in_all() {
    let file = minutes(&[18_000; 20]);
    let backtest = ran(&format!("{HEAD}{BUY}window = 3\nmax_total = \"0.05\"\n"), &file);
    let bought = backtest.runs[0].record.actions.iter().filter(|action| action.what == "buy");
    assert_eq!(bought.count(), 5);
}

/// Nothing depends on what comes later, and another run is the same to the digest.
#[test]
fn a_shorter_file_changes_no_decision_before_its_end() {
    let closes: Vec<u32> = (0..300).map(|minute| 18_600 + minute * 7_919 % 800).collect();
    let toml = format!("{HEAD}{BUY}window = 20\n");
    let orders = |closes: &[u32]| {
        let (setup, source, _folder) = resolve(&toml, &minutes(closes)).unwrap();
        let (journal, digest) = record_journal(&source, &setup, &setup.strategies[0]).unwrap();
        let outcomes = journal.events.into_iter().filter_map(|event| {
            let EventBody::Outcome(outcome) = event.body else { return None };
            Some((event.seen_at, outcome.kind))
        });
        (outcomes.collect::<Vec<_>>(), digest)
    };
    let (whole, digest) = orders(&closes);
    assert_eq!(orders(&closes).1, digest);
    assert!(whole.len() > 50, "{}", whole.len());
    for cut in [25, 60, 61, 137, 299] {
        let (shorter, _) = orders(&closes[..cut]);
        let common = shorter.iter().filter(|(_, kind)| *kind != OutcomeKind::Expired).count();
        assert_eq!(shorter[..common], whole[..common], "cut at {cut}");
    }
}

/// The rules that say the same: every event and the digest.
#[test]
fn its_rule_twin_gives_the_same_journal() {
    let text = include_str!("../../../../examples/rules/threshold_buy.toml");
    let text = toml::Value::from(text);
    let twin = format!("{HEAD}[[strategy]]\nkind = \"rules\"\ntext = {text}\n");
    let closes: Vec<u32> = (0..400).map(|minute| 18_600 + minute * 7_919 % 800).collect();
    let file = minutes(&closes);
    let orders = |toml: &str| {
        let (setup, source, _folder) = resolve(toml, &file).unwrap();
        record_journal(&source, &setup, &setup.strategies[0]).unwrap().0
    };
    let library = orders(&format!("{HEAD}{BUY}"));
    assert!(library.events.len() > 500, "{}", library.events.len());
    assert!(library == orders(&twin));
}

/// All of the recorded minutes: 1,313 of the 50,000 closes are under the threshold, the first of
/// them after the hundredth (counted by a script of its own).
#[test]
fn the_recorded_minutes_of_2022_are_bought_as_often_as_they_close_under_the_threshold() {
    let Some(path) = recorded("prices-binance-1m/2022_BTCUSDT_1m.csv.gz") else { return };
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let file = text.replacen("timestamp", "open_time", 1);
    // A hundred thousand buys 540 times, and then the cash is spent.
    let spent = ran(&format!("{HEAD}{BUY}"), &file);
    assert_eq!(spent.runs[0].record.actions.len(), 540);
    let rich = HEAD.replace("deposit = \"100000\"", "deposit = \"1000000\"");
    let backtest = ran(&format!("{rich}{BUY}"), &file);
    let run = &backtest.runs[0];
    let bought = run.record.actions.iter().filter(|action| action.what == "buy").count();
    assert_eq!((bought, run.record.actions.len()), (1_313, 1_313));
    // 13.13 BTC at the last close and 755,562.063976 USDT, by the same script.
    assert_eq!(run.record.settlement.final_value, raw(1_060_842_048_076));
    assert!(run.record.settlement.identity.holds());
    assert!(run.refused.iter().all(|refused| !matches!(refused.intent, Intent::Open { .. })));
}

#[test]
fn what_needs_a_pool_is_refused() {
    let message = |more: &str| {
        let refused = resolve(&format!("{HEAD}{more}"), &minutes(&[1, 2, 3]));
        refused.map(drop).unwrap_err().to_string()
    };
    let recentre = message("[[strategy]]\nkind = \"recentre\"\n");
    assert!(recentre.contains("recentre needs a pool, and this run has none"), "{recentre}");
    let unnamed = message("[[strategy]]\nkind = \"hold\"\npool = \"main\"\n");
    assert!(unnamed.starts_with("strategy.pool is main; allowed is left out"), "{unnamed}");
    let gas = resolve(&format!("fallback_gas_price_wei = 1\n{HEAD}"), &minutes(&[1]));
    let gas = gas.map(drop).unwrap_err().to_string();
    assert!(gas.starts_with("fallback_gas_price_wei is given; allowed is left out"), "{gas}");
}
