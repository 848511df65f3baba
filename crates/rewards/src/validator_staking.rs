//! Proof-of-stake delegation as the Cosmos SDK's staking and distribution modules do it: shares of
//! a validator, rewards by the F1 scheme, commission, slashing, unbonding and redelegation.
//!
//! F1 (Ojha and Goes, "F1 Fee Distribution", Tokenomics 2019) keeps one sum of rewards per token
//! and validator and ends a period at every change of a delegation; what the SDK looks up in its
//! history of periods by reference counts is kept in the delegation and the slash event here.
//!
//! One token is staked and one is earned. With several reward tokens, each is a module of its own
//! with the same staking operations: the SDK treats each denomination by itself.

mod decimal;
mod delegation;
mod distribution;
mod error;
mod facts;
mod slash;
mod state;
mod undo;

use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp};

use crate::Account;

pub use decimal::Decimal;
pub use delegation::{CancelledUnbonding, Delegated, Redelegated, Undelegated};
pub use distribution::Vote;
pub use error::StakingError;
pub use facts::FACTS;
pub use slash::{Infraction, Slashed};
pub use state::{
    BondStatus, Delegation, Redelegation, RedelegationEntry, SlashEvent, StakingParameters,
    StakingState, StakingStateError, Unbonding, UnbondingEntry, Validator,
};
use undo::Touched;

/// The block an operation is in. Both rise from one to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// Its height.
    pub height: u64,
    /// Its time.
    pub time: Timestamp,
}

/// Rewards or commission that an operation pays out of the distribution account, whole tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// To whom.
    pub to: Account,
    /// How much, rounded down; the fraction goes to the community pool.
    pub amount: Amount,
}

/// What the end of a block completes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completed {
    /// Undelegated tokens to be paid, by delegator and validator.
    pub unbonded: Vec<Unbonded>,
    /// Commission of validators that were removed.
    pub payments: Vec<Payment>,
}

/// Undelegated tokens that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unbonded {
    /// To whom.
    pub delegator: Account,
    /// From whom.
    pub validator: Account,
    /// How much, what was slashed meanwhile taken off.
    pub amount: Amount,
}

/// Validators, delegations and their rewards.
///
/// Source: cosmos-sdk after 0.50, `x/staking/keeper`, `x/staking/types/validator.go` and
/// `x/distribution/keeper`. The proposer's reward, gone since 0.47, is that of 0.45.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staking {
    parameters: StakingParameters,
    community_pool: Decimal,
    /// The community pool and everything outstanding: what the distribution account has. Bounds
    /// every part of it.
    held: Decimal,
    validators: BTreeMap<Account, Validator>,
    delegations: BTreeMap<(Account, Account), Delegation>,
    unbondings: BTreeMap<(Account, Account), Vec<UnbondingEntry>>,
    redelegations: BTreeMap<(Account, Account, Account), Vec<RedelegationEntry>>,
}

impl Staking {
    /// Returns what governance set.
    pub fn parameters(&self) -> StakingParameters {
        self.parameters
    }

    /// Returns the community pool, fractions included.
    pub fn community_pool(&self) -> Decimal {
        self.community_pool
    }

    /// Returns what the distribution account holds: the community pool and all that is outstanding.
    pub fn held(&self) -> Decimal {
        self.held
    }

    /// Returns a validator.
    pub fn validator(&self, operator: Account) -> Option<&Validator> {
        self.validators.get(&operator)
    }

    /// Returns a delegation.
    pub fn delegation(&self, delegator: Account, validator: Account) -> Option<&Delegation> {
        self.delegations.get(&(delegator, validator))
    }

    /// Returns the tokens a delegation is worth, rounded down (`TokensFromShares`, as the SDK's
    /// queries answer).
    ///
    /// Errors: `NoValidator`, `NoDelegation`, `DivisionByZero`, `Overflow`.
    pub fn tokens_of(
        &self,
        delegator: Account,
        validator: Account,
    ) -> Result<Amount, StakingError> {
        let of = self.found(validator)?;
        let delegation = self.delegation(delegator, validator).ok_or(StakingError::NoDelegation)?;
        of.tokens_from_shares(delegation.shares).map(Decimal::whole)
    }

    /// Makes a validator without delegations, unbonded, its first period running.
    ///
    /// The SDK's message delegates in the same breath; here that is the next operation.
    ///
    /// Errors: `ValidatorExists`, `CommissionTooHigh`.
    /// Source: `CreateValidator`, `initializeValidator`.
    pub fn create_validator(
        &mut self,
        operator: Account,
        commission_rate: Decimal,
        min_self_delegation: Amount,
    ) -> Result<(), StakingError> {
        if self.validators.contains_key(&operator) {
            return Err(StakingError::ValidatorExists);
        }
        if commission_rate > Decimal::ONE {
            return Err(StakingError::CommissionTooHigh);
        }
        let validator = Validator {
            operator,
            commission_rate,
            min_self_delegation,
            period: 1,
            ..Validator::default()
        };
        self.validators.insert(operator, validator);
        Ok(())
    }

    /// Sets a validator's commission from now on; what accrued stays as it was split.
    ///
    /// The SDK's limits of a day's change are left to the caller.
    ///
    /// Errors: `NoValidator`, `CommissionTooHigh`. Source: `UpdateValidatorCommission`.
    pub fn set_commission(
        &mut self,
        operator: Account,
        commission_rate: Decimal,
    ) -> Result<(), StakingError> {
        let validator = self.found_mut(operator)?;
        if commission_rate > Decimal::ONE {
            return Err(StakingError::CommissionTooHigh);
        }
        validator.commission_rate = commission_rate;
        Ok(())
    }

