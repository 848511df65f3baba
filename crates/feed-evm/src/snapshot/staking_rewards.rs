use tidemill_model::Address;
use tidemill_rewards::Account;
use tidemill_rewards::staking_rewards::{
    StakerState, StakingRewards, StakingRewardsBuild, StakingRewardsState,
};
use tidemill_units::{Amount, Timestamp};

use super::abi::{ContractCall, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// A StakingRewards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StakingProgramme {
    /// The contract.
    pub address: Address,
    /// Which one it is.
    pub build: StakingRewardsBuild,
    /// Everybody who ever staked: a contract cannot list them, its `Staked` logs do.
    pub stakers: Vec<Address>,
}

/// Reads a programme with its stakers.
///
/// Errors: `Reverted` and `Answer` for another contract or build, `StakingRewards` for values that
/// do not go together. A list that leaves out a staker shows as `Answer` to `totalSupply()`.
pub async fn staking_rewards_state(
    at: &AtBlock<'_>,
    programme: &StakingProgramme,
) -> Result<StakingRewardsState, SnapshotError> {
    let contract = programme.address;
    let plain = |signature| ContractCall::new(contract, signature, &[]);
    let names = [
        "rewardsDistribution()",
        "rewardsDuration()",
        "periodFinish()",
        "rewardRate()",
        "lastUpdateTime()",
        "rewardPerTokenStored()",
        "rewardsToken()",
        "stakingToken()",
        "totalSupply()",
    ];
    let answers = at.calls(&names.map(plain)).await?;
    let [distribution, duration, finish, rate, updated, stored, reward, staked, supply] =
        answers.as_slice()
    else {
        return Err(plain("rewardsToken()").reverted("no answer".to_owned()));
    };
    let reward_token = reward.address(0)?;
    let own = [address_word(contract)];
    let held = at.call(&ContractCall::new(reward_token, "balanceOf(address)", &own)).await?;
    let (owner, is_paused) = match programme.build {
        StakingRewardsBuild::Uniswap => (None, false),
        StakingRewardsBuild::Synthetix => {
            let answers = at.calls(&[plain("owner()"), plain("paused()")]).await?;
            let [owner, paused] = answers.as_slice() else {
                return Err(plain("owner()").reverted("no answer".to_owned()));
            };
            (Some(Account(owner.address(0)?.0)), paused.flag(0)?)
        }
    };
    let state = StakingRewardsState {
        build: programme.build,
        rewards_distribution: Account(distribution.address(0)?.0),
        owner,
        is_paused,
        reward_is_staked: reward_token == staked.address(0)?,
        rewards_duration: duration.word(0)?,
        period_finish: finish.word(0)?,
        reward_rate: Amount(rate.word(0)?),
        last_update_time: Timestamp(updated.number(0, "a time in 64 bits")?),
        reward_per_token_stored: stored.word(0)?,
        reward_balance: Amount(held.word(0)?),
        stakers: stakers(at, programme).await?,
    };
    let mut balances = state.stakers.iter().map(|staker| staker.balance);
    let sum = balances.try_fold(Amount::ZERO, |sum, balance| sum.checked_add(balance));
    if sum != Some(Amount(supply.word(0)?)) {
        return Err(supply.value("sum of stakes", "that of the stakers named"));
    }
    StakingRewards::new(&state)?;
    Ok(state)
}

async fn stakers(
    at: &AtBlock<'_>,
    programme: &StakingProgramme,
) -> Result<Vec<StakerState>, SnapshotError> {
    let mut accounts = programme.stakers.clone();
    accounts.sort_unstable();
    accounts.dedup();
    let names = ["balanceOf(address)", "userRewardPerTokenPaid(address)", "rewards(address)"];
    let calls = accounts.iter().flat_map(|account| {
        names.map(|name| ContractCall::new(programme.address, name, &[address_word(*account)]))
    });
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    let mut stakers = Vec::new();
    for (account, answers) in accounts.iter().zip(answers.chunks_exact(3)) {
        let [balance, paid, rewards] = answers else { continue };
        stakers.push(StakerState {
            account: Account(account.0),
            balance: Amount(balance.word(0)?),
            reward_per_token_paid: paid.word(0)?,
            rewards: Amount(rewards.word(0)?),
        });
    }
    Ok(stakers)
}
