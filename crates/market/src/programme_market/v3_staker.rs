use tidemill_model::Holding;
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{
    DepositCall, IncentiveKey, ManagedPosition, PoolReader, StakeCall, TokenId, V3Staker,
};
use tidemill_units::{Amount, TickRange, U256};

use super::{Scene, Staker, Staking};

/// Returns the number of a position of ours in the position manager's eyes: one that no mint has
/// reached.
fn token_id(staker: &Staker) -> TokenId {
    TokenId(U256::from_be_slice(&staker.account().0))
}

fn call(key: IncentiveKey, staker: &Staker) -> StakeCall {
    StakeCall { sender: staker.account(), key, token_id: token_id(staker) }
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
        let inside = market.pool().snapshot_cumulatives_inside(self.scene.at.at, range);
        inside.ok().map(|inside| inside.seconds_per_liquidity)
    }
}

impl Staking for V3Staker {
    type Place = IncentiveKey;

    fn put_in(&mut self, key: IncentiveKey, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        let seen = Seen { staker, pool: key.pool, scene };
        let (sender, from) = (self.position_manager(), staker.account());
        let call = DepositCall { sender, from, token_id: token_id(staker) };
        self.deposit(call, &[key], scene.at.at, &seen).ok()
    }

    /// The staker pays only what has been unstaked: unstakes, claims and stakes again, in one
    /// multicall.
    fn pay(&mut self, key: IncentiveKey, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let mut after = self.clone();
        let seen = Seen { staker, pool: key.pool, scene };
        let account = staker.account();
        after.unstake(call(key, staker), scene.at.at, &seen).ok()?;
        let paid = after.claim(account, key.reward_token, account, Amount::ZERO);
        after.stake(call(key, staker), scene.at.at, &seen).ok()?;
        *self = after;
        Some(paid.amount)
    }

    fn take_out(&mut self, key: IncentiveKey, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let mut after = self.clone();
        let seen = Seen { staker, pool: key.pool, scene };
        let account = staker.account();
        after.unstake(call(key, staker), scene.at.at, &seen).ok()?;
        let paid = after.claim(account, key.reward_token, account, Amount::ZERO);
        after.withdraw(account, token_id(staker), account).ok()?;
        *self = after;
        Some(paid.amount)
    }

    fn owed(&self, key: IncentiveKey, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let seen = Seen { staker, pool: key.pool, scene };
        let booked = self.claimable(key.reward_token, staker.account());
        let earned = self.reward_info(key, token_id(staker), scene.at.at, &seen).ok()?;
        booked.checked_add(earned.reward)
    }
}
