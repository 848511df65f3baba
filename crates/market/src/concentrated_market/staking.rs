//! Our positions staked at the gauge of a Slipstream pool.

use tidemill_amm::concentrated::{Build, PositionKey};
use tidemill_model::PositionId;
use tidemill_units::{Amounts, FeeGrowth, Liquidity, SignedLiquidity, TickRange, Timestamp};

use super::{ConcentratedMarket, own_key};
use crate::{Footprint, OwnLiquidity};

/// What staking a position of ours, or taking it back, changes.
#[derive(Clone, Copy, Debug)]
struct StakeChange {
    key: PositionKey,
    delta: SignedLiquidity,
}

impl ConcentratedMarket {
    /// Returns the pool with us in it; `None` before our first order, and for a price-taker.
    pub(crate) fn with_us(&self) -> Option<&tidemill_amm::concentrated::Pool> {
        self.with_us.as_deref()
    }

    /// Returns the owners that our positions have in the pool with us.
    pub(crate) fn own_owners(&self) -> impl Iterator<Item = [u8; 20]> {
        self.own.values().map(|own| own_key(own).owner.0)
    }

    /// Returns a price-taker's positions, and how fees have grown inside their ranges.
    pub(crate) fn own_growth(&self) -> impl Iterator<Item = (&OwnLiquidity, [FeeGrowth; 2])> {
        let growth = |own: &OwnLiquidity| self.watch.inside(own.range, &self.history);
        self.own.values().filter_map(move |own| Some((own, growth(own)?)))
    }

    /// Works the change out; `None` where the pool would refuse it.
    fn change_of_stake(&self, id: PositionId, is_staked: bool) -> Option<StakeChange> {
        let own = self.own.get(&id).filter(|own| own.is_staked != is_staked)?;
        let pool = self.with_us.as_deref()?;
        if pool.build() != Build::Slipstream || self.footprint != Footprint::ReExecuted {
            return None;
        }
        let signed = if is_staked { SignedLiquidity::positive } else { SignedLiquidity::negative };
        let delta = signed(own.liquidity)?;
        let TickRange { lower, upper } = own.range;
        if own.range.contains(pool.tick()) {
            let _: Liquidity = pool.staked_liquidity().checked_add_signed(delta)?;
        }
        pool.staked_liquidity_net(lower).0.checked_add(delta.0)?;
        pool.staked_liquidity_net(upper).0.checked_sub(delta.0)?;
        Some(StakeChange { key: own_key(own), delta })
    }

    /// Returns the fees that a position of ours is paid when it is staked at the pool's gauge;
    /// `None` where the pool would refuse it.
    pub(crate) fn fees_when_staked(&self, id: PositionId) -> Option<Amounts> {
        self.change_of_stake(id, true)?;
        self.worth(id).map(|worth| worth.fees)
    }

    /// Whether a position of ours can be taken back from the pool's gauge.
    pub(crate) fn can_unstake(&self, id: PositionId) -> bool {
        self.change_of_stake(id, false).is_some()
    }

    /// Pays a position of ours its fees, and counts its liquidity as staked; returns the fees.
    /// `None` where the pool refuses it.
    pub(crate) fn stake_own(&mut self, id: PositionId, now: Timestamp) -> Option<Amounts> {
        self.change_stake(id, true, now)
    }

    /// Takes a position of ours back from the pool's gauge. What its liquidity would have earned in
    /// fees meanwhile is the gauge's, and it starts to earn anew. `None` where the pool refuses it.
    pub(crate) fn unstake_own(&mut self, id: PositionId, now: Timestamp) -> Option<()> {
        self.change_stake(id, false, now).map(drop)
    }

    /// The position itself stays ours in this model, where the contract moves it to the gauge: all
    /// that the pool divides fees by is how much liquidity is staked.
    fn change_stake(&mut self, id: PositionId, is_staked: bool, now: Timestamp) -> Option<Amounts> {
        let StakeChange { key, delta } = self.change_of_stake(id, is_staked)?;
        let pool = self.with_us.as_deref_mut()?;
        pool.burn(key, Liquidity::ZERO, now).ok()?;
        let up_to_date = pool.collect(key, [u128::MAX; 2]).ok()?;
        pool.stake(key.range, delta, false).ok()?;
        self.own.get_mut(&id)?.is_staked = is_staked;
        Some(up_to_date)
    }
}
