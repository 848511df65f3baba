use tidemill_model::Holding;
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{
    DepositCall, IncentiveKey, ManagedPosition, PoolReader, StakeCall, TokenId, V3Staker,
};
use tidemill_units::{Amount, TickRange, U256};

use super::{Scene, Seat, Staker, Staking};

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

/// Ends a stake of ours, and pays what it has earned.
fn unstake_and_claim(after: &mut V3Staker, key: IncentiveKey, seen: &Seen<'_>) -> Option<Amount> {
    let (account, at) = (seen.staker.account(), seen.scene.at.at);
    after.unstake(call(key, seen.staker), at, seen).ok()?;
    Some(after.claim(account, key.reward_token, account, Amount::ZERO).amount)
}

impl Staking for V3Staker {
    fn put_in(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<()> {
        let Seat::V3Staker(key) = seat else { return None };
        let seen = Seen { staker, pool: key.pool, scene };
        let (sender, from) = (self.position_manager(), staker.account());
        let call = DepositCall { sender, from, token_id: token_id(staker) };
        self.deposit(call, &[key], scene.at.at, &seen).ok()
    }

    /// The staker pays only what has been unstaked: unstakes, claims and stakes again, in one
    /// multicall.
    fn pay(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let Seat::V3Staker(key) = seat else { return None };
        let mut after = self.clone();
        let seen = Seen { staker, pool: key.pool, scene };
        let paid = unstake_and_claim(&mut after, key, &seen)?;
        after.stake(call(key, staker), scene.at.at, &seen).ok()?;
        *self = after;
        Some(paid)
    }

    fn take_out(&mut self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let Seat::V3Staker(key) = seat else { return None };
        let mut after = self.clone();
        let seen = Seen { staker, pool: key.pool, scene };
        let paid = unstake_and_claim(&mut after, key, &seen)?;
        let account = staker.account();
        after.withdraw(account, token_id(staker), account).ok()?;
        *self = after;
        Some(paid)
    }

    fn owed(&self, seat: Seat, staker: &Staker, scene: Scene<'_>) -> Option<Amount> {
        let Seat::V3Staker(key) = seat else { return None };
        let seen = Seen { staker, pool: key.pool, scene };
        let booked = self.claimable(key.reward_token, staker.account());
        let earned = self.reward_info(key, token_id(staker), scene.at.at, &seen).ok()?;
        booked.checked_add(earned.reward)
    }
}
