//! The cast in a pool of shares: stakes alone count, and when they change.

use tidemill_units::{Amount, Timestamp};

use super::aerodrome_gauge::Emitted;
use super::boosted_gauge::Boosted;
use super::master_chef::Farmed;
use super::staking_rewards::Streamed;
use super::{Campaign, Capture, Clock, Group, RunError};
use crate::depth::{DepthError, PART_ONE, part_of_capital};
use crate::number::from_amount;
use crate::programme::Rule;
use crate::share_flow::ShareRecording;
use tidemill_units::mul_div;

/// A programme for shares.
enum Staked {
    Stream(Box<Streamed>),
    Farm(Box<Farmed>),
    Gauge(Box<Boosted>),
    Epochs(Box<Emitted>),
}

impl Staked {
    fn of(rule: &Rule, budget: Amount, clock: Clock) -> Result<Self, String> {
        Ok(match rule {
            Rule::MasterChef { block_seconds } => {
                Self::Farm(Box::new(Farmed::new(budget, *block_seconds, clock)?))
            }
            Rule::BoostedGauge { family, votes } => {
                Self::Gauge(Box::new(Boosted::new(budget, (*family, *votes), clock)?))
            }
            Rule::AerodromeGauge => Self::Epochs(Box::new(Emitted::new(budget, clock))),
            Rule::StakingRewards | Rule::V3Staker | Rule::SlipstreamGauge | Rule::Merkl { .. } => {
                Self::Stream(Box::new(Streamed::new(budget, clock)?))
            }
        })
    }

    /// Stakes and unstakes, at one moment.
    fn change(
        &mut self,
        group: Group,
        (less, more): (Amount, Amount),
        at: Timestamp,
    ) -> Result<(), String> {
        match self {
            Self::Stream(programme) => {
                programme.withdraw(group, less, at)?;
                programme.stake(group, more, at)
            }
            Self::Farm(programme) => programme.change(group, (less, more), at),
            Self::Gauge(programme) => programme.change(group, (less, more), at),
            Self::Epochs(programme) => {
                let changed = programme.change(group, (less, more), at);
                changed.map_err(|error| error.to_string())
            }
        }
    }

    fn finish(self) -> Result<Capture, String> {
        match self {
            Self::Stream(mut programme) => programme.pay(),
            Self::Farm(programme) => programme.finish(),
            Self::Gauge(programme) => programme.finish(),
            Self::Epochs(programme) => programme.finish().map_err(|error| error.to_string()),
        }
    }
}

/// What happens on the tape.
enum Turn {
    /// So many shares there are from now on.
    Supply(Amount),
    /// Somebody comes and goes within a block.
    Pulse,
}

/// Follows the number of shares with the cast staked beside them.
pub(crate) fn run(
    campaign: Campaign<'_>,
    recording: &ShareRecording,
    clock: Clock,
    rule: &Rule,
) -> Result<Capture, RunError> {
    let supply = campaign.plan.supply;
    let part = |part: f64| part_of_capital(part).ok_or(RunError::Pool(DepthError::TooMuch));
    let staked_part = part(supply.staked_part)?;
    let last = recording.supplies.last().map_or(Amount::ZERO, |(_, shares)| *shares);
    let of = |shares: Amount, part| mul_div(shares.0, part, PART_ONE).map(Amount);
    let whole = campaign.flow.capital;
    let added = of(last, part(campaign.staked / whole)?).ok_or(DepthError::TooMuch)?;
    let flash = part(from_amount(campaign.plan.cast.same_block) / whole)?;
    let flash = of(last, flash).ok_or(DepthError::TooMuch)?;
    let mut programme = Staked::of(rule, campaign.budget, clock)?;
    let mut present = Amount::ZERO;
    let mut has_begun = false;
    for (recorded, turn) in turns(recording, campaign.plan.cast.same_block_every) {
        let at = clock.at(recorded);
        match turn {
            Turn::Supply(shares) => {
                let staked = of(shares, staked_part).unwrap_or_default();
                let more = staked.checked_sub(present).unwrap_or_default();
                let less = present.checked_sub(staked).unwrap_or_default();
                programme.change(Group::Present, (less, more), at)?;
                present = staked;
                if !std::mem::replace(&mut has_begun, true) {
                    programme.change(Group::Added, (Amount::ZERO, added), at)?;
                    // A boost is of the stakes at one's own last checkpoint.
                    programme.change(Group::Present, (Amount::ZERO, Amount::ZERO), at)?;
                }
            }
            Turn::Pulse => {
                programme.change(Group::SameBlock, (Amount::ZERO, flash), at)?;
                programme.change(Group::SameBlock, (flash, Amount::ZERO), at)?;
            }
        }
    }
    Ok(programme.finish()?)
}

/// Returns what happens, in order.
fn turns(recording: &ShareRecording, every: u64) -> Vec<(Timestamp, Turn)> {
    let supplies = recording.supplies.iter().map(|(at, shares)| (*at, Turn::Supply(*shares)));
    let every = usize::try_from(every).unwrap_or(usize::MAX);
    let pulses = recording.samples.iter().skip(1).step_by(every);
    let mut turns: Vec<_> = supplies.chain(pulses.map(|sample| (sample.at, Turn::Pulse))).collect();
    turns.sort_by_key(|(at, _)| *at);
    turns
}
