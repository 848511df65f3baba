//! Two instruments traded as a pair: what is asked for and what it comes to, worked out apart from
//! the code; one leg without the other; old prices; and recorded hours of bitcoin and ether.

use std::fmt::Write as _;
use std::io::Read as _;

use flate2::read::GzDecoder;
use tempfile::TempDir;
use tidemill_amm::Pool;
use tidemill_model::{EventBody, OutcomeKind, Tape};
use tidemill_replay::{BacktestConfig, RunSource, Setup, StrategyRun, backtest, record_journal};
use tidemill_store::{ShareTape, time_text};
use tidemill_units::{SignedAmount, Timestamp};

use crate::data::FOOTPRINTS;
use crate::folder_rows::start_of_week;
use crate::recorded_data::recorded;
use crate::synthetic_shares::SyntheticShares;

/// Somewhat more than an hour.
fn tape() -> &'static Tape {
    start_of_week(300)
}

/// The start of the first whole minute of the tape.
fn start() -> u64 {
    tape().events[0].time.0.next_multiple_of(60)
}

/// Twenty minutes of the second instrument: it goes up and down.
const SECOND: [i64; 20] = [
    2_000, 2_010, 2_025, 2_040, 2_030, 2_015, 2_000, 1_980, 1_965, 1_980, 1_995, 2_010, 2_030,
    2_045, 2_060, 2_040, 2_020, 2_000, 1_990, 2_005,
];

/// What the first is in the same twenty minutes: one and a half of the second, and up to four
/// thousandths more or less.
const FIRST: [&str; 20] = [
    "3000", "3021.04", "3049.67", "3066.13", "3041.96", "3013.45", "2994.01", "2970", "2956.36",
    "2975.95", "2992.5", "3002.96", "3038.92", "3070.57", "3099.28", "3063.06", "3026.97",
    "2991.01", "2982.02", "3010.51",
];

/// Fourteen thousandths more, and back.
const COMES_BACK: [&str; 8] =
    ["3042.3", "3042.26", "3052.73", "3063.06", "3045", "3019.48", "3003", "2970"];

/// Fourteen thousandths more, and yet more, before it comes back.
const GOES_ON: [&str; 10] = [
    "3042.3", "3051.4", "3086.49", "3115.58", "3087.93", "3049.83", "3012.02", "2972.97", "2947.5",
    "2967.03",
];

/// A feed of minutes, closed at these prices; a minute without one is a hole.
fn candles(closes: &[String]) -> String {
    let mut file = String::from("open_time,open,high,low,close,volume\n");
    for (minute, close) in (0..).zip(closes).filter(|(_, close)| !close.is_empty()) {
        let time = time_text(Timestamp(start() + minute * 60));
        writeln!(file, "{time},{close},{close},{close},{close},1").unwrap();
    }
    file
}

/// The closes of both.
struct Closes {
    first: Vec<String>,
    second: Vec<String>,
}

impl Closes {
    fn then(later: &[&str]) -> Self {
        let first = FIRST.iter().chain(later).map(|close| (*close).to_owned()).collect();
        let second = SECOND.iter().chain(&SECOND).take(FIRST.len() + later.len());
        Self { first, second: second.map(ToString::to_string).collect() }
    }
}

/// The strategy's keys in these tests.
const KEYS: [(&str, &str); 6] = [
    ("sample_minutes", "1"),
    ("window_samples", "20"),
    ("significance_bps", "10000"),
    ("min_half_life_minutes", "1"),
    ("max_half_life_minutes", "10"),
    ("max_price_age_seconds", "30"),
];

/// The strategy with other keys, or another value of one.
fn pairs(others: &[(&str, &str)]) -> String {
    let is_other = |key: &str| others.iter().any(|(other, _)| *other == key);
    let kept = KEYS.iter().filter(|(key, _)| !is_other(key)).chain(others);
    let lines = kept.map(|(key, value)| format!("{key} = {value}\n"));
    format!("[[strategy]]\nkind = \"pairs\"\n{}", lines.collect::<String>())
}

