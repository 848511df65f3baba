mod estimator;

use tidemill_model::{FeedId, Interval};
use tidemill_signals::Bar;
use tidemill_strategy::View;
use tidemill_units::{BlockNumber, Tick, Timestamp};
use toml::Spanned;

use super::scale::QuoteScale;
use crate::pool_meter::LOG_RETURN_PER_TICK;
use estimator::{Estimator, Step, to_f64};

/// A signal of a rules file: what it follows, and what it makes of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SignalTerms {
    pub(super) follows: Follows,
    pub(super) estimate: Estimate,
}

/// What a signal is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    /// The pool's price, with so many seconds or more between two samples.
    Pool { every_seconds: u64 },
    /// The closed candles of a feed.
    Candles { feed: String, interval: Interval },
    /// What a feed has said last.
    Latest { feed: String },
    /// What is ours of an instrument of an exchange.
    Instrument { name: Spanned<String> },
}

/// What is made of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Estimate {
    EwmaVolatility { half_life_hours: f64 },
    RealisedVolatility { length: usize },
    Sma { length: usize },
    Ema { length: usize },
    Rsi { length: usize },
    ZScore { length: usize },
    Bollinger { length: usize, deviations: f64 },
    Macd { fast: usize, slow: usize, smoothing: usize },
    Atr { length: usize },
    Donchian { length: usize },
    Candle(CandleField),
    Latest(LatestField),
    Held,
}

/// A number of a candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CandleField {
    Open,
    High,
    Low,
    Close,
    Volume,
}

/// A number that a feed says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LatestField {
    Bid,
    Ask,
    Mid,
    Trade,
    Mark,
    FundingRate,
    Series,
}

impl Estimate {
    /// Returns what its outputs add to its name, in the order of their slots.
    pub(super) const fn outputs(&self) -> &'static [&'static str] {
        match self {
            Self::Bollinger { .. } => &["_lower", "_middle", "_upper"],
            Self::Macd { .. } => &["_line", "_signal", "_histogram"],
            Self::Donchian { .. } => &["_lower", "_upper"],
            Self::EwmaVolatility { .. }
            | Self::RealisedVolatility { .. }
            | Self::Sma { .. }
            | Self::Ema { .. }
            | Self::Rsi { .. }
            | Self::ZScore { .. }
            | Self::Atr { .. }
            | Self::Candle(_)
            | Self::Latest(_)
            | Self::Held => &[""],
        }
    }
}

/// The signals of a strategy, fed event by event.
#[derive(Clone, Debug)]
pub(super) struct Signals {
    signals: Vec<Signal>,
    /// The outputs of all of them, in the order of their slots.
    values: Vec<Option<f64>>,
}

#[derive(Clone, Debug)]
struct Signal {
    follows: Following,
    estimator: Estimator,
    first_slot: usize,
}

/// What a signal follows, and how far it has come.
#[derive(Clone, Debug)]
enum Following {
    Pool { every_seconds: u64, last: Option<Sample> },
    Candles(Candles),
    Latest { feed: Feed },
    Instrument { name: String },
}

/// The closed candles of a feed, and how many of them were taken in.
#[derive(Clone, Debug)]
struct Candles {
    feed: Feed,
    interval: Interval,
    seen: u64,
    last_close: Option<f64>,
}

/// A feed, by its name until it was found once.
#[derive(Clone, Debug)]
struct Feed {
    name: String,
    id: Option<FeedId>,
}

impl Feed {
    fn id(&mut self, view: &View<'_>) -> Option<FeedId> {
        if self.id.is_none() {
            self.id = view.feed(&self.name);
        }
        self.id
    }
}

/// What the pool's price was, and in which block.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Timestamp,
    block: BlockNumber,
    tick: Tick,
}

impl Signals {
    pub(super) fn new(terms: &[SignalTerms]) -> Self {
        let mut slots = 0;
        let mut signals = Vec::new();
        for signal in terms {
            signals.push(Signal::new(signal, slots));
            slots += signal.estimate.outputs().len();
        }
        Self { signals, values: vec![None; slots] }
    }

    /// Returns an output; `None` while it is not known.
    pub(super) fn value(&self, slot: usize) -> Option<f64> {
        self.values.get(slot).copied().flatten()
    }

