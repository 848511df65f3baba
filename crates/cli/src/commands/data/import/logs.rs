use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use tidemill_catalogue::{Answered, Span, Writer, block_place};
use tidemill_feed_evm::{LogCounts, LogFile, TapeLogs, open_log_file};
use tidemill_model::TapeEvent;
use tidemill_units::BlockNumber;

use super::super::Place;
use super::super::pool_reading::{Contracts, PoolFile};
use crate::failure::Failure;
use crate::{output, progress};

/// Events that are held before they are written.
const HELD_EVENTS: usize = 1 << 16;

/// What was imported.
#[derive(Serialize)]
struct Json {
    source: String,
    logs: u64,
    events: u64,
    duplicates: u64,
    irrelevant: BTreeMap<&'static str, u64>,
    of_others: u64,
}

/// Brings a file of a pool's raw logs into the data folder.
pub(super) async fn run(
    place: &Place,
    (file, pool): (&Path, &PoolFile),
    contracts: &Contracts,
    json: bool,
) -> Result<(), Failure> {
    let reading = contracts.reading(pool, None).await?;
    let source = pool.source()?;
    let logs = open_log_file(file).map_err(Failure::input)?;
    let data = place.create()?;
    let writer = data.writer::<TapeEvent>(&source, pool.description.clone()).await;
    let writer = writer.map_err(Failure::input)?;
    let mut import =
        Events { file, logs: reading.logs, writer, rows: Vec::new(), ends: None, new: 0 };
    let spinner = progress::spinner("importing logs");
    let count = match import.read(logs, &mut |count| spinner.set_position(count)).await {
        Ok(count) => count,
        Err(failure) => {
            // Why the import ends is the failure; what stays behind counts for nothing.
            let _ = import.writer.discard().await;
            return Err(failure);
        }
    };
    import.writer.commit().await.map_err(Failure::input)?;
    import.writer.compact().await.map_err(Failure::input)?;
    spinner.finish_and_clear();
    let LogCounts { duplicates, irrelevant, others } = import.logs.counts();
    let events = import.new;
    let told = Json {
        source: source.to_string(),
        logs: count,
        events,
        duplicates,
        irrelevant,
        of_others: others,
    };
    if json { output::print_json(&told) } else { told.print() }
}

/// Events on their way into the data folder.
struct Events<'a> {
    file: &'a Path,
    logs: TapeLogs,
    writer: Writer<TapeEvent>,
    rows: Vec<TapeEvent>,
    /// The first block, and the last that was written.
    ends: Option<(u64, u64)>,
    /// Events that were not there before.
    new: u64,
}

impl Events<'_> {
    /// Writes all events of the logs, without recording them; returns how many logs there are.
    async fn read(
        &mut self,
        logs: LogFile,
        on_progress: &mut dyn FnMut(u64),
    ) -> Result<u64, Failure> {
        let mut count = 0_u64;
        for log in logs {
            let pushed = self.logs.push(log.map_err(Failure::input)?);
            pushed.map_err(|error| self.at(&error))?;
            count = count.saturating_add(1);
            self.take();
            if self.rows.len() >= HELD_EVENTS {
                self.write().await?;
                on_progress(count);
            }
        }
        self.logs.finish().map_err(|error| self.at(&error))?;
        self.take();
        self.write().await?;
        Ok(count)
    }

    fn at(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::input(format!("{}: {error}", self.file.display()))
    }

    fn take(&mut self) {
        self.rows.extend(std::iter::from_fn(|| self.logs.take()));
    }

    /// Stages what is held. Of a file it is taken that nothing is left out between its first event
    /// and its last.
    async fn write(&mut self) -> Result<(), Failure> {
        let rows = std::mem::take(&mut self.rows);
        let own = rows.first().zip(rows.last()).map(|(first, last)| (first.block.0, last.block.0));
        self.ends = match (self.ends, own) {
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            (ends, own) => ends.or(own),
        };
        let place = |block| block_place(BlockNumber(block));
        let span = self
            .ends
            .and_then(|(first, last)| Span::new(place(first)?, place(last.saturating_add(1))?));
        let answered = Answered { spans: span.into_iter().collect(), gaps: Vec::new() };
        let appended = self.writer.stage(rows, &answered).await.map_err(Failure::input)?;
        self.new = self.new.saturating_add(appended.rows);
        Ok(())
    }
}

impl Json {
    fn print(&self) -> Result<(), Failure> {
        let mut rows = vec![
            ("source", self.source.clone()),
            ("logs", self.logs.to_string()),
            ("new events", self.events.to_string()),
            ("logs that came twice", self.duplicates.to_string()),
            ("logs of others", self.of_others.to_string()),
        ];
        let named =
            |(event, count): (&&'static str, &u64)| ("no event", format!("{event} {count}"));
        rows.extend(self.irrelevant.iter().map(named));
        output::print_rows(&rows)
    }
}
