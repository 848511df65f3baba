//! Slipstream's gauge: seconds in range of the staked liquidity, epoch by epoch.

use std::collections::BTreeMap;

use tidemill_rewards::aerodrome::{
    ConcentratedGauge, Notification, PoolNow, PositionId, StakedPosition,
};
use tidemill_units::{Amount, Amounts, Liquidity, Tick, U256};

use super::epochs::Epochs;
use super::{Capture, Clock, Group, RangeProgramme, Seen, Stake, Tally};

/// A gauge, and the part of it that its pool keeps.
pub(crate) struct Gauged {
    gauge: ConcentratedGauge,
    epochs: Epochs,
    staked: u128,
    /// Staked liquidity that begins and ends at a tick.
    ticks: BTreeMap<Tick, (u128, u128)>,
    paid: BTreeMap<Group, Amount>,
}

impl Gauged {
    pub(crate) fn new(budget: Amount, clock: Clock) -> Self {
        Self {
            gauge: ConcentratedGauge::default(),
            epochs: Epochs::new(budget, clock),
            staked: 0,
            ticks: BTreeMap::new(),
            paid: BTreeMap::new(),
        }
    }

    fn now(&self, tick: Tick) -> PoolNow {
        PoolNow { tick, staked_liquidity: Liquidity(self.staked) }
    }

    fn change(&mut self, stake: &Stake, tick: Tick, adds: bool) {
        let by = stake.liquidity.0;
        let change = |sum: u128| if adds { sum.saturating_add(by) } else { sum.saturating_sub(by) };
        if stake.range.contains(tick) {
            self.staked = change(self.staked);
        }
        let starts = &mut self.ticks.entry(stake.range.lower).or_default().0;
        *starts = change(*starts);
        let ends = &mut self.ticks.entry(stake.range.upper).or_default().1;
        *ends = change(*ends);
    }
}

impl RangeProgramme for Gauged {
    fn advance(&mut self, seen: Seen<'_>) -> Result<(), String> {
        while let Some((amount, epoch)) = self.epochs.due(seen.at) {
            let notification = Notification { amount, most: None, claimed: Amounts::ZERO };
            let now = self.now(seen.pool.tick());
            let notified = self.gauge.notify(notification, now, epoch);
            notified.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn enter(&mut self, stake: &Stake, seen: Seen<'_>) -> Result<(), String> {
        let tick = seen.pool.tick();
        let position = StakedPosition {
            owner: stake.group.account(),
            range: stake.range,
            liquidity: stake.liquidity,
            reward_growth_inside: U256::ZERO,
            rewards: Amount::ZERO,
            last_update_time: seen.at,
        };
        let place = (PositionId(stake.id), position);
        let deposited = self.gauge.deposit(place, true, self.now(tick), seen.at);
        deposited.map_err(|error| error.to_string())?;
        self.change(stake, tick, true);
        Ok(())
    }

    fn leave(&mut self, stake: &Stake, seen: Seen<'_>) -> Result<(), String> {
        let tick = seen.pool.tick();
        let (owner, id) = (stake.group.account(), PositionId(stake.id));
        let paid = self.gauge.withdraw(owner, id, self.now(tick), seen.at);
        let paid = paid.map_err(|error| error.to_string())?;
        let sum = self.paid.entry(stake.group).or_default();
        *sum = sum.checked_add(paid).ok_or("the rewards pass 2^256 - 1")?;
        self.change(stake, tick, false);
        Ok(())
    }

    fn swapped(&mut self, tally: &Tally, seen: Seen<'_>) -> Result<(), String> {
        let at_start = Liquidity(self.staked);
        for (from, to) in &tally.moves {
            let (from, to) = (*from, *to);
            if from == to {
                continue;
            }
            let passed = Tick(from.min(to).0.saturating_add(1))..=from.max(to);
            let crossed = self.ticks.range(passed);
            let crossed: Vec<_> = crossed.map(|(tick, ends)| (*tick, *ends)).collect();
            for (tick, (starts, ends)) in crossed {
                let crossed = self.gauge.cross(tick, at_start, seen.at);
                crossed.map_err(|error| error.to_string())?;
                let (enters, leaves) = if to > from { (starts, ends) } else { (ends, starts) };
                self.staked = self.staked.saturating_add(enters).saturating_sub(leaves);
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: Seen<'_>) -> Result<Capture, String> {
        let paid = self.paid.iter().map(|(group, amount)| (*group, *amount)).collect();
        let rest = self.gauge.balance().checked_add(self.epochs.left());
        Ok(Capture { paid, rest: rest.unwrap_or_default(), ..Capture::default() })
    }
}
