use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidemill_model::{Holding, InstrumentId, Intent, OptionContract, OptionKind, TradeSide};
use tidemill_signals::options::covering_quantities;
use tidemill_signals::{ConcentratedPosition, PriceRange, sqrt_price_to_f64};
use tidemill_strategy::{Strategy, StrategyFault, View};
use tidemill_units::{
    Amount, Bps, Decimal, InstantUs, Liquidity, SignedAmount, TickRange, TokenIndex,
};

use crate::number::{part, ten_to, to_f64};
use crate::pool_meter::PoolMeter;
use crate::{BuildError, ParameterError, bounded};

/// How a strategy's positions are covered by options that are bought, in the quantities that take
/// the bends out of what the positions are worth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionHedgeConfig {
    /// What is taken out.
    #[serde(default)]
    pub cover: OptionCover,
    /// Options that end within so many hours are not bought, and those that are held are exchanged
    /// for the next ones, 0 to 8760; 24 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll_hours: Option<u32>,
    /// The most that the options may cost beyond what they would pay at once, 1 to 10000 basis
    /// points of what the positions are worth; 500 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_bps: Option<u32>,
    /// The least that the fees of the pool's last day, for as long as the options last, have to be
    /// of that cost, 1 to 100000 basis points; fees are not looked at without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_fees_bps: Option<u32>,
    /// How much worse than the mark a trade may be, 1 to 1000 basis points of the strike; 20
    /// without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_slippage_bps: Option<u32>,
    /// Seconds between two looks, 1 to 86400; 300 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_seconds: Option<u32>,
}

/// What options take out of what positions are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionCover {
    /// All that the price does: puts at every strike.
    #[default]
    All,
    /// The curvature: puts at strikes up to the price at which they are bought, calls above it.
    /// What is left moves with the price in a straight line.
    Curvature,
}

/// The options that a strategy covers its positions with: all of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionHedgeSetup {
    /// The token of the pool that they are on, and its decimals.
    pub base: (TokenIndex, u8),
    /// The decimals of the other one, which they are paid in.
    pub quote_decimals: u8,
}

impl OptionHedgeConfig {
    /// Returns what it adds to a strategy, in a line.
    pub(crate) fn summary(&self) -> &'static str {
        match self.cover {
            OptionCover::All => "Buys puts that keep its positions from moving with the price.",
            OptionCover::Curvature => "Buys puts and calls against the curvature of its positions.",
        }
    }

    /// Returns parameter and value, for the report.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("roll_hours", self.roll_hours),
            ("max_cost_bps", self.max_cost_bps),
            ("min_fees_bps", self.min_fees_bps),
            ("max_slippage_bps", self.max_slippage_bps),
            ("every_seconds", self.every_seconds),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name, value?.to_string())));
        std::iter::once(("cover", self.cover.name().to_owned())).chain(given).collect()
    }
}

impl OptionCover {
    /// Returns its name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Curvature => "curvature",
        }
    }
}

/// Hypothesis: a position in a range is a straight line less a strip of options that were given
/// away; fees are the premium for them, and where the exchange sells the same options for less,
/// what is left is earned whatever the price does.
///
/// Wraps a strategy and buys, for the first expiry that is far enough away, as many options at each
/// listed strike as take the bends out of what the positions are worth, and holds them: nothing is
/// traded when only the price moves. They are exchanged when the positions are others and before
/// they end, and sold when there is no position left. Nothing is bought that would cost too much,
/// or more than the pool's fees are worth.
pub(crate) struct OptionHedge {
    inner: Box<dyn Strategy>,
    setup: OptionHedgeSetup,
    cover: OptionCover,
    roll_us: i64,
    max_cost: Bps,
    min_fees: Option<Bps>,
    max_slippage: Bps,
    every_us: i64,
    looked_at: Option<InstantUs>,
    fees: PoolMeter,
    plan: Option<Plan>,
}

/// What is to be held, and for which positions.
struct Plan {
    positions: Vec<(TickRange, Liquidity)>,
    expiry: InstantUs,
    quantities: BTreeMap<InstrumentId, Amount>,
}

/// The pool as the options see it, in whole tokens.
struct Sight {
    price: f64,
    positions: Vec<ConcentratedPosition>,
    shape: Vec<(TickRange, Liquidity)>,
}

/// Age at which what the pool paid counts half, and the time between two samples of it.
const HALF_LIFE_HOURS: f64 = 24.0;
const SAMPLE_MINUTES: u64 = 5;
/// How long fees are measured before they are believed.
const WARM_UP_SECONDS: u64 = 6 * 3_600;
const US_PER_HOUR: i64 = 3_600_000_000;
const US_PER_DAY: f64 = 24.0 * 3.6e9;

