use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp};

use super::{Escrow, GlobalPoint, LockId, LockPoint, LockedBalance};
use crate::Account;
use crate::aerodrome::AerodromeError;

/// What an operation may change of an escrow, so that one that fails can be taken back without
/// copying histories.
struct Savepoint {
    points: usize,
    last_point: Option<GlobalPoint>,
    slope_changes: BTreeMap<Timestamp, i128>,
    supply: Amount,
    permanent_lock_balance: Amount,
    last_id: LockId,
    locks: Vec<SavedLock>,
}

struct SavedLock {
    id: LockId,
    owner: Option<Account>,
    locked: LockedBalance,
    points: usize,
    last_point: Option<LockPoint>,
}

impl Escrow {
    /// Runs an operation that changes these locks and new ones; takes it back where it fails. The
    /// operation changes no lock's kind before its last way to fail.
    pub(in crate::aerodrome) fn attempt<T>(
        &mut self,
        locks: &[LockId],
        operation: impl FnOnce(&mut Self) -> Result<T, AerodromeError>,
    ) -> Result<T, AerodromeError> {
        let savepoint = self.savepoint(locks);
        let result = operation(self);
        if result.is_err() {
            self.restore(savepoint);
        }
        result
    }

    fn savepoint(&self, locks: &[LockId]) -> Savepoint {
        let saved = locks.iter().filter_map(|id| {
            let lock = self.locks.get(id)?;
            Some(SavedLock {
                id: *id,
                owner: lock.owner,
                locked: lock.locked,
                points: lock.points.len(),
                last_point: lock.points.last().copied(),
            })
        });
        Savepoint {
            points: self.points.len(),
            last_point: self.points.last().copied(),
            slope_changes: self.slope_changes.clone(),
            supply: self.supply,
            permanent_lock_balance: self.permanent_lock_balance,
            last_id: self.last_id,
            locks: saved.collect(),
        }
    }

    fn restore(&mut self, savepoint: Savepoint) {
        self.points.truncate(savepoint.points);
        if let (Some(point), Some(saved)) = (self.points.last_mut(), savepoint.last_point) {
            *point = saved;
        }
        self.slope_changes = savepoint.slope_changes;
        self.supply = savepoint.supply;
        self.permanent_lock_balance = savepoint.permanent_lock_balance;
        self.last_id = savepoint.last_id;
        self.locks.retain(|id, _| *id <= savepoint.last_id);
        for saved in savepoint.locks {
            let Some(lock) = self.locks.get_mut(&saved.id) else { continue };
            lock.owner = saved.owner;
            lock.locked = saved.locked;
            lock.points.truncate(saved.points);
            if let (Some(point), Some(last)) = (lock.points.last_mut(), saved.last_point) {
                *point = last;
            }
        }
    }
}
