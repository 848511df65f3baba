use tidemill_model::{FeeCheckpoint, FeeClaim, FeeDistributionLog};
use tidemill_rewards::fee_distribution::FeeDistribution;
use tidemill_rewards::fee_distributor::{FeeClaimant, TokenCheckpoint, TokenClaim};
use tidemill_rewards::{Account, Moment};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account, address, total, vote_escrow};

/// Makes the call behind a log, of the distributor or the escrow, and returns what it paid.
pub(super) fn apply(
    model: &mut FeeDistribution,
    log: &FeeDistributionLog,
    now: Moment,
) -> Result<Vec<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    let FeeDistribution { escrow, distributor } = model;
    match log {
        FeeDistributionLog::TokenDeposited { token, amount, before, after } => {
            let deposited = distributor.deposit_token(account(*token), *amount, now);
            let [first, last] = deposited.map_err(with.reverts())?;
            checkpoint(first, *before, with)?;
            checkpoint(last, *after, with)?;
        }
        FeeDistributionLog::Given { token, amount } => {
            distributor.donate(account(*token), *amount).map_err(with.reverts())?;
        }
        FeeDistributionLog::OnlyCallerOptIn { user, enabled } => {
            distributor.set_only_caller_check(account(*user), *enabled);
        }
        FeeDistributionLog::TokenCheckpointed { token, checkpoint: recorded } => {
            let computed = distributor.checkpoint_token(account(*token), now);
            checkpoint(computed.map_err(with.reverts())?, *recorded, with)?;
        }
        FeeDistributionLog::Claimed { user, claims } => {
            let tokens: Vec<Account> = claims.iter().map(|claim| account(claim.token)).collect();
            // Whoever called, it does the same as if the user had, who always may.
            let user = account(*user);
            let who = FeeClaimant { caller: user, user };
            let claimed = distributor.claim_each(who, &tokens, escrow, now);
            let claimed = claimed.map_err(with.reverts())?;
            let pairs = claimed.iter().zip(claims);
            return pairs.map(|(computed, recorded)| claim(computed, recorded, with)).collect();
        }
        FeeDistributionLog::Checkpointed {} => {
            distributor.checkpoint(escrow, now).map_err(with.reverts())?;
        }
        FeeDistributionLog::UserCheckpointed { user } => {
            let checkpointed = distributor.checkpoint_user(account(*user), escrow, now);
            checkpointed.map_err(with.reverts())?;
        }
        FeeDistributionLog::Escrow(log) => vote_escrow::apply(escrow, log, now, with)?,
    }
    Ok(Vec::new())
}

/// Compares what a token's checkpoint logged, if it logged anything.
fn checkpoint(
    computed: Option<TokenCheckpoint>,
    recorded: Option<FeeCheckpoint>,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    match (computed, recorded) {
        (None, None) => Ok(()),
        (Some(computed), Some(recorded)) => {
            with.value("amount of a checkpoint", computed.amount, recorded.amount)?;
            let (last, recorded) = (computed.last, recorded.last_checkpoint_timestamp.0);
            with.value("last_checkpoint_timestamp", last, recorded)
        }
        (Some(_), None) => Err(with.fields("has no checkpoint of a token that was shared out")),
        (None, Some(_)) => {
            Err(with.fields("has a checkpoint of a token with nothing to share out"))
        }
    }
}

fn claim(
    computed: &TokenClaim,
    recorded: &FeeClaim,
    with: Comparison,
) -> Result<Paid, ProgrammeMismatch> {
    checkpoint(computed.checkpoint, recorded.checkpoint, with)?;
    match recorded.claimed {
        Some(claimed) => {
            with.value("amount of a claim", computed.amount, claimed.amount)?;
            let cursor = claimed.user_token_time_cursor.0;
            with.value("user_token_time_cursor", computed.time_cursor, cursor)?;
            if claimed.amount.is_zero() {
                return Err(with.fields("has a claim that paid nothing"));
            }
        }
        None if computed.amount.is_zero() => {}
        None => return Err(with.fields("has nothing claimed where something was paid")),
    }
    Ok(Paid { token: Some(recorded.token), amount: computed.amount })
}

/// What the locks hold.
pub(super) fn staked(model: &FeeDistribution) -> Vec<TokenTotal> {
    vote_escrow::staked(&model.escrow)
}

/// What everybody could claim of each token; left out is what no call could work out either.
pub(super) fn unclaimed(model: &FeeDistribution, now: Moment) -> Vec<TokenTotal> {
    let FeeDistribution { escrow, distributor } = model;
    let state = distributor.state();
    let mut users: Vec<Account> = state.users.iter().map(|user| user.user).collect();
    users.extend(escrow.state().lockers.iter().map(|locker| locker.account));
    users.sort_unstable();
    users.dedup();
    let of = |token: Account| {
        let claimable = |user: &Account| distributor.claimable(*user, token, escrow, now).ok();
        let amount = total(users.iter().filter_map(claimable));
        TokenTotal { token: Some(address(token)), amount }
    };
    state.tokens.iter().map(|token| of(token.token)).collect()
}
