use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::BoxStream;

use super::Lake;
use super::swap_rows::{RecordedPool, rows_by_swap};
use crate::arguments::Arguments;
use crate::columns::{instant_type, required};
use crate::feature::{Feature, TimeBounds};

/// `depth(pool, bps)`: what the pool sells while its price moves by so many basis points, up for
/// token0 and down for token1, after each swap of a concentrated pool.
///
/// By the liquidity in range alone: what stands behind the next initialised tick is not counted
/// with its own liquidity.
#[derive(Debug)]
struct Depth {
    pool: RecordedPool,
    bps: f64,
    schema: SchemaRef,
}

pub(super) fn call(lake: &Arc<Lake>, values: &[Expr]) -> Result<Arc<dyn Feature>> {
    let arguments = Arguments::new("depth", &["pool", "bps"], values)?;
    let pool = RecordedPool::find(lake, &arguments)?;
    let bps = arguments.positive(1)?;
    if bps >= 10_000.0 {
        return plan_err!("depth: bps has to be below 10000");
    }
    let schema = Schema::new(vec![
        required("time", instant_type()),
        required("pool_price", DataType::Float64),
        required("sells0", DataType::Float64),
        required("sells1", DataType::Float64),
    ]);
    Ok(Arc::new(Depth { pool, bps, schema: Arc::new(schema) }))
}

impl Feature for Depth {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn time_column(&self) -> &'static str {
        "time"
    }

    fn rows(&self, bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>> {
        let schema = Arc::clone(&self.schema);
        let move_by = self.bps / 10_000.0;
        let (up, down) = ((1.0 + move_by).sqrt(), (1.0 - move_by).sqrt());
        rows_by_swap(self.pool.swaps(bounds, 0), schema, move |swap, units| {
            let (price, liquidity) = swap.pool_price.zip(swap.liquidity)?;
            // In raw units per raw unit, as liquidity counts.
            let root = (price * units.1 / units.0).sqrt();
            let sells0 = liquidity / root * (1.0 - 1.0 / up) / units.0;
            let sells1 = liquidity * root * (1.0 - down) / units.1;
            Some([price, sells0, sells1])
        })
    }
}
