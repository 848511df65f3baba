//! Random states of reward programmes, within what each programme allows.

use std::collections::BTreeSet;

use tidemill_rewards::Account;
use tidemill_rewards::master_chef::{
    ChefPool, ChefTokenBalance, ChefUser, ChefUserState, MasterChefState,
};
use tidemill_rewards::staking_rewards::{StakerState, StakingRewardsState};
use tidemill_rewards::v3_staker::{
    DepositState, IncentiveKey, IncentiveState, RewardState, StakeState, TokenId, V3StakerState,
};
use tidemill_rewards::vote_escrow::{EscrowPoint, LockedBalance, LockerState, VoteEscrowState};
use tidemill_store::ProgrammeState;
use tidemill_units::{Amount, BlockNumber, Liquidity, Timestamp, U256};

use crate::seeded::Seeded;

pub(crate) const WEEK: u64 = 604_800;

pub(crate) fn random_state(kind: &str, seeded: &mut Seeded) -> ProgrammeState {
    match kind {
        "staking_rewards" => staking_rewards(seeded).into(),
        "master_chef" => master_chef(seeded).into(),
        "v3_staker" => v3_staker(seeded).into(),
        "vote_escrow" => vote_escrow(seeded).into(),
        _ => crate::programme_seeded_systems::random_state(kind, seeded),
    }
}

impl Seeded {
    pub(crate) fn account(&mut self) -> Account {
        Account(std::array::from_fn(|_| self.next().to_be_bytes()[0]))
    }

    /// Of any length in bits.
    pub(crate) fn u64(&mut self) -> u64 {
        let bits = u32::try_from(self.below(65)).unwrap();
        self.next().checked_shr(bits).unwrap_or(0)
    }

    pub(crate) fn block(&mut self) -> BlockNumber {
        BlockNumber(self.u64())
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.below(2) == 0
    }

    /// At most so many bits.
    pub(crate) fn bits(&mut self, most: usize) -> U256 {
        let word = self.wide();
        word.wrapping_shr(word.bit_len().saturating_sub(most))
    }

    pub(crate) fn up_to(&mut self, most: U256) -> U256 {
        let word = self.wide();
        if word <= most { word } else { word.wrapping_rem(most.saturating_add(U256::ONE)) }
    }

    /// A list of up to five.
    pub(crate) fn list<T>(&mut self, item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.below(6);
        self.list_of(count, item)
    }

    pub(crate) fn list_of<T>(
        &mut self,
        count: u64,
        mut item: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        (0..count).map(|_| item(self)).collect()
    }

    /// Up to five different ones, ascending.
    pub(crate) fn sorted<T: Ord>(&mut self, item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        BTreeSet::from_iter(self.list(item)).into_iter().collect()
    }

    pub(crate) fn accounts(&mut self) -> Vec<Account> {
        self.sorted(Self::account)
    }

    /// Beginnings of weeks.
    pub(crate) fn weeks(&mut self) -> Vec<Timestamp> {
        self.sorted(Self::week)
    }

    pub(crate) fn week(&mut self) -> Timestamp {
        Timestamp(self.below(5000) * WEEK)
    }

    pub(crate) fn i128(&mut self) -> i128 {
        i128::from_ne_bytes(self.u128().to_ne_bytes())
    }

    /// Zero or above.
    pub(crate) fn height(&mut self) -> i128 {
        i128::try_from(self.u128() >> 1).unwrap()
    }
}

fn staking_rewards(seeded: &mut Seeded) -> StakingRewardsState {
    let mut state = StakingRewardsState::uniswap(seeded.account());
    if seeded.flag() {
        state = StakingRewardsState::synthetix(seeded.account(), state.rewards_distribution);
        state.is_paused = seeded.flag();
        state.rewards_duration = seeded.wide();
    }
    state.reward_is_staked = seeded.flag();
    state.period_finish = seeded.wide();
    state.last_update_time = Timestamp(u64::try_from(state.period_finish).unwrap_or(seeded.next()));
    state.reward_rate = seeded.amount();
    state.reward_per_token_stored = seeded.wide();
    state.reward_balance = seeded.amount();
    let accounts = seeded.accounts();
    let staker = |account| StakerState {
        account,
        balance: Amount(seeded.bits(250)),
        reward_per_token_paid: seeded.up_to(state.reward_per_token_stored),
        rewards: Amount(seeded.bits(255)),
    };
    state.stakers = accounts.into_iter().map(staker).collect();
    state
}

