use std::collections::VecDeque;

use tidemill_model::FeedId;
use tidemill_signals::indicators::{
    AverageTrueRange, BollingerBands, DonchianChannel, ExponentialAverage,
    MovingAverageConvergence, RelativeStrength, SimpleAverage, ZScore,
};
use tidemill_signals::{Bar, EwmaVolatility, RealisedVariance};
use tidemill_strategy::View;
use tidemill_units::Decimal;

use super::{CandleField, Estimate, LatestField};

const SECONDS_PER_DAY: f64 = 86_400.0;

/// What keeps the state of an estimate.
#[derive(Clone, Debug)]
pub(super) enum Estimator {
    EwmaVolatility(EwmaVolatility),
    RealisedVolatility { length: usize, moves: VecDeque<(f64, f64)> },
    Sma(SimpleAverage),
    Ema(ExponentialAverage),
    Rsi(RelativeStrength),
    ZScore(ZScore),
    Bollinger(BollingerBands),
    Macd(MovingAverageConvergence),
    Atr(AverageTrueRange),
    Donchian(DonchianChannel),
    Candle(CandleField, Option<f64>),
    Latest(LatestField, Option<f64>),
    Held(Option<f64>),
}

/// A step of a series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) bar: Bar,
    pub(super) volume: f64,
    /// The log return since the step before, and the seconds since then.
    pub(super) moved: Option<(f64, f64)>,
}

impl LatestField {
    fn read(self, view: &View<'_>, feed: FeedId) -> Option<f64> {
        match self {
            Self::Bid => view.quote_of(feed).map(|quote| to_f64(quote.bid.price)),
            Self::Ask => view.quote_of(feed).map(|quote| to_f64(quote.ask.price)),
            Self::Mid => view
                .quote_of(feed)
                .map(|quote| (to_f64(quote.bid.price) + to_f64(quote.ask.price)) / 2.0),
            Self::Trade => view.trade_of(feed).map(|trade| to_f64(trade.price)),
            Self::Mark => view.mark_of(feed).map(|mark| to_f64(mark.mark)),
            Self::FundingRate => view.funding_of(feed).map(|funding| to_f64(funding.rate)),
            Self::Series => view.value_of(feed).map(|known| to_f64(known.observation.value)),
        }
    }
}

impl Estimator {
    pub(super) fn new(estimate: &Estimate) -> Self {
        match *estimate {
            Estimate::EwmaVolatility { half_life_hours } => {
                Self::EwmaVolatility(EwmaVolatility::with_half_life(half_life_hours * 3_600.0))
            }
            Estimate::RealisedVolatility { length } => {
                Self::RealisedVolatility { length, moves: VecDeque::new() }
            }
            Estimate::Sma { length } => Self::Sma(SimpleAverage::new(length)),
            Estimate::Ema { length } => Self::Ema(ExponentialAverage::new(length)),
            Estimate::Rsi { length } => Self::Rsi(RelativeStrength::new(length)),
            Estimate::ZScore { length } => Self::ZScore(ZScore::new(length)),
            Estimate::Bollinger { length, deviations } => {
                Self::Bollinger(BollingerBands::new(length, deviations))
            }
            Estimate::Macd { fast, slow, smoothing } => {
                Self::Macd(MovingAverageConvergence::new(fast, slow, smoothing))
            }
            Estimate::Atr { length } => Self::Atr(AverageTrueRange::new(length)),
            Estimate::Donchian { length } => Self::Donchian(DonchianChannel::new(length)),
            Estimate::Candle(field) => Self::Candle(field, None),
            Estimate::Latest(field) => Self::Latest(field, None),
            Estimate::Held => Self::Held(None),
        }
    }

    pub(super) fn take(&mut self, step: &Step) {
        let close = step.bar.close;
        match self {
            Self::EwmaVolatility(volatility) => {
                if let Some((log_return, seconds)) = step.moved {
                    volatility.update(log_return, seconds);
                }
            }
            Self::RealisedVolatility { length, moves } => {
                moves.extend(step.moved);
                if moves.len() > *length {
                    moves.pop_front();
                }
            }
            Self::Sma(average) => average.update(close),
            Self::Ema(average) => average.update(close),
            Self::Rsi(index) => index.update(close),
            Self::ZScore(score) => score.update(close),
            Self::Bollinger(bands) => bands.update(close),
            Self::Macd(convergence) => convergence.update(close),
            Self::Atr(range) => range.update(&step.bar),
            Self::Donchian(channel) => channel.update(step.bar.high, step.bar.low),
            Self::Candle(field, value) => {
                *value = Some(match field {
                    CandleField::Open => step.bar.open,
                    CandleField::High => step.bar.high,
                    CandleField::Low => step.bar.low,
                    CandleField::Close => close,
                    CandleField::Volume => step.volume,
                });
            }
            Self::Latest(..) | Self::Held(_) => {}
        }
    }

    /// Takes in what is held of an instrument, in whole base tokens; below zero what is owed.
    pub(super) fn count(&mut self, view: &View<'_>, name: &str) {
        if let Self::Held(value) = self {
            *value = view.instrument(name).and_then(|id| {
                let decimals = view.instrument_of(id)?.base_decimals;
                view.held(id).to_decimal_string(decimals).parse().ok()
            });
        }
    }

    /// Takes in what a feed has said last.
    pub(super) fn read(&mut self, view: &View<'_>, feed: Option<FeedId>) {
        if let Self::Latest(field, value) = self {
            *value = feed.and_then(|feed| field.read(view, feed));
        }
    }

    /// The outputs in the order of their slots; no more than the estimate has.
    pub(super) fn outputs(&self) -> [Option<Option<f64>>; 3] {
        let one = |value: Option<f64>| [Some(value), None, None];
        match self {
            Self::EwmaVolatility(volatility) => one(volatility.sigma_daily()),
            Self::RealisedVolatility { length, moves } => one(realised(*length, moves)),
            Self::Sma(average) => one(average.value()),
            Self::Ema(average) => one(average.value()),
            Self::Rsi(index) => one(index.value()),
            Self::ZScore(score) => one(score.value()),
            Self::Bollinger(bands) => {
                let bands = bands.value();
                [
                    bands.map(|band| band.lower),
                    bands.map(|band| band.middle),
                    bands.map(|band| band.upper),
                ]
                .map(Some)
            }
            Self::Macd(convergence) => {
                let value = convergence.value();
                [value.map(|at| at.line), value.map(|at| at.signal), value.map(|at| at.histogram())]
                    .map(Some)
            }
            Self::Atr(range) => one(range.value()),
            Self::Donchian(channel) => {
                let channel = channel.value();
                [Some(channel.map(|at| at.lower)), Some(channel.map(|at| at.upper)), None]
            }
            Self::Candle(_, value) | Self::Latest(_, value) | Self::Held(value) => one(*value),
        }
    }
}

/// The standard deviation of a day's log return, by the last moves; none before there are as many.
fn realised(length: usize, moves: &VecDeque<(f64, f64)>) -> Option<f64> {
    if moves.len() < length {
        return None;
    }
    let mut variance = RealisedVariance::default();
    let mut elapsed = 0.0;
    for (log_return, seconds) in moves {
        variance.update(*log_return);
        elapsed += seconds;
    }
    (elapsed > 0.0).then(|| (variance.variance() / elapsed * SECONDS_PER_DAY).sqrt())
}

/// Within half of the last bit twice: of the integer, and of the division.
pub(super) fn to_f64(decimal: Decimal) -> f64 {
    decimal.raw() as f64 / 1e18
}