impl OptionHedge {
    pub(crate) fn new(
        inner: Box<dyn Strategy>,
        config: &OptionHedgeConfig,
        setup: OptionHedgeSetup,
    ) -> Result<Self, ParameterError> {
        let roll = bounded("option_hedge.roll_hours", config.roll_hours.unwrap_or(24), (0, 8_760))?;
        let cost = config.max_cost_bps.unwrap_or(500);
        let fees = config.min_fees_bps;
        let fees = fees.map(|fees| bounded("option_hedge.min_fees_bps", fees, (1, 100_000)));
        let slippage = config.max_slippage_bps.unwrap_or(20);
        let every = config.every_seconds.unwrap_or(300);
        let every = bounded("option_hedge.every_seconds", every, (1, 86_400))?;
        Ok(Self {
            inner,
            setup,
            cover: config.cover,
            roll_us: i64::from(roll).saturating_mul(US_PER_HOUR),
            max_cost: Bps(bounded("option_hedge.max_cost_bps", cost, (1, 10_000))?),
            min_fees: fees.transpose()?.map(Bps),
            max_slippage: Bps(bounded("option_hedge.max_slippage_bps", slippage, (1, 1_000))?),
            every_us: i64::from(every).saturating_mul(1_000_000),
            looked_at: None,
            fees: PoolMeter::new(SAMPLE_MINUTES, HALF_LIFE_HOURS),
            plan: None,
        })
    }

    /// Whether it is time to look; from then on not for a while.
    fn is_due(&mut self, now: InstantUs) -> bool {
        let is_due = self.looked_at.is_none_or(|at| now.0.saturating_sub(at.0) >= self.every_us);
        if is_due {
            self.looked_at = Some(now);
        }
        is_due
    }

    /// The trades that lead to what is to be held; what is sold comes first. `None` while something
    /// has no price.
    fn adjustments(&mut self, view: &View<'_>) -> Option<Vec<Intent>> {
        let sight = self.sight(view)?;
        let now = view.seen_at();
        let next = self.next_expiry(view, now);
        let is_kept = self.plan.as_ref().is_some_and(|plan| {
            let lasts = plan.expiry.0.saturating_sub(now.0) > self.roll_us;
            plan.positions == sight.shape && plan.expiry > now && (lasts || next.is_none())
        });
        if !is_kept {
            self.plan = next.and_then(|expiry| self.planned(view, &sight, expiry));
        }
        let none = BTreeMap::new();
        let wanted = self.plan.as_ref().map_or(&none, |plan| &plan.quantities);
        let (mut sales, mut purchases) = (Vec::new(), Vec::new());
        for (instrument, market) in view.options() {
            let contract = market.instrument.kind.option()?;
            if contract.has_ended(now) {
                continue;
            }
            let target = wanted.get(&instrument).copied().unwrap_or(Amount::ZERO);
            let change = SignedAmount::positive(target)?.checked_sub(view.held(instrument))?;
            let quantity = change.magnitude();
            if quantity.is_zero() {
                continue;
            }
            let Some(mark) = view.mark(instrument) else { continue };
            let at_strike = market.raw_price(contract.strike)?.in_quote(quantity)?;
            let off = part(at_strike, self.max_slippage)?;
            if change.is_negative() {
                let least = mark.in_quote(quantity)?.checked_sub(off).unwrap_or(Amount::ZERO);
                let side = TradeSide::Sell;
                sales.push(Intent::Trade { instrument, side, quantity, limit: least });
            } else {
                let most = mark.in_quote_rounding_up(quantity)?.checked_add(off)?;
                let side = TradeSide::Buy;
                purchases.push(Intent::Trade { instrument, side, quantity, limit: most });
            }
        }
        // What is sold has not paid yet: what cannot be bought without it waits for the next look.
        sales.extend(purchases);
        Some(sales)
    }

    /// The first expiry that is far enough away.
    fn next_expiry(&self, view: &View<'_>, now: InstantUs) -> Option<InstantUs> {
        let from = now.0.saturating_add(self.roll_us);
        let expiries = view.options().filter_map(|(_, market)| market.instrument.kind.option());
        expiries.map(|contract| contract.expiry).filter(|expiry| expiry.0 > from).min()
    }

    /// What to hold until an expiry; `None` where there is nothing to cover, and where that would
    /// cost too much.
    fn planned(&self, view: &View<'_>, sight: &Sight, expiry: InstantUs) -> Option<Plan> {
        if sight.positions.is_empty() {
            return None;
        }
        let mut listed: Vec<(f64, InstrumentId, OptionContract, Amount)> = Vec::new();
        for (instrument, market) in view.options() {
            let contract = market.instrument.kind.option()?;
            let strike = float(contract.strike);
            let kind = match self.cover {
                OptionCover::Curvature if strike > sight.price => OptionKind::Call,
                OptionCover::All | OptionCover::Curvature => OptionKind::Put,
            };
            if contract.expiry == expiry && contract.kind == kind {
                listed.push((strike, instrument, contract, market.instrument.step));
            }
        }
        listed.sort_by(|one, other| one.0.total_cmp(&other.0));
        listed.dedup_by_key(|option| option.0);
        let strikes: Vec<f64> = listed.iter().map(|option| option.0).collect();
        let mut bought = vec![0.0; strikes.len()];
        for position in &sight.positions {
            for (sum, quantity) in bought.iter_mut().zip(covering_quantities(position, &strikes)) {
                *sum += quantity;
            }
        }
        let (mut quantities, mut cost) = (BTreeMap::new(), 0.0);
        let (_, base_decimals) = self.setup.base;
        for ((_, instrument, contract, step), quantity) in listed.iter().zip(bought) {
            let quantity = in_steps(quantity * ten_to(base_decimals), *step)?;
            if quantity.is_zero() {
                continue;
            }
            let value = to_f64(view.mark(*instrument)?.in_quote(quantity)?);
            let paid_now = gain(contract, sight.price) * to_f64(quantity) / ten_to(base_decimals);
            cost += value / ten_to(self.setup.quote_decimals) - paid_now;
            quantities.insert(*instrument, quantity);
        }
        let positions = sight.shape.clone();
        let days = expiry.0.saturating_sub(view.seen_at().0) as f64 / US_PER_DAY;
        self.is_worth(sight, (cost, days)).then_some(Plan { positions, expiry, quantities })
    }

