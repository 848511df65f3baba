use tidemill_amm::concentrated::Pool;
use tidemill_model::{InstrumentId, TradeSide};
use tidemill_units::{Amount, Bps, Side, Tick, TickRange};

use super::program::{Action, Argument, Bounds, Half, Opening, Sold, Swap, Trade};
use super::scale::nearest_raw;
use super::scene::Scene;
use super::source::{RulesError, Source};
use crate::keeper::range_around;
use crate::pool_meter::LOG_RETURN_PER_TICK;

const MAX_TICK: f64 = 887_272.0;
const MAX_HALF_WIDTH: f64 = 443_636.0;
const MAX_WIDTH_BPS: f64 = 1_000_000.0;
const DEFAULT_SLIPPAGE: Bps = Bps(50);
/// What farming takes, too.
const DEFAULT_SALE_COST: Bps = Bps(200);

/// What a rule wants done, with every number in it known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Open(OpenPlan),
    Recentre(OpenPlan),
    Close,
    Swap { input: Side, amount_in: Amount, max_slippage: Bps },
    Trade { instrument: InstrumentId, side: TradeSide, quantity: Amount, max_slippage: Bps },
    Stake,
    Unstake,
    Claim,
    SellRewards { max_cost: Bps },
}

/// A position that is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenPlan {
    /// Where; at every price without.
    pub(super) target: Option<Target>,
    pub(super) part: Bps,
    pub(super) balances: bool,
    pub(super) max_slippage: Bps,
}

/// A range, and the tick that it is around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) range: TickRange,
    pub(super) centre: Tick,
}

/// Works out the numbers that an action takes.
pub(super) struct Planner<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) source: &'a Source,
}

