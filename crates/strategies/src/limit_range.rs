use serde::{Deserialize, Serialize};
use tidemill_amm::concentrated::Pool;
use tidemill_model::{Holding, Intent, Placement, PositionId};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, Amounts, Side, Tick, TickRange, U256};

use crate::declared::{Declared, MAX_HALF_WIDTH, Site, row};
use crate::patience::Patience;
use crate::{BuildError, bounded};

/// Hypothesis: an order that waits in the pool is filled at its own price and paid a fee for it,
/// where a swap pays one; it costs the fills that come back, so it is withdrawn once it is crossed.
///
/// A grid of ranges of one token each: `rungs` on either side that `side` names, `width_ticks`
/// wide, the first `offset_ticks` from the price, the next behind it. Those above the price hold
/// token0 and sell it, those below hold token1 and buy; each gets an equal part of what there is of
/// its token when the grid is set. A range that the price has crossed is closed, and by `then` its
/// proceeds are kept, or armed again as an order the other way, `offset_ticks` from the price of
/// that moment. Nothing is swapped. With `keep` it stops when all orders are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitRange {
    /// Which orders are set at the start.
    pub side: LimitSide,
    /// Orders on a side, 1 to 50.
    pub rungs: u32,
    /// From the price to the nearest end of the first order, 0 to 443636.
    pub offset_ticks: i32,
    /// From one end of an order to the other, the pool's tick spacing to 443636, rounded up to a
    /// multiple of it.
    pub width_ticks: i32,
    /// What becomes of an order that is filled.
    pub then: LimitThen,
}

/// Which orders of a grid are set at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitSide {
    /// Those that sell token0, above the price.
    Above,
    /// Those that buy token0, below the price.
    Below,
    /// All.
    #[default]
    Both,
}

/// What becomes of an order that is filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitThen {
    /// It is an order the other way.
    #[default]
    Rearm,
    /// It is kept.
    Keep,
}

impl LimitSide {
    const fn name(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
            Self::Both => "both",
        }
    }

    /// Whether orders of that token are set at the start.
    const fn sells(self, side: Side) -> bool {
        match (self, side) {
            (Self::Both, _) | (Self::Above, Side::Token0) | (Self::Below, Side::Token1) => true,
            (Self::Above, Side::Token1) | (Self::Below, Side::Token0) => false,
        }
    }
}

impl LimitThen {
    const fn name(self) -> &'static str {
        match self {
            Self::Rearm => "rearm",
            Self::Keep => "keep",
        }
    }
}

impl Default for LimitRange {
    fn default() -> Self {
        Self {
            side: LimitSide::default(),
            rungs: 1,
            offset_ticks: 100,
            width_ticks: 200,
            then: LimitThen::default(),
        }
    }
}

impl Declared for LimitRange {
    fn name(&self) -> &'static str {
        "limit_range"
    }

    fn summary(&self) -> &'static str {
        "Orders as ranges of one token, withdrawn once the price has crossed them."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        vec![
            row("side", &self.side.name()),
            row("rungs", &self.rungs),
            row("offset_ticks", &self.offset_ticks),
            row("width_ticks", &self.width_ticks),
            row("then", &self.then.name()),
        ]
    }

    fn most_positions(&self) -> u32 {
        match self.side {
            LimitSide::Both => self.rungs.saturating_mul(2),
            LimitSide::Above | LimitSide::Below => self.rungs,
        }
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let spacing = site.tick_spacing(self.name())?;
        let width = bounded("width_ticks", self.width_ticks, (spacing, MAX_HALF_WIDTH))?;
        let steps = width.div_euclid(spacing) + i32::from(width.rem_euclid(spacing) > 0);
        Ok(Box::new(LimitRangeDecider {
            side: self.side,
            rungs: bounded("rungs", self.rungs, (1, 50))?,
            offset: bounded("offset_ticks", self.offset_ticks, (0, MAX_HALF_WIDTH))?,
            width: steps.saturating_mul(spacing),
            then: self.then,
            patience: Patience::default(),
            orders: Vec::new(),
            pending: Vec::new(),
            is_set: false,
        }))
    }
}

#[derive(Clone, Debug)]
struct LimitRangeDecider {
    side: LimitSide,
    rungs: u32,
    offset: i32,
    width: i32,
    then: LimitThen,
    patience: Patience,
    /// Those in the pool, or on their way there.
    orders: Vec<Order>,
    /// The tokens that orders yet to be armed give.
    pending: Vec<Side>,
    /// Whether the grid was set: what is pending from then on is what was filled.
    is_set: bool,
}

/// An order of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Order {
    /// The token that it gives.
    gives: Side,
    range: TickRange,
    /// Whether it was seen in the pool.
    was_open: bool,
}

impl Order {
    /// Whether the price has crossed all of it.
    fn is_filled(&self, tick: Tick) -> bool {
        match self.gives {
            Side::Token0 => tick >= self.range.upper,
            Side::Token1 => tick < self.range.lower,
        }
    }
}

