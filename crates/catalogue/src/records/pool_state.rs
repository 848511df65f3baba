use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::SchemaRef;
use tidemill_store::check_columns;
use tidemill_units::{BlockNumber, FeeGrowth, InstantUs, Liquidity, SqrtPrice, Tick, U256};

use crate::columns::{Cells, Kind, batch, parsed, place, schema, times};
use crate::error::RecordFault;
use crate::{Dataset, Key, Record};

/// What a pool's contract answered at the end of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSnapshot {
    /// The block, all of whose events are in it.
    pub block: BlockNumber,
    /// The block's time.
    pub time: InstantUs,
    /// The price.
    pub sqrt_price: SqrtPrice,
    /// The tick.
    pub tick: Tick,
    /// The liquidity in range.
    pub liquidity: Liquidity,
    /// The fee growth of each token since the pool began.
    pub fee_growth: [FeeGrowth; 2],
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("block", Kind::U64, false),
        ("time", Kind::Time, false),
        ("sqrt_price_x96", Kind::Text, false),
        ("tick", Kind::I32, false),
        ("liquidity", Kind::Text, false),
        ("fee_growth_global0_x128", Kind::Text, false),
        ("fee_growth_global1_x128", Kind::Text, false),
    ])
});

fn texts<T: ToString>(values: impl Iterator<Item = T>) -> Arc<StringArray> {
    Arc::new(values.map(|value| Some(value.to_string())).collect())
}

/// Ordered by block.
impl Record for PoolSnapshot {
    type Frame = ();

    const DATASET: Dataset = Dataset::PoolStates;

    fn schema((): &()) -> SchemaRef {
        SCHEMA.clone()
    }

    fn key(&self) -> Result<Key, RecordFault> {
        place("block", self.block.0).map(Key::one)
    }

    fn time(&self) -> Option<InstantUs> {
        Some(self.time)
    }

    fn encode((): &(), rows: &[Self]) -> Result<RecordBatch, RecordFault> {
        let blocks: UInt64Array = rows.iter().map(|row| Some(row.block.0)).collect();
        let ticks: Int32Array = rows.iter().map(|row| Some(row.tick.0)).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(blocks),
            times(rows.iter().map(|row| row.time)),
            texts(rows.iter().map(|row| row.sqrt_price)),
            Arc::new(ticks),
            texts(rows.iter().map(|row| row.liquidity)),
            texts(rows.iter().map(|row| row.fee_growth[0].0)),
            texts(rows.iter().map(|row| row.fee_growth[1].0)),
        ];
        batch(&SCHEMA, columns)
    }

    fn decode((): &(), batch: &RecordBatch, _: (&str, u64)) -> Result<Vec<Self>, RecordFault> {
        check_columns(batch.schema_ref(), &SCHEMA)?;
        let cells = Cells(batch);
        let (block, time, tick) = (cells.u64s("block"), cells.times("time"), cells.i32s("tick"));
        let (price, liquidity) = (cells.texts("sqrt_price_x96"), cells.texts("liquidity"));
        let [growth0, growth1] =
            ["fee_growth_global0_x128", "fee_growth_global1_x128"].map(|name| cells.texts(name));
        let growth = |column, text| {
            let read: Result<U256, _> = parsed(column, text, "digits of at most 256 bits");
            read.map(FeeGrowth)
        };
        let row = |at| {
            Ok(Self {
                block: BlockNumber(block(at).unwrap_or_default()),
                time: time(at).unwrap_or_default(),
                sqrt_price: parsed("sqrt_price_x96", price(at), "digits of at most 160 bits")?,
                tick: Tick(tick(at).unwrap_or_default()),
                liquidity: parsed("liquidity", liquidity(at), "digits of at most 128 bits")?,
                fee_growth: [
                    growth("fee_growth_global0_x128", growth0(at))?,
                    growth("fee_growth_global1_x128", growth1(at))?,
                ],
            })
        };
        (0..cells.rows()).map(row).collect()
    }
}
