use tidemill_units::{Inverse, Timestamp, U128Divisor, U256};

use super::{
    Clock, Staker, StakingRewards, StakingRewardsError, difference, product, quotient, sum,
};
use crate::Account;

/// The unit of `rewardPerToken`.
const ONE: u128 = 1_000_000_000_000_000_000;
/// Somebody who never staked.
const NONE: Staker =
    Staker { balance: U256::ZERO, reward_per_token_paid: U256::ZERO, rewards: U256::ZERO };
const ONE_WORD: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

impl StakingRewards {
    /// Shares the stream out up to now and credits every staker: what each operation does for
    /// itself first (`updateReward`), done for all at once.
    ///
    /// It leaves the floor dust that so many calls in this second would leave.
    ///
    /// Errors: those of [`earned`](Self::earned), of any staker; nobody is credited then.
    pub fn checkpoint_all(&mut self, at: Timestamp) -> Result<(), StakingRewardsError> {
        let clock = self.clock_at(at)?;
        // The contract never credits the zero address, which no transaction comes from.
        let nobody = self.places.get(&Account::default()).copied();
        let nobody = nobody.map(|place| (place, self.staker(Account::default())));
        let hidden = Staker { reward_per_token_paid: clock.reward_per_token_stored, ..NONE };
        self.replace(nobody.map(|(place, _)| (place, hidden)));
        // No stake passes the total and no credit passes this product, so that either none can
        // fail, or whether one does has to be found out on a copy.
        let credited = if self.total_supply.0.checked_mul(clock.reward_per_token_stored).is_some() {
            credit_all(&mut self.stakers, &clock)
        } else {
            let mut stakers = self.stakers.clone();
            credit_all(&mut stakers, &clock).map(|()| self.stakers = stakers)
        };
        self.replace(nobody);
        credited?;
        self.clock = clock;
        Ok(())
    }

    /// Source: `rewardPerToken` and the first two lines of `updateReward`.
    pub(super) fn clock_at(&self, at: Timestamp) -> Result<Clock, StakingRewardsError> {
        let clock = self.clock;
        let applicable = self.last_time_reward_applicable(at);
        let reward_per_token_stored = if self.total_supply.is_zero() {
            clock.reward_per_token_stored
        } else {
            let elapsed = difference(applicable, clock.last_update_time)?;
            let streamed = product(product(elapsed, self.reward_rate.0)?, ONE_WORD)?;
            sum(clock.reward_per_token_stored, quotient(streamed, self.total_supply.0)?)?
        };
        Ok(Clock { last_update_time: applicable, reward_per_token_stored, ..clock })
    }

    /// Returns what `updateReward` writes for an account; it skips the zero address.
    pub(super) fn updated(
        &self,
        account: Account,
        at: Timestamp,
    ) -> Result<(Clock, Staker), StakingRewardsError> {
        let clock = self.clock_at(at)?;
        let mut staker = self.staker(account);
        if account != Account::default() {
            staker.rewards = earned(&staker, &clock)?;
            staker.reward_per_token_paid = clock.reward_per_token_stored;
        }
        Ok((clock, staker))
    }

    fn replace(&mut self, staker: Option<(usize, Staker)>) {
        if let Some((place, staker)) = staker
            && let Some(kept) = self.stakers.get_mut(place)
        {
            *kept = staker;
        }
    }

    pub(super) fn staker(&self, account: Account) -> Staker {
        let place = self.places.get(&account);
        place.and_then(|place| self.stakers.get(*place)).copied().unwrap_or_default()
    }

    pub(super) fn keep(&mut self, clock: Clock, account: Account, staker: Staker) {
        self.clock = clock;
        let next = self.stakers.len();
        let place = *self.places.entry(account).or_insert(next);
        match self.stakers.get_mut(place) {
            Some(kept) => *kept = staker,
            None => self.stakers.push(staker),
        }
    }
}

/// Source: `earned`.
pub(super) fn earned(staker: &Staker, clock: &Clock) -> Result<U256, StakingRewardsError> {
    let growth = difference(clock.reward_per_token_stored, staker.reward_per_token_paid)?;
    let credit = quotient(product(staker.balance, growth)?, ONE_WORD)?;
    sum(credit, staker.rewards)
}

/// Credits stakers up to the clock; some may be credited already where one fails.
///
/// Stakers who were credited at the same checkpoint are owed the same per unit of stake: the
/// division by 10^18 is then prepared once for all of them.
fn credit_all(stakers: &mut [Staker], clock: &Clock) -> Result<(), StakingRewardsError> {
    const UNIT: Option<U128Divisor> = U128Divisor::new(ONE);
    let inverse = UNIT.map_or(Inverse::ONE, Inverse::of);
    let now = clock.reward_per_token_stored;
    let mut paid = now;
    let mut ratio = None;
    for staker in stakers {
        if staker.reward_per_token_paid != paid {
            paid = staker.reward_per_token_paid;
            let growth = now.checked_sub(paid).and_then(small);
            ratio = growth.and_then(|growth| inverse.ratio(growth));
        }
        let balance = small(staker.balance);
        let credit = ratio.zip(balance).and_then(|(ratio, balance)| ratio.mul_floor(balance));
        staker.rewards = match credit {
            Some(credit) => sum(staker.rewards, U256::from(credit))?,
            None => earned(staker, clock)?,
        };
        staker.reward_per_token_paid = now;
    }
    Ok(())
}

/// Returns a word that fits 128 bits.
#[inline(always)]
fn small(word: U256) -> Option<u128> {
    let [low, high, 0, 0] = word.into_limbs() else { return None };
    Some((u128::from(high) << 64) | u128::from(low))
}
