mod tick_candles;

use serde::{Deserialize, Serialize};
use tidemill_model::Interval;
use tidemill_signals::indicators::{DonchianChannel, SimpleAverage};
use tidemill_signals::ticks_from_one;
use tidemill_strategy::View;
use tidemill_units::Decimal;

use crate::registry::FeedNeed;
use crate::{BuildError, ParameterError, bounded};
use tick_candles::{TickCandle, TickCandles};

/// Hypothesis: a pool loses most to divergence while the price goes one way, so that to be out of
/// it while it does gains more than the fees of that time.
///
/// Leaves the pool while there is a trend, and is in it otherwise; from too few candles there is
/// none. Under `averages` there is one while the mean of the last `fast` closes is further than
/// `threshold_ticks` from that of the last `slow`. Under `donchian` one begins with a close above
/// the highest or below the lowest price of the last `length` candles before it, and ends with one
/// on the other side of the channel's middle. Candles are the pool's own, of `candle_minutes`, or
/// those of a `feed` that the strategy needs with that `interval`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrendFilter {
    /// What a trend is.
    pub rule: TrendRule,
    /// Closes of the short average, 1 to 10000; only of `averages`, 12 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast: Option<u32>,
    /// Closes of the long average, above `fast` to 10000; only of `averages`, 48 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slow: Option<u32>,
    /// How far the averages are apart in a trend, 1 to 443636; only of `averages`, 100 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold_ticks: Option<i32>,
    /// Candles of the channel, 1 to 10000; only of `donchian`, 20 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Minutes of a candle of the pool, 1 to 10080; 60 without. Not with a `feed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candle_minutes: Option<u64>,
    /// The feed whose candles count; the pool's own without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
    /// The interval of the feed's candles; it must be there beside `feed`, and only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
}

/// What a trend is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrendRule {
    /// Two averages that are apart.
    #[default]
    Averages,
    /// A price out of its channel.
    Donchian,
}

/// Refuses a parameter that is given where it means nothing.
fn none<T: ToString>(
    name: &'static str,
    given: &Option<T>,
    unless: &str,
) -> Result<(), BuildError> {
    let Some(value) = given else { return Ok(()) };
    let allowed = format!("left out {unless}");
    Err(ParameterError { name, value: value.to_string(), allowed }.into())
}

impl TrendFilter {
    /// Returns parameter and value, for the report.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        let rule = match self.rule {
            TrendRule::Averages => "averages",
            TrendRule::Donchian => "donchian",
        };
        let number = |value: Option<u32>| value.map(|value| value.to_string());
        let rows = [
            ("rule", Some(rule.to_owned())),
            ("fast", number(self.fast)),
            ("slow", number(self.slow)),
            ("threshold_ticks", self.threshold_ticks.map(|value| value.to_string())),
            ("length", number(self.length)),
            ("candle_minutes", self.candle_minutes.map(|value| value.to_string())),
            ("feed", self.feed.clone()),
            ("interval", self.interval.clone()),
        ];
        rows.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Checks the parameters and returns the alarm.
    ///
    /// Errors: the first parameter outside its range.
    pub(crate) fn build(&self, needs: &[FeedNeed]) -> Result<TrendAlarm, BuildError> {
        let rule = match self.rule {
            TrendRule::Averages => {
                none("trend_filter.length", &self.length, "unless rule is `donchian`")?;
                let fast = self.fast.unwrap_or(12);
                let fast = bounded("trend_filter.fast", fast, (1, 9_999))?;
                let slow = self.slow.unwrap_or(48);
                let slow = bounded("trend_filter.slow", slow, (fast + 1, 10_000))?;
                let apart = self.threshold_ticks.unwrap_or(100);
                let apart = bounded("trend_filter.threshold_ticks", apart, (1, 443_636))?;
                let [fast, slow] = [fast, slow].map(|length| SimpleAverage::new(length as usize));
                Rule::Averages { fast, slow, apart: f64::from(apart) }
            }
            TrendRule::Donchian => {
                let unless = "unless rule is `averages`";
                none("trend_filter.fast", &self.fast, unless)?;
                none("trend_filter.slow", &self.slow, unless)?;
                none("trend_filter.threshold_ticks", &self.threshold_ticks, unless)?;
                let length = self.length.unwrap_or(20);
                let length = bounded("trend_filter.length", length, (1, 10_000))?;
                Rule::Donchian(DonchianChannel::new(length as usize))
            }
        };
        let source = self.source(needs)?;
        Ok(TrendAlarm { rule, source, trend: Trend::None })
    }

    fn source(&self, needs: &[FeedNeed]) -> Result<Source, BuildError> {
        let (Some(feed), Some(interval)) = (&self.feed, &self.interval) else {
            none("trend_filter.feed", &self.feed, "unless there is an interval")?;
            none("trend_filter.interval", &self.interval, "unless there is a feed")?;
            let minutes = self.candle_minutes.unwrap_or(60);
            let minutes = bounded("trend_filter.candle_minutes", minutes, (1, 10_080))?;
            return Ok(Source::Pool(TickCandles::new(minutes.saturating_mul(60))));
        };
        none("trend_filter.candle_minutes", &self.candle_minutes, "where there is a feed")?;
        let is_needed = |need: &FeedNeed| {
            need.feed == *feed && need.interval.as_deref() == Some(interval.as_str())
        };
        let wrong = |name, value: &str, allowed: &str| ParameterError {
            name,
            value: value.to_owned(),
            allowed: allowed.to_owned(),
        };
        if !needs.iter().any(is_needed) {
            let allowed = "a feed that `needs` names with the same interval";
            return Err(wrong("trend_filter.feed", feed, allowed).into());
        }
        let parsed: Result<Interval, _> = interval.parse();
        let parsed =
            parsed.map_err(|error| wrong("trend_filter.interval", interval, &error.to_string()))?;
        Ok(Source::Feed { name: feed.clone(), interval: parsed, seen: 0 })
    }
}

