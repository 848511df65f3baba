use tidemill_model::Address;
use tidemill_rewards::aerodrome::PoolNow;
use tidemill_units::{TickRange, Timestamp, U256};

use crate::ConcentratedMarket;
use crate::gauge_trail::now_of;

/// What the contracts of reward programmes read of pools, at the time of a log.
pub trait ProgrammePools {
    /// Returns the seconds per liquidity that a pool gathered while its price was inside a range,
    /// Q32.128 and wrapping at 2^160; `None` where there is no such pool, or it refuses.
    fn seconds_per_liquidity_inside(
        &self,
        pool: Address,
        range: TickRange,
        at: Timestamp,
    ) -> Option<U256>;

    /// Returns what a gauge reads of the pool that it is for; `None` where there is none.
    fn now(&self) -> Option<PoolNow>;
}

/// No pool: enough for programmes that read none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPools;

impl ProgrammePools for NoPools {
    fn seconds_per_liquidity_inside(
        &self,
        _pool: Address,
        _range: TickRange,
        _at: Timestamp,
    ) -> Option<U256> {
        None
    }

    fn now(&self) -> Option<PoolNow> {
        None
    }
}

/// One pool, as history left it: without any liquidity of ours, which the programme's logs do not
/// know of either.
impl ProgrammePools for ConcentratedMarket {
    fn seconds_per_liquidity_inside(
        &self,
        pool: Address,
        range: TickRange,
        at: Timestamp,
    ) -> Option<U256> {
        if pool != self.header().pool {
            return None;
        }
        let inside = self.history().snapshot_cumulatives_inside(at, range).ok()?;
        Some(inside.seconds_per_liquidity)
    }

    fn now(&self) -> Option<PoolNow> {
        Some(now_of(self.history()))
    }
}
