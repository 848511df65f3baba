//! What owners do with their locks.

use tidemill_units::{Amount, Timestamp};

use super::{Escrow, LockId, LockKind, LockedBalance, added, longest_end};
use crate::Account;
use crate::aerodrome::words::{difference, epoch_start, sum, to_int128};
use crate::aerodrome::{AerodromeError, LONGEST_LOCK};

/// When a lock of this many seconds ends, rounded down to a week; a length that passes all time
/// ends later than any lock may.
pub(in crate::aerodrome) fn from_now(at: Timestamp, seconds: u64) -> Timestamp {
    epoch_start(Timestamp(at.0.saturating_add(seconds)))
}

/// Whether a lock is this account's.
pub(in crate::aerodrome) fn is_owner(escrow: &Escrow, sender: Account, id: LockId) -> bool {
    escrow.owner(id) == Some(sender)
}

fn check_end(end: Timestamp, after: Timestamp, at: Timestamp) -> Result<(), AerodromeError> {
    if end <= after {
        return Err(AerodromeError::LockDurationNotInFuture);
    }
    if end.0 > at.0.saturating_add(LONGEST_LOCK) {
        return Err(AerodromeError::LockDurationTooLong);
    }
    Ok(())
}

fn has_expired(locked: LockedBalance, at: Timestamp) -> bool {
    locked.end <= at && !locked.is_permanent
}

impl Escrow {
    fn require_owner(&self, sender: Account, id: LockId) -> Result<(), AerodromeError> {
        if is_owner(self, sender, id) { Ok(()) } else { Err(AerodromeError::NotApprovedOrOwner) }
    }

    fn require_normal(&self, id: LockId) -> Result<(), AerodromeError> {
        if self.is_normal(id) { Ok(()) } else { Err(AerodromeError::NotNormalNft) }
    }

    pub(in crate::aerodrome) fn create(
        &mut self,
        owner: Account,
        value: Amount,
        seconds: u64,
        at: Timestamp,
    ) -> Result<LockId, AerodromeError> {
        if value.is_zero() {
            return Err(AerodromeError::ZeroAmount);
        }
        let end = from_now(at, seconds);
        check_end(end, at, at)?;
        self.attempt(&[], |escrow| {
            let id = escrow.new_lock(owner);
            escrow.deposit(id, value, Some(end), at)?;
            Ok(id)
        })
    }

    /// `_increaseAmountFor`; what a managed lock gets is its depositors' reward as well.
    pub(in crate::aerodrome) fn increase(
        &mut self,
        id: LockId,
        value: Amount,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        if self.is_inside_managed(id) {
            return Err(AerodromeError::NotManagedOrNormalNft);
        }
        let old = self.locked(id);
        if value.is_zero() {
            return Err(AerodromeError::ZeroAmount);
        }
        if old.amount.is_zero() {
            return Err(AerodromeError::NoLockFound);
        }
        if has_expired(old, at) {
            return Err(AerodromeError::LockExpired);
        }
        let token = self.token;
        self.attempt(&[id], |escrow| {
            if old.is_permanent {
                escrow.permanent_lock_balance = sum(escrow.permanent_lock_balance, value)?;
            }
            escrow.deposit(id, value, None, at)?;
            let kind = escrow.locks.get_mut(&id).map(|lock| &mut lock.kind);
            if let Some(LockKind::Managed { locked_rewards, .. }) = kind {
                locked_rewards.notify(token, value, at)?;
            }
            Ok(())
        })
    }

    /// Returns a lock of the caller's that still runs out, and has not.
    fn running_lock(
        &self,
        sender: Account,
        id: LockId,
        at: Timestamp,
    ) -> Result<LockedBalance, AerodromeError> {
        self.require_owner(sender, id)?;
        self.require_normal(id)?;
        let lock = self.locked(id);
        if lock.is_permanent {
            return Err(AerodromeError::PermanentLock);
        }
        if lock.end <= at {
            return Err(AerodromeError::LockExpired);
        }
        if lock.amount.is_zero() {
            return Err(AerodromeError::NoLockFound);
        }
        Ok(lock)
    }

    pub(in crate::aerodrome) fn extend(
        &mut self,
        sender: Account,
        id: LockId,
        seconds: u64,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let old = self.running_lock(sender, id, at)?;
        let end = from_now(at, seconds);
        check_end(end, old.end, at)?;
        self.attempt(&[id], |escrow| escrow.deposit(id, Amount::ZERO, Some(end), at))
    }

