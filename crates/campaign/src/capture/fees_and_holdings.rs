//! Merkl: fees earned and tokens held at swaps. Nobody stakes, so everybody is in it.

use tidemill_rewards::merkl::{Holding, Merkl};
use tidemill_units::{Amount, Amounts, Timestamp};

use super::{Campaign, Capture, Clock, Group, RangeProgramme, Seen, Stake, Tally};
use crate::programme::{Rule, merkl_campaign};

/// How many settlements a campaign has; each shares its part of the budget by the scores of its
/// swaps.
const SETTLEMENTS: u64 = 200;

/// A campaign.
pub(crate) struct Scored {
    merkl: Merkl,
    budget: Amount,
    clock: Clock,
    settled: u64,
}

impl Scored {
    pub(crate) fn new(rule: &Rule, campaign: &Campaign<'_>, clock: Clock) -> Result<Self, String> {
        let budget = campaign.budget;
        let created = Timestamp(clock.start.0.saturating_sub(campaign.plan.lead_seconds));
        let merkl = merkl_campaign(rule, campaign.plan, (budget, clock.start, created));
        let merkl = merkl.map_err(|error| error.to_string())?;
        Ok(Self { merkl, budget, clock, settled: 0 })
    }

    fn settle(&mut self, at: Timestamp) -> Result<(), String> {
        self.merkl.settle(at).map(drop).map_err(|error| error.to_string())
    }
}

impl RangeProgramme for Scored {
    fn advance(&mut self, seen: Seen<'_>) -> Result<(), String> {
        let elapsed = u128::from(seen.at.seconds_since(self.clock.start)) * u128::from(SETTLEMENTS);
        let due = u64::try_from(elapsed / u128::from(self.clock.seconds.max(1)));
        let due = due.unwrap_or(SETTLEMENTS).min(SETTLEMENTS - 1);
        if due > self.settled {
            self.settled = due;
            self.settle(seen.at)?;
        }
        Ok(())
    }

    fn enter(&mut self, _: &Stake, _: Seen<'_>) -> Result<(), String> {
        Ok(())
    }

    fn leave(&mut self, _: &Stake, _: Seen<'_>) -> Result<(), String> {
        Ok(())
    }

    fn counts_fees(&self) -> bool {
        true
    }

    fn swapped(&mut self, tally: &Tally, seen: Seen<'_>) -> Result<(), String> {
        if seen.at >= self.clock.end() {
            return Ok(());
        }
        let mut holdings = Vec::with_capacity(tally.groups.len() * 2);
        for (group, fees, held) in &tally.groups {
            for (amounts, is_in_range) in held.iter().zip([true, false]) {
                // A group's fees are of its positions in range.
                let fees = if is_in_range { *fees } else { Amount::ZERO };
                if fees.is_zero() && *amounts == Amounts::ZERO {
                    continue;
                }
                let Amounts { amount0, amount1 } = *amounts;
                let account = if is_in_range { group.account() } else { group.idle_account() };
                holdings.push(Holding { account, fees, amount0, amount1, is_in_range });
            }
        }
        self.merkl.observe(&holdings, seen.at).map_err(|error| error.to_string())
    }

    fn finish(&mut self, _: Seen<'_>) -> Result<Capture, String> {
        self.settle(self.clock.end())?;
        let earned = |group: Group| (group, self.merkl.earned(group.account()));
        let idle = Group::ALL.into_iter().filter(|group| group.may_be_idle());
        let idle = idle.map(|group| (group, self.merkl.earned(group.idle_account())));
        let idle: Vec<_> = idle.collect();
        let makers = self.budget.checked_sub(self.merkl.terms().amount).unwrap_or_default();
        Ok(Capture {
            paid: Group::ALL.map(earned).into_iter().chain(idle.iter().copied()).collect(),
            makers,
            rest: self.merkl.undistributed(),
            idle,
            ..Capture::default()
        })
    }
}
