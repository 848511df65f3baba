//! Feeds out of a data folder: the same as from a file, blind to what comes later, with the holes
//! that its manifest knows, and refused where they cannot be read.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tidemill_catalogue::{Answered, Gap, Seen, SeriesInfo, SeriesValue, Source, Span};
use tidemill_engine::Journal;
use tidemill_market::{FeedHealth, KnownCandle, KnownValue};
use tidemill_model::{
    BestQuote, EventBody, Funding, GapCause, Intent, MarkPrice, Observation, Taker, Trade,
};
use tidemill_replay::{BacktestConfig, Setup, record_journal_of};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Decimal, InstantUs};

use crate::folder_rows::{KINDS, Rows, made_up, put, span_of, start_of_week};
use crate::seeded::Seeded;

const MINUTE: i64 = 60_000_000;

/// Events of the tape that these tests run over: somewhat more than an hour.
const EVENTS: usize = 300;

/// All that a strategy was shown of a feed at one event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) seen_at: InstantUs,
    pub(crate) health: Option<FeedHealth>,
    candles: Vec<KnownCandle>,
    trade: Option<Trade>,
    pub(crate) quote: Option<BestQuote>,
    funding: Option<Funding>,
    mark: Option<MarkPrice>,
    pub(crate) value: Option<KnownValue>,
}

/// Does nothing but note down what it is shown.
struct Noter(Arc<Mutex<Vec<Shown>>>);

impl Strategy for Noter {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let feed = view.feed("feed").unwrap();
        let candles = view.candles(feed, Rows::interval(), 5);
        self.0.lock().unwrap().push(Shown {
            seen_at: view.seen_at(),
            health: view.health_of(feed),
            candles: candles.map(|known| known.copied().collect()).unwrap_or_default(),
            trade: view.trade_of(feed),
            quote: view.quote_of(feed),
            funding: view.funding_of(feed),
            mark: view.mark_of(feed),
            value: view.value_of(feed),
        });
        Vec::new()
    }
}

pub(crate) fn setup(place: &Path, keys: &str, need: &str) -> Result<Setup, String> {
    let toml = format!(
        "chain_latency_ms = 300\n[[feed]]\nname = \"feed\"\n{keys}\n\
         [[strategy]]\nkind = \"hold\"\nneeds = [{need}]\n"
    );
    let mut config = BacktestConfig::from_toml(&toml).map_err(|error| error.to_string())?;
    let tape = start_of_week(EVENTS);
    let read = config.read_files(place, tape).and_then(|()| config.resolve(tape));
    read.map_err(|error| error.to_string())
}

/// Runs over the start of the week; returns what was shown, the log and the digest.
pub(crate) fn run(place: &Path, keys: &str, need: &str) -> (Vec<Shown>, Journal, String) {
    let setup = setup(place, keys, need).unwrap();
    let shown = Arc::new(Mutex::new(Vec::new()));
    let noter = Box::new(Noter(Arc::clone(&shown)));
    let tape = start_of_week(EVENTS);
    let (journal, digest) = record_journal_of(tape, &setup, &setup.strategies[0], noter).unwrap();
    let shown = shown.lock().unwrap().clone();
    (shown, journal, digest)
}

fn from_folder(rows: &Rows, more: &str) -> String {
    format!("source = \"{}\"\ndata = \"folder\"\n{more}", rows.source())
}

#[test]
fn a_feed_from_the_folder_is_the_feed_of_a_file_with_the_same_rows() {
    let mut of_feeds = 0;
    for (seed, kind) in (0..60).zip(KINDS.into_iter().cycle()) {
        let mut random = Seeded(seed);
        let rows = made_up(kind, start_of_week(EVENTS), &mut random);
        let place = TempDir::new().unwrap();
        fs::write(place.path().join("rows.csv"), rows.csv()).unwrap();
        rows.put(&place.path().join("folder"), &rows.answered(), &mut random);
        let latency = format!("latency_ms = {}", random.below(5_000));
        let file = run(place.path(), &format!("{}\n{latency}", rows.file_keys()), rows.need());
        let folder = run(place.path(), &from_folder(&rows, &latency), rows.need());
        assert!(file.1 == folder.1, "seed {seed}, {kind}: the log");
        assert_eq!(file.2, folder.2, "seed {seed}, {kind}: the digest");
        assert!(file.0 == folder.0, "seed {seed}, {kind}: what was shown");
        let is_of_feed = |body: &EventBody| matches!(body, EventBody::Data(_) | EventBody::Feed(_));
        of_feeds += file.1.events.iter().filter(|event| is_of_feed(&event.body)).count();
    }
    assert!(of_feeds > 3_000, "{of_feeds} events of feeds");
}

