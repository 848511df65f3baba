//! Managed locks: others are deposited into them, and the manager votes with them all.

use tidemill_units::{Amount, Timestamp};

use super::escrow::{LockKind, added, longest_end};
use super::words::{difference, epoch_vote_end, sum};
use super::{Aerodrome, AerodromeError, LockId, LockedBalance, VotingReward};
use crate::Account;

impl Aerodrome {
    pub(super) fn is_deactivated(&self, lock: LockId) -> bool {
        let kind = self.escrow.lock(lock).map(|lock| &lock.kind);
        matches!(kind, Some(LockKind::Managed { is_deactivated: true, .. }))
    }

    /// Makes an empty managed lock, as the governor or the allowed manager may
    /// (`createManagedLockFor`).
    ///
    /// Errors: `Overflow`.
    pub fn create_managed_lock(
        &mut self,
        owner: Account,
        at: Timestamp,
    ) -> Result<LockId, AerodromeError> {
        self.then(at, |system| {
            let token = system.escrow.token;
            system.escrow.attempt(&[], |escrow| {
                let id = escrow.new_lock(owner);
                let empty = LockedBalance { is_permanent: true, ..LockedBalance::default() };
                escrow.set_locked(id, empty);
                escrow.checkpoint(Some(id), empty, empty, at)?;
                if let Some(lock) = escrow.locks.get_mut(&id) {
                    lock.kind = LockKind::Managed {
                        is_deactivated: false,
                        locked_rewards: Box::new(VotingReward::of(&[token])),
                        free_rewards: Box::new(VotingReward::of(&[token])),
                    };
                }
                Ok(id)
            })
        })
    }

    /// Takes a managed lock out of use or back (`setManagedState`).
    ///
    /// Errors: `NotManagedNft`, `SameState`.
    pub fn set_managed_state(&mut self, lock: LockId, is_off: bool) -> Result<(), AerodromeError> {
        let kind = self.escrow.locks.get_mut(&lock).map(|lock| &mut lock.kind);
        let Some(LockKind::Managed { is_deactivated, .. }) = kind else {
            return Err(AerodromeError::NotManagedNft);
        };
        if *is_deactivated == is_off {
            return Err(AerodromeError::SameState);
        }
        *is_deactivated = is_off;
        Ok(())
    }

