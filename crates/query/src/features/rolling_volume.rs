use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::BoxStream;

use super::Lake;
use super::closes::{CandleNumber, StoredCandles, rows_by_candle, windowed};
use crate::columns::{instant_type, optional, required};
use crate::feature::{Feature, TimeBounds};

/// `rolling_volume(source, symbol, interval, window)`: what was traded of the base asset in the
/// window that ends with each candle.
///
/// Null unless every candle of the window is there.
#[derive(Debug)]
struct RollingVolume {
    candles: StoredCandles,
    window: usize,
    schema: SchemaRef,
}

pub(super) fn call(lake: &Arc<Lake>, values: &[Expr]) -> Result<Arc<dyn Feature>> {
    let (candles, window) = windowed(lake, "rolling_volume", values)?;
    let schema = Schema::new(vec![
        required("open_time", instant_type()),
        required("close_time", instant_type()),
        required("volume", DataType::Float64),
        optional("rolling_volume", DataType::Float64),
    ]);
    Ok(Arc::new(RollingVolume { candles, window, schema: Arc::new(schema) }))
}

impl Feature for RollingVolume {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn time_column(&self) -> &'static str {
        "open_time"
    }

    fn rows(&self, bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>> {
        let (interval, length) = (self.candles.wanted.us(), self.window);
        let before = i64::try_from(length).unwrap_or(i64::MAX).saturating_mul(interval);
        let mut window = Window { length, interval, candles: VecDeque::new(), sum: 0.0, steps: 0 };
        let candles = (Arc::clone(&self.schema), self.candles.wanted);
        let volumes = self.candles.series(CandleNumber::Volume, bounds, before);
        rows_by_candle(volumes, candles, move |open_time, volume| window.push(open_time, volume))
    }
}

/// The volumes of the last consecutive candles.
struct Window {
    length: usize,
    interval: i64,
    candles: VecDeque<(i64, f64)>,
    sum: f64,
    steps: usize,
}

impl Window {
    fn push(&mut self, time: i64, volume: f64) -> Option<f64> {
        let last = self.candles.back().map(|(time, _)| *time);
        if last.is_some_and(|last| time.checked_sub(last) != Some(self.interval)) {
            self.candles.clear();
            self.sum = 0.0;
        }
        self.candles.push_back((time, volume));
        self.sum += volume;
        if self.candles.len() > self.length {
            self.sum -= self.candles.pop_front().map_or(0.0, |(_, volume)| volume);
        }
        self.steps += 1;
        if self.steps >= self.length {
            // Once around, what rounding has left in the sum is taken out again.
            self.steps = 0;
            self.sum = self.candles.iter().map(|(_, volume)| volume).sum();
        }
        (self.candles.len() == self.length).then_some(self.sum)
    }
}
