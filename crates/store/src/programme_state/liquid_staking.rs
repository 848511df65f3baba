//! The states of liquid staking: a rebasing pool, a token with a reported rate, and a vault.

use std::collections::BTreeMap;

use tidemill_rewards::liquid_staking::{
    Checkpoint, LiquidStaking, LiquidStakingState, LiquidStateError, ModuleFee, PoolAccounts,
    ProtocolFee, RateToken, Vault, WithdrawalRequest,
};
use tidemill_rewards::{Account, StateError};
use tidemill_units::Amount;

use super::Resumable;
use super::refusal::{Refusal, culprit_of};
use super::value::{StateValue, record};
use crate::pool_state::{FieldFault, Json, Value};

record!(LiquidStakingState {
    accounts,
    fee,
    request_margin_seconds,
    buffered,
    consensus_balance,
    deposited_validators,
    appeared_validators,
    shares,
    wrapped,
    burn_requested,
    requests,
    finalized,
    checkpoints,
    locked,
});
record!(PoolAccounts { token, wrapper, queue, burner, treasury });
record!(ProtocolFee { modules, total, precision });
record!(ModuleFee { recipient, fee });
record!(WithdrawalRequest {
    owner,
    cumulative_amount,
    cumulative_shares,
    requested_at,
    is_claimed
});
record!(Checkpoint { from_request, max_share_rate });
record!(RateToken { reported_balance, reported_supply, deposit_fee, collateral, tokens });
record!(Vault { assets, shares, decimals_offset });

/// Holders and what they hold: a list of pairs, ascending, nobody twice and no zero.
impl StateValue for BTreeMap<Account, Amount> {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        let mut holders = Self::new();
        for item in value.list("a list")? {
            let (holder, amount): (Account, Amount) = StateValue::read(&item)?;
            let ascends = holders.last_key_value().is_none_or(|(last, _)| *last < holder);
            if !ascends || amount.is_zero() {
                return Err(item.fault("ascending by holder, nobody twice, none of them zero"));
            }
            holders.insert(holder, amount);
        }
        Ok(holders)
    }

    fn write(&self) -> Json {
        Json::List(self.iter().map(|(holder, amount)| (*holder, *amount).write()).collect())
    }
}

impl Resumable for LiquidStakingState {
    type Programme = LiquidStaking;
    type Refused = LiquidStateError;

    fn resume(&self) -> Result<LiquidStaking, LiquidStateError> {
        LiquidStaking::new(self)
    }

    fn refusal(&self, error: &LiquidStateError) -> Refusal {
        let refusal = Refusal::of(error.field, error.rule);
        let refused = |state: Self| LiquidStaking::new(&state).err();
        let of = || self.clone();
        let index = match error.field {
            "shares" => culprit_of(&self.shares, error, |shares| refused(Self { shares, ..of() })),
            "wrapped" => {
                culprit_of(&self.wrapped, error, |wrapped| refused(Self { wrapped, ..of() }))
            }
            "requests" => {
                culprit_of(&self.requests, error, |requests| refused(Self { requests, ..of() }))
            }
            "checkpoints" => culprit_of(&self.checkpoints, error, |checkpoints| {
                refused(Self { checkpoints, ..of() })
            }),
            _ => None,
        };
        match index {
            Some(index) => refusal.item(index),
            None => refusal,
        }
    }
}

const SUM: &str = "holdings whose sum is below 2^256";

fn fits(holders: &BTreeMap<Account, Amount>) -> bool {
    let mut amounts = holders.values();
    amounts.try_fold(Amount::ZERO, |sum, amount| sum.checked_add(*amount)).is_some()
}

impl Resumable for RateToken {
    type Programme = Self;
    type Refused = StateError;

    fn resume(&self) -> Result<Self, StateError> {
        if fits(&self.tokens) { Ok(self.clone()) } else { Err(StateError::of("tokens", SUM)) }
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        (*error).into()
    }
}

impl Resumable for Vault {
    type Programme = Self;
    type Refused = StateError;

    fn resume(&self) -> Result<Self, StateError> {
        if self.decimals_offset > 77 {
            return Err(StateError::of("decimals_offset", "0 to 77"));
        }
        if fits(&self.shares) { Ok(self.clone()) } else { Err(StateError::of("shares", SUM)) }
    }

    fn refusal(&self, error: &StateError) -> Refusal {
        (*error).into()
    }
}
