use tidemill_model::Holding;
use tidemill_rewards::merkl::MerklError;
use tidemill_units::{Amount, Timestamp};

use super::{Scene, Seat, Staker, Staking};
use crate::gauge_trail::{BeforeChange, PoolMove};
use crate::{ConcentratedMarket, MerklFold};

/// Shows the campaign as recorded what happened in the pool as recorded.
pub(super) fn follow_history(
    fold: &mut MerklFold,
    (before, kind): (&BeforeChange, PoolMove),
    after: &ConcentratedMarket,
    now: Timestamp,
) -> Result<(), MerklError> {
    match &before.scores {
        Some(scores) if kind == PoolMove::Swapped => {
            let everywhere = fold.counts_out_of_range();
            fold.observe(&scores.history_after(after, everywhere)?, now)
        }
        _ => fold.settle_until(now),
    }
}

/// Shows the campaign that we are in what happened in the pool as we meet it. A price-taker's own
/// swap happens beside the pool, and no campaign sees it.
pub(super) fn follow_with_us(
    fold: &mut MerklFold,
    (before, kind): (&BeforeChange, PoolMove),
    after: &ConcentratedMarket,
    now: Timestamp,
) -> Result<(), MerklError> {
    let is_seen = match before.with_us(kind, after).kind {
        PoolMove::Swapped => true,
        PoolMove::SwappedByUs => after.with_us().is_some(),
        PoolMove::Burned(_) | PoolMove::Staked(_) | PoolMove::Other => false,
    };
    match &before.scores {
        Some(scores) if is_seen => {
            let everywhere = fold.counts_out_of_range();
            fold.observe(&scores.with_us_after(after, everywhere)?, now)
        }
        _ => fold.settle_until(now),
    }
}

/// Nobody stakes: every position in the pool counts from its first swap on, and being in the
/// programme is to claim what they have earned together.
impl Staking for MerklFold {
    fn put_in(&mut self, _: Seat, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        self.settle_until(scene.at.at).ok()?;
        matches!(staker.holding, Holding::Range { .. }).then_some(())
    }

    fn pay(&mut self, _: Seat, _: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.settle_until(scene.at.at).ok()?;
        self.claim(scene.at.at)
    }

    fn take_out(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        self.pay(seat, staker, scene)
    }

    fn owed(&self, _: Seat, _: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let at = scene.at.at;
        if !self.is_due(at) {
            return self.claimable(at);
        }
        let mut settled = self.clone();
        settled.settle_until(at).ok()?;
        settled.claimable(at)
    }
}
