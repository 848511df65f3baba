//! What would happen, and what things are worth: questions that change nothing.

use tidemill_model::{OrderKey, PositionId, ProgrammeId, Reward, Sequence, StakingId};
use tidemill_rewards::Moment;
use tidemill_units::{Amount, Timestamp, TokenAmounts};

use super::{Market, OwnWorth};
use crate::Dilution;
use crate::programme_market::{Scene, Staker};

impl Market {
    /// Returns what a service would keep for a stake that is made then; `None` where it refuses.
    pub fn quote_staking(
        &self,
        staking: StakingId,
        deposited: &TokenAmounts,
        at: Moment,
    ) -> Option<Amount> {
        let nobody = PositionId(OrderKey { sequence: Sequence(u64::MAX), intent: u16::MAX });
        self.staking(staking)?.at(at).open(nobody, deposited, at)
    }

    /// Returns when a stake that is asked back then can be had; `None` where it was asked back
    /// already, or the service refuses.
    pub fn quote_unbonding(&self, id: PositionId, at: Moment) -> Option<Timestamp> {
        self.staking_of(id)?.at(at).unbond(id, at)
    }

    /// Returns what a stake that was asked back is paid when it is closed then; `None` while it
    /// cannot be had.
    pub fn quote_unstaked(&self, id: PositionId, at: Moment) -> Option<OwnWorth> {
        self.staking_of(id)?.at(at).close(id, at)
    }

    /// Returns how much of what a stake has earned is staked when that is done then; `None` where
    /// the service does it by itself, or refuses.
    pub fn quote_compounding(&self, id: PositionId, at: Moment) -> Option<Amount> {
        self.staking_of(id)?.at(at).compound(id, at)
    }

    /// Returns what a staked position of ours would be paid if it left its programme then; `None`
    /// where it is in none, or could not leave.
    pub fn reward_at(&self, id: PositionId, at: Moment) -> Option<Reward> {
        let programme = self.programme(self.programme_of(id)?)?;
        let pool = self.pool(programme.pool())?;
        programme.earned(&Staker::new(id, pool)?, Scene::new(pool, at))
    }

    /// Returns what a staked position of ours would be paid if it left its programme now; `None`
    /// where it is in none, or could not leave.
    pub fn reward(&self, id: PositionId) -> Option<Reward> {
        self.reward_at(id, self.moment())
    }

    /// Returns what a position of ours is paid when it is staked then, fees that it has to collect
    /// first; `None` where the programme refuses it.
    pub fn quote_stake(
        &self,
        id: PositionId,
        programme: ProgrammeId,
        at: Moment,
    ) -> Option<TokenAmounts> {
        let mut market = self.programme(programme)?.clone();
        let pool = self.pool(market.pool())?;
        market.stake(&Staker::new(id, pool)?, Scene::new(pool, at))?;
        if market.takes_fees() {
            return pool.fees_when_staked(id);
        }
        TokenAmounts::zero(self.worth(id)?.fees.len())
    }

    /// Whether a position of ours could be put into a programme now.
    pub fn could_stake(&self, id: PositionId, programme: ProgrammeId) -> bool {
        let now = self.moment();
        self.programme_of(id).is_none() && self.quote_stake(id, programme, now).is_some()
    }

    /// Returns what a staked position of ours is paid when it claims then; `None` where its
    /// programme refuses.
    pub fn quote_claim(&self, id: PositionId, at: Moment) -> Option<Reward> {
        let mut market = self.programme(self.programme_of(id)?)?.clone();
        let pool = self.pool(market.pool())?;
        market.claim(&Staker::new(id, pool)?, Scene::new(pool, at))
    }

    /// Returns what a staked position of ours is paid when it leaves its programme then; `None`
    /// where its programme refuses.
    pub fn quote_unstake(&self, id: PositionId, at: Moment) -> Option<Reward> {
        let mut market = self.programme(self.programme_of(id)?)?.clone();
        let pool = self.pool(market.pool())?;
        if market.takes_fees() && !pool.can_unstake(id) {
            return None;
        }
        market.unstake(&Staker::new(id, pool)?, Scene::new(pool, at))
    }

    /// Returns what a reward is worth in raw units of the quote token, rounded down: nothing while
    /// its token has no price. `None` past 2^256 - 1.
    pub fn value_of_reward(&self, reward: Reward) -> Option<Amount> {
        let Some(price) = self.price_of(reward.asset) else { return Some(Amount::ZERO) };
        price.in_quote(reward.amount)
    }

    /// Returns what one of our positions would be paid if it were closed now; `None` where no such
    /// position is open.
    pub fn worth(&self, id: PositionId) -> Option<OwnWorth> {
        let at = self.moment();
        let in_pool = self.pools.iter().find_map(|pool| pool.worth(id, self.now));
        in_pool.or_else(|| self.staking_of(id)?.worth(id, at))
    }

    /// Returns how much one of our positions would have diluted the fees that it is paid;
    /// price-taker only, and `None` before a swap traded beside it.
    pub fn dilution(&self, id: PositionId) -> Option<Dilution> {
        self.pools.iter().find_map(|pool| pool.dilution(id))
    }
}
