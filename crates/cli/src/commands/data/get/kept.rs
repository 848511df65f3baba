use std::time::{Duration, Instant};

use serde::Serialize;
use tidemill_catalogue::{Answered, Gap, Record, Source, Span};
use tidemill_feed_cex::{Missing, Page, RestError, TimeRange};
use tidemill_units::InstantUs;

use super::super::part_writer::PartWriter;
use super::super::{Place, read_time};
use crate::failure::Failure;
use crate::{output, progress};

/// How many rows are held before they are written.
const HELD_ROWS: usize = 1 << 16;

/// After how long they are written anyway: so much is asked for again after a kill.
const HELD_FOR: Duration = Duration::from_secs(10);

/// The times that are wanted, and where they go.
#[derive(clap::Args)]
pub(super) struct Wanted {
    /// The first time, such as 2024-01-05 or 2024-01-05T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    pub(super) from: InstantUs,
    /// The first time that is left out
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    pub(super) until: InstantUs,
    /// Where the venue's interface is, if not at its own address
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was fetched.
#[derive(Serialize)]
struct Json {
    source: String,
    rows: u64,
    duplicates: u64,
    gaps: usize,
}

/// What the holes of a history are told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holes {
    /// The times of the rows that are not there.
    Times,
    /// Their numbers; when they were, the rows around them tell.
    Numbers,
}

/// What is kept of a fetch as it goes: one that is stopped goes on with what was not written.
pub(super) struct Kept<R: Record<Frame = ()>> {
    writer: PartWriter<R>,
    held: Vec<R>,
    answered: Answered,
    written_at: Instant,
    gaps: usize,
    bar: indicatif::ProgressBar,
}

impl Wanted {
    /// Refuses a span of time that is none.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match self.until <= self.from {
            true => Err(Failure::input("--from is not before --until")),
            false => Ok(()),
        }
    }

    pub(super) fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }
}

impl<R: Record<Frame = ()>> Kept<R> {
    pub(super) async fn open(wanted: &Wanted, source: Source) -> Result<Self, Failure> {
        let data = wanted.place.create()?;
        let writer = PartWriter::open(&data, &source).await?;
        let (held, answered) = (Vec::new(), Answered::default());
        let bar = progress::share(0, "fetching");
        Ok(Self { writer, held, answered, written_at: Instant::now(), gaps: 0, bar })
    }

    /// Returns what of the times was not answered before.
    pub(super) fn missing(&self, wanted: &Wanted) -> Vec<TimeRange> {
        let span = Span { from: wanted.from.0, to: wanted.until.0 };
        let missing = self.writer.manifest().coverage.missing(span);
        let length = missing.iter().map(|span| span.to.saturating_sub(span.from).unsigned_abs());
        self.bar.set_length(length.fold(0, u64::saturating_add));
        let range =
            |span: Span| TimeRange { from: InstantUs(span.from), until: InstantUs(span.to) };
        missing.into_iter().map(range).collect()
    }

    /// Takes page after page of a range, to its end.
    pub(super) async fn follow<T>(
        &mut self,
        range: TimeRange,
        holes: Holes,
        row: impl Fn(T) -> R,
        mut next: impl AsyncFnMut() -> Result<Option<Page<T>>, RestError>,
    ) -> Result<(), Failure> {
        let mut from = range.from;
        loop {
            let page = match next().await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(()),
                Err(error) => {
                    // What came before it is not asked for again.
                    self.write().await?;
                    return Err(Failure::input(error));
                }
            };
            let until = page.answered_until.max(from);
            let rows: Vec<R> = page.rows.into_iter().map(&row).collect();
            // What is missing may be of the same instant as the first row behind it.
            let behind = rows.first().and_then(Record::time);
            let behind = behind.and_then(|time| time.checked_add_us(1)).unwrap_or(until);
            let named = page.missing.iter().filter_map(|missing| match holes {
                Holes::Times => hole_of_times(missing),
                Holes::Numbers => Some(hole_of_numbers(missing, from, behind)),
            });
            let gaps = named.collect();
            self.keep(rows, TimeRange { from, until }, gaps).await?;
            from = until;
        }
    }

    /// Takes the answer to a range.
    pub(super) async fn keep(
        &mut self,
        rows: Vec<R>,
        range: TimeRange,
        gaps: Vec<Gap>,
    ) -> Result<(), Failure> {
        let TimeRange { from, until } = range;
        self.gaps += gaps.len();
        self.held.extend(rows);
        self.answered.spans.extend(Span::new(from.0, until.0));
        self.answered.gaps.extend(gaps);
        if self.held.len() >= HELD_ROWS || self.written_at.elapsed() >= HELD_FOR {
            self.write().await?;
        }
        self.bar.inc(until.0.saturating_sub(from.0).unsigned_abs());
        let rows = u64::try_from(self.held.len()).unwrap_or(0) + self.writer.rows;
        self.bar.set_message(format!("{rows} rows of {}", self.writer.manifest().source));
        Ok(())
    }

    async fn write(&mut self) -> Result<(), Failure> {
        if self.held.is_empty() && self.answered == Answered::default() {
            return Ok(());
        }
        let (rows, answered) = (std::mem::take(&mut self.held), std::mem::take(&mut self.answered));
        self.writer.append(rows, &answered).await.map_err(Failure::input)?;
        self.writer.compact_many().await?;
        self.written_at = Instant::now();
        Ok(())
    }

    /// Writes what is left, puts files together and tells what was done.
    pub(super) async fn finish(mut self, wanted: &Wanted) -> Result<(), Failure> {
        self.write().await?;
        self.writer.compact().await?;
        self.bar.finish_and_clear();
        let source = self.writer.manifest().source.to_string();
        let PartWriter { rows, duplicates, .. } = self.writer;
        let gaps = self.gaps;
        if wanted.json {
            return output::print_json(&Json { source, rows, duplicates, gaps });
        }
        output::print_rows(&[
            ("source", source),
            ("new rows", rows.to_string()),
            ("rows that were there", duplicates.to_string()),
            ("gaps", gaps.to_string()),
        ])
    }
}

/// Names a hole by the times of the rows that are not there.
fn hole_of_times(missing: &Missing) -> Option<Gap> {
    let [from, to] = [missing.expected, missing.found].map(i64::try_from);
    let cause = "the venue has no such rows".to_owned();
    Some(Gap { from: from.ok()?, to: to.ok()?, cause })
}

/// Names a hole in the numbers by the times around it.
fn hole_of_numbers(missing: &Missing, from: InstantUs, behind: InstantUs) -> Gap {
    let Missing { expected, found } = missing;
    let last = found.saturating_sub(1);
    let cause = format!("the venue has no such rows: numbers {expected} to {last}");
    Gap { from: from.0, to: behind.0.max(from.0.saturating_add(1)), cause }
}
