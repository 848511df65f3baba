use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::{DataFusionError, exec_datafusion_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use tidemill_catalogue::{Dataset, Source};

use super::closes::within;
use super::{Lake, nothing_stored};
use crate::arguments::Arguments;
use crate::columns::{floats, instant_array, instants, texts, whole_number};
use crate::data_files::Partition;
use crate::feature::TimeBounds;
use crate::ordered_scan::OrderedScan;
use crate::pool_description::PoolDescription;

/// The columns that any swap may have.
const COLUMNS: [&str; 15] = [
    "kind",
    "time_utc",
    "block",
    "log_index",
    "amount0",
    "amount1",
    "sqrt_price_x96_after",
    "liquidity_after",
    "fee_pips",
    "token_in",
    "amount_in",
    "token_out",
    "amount_out",
    "amounts_in",
    "amounts_out",
];

/// The recorded events of one pool.
#[derive(Clone, Debug)]
pub(super) struct RecordedPool {
    lake: Arc<Lake>,
    source: Arc<Source>,
    partitions: Vec<Partition>,
}

/// One swap, in whole tokens.
#[derive(Clone, Debug)]
pub(super) struct SwapRow {
    pub(super) time: i64,
    pub(super) block: u64,
    pub(super) log_index: u64,
    /// The token paid in, by its place in the pool.
    pub(super) token_in: usize,
    pub(super) amount_in: f64,
    pub(super) token_out: usize,
    pub(super) amount_out: f64,
    /// Token1 per token0 after it, where the log says so.
    pub(super) pool_price: Option<f64>,
    /// In range after it, where the log says so.
    pub(super) liquidity: Option<f64>,
    /// What of the input was the fee; `None` in pools of shares.
    pub(super) fee: Option<f64>,
}

impl SwapRow {
    /// What it paid on average, the higher token per lower one; `None` where one side is nothing.
    pub(super) fn price(&self) -> Option<f64> {
        let (low, high) = match self.token_in < self.token_out {
            true => (self.amount_in, self.amount_out),
            false => (self.amount_out, self.amount_in),
        };
        (low > 0.0 && high > 0.0).then(|| high / low)
    }
}

impl RecordedPool {
    /// Finds the pool that the first argument names.
    pub(super) fn find(lake: &Arc<Lake>, arguments: &Arguments<'_>) -> Result<Self> {
        let pool = arguments.text(0)?;
        let wanted = [("pool", pool.as_str())];
        let chains = lake.files.values(Dataset::PoolEvents, &wanted, "chain");
        if chains.len() > 1 {
            return plan_err!("pool `{pool}` is stored of chains {}", chains.join(", "));
        }
        let Some(source) = lake.files.source(Dataset::PoolEvents, &wanted) else {
            return nothing_stored(
                "pool",
                &pool,
                &lake.files.values(Dataset::PoolEvents, &[], "pool"),
            );
        };
        let partitions = lake.files.partitions(Dataset::PoolEvents, &wanted);
        Ok(Self { lake: Arc::clone(lake), source, partitions })
    }

    /// Reads its description.
    pub(super) async fn description(&self) -> Result<PoolDescription> {
        PoolDescription::read(&self.lake.data, &self.source).await
    }

    /// Reads its events from somewhat before the bounds on.
    pub(super) fn events(
        &self,
        columns: &[&'static str],
        bounds: TimeBounds,
        before: i64,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        let from = bounds.from.map(|from| from.saturating_sub(before));
        let partitions = within(&self.partitions, from, bounds.to);
        OrderedScan {
            data: self.lake.data.clone(),
            partitions,
            columns: columns.to_vec(),
            key: vec!["block", "log_index"],
        }
        .stream()
    }

    /// Reads its swaps, with the pool's description beside each batch.
    pub(super) fn swaps(
        &self,
        bounds: TimeBounds,
        before: i64,
    ) -> BoxStream<'static, Result<(Arc<PoolDescription>, Vec<SwapRow>)>> {
        let pool = self.clone();
        stream::once(async move {
            let description = Arc::new(pool.description().await?);
            let mut fee = description.fee_pips;
            let batches = pool.events(&COLUMNS, bounds, before);
            Ok::<_, DataFusionError>(batches.map(move |batch| {
                let rows = read_swaps(&batch?, &description, &mut fee)?;
                Ok((Arc::clone(&description), rows))
            }))
        })
        .try_flatten()
        .boxed()
    }
}

/// Answers with a row for each swap that says enough: its time and three numbers, from the swap and
/// the raw units of one whole token of each side.
pub(super) fn rows_by_swap(
    swaps: BoxStream<'static, Result<(Arc<PoolDescription>, Vec<SwapRow>)>>,
    schema: SchemaRef,
    mut numbers_of: impl FnMut(&SwapRow, (f64, f64)) -> Option<[f64; 3]> + Send + 'static,
) -> BoxStream<'static, Result<RecordBatch>> {
    let rows = swaps.map(move |batch| {
        let (pool, swaps) = batch?;
        let units = pool.unit(0).zip(pool.unit(1));
        let units = units.ok_or_else(|| exec_datafusion_err!("the pool has no two tokens"))?;
        let known = swaps.iter().filter_map(|swap| Some((swap.time, numbers_of(swap, units)?)));
        let (times, numbers): (Vec<i64>, Vec<[f64; 3]>) = known.unzip();
        let number = |at: usize| -> ArrayRef {
            let values = numbers.iter().map(|numbers| numbers[at]);
            Arc::new(Float64Array::from_iter_values(values))
        };
        let columns = vec![instant_array(times), number(0), number(1), number(2)];
        Ok(RecordBatch::try_new(Arc::clone(&schema), columns)?)
    });
    rows.boxed()
}

