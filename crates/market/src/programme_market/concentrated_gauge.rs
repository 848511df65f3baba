use tidemill_model::Holding;
use tidemill_rewards::aerodrome::{PoolNow, PositionId, StakedPosition};
use tidemill_units::{Amount, Timestamp, U256};

use super::{Scene, Seat, Staker, Staking};
use crate::ConcentratedGaugeFold;
use crate::gauge_trail::now_of;

/// Numbers of positions from here on have been minted by nobody.
const OURS: u64 = 1 << 63;
/// As many as one event can have orders of ours.
const ORDERS_OF_AN_EVENT: u64 = 1 << 16;

/// Returns the number of a position of ours in the gauge's eyes.
fn number(staker: &Staker) -> Option<PositionId> {
    let order = staker.id.0;
    let first = order.sequence.0.checked_mul(ORDERS_OF_AN_EVENT)?;
    let number = first.checked_add(u64::from(order.intent))?;
    Some(PositionId(number.checked_add(OURS)?))
}

fn pool_now(scene: Scene<'_>) -> Option<PoolNow> {
    scene.pool.concentrated().map(|market| now_of(market.pool()))
}

impl Staking for ConcentratedGaugeFold {
    fn put_in(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        let Holding::Range { range, liquidity } = staker.holding else { return None };
        let (pool, at) = (pool_now(scene)?, scene.at.at);
        let position = StakedPosition {
            owner: staker.account(),
            range,
            liquidity,
            reward_growth_inside: U256::ZERO,
            rewards: Amount::ZERO,
            last_update_time: Timestamp(0),
        };
        let gauge = self.at(pool, at).ok()?;
        gauge.deposit((number(staker)?, position), true, pool, at).ok()
    }

    fn pay(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let (pool, at) = (pool_now(scene)?, scene.at.at);
        self.at(pool, at).ok()?.claim(staker.account(), number(staker)?, pool, at).ok()
    }

    fn take_out(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let (pool, at) = (pool_now(scene)?, scene.at.at);
        self.at(pool, at).ok()?.withdraw(staker.account(), number(staker)?, pool, at).ok()
    }

    /// What a claim would pay, which has nothing booked from before: every claim pays all.
    fn owed(&self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let (pool, at) = (pool_now(scene)?, scene.at.at);
        let mut notified;
        let gauge = if self.is_due(at) {
            notified = self.clone();
            notified.at(pool, at).ok()?
        } else {
            self.gauge()
        };
        gauge.earned(staker.account(), number(staker)?, pool, at).ok()
    }
}
