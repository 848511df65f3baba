use tidemill_model::AerodromeLog;
use tidemill_rewards::aerodrome::{GaugeId, GaugeTotals, NewGauge, TailProposal};
use tidemill_units::{Amount, Amounts};

use super::super::account;
use super::{Call, Done};

impl Call<'_> {
    /// Logs of gauges and of the emission on its way to them, but what gauges pay.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`apply` gives each group its own logs")]
    pub(super) fn gauge(&mut self, log: &AerodromeLog) -> Done {
        let (at, with, reverts) = (self.at, self.with, self.reverts());
        match *log {
            AerodromeLog::GaugeCreated { gauge, tokens, is_elsewhere } => {
                // The governor may make any; whoever made it, it is the same.
                let tokens = tokens.map(|tokens| tokens.map(account));
                let new = NewGauge { tokens, by_governor: true, is_elsewhere };
                let made = self.model.create_gauge(new).map_err(reverts)?;
                with.value("gauge", made.0, gauge)
            }
            AerodromeLog::GaugeKilled { gauge } => {
                self.model.kill_gauge(GaugeId(gauge)).map_err(reverts)
            }
            AerodromeLog::GaugeRevived { gauge } => {
                self.model.revive_gauge(GaugeId(gauge)).map_err(reverts)
            }
            AerodromeLog::GaugeUpdated { gauge } => {
                self.model.update_for(GaugeId(gauge), at).map_err(reverts)
            }
            AerodromeLog::DistributeReward { left: None, .. } => self.distribute(log),
            AerodromeLog::DistributeReward { left: Some(left), .. } => {
                self.distribute_elsewhere(log, left)
            }
            AerodromeLog::Mint { .. } => self.mint(log),
            AerodromeLog::Nudge { .. } => self.nudge(log),
            AerodromeLog::TeamRateSet { rate } => self.model.set_team_rate(rate).map_err(reverts),
            AerodromeLog::GaugeDeposit { gauge, to, amount } => {
                self.model.stake(GaugeId(gauge), account(to), amount, at).map_err(reverts)
            }
            AerodromeLog::GaugeWithdraw { gauge, from, amount } => {
                self.model.unstake(GaugeId(gauge), account(from), amount, at).map_err(reverts)
            }
            AerodromeLog::GaugeNotifyReward { gauge, amount } => {
                let notified = self.model.notify_without_claim(GaugeId(gauge), amount, at);
                notified.map_err(reverts)
            }
            _ => Err(self.of_another()),
        }
    }

    fn totals(&self, gauge: u32) -> Option<GaugeTotals> {
        let voted = self.model.voter().gauge(GaugeId(gauge)).ok()?;
        voted.gauge.as_ref().map(|gauge| *gauge.totals())
    }

    /// Hands a gauge of the system its emission, with the fees that it claims from its pool.
    fn distribute(&mut self, log: &AerodromeLog) -> Done {
        let AerodromeLog::DistributeReward {
            gauge, amount, claimed0, claimed1, fees0, fees1, ..
        } = *log
        else {
            return Err(self.of_another());
        };
        let (with, id) = (self.with, GaugeId(gauge));
        let period = self.model.minter().active_period;
        let before = self.totals(gauge);
        let claimed = Amounts { amount0: claimed0, amount1: claimed1 };
        let done = self.model.distribute(&[(id, claimed)], self.at).map_err(self.reverts())?;
        if self.model.minter().active_period != period {
            return Err(with.fields("begins an epoch without the mint before it"));
        }
        let paid = done.paid.first().map_or(Amount::ZERO, |(_, paid)| *paid);
        with.value("amount", paid, amount)?;
        let (Some(before), Some(after)) = (before, self.totals(gauge)) else {
            return Err(with.unknown("gauge", gauge));
        };
        let pays_fees = self.model.voter().gauge(id).is_ok_and(|gauge| gauge.tokens.is_some());
        if !pays_fees && claimed != Amounts::ZERO {
            return Err(with.fields("claims fees of a pool that pays none"));
        }
        // What is not kept is passed on.
        let passed = |kept: Amount, claimed: Amount, left: Amount| {
            kept.checked_add(claimed).and_then(|all| all.checked_sub(left)).unwrap_or(Amount::MAX)
        };
        with.value("fees0", passed(before.fees0, claimed0, after.fees0), fees0)?;
        with.value("fees1", passed(before.fees1, claimed1, after.fees1), fees1)
    }

    /// Takes what a gauge with a tape of its own is handed.
    fn distribute_elsewhere(&mut self, log: &AerodromeLog, left: Amount) -> Done {
        let AerodromeLog::DistributeReward {
            gauge, amount, claimed0, claimed1, fees0, fees1, ..
        } = *log
        else {
            return Err(self.of_another());
        };
        let with = self.with;
        if self.totals(gauge).is_some() {
            return Err(with.fields("has a left, which only a gauge that is kept elsewhere has"));
        }
        if [claimed0, claimed1, fees0, fees1].iter().any(|amount| !amount.is_zero()) {
            return Err(with.fields("has fees, which are in the tape of a gauge kept elsewhere"));
        }
        let period = self.model.minter().active_period;
        let due = self.model.distribute_elsewhere(GaugeId(gauge), left, self.at);
        let due = due.map_err(self.reverts())?;
        if self.model.minter().active_period != period {
            return Err(with.fields("begins an epoch without the mint before it"));
        }
        with.value("amount", due, amount)
    }

    fn mint(&mut self, log: &AerodromeLog) -> Done {
        let AerodromeLog::Mint { weekly, circulating_supply, is_tail, tokens, team } = *log else {
            return Err(self.of_another());
        };
        let with = self.with;
        let unrecorded = self.model.distributor().unrecorded();
        let emission = self.model.update_period(self.at).map_err(self.reverts())?;
        let Some(emission) = emission else {
            return Err(with.fields("comes in an epoch that has had its emission"));
        };
        with.value("weekly", emission.gauges, weekly)?;
        let supply = self.model.minter().total_supply;
        with.value("circulating_supply", supply, circulating_supply)?;
        with.value("is_tail", emission.is_tail, is_tail)?;
        let recorded = unrecorded.checked_add(emission.rebase).unwrap_or(Amount::MAX);
        with.value("tokens", recorded, tokens)?;
        with.value("team", emission.team, team)
    }

    fn nudge(&mut self, log: &AerodromeLog) -> Done {
        let AerodromeLog::Nudge { period, old_rate, new_rate } = *log else {
            return Err(self.of_another());
        };
        let with = self.with;
        let before = *self.model.minter();
        with.value("period", before.active_period.0, period.0)?;
        with.value("old_rate", before.tail_emission_rate, old_rate)?;
        let proposal = match new_rate.cmp(&old_rate) {
            std::cmp::Ordering::Less => TailProposal::Defeated,
            std::cmp::Ordering::Equal => TailProposal::Expired,
            std::cmp::Ordering::Greater => TailProposal::Succeeded,
        };
        self.model.nudge(proposal).map_err(self.reverts())?;
        with.value("new_rate", self.model.minter().tail_emission_rate, new_rate)
    }
}
