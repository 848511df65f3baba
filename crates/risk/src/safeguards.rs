use tidemill_units::Bps;

use crate::{
    AssetLimit, BreakEven, Budget, DepthLimit, DeviationLimit, ExposureLimits, Minutes, RangeTimer,
    StopRule, ValueLimits,
};

/// Limits that bind only where they are set; by default none is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Safeguards {
    /// The most of an asset.
    pub assets: Vec<AssetLimit>,
    /// The most value in a pool, on a chain, at a venue and in all.
    pub values: ValueLimits,
    /// The most exposure to prices.
    pub exposures: ExposureLimits,
    /// The largest part of equity that may be in one pool.
    pub max_concentration: Option<Bps>,
    /// How deep a pool has to be.
    pub depth: Option<DepthLimit>,
    /// The largest part of a pool's liquidity in range that may be ours.
    pub max_pool_share: Option<Bps>,
    /// The most that fee and impact may take of a swap.
    pub max_slippage: Option<Bps>,
    /// How far a price may be from its mean.
    pub price_deviation: Option<DeviationLimit>,
    /// How long a feed or a pool may say nothing before nothing new passes that depends on it.
    pub max_silence: Option<Minutes>,
    /// What may be done in a day.
    pub budget: Budget,
    /// When everything is closed for good: equity with positions, what they have earned, and gas.
    pub portfolio_stop: StopRule,
    /// When a position is closed: its value with all that it has earned, paid out or not.
    pub position_stop: StopRule,
    /// For how long nothing is opened in a pool where a position was stopped.
    pub cool_down: Option<Minutes>,
    /// When a position out of range is closed.
    pub out_of_range: Option<RangeTimer>,
    /// What rebalances, claims and compounding have to bring.
    pub break_even: Option<BreakEven>,
}

impl Safeguards {
    /// Whether anything has to be followed from event to event.
    pub(crate) fn watch_events(&self) -> bool {
        self.watch_positions()
            || self.portfolio_stop.is_set()
            || self.price_deviation.is_some()
            || self.budget.is_set()
            || self.break_even.is_some()
    }

    /// Whether any position may have to be closed by itself.
    pub(crate) fn watch_positions(&self) -> bool {
        self.position_stop.is_set() || self.out_of_range.is_some()
    }

    /// Whether value in places is looked at.
    pub(crate) fn look_at_places(&self) -> bool {
        self.values.is_set() || self.max_concentration.is_some()
    }

    /// Whether amounts of assets are looked at.
    pub(crate) fn look_at_assets(&self) -> bool {
        !self.assets.is_empty() || self.exposures.is_set()
    }
}
