//! Voting power over time.

use tidemill_units::{Amount, Timestamp};

use super::{Escrow, GlobalPoint, LockId, LockPoint, LockedBalance};
use crate::aerodrome::words::{epoch_start, minus, plus, sum, times, to_amount, to_int128};
use crate::aerodrome::{AerodromeError, LONGEST_LOCK, WEEK};

/// Weeks the contract goes forward in one call.
const MOST_WEEKS: u32 = 255;

/// A lock's slope and bias at an instant.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    slope: i128,
    bias: i128,
}

impl Line {
    fn of(locked: LockedBalance, at: Timestamp) -> Result<Self, AerodromeError> {
        if locked.end <= at || locked.amount.is_zero() {
            return Ok(Self::default());
        }
        let longest = i128::from(LONGEST_LOCK);
        let slope = to_int128(locked.amount)?.checked_div(longest).unwrap_or_default();
        Ok(Self { slope, bias: times(slope, at, locked.end)? })
    }
}

impl Escrow {
    /// Returns a lock's voting power at an instant, from what has been recorded until now: zero
    /// before its first record.
    ///
    /// Errors: `Overflow`. Source: `balanceOfNFTAt`.
    pub fn balance_at(&self, id: LockId, at: Timestamp) -> Result<Amount, AerodromeError> {
        let Some(lock) = self.locks.get(&id) else { return Ok(Amount::ZERO) };
        let later = lock.points.partition_point(|point| point.at <= at);
        let Some(point) = later.checked_sub(1).and_then(|index| lock.points.get(index)) else {
            return Ok(Amount::ZERO);
        };
        if !point.permanent.is_zero() {
            return Ok(point.permanent);
        }
        Ok(to_amount(minus(point.bias, times(point.slope, point.at, at)?)?))
    }

    /// Returns the voting power of all locks at an instant; the part that decays is right for no
    /// more than 255 weeks after the last record.
    ///
    /// Errors: `Overflow`. Source: `totalSupplyAt`.
    pub fn supply_at(&self, at: Timestamp) -> Result<Amount, AerodromeError> {
        let later = self.points.partition_point(|point| point.at <= at);
        let Some(point) = later.checked_sub(1).and_then(|index| self.points.get(index)) else {
            return Ok(Amount::ZERO);
        };
        let GlobalPoint { mut bias, mut slope, at: mut from, permanent_lock_balance } = *point;
        let mut week = epoch_start(from);
        for _ in 0..MOST_WEEKS {
            week = Timestamp(week.0.saturating_add(WEEK));
            let to = week.min(at);
            bias = minus(bias, times(slope, from, to)?)?;
            if to == at {
                break;
            }
            slope = plus(slope, self.slope_change(week))?;
            from = week;
        }
        sum(to_amount(bias), permanent_lock_balance)
    }

    fn slope_change(&self, at: Timestamp) -> i128 {
        self.slope_changes.get(&at).copied().unwrap_or_default()
    }

    /// Brings the history of all locks, and of one that changes, up to now (`_checkpoint`).
    pub(in crate::aerodrome) fn checkpoint(
        &mut self,
        id: Option<LockId>,
        old: LockedBalance,
        new: LockedBalance,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let (mut before, mut after) = (Line::default(), Line::default());
        if id.is_some() {
            before = Line::of(old, at)?;
            after = Line::of(new, at)?;
        }
        let (mut passed, mut last) = self.brought_up_to(at)?;
        if id.is_some() {
            last.slope = plus(last.slope, minus(after.slope, before.slope)?)?.max(0);
            last.bias = plus(last.bias, minus(after.bias, before.bias)?)?.max(0);
            last.permanent_lock_balance = self.permanent_lock_balance;
        }
        match self.points.last_mut() {
            Some(point) if passed.is_empty() && point.at == at => *point = last,
            Some(_) | None => {
                self.points.append(&mut passed);
                self.points.push(last);
            }
        }
        let Some(id) = id else { return Ok(()) };
        self.schedule((old.end, before.slope), (new.end, after.slope), at)?;
        let permanent = if new.is_permanent { new.amount } else { Amount::ZERO };
        let point = LockPoint { at, bias: after.bias, slope: after.slope, permanent };
        if let Some(lock) = self.locks.get_mut(&id) {
            match lock.points.last_mut() {
                Some(last) if last.at == at => *last = point,
                Some(_) | None => lock.points.push(point),
            }
        }
        Ok(())
    }

    /// The points at the weeks that have passed since the last one, and the one to be written last:
    /// of now, or of 255 weeks after the last one where now is later, to which it then lags.
    fn brought_up_to(
        &self,
        at: Timestamp,
    ) -> Result<(Vec<GlobalPoint>, GlobalPoint), AerodromeError> {
        let start = GlobalPoint { at, ..GlobalPoint::default() };
        let mut last = self.points.last().copied().unwrap_or(start);
        let mut week = epoch_start(last.at);
        let mut passed = Vec::new();
        for _ in 0..MOST_WEEKS {
            week = Timestamp(week.0.saturating_add(WEEK));
            let is_past = week <= at;
            let to = if is_past { week } else { at };
            last.bias = minus(last.bias, times(last.slope, last.at, to)?)?.max(0);
            if is_past {
                last.slope = plus(last.slope, self.slope_change(week))?;
            }
            last.slope = last.slope.max(0);
            last.at = to;
            if to == at {
                return Ok((passed, last));
            }
            passed.push(last);
        }
        passed.pop();
        Ok((passed, last))
    }

    /// Moves a slope's end from where it was to where it is.
    fn schedule(
        &mut self,
        (old_end, old_slope): (Timestamp, i128),
        (new_end, new_slope): (Timestamp, i128),
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let mut at_new_end = self.slope_change(new_end);
        if old_end > at {
            let mut at_old_end = plus(self.slope_change(old_end), old_slope)?;
            if new_end == old_end {
                at_old_end = minus(at_old_end, new_slope)?;
            }
            self.slope_changes.insert(old_end, at_old_end);
        }
        if new_end > at && new_end > old_end {
            at_new_end = minus(at_new_end, new_slope)?;
            self.slope_changes.insert(new_end, at_new_end);
        }
        Ok(())
    }
}