/// Our positions with a range.
fn ranged(view: &View<'_>) -> impl Iterator<Item = (PositionId, TickRange)> {
    view.positions().filter_map(|(id, position)| match position.holding {
        Holding::Range { range, .. } => Some((id, range)),
        Holding::Shares(_) | Holding::Stake { .. } | Holding::Lock { .. } => None,
    })
}

impl LimitRangeDecider {
    /// The tokens that the orders of the whole grid give.
    fn grid(&self) -> Vec<Side> {
        let sides = [Side::Token0, Side::Token1].into_iter().filter(|side| self.side.sells(*side));
        sides.flat_map(|side| (0..self.rungs).map(move |_| side)).collect()
    }

    /// The range of the nearest order that gives a token, so many widths further out.
    fn range(&self, pool: &Pool, gives: Side, place: i32) -> Option<TickRange> {
        let (tick, spacing) = (pool.tick().0, pool.tick_spacing());
        let away = self.width.checked_mul(place)?;
        let lower = match gives {
            // The first multiple of the spacing that is above the price.
            Side::Token0 => {
                let near = Tick(tick.checked_add(self.offset)?).floor_to(spacing)?;
                near.0.checked_add(spacing)?.checked_add(away)?
            }
            Side::Token1 => {
                let near = Tick(tick.checked_sub(self.offset)?).floor_to(spacing)?;
                near.0.checked_sub(away)?.checked_sub(self.width)?
            }
        };
        let range = TickRange { lower: Tick(lower), upper: Tick(lower.checked_add(self.width)?) };
        let full = TickRange::full(spacing)?;
        (full.lower <= range.lower && range.upper <= full.upper).then_some(range)
    }

    /// The nearest range that no other order has.
    fn free(&self, pool: &Pool, gives: Side) -> Option<TickRange> {
        let is_free = |range: &TickRange| self.orders.iter().all(|order| order.range != *range);
        (0..=50).filter_map(|place| self.range(pool, gives, place)).find(is_free)
    }

    /// Closes what the price has crossed.
    fn close_filled(&self, view: &View<'_>, tick: Tick) -> Vec<Intent> {
        let filled = self.orders.iter().filter(|order| order.is_filled(tick));
        let position = |order: &Order| ranged(view).find(|(_, range)| *range == order.range);
        let close = |(position, _)| Intent::Close { position };
        filled.filter_map(position).map(close).collect()
    }

    /// Takes in which orders are in the pool: of those that were and are no longer, what becomes of
    /// them; those that never came to be are armed again.
    fn settle(&mut self, view: &View<'_>) {
        let Self { orders, pending, then, .. } = self;
        orders.retain_mut(|order| {
            let is_open = ranged(view).any(|(_, range)| range == order.range);
            match (is_open, order.was_open, *then) {
                (true, _, _) => order.was_open = true,
                (false, true, LimitThen::Rearm) => pending.push(order.gives.other()),
                (false, true, LimitThen::Keep) => {}
                (false, false, _) => pending.push(order.gives),
            }
            is_open
        });
    }

    /// Sets the orders that are pending, each with an equal part of what there is of its token.
    fn arm(&mut self, view: &View<'_>, pool: &Pool) -> Vec<Intent> {
        let Some(all) = self.patience.wallet(view) else { return Vec::new() };
        let Some(wallet) = all.two() else { return Vec::new() };
        let mut asked = Vec::new();
        for gives in [Side::Token0, Side::Token1] {
            let count = self.pending.iter().filter(|side| **side == gives).count();
            let part = wallet.get(gives).0.checked_div(U256::from(count)).map(Amount);
            let Some(part) = part.filter(|part| !part.is_zero()) else { continue };
            self.pending.retain(|side| *side != gives);
            for _ in 0..count {
                let Some(range) = self.free(pool, gives) else { break };
                self.orders.push(Order { gives, range, was_open: false });
                asked.extend(open(view, range, Amounts::of(gives, part)));
            }
        }
        self.patience.note(view, all, !asked.is_empty());
        asked
    }
}

impl Strategy for LimitRangeDecider {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Some(pool) = view.pool() else { return Vec::new() };
        if view.is_waiting() {
            return Vec::new();
        }
        let filled = self.close_filled(view, pool.tick());
        if !filled.is_empty() {
            return filled;
        }
        let is_settled = self.orders.iter().all(|order| order.was_open)
            && self.orders.len() == ranged(view).count();
        if !is_settled {
            self.settle(view);
        }
        if !self.is_set {
            self.pending = self.grid();
        }
        if self.pending.is_empty() {
            return Vec::new();
        }
        let asked = self.arm(view, pool);
        if !asked.is_empty() && !self.is_set {
            // Sides without a token at the start stay without orders.
            self.is_set = true;
            self.pending.clear();
        }
        asked
    }
}

fn open(view: &View<'_>, range: TickRange, desired: Amounts) -> Option<Intent> {
    let placement = Placement::Range(range);
    Some(Intent::Open { pool: view.pool_id()?, placement, desired: desired.into() })
}