/// An account for each instrument, the first's and the second's.
struct Accounts {
    deposits: [&'static str; 2],
    latencies_ms: [u32; 2],
    kinds: [&'static str; 2],
}

impl Default for Accounts {
    fn default() -> Self {
        Self { deposits: ["20000"; 2], latencies_ms: [0; 2], kinds: ["perpetual"; 2] }
    }
}

impl Accounts {
    fn toml(&self) -> String {
        let mut toml = String::new();
        for (place, name) in ["first", "second"].into_iter().enumerate() {
            let (deposit, latency) = (self.deposits[place], self.latencies_ms[place]);
            let kind = self.kinds[place];
            write!(
                toml,
                "[[feed]]\nname = \"{name}\"\nkind = \"candles\"\nfile = \"{name}.csv\"\n\
                 interval = \"1m\"\n[[exchange]]\nname = \"{name}\"\ndeposit = \"{deposit}\"\n\
                 latency_ms = {latency}\ncommission_bps = 10\nhalf_spread_bps = 0\n\
                 [[exchange.instrument]]\nname = \"{name}\"\nkind = \"{kind}\"\nbase = \"WETH\"\n\
                 prices = \"{name}\"\n",
            )
            .unwrap();
        }
        toml
    }
}

fn setup_on<'a>(
    tape: impl Into<RunSource<'a>> + Copy,
    toml: &str,
    files: &[(&str, String)],
) -> (Setup, TempDir) {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut config = BacktestConfig::from_toml(toml).unwrap();
    config.read_files(folder.path(), tape).unwrap();
    (config.resolve(tape).unwrap(), folder)
}

fn files(closes: &Closes) -> [(&'static str, String); 2] {
    [("first.csv", candles(&closes.first)), ("second.csv", candles(&closes.second))]
}

/// The trades of a run: the number of the newest closed minute, the side, the quantity in
/// thousandths, which instrument, and what it was worth in dollars.
fn trades(accounts: &Accounts, closes: &Closes, others: &[(&str, &str)]) -> Vec<String> {
    let toml = format!("{}{}", accounts.toml(), pairs(others));
    let (setup, _folder) = setup_on(tape(), &toml, &files(closes));
    let (journal, _) = record_journal(tape(), &setup, &setup.strategies[0]).unwrap();
    let mut lines = Vec::new();
    for event in &journal.events {
        let EventBody::Outcome(outcome) = &event.body else { continue };
        let OutcomeKind::Traded { instrument, side, quantity, amount, .. } = &outcome.kind else {
            lines.push(format!("{:?}", outcome.kind));
            continue;
        };
        let minute = (event.seen_at.second().0 - start()) / 60 - 1;
        let thousandths = u128::try_from(quantity.0).unwrap() / 1_000_000_000_000_000;
        let name = ["first", "second"][usize::from(instrument.0)];
        let dollars = amount.to_decimal_string(6);
        lines.push(format!("{minute}: {} {thousandths} {name} for {dollars}", side.name()));
    }
    lines
}

/// Worked out apart from the code, in Python: the line through the 21 first pairs less the oldest
/// is ln first = 0.479983 + 0.990309 ln second, a deviation is 0.003923, the newest pair is
/// 3.350763 of them above it, and half of the way back takes 1.39 minutes. 10000 / 3042.30 are
/// 3.286 of the first, worth 9996.9978; 0.990309 times that are 4.950 of the second at 2000. By the
/// same line the scores after that are 2.088258, 1.087068 and 0.085080, the first below a half: the
/// pair is closed in minute 23.
#[test]
fn a_pair_is_entered_when_it_is_off_and_closed_when_it_is_back() {
    let expected = [
        "20: sell 3286 first for 9996.997800",
        "20: buy 4950 second for 9900.000000",
        "23: buy 3286 first for 10065.215160",
        "23: sell 4950 second for 10098.000000",
    ];
    assert_eq!(trades(&Accounts::default(), &Closes::then(&COMES_BACK), &[]), expected);
}

/// The first leg loses 10065.21516 - 9996.9978, the second gains 10098 - 9900; a thousandth of each
/// trade is commission, rounded up.
#[test]
fn what_a_pair_earns_is_in_the_lines_of_the_identity() {
    for footprint in FOOTPRINTS {
        let toml =
            format!("footprint = \"{footprint}\"\n{}{}", Accounts::default().toml(), pairs(&[]));
        let (setup, _folder) = setup_on(tape(), &toml, &files(&Closes::then(&COMES_BACK)));
        let finished = backtest(tape(), setup.clone(), &|_| {}).unwrap();
        let again = backtest(tape(), setup, &|_| {}).unwrap();
        let [run] = finished.runs.as_slice() else { panic!("one strategy") };
        assert_eq!(run.digest, again.runs[0].digest);
        assert!(run.refused.is_empty(), "{:?}", run.refused);
        let settlement = run.record.settlement;
        let identity = settlement.identity;
        assert!(identity.holds(), "{settlement:?}");
        let dollars = |amount: SignedAmount| amount.to_decimal_string(6);
        assert_eq!(dollars(identity.hedge), "129.782640");
        assert_eq!(dollars(settlement.commission), "40.060214");
        assert_eq!(identity.swap_cost, settlement.commission);
        assert_eq!(dollars(identity.net), "89.722426");
        let rest = [identity.fees, identity.rewards, identity.il, identity.gas, identity.funding];
        assert_eq!(rest, [SignedAmount::ZERO; 5]);
    }
}

/// By the line of minute 20 the scores are 2.853008, 3.890853 and 4.419125, the first beyond four.
/// The rolling score is still 2.07 then; it is below two from minute 24 on, and never beyond it
/// again.
#[test]
fn a_pair_that_goes_on_is_given_up() {
    let expected = [
        "20: sell 3286 first for 9996.997800",
        "20: buy 4950 second for 9900.000000",
        "23: buy 3286 first for 10237.795880",
        "23: sell 4950 second for 10098.000000",
    ];
    assert_eq!(trades(&Accounts::default(), &Closes::then(&GOES_ON), &[]), expected);
    // One minute of patience: given up in minute 21, and not entered again while the rolling score
    // is beyond the entry, though that is 2.28 and 2.43, and half-lives are within the bounds.
    let expected = [
        "20: sell 3286 first for 9996.997800",
        "20: buy 4950 second for 9900.000000",
        "21: buy 3286 first for 10026.900400",
        "21: sell 4950 second for 9949.500000",
    ];
    let patience = [("max_hold_minutes", "1")];
    assert_eq!(trades(&Accounts::default(), &Closes::then(&GOES_ON), &patience), expected);
}

/// In minute 20 half of the way back takes 1.39 minutes. The statistic is -2.734193, of 19
/// differences: what is refused at 10 % is below -3.2752. The score is 3.350763, and the stop below
/// it.
#[test]
fn what_does_not_come_back_in_time_or_by_the_test_is_left_alone() {
    let closes = Closes::then(&COMES_BACK);
    for other in [
        ("min_half_life_minutes", "2"),
        ("max_half_life_minutes", "1"),
        ("significance_bps", "100"),
        ("significance_bps", "500"),
        ("significance_bps", "1000"),
        ("stop_sigmas", "3.3"),
        ("entry_sigmas", "3.4"),
    ] {
        let none: [String; 0] = [];
        assert_eq!(trades(&Accounts::default(), &closes, &[other]), none, "{other:?}");
    }
}

#[test]
fn old_prices_are_not_looked_at() {
    // The second says nothing in the minute of the entry: no sample, no pair. In the next one the
    // window has a pair less, and the score is 2.55 of a larger deviation.
    let mut closes = Closes::then(&COMES_BACK);
    closes.second[20].clear();
    let lines = trades(&Accounts::default(), &closes, &[]);
    assert!(lines.iter().all(|line| !line.starts_with("20:")), "{lines:?}");
    // While a pair is open, a minute without a price closes nothing; the next one does.
    let mut closes = Closes::then(&COMES_BACK);
    closes.first[23].clear();
    let lines = trades(&Accounts::default(), &closes, &[]);
    let expected = [
        "20: sell 3286 first for 9996.997800",
        "20: buy 4950 second for 9900.000000",
        "24: buy 3286 first for 10005.870000",
        "24: sell 4950 second for 10048.500000",
    ];
    assert_eq!(lines, expected);
}

/// The second account carries nothing: its leg is refused, asked for once more, refused again, and
/// the first is closed.
#[test]
fn a_leg_without_the_other_is_asked_for_once_more_and_then_closed() {
    let poor = Accounts { deposits: ["20000", "1"], ..Accounts::default() };
    let expected = ["20: sell 3286 first for 9996.997800", "20: buy 3286 first for 9996.997800"];
    assert_eq!(trades(&poor, &Closes::then(&COMES_BACK), &[]), expected);
    // The second exchange takes a minute; its price has gone up by 1 % then, and the trade is
    // refused. Asked for again, it is bought in minute 22.
    let slow = Accounts { latencies_ms: [0, 60_000], ..Accounts::default() };
    let mut closes = Closes::then(&COMES_BACK);
    closes.first[21] = "3073".into();
    closes.second[21] = "2020".into();
    closes.first[22] = "3060".into();
    closes.second[22] = "2022".into();
    let lines = trades(&slow, &closes, &[]);
    let made: Vec<_> = lines.iter().map(String::as_str).take(3).collect();
    assert_eq!(made[0], "20: sell 3286 first for 9996.997800");
    assert!(made[1].starts_with("Rejected"), "{lines:?}");
    assert_eq!(made[2], "22: buy 4950 second for 10008.900000", "{lines:?}");
}

/// Short 3.286 at 3042.30 with 1100 dollars: at 3300 the account is worth 243.2, less than the
/// 542.2 that it has to hold, and the exchange closes it. The second leg is closed behind it.
#[test]
fn a_leg_that_the_exchange_takes_away_ends_the_other() {
    let thin = Accounts { deposits: ["1100", "20000"], ..Accounts::default() };
    let mut closes = Closes::then(&COMES_BACK);
    closes.first[21] = "3300".into();
    let lines = trades(&thin, &closes, &[("stop_sigmas", "100.0")]);
    let expected = [
        "20: sell 3286 first for 9996.997800",
        "20: buy 4950 second for 9900.000000",
        "21: sell 4950 second for 9949.500000",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_spot_is_bought_and_never_sold_short() {
    // The first is dear in minute 20 and would be sold: it is a spot, so nothing is done.
    let none: [String; 0] = [];
    let spot = Accounts { kinds: ["spot", "perpetual"], ..Accounts::default() };
    assert_eq!(trades(&spot, &Closes::then(&COMES_BACK), &[]), none);
    // Of the second it is bought.
    let spot = Accounts { kinds: ["perpetual", "spot"], ..Accounts::default() };
    assert_eq!(trades(&spot, &Closes::then(&COMES_BACK), &[]).len(), 4);
}

/// A decision that knew what comes after it would be another one where that does not come.
#[test]
fn cutting_the_tape_and_the_feeds_changes_no_earlier_trade() {
    let whole = trades(&Accounts::default(), &Closes::then(&GOES_ON), &[]);
    for minutes in [21, 22, 23, 24, 26] {
        let mut closes = Closes::then(&GOES_ON);
        closes.first.truncate(minutes);
        closes.second.truncate(minutes);
        let cut = trades(&Accounts::default(), &closes, &[]);
        let before =
            |line: &&String| line.split(':').next().unwrap().parse::<usize>().unwrap() < minutes;
        assert_eq!(cut, whole.iter().filter(before).cloned().collect::<Vec<_>>(), "{minutes}");
    }
}

/// A pool of three tokens and two prices, from one time to another; nothing is ever done in it.
fn idle_pool(from: u64, until: u64) -> ShareTape {
    let made = SyntheticShares::three_coins();
    let Pool::StableSwap(_) = &made.start else { panic!("three coins") };
    let mut made = SyntheticShares::of(made.start, &[("WBTC", 18), ("USDC", 6), ("WETH", 6)]);
    let first = made.now().0;
    for time in [from, until] {
        made.skip_blocks((time - first) / 12 - (made.now().0 - first) / 12);
        made.swap(1, 2, 1_000_000).expect("a deep pool");
    }
    let SyntheticShares { header, start, events, .. } = made;
    ShareTape { header, start, events }
}

fn unzipped(name: &str) -> Option<String> {
    let path = recorded(name)?;
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    Some(text)
}

/// The hours and the funding of a Binance perpetual, as files of feeds.
fn perpetual(coin: &str) -> Option<[String; 2]> {
    let hours = unzipped("perp-funding-multi-venue-2025/binance_perp_1h.csv.gz")?;
    let payments = unzipped("perp-funding-multi-venue-2025/funding.csv.gz")?;
    let time = |text: &str| text.trim_end_matches('Z').replace('T', " ");
    let mut candles = String::from("open_time,open,high,low,close,volume\n");
    for line in hours.lines().skip(1) {
        let [at, of, prices] = line.splitn(3, ',').collect::<Vec<_>>()[..] else { panic!() };
        if of == coin {
            writeln!(candles, "{},{prices}", time(at)).unwrap();
        }
    }
    let mut funding = String::from("time,rate\n");
    for line in payments.lines().skip(1) {
        let [at, venue, of, rate] = line.split(',').collect::<Vec<_>>()[..] else { panic!() };
        if (venue, of) == ("binance", coin) {
            let rate: f64 = rate.parse().unwrap();
            writeln!(funding, "{},{rate:.10}", time(at)).unwrap();
        }
    }
    Some([candles, funding])
}

const RECORDED: &str = r#"
quote = "USDC"
native_price_quote = "3000"
deposit = { USDC = "1000" }
limits = { max_loss_quote = "100000" }

[[exchange]]
name = "binance"
deposit = "100000"
commission_bps = 4.5
half_spread_bps = 0.5

[[exchange.instrument]]
name = "ETH-PERP"
kind = "perpetual"
base = "WETH"
prices = "ETH"
funding = "ETH payments"

[[exchange.instrument]]
name = "BTC-PERP"
kind = "perpetual"
base = "WBTC"
prices = "BTC"
funding = "BTC payments"
step = "0.0001"

[[strategy]]
kind = "pairs"
name = "tested"
notional_quote = "50000"

[[strategy]]
kind = "pairs"
name = "untested"
notional_quote = "50000"
significance_bps = 10000
"#;

/// Ether against bitcoin, 2025-03 to 2026-03, hour by hour, with the funding that was paid. What it
/// comes to is on the strategy's page.
#[test]
fn a_year_of_ether_against_bitcoin() {
    let (Some(ether), Some(bitcoin)) = (perpetual("ETH"), perpetual("BTC")) else { return };
    let mut toml = String::from(RECORDED);
    let mut given = Vec::new();
    for (coin, [candles, funding]) in [("ETH", ether), ("BTC", bitcoin)] {
        write!(
            toml,
            "[[feed]]\nname = \"{coin}\"\nkind = \"candles\"\nfile = \"{coin}.csv\"\n\
             interval = \"1h\"\nlatency_ms = 250\n[[feed]]\nname = \"{coin} payments\"\n\
             kind = \"funding\"\nfile = \"{coin} payments.csv\"\n",
        )
        .unwrap();
        given.push((format!("{coin}.csv"), candles));
        given.push((format!("{coin} payments.csv"), funding));
    }
    let given: Vec<_> = given.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    // 2025-03-06 11:00 to 2026-03-05.
    let tape = idle_pool(1_741_258_800, 1_772_668_800);
    let (setup, _folder) = setup_on(&tape, &toml, &given);
    let finished = backtest(&tape, setup, &|_| {}).unwrap();
    for run in &finished.runs {
        check_recorded(run);
    }
    let counts: Vec<_> = finished.runs.iter().map(|run| run.record.actions.len()).collect();
    assert!(counts[0] < counts[1], "the test lets fewer pairs through: {counts:?}");
}

fn check_recorded(run: &StrategyRun) {
    let name = run.strategy.name();
    let settlement = run.record.settlement;
    let identity = settlement.identity;
    assert!(identity.holds(), "{name}: {settlement:?}");
    assert!(run.refused.is_empty(), "{name}: {:?}", run.refused);
    let trades = run.record.actions.len();
    assert!(trades >= 20 && trades.is_multiple_of(2), "{name}: {trades}");
    let dollars = |amount: SignedAmount| amount.to_decimal_string(6);
    println!(
        "{name}: {trades} trades, contracts {}, costs {}, funding {}, net {}",
        dollars(identity.hedge),
        dollars(identity.swap_cost),
        dollars(identity.funding),
        dollars(identity.net),
    );
}
