//! SushiSwap's MasterChef: one token, minted by the block, shared out among pools of staked tokens
//! by weight and within a pool by stake.
//!
//! Blocks alone count; how long they take does not. The staked tokens are taken to be plain: a
//! transfer moves exactly its amount. The reward token is the real one, whose own limits show.

mod error;
mod facts;
mod pool;
mod state;

use std::collections::BTreeMap;

use tidemill_units::{Amount, BlockNumber, U256};

use crate::Account;
use pool::Sushi;

pub use error::MasterChefError;
pub use facts::FACTS;
pub use state::{
    ChefPool, ChefTokenBalance, ChefUser, ChefUserState, MasterChefState, MasterChefStateError,
};

/// How much more is minted per block until the bonus ends (`BONUS_MULTIPLIER`).
pub const BONUS_MULTIPLIER: u64 = 10;

/// The chef: its pools, their stakers, and what it holds.
///
/// Source: `MasterChef.sol` and `SushiToken.sol` of `@sushiswap/core` 1.4.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterChef {
    address: Account,
    owner: Account,
    dev: Account,
    sushi_token: Account,
    sushi_per_block: U256,
    start_block: BlockNumber,
    bonus_end_block: BlockNumber,
    total_alloc_point: U256,
    sushi: Sushi,
    lp_balances: BTreeMap<Account, U256>,
    pools: Vec<ChefPool>,
    users: BTreeMap<(usize, Account), ChefUser>,
}

/// A new pool, or a pool's new weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The pool's weight among all pools.
    pub alloc_point: U256,
    /// Whether all pools are brought up to date first (`_withUpdate`). Where they are not, blocks
    /// that passed already are shared out by the new weights.
    pub with_update: bool,
}

impl MasterChef {
    /// Returns the pools, in the order of their numbers.
    pub fn pools(&self) -> &[ChefPool] {
        &self.pools
    }

    /// Returns the sum of the pools' weights.
    pub fn total_alloc_point(&self) -> U256 {
        self.total_alloc_point
    }

    /// Returns all of the reward token there is.
    pub fn sushi_supply(&self) -> Amount {
        Amount(self.sushi.supply)
    }

    /// Returns what the chef holds of a token, stakes and gifts alike.
    pub fn balance_of(&self, token: Account) -> Amount {
        Amount(self.balance(token, &self.sushi))
    }

    /// Returns what the chef keeps of a staker of a pool.
    pub fn user(&self, pool: usize, account: Account) -> ChefUser {
        self.users.get(&(pool, account)).copied().unwrap_or_default()
    }

    /// Returns who may open pools and weigh them.
    pub fn owner(&self) -> Account {
        self.owner
    }

    /// Returns who gets a tenth on top of what is minted.
    pub fn dev(&self) -> Account {
        self.dev
    }

    /// Returns what a staker could claim now, rounded down; the chef may turn out to hold less.
    ///
    /// Errors: `NoSuchPool`; `MulOverflow`, `AddOverflow`, `DivisionByZero`, as the next update
    /// would. Source: `pendingSushi`.
    pub fn pending_sushi(
        &self,
        pool: usize,
        account: Account,
        at: BlockNumber,
    ) -> Result<Amount, MasterChefError> {
        let user = self.user(pool, account);
        let pool = self.pool(pool)?;
        let accrued = self.accrued(&pool, &self.sushi, at)?;
        let share = accrued.map_or(Ok(pool.acc_sushi_per_share), |accrued| accrued.per_share)?;
        pool::pending(&user, share).map(Amount)
    }

    /// Gives the chef tokens, which dilutes the stakers of pools of that token.
    ///
    /// Errors: `TokenOverflow`.
    pub fn give(&mut self, token: Account, amount: Amount) -> Result<(), MasterChefError> {
        let balance = self.balance(token, &self.sushi).checked_add(amount.0);
        let balance = balance.ok_or(MasterChefError::TokenOverflow)?;
        self.set_balance(token, balance);
        Ok(())
    }

