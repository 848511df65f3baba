use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tidemill_model::{AssetId, Ballot};
use tidemill_rewards::aerodrome::epoch_start;
use tidemill_rewards::gauge_controller::{
    GaugeController, NewGauge, RELATIVE_ONE, VOTE_DELAY, VoteFor, VotePower,
};
use tidemill_rewards::vote_escrow::{EscrowParameters, VoteEscrow};
use tidemill_rewards::{Account, Moment, WEEK};
use tidemill_units::{Amount, Timestamp, U256, mul_div};

use super::{GaugeTerms, Votes};
use crate::own_account::ending_in;

/// An escrow and a controller of one type of gauges, with a market of bounties: what is posted for
/// a gauge in an epoch is divided among its voters by their weights at the beginning of the next,
/// each rounded down, and can be claimed from then on.
///
/// A ballot is cast as one transaction: votes that are taken back first, then those that grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerVotes {
    escrow: VoteEscrow,
    controller: GaugeController,
    gauges: Arc<[GaugeTerms]>,
    next_epoch: Timestamp,
    voters: BTreeSet<Account>,
    unclaimed: BTreeMap<(Account, AssetId), Amount>,
}

const ADMIN: Account = Account([0xad; 20]);

/// A gauge as the controller knows it.
fn address(gauge: usize) -> Account {
    Account(ending_in(0x6a, gauge.to_le_bytes()))
}

impl ControllerVotes {
    /// Returns contracts that were deployed at `start` with these gauges, in which others' votes
    /// count from then on; `None` for votes past what the contracts count.
    pub fn new(
        parameters: EscrowParameters,
        gauges: Vec<GaugeTerms>,
        start: Timestamp,
    ) -> Option<Self> {
        let at = Moment { at: start, ..Moment::default() };
        let mut controller = GaugeController::deployed(ADMIN, start);
        let gauge_type = controller.add_type(ADMIN, U256::from(RELATIVE_ONE), start).ok()?;
        let epoch = epoch_start(start);
        for (place, gauge) in gauges.iter().enumerate() {
            let weight = gauge.others_at(epoch).0;
            let gauge = NewGauge { account: address(place), gauge_type, weight };
            controller.add_gauge(ADMIN, gauge, start).ok()?;
        }
        Some(Self {
            escrow: VoteEscrow::deployed(parameters, at),
            controller,
            gauges: gauges.into(),
            next_epoch: Timestamp(epoch.0.checked_add(WEEK)?),
            voters: BTreeSet::new(),
            unclaimed: BTreeMap::new(),
        })
    }

    /// Returns the escrow.
    pub fn escrow(&self) -> &VoteEscrow {
        &self.escrow
    }

    /// Returns the controller.
    pub fn controller(&self) -> &GaugeController {
        &self.controller
    }

    /// What an account's vote for a gauge weighs at the beginning of a week.
    fn weight_at(&self, voter: Account, gauge: usize, week: Timestamp) -> Option<U256> {
        let vote = self.controller.vote_of(voter, address(gauge));
        vote.slope.checked_mul(U256::from(vote.end.seconds_since(week)))
    }

    /// Divides what was posted in the epoch that ends at the beginning of `week`.
    fn divide(&mut self, gauge: usize, week: Timestamp) -> Option<()> {
        let epoch = Timestamp(week.0.checked_sub(WEEK)?);
        let bounties: Vec<_> = self.gauges.get(gauge)?.bribes_of(epoch).collect();
        if bounties.is_empty() || self.voters.is_empty() {
            return Some(());
        }
        // Brought up to the end of the old week, the last weight is that of the new one.
        let before = Timestamp(week.0.checked_sub(1)?);
        self.controller.checkpoint_gauge(address(gauge), before).ok()?;
        let all = self.controller.gauge_weight(address(gauge));
        for voter in &self.voters {
            let weight = self.weight_at(*voter, gauge, week)?;
            if weight.is_zero() {
                continue;
            }
            for bounty in &bounties {
                let share = mul_div(bounty.amount.0, weight, all).map(Amount)?;
                let unclaimed = self.unclaimed.entry((*voter, bounty.asset)).or_default();
                *unclaimed = unclaimed.checked_add(share)?;
            }
        }
        Some(())
    }

