use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use arrow_schema::SchemaRef;
use tidemill_model::Candle;
use tidemill_store::check_columns;
use tidemill_units::InstantUs;

use crate::columns::{Cells, Kind, batch, decimals, schema, times};
use crate::error::RecordFault;
use crate::{Dataset, Key, Record};

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("open_time", Kind::Time, false),
        ("open", Kind::Decimal, false),
        ("high", Kind::Decimal, false),
        ("low", Kind::Decimal, false),
        ("close", Kind::Decimal, false),
        ("volume", Kind::Decimal, false),
        ("quote_volume", Kind::Decimal, true),
        ("trades", Kind::U64, true),
    ])
});

/// Ordered by opening time.
impl Record for Candle {
    type Frame = ();

    const DATASET: Dataset = Dataset::Candles;

    fn schema((): &()) -> SchemaRef {
        SCHEMA.clone()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        Ok(Key::one(self.open_time.0))
    }

    fn time(&self) -> Option<InstantUs> {
        Some(self.open_time)
    }

    fn encode((): &(), rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        let trades: UInt64Array = rows.iter().map(|row| row.trades).collect();
        let columns: Vec<ArrayRef> = vec![
            times(rows.iter().map(|row| row.open_time)),
            decimals("open", rows.iter().map(|row| row.open))?,
            decimals("high", rows.iter().map(|row| row.high))?,
            decimals("low", rows.iter().map(|row| row.low))?,
            decimals("close", rows.iter().map(|row| row.close))?,
            decimals("volume", rows.iter().map(|row| row.volume))?,
            decimals("quote_volume", rows.iter().map(|row| row.quote_volume))?,
            Arc::new(trades),
        ];
        batch(&SCHEMA, columns)
    }

    fn decode((): &(), batch: &RecordBatch, _: (&str, u64)) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &SCHEMA)?;
        let cells = Cells(batch);
        let time = cells.times("open_time");
        let [open, high, low, close, volume, quote_volume] =
            ["open", "high", "low", "close", "volume", "quote_volume"]
                .map(|name| cells.decimals(name));
        let trades = cells.u64s("trades");
        let row = |at| Self {
            open_time: time(at).unwrap_or_default(),
            open: open(at).unwrap_or_default(),
            high: high(at).unwrap_or_default(),
            low: low(at).unwrap_or_default(),
            close: close(at).unwrap_or_default(),
            volume: volume(at).unwrap_or_default(),
            quote_volume: quote_volume(at),
            trades: trades(at),
        };
        Ok((0..cells.rows()).map(row).collect())
    }
}