impl Planner<'_> {
    /// Returns what is to be done; `None` while a number that it takes is not known.
    ///
    /// Errors: a number that cannot be worked out, or is outside what is allowed.
    pub(super) fn plan(&self, action: &Action) -> Result<Option<Plan>, RulesError> {
        Ok(match action {
            Action::Open(opening) => self.opening(opening)?.map(Plan::Open),
            Action::Recentre(opening) => self.opening(opening)?.map(Plan::Recentre),
            Action::Close => Some(Plan::Close),
            Action::Swap(swap) => self.swap(swap)?,
            Action::Trade(trade) => self.trade(trade)?,
            Action::Stake => Some(Plan::Stake),
            Action::Unstake => Some(Plan::Unstake),
            Action::Claim => Some(Plan::Claim),
            Action::SellRewards { max_slippage_bps } => {
                let max_cost = self.bps(max_slippage_bps.as_ref(), DEFAULT_SALE_COST)?;
                max_cost.map(|max_cost| Plan::SellRewards { max_cost })
            }
        })
    }

    pub(super) fn opening(&self, opening: &Opening) -> Result<Option<OpenPlan>, RulesError> {
        let part = self.bps(opening.part_bps.as_ref(), Bps::ONE)?;
        let max_slippage = self.bps(opening.max_slippage_bps.as_ref(), DEFAULT_SLIPPAGE)?;
        let (Some(part), Some(max_slippage)) = (part, max_slippage) else { return Ok(None) };
        let target = match (self.scene.view.pool(), &opening.bounds) {
            (_, Bounds::Full) => None,
            (None, _) => return Ok(None),
            (Some(pool), bounds) => match self.target(pool, bounds)? {
                None => return Ok(None),
                found => found,
            },
        };
        Ok(Some(OpenPlan { target, part, balances: opening.balances, max_slippage }))
    }

    fn target(&self, pool: &Pool, bounds: &Bounds) -> Result<Option<Target>, RulesError> {
        let ticks = (-MAX_TICK, MAX_TICK);
        let spacing = pool.tick_spacing();
        match bounds {
            Bounds::Full => Ok(None),
            Bounds::Around { half, centre_tick } => {
                let centre = match centre_tick {
                    None => Some(pool.tick()),
                    Some(centre) => self.within(centre, ticks)?.map(floor),
                };
                let (Some(centre), Some(half)) = (centre, self.half_width(half)?) else {
                    return Ok(None);
                };
                let range = range_around(centre, half, spacing);
                Ok(range.map(|range| Target { range, centre }))
            }
            Bounds::Ticks { lower, upper } => {
                let ends = (self.within(lower, ticks)?, self.within(upper, ticks)?);
                let (Some(low), Some(high)) = ends else { return Ok(None) };
                self.between([low, high], spacing, upper)
            }
            Bounds::Prices { lower, upper } => {
                let [Some(one), Some(other)] = [self.tick_of(lower)?, self.tick_of(upper)?] else {
                    return Ok(None);
                };
                // Where the quote token is the first, prices fall with the ticks.
                let is_turned = self.scene.scale.quote.place() == 0;
                let ends = if is_turned { [other, one] } else { [one, other] };
                self.between(ends, spacing, upper)
            }
        }
    }

    fn half_width(&self, half: &Half) -> Result<Option<i32>, RulesError> {
        Ok(match half {
            Half::Ticks(ticks) => {
                self.within(ticks, (1.0, MAX_HALF_WIDTH))?.map(|ticks| ticks as i32)
            }
            Half::WidthBps(width) => self.within(width, (1.0, MAX_WIDTH_BPS))?.map(|width| {
                let ticks = libm::log1p(width / 20_000.0) / LOG_RETURN_PER_TICK;
                ticks as i32
            }),
        })
    }

    /// Where a price is among the ticks.
    fn tick_of(&self, price: &Argument) -> Result<Option<f64>, RulesError> {
        let Some(value) = price.value(self.scene, self.source)? else { return Ok(None) };
        let tick = self.scene.scale.tick_at(value);
        match tick.filter(|tick| (-MAX_TICK..=MAX_TICK).contains(tick)) {
            Some(tick) => Ok(Some(tick)),
            None => {
                let problem = format!("{} is {value}; allowed is a price of the pool", price.key());
                Err(price.mistake(problem, self.source))
            }
        }
    }

    /// The range from the spacing at or below the lower end to the one at or above the upper one.
    fn between(
        &self,
        [low, high]: [f64; 2],
        spacing: i32,
        upper: &Argument,
    ) -> Result<Option<Target>, RulesError> {
        if low >= high {
            let problem = "the upper end is not above the lower one".to_owned();
            return Err(upper.mistake(problem, self.source));
        }
        let (low, high) = (floor(low), floor(high.ceil()));
        let Some(full) = TickRange::full(spacing) else { return Ok(None) };
        let lower = low.floor_to(spacing).map(|lower| lower.max(full.lower));
        let above = Tick(high.0.saturating_add(spacing).saturating_sub(1));
        let upper = above.floor_to(spacing).map(|upper| upper.min(full.upper));
        let (Some(lower), Some(upper)) = (lower, upper) else { return Ok(None) };
        let centre = Tick(low.0.midpoint(high.0));
        Ok((lower < upper).then_some(Target { range: TickRange { lower, upper }, centre }))
    }

    fn swap(&self, swap: &Swap) -> Result<Option<Plan>, RulesError> {
        let scale = self.scene.scale;
        let token = match (swap.sells, scale.base) {
            (Sold::Quote, _) => scale.quote,
            (Sold::Base, Some((base, _))) => base,
            (Sold::Base, None) => return Ok(None),
        };
        let max_slippage = self.bps(swap.max_slippage_bps.as_ref(), DEFAULT_SLIPPAGE)?;
        let amount = swap.amount.value(self.scene, self.source)?;
        let (Some(max_slippage), Some(amount)) = (max_slippage, amount) else { return Ok(None) };
        let Some(amount_in) = scale.raw(token, amount) else {
            let key = swap.amount.key();
            let problem = format!("{key} is {amount}; allowed is an amount of at least zero");
            return Err(swap.amount.mistake(problem, self.source));
        };
        Ok(token.side().map(|input| Plan::Swap { input, amount_in, max_slippage }))
    }

    /// As much as is asked for, to the nearest raw unit, less what is no whole step.
    fn trade(&self, trade: &Trade) -> Result<Option<Plan>, RulesError> {
        let max_slippage = self.bps(trade.max_slippage_bps.as_ref(), DEFAULT_SLIPPAGE)?;
        let wanted = trade.quantity.value(self.scene, self.source)?;
        let (Some(max_slippage), Some(wanted)) = (max_slippage, wanted) else { return Ok(None) };
        let view = self.scene.view;
        let Some(instrument) = view.instrument(trade.instrument.get_ref()) else { return Ok(None) };
        let Some(found) = view.instrument_of(instrument) else { return Ok(None) };
        let Some(nearest) = nearest_raw(wanted, found.base_decimals) else {
            let problem = format!("quantity is {wanted}; allowed is an amount of at least zero");
            return Err(trade.quantity.mistake(problem, self.source));
        };
        let rest = nearest.0.checked_rem(found.instrument.step.0).map(Amount);
        let quantity = rest.and_then(|rest| nearest.checked_sub(rest));
        let side = trade.side;
        let plan = |quantity| Plan::Trade { instrument, side, quantity, max_slippage };
        Ok(quantity.map(plan))
    }

    fn bps(&self, given: Option<&Argument>, default: Bps) -> Result<Option<Bps>, RulesError> {
        let Some(given) = given else { return Ok(Some(default)) };
        // Within its range the conversion cuts off the fraction.
        Ok(self.within(given, (1.0, 10_000.0))?.map(|value| Bps(value as u32)))
    }

    fn within(&self, given: &Argument, range: (f64, f64)) -> Result<Option<f64>, RulesError> {
        given.within(range, self.scene, self.source)
    }
}

/// Of a number that was found to be among the ticks.
fn floor(value: f64) -> Tick {
    Tick(value.floor() as i32)
}
