//! A state as the contracts' variables.

use num_bigint::BigInt;
use tidemill_rewards::aerodrome::{AerodromeState, LockKindState, VotingRewardState};
use tidemill_units::{Amount, U256};

use super::naive::{BRIBES, FEES, FREE_REWARDS, Key, LOCKED_REWARDS};
use super::{big, number};

/// Shows every variable, those that are zero as well.
pub(super) fn visit(state: &AerodromeState, see: &mut impl FnMut(Key, BigInt)) {
    let one = |flag: bool| BigInt::from(u64::from(flag));
    let n = |value: u64| BigInt::from(value);
    let a = |amount: Amount| big(amount.0);
    see(("tokenId", 0, 0, 0), n(state.last_lock.0));
    see(("supply", 0, 0, 0), a(state.locked_supply));
    see(("permanentLockBalance", 0, 0, 0), a(state.permanent_lock_balance));
    see(("epoch", 0, 0, 0), n(state.points.len() as u64));
    for (place, point) in state.points.iter().enumerate() {
        let place = place as u64 + 1;
        see(("ph.bias", place, 0, 0), BigInt::from(point.bias));
        see(("ph.slope", place, 0, 0), BigInt::from(point.slope));
        see(("ph.ts", place, 0, 0), n(point.at.0));
        see(("ph.permanent", place, 0, 0), a(point.permanent_lock_balance));
    }
    for (at, change) in &state.slope_changes {
        see(("slope", at.0, 0, 0), BigInt::from(*change));
    }
    see(("canSplit", 0, 0, 0), one(state.everybody_can_split));
    for account in &state.can_split {
        see(("canSplit", number(*account), 0, 0), n(1));
    }
    visit_locks(state, see);
    visit_votes(state, see);
    visit_minter(state, see);
}

fn visit_locks(state: &AerodromeState, see: &mut impl FnMut(Key, BigInt)) {
    let one = |flag: bool| BigInt::from(u64::from(flag));
    for lock in &state.locks {
        let id = lock.id.0;
        see(("owner", id, 0, 0), BigInt::from(lock.owner.map_or(0, number)));
        see(("amount", id, 0, 0), big(lock.locked.amount.0));
        see(("end", id, 0, 0), BigInt::from(lock.locked.end.0));
        see(("permanent", id, 0, 0), one(lock.locked.is_permanent));
        see(("uEpoch", id, 0, 0), BigInt::from(lock.points.len()));
        for (place, point) in lock.points.iter().enumerate() {
            let place = place as u64 + 1;
            see(("u.ts", id, place, 0), BigInt::from(point.at.0));
            see(("u.bias", id, place, 0), BigInt::from(point.bias));
            see(("u.slope", id, place, 0), BigInt::from(point.slope));
            see(("u.permanent", id, place, 0), big(point.permanent.0));
        }
        match &lock.kind {
            LockKindState::Normal => see(("kind", id, 0, 0), BigInt::from(0)),
            LockKindState::Locked { managed, weight } => {
                see(("kind", id, 0, 0), BigInt::from(1));
                see(("idToManaged", id, 0, 0), BigInt::from(managed.0));
                see(("managedWeight", id, managed.0, 0), big(weight.0));
            }
            LockKindState::Managed { is_deactivated, locked_rewards, free_rewards } => {
                see(("kind", id, 0, 0), BigInt::from(2));
                see(("deactivated", id, 0, 0), one(*is_deactivated));
                visit_reward(LOCKED_REWARDS, id, locked_rewards, see);
                visit_reward(FREE_REWARDS, id, free_rewards, see);
            }
        }
    }
}

