//! Vote escrow: tokens locked for up to a maximum, whose voting balance falls in a straight line
//! to zero at the end of the lock.
//!
//! Curve's contract with its four years and Balancer's with one differ in that number, and in what
//! they say of the past: [`EscrowParameters`]. Tokens move at the caller's: what is locked is taken
//! from the account whose lock it is, never from whoever sends the transaction.

mod error;
mod facts;
mod history;
mod state;

use std::collections::BTreeMap;

use tidemill_units::{Amount, BlockNumber, Timestamp, U256};

use crate::week::{WEEK, week_start};
use crate::{Account, Moment};

pub use error::VoteEscrowError;
pub use facts::FACTS;
pub use state::{LockerState, VoteEscrowState};

use VoteEscrowError::{BeforeLastPoint, BlockAhead, Overflow};

/// Longest lock of Curve's escrow, in seconds: four years of 365 days (`MAXTIME`).
pub const CURVE_MAXIMUM_LOCK: u64 = 126_144_000;
/// Longest lock of Balancer's escrow, in seconds: 365 days (`MAXTIME`).
pub const BALANCER_MAXIMUM_LOCK: u64 = 31_536_000;

/// Weeks that one checkpoint, or one look at the supply, goes through at most.
const MOST_WEEKS: usize = 255;
/// What block numbers per second are multiplied by while they are interpolated (`MULTIPLIER`).
const BLOCK_SCALE: u128 = 1_000_000_000_000_000_000;

/// An escrow: who has locked what, and the history of every balance and of their sum.
///
/// Source: Curve `VotingEscrow.vy` (Vyper 0.2.4) and Balancer `VotingEscrow.vy`
/// (v2-deployments 20220325-gauge-controller), without their allow list of smart wallets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteEscrow {
    parameters: EscrowParameters,
    supply: U256,
    history: Vec<EscrowPoint>,
    slope_changes: BTreeMap<u64, i128>,
    lockers: BTreeMap<Account, Locker>,
}

/// What a build of the escrow compiles in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EscrowParameters {
    /// Longest lock, in seconds (`MAXTIME`); 1 or more.
    pub maximum_lock: u64,
    /// Whether `balanceOf` and `totalSupply` search their history for the line at a time in the
    /// past. Where they do not, such a question reverts.
    pub searches_past: bool,
}

/// What an account has locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockedBalance {
    /// Raw units of the locked token; never negative.
    pub amount: i128,
    /// When it can be withdrawn: the beginning of a week; zero where nothing was ever locked.
    pub end: Timestamp,
}

/// A voting balance as a straight line from one moment on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EscrowPoint {
    /// Voting balance then, in raw units of the locked token.
    pub bias: i128,
    /// What it loses each second.
    pub slope: i128,
    /// When that was.
    pub at: Timestamp,
    /// The block, interpolated for points that were filled in afterwards.
    pub block: BlockNumber,
}

/// One account: its lock, and its line after each of its operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Locker {
    locked: LockedBalance,
    /// Index 0 of the contract's list, never written, is left out.
    points: Vec<EscrowPoint>,
}

/// What a checkpoint would write.
struct Checkpoint {
    points: Vec<EscrowPoint>,
    /// Slope changes to set, in this order.
    slope_changes: [Option<(u64, i128)>; 2],
    user_point: Option<EscrowPoint>,
}

/// A lock before and after an operation.
struct Relock {
    old: LockedBalance,
    new: LockedBalance,
}

impl EscrowParameters {
    /// Curve's escrow: four years.
    pub const CURVE: Self = Self { maximum_lock: CURVE_MAXIMUM_LOCK, searches_past: false };
    /// Balancer's escrow: one year, and answers about the past.
    pub const BALANCER: Self = Self { maximum_lock: BALANCER_MAXIMUM_LOCK, searches_past: true };
}

impl VoteEscrow {
    /// Returns an escrow as its constructor leaves it.
    ///
    /// A longest lock of zero seconds, which no build has, counts as one.
    pub fn deployed(parameters: EscrowParameters, now: Moment) -> Self {
        let maximum_lock = parameters.maximum_lock.max(1);
        let first = EscrowPoint { bias: 0, slope: 0, at: now.at, block: now.block };
        Self {
            parameters: EscrowParameters { maximum_lock, ..parameters },
            supply: U256::ZERO,
            history: vec![first],
            slope_changes: BTreeMap::new(),
            lockers: BTreeMap::new(),
        }
    }

