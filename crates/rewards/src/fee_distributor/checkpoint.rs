use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp, U256};

use super::FeeDistributorError::{self, Overflow};
use super::{MOST_WEEKS, TokenCheckpoint};
use crate::vote_escrow::{EscrowPoint, VoteEscrow};
use crate::week::{WEEK, week_start};
use crate::{Account, Moment};

/// Steps over weeks and points that one checkpoint of a user takes at most.
const MOST_STEPS: usize = 50;
/// Points behind which the place is searched for instead of walked to.
const FAR_BEHIND: usize = 20;
/// Before the end of a week, each claim looks at the token's balance again: in seconds.
const END_OF_WEEK: u64 = 86_400;
/// The largest balance of a token that can be kept account of.
const MOST_BALANCE_BITS: usize = 128;

/// A token's account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FeeToken {
    pub(super) start_time: u64,
    pub(super) time_cursor: u64,
    pub(super) cached_balance: U256,
    /// What the distributor really has.
    pub(super) balance: U256,
    pub(super) per_week: BTreeMap<u64, U256>,
}

/// A user's account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FeeUser {
    pub(super) start_time: u64,
    pub(super) time_cursor: u64,
    pub(super) last_epoch_checkpointed: u64,
    pub(super) is_only_caller_enabled: bool,
    pub(super) balances: BTreeMap<u64, U256>,
    pub(super) token_cursors: BTreeMap<Account, u64>,
}

/// What a checkpoint of the supply would write.
pub(super) struct SupplyCheckpoint {
    pub(super) time_cursor: u64,
    pub(super) supplies: BTreeMap<u64, U256>,
    pub(super) escrow: Option<VoteEscrow>,
}

/// Returns the first beginning of a week from here on.
pub(super) fn next_week_start(at: u64) -> Option<u64> {
    at.checked_add(WEEK)?.checked_sub(1).map(week_start)
}

impl SupplyCheckpoint {
    pub(super) fn of(
        time_cursor: u64,
        escrow: &VoteEscrow,
        now: Moment,
    ) -> Result<Self, FeeDistributorError> {
        let current = week_start(now.at.0);
        let mut checkpoint = Self { time_cursor, supplies: BTreeMap::new(), escrow: None };
        if time_cursor > current || current == now.at.0 {
            return Ok(checkpoint);
        }
        let mut escrow = escrow.clone();
        escrow.checkpoint(now).map_err(FeeDistributorError::Escrow)?;
        for _ in 0..MOST_WEEKS {
            let week = checkpoint.time_cursor;
            if week > current {
                break;
            }
            let supply = escrow.total_supply(Timestamp(week));
            checkpoint.supplies.insert(week, supply.map_err(FeeDistributorError::Escrow)?.0);
            checkpoint.time_cursor = week.checked_add(WEEK).ok_or(Overflow)?;
        }
        checkpoint.escrow = Some(escrow);
        Ok(checkpoint)
    }
}

impl FeeToken {
    /// Source: one token of `depositTokens`.
    pub(super) fn deposit(
        &mut self,
        start_time: u64,
        amount: Amount,
        now: u64,
    ) -> Result<[Option<TokenCheckpoint>; 2], FeeDistributorError> {
        let before = self.checkpoint(start_time, false, now)?;
        let balance = self.balance.checked_add(amount.0);
        self.balance = balance.ok_or(FeeDistributorError::TokenOverflow)?;
        Ok([before, self.checkpoint(start_time, true, now)?])
    }

    /// Source: `_checkpointToken`.
    pub(super) fn checkpoint(
        &mut self,
        start_time: u64,
        force: bool,
        now: u64,
    ) -> Result<Option<TokenCheckpoint>, FeeDistributorError> {
        let mut last = self.time_cursor;
        let is_first = last == 0;
        if is_first {
            if now <= start_time {
                return Err(FeeDistributorError::NotStarted);
            }
            last = now;
            self.start_time = week_start(now);
        } else if !force {
            let is_same_week = week_start(now) == week_start(last);
            let left = next_week_start(now).and_then(|end| end.checked_sub(now)).ok_or(Overflow)?;
            if is_same_week && left >= END_OF_WEEK {
                return Ok(None);
            }
        }
        let elapsed = now.checked_sub(last).ok_or(Overflow)?;
        self.time_cursor = now;
        let added = self.balance.checked_sub(self.cached_balance).ok_or(Overflow)?;
        if added.is_zero() {
            return Ok(None);
        }
        if self.balance.bit_len() > MOST_BALANCE_BITS {
            return Err(FeeDistributorError::MaximumBalance);
        }
        self.cached_balance = self.balance;
        let last = self.spread(added, last, elapsed, now)?;
        Ok(Some(TokenCheckpoint { amount: Amount(added), last }))
    }

