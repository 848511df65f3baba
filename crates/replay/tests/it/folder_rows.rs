//! Rows of every kind of feed, made up from a seed, as a file and as a source of a data folder.

use std::fmt::Write as _;
use std::path::Path;

use tidemill_catalogue::{
    Answered, Catalogue, Gap, Record, Seen, SeriesInfo, SeriesValue, Source, Span,
};
use tidemill_model::{
    BestQuote, BookLevel, Candle, Funding, Interval, MarkPrice, Observation, Taker, Tape, Trade,
};
use tidemill_units::{Decimal, InstantUs, Timestamp};

use crate::data::week;
use crate::seeded::Seeded;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// Rows of one source.
#[derive(Clone, Debug)]
pub(crate) enum Rows {
    Candles(Vec<Candle>),
    Trades(Vec<Seen<Trade>>),
    Quotes(Vec<Seen<BestQuote>>),
    Funding(Vec<Funding>),
    Marks(Vec<MarkPrice>),
    Series(Vec<SeriesValue>),
}

/// The kinds of them.
pub(crate) const KINDS: [&str; 6] = ["candles", "trades", "quotes", "funding", "marks", "series"];

/// The beginning of the embedded week.
pub(crate) fn start_of_week(events: usize) -> &'static Tape {
    static TAPES: std::sync::Mutex<Vec<(usize, &'static Tape)>> = std::sync::Mutex::new(Vec::new());
    let mut tapes = TAPES.lock().unwrap();
    if let Some((_, tape)) = tapes.iter().find(|(count, _)| *count == events) {
        return tape;
    }
    let mut tape = week().clone();
    tape.events.truncate(events);
    let tape = Box::leak(Box::new(tape));
    tapes.push((events, tape));
    tape
}

pub(crate) fn span_of(tape: &Tape) -> (i64, i64) {
    let at = |time: Timestamp| InstantUs::at_second(time).0;
    (at(tape.events[0].time), at(tape.events.last().unwrap().time))
}

fn price(random: &mut Seeded) -> Decimal {
    let raw = 3_000_000_000_000_000_000_000 + i128::from(random.below(1 << 60));
    Decimal::from_raw(raw)
}

/// Makes up rows around the time of a tape; as long as they must be in a file, ordered by when they
/// were seen.
pub(crate) fn made_up(kind: &str, tape: &Tape, random: &mut Seeded) -> Rows {
    let (first, last) = span_of(tape);
    let (first, last) = (first - 10 * MINUTE, last + 10 * MINUTE);
    let is_seen = random.once_in(2);
    let mut time = first + i64::try_from(random.below(20 * 60_000_000)).unwrap();
    let mut seen = time;
    let mut times = Vec::new();
    while time < last {
        seen = seen.max(time + i64::try_from(random.below(3_000_000)).unwrap());
        times.push((InstantUs(time), is_seen.then_some(InstantUs(seen))));
        time += 1 + i64::try_from(random.below(120_000_000)).unwrap();
    }
    let mut id = random.below(1_000);
    let mut next_id = |random: &mut Seeded| {
        id += if random.once_in(9) { 1 + random.below(4) } else { 1 };
        id
    };
    match kind {
        "candles" => {
            let minutes = first / MINUTE..last / MINUTE;
            let there = minutes.filter(|_| !random.once_in(6)).collect::<Vec<_>>();
            Rows::Candles(there.into_iter().map(|minute| candle(minute, random)).collect())
        }
        "trades" => {
            let trade = |(time, seen_at)| {
                let (id, price, quantity) = (next_id(random), price(random), Decimal::ONE);
                let taker = if random.once_in(2) { Taker::Buyer } else { Taker::Seller };
                Seen { sent: Trade { id, time, price, quantity, taker }, seen_at }
            };
            Rows::Trades(times.into_iter().map(trade).collect())
        }
        "quotes" => {
            let quote = |(time, seen_at): (_, Option<InstantUs>)| {
                let bid = BookLevel { price: price(random), quantity: Decimal::ONE };
                let price = Decimal::from_raw(bid.price.raw() + i128::from(random.below(9)));
                let ask = BookLevel { price, quantity: Decimal::ONE };
                let time = Some(time).filter(|_| seen_at.is_none() || random.once_in(2));
                Seen { sent: BestQuote { update_id: next_id(random), time, bid, ask }, seen_at }
            };
            Rows::Quotes(times.into_iter().map(quote).collect())
        }
        "funding" => {
            let funding = |(time, _)| Funding {
                time,
                rate: Decimal::from_raw(-i128::from(random.below(1 << 50))),
                mark_price: random.once_in(2).then_some(Decimal::ONE),
            };
            Rows::Funding(times.into_iter().map(funding).collect())
        }
        "marks" => {
            let mark = |(time, _)| MarkPrice {
                time,
                mark: price(random),
                index: random.once_in(2).then_some(Decimal::ONE),
                expected_funding: random.once_in(2).then_some(Decimal::ZERO),
            };
            Rows::Marks(times.into_iter().map(mark).collect())
        }
        "series" => Rows::Series(vintages(&times, random)),
        other => panic!("{other}"),
    }
}

