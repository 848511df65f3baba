use tidemill_amm::Pool;
use tidemill_model::{PoolEvent, SharePoolHeader, TapeEvent};
use tidemill_units::{BlockNumber, Gas, GasPrice, LogIndex};

use crate::base_log::joined;
use crate::error::RowFault;
use crate::share_row::{ShareColumn, ShareRow, has_room};
use crate::share_row_event::{Counts, read_share_event};
use crate::tape_builder::{check_successor, check_time_range};
use crate::{Fault, ShareTape};

/// Checks the rows of a tape of shares one by one and collects them; the only way in which a
/// reader can make one.
pub(crate) struct ShareTapeBuilder {
    tape: ShareTape,
    counts: Counts,
}

impl ShareTapeBuilder {
    /// Starts a tape; header and state have been checked where they were read.
    pub(crate) fn new(header: SharePoolHeader, start: Pool) -> Self {
        let counts = Counts::of(&start);
        Self { tape: ShareTape { header, start, events: Vec::new() }, counts }
    }

    /// Adds an event; rows come in chain order.
    pub(crate) fn push(&mut self, row: &ShareRow<'_>) -> Result<(), RowFault> {
        if !has_room(self.tape.events.len()) {
            return Err(ShareColumn::Kind.fault(Fault::TooManyRows));
        }
        let event = share_tape_event(row, self.counts)?;
        match self.tape.events.last() {
            Some(before) => check_successor(before, &event)?,
            None => self.check_first(&event)?,
        }
        // One call, whose first log was the row before.
        if let Some(joined) = self.tape.events.last().and_then(|before| joined(before, &event)) {
            self.tape.events.pop();
            self.tape.events.push(joined);
            return Ok(());
        }
        self.tape.events.push(event);
        Ok(())
    }

    fn check_first(&self, event: &TapeEvent) -> Result<(), RowFault> {
        let snapshot = self.tape.header.state_after_block;
        if event.block > snapshot {
            return Ok(());
        }
        let (found, snapshot) = (event.block.0, snapshot.0);
        Err(ShareColumn::Block.fault(Fault::BeforeSnapshot { found, snapshot }))
    }

    /// Ends the tape.
    pub(crate) fn finish(self) -> Result<ShareTape, Fault> {
        if self.tape.events.is_empty() {
            return Err(Fault::NoEvents);
        }
        Ok(self.tape)
    }
}

/// Reads one event by itself.
pub(crate) fn share_tape_event(row: &ShareRow<'_>, counts: Counts) -> Result<TapeEvent, RowFault> {
    let event = read_share_event(row, counts)?;
    let kind = event.kind();
    let missing = |column: ShareColumn| column.fault(Fault::Missing { kind });
    let event = TapeEvent {
        block: BlockNumber(row.block.ok_or_else(|| missing(ShareColumn::Block))?),
        log_index: LogIndex(row.log_index.ok_or_else(|| missing(ShareColumn::LogIndex))?),
        time: row.time.ok_or_else(|| missing(ShareColumn::Time))?,
        gas_used: row.gas_used.map(Gas),
        gas_price: row.gas_price.map(u128::from).map(GasPrice),
        event: PoolEvent::Shares(event),
    };
    check_time_range(event.time)?;
    Ok(event)
}
