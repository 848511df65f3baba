use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tidemill_model::TapeEvent;
use tidemill_store::PoolDescription;
use tidemill_units::InstantUs;

use crate::columns::place;
use crate::error::RecordFault;
use crate::record::Frame;
use crate::{Dataset, Key, Record};

impl Frame for PoolDescription {
    const FILE: Option<&'static str> = Some("pool.json");

    fn text(&self) -> Result<String, RecordFault> {
        Ok(self.to_json()?)
    }

    fn read(file: &str, text: &[u8]) -> Result<Self, RecordFault> {
        Ok(Self::read(file, text)?)
    }
}

/// Ordered by block, then by place in the block.
impl Record for TapeEvent {
    type Frame = PoolDescription;

    const DATASET: Dataset = Dataset::PoolEvents;

    fn schema(pool: &PoolDescription) -> SchemaRef {
        pool.schema()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        Ok(Key::two(place("block", self.block.0)?, i64::from(self.log_index.0)))
    }

    fn time(&self) -> Option<InstantUs> {
        InstantUs::from_timestamp(self.time)
    }

    fn encode(pool: &PoolDescription, rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        Ok(pool.encode(rows, "the events given")?)
    }

    fn decode(
        pool: &PoolDescription,
        batch: &RecordBatch,
        (file, rows): (&str, u64),
    ) -> Result<Vec<Self>, RecordFault> {
        Ok(pool.decode(batch, file, rows)?)
    }
}