    /// Gives each week since `from` its part by its seconds; beyond 20 weeks nobody gets the rest.
    /// Returns from when on the last part is for, or would be.
    fn spread(
        &mut self,
        added: U256,
        from: u64,
        elapsed: u64,
        now: u64,
    ) -> Result<u64, FeeDistributorError> {
        let mut last = from;
        for _ in 0..MOST_WEEKS {
            let week = week_start(last);
            let next = week.checked_add(WEEK).ok_or(Overflow)?;
            let until = next.min(now);
            let seconds = U256::from(until.checked_sub(last).ok_or(Overflow)?);
            let part = if elapsed == 0 {
                added
            } else {
                let product = added.checked_mul(seconds).ok_or(Overflow)?;
                product.checked_div(U256::from(elapsed)).ok_or(Overflow)?
            };
            // Nothing given to a week leaves no trace of it.
            if !part.is_zero() {
                let paid = self.per_week.entry(week).or_default();
                *paid = paid.checked_add(part).ok_or(Overflow)?;
            }
            if now < next {
                break;
            }
            last = next;
        }
        Ok(last)
    }
}

impl FeeUser {
    /// Source: `_checkpointUserBalance`.
    pub(super) fn checkpoint(
        &mut self,
        start_time: u64,
        points: &[EscrowPoint],
        now: u64,
    ) -> Result<(), FeeDistributorError> {
        if points.is_empty() {
            return Ok(());
        }
        let mut week = self.time_cursor;
        let is_first = week == 0;
        let mut epoch = if is_first {
            known_by(points, start_time, 0)
        } else if week >= now {
            return Ok(());
        } else {
            let epoch = usize::try_from(self.last_epoch_checkpointed).map_err(|_| Overflow)?;
            let is_far = points.len().saturating_sub(epoch) > FAR_BEHIND;
            if is_far { known_by(points, week, epoch) } else { epoch }
        };
        // The contract's epoch 0 is empty.
        epoch = epoch.max(1);
        let point =
            |epoch: usize| epoch.checked_sub(1).and_then(|index| points.get(index)).copied();
        let mut ahead = point(epoch).unwrap_or_default();
        if is_first {
            if now <= start_time {
                return Err(FeeDistributorError::NotStarted);
            }
            week = next_week_start(ahead.at.0).ok_or(Overflow)?.max(start_time);
            self.start_time = week;
        }
        let mut current = EscrowPoint::default();
        for _ in 0..MOST_STEPS {
            let is_last = epoch > points.len();
            if week >= ahead.at.0 && !is_last {
                epoch = epoch.saturating_add(1);
                current = ahead;
                ahead = point(epoch).unwrap_or_default();
                continue;
            }
            if week >= now {
                break;
            }
            let balance = balance_at(&current, week)?;
            if balance.is_zero() && is_last {
                week = next_week_start(now).ok_or(Overflow)?;
                break;
            }
            if !balance.is_zero() {
                self.balances.insert(week, balance);
            }
            week = week.checked_add(WEEK).ok_or(Overflow)?;
        }
        let epoch = u64::try_from(epoch).map_err(|_| Overflow)?;
        self.last_epoch_checkpointed = epoch.saturating_sub(1);
        self.time_cursor = week;
        Ok(())
    }
}

/// The number of points not after a time, found by halving from `least` on, in the contract's way:
/// points below `least` are not looked at.
fn known_by(points: &[EscrowPoint], at: u64, least: usize) -> usize {
    let rest = points.get(least..).unwrap_or_default();
    least.saturating_add(rest.partition_point(|point| point.at.0 <= at))
}

/// The line's height, as the contract computes it: in 128 bits that wrap.
fn balance_at(point: &EscrowPoint, at: u64) -> Result<U256, FeeDistributorError> {
    let elapsed = i128::from(at.checked_sub(point.at.0).ok_or(Overflow)?);
    let lost = point.slope.wrapping_mul(elapsed);
    if point.bias <= lost {
        return Ok(U256::ZERO);
    }
    let left = point.bias.wrapping_sub(lost);
    let magnitude = U256::from(left.unsigned_abs());
    Ok(if left < 0 { magnitude.wrapping_neg() } else { magnitude })
}
