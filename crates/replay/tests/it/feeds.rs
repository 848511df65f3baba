//! Backtests that join the embedded week with feeds: what a strategy sees of them, and when.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use flate2::read::GzDecoder;
use tempfile::TempDir;
use tidemill_engine::Journal;
use tidemill_market::{FeedHealth, KnownCandle, KnownValue};
use tidemill_model::{
    Event, EventBody, FeedId, GapCause, Intent, Interval, OutcomeKind, Placement, PoolId,
};
use tidemill_replay::{BacktestConfig, Setup, audit, record_journal, record_journal_of};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Decimal, InstantUs, TickRange, Timestamp};

use crate::data::week;
use crate::recorded_data::recorded;

const HOUR: i64 = 3_600_000_000;

/// What a strategy was shown at one event.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    seen_at: InstantUs,
    candles: Vec<KnownCandle>,
    count: u64,
    value: Option<KnownValue>,
}

/// Provides liquidity while the last candle closed above the one before it, and notes down what it
/// is shown.
struct Follower {
    interval: Interval,
    shown: Arc<Mutex<Vec<Shown>>>,
}

impl Strategy for Follower {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let feed = view.feed("binance").unwrap();
        let candles: Vec<_> =
            view.candles(feed, self.interval, 3).map(|known| known.copied().collect()).unwrap();
        let value = view.feed("index").and_then(|index| view.value_of(index));
        self.shown.lock().unwrap().push(Shown {
            seen_at: view.seen_at(),
            candles: candles.clone(),
            count: view.candle_count(feed, self.interval).unwrap(),
            value,
        });
        let [.., before, last] = candles.as_slice() else { return Vec::new() };
        if view.is_waiting() {
            return Vec::new();
        }
        let open = view.positions().map(|(position, _)| position).next();
        let rises = last.candle.close > before.candle.close;
        match (open, rises) {
            (None, true) => {
                let range = TickRange::full(10).unwrap();
                let desired = view.available().unwrap();
                let placement = Placement::Range(range);
                vec![Intent::Open { pool: PoolId(0), placement, desired }]
            }
            (Some(position), false) => vec![Intent::Close { position }],
            _ => Vec::new(),
        }
    }
}

/// The recorded hours of Binance from before the week until after it, as a feed's file.
pub(crate) fn binance() -> Option<String> {
    let path = recorded("prices-binance-1h-2025/ETHUSDT_1h.csv.gz")?;
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut file = String::from("open_time,open,high,low,close,volume,trades\n");
    for line in text.lines().skip(1) {
        let fields: Vec<_> = line.split(',').collect();
        if ("2024-11-25".."2024-12-20").contains(&fields[0]) {
            writeln!(file, "{}", fields[..7].join(",")).unwrap();
        }
    }
    Some(file)
}

/// Hours that were never traded, for where the recorded ones are not needed.
fn made_up(hours: std::ops::Range<i64>, without: &[i64]) -> String {
    let first = i64::try_from(week().events[0].time.0).unwrap() / 3_600;
    let mut file = String::from("open_time,open,high,low,close,volume,trades\n");
    for hour in hours.filter(|hour| !without.contains(hour)) {
        let open_time =
            tidemill_store::time_text(Timestamp(u64::try_from((first + hour) * 3_600).unwrap()));
        let close = 3_000 + hour.rem_euclid(5) * 10;
        writeln!(file, "{open_time},3000,4000,2000,{close},1,1").unwrap();
    }
    file
}

fn config(interval: &str, latency_ms: u32, more: &str) -> String {
    format!(
        "{more}\n[[feed]]\nname = \"binance\"\nkind = \"candles\"\nfile = \"binance.csv\"\n\
         interval = \"1h\"\nlatency_ms = {latency_ms}\n\n[[strategy]]\nkind = \"hold\"\n\
         needs = [{{ feed = \"binance\", interval = \"{interval}\", keep = 10 }}]\n"
    )
}

fn setup(folder: &Path, toml: &str) -> Setup {
    let mut config = BacktestConfig::from_toml(toml).unwrap();
    config.read_files(folder, week()).unwrap();
    config.resolve(week()).unwrap()
}

/// Runs the follower; returns what it was shown, the log, and the digest.
fn follow(file: &str, interval: Interval, toml: &str) -> (Vec<Shown>, Journal, String) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("binance.csv"), file).unwrap();
    let setup = setup(folder.path(), toml);
    let shown = Arc::new(Mutex::new(Vec::new()));
    let follower = Box::new(Follower { interval, shown: Arc::clone(&shown) });
    let run = record_journal_of(week(), &setup, &setup.strategies[0], follower).unwrap();
    let shown = shown.lock().unwrap().clone();
    (shown, run.0, run.1)
}

