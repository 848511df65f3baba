use std::collections::{BTreeMap, BTreeSet};

use tidemill_model::{Address, ValidatorStakingLog};
use tidemill_rewards::validator_staking::{
    Block, CancelledUnbonding, Decimal, Infraction, Payment, Staking, StakingError, Vote,
};
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, U256};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account, address, total};

/// Makes the call behind an event; a block's height is its number.
pub(super) fn apply(
    model: &mut Staking,
    log: &ValidatorStakingLog,
    now: Moment,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    let at = Block { height: now.block.0, time: now.at };
    let paid = match log {
        ValidatorStakingLog::Delegate { .. }
        | ValidatorStakingLog::CancelUnbondingDelegation { .. } => join(model, log, at, with)?,
        ValidatorStakingLog::Unbond { .. } => unbond(model, log, at, with)?,
        ValidatorStakingLog::Redelegate { .. } => redelegate(model, log, at, with)?,
        ValidatorStakingLog::WithdrawRewards { delegator, validator, amount } => {
            let (delegator, validator) = (account(*delegator), account(*validator));
            let paid = model.withdraw_rewards(delegator, validator, at).map_err(with.reverts())?;
            with.value("amount", paid, *amount)?;
            Some(paid)
        }
        ValidatorStakingLog::WithdrawCommission { validator, amount } => {
            let paid = model.withdraw_commission(account(*validator)).map_err(with.reverts())?;
            with.value("amount", paid, *amount)?;
            Some(paid)
        }
        ValidatorStakingLog::Allocated { .. } => {
            allocate(model, log, with)?;
            None
        }
        ValidatorStakingLog::Slash { .. } => slash(model, log, at, with)?,
        ValidatorStakingLog::Completed { .. } => complete(model, log, at, with)?,
        ValidatorStakingLog::CreateValidator { .. }
        | ValidatorStakingLog::EditValidator { .. }
        | ValidatorStakingLog::Bonded { .. }
        | ValidatorStakingLog::BeganUnbonding { .. }
        | ValidatorStakingLog::Jailed { .. }
        | ValidatorStakingLog::Unjailed { .. } => {
            set(model, log, at).map_err(with.reverts())?;
            None
        }
    };
    let paid = paid.filter(|amount| !amount.is_zero());
    Ok(paid.map(|amount| Paid { token: None, amount }))
}

/// What happens to a validator itself; no number comes of it.
fn set(model: &mut Staking, log: &ValidatorStakingLog, at: Block) -> Result<(), StakingError> {
    if let ValidatorStakingLog::CreateValidator {
        validator,
        commission_rate,
        min_self_delegation,
    } = log
    {
        let rate = Decimal(*commission_rate);
        return model.create_validator(account(*validator), rate, *min_self_delegation);
    }
    if let ValidatorStakingLog::EditValidator { validator, commission_rate } = log {
        return model.set_commission(account(*validator), Decimal(*commission_rate));
    }
    if let ValidatorStakingLog::Bonded { validator } = log {
        return model.bond(account(*validator));
    }
    if let ValidatorStakingLog::BeganUnbonding { validator } = log {
        return model.begin_unbonding(account(*validator), at);
    }
    if let ValidatorStakingLog::Jailed { validator } = log {
        return model.jail(account(*validator));
    }
    if let ValidatorStakingLog::Unjailed { validator } = log {
        return model.unjail(account(*validator));
    }
    Ok(())
}

/// A delegation of new tokens, or of those that were on their way out.
fn join(
    model: &mut Staking,
    log: &ValidatorStakingLog,
    at: Block,
    with: Comparison,
) -> Result<Option<Amount>, ProgrammeMismatch> {
    let (joined, shares, rewards) = if let ValidatorStakingLog::Delegate {
        delegator,
        validator,
        amount,
        new_shares,
        rewards,
    } = log
    {
        let joined = model.delegate(account(*delegator), account(*validator), *amount, at);
        (joined, *new_shares, *rewards)
    } else if let ValidatorStakingLog::CancelUnbondingDelegation {
        delegator,
        validator,
        amount,
        creation_height,
        new_shares,
        rewards,
    } = log
    {
        let entry = CancelledUnbonding { creation_height: *creation_height, amount: *amount };
        let joined = model.cancel_unbonding(account(*delegator), account(*validator), entry, at);
        (joined, *new_shares, *rewards)
    } else {
        return Ok(None);
    };
    let joined = joined.map_err(with.reverts())?;
    with.value("new_shares", joined.shares.0, shares)?;
    with.value("rewards", joined.rewards, rewards)?;
    Ok(Some(joined.rewards))
}

fn unbond(
    model: &mut Staking,
    log: &ValidatorStakingLog,
    at: Block,
    with: Comparison,
) -> Result<Option<Amount>, ProgrammeMismatch> {
    let ValidatorStakingLog::Unbond {
        delegator,
        validator,
        amount,
        unbonded,
        completion_time,
        payments,
    } = log
    else {
        return Ok(None);
    };
    let left = model.undelegate(account(*delegator), account(*validator), *amount, at);
    let left = left.map_err(with.reverts())?;
    with.value("unbonded", left.amount, *unbonded)?;
    with.value("completion_time", left.completes_at.0, completion_time.0)?;
    compare_payments(&left.payments, payments, with).map(Some)
}

