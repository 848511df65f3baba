//! The rewards of a vote: fees, bribes, and what a managed lock earns.

use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp};

use super::words::{difference, epoch_start, part, sum};
use super::{AerodromeError, LockId, WEEK};
use crate::Account;

/// A balance, or the sum of all, from an instant on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BalanceCheckpoint {
    /// When it was last written; there is one checkpoint of each epoch at most.
    pub at: Timestamp,
    /// How much it is.
    pub balance: Amount,
}

/// Amounts paid into an epoch and earned by whoever has a balance at its end.
///
/// Source: `Reward.sol`, `VotingReward.sol`, `FeesVotingReward.sol`, `BribeVotingReward.sol`,
/// `LockedManagedReward.sol` and `FreeManagedReward.sol`, aerodrome-finance/contracts at d5e48b3b.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VotingReward {
    /// The sum of all balances, oldest first.
    pub supply: Vec<BalanceCheckpoint>,
    /// The balances of each lock, oldest first.
    pub balances: BTreeMap<LockId, Vec<BalanceCheckpoint>>,
    /// What was paid into each epoch, by token and the epoch's start.
    pub rewards: BTreeMap<(Account, Timestamp), Amount>,
    /// When a lock last claimed a token.
    pub last_earn: BTreeMap<(Account, LockId), Timestamp>,
    /// The tokens that are known as rewards, in the order they came.
    pub tokens: Vec<Account>,
}

/// A lock's balance and the sum of all, while they are being changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) balance: Amount,
    supply: Amount,
}

impl Share {
    pub(super) fn more(&mut self, amount: Amount) -> Result<(), AerodromeError> {
        self.supply = sum(self.supply, amount)?;
        self.balance = sum(self.balance, amount)?;
        Ok(())
    }

    pub(super) fn less(&mut self, amount: Amount) -> Result<(), AerodromeError> {
        self.supply = difference(self.supply, amount)?;
        self.balance = difference(self.balance, amount)?;
        Ok(())
    }
}

impl VotingReward {
    /// Returns a reward nobody has a share of.
    pub fn of(tokens: &[Account]) -> Self {
        Self { tokens: tokens.to_vec(), ..Self::default() }
    }

    /// Returns a lock's balance.
    pub fn balance_of(&self, lock: LockId) -> Amount {
        let last = self.balances.get(&lock).and_then(|history| history.last());
        last.map_or(Amount::ZERO, |checkpoint| checkpoint.balance)
    }

    /// Returns the sum of all balances.
    pub fn total_supply(&self) -> Amount {
        self.supply.last().map_or(Amount::ZERO, |checkpoint| checkpoint.balance)
    }

    /// Returns what a lock could claim of a token: of each epoch that is over, the part of what was
    /// paid into it that the lock's balance at the epoch's end was of all balances then; every
    /// epoch rounded down, to the loss of the claimant.
    ///
    /// Errors: `Overflow`. Source: `Reward.earned`.
    pub fn earned(
        &self,
        token: Account,
        lock: LockId,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        let Some(history) = self.balances.get(&lock).filter(|history| !history.is_empty()) else {
            return Ok(Amount::ZERO);
        };
        let last_earn = self.last_earn.get(&(token, lock)).copied().unwrap_or_default();
        let claimed_to = epoch_start(last_earn);
        let first = epoch_start(prior(history, claimed_to).at).max(claimed_to);
        let end = epoch_start(at);
        if first >= end {
            return Ok(Amount::ZERO);
        }
        let mut earned = Amount::ZERO;
        for ((_, epoch), reward) in self.rewards.range((token, first)..(token, end)) {
            let last_second = Timestamp(epoch.0.saturating_add(WEEK).saturating_sub(1));
            let supply = prior(&self.supply, last_second).balance.max(Amount::from_u64(1));
            let balance = prior(history, last_second).balance;
            earned = sum(earned, part(balance, reward.0, supply.0)?)?;
        }
        Ok(earned)
    }

    /// Pays out what a lock has earned of each token, in their order; the tokens' amounts are the
    /// caller's to pay (`_getReward`).
    ///
    /// Errors: `Overflow`.
    pub(super) fn claim(
        &mut self,
        tokens: &[Account],
        lock: LockId,
        at: Timestamp,
    ) -> Result<Vec<Amount>, AerodromeError> {
        let mut paid = Vec::with_capacity(tokens.len());
        for (index, token) in tokens.iter().enumerate() {
            let again = tokens.iter().take(index).any(|earlier| earlier == token);
            paid.push(if again { Amount::ZERO } else { self.earned(*token, lock, at)? });
        }
        for token in tokens {
            self.last_earn.insert((*token, lock), at);
        }
        Ok(paid)
    }

    /// Returns what an epoch's reward of a token becomes with an amount more.
    ///
    /// Errors: `ZeroAmount`, `Overflow`.
    pub(super) fn with_reward(
        &self,
        token: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        if amount.is_zero() {
            return Err(AerodromeError::ZeroAmount);
        }
        let key = (token, epoch_start(at));
        sum(self.rewards.get(&key).copied().unwrap_or_default(), amount)
    }

    /// Pays an amount into the epoch of an instant (`_notifyRewardAmount`).
    ///
    /// Errors: `ZeroAmount`, `Overflow`.
    pub(super) fn notify(
        &mut self,
        token: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let total = self.with_reward(token, amount, at)?;
        self.rewards.insert((token, epoch_start(at)), total);
        Ok(())
    }

    /// As [`notify`](Self::notify), of any token that is known or whitelisted
    /// (`BribeVotingReward.notifyRewardAmount`).
    ///
    /// Errors: `NotWhitelisted`, `ZeroAmount`, `Overflow`.
    pub(super) fn notify_whitelisted(
        &mut self,
        (token, amount): (Account, Amount),
        is_whitelisted: bool,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let is_known = self.tokens.contains(&token);
        if !is_known && !is_whitelisted {
            return Err(AerodromeError::NotWhitelisted);
        }
        self.notify(token, amount, at)?;
        if !is_known {
            self.tokens.push(token);
        }
        Ok(())
    }

    pub(super) fn share(&self, lock: LockId) -> Share {
        Share { balance: self.balance_of(lock), supply: self.total_supply() }
    }

    /// Writes what a lock's balance and the sum have become (`_writeCheckpoint`).
    pub(super) fn write(&mut self, lock: LockId, share: Share, at: Timestamp) {
        write(self.balances.entry(lock).or_default(), share.balance, at);
        write(&mut self.supply, share.supply, at);
    }
}

/// The last checkpoint at an instant or before; the first of all where all are later, as the
/// contract has it (`getPriorBalanceIndex`).
fn prior(history: &[BalanceCheckpoint], at: Timestamp) -> BalanceCheckpoint {
    let later = history.partition_point(|checkpoint| checkpoint.at <= at);
    history.get(later.saturating_sub(1)).copied().unwrap_or_default()
}

fn write(history: &mut Vec<BalanceCheckpoint>, balance: Amount, at: Timestamp) {
    let checkpoint = BalanceCheckpoint { at, balance };
    match history.last_mut() {
        Some(last) if epoch_start(last.at) == epoch_start(at) => *last = checkpoint,
        Some(_) | None => history.push(checkpoint),
    }
}