fn hours(count: i64) -> Interval {
    Interval::from_us(count * HOUR).unwrap()
}

fn outcomes(journal: &Journal) -> Vec<(InstantUs, OutcomeKind)> {
    let outcome = |event: &Event| {
        let EventBody::Outcome(outcome) = &event.body else { return None };
        Some((event.seen_at, outcome.kind))
    };
    journal.events.iter().filter_map(outcome).collect()
}

#[test]
fn no_candle_is_seen_before_its_end_and_the_latency_of_its_feed() {
    let Some(file) = binance() else { return };
    for (count, latency_ms) in [(1, 0), (1, 1_500), (4, 90_000), (24, 1)] {
        let (interval, latency) = (hours(count), i64::from(latency_ms) * 1_000);
        let toml = config(&format!("{count}h"), latency_ms, "");
        let (shown, journal, digest) = follow(&file, interval, &toml);
        assert!(shown.len() > 39_000, "asked at every event of the week");
        for one in &shown {
            let newest = one.candles.last().unwrap();
            assert!(newest.is_whole);
            let known_from = newest.candle.open_time.0 + count * HOUR + latency;
            assert!(known_from <= one.seen_at.0, "seen before its end: {one:?}");
            // Nor late: that of the next interval could not have been known.
            assert!(one.seen_at.0 <= known_from + count * HOUR, "{one:?}");
        }
        assert!(journal.events.is_sorted_by_key(|event| event.seen_at));
        assert!(journal.events.is_sorted_by(|one, next| one.sequence < next.sequence));
        let kinds = outcomes(&journal);
        assert!(kinds.iter().any(|(_, kind)| matches!(kind, OutcomeKind::Opened { .. })));
        assert_eq!(follow(&file, interval, &toml).2, digest, "again the same");
    }
}

/// The same past with another future shows the same and does the same, until it differs.
#[test]
fn what_comes_later_changes_nothing_before() {
    let Some(file) = binance() else { return };
    let (interval, toml) = (hours(2), config("2h", 700, ""));
    let turn = "2024-12-04 00:00:00";
    let mut changed = String::new();
    for line in file.lines() {
        let is_later = line.starts_with("2024") && line >= turn;
        let price = |field: &str| if is_later { format!("9{field}") } else { field.to_owned() };
        let fields: Vec<_> = line.split(',').collect();
        let prices: Vec<_> = fields[1..5].iter().map(|field| price(field)).collect();
        writeln!(changed, "{},{},{}", fields[0], prices.join(","), fields[5..].join(",")).unwrap();
    }
    let turn = tidemill_store::read_time(turn).unwrap();
    // Two hours from the turn on, the first candle of the other future is there.
    let until = InstantUs::at_second(turn).0 + 2 * HOUR + 700_000;
    let [one, other] = [&file, &changed].map(|file| follow(file, interval, &toml));
    let before = |shown: &[Shown]| -> Vec<Shown> {
        shown.iter().filter(|one| one.seen_at.0 < until).cloned().collect()
    };
    let (same, first) = (before(&one.0), before(&other.0));
    assert!(same.len() > 10_000 && same == first);
    assert_ne!(one.0, other.0);
    let done = |journal: &Journal| -> Vec<_> {
        outcomes(journal).into_iter().filter(|(at, _)| at.0 < until).collect()
    };
    assert_eq!(done(&one.1), done(&other.1));
}

#[test]
fn a_journal_with_feeds_replays_to_the_digest_of_its_run() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("binance.csv"), made_up(-50..300, &[20])).unwrap();
    let setup = setup(folder.path(), &config("4h", 250, "chain_latency_ms = 1200"));
    let strategy = &setup.strategies[0];
    let (journal, digest) = record_journal(week(), &setup, strategy).unwrap();
    let of_feeds = |event: &&Event| matches!(event.body, EventBody::Data(_) | EventBody::Feed(_));
    assert!(journal.events.iter().filter(of_feeds).count() > 200);
    let chain = |event: &&Event| matches!(event.body, EventBody::Chain(_));
    assert!(
        journal
            .events
            .iter()
            .filter(chain)
            .all(|event| { event.seen_at.0 == event.happened_at.0 + 1_200_000 })
    );
    assert!(journal.events.is_sorted_by_key(|event| event.seen_at));
    assert_eq!(audit(week(), &setup, strategy, journal).unwrap(), digest);
}