    /// Deposits a lock into a managed one, whose votes are then cast again. Votes the lock had cast
    /// itself stay as they are.
    ///
    /// Errors: `AlreadyVotedOrDeposited`, `DistributeWindow`, `NotApprovedOrOwner`,
    /// `InactiveManagedNft`, `SpecialVotingWindow`, `NotManagedNft`, `NotNormalNft`,
    /// `ZeroBalance`, `GaugeNotAlive`, `Overflow`. Source: `Voter.depositManaged`,
    /// `VotingEscrow.depositManaged`.
    pub fn deposit_managed(
        &mut self,
        sender: Account,
        lock: LockId,
        managed: LockId,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            system.voter.require_new_epoch(lock, at)?;
            system.require_owner(sender, lock)?;
            if system.is_deactivated(managed) {
                return Err(AerodromeError::InactiveManagedNft);
            }
            if at > epoch_vote_end(at) {
                return Err(AerodromeError::SpecialVotingWindow);
            }
            let kind = system.escrow.lock(managed).map(|lock| &lock.kind);
            let Some(LockKind::Managed { locked_rewards, free_rewards, .. }) = kind else {
                return Err(AerodromeError::NotManagedNft);
            };
            if !system.escrow.is_normal(lock) {
                return Err(AerodromeError::NotNormalNft);
            }
            if system.escrow.balance_at(lock, at)?.is_zero() {
                return Err(AerodromeError::ZeroBalance);
            }
            let weight = system.escrow.locked(lock).amount;
            let mut shares = [locked_rewards.share(lock), free_rewards.share(lock)];
            for share in &mut shares {
                share.more(weight)?;
            }
            let (voter, balance) = (&system.voter, system.minter.balance);
            let revote = system.escrow.attempt(&[lock, managed], |escrow| {
                let (old, into) = (escrow.locked(lock), escrow.locked(managed));
                if old.is_permanent {
                    let left = difference(escrow.permanent_lock_balance, weight)?;
                    escrow.permanent_lock_balance = left;
                }
                escrow.checkpoint(Some(lock), old, LockedBalance::default(), at)?;
                escrow.set_locked(lock, LockedBalance::default());
                escrow.permanent_lock_balance = sum(escrow.permanent_lock_balance, weight)?;
                let new = LockedBalance { amount: added(into.amount, weight)?, ..into };
                escrow.checkpoint(Some(managed), into, new, at)?;
                escrow.set_locked(managed, new);
                let revote = voter.poking(managed, escrow.balance_at(managed, at)?)?;
                sum(balance, revote.returned)?;
                Ok(revote)
            })?;
            system.keep_votes(revote, at)?;
            system.voter.set_last_voted(lock, at);
            system.set_kind(lock, LockKind::Locked { managed, weight });
            system.write_shares(managed, (lock, shares), at);
            Ok(())
        })
    }

    /// Takes a lock back out of a managed one, with the rebases it earned there in epochs that are
    /// over; it is then locked for four years. Those of the running epoch stay behind.
    ///
    /// Errors: `AlreadyVotedOrDeposited`, `DistributeWindow`, `NotApprovedOrOwner`,
    /// `InvalidManagedNftId`, `GaugeNotAlive`, `ZeroBalance`, `SafeCastOverflow`, `Overflow`.
    /// Source: `Voter.withdrawManaged`, `VotingEscrow.withdrawManaged`.
    pub fn withdraw_managed(
        &mut self,
        sender: Account,
        lock: LockId,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            system.voter.require_new_epoch(lock, at)?;
            system.require_owner(sender, lock)?;
            let kind = system.escrow.lock(lock).map(|lock| &lock.kind);
            let Some(LockKind::Locked { managed, weight }) = kind else {
                return Err(AerodromeError::InvalidManagedNftId);
            };
            let (managed, weight) = (*managed, *weight);
            let token = system.escrow.token;
            let kind = system.escrow.lock(managed).map(|lock| &lock.kind);
            let Some(LockKind::Managed { locked_rewards, free_rewards, .. }) = kind else {
                return Err(AerodromeError::InvalidManagedNftId);
            };
            let total = sum(weight, locked_rewards.earned(token, lock, at)?)?;
            let mut shares = [locked_rewards.share(lock), free_rewards.share(lock)];
            for share in &mut shares {
                share.less(weight)?;
            }
            let (voter, balance) = (&system.voter, system.minter.balance);
            let (revote, is_empty) = system.escrow.attempt(&[lock, managed], |escrow| {
                let (old, from) = (escrow.locked(lock), escrow.locked(managed));
                let amount = added(Amount::ZERO, total)?;
                let new = LockedBalance { amount, end: longest_end(at), is_permanent: false };
                escrow.checkpoint(Some(lock), old, new, at)?;
                escrow.set_locked(lock, new);
                let amount = difference(from.amount, total.min(from.amount))?;
                let permanent = escrow.permanent_lock_balance;
                escrow.permanent_lock_balance = difference(permanent, total.min(permanent))?;
                let rest = LockedBalance { amount, ..from };
                escrow.checkpoint(Some(managed), from, rest, at)?;
                escrow.set_locked(managed, rest);
                let power = escrow.balance_at(managed, at)?;
                let is_empty = power.is_zero();
                let revote = match is_empty {
                    true => voter.resetting(managed)?,
                    false => voter.poking(managed, power)?,
                };
                sum(balance, revote.returned)?;
                Ok((revote, is_empty))
            })?;
            system.keep_votes(revote, at)?;
            if is_empty && system.voter.ballots.contains_key(&managed) {
                system.voter.set_last_voted(managed, Timestamp(0));
            }
            if let Some(lock_of) = system.escrow.locks.get_mut(&managed)
                && let LockKind::Managed { locked_rewards, .. } = &mut lock_of.kind
            {
                locked_rewards.last_earn.insert((token, lock), at);
            }
            system.set_kind(lock, LockKind::Normal);
            system.write_shares(managed, (lock, shares), at);
            Ok(())
        })
    }

    fn set_kind(&mut self, lock: LockId, kind: LockKind) {
        if let Some(lock) = self.escrow.locks.get_mut(&lock) {
            lock.kind = kind;
        }
    }

    fn write_shares(
        &mut self,
        managed: LockId,
        (lock, [of_locked, of_free]): (LockId, [super::voting_reward::Share; 2]),
        at: Timestamp,
    ) {
        let kind = self.escrow.locks.get_mut(&managed).map(|lock| &mut lock.kind);
        if let Some(LockKind::Managed { locked_rewards, free_rewards, .. }) = kind {
            locked_rewards.write(lock, of_locked, at);
            free_rewards.write(lock, of_free, at);
        }
    }

    /// Pays a reward to those whose locks are in a managed one at this epoch's end
    /// (`FreeManagedReward.notifyRewardAmount`).
    ///
    /// Errors: `NotManagedNft`, `NotWhitelisted`, `ZeroAmount`, `Overflow`.
    pub fn notify_free_reward(
        &mut self,
        managed: LockId,
        token: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.then(at, |system| {
            let is_whitelisted = system.voter.whitelisted_tokens.contains(&token);
            let kind = system.escrow.locks.get_mut(&managed).map(|lock| &mut lock.kind);
            let Some(LockKind::Managed { free_rewards, .. }) = kind else {
                return Err(AerodromeError::NotManagedNft);
            };
            free_rewards.notify_whitelisted((token, amount), is_whitelisted, at)
        })
    }

    /// Claims what a lock has earned of a managed lock's free rewards; returns what its owner is
    /// paid of each token (`FreeManagedReward.getReward`).
    ///
    /// Errors: `NotManagedNft`, `NotAuthorized`, `Overflow`.
    pub fn claim_free_rewards(
        &mut self,
        sender: Account,
        (managed, lock): (LockId, LockId),
        tokens: &[Account],
        at: Timestamp,
    ) -> Result<Vec<Amount>, AerodromeError> {
        self.then(at, |system| {
            let is_owner = system.escrow.owner(lock) == Some(sender);
            let kind = system.escrow.locks.get_mut(&managed).map(|lock| &mut lock.kind);
            let Some(LockKind::Managed { free_rewards, .. }) = kind else {
                return Err(AerodromeError::NotManagedNft);
            };
            if !is_owner {
                return Err(AerodromeError::NotAuthorized);
            }
            free_rewards.claim(tokens, lock, at)
        })
    }
}
