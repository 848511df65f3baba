use tidemill_units::Amount;

use super::{Block, BondStatus, Decimal, Payment, SlashEvent, Staking, StakingError};
use crate::Account;

/// What a validator did, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Infraction {
    /// Who.
    pub validator: Account,
    /// In which block.
    pub height: u64,
    /// With how much voting power.
    pub power: u64,
    /// The part of that power's tokens that is burned.
    pub fraction: Decimal,
}

/// What a slash burned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slashed {
    /// Of the validator's own tokens.
    pub from_validator: Amount,
    /// Of tokens on their way out.
    pub from_unbondings: Amount,
    /// Of delegations that moved to others.
    pub from_redelegations: Amount,
    /// Rewards that slashed redelegations withdraw, to be paid.
    pub payments: Vec<Payment>,
}

impl Staking {
    /// Burns part of what a validator had at an infraction: first of what has left it since, by
    /// undelegation or redelegation, then the rest, at most all, of what it has.
    ///
    /// An entry's part is that of its initial balance, and counts in full against the rest, also
    /// where less was left to burn. In the infraction's own block only the validator is looked at.
    /// A validator that does not exist burns nothing and is no error.
    ///
    /// Errors: `SlashOfUnbonded`, `FutureInfraction`; `NoValidator` where a redelegation's
    /// destination goes with its last share; `Overflow`, and those of
    /// [`withdraw_rewards`](Self::withdraw_rewards).
    /// Source: `Slash`, `SlashUnbondingDelegation`, `SlashRedelegation`,
    /// `updateValidatorSlashFraction`.
    pub fn slash(&mut self, infraction: Infraction, at: Block) -> Result<Slashed, StakingError> {
        // A slash can reach every delegation, and is rare.
        let mut after = self.clone();
        let slashed = after.slash_unchecked(infraction, at)?;
        *self = after;
        Ok(slashed)
    }

    fn slash_unchecked(
        &mut self,
        infraction: Infraction,
        at: Block,
    ) -> Result<Slashed, StakingError> {
        let Infraction { validator: operator, height, power, fraction } = infraction;
        let amount = Amount::from_u64(power).0.checked_mul(self.parameters.power_reduction.0);
        let amount = Amount(amount.ok_or(StakingError::Overflow)?);
        let amount = fraction.of_amount(amount).ok_or(StakingError::Overflow)?;
        let Some(validator) = self.validators.get(&operator) else { return Ok(Slashed::default()) };
        if validator.status == BondStatus::Unbonded {
            return Err(StakingError::SlashOfUnbonded);
        }
        if height > at.height {
            return Err(StakingError::FutureInfraction);
        }
        let mut slashed = Slashed::default();
        let mut left = amount;
        if height < at.height {
            let elsewhere = self.slash_unbondings(infraction, at, &mut slashed)?;
            left = left.checked_sub(elsewhere).unwrap_or_default();
            let elsewhere = self.slash_redelegations(infraction, at, &mut slashed)?;
            left = left.checked_sub(elsewhere).unwrap_or_default();
        }
        let tokens = self.found(operator)?.tokens;
        let burned = left.min(tokens);
        if burned.is_zero() {
            return Ok(slashed);
        }
        let fraction = Decimal::ratio_rounding_up(burned, tokens);
        let fraction = fraction.ok_or(StakingError::Overflow)?.min(Decimal::ONE);
        self.end_period(operator)?;
        let validator = self.found_mut(operator)?;
        let period = validator.period.checked_sub(1).ok_or(StakingError::Underflow)?;
        let reward_ratio = validator.reward_ratio;
        let event = SlashEvent { height: at.height, period, fraction, reward_ratio };
        let key = |each: &SlashEvent| (each.height, each.period);
        let place = validator.slashes.partition_point(|each| key(each) < key(&event));
        validator.slashes.insert(place, event);
        let tokens = tokens.checked_sub(burned);
        validator.tokens = tokens.ok_or(StakingError::Underflow)?;
        slashed.from_validator = burned;
        Ok(slashed)
    }

    /// Returns what the entries owe, which can be more than they have.
    fn slash_unbondings(
        &mut self,
        infraction: Infraction,
        at: Block,
        slashed: &mut Slashed,
    ) -> Result<Amount, StakingError> {
        let mut owed = Amount::ZERO;
        let unbondings = self.unbondings.iter_mut();
        let of_validator = unbondings.filter(|((_, each), _)| *each == infraction.validator);
        for entry in of_validator.flat_map(|(_, entries)| entries) {
            if entry.creation_height < infraction.height || entry.completes_at <= at.time {
                continue;
            }
            let part = infraction.fraction.of_amount(entry.initial_balance);
            let part = part.ok_or(StakingError::Overflow)?;
            owed = owed.checked_add(part).ok_or(StakingError::Overflow)?;
            let burned = part.min(entry.balance);
            let balance = entry.balance.checked_sub(burned);
            entry.balance = balance.ok_or(StakingError::Underflow)?;
            let total = slashed.from_unbondings.checked_add(burned);
            slashed.from_unbondings = total.ok_or(StakingError::Overflow)?;
        }
        Ok(owed)
    }

    /// Returns what the entries owe, which can be more than what is left of their shares.
    fn slash_redelegations(
        &mut self,
        infraction: Infraction,
        at: Block,
        slashed: &mut Slashed,
    ) -> Result<Amount, StakingError> {
        let mut owed = Amount::ZERO;
        let redelegations = self.redelegations.iter();
        let of_source = redelegations.filter(|((_, source, _), _)| *source == infraction.validator);
        let entries: Vec<_> = of_source
            .flat_map(|(&(delegator, _, destination), entries)| {
                entries.iter().map(move |entry| ((delegator, destination), *entry))
            })
            .filter(|(_, entry)| {
                entry.creation_height >= infraction.height && entry.completes_at > at.time
            })
            .collect();
        for (key, entry) in entries {
            let part = infraction.fraction.of_amount(entry.initial_balance);
            let part = part.ok_or(StakingError::Overflow)?;
            owed = owed.checked_add(part).ok_or(StakingError::Overflow)?;
            let shares = infraction.fraction.mul_half_even(entry.shares);
            let shares = shares.ok_or(StakingError::Overflow)?;
            let Some(delegation) = self.delegations.get(&key).filter(|_| !shares.is_zero()) else {
                continue;
            };
            let shares = shares.min(delegation.shares);
            let removed = self.remove(key, shares, at)?;
            self.found(key.1)?;
            slashed.payments.extend(removed.payments);
            let total = slashed.from_redelegations.checked_add(removed.amount);
            slashed.from_redelegations = total.ok_or(StakingError::Overflow)?;
        }
        Ok(owed)
    }
}
