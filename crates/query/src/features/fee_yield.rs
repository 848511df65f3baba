use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::BoxStream;

use super::Lake;
use super::swap_rows::{RecordedPool, SwapRow, rows_by_swap};
use crate::arguments::Arguments;
use crate::columns::{YEAR_US, instant_type, required};
use crate::feature::{Feature, TimeBounds};

/// `fee_yield(pool, window)`: what a full-range position earned in the window up to each swap, as
/// a share of its value; `annual` is that times the windows of a 365-day year. A narrower range
/// earns its capital efficiency times as much while it is in range.
///
/// Fees are divided by the liquidity after each swap, so a swap that crosses a tick is approximate;
/// the protocol's share is not taken off.
#[derive(Debug)]
struct FeeYield {
    pool: RecordedPool,
    window: i64,
    schema: SchemaRef,
}

pub(super) fn call(lake: &Arc<Lake>, values: &[Expr]) -> Result<Arc<dyn Feature>> {
    let arguments = Arguments::new("fee_yield", &["pool", "window"], values)?;
    let pool = RecordedPool::find(lake, &arguments)?;
    let window = arguments.interval(1)?.us();
    let schema = Schema::new(vec![
        required("time", instant_type()),
        required("pool_price", DataType::Float64),
        required("fee_yield", DataType::Float64),
        required("annual", DataType::Float64),
    ]);
    Ok(Arc::new(FeeYield { pool, window, schema: Arc::new(schema) }))
}

impl Feature for FeeYield {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn time_column(&self) -> &'static str {
        "time"
    }

    fn rows(&self, bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>> {
        let (schema, length) = (Arc::clone(&self.schema), self.window);
        let mut window = Window { length, swaps: VecDeque::new(), sum: 0.0, steps: 0 };
        rows_by_swap(self.pool.swaps(bounds, length), schema, move |swap, units| {
            let (price, earned) = yield_of(swap, units)?;
            let sum = window.push(swap.time, earned);
            Some([price, sum, sum * YEAR_US / length as f64])
        })
    }
}

/// The price after a swap, and its fee by unit of liquidity over the value of that unit in a full
/// range, `2 sqrt(price)` of token1, both in raw units.
fn yield_of(swap: &SwapRow, units: (f64, f64)) -> Option<(f64, f64)> {
    let price = swap.pool_price?;
    let liquidity = swap.liquidity.filter(|liquidity| *liquidity > 0.0)?;
    let raw_price = price * units.1 / units.0;
    let fee1 = match swap.token_in {
        0 => swap.fee? * units.0 * raw_price,
        _ => swap.fee? * units.1,
    };
    (raw_price > 0.0).then(|| (price, fee1 / liquidity / (2.0 * raw_price.sqrt())))
}

/// What was earned in the last span of time.
struct Window {
    length: i64,
    swaps: VecDeque<(i64, f64)>,
    sum: f64,
    steps: usize,
}

impl Window {
    fn push(&mut self, time: i64, earned: f64) -> f64 {
        self.swaps.push_back((time, earned));
        self.sum += earned;
        let start = time.saturating_sub(self.length);
        while self.swaps.front().is_some_and(|(at, _)| *at <= start) {
            self.sum -= self.swaps.pop_front().map_or(0.0, |(_, earned)| earned);
        }
        self.steps += 1;
        if self.steps >= self.swaps.len() {
            // Now and then what rounding has left in the sum is taken out again.
            self.steps = 0;
            self.sum = self.swaps.iter().map(|(_, earned)| earned).sum();
        }
        self.sum
    }
}
