use tidemill_units::{Amount, Timestamp};

use super::distribution::{difference, sum};
use super::{
    Block, BondStatus, Decimal, Delegation, Payment, RedelegationEntry, Staking, StakingError,
    Touched, UnbondingEntry,
};
use crate::Account;

/// What a delegation gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delegated {
    /// New shares of the validator.
    pub shares: Decimal,
    /// Rewards of what was delegated before, to be paid to the delegator.
    pub rewards: Amount,
}

/// What an undelegation gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelegated {
    /// Tokens that will be paid, slashes until then taken off: the asked amount or one less.
    pub amount: Amount,
    /// When.
    pub completes_at: Timestamp,
    /// Rewards, to be paid now; the commission too of a validator that is gone with its last share.
    pub payments: Vec<Payment>,
}

/// What a redelegation gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redelegated {
    /// Tokens that moved.
    pub amount: Amount,
    /// Shares of the destination.
    pub shares: Decimal,
    /// Until when it can be slashed for the source; `None` from an unbonded one.
    pub completes_at: Option<Timestamp>,
    /// As of an undelegation, with the rewards of what was at the destination before.
    pub payments: Vec<Payment>,
}

/// Shares that were taken from a validator.
pub(super) struct Removed {
    pub(super) amount: Amount,
    pub(super) payments: Vec<Payment>,
}

impl Staking {
    /// Delegates tokens, which the delegator pays; returns the shares, rounded down, and the
    /// rewards that every change of a delegation withdraws.
    ///
    /// Errors: `ZeroAmount`, `NoValidator`, `SharesWithoutTokens`, and those of
    /// [`withdraw_rewards`](Self::withdraw_rewards). Source: `MsgDelegate`, `Delegate`.
    pub fn delegate(
        &mut self,
        delegator: Account,
        validator: Account,
        amount: Amount,
        at: Block,
    ) -> Result<Delegated, StakingError> {
        if amount.is_zero() {
            return Err(StakingError::ZeroAmount);
        }
        self.found(validator)?;
        let (validators, delegations) = (vec![validator], vec![(delegator, validator)]);
        let touched = Touched { validators, delegations, ..Touched::default() };
        self.atomically(&touched, |this| this.add((delegator, validator), amount, at))
    }

    /// Takes tokens out of a delegation; they are paid after the unbonding time, whatever the
    /// validator's status, and slashed until then for what it did before.
    ///
    /// The shares are what the amount is worth, rounded down, and what they are worth in turn is
    /// paid: the amount that was asked for, or one less.
    ///
    /// Errors: `ZeroAmount`, `NoValidator`, `NoDelegation`; `InsufficientShares` where all was
    /// slashed; `SharesExceeded`, `TooManyUnbondings`, and those of
    /// [`withdraw_rewards`](Self::withdraw_rewards).
    /// Source: `MsgUndelegate`, `ValidateUnbondAmount`, `Undelegate`.
    pub fn undelegate(
        &mut self,
        delegator: Account,
        validator: Account,
        amount: Amount,
        at: Block,
    ) -> Result<Undelegated, StakingError> {
        let key = (delegator, validator);
        let shares = self.shares_to_unbond(key, amount)?;
        let entries = self.unbondings.get(&key).map_or(0, Vec::len);
        if self.is_full(entries) {
            return Err(StakingError::TooManyUnbondings);
        }
        let touched = Touched {
            validators: vec![validator],
            delegations: vec![key],
            unbonding: Some(key),
            redelegation: None,
        };
        self.atomically(&touched, |this| {
            let Removed { amount, payments } = this.remove(key, shares, at)?;
            let completes_at = this.unbonding_end(at)?;
            this.add_unbonding(key, amount, Block { time: completes_at, ..at })?;
            Ok(Undelegated { amount, completes_at, payments })
        })
    }