    /// Lets a validator vote.
    ///
    /// Errors: `NoValidator`; `Jailed`; `WrongStatus` where it votes already.
    /// Source: `bondValidator`.
    pub fn bond(&mut self, operator: Account) -> Result<(), StakingError> {
        let validator = self.found_mut(operator)?;
        if validator.is_jailed {
            return Err(StakingError::Jailed);
        }
        if validator.status == BondStatus::Bonded {
            return Err(StakingError::WrongStatus);
        }
        validator.status = BondStatus::Bonded;
        Ok(())
    }

    /// Ends a validator's voting; it is unbonded after the unbonding time.
    ///
    /// Errors: `NoValidator`; `WrongStatus` where it does not vote; `Overflow` of time.
    /// Source: `BeginUnbondingValidator`.
    pub fn begin_unbonding(&mut self, operator: Account, at: Block) -> Result<(), StakingError> {
        let until = self.unbonding_end(at)?;
        let validator = self.found_mut(operator)?;
        if validator.status != BondStatus::Bonded {
            return Err(StakingError::WrongStatus);
        }
        validator.status = BondStatus::Unbonding { height: at.height, until };
        Ok(())
    }

    /// Bars a validator from being bonded. It goes on voting until it is told to unbond.
    ///
    /// Errors: `NoValidator`, `Jailed`. Source: `jailValidator`.
    pub fn jail(&mut self, operator: Account) -> Result<(), StakingError> {
        let validator = self.found_mut(operator)?;
        if validator.is_jailed {
            return Err(StakingError::Jailed);
        }
        validator.is_jailed = true;
        Ok(())
    }

    /// Lets a validator be bonded again.
    ///
    /// Errors: `NoValidator`, `NotJailed`. Source: `unjailValidator`.
    pub fn unjail(&mut self, operator: Account) -> Result<(), StakingError> {
        let validator = self.found_mut(operator)?;
        if !validator.is_jailed {
            return Err(StakingError::NotJailed);
        }
        validator.is_jailed = false;
        Ok(())
    }

    /// Completes what is due: validators that unbond, those without shares removed; undelegated
    /// tokens, to be paid from the pool of tokens that are not bonded; redelegations.
    ///
    /// Errors: `Overflow` or `Underflow` for amounts no chain has.
    /// Source: `UnbondAllMatureValidators`, `CompleteUnbonding`, `CompleteRedelegation`.
    pub fn end_block(&mut self, at: Block) -> Result<Completed, StakingError> {
        let is_due = |validator: &&Validator| {
            matches!(validator.status, BondStatus::Unbonding { height, until }
                if height <= at.height && until <= at.time)
        };
        let due: Vec<_> = self.validators.values().filter(is_due).map(|v| v.operator).collect();
        let touched = Touched { validators: due.clone(), ..Touched::default() };
        let payments = self.atomically(&touched, |this| {
            let mut payments = Vec::new();
            for operator in due {
                let validator = this.found_mut(operator)?;
                validator.status = BondStatus::Unbonded;
                if validator.shares.is_zero() {
                    payments.extend(this.remove_validator(operator)?);
                }
            }
            Ok(payments)
        })?;
        let mut unbonded = Vec::new();
        for (&(delegator, validator), entries) in &mut self.unbondings {
            let mut amount = Amount::ZERO;
            entries.retain(|entry| {
                let is_due = entry.completes_at <= at.time;
                if is_due {
                    // All balances together were tokens of one module, so they fit.
                    amount = amount.checked_add(entry.balance).unwrap_or(Amount::MAX);
                }
                !is_due
            });
            if !amount.is_zero() {
                unbonded.push(Unbonded { delegator, validator, amount });
            }
        }
        self.unbondings.retain(|_, entries| !entries.is_empty());
        for entries in self.redelegations.values_mut() {
            entries.retain(|entry| entry.completes_at > at.time);
        }
        self.redelegations.retain(|_, entries| !entries.is_empty());
        Ok(Completed { unbonded, payments })
    }

    fn found(&self, operator: Account) -> Result<&Validator, StakingError> {
        self.validators.get(&operator).ok_or(StakingError::NoValidator)
    }

    fn found_mut(&mut self, operator: Account) -> Result<&mut Validator, StakingError> {
        self.validators.get_mut(&operator).ok_or(StakingError::NoValidator)
    }

    fn unbonding_end(&self, at: Block) -> Result<Timestamp, StakingError> {
        let end = at.time.0.checked_add(self.parameters.unbonding_seconds);
        end.map(Timestamp).ok_or(StakingError::Overflow)
    }
}

impl Validator {
    /// Whether its shares have lost all their tokens, so that none can be bought
    /// (`InvalidExRate`).
    pub fn has_shares_without_tokens(&self) -> bool {
        self.tokens.is_zero() && !self.shares.is_zero()
    }

    /// Returns what shares are worth, to the nearest decimal (`TokensFromShares`).
    fn tokens_from_shares(&self, shares: Decimal) -> Result<Decimal, StakingError> {
        if self.shares.is_zero() {
            return Err(StakingError::DivisionByZero);
        }
        shares.share_half_even(self.tokens, self.shares).ok_or(StakingError::Overflow)
    }

    /// Returns the shares an amount buys or takes, rounded down (`SharesFromTokens`).
    fn shares_from_tokens(&self, amount: Amount) -> Result<Decimal, StakingError> {
        if self.tokens.is_zero() {
            return Err(StakingError::InsufficientShares);
        }
        let shares = tidemill_units::mul_div(self.shares.0, amount.0, self.tokens.0);
        shares.map(Decimal).ok_or(StakingError::Overflow)
    }
}

#[cfg(test)]
mod tests;
