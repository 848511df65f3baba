//! Our shares in the gauge of a Solidly pool.

use tidemill_amm::Pool;
use tidemill_model::PositionId;
use tidemill_units::TokenAmounts;

use super::{SharePoolMarket, fee_indexes, ours};
use crate::Footprint;

impl SharePoolMarket {
    /// Returns the fees that a position of ours is paid when it goes to the pool's gauge; `None`
    /// where the pool keeps none apart, or would refuse.
    pub(crate) fn fees_when_staked(&self, id: PositionId) -> Option<TokenAmounts> {
        let own = self.own.get(&id).filter(|own| !own.is_staked)?;
        let mut pool = self.pool().clone();
        match self.footprint {
            Footprint::PriceTaker => {
                let is_apart = matches!(pool, Pool::Solidly(_));
                own.fees_apart(fee_indexes(&pool), self.header.tokens.len()).filter(|_| is_apart)
            }
            Footprint::ReExecuted => {
                ours::stake(&mut pool, id, own.shares).ok().map(TokenAmounts::from)
            }
        }
    }

    /// Whether a position of ours can be taken back from the pool's gauge.
    pub(crate) fn can_unstake(&self, id: PositionId) -> bool {
        self.own.get(&id).is_some_and(|own| own.is_staked)
    }

    /// Pays a position of ours the fees that are kept apart for it, and gives it to the pool's
    /// gauge; returns the fees. `None` where the pool refuses it.
    pub(crate) fn stake_own(&mut self, id: PositionId) -> Option<TokenAmounts> {
        let fees = self.fees_when_staked(id)?;
        if self.footprint == Footprint::ReExecuted {
            let shares = self.own.get(&id)?.shares;
            ours::stake(self.pool_with_us(), id, shares).ok()?;
        }
        self.own.get_mut(&id)?.is_staked = true;
        self.changes = self.changes.saturating_add(1);
        Some(fees)
    }

    /// Takes a position of ours back from the pool's gauge, to earn fees anew.
    pub(crate) fn unstake_own(&mut self, id: PositionId) -> Option<()> {
        let shares = self.own.get(&id).filter(|own| own.is_staked)?.shares;
        if self.footprint == Footprint::ReExecuted {
            ours::unstake(self.pool_with_us(), id, shares).ok()?;
        }
        let fee_indexes_at_open = fee_indexes(self.pool());
        let own = self.own.get_mut(&id)?;
        (own.is_staked, own.fee_indexes_at_open) = (false, fee_indexes_at_open);
        self.changes = self.changes.saturating_add(1);
        Some(())
    }
}