    /// Returns what this build compiles in.
    pub fn parameters(&self) -> EscrowParameters {
        self.parameters
    }

    /// Returns all tokens that are locked, those of expired locks included (`supply`).
    pub fn locked_supply(&self) -> Amount {
        Amount(self.supply)
    }

    /// Returns the points of the total, the constructor's first; the last one's index is `epoch`.
    pub fn history(&self) -> &[EscrowPoint] {
        &self.history
    }

    /// Returns what the slope of the total changes by at the beginning of this week.
    pub fn slope_change(&self, week: Timestamp) -> i128 {
        self.slope_changes.get(&week.0).copied().unwrap_or_default()
    }

    /// Returns every week whose beginning ever had a change of slope, with that change, in order.
    pub fn slope_changes(&self) -> impl Iterator<Item = (Timestamp, i128)> + '_ {
        self.slope_changes.iter().map(|(week, change)| (Timestamp(*week), *change))
    }

    /// Returns what an account has locked and until when (`locked`, `locked__end`).
    pub fn locked(&self, account: Account) -> LockedBalance {
        self.lockers.get(&account).map(|locker| locker.locked).unwrap_or_default()
    }

    /// Returns the points of an account, one for each of its operations (`user_point_history` from
    /// index 1 on; their number is `user_point_epoch`).
    pub fn user_points(&self, account: Account) -> &[EscrowPoint] {
        self.lockers.get(&account).map_or(&[], |locker| &locker.points)
    }

    /// Returns what an account's balance lost each second after its last operation, also where
    /// that lock has ended since (`get_last_user_slope`).
    pub fn last_user_slope(&self, account: Account) -> i128 {
        self.user_points(account).last().map_or(0, |point| point.slope)
    }

    /// Locks tokens until the beginning of the week of `unlock_time`; returns the lock. The account
    /// pays `value`.
    ///
    /// Errors: `ZeroValue`, `OldTokens`, `NotInFuture`, `TooLong`, `Overflow`, in this order.
    /// Source: `create_lock`.
    pub fn create_lock(
        &mut self,
        account: Account,
        value: Amount,
        unlock_time: Timestamp,
        now: Moment,
    ) -> Result<LockedBalance, VoteEscrowError> {
        let locked = self.locked(account);
        let end = week_start(unlock_time.0);
        if value.is_zero() {
            return Err(VoteEscrowError::ZeroValue);
        }
        if locked.amount != 0 {
            return Err(VoteEscrowError::OldTokens);
        }
        if end <= now.at.0 {
            return Err(VoteEscrowError::NotInFuture);
        }
        self.check_length(end, now)?;
        self.lock_more(account, value, Some(end), now)
    }

    /// Adds tokens to an account's lock, whoever asks for it; returns the lock. The account whose
    /// lock it is pays `value`, not the caller.
    ///
    /// Errors: `ZeroValue`, `NoLock`, `ExpiredLock`, `Overflow`, in this order.
    /// Source: `deposit_for`, `increase_amount`.
    pub fn increase_amount(
        &mut self,
        account: Account,
        value: Amount,
        now: Moment,
    ) -> Result<LockedBalance, VoteEscrowError> {
        let locked = self.locked(account);
        if value.is_zero() {
            return Err(VoteEscrowError::ZeroValue);
        }
        if locked.amount <= 0 {
            return Err(VoteEscrowError::NoLock);
        }
        if locked.end <= now.at {
            return Err(VoteEscrowError::ExpiredLock);
        }
        self.lock_more(account, value, None, now)
    }

    /// Makes a lock last until the beginning of the week of `unlock_time`; returns the lock.
    ///
    /// Errors: `LockExpired`, also without any lock; `NotLonger`, `TooLong`, `Overflow`, in this
    /// order. Source: `increase_unlock_time`, whose "Nothing is locked" cannot be reached: a lock
    /// that has not ended has an amount.
    pub fn increase_unlock_time(
        &mut self,
        account: Account,
        unlock_time: Timestamp,
        now: Moment,
    ) -> Result<LockedBalance, VoteEscrowError> {
        let locked = self.locked(account);
        let end = week_start(unlock_time.0);
        if locked.end <= now.at {
            return Err(VoteEscrowError::LockExpired);
        }
        if end <= locked.end.0 {
            return Err(VoteEscrowError::NotLonger);
        }
        self.check_length(end, now)?;
        self.lock_more(account, Amount::ZERO, Some(end), now)
    }

    /// Ends an expired lock; returns what has to be paid to the account. One that never locked
    /// anything gets nothing, and a point in its history.
    ///
    /// Errors: `NotExpired`, `Overflow`. Source: `withdraw`.
    pub fn withdraw(&mut self, account: Account, now: Moment) -> Result<Amount, VoteEscrowError> {
        let old = self.locked(account);
        if now.at < old.end {
            return Err(VoteEscrowError::NotExpired);
        }
        let value = U256::from(u128::try_from(old.amount).map_err(|_| Overflow)?);
        let supply = self.supply.checked_sub(value).ok_or(Overflow)?;
        let new = LockedBalance::default();
        let checkpoint = self.checkpointed(Some(&Relock { old, new }), now)?;
        self.supply = supply;
        self.write(checkpoint, Some((account, new)));
        Ok(Amount(value))
    }

    /// Brings the history of the total up to now, through at most 255 weeks.
    ///
    /// Errors: `Overflow`. Source: `checkpoint`.
    pub fn checkpoint(&mut self, now: Moment) -> Result<(), VoteEscrowError> {
        let checkpoint = self.checkpointed(None, now)?;
        self.write(checkpoint, None);
        Ok(())
    }

    fn check_length(&self, end: u64, now: Moment) -> Result<(), VoteEscrowError> {
        let maximum_lock = self.parameters.maximum_lock;
        let latest = now.at.0.checked_add(maximum_lock).ok_or(Overflow)?;
        if end > latest {
            return Err(VoteEscrowError::TooLong { maximum_lock });
        }
        Ok(())
    }

    /// Source: `_deposit_for`.
    fn lock_more(
        &mut self,
        account: Account,
        value: Amount,
        end: Option<u64>,
        now: Moment,
    ) -> Result<LockedBalance, VoteEscrowError> {
        let old = self.locked(account);
        let supply = self.supply.checked_add(value.0).ok_or(Overflow)?;
        let added = i128::try_from(value.0).map_err(|_| Overflow)?;
        let amount = old.amount.checked_add(added).ok_or(Overflow)?;
        let new = LockedBalance { amount, end: end.map_or(old.end, Timestamp) };
        let checkpoint = self.checkpointed(Some(&Relock { old, new }), now)?;
        self.supply = supply;
        self.write(checkpoint, Some((account, new)));
        Ok(new)
    }

    fn write(&mut self, checkpoint: Checkpoint, relocked: Option<(Account, LockedBalance)>) {
        self.history.extend(checkpoint.points);
        self.slope_changes.extend(checkpoint.slope_changes.into_iter().flatten());
        if let Some((account, locked)) = relocked {
            let locker = self.lockers.entry(account).or_default();
            locker.locked = locked;
            locker.points.extend(checkpoint.user_point);
        }
    }

    /// Source: `_checkpoint`.
    fn checkpointed(
        &self,
        relock: Option<&Relock>,
        now: Moment,
    ) -> Result<Checkpoint, VoteEscrowError> {
        let mut points = self.filled(now)?;
        let Some(Relock { old, new }) = relock else {
            return Ok(Checkpoint { points, slope_changes: [None, None], user_point: None });
        };
        let old_line = self.line(*old, now)?;
        let new_line = self.line(*new, now)?;
        if let Some(last) = points.last_mut() {
            let slope = new_line.slope.checked_sub(old_line.slope).ok_or(Overflow)?;
            let bias = new_line.bias.checked_sub(old_line.bias).ok_or(Overflow)?;
            last.slope = last.slope.checked_add(slope).ok_or(Overflow)?.max(0);
            last.bias = last.bias.checked_add(bias).ok_or(Overflow)?.max(0);
        }
        let mut slope_changes = [None, None];
        if old.end > now.at {
            let mut change = self.slope_change(old.end);
            change = change.checked_add(old_line.slope).ok_or(Overflow)?;
            if new.end == old.end {
                change = change.checked_sub(new_line.slope).ok_or(Overflow)?;
            }
            slope_changes[0] = Some((old.end.0, change));
        }
        if new.end > now.at && new.end > old.end {
            let change = self.slope_change(new.end);
            let change = change.checked_sub(new_line.slope).ok_or(Overflow)?;
            slope_changes[1] = Some((new.end.0, change));
        }
        Ok(Checkpoint { points, slope_changes, user_point: Some(new_line) })
    }

    /// The points that bring the history to now: one for each beginning of a week that has passed,
    /// and one for now; after 255 weeks it stops short.
    fn filled(&self, now: Moment) -> Result<Vec<EscrowPoint>, VoteEscrowError> {
        let epoch_zero = EscrowPoint { bias: 0, slope: 0, at: now.at, block: now.block };
        // The constructor's point counts for nothing until the first checkpoint.
        let is_first = self.history.len() <= 1;
        let last = if is_first { epoch_zero } else { self.last_point() };
        let elapsed = now.at.0.checked_sub(last.at.0).ok_or(Overflow)?;
        let block_slope = if elapsed > 0 {
            let blocks = now.block.0.checked_sub(last.block.0).ok_or(Overflow)?;
            let scaled = u128::from(blocks).checked_mul(BLOCK_SCALE).ok_or(Overflow)?;
            scaled.checked_div(u128::from(elapsed)).unwrap_or_default()
        } else {
            0
        };
        let mut point = last;
        let mut points = Vec::new();
        let mut week = week_start(last.at.0);
        for _ in 0..MOST_WEEKS {
            week = week.checked_add(WEEK).ok_or(Overflow)?;
            let until = week.min(now.at.0);
            let change = if week > now.at.0 { 0 } else { self.slope_change(Timestamp(week)) };
            point.bias = point.bias_at(until)?.max(0);
            point.slope = point.slope.checked_add(change).ok_or(Overflow)?.max(0);
            point.at = Timestamp(until);
            let since = u128::from(until.checked_sub(last.at.0).ok_or(Overflow)?);
            let blocks = block_slope.checked_mul(since).ok_or(Overflow)?;
            let blocks = blocks.checked_div(BLOCK_SCALE).unwrap_or_default();
            let blocks = u64::try_from(blocks).map_err(|_| Overflow)?;
            point.block = BlockNumber(last.block.0.checked_add(blocks).ok_or(Overflow)?);
            if until == now.at.0 {
                point.block = now.block;
                points.push(point);
                break;
            }
            points.push(point);
        }
        Ok(points)
    }

    /// The line of a lock from now on; flat at zero where it has ended or holds nothing.
    fn line(&self, locked: LockedBalance, now: Moment) -> Result<EscrowPoint, VoteEscrowError> {
        let mut line = EscrowPoint { bias: 0, slope: 0, at: now.at, block: now.block };
        if locked.end > now.at && locked.amount > 0 {
            let maximum_lock = i128::from(self.parameters.maximum_lock);
            line.slope = locked.amount.checked_div(maximum_lock).unwrap_or_default();
            let left = i128::from(locked.end.seconds_since(now.at));
            line.bias = line.slope.checked_mul(left).ok_or(Overflow)?;
        }
        Ok(line)
    }

    fn last_point(&self) -> EscrowPoint {
        self.history.last().copied().unwrap_or_default()
    }
}

impl EscrowPoint {
    /// The height of the line at a later time, below zero after it has crossed it.
    fn bias_at(&self, at: u64) -> Result<i128, VoteEscrowError> {
        let elapsed = at.checked_sub(self.at.0).ok_or(BeforeLastPoint)?;
        let lost = self.slope.checked_mul(i128::from(elapsed)).ok_or(Overflow)?;
        self.bias.checked_sub(lost).ok_or(Overflow)
    }
}

#[cfg(test)]
mod tests;
