//! The states of Aerodrome's system and of Slipstream's gauge.

use tidemill_model::{AerodromeChoice, AerodromeVote};
use tidemill_rewards::StateError;
use tidemill_rewards::aerodrome::{
    Aerodrome, AerodromeState, AerodromeStateError, BalanceCheckpoint, Ballot, ConcentratedGauge,
    ConcentratedGaugeState, DistributorState, Gauge, GaugeId, GaugeState, GaugeTotals, GlobalPoint,
    LockId, LockKindState, LockPoint, LockState, LockedBalance, MinterState, PositionId,
    StakedPosition, Staker, VotedGaugeState, VotingRewardState,
};

use super::Resumable;
use super::refusal::{Refusal, culprit};
use super::value::{StateValue, record, tag, tagged};
use crate::pool_state::{FieldFault, Fields, Json, Value};

record!(AerodromeState {
    updated_at,
    token,
    locks,
    points,
    slope_changes,
    locked_supply,
    permanent_lock_balance,
    last_lock,
    can_split,
    everybody_can_split,
    gauges,
    ballots,
    index,
    max_voting_num,
    whitelisted_locks,
    whitelisted_tokens,
    minter,
    distributor,
});
record!(LockState { id, owner, locked, kind, points });
record!(LockedBalance { amount, end, is_permanent });
record!(LockPoint { at, bias, slope, permanent });
record!(GlobalPoint { at, bias, slope, permanent_lock_balance });
record!(VotingRewardState { supply, balances, rewards, last_earn, tokens });
record!(BalanceCheckpoint { at, balance });
record!(VotedGaugeState { is_alive, tokens, weight, supply_index, claimable, fees, bribes, gauge });
record!(GaugeState { totals, stakers });
record!(GaugeTotals {
    period_finish,
    reward_rate,
    last_update_time,
    reward_per_token_stored,
    total_supply,
    balance,
    fees0,
    fees1,
});
record!(Staker { balance, reward_per_token_paid, rewards });
record!(Ballot { votes, last_voted });
record!(MinterState {
    weekly,
    active_period,
    epoch_count,
    team_rate,
    tail_emission_rate,
    nudged_period,
    total_supply,
    balance,
});
record!(DistributorState {
    start_time,
    last_token_time,
    token_last_balance,
    balance,
    tokens_per_week,
    time_cursor_of,
});
record!(ConcentratedGaugeState {
    period_finish,
    reward_rate,
    reward_reserve,
    rollover,
    reward_growth_global_x128,
    last_updated,
    balance,
    fees0,
    fees1,
    reward_growth_outside,
    positions,
});
record!(StakedPosition {
    owner,
    range,
    liquidity,
    reward_growth_inside,
    rewards,
    last_update_time
});

// Of the system's tapes.
record!(AerodromeVote { gauge, weight, total_weight });
record!(AerodromeChoice { gauge, weight });

impl StateValue for LockId {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        u64::read(value).map(Self)
    }

    fn write(&self) -> Json {
        self.0.write()
    }
}

impl StateValue for GaugeId {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        u32::read(value).map(Self)
    }

    fn write(&self) -> Json {
        self.0.write()
    }
}

impl StateValue for PositionId {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        u64::read(value).map(Self)
    }

    fn write(&self) -> Json {
        self.0.write()
    }
}

impl StateValue for LockKindState {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        const EXPECTED: &str = "\"normal\", \"locked\" or \"managed\"";
        let mut fields = Fields::of(value)?;
        let (kind, name) = tag(&mut fields, EXPECTED)?;
        let kind = match name.as_str() {
            "normal" => Self::Normal,
            "locked" => {
                Self::Locked { managed: fields.get("managed")?, weight: fields.get("weight")? }
            }
            "managed" => Self::Managed {
                is_deactivated: fields.get("is_deactivated")?,
                locked_rewards: fields.get("locked_rewards")?,
                free_rewards: fields.get("free_rewards")?,
            },
            _ => return Err(kind.fault(EXPECTED)),
        };
        fields.finish()?;
        Ok(kind)
    }

    fn write(&self) -> Json {
        match self {
            Self::Normal => tagged("normal", []),
            Self::Locked { managed, weight } => {
                tagged("locked", [("managed", managed.write()), ("weight", weight.write())])
            }
            Self::Managed { is_deactivated, locked_rewards, free_rewards } => tagged(
                "managed",
                [
                    ("is_deactivated", is_deactivated.write()),
                    ("locked_rewards", locked_rewards.write()),
                    ("free_rewards", free_rewards.write()),
                ],
            ),
        }
    }
}

