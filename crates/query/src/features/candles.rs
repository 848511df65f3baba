use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, RecordBatch, UInt64Array,
};
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef, UInt64Type};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use tidemill_model::Interval;
use tidemill_units::InstantUs;

use super::Lake;
use super::closes::{StoredCandles, ends_of};
use crate::arguments::Arguments;
use crate::columns::{column, floats, instant_array, instant_type, instants, optional, required};
use crate::feature::{Feature, TimeBounds};

/// The columns of stored candles.
const COLUMNS: [&str; 8] =
    ["open_time", "open", "high", "low", "close", "volume", "quote_volume", "trades"];

/// `candles(source, symbol, interval)`: stored candles, or longer ones made of the longest stored
/// interval that divides the asked one.
///
/// `complete` says whether every stored candle of the interval is there.
#[derive(Debug)]
struct Candles {
    candles: StoredCandles,
    schema: SchemaRef,
}

pub(super) fn call(lake: &Arc<Lake>, values: &[Expr]) -> Result<Arc<dyn Feature>> {
    let arguments = Arguments::new("candles", &["source", "symbol", "interval"], values)?;
    let candles = StoredCandles::find(lake, &arguments)?;
    Ok(Arc::new(Candles { candles, schema: schema() }))
}

/// The columns of candles in answers, whatever they are made of.
pub(super) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        required("open_time", instant_type()),
        required("close_time", instant_type()),
        required("open", DataType::Float64),
        required("high", DataType::Float64),
        required("low", DataType::Float64),
        required("close", DataType::Float64),
        required("volume", DataType::Float64),
        optional("quote_volume", DataType::Float64),
        optional("trades", DataType::UInt64),
        required("complete", DataType::Boolean),
    ]))
}

impl Feature for Candles {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn time_column(&self) -> &'static str {
        "open_time"
    }

    fn rows(&self, bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>> {
        let (schema, wanted) = (Arc::clone(&self.schema), self.candles.wanted);
        let per_candle = wanted.us() / self.candles.stored.us();
        let mut open: Option<Gathered> = None;
        let batches = self.candles.scan(&COLUMNS, bounds, 0);
        let ended = batches.map_ok(Some).chain(stream::iter([Ok(None)]));
        ended
            .map(move |batch| {
                let mut done = Vec::new();
                match batch? {
                    None => done.extend(open.take()),
                    Some(batch) => {
                        for candle in Stored::read(&batch)?.candles() {
                            let start = wanted.start_of(InstantUs(candle.open_time));
                            let start = start.map_or(candle.open_time, |start| start.0);
                            match open.as_mut().filter(|open| open.open_time == start) {
                                Some(open) => open.take_in(candle),
                                None => {
                                    let first = Gathered { open_time: start, ..candle };
                                    done.extend(open.replace(first));
                                }
                            }
                        }
                    }
                }
                Gathered::batch(&schema, &done, wanted, per_candle)
            })
            .boxed()
    }
}

/// A batch of stored candles.
struct Stored {
    open_times: Vec<i64>,
    prices: [Float64Array; 4],
    volumes: Float64Array,
    quote_volumes: Float64Array,
    trades: UInt64Array,
}

/// A candle that others may still come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gathered {
    pub(super) open_time: i64,
    pub(super) open: f64,
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) close: f64,
    pub(super) volume: f64,
    pub(super) quote_volume: Option<f64>,
    pub(super) trades: Option<u64>,
    /// How many parts it is made of.
    pub(super) parts: i64,
}

impl Stored {
    fn read(batch: &RecordBatch) -> Result<Self> {
        let trades = datafusion::arrow::compute::cast(column(batch, "trades")?, &DataType::UInt64)?;
        Ok(Self {
            open_times: instants(batch, "open_time")?.values().to_vec(),
            prices: [
                floats(batch, "open")?,
                floats(batch, "high")?,
                floats(batch, "low")?,
                floats(batch, "close")?,
            ],
            volumes: floats(batch, "volume")?,
            quote_volumes: floats(batch, "quote_volume")?,
            trades: datafusion::arrow::array::AsArray::as_primitive::<UInt64Type>(&trades).clone(),
        })
    }

    fn candles(&self) -> impl Iterator<Item = Gathered> {
        self.open_times.iter().enumerate().map(|(at, open_time)| {
            let [open, high, low, close] = self.prices.each_ref().map(|prices| prices.value(at));
            let quote_volume = self.quote_volumes.is_valid(at);
            let trades = self.trades.is_valid(at);
            Gathered {
                open_time: *open_time,
                open,
                high,
                low,
                close,
                volume: self.volumes.value(at),
                quote_volume: quote_volume.then(|| self.quote_volumes.value(at)),
                trades: trades.then(|| self.trades.value(at)),
                parts: 1,
            }
        })
    }
}

impl Gathered {
    /// Takes in what happened next within the same interval.
    pub(super) fn take_in(&mut self, next: Self) {
        self.high = self.high.max(next.high);
        self.low = self.low.min(next.low);
        self.close = next.close;
        self.volume += next.volume;
        let quote_volume = self.quote_volume.zip(next.quote_volume);
        self.quote_volume = quote_volume.map(|(one, other)| one + other);
        let trades = self.trades.zip(next.trades);
        self.trades = trades.and_then(|(one, other)| one.checked_add(other));
        self.parts += next.parts;
    }

    /// Makes a batch of an answer; a candle is complete with so many parts.
    pub(super) fn batch(
        schema: &SchemaRef,
        candles: &[Self],
        interval: Interval,
        parts: i64,
    ) -> Result<RecordBatch> {
        let of = |value: fn(&Self) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(candles.iter().map(value)))
        };
        let open_times: Vec<i64> = candles.iter().map(|candle| candle.open_time).collect();
        let ends = ends_of(&open_times, interval);
        let quote_volumes = candles.iter().map(|candle| candle.quote_volume);
        let trades = candles.iter().map(|candle| candle.trades);
        let complete = candles.iter().map(|candle| Some(candle.parts == parts));
        let columns: Vec<ArrayRef> = vec![
            instant_array(open_times),
            instant_array(ends),
            of(|candle| candle.open),
            of(|candle| candle.high),
            of(|candle| candle.low),
            of(|candle| candle.close),
            of(|candle| candle.volume),
            Arc::new(quote_volumes.collect::<Float64Array>()),
            Arc::new(trades.collect::<UInt64Array>()),
            Arc::new(complete.collect::<BooleanArray>()),
        ];
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}