    /// Moves tokens from one validator to another, at once. What arrived this way can move on only
    /// after the unbonding time, and until then is slashed for what the source did before.
    ///
    /// Errors: `ZeroAmount`, `NoValidator`, `NoDelegation`, `InsufficientShares`,
    /// `SharesExceeded`, `SelfRedelegation`, `NoDestination`, `TransitiveRedelegation`,
    /// `TooManyRedelegations`, `TinyRedelegation`; `SharesWithoutTokens` of the destination; and
    /// those of [`withdraw_rewards`](Self::withdraw_rewards).
    /// Source: `MsgBeginRedelegate`, `BeginRedelegation`.
    pub fn redelegate(
        &mut self,
        delegator: Account,
        [source, destination]: [Account; 2],
        amount: Amount,
        at: Block,
    ) -> Result<Redelegated, StakingError> {
        let from = (delegator, source);
        let shares = self.shares_to_unbond(from, amount)?;
        if source == destination {
            return Err(StakingError::SelfRedelegation);
        }
        if !self.validators.contains_key(&destination) {
            return Err(StakingError::NoDestination);
        }
        let key = (delegator, source, destination);
        let of_delegator = (delegator, FIRST, FIRST)..=(delegator, LAST, LAST);
        if self.redelegations.range(of_delegator).any(|(each, _)| each.2 == source) {
            return Err(StakingError::TransitiveRedelegation);
        }
        if self.is_full(self.redelegations.get(&key).map_or(0, Vec::len)) {
            return Err(StakingError::TooManyRedelegations);
        }
        let to = (delegator, destination);
        let touched = Touched {
            validators: vec![source, destination],
            delegations: vec![from, to],
            unbonding: None,
            redelegation: Some(key),
        };
        self.atomically(&touched, |this| {
            let Removed { amount, mut payments } = this.remove(from, shares, at)?;
            if amount.is_zero() {
                return Err(StakingError::TinyRedelegation);
            }
            let Delegated { shares, rewards } = this.add(to, amount, at)?;
            payments.extend(payment(delegator, rewards));
            let liable = this.liable_until(source, at)?;
            if let Some(Block { height, time }) = liable {
                this.redelegations.entry(key).or_default().push(RedelegationEntry {
                    creation_height: height,
                    completes_at: time,
                    initial_balance: amount,
                    shares,
                });
            }
            Ok(Redelegated { amount, shares, completes_at: liable.map(|b| b.time), payments })
        })
    }

    /// Delegates tokens of an unbonding entry back to its validator.
    ///
    /// Errors: `NoValidator`, `ZeroAmount`, `SharesWithoutTokens`, `Jailed`; `NoUnbonding` for a
    /// height without an entry; `UnbondingExceeded`, `UnbondingComplete`, and those of
    /// [`withdraw_rewards`](Self::withdraw_rewards). Source: `MsgCancelUnbondingDelegation`.
    pub fn cancel_unbonding(
        &mut self,
        delegator: Account,
        validator: Account,
        entry: CancelledUnbonding,
        at: Block,
    ) -> Result<Delegated, StakingError> {
        if entry.amount.is_zero() {
            return Err(StakingError::ZeroAmount);
        }
        let of = self.found(validator)?;
        if of.has_shares_without_tokens() {
            return Err(StakingError::SharesWithoutTokens);
        }
        if of.is_jailed {
            return Err(StakingError::Jailed);
        }
        let key = (delegator, validator);
        let entries = self.unbondings.get(&key).ok_or(StakingError::NoUnbonding)?;
        let index = entries.iter().position(|each| each.creation_height == entry.creation_height);
        let index = index.ok_or(StakingError::NoUnbonding)?;
        let found = *entries.get(index).ok_or(StakingError::NoUnbonding)?;
        let left = found.balance.checked_sub(entry.amount);
        let left = left.ok_or(StakingError::UnbondingExceeded)?;
        if found.completes_at < at.time {
            return Err(StakingError::UnbondingComplete);
        }
        let touched = Touched {
            validators: vec![validator],
            delegations: vec![key],
            unbonding: Some(key),
            redelegation: None,
        };
        self.atomically(&touched, |this| {
            let delegated = this.add(key, entry.amount, at)?;
            let initial = found.initial_balance.checked_sub(entry.amount);
            let initial_balance = initial.ok_or(StakingError::Underflow)?;
            let entries = this.unbondings.entry(key).or_default();
            if left.is_zero() {
                entries.remove(index);
            } else if let Some(each) = entries.get_mut(index) {
                *each = UnbondingEntry { balance: left, initial_balance, ..found };
            }
            if entries.is_empty() {
                this.unbondings.remove(&key);
            }
            Ok(delegated)
        })
    }

    /// Source: `ValidateUnbondAmount`, behind the message server's checks.
    fn shares_to_unbond(
        &self,
        key: (Account, Account),
        amount: Amount,
    ) -> Result<Decimal, StakingError> {
        if amount.is_zero() {
            return Err(StakingError::ZeroAmount);
        }
        let validator = self.found(key.1)?;
        let delegation = self.delegations.get(&key).ok_or(StakingError::NoDelegation)?;
        let shares = validator.shares_from_tokens(amount)?;
        if shares > delegation.shares {
            return Err(StakingError::SharesExceeded);
        }
        Ok(shares)
    }

    fn is_full(&self, entries: usize) -> bool {
        u32::try_from(entries).is_ok_and(|entries| entries >= self.parameters.max_entries)
    }

