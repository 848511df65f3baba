//! Votes for gauges, and the emission they are given by them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tidemill_units::{Amount, Timestamp, U256};

use super::voting_reward::Share;
use super::words::{
    ONE, difference, epoch_start, epoch_vote_end, epoch_vote_start, part, product, quotient, sum,
};
use super::{AerodromeError, Gauge, LockId, VotingReward};
use crate::Account;

/// The fewest pools the most of a vote may be set to (`MIN_MAXVOTINGNUM`).
pub const LEAST_MAX_VOTING_NUM: u32 = 10;

/// A gauge, by its place in the voter's list of pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GaugeId(pub u32);

impl fmt::Display for GaugeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// What the voter keeps of a gauge, with the rewards of those who vote for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VotedGauge {
    /// Whether it takes votes, deposits and emissions.
    pub is_alive: bool,
    /// The pool's two tokens, in which it pays fees; none where the pool pays none.
    pub tokens: Option<[Account; 2]>,
    /// Votes.
    pub weight: Amount,
    /// The voter's index when the gauge was last brought up to date.
    pub supply_index: U256,
    /// Emission that was not handed on yet.
    pub claimable: Amount,
    /// The fees, for those who vote.
    pub fees: VotingReward,
    /// The bribes, for those who vote.
    pub bribes: VotingReward,
    /// The gauge; none of one that is kept elsewhere, as Slipstream's are.
    pub gauge: Option<Gauge>,
}

/// What the voter keeps of a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ballot {
    /// Its votes, in the order they were cast.
    pub votes: Vec<(GaugeId, Amount)>,
    /// When it last voted or was deposited into a managed lock; zero for never.
    pub last_voted: Timestamp,
}

impl Ballot {
    /// Returns the sum of its votes (`usedWeights`).
    pub fn used_weight(&self) -> Amount {
        let votes = self.votes.iter();
        votes.fold(Amount::ZERO, |used, (_, votes)| Amount(used.0.saturating_add(votes.0)))
    }
}

/// The voter.
///
/// Source: `Voter.sol`, aerodrome-finance/contracts at d5e48b3b.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    pub(super) gauges: Vec<VotedGauge>,
    pub(super) ballots: BTreeMap<LockId, Ballot>,
    pub(super) total_weight: Amount,
    pub(super) index: U256,
    pub(super) max_voting_num: u32,
    pub(super) whitelisted_locks: BTreeSet<LockId>,
    pub(super) whitelisted_tokens: BTreeSet<Account>,
}

/// A gauge while the votes of one lock are being changed.
#[derive(Clone, Copy, Debug)]
struct Staged {
    accrued: Accrued,
    weight: Amount,
    fees: Share,
    bribes: Share,
}

/// A gauge's part of the emission, brought up to date (`_updateFor`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Accrued {
    pub(super) supply_index: U256,
    pub(super) claimable: Amount,
    /// What goes back to the minter, of a killed gauge.
    pub(super) returned: Amount,
}

/// How a lock's votes will change; nothing of it can fail any more.
#[derive(Debug)]
pub(super) struct Revote {
    lock: LockId,
    gauges: BTreeMap<GaugeId, Staged>,
    votes: Vec<(GaugeId, Amount)>,
    total_weight: Amount,
    /// What goes back to the minter.
    pub(super) returned: Amount,
}

impl Voter {
    /// Returns a voter without gauges that knows these tokens.
    pub fn of(whitelisted_tokens: impl IntoIterator<Item = Account>) -> Self {
        Self {
            gauges: Vec::new(),
            ballots: BTreeMap::new(),
            total_weight: Amount::ZERO,
            index: U256::ZERO,
            max_voting_num: 30,
            whitelisted_locks: BTreeSet::new(),
            whitelisted_tokens: whitelisted_tokens.into_iter().collect(),
        }
    }

    /// Returns what the voter keeps of a gauge.
    ///
    /// Errors: `GaugeDoesNotExist`.
    pub fn gauge(&self, gauge: GaugeId) -> Result<&VotedGauge, AerodromeError> {
        let place = usize::try_from(gauge.0).ok();
        let found = place.and_then(|place| self.gauges.get(place));
        found.ok_or(AerodromeError::GaugeDoesNotExist)
    }

