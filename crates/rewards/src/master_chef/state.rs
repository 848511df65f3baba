use std::collections::BTreeMap;

use thiserror::Error;
use tidemill_units::{Amount, BlockNumber, U256};

use super::MasterChef;
use super::pool::{Sushi, entitlement};
use crate::Account;

/// Everything that determines what the chef does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterChefState {
    /// The chef's own address.
    pub address: Account,
    /// Who may open pools and weigh them.
    pub owner: Account,
    /// Who gets a tenth on top of what is minted (`devaddr`).
    pub dev: Account,
    /// The token that is minted.
    pub sushi_token: Account,
    /// What is minted per block for all pools together, before the bonus.
    pub sushi_per_block: Amount,
    /// Before this block nothing is minted.
    pub start_block: BlockNumber,
    /// Up to this block ten times as much is minted.
    pub bonus_end_block: BlockNumber,
    /// All of the reward token there is, minted by the chef or before.
    pub sushi_supply: Amount,
    /// What the chef holds of the reward token; not above all there is.
    pub sushi_balance: Amount,
    /// What the chef holds of other tokens, by token, each once and not zero.
    pub lp_balances: Vec<ChefTokenBalance>,
    /// The pools, in the order of their numbers.
    pub pools: Vec<ChefPool>,
    /// Everybody who ever staked, by pool and account, each once.
    pub users: Vec<ChefUserState>,
}

/// What the chef holds of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChefTokenBalance {
    /// The token.
    pub token: Account,
    /// How much.
    pub balance: Amount,
}

/// A pool: a token that can be staked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChefPool {
    /// What is staked.
    pub lp_token: Account,
    /// Its weight among all pools.
    pub alloc_point: U256,
    /// Up to which block it has been shared out.
    pub last_reward_block: BlockNumber,
    /// Reward units per unit of stake since the beginning, times 10^12.
    pub acc_sushi_per_share: U256,
}

/// A staker of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChefUserState {
    /// The pool's number.
    pub pool: usize,
    /// Who it is.
    pub account: Account,
    /// What the chef keeps of it.
    pub user: ChefUser,
}

/// What the chef keeps of a staker of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChefUser {
    /// Its stake.
    pub amount: Amount,
    /// What the stake would have earned before it was last paid, had it always been there.
    pub reward_debt: U256,
}

/// Why no chef can be in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MasterChefStateError {
    /// The chef holds more of the reward token than there is.
    #[error("sushi_balance: above sushi_supply")]
    SushiBalance,
    /// Tokens are out of order, twice, zero, or the reward token, which has a field of its own.
    #[error("lp_balances: out of order, one twice, zero, or the reward token")]
    LpBalances,
    /// The pools' weights pass 2^256 - 1 together.
    #[error("alloc_point: the weights pass 2^256 - 1 together")]
    AllocPoint,
    /// Stakers are out of order, or one is there twice, or has a pool that is not there.
    #[error("users: out of order, one twice, or of no pool")]
    Users,
    /// A staker was paid beyond what its stake can have earned.
    #[error("reward_debt: above what the stake has earned")]
    RewardDebt,
}

impl MasterChef {
    /// Returns the chef in this state.
    ///
    /// Errors: the field that no chef can have.
    pub fn new(state: &MasterChefState) -> Result<Self, MasterChefStateError> {
        if state.sushi_balance > state.sushi_supply {
            return Err(MasterChefStateError::SushiBalance);
        }
        let mut total_alloc_point = U256::ZERO;
        for pool in &state.pools {
            let total = total_alloc_point.checked_add(pool.alloc_point);
            total_alloc_point = total.ok_or(MasterChefStateError::AllocPoint)?;
        }
        Ok(Self {
            address: state.address,
            owner: state.owner,
            dev: state.dev,
            sushi_token: state.sushi_token,
            sushi_per_block: state.sushi_per_block.0,
            start_block: state.start_block,
            bonus_end_block: state.bonus_end_block,
            total_alloc_point,
            sushi: Sushi { supply: state.sushi_supply.0, held: state.sushi_balance.0 },
            lp_balances: lp_balances(state)?,
            pools: state.pools.clone(),
            users: users(state)?,
        })
    }

    /// Returns everything that determines what the chef does.
    pub fn state(&self) -> MasterChefState {
        let balances = self.lp_balances.iter();
        let balances = balances
            .map(|(token, balance)| ChefTokenBalance { token: *token, balance: Amount(*balance) });
        let users = self.users.iter();
        let users = users.map(|((pool, account), user)| ChefUserState {
            pool: *pool,
            account: *account,
            user: *user,
        });
        MasterChefState {
            address: self.address,
            owner: self.owner,
            dev: self.dev,
            sushi_token: self.sushi_token,
            sushi_per_block: Amount(self.sushi_per_block),
            start_block: self.start_block,
            bonus_end_block: self.bonus_end_block,
            sushi_supply: Amount(self.sushi.supply),
            sushi_balance: Amount(self.sushi.held),
            lp_balances: balances.collect(),
            pools: self.pools.clone(),
            users: users.collect(),
        }
    }
}

fn lp_balances(state: &MasterChefState) -> Result<BTreeMap<Account, U256>, MasterChefStateError> {
    let mut balances = BTreeMap::new();
    let mut last = None;
    for ChefTokenBalance { token, balance } in &state.lp_balances {
        let is_in_order = last.replace(*token) < Some(*token);
        if !is_in_order || balance.is_zero() || *token == state.sushi_token {
            return Err(MasterChefStateError::LpBalances);
        }
        balances.insert(*token, balance.0);
    }
    Ok(balances)
}

fn users(
    state: &MasterChefState,
) -> Result<BTreeMap<(usize, Account), ChefUser>, MasterChefStateError> {
    let mut users = BTreeMap::new();
    let mut last = None;
    for ChefUserState { pool, account, user } in &state.users {
        let key = (*pool, *account);
        let found = state.pools.get(*pool);
        let (true, Some(found)) = (last.replace(key) < Some(key), found) else {
            return Err(MasterChefStateError::Users);
        };
        // Where the product overflows, the staker is locked in, and no debt is too high.
        if entitlement(user, found.acc_sushi_per_share).is_ok_and(|most| user.reward_debt > most) {
            return Err(MasterChefStateError::RewardDebt);
        }
        users.insert(key, *user);
    }
    Ok(users)
}
