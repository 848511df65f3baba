use tidemill_model::LiquidStakingLog;
use tidemill_rewards::liquid_staking::{
    Claim, DEPOSIT_SIZE, LiquidError, LiquidStaking, OracleReport,
};
use tidemill_units::{Amount, Timestamp};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account};

/// Makes the call behind a log, and compares shares, amounts and what a report came to.
pub(super) fn apply(
    model: &mut LiquidStaking,
    log: &LiquidStakingLog,
    at: Timestamp,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    let reverts = with.reverts::<LiquidError>();
    match log {
        LiquidStakingLog::Submitted { sender, amount, shares } => {
            let minted = model.submit(account(*sender), *amount).map_err(reverts)?;
            with.value("shares", minted, *shares)?;
        }
        LiquidStakingLog::TransferShares { .. } => transfer(model, log, with)?,
        LiquidStakingLog::Wrapped { user, amount, tokens } => {
            let minted = model.wrap(account(*user), *amount).map_err(reverts)?;
            with.value("tokens", minted, *tokens)?;
        }
        LiquidStakingLog::Unwrapped { user, tokens, amount } => {
            let sent = model.unwrap(account(*user), *tokens).map_err(reverts)?;
            with.value("amount", sent, *amount)?;
        }
        LiquidStakingLog::Unbuffered { amount } => {
            let size = DEPOSIT_SIZE.0;
            let asked = amount.0.checked_div(size).unwrap_or_default();
            let asked = u64::try_from(asked).unwrap_or(u64::MAX);
            let sent = model.deposit_to_validators(asked).map_err(reverts)?;
            let sent = size.saturating_mul(tidemill_units::U256::from(sent));
            with.value("amount", Amount(sent), *amount)?;
        }
        LiquidStakingLog::WithdrawalRequested { .. } => request(model, log, at, with)?,
        LiquidStakingLog::TokenRebased { .. } => report(model, log, with)?,
        LiquidStakingLog::WithdrawalClaimed { request_id, owner, amount } => {
            let claim = Claim { request: *request_id, owner: account(*owner) };
            let paid = model.claim(claim).map_err(reverts)?;
            with.value("amount", paid, *amount)?;
            return Ok(Some(Paid { token: None, amount: paid }));
        }
    }
    Ok(None)
}

/// A transfer of a balance moves the shares that the value is worth, one of shares logs what they
/// are worth; of both the same shares move.
fn transfer(
    model: &mut LiquidStaking,
    log: &LiquidStakingLog,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let reverts = with.reverts::<LiquidError>();
    let LiquidStakingLog::TransferShares { from, to, shares_value, value } = log else {
        return Ok(());
    };
    let (from, to) = (account(*from), account(*to));
    if model.shares_by_pooled(*value) == Ok(*shares_value) {
        model.transfer(from, to, *value).map_err(reverts)?;
        return Ok(());
    }
    let worth = model.transfer_shares(from, to, *shares_value).map_err(reverts)?;
    with.value("value", worth, *value)
}

fn request(
    model: &mut LiquidStaking,
    log: &LiquidStakingLog,
    at: Timestamp,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let reverts = with.reverts::<LiquidError>();
    let LiquidStakingLog::WithdrawalRequested { request_id, owner, amount, shares, wrapped } = log
    else {
        return Ok(());
    };
    let owner = account(*owner);
    let asked = match wrapped {
        None => *amount,
        Some(tokens) => model.pooled_by_shares(*tokens).map_err(&reverts)?,
    };
    let taken = model.shares_by_pooled(asked).map_err(&reverts)?;
    let made = match wrapped {
        None => model.request_withdrawal(owner, asked, at),
        Some(tokens) => model.request_withdrawal_wrapped(owner, *tokens, at),
    };
    with.value("request_id", made.map_err(reverts)?, *request_id)?;
    with.value("amount", asked, *amount)?;
    with.value("shares", taken, *shares)
}

fn report(
    model: &mut LiquidStaking,
    log: &LiquidStakingLog,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let LiquidStakingLog::TokenRebased {
        report_timestamp,
        cl_validators,
        cl_balance,
        withdrawals,
        execution_rewards,
        shares_burnt,
        batches,
        share_rate,
        eth_locked,
        shares_to_burn,
        fee_shares,
        total_ether,
        total_shares,
    } = log
    else {
        return Ok(());
    };
    let report = OracleReport {
        at: *report_timestamp,
        appeared_validators: *cl_validators,
        consensus_balance: *cl_balance,
        withdrawals: *withdrawals,
        execution_rewards: *execution_rewards,
        shares_to_burn: *shares_burnt,
        finalize: batches.clone(),
        share_rate: *share_rate,
    };
    let rebased = model.report(&report).map_err(with.reverts())?;
    with.value("eth_locked", rebased.finalized.to_lock, *eth_locked)?;
    with.value("shares_to_burn", rebased.finalized.to_burn, *shares_to_burn)?;
    with.value("fee_shares", rebased.fee_shares, *fee_shares)?;
    with.value("total_ether", rebased.total_pooled, *total_ether)?;
    with.value("total_shares", rebased.total_shares, *total_shares)
}

/// All ether of the pool; nothing where it passes 2^256 - 1, as no pool has it.
pub(super) fn staked(model: &LiquidStaking) -> Vec<TokenTotal> {
    vec![TokenTotal { token: None, amount: model.total_pooled().unwrap_or_default() }]
}

/// What is set aside for withdrawals that are final.
pub(super) fn unclaimed(model: &LiquidStaking) -> Vec<TokenTotal> {
    vec![TokenTotal { token: None, amount: model.locked() }]
}
