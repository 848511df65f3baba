use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use tidemill_catalogue::Dataset;
use tidemill_model::Interval;
use tidemill_units::InstantUs;

use super::{Lake, nothing_stored};
use crate::arguments::Arguments;
use crate::columns::{floats, instant_array, instants};
use crate::data_files::Partition;
use crate::feature::TimeBounds;
use crate::ordered_scan::OrderedScan;

/// The stored candles of one market, and the interval they are asked for at.
#[derive(Clone, Debug)]
pub(super) struct StoredCandles {
    lake: Arc<Lake>,
    partitions: Vec<Partition>,
    pub(super) stored: Interval,
    pub(super) wanted: Interval,
}

impl StoredCandles {
    /// Finds the longest stored candles of which the wanted ones are made: the first three
    /// arguments are source, symbol and interval.
    pub(super) fn find(lake: &Arc<Lake>, arguments: &Arguments<'_>) -> Result<Self> {
        let (source, symbol) = (arguments.text(0)?, arguments.text(1)?);
        let wanted = arguments.interval(2)?;
        let files = &lake.files;
        if files.partitions(Dataset::Candles, &[("source", &source)]).is_empty() {
            return nothing_stored(
                "source of candles",
                &source,
                &files.values(Dataset::Candles, &[], "source"),
            );
        }
        let market = [("source", source.as_str()), ("symbol", symbol.as_str())];
        if files.partitions(Dataset::Candles, &market).is_empty() {
            let stored = files.values(Dataset::Candles, &[("source", &source)], "symbol");
            return nothing_stored("symbol", &symbol, &stored);
        }
        let intervals = files.values(Dataset::Candles, &market, "interval");
        let parts = intervals.iter().filter_map(|text| Some((text.parse().ok()?, *text)));
        let divide = parts.filter(|(stored, _): &(Interval, _)| wanted.us() % stored.us() == 0);
        let Some((stored, text)) = divide.max_by_key(|(stored, _)| *stored) else {
            let wanted = wanted.to_string();
            return nothing_stored("interval that divides", &wanted, &intervals);
        };
        let of_interval = [market[0], market[1], ("interval", text)];
        let partitions = files.partitions(Dataset::Candles, &of_interval);
        Ok(Self { lake: Arc::clone(lake), partitions, stored, wanted })
    }

    /// Reads stored candles from somewhat before the bounds to somewhat after.
    pub(super) fn scan(
        &self,
        columns: &[&'static str],
        bounds: TimeBounds,
        before: i64,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        let wanted = self.wanted.us();
        let from = bounds.from.map(|from| from.saturating_sub(before).saturating_sub(wanted));
        let to = bounds.to.map(|to| to.saturating_add(wanted));
        let partitions = within(&self.partitions, from, to);
        OrderedScan {
            data: self.lake.data.clone(),
            partitions,
            columns: columns.to_vec(),
            key: vec!["open_time"],
        }
        .stream()
    }

    /// Reads one number of each candle at the wanted interval, and no other column.
    pub(super) fn series(
        &self,
        number: CandleNumber,
        bounds: TimeBounds,
        before: i64,
    ) -> BoxStream<'static, Result<Series>> {
        let (stored, wanted) = (self.stored, self.wanted);
        let batches = self.scan(&["open_time", number.column()], bounds, before);
        if stored == wanted {
            return batches.map(move |batch| Series::read(&batch?, number)).boxed();
        }
        let mut bucket = Bucket { wanted, number, start: None, value: 0.0 };
        let ended = batches.map_ok(Some).chain(futures_util::stream::iter([Ok(None)]));
        ended
            .map(move |batch| match batch? {
                Some(batch) => Ok(bucket.take_in(&Series::read(&batch, number)?)),
                None => Ok(bucket.end()),
            })
            .boxed()
    }
}

/// A number of a candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CandleNumber {
    /// The last price.
    Close,
    /// What was traded of the base token.
    Volume,
}

impl CandleNumber {
    const fn column(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Volume => "volume",
        }
    }

    /// The number of a longer candle, from what it is of its parts so far and the next part's.
    fn joined(self, so_far: f64, next: f64) -> f64 {
        match self {
            Self::Close => next,
            Self::Volume => so_far + next,
        }
    }
}

