//! Rows of a pool's events in the columns of a tape, for files that hold a part of a history.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tidemill_amm::Pool;
use tidemill_model::{PoolEvent, PoolHeader, ShareEvent, SharePoolHeader, TapeEvent};

use crate::importer::file_error;
use crate::parquet_read::read_batch_events;
use crate::pool_json::{pool_json_text, read_pool_json};
use crate::row::Column;
use crate::row_batch::RowBatch;
use crate::row_event::value_fault;
use crate::share_parquet::{encode_share_rows, read_share_batch, share_schema};
use crate::share_pool_json::{is_share_pool_json, read_share_pool_json, share_pool_json_text};
use crate::tape_schema::tape_schema;
use crate::{FormatFault, ShareTape, TapeError, check_columns};

/// What a `pool.json` says: the pool whose events rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolDescription {
    /// A pool in which each provider has positions of its own.
    Concentrated(PoolHeader),
    /// A pool of shares and its state at the start.
    Shares(SharePoolHeader, Box<Pool>),
}

impl PoolDescription {
    /// Reads a `pool.json` of either form; `file` is how errors name it.
    ///
    /// # Errors
    ///
    /// [`TapeError::File`] and [`TapeError::Field`], as for the importer.
    pub fn read(file: &str, json: &[u8]) -> Result<Self, TapeError> {
        if is_share_pool_json(json) {
            let (header, start) = read_share_pool_json(file, json)?;
            return Ok(Self::Shares(header, Box::new(start)));
        }
        read_pool_json(file, json).map(Self::Concentrated)
    }

    /// Writes it so that [`read`](Self::read) gives it back.
    ///
    /// # Errors
    ///
    /// [`TapeError::File`] for a state that has no text.
    pub fn to_json(&self) -> Result<String, TapeError> {
        let text = match self {
            Self::Concentrated(header) => pool_json_text(header),
            Self::Shares(header, start) => share_pool_json_text(&ShareTape {
                header: header.clone(),
                start: Pool::clone(start),
                events: Vec::new(),
            }),
        };
        text.map_err(|fault| file_error("pool.json", fault))
    }

    /// Returns the columns of the pool's rows: those of its tape.
    pub fn schema(&self) -> SchemaRef {
        match self {
            Self::Concentrated(header) => tape_schema(&header.build),
            Self::Shares(..) => share_schema(),
        }
    }

    /// Returns events as rows; `place` is how errors name them.
    ///
    /// # Errors
    ///
    /// [`TapeError::Row`] for an event that such a pool does not have, or a time or gas price
    /// beyond what a row can hold.
    pub fn encode(&self, events: &[TapeEvent], place: &str) -> Result<RecordBatch, TapeError> {
        let Self::Concentrated(header) = self else { return encode_share_rows(events, place) };
        let mut batch = RowBatch::of(header.build);
        for (event, row) in events.iter().zip(1..) {
            if let PoolEvent::Shares(of_shares) = &event.event {
                let expected = "an event of a pool of positions";
                let fault = value_fault(Column::Kind, ShareEvent::kind(of_shares), expected);
                return Err(fault.at(place, row));
            }
            batch.push_event(event).map_err(|fault| fault.at(place, row))?;
        }
        batch.take().map_err(|fault| file_error(place, fault))
    }

    /// Reads rows, each under all rules of the importer but those about its neighbours; `rows` of
    /// `file` were read before.
    ///
    /// # Errors
    ///
    /// [`TapeError::File`] for other columns, [`TapeError::Row`] for the first row that breaks a
    /// rule.
    pub fn decode(
        &self,
        batch: &RecordBatch,
        file: &str,
        rows: u64,
    ) -> Result<Vec<TapeEvent>, TapeError> {
        check_columns(batch.schema_ref(), &self.schema())
            .map_err(|other| file_error(file, FormatFault::from(other)))?;
        let mut row = rows;
        let read = match self {
            Self::Concentrated(header) => read_batch_events(batch, header, &mut row),
            Self::Shares(_, start) => read_share_batch(batch, start, &mut row),
        };
        read.map_err(|fault| fault.at(file, row))
    }
}

#[cfg(test)]
mod tests;
