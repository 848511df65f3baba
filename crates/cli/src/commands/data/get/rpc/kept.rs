use tidemill_catalogue::{Block, Writer};
use tidemill_feed_evm::TapeLogs;
use tidemill_feed_evm::backfill::{Chunk, Resume, Sink, SinkError};
use tidemill_model::TapeEvent;
use tidemill_units::BlockNumber;

use super::super::chunks;

/// The data folder, chunk by chunk. The events' coverage says how far it is, and is written last.
pub(super) struct Kept {
    pub(super) logs: TapeLogs,
    /// Whether what a log says depends on those before it.
    pub(super) carries: bool,
    pub(super) writer: Writer<TapeEvent>,
    pub(super) blocks: Option<Writer<Block>>,
    /// The first block that is not kept yet.
    pub(super) next: u64,
    /// An earlier block that the reader of logs begins in; what it says of kept blocks is known.
    pub(super) again: Option<u64>,
}

impl Sink for Kept {
    fn progress(&self) -> Result<Option<Resume>, SinkError> {
        let next = self.again.unwrap_or(self.next);
        Ok(Some(Resume { next: BlockNumber(next), parent: None }))
    }

    fn accept(&mut self, chunk: Chunk) -> Result<(), SinkError> {
        // What comes after a hole would be read as if nothing had happened in it.
        if let Some(gap) = chunk.gaps.first().filter(|_| self.carries) {
            let (from, to, cause) = (gap.from, gap.to, &gap.cause);
            let text = format!("blocks {from} to {to}: {cause}; what came before them is kept");
            return Err(SinkError(text.into()));
        }
        let answered = chunks::answered(&chunk)?;
        let headers = chunk.headers.iter().map(chunks::block).collect();
        let mut events = Vec::new();
        for log in chunk.logs {
            self.logs.push(log).map_err(chunks::refused)?;
            events.extend(std::iter::from_fn(|| self.logs.take()));
        }
        self.logs.finish().map_err(chunks::refused)?;
        events.extend(std::iter::from_fn(|| self.logs.take()));
        events.retain(|event| event.block.0 >= self.next);
        if let Some(blocks) = &mut self.blocks {
            chunks::append(blocks, headers, &answered)?;
        }
        chunks::append(&mut self.writer, events, &answered)?;
        self.again = None;
        self.next = self.next.max(chunk.to.0.saturating_add(1));
        Ok(())
    }
}
