use std::path::Path;

use tidemill_catalogue::import::{ImportReport, ImportedSource, Staged};
use tidemill_catalogue::{Answered, Catalogue, Gap, Record, Source, Span};
use tidemill_feed_cex::{Dump, DumpError};
use tidemill_units::InstantUs;

use super::super::time_text;
use crate::failure::Failure;
use crate::progress;

/// Rows that are held before they are written.
const HELD_ROWS: usize = 1 << 17;

/// Rows between two signs of life.
const PROGRESS_ROWS: u64 = 1 << 14;

/// More holes than these are no history.
const MOST_HOLES: usize = 4_096;

/// How far from the times that its name says a row of no fixed time may be.
const SLACK_US: i64 = 60_000_000;

/// A published table: it is read twice, first to the end and only then into the data folder.
pub(super) struct Bulk<'a, T: 'static> {
    pub(super) file: &'a Path,
    pub(super) open: &'a dyn Fn() -> Result<Dump<T>, DumpError>,
    /// Where a row stands: its time and its number.
    pub(super) place: fn(&T) -> (InstantUs, u64),
    pub(super) order: Order,
    /// The times that the file's name says it has.
    pub(super) period: Option<Span>,
}

/// Where the rows of a table go.
pub(super) struct To<'a, R: Record> {
    pub(super) data: &'a Catalogue,
    pub(super) source: Source,
    pub(super) frame: R::Frame,
}

/// Opens the data folder, once there is something to write.
pub(super) type Create<'a> = &'a dyn Fn() -> Result<Catalogue, Failure>;

