//! What an exchange quotes an option at where nobody recorded its quotes.

use tidemill_market::{Feed, FeedHealth, Feeds};
use tidemill_model::{
    BestQuote, BookLevel, FeedId, GapCause, Interval, OptionContract, OptionKind,
};
use tidemill_signals::options::{OptionKind as PricedKind, OptionTerms};
use tidemill_units::{Decimal, FeePips, InstantUs};

/// Quotes of one option by Black's formula of 1976, at a volatility that is told.
///
/// Unrealities: the price that the option is on is taken for its own future, so that there is no
/// rate and no basis; one volatility holds for all strikes and expiries that are given it, where a
/// venue's chain has a smile and a slope; half of the spread is the same part of the price for
/// every strike and at any time, and as much is traded at it as anybody wants, but for what the
/// exchange's own depth says; no quote is withdrawn while the price moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionModel {
    /// The option.
    pub contract: OptionContract,
    /// The feed that its quotes go to.
    pub quotes: FeedId,
    /// The feed of the price that it is on.
    pub underlying: FeedId,
    /// How volatile that is.
    pub volatility: Volatility,
    /// Half of the spread, as a part of the price that it is on.
    pub half_spread: FeePips,
    /// How often it is quoted.
    pub every: Interval,
}

/// How volatile a price is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatility {
    /// Always as much, a year; `0.6` is sixty percent.
    Flat(Decimal),
    /// As much from an instant on, at which it became known; nothing is quoted before.
    Since {
        /// How much a year.
        sigma: Decimal,
        /// From when on.
        from: InstantUs,
    },
    /// What a series says.
    Series {
        /// The series.
        feed: FeedId,
        /// Whether its values are percent.
        is_percent: bool,
    },
}

/// What a model can say of its option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quoted {
    /// At which prices it is traded.
    At(BestQuote),
    /// Nothing: something that it follows from has a gap.
    Gap(GapCause),
    /// Nothing yet.
    Nothing,
}

/// The smallest step of a quote, in raw units of a price: a millionth of a whole quote unit.
const STEP: i128 = 1_000_000_000_000;
const STEPS_OF_ONE: f64 = 1e6;
const YEAR_US: f64 = 365.0 * 86_400.0 * 1e6;

impl OptionModel {
    /// Returns what it says at an instant before the option's end.
    pub(crate) fn quoted(&self, feeds: &Feeds, now: InstantUs, update_id: u64) -> Quoted {
        let series = match self.volatility {
            Volatility::Flat(_) | Volatility::Since { .. } => None,
            Volatility::Series { feed, .. } => Some(feed),
        };
        for feed in [Some(self.underlying), series].into_iter().flatten() {
            match feeds.get(feed).map(Feed::health) {
                Some(FeedHealth::Whole) => {}
                Some(FeedHealth::Gap { cause: GapCause::NotBegun, .. }) | None => {
                    return Quoted::Nothing;
                }
                Some(FeedHealth::Gap { cause, .. }) => return Quoted::Gap(cause),
            }
        }
        let price = feeds.get(self.underlying).and_then(Feed::last_price);
        let priced = price.zip(self.sigma(feeds, now));
        let quote = priced.and_then(|(price, sigma)| self.quote(price.value, sigma, now));
        let level = |price| BookLevel { price, quantity: Decimal::ONE };
        quote.map_or(Quoted::Nothing, |[bid, ask]| {
            let time = Some(now);
            Quoted::At(BestQuote { update_id, time, bid: level(bid), ask: level(ask) })
        })
    }

    fn sigma(&self, feeds: &Feeds, now: InstantUs) -> Option<f64> {
        match self.volatility {
            Volatility::Flat(sigma) => Some(float(sigma)),
            Volatility::Since { sigma, from } => (now >= from).then(|| float(sigma)),
            Volatility::Series { feed, is_percent } => {
                let value = float(feeds.get(feed)?.value()?.observation.value);
                Some(if is_percent { value / 100.0 } else { value })
            }
        }
    }

    /// Bid and ask: Black's value less and more half of the spread, the bid rounded down and the
    /// ask up to a whole millionth, which is the least bid. `None` for a price that is not above
    /// zero, a volatility below it, and what is beyond ten to the fifteenth.
    fn quote(&self, price: Decimal, sigma: f64, now: InstantUs) -> Option<[Decimal; 2]> {
        let kind = match self.contract.kind {
            OptionKind::Call => PricedKind::Call,
            OptionKind::Put => PricedKind::Put,
        };
        let years = self.contract.expiry.us_since(now)? as f64 / YEAR_US;
        let (price, strike) = (float(price), float(self.contract.strike));
        let value = OptionTerms { kind, price, strike, years, rate: 0.0, sigma }.black_76();
        let half = price * f64::from(self.half_spread.0) / f64::from(FeePips::ONE.0);
        let steps =
            [((value - half) * STEPS_OF_ONE).floor(), ((value + half) * STEPS_OF_ONE).ceil()];
        let is_real = price > 0.0 && sigma >= 0.0 && steps.iter().all(|it| it.abs() < 1e21);
        if !is_real {
            return None;
        }
        // Below 10^21, so that neither the cast nor the product leaves what fits.
        let [bid, ask] = steps.map(|steps| Decimal::from_raw((steps as i128).max(1) * STEP));
        Some([bid, ask])
    }
}

fn float(value: Decimal) -> f64 {
    value.raw() as f64 / Decimal::ONE.raw() as f64
}
