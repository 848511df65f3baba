use tidemill_units::{Timestamp, U256};

use super::GaugeControllerError::{Overflow, Underflow};
use super::{
    GaugeController, GaugeControllerError, LineOf, VOTE_DELAY, VOTE_POWER, WeightPoint, next_week,
};
use crate::{Account, VoteEscrow};

/// An account's vote for one gauge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GaugeVote {
    /// What the vote loses each second.
    pub slope: U256,
    /// The part of the account's votes, in basis points.
    pub power: u64,
    /// When the lock behind it ended, as it was voted.
    pub end: Timestamp,
    /// When it was voted (`last_user_vote`).
    pub voted_at: Timestamp,
}

/// A vote to be cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteFor {
    /// The gauge.
    pub gauge: Account,
    /// What part of the account's votes it gets, in basis points.
    pub weight: U256,
}

/// What an account can vote with, as its escrow tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VotePower {
    /// What its voting balance loses each second (`get_last_user_slope`).
    pub slope: U256,
    /// When its lock ends (`locked__end`).
    pub end: Timestamp,
}

impl VotePower {
    /// Returns what an account of this escrow can vote with.
    pub fn of(escrow: &VoteEscrow, account: Account) -> Self {
        let slope = u128::try_from(escrow.last_user_slope(account)).unwrap_or_default();
        Self { slope: U256::from(slope), end: escrow.locked(account).end }
    }
}

/// A vote before it, after it, and when it counts.
struct Ballot {
    old: GaugeVote,
    old_bias: U256,
    new: GaugeVote,
    new_bias: U256,
    next: u64,
    now: u64,
}

impl GaugeController {
    /// Returns an account's vote for a gauge (`vote_user_slopes`, `last_user_vote`).
    pub fn vote_of(&self, voter: Account, gauge: Account) -> GaugeVote {
        let voter = self.voters.get(&voter);
        voter.and_then(|voter| voter.votes.get(&gauge)).copied().unwrap_or_default()
    }

    /// Returns the votes an account has used, in basis points (`vote_user_power`).
    pub fn power_used(&self, voter: Account) -> u64 {
        self.voters.get(&voter).map_or(0, |voter| voter.power)
    }

    /// Gives a gauge some basis points of an account's votes, instead of what it gave before;
    /// they count from next week on and decay with the lock as it is now.
    ///
    /// Errors: `LockTooShort`, `TooMuch`, `TooOften`, `UnknownGauge`, `PowerUsed`, `Overflow`,
    /// `Underflow`, in this order. Source: `vote_for_gauge_weights`.
    pub fn vote_for_gauge_weights(
        &mut self,
        voter: Account,
        vote: VoteFor,
        power: VotePower,
        at: Timestamp,
    ) -> Result<(), GaugeControllerError> {
        let VoteFor { gauge, weight } = vote;
        let next = next_week(at.0)?;
        if power.end.0 <= next {
            return Err(GaugeControllerError::LockTooShort);
        }
        let weight = u64::try_from(weight).unwrap_or(u64::MAX);
        if weight > VOTE_POWER {
            return Err(GaugeControllerError::TooMuch);
        }
        let old = self.vote_of(voter, gauge);
        if at.0 < old.voted_at.0.checked_add(VOTE_DELAY).ok_or(Overflow)? {
            return Err(GaugeControllerError::TooOften);
        }
        let index = self.index_of(gauge).ok_or(GaugeControllerError::UnknownGaugeVote)?;
        let gauge_type = self.gauge_type(gauge)?;
        let old_bias = bias(old.slope, old.end, next)?;
        let slope = power.slope.checked_mul(U256::from(weight)).ok_or(Overflow)?;
        let slope = slope.checked_div(U256::from(VOTE_POWER)).unwrap_or_default();
        let new = GaugeVote { slope, power: weight, end: power.end, voted_at: at };
        let new_bias = bias(slope, power.end, next)?;
        let used = self.power_used(voter).checked_add(weight).ok_or(Overflow)?;
        let used = used.checked_sub(old.power).ok_or(Underflow)?;
        if used > VOTE_POWER {
            return Err(GaugeControllerError::PowerUsed);
        }
        let ballot = Ballot { old, old_bias, new, new_bias, next, now: at.0 };
        self.atomically(|controller| {
            let lines = [LineOf::Gauge(index), LineOf::Type(gauge_type)];
            let mut points = [WeightPoint::default(); 2];
            for (line, point) in lines.into_iter().zip(&mut points) {
                let filled = controller.fill_line(line, at.0)?;
                let slope = controller.line(line).map(|line| line.at(next).slope);
                *point = ballot.applied(filled, slope.unwrap_or_default())?;
            }
            for (line, point) in lines.into_iter().zip(points) {
                controller.set_point(line, next, point);
                controller.reschedule(line, &ballot)?;
            }
            controller.fill_total(at.0).map(drop)
        })?;
        let entry = self.voters.entry(voter).or_default();
        entry.power = used;
        entry.votes.insert(gauge, new);
        Ok(())
    }

    /// Takes the end of the old vote out of a line's future, if it has not come, and puts the end
    /// of the new one in.
    fn reschedule(&mut self, of: LineOf, ballot: &Ballot) -> Result<(), GaugeControllerError> {
        let change = |controller: &Self, week| {
            controller.line(of).map(|line| line.change(week)).unwrap_or_default()
        };
        let Ballot { old, new, .. } = ballot;
        if old.end.0 > ballot.now {
            let left = change(self, old.end.0).checked_sub(old.slope).ok_or(Underflow)?;
            self.set_change(of, old.end.0, left);
        }
        let more = change(self, new.end.0).checked_add(new.slope).ok_or(Overflow)?;
        self.set_change(of, new.end.0, more);
        Ok(())
    }
}

impl Ballot {
    /// Next week's point with the new vote instead of the old one, floored at zero.
    fn applied(&self, bias: U256, slope: U256) -> Result<WeightPoint, GaugeControllerError> {
        let bias = bias.checked_add(self.new_bias).ok_or(Overflow)?;
        let slope = slope.checked_add(self.new.slope).ok_or(Overflow)?;
        let ended = self.old.end.0 <= self.next;
        let gone = if ended { U256::ZERO } else { self.old.slope };
        Ok(WeightPoint {
            bias: bias.saturating_sub(self.old_bias),
            slope: slope.saturating_sub(gone),
        })
    }
}

fn bias(slope: U256, end: Timestamp, next: u64) -> Result<U256, GaugeControllerError> {
    let left = end.seconds_since(Timestamp(next));
    slope.checked_mul(U256::from(left)).ok_or(Overflow)
}
