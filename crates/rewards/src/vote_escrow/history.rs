use super::{BeforeLastPoint, BlockAhead, Overflow};
use super::{EscrowPoint, MOST_WEEKS, VoteEscrow, VoteEscrowError};
use crate::week::{WEEK, week_start};
use crate::{Account, Moment};
use tidemill_units::{Amount, BlockNumber, Timestamp};

impl VoteEscrow {
    /// Returns an account's voting balance at a time, as if nothing happened between then and its
    /// operation before that. Curve's escrow knows the last operation only.
    ///
    /// Errors: `BeforeLastPoint` where a build does not search the past; `Overflow`.
    /// Source: `balanceOf(address, uint256)`.
    pub fn balance_of(&self, account: Account, at: Timestamp) -> Result<Amount, VoteEscrowError> {
        let mut points = self.user_points(account);
        if self.parameters.searches_past {
            let known = points.partition_point(|point| point.at <= at);
            points = points.get(..known).unwrap_or_default();
        }
        match points.last() {
            Some(point) => Ok(amount(point.bias_at(at.0)?)),
            None => Ok(Amount::ZERO),
        }
    }

    /// Returns an account's voting balance at a block, whose time is interpolated between the
    /// points of the total around it.
    ///
    /// Errors: `BlockAhead`, `BeforeLastPoint`, `Overflow`. Source: `balanceOfAt`.
    pub fn balance_of_at(
        &self,
        account: Account,
        block: BlockNumber,
        now: Moment,
    ) -> Result<Amount, VoteEscrowError> {
        if block > now.block {
            return Err(BlockAhead);
        }
        let points = self.user_points(account);
        let known = points.partition_point(|point| point.block <= block);
        let point = known.checked_sub(1).and_then(|index| points.get(index));
        let point = point.copied().unwrap_or_default();
        let (before, after) = self.around(block, now);
        let blocks = after.block.0.checked_sub(before.block.0).ok_or(Overflow)?;
        let elapsed = if blocks == 0 { 0 } else { part(block, before, after)? };
        let at = before.at.0.checked_add(elapsed).ok_or(Overflow)?;
        Ok(amount(point.bias_at(at)?))
    }

    /// Returns the sum of the voting balances at a time. Curve's escrow tells it from its last
    /// point only; Balancer's searches, and says zero before its first checkpoint.
    ///
    /// It follows the scheduled changes of slope through at most 255 weeks, and gives back what it
    /// has come to by then. Errors: `BeforeLastPoint` where a build does not search the past;
    /// `Overflow`. Source: `totalSupply(uint256)`.
    pub fn total_supply(&self, at: Timestamp) -> Result<Amount, VoteEscrowError> {
        if !self.parameters.searches_past {
            return self.supply_after(self.last_point(), at.0);
        }
        let known = self.history.partition_point(|point| point.at <= at);
        let index = known.checked_sub(1).filter(|index| *index > 0);
        match index.and_then(|index| self.history.get(index)) {
            Some(point) => self.supply_after(*point, at.0),
            None => Ok(Amount::ZERO),
        }
    }

    /// Returns the sum of the voting balances at a block, whose time is interpolated between the
    /// points around it.
    ///
    /// Errors: `BlockAhead`, `BeforeLastPoint`, `Overflow`. Source: `totalSupplyAt`.
    pub fn total_supply_at(
        &self,
        block: BlockNumber,
        now: Moment,
    ) -> Result<Amount, VoteEscrowError> {
        if block > now.block {
            return Err(BlockAhead);
        }
        let (before, after) = self.around(block, now);
        let elapsed = if before.block == after.block { 0 } else { part(block, before, after)? };
        let at = before.at.0.checked_add(elapsed).ok_or(Overflow)?;
        self.supply_after(before, at)
    }

    /// The last point at or below a block, the first where there is none, and the one after it or
    /// now. Source: `find_block_epoch`.
    fn around(&self, block: BlockNumber, now: Moment) -> (EscrowPoint, EscrowPoint) {
        let known = self.history.partition_point(|point| point.block <= block);
        let index = known.saturating_sub(1);
        let here = EscrowPoint { bias: 0, slope: 0, at: now.at, block: now.block };
        let before = self.history.get(index).copied().unwrap_or_default();
        let after = self.history.get(index.saturating_add(1)).copied().unwrap_or(here);
        (before, after)
    }

    /// Source: `supply_at`.
    fn supply_after(&self, from: EscrowPoint, at: u64) -> Result<Amount, VoteEscrowError> {
        let mut point = from;
        let mut week = week_start(from.at.0);
        for _ in 0..MOST_WEEKS {
            week = week.checked_add(WEEK).ok_or(Overflow)?;
            let until = week.min(at);
            point.bias = point.bias_at(until)?;
            if until == at {
                break;
            }
            let change = self.slope_change(Timestamp(week));
            point.slope = point.slope.checked_add(change).ok_or(Overflow)?;
            point.at = Timestamp(week);
        }
        Ok(amount(point.bias))
    }
}

/// The seconds from `before` to a block between it and `after`, by proportion, rounded down.
fn part(
    block: BlockNumber,
    before: EscrowPoint,
    after: EscrowPoint,
) -> Result<u64, VoteEscrowError> {
    let passed = block.0.checked_sub(before.block.0).ok_or(BeforeLastPoint)?;
    let blocks = after.block.0.checked_sub(before.block.0).ok_or(Overflow)?;
    let elapsed = after.at.0.checked_sub(before.at.0).ok_or(Overflow)?;
    let scaled = u128::from(elapsed).checked_mul(u128::from(passed)).ok_or(Overflow)?;
    let seconds = scaled.checked_div(u128::from(blocks)).ok_or(Overflow)?;
    u64::try_from(seconds).map_err(|_| Overflow)
}

/// A height, zero where it is below.
fn amount(bias: i128) -> Amount {
    Amount::from_u128(u128::try_from(bias).unwrap_or_default())
}