/// Says whether there is a trend.
#[derive(Clone, Debug)]
pub(crate) struct TrendAlarm {
    rule: Rule,
    source: Source,
    trend: Trend,
}

#[derive(Clone, Debug)]
enum Rule {
    Averages { fast: SimpleAverage, slow: SimpleAverage, apart: f64 },
    Donchian(DonchianChannel),
}

/// Where candles come from.
#[derive(Clone, Debug)]
enum Source {
    Pool(TickCandles),
    Feed {
        name: String,
        interval: Interval,
        /// How many of its candles were taken in.
        seen: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trend {
    None,
    Up,
    Down,
}

impl TrendAlarm {
    /// Takes in the candles that were closed since; returns whether there is a trend.
    pub(crate) fn is_on(&mut self, view: &View<'_>) -> bool {
        let Self { rule, source, trend } = self;
        match source {
            Source::Pool(candles) => {
                candles.look(view, |candle| *trend = rule.after(*trend, candle));
            }
            Source::Feed { name, interval, seen } => {
                read_feed(view, (name, *interval), seen, |candle| {
                    *trend = rule.after(*trend, candle);
                });
            }
        }
        *trend != Trend::None
    }
}

/// Takes in the candles of a feed that were closed since.
fn read_feed(
    view: &View<'_>,
    (name, interval): (&str, Interval),
    seen: &mut u64,
    mut take: impl FnMut(TickCandle),
) {
    let Some(feed) = view.feed(name) else { return };
    let Some(count) = view.candle_count(feed, interval) else { return };
    let new = usize::try_from(count.saturating_sub(*seen)).unwrap_or(usize::MAX);
    if new == 0 {
        return;
    }
    *seen = count;
    for known in view.candles(feed, interval, new).into_iter().flatten() {
        let [high, low, close] =
            [known.candle.high, known.candle.low, known.candle.close].map(in_ticks);
        if let (Some(high), Some(low), Some(close)) = (high, low, close) {
            take(TickCandle { high, low, close });
        }
    }
}

/// A price of a feed as ticks from one; `None` unless it is above zero.
fn in_ticks(price: Decimal) -> Option<f64> {
    let price: f64 = price.to_string().parse().ok()?;
    (price > 0.0).then(|| ticks_from_one(price))
}

impl Rule {
    fn after(&mut self, trend: Trend, candle: TickCandle) -> Trend {
        match self {
            Self::Averages { fast, slow, apart } => {
                fast.update(candle.close);
                slow.update(candle.close);
                match fast.value().zip(slow.value()) {
                    Some((fast, slow)) if fast - slow > *apart => Trend::Up,
                    Some((fast, slow)) if slow - fast > *apart => Trend::Down,
                    Some(_) | None => Trend::None,
                }
            }
            Self::Donchian(channel) => {
                // That of the candles before this one.
                let before = channel.value();
                channel.update(candle.high, candle.low);
                let Some(before) = before else { return Trend::None };
                let TickCandle { close, .. } = candle;
                match trend {
                    _ if close > before.upper => Trend::Up,
                    _ if close < before.lower => Trend::Down,
                    Trend::Up if close < before.middle() => Trend::None,
                    Trend::Down if close > before.middle() => Trend::None,
                    Trend::Up | Trend::Down | Trend::None => trend,
                }
            }
        }
    }
}
