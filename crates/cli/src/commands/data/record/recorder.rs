use std::collections::BTreeMap;

use tidemill_catalogue::{BookRow, Catalogue, Dataset, Seen, Source};
use tidemill_feed_cex::{CexBody, CexEvent, Gap, GapCause, Series};
use tidemill_model::{BestQuote, BookSnapshot, Candle, Interval, MarkPrice, Trade};
use tidemill_units::InstantUs;

use super::sight::Rule;
use super::track::{Recorded, Track};
use crate::failure::Failure;

/// A series that is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Trades,
    Aggregates,
    Quotes,
    Book,
    Candles(Interval),
    Marks,
}

/// One series of one market, and where it goes.
pub(super) struct Recording {
    pub(super) kind: Kind,
    /// The market as events name it.
    pub(super) market: String,
    /// The `source` and `symbol` in the data folder.
    pub(super) source: String,
    pub(super) symbol: String,
    /// Which connection tells it.
    pub(super) line: usize,
}

/// What is written of live feeds: every event goes to its series, every gap is named in each
/// series that it is of.
#[derive(Default)]
pub(super) struct Recorder {
    trades: BTreeMap<String, Track<Seen<Trade>>>,
    aggregates: BTreeMap<String, Track<Seen<Trade>>>,
    quotes: BTreeMap<String, Track<Seen<BestQuote>>>,
    books: BTreeMap<String, (Track<BookRow>, Option<u64>)>,
    candles: BTreeMap<String, Track<Candle>>,
    marks: BTreeMap<String, Track<MarkPrice>>,
    /// How many rows are held.
    held: usize,
    pub(super) connected: u64,
    /// What was said last of a connection that ended or could not be made.
    pub(super) last_end: Option<String>,
}

/// Does the same to every series, whatever its rows are: a closure has one type of rows.
macro_rules! each {
    ($recorder:expr, $track:ident => $does:expr) => {{
        for $track in $recorder.trades.values_mut().chain($recorder.aggregates.values_mut()) {
            $does;
        }
        for $track in $recorder.quotes.values_mut() {
            $does;
        }
        for ($track, _) in $recorder.books.values_mut() {
            $does;
        }
        for $track in $recorder.candles.values_mut() {
            $does;
        }
        for $track in $recorder.marks.values_mut() {
            $does;
        }
    }};
}

impl Recorder {
    /// Begins to record a series.
    pub(super) async fn add(
        &mut self,
        data: &Catalogue,
        recording: Recording,
    ) -> Result<(), Failure> {
        let Recording { kind, market, source, symbol, line } = recording;
        let place = |dataset| Source::new(dataset, &[&source, &symbol]).map_err(Failure::input);
        match kind {
            Kind::Trades | Kind::Aggregates => {
                let to = place(Dataset::Trades)?;
                let track = Track::open(data, &to, Rule::Numbers, line).await?;
                let is_single = kind == Kind::Trades;
                let tracks = if is_single { &mut self.trades } else { &mut self.aggregates };
                tracks.insert(market, track);
            }
            Kind::Quotes => {
                let to = place(Dataset::Quotes)?;
                let track = Track::open(data, &to, Rule::Times, line).await?;
                self.quotes.insert(market, track);
            }
            Kind::Book => {
                let to = place(Dataset::Book)?;
                let track = Track::open(data, &to, Rule::Times, line).await?;
                self.books.insert(market, (track, None));
            }
            Kind::Candles(interval) => {
                let to = Source::candles(&source, &symbol, interval).map_err(Failure::input)?;
                let rule = Rule::Intervals(interval.us());
                self.candles.insert(market, Track::open(data, &to, rule, line).await?);
            }
            Kind::Marks => {
                let to = place(Dataset::Marks)?;
                let track = Track::open(data, &to, Rule::Times, line).await?;
                self.marks.insert(market, track);
            }
        }
        Ok(())
    }