    pub(super) fn gauge_mut(&mut self, gauge: GaugeId) -> Result<&mut VotedGauge, AerodromeError> {
        let place = usize::try_from(gauge.0).ok();
        let found = place.and_then(|place| self.gauges.get_mut(place));
        found.ok_or(AerodromeError::GaugeDoesNotExist)
    }

    /// Returns all gauges, in the order they came.
    pub fn gauges(&self) -> &[VotedGauge] {
        &self.gauges
    }

    /// Returns a lock's votes, if it ever cast any.
    pub fn ballot(&self, lock: LockId) -> Option<&Ballot> {
        self.ballots.get(&lock)
    }

    /// Returns the sum of all votes.
    pub fn total_weight(&self) -> Amount {
        self.total_weight
    }

    pub(super) fn has_voted(&self, lock: LockId) -> bool {
        self.ballots.get(&lock).is_some_and(|ballot| !ballot.votes.is_empty())
    }

    /// `onlyNewEpoch`.
    pub(super) fn require_new_epoch(
        &self,
        lock: LockId,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        let last_voted = self.ballots.get(&lock).map_or(Timestamp(0), |ballot| ballot.last_voted);
        if epoch_start(at) <= last_voted {
            return Err(AerodromeError::AlreadyVotedOrDeposited);
        }
        require_vote_start(at)
    }

    /// What has to hold of a vote beside the lock being the sender's and not out of use.
    pub(super) fn require_open(&self, lock: LockId, at: Timestamp) -> Result<(), AerodromeError> {
        if at > epoch_vote_end(at) && !self.whitelisted_locks.contains(&lock) {
            return Err(AerodromeError::NotWhitelistedNft);
        }
        Ok(())
    }

    /// Brings a gauge's part of the emission up to date, given its votes.
    fn accrue(
        &self,
        is_alive: bool,
        weight: Amount,
        before: Accrued,
    ) -> Result<Accrued, AerodromeError> {
        let mut after = Accrued { supply_index: self.index, ..before };
        if weight.is_zero() {
            return Ok(after);
        }
        let delta = self.index.checked_sub(before.supply_index);
        let share = part(weight, delta.ok_or(AerodromeError::Overflow)?, ONE)?;
        if is_alive {
            after.claimable = sum(before.claimable, share)?;
        } else {
            after.returned = sum(before.returned, share)?;
        }
        Ok(after)
    }

    /// `_updateFor` of a gauge, not written yet.
    pub(super) fn accrued(&self, gauge: GaugeId) -> Result<Accrued, AerodromeError> {
        let gauge = self.gauge(gauge)?;
        self.accrue(gauge.is_alive, gauge.weight, Accrued::of(gauge))
    }

    fn staged(&self, gauge: &VotedGauge, lock: LockId) -> Staged {
        let (fees, bribes) = (gauge.fees.share(lock), gauge.bribes.share(lock));
        Staged { accrued: Accrued::of(gauge), weight: gauge.weight, fees, bribes }
    }

    /// Takes a lock's votes back (`_reset`).
    pub(super) fn resetting(&self, lock: LockId) -> Result<Revote, AerodromeError> {
        let mut gauges = BTreeMap::new();
        let mut removed = Amount::ZERO;
        let mut returned = Amount::ZERO;
        for (id, votes) in self.ballots.get(&lock).map_or(&[][..], |ballot| &ballot.votes) {
            let gauge = self.gauge(*id)?;
            let mut staged = self.staged(gauge, lock);
            staged.accrued = self.accrue(gauge.is_alive, staged.weight, staged.accrued)?;
            staged.weight = difference(staged.weight, *votes)?;
            staged.fees.less(*votes)?;
            staged.bribes.less(*votes)?;
            removed = sum(removed, *votes)?;
            returned = sum(returned, staged.accrued.returned)?;
            gauges.insert(*id, staged);
        }
        let total_weight = difference(self.total_weight, removed)?;
        Ok(Revote { lock, gauges, votes: Vec::new(), total_weight, returned })
    }