    /// Source: `Delegate`.
    fn add(
        &mut self,
        key: (Account, Account),
        amount: Amount,
        at: Block,
    ) -> Result<Delegated, StakingError> {
        if self.found(key.1)?.has_shares_without_tokens() {
            return Err(StakingError::SharesWithoutTokens);
        }
        let rewards = if self.delegations.contains_key(&key) {
            self.withdraw(key, at)?
        } else {
            self.end_period(key.1)?;
            Amount::ZERO
        };
        let validator = self.found_mut(key.1)?;
        let shares = if validator.shares.is_zero() {
            Decimal::from_amount(amount).ok_or(StakingError::Overflow)?
        } else {
            validator.shares_from_tokens(amount)?
        };
        let tokens = validator.tokens.checked_add(amount);
        validator.tokens = tokens.ok_or(StakingError::Overflow)?;
        validator.shares = sum(validator.shares, shares)?;
        let (delegator, validator) = key;
        let delegation = self.delegations.entry(key).or_insert(Delegation {
            delegator,
            validator,
            shares: Decimal::ZERO,
            start_period: 0,
            start_ratio: Decimal::ZERO,
            start_stake: Decimal::ZERO,
            start_height: 0,
        });
        delegation.shares = sum(delegation.shares, shares)?;
        self.start_delegation(key, at)?;
        Ok(Delegated { shares, rewards })
    }

    /// Source: `Unbond`, `RemoveDelShares`. The delegation starts anew before the tokens are gone,
    /// so what was cut off of them counts from the next change on only.
    pub(super) fn remove(
        &mut self,
        key: (Account, Account),
        shares: Decimal,
        at: Block,
    ) -> Result<Removed, StakingError> {
        let (delegator, operator) = key;
        let rewards = self.withdraw(key, at)?;
        let mut payments: Vec<_> = payment(delegator, rewards).into_iter().collect();
        let delegation = self.delegations.get_mut(&key).ok_or(StakingError::NoDelegation)?;
        let kept = delegation.shares.checked_sub(shares).ok_or(StakingError::SharesExceeded)?;
        delegation.shares = kept;

        let validator = self.found_mut(operator)?;
        if delegator == operator && !validator.is_jailed {
            let worth = validator.tokens_from_shares(kept)?.whole();
            validator.is_jailed = worth < validator.min_self_delegation;
        }
        if kept.is_zero() {
            self.delegations.remove(&key);
        } else {
            self.start_delegation(key, at)?;
        }
        let validator = self.found_mut(operator)?;
        let left = difference(validator.shares, shares)?;
        let amount = if left.is_zero() {
            validator.tokens
        } else {
            validator.tokens_from_shares(shares)?.whole()
        };
        let tokens = validator.tokens.checked_sub(amount);
        validator.tokens = tokens.ok_or(StakingError::Underflow)?;
        validator.shares = left;
        if left.is_zero() && validator.status == BondStatus::Unbonded {
            payments.extend(self.remove_validator(operator)?);
        }
        Ok(Removed { amount, payments })
    }

    /// Source: `SetUnbondingDelegationEntry`, `AddEntry`: what completes with an entry of the same
    /// block is added to it.
    fn add_unbonding(
        &mut self,
        key: (Account, Account),
        amount: Amount,
        completion: Block,
    ) -> Result<(), StakingError> {
        let Block { height: creation_height, time: completes_at } = completion;
        let entries = self.unbondings.entry(key).or_default();
        let same = entries.iter_mut().find(|each| {
            each.creation_height == creation_height && each.completes_at == completes_at
        });
        let Some(entry) = same else {
            let (initial_balance, balance) = (amount, amount);
            entries.push(UnbondingEntry {
                creation_height,
                completes_at,
                initial_balance,
                balance,
            });
            return Ok(());
        };
        let add = |to: Amount| to.checked_add(amount).ok_or(StakingError::Overflow);
        entry.initial_balance = add(entry.initial_balance)?;
        entry.balance = add(entry.balance)?;
        Ok(())
    }

    /// Until when a redelegation answers for its source; not at all for an unbonded one, but the
    /// whole unbonding time where it went with this, its last share.
    ///
    /// Source: `getBeginInfo`, as in 0.47 and after 0.50; 0.50 itself loses the time.
    fn liable_until(&self, source: Account, at: Block) -> Result<Option<Block>, StakingError> {
        match self.validators.get(&source).map(|source| source.status) {
            None | Some(BondStatus::Bonded) => {
                Ok(Some(Block { time: self.unbonding_end(at)?, ..at }))
            }
            Some(BondStatus::Unbonded) => Ok(None),
            Some(BondStatus::Unbonding { height, until }) => {
                Ok(Some(Block { height, time: until }))
            }
        }
    }
}

/// Which unbonding is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelledUnbonding {
    /// The block it was made in.
    pub creation_height: u64,
    /// How much of it.
    pub amount: Amount,
}

const FIRST: Account = Account([0; 20]);
const LAST: Account = Account([u8::MAX; 20]);

fn payment(to: Account, amount: Amount) -> Option<Payment> {
    (!amount.is_zero()).then_some(Payment { to, amount })
}
