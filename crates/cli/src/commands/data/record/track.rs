use serde::Serialize;
use tidemill_catalogue::{Answered, Catalogue, CatalogueError, Gap, Record, Source, Writer};

use super::sight::{Rule, Sight};
use crate::failure::Failure;

/// How many files are written before they are put together.
const PARTS: u64 = 512;

/// One series of one market on its way into the data folder.
pub(super) struct Track<R: Record<Frame = ()>> {
    /// Which connection tells it.
    pub(super) line: usize,
    writer: Writer<R>,
    rows: Vec<R>,
    pub(super) sight: Sight,
    parts: u64,
    done: Recorded,
}

/// What became of a series.
#[derive(Clone, Debug, Default, Serialize)]
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
        let writer = data.writer::<R>(source, ()).await.map_err(Failure::input)?;
        let last = writer.manifest().ends().map(|(_, last)| last.first);
        let number = last.and_then(|last| u64::try_from(last).ok());
        let sight = Sight::new(rule, writer.manifest().coverage.clone(), number);
        let done = Recorded { source: source.to_string(), ..Recorded::default() };
        Ok(Self { line, writer, rows: Vec::new(), sight, parts: 0, done })
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
        Recorded { gaps: self.done.gaps + self.sight.gaps(), ..self.done.clone() }
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
        let appended = match self.writer.append(rows, &answered).await {
            Err(error @ (CatalogueError::Conflict { .. } | CatalogueError::Row { .. })) => {
                let cause = format!("what was seen was left out: {error}");
                let gaps = self.refused(&answered, &cause);
                self.writer.append(Vec::new(), &Answered { spans: Vec::new(), gaps }).await
            }
            appended => appended,
        };
        let appended = appended.map_err(Failure::input)?;
        self.done.rows += appended.rows;
        self.done.duplicates += appended.duplicates;
        self.parts += appended.files;
        if self.parts >= PARTS {
            self.compact().await?;
        }
        Ok(())
    }

    /// What was to be answered is a gap.
    fn refused(&mut self, answered: &Answered, cause: &str) -> Vec<Gap> {
        let gap = |from, to| Gap { from, to, cause: cause.to_owned() };
        let spans = answered.spans.iter().map(|span| gap(span.from, span.to));
        let gaps: Vec<_> = spans.chain(answered.gaps.iter().cloned()).collect();
        self.done.gaps += 1;
        gaps
    }

    pub(super) async fn compact(&mut self) -> Result<(), Failure> {
        self.parts = 0;
        self.writer.compact().await.map(drop).map_err(Failure::input)
    }
}