    /// Divides a weight among gauges (`_vote`).
    pub(super) fn revoting(
        &self,
        lock: LockId,
        weight: Amount,
        choices: &[(GaugeId, U256)],
    ) -> Result<Revote, AerodromeError> {
        let mut revote = self.resetting(lock)?;
        let total = choices.iter().try_fold(U256::ZERO, |total, (_, share)| {
            total.checked_add(*share).ok_or(AerodromeError::Overflow)
        })?;
        let mut used = Amount::ZERO;
        for (id, share) in choices {
            let gauge = self.gauge(*id)?;
            if !gauge.is_alive {
                return Err(AerodromeError::GaugeNotAlive);
            }
            let votes = Amount(quotient(product(*share, weight.0)?, total)?);
            if revote.votes.iter().any(|(earlier, _)| earlier == id) {
                return Err(AerodromeError::NonZeroVotes);
            }
            if votes.is_zero() {
                return Err(AerodromeError::ZeroBalance);
            }
            let before = revote.gauges.get(id).copied();
            let mut staged = before.unwrap_or_else(|| self.staged(gauge, lock));
            staged.accrued = self.accrue(true, staged.weight, staged.accrued)?;
            staged.weight = sum(staged.weight, votes)?;
            staged.fees.more(votes)?;
            staged.bribes.more(votes)?;
            used = sum(used, votes)?;
            revote.votes.push((*id, votes));
            revote.gauges.insert(*id, staged);
        }
        revote.total_weight = sum(revote.total_weight, used)?;
        Ok(revote)
    }

    /// As [`revoting`](Self::revoting), for the gauges it votes for already (`_poke`).
    pub(super) fn poking(&self, lock: LockId, weight: Amount) -> Result<Revote, AerodromeError> {
        let votes = self.ballots.get(&lock).map_or(&[][..], |ballot| &ballot.votes);
        let choices: Vec<_> = votes.iter().map(|(gauge, votes)| (*gauge, votes.0)).collect();
        self.revoting(lock, weight, &choices)
    }

    pub(super) fn keep(&mut self, revote: Revote, at: Timestamp) {
        for (id, staged) in revote.gauges {
            let Ok(gauge) = self.gauge_mut(id) else { continue };
            gauge.set_accrued(staged.accrued);
            gauge.weight = staged.weight;
            gauge.fees.write(revote.lock, staged.fees, at);
            gauge.bribes.write(revote.lock, staged.bribes, at);
        }
        self.total_weight = revote.total_weight;
        match self.ballots.get_mut(&revote.lock) {
            Some(ballot) => ballot.votes = revote.votes,
            None if revote.votes.is_empty() => {}
            None => {
                let ballot = Ballot { votes: revote.votes, ..Ballot::default() };
                self.ballots.insert(revote.lock, ballot);
            }
        }
    }

    pub(super) fn set_last_voted(&mut self, lock: LockId, at: Timestamp) {
        self.ballots.entry(lock).or_default().last_voted = at;
    }

    /// The index with an emission more (`notifyRewardAmount`): without any votes the emission
    /// counts as if there were one, and nobody gets it.
    pub(super) fn indexed(&self, emission: Amount) -> Result<U256, AerodromeError> {
        let total = self.total_weight.max(Amount::from_u64(1));
        let growth = quotient(product(emission.0, ONE)?, total.0)?;
        self.index.checked_add(growth).ok_or(AerodromeError::Overflow)
    }
}

impl Accrued {
    fn of(gauge: &VotedGauge) -> Self {
        let (supply_index, claimable) = (gauge.supply_index, gauge.claimable);
        Self { supply_index, claimable, returned: Amount::ZERO }
    }
}

impl VotedGauge {
    pub(super) fn set_accrued(&mut self, accrued: Accrued) {
        self.supply_index = accrued.supply_index;
        self.claimable = accrued.claimable;
    }
}

/// Nobody votes in the first hour of an epoch, its last second included.
pub(super) fn require_vote_start(at: Timestamp) -> Result<(), AerodromeError> {
    if at <= epoch_vote_start(at) { Err(AerodromeError::DistributeWindow) } else { Ok(()) }
}
