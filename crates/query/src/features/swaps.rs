use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::{BoxStream, StreamExt};

use super::Lake;
use super::swap_rows::{RecordedPool, SwapRow, pool_of};
use crate::columns::{instant_array, instant_type, optional, required};
use crate::feature::{Feature, TimeBounds};
use crate::pool_description::PoolDescription;

/// `swaps(pool)`: every swap, in whole tokens. `price` is what the swap paid on average and
/// `pool_price` what the pool asks afterwards, both in token1 per token0.
#[derive(Debug)]
struct Swaps {
    pool: RecordedPool,
    schema: SchemaRef,
}

pub(super) fn call(lake: &Arc<Lake>, values: &[Expr]) -> Result<Arc<dyn Feature>> {
    let pool = pool_of(lake, "swaps", values)?;
    let schema = Schema::new(vec![
        required("time", instant_type()),
        required("block", DataType::UInt64),
        required("log_index", DataType::UInt64),
        required("token_in", DataType::Utf8),
        required("amount_in", DataType::Float64),
        required("token_out", DataType::Utf8),
        required("amount_out", DataType::Float64),
        optional("price", DataType::Float64),
        optional("pool_price", DataType::Float64),
        optional("liquidity", DataType::Float64),
        optional("fee", DataType::Float64),
    ]);
    Ok(Arc::new(Swaps { pool, schema: Arc::new(schema) }))
}

impl Feature for Swaps {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn time_column(&self) -> &'static str {
        "time"
    }

    fn rows(&self, bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>> {
        let schema = Arc::clone(&self.schema);
        let swaps = self.pool.swaps(bounds, 0);
        swaps
            .map(move |batch| {
                let (pool, swaps) = batch?;
                rows(&schema, &pool, &swaps)
            })
            .boxed()
    }
}

fn rows(schema: &SchemaRef, pool: &PoolDescription, swaps: &[SwapRow]) -> Result<RecordBatch> {
    let symbol = |token: usize| pool.tokens.get(token).map(|token| token.symbol.as_str());
    let number = |value: fn(&SwapRow) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(swaps.iter().map(value)))
    };
    let maybe = |value: fn(&SwapRow) -> Option<f64>| -> ArrayRef {
        Arc::new(swaps.iter().map(value).collect::<Float64Array>())
    };
    let whole = |value: fn(&SwapRow) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(swaps.iter().map(value)))
    };
    let tokens = |value: fn(&SwapRow) -> usize| -> ArrayRef {
        Arc::new(swaps.iter().map(|swap| symbol(value(swap))).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = vec![
        instant_array(swaps.iter().map(|swap| swap.time).collect()),
        whole(|swap| swap.block),
        whole(|swap| swap.log_index),
        tokens(|swap| swap.token_in),
        number(|swap| swap.amount_in),
        tokens(|swap| swap.token_out),
        number(|swap| swap.amount_out),
        maybe(SwapRow::price),
        maybe(|swap| swap.pool_price),
        maybe(|swap| swap.liquidity),
        maybe(|swap| swap.fee),
    ];
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