fn master_chef(seeded: &mut Seeded) -> MasterChefState {
    let sushi_supply = seeded.amount();
    let pool = |seeded: &mut Seeded| ChefPool {
        lp_token: seeded.account(),
        alloc_point: seeded.bits(250),
        last_reward_block: seeded.block(),
        acc_sushi_per_share: seeded.bits(120),
    };
    let pools = seeded.list(pool);
    let mut users = Vec::new();
    for (number, pool) in pools.iter().enumerate() {
        for account in seeded.accounts() {
            let amount = Amount(seeded.bits(120));
            let most = amount.0.wrapping_mul(pool.acc_sushi_per_share);
            let most = most.wrapping_div(U256::from(1_000_000_000_000_u64));
            let user = ChefUser { amount, reward_debt: seeded.up_to(most) };
            users.push(ChefUserState { pool: number, account, user });
        }
    }
    let tokens = seeded.accounts();
    let balance =
        |token| ChefTokenBalance { token, balance: seeded.amount().max(Amount::from_u64(1)) };
    let lp_balances = tokens.into_iter().map(balance).collect();
    MasterChefState {
        address: seeded.account(),
        owner: seeded.account(),
        dev: seeded.account(),
        sushi_token: seeded.account(),
        sushi_per_block: seeded.amount(),
        start_block: seeded.block(),
        bonus_end_block: seeded.block(),
        sushi_supply,
        sushi_balance: Amount(seeded.up_to(sushi_supply.0)),
        lp_balances,
        pools,
        users,
    }
}

fn v3_staker(seeded: &mut Seeded) -> V3StakerState {
    let most = seeded.u64().max(1);
    let keys = seeded.sorted(|seeded| {
        let start_time = Timestamp(seeded.u64() >> 1);
        let duration = 1 + seeded.below(most).min(u64::MAX >> 1);
        IncentiveKey {
            reward_token: seeded.account(),
            pool: seeded.account(),
            start_time,
            end_time: Timestamp(start_time.0 + duration),
            refundee: seeded.account(),
        }
    });
    let incentive = |key: &IncentiveKey| IncentiveState {
        key: *key,
        total_reward_unclaimed: seeded.amount(),
        total_seconds_claimed_x128: seeded.bits(160),
    };
    let incentives = keys.iter().map(incentive).collect();
    let tokens = seeded.sorted(|seeded| TokenId(seeded.wide()));
    let deposit = |token_id: &TokenId| DepositState {
        token_id: *token_id,
        owner: seeded.account(),
        range: seeded.range(1),
    };
    let deposits = tokens.iter().map(deposit).collect();
    let mut stakes = Vec::new();
    for token_id in &tokens {
        for key in &keys {
            if seeded.flag() {
                stakes.push(StakeState {
                    token_id: *token_id,
                    key: *key,
                    seconds_per_liquidity_inside_initial_x128: seeded.bits(160),
                    liquidity: Liquidity(seeded.u128().max(1)),
                });
            }
        }
    }
    let owed = seeded.sorted(|seeded| (seeded.account(), seeded.account()));
    let reward = |(reward_token, owner)| RewardState {
        reward_token,
        owner,
        amount: seeded.amount().max(Amount::from_u64(1)),
    };
    V3StakerState {
        rewards: owed.into_iter().map(reward).collect(),
        staker: seeded.account(),
        position_manager: seeded.account(),
        max_incentive_start_lead_time_seconds: seeded.u64(),
        max_incentive_duration_seconds: most,
        incentives,
        deposits,
        stakes,
    }
}

/// Points whose times and blocks rise.
fn points(seeded: &mut Seeded) -> Vec<EscrowPoint> {
    let (mut at, mut block) = (0_u64, 0_u64);
    let count = 1 + seeded.below(4);
    seeded.list_of(count, |seeded| {
        at += seeded.u64() >> 8;
        block += seeded.u64() >> 8;
        EscrowPoint {
            bias: seeded.height(),
            slope: seeded.height(),
            at: Timestamp(at),
            block: BlockNumber(block),
        }
    })
}

pub(crate) fn vote_escrow(seeded: &mut Seeded) -> VoteEscrowState {
    let slope_changes = seeded.weeks().into_iter().map(|week| (week, seeded.i128())).collect();
    let accounts = seeded.accounts();
    let locker = |account| {
        let amount = seeded.height();
        let end = Timestamp(if amount == 0 { 0 } else { seeded.week().0 + WEEK });
        LockerState { account, locked: LockedBalance { amount, end }, points: points(seeded) }
    };
    let lockers = accounts.into_iter().map(locker).collect();
    VoteEscrowState {
        maximum_lock: seeded.u64().max(1),
        searches_past: seeded.flag(),
        history: points(seeded),
        slope_changes,
        lockers,
    }
}