/// Keeps the partitions that may hold an instant of a span.
pub(super) fn within(
    partitions: &[Partition],
    from: Option<i64>,
    to: Option<i64>,
) -> Vec<Partition> {
    let (from, to) = (from.map(day_of), to.map(day_of));
    let holds = |partition: &&Partition| {
        // A year is the beginning of each of its days' names.
        let value = partition.value.as_str();
        let late = to.as_deref().is_some_and(|to| value > to);
        let early = from.as_deref().is_some_and(|from| value < from && !from.starts_with(value));
        !late && !early
    };
    partitions.iter().filter(holds).cloned().collect()
}

/// The name of the day that holds an instant; beyond year 9999, a name after or before all others.
fn day_of(instant: i64) -> String {
    match jiff::Timestamp::from_microsecond(instant) {
        Ok(instant) => instant.strftime("%Y-%m-%d").to_string(),
        Err(_) if instant < 0 => String::new(),
        Err(_) => "~".to_owned(),
    }
}

/// A number of consecutive candles.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    pub(super) open_times: Vec<i64>,
    pub(super) numbers: Vec<f64>,
}

impl Series {
    fn read(batch: &RecordBatch, number: CandleNumber) -> Result<Self> {
        Ok(Self {
            open_times: instants(batch, "open_time")?.values().to_vec(),
            numbers: floats(batch, number.column())?.values().to_vec(),
        })
    }

    fn push(&mut self, open_time: i64, number: f64) {
        self.open_times.push(open_time);
        self.numbers.push(number);
    }
}

/// The wanted candle that stored ones are being gathered into.
struct Bucket {
    wanted: Interval,
    number: CandleNumber,
    start: Option<i64>,
    value: f64,
}

impl Bucket {
    fn take_in(&mut self, stored: &Series) -> Series {
        let mut done = Series::default();
        for (open_time, number) in stored.open_times.iter().zip(&stored.numbers) {
            let start = self.wanted.start_of(InstantUs(*open_time)).map(|at| at.0);
            if start != self.start {
                if let Some(open_time) = self.start {
                    done.push(open_time, self.value);
                }
                (self.start, self.value) = (start, 0.0);
            }
            self.value = self.number.joined(self.value, *number);
        }
        done
    }

    fn end(&mut self) -> Series {
        let mut done = Series::default();
        if let Some(open_time) = self.start.take() {
            done.push(open_time, self.value);
        }
        done
    }
}

/// Answers with a row for each candle: when it begins and ends, its number, and what a window over
/// it and those before says, null where it says nothing.
pub(super) fn rows_by_candle(
    series: BoxStream<'static, Result<Series>>,
    (schema, interval): (SchemaRef, Interval),
    mut window: impl FnMut(i64, f64) -> Option<f64> + Send + 'static,
) -> BoxStream<'static, Result<RecordBatch>> {
    let rows = series.map(move |series| {
        let Series { open_times, numbers } = series?;
        let windows: Float64Array =
            open_times.iter().zip(&numbers).map(|(time, number)| window(*time, *number)).collect();
        let columns: Vec<ArrayRef> = vec![
            instant_array(open_times.clone()),
            instant_array(ends_of(&open_times, interval)),
            Arc::new(Float64Array::from(numbers)),
            Arc::new(windows),
        ];
        Ok(RecordBatch::try_new(Arc::clone(&schema), columns)?)
    });
    rows.boxed()
}

/// Returns where candles end.
pub(super) fn ends_of(open_times: &[i64], interval: Interval) -> Vec<i64> {
    open_times.iter().map(|open| open.saturating_add(interval.us())).collect()
}

/// Reads the call of a rolling feature: source, symbol, interval and window; how many candles the
/// window has.
pub(super) fn windowed(
    lake: &Arc<Lake>,
    function: &'static str,
    values: &[Expr],
) -> Result<(StoredCandles, usize)> {
    /// The most candles of a window, which are held in memory.
    const MOST: i64 = 10_000_000;
    let names = &["source", "symbol", "interval", "window"];
    let arguments = Arguments::new(function, names, values)?;
    let candles = StoredCandles::find(lake, &arguments)?;
    let window = arguments.interval(3)?.us();
    let count = window / candles.wanted.us();
    let is_whole = window % candles.wanted.us() == 0 && (1..=MOST).contains(&count);
    match usize::try_from(count) {
        Ok(count) if is_whole => Ok((candles, count)),
        _ => datafusion::common::plan_err!(
            "{function}: window has to be 1 to {MOST} whole intervals of {}",
            candles.wanted
        ),
    }
}