    /// Opens a pool for a token, and returns its number. The same token may have several: each
    /// then takes the stakes of all for its own.
    ///
    /// Errors: `NotOwner`; those of [`mass_update_pools`](Self::mass_update_pools) with the
    /// update; `AddOverflow`.
    pub fn add(
        &mut self,
        caller: Account,
        lp_token: Account,
        allocation: Allocation,
        at: BlockNumber,
    ) -> Result<usize, MasterChefError> {
        let updated = self.before_allocation(caller, allocation, at)?;
        let total_alloc_point = sum(self.total_alloc_point, allocation.alloc_point)?;
        self.keep_all(updated);
        self.total_alloc_point = total_alloc_point;
        self.pools.push(ChefPool {
            lp_token,
            alloc_point: allocation.alloc_point,
            last_reward_block: at.max(self.start_block),
            acc_sushi_per_share: U256::ZERO,
        });
        Ok(self.pools.len().saturating_sub(1))
    }

    /// Changes a pool's weight.
    ///
    /// Errors: as [`add`](Self::add), and `NoSuchPool`.
    pub fn set(
        &mut self,
        caller: Account,
        pool: usize,
        allocation: Allocation,
        at: BlockNumber,
    ) -> Result<(), MasterChefError> {
        let updated = self.before_allocation(caller, allocation, at)?;
        let others = difference(self.total_alloc_point, self.pool(pool)?.alloc_point)?;
        let total_alloc_point = sum(others, allocation.alloc_point)?;
        self.keep_all(updated);
        self.total_alloc_point = total_alloc_point;
        if let Some(pool) = self.pools.get_mut(pool) {
            pool.alloc_point = allocation.alloc_point;
        }
        Ok(())
    }

    /// Brings every pool up to date, in their order.
    ///
    /// Errors: those of [`update_pool`](Self::update_pool), of any pool; none is updated then.
    pub fn mass_update_pools(&mut self, at: BlockNumber) -> Result<(), MasterChefError> {
        let updated = self.updated_all(at)?;
        self.keep_all(Some(updated));
        Ok(())
    }

    /// Mints what a pool is due since its last update, and a tenth of it for the developers.
    /// While nothing is in the pool, nothing is minted.
    ///
    /// Errors: `NoSuchPool`; `DivisionByZero` while all weights are zero; `MulOverflow`,
    /// `AddOverflow`; `MintToZeroAddress` while the developers' address is zero.
    pub fn update_pool(&mut self, pool: usize, at: BlockNumber) -> Result<(), MasterChefError> {
        let (updated, sushi) = self.updated(&self.pool(pool)?, &self.sushi, at)?;
        self.keep(pool, updated, sushi);
        Ok(())
    }

    /// Pays what a staker is owed, as far as the chef holds it, and takes a deposit, which the
    /// caller pays in; returns what was paid. A deposit of nothing claims.
    ///
    /// Errors: `NoCaller`; those of [`update_pool`](Self::update_pool); `MulOverflow`;
    /// `TokenOverflow`.
    pub fn deposit(
        &mut self,
        account: Account,
        pool: usize,
        amount: Amount,
        at: BlockNumber,
    ) -> Result<Amount, MasterChefError> {
        check_caller(account)?;
        let (updated, mut sushi) = self.updated(&self.pool(pool)?, &self.sushi, at)?;
        let mut user = self.user(pool, account);
        let share = updated.acc_sushi_per_share;
        let paid = if user.amount.is_zero() {
            U256::ZERO
        } else {
            sushi.pay(pool::pending(&user, share)?)
        };
        let balance = self.balance(updated.lp_token, &sushi).checked_add(amount.0);
        let balance = balance.ok_or(MasterChefError::TokenOverflow)?;
        user.amount = Amount(sum(user.amount.0, amount.0)?);
        user.reward_debt = pool::entitlement(&user, share)?;

        let lp_token = updated.lp_token;
        self.keep(pool, updated, sushi);
        self.set_balance(lp_token, balance);
        self.users.insert((pool, account), user);
        Ok(Amount(paid))
    }

