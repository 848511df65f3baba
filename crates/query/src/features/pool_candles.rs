use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use tidemill_model::Interval;
use tidemill_units::InstantUs;

use super::Lake;
use super::candles::{Gathered, schema};
use super::swap_rows::{RecordedPool, SwapRow};
use crate::arguments::Arguments;
use crate::feature::{Feature, TimeBounds};

/// `pool_candles(pool, interval)`: candles of a pool's price after each swap, token1 per token0;
/// in pools of shares, of what each swap paid on average. `volume` is of token0, `quote_volume` of
/// token1. An interval without a swap has no candle.
#[derive(Debug)]
struct PoolCandles {
    pool: RecordedPool,
    interval: Interval,
    schema: SchemaRef,
}

pub(super) fn call(lake: &Arc<Lake>, values: &[Expr]) -> Result<Arc<dyn Feature>> {
    let arguments = Arguments::new("pool_candles", &["pool", "interval"], values)?;
    let pool = RecordedPool::find(lake, &arguments)?;
    let interval = arguments.interval(1)?;
    Ok(Arc::new(PoolCandles { pool, interval, schema: schema() }))
}

impl Feature for PoolCandles {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn time_column(&self) -> &'static str {
        "open_time"
    }

    fn rows(&self, bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>> {
        let (schema, interval) = (Arc::clone(&self.schema), self.interval);
        // A candle that begins at the last instant asked for has swaps after it.
        let to = bounds.to.map(|to| to.saturating_add(interval.us()));
        let mut open: Option<Gathered> = None;
        let swaps = self.pool.swaps(TimeBounds { to, ..bounds }, interval.us());
        let ended = swaps.map_ok(Some).chain(stream::iter([Ok(None)]));
        ended
            .map(move |batch| {
                let mut done = Vec::new();
                match batch? {
                    None => done.extend(open.take()),
                    Some((_, swaps)) => {
                        for trade in swaps.iter().filter_map(|swap| trade(swap, interval)) {
                            match open.as_mut().filter(|open| open.open_time == trade.open_time) {
                                Some(open) => open.take_in(trade),
                                None => done.extend(open.replace(trade)),
                            }
                        }
                    }
                }
                done.iter_mut().for_each(|candle| candle.parts = 1);
                Gathered::batch(&schema, &done, interval, 1)
            })
            .boxed()
    }
}

/// One swap as the beginning of a candle; `None` where it says no price.
fn trade(swap: &SwapRow, interval: Interval) -> Option<Gathered> {
    let price = swap.pool_price.or_else(|| swap.price())?;
    let (volume, quote_volume) = match swap.token_in {
        0 => (swap.amount_in, swap.amount_out),
        _ => (swap.amount_out, swap.amount_in),
    };
    Some(Gathered {
        open_time: interval.start_of(InstantUs(swap.time))?.0,
        open: price,
        high: price,
        low: price,
        close: price,
        volume,
        quote_volume: Some(quote_volume),
        trades: Some(1),
        parts: 1,
    })
}
