//! The voting escrow: locks whose voting power falls to zero at their end.

mod history;
mod locks;
mod savepoint;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tidemill_units::{Amount, Timestamp};

use super::words::{epoch_start, to_int128};
use super::{AerodromeError, LONGEST_LOCK, VotingReward};
use crate::Account;
pub(super) use locks::is_owner;

/// A lock, an NFT of the escrow; the first is number 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockId(pub u64);

impl fmt::Display for LockId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// What a lock holds and until when (`LockedBalance`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockedBalance {
    /// Tokens locked, at most 2^127 - 1.
    pub amount: Amount,
    /// When it expires, the start of an epoch; zero for permanent locks and empty ones.
    pub end: Timestamp,
    /// Whether it never expires and its voting power never falls.
    pub is_permanent: bool,
}

/// A lock's voting power from an instant on (`UserPoint`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockPoint {
    /// When it was written.
    pub at: Timestamp,
    /// The voting power then, of a lock that decays.
    pub bias: i128,
    /// What it loses each second.
    pub slope: i128,
    /// The voting power of a permanent lock.
    pub permanent: Amount,
}

/// The voting power of all locks from an instant on (`GlobalPoint`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalPoint {
    /// When it was written.
    pub at: Timestamp,
    /// The voting power then of all locks that decay.
    pub bias: i128,
    /// What it loses each second.
    pub slope: i128,
    /// What is locked for ever.
    pub permanent_lock_balance: Amount,
}

/// What a lock is in the system of managed locks (`EscrowType`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LockKind {
    /// It stands for itself.
    #[default]
    Normal,
    /// It is deposited into a managed lock.
    Locked {
        /// Into which.
        managed: LockId,
        /// With how much.
        weight: Amount,
    },
    /// Others are deposited into it.
    Managed {
        /// Whether it is out of use.
        is_deactivated: bool,
        /// Rebases, which stay locked.
        locked_rewards: Box<VotingReward>,
        /// What its manager pays out.
        free_rewards: Box<VotingReward>,
    },
}

/// A lock and its history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// Who owns it; nobody once it was withdrawn, merged or split.
    pub owner: Option<Account>,
    /// What it holds.
    pub locked: LockedBalance,
    /// What it is in the system of managed locks.
    pub kind: LockKind,
    /// Its voting power, oldest first.
    pub points: Vec<LockPoint>,
}

/// The voting escrow.
///
/// Source: `VotingEscrow.sol` and `BalanceLogicLibrary.sol`, aerodrome-finance/contracts at
/// d5e48b3b.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escrow {
    pub(super) token: Account,
    pub(super) locks: BTreeMap<LockId, Lock>,
    pub(super) points: Vec<GlobalPoint>,
    pub(super) slope_changes: BTreeMap<Timestamp, i128>,
    pub(super) supply: Amount,
    pub(super) permanent_lock_balance: Amount,
    pub(super) last_id: LockId,
    pub(super) can_split: BTreeSet<Account>,
    pub(super) everybody_can_split: bool,
}

impl Escrow {
    /// Returns an escrow of a token, without locks.
    pub fn of(token: Account) -> Self {
        Self {
            token,
            locks: BTreeMap::new(),
            points: Vec::new(),
            slope_changes: BTreeMap::new(),
            supply: Amount::ZERO,
            permanent_lock_balance: Amount::ZERO,
            last_id: LockId(0),
            can_split: BTreeSet::new(),
            everybody_can_split: false,
        }
    }

    /// Returns the token that is locked.
    pub fn token(&self) -> Account {
        self.token
    }

    /// Returns a lock, `None` for one that never was.
    pub fn lock(&self, id: LockId) -> Option<&Lock> {
        self.locks.get(&id)
    }

    /// Returns all locks, in their order.
    pub fn locks(&self) -> impl Iterator<Item = (LockId, &Lock)> {
        self.locks.iter().map(|(id, lock)| (*id, lock))
    }

    /// Returns what is locked in all.
    pub fn supply(&self) -> Amount {
        self.supply
    }

    /// Returns what is locked for ever.
    pub fn permanent_lock_balance(&self) -> Amount {
        self.permanent_lock_balance
    }

    pub(super) fn locked(&self, id: LockId) -> LockedBalance {
        self.locks.get(&id).map_or_else(LockedBalance::default, |lock| lock.locked)
    }

    pub(super) fn is_normal(&self, id: LockId) -> bool {
        self.locks.get(&id).is_none_or(|lock| lock.kind == LockKind::Normal)
    }

    pub(super) fn is_inside_managed(&self, id: LockId) -> bool {
        self.locks.get(&id).is_some_and(|lock| matches!(lock.kind, LockKind::Locked { .. }))
    }

    pub(super) fn owner(&self, id: LockId) -> Option<Account> {
        self.locks.get(&id).and_then(|lock| lock.owner)
    }

    pub(super) fn set_locked(&mut self, id: LockId, locked: LockedBalance) {
        if let Some(lock) = self.locks.get_mut(&id) {
            lock.locked = locked;
        }
    }

    /// Adds to what is locked (`_depositFor`).
    pub(super) fn deposit(
        &mut self,
        id: LockId,
        value: Amount,
        end: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let old = self.locked(id);
        self.supply = super::words::sum(self.supply, value)?;
        let amount = added(old.amount, value)?;
        let new = LockedBalance { amount, end: end.unwrap_or(old.end), ..old };
        self.set_locked(id, new);
        self.checkpoint(Some(id), old, new, at)
    }

    /// Takes a lock from its owner (`_burn`), empties it and counts its power out.
    pub(super) fn burn(&mut self, id: LockId, at: Timestamp) -> Result<(), AerodromeError> {
        let old = self.locked(id);
        if let Some(lock) = self.locks.get_mut(&id) {
            lock.owner = None;
        }
        self.set_locked(id, LockedBalance::default());
        self.checkpoint(Some(id), old, LockedBalance::default(), at)
    }

    pub(super) fn new_lock(&mut self, owner: Account) -> LockId {
        self.last_id = LockId(self.last_id.0.saturating_add(1));
        self.locks.insert(self.last_id, Lock { owner: Some(owner), ..Lock::default() });
        self.last_id
    }
}

/// The sum of two amounts, as locks hold them.
///
/// Errors: `SafeCastOverflow`, then `Overflow`.
pub(super) fn added(old: Amount, value: Amount) -> Result<Amount, AerodromeError> {
    let value = to_int128(value)?;
    let sum = super::words::plus(to_int128(old)?, value)?;
    Ok(super::words::to_amount(sum))
}

/// Four years from an instant, rounded down to a week.
pub(super) fn longest_end(at: Timestamp) -> Timestamp {
    epoch_start(Timestamp(at.0.saturating_add(LONGEST_LOCK)))
}