/// When, the health of the feed, and its latest candles.
type Health = (InstantUs, Option<FeedHealth>, Vec<KnownCandle>);

/// Wants to be in the pool, and out of it again half an hour later, all the time.
struct Restless {
    opened: Option<Timestamp>,
    shown: Arc<Mutex<Vec<Health>>>,
}

impl Strategy for Restless {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let feed = view.feed("binance").unwrap();
        let candles = view.candles(feed, Interval::HOUR, 3).unwrap().copied().collect();
        self.shown.lock().unwrap().push((view.seen_at(), view.health_of(feed), candles));
        if view.is_waiting() {
            return Vec::new();
        }
        let Some((position, _)) = view.positions().next() else {
            self.opened = Some(view.now());
            let placement = Placement::Range(TickRange::full(10).unwrap());
            let desired = view.available().unwrap();
            return vec![Intent::Open { pool: PoolId(0), placement, desired }];
        };
        let is_old = self.opened.is_some_and(|at| view.now().seconds_since(at) > 1_800);
        if is_old { vec![Intent::Close { position }] } else { Vec::new() }
    }
}

/// While hours are missing nothing is opened, and what is open can be closed.
#[test]
fn a_hole_in_a_feed_is_a_gap_that_refuses_new_exposure() {
    let missing: Vec<i64> = (30..40).collect();
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("binance.csv"), made_up(-5..400, &missing)).unwrap();
    let setup = setup(folder.path(), &config("1h", 0, ""));
    let shown = Arc::new(Mutex::new(Vec::new()));
    let restless = Restless { opened: None, shown: Arc::clone(&shown) };
    let declared = &setup.strategies[0];
    let (journal, _) = record_journal_of(week(), &setup, declared, Box::new(restless)).unwrap();
    let first = i64::try_from(week().events[0].time.0).unwrap() / 3_600;
    // The hour that is missing first should have been known at its end.
    let [from, until] = [31, 41].map(|hour| (first + hour) * HOUR);
    let expected =
        FeedHealth::Gap { since: Some(InstantUs(from - HOUR)), cause: GapCause::NotRecorded };
    let shown = shown.lock().unwrap();
    for (seen_at, health, _) in shown.iter() {
        // At the very instant chain and feed tie, and the chain comes first.
        if ![from, until].contains(&seen_at.0) {
            let in_gap = (from..until).contains(&seen_at.0);
            let wanted = if in_gap { expected } else { FeedHealth::Whole };
            assert_eq!(*health, Some(wanted), "at {seen_at}");
        }
    }
    let within = |opens: bool, from: i64, until: i64| {
        let there = outcomes(&journal).into_iter().filter(|(at, kind)| {
            let is_open = matches!(kind, OutcomeKind::Opened { .. });
            is_open == opens && (from..until).contains(&at.0)
        });
        there.count()
    };
    // An order that was on its way before the gap ends in it.
    let settled = from + 60_000_000;
    assert_eq!(within(true, settled, until), 0);
    assert_eq!(within(false, settled, until), 1, "the way out stays open");
    assert!(within(true, from - 10 * HOUR, from) >= 10);
    assert!(within(true, until, until + 10 * HOUR) >= 10);
    let filled = shown.iter().flat_map(|one| &one.2).filter(|known| !known.is_whole);
    assert!(filled.clone().count() > 0, "a missing hour is shown, and said to be missing");
    assert!(filled.clone().all(|known| known.candle.volume == Decimal::ZERO));
}

