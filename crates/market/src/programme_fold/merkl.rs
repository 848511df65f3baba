use tidemill_model::{Address, MerklLog};
use tidemill_rewards::merkl::{Holding, Merkl};
use tidemill_units::{Amount, Timestamp};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account, address, total};
use crate::swap_holdings::observe_swap;

/// Ends the interval behind a settlement and compares what it paid everybody; sets boosts.
pub(super) fn apply(
    model: &mut Merkl,
    log: &MerklLog,
    at: Timestamp,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    match log {
        MerklLog::Settled { rewards } => settle(model, rewards, at, with).map(Some),
        MerklLog::BoostSet { account: who, boost } => {
            model.set_boost(account(*who), *boost).map_err(with.reverts())?;
            Ok(None)
        }
        MerklLog::BoostSupplySet { supply } => {
            model.set_boost_supply(*supply).map_err(with.reverts())?;
            Ok(None)
        }
    }
}

fn settle(
    model: &mut Merkl,
    recorded: &[(Address, Amount)],
    at: Timestamp,
    with: Comparison,
) -> Result<Paid, ProgrammeMismatch> {
    let rewards = model.settle(at).map_err(with.reverts())?;
    for (reward, (who, amount)) in rewards.iter().zip(recorded) {
        with.value("the account of a reward", address(reward.account), *who)?;
        with.value("the amount of a reward", reward.amount, *amount)?;
    }
    with.value("a number of rewards", rewards.len(), recorded.len())?;
    Ok(Paid { token: None, amount: total(rewards.iter().map(|reward| reward.amount)) })
}

/// Shows the campaign a swap of its pool.
pub(super) fn observe(
    model: &mut Merkl,
    holdings: &[Holding],
    at: Timestamp,
) -> Result<(), ProgrammeMismatch> {
    let with = Comparison { event: "swap" };
    observe_swap(model, holdings, at).map_err(with.reverts())
}

/// What of the campaign's amount was paid to nobody yet; what was paid waits at the distributor.
pub(super) fn unclaimed(model: &Merkl) -> Vec<TokenTotal> {
    let earned = total(model.rewards().into_iter().map(|reward| reward.amount));
    let amount = model.terms().amount.checked_sub(earned).unwrap_or_default();
    vec![TokenTotal { token: None, amount }]
}
