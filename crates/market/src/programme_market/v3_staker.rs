use tidemill_model::Holding;
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{
    DepositCall, IncentiveKey, ManagedPosition, PoolReader, StakeCall, TokenId, V3Staker,
};
use tidemill_units::{Amount, TickRange, U256};

use super::{Scene, Staker, Staking};
use crate::Footprint;

/// One incentive of a v3-staker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V3Incentive {
    /// The staker, with all its incentives.
    pub staker: V3Staker,
    /// The one that our positions are staked in. Its pool is whatever address the run's pool has
    /// in the staker's eyes.
    pub key: IncentiveKey,
}

impl V3Incentive {
    fn call(&self, staker: &Staker) -> StakeCall {
        StakeCall { sender: staker.account(), key: self.key, token_id: token_id(staker) }
    }
}

/// Returns the number of a position of ours in the position manager's eyes: one that no mint has
/// reached.
fn token_id(staker: &Staker) -> TokenId {
    TokenId(U256::from_be_slice(&staker.account().0))
}

/// What the staker sees of our position and of its pool.
struct Seen<'a> {
    staker: &'a Staker,
    pool: Account,
    scene: Scene<'a>,
}

impl PoolReader for Seen<'_> {
    fn position(&self, token_id: TokenId) -> Option<ManagedPosition> {
        let Holding::Range { range, liquidity } = self.staker.holding else { return None };
        let position = ManagedPosition { pool: self.pool, range, liquidity };
        (token_id == self::token_id(self.staker)).then_some(position)
    }

    fn seconds_per_liquidity_inside(&self, pool: Account, range: TickRange) -> Option<U256> {
        let market = self.scene.pool.concentrated().filter(|_| pool == self.pool)?;
        if market.footprint() == Footprint::PriceTaker {
            // Without our liquidity in them the pool's seconds add up to more than have passed.
            return None;
        }
        let inside = market.pool().snapshot_cumulatives_inside(self.scene.at.at, range);
        inside.ok().map(|inside| inside.seconds_per_liquidity)
    }
}

impl Staking for V3Incentive {
    fn stake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        let seen = Seen { staker, pool: self.key.pool, scene };
        let sender = self.staker.state().position_manager;
        let call = DepositCall { sender, from: staker.account(), token_id: token_id(staker) };
        self.staker.deposit(call, &[self.key], scene.at.at, &seen).ok()
    }

    /// The staker pays only what has been unstaked: unstakes, claims and stakes again, in one
    /// multicall.
    fn claim(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let mut after = self.staker.clone();
        let seen = Seen { staker, pool: self.key.pool, scene };
        let (account, call) = (staker.account(), self.call(staker));
        after.unstake(call, scene.at.at, &seen).ok()?;
        let paid = after.claim(account, self.key.reward_token, account, Amount::ZERO);
        after.stake(call, scene.at.at, &seen).ok()?;
        self.staker = after;
        Some(paid.amount)
    }

    fn unstake(&mut self, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let mut after = self.staker.clone();
        let seen = Seen { staker, pool: self.key.pool, scene };
        let account = staker.account();
        after.unstake(self.call(staker), scene.at.at, &seen).ok()?;
        let paid = after.claim(account, self.key.reward_token, account, Amount::ZERO);
        after.withdraw(account, token_id(staker), account).ok()?;
        self.staker = after;
        Some(paid.amount)
    }

    fn earned(&self, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let seen = Seen { staker, pool: self.key.pool, scene };
        let booked = self.staker.claimable(self.key.reward_token, staker.account());
        let earned =
            self.staker.reward_info(self.key, token_id(staker), scene.at.at, &seen).ok()?;
        booked.checked_add(earned.reward)
    }
}
