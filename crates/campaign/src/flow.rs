//! What the recorded flow paid and cost, interval by interval.

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Pool, SwapStep};
use tidemill_signals::{ConcentratedPosition, LvrMeter, PriceRange, sqrt_price_to_f64};
use tidemill_units::{Side, TickRange, Timestamp, TokenIndex};

use crate::config::{ConfigError, Placement, Supply};
use crate::number::from_word;
use crate::position::{add, positions_by_range, remove};
use crate::recording::{Call, History, RangeRecording, Recorded, Recording};

/// Prices are sampled no more often than this: within minutes, trades for their own sake move a
/// pool's price to and fro within its fee, which is no loss to anybody.
pub(crate) const SAMPLE_SECONDS: u64 = 300;
/// A shorter history says nothing about a year.
const LEAST_SECONDS: u64 = 3_600;

/// A pool's recorded flow; values in raw units of the quote token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flow {
    /// The capital of all providers at the end.
    pub(crate) capital: f64,
    /// From the first event to the last.
    pub(crate) seconds: f64,
    pub(crate) intervals: Vec<Interval>,
}

/// Some minutes of it. Liquidity is liquidity in range, or shares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Interval {
    pub(crate) seconds: f64,
    /// What providers were paid.
    pub(crate) fees: f64,
    /// Liquidity while fees were paid: the harmonic mean, by fees.
    pub(crate) fee_liquidity: f64,
    /// Liquidity at the end.
    pub(crate) liquidity: f64,
    /// Liquidity that capital which comes has for each unit of it.
    pub(crate) per_capital: f64,
    /// Loss versus rebalancing of one unit of liquidity.
    pub(crate) lvr_per_liquidity: f64,
    /// Capital of the positions in range.
    pub(crate) capital_in_range: f64,
    /// Part of the capital that comes which is in range.
    pub(crate) in_range_part: f64,
    pub(crate) swaps: f64,
}

/// Measures a recording.
///
/// Errors: [`ConfigError::Unmeasurable`] for less than an hour, and for a pool without liquidity.
pub(crate) fn measure(
    recording: &Recording,
    quote: TokenIndex,
    supply: &Supply,
) -> Result<Flow, ConfigError> {
    let about = &recording.about;
    let seconds = about.last.seconds_since(about.first);
    if seconds < LEAST_SECONDS {
        return Err(ConfigError::Unmeasurable("spans less than an hour: too little to measure"));
    }
    let (capital, intervals) = match &recording.history {
        History::Shares(shares) => shares.intervals(quote),
        History::Ranges(ranges) => {
            let side = quote.side().unwrap_or(Side::Token1);
            let mut meter = RangeMeter::new(ranges, side);
            for recorded in &ranges.calls {
                meter.follow(recorded);
            }
            meter.finish(about.last, supply)
        }
    };
    if !(capital > 0.0 && capital.is_finite()) || intervals.is_empty() {
        return Err(ConfigError::Unmeasurable(
            "leaves no liquidity in the pool: nothing to add to",
        ));
    }
    Ok(Flow { capital, seconds: seconds as f64, intervals })
}

/// Executes a concentrated pool's calls once more, and watches fees step by step.
struct RangeMeter {
    pool: Pool,
    quote: Side,
    ranges: BTreeMap<TickRange, u128>,
    lvr: LvrMeter,
    steps: Vec<SwapStep>,
    /// The interval that runs, and since when.
    current: Interval,
    fees_over_liquidity: f64,
    since: Timestamp,
    sqrt_price: f64,
    done: Vec<(Interval, f64)>,
}

impl RangeMeter {
    fn new(recording: &RangeRecording, quote: Side) -> Self {
        let pool = recording.start.clone();
        let prices = PriceRange { lower: 1e-38, upper: 1e38 };
        let everywhere = ConcentratedPosition::new(1.0, prices);
        Self {
            ranges: positions_by_range(&pool),
            sqrt_price: sqrt_price_to_f64(pool.sqrt_price()),
            pool,
            quote,
            lvr: LvrMeter::new(everywhere.expect("a fixed range that is one"), quote),
            steps: Vec::new(),
            current: Interval::default(),
            fees_over_liquidity: 0.0,
            since: recording.calls.first().map_or(Timestamp(0), |recorded| recorded.at),
            done: Vec::new(),
        }
    }