fn candle(minute: i64, random: &mut Seeded) -> Candle {
    let [one, other] = [price(random), price(random)];
    Candle {
        open_time: InstantUs(minute * MINUTE),
        open: one,
        high: one.max(other),
        low: one.min(other),
        close: other,
        volume: Decimal::ONE,
        quote_volume: random.once_in(2).then_some(Decimal::ONE),
        trades: random.once_in(2).then_some(3),
    }
}

/// Values with up to three vintages each, published minutes or an hour after their time.
fn vintages(times: &[(InstantUs, Option<InstantUs>)], random: &mut Seeded) -> Vec<SeriesValue> {
    let mut values = Vec::new();
    for (time, _) in times {
        let mut published = time.0;
        for _ in 0..=random.below(3) {
            published += 1 + i64::try_from(random.below(3_000_000_000)).unwrap();
            let published_at = InstantUs(published);
            let observation = Observation { time: *time, published_at, value: price(random) };
            values.push(observation.into());
        }
    }
    values
}

impl Rows {
    /// The source that they are put in.
    pub(crate) fn source(&self) -> &'static str {
        match self {
            Self::Candles(_) => "candles/source=desk/symbol=ETHUSDT/interval=1m",
            Self::Trades(_) => "trades/source=desk/symbol=ETHUSDT",
            Self::Quotes(_) => "quotes/source=desk/symbol=ETHUSDT",
            Self::Funding(_) => "funding/source=desk/symbol=ETHUSDT",
            Self::Marks(_) => "marks/source=desk/symbol=ETHUSDT",
            Self::Series(_) => "series/source=desk/name=index",
        }
    }

    /// The same that became known before an instant, by the venue's clock.
    pub(crate) fn before(&self, end: i64) -> Self {
        match self.clone() {
            Self::Candles(mut rows) => {
                rows.retain(|row| row.open_time.0 + MINUTE < end);
                Self::Candles(rows)
            }
            Self::Trades(mut rows) => {
                rows.retain(|row| row.sent.time.0 < end);
                Self::Trades(rows)
            }
            Self::Quotes(mut rows) => {
                rows.retain(|row| row.sent.time.or(row.seen_at).unwrap().0 < end);
                Self::Quotes(rows)
            }
            Self::Funding(mut rows) => {
                rows.retain(|row| row.time.0 < end);
                Self::Funding(rows)
            }
            Self::Marks(mut rows) => {
                rows.retain(|row| row.time.0 < end);
                Self::Marks(rows)
            }
            Self::Series(mut rows) => {
                rows.retain(|row| row.observation.published_at.0 < end);
                Self::Series(rows)
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.csv().lines().count() == 1
    }

    /// The instants at which the first and the last begin, by the clock of coverage, and how long
    /// the last one lasts.
    pub(crate) fn hull(&self) -> Span {
        let times: Vec<i64> = match self {
            Self::Candles(rows) => rows.iter().map(|row| row.open_time.0).collect(),
            Self::Trades(rows) => rows.iter().map(|row| row.sent.time.0).collect(),
            Self::Quotes(rows) => {
                rows.iter().map(|row| row.sent.time.or(row.seen_at).unwrap().0).collect()
            }
            Self::Funding(rows) => rows.iter().map(|row| row.time.0).collect(),
            Self::Marks(rows) => rows.iter().map(|row| row.time.0).collect(),
            Self::Series(rows) => rows.iter().map(|row| row.observation.time.0).collect(),
        };
        let length = if matches!(self, Self::Candles(_)) { MINUTE } else { 1 };
        Span { from: times[0], to: times[times.len() - 1] + length }
    }

    /// What a fetch of all of them was answered: candles that are missing have a name.
    pub(crate) fn answered(&self) -> Answered {
        let Self::Candles(rows) = self else {
            return Answered { spans: vec![self.hull()], gaps: Vec::new() };
        };
        let cause = String::from("the venue has no such rows");
        let missing = rows
            .windows(2)
            .filter_map(|pair| Span::new(pair[0].open_time.0 + MINUTE, pair[1].open_time.0));
        let gaps = missing.map(|Span { from, to }| Gap { from, to, cause: cause.clone() });
        Answered { spans: vec![self.hull()], gaps: gaps.collect() }
    }

    /// Appends them in parts of any size and order, and perhaps compacts them.
    pub(crate) fn put(&self, folder: &Path, answered: &Answered, random: &mut Seeded) {
        let source: Source = self.source().parse().unwrap();
        match self {
            Self::Candles(rows) => put(folder, &source, (), (rows, answered), random),
            Self::Trades(rows) => put(folder, &source, (), (rows, answered), random),
            Self::Quotes(rows) => put(folder, &source, (), (rows, answered), random),
            Self::Funding(rows) => put(folder, &source, (), (rows, answered), random),
            Self::Marks(rows) => put(folder, &source, (), (rows, answered), random),
            Self::Series(rows) => {
                let info = SeriesInfo { unit: String::from("%") };
                put(folder, &source, info, (rows, answered), random);
            }
        }
    }

    /// The same as a feed's file.
    pub(crate) fn csv(&self) -> String {
        let mut file = String::new();
        match self {
            Self::Candles(rows) => {
                file += "open_time,open,high,low,close,volume,quote_volume,trades\n";
                for row in rows {
                    let Candle { open, high, low, close, volume, .. } = row;
                    let (open_time, trades) = (text(row.open_time), maybe(row.trades));
                    let more = maybe(row.quote_volume);
                    writeln!(
                        file,
                        "{open_time},{open},{high},{low},{close},{volume},{more},{trades}"
                    )
                    .unwrap();
                }
            }
            Self::Trades(rows) => {
                file += "id,time,price,quantity,taker,seen_at\n";
                for Seen { sent, seen_at } in rows {
                    let Trade { id, price, quantity, .. } = sent;
                    let (time, seen_at) = (text(sent.time), maybe(seen_at.map(text)));
                    let taker = if sent.taker == Taker::Buyer { "buyer" } else { "seller" };
                    writeln!(file, "{id},{time},{price},{quantity},{taker},{seen_at}").unwrap();
                }
            }
            Self::Quotes(rows) => {
                file += "update_id,time,bid_price,bid_quantity,ask_price,ask_quantity,seen_at\n";
                for Seen { sent, seen_at } in rows {
                    let BestQuote { update_id: id, bid, ask, .. } = sent;
                    let (time, seen_at) = (maybe(sent.time.map(text)), maybe(seen_at.map(text)));
                    let [bid, ask] =
                        [bid, ask].map(|level| format!("{},{}", level.price, level.quantity));
                    writeln!(file, "{id},{time},{bid},{ask},{seen_at}").unwrap();
                }
            }
            Self::Funding(rows) => {
                file += "time,rate,mark_price\n";
                for row in rows {
                    let (time, mark) = (text(row.time), maybe(row.mark_price));
                    writeln!(file, "{time},{},{mark}", row.rate).unwrap();
                }
            }
            Self::Marks(rows) => {
                file += "time,mark,index,expected_funding\n";
                for row in rows {
                    let (index, expected) = (maybe(row.index), maybe(row.expected_funding));
                    writeln!(file, "{},{},{index},{expected}", text(row.time), row.mark).unwrap();
                }
            }
            Self::Series(rows) => {
                file += "time,published_at,value\n";
                let mut rows: Vec<_> = rows.iter().map(|row| row.observation).collect();
                rows.sort_by_key(|row| (row.published_at, row.time));
                for row in rows {
                    let [time, published_at] = [row.time, row.published_at].map(text);
                    writeln!(file, "{time},{published_at},{}", row.value).unwrap();
                }
            }
        }
        file
    }

    /// The keys of a feed that reads the file.
    pub(crate) fn file_keys(&self) -> &'static str {
        match self {
            Self::Candles(_) => "kind = \"candles\"\nfile = \"rows.csv\"\ninterval = \"1m\"",
            Self::Trades(_) => "kind = \"trades\"\nfile = \"rows.csv\"",
            Self::Quotes(_) => "kind = \"quotes\"\nfile = \"rows.csv\"",
            Self::Funding(_) => "kind = \"funding\"\nfile = \"rows.csv\"",
            Self::Marks(_) => "kind = \"marks\"\nfile = \"rows.csv\"",
            Self::Series(_) => "kind = \"series\"\nfile = \"rows.csv\"\nunit = \"%\"",
        }
    }

    /// The candles that are wanted of them.
    pub(crate) fn need(&self) -> &'static str {
        match self {
            Self::Candles(_) | Self::Trades(_) | Self::Quotes(_) | Self::Marks(_) => {
                "{ feed = \"feed\", interval = \"2m\" }"
            }
            Self::Funding(_) | Self::Series(_) => "{ feed = \"feed\" }",
        }
    }

    pub(crate) fn interval() -> Interval {
        Interval::from_us(2 * MINUTE).unwrap()
    }
}

/// A UTC time with six digits behind the second.
fn text(at: InstantUs) -> String {
    let second = Timestamp(u64::try_from(at.0.div_euclid(SECOND)).unwrap());
    format!("{}.{:06}", tidemill_store::time_text(second), at.0.rem_euclid(SECOND))
}

fn maybe(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Appends rows in parts, in any order.
pub(crate) fn put<R: Record>(
    folder: &Path,
    source: &Source,
    frame: R::Frame,
    (rows, answered): (&[R], &Answered),
    random: &mut Seeded,
) {
    let data = Catalogue::create(&folder.display().to_string()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let parts = usize::try_from(random.below(4) + 1).unwrap();
    runtime.block_on(async {
        let mut writer = data.writer::<R>(source, frame).await.unwrap();
        let mut dealt = vec![Vec::new(); parts];
        for row in rows {
            dealt[usize::try_from(random.below(4)).unwrap() % parts].push(row.clone());
        }
        for part in dealt {
            writer.append(part, &Answered::default()).await.unwrap();
        }
        writer.append(Vec::new(), answered).await.unwrap();
        if random.once_in(2) {
            writer.compact().await.unwrap();
        }
    });
}