#[test]
fn a_series_shows_what_was_published_and_no_revision_before() {
    let index = "time,published_at,value\n\
                 2024-11-01 00:00:00,2024-11-20 08:00:00,1.5\n\
                 2024-12-01 00:00:00,2024-12-03 10:00:00.25,2.5\n\
                 2024-11-01 00:00:00,2024-12-04 10:00:00,1.4\n\
                 2024-12-01 00:00:00,2024-12-05 10:00:00,2.6\n";
    let more = "[[feed]]\nname = \"index\"\nkind = \"series\"\nfile = \"index.csv\"\n\
                unit = \"%\"\nlatency_ms = 2000\n";
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("binance.csv"), made_up(-5..400, &[])).unwrap();
    std::fs::write(folder.path().join("index.csv"), index).unwrap();
    let toml = config("1h", 0, more);
    let setup = setup(folder.path(), &toml);
    let shown = Arc::new(Mutex::new(Vec::new()));
    let follower = Follower { interval: Interval::HOUR, shown: Arc::clone(&shown) };
    record_journal_of(week(), &setup, &setup.strategies[0], Box::new(follower)).unwrap();
    let at = |text: &str, more: i64| {
        InstantUs::at_second(tidemill_store::read_time(text).unwrap()).0 + more
    };
    let [second, third] =
        [at("2024-12-03 10:00:00", 2_250_000), at("2024-12-05 10:00:00", 2_000_000)];
    let mut found = std::collections::BTreeSet::new();
    for one in shown.lock().unwrap().iter() {
        let known = one.value.unwrap();
        let expected = match one.seen_at.0 {
            early if early < second => ("1.5", 0),
            middle if middle < third => ("2.5", 0),
            _ => ("2.6", 1),
        };
        assert_eq!((known.observation.value.to_string().as_str(), known.vintage), expected);
        assert!(known.observation.published_at.0 + 2_000_000 <= one.seen_at.0);
        found.insert(expected);
    }
    assert_eq!(found.len(), 3, "the week has all three of them");
}

/// Hourly candles of the pool's own swaps beside those of an exchange.
#[test]
fn candles_of_the_pool_are_close_to_those_of_an_exchange() {
    let Some(file) = binance() else { return };
    let more = "[[feed]]\nname = \"pool\"\nkind = \"pool\"\nbase = \"WETH\"\n";
    let toml = config("1h", 0, more)
        .replace("keep = 10 }]", "keep = 10 }, { feed = \"pool\", interval = \"1h\" }]");
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("binance.csv"), file).unwrap();
    let setup = setup(folder.path(), &toml);
    let found = Arc::new(Mutex::new((0, 0, 0_u64)));
    let watcher = Watcher { found: Arc::clone(&found), last: None };
    record_journal_of(week(), &setup, &setup.strategies[0], Box::new(watcher)).unwrap();
    let (compared, far, trades) = *found.lock().unwrap();
    assert!(compared > 150, "{compared} hours");
    assert_eq!(far, 0, "hours whose closes differ by more than half a percent");
    assert!(trades > 35_000, "{trades} swaps in them");
}

/// Compares each closed hour of the pool with the exchange's.
struct Watcher {
    found: Arc<Mutex<(u32, u32, u64)>>,
    last: Option<u64>,
}

impl Strategy for Watcher {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let [exchange, pool] = ["binance", "pool"].map(|name| view.feed(name).unwrap());
        let newest = |feed: FeedId| {
            view.candles(feed, Interval::HOUR, 1).unwrap().next().map(|known| known.candle)
        };
        let count = view.candle_count(pool, Interval::HOUR);
        let (Some(venue), Some(own)) = (newest(exchange), newest(pool)) else { return Vec::new() };
        if venue.open_time != own.open_time || self.last == count {
            return Vec::new();
        }
        self.last = count;
        let mut found = self.found.lock().unwrap();
        let off = (venue.close.raw() - own.close.raw()).abs();
        found.0 += 1;
        found.1 += u32::from(off > venue.close.raw() / 200);
        found.2 += own.trades.unwrap();
        Vec::new()
    }
}

fn refused(file: &str, toml: &str) -> String {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("binance.csv"), file).unwrap();
    let resolved = BacktestConfig::from_toml(toml).and_then(|mut config| {
        config.read_files(folder.path(), week())?;
        config.resolve(week())
    });
    let shown = format!("{}/", folder.path().display());
    resolved.unwrap_err().to_string().replace(&shown, "")
}