    pub(in crate::aerodrome) fn withdraw(
        &mut self,
        sender: Account,
        id: LockId,
        has_voted: bool,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        self.require_owner(sender, id)?;
        if has_voted {
            return Err(AerodromeError::AlreadyVoted);
        }
        self.require_normal(id)?;
        let locked = self.locked(id);
        if locked.is_permanent {
            return Err(AerodromeError::PermanentLock);
        }
        if at < locked.end {
            return Err(AerodromeError::LockNotExpired);
        }
        self.attempt(&[id], |escrow| {
            escrow.supply = difference(escrow.supply, locked.amount)?;
            escrow.burn(id, at)?;
            Ok(locked.amount)
        })
    }

    pub(in crate::aerodrome) fn merge(
        &mut self,
        sender: Account,
        (from, to): (LockId, LockId),
        has_voted: bool,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        if has_voted {
            return Err(AerodromeError::AlreadyVoted);
        }
        self.require_normal(from)?;
        self.require_normal(to)?;
        if from == to {
            return Err(AerodromeError::SameNft);
        }
        self.require_owner(sender, from)?;
        self.require_owner(sender, to)?;
        let (given, old) = (self.locked(from), self.locked(to));
        if has_expired(old, at) {
            return Err(AerodromeError::LockExpired);
        }
        if given.is_permanent {
            return Err(AerodromeError::PermanentLock);
        }
        self.attempt(&[from, to], |escrow| {
            escrow.burn(from, at)?;
            let amount = added(old.amount, given.amount)?;
            let mut end = Timestamp::default();
            if old.is_permanent {
                let permanent = sum(escrow.permanent_lock_balance, given.amount)?;
                escrow.permanent_lock_balance = permanent;
            } else {
                end = given.end.max(old.end);
            }
            let new = LockedBalance { amount, end, is_permanent: old.is_permanent };
            escrow.checkpoint(Some(to), old, new, at)?;
            escrow.set_locked(to, new);
            Ok(())
        })
    }

    pub(in crate::aerodrome) fn split(
        &mut self,
        sender: Account,
        (from, amount): (LockId, Amount),
        has_voted: bool,
        at: Timestamp,
    ) -> Result<(LockId, LockId), AerodromeError> {
        let owner = self.owner(from).ok_or(AerodromeError::SplitNoOwner)?;
        if !self.can_split.contains(&owner) && !self.everybody_can_split {
            return Err(AerodromeError::SplitNotAllowed);
        }
        self.require_normal(from)?;
        if has_voted {
            return Err(AerodromeError::AlreadyVoted);
        }
        self.require_owner(sender, from)?;
        let old = self.locked(from);
        if has_expired(old, at) {
            return Err(AerodromeError::LockExpired);
        }
        to_int128(amount)?;
        if amount.is_zero() {
            return Err(AerodromeError::ZeroAmount);
        }
        if old.amount <= amount {
            return Err(AerodromeError::AmountTooBig);
        }
        let kept = difference(old.amount, amount)?;
        self.attempt(&[from], |escrow| {
            escrow.burn(from, at)?;
            let mut part = |amount| {
                let id = escrow.new_lock(owner);
                let new = LockedBalance { amount, ..old };
                escrow.set_locked(id, new);
                escrow.checkpoint(Some(id), LockedBalance::default(), new, at)?;
                Ok(id)
            };
            Ok((part(kept)?, part(amount)?))
        })
    }

    pub(in crate::aerodrome) fn make_permanent(
        &mut self,
        sender: Account,
        id: LockId,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let old = self.running_lock(sender, id, at)?;
        let new = LockedBalance { end: Timestamp::default(), is_permanent: true, ..old };
        self.attempt(&[id], |escrow| {
            escrow.permanent_lock_balance = sum(escrow.permanent_lock_balance, old.amount)?;
            escrow.checkpoint(Some(id), old, new, at)?;
            escrow.set_locked(id, new);
            Ok(())
        })
    }

    pub(in crate::aerodrome) fn end_permanent(
        &mut self,
        sender: Account,
        id: LockId,
        has_voted: bool,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.require_owner(sender, id)?;
        self.require_normal(id)?;
        if has_voted {
            return Err(AerodromeError::AlreadyVoted);
        }
        let old = self.locked(id);
        if !old.is_permanent {
            return Err(AerodromeError::NotPermanentLock);
        }
        let new = LockedBalance { end: longest_end(at), is_permanent: false, ..old };
        self.attempt(&[id], |escrow| {
            let permanent = difference(escrow.permanent_lock_balance, old.amount)?;
            escrow.permanent_lock_balance = permanent;
            escrow.checkpoint(Some(id), old, new, at)?;
            escrow.set_locked(id, new);
            Ok(())
        })
    }
}
