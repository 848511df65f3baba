use serde::Serialize;
use tidemill_catalogue::{Answered, Catalogue, CatalogueError, Gap, Record, Source};

use super::super::part_writer::PartWriter;
use super::sight::{Rule, Sight};
use crate::failure::Failure;

/// One series of one market on its way into the data folder.
pub(super) struct Track<R: Record<Frame = ()>> {
    /// Which connection tells it.
    pub(super) line: usize,
    writer: PartWriter<R>,
    rows: Vec<R>,
    pub(super) sight: Sight,
    /// How often rows were refused.
    refusals: u64,
}

/// What became of a series.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Recorded {
    pub(super) source: String,
    pub(super) rows: u64,
    pub(super) duplicates: u64,
    pub(super) gaps: u64,
}

impl<R: Record<Frame = ()>> Track<R> {
    pub(super) async fn open(
        data: &Catalogue,
        source: &Source,
        rule: Rule,
        line: usize,
    ) -> Result<Self, Failure> {
        let writer = PartWriter::open(data, source).await?;
        let last = writer.manifest().ends().map(|(_, last)| last.first);
        let number = last.and_then(|last| u64::try_from(last).ok());
        let sight = Sight::new(rule, writer.manifest().coverage.clone(), number);
        Ok(Self { line, writer, rows: Vec::new(), sight, refusals: 0 })
    }

    /// Takes the rows of one message, of which the first tells the time.
    pub(super) fn push(&mut self, number: u64, rows: impl IntoIterator<Item = R>) -> usize {
        let before = self.rows.len();
        self.rows.extend(rows);
        let time = self.rows.get(before).and_then(Record::time);
        if let Some(time) = time {
            self.sight.row(time.0, number);
        }
        self.rows.len() - before
    }

    /// Takes rows that say nothing of what was seen between others.
    pub(super) fn push_aside(&mut self, rows: Vec<R>) -> usize {
        let count = rows.len();
        self.rows.extend(rows);
        count
    }

    pub(super) fn done(&self) -> Recorded {
        let PartWriter { rows, duplicates, .. } = self.writer;
        let source = self.writer.manifest().source.to_string();
        Recorded { source, rows, duplicates, gaps: self.refusals + self.sight.gaps() }
    }

    /// Writes what was seen since it was written last.
    ///
    /// What contradicts what is recorded is left out and named as a gap, so that one such row does
    /// not end a recording.
    pub(super) async fn write(&mut self) -> Result<(), Failure> {
        let (rows, answered) = (std::mem::take(&mut self.rows), self.sight.take());
        if rows.is_empty() && answered == Answered::default() {
            return Ok(());
        }
        let written = match self.writer.append(rows, &answered).await {
            Err(error @ (CatalogueError::Conflict { .. } | CatalogueError::Row { .. })) => {
                let cause = format!("what was seen was left out: {error}");
                let gaps = self.refused(&answered, &cause);
                self.writer.append(Vec::new(), &Answered { spans: Vec::new(), gaps }).await
            }
            written => written,
        };
        written.map_err(Failure::input)?;
        self.writer.compact_many().await
    }

    /// What was to be answered is a gap.
    fn refused(&mut self, answered: &Answered, cause: &str) -> Vec<Gap> {
        let gap = |from, to| Gap { from, to, cause: cause.to_owned() };
        let spans = answered.spans.iter().map(|span| gap(span.from, span.to));
        let gaps: Vec<_> = spans.chain(answered.gaps.iter().cloned()).collect();
        self.refusals += 1;
        gaps
    }

    pub(super) async fn compact(&mut self) -> Result<(), Failure> {
        self.writer.compact().await
    }
}
