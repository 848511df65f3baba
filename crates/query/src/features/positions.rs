use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int32Array, RecordBatch, StringArray, UInt64Array,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int32Type, Schema, SchemaRef};
use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use tidemill_units::Amount;

use super::Lake;
use super::swap_rows::{RecordedPool, pool_of};
use crate::columns::{column, instant_array, instant_type, instants, optional, required, texts};
use crate::feature::{Feature, TimeBounds};
use crate::pool_description::PoolDescription;

/// The columns that events of positions have.
const COLUMNS: [&str; 9] = [
    "kind",
    "time_utc",
    "block",
    "log_index",
    "amount0",
    "amount1",
    "liquidity",
    "tick_lower",
    "tick_upper",
];

/// `positions(pool)`: every position of a concentrated pool that something was recorded of, by
/// owner and range, in the order in which they first appear.
///
/// `fee0` and `fee1` are what was collected beyond what was withdrawn, in raw units, where the
/// recorded liquidity is back to nothing; otherwise null. Time bounds do not shorten the history.
#[derive(Debug)]
struct Positions {
    pool: RecordedPool,
    schema: SchemaRef,
}

pub(super) fn call(lake: &Arc<Lake>, values: &[Expr]) -> Result<Arc<dyn Feature>> {
    let pool = pool_of(lake, "positions", values)?;
    let amount = |name: &str| required(name, DataType::Float64);
    let schema = Schema::new(vec![
        optional("owner", DataType::Utf8),
        required("tick_lower", DataType::Int32),
        required("tick_upper", DataType::Int32),
        required("first_time", instant_type()),
        required("last_time", instant_type()),
        required("events", DataType::UInt64),
        required("minted", DataType::Utf8),
        required("burned", DataType::Utf8),
        amount("deposited0"),
        amount("deposited1"),
        amount("withdrawn0"),
        amount("withdrawn1"),
        amount("collected0"),
        amount("collected1"),
        optional("fee0", DataType::Utf8),
        optional("fee1", DataType::Utf8),
    ]);
    Ok(Arc::new(Positions { pool, schema: Arc::new(schema) }))
}

impl Feature for Positions {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn time_column(&self) -> &'static str {
        "first_time"
    }

    fn rows(&self, _bounds: TimeBounds) -> BoxStream<'static, Result<RecordBatch>> {
        let (schema, pool) = (Arc::clone(&self.schema), self.pool.clone());
        stream::once(async move {
            let description = pool.description().await?;
            let columns: Vec<_> = COLUMNS.into_iter().chain(["owner"]).collect();
            let mut batches = pool.events(&columns, TimeBounds::default(), 0);
            let mut all = Table::default();
            while let Some(batch) = batches.try_next().await? {
                all.take_in(&batch)?;
            }
            all.batch(&schema, &description)
        })
        .boxed()
    }
}

/// Positions by what the pool knows them by.
#[derive(Default)]
struct Table {
    rows: Vec<Position>,
    by_key: BTreeMap<(Option<String>, i32, i32), usize>,
}

/// What was recorded of one, in raw units.
struct Position {
    owner: Option<String>,
    ticks: [i32; 2],
    times: [i64; 2],
    events: u64,
    minted: Amount,
    burned: Amount,
    deposited: [Amount; 2],
    withdrawn: [Amount; 2],
    collected: [Amount; 2],
}

