use serde::{Deserialize, Serialize};
use tidemill_model::{Intent, PositionId};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, Bps, Tick, TickRange, Timestamp, TokenIndex, U256};

use crate::declared::{Declared, MAX_HALF_WIDTH, Site, row};
use crate::full_range::deposit;
use crate::keeper::{Keeper, range_around};
use crate::patience::Patience;
use crate::registry::PoolFacts;
use crate::{BuildError, bounded};

/// Hypothesis: tokens that are redeemed one for one stay near one, so that a pool of them earns
/// fees at nearly no divergence; what is left is the risk that one of them breaks for good, and
/// that is met by leaving.
///
/// Opens around a price of one whole token for another, in a pool of shares deposits, and stays.
/// Leaves when the price of any of the tokens was off one by more than `depeg_bps` for
/// `depeg_minutes` on end, holds what it is paid, and comes back once all were within for
/// `return_minutes` on end; without those it stops for good. Does not open while one is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StablePair {
    /// From a price of one to either end, the pool's tick spacing to 443636; all ticks without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_width_ticks: Option<i32>,
    /// How far off one a price may be, 1 to 10000 basis points.
    pub depeg_bps: u32,
    /// For how long it may be further off, 0 to 525600 minutes.
    pub depeg_minutes: u64,
    /// For how long all must be near one to come back, 0 to 525600 minutes; never without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_minutes: Option<u64>,
}

impl Default for StablePair {
    fn default() -> Self {
        Self { half_width_ticks: None, depeg_bps: 100, depeg_minutes: 30, return_minutes: None }
    }
}

impl Declared for StablePair {
    fn name(&self) -> &'static str {
        "stable_pair"
    }

    fn summary(&self) -> &'static str {
        "Provides around one for one, and leaves when that no longer holds."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        rows.extend(self.half_width_ticks.map(|ticks| row("half_width_ticks", &ticks)));
        rows.push(row("depeg_bps", &self.depeg_bps));
        rows.push(row("depeg_minutes", &self.depeg_minutes));
        rows.extend(self.return_minutes.map(|minutes| row("return_minutes", &minutes)));
        rows
    }

    fn most_positions(&self) -> u32 {
        1
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let half_width_ticks = match (self.half_width_ticks, site.pool(self.name())?) {
            (None, _) => None,
            (Some(ticks), PoolFacts::Concentrated { tick_spacing }) => {
                Some(bounded("half_width_ticks", ticks, (tick_spacing, MAX_HALF_WIDTH))?)
            }
            (Some(_), PoolFacts::Shares { .. }) => {
                site.tick_spacing(self.name())?;
                None
            }
        };
        let minutes = |name, minutes: u64| {
            bounded(name, minutes, (0, 525_600)).map(|minutes| minutes.saturating_mul(60))
        };
        let returns = self.return_minutes.map(|limit| minutes("return_minutes", limit));
        Ok(Box::new(StablePairDecider {
            keeper: Keeper::default(),
            patience: Patience::default(),
            half_width_ticks,
            depeg: Bps(bounded("depeg_bps", self.depeg_bps, (1, 10_000))?),
            leave_seconds: minutes("depeg_minutes", self.depeg_minutes)?,
            return_seconds: returns.transpose()?,
            has_left: false,
            since: None,
        }))
    }
}

#[derive(Clone, Copy, Debug)]
struct StablePairDecider {
    keeper: Keeper,
    patience: Patience,
    half_width_ticks: Option<i32>,
    depeg: Bps,
    leave_seconds: u64,
    return_seconds: Option<u64>,
    has_left: bool,
    /// Whether all prices are near one, and since when.
    since: Option<(bool, Timestamp)>,
}

/// Ticks of a factor of ten: ln(10) / ln(1.0001).
const TICKS_PER_DECADE: f64 = 23_027.002_203_301_56;

/// The tick of one whole token for another.
fn peg(view: &View<'_>) -> Option<Tick> {
    let [decimals0, decimals1] = [0, 1].map(|token| view.decimals(TokenIndex(token)));
    let decades = f64::from(decimals1?) - f64::from(decimals0?);
    Some(Tick((decades * TICKS_PER_DECADE).floor() as i32))
}

fn unit(decimals: u8) -> Option<Amount> {
    U256::from(10).checked_pow(U256::from(decimals)).map(Amount)
}

impl StablePairDecider {
    /// Whether every token is worth one whole quote token, nearly; `None` where one has no price.
    fn is_near(&self, view: &View<'_>) -> Option<bool> {
        let one = unit(view.decimals(view.quote()?)?)?.0;
        let allowed = one.checked_mul(U256::from(self.depeg.0))?;
        for token in (0..).map(TokenIndex) {
            let Some(decimals) = view.decimals(token) else { break };
            let worth = view.token_value(unit(decimals)?, token)?;
            let off = worth.0.abs_diff(one).checked_mul(U256::from(Bps::ONE.0))?;
            if off > allowed {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Takes in the prices; returns whether they are near one, and for how many seconds.
    fn watch(&mut self, view: &View<'_>) -> Option<(bool, u64)> {
        let (is_near, now) = (self.is_near(view)?, view.now());
        let since = match self.since {
            Some((was_near, since)) if was_near == is_near => since.min(now),
            Some(_) | None => now,
        };
        self.since = Some((is_near, since));
        Some((is_near, now.seconds_since(since)))
    }

    fn enter(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return deposit(view) };
        let spacing = pool.tick_spacing();
        let range = match self.half_width_ticks {
            None => TickRange::full(spacing),
            Some(ticks) => peg(view).and_then(|peg| range_around(peg, ticks, spacing)),
        };
        range.map(|range| self.keeper.enter(view, range)).unwrap_or_default()
    }
}

fn position(view: &View<'_>) -> Option<PositionId> {
    view.positions().next().map(|(id, _)| id)
}

impl Strategy for StablePairDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some((is_near, seconds)) = self.watch(view) else { return Vec::new() };
        if view.is_waiting() {
            return Vec::new();
        }
        if let Some(position) = position(view) {
            let is_broken = !is_near && seconds >= self.leave_seconds;
            self.patience.forget();
            self.has_left |= is_broken;
            return if is_broken { vec![Intent::Close { position }] } else { Vec::new() };
        }
        let is_back = self.return_seconds.is_some_and(|least| seconds >= least);
        if !is_near || (self.has_left && !is_back) {
            return Vec::new();
        }
        let Some(wallet) = self.patience.wallet(view) else { return Vec::new() };
        let asked = self.enter(view);
        self.patience.note(view, wallet, !asked.is_empty());
        asked
    }
}
