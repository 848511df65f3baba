use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tidemill_model::{AssetId, Ballot};
use tidemill_rewards::aerodrome::{
    Aerodrome, GaugeId, LONGEST_LOCK, LockId, NewGauge, epoch_next, epoch_start, epoch_vote_end,
    epoch_vote_start,
};
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, Timestamp, U256};

use super::{GaugeTerms, Votes};
use crate::own_account::ending_in;

/// Aerodrome with one permanent lock of all others, which votes as they are given to, right after
/// the first hour of an epoch; what it has left goes to a gauge that nobody pays for.
///
/// Bribes are paid in at the beginning of their epoch, what pools pay in fees among them. No
/// emission is made, so locks are given no rebases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AerodromeVotes {
    system: Aerodrome,
    gauges: Arc<[GaugeTerms]>,
    /// The lock of all others.
    others: LockId,
    locks: BTreeMap<Account, LockId>,
    next_epoch: Timestamp,
    /// When others vote next.
    others_vote: Option<Timestamp>,
}

const TOKEN: Account = Account([0xae; 20]);
const OTHERS: Account = Account([0x07; 20]);

/// A reward token as the voter knows it.
fn address(token: AssetId) -> Account {
    Account(ending_in(0x4e, token.0.to_le_bytes()))
}

fn gauge_id(gauge: usize) -> Option<GaugeId> {
    u32::try_from(gauge).ok().map(GaugeId)
}

/// The most that others vote with at the end of any epoch.
fn most_votes(gauges: &[GaugeTerms]) -> Option<Amount> {
    let changes = gauges.iter().flat_map(|gauge| gauge.others_by_epoch.keys().copied());
    let mut epochs: BTreeSet<_> = changes.collect();
    epochs.insert(Timestamp(0));
    let mut most = Amount::ZERO;
    for epoch in epochs {
        let votes = gauges.iter().map(|gauge| gauge.others_at(epoch));
        most = most
            .max(votes.into_iter().try_fold(Amount::ZERO, |sum, votes| sum.checked_add(votes))?);
    }
    Some(most)
}

impl AerodromeVotes {
    /// Returns the contracts, deployed at `start` with these gauges and all others' votes locked;
    /// `None` for votes past what they count.
    pub fn new(gauges: Vec<GaugeTerms>, start: Timestamp) -> Option<Self> {
        // One vote more than others ever use, so that there is always one for nobody's gauge.
        let votes = most_votes(&gauges)?.checked_add(Amount::from_u64(1))?;
        let mut system = Aerodrome::deployed(TOKEN, votes, start);
        let made = NewGauge { tokens: None, by_governor: true, is_elsewhere: true };
        for _ in 0..=gauges.len() {
            system.create_gauge(made).ok()?;
        }
        for token in gauges.iter().flat_map(GaugeTerms::assets) {
            system.whitelist_token(address(token), true);
        }
        // Others are many, each bound by the most gauges of one vote; their lock is one.
        let most = u32::try_from(gauges.len()).ok()?.checked_add(31)?;
        system.set_max_voting_num(most).ok()?;
        let others = system.create_lock(OTHERS, votes, LONGEST_LOCK, start).ok()?;
        system.lock_permanent(OTHERS, others, start).ok()?;
        system.whitelist_lock(others, true);
        let mut made = Self {
            system,
            gauges: gauges.into(),
            others,
            locks: BTreeMap::new(),
            next_epoch: epoch_next(start),
            others_vote: Some(start.max(first_vote(start))),
        };
        made.post(start)?;
        Some(made)
    }

    /// Returns the contracts.
    pub fn system(&self) -> &Aerodrome {
        &self.system
    }

    /// Pays in what is posted for the epoch of this time.
    fn post(&mut self, at: Timestamp) -> Option<()> {
        let gauges = Arc::clone(&self.gauges);
        for (place, gauge) in gauges.iter().enumerate() {
            for bribe in gauge.bribes_of(epoch_start(at)) {
                let (token, id) = (address(bribe.asset), gauge_id(place)?);
                self.system.notify_bribe(id, token, bribe.amount, at).ok()?;
            }
        }
        Some(())
    }

    fn let_others_vote(&mut self, at: Timestamp) -> Option<()> {
        let epoch = epoch_start(at);
        let mut left = self.system.escrow().balance_at(self.others, at).ok()?;
        let mut choices = Vec::new();
        for (place, gauge) in self.gauges.iter().enumerate() {
            let votes = gauge.others_at(epoch);
            left = left.checked_sub(votes)?;
            choices.extend(gauge_id(place).filter(|_| !votes.is_zero()).map(|id| (id, votes.0)));
        }
        choices.push((gauge_id(self.gauges.len())?, left.0));
        self.system.vote(OTHERS, self.others, &choices, at).ok()
    }

