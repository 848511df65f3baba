//! Farms: StakingRewards, MasterChef and the v3-staker.

use tidemill_rewards::master_chef::MasterChef;
use tidemill_rewards::staking_rewards::StakingRewards;
use tidemill_rewards::v3_staker::{
    IncentiveState, RewardInputs, StakeState, V3Staker, reward_amount,
};
use tidemill_units::{Amount, BlockNumber, Timestamp, U256, mul_div};

use super::entry::{Earnings, Entry, Times, sum, unallocated};

pub(super) fn staking_rewards(
    programme: &StakingRewards,
    times: Times,
) -> Result<Earnings, String> {
    let state = programme.state();
    let now = times.now();
    let mut earnings = Earnings::default();
    let mut owed = Vec::new();
    for staker in &state.stakers {
        owed.push(programme.earned(staker.account, now).map_err(|error| error.to_string())?);
        let entry = Entry::account(staker.account, "all").with("staked", staker.balance);
        let earned = |at| programme.earned(staker.account, Timestamp(at));
        earnings.accounts.push(entry.claimable(times, earned)?);
    }
    let owed = sum(owed)?;
    let left = state.period_finish.saturating_sub(U256::from(times.at));
    let to_stream = left.checked_mul(state.reward_rate.0).map(Amount);
    let to_stream = to_stream.ok_or("what is to be streamed passes 2^256 - 1")?;
    let staked = programme.total_supply();
    let stakes = if state.reward_is_staked { staked } else { Amount::ZERO };
    let stream = Entry::stream("all")
        .with("staked", staked)
        .with("rate_per_second", state.reward_rate)
        .with("period_finish", state.period_finish)
        .with("held", state.reward_balance)
        .with("owed", owed)
        .with("to_be_streamed", to_stream);
    let belongs = sum([owed, to_stream, stakes])?;
    earnings.streams.push(unallocated(stream, state.reward_balance, belongs));
    Ok(earnings)
}

pub(super) fn master_chef(chef: &MasterChef, times: Times) -> Result<Earnings, String> {
    let state = chef.state();
    let mut earnings = Earnings::default();
    let mut owed = Vec::new();
    for user in &state.users {
        let pending = |at| chef.pending_sushi(user.pool, user.account, BlockNumber(at));
        let place = format!("pool {}", user.pool);
        owed.push(pending(times.at).map_err(|error| format!("{place}: {error}"))?);
        let entry = Entry::account(user.account, place).with("staked", user.user.amount);
        earnings.accounts.push(entry.claimable(times, pending)?);
    }
    // What the chef would hold had it minted what is due.
    let mut updated = chef.clone();
    updated.mass_update_pools(BlockNumber(times.at)).map_err(|error| error.to_string())?;
    let held = updated.balance_of(state.sushi_token);
    let is_sushi =
        |pool: usize| state.pools.get(pool).is_some_and(|pool| pool.lp_token == state.sushi_token);
    let stakes = state.users.iter().filter(|user| is_sushi(user.pool));
    let stakes = sum(stakes.map(|user| user.user.amount))?;
    let owed = sum(owed)?;
    let bonus = if times.at < state.bonus_end_block.0 { U256::from(10) } else { U256::ONE };
    let rate = state.sushi_per_block.0.checked_mul(bonus).ok_or("the rate passes 2^256 - 1")?;
    let stream = Entry::stream("all")
        .with("rate_per_block", rate)
        .with("start_block", state.start_block)
        .with("bonus_end_block", state.bonus_end_block)
        .with("held", held)
        .with("owed", owed);
    earnings.streams.push(unallocated(stream, held, sum([owed, stakes])?));
    for (number, pool) in state.pools.iter().enumerate() {
        let rate = mul_div(rate, pool.alloc_point, chef.total_alloc_point());
        earnings.streams.push(
            Entry::stream(format!("pool {number}"))
                .with("lp_token", pool.lp_token)
                .with("staked", chef.balance_of(pool.lp_token))
                .with("rate_per_block", rate.unwrap_or_default())
                .with("last_reward_block", pool.last_reward_block),
        );
    }
    Ok(earnings)
}

/// Seconds per liquidity inside a position's range, as its pool answers now.
#[derive(Clone, Copy)]
pub(super) struct Inside {
    pub(super) token_id: U256,
    pub(super) seconds_per_liquidity_x128: U256,
}

/// What is staked earns by the time its liquidity spends in range, which only the pool knows: where
/// it is not given, nothing is said.
pub(super) fn v3_staker(
    staker: &V3Staker,
    inside: &[Inside],
    times: Times,
) -> Result<Earnings, String> {
    let state = staker.state();
    let mut earnings = Earnings::default();
    for reward in &state.rewards {
        let entry = Entry::account(reward.owner, format!("rewards in {}", reward.reward_token));
        let entry = entry.with_optional("staked", None::<Amount>);
        earnings.accounts.push(entry.claimable(times, |_| Ok::<_, String>(reward.amount))?);
    }
    for stake in &state.stakes {
        let number = state.incentives.binary_search_by_key(&stake.key, |each| each.key);
        let deposit = state.deposits.binary_search_by_key(&stake.token_id, |each| each.token_id);
        let (Ok(number), Ok(deposit)) = (number, deposit) else { continue };
        let (incentive, deposit) = (&state.incentives[number], &state.deposits[deposit]);
        let place = format!("token {} in incentive {number}", stake.token_id);
        let entry = Entry::account(deposit.owner, place).with("staked", stake.liquidity);
        let inside = inside.iter().find(|each| each.token_id == stake.token_id.0);
        let entry = match inside {
            Some(inside) => {
                let times = Times { until: None, ..times };
                entry.claimable(times, |at| earned(incentive, stake, *inside, at))?
            }
            None => entry.with_optional("claimable", None::<Amount>),
        };
        earnings.accounts.push(entry);
    }
    for (number, incentive) in state.incentives.iter().enumerate() {
        let IncentiveState { key, total_reward_unclaimed, total_seconds_claimed_x128 } = incentive;
        let until = key.end_time.0.max(times.at);
        let seconds = U256::from(Timestamp(until).seconds_since(key.start_time));
        let left = seconds.wrapping_shl(128).saturating_sub(*total_seconds_claimed_x128);
        let one = U256::ONE.wrapping_shl(128);
        earnings.streams.push(
            Entry::stream(format!("incentive {number}"))
                .with("reward_token", key.reward_token)
                .with("pool", key.pool)
                .with("start_time", key.start_time.0)
                .with("period_finish", key.end_time.0)
                .with("stakes", staker.incentive(key).number_of_stakes)
                .with_optional("rate_per_second", mul_div(total_reward_unclaimed.0, one, left))
                .with("total_reward_unclaimed", total_reward_unclaimed),
        );
    }
    Ok(earnings)
}

fn earned(
    incentive: &IncentiveState,
    stake: &StakeState,
    inside: Inside,
    at: u64,
) -> Result<Amount, String> {
    let inputs = RewardInputs {
        total_reward_unclaimed: incentive.total_reward_unclaimed,
        total_seconds_claimed_x128: incentive.total_seconds_claimed_x128,
        start_time: incentive.key.start_time,
        end_time: incentive.key.end_time,
        liquidity: stake.liquidity,
        seconds_per_liquidity_inside_initial_x128: stake.seconds_per_liquidity_inside_initial_x128,
        seconds_per_liquidity_inside_x128: inside.seconds_per_liquidity_x128,
        now: Timestamp(at),
    };
    reward_amount(&inputs).map(|earned| earned.reward).map_err(|error| error.to_string())
}