    /// How many rows are held and not written yet.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Takes an event of a connection.
    pub(super) fn take(&mut self, line: usize, event: CexEvent) {
        let CexEvent { seen_at, symbol, body } = event;
        let held = match body {
            CexBody::Trade(trade) => number_to(self.trades.get_mut(&symbol), trade, seen_at),
            CexBody::AggregateTrade(trade) => {
                number_to(self.aggregates.get_mut(&symbol), trade, seen_at)
            }
            CexBody::Quote(quote) => self.quotes.get_mut(&symbol).map_or(0, |track| {
                track.push(quote.update_id, [Seen { sent: quote, seen_at: Some(seen_at) }])
            }),
            CexBody::Candle { candle, .. } => {
                self.candles.get_mut(&symbol).map_or(0, |track| track.push(0, [candle]))
            }
            CexBody::Mark(mark) => {
                self.marks.get_mut(&symbol).map_or(0, |track| track.push(0, [mark]))
            }
            CexBody::BookSnapshot(snapshot) => self.take_snapshot(&symbol, &snapshot, seen_at),
            CexBody::BookUpdate(update) => self.books.get_mut(&symbol).map_or(0, |(track, _)| {
                let rows = BookRow::of_update(&update, Some(seen_at));
                track.push(update.last_update_id, rows)
            }),
            CexBody::Connected => {
                self.connected += 1;
                0
            }
            CexBody::Gap(gap) => {
                self.take_gap(line, &symbol, &gap);
                0
            }
        };
        self.held += held;
    }

    /// A book that is told anew as of the same update is the one there is already.
    fn take_snapshot(
        &mut self,
        symbol: &str,
        snapshot: &BookSnapshot,
        seen_at: InstantUs,
    ) -> usize {
        let Some((track, last)) = self.books.get_mut(symbol) else { return 0 };
        track.sight.snapshot(seen_at.0);
        if last.replace(snapshot.last_update_id) == Some(snapshot.last_update_id) {
            return 0;
        }
        track.push_aside(BookRow::of_snapshot(snapshot, Some(seen_at)))
    }

    fn take_gap(&mut self, line: usize, symbol: &str, gap: &Gap) {
        let cause = reason(&gap.cause);
        if let GapCause::Disconnected(said) = &gap.cause {
            self.last_end = Some(said.clone());
        }
        match gap.series {
            Series::All => each!(self, track => {
                if track.line == line {
                    track.sight.lost(cause.clone());
                }
            }),
            Series::Book => {
                if let Some((track, _)) = self.books.get_mut(symbol) {
                    track.sight.lost(cause);
                }
            }
            // The numbers and times of the rows say more exactly what is missing.
            Series::Trades | Series::AggregateTrades | Series::Candles(_) => {}
        }
    }

    /// Writes all that was seen.
    pub(super) async fn write(&mut self) -> Result<(), Failure> {
        self.held = 0;
        each!(self, track => track.write().await?);
        Ok(())
    }

    /// Writes all that was seen by a recording from `began` to `now`, and puts files together.
    pub(super) async fn finish(
        mut self,
        began: InstantUs,
        now: InstantUs,
    ) -> Result<Vec<Recorded>, Failure> {
        each!(self, track => track.sight.end(began.0, now.0));
        self.write().await?;
        let mut done = Vec::new();
        each!(self, track => {
            track.compact().await?;
            done.push(track.done());
        });
        done.sort_by(|one, other| one.source.cmp(&other.source));
        Ok(done)
    }
}

fn number_to(track: Option<&mut Track<Seen<Trade>>>, sent: Trade, seen_at: InstantUs) -> usize {
    track.map_or(0, |track| track.push(sent.id, [Seen { sent, seen_at: Some(seen_at) }]))
}

/// Says why something was not seen, as the manifest is to have it.
fn reason(cause: &GapCause) -> String {
    match cause {
        GapCause::Disconnected(said) => format!("the connection ended: {said}"),
        GapCause::Missing { expected, found } => {
            format!("the venue's numbers have a hole: {expected} was next, and {found} came")
        }
        GapCause::Checksum { expected, found } => {
            format!("the venue's checksum of its book is {expected}, and ours {found}")
        }
        GapCause::Crossed { bid, ask } => format!("the best bid {bid} is not below the ask {ask}"),
        GapCause::Exhausted => "the market moved past every level that was known".to_owned(),
        GapCause::Unreadable(said) => format!("a message could not be read: {said}"),
        GapCause::SlowReader { lost } => {
            format!("{lost} events came faster than they were written")
        }
        GapCause::NoSnapshot(said) => format!("the venue gave no snapshot of its book: {said}"),
    }
}