    /// Whether others vote otherwise in an epoch than in the one before.
    fn others_change(&self, epoch: Timestamp, last: Timestamp) -> bool {
        self.gauges.iter().any(|gauge| gauge.others_at(epoch) != gauge.others_at(last))
    }

    fn lock_of(&self, account: Account) -> Option<LockId> {
        self.locks.get(&account).copied()
    }
}

/// The first second of an epoch in which anybody votes.
fn first_vote(at: Timestamp) -> Timestamp {
    Timestamp(epoch_vote_start(at).0.saturating_add(1))
}

impl Votes for AerodromeVotes {
    fn gauges(&self) -> &[GaugeTerms] {
        &self.gauges
    }

    fn lock(
        &mut self,
        account: Account,
        (amount, until): (Amount, Timestamp),
        at: Moment,
    ) -> Option<()> {
        let seconds = until.0.checked_sub(at.at.0)?;
        let lock = self.system.create_lock(account, amount, seconds, at.at).ok()?;
        self.locks.insert(account, lock);
        Some(())
    }

    fn extend(&mut self, account: Account, until: Timestamp, at: Moment) -> Option<()> {
        let seconds = until.0.checked_sub(at.at.0)?;
        let lock = self.lock_of(account)?;
        self.system.increase_unlock_time(account, lock, seconds, at.at).ok()
    }

    fn vote(&mut self, account: Account, ballot: &Ballot, at: Moment) -> Option<()> {
        let lock = self.lock_of(account)?;
        let mut choices = Vec::new();
        for choice in ballot.choices() {
            let gauge = usize::from(choice.gauge.0);
            let id = gauge_id(gauge).filter(|_| gauge < self.gauges.len())?;
            choices.push((id, U256::from(choice.part.0)));
        }
        self.system.vote(account, lock, &choices, at.at).ok()
    }

    fn power(&self, account: Account, at: Moment) -> Option<Amount> {
        self.system.escrow().balance_at(self.lock_of(account)?, at.at).ok()
    }

    fn votes_from(&self, account: Account, at: Moment) -> Timestamp {
        let ballot = self.lock_of(account).and_then(|lock| self.system.voter().ballot(lock));
        let last = ballot.map_or(Timestamp(0), |ballot| ballot.last_voted);
        let has_voted = epoch_start(at.at) <= last;
        if has_voted || at.at > epoch_vote_end(at.at) {
            return first_vote(epoch_next(at.at));
        }
        at.at.max(first_vote(at.at))
    }

    /// A lock that has voted has to take its votes back first, which nobody can in the first hour
    /// of an epoch.
    fn withdraw(&mut self, account: Account, at: Moment) -> Option<Amount> {
        let lock = self.lock_of(account)?;
        let mut after = self.system.clone();
        let has_votes = after.voter().ballot(lock).is_some_and(|ballot| !ballot.votes.is_empty());
        if has_votes {
            after.reset(account, lock, at.at).ok()?;
        }
        let paid = after.withdraw_lock(account, lock, at.at).ok()?;
        self.system = after;
        self.locks.remove(&account);
        Some(paid)
    }

    fn earned(&self, account: Account, token: AssetId, at: Moment) -> Option<Amount> {
        let lock = self.lock_of(account)?;
        self.system.voter().gauges().iter().try_fold(Amount::ZERO, |sum, gauge| {
            sum.checked_add(gauge.bribes.earned(address(token), lock, at.at).ok()?)
        })
    }

    fn claim(&mut self, account: Account, token: AssetId, at: Moment) -> Option<Amount> {
        let lock = self.lock_of(account)?;
        let mut after = self.system.clone();
        let mut sum = Amount::ZERO;
        for gauge in 0..self.gauges.len() {
            let id = gauge_id(gauge)?;
            let bribes = &after.voter().gauge(id).ok()?.bribes;
            if bribes.earned(address(token), lock, at.at).ok()?.is_zero() {
                continue;
            }
            let paid = after.claim_bribes(account, (id, lock), &[address(token)], at.at).ok()?;
            sum = paid.into_iter().try_fold(sum, |sum, paid| sum.checked_add(paid))?;
        }
        self.system = after;
        Some(sum)
    }

    fn due(&self) -> Timestamp {
        self.others_vote.map_or(self.next_epoch, |vote| vote.min(self.next_epoch))
    }

    fn step(&mut self, at: Moment) -> Option<()> {
        if self.others_vote.is_some_and(|vote| vote < self.next_epoch) {
            self.others_vote = None;
            return self.let_others_vote(at.at);
        }
        let epoch = self.next_epoch;
        self.next_epoch = epoch_next(epoch);
        let last = epoch_start(Timestamp(epoch.0.saturating_sub(1)));
        if self.others_change(epoch, last) {
            self.others_vote = Some(first_vote(epoch));
        }
        self.post(at.at)
    }
}