/// Reads the swaps of a batch; `fee` is the pool's in pips, as it changes.
fn read_swaps(
    batch: &RecordBatch,
    pool: &PoolDescription,
    fee: &mut Option<f64>,
) -> Result<Vec<SwapRow>> {
    let reader = Reader::new(batch, pool)?;
    let mut rows = Vec::new();
    for row in 0..batch.num_rows() {
        let swap = match reader.kinds.value(row) {
            "set_fee" => {
                *fee = reader.fee(row);
                None
            }
            "swap" if reader.amounts.is_some() => reader.concentrated(row, *fee)?,
            "swap" => reader.shares(row)?,
            "pair_swap" => reader.pair(row)?,
            _ => None,
        };
        rows.extend(swap);
    }
    Ok(rows)
}

/// The columns of a batch that are there.
struct Reader<'a> {
    pool: &'a PoolDescription,
    kinds: StringArray,
    times: Vec<i64>,
    places: [Vec<f64>; 2],
    /// Of concentrated pools.
    amounts: Option<[StringArray; 2]>,
    after: Option<[StringArray; 2]>,
    fees: Option<Float64Array>,
    /// Of pools of shares: token in, amount in, token out, amount out.
    legs: Option<[StringArray; 4]>,
    lists: Option<[StringArray; 2]>,
}

impl<'a> Reader<'a> {
    fn new(batch: &RecordBatch, pool: &'a PoolDescription) -> Result<Self> {
        let has = |name| batch.column_by_name(name).is_some();
        let text = |name| texts(batch, name);
        let number = |name| floats(batch, name).map(|numbers| numbers.values().to_vec());
        let concentrated = has("amount0");
        let of = |there: bool, names: [&'static str; 2]| match there {
            true => Ok::<_, DataFusionError>(Some([text(names[0])?, text(names[1])?])),
            false => Ok(None),
        };
        let legs = match has("token_in") {
            true => Some([
                text("token_in")?,
                text("amount_in")?,
                text("token_out")?,
                text("amount_out")?,
            ]),
            false => None,
        };
        Ok(Self {
            pool,
            kinds: text("kind")?,
            times: instants(batch, "time_utc")?.values().to_vec(),
            places: [number("block")?, number("log_index")?],
            amounts: of(concentrated, ["amount0", "amount1"])?,
            after: of(concentrated, ["sqrt_price_x96_after", "liquidity_after"])?,
            fees: if has("fee_pips") { Some(floats(batch, "fee_pips")?) } else { None },
            legs,
            lists: of(has("amounts_in"), ["amounts_in", "amounts_out"])?,
        })
    }

