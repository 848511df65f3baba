use std::cell::RefCell;

use tidemill_feed_evm::backfill::{Chunk, Resume, Sink, SinkError};
use tidemill_feed_evm::{
    DecodeError, PlacedProgrammeLog, ProgrammeLogs, ProgrammeTransaction, RawLog, TransactionCall,
};
use tidemill_model::ProgrammeTapeEvent;
use tidemill_units::U256;

use super::facts::Facts;
use crate::failure::Failure;

/// A programme's events, in memory: a tape is written whole.
pub(super) struct Events<'a> {
    pub(super) logs: ProgrammeLogs,
    pub(super) facts: Facts<'a>,
    pub(super) events: Vec<ProgrammeTapeEvent>,
}

impl Sink for Events<'_> {
    fn progress(&self) -> Result<Option<Resume>, SinkError> {
        Ok(None)
    }

    fn accept(&mut self, chunk: Chunk) -> Result<(), SinkError> {
        if let Some(gap) = chunk.gaps.first() {
            let text = format!("blocks {} to {}: {}", gap.from, gap.to, gap.cause);
            return Err(SinkError(text.into()));
        }
        let same = |one: &RawLog, other: &RawLog| {
            one.place.block == other.place.block && one.transaction == other.transaction
        };
        for logs in chunk.logs.chunk_by(same) {
            let read = tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(self.transaction(logs))
            });
            read.map_err(|failure| SinkError(failure.to_string().into()))?;
        }
        Ok(())
    }
}

impl Events<'_> {
    async fn transaction(&mut self, logs: &[RawLog]) -> Result<(), Failure> {
        let Some(first) = logs.first() else { return Ok(()) };
        let call = self.facts.call(first).await?;
        let told = loop {
            let (told, asked) = self.decode(logs, call.as_ref());
            match asked {
                Some(position) => self.facts.learn(position, first.place.block).await?,
                None => break told.map_err(Failure::input)?,
            }
        };
        for PlacedProgrammeLog { place, time, log } in told {
            let time = time.or(first.time);
            let time = time.ok_or_else(|| Failure::input(format!("{place}: no time")))?;
            self.events.push(ProgrammeTapeEvent {
                block: place.block,
                log_index: place.log_index,
                time,
                gas_used: None,
                gas_price: None,
                log,
            });
        }
        Ok(())
    }

    /// Reads a transaction's logs; says of which position the ticks are missing.
    fn decode(
        &self,
        logs: &[RawLog],
        call: Option<&TransactionCall>,
    ) -> (Result<Vec<PlacedProgrammeLog>, DecodeError>, Option<U256>) {
        let missing = RefCell::new(None);
        let range_of = |position: U256| {
            let known = self.facts.ranges.get(&position).copied();
            if known.is_none() {
                missing.borrow_mut().get_or_insert(position);
            }
            known
        };
        // None of the kinds that are fetched is a gauge of Slipstream's.
        let transaction =
            ProgrammeTransaction { logs, call, range_of: &range_of, left_of: &|_| None };
        let told = self.logs.decode(&transaction);
        (told, missing.into_inner())
    }
}
