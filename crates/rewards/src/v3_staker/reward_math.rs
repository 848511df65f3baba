use tidemill_units::{Amount, Liquidity, Timestamp, U256, mul_div};

use super::V3StakerError;

/// What a stake's reward depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewardInputs {
    /// What the incentive has not paid yet.
    pub total_reward_unclaimed: Amount,
    /// Seconds of the whole pool's liquidity that were paid for, Q32.128.
    pub total_seconds_claimed_x128: U256,
    /// When the incentive started.
    pub start_time: Timestamp,
    /// When it ends.
    pub end_time: Timestamp,
    /// The stake's liquidity.
    pub liquidity: Liquidity,
    /// Seconds per liquidity inside its range when it was staked, Q32.128, below 2^160.
    pub seconds_per_liquidity_inside_initial_x128: U256,
    /// The same now.
    pub seconds_per_liquidity_inside_x128: U256,
    /// Now.
    pub now: Timestamp,
}

/// What a stake has earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StakeReward {
    /// The reward, rounded down; what is cut off stays with the incentive.
    pub reward: Amount,
    /// Seconds of the whole pool's liquidity that the stake stood for, Q32.128, wrapping at 2^160.
    pub seconds_inside_x128: U256,
}

/// Returns what a stake has earned: the part of the unclaimed reward that its seconds are of the
/// unclaimed seconds, rounded down in favour of those who claim later and of the refundee.
///
/// After the end the seconds go on while no reward is added, so every claim is worth less.
///
/// Errors: [`V3StakerError::BeforeStart`], [`V3StakerError::NoSecondsLeft`],
/// [`V3StakerError::RewardOverflow`]. Source: v3-staker 1.0.2 `RewardMath.computeRewardAmount`,
/// which wraps its differences and its product as this does.
pub fn reward_amount(inputs: &RewardInputs) -> Result<StakeReward, V3StakerError> {
    let until = inputs.end_time.0.max(inputs.now.0);
    let start = inputs.start_time;
    if inputs.now < start {
        return Err(V3StakerError::BeforeStart);
    }
    let per_liquidity = inputs
        .seconds_per_liquidity_inside_x128
        .wrapping_sub(inputs.seconds_per_liquidity_inside_initial_x128);
    let liquidity = U256::from(inputs.liquidity.0);
    let seconds_inside_x128 = low_160(low_160(per_liquidity).wrapping_mul(liquidity));
    let seconds_x128 = U256::from(Timestamp(until).seconds_since(start)).wrapping_shl(128);
    let seconds_unclaimed_x128 = seconds_x128.wrapping_sub(inputs.total_seconds_claimed_x128);
    if seconds_unclaimed_x128.is_zero() {
        return Err(V3StakerError::NoSecondsLeft);
    }
    let unclaimed = inputs.total_reward_unclaimed.0;
    let reward = mul_div(unclaimed, seconds_inside_x128, seconds_unclaimed_x128);
    let reward = Amount(reward.ok_or(V3StakerError::RewardOverflow)?);
    Ok(StakeReward { reward, seconds_inside_x128 })
}

/// Keeps what fits a `uint160`.
pub(super) fn low_160(value: U256) -> U256 {
    value & MAX_160
}

/// The largest `uint160`.
pub(super) const MAX_160: U256 = U256::from_limbs([u64::MAX, u64::MAX, 0xffff_ffff, 0]);
