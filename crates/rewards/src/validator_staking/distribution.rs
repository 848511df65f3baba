use tidemill_units::{Amount, U256};

use super::{
    Block, BondStatus, Decimal, Delegation, Payment, Staking, StakingError, Touched, Validator,
};
use crate::Account;

/// A validator's power in the block whose fees are allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    /// Whose.
    pub validator: Account,
    /// How much: its bonded tokens in units of the power reduction.
    pub power: u64,
    /// Whether it signed, which only the proposer's bonus asks.
    pub has_signed: bool,
}

impl Staking {
    /// Allocates fees and inflation to the proposer and to all who could vote, the rest and every
    /// fraction that is cut off to the community pool. Everything, where nobody has power or,
    /// of the proposer's part, where the proposer is not known any more.
    ///
    /// All parts are rounded down at the last decimal; commission to the nearest, halves to even.
    ///
    /// Errors: `NoValidator` for a vote; `Overflow`, also of the sum of powers; `Underflow`.
    /// Source: `AllocateTokens` of 0.45, which with no proposer rewards is that of 0.47 and later.
    pub fn allocate(
        &mut self,
        fees: Amount,
        votes: &[Vote],
        proposer: Option<Account>,
    ) -> Result<(), StakingError> {
        let validators = votes.iter().map(|vote| vote.validator).chain(proposer).collect();
        let touched = Touched { validators, ..Touched::default() };
        self.atomically(&touched, |this| this.allocate_unchecked(fees, votes, proposer))
    }

    fn allocate_unchecked(
        &mut self,
        fees: Amount,
        votes: &[Vote],
        proposer: Option<Account>,
    ) -> Result<(), StakingError> {
        let fees = Decimal::from_amount(fees).ok_or(StakingError::Overflow)?;
        self.held = sum(self.held, fees)?;
        let mut all = 0_u64;
        let mut signed = 0_u64;
        for vote in votes {
            all = all.checked_add(vote.power).ok_or(StakingError::Overflow)?;
            if vote.has_signed {
                signed = signed.checked_add(vote.power).ok_or(StakingError::Overflow)?;
            }
        }
        if all == 0 {
            self.community_pool = sum(self.community_pool, fees)?;
            return Ok(());
        }
        let all = Amount::from_u64(all);
        let signed = Decimal::ratio_half_even(Amount::from_u64(signed), all);
        let signed = signed.ok_or(StakingError::Overflow)?;
        let parameters = self.parameters;
        let bonus = product(parameters.bonus_proposer_reward, signed)?;
        let to_proposer = sum(parameters.base_proposer_reward, bonus)?;

        let mut left = fees;
        let proposer = proposer.filter(|proposer| self.validators.contains_key(proposer));
        if let Some(proposer) = proposer {
            let reward = product(fees, to_proposer)?;
            self.found_mut(proposer)?.take_rewards(reward)?;
            left = difference(left, reward)?;
        }
        let to_voters =
            difference(difference(Decimal::ONE, to_proposer)?, parameters.community_tax)?;
        let to_voters = product(fees, to_voters)?;
        for vote in votes {
            let power = Amount::from_u64(vote.power);
            let part = Decimal::ratio_truncate(power, all).ok_or(StakingError::Overflow)?;
            let reward = product(to_voters, part)?;
            self.found_mut(vote.validator)?.take_rewards(reward)?;
            left = difference(left, reward)?;
        }
        self.community_pool = sum(self.community_pool, left)?;
        Ok(())
    }

    /// Returns a delegation's rewards if they were withdrawn now, fractions included.
    ///
    /// Errors: as [`withdraw_rewards`](Self::withdraw_rewards). Source: query `DelegationRewards`.
    pub fn rewards_of(
        &self,
        delegator: Account,
        validator: Account,
        at: Block,
    ) -> Result<Decimal, StakingError> {
        let mut of = self.found(validator)?.clone();
        let delegation = self.delegation(delegator, validator).ok_or(StakingError::NoDelegation)?;
        of.end_period()?;
        of.rewards(delegation, at)
    }

