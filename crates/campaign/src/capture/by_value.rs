//! Synthetix StakingRewards over the values of positions: it pays them in range or not, and how
//! much of it they were paid while out of range is counted beside it.

use std::collections::BTreeMap;

use tidemill_units::{Amount, Tick, TickRange, Timestamp, U256, mul_div};

use super::staking_rewards::Streamed;
use super::{Capture, Clock, Group, RangeProgramme, Seen, Stake, Tally};

const SCALE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// A stream to values, and what of them is out of range.
pub(crate) struct ByValue {
    stream: Streamed,
    clock: Clock,
    outside: BTreeMap<Group, Outside>,
    /// What a unit of value had been paid when this was last counted.
    per_unit: U256,
}

/// A group's staked value out of range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Outside {
    /// Values of ranges that begin and end at a tick.
    ticks: BTreeMap<Tick, [U256; 2]>,
    value: U256,
    paid: U256,
}

impl Outside {
    fn change(&mut self, (range, value): (TickRange, Amount), tick: Tick, adds: bool) {
        let change = |sum: &mut U256| {
            *sum = if adds { sum.saturating_add(value.0) } else { sum.saturating_sub(value.0) };
        };
        let [starts, _] = self.ticks.entry(range.lower).or_default();
        change(starts);
        let [_, ends] = self.ticks.entry(range.upper).or_default();
        change(ends);
        if !range.contains(tick) {
            change(&mut self.value);
        }
    }

    fn follow(&mut self, from: Tick, to: Tick) {
        if from == to {
            return;
        }
        let passed = Tick(from.min(to).0.saturating_add(1))..=from.max(to);
        let crossed = self.ticks.range(passed);
        let [starts, ends] = crossed.fold([U256::ZERO; 2], |[starts, ends], (_, values)| {
            [starts.saturating_add(values[0]), ends.saturating_add(values[1])]
        });
        let (enters, leaves) = if to > from { (starts, ends) } else { (ends, starts) };
        // A range may be passed whole: what goes out of range is added first.
        self.value = self.value.saturating_add(leaves).saturating_sub(enters);
    }
}

impl ByValue {
    pub(crate) fn new(budget: Amount, clock: Clock) -> Result<Self, String> {
        let outside = Group::ALL.into_iter().filter(|group| group.may_be_idle());
        Ok(Self {
            stream: Streamed::new(budget, clock)?,
            clock,
            outside: outside.map(|group| (group, Outside::default())).collect(),
            per_unit: U256::ZERO,
        })
    }

    /// Counts what has been paid to what is out of range, up to a moment.
    fn count(&mut self, at: Timestamp) -> Result<(), String> {
        let per_unit = self.stream.per_unit(at)?;
        let grown = per_unit.saturating_sub(self.per_unit);
        for outside in self.outside.values_mut() {
            let paid = mul_div(outside.value, grown, SCALE).unwrap_or_default();
            outside.paid = outside.paid.saturating_add(paid);
        }
        self.per_unit = per_unit;
        Ok(())
    }

    fn change(&mut self, stake: &Stake, seen: Seen<'_>, adds: bool) -> Result<(), String> {
        self.count(seen.at)?;
        if let Some(outside) = self.outside.get_mut(&stake.group) {
            outside.change((stake.range, stake.value), seen.pool.tick(), adds);
        }
        Ok(())
    }
}

impl RangeProgramme for ByValue {
    fn enter(&mut self, stake: &Stake, seen: Seen<'_>) -> Result<(), String> {
        self.change(stake, seen, true)?;
        self.stream.stake(stake.group, stake.value, seen.at)
    }

    fn leave(&mut self, stake: &Stake, seen: Seen<'_>) -> Result<(), String> {
        self.change(stake, seen, false)?;
        self.stream.withdraw(stake.group, stake.value, seen.at)
    }

    fn swapped(&mut self, tally: &Tally, seen: Seen<'_>) -> Result<(), String> {
        self.count(seen.at)?;
        for (from, to) in &tally.moves {
            for outside in self.outside.values_mut() {
                outside.follow(*from, *to);
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: Seen<'_>) -> Result<Capture, String> {
        self.count(self.clock.end())?;
        let idle = self.outside.iter().map(|(group, outside)| (*group, Amount(outside.paid)));
        Ok(Capture { idle: idle.collect(), ..self.stream.pay()? })
    }
}
