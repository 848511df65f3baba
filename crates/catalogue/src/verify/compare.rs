//! A source of prices against a second one.

use std::collections::VecDeque;

use tidemill_model::{Candle, Interval, PoolHeader, TapeEvent};
use tidemill_store::PoolDescription;
use tidemill_units::{Decimal, InstantUs};

use crate::verify::checks::{Findings, median};
use crate::verify::rows::root_of;
use crate::verify::{Check, Severity};
use crate::{Catalogue, CatalogueError, Dataset, Range, Record, Rows, Source};

/// How far a pool's price may be from a market's close: in 10,000ths.
const POOL_LIMIT_BPS: f64 = 100.0;

/// Differences that are kept for the median: of more, every second one is dropped.
const KEPT: usize = 1 << 16;

/// Compares the candles of a source with another's candles, or with a pool's price.
pub(crate) async fn compare(
    data: &Catalogue,
    source: &Source,
    against: &Source,
    findings: &mut Findings,
) -> Result<(), CatalogueError> {
    let wrong = |source: &Source, expected| CatalogueError::Name {
        what: "source to compare".to_owned(),
        found: source.to_string(),
        expected,
    };
    let interval = source.interval().filter(|_| source.dataset() == Dataset::Candles);
    let interval = interval.ok_or_else(|| wrong(source, "candles, which have a close"))?;
    match against.dataset() {
        Dataset::Candles => {
            let other = against.interval().unwrap_or(interval);
            let (fine, coarse) =
                if interval <= other { (source, against) } else { (against, source) };
            let (short, long) = (interval.min(other), interval.max(other));
            if long.us() % short.us() != 0 {
                return Err(wrong(against, "an interval that is a multiple of the other"));
            }
            candles(data, (fine, short), (coarse, long), findings).await
        }
        Dataset::PoolEvents => pool(data, (source, interval), against, findings).await,
        Dataset::PoolStates
        | Dataset::PoolBars
        | Dataset::Blocks
        | Dataset::Trades
        | Dataset::Quotes
        | Dataset::Book
        | Dataset::Funding
        | Dataset::Marks
        | Dataset::Series => Err(wrong(against, "candles or a pool's events")),
    }
}

/// Rows one by one.
struct OneByOne<R: Record> {
    rows: Rows<R>,
    batch: VecDeque<R>,
}

impl<R: Record> OneByOne<R> {
    async fn of(data: &Catalogue, source: &Source) -> Result<Self, CatalogueError> {
        let rows = data.read::<R>(source, Range::All).await?;
        Ok(Self { rows, batch: VecDeque::new() })
    }

    async fn next(&mut self) -> Result<Option<R>, CatalogueError> {
        if self.batch.is_empty() {
            self.batch.extend(self.rows.next_rows().await?.unwrap_or_default());
        }
        Ok(self.batch.pop_front())
    }
}

/// Sums up the fine candles of each coarse one, where all of them are there.
async fn candles(
    data: &Catalogue,
    (fine, short): (&Source, Interval),
    (coarse, long): (&Source, Interval),
    findings: &mut Findings,
) -> Result<(), CatalogueError> {
    let full = long.us() / short.us();
    let mut fines = OneByOne::<Candle>::of(data, fine).await?;
    let mut coarses = OneByOne::<Candle>::of(data, coarse).await?;
    let mut next = fines.next().await?;
    let (mut compared, mut differing) = (0_u64, 0_u64);
    let mut first = None;
    while let Some(candle) = coarses.next().await? {
        let end = long.end_of(candle.open_time).unwrap_or(InstantUs(i64::MAX));
        let (mut count, mut volume, mut close) = (0_i64, Decimal::ZERO, None);
        while let Some(part) = next.filter(|part| part.open_time < end) {
            if part.open_time >= candle.open_time {
                count += 1;
                volume = volume.checked_add(part.volume).unwrap_or(volume);
                close = Some(part.close);
            }
            next = fines.next().await?;
        }
        if count == full {
            compared += 1;
            if close != Some(candle.close) || volume != candle.volume {
                differing += 1;
                first.get_or_insert(candle.open_time.0);
            }
        }
        if next.is_none() {
            break;
        }
    }
    let allowed = "the same close and volume in each interval that both have whole";
    let what =
        format!("{differing} of {compared} intervals of {long} differ between {fine} and {coarse}");
    let (severity, place) = match first {
        Some(first) => (Severity::Warning, format!("first at {}", findings.place(first))),
        None => (Severity::Note, "everywhere".to_owned()),
    };
    findings.add((severity, Check::SecondSource), place, what, allowed, differing);
    Ok(())
}

