//! Rebases: what the locks get with each emission, by their part of all voting power.

use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp};

use super::escrow::Escrow;
use super::words::{difference, epoch_start, part, seconds, sum};
use super::{AerodromeError, LockId, WEEK};

/// Weeks a record of the balance is spread over at most.
const MOST_WEEKS: u32 = 20;
/// Weeks one claim goes through at most.
const MOST_CLAIMED: u32 = 50;

/// What the distributor of rebases keeps.
///
/// Source: `RewardsDistributor.sol`, velodrome-finance/contracts at f7de50c1, which is Aerodrome's;
/// Velodrome's of 0323be88 is another, which looks at the second before each week and takes claims
/// before the week's emission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distributor {
    pub(super) start_time: Timestamp,
    pub(super) last_token_time: Timestamp,
    pub(super) token_last_balance: Amount,
    pub(super) balance: Amount,
    pub(super) tokens_per_week: BTreeMap<Timestamp, Amount>,
    pub(super) time_cursor_of: BTreeMap<LockId, Timestamp>,
}

/// What a record of the balance writes.
#[derive(Clone, Debug)]
pub(super) struct TokenCheckpoint {
    at: Timestamp,
    balance: Amount,
    weeks: Vec<(Timestamp, Amount)>,
}

/// What a claim of rebases comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RebaseClaim {
    /// How much.
    pub amount: Amount,
    /// The first week that was not claimed before.
    pub from: Timestamp,
    /// The week after the last.
    pub cursor: Timestamp,
}

impl Distributor {
    /// Returns a distributor that was made at this instant.
    pub fn first(at: Timestamp) -> Self {
        Self {
            start_time: epoch_start(at),
            last_token_time: epoch_start(at),
            token_last_balance: Amount::ZERO,
            balance: Amount::ZERO,
            tokens_per_week: BTreeMap::new(),
            time_cursor_of: BTreeMap::new(),
        }
    }

    /// Returns what came in since its balance was last recorded.
    pub fn unrecorded(&self) -> Amount {
        self.balance.checked_sub(self.token_last_balance).unwrap_or(Amount::ZERO)
    }

    /// Spreads what came in since the last record over the weeks since then, by time; twenty weeks
    /// at most, the rest of what came in is lost to all (`_checkpointToken`).
    pub(super) fn recorded(
        &self,
        came_in: Amount,
        at: Timestamp,
    ) -> Result<TokenCheckpoint, AerodromeError> {
        let balance = sum(self.balance, came_in)?;
        let to_distribute = difference(balance, self.token_last_balance)?;
        let mut from = self.last_token_time;
        let since_last = at.0.checked_sub(from.0).ok_or(AerodromeError::Overflow)?;
        let mut week = epoch_start(from);
        let mut weeks = Vec::new();
        for _ in 0..MOST_WEEKS {
            let next = Timestamp(week.0.saturating_add(WEEK));
            let to = next.min(at);
            let elapsed = to.seconds_since(from);
            let added = if since_last == 0 && elapsed == 0 {
                to_distribute
            } else {
                part(to_distribute, seconds(elapsed), seconds(since_last))?
            };
            let before = self.tokens_per_week.get(&week).copied().unwrap_or_default();
            weeks.push((week, sum(before, added)?));
            if at < next {
                break;
            }
            from = next;
            week = next;
        }
        Ok(TokenCheckpoint { at, balance, weeks })
    }

    pub(super) fn keep(&mut self, checkpoint: TokenCheckpoint) {
        self.balance = checkpoint.balance;
        self.token_last_balance = checkpoint.balance;
        self.last_token_time = checkpoint.at;
        self.tokens_per_week.extend(checkpoint.weeks);
    }

    /// Returns what a lock could claim and to which week the claim would come (`_claimable`).
    pub(super) fn claimable(
        &self,
        escrow: &Escrow,
        lock: LockId,
    ) -> Result<RebaseClaim, AerodromeError> {
        let mut cursor = self.time_cursor_of.get(&lock).copied().unwrap_or_default();
        let first = escrow.lock(lock).and_then(|lock| lock.points.first());
        let none = |cursor| RebaseClaim { amount: Amount::ZERO, from: cursor, cursor };
        let Some(first) = first else { return Ok(none(cursor)) };
        if cursor == Timestamp(0) {
            cursor = epoch_start(first.at);
        }
        let mut amount = Amount::ZERO;
        let (from, end) = (cursor, epoch_start(self.last_token_time));
        if cursor >= end {
            return Ok(none(cursor));
        }
        cursor = cursor.max(self.start_time);
        for _ in 0..MOST_CLAIMED {
            if cursor >= end {
                break;
            }
            let next = Timestamp(cursor.0.saturating_add(WEEK));
            let last_second = Timestamp(next.0.saturating_sub(1));
            let balance = escrow.balance_at(lock, last_second)?;
            let supply = escrow.supply_at(last_second)?.max(Amount::from_u64(1));
            let tokens = self.tokens_per_week.get(&cursor).copied().unwrap_or_default();
            amount = sum(amount, part(balance, tokens.0, supply.0)?)?;
            cursor = next;
        }
        Ok(RebaseClaim { amount, from, cursor })
    }
}