/// The manifest as it was when nothing from an instant on had been recorded.
fn cut(answered: &Answered, end: i64) -> Answered {
    let spans = answered.spans.iter().filter_map(|span| Span::new(span.from, span.to.min(end)));
    let gaps = answered.gaps.iter().filter(|gap| gap.from < end);
    let gaps = gaps.map(|gap| Gap { to: gap.to.min(end), ..gap.clone() });
    Answered { spans: spans.collect(), gaps: gaps.collect() }
}

#[test]
fn what_the_folder_has_of_later_changes_nothing_before() {
    let (first, last) = span_of(start_of_week(EVENTS));
    let (mut compared, mut in_gap) = (0, 0);
    for (seed, kind) in (100..172).zip(KINDS.into_iter().cycle()) {
        let mut random = Seeded(seed);
        let rows = made_up(kind, start_of_week(EVENTS), &mut random);
        let mut answered = rows.answered();
        for _ in 0..random.below(3) {
            let from = first + i64::try_from(random.below(3_600_000_000)).unwrap();
            let to = from + 1 + i64::try_from(random.below(600_000_000)).unwrap();
            answered.gaps.push(Gap { from, to, cause: String::from("made up") });
        }
        let place = TempDir::new().unwrap();
        rows.put(&place.path().join("folder"), &answered, &mut random);
        let whole = run(place.path(), &from_folder(&rows, ""), rows.need()).0;
        let length = u64::try_from(last - first).unwrap();
        let end = first + i64::try_from(length / 4 + random.below(length / 2)).unwrap();
        // Whole minutes, since a candle that is not over is not in the folder.
        let end = if kind == "candles" { end / MINUTE * MINUTE } else { end };
        let place = TempDir::new().unwrap();
        let early = rows.before(end);
        if early.is_empty() {
            // Nothing was published yet, which no feed can be read from.
            continue;
        }
        early.put(&place.path().join("folder"), &cut(&answered, end), &mut random);
        let cut = run(place.path(), &from_folder(&rows, ""), rows.need()).0;
        let before = |shown: &[Shown]| -> Vec<Shown> {
            shown.iter().filter(|one| one.seen_at.0 < end - 1).cloned().collect()
        };
        let (one, other) = (before(&whole), before(&cut));
        let differs = one.iter().zip(&other).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}, {kind}");
        assert_eq!(one.len(), other.len(), "seed {seed}, {kind}: asked as often");
        compared += one.len();
        let gap = |one: &&Shown| matches!(one.health, Some(FeedHealth::Gap { .. }));
        in_gap += one.iter().filter(gap).count();
        assert!(whole != cut, "seed {seed}, {kind}: something is later");
    }
    assert!(compared > 5_000 && in_gap > 300, "{compared} events, {in_gap} of them in a gap");
}

fn trade(id: u64, time: i64) -> Seen<Trade> {
    let (price, quantity, taker) = (Decimal::ONE, Decimal::ONE, Taker::Buyer);
    Seen { sent: Trade { id, time: InstantUs(time), price, quantity, taker }, seen_at: None }
}

fn health_at(shown: &[Shown], at: i64) -> FeedHealth {
    shown.iter().rfind(|one| one.seen_at.0 <= at).unwrap().health.unwrap()
}