    fn follow(&mut self, recorded: &Recorded) {
        if recorded.at.seconds_since(self.since) >= SAMPLE_SECONDS {
            self.close(recorded.at);
        }
        match recorded.call {
            Call::Add(range, liquidity) => {
                if add(&mut self.pool, (0, range), liquidity, recorded.at).is_ok() {
                    *self.ranges.entry(range).or_default() += liquidity.0;
                }
            }
            Call::Remove(range, liquidity) => {
                let held = self.ranges.entry(range).or_default();
                let taken = liquidity.0.min(*held);
                if remove(&mut self.pool, (0, range), taken, recorded.at).is_ok() {
                    *held -= taken;
                }
            }
            Call::Swap(request) => {
                self.steps.clear();
                let Ok(staged) = self.pool.stage_swap(request, &mut self.steps) else { return };
                self.pool.commit_swap(&staged, recorded.at);
                self.current.swaps += 1.0;
                for step in std::mem::take(&mut self.steps) {
                    self.pay(&step);
                }
            }
        }
    }

    fn pay(&mut self, step: &SwapStep) {
        let [before, after] = step.fee_growth;
        let liquidity = step.liquidity.0 as f64;
        let growth = from_word(after.wrapping_sub(before).0) / TWO_POW_128;
        let sqrt_price = sqrt_price_to_f64(step.sqrt_price[1]);
        let fees = in_quote(growth * liquidity, (step.input, self.quote), sqrt_price);
        if fees > 0.0 && liquidity > 0.0 {
            self.current.fees += fees;
            self.fees_over_liquidity += fees / liquidity;
        }
    }

    fn close(&mut self, at: Timestamp) {
        let sqrt_price = sqrt_price_to_f64(self.pool.sqrt_price());
        let before = self.lvr.total();
        self.lvr.moved(self.sqrt_price, sqrt_price);
        let liquidity = self.pool.liquidity().0 as f64;
        let (_, capital_in_range) = self.capital();
        let fee_liquidity = match self.fees_over_liquidity {
            some if some > 0.0 => self.current.fees / some,
            _ => liquidity,
        };
        let interval = Interval {
            seconds: at.seconds_since(self.since) as f64,
            fee_liquidity,
            liquidity,
            lvr_per_liquidity: self.lvr.total() - before,
            capital_in_range,
            ..self.current
        };
        self.done.push((interval, sqrt_price));
        (self.current, self.fees_over_liquidity) = (Interval::default(), 0.0);
        (self.since, self.sqrt_price) = (at, sqrt_price);
    }

    /// Returns what all positions are worth, and what those in range are.
    fn capital(&self) -> (f64, f64) {
        let root = sqrt_price_to_f64(self.pool.sqrt_price());
        let tick = self.pool.tick();
        let (mut all, mut in_range) = (0.0, 0.0);
        for (range, liquidity) in self.ranges.iter().filter(|(_, liquidity)| **liquidity > 0) {
            let Ok(position) =
                ConcentratedPosition::from_ticks(tidemill_units::Liquidity(*liquidity), *range)
            else {
                continue;
            };
            let value = in_quote(position.value(root * root), (Side::Token1, self.quote), root);
            all += value;
            in_range += if range.contains(tick) { value } else { 0.0 };
        }
        (all, in_range)
    }

    fn finish(mut self, at: Timestamp, supply: &Supply) -> (f64, Vec<Interval>) {
        if at > self.since || self.current.swaps > 0.0 {
            self.close(at);
        }
        let (capital, _) = self.capital();
        let quote = self.quote;
        let place = |(interval, root): (Interval, f64)| {
            let present = interval.liquidity / capital;
            let present_in_range = (interval.capital_in_range / capital).min(1.0);
            let (per_capital, in_range) = match supply.placement {
                Placement::Present => (present, present_in_range),
                Placement::Band(band) => (in_band(band, root, quote), 1.0),
                Placement::Full => (in_band(f64::INFINITY, root, quote), 1.0),
            };
            let wide = supply.wide_part;
            let everywhere = in_band(f64::INFINITY, root, quote);
            Interval {
                per_capital: (1.0 - wide) * per_capital + wide * everywhere,
                in_range_part: (1.0 - wide) * in_range + wide,
                ..interval
            }
        };
        (capital, self.done.into_iter().map(place).collect())
    }
}

const TWO_POW_128: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;

/// Returns an amount of a token in the quote token, at a square root of token1 per token0.
fn in_quote(amount: f64, (of, quote): (Side, Side), root: f64) -> f64 {
    match (of, quote) {
        (Side::Token0, Side::Token1) => amount * root * root,
        (Side::Token1, Side::Token0) => amount / (root * root),
        (Side::Token0, Side::Token0) | (Side::Token1, Side::Token1) => amount,
    }
}

/// Returns the liquidity of one unit of capital in a band from the price divided by one and the
/// half-width to the price times it.
fn in_band(half_width: f64, root: f64, quote: Side) -> f64 {
    let value = 2.0 * root * (1.0 - 1.0 / (1.0 + half_width).sqrt());
    1.0 / in_quote(value, (Side::Token1, quote), root)
}

#[cfg(test)]
mod tests;
