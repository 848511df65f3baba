use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::{BoxStream, StreamExt};

use super::Lake;
use super::closes::{CandleNumber, StoredCandles, ends_of};
use crate::arguments::Arguments;
use crate::columns::{instant_array, instant_type, optional, required};
use crate::feature::{Feature, TimeBounds};

/// `returns(source, symbol, interval)`: how each candle's close compares with the close of the
/// candle before.
///
/// Null for the first, and where the candle before is missing.
#[derive(Debug)]
struct Returns {
    candles: StoredCandles,
    schema: SchemaRef,
}

pub(super) fn call(lake: &Arc<Lake>, values: &[Expr]) -> Result<Arc<dyn Feature>> {
    let arguments = Arguments::new("returns", &["source", "symbol", "interval"], values)?;
    let candles = StoredCandles::find(lake, &arguments)?;
    let schema = Schema::new(vec![
        required("open_time", instant_type()),
        required("close_time", instant_type()),
        required("close", DataType::Float64),
        optional("simple_return", DataType::Float64),
        optional("log_return", DataType::Float64),
    ]);
    Ok(Arc::new(Returns { candles, schema: Arc::new(schema) }))
}

impl Feature for Returns {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn time_column(&self) -> &'static str {
        "open_time"
    }

    fn rows(&self, bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>> {
        let wanted = self.candles.wanted;
        let interval = wanted.us();
        let schema = Arc::clone(&self.schema);
        let mut last: Option<(i64, f64)> = None;
        let rows = self.candles.series(CandleNumber::Close, bounds, interval);
        rows.map(move |closes| {
            let closes = closes?;
            let candles = closes.open_times.iter().zip(&closes.numbers);
            let ratios: Vec<Option<f64>> = candles
                .map(|(time, close)| {
                    let before = last.replace((*time, *close))?;
                    let follows = time.checked_sub(before.0) == Some(interval);
                    (follows && before.1 > 0.0 && *close > 0.0).then(|| close / before.1)
                })
                .collect();
            let simple: Float64Array = ratios.iter().map(|ratio| Some((*ratio)? - 1.0)).collect();
            let log: Float64Array = ratios.iter().map(|ratio| Some((*ratio)?.ln())).collect();
            let ends = ends_of(&closes.open_times, wanted);
            let columns: Vec<ArrayRef> = vec![
                instant_array(closes.open_times),
                instant_array(ends),
                Arc::new(Float64Array::from(closes.numbers)),
                Arc::new(simple),
                Arc::new(log),
            ];
            Ok(RecordBatch::try_new(Arc::clone(&schema), columns)?)
        })
        .boxed()
    }
}