    fn fee(&self, row: usize) -> Option<f64> {
        let fees = self.fees.as_ref()?;
        fees.is_valid(row).then(|| fees.value(row))
    }

    fn unit(&self, token: usize) -> Result<f64> {
        self.pool.unit(token).ok_or_else(|| exec_datafusion_err!("the pool has no token {token}"))
    }

    fn row(&self, row: usize, token_in: [usize; 2], raw: [f64; 2]) -> Result<SwapRow> {
        let [token_in, token_out] = token_in;
        let [amount_in, amount_out] = raw;
        Ok(SwapRow {
            time: self.times[row],
            block: self.places[0][row] as u64,
            log_index: self.places[1][row] as u64,
            token_in,
            amount_in: amount_in / self.unit(token_in)?,
            token_out,
            amount_out: amount_out / self.unit(token_out)?,
            pool_price: None,
            liquidity: None,
            fee: None,
        })
    }

    fn concentrated(&self, row: usize, fee: Option<f64>) -> Result<Option<SwapRow>> {
        let (Some(amounts), Some(after)) = (&self.amounts, &self.after) else { return Ok(None) };
        let both = (whole_number(&amounts[0], row)?, whole_number(&amounts[1], row)?);
        let (Some(amount0), Some(amount1)) = both else { return Ok(None) };
        // Positive is into the pool, but for v4, whose log is the swapper's.
        let own_fee = self.fee(row);
        let side = if own_fee.is_some() { -1.0 } else { 1.0 };
        let (amount0, amount1) = (side * amount0, side * amount1);
        let zero_for_one = amount0 > 0.0 || (amount0 == 0.0 && amount1 < 0.0);
        let (tokens, raw) = match zero_for_one {
            true => ([0, 1], [amount0, -amount1]),
            false => ([1, 0], [amount1, -amount0]),
        };
        let mut swap = self.row(row, tokens, raw)?;
        let fee = own_fee.or(fee);
        swap.fee = fee.map(|fee| swap.amount_in * fee / 1e6);
        let units = self.unit(0)? / self.unit(1)?;
        let root = whole_number(&after[0], row)?.map(|root| root / 2_f64.powi(96));
        swap.pool_price = root.map(|root| root * root * units);
        swap.liquidity = whole_number(&after[1], row)?;
        Ok(Some(swap))
    }

    fn shares(&self, row: usize) -> Result<Option<SwapRow>> {
        let Some(legs) = &self.legs else { return Ok(None) };
        let [token_in, amount_in, token_out, amount_out] = legs;
        let numbers = [token_in, amount_in, token_out, amount_out];
        let mut read = [0.0; 4];
        for (at, column) in numbers.into_iter().enumerate() {
            let Some(number) = whole_number(column, row)? else { return Ok(None) };
            read[at] = number;
        }
        let tokens = [read[0] as usize, read[2] as usize];
        self.row(row, tokens, [read[1], read[3]]).map(Some)
    }

    fn pair(&self, row: usize) -> Result<Option<SwapRow>> {
        let Some(lists) = &self.lists else { return Ok(None) };
        let read = |column: &StringArray| -> Result<[f64; 2]> {
            let mut pair = [0.0; 2];
            for (at, text) in column.value(row).split(';').take(2).enumerate() {
                pair[at] = text
                    .parse()
                    .map_err(|_| exec_datafusion_err!("`{text}` is not a whole number"))?;
            }
            Ok(pair)
        };
        let (paid, taken) = (read(&lists[0])?, read(&lists[1])?);
        // Where both came in, what counts is which came in on balance.
        let tokens = if paid[0] - taken[0] >= 0.0 { [0, 1] } else { [1, 0] };
        let raw = [paid[tokens[0]] - taken[tokens[0]], taken[tokens[1]] - paid[tokens[1]]];
        self.row(row, tokens, raw).map(Some)
    }
}

/// Reads the call of a function whose first argument is a pool.
pub(super) fn pool_of(
    lake: &Arc<Lake>,
    function: &'static str,
    values: &[Expr],
) -> Result<RecordedPool> {
    RecordedPool::find(lake, &Arguments::new(function, &["pool"], values)?)
}