    /// Withdraws a delegation's rewards; returns the whole tokens to be paid to the delegator. The
    /// fraction goes to the community pool.
    ///
    /// Errors: `NoValidator`, `NoDelegation`; `StakeAboveShares`, `DivisionByZero`, `Overflow` and
    /// `Underflow` where the SDK panics.
    /// Source: `WithdrawDelegationRewards`.
    pub fn withdraw_rewards(
        &mut self,
        delegator: Account,
        validator: Account,
        at: Block,
    ) -> Result<Amount, StakingError> {
        self.found(validator)?;
        let key = (delegator, validator);
        let (validators, delegations) = (vec![validator], vec![key]);
        let touched = Touched { validators, delegations, ..Touched::default() };
        self.atomically(&touched, |this| {
            let paid = this.withdraw(key, at)?;
            this.start_delegation(key, at)?;
            Ok(paid)
        })
    }

    /// Withdraws a validator's commission; returns the whole tokens to be paid to the operator,
    /// which can be none. The fraction stays.
    ///
    /// Errors: `NoCommission` where there is not even a fraction, or no validator; `Underflow`.
    /// Source: `WithdrawValidatorCommission`.
    pub fn withdraw_commission(&mut self, operator: Account) -> Result<Amount, StakingError> {
        let validator = self.validators.get_mut(&operator).ok_or(StakingError::NoCommission)?;
        if validator.commission.is_zero() {
            return Err(StakingError::NoCommission);
        }
        let paid = validator.commission.whole();
        let whole = difference(validator.commission, validator.commission.fraction())?;
        let outstanding = difference(validator.outstanding, whole)?;
        self.held = difference(self.held, whole)?;
        validator.outstanding = outstanding;
        validator.commission = validator.commission.fraction();
        Ok(paid)
    }

    /// Ends the running period of a validator. Without tokens nobody can have its rewards, and the
    /// community pool takes them.
    pub(super) fn end_period(&mut self, operator: Account) -> Result<(), StakingError> {
        let validator = self.validators.get_mut(&operator).ok_or(StakingError::NoValidator)?;
        let unclaimed = validator.end_period()?;
        self.community_pool = sum(self.community_pool, unclaimed)?;
        Ok(())
    }

    /// Source: `withdrawDelegationRewards`.
    pub(super) fn withdraw(
        &mut self,
        key: (Account, Account),
        at: Block,
    ) -> Result<Amount, StakingError> {
        let delegation = *self.delegations.get(&key).ok_or(StakingError::NoDelegation)?;
        self.end_period(key.1)?;
        let validator = self.validators.get_mut(&key.1).ok_or(StakingError::NoValidator)?;
        let rewards = validator.rewards(&delegation, at)?.min(validator.outstanding);
        validator.outstanding = difference(validator.outstanding, rewards)?;
        self.community_pool = sum(self.community_pool, rewards.fraction())?;
        self.held = difference(self.held, difference(rewards, rewards.fraction())?)?;
        Ok(rewards.whole())
    }

    /// Source: `initializeDelegation`.
    pub(super) fn start_delegation(
        &mut self,
        key: (Account, Account),
        at: Block,
    ) -> Result<(), StakingError> {
        let validator = self.validators.get(&key.1).ok_or(StakingError::NoValidator)?;
        let delegation = self.delegations.get_mut(&key).ok_or(StakingError::NoDelegation)?;
        if validator.shares.is_zero() {
            return Err(StakingError::DivisionByZero);
        }
        let stake = delegation.shares.share_truncate(validator.tokens, validator.shares);
        delegation.start_stake = stake.ok_or(StakingError::Overflow)?;
        delegation.start_period = validator.period.checked_sub(1).ok_or(StakingError::Underflow)?;
        delegation.start_ratio = validator.reward_ratio;
        delegation.start_height = at.height;
        Ok(())
    }

