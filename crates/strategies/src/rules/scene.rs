use tidemill_strategy::View;
use tidemill_units::{Gas, GasPrice, Tick, Timestamp};

use super::expression::Readings;
use super::places::{Open, Place};
use super::scale::QuoteScale;
use super::signals::Signals;
use super::values::{NumberValue, TruthValue};

/// Since when a strategy has been asked, and what it found then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) at: Timestamp,
    /// The tick; none in a pool of shares.
    pub(super) tick: Option<Tick>,
    pub(super) price: Option<f64>,
}

/// What an expression of one rule reads at one event. Nothing is worked out before it is read.
pub(super) struct Scene<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) scale: QuoteScale,
    pub(super) signals: &'a Signals,
    pub(super) place: &'a Place,
    pub(super) start: Start,
    pub(super) acted_at: Option<Timestamp>,
}

impl Scene<'_> {
    fn minutes_since(&self, then: Timestamp) -> f64 {
        self.view.now().seconds_since(then) as f64 / 60.0
    }

    /// The days since 1970-01-01, a Thursday, are counted from a Monday.
    fn day_of_week(&self) -> f64 {
        ((self.view.now().0 / 86_400 + 3) % 7 + 1) as f64
    }

    fn available(&self, of_quote: bool) -> Option<f64> {
        let available = self.view.available()?;
        if of_quote {
            return available.get(self.scale.quote).map(|amount| self.scale.quote(amount));
        }
        let (base, _) = self.scale.base?;
        self.scale.whole(base, available.get(base)?)
    }

    fn positions_value(&self) -> Option<f64> {
        self.view.positions().try_fold(0.0, |sum, (id, _)| {
            Some(sum + self.scale.quote(self.view.position_value(id)?))
        })
    }

    /// The ends of the open position, the one of the lower price first where prices are asked for.
    fn ends(&self, of_prices: bool) -> Option<[Tick; 2]> {
        let range = self.place.open.as_ref()?.range?;
        let ends = [range.lower, range.upper];
        let is_turned = of_prices && self.scale.quote.place() == 0;
        Some(if is_turned { [ends[1], ends[0]] } else { ends })
    }

    fn of_open(&self, read: impl FnOnce(&Open) -> Option<f64>) -> Option<f64> {
        self.place.open.as_ref().and_then(read)
    }
}

impl Readings for Scene<'_> {
    fn number(&self, value: NumberValue) -> Option<f64> {
        let Self { view, scale, start, .. } = self;
        match value {
            NumberValue::Price => scale.price(view),
            NumberValue::Tick => view.pool().map(|pool| f64::from(pool.tick().0)),
            NumberValue::TickSpacing => view.pool().map(|pool| f64::from(pool.tick_spacing())),
            NumberValue::FeeBps => view.pool().map(|pool| f64::from(pool.fee().0) / 100.0),
            NumberValue::Liquidity => view.pool().map(|pool| pool.liquidity().0 as f64),
            NumberValue::Block => Some(view.block().0 as f64),
            NumberValue::NowSeconds => Some(view.now().0 as f64),
            NumberValue::HourOfDay => Some((view.now().0 / 3_600 % 24) as f64),
            NumberValue::DayOfWeek => Some(self.day_of_week()),
            NumberValue::MinutesSinceStart => Some(self.minutes_since(start.at)),
            NumberValue::FirstTick => start.tick.map(|tick| f64::from(tick.0)),
            NumberValue::FirstPrice => start.price,
            NumberValue::GasPriceGwei => view.gas_price().map(|price| price.0 as f64 / 1e9),
            NumberValue::AvailableQuote => self.available(true),
            NumberValue::AvailableBase => self.available(false),
            NumberValue::WalletValueQuote => {
                view.tokens_value(&view.available()?).map(|value| scale.quote(value))
            }
            NumberValue::PositionsValueQuote => self.positions_value(),
            NumberValue::OpenPositions => Some(view.positions().count() as f64),
            NumberValue::MinutesSinceAction => self.acted_at.map(|at| self.minutes_since(at)),
            NumberValue::LowerTick => self.ends(false).map(|[lower, _]| f64::from(lower.0)),
            NumberValue::UpperTick => self.ends(false).map(|[_, upper]| f64::from(upper.0)),
            NumberValue::CentreTick => self.place.centre.map(|centre| f64::from(centre.0)),
            NumberValue::LowerPrice => self.ends(true).and_then(|[end, _]| scale.price_at(end)),
            NumberValue::UpperPrice => self.ends(true).and_then(|[_, end]| scale.price_at(end)),
            NumberValue::PositionValueQuote => {
                self.of_open(|open| view.position_value(open.id).map(|value| scale.quote(value)))
            }
            NumberValue::ValueAtOpenQuote => self.of_open(|open| open.value),
            NumberValue::PriceAtOpen => self.of_open(|open| open.price),
            NumberValue::MinutesOpen => self.of_open(|open| Some(self.minutes_since(open.since))),
            NumberValue::MinutesOutOfRange => self.of_open(|open| {
                Some(open.outside_since.map_or(0.0, |since| self.minutes_since(since)))
            }),
            NumberValue::RewardQuote => self.of_open(|open| {
                view.reward_value(view.reward(open.id)?).map(|value| scale.quote(value))
            }),
        }
    }

    fn truth(&self, value: TruthValue) -> Option<bool> {
        let open = self.place.open.as_ref();
        match value {
            TruthValue::IsOpen => Some(open.is_some()),
            TruthValue::InRange => open.map(|open| open.outside_since.is_none()),
            TruthValue::IsStaked => open.map(|open| open.is_staked),
        }
    }

    fn signal(&self, slot: usize) -> Option<f64> {
        self.signals.value(slot)
    }

    fn gas_quote(&self, gas: f64) -> Option<f64> {
        // Gas is whole; less than none is none.
        self.view.gas_price()?;
        let cost = self.view.gas_value(Gas(gas.ceil() as u64), GasPrice(0))?;
        Some(self.scale.quote(cost))
    }
}
