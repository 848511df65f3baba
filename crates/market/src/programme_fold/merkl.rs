use tidemill_model::{Address, MerklLog};
use tidemill_rewards::merkl::{Holding, Merkl, MerklError};
use tidemill_units::{Amount, Timestamp};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account, address, total};
use crate::programme_market::OURS;

/// When what a campaign allots is shared out, and when it can be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MerklSchedule {
    /// Seconds from one settlement to the next, the first that long after the campaign's start and
    /// the last at its end; 0 counts as 1.
    pub interval_seconds: u64,
    /// Seconds from a settlement until what it pays can be claimed: until its root is published and
    /// can no longer be disputed.
    pub delay_seconds: u64,
}

/// What we have ever earned by a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Settled {
    claimable_from: Timestamp,
    earned: Amount,
}

/// A Merkl campaign that is shown every swap of its pool, settles as recorded or by a schedule, and
/// pays us what was settled and can be claimed.
///
/// Others' claims are no part of this: they change nothing for anybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerklFold {
    campaign: Merkl,
    /// None where settlements were recorded.
    schedule: Option<MerklSchedule>,
    settled_to: Timestamp,
    settled: Vec<Settled>,
    claimed: Amount,
}

impl MerklFold {
    /// Returns a campaign that has settled nothing yet, and settles by a schedule.
    pub fn new(campaign: Merkl, schedule: MerklSchedule) -> Self {
        Self::begun(campaign, Some(schedule))
    }

    /// Returns a campaign whose settlements were recorded.
    pub fn recorded(campaign: Merkl) -> Self {
        Self::begun(campaign, None)
    }

    fn begun(campaign: Merkl, schedule: Option<MerklSchedule>) -> Self {
        let settled_to = campaign.terms().start;
        Self { campaign, schedule, settled_to, settled: Vec::new(), claimed: Amount::ZERO }
    }

    /// Returns the campaign, as of the last swap or settlement.
    pub fn campaign(&self) -> &Merkl {
        &self.campaign
    }

    /// Returns what we have claimed so far.
    pub fn claimed(&self) -> Amount {
        self.claimed
    }

    /// Whether the campaign pays for swaps at a time, or a settlement is still to be claimed.
    pub(crate) fn is_running(&self, now: Timestamp) -> bool {
        let last = self.claimable_from(self.campaign.period_finish());
        self.campaign.terms().start <= now && now < last
    }

    /// Whether a swap at a time counts.
    pub(crate) fn counts_swaps(&self, now: Timestamp) -> bool {
        self.campaign.terms().start <= now && now < self.campaign.period_finish()
    }

    /// Whether positions out of range count.
    pub(crate) fn counts_out_of_range(&self) -> bool {
        self.campaign.terms().is_out_of_range_incentivized
    }

    /// Whether there is anything to be settled by a time.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.next_settlement().is_some_and(|next| next <= now)
    }

    /// Settles whatever is due by a time. Errors: those of [`Merkl::settle`].
    pub(crate) fn settle_until(&mut self, now: Timestamp) -> Result<(), MerklError> {
        while let Some(next) = self.next_settlement().filter(|next| *next <= now) {
            self.campaign.settle(next)?;
            self.settled_to = next;
            let (claimable_from, earned) = (self.claimable_from(next), self.campaign.earned(OURS));
            if self.settled.last().is_none_or(|last| last.earned != earned) {
                self.settled.push(Settled { claimable_from, earned });
            }
        }
        Ok(())
    }

    /// Shows the campaign a swap, after settling what was due by then.
    ///
    /// Errors: those of [`Merkl::settle`] and [`Merkl::observe`].
    pub(crate) fn observe(
        &mut self,
        holdings: &[Holding],
        at: Timestamp,
    ) -> Result<(), MerklError> {
        self.settle_until(at)?;
        if self.counts_swaps(at) { self.campaign.observe(holdings, at) } else { Ok(()) }
    }

    /// Returns what we could claim at a time, of what was settled so far.
    pub(crate) fn claimable(&self, at: Timestamp) -> Option<Amount> {
        let place = self.settled.partition_point(|settled| settled.claimable_from <= at);
        let last = self.settled.get(..place)?.last();
        last.map_or(Amount::ZERO, |settled| settled.earned).checked_sub(self.claimed)
    }

    /// Pays us what we can claim at a time, perhaps nothing.
    pub(crate) fn claim(&mut self, at: Timestamp) -> Option<Amount> {
        let paid = self.claimable(at)?;
        self.claimed = self.claimed.checked_add(paid)?;
        Some(paid)
    }

    fn claimable_from(&self, settled_at: Timestamp) -> Timestamp {
        let delay = self.schedule.map_or(0, |schedule| schedule.delay_seconds);
        Timestamp(settled_at.0.saturating_add(delay))
    }

    fn next_settlement(&self) -> Option<Timestamp> {
        let end = self.campaign.period_finish();
        let interval = self.schedule?.interval_seconds.max(1);
        let next = self.settled_to.0.saturating_add(interval);
        (self.settled_to < end).then(|| Timestamp(next).min(end))
    }

    /// Ends the interval behind a recorded settlement and compares what it paid everybody; sets
    /// boosts.
    pub(super) fn apply(
        &mut self,
        log: &MerklLog,
        at: Timestamp,
    ) -> Result<Option<Paid>, ProgrammeMismatch> {
        let (campaign, with) = (&mut self.campaign, Comparison { event: log.kind() });
        match log {
            MerklLog::Settled { rewards } => settle(campaign, rewards, at, with).map(Some),
            MerklLog::BoostSet { account: who, boost } => {
                campaign.set_boost(account(*who), *boost).map_err(with.reverts())?;
                Ok(None)
            }
            MerklLog::BoostSupplySet { supply } => {
                campaign.set_boost_supply(*supply).map_err(with.reverts())?;
                Ok(None)
            }
        }
    }

    /// What of the campaign's amount was paid to nobody yet; what was paid waits at the
    /// distributor.
    pub(super) fn unclaimed(&self) -> Vec<TokenTotal> {
        let earned = total(self.campaign.rewards().iter().map(|reward| reward.amount));
        let amount = self.campaign.terms().amount.checked_sub(earned).unwrap_or_default();
        vec![TokenTotal { token: None, amount }]
    }
}

fn settle(
    campaign: &mut Merkl,
    recorded: &[(Address, Amount)],
    at: Timestamp,
    with: Comparison,
) -> Result<Paid, ProgrammeMismatch> {
    let rewards = campaign.settle(at).map_err(with.reverts())?;
    for (reward, (who, amount)) in rewards.iter().zip(recorded) {
        with.value("the account of a reward", address(reward.account), *who)?;
        with.value("the amount of a reward", reward.amount, *amount)?;
    }
    with.value("a number of rewards", rewards.len(), recorded.len())?;
    Ok(Paid { token: None, amount: total(rewards.iter().map(|reward| reward.amount)) })
}