    /// Lets others vote as they will have at the end of the epoch that begins now.
    fn let_others_vote(&mut self, gauge: usize, epoch: Timestamp) -> Option<()> {
        let next = Timestamp(epoch.0.checked_add(WEEK)?);
        let terms = self.gauges.get(gauge)?;
        let others = terms.others_at(epoch);
        if others == terms.others_at(Timestamp(epoch.0.checked_sub(WEEK)?)) {
            return Some(());
        }
        let mut weight = others.0;
        for voter in &self.voters {
            weight = weight.checked_add(self.weight_at(*voter, gauge, next)?)?;
        }
        self.controller.change_gauge_weight(ADMIN, address(gauge), weight, epoch).ok()
    }
}

impl Votes for ControllerVotes {
    fn gauges(&self) -> &[GaugeTerms] {
        &self.gauges
    }

    fn lock(
        &mut self,
        account: Account,
        (amount, until): (Amount, Timestamp),
        at: Moment,
    ) -> Option<()> {
        self.escrow.create_lock(account, amount, until, at).ok()?;
        self.voters.insert(account);
        Some(())
    }

    fn extend(&mut self, account: Account, until: Timestamp, at: Moment) -> Option<()> {
        self.escrow.increase_unlock_time(account, until, at).ok().map(drop)
    }

    fn vote(&mut self, account: Account, ballot: &Ballot, at: Moment) -> Option<()> {
        let is_known = |gauge: u16| usize::from(gauge) < self.gauges.len();
        if !ballot.choices().iter().all(|choice| is_known(choice.gauge.0)) {
            return None;
        }
        let power = VotePower::of(&self.escrow, account);
        let mut after = self.controller.clone();
        let wanted = |gauge: usize| {
            let mut choices = ballot.choices().iter();
            let choice = choices.find(|choice| usize::from(choice.gauge.0) == gauge);
            choice.map_or(0, |choice| u64::from(choice.part.0))
        };
        let mut growing = Vec::new();
        for gauge in 0..self.gauges.len() {
            let (now, then) = (after.vote_of(account, address(gauge)).power, wanted(gauge));
            let vote = VoteFor { gauge: address(gauge), weight: U256::from(then) };
            if then < now {
                after.vote_for_gauge_weights(account, vote, power, at.at).ok()?;
            } else if then > 0 {
                // An equal part is cast again too: it decays with the lock as it is now.
                growing.push(vote);
            }
        }
        for vote in growing {
            after.vote_for_gauge_weights(account, vote, power, at.at).ok()?;
        }
        self.controller = after;
        Some(())
    }

    fn power(&self, account: Account, at: Moment) -> Option<Amount> {
        let next = Timestamp(epoch_start(at.at).0.checked_add(WEEK)?);
        let VotePower { slope, end } = VotePower::of(&self.escrow, account);
        slope.checked_mul(U256::from(end.seconds_since(next))).map(Amount)
    }

    fn votes_from(&self, account: Account, at: Moment) -> Timestamp {
        let votes = (0..self.gauges.len()).map(|gauge| {
            let voted_at = self.controller.vote_of(account, address(gauge)).voted_at;
            if voted_at == Timestamp(0) {
                at.at
            } else {
                Timestamp(voted_at.0.saturating_add(VOTE_DELAY))
            }
        });
        votes.fold(at.at, Timestamp::max)
    }

    fn withdraw(&mut self, account: Account, at: Moment) -> Option<Amount> {
        let paid = self.escrow.withdraw(account, at).ok()?;
        self.voters.remove(&account);
        self.unclaimed.retain(|(voter, _), _| *voter != account);
        Some(paid)
    }

    fn earned(&self, account: Account, token: AssetId, _: Moment) -> Option<Amount> {
        Some(self.unclaimed.get(&(account, token)).copied().unwrap_or(Amount::ZERO))
    }

    fn claim(&mut self, account: Account, token: AssetId, _: Moment) -> Option<Amount> {
        Some(self.unclaimed.remove(&(account, token)).unwrap_or(Amount::ZERO))
    }

    fn due(&self) -> Timestamp {
        self.next_epoch
    }

    fn step(&mut self, at: Moment) -> Option<()> {
        let week = self.next_epoch;
        self.next_epoch = Timestamp(week.0.saturating_add(WEEK));
        let gauges = 0..self.gauges.len();
        let divided = gauges.clone().filter(|gauge| self.divide(*gauge, week).is_none()).count();
        let voted = gauges.filter(|gauge| self.let_others_vote(*gauge, at.at).is_none()).count();
        (divided == 0 && voted == 0).then_some(())
    }
}