    /// Whether options of a cost, for so many days, are within what may be paid for them.
    fn is_worth(&self, sight: &Sight, (cost, days): (f64, f64)) -> bool {
        let value: f64 = sight.positions.iter().map(|it| it.value(sight.price)).sum();
        let part = |bps: Bps| f64::from(bps.0) / f64::from(Bps::ONE.0);
        if cost > part(self.max_cost) * value {
            return false;
        }
        let Some(least) = self.min_fees else { return true };
        let rate = self.fees.fee_rate_daily();
        let rate = rate.filter(|_| self.fees.measured_seconds() >= WARM_UP_SECONDS);
        // The rate is that of liquidity over all prices, which is worth 2 L sqrt(P).
        let active = sight.positions.iter().filter(|it| it.is_in_range(sight.price));
        let at_all_prices: f64 = active.map(|it| 2.0 * it.liquidity() * sight.price.sqrt()).sum();
        rate.is_some_and(|rate| rate * at_all_prices * days >= part(least) * cost)
    }

    /// Price and positions with the options' token as the one that is priced. `None` before the
    /// pool has a price.
    fn sight(&self, view: &View<'_>) -> Option<Sight> {
        let pool = view.pool()?;
        let ((base, base_decimals), quote_decimals) = (self.setup.base, self.setup.quote_decimals);
        let is_token1 = base == TokenIndex(1);
        let scale = (ten_to(base_decimals) / ten_to(quote_decimals)).sqrt();
        let turned = |sqrt: f64| scale * if is_token1 { 1.0 / sqrt } else { sqrt };
        let size = (ten_to(base_decimals) * ten_to(quote_decimals)).sqrt();
        let (mut positions, mut shape) = (Vec::new(), Vec::new());
        for (_, position) in view.positions() {
            let Holding::Range { range, liquidity } = position.holding else { continue };
            let raw = ConcentratedPosition::from_ticks(liquidity, range).ok()?;
            let PriceRange { lower, upper } = raw.sqrt_prices();
            let [one, other] = [lower, upper].map(turned);
            let bounds = PriceRange { lower: one.min(other), upper: one.max(other) };
            let whole = raw.liquidity() / size;
            positions.push(ConcentratedPosition::from_sqrt_prices(whole, bounds).ok()?);
            shape.push((range, liquidity));
        }
        let sqrt = turned(sqrt_price_to_f64(pool.sqrt_price()));
        Some(Sight { price: sqrt * sqrt, positions, shape })
    }
}

/// So many raw units in whole steps, rounded down; `None` past 2^128 - 1.
fn in_steps(quantity: f64, step: Amount) -> Option<Amount> {
    if !(0.0..3e38).contains(&quantity) {
        return None;
    }
    // Within what fits; what is behind the point is less than any step.
    let steps = Amount::from_u128(quantity as u128).0.checked_div(step.0)?;
    steps.checked_mul(step.0).map(Amount)
}

/// What a whole unit of an option would pay at a price.
fn gain(contract: &OptionContract, price: f64) -> f64 {
    let strike = float(contract.strike);
    match contract.kind {
        OptionKind::Call => (price - strike).max(0.0),
        OptionKind::Put => (strike - price).max(0.0),
    }
}

fn float(value: Decimal) -> f64 {
    value.raw() as f64 / Decimal::ONE.raw() as f64
}

impl Strategy for OptionHedge {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let mut wanted = self.inner.decide(view);
        if let Some(pool) = view.pool() {
            self.fees.look(view, pool);
        }
        // What is under way changes what is held, and so what is to be covered.
        if wanted.is_empty() && !view.is_waiting() && self.is_due(view.seen_at()) {
            wanted.extend(self.adjustments(view).unwrap_or_default());
        }
        wanted
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.inner.fault()
    }
}

/// Returns the setup, which an option hedge cannot do without.
pub(crate) fn required(setup: Option<OptionHedgeSetup>) -> Result<OptionHedgeSetup, BuildError> {
    setup.ok_or(BuildError::NothingToCoverWith)
}
