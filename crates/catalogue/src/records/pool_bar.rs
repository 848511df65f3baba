use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow_schema::SchemaRef;
use tidemill_store::check_columns;
use tidemill_units::{Amounts, InstantUs, Liquidity, SignedAmount, Tick};

use crate::columns::{Cells, Kind, batch, parsed, schema, times};
use crate::error::RecordFault;
use crate::{Dataset, Key, Record};

/// What happened in a pool of positions during one interval, as a source sums it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolBar {
    /// Where the interval begins.
    pub open_time: InstantUs,
    /// The first tick, as the source takes it.
    pub open: Tick,
    /// The highest.
    pub high: Tick,
    /// The lowest.
    pub low: Tick,
    /// The last.
    pub close: Tick,
    /// What swaps brought into the pool, less what they took, of each token.
    pub net: [SignedAmount; 2],
    /// What swaps paid in of each token: what the fee is taken from.
    pub paid_in: Amounts,
    /// The liquidity in range at the end.
    pub liquidity: Liquidity,
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("open_time", Kind::Time, false),
        ("open_tick", Kind::I32, false),
        ("high_tick", Kind::I32, false),
        ("low_tick", Kind::I32, false),
        ("close_tick", Kind::I32, false),
        ("net_amount0", Kind::Text, false),
        ("net_amount1", Kind::Text, false),
        ("amount0_in", Kind::Text, false),
        ("amount1_in", Kind::Text, false),
        ("liquidity", Kind::Text, false),
    ])
});

/// Ordered by opening time.
impl Record for PoolBar {
    type Frame = ();

    const DATASET: Dataset = Dataset::PoolBars;

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
        let ticks = |of: fn(&Self) -> Tick| -> Arc<Int32Array> {
            Arc::new(rows.iter().map(|row| Some(of(row).0)).collect())
        };
        let texts = |of: fn(&Self) -> String| -> Arc<StringArray> {
            Arc::new(rows.iter().map(|row| Some(of(row))).collect())
        };
        let columns: Vec<ArrayRef> = vec![
            times(rows.iter().map(|row| row.open_time)),
            ticks(|row| row.open),
            ticks(|row| row.high),
            ticks(|row| row.low),
            ticks(|row| row.close),
            texts(|row| row.net[0].to_string()),
            texts(|row| row.net[1].to_string()),
            texts(|row| row.paid_in.amount0.to_string()),
            texts(|row| row.paid_in.amount1.to_string()),
            texts(|row| row.liquidity.to_string()),
        ];
        batch(&SCHEMA, columns)
    }

    fn decode((): &(), batch: &RecordBatch, _: (&str, u64)) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &SCHEMA)?;
        let cells = Cells(batch);
        let time = cells.times("open_time");
        let [open, high, low, close] =
            ["open_tick", "high_tick", "low_tick", "close_tick"].map(|name| cells.i32s(name));
        let [net0, net1, paid0, paid1, liquidity] =
            ["net_amount0", "net_amount1", "amount0_in", "amount1_in", "liquidity"]
                .map(|name| cells.texts(name));
        const SIGNED: &str = "digits, perhaps with a minus sign";
        const DIGITS: &str = "digits of at most 256 bits";
        let row = |at| {
            Ok(Self {
                open_time: time(at).unwrap_or_default(),
                open: Tick(open(at).unwrap_or_default()),
                high: Tick(high(at).unwrap_or_default()),
                low: Tick(low(at).unwrap_or_default()),
                close: Tick(close(at).unwrap_or_default()),
                net: [
                    parsed("net_amount0", net0(at), SIGNED)?,
                    parsed("net_amount1", net1(at), SIGNED)?,
                ],
                paid_in: Amounts {
                    amount0: parsed("amount0_in", paid0(at), DIGITS)?,
                    amount1: parsed("amount1_in", paid1(at), DIGITS)?,
                },
                liquidity: parsed("liquidity", liquidity(at), DIGITS)?,
            })
        };
        (0..cells.rows()).map(row).collect()
    }
}