#[test]
fn what_a_configuration_says_wrong_of_a_feed_is_named() {
    let file = made_up(0..5, &[]);
    let feed = |keys: &str| format!("[[feed]]\nname = \"binance\"\n{keys}\n");
    let candles = "kind = \"candles\"\nfile = \"binance.csv\"\ninterval = \"1h\"";
    let needs = |need: &str| {
        format!("{}[[strategy]]\nkind = \"hold\"\nneeds = [{{ {need} }}]\n", feed(candles))
    };
    let kinds = "candles, trades, quotes, funding, marks, series or pool";
    for (toml, expected) in [
        (feed("kind = \"sun\""), format!("feed.kind is sun; allowed is {kinds}")),
        (
            feed("kind = \"candles\"\nfile = \"binance.csv\""),
            String::from("feed.interval `` is not an interval such as 1m, 15m, 1h or 1d"),
        ),
        (
            feed("kind = \"trades\""),
            String::from(
                "feed.file is missing; allowed is the CSV file of the feed, or feed.source in its \
                 place",
            ),
        ),
        (
            feed("kind = \"pool\"\nbase = \"DAI\""),
            String::from("feed.base is DAI; allowed is USDC or WETH"),
        ),
        (
            feed("kind = \"pool\"\nbase = \"WETH\"\nquote = \"WETH\""),
            String::from("feed.quote is WETH; allowed is another token than feed.base"),
        ),
        (
            feed(&format!("{candles}\nunit = \"%\"")),
            String::from("feed.unit is given with candles; allowed is of a series only"),
        ),
        (
            feed(&format!("{candles}\nlatency_ms = 86400001")),
            String::from("feed.latency_ms is 86400001; allowed is 0 to 86400000"),
        ),
        (
            format!("chain_latency_ms = 3600001\n{}", feed(candles)),
            String::from("chain_latency_ms is 3600001; allowed is 0 to 3600000"),
        ),
        (
            format!("{0}{0}", feed(candles)),
            String::from("two feeds are called `binance`; give each its own name"),
        ),
        (
            needs("feed = \"kraken\""),
            String::from("strategy.needs.feed is kraken; allowed is binance"),
        ),
        (
            needs("feed = \"binance\", interval = \"90m\""),
            String::from(
                "strategy.needs: feed `binance`: candles of 1h do not add up to candles of 90m",
            ),
        ),
        (
            needs("feed = \"binance\", interval = \"1h\", keep = 0"),
            String::from("strategy.needs.keep is 0; allowed is 1 to 100000"),
        ),
        (
            String::from("[[strategy]]\nkind = \"hold\"\nneeds = [{ feed = \"x\" }]"),
            String::from(
                "strategy.needs.feed is x; allowed is the name of a [[feed]], of which there is \
                 none",
            ),
        ),
    ] {
        assert_eq!(refused(&file, &toml), expected, "{toml}");
    }
    let missing = refused(&file, &feed(&candles.replace("binance.csv", "other.csv")));
    assert!(missing.starts_with("feed `binance`: other.csv: "), "{missing}");
}

#[test]
fn what_is_wrong_in_a_file_of_a_feed_is_named_with_its_row() {
    let toml = "[[feed]]\nname = \"b\"\nkind = \"candles\"\nfile = \"binance.csv\"\n\
                interval = \"1h\"\n";
    let head = "open_time,open,high,low,close,volume";
    let good = "2024-12-01 00:00:00,2,3,1,2,1";
    for (rows, expected) in [
        (
            String::from("time,price\n"),
            format!(
                "the header is not `{head}`, perhaps with `quote_volume,trades,seen_at` behind"
            ),
        ),
        (format!("{head}\n"), String::from("there is nothing in it")),
        (
            format!("{head}\n{good}\n2024-12-01 01:00:00,2,3\n"),
            String::from("row 2: `2024-12-01 01:00:00,2,3` does not have the fields of the header"),
        ),
        (
            format!("{head}\n2024-12-01 00:30:00,2,3,1,2,1\n"),
            String::from("row 1: open_time is no multiple of the interval"),
        ),
        (
            format!("{head}\n2024-12-01 00:00:00,2,3,1,4,1\n"),
            String::from("row 1: open or close is not between low and high"),
        ),
        (
            format!("{head}\n2024-12-01 00:00:00,2,3,1,2,-1\n"),
            String::from("row 1: a volume is below zero"),
        ),
        (
            format!("{head}\n{good}\n2024-11-30 00:00:00,2,3,1,2,1\n"),
            String::from("row 2: it became known before the row before it"),
        ),
    ] {
        assert_eq!(refused(&rows, toml), format!("feed `b`: binance.csv: {expected}"));
    }
    let twice = refused(&format!("{head}\n{good}\n{good}\n"), toml);
    assert!(twice.contains("overlaps the one before it"), "{twice}");
    let number = refused(&format!("{head}\n2024-12-01 00:00:00,x,3,1,2,1\n"), toml);
    assert!(number.starts_with("feed `b`: binance.csv: row 1: open "), "{number}");
    let time = refused(&format!("{head}\n2024-12-01T00:00,2,3,1,2,1\n"), toml);
    assert!(
        time.contains("row 1: open_time `2024-12-01T00:00` is not allowed; expected a UTC time"),
        "{time}"
    );
}
