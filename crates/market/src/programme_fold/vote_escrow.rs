use tidemill_model::VoteEscrowLog;
use tidemill_rewards::{Moment, VoteEscrow};

use super::mismatch::Comparison;
use super::{ProgrammeMismatch, TokenTotal, account};

/// Makes the call behind a log, and compares when the lock ends and what is locked in all.
pub(super) fn apply(
    model: &mut VoteEscrow,
    log: &VoteEscrowLog,
    now: Moment,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    match *log {
        VoteEscrowLog::Deposit { provider, value, locktime, deposit_type, supply } => {
            let who = account(provider);
            let lock = match deposit_type {
                0 | 2 => model.increase_amount(who, value, now),
                1 => model.create_lock(who, value, locktime, now),
                3 if value.is_zero() => model.increase_unlock_time(who, locktime, now),
                3 => return Err(with.fields("has a value, but only makes the lock longer")),
                _ => return Err(with.fields("has another deposit_type than 0 to 3")),
            };
            let lock = lock.map_err(with.reverts())?;
            with.value("locktime", lock.end.0, locktime.0)?;
            with.value("supply", model.locked_supply(), supply)
        }
        VoteEscrowLog::Withdraw { provider, value, supply } => {
            let paid = model.withdraw(account(provider), now).map_err(with.reverts())?;
            with.value("value", paid, value)?;
            with.value("supply", model.locked_supply(), supply)
        }
        VoteEscrowLog::Checkpointed {} => model.checkpoint(now).map_err(with.reverts()),
    }
}

pub(super) fn staked(model: &VoteEscrow) -> Vec<TokenTotal> {
    vec![TokenTotal { token: None, amount: model.locked_supply() }]
}