    /// Takes away a validator that nobody delegates to. Its commission is paid, the rest of what is
    /// outstanding goes to the community pool.
    ///
    /// Source: `RemoveValidator`, `AfterValidatorRemoved`.
    pub(super) fn remove_validator(
        &mut self,
        operator: Account,
    ) -> Result<Option<Payment>, StakingError> {
        let validator = self.validators.remove(&operator).ok_or(StakingError::NoValidator)?;
        if validator.status != BondStatus::Unbonded || !validator.tokens.is_zero() {
            return Err(StakingError::WrongStatus);
        }
        let dust = difference(validator.outstanding, validator.commission)?;
        let dust = sum(dust, validator.commission.fraction())?;
        self.community_pool = sum(self.community_pool, dust)?;
        self.held = difference(self.held, difference(validator.outstanding, dust)?)?;
        let amount = validator.commission.whole();
        Ok((!amount.is_zero()).then_some(Payment { to: operator, amount }))
    }
}

impl Validator {
    /// Source: `AllocateTokensToValidator`.
    fn take_rewards(&mut self, rewards: Decimal) -> Result<(), StakingError> {
        let commission = rewards.mul_half_even(self.commission_rate);
        let commission = commission.ok_or(StakingError::Overflow)?;
        let shared = difference(rewards, commission)?;
        self.commission = sum(self.commission, commission)?;
        self.current_rewards = sum(self.current_rewards, shared)?;
        self.outstanding = sum(self.outstanding, rewards)?;
        Ok(())
    }

    /// Source: `IncrementValidatorPeriod`. Returns what nobody can claim.
    fn end_period(&mut self) -> Result<Decimal, StakingError> {
        let current = self.current_rewards;
        let period = self.period.checked_add(1).ok_or(StakingError::Overflow)?;
        let unclaimed = match current.div_amount(self.tokens) {
            Some(ratio) => {
                self.reward_ratio = sum(self.reward_ratio, ratio)?;
                Decimal::ZERO
            }
            None => {
                self.outstanding = difference(self.outstanding, current)?;
                current
            }
        };
        self.current_rewards = Decimal::ZERO;
        self.period = period;
        Ok(unclaimed)
    }

    /// Source: `CalculateDelegationRewards`, at the end of the last period.
    fn rewards(&self, delegation: &Delegation, at: Block) -> Result<Decimal, StakingError> {
        if delegation.start_height == at.height {
            return Ok(Decimal::ZERO);
        }
        let (mut period, mut ratio) = (delegation.start_period, delegation.start_ratio);
        let (mut stake, mut rewards) = (delegation.start_stake, Decimal::ZERO);
        let heights = delegation.start_height..=at.height;
        for slash in self.slashes.iter().filter(|slash| heights.contains(&slash.height)) {
            if slash.period > period {
                let earned = product(difference(slash.reward_ratio, ratio)?, stake)?;
                rewards = sum(rewards, earned)?;
                stake = product(stake, difference(Decimal::ONE, slash.fraction)?)?;
                (period, ratio) = (slash.period, slash.reward_ratio);
            }
        }
        let worth = self.tokens_from_shares(delegation.shares)?;
        if stake > worth {
            if stake > sum(worth, TOLERANCE)? {
                return Err(StakingError::StakeAboveShares);
            }
            stake = worth;
        }
        let earned = product(difference(self.reward_ratio, ratio)?, stake)?;
        sum(rewards, earned)
    }
}

/// By how much rounding may leave a stake above what its shares are worth.
const TOLERANCE: Decimal = Decimal(U256::from_limbs([3, 0, 0, 0]));

pub(super) fn sum(a: Decimal, b: Decimal) -> Result<Decimal, StakingError> {
    a.checked_add(b).ok_or(StakingError::Overflow)
}

pub(super) fn difference(a: Decimal, b: Decimal) -> Result<Decimal, StakingError> {
    a.checked_sub(b).ok_or(StakingError::Underflow)
}

fn product(a: Decimal, b: Decimal) -> Result<Decimal, StakingError> {
    a.mul_truncate(b).ok_or(StakingError::Overflow)
}