/// A named hole, one that nobody asked about, and the end of what was asked for.
#[test]
fn what_the_manifest_knows_to_be_missing_is_a_gap_while_it_is() {
    let (first, _) = span_of(start_of_week(EVENTS));
    let at = |minute: i64| first + minute * MINUTE;
    let rows = (0..30).map(|id| trade(id, at(i64::try_from(id).unwrap() - 2))).collect();
    let rows = Rows::Trades(rows);
    let place = TempDir::new().unwrap();
    let cause = String::from("the connection was lost");
    let answered = Answered {
        spans: vec![Span { from: at(-2), to: at(20) }, Span { from: at(24), to: at(40) }],
        gaps: vec![
            Gap { from: at(-60), to: at(-30), cause: cause.clone() },
            Gap { from: at(5), to: at(9), cause },
        ],
    };
    rows.put(&place.path().join("folder"), &answered, &mut Seeded(1));
    let (shown, ..) = run(place.path(), &from_folder(&rows, ""), rows.need());
    let gap = |since: i64, cause| FeedHealth::Gap { since: Some(InstantUs(since)), cause };
    let lost = |minute| gap(at(minute), GapCause::NotRecorded);
    for (minute, expected) in [
        (4, FeedHealth::Whole),
        (6, lost(5)),
        (8, lost(5)),
        (10, FeedHealth::Whole),
        (19, FeedHealth::Whole),
        (21, lost(20)),
        (23, lost(20)),
        (25, FeedHealth::Whole),
        // Nothing was traded any more, which was asked for and answered.
        (39, FeedHealth::Whole),
        (41, gap(at(40) - 1, GapCause::Ended)),
    ] {
        assert_eq!(health_at(&shown, at(minute) + MINUTE / 2), expected, "minute {minute}");
    }
}

#[test]
fn a_series_of_the_folder_is_told_by_item_and_has_the_gaps_of_its_manifest() {
    let (first, _) = span_of(start_of_week(EVENTS));
    let at = |minute: i64| InstantUs(first + minute * MINUTE);
    let value = |item: &str, time: i64, published: i64, value: i64| SeriesValue {
        item: item.into(),
        observation: Observation {
            time: at(time),
            published_at: at(published),
            value: Decimal::from_raw(i128::from(value)),
        },
    };
    // The value of minute 20 is revised after that of minute 30 is there.
    let rows = [
        value("one", -10, -5, 1),
        value("other", -10, -5, 7),
        value("one", 20, 25, 2),
        value("one", 20, 40, 3),
        value("one", 30, 35, 4),
    ];
    let answered = Answered {
        spans: vec![Span { from: at(-10).0, to: at(31).0 }],
        gaps: vec![Gap { from: at(0).0, to: at(10).0, cause: String::from("no value") }],
    };
    let place = TempDir::new().unwrap();
    let folder = place.path().join("folder");
    let source: Source = "series/source=desk/name=index".parse().unwrap();
    let info = SeriesInfo { unit: String::from("%") };
    put(&folder, &source, info, (&rows, &answered), &mut Seeded(3));
    let keys = format!("source = \"{source}\"\ndata = \"folder\"\n");
    let need = "{ feed = \"feed\" }";
    let (shown, ..) = run(place.path(), &format!("{keys}item = \"one\"\n"), need);
    for (minute, expected, is_whole) in
        [(1, 1, true), (6, 1, false), (24, 1, false), (26, 2, true), (36, 4, true), (41, 4, true)]
    {
        let at = at(minute).0 + MINUTE / 2;
        let one = shown.iter().rfind(|one| one.seen_at.0 <= at).unwrap();
        let known = one.value.unwrap().observation.value.raw();
        let whole = one.health == Some(FeedHealth::Whole);
        assert_eq!((known, whole), (i128::from(expected), is_whole), "minute {minute}");
    }
    for (more, expected) in [
        ("", "feed.item is missing; allowed is the one of one, other that is meant"),
        ("item = \"third\"\n", "feed.item is third; allowed is one of one, other"),
        ("item = \"one\"\nunit = \"bp\"\n", "feed.unit is bp; allowed is `%`, as its source says"),
    ] {
        let refused = setup(place.path(), &format!("{keys}{more}"), need).unwrap_err();
        assert!(refused.starts_with(expected), "{refused}");
    }
}

#[test]
fn what_no_manifest_names_does_not_count_and_what_is_damaged_is_refused() {
    let rows = made_up("candles", start_of_week(EVENTS), &mut Seeded(8));
    let place = TempDir::new().unwrap();
    let folder = place.path().join("folder");
    rows.put(&folder, &rows.answered(), &mut Seeded(8));
    let before = run(place.path(), &from_folder(&rows, ""), rows.need());
    let partition = fs::read_dir(folder.join(rows.source())).unwrap();
    let partition = partition.map(|entry| entry.unwrap().path()).find(|path| path.is_dir());
    let partition = partition.unwrap();
    let file = fs::read_dir(&partition).unwrap().next().unwrap().unwrap().path();
    fs::write(partition.join("part-0-1-stray.parquet"), b"not Parquet").unwrap();
    let after = run(place.path(), &from_folder(&rows, ""), rows.need());
    assert_eq!(before.2, after.2, "a stray file");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let refused = setup(place.path(), &from_folder(&rows, ""), rows.need()).unwrap_err();
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(refused.starts_with("feed `feed`: ") && refused.contains(name), "{refused}");
    assert!(refused.contains("is damaged"), "{refused}");
}

