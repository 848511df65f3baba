use tidemill_model::{Address, CumulativeClaimLog};
use tidemill_rewards::Account;
use tidemill_rewards::merkle_claim::{
    CumulativeClaim, CumulativeReward, Governance, Node, Operator,
};
use tidemill_units::{Amount, Timestamp};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account, address};

/// Makes the call behind a log; user, token and amount are proven against the root in force. The
/// governors' own calls come from the first of them.
pub(super) fn apply(
    model: &mut CumulativeClaim,
    log: &CumulativeClaimLog,
    at: Timestamp,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    match log {
        CumulativeClaimLog::Claimed { user, token, amount, cumulative, merkle_proof, caller } => {
            let leaf = (account(*user), account(*token), *cumulative);
            let (user, token, amount_in_all) = leaf;
            let reward = CumulativeReward { user, token, amount: amount_in_all };
            let proof: Vec<Node> = merkle_proof.iter().map(|node| Node(node.0)).collect();
            let claimed = model.claim(account(*caller), &[(reward, proof)], at);
            let payments = claimed.map_err(with.reverts())?;
            let paid = payments.first().map(|payment| payment.amount).unwrap_or_default();
            with.value("amount", paid, *amount)?;
            return Ok(Some(Paid { token: Some(address(token)), amount: paid }));
        }
        CumulativeClaimLog::TreeUpdated { merkle_root, end_of_dispute_period } => {
            let caller = updater(model);
            let updated = model.update_tree(caller, Node(merkle_root.0), at);
            updated.map_err(with.reverts())?;
            let end = model.end_of_dispute_period().0;
            with.value("end_of_dispute_period", end, end_of_dispute_period.0)?;
        }
        CumulativeClaimLog::Disputed { disputer } => {
            model.dispute_tree(account(*disputer), at).map_err(with.reverts())?;
        }
        CumulativeClaimLog::DisputeResolved { valid, to, amount } => {
            resolve(model, (*valid, *to, *amount), at, with)?;
        }
        CumulativeClaimLog::Revoked { merkle_root } => {
            model.revoke_tree(governor(model)).map_err(with.reverts())?;
            with.value("merkle_root", model.tree(), Node(merkle_root.0))?;
        }
        CumulativeClaimLog::OperatorToggled { user, operator, is_whitelisted } => {
            let (user, operator) = (account(*user), account(*operator));
            let toggled = model.toggle_operator(user, Operator { user, operator });
            with.value("is_whitelisted", toggled.map_err(with.reverts())?, *is_whitelisted)?;
        }
        CumulativeClaimLog::Funded { token, amount } => {
            model.fund(account(*token), *amount).map_err(with.reverts())?;
        }
        CumulativeClaimLog::TrustedToggled { .. }
        | CumulativeClaimLog::DisputeAmountUpdated { .. }
        | CumulativeClaimLog::DisputeTokenUpdated { .. }
        | CumulativeClaimLog::DisputePeriodUpdated { .. }
        | CumulativeClaimLog::EpochDurationUpdated { .. } => govern(model, log, with)?,
    }
    Ok(None)
}

/// Compares whom the deposit was paid; of a dispute that was not valid that is the governor who
/// called.
fn resolve(
    model: &mut CumulativeClaim,
    (valid, to, amount): (bool, Address, Amount),
    at: Timestamp,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let caller = if valid { governor(model) } else { account(to) };
    let payment = model.resolve_dispute(caller, valid, at).map_err(with.reverts())?;
    with.value("to", address(payment.to), to)?;
    with.value("amount", payment.amount, amount)
}

/// Sets what a log says that the governors set.
fn govern(
    model: &mut CumulativeClaim,
    log: &CumulativeClaimLog,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let mut governance: Governance = model.governance().clone();
    if let CumulativeClaimLog::TrustedToggled { eoa, trust } = log {
        let trusted = account(*eoa);
        let was = governance.trusted.contains(&trusted);
        with.value("trust", !was, *trust)?;
        governance.trusted.retain(|other| *other != trusted);
        governance.trusted.extend(trust.then_some(trusted));
    }
    if let CumulativeClaimLog::DisputeAmountUpdated { dispute_amount } = log {
        governance.dispute_amount = *dispute_amount;
    }
    if let CumulativeClaimLog::DisputeTokenUpdated { dispute_token } = log {
        governance.dispute_token = account(*dispute_token);
    }
    if let CumulativeClaimLog::DisputePeriodUpdated { dispute_period } = log {
        governance.dispute_period = *dispute_period;
    }
    if let CumulativeClaimLog::EpochDurationUpdated { new_epoch_duration } = log {
        governance.epoch_seconds = *new_epoch_duration;
    }
    model.set_governance(governor(model), governance).map_err(with.reverts())
}

fn governor(model: &CumulativeClaim) -> Account {
    model.governance().governors.first().copied().unwrap_or_default()
}

/// Whoever may update the tree at any time, else who may while nothing is in dispute.
fn updater(model: &CumulativeClaim) -> Account {
    let Governance { governors, trusted, .. } = model.governance();
    governors.iter().chain(trusted).next().copied().unwrap_or_default()
}

/// What the distributor has of each token: for leaves that were not claimed, and what disputers
/// deposited.
pub(super) fn unclaimed(model: &CumulativeClaim) -> Vec<TokenTotal> {
    let balances = model.balances();
    let totals = balances.map(|(token, amount)| TokenTotal { token: Some(address(token)), amount });
    totals.collect()
}
