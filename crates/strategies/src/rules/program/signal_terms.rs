use std::fmt::Display;
use std::ops::Range;

use tidemill_model::Interval;
use toml::Spanned;

use super::super::file::SignalConfig;
use super::super::signals::{CandleField, Estimate, Follows, LatestField, SignalTerms};
use super::super::source::{RulesError, Source};
use super::super::values::instead;

/// The longest that a signal may look back, in steps.
const LONGEST: u64 = 10_000;

pub(in crate::rules) const KINDS: &[&str] = &[
    "ewma_volatility",
    "realised_volatility",
    "sma",
    "ema",
    "rsi",
    "z_score",
    "bollinger",
    "macd",
    "atr",
    "donchian",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "bid",
    "ask",
    "mid",
    "last_trade",
    "mark",
    "funding_rate",
    "series",
    "held",
];

/// What a kind of signal may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// The pool's price, or candles.
    Either,
    Candles,
    /// A feed, without candles.
    Latest,
    /// An instrument of an exchange.
    Instrument,
}

/// Checks a signal.
///
/// Errors: the first key that is missing, not allowed or outside its range.
pub(super) fn signal_terms(
    source: &Source,
    signal: Spanned<SignalConfig>,
) -> Result<SignalTerms, RulesError> {
    let span = signal.span();
    let terms = Terms { source, span, signal: signal.into_inner() };
    let (takes, keys, estimate) = terms.estimate()?;
    terms.only(keys)?;
    Ok(SignalTerms { follows: terms.follows(takes)?, estimate })
}

struct Terms<'a> {
    source: &'a Source,
    span: Range<usize>,
    signal: SignalConfig,
}