impl Table {
    fn take_in(&mut self, batch: &RecordBatch) -> Result<()> {
        let kinds = texts(batch, "kind")?;
        let owners = texts(batch, "owner")?;
        let times = instants(batch, "time_utc")?;
        let tick = |name| -> Result<Int32Array> {
            Ok(cast(column(batch, name)?, &DataType::Int32)?.as_primitive::<Int32Type>().clone())
        };
        let ticks = [tick("tick_lower")?, tick("tick_upper")?];
        let liquidity = texts(batch, "liquidity")?;
        let amounts = [texts(batch, "amount0")?, texts(batch, "amount1")?];
        for row in 0..batch.num_rows() {
            let kind = kinds.value(row);
            if !matches!(kind, "mint" | "burn" | "collect") {
                continue;
            }
            let owner = owners.is_valid(row).then(|| owners.value(row).to_owned());
            let ticks = ticks.each_ref().map(|ticks| ticks.value(row));
            let position = self.position(owner, ticks, times.value(row));
            let moved = [read(&amounts[0], row)?, read(&amounts[1], row)?];
            let (sums, liquidity_sum) = match kind {
                "mint" => (&mut position.deposited, Some(&mut position.minted)),
                "burn" => (&mut position.withdrawn, Some(&mut position.burned)),
                _ => (&mut position.collected, None),
            };
            for (sum, amount) in sums.iter_mut().zip(moved) {
                *sum = add(*sum, amount)?;
            }
            if let Some(sum) = liquidity_sum {
                *sum = add(*sum, read(&liquidity, row)?)?;
            }
        }
        Ok(())
    }

    fn position(&mut self, owner: Option<String>, ticks: [i32; 2], time: i64) -> &mut Position {
        let key = (owner.clone(), ticks[0], ticks[1]);
        let next = self.rows.len();
        let at = *self.by_key.entry(key).or_insert(next);
        if at == next {
            let nothing = [Amount::ZERO; 2];
            self.rows.push(Position {
                owner,
                ticks,
                times: [time; 2],
                events: 0,
                minted: Amount::ZERO,
                burned: Amount::ZERO,
                deposited: nothing,
                withdrawn: nothing,
                collected: nothing,
            });
        }
        let position = &mut self.rows[at];
        position.times[1] = time;
        position.events += 1;
        position
    }

    fn batch(&self, schema: &SchemaRef, pool: &PoolDescription) -> Result<RecordBatch> {
        let units = [0, 1].map(|token| pool.unit(token).unwrap_or(1.0));
        let whole = |value: fn(&Position) -> [Amount; 2], token: usize| -> Result<ArrayRef> {
            let values = self.rows.iter().map(|row| {
                let raw: f64 = value(row)[token].to_string().parse().unwrap_or(f64::NAN);
                raw / units[token]
            });
            Ok(Arc::new(Float64Array::from_iter_values(values)))
        };
        let text = |value: fn(&Position) -> Option<String>| -> ArrayRef {
            Arc::new(self.rows.iter().map(value).collect::<StringArray>())
        };
        let tick = |at: usize| -> ArrayRef {
            Arc::new(Int32Array::from_iter_values(self.rows.iter().map(|row| row.ticks[at])))
        };
        let time = |at: usize| instant_array(self.rows.iter().map(|row| row.times[at]).collect());
        let columns: Vec<ArrayRef> = vec![
            text(|row| row.owner.clone()),
            tick(0),
            tick(1),
            time(0),
            time(1),
            Arc::new(UInt64Array::from_iter_values(self.rows.iter().map(|row| row.events))),
            text(|row| Some(row.minted.to_string())),
            text(|row| Some(row.burned.to_string())),
            whole(|row| row.deposited, 0)?,
            whole(|row| row.deposited, 1)?,
            whole(|row| row.withdrawn, 0)?,
            whole(|row| row.withdrawn, 1)?,
            whole(|row| row.collected, 0)?,
            whole(|row| row.collected, 1)?,
            text(|row| row.fee(0)),
            text(|row| row.fee(1)),
        ];
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}

impl Position {
    fn fee(&self, token: usize) -> Option<String> {
        let closed = !self.minted.is_zero() && self.minted == self.burned;
        let fee = self.collected[token].checked_sub(self.withdrawn[token]);
        fee.filter(|_| closed).map(|fee| fee.to_string())
    }
}

fn read(column: &StringArray, row: usize) -> Result<Amount> {
    if column.is_null(row) {
        return Ok(Amount::ZERO);
    }
    column.value(row).parse().map_err(|error| exec_datafusion_err!("{error}"))
}

fn add(sum: Amount, amount: Amount) -> Result<Amount> {
    sum.checked_add(amount).ok_or_else(|| exec_datafusion_err!("a sum of amounts passes 2^256"))
}