    /// Pays what a staker is owed, as far as the chef holds it, and gives back part of the stake,
    /// which the caller pays out; returns what was paid of the reward.
    ///
    /// Errors: `NoCaller`; `NoSuchPool`; `WithdrawNotGood` for more than is staked; those of
    /// [`update_pool`](Self::update_pool); `MulOverflow`; `TokenShort` where the chef has paid
    /// stakes of the reward token out as rewards.
    pub fn withdraw(
        &mut self,
        account: Account,
        pool: usize,
        amount: Amount,
        at: BlockNumber,
    ) -> Result<Amount, MasterChefError> {
        check_caller(account)?;
        let info = self.pool(pool)?;
        let mut user = self.user(pool, account);
        let left = user.amount.checked_sub(amount).ok_or(MasterChefError::WithdrawNotGood)?;
        let (updated, mut sushi) = self.updated(&info, &self.sushi, at)?;
        let share = updated.acc_sushi_per_share;
        let paid = sushi.pay(pool::pending(&user, share)?);
        user.amount = left;
        user.reward_debt = pool::entitlement(&user, share)?;
        let balance = self.balance(info.lp_token, &sushi).checked_sub(amount.0);
        let balance = balance.ok_or(MasterChefError::TokenShort)?;

        self.keep(pool, updated, sushi);
        self.set_balance(info.lp_token, balance);
        self.users.insert((pool, account), user);
        Ok(Amount(paid))
    }

    /// Gives back a whole stake, which the caller pays out, and forgets what it earned; returns
    /// the stake.
    ///
    /// Errors: `NoCaller`; `NoSuchPool`; `TokenShort` as [`withdraw`](Self::withdraw).
    pub fn emergency_withdraw(
        &mut self,
        account: Account,
        pool: usize,
    ) -> Result<Amount, MasterChefError> {
        check_caller(account)?;
        let lp_token = self.pool(pool)?.lp_token;
        let amount = self.user(pool, account).amount;
        let balance = self.balance(lp_token, &self.sushi).checked_sub(amount.0);
        let balance = balance.ok_or(MasterChefError::TokenShort)?;
        self.set_balance(lp_token, balance);
        self.users.insert((pool, account), ChefUser::default());
        Ok(amount)
    }

    /// Hands the developers' share on (`dev`); to the zero address, too, which stops every pool.
    ///
    /// Errors: `DevWut` for anybody but the developers.
    pub fn set_dev(&mut self, caller: Account, dev: Account) -> Result<(), MasterChefError> {
        if caller != self.dev {
            return Err(MasterChefError::DevWut);
        }
        self.dev = dev;
        Ok(())
    }

    fn before_allocation(
        &self,
        caller: Account,
        allocation: Allocation,
        at: BlockNumber,
    ) -> Result<Option<(Vec<ChefPool>, Sushi)>, MasterChefError> {
        if caller != self.owner {
            return Err(MasterChefError::NotOwner);
        }
        if allocation.with_update { self.updated_all(at).map(Some) } else { Ok(None) }
    }

    fn pool(&self, pool: usize) -> Result<ChefPool, MasterChefError> {
        self.pools.get(pool).copied().ok_or(MasterChefError::NoSuchPool)
    }

    fn keep(&mut self, place: usize, updated: ChefPool, sushi: Sushi) {
        if let Some(pool) = self.pools.get_mut(place) {
            *pool = updated;
        }
        self.sushi = sushi;
    }

    fn keep_all(&mut self, updated: Option<(Vec<ChefPool>, Sushi)>) {
        if let Some((pools, sushi)) = updated {
            (self.pools, self.sushi) = (pools, sushi);
        }
    }

    /// Returns what the chef holds of a token, the reward token as it is told.
    fn balance(&self, token: Account, sushi: &Sushi) -> U256 {
        if token == self.sushi_token {
            sushi.held
        } else {
            self.lp_balances.get(&token).copied().unwrap_or_default()
        }
    }

    fn set_balance(&mut self, token: Account, balance: U256) {
        if token == self.sushi_token {
            self.sushi.held = balance;
        } else if balance.is_zero() {
            self.lp_balances.remove(&token);
        } else {
            self.lp_balances.insert(token, balance);
        }
    }
}

fn check_caller(account: Account) -> Result<(), MasterChefError> {
    if account == Account::default() { Err(MasterChefError::NoCaller) } else { Ok(()) }
}

fn sum(a: U256, b: U256) -> Result<U256, MasterChefError> {
    a.checked_add(b).ok_or(MasterChefError::AddOverflow)
}

fn difference(a: U256, b: U256) -> Result<U256, MasterChefError> {
    a.checked_sub(b).ok_or(MasterChefError::SubUnderflow)
}

fn product(a: U256, b: U256) -> Result<U256, MasterChefError> {
    a.checked_mul(b).ok_or(MasterChefError::MulOverflow)
}

fn quotient(a: U256, b: U256) -> Result<U256, MasterChefError> {
    a.checked_div(b).ok_or(MasterChefError::DivisionByZero)
}

#[cfg(test)]
mod tests;
