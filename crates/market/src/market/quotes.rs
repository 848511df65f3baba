//! What would happen, and what things are worth: questions that change nothing.

use tidemill_model::{
    AssetId, Ballot, OrderKey, PositionId, ProgrammeId, Reward, Sequence, StakingId, VotingId,
};
use tidemill_rewards::Moment;
use tidemill_units::{Amount, Timestamp, TokenAmounts};

use super::{Market, OwnWorth};
use crate::Dilution;
use crate::programme_market::{Scene, Staker};

/// A position that is never opened.
const NOBODY: PositionId = PositionId(OrderKey { sequence: Sequence(u64::MAX), intent: u16::MAX });

impl Market {
    /// Returns what a service would keep for a stake that is made then; `None` where it refuses.
    pub fn quote_staking(
        &self,
        staking: StakingId,
        deposited: &TokenAmounts,
        at: Moment,
    ) -> Option<Amount> {
        self.staking(staking)?.at(at).open(NOBODY, deposited, at)
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

    /// Whether a service would lock a deposit then, until the beginning of a week.
    pub fn quote_lock(
        &self,
        voting: VotingId,
        lock: (&TokenAmounts, Timestamp),
        at: Moment,
    ) -> bool {
        let opened = self.voting(voting).and_then(|voting| voting.at(at).open(NOBODY, lock, at));
        opened.is_some()
    }

    /// Whether a lock could be made to end at this beginning of a week.
    pub fn quote_extension(&self, id: PositionId, until: Timestamp, at: Moment) -> bool {
        self.voting_of(id).and_then(|voting| voting.at(at).extend(id, until, at)).is_some()
    }

    /// Whether a lock could vote so then.
    pub fn quote_vote(&self, id: PositionId, ballot: &Ballot, at: Moment) -> bool {
        self.voting_of(id).and_then(|voting| voting.at(at).vote(id, ballot, at)).is_some()
    }

    /// Returns what a lock is paid when it claims what its votes have earned in a token then;
    /// `None` where the service refuses.
    pub fn quote_bribes(&self, id: PositionId, token: AssetId, at: Moment) -> Option<Reward> {
        self.voting_of(id)?.at(at).claim(id, token, at)
    }

    /// Returns what a lock is paid when it is withdrawn then; `None` while it cannot be.
    pub fn quote_unlocked(&self, id: PositionId, at: Moment) -> Option<OwnWorth> {
        self.voting_of(id)?.at(at).close(id, at)
    }

    /// Whether a lock could be withdrawn now.
    pub fn can_unlock(&self, id: PositionId) -> bool {
        self.quote_unlocked(id, self.moment()).is_some()
    }

    /// Returns what a lock's votes have earned and not been paid, token by token.
    pub fn bribes(&self, id: PositionId) -> impl Iterator<Item = Reward> + '_ {
        let at = self.moment();
        let voting = self.voting_of(id).into_iter();
        let earned = voting.flat_map(move |voting| {
            voting.assets().filter_map(move |token| voting.earned(id, token, at))
        });
        earned.filter(|reward| !reward.amount.is_zero())
    }

    /// Returns what a lock's votes weigh at the end of this epoch if they are cast now, in raw
    /// units of the locked token; `None` where they weigh nothing.
    pub fn voting_power(&self, id: PositionId) -> Option<Amount> {
        self.voting_of(id)?.power(id, self.moment())
    }

    /// Returns from when on a lock can divide all of its votes anew; `None` for what is no lock.
    pub fn votes_from(&self, id: PositionId) -> Option<Timestamp> {
        self.voting_of(id)?.votes_from(id, self.moment())
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
        let staked = || self.staking_of(id).and_then(|staking| staking.worth(id, at));
        in_pool.or_else(staked).or_else(|| self.voting_of(id)?.worth(id))
    }

    /// Returns how much one of our positions would have diluted the fees that it is paid;
    /// price-taker only, and `None` before a swap traded beside it.
    pub fn dilution(&self, id: PositionId) -> Option<Dilution> {
        self.pools.iter().find_map(|pool| pool.dilution(id))
    }
}