#[test]
fn what_a_configuration_says_wrong_of_a_source_is_named() {
    let rows = made_up("candles", start_of_week(EVENTS), &mut Seeded(2));
    let place = TempDir::new().unwrap();
    rows.put(&place.path().join("folder"), &rows.answered(), &mut Seeded(2));
    let trades = [trade(1, 2), trade(2, 1)];
    let source: Source = "trades/source=desk/symbol=BACK".parse().unwrap();
    let folder = place.path().join("folder");
    put(&folder, &source, (), (&trades, &Answered::default()), &mut Seeded(2));
    let there = rows.source();
    let shown = format!("{}/folder", place.path().display());
    let good = format!("source = \"{there}\"\ndata = \"folder\"\n");
    let source = |text: &str| format!("source = \"{text}\"\ndata = \"folder\"\n");
    for (keys, expected) in [
        (source("sun"), "feed.source is sun; allowed is a source of candles, trades, quotes, book"),
        (
            source("pool_events/chain=1/pool=0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640"),
            "feed.source is pool_events/chain=1/pool=0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640; \
             allowed is a source of candles",
        ),
        (
            source("candles/source=desk/symbol=ETHUSDT/interval=60m"),
            "feed.source is candles/source=desk/symbol=ETHUSDT/interval=60m; allowed is a source",
        ),
        (
            source("candles/source=desk/symbol=SOL/interval=1m"),
            &format!(
                "feed.source is candles/source=desk/symbol=SOL/interval=1m; allowed is what \
                 {shown} has: {there}"
            ),
        ),
        (
            source("marks/source=desk/symbol=SOL"),
            &format!(
                "feed.source is marks/source=desk/symbol=SOL; allowed is a source of {shown}, \
                 which has no marks"
            ),
        ),
        (
            good.replace("\"folder\"", "\"nowhere\""),
            &format!(
                "feed.data is {}/nowhere; allowed is a data folder that is there",
                place.path().display()
            ),
        ),
        (
            source("trades/source=desk/symbol=BACK"),
            "feed `feed`: trades/source=desk/symbol=BACK: row 2: it became known before the row",
        ),
    ] {
        let refused = setup(place.path(), &keys, "{ feed = \"feed\" }").unwrap_err();
        assert!(refused.starts_with(expected), "{keys}\n{refused}\n{expected}");
    }
}

#[test]
fn keys_that_do_not_go_with_a_source_are_named() {
    let rows = made_up("candles", start_of_week(EVENTS), &mut Seeded(2));
    let place = TempDir::new().unwrap();
    rows.put(&place.path().join("folder"), &rows.answered(), &mut Seeded(2));
    let there = rows.source();
    let good = from_folder(&rows, "");
    for (keys, expected) in [
        (
            String::from("file = \"x.csv\""),
            "feed.kind is missing; allowed is candles, trades, quotes, funding, marks, series",
        ),
        (
            format!("{good}kind = \"trades\""),
            &format!("feed.kind is trades; allowed is candles, as {there} says, or no such key"),
        ),
        (
            format!("{good}interval = \"5m\""),
            &format!("feed.interval is 5m; allowed is 1m, as {there} says, or no such key"),
        ),
        (
            format!("{good}file = \"rows.csv\""),
            &format!("feed.file is given with {there}; allowed is of feeds without a source"),
        ),
        (
            format!("{good}item = \"x\""),
            &format!("feed.item is given with {there}; allowed is of series with a source only"),
        ),
        (
            String::from("kind = \"trades\"\nfile = \"x.csv\"\ndata = \"folder\""),
            "feed.data is given with trades; allowed is of feeds with a source only",
        ),
    ] {
        let refused = setup(place.path(), &keys, "{ feed = \"feed\" }").unwrap_err();
        assert!(refused.starts_with(expected), "{keys}\n{refused}\n{expected}");
    }
    assert!(setup(place.path(), &format!("{good}kind = \"candles\""), rows.need()).is_ok());
}
