use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::BoxStream;

use super::Lake;
use super::closes::{CandleNumber, StoredCandles, rows_by_candle, windowed};
use crate::columns::{YEAR_US, instant_type, optional, required};
use crate::feature::{Feature, TimeBounds};

/// `realised_volatility(source, symbol, interval, window)`: the root of the mean squared
/// logarithmic return of the window's candles, times the root of the intervals of a 365-day year.
///
/// Null until the window is full of consecutive candles: a missing candle is no return of zero.
#[derive(Debug)]
struct RealisedVolatility {
    candles: StoredCandles,
    window: usize,
    schema: SchemaRef,
}

pub(super) fn call(lake: &Arc<Lake>, values: &[Expr]) -> Result<Arc<dyn Feature>> {
    let (candles, window) = windowed(lake, "realised_volatility", values)?;
    let schema = Schema::new(vec![
        required("open_time", instant_type()),
        required("close_time", instant_type()),
        required("close", DataType::Float64),
        optional("realised_volatility", DataType::Float64),
    ]);
    Ok(Arc::new(RealisedVolatility { candles, window, schema: Arc::new(schema) }))
}

impl Feature for RealisedVolatility {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn time_column(&self) -> &'static str {
        "open_time"
    }

    fn rows(&self, bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>> {
        let interval = self.candles.wanted.us();
        let before = i64::try_from(self.window).unwrap_or(i64::MAX).saturating_mul(interval);
        let per_year = YEAR_US / interval as f64;
        let mut window = RollingVariance::new(self.window, interval);
        let candles = (Arc::clone(&self.schema), self.candles.wanted);
        let closes = self.candles.series(CandleNumber::Close, bounds, before);
        rows_by_candle(closes, candles, move |open_time, close| {
            Some((window.push(open_time, close)? * per_year).sqrt())
        })
    }
}

/// The mean squared logarithmic return of the last candles.
struct RollingVariance {
    interval: i64,
    /// Squares of the last returns, as a ring; a window long.
    squares: Vec<f64>,
    next: usize,
    /// How many of them are of consecutive candles up to now.
    filled: usize,
    sum: f64,
    last: Option<(i64, f64)>,
}

impl RollingVariance {
    fn new(window: usize, interval: i64) -> Self {
        Self { interval, squares: vec![0.0; window], next: 0, filled: 0, sum: 0.0, last: None }
    }

    /// Takes in the next candle; `None` until the window is full.
    fn push(&mut self, open_time: i64, close: f64) -> Option<f64> {
        let before = self.last.replace((open_time, close));
        let follows = before.filter(|(time, before)| {
            open_time.checked_sub(*time) == Some(self.interval) && *before > 0.0 && close > 0.0
        });
        let Some((_, before)) = follows else {
            (self.filled, self.next, self.sum) = (0, 0, 0.0);
            return None;
        };
        let log_return = (close / before).ln();
        let square = log_return * log_return;
        if self.filled == self.squares.len() {
            self.sum -= self.squares[self.next];
        } else {
            self.filled += 1;
        }
        self.squares[self.next] = square;
        self.sum += square;
        self.next += 1;
        if self.next == self.squares.len() {
            self.next = 0;
            // Once around, what rounding has left in the sum is taken out again.
            self.sum = self.squares[..self.filled].iter().sum();
        }
        let is_full = self.filled == self.squares.len();
        is_full.then(|| self.sum.max(0.0) / self.squares.len() as f64)
    }
}
