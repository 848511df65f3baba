//! What a pool does, taken in event by event: fee yield and turnover, depth, time in range,
//! markouts at several horizons, and how far its price is from the market's.
//!
//! Events come in the order of their times, and equal times in the order they are told in; a time
//! that goes back is a bug of the caller's and panics. Amounts and prices are plain numbers in the
//! caller's units, or the pool's own integers where the item says so. Loss versus rebalancing is
//! [`LvrMeter`](crate::LvrMeter).

mod depth;
mod depth_meter;
mod markout_horizons;
mod pool_activity;
mod pool_spread;
mod time_in_range;

pub use depth::{Depth, DepthError, DepthSide, LiquidityProfile, TickLiquidity};
pub use depth_meter::DepthMeter;
pub use markout_horizons::{
    HorizonMarkout, MarkoutHorizons, MarkoutSettings, QueueFull, USUAL_HORIZONS_US,
};
pub use pool_activity::{ActivityPeriods, PoolActivity};
pub use pool_spread::PoolSpread;
pub use time_in_range::TimeInRange;
