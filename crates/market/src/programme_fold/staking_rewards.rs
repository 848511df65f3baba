use tidemill_model::StakingRewardsLog;
use tidemill_rewards::Account;
use tidemill_rewards::staking_rewards::StakingRewards;
use tidemill_units::{Amount, Timestamp};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account, total};

/// Makes the call behind a log. The administrators' own calls come from whoever may make them.
pub(super) fn apply(
    model: &mut StakingRewards,
    log: &StakingRewardsLog,
    at: Timestamp,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    match *log {
        StakingRewardsLog::Staked { user, amount } => model.stake(account(user), amount, at),
        StakingRewardsLog::Withdrawn { user, amount } => model.withdraw(account(user), amount, at),
        StakingRewardsLog::RewardPaid { user, reward } => {
            let paid = model.get_reward(account(user), at).map_err(with.reverts())?;
            with.value("reward", paid, reward)?;
            return Ok(Some(Paid { token: None, amount: paid }));
        }
        StakingRewardsLog::RewardAdded { reward } => {
            model.notify_reward_amount(model.state().rewards_distribution, reward, at)
        }
        StakingRewardsLog::Funded { amount } => model.fund(amount),
        StakingRewardsLog::Checkpointed { user } => {
            let paid = model.get_reward(account(user), at).map_err(with.reverts())?;
            return with.value("reward", paid, Amount::ZERO).map(|()| None);
        }
        StakingRewardsLog::RewardsDurationUpdated { new_duration } => {
            model.set_rewards_duration(owner(model), new_duration, at)
        }
        StakingRewardsLog::PauseChanged { is_paused } => model.set_paused(owner(model), is_paused),
        StakingRewardsLog::Recovered { amount } => model.recover_reward_token(owner(model), amount),
        StakingRewardsLog::RewardsDistributionSet { rewards_distribution } => {
            model.set_rewards_distribution(owner(model), account(rewards_distribution))
        }
    }
    .map(|()| None)
    .map_err(with.reverts())
}

fn owner(model: &StakingRewards) -> Account {
    model.state().owner.unwrap_or_default()
}

pub(super) fn staked(model: &StakingRewards) -> Vec<TokenTotal> {
    vec![TokenTotal { token: None, amount: model.total_supply() }]
}

/// Everybody's claim; left out is one that no call could work out either.
pub(super) fn unclaimed(model: &StakingRewards, at: Timestamp) -> Vec<TokenTotal> {
    let stakers = model.state().stakers;
    let earned = stakers.iter().filter_map(|staker| model.earned(staker.account, at).ok());
    vec![TokenTotal { token: None, amount: total(earned) }]
}
