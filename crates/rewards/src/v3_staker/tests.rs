use std::collections::BTreeMap;

use proptest::prelude::*;
use tidemill_units::{Amount, Liquidity, Tick, TickRange, Timestamp, U256};

use super::*;
use crate::Account;

mod laws;
mod quirks;
mod refusals;
mod states;

pub(super) const STAKER: Account = Account([0x57; 20]);
pub(super) const MANAGER: Account = Account([0x3a; 20]);
pub(super) const POOL: Account = Account([0x90; 20]);
pub(super) const TOKEN: Account = Account([0x70; 20]);
pub(super) const ALICE: Account = Account([0xa1; 20]);
pub(super) const BOB: Account = Account([0xb0; 20]);
pub(super) const REFUNDEE: Account = Account([0x4e; 20]);

/// Starts at 100 and ends at 200.
pub(super) const KEY: IncentiveKey = IncentiveKey {
    reward_token: TOKEN,
    pool: POOL,
    start_time: Timestamp(100),
    end_time: Timestamp(200),
    refundee: REFUNDEE,
};

pub(super) fn token(id: u64) -> TokenId {
    TokenId(U256::from(id))
}

/// Positions in ranges of their own, the range of token n being n to n + 1.
#[derive(Default)]
pub(super) struct Pools {
    pub(super) positions: BTreeMap<TokenId, ManagedPosition>,
    pub(super) seconds: BTreeMap<TickRange, U256>,
}

impl Pools {
    pub(super) fn of(liquidity: &[u128]) -> Self {
        let mut pools = Self::default();
        for (id, liquidity) in (1..).zip(liquidity) {
            let range = TickRange { lower: Tick(id), upper: Tick(id + 1) };
            let position = ManagedPosition { pool: POOL, range, liquidity: Liquidity(*liquidity) };
            pools.positions.insert(TokenId(U256::from(id)), position);
            pools.seconds.insert(range, U256::ZERO);
        }
        pools
    }

    /// Lets a token's range be in range for some seconds beside this liquidity of the whole pool.
    pub(super) fn pass(&mut self, id: u64, seconds: u64, pool_liquidity: u128) {
        let range = self.positions[&token(id)].range;
        let grown = (U256::from(seconds) << 128) / U256::from(pool_liquidity);
        let total = self.seconds.get_mut(&range).unwrap();
        *total = (*total + grown) & ((U256::ONE << 160) - U256::ONE);
    }
}

impl PoolReader for Pools {
    fn position(&self, token_id: TokenId) -> Option<ManagedPosition> {
        self.positions.get(&token_id).copied()
    }

    fn seconds_per_liquidity_inside(&self, _: Account, range: TickRange) -> Option<U256> {
        self.seconds.get(&range).copied()
    }
}

pub(super) fn empty() -> V3Staker {
    let state =
        V3StakerState { staker: STAKER, position_manager: MANAGER, ..V3StakerState::default() };
    V3Staker::new(&state).unwrap()
}

pub(super) fn deposit_of(from: Account, id: u64) -> DepositCall {
    DepositCall { sender: MANAGER, from, token_id: token(id) }
}

pub(super) fn call(sender: Account, id: u64) -> StakeCall {
    StakeCall { sender, key: KEY, token_id: token(id) }
}

/// A staker with an incentive of 1000 from 100 to 200, in which these liquidities are staked at
/// 100: the first of Alice's, the others of Bob's.
pub(super) fn staked(liquidity: &[u128]) -> (V3Staker, Pools) {
    let (mut staker, pools) = (empty(), Pools::of(liquidity));
    staker.create_incentive(KEY, Amount::from_u64(1_000), Timestamp(100)).unwrap();
    for id in 1..=liquidity.len() as u64 {
        let from = if id == 1 { ALICE } else { BOB };
        staker.deposit(deposit_of(from, id), &[KEY], Timestamp(100), &pools).unwrap();
    }
    (staker, pools)
}

pub(super) fn unstake(staker: &mut V3Staker, pools: &Pools, id: u64, now: u64) -> u64 {
    let owner = staker.owner(token(id)).unwrap();
    let unstaked = staker.unstake(call(owner, id), Timestamp(now), pools).unwrap();
    assert_eq!(unstaked.owner, owner);
    unstaked.earned.reward.0.to::<u64>()
}

/// The four vectors of the contract's own unit tests (RewardMath.spec.ts): claimed seconds,
/// liquidity, seconds per liquidity, now; and the reward.
#[test]
fn q403_the_published_vectors_of_reward_math() {
    let x128 = |seconds: u64| U256::from(seconds) << 128;
    for (claimed, liquidity, seconds_per_liquidity, now, expected) in [
        (0, 5, x128(20) / U256::from(10), 120, 100),
        (0, 100, x128(100) / U256::from(100), 300, 500),
        (0, 100, x128(100) / U256::from(100), 201, 990),
        (10, 5, x128(20) / U256::from(10), 120, 111),
    ] {
        let reward = reward_amount(&RewardInputs {
            total_reward_unclaimed: Amount::from_u64(1_000),
            total_seconds_claimed_x128: x128(claimed),
            start_time: Timestamp(100),
            end_time: Timestamp(200),
            liquidity: Liquidity(liquidity),
            seconds_per_liquidity_inside_initial_x128: U256::ZERO,
            seconds_per_liquidity_inside_x128: seconds_per_liquidity,
            now: Timestamp(now),
        });
        let seconds_inside_x128 = seconds_per_liquidity * U256::from(liquidity);
        let reward_amount = Amount::from_u64(expected);
        assert_eq!(reward, Ok(StakeReward { reward: reward_amount, seconds_inside_x128 }));
    }
}