fn visit_reward(
    names: [&'static str; 6],
    place: u64,
    reward: &VotingRewardState,
    see: &mut impl FnMut(Key, BigInt),
) {
    let supply = std::iter::once((0, &reward.supply));
    let balances = reward.balances.iter().map(|(lock, history)| (lock.0, history));
    for (lock, history) in supply.chain(balances) {
        see((names[2], place, lock, 0), BigInt::from(history.len()));
        for (index, checkpoint) in history.iter().enumerate() {
            see((names[0], place, lock, index as u64), BigInt::from(checkpoint.at.0));
            see((names[1], place, lock, index as u64), big(checkpoint.balance.0));
        }
    }
    for (token, epoch, amount) in &reward.rewards {
        see((names[3], place, number(*token), epoch.0), big(amount.0));
    }
    for (token, lock, at) in &reward.last_earn {
        see((names[4], place, number(*token), lock.0), BigInt::from(at.0));
    }
    for token in &reward.tokens {
        see((names[5], place, number(*token), 0), BigInt::from(1));
    }
}

fn visit_votes(state: &AerodromeState, see: &mut impl FnMut(Key, BigInt)) {
    see(("index", 0, 0, 0), big(state.index));
    see(("maxVotingNum", 0, 0, 0), BigInt::from(state.max_voting_num));
    see(("gauges", 0, 0, 0), BigInt::from(state.gauges.len()));
    for lock in &state.whitelisted_locks {
        see(("whitelistedNFT", lock.0, 0, 0), BigInt::from(1));
    }
    for token in &state.whitelisted_tokens {
        see(("whitelistedToken", number(*token), 0, 0), BigInt::from(1));
    }
    let mut total = U256::ZERO;
    for (lock, ballot) in &state.ballots {
        let id = lock.0;
        let mut used = U256::ZERO;
        see(("lastVoted", id, 0, 0), BigInt::from(ballot.last_voted.0));
        see(("poolVotes", id, 0, 0), BigInt::from(ballot.votes.len()));
        see(("voted", id, 0, 0), BigInt::from(u64::from(!ballot.votes.is_empty())));
        for (place, (gauge, votes)) in ballot.votes.iter().enumerate() {
            see(("poolVote", id, place as u64, 0), BigInt::from(gauge.0 + 1));
            see(("votes", id, u64::from(gauge.0), 0), big(votes.0));
            used += votes.0;
        }
        see(("usedWeights", id, 0, 0), big(used));
        total += used;
    }
    see(("totalWeight", 0, 0, 0), big(total));
    for (place, gauge) in state.gauges.iter().enumerate() {
        let id = place as u64;
        see(("alive", id, 0, 0), BigInt::from(u64::from(gauge.is_alive)));
        see(("weight", id, 0, 0), big(gauge.weight.0));
        see(("supplyIndex", id, 0, 0), big(gauge.supply_index));
        see(("claimable", id, 0, 0), big(gauge.claimable.0));
        if let Some([token0, token1]) = gauge.tokens {
            see(("isPool", id, 0, 0), BigInt::from(1));
            see(("token0", id, 0, 0), BigInt::from(number(token0)));
            see(("token1", id, 0, 0), BigInt::from(number(token1)));
        }
        visit_reward(FEES, id, &gauge.fees, see);
        visit_reward(BRIBES, id, &gauge.bribes, see);
        let kept = gauge.gauge.as_ref().unwrap();
        let totals = &kept.totals;
        see(("periodFinish", id, 0, 0), BigInt::from(totals.period_finish.0));
        see(("rewardRate", id, 0, 0), big(totals.reward_rate.0));
        see(("lastUpdateTime", id, 0, 0), BigInt::from(totals.last_update_time.0));
        see(("rewardPerTokenStored", id, 0, 0), big(totals.reward_per_token_stored));
        see(("staked", id, 0, 0), big(totals.total_supply.0));
        see(("gaugeBalance", id, 0, 0), big(totals.balance.0));
        see(("fees0", id, 0, 0), big(totals.fees0.0));
        see(("fees1", id, 0, 0), big(totals.fees1.0));
        for (account, staker) in &kept.stakers {
            let account = number(*account);
            see(("balanceOf", id, account, 0), big(staker.balance.0));
            see(("userRewardPerTokenPaid", id, account, 0), big(staker.reward_per_token_paid));
            see(("rewards", id, account, 0), big(staker.rewards.0));
        }
    }
}

fn visit_minter(state: &AerodromeState, see: &mut impl FnMut(Key, BigInt)) {
    let (minter, distributor) = (&state.minter, &state.distributor);
    see(("weekly", 0, 0, 0), big(minter.weekly.0));
    see(("activePeriod", 0, 0, 0), BigInt::from(minter.active_period.0));
    see(("epochCount", 0, 0, 0), BigInt::from(minter.epoch_count));
    see(("teamRate", 0, 0, 0), BigInt::from(minter.team_rate));
    see(("tailEmissionRate", 0, 0, 0), BigInt::from(minter.tail_emission_rate));
    let nudged = minter.nudged_period.map_or(0, |period| period.0 + 1);
    see(("nudged", 0, 0, 0), BigInt::from(nudged));
    see(("aeroSupply", 0, 0, 0), big(minter.total_supply.0));
    see(("minterBalance", 0, 0, 0), big(minter.balance.0));
    see(("startTime", 0, 0, 0), BigInt::from(distributor.start_time.0));
    see(("lastTokenTime", 0, 0, 0), BigInt::from(distributor.last_token_time.0));
    see(("tokenLastBalance", 0, 0, 0), big(distributor.token_last_balance.0));
    see(("distributorBalance", 0, 0, 0), big(distributor.balance.0));
    for (week, tokens) in &distributor.tokens_per_week {
        see(("tokensPerWeek", week.0, 0, 0), big(tokens.0));
    }
    for (lock, cursor) in &distributor.time_cursor_of {
        see(("timeCursorOf", lock.0, 0, 0), BigInt::from(cursor.0));
    }
}