/// Compares closes with the pool's price before them, whichever way round the pool has it.
async fn pool(
    data: &Catalogue,
    (source, interval): (&Source, Interval),
    against: &Source,
    findings: &mut Findings,
) -> Result<(), CatalogueError> {
    let header = match data.frame::<TapeEvent>(against).await? {
        PoolDescription::Concentrated(header) => header,
        PoolDescription::Shares(..) => {
            return Err(CatalogueError::Name {
                what: "source to compare".to_owned(),
                found: against.to_string(),
                expected: "a pool of positions, whose logs tell the price",
            });
        }
    };
    let mut closes = OneByOne::<Candle>::of(data, source).await?;
    let mut events = OneByOne::<TapeEvent>::of(data, against).await?;
    let mut next = events.next().await?;
    let mut differences = Differences::default();
    let mut price = None;
    while let Some(candle) = closes.next().await? {
        let end = interval.end_of(candle.open_time).unwrap_or(InstantUs(i64::MAX));
        while let Some(event) = &next {
            let time = InstantUs::from_timestamp(event.time).unwrap_or_default();
            if time >= end {
                break;
            }
            if let Some(after) = event.event.swap().and_then(|(_, after)| after.sqrt_price) {
                price = Some((time, price_of(after, &header)));
            }
            next = events.next().await?;
        }
        // A price from before the candle says nothing about its close.
        if let Some((_, price)) = price.filter(|(time, _)| *time >= candle.open_time) {
            differences.add(candle.open_time.0, price, close_of(&candle));
        }
        if next.is_none() {
            break;
        }
    }
    differences.tell(findings, against);
    Ok(())
}

/// Returns whole token1 for one whole token0, as a statistic takes it.
fn price_of(sqrt_price: tidemill_units::SqrtPrice, header: &PoolHeader) -> f64 {
    let root = root_of(sqrt_price);
    let places = i32::from(header.token0.decimals) - i32::from(header.token1.decimals);
    root * root * 10_f64.powi(places)
}

fn close_of(candle: &Candle) -> f64 {
    candle.close.to_string().parse().unwrap_or(0.0)
}

/// How far two prices are apart, in 10,000ths.
#[derive(Default)]
struct Differences {
    compared: u64,
    beyond: u64,
    worst: Option<(i64, f64)>,
    kept: Vec<f64>,
    stride: u64,
    inverted: Option<bool>,
}

impl Differences {
    fn add(&mut self, place: i64, pool: f64, market: f64) {
        if pool <= 0.0 || market <= 0.0 {
            return;
        }
        let (straight, inverse) = ((pool / market).ln(), (pool * market).ln());
        let inverted = *self.inverted.get_or_insert(inverse.abs() < straight.abs());
        let bps = 10_000.0 * if inverted { -inverse } else { straight };
        self.stride = self.stride.max(1);
        if self.compared.is_multiple_of(self.stride) {
            self.kept.push(bps.abs());
        }
        if self.kept.len() > KEPT {
            let mut keep = false;
            self.kept.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride *= 2;
        }
        self.compared += 1;
        self.beyond += u64::from(bps.abs() > POOL_LIMIT_BPS);
        if self.worst.is_none_or(|(_, worst)| worst.abs() < bps.abs()) {
            self.worst = Some((place, bps));
        }
    }

    fn tell(mut self, findings: &mut Findings, against: &Source) {
        let allowed = format!("a pool's price within {POOL_LIMIT_BPS} bps of the close");
        let Some((place, worst)) = self.worst else {
            let what = format!("no candle has a swap of {against} in it");
            let kind = (Severity::Warning, Check::SecondSource);
            return findings.add(kind, "everywhere", what, &allowed, 0);
        };
        let what = format!(
            "{} of {} closes are further from {against}; the median distance is {:.2} bps, the \
             largest {worst:+.2} bps",
            self.beyond,
            self.compared,
            median(&mut self.kept),
        );
        let severity = if self.beyond > 0 { Severity::Warning } else { Severity::Note };
        let place = format!("largest at {}", findings.place(place));
        findings.add((severity, Check::SecondSource), place, what, &allowed, self.beyond);
    }
}