fn redelegate(
    model: &mut Staking,
    log: &ValidatorStakingLog,
    at: Block,
    with: Comparison,
) -> Result<Option<Amount>, ProgrammeMismatch> {
    let ValidatorStakingLog::Redelegate {
        delegator,
        source_validator,
        destination_validator,
        amount,
        moved,
        new_shares,
        completion_time,
        payments,
    } = log
    else {
        return Ok(None);
    };
    let ends = [account(*source_validator), account(*destination_validator)];
    let done = model.redelegate(account(*delegator), ends, *amount, at);
    let done = done.map_err(with.reverts())?;
    with.value("moved", done.amount, *moved)?;
    with.value("new_shares", done.shares.0, *new_shares)?;
    // No block is at time zero.
    let second = |time: Option<tidemill_units::Timestamp>| time.map_or(0, |time| time.0);
    with.value("completion_time", second(done.completes_at), second(*completion_time))?;
    compare_payments(&done.payments, payments, with).map(Some)
}

/// Compares what each validator was allocated: what it owes its delegators and itself has more.
fn allocate(
    model: &mut Staking,
    log: &ValidatorStakingLog,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let ValidatorStakingLog::Allocated { fees, votes, proposer, rewards } = log else {
        return Ok(());
    };
    let votes: Vec<Vote> = votes
        .iter()
        .map(|(validator, power, has_signed)| Vote {
            validator: account(*validator),
            power: *power,
            has_signed: *has_signed,
        })
        .collect();
    let proposer = proposer.map(account);
    let whose: BTreeSet<Account> =
        votes.iter().map(|vote| vote.validator).chain(proposer).collect();
    let outstanding = |model: &Staking| -> BTreeMap<Account, U256> {
        let found = whose.iter().filter_map(|of| model.validator(*of));
        found.map(|validator| (validator.operator, validator.outstanding.0)).collect()
    };
    let before = outstanding(model);
    model.allocate(*fees, &votes, proposer).map_err(with.reverts())?;
    let after = outstanding(model);
    for ((of, after), (who, recorded)) in after.iter().zip(rewards) {
        with.value("the validator of a reward", address(*of), *who)?;
        let had = before.get(of).copied().unwrap_or_default();
        with.value("the amount of a reward", after.saturating_sub(had), *recorded)?;
    }
    with.value("a number of rewards", after.len(), rewards.len())
}

fn slash(
    model: &mut Staking,
    log: &ValidatorStakingLog,
    at: Block,
    with: Comparison,
) -> Result<Option<Amount>, ProgrammeMismatch> {
    let ValidatorStakingLog::Slash {
        validator,
        infraction_height,
        power,
        fraction,
        burned,
        burned_unbonding,
        burned_redelegated,
        payments,
    } = log
    else {
        return Ok(None);
    };
    let (validator, fraction) = (account(*validator), Decimal(*fraction));
    let infraction = Infraction { validator, height: *infraction_height, power: *power, fraction };
    let slashed = model.slash(infraction, at).map_err(with.reverts())?;
    with.value("burned", slashed.from_validator, *burned)?;
    with.value("burned_unbonding", slashed.from_unbondings, *burned_unbonding)?;
    with.value("burned_redelegated", slashed.from_redelegations, *burned_redelegated)?;
    compare_payments(&slashed.payments, payments, with).map(Some)
}

fn complete(
    model: &mut Staking,
    log: &ValidatorStakingLog,
    at: Block,
    with: Comparison,
) -> Result<Option<Amount>, ProgrammeMismatch> {
    let ValidatorStakingLog::Completed { unbonded, payments } = log else { return Ok(None) };
    let done = model.end_block(at).map_err(with.reverts())?;
    for (computed, (delegator, validator, amount)) in done.unbonded.iter().zip(unbonded) {
        with.value("the delegator of unbonded", address(computed.delegator), *delegator)?;
        with.value("the validator of unbonded", address(computed.validator), *validator)?;
        with.value("the amount of unbonded", computed.amount, *amount)?;
    }
    with.value("a number of unbonded", done.unbonded.len(), unbonded.len())?;
    compare_payments(&done.payments, payments, with).map(Some)
}

/// Returns what was paid in all.
fn compare_payments(
    computed: &[Payment],
    recorded: &[(Address, Amount)],
    with: Comparison,
) -> Result<Amount, ProgrammeMismatch> {
    for (payment, (to, amount)) in computed.iter().zip(recorded) {
        with.value("the account of a payment", address(payment.to), *to)?;
        with.value("the amount of a payment", payment.amount, *amount)?;
    }
    with.value("a number of payments", computed.len(), recorded.len())?;
    Ok(total(computed.iter().map(|payment| payment.amount)))
}

/// All tokens of validators.
pub(super) fn staked(model: &Staking) -> Vec<TokenTotal> {
    let tokens = model.state().validators.into_iter().map(|validator| validator.tokens);
    vec![TokenTotal { token: None, amount: total(tokens) }]
}

/// What the distribution account holds beside the community pool, whole tokens.
pub(super) fn unclaimed(model: &Staking) -> Vec<TokenTotal> {
    let outstanding = model.held().checked_sub(model.community_pool()).unwrap_or_default();
    vec![TokenTotal { token: None, amount: outstanding.whole() }]
}