    /// Takes in what is new; outputs are made anew only of a signal that something is new for.
    pub(super) fn update(&mut self, view: &View<'_>, scale: QuoteScale) {
        for signal in &mut self.signals {
            signal.update(view, scale, &mut self.values);
        }
    }
}

impl Signal {
    fn new(terms: &SignalTerms, first_slot: usize) -> Self {
        let feed = |name: &String| Feed { name: name.clone(), id: None };
        let follows = match &terms.follows {
            Follows::Pool { every_seconds } => {
                Following::Pool { every_seconds: *every_seconds, last: None }
            }
            Follows::Candles { feed: name, interval } => Following::Candles(Candles {
                feed: feed(name),
                interval: *interval,
                seen: 0,
                last_close: None,
            }),
            Follows::Latest { feed: name } => Following::Latest { feed: feed(name) },
            Follows::Instrument { name } => Following::Instrument { name: name.get_ref().clone() },
        };
        Self { follows, estimator: Estimator::new(&terms.estimate), first_slot }
    }

    fn update(&mut self, view: &View<'_>, scale: QuoteScale, values: &mut [Option<f64>]) {
        let is_new = match &mut self.follows {
            Following::Pool { every_seconds, last } => {
                let step = pool_step(view, scale, *every_seconds, last);
                if let Some(step) = &step {
                    self.estimator.take(step);
                }
                step.is_some()
            }
            Following::Candles(candles) => candles.feed_to(&mut self.estimator, view),
            Following::Latest { feed } => {
                self.estimator.read(view, feed.id(view));
                true
            }
            Following::Instrument { name } => {
                self.estimator.count(view, name);
                true
            }
        };
        if !is_new {
            return;
        }
        let slots = values.iter_mut().skip(self.first_slot);
        for (slot, output) in slots.zip(self.estimator.outputs().into_iter().flatten()) {
            *slot = output;
        }
    }
}

/// Returns the next sample of the pool's price, if it is time for one.
fn pool_step(
    view: &View<'_>,
    scale: QuoteScale,
    every_seconds: u64,
    last: &mut Option<Sample>,
) -> Option<Step> {
    let tick = view.pool()?.tick();
    let now = Sample { at: view.now(), block: view.block(), tick };
    // From a price that never was there is no return.
    let stands = |last: &Sample| view.reverted_from().is_none_or(|reverted| last.block < reverted);
    let moved = match last.filter(stands) {
        None => None,
        Some(then) => {
            let elapsed = now.at.seconds_since(then.at);
            if elapsed < every_seconds.max(1) {
                return None;
            }
            let ticks = f64::from(tick.0) - f64::from(then.tick.0);
            Some((ticks * LOG_RETURN_PER_TICK, elapsed as f64))
        }
    };
    *last = Some(now);
    let price = scale.price(view)?;
    let bar = Bar { open: price, high: price, low: price, close: price };
    Some(Step { bar, volume: 0.0, moved })
}

impl Candles {
    /// Hands on the candles that were closed since the last time; whether there were any.
    fn feed_to(&mut self, estimator: &mut Estimator, view: &View<'_>) -> bool {
        let Some(id) = self.feed.id(view) else { return false };
        let count = view.candle_count(id, self.interval).unwrap_or(0);
        let new = usize::try_from(count.saturating_sub(self.seen)).unwrap_or(usize::MAX);
        self.seen = count;
        if new == 0 {
            return false;
        }
        let Some(candles) = view.candles(id, self.interval, new) else { return false };
        for known in candles {
            let candle = known.candle;
            let [open, high, low, close] =
                [candle.open, candle.high, candle.low, candle.close].map(to_f64);
            let seconds = self.interval.us() as f64 / 1e6;
            let log_return = self.last_close.map(|last| libm::log(close / last));
            let moved = log_return.filter(|moved| moved.is_finite()).map(|moved| (moved, seconds));
            self.last_close = Some(close);
            let bar = Bar { open, high, low, close };
            estimator.take(&Step { bar, volume: to_f64(candle.volume), moved });
        }
        true
    }
}

#[cfg(test)]
mod tests;
