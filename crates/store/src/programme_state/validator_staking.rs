//! The state of proof-of-stake delegation.

use tidemill_rewards::validator_staking::{
    BondStatus, Decimal, Delegation, Redelegation, RedelegationEntry, SlashEvent, Staking,
    StakingParameters, StakingState, StakingStateError, Unbonding, UnbondingEntry, Validator,
};
use tidemill_units::Amount;

use super::Resumable;
use super::refusal::{Refusal, culprit, culprit_of};
use super::value::{StateValue, record, tag, tagged};
use crate::pool_state::{FieldFault, Fields, Json, Value};

record!(StakingState {
    parameters,
    community_pool,
    validators,
    delegations,
    unbondings,
    redelegations,
});
record!(StakingParameters {
    unbonding_seconds,
    max_entries,
    power_reduction,
    community_tax,
    base_proposer_reward,
    bonus_proposer_reward,
});
record!(Validator {
    operator,
    status,
    is_jailed,
    tokens,
    shares,
    commission_rate,
    min_self_delegation,
    period,
    reward_ratio,
    current_rewards,
    commission,
    outstanding,
    slashes,
});
record!(SlashEvent { height, period, fraction, reward_ratio });
record!(Delegation {
    delegator,
    validator,
    shares,
    start_period,
    start_ratio,
    start_stake,
    start_height,
});
record!(Unbonding { delegator, validator, entries });
record!(UnbondingEntry { creation_height, completes_at, initial_balance, balance });
record!(Redelegation { delegator, source, destination, entries });
record!(RedelegationEntry { creation_height, completes_at, initial_balance, shares });

/// A number of 18 decimals is written as the count of its last one.
impl StateValue for Decimal {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.u256().map(Self)
    }

    fn write(&self) -> Json {
        self.0.write()
    }
}

impl StateValue for BondStatus {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        const EXPECTED: &str = "\"unbonded\", \"unbonding\" or \"bonded\"";
        let mut fields = Fields::of(value)?;
        let (kind, name) = tag(&mut fields, EXPECTED)?;
        let status = match name.as_str() {
            "unbonded" => Self::Unbonded,
            "unbonding" => {
                Self::Unbonding { height: fields.get("height")?, until: fields.get("until")? }
            }
            "bonded" => Self::Bonded,
            _ => return Err(kind.fault(EXPECTED)),
        };
        fields.finish()?;
        Ok(status)
    }

    fn write(&self) -> Json {
        match self {
            Self::Unbonded => tagged("unbonded", []),
            Self::Unbonding { height, until } => {
                tagged("unbonding", [("height", height.write()), ("until", until.write())])
            }
            Self::Bonded => tagged("bonded", []),
        }
    }
}

impl Resumable for StakingState {
    type Programme = Staking;
    type Refused = StakingStateError;

    fn resume(&self) -> Result<Staking, StakingStateError> {
        Staking::new(self)
    }

    fn refusal(&self, error: &StakingStateError) -> Refusal {
        let StakingStateError { field, rule } = *error;
        let refusal = Refusal::of(field, rule);
        let refused = |state: Self| Staking::new(&state).err();
        let of = || self.clone();
        let index = match field {
            "parameters" => return refusal,
            "validators" => culprit_of(&self.validators, error, |validators| {
                refused(Self { validators, ..of() })
            }),
            "delegations" => culprit_of(&self.delegations, error, |delegations| {
                refused(with_delegations(self, delegations))
            }),
            "unbondings" => culprit_of(&self.unbondings, error, |unbondings| {
                refused(Self { unbondings, ..of() })
            }),
            "redelegations" => culprit_of(&self.redelegations, error, |redelegations| {
                refused(Self { redelegations, ..of() })
            }),
            _ => {
                let index = culprit(&self.validators, error, |validators| {
                    refused(without_delegations(self, validators, error))
                });
                return refusal.within_item("validators", index);
            }
        };
        match index {
            Some(index) => refusal.item(index),
            None => refusal,
        }
    }
}

/// The first delegations alone: the validators have just their shares.
fn with_delegations(state: &StakingState, delegations: Vec<Delegation>) -> StakingState {
    let validators = state.validators.iter().map(|validator| {
        let own = delegations.iter().filter(|each| each.validator == validator.operator);
        let shares = own.map(|each| each.shares).try_fold(Decimal::ZERO, Decimal::checked_add);
        let shares = shares.unwrap_or_default();
        Validator { shares, tokens: Amount::ZERO, ..validator.clone() }
    });
    StakingState { validators: validators.collect(), delegations, ..state.clone() }
}

/// The first validators alone, without delegations to others; where it is about all validators'
/// holdings, without any.
fn without_delegations(
    state: &StakingState,
    mut validators: Vec<Validator>,
    error: &StakingStateError,
) -> StakingState {
    let is_about_all = error.rule == "all of them fit 256 bits";
    let is_of = |each: &Delegation| {
        !is_about_all && validators.iter().any(|validator| validator.operator == each.validator)
    };
    let delegations = state.delegations.iter().filter(|each| is_of(each)).copied().collect();
    if is_about_all {
        for validator in &mut validators {
            (validator.shares, validator.tokens) = (Decimal::ZERO, Amount::ZERO);
        }
    }
    let (unbondings, redelegations) = (Vec::new(), Vec::new());
    StakingState { validators, delegations, unbondings, redelegations, ..state.clone() }
}
