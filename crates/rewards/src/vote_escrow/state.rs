use std::collections::BTreeMap;

use tidemill_units::{Timestamp, U256};

use super::{EscrowParameters, EscrowPoint, LockedBalance, Locker, VoteEscrow};
use crate::week::WEEK;
use crate::{Account, StateError};

/// Everything that determines what an escrow does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteEscrowState {
    /// Longest lock, in seconds; 1 or more.
    pub maximum_lock: u64,
    /// Whether it answers about times before the last operation.
    pub searches_past: bool,
    /// Points of the total, the constructor's first, in the order of time and of blocks.
    pub history: Vec<EscrowPoint>,
    /// What the slope of the total changes by at beginnings of weeks; sorted, no week twice.
    pub slope_changes: Vec<(Timestamp, i128)>,
    /// Who has or had a lock; sorted, nobody twice.
    pub lockers: Vec<LockerState>,
}

/// One account of an escrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockerState {
    /// The account.
    pub account: Account,
    /// What it has locked.
    pub locked: LockedBalance,
    /// Its line after each of its operations, in their order.
    pub points: Vec<EscrowPoint>,
}

impl VoteEscrow {
    /// Returns the escrow in this state.
    ///
    /// Errors: the field that no escrow can have.
    pub fn new(state: &VoteEscrowState) -> Result<Self, StateError> {
        if state.maximum_lock == 0 {
            return Err(StateError::of("maximum_lock", "1 or more"));
        }
        if state.history.is_empty() {
            return Err(StateError::of("history", "one point or more"));
        }
        check_points("history", &state.history)?;
        let mut slope_changes = BTreeMap::new();
        let mut before = None;
        for (index, (week, change)) in state.slope_changes.iter().enumerate() {
            if !is_week(*week) || before.is_some_and(|before| before >= *week) {
                let allowed = "beginnings of weeks, sorted, none twice";
                return Err(StateError::at("slope_changes", index, allowed));
            }
            before = Some(*week);
            slope_changes.insert(week.0, *change);
        }
        let mut supply = U256::ZERO;
        let mut lockers = BTreeMap::new();
        for (index, locker) in state.lockers.iter().enumerate() {
            let last = lockers.last_key_value().map(|(account, _)| *account);
            if last.is_some_and(|last| last >= locker.account) {
                return Err(StateError::at("lockers", index, "sorted, no account twice"));
            }
            check_points("points", &locker.points)?;
            if locker.points.is_empty() {
                return Err(StateError::of("points", "one for each operation, one or more"));
            }
            let LockedBalance { amount, end } = locker.locked;
            let Ok(locked) = u128::try_from(amount) else {
                return Err(StateError::at("lockers", index, "an amount of 0 to 2^127 - 1"));
            };
            if !is_week(end) || (end.0 == 0) != (amount == 0) {
                let allowed = "a lock's end at the beginning of a week, 0 without a lock";
                return Err(StateError::at("lockers", index, allowed));
            }
            let allowed = "amounts whose sum is below 2^256";
            let sum = supply.checked_add(U256::from(locked));
            supply = sum.ok_or(StateError::at("lockers", index, allowed))?;
            let entry = Locker { locked: locker.locked, points: locker.points.clone() };
            lockers.insert(locker.account, entry);
        }
        let (maximum_lock, searches_past) = (state.maximum_lock, state.searches_past);
        let parameters = EscrowParameters { maximum_lock, searches_past };
        Ok(Self { parameters, supply, history: state.history.clone(), slope_changes, lockers })
    }

    /// Returns everything that determines what the escrow does.
    pub fn state(&self) -> VoteEscrowState {
        let lockers = self.lockers.iter().map(|(account, locker)| LockerState {
            account: *account,
            locked: locker.locked,
            points: locker.points.clone(),
        });
        VoteEscrowState {
            maximum_lock: self.parameters.maximum_lock,
            searches_past: self.parameters.searches_past,
            history: self.history.clone(),
            slope_changes: self.slope_changes().collect(),
            lockers: lockers.collect(),
        }
    }
}

fn is_week(at: Timestamp) -> bool {
    at.0.checked_rem(WEEK) == Some(0)
}

/// Lines never stand below zero or rise, and follow each other in time.
fn check_points(name: &'static str, points: &[EscrowPoint]) -> Result<(), StateError> {
    let mut before = EscrowPoint::default();
    for (index, point) in points.iter().enumerate() {
        if point.bias < 0 || point.slope < 0 {
            return Err(StateError::at(name, index, "a bias and a slope of 0 or more"));
        }
        if point.at < before.at || point.block < before.block {
            return Err(StateError::at(name, index, "times and blocks that never fall"));
        }
        before = *point;
    }
    Ok(())
}