impl Resumable for AerodromeState {
    type Programme = Aerodrome;
    type Refused = AerodromeStateError;

    /// The system keeps three lists as sets and would take one out of order without a word.
    fn resume(&self) -> Result<Aerodrome, AerodromeStateError> {
        let allowed = "ascending, none twice";
        let refused = |field| Err(AerodromeStateError { field, allowed });
        if !self.can_split.is_sorted_by(|one, next| one < next) {
            return refused("can_split");
        }
        if !self.whitelisted_locks.is_sorted_by(|one, next| one < next) {
            return refused("whitelisted_locks");
        }
        if !self.whitelisted_tokens.is_sorted_by(|one, next| one < next) {
            return refused("whitelisted_tokens");
        }
        Aerodrome::new(self)
    }

    fn refusal(&self, error: &AerodromeStateError) -> Refusal {
        let refusal = Refusal::of(error.field, error.allowed);
        let refused = |state: Self| Aerodrome::new(&state).err();
        let of = || self.clone();
        match error.field {
            "team_rate" | "tail_emission_rate" | "active_period" => refusal.within("minter"),
            "start_time" | "last_token_time" | "token_last_balance" | "tokens_per_week"
            | "time_cursor_of" => refusal.within("distributor"),
            "locks" if error.allowed == "deposited into locks that are" => {
                let is_lost = |lock: &LockState| match lock.kind {
                    LockKindState::Locked { managed, .. } => {
                        !self.locks.iter().any(|other| other.id == managed)
                    }
                    LockKindState::Normal | LockKindState::Managed { .. } => false,
                };
                refusal.item(self.locks.iter().position(is_lost).unwrap_or_default())
            }
            "locks" => {
                refusal.item(culprit(&self.locks, error, |locks| refused(Self { locks, ..of() })))
            }
            "points" => refusal
                .item(culprit(&self.points, error, |points| refused(Self { points, ..of() }))),
            "slope_changes" => refusal.item(culprit(&self.slope_changes, error, |slope_changes| {
                refused(Self { slope_changes, ..of() })
            })),
            "ballots" => refusal
                .item(culprit(&self.ballots, error, |ballots| refused(Self { ballots, ..of() }))),
            "gauges" => refusal.item(culprit(&self.gauges, error, |gauges| {
                let ballots = votes_for(&self.ballots, gauges.len());
                refused(Self { gauges, ballots, ..of() })
            })),
            _ => refusal,
        }
    }
}

/// The votes for the first so many gauges.
fn votes_for(ballots: &[(LockId, Ballot)], gauges: usize) -> Vec<(LockId, Ballot)> {
    let is_first = |gauge: GaugeId| usize::try_from(gauge.0).is_ok_and(|gauge| gauge < gauges);
    let ballot = |(lock, ballot): &(LockId, Ballot)| {
        let votes = ballot.votes.iter().filter(|(gauge, _)| is_first(*gauge)).copied().collect();
        (*lock, Ballot { votes, ..*ballot })
    };
    ballots.iter().map(ballot).collect()
}

impl Resumable for GaugeState {
    type Programme = Gauge;
    type Refused = AerodromeStateError;

    fn resume(&self) -> Result<Gauge, AerodromeStateError> {
        Gauge::new(self)
    }

    fn refusal(&self, error: &AerodromeStateError) -> Refusal {
        Refusal::of(error.field, error.allowed)
    }
}

impl Resumable for ConcentratedGaugeState {
    type Programme = ConcentratedGauge;
    type Refused = StateError;

    /// The gauge refuses all that it refuses in one word; what it can mean is asked first.
    fn resume(&self) -> Result<ConcentratedGauge, StateError> {
        let mut last = None;
        for (index, (tick, growth)) in self.reward_growth_outside.iter().enumerate() {
            if last.replace(*tick) >= Some(*tick) || growth.is_zero() {
                let allowed = "ascending by tick, none twice, none zero";
                return Err(StateError::at("reward_growth_outside", index, allowed));
            }
        }
        let mut last = None;
        for (index, (id, _)) in self.positions.iter().enumerate() {
            if last.replace(*id) >= Some(*id) {
                return Err(StateError::at("positions", index, "ascending, none twice"));
            }
        }
        let allowed = "with the rollover at most the balance";
        ConcentratedGauge::new(self).map_err(|_| StateError::of("reward_reserve", allowed))
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        (*error).into()
    }
}