impl Terms<'_> {
    /// What the signal is, what it may follow, and the keys that it takes for that.
    fn estimate(&self) -> Result<(Takes, &'static [&'static str], Estimate), RulesError> {
        let signal = &self.signal;
        let length = |least| self.count("length", signal.length.as_ref(), least);
        let candle = |field| (Takes::Candles, &[][..], Estimate::Candle(field));
        let latest = |field| (Takes::Latest, &[][..], Estimate::Latest(field));
        const LENGTH: &[&str] = &["length"];
        Ok(match signal.kind.get_ref().as_str() {
            "ewma_volatility" => {
                let hours = signal.half_life_hours.as_ref();
                let half_life_hours = self.within("half_life_hours", hours, (0.1, 8_760.0))?;
                let estimate = Estimate::EwmaVolatility { half_life_hours };
                (Takes::Either, &["half_life_hours"], estimate)
            }
            "realised_volatility" => {
                (Takes::Either, LENGTH, Estimate::RealisedVolatility { length: length(1)? })
            }
            "sma" => (Takes::Either, LENGTH, Estimate::Sma { length: length(1)? }),
            "ema" => (Takes::Either, LENGTH, Estimate::Ema { length: length(1)? }),
            "rsi" => (Takes::Either, LENGTH, Estimate::Rsi { length: length(1)? }),
            "z_score" => (Takes::Either, LENGTH, Estimate::ZScore { length: length(2)? }),
            "bollinger" => {
                let given = signal.deviations.as_ref();
                let deviations = self.within("deviations", given, (0.1, 20.0))?;
                let estimate = Estimate::Bollinger { length: length(1)?, deviations };
                (Takes::Either, &["length", "deviations"], estimate)
            }
            "macd" => (Takes::Either, &["fast", "slow", "smoothing"], self.macd()?),
            "atr" => (Takes::Candles, LENGTH, Estimate::Atr { length: length(1)? }),
            "donchian" => (Takes::Candles, LENGTH, Estimate::Donchian { length: length(1)? }),
            "open" => candle(CandleField::Open),
            "high" => candle(CandleField::High),
            "low" => candle(CandleField::Low),
            "close" => candle(CandleField::Close),
            "volume" => candle(CandleField::Volume),
            "bid" => latest(LatestField::Bid),
            "ask" => latest(LatestField::Ask),
            "mid" => latest(LatestField::Mid),
            "last_trade" => latest(LatestField::Trade),
            "mark" => latest(LatestField::Mark),
            "funding_rate" => latest(LatestField::FundingRate),
            "series" => latest(LatestField::Series),
            "held" => (Takes::Instrument, &[], Estimate::Held),
            unknown => {
                let problem =
                    format!("there is no kind of signal `{unknown}`; {}", instead(unknown, KINDS));
                return Err(self.source.mistake(&signal.kind.span(), problem));
            }
        })
    }

    fn macd(&self) -> Result<Estimate, RulesError> {
        let fast = self.count("fast", self.signal.fast.as_ref(), 1)?;
        let slow = self.count("slow", self.signal.slow.as_ref(), 2)?;
        let smoothing = self.count("smoothing", self.signal.smoothing.as_ref(), 1)?;
        if fast >= slow {
            let span = self.signal.fast.as_ref().map_or(self.span.clone(), Spanned::span);
            let problem = format!("fast is {fast}; allowed is less than slow, which is {slow}");
            return Err(self.source.mistake(&span, problem));
        }
        Ok(Estimate::Macd { fast, slow, smoothing })
    }

    fn follows(&self, takes: Takes) -> Result<Follows, RulesError> {
        let SignalConfig { kind, feed, instrument, interval, every_minutes, .. } = &self.signal;
        let kind = kind.get_ref();
        if let Some(name) = instrument {
            let alone = feed.is_none() && interval.is_none() && every_minutes.is_none();
            if takes == Takes::Instrument && alone {
                return Ok(Follows::Instrument { name: name.clone() });
            }
        }
        // No other kind takes an instrument.
        let feed = feed.as_ref().filter(|_| instrument.is_none());
        match (takes, feed, interval, every_minutes) {
            (Takes::Either, None, None, Some(minutes)) => {
                let minutes = self.bounded("every_minutes", minutes, (1, 1_440))?;
                Ok(Follows::Pool { every_seconds: minutes * 60 })
            }
            (Takes::Either | Takes::Candles, Some(feed), Some(interval), None) => {
                let feed = feed.get_ref().clone();
                let parsed: Result<Interval, _> = interval.get_ref().parse();
                let interval = parsed.map_err(|error| {
                    self.source.mistake(&interval.span(), format!("interval {error}"))
                })?;
                Ok(Follows::Candles { feed, interval })
            }
            (Takes::Latest, Some(feed), None, None) => {
                Ok(Follows::Latest { feed: feed.get_ref().clone() })
            }
            (takes, ..) => {
                let needed = match takes {
                    Takes::Either => {
                        "every_minutes, for the pool's price, or feed and interval, for its candles"
                    }
                    Takes::Candles => "feed and interval",
                    Takes::Latest => "feed, and neither interval nor every_minutes",
                    Takes::Instrument => "instrument alone",
                };
                let problem = format!("`{kind}` needs {needed}");
                Err(self.source.mistake(&self.span, problem))
            }
        }
    }

    /// Checks that no key stands there that this kind does not take.
    fn only(&self, keys: &[&str]) -> Result<(), RulesError> {
        let signal = &self.signal;
        let span = |given: &Option<Spanned<u64>>| given.as_ref().map(Spanned::span);
        let given = [
            ("half_life_hours", signal.half_life_hours.as_ref().map(Spanned::span)),
            ("length", span(&signal.length)),
            ("deviations", signal.deviations.as_ref().map(Spanned::span)),
            ("fast", span(&signal.fast)),
            ("slow", span(&signal.slow)),
            ("smoothing", span(&signal.smoothing)),
        ];
        for (key, span) in given {
            let Some(span) = span.filter(|_| !keys.contains(&key)) else { continue };
            let takes = if keys.is_empty() { "none of its own".into() } else { keys.join(", ") };
            let kind = signal.kind.get_ref();
            let problem = format!("`{kind}` takes no `{key}`; allowed is {takes}");
            return Err(self.source.mistake(&span, problem));
        }
        Ok(())
    }

    fn count(
        &self,
        key: &str,
        given: Option<&Spanned<u64>>,
        least: u64,
    ) -> Result<usize, RulesError> {
        let count = self.within(key, given, (least, LONGEST))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn within<T: PartialOrd + Copy + Display>(
        &self,
        key: &str,
        given: Option<&Spanned<T>>,
        range: (T, T),
    ) -> Result<T, RulesError> {
        match given {
            Some(given) => self.bounded(key, given, range),
            None => {
                let (low, high) = range;
                let problem = format!(
                    "`{}` needs {key}; allowed is {low} to {high}",
                    self.signal.kind.get_ref()
                );
                Err(self.source.mistake(&self.span, problem))
            }
        }
    }

    fn bounded<T: PartialOrd + Copy + Display>(
        &self,
        key: &str,
        given: &Spanned<T>,
        (low, high): (T, T),
    ) -> Result<T, RulesError> {
        let value = *given.get_ref();
        if low <= value && value <= high {
            return Ok(value);
        }
        let problem = format!("{key} is {value}; allowed is {low} to {high}");
        Err(self.source.mistake(&given.span(), problem))
    }
}