/// How the rows of a table follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Times that are multiples of so many microseconds. Where the venue leaves some out that have
    /// nothing to tell, they are no holes.
    Grid { column: &'static str, step: i64, leaves_out: bool },
    /// Numbers that rise by one, or just rise.
    Numbers { column: &'static str, by_one: bool },
    /// Times that rise, or at least do not fall.
    Times { column: &'static str, strictly: bool },
}

/// What a table turned out to hold.
#[derive(Debug, Default)]
pub(super) struct Checked {
    rows: u64,
    ends: Option<Span>,
    gaps: Vec<Gap>,
    last: Option<(InstantUs, u64)>,
}

impl Checked {
    /// Ends an import whose rows were staged, or takes everything back. The venues write nothing
    /// that would have to be rounded.
    pub(super) async fn end<R: Record>(
        &self,
        read: Result<(), Failure>,
        staged: Vec<Staged<R>>,
    ) -> Result<ImportReport, Failure> {
        match read {
            Ok(()) => {
                let sources = Staged::commit_all(staged).await.map_err(Failure::input)?;
                Ok(ImportReport { rows: self.rows, rounded: 0, unfit: 0, sources })
            }
            Err(failure) => {
                Staged::discard_all(staged).await;
                Err(failure)
            }
        }
    }
}

/// What is wrong with a row among the others: its column, what it says and what it should.
type Wrong = (&'static str, String, &'static str);

impl<T> Bulk<'_, T> {
    /// Brings all of it into one source, whose rows are described by nothing else.
    pub(super) async fn import<R: Record<Frame = ()>>(
        &self,
        create: Create<'_>,
        source: Source,
        row: impl FnMut(T) -> R,
    ) -> Result<ImportReport, Failure> {
        let checked = self.check()?;
        let to = To { data: &create()?, source, frame: () };
        let mut staged = Vec::new();
        let read = self.stage(&checked, to, row, &mut staged).await;
        checked.end(read, staged).await
    }

    /// Reads all of it.
    pub(super) fn check(&self) -> Result<Checked, Failure> {
        let spinner = progress::spinner("checking");
        let mut checked = Checked::default();
        let mut dump = (self.open)().map_err(Failure::input)?;
        while let Some(row) = dump.next() {
            let row = row.map_err(Failure::input)?;
            if let Err((column, found, expected)) = self.take(&mut checked, (self.place)(&row)) {
                return Err(Failure::input(dump.wrong(column, &found, expected)));
            }
            if checked.rows.is_multiple_of(PROGRESS_ROWS) {
                spinner.set_message(format!("checking, {} rows", checked.rows));
            }
        }
        spinner.finish_and_clear();
        if let (Order::Grid { leaves_out: false, .. }, Some(period)) = (self.order, self.period) {
            let (first, next) =
                checked.ends.map_or((period.to, period.to), |ends| (ends.from, ends.to));
            checked.gaps.extend([self.hole(period.from, first), self.hole(next, period.to)]);
            checked.gaps.retain(|gap| gap.from < gap.to);
        }
        Ok(checked)
    }

    fn take(&self, checked: &mut Checked, (time, number): (InstantUs, u64)) -> Result<(), Wrong> {
        let last = checked.last.replace((time, number));
        let length = match self.order {
            Order::Grid { column, step, leaves_out } => {
                if time.0.rem_euclid(step) != 0 {
                    return Err((column, time_text(time), "a multiple of the interval"));
                }
                let next = last.and_then(|(time, _)| time.0.checked_add(step));
                if next.is_some_and(|next| time.0 < next) {
                    return Err((column, time_text(time), "opening times in rising order"));
                }
                if let Some(next) = next.filter(|next| *next < time.0 && !leaves_out) {
                    checked.gaps.push(self.hole(next, time.0));
                }
                step
            }
            Order::Numbers { column, by_one } => {
                let next = last.map(|(_, number)| number.saturating_add(1));
                if next.is_some_and(|next| number < next) {
                    return Err((column, number.to_string(), "numbers in rising order"));
                }
                if let (Some((before, _)), Some(next)) = (last, next)
                    && by_one
                    && next < number
                {
                    // Those missing may be of the same times as the rows around them.
                    let mut hole = self.hole(before.0, time.0.max(before.0).saturating_add(1));
                    hole.cause = format!("{}: numbers {next} to {}", hole.cause, number - 1);
                    checked.gaps.push(hole);
                }
                1
            }
            Order::Times { column, strictly } => {
                if last.is_some_and(|(last, _)| time < last || (strictly && time == last)) {
                    return Err((column, time_text(time), "times in rising order"));
                }
                1
            }
        };
        let own = Span { from: time.0, to: time.0.saturating_add(length) };
        self.check_period(own)?;
        if checked.gaps.len() > MOST_HOLES {
            return Err((self.column(), number.to_string(), "a history of at most 4096 holes"));
        }
        let ends = checked.ends.get_or_insert(own);
        (ends.from, ends.to) = (ends.from.min(own.from), ends.to.max(own.to));
        checked.rows += 1;
        Ok(())
    }

    /// A file that was given another's name is not taken for that.
    fn check_period(&self, own: Span) -> Result<(), Wrong> {
        let slack = match self.order {
            Order::Grid { .. } => 0,
            Order::Numbers { .. } | Order::Times { .. } => SLACK_US,
        };
        let Some(period) = self.period else { return Ok(()) };
        let from = period.from.saturating_sub(slack);
        let to = period.to.saturating_add(slack);
        if from <= own.from && own.to <= to {
            return Ok(());
        }
        Err((self.column(), time_text(InstantUs(own.from)), "a time that the file's name says"))
    }

    fn column(&self) -> &'static str {
        match self.order {
            Order::Grid { column, .. }
            | Order::Numbers { column, .. }
            | Order::Times { column, .. } => column,
        }
    }

    fn hole(&self, from: i64, to: i64) -> Gap {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        Gap { from, to, cause: format!("{name} has no such rows") }
    }

    /// Writes what was checked, for one source more, without recording it.
    pub(super) async fn stage<R: Record>(
        &self,
        checked: &Checked,
        to: To<'_, R>,
        mut row: impl FnMut(T) -> R,
        staged: &mut Vec<Staged<R>>,
    ) -> Result<(), Failure> {
        let To { data, source, frame } = to;
        let bar = progress::bar(checked.rows, "importing");
        let writer = data.writer::<R>(&source, frame).await.map_err(Failure::input)?;
        let done = ImportedSource { source, rows: 0, duplicates: 0, gaps: 0 };
        let Staged { writer, done } = staged.push_mut(Staged { writer, done });
        let mut dump = (self.open)().map_err(Failure::input)?;
        loop {
            let rows: Result<Vec<R>, _> =
                dump.by_ref().take(HELD_ROWS).map(|read| read.map(&mut row)).collect();
            let rows = rows.map_err(Failure::input)?;
            if rows.is_empty() {
                break;
            }
            bar.inc(u64::try_from(rows.len()).unwrap_or(0));
            let one = writer.stage(rows, &Answered::default()).await.map_err(Failure::input)?;
            done.rows += one.rows;
            done.duplicates += one.duplicates;
        }
        let spans: Vec<_> = self.period.into_iter().chain(checked.ends).collect();
        let answered = Answered { spans, gaps: checked.gaps.clone() };
        writer.stage(Vec::new(), &answered).await.map_err(Failure::input)?;
        done.gaps = u64::try_from(checked.gaps.len()).unwrap_or(u64::MAX);
        bar.finish_and_clear();
        Ok(())
    }
}
