use tidemill_model::{FeeCheckpoint, FeeClaim, FeeDistributionLog, FeePayment};
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
            return compare_claims(&claimed, claims, with);
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

/// Compares a claim token by token. Where a call names a token more than once, no log says at which
/// of them it was paid: payments of one token are compared in their order.
fn compare_claims(
    computed: &[TokenClaim],
    recorded: &[FeeClaim],
    with: Comparison,
) -> Result<Vec<Paid>, ProgrammeMismatch> {
    let mut paid = Vec::new();
    for (place, (own, claim)) in computed.iter().zip(recorded).enumerate() {
        checkpoint(own.checkpoint, claim.checkpoint, with)?;
        let is_first = !recorded.iter().take(place).any(|before| before.token == claim.token);
        if is_first {
            let pairs = || computed.iter().zip(recorded).skip(place);
            let of_token = || pairs().filter(|(_, other)| other.token == claim.token);
            let payments = of_token().map(|(own, _)| own).filter(|own| !own.amount.is_zero());
            let logged = of_token().filter_map(|(_, other)| other.claimed.as_ref());
            compare_payments(payments, logged, with)?;
        }
        paid.push(Paid { token: Some(claim.token), amount: own.amount });
    }
    Ok(paid)
}

/// Compares what one token's claims paid with what they logged.
fn compare_payments<'a>(
    mut computed: impl Iterator<Item = &'a TokenClaim>,
    mut recorded: impl Iterator<Item = &'a FeePayment>,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    loop {
        match (computed.next(), recorded.next()) {
            (Some(computed), Some(claimed)) => {
                with.value("amount of a claim", computed.amount, claimed.amount)?;
                let cursor = claimed.user_token_time_cursor.0;
                with.value("user_token_time_cursor", computed.time_cursor, cursor)?;
            }
            (None, Some(_)) => return Err(with.fields("has a claim that paid nothing")),
            (Some(_), None) => {
                return Err(with.fields("has nothing claimed where something was paid"));
            }
            (None, None) => return Ok(()),
        }
    }
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
