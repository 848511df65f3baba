//! Random states of gauges, votes and everything that stands on them.

use tidemill_rewards::Account;
use tidemill_rewards::aerodrome::{
    AerodromeState, BalanceCheckpoint, Ballot, ConcentratedGaugeState, DistributorState, GaugeId,
    GaugeState, GaugeTotals, GlobalPoint, LockId, LockKindState, LockPoint, LockState,
    LockedBalance, MinterState, PositionId, StakedPosition, Staker, VotedGaugeState,
    VotingRewardState,
};
use tidemill_rewards::balancer_gauge::{
    AllowanceState, BalancerGaugeState, BalancerStakeState, GaugeIdentity, HeldState,
    ReceiverState, RewardClaim, RewardStream,
};
use tidemill_rewards::balancer_gauges::BalancerGaugesState;
use tidemill_rewards::crv_emission::{CrvEmission, INITIAL_RATE};
use tidemill_rewards::curve_gauge::{CurveGaugeState, GaugePeriod, GaugeStake, GaugeStakeState};
use tidemill_rewards::curve_gauges::{CurveGaugesState, MintedState, MinterState as CurveMinter};
use tidemill_rewards::fee_distribution::FeeDistributionState;
use tidemill_rewards::fee_distributor::{
    FeeDistributorState, FeeTokenState, FeeUserState, WeekAmount,
};
use tidemill_rewards::gauge_controller::{
    GaugeControllerState, GaugeVote, GaugeVoteState, GaugeVoterState, GaugeWeightState, LineState,
    StepsState, TypeWeightState, WeightPoint,
};
use tidemill_rewards::token_admin::{self, TokenAdmin};
use tidemill_store::ProgrammeState;
use tidemill_units::{Amount, Liquidity, Timestamp, U256};

use crate::programme_seeded::{WEEK, vote_escrow};
use crate::seeded::Seeded;

pub(crate) fn random_state(kind: &str, seeded: &mut Seeded) -> ProgrammeState {
    match kind {
        "gauge_controller" => gauge_controller(seeded).into(),
        "curve_gauge" => {
            let account = seeded.account();
            curve_gauge(seeded, account).into()
        }
        "curve_gauges" => curve_gauges(seeded).into(),
        "balancer_gauge" => {
            let account = seeded.account();
            balancer_gauge(seeded, account).into()
        }
        "balancer_gauges" => balancer_gauges(seeded).into(),
        "crv_emission" => crv_emission(seeded).into(),
        "fee_distributor" => fee_distributor(seeded).into(),
        "fee_distribution" => {
            let escrow = vote_escrow(seeded);
            FeeDistributionState { escrow, distributor: fee_distributor(seeded) }.into()
        }
        "aerodrome" => aerodrome(seeded).into(),
        "concentrated_gauge" => concentrated_gauge(seeded).into(),
        "aerodrome_gauge" => gauge_alone(seeded).into(),
        _ => crate::programme_seeded_chains::random_state(kind, seeded),
    }
}

fn line(seeded: &mut Seeded) -> LineState {
    let weeks = seeded.weeks();
    let point = |week| (week, WeightPoint { bias: seeded.wide(), slope: seeded.wide() });
    let points = weeks.into_iter().map(point).collect();
    let weeks = seeded.weeks();
    let slope_changes = weeks.into_iter().map(|week| (week, seeded.wide())).collect();
    LineState { points, slope_changes, filled_to: seeded.week() }
}

fn steps(seeded: &mut Seeded) -> StepsState {
    let weeks = seeded.weeks();
    let values = weeks.into_iter().map(|week| (week, seeded.wide())).collect();
    StepsState { values, filled_to: seeded.week() }
}

fn gauge_controller(seeded: &mut Seeded) -> GaugeControllerState {
    let type_count = 1 + seeded.below(3);
    let mut known = seeded.accounts();
    let gauge = |account: &Account| GaugeWeightState {
        account: *account,
        gauge_type: seeded.below(type_count),
        weight: line(seeded),
    };
    let mut gauges: Vec<_> = known.iter().map(gauge).collect();
    // They come in any order.
    gauges.reverse();
    let ids = seeded.sorted(Seeded::u64);
    let of = |type_id| TypeWeightState { type_id, sum: line(seeded), weight: steps(seeded) };
    let types = ids.into_iter().map(of).collect();
    known.retain(|_| seeded.flag());
    let accounts = seeded.accounts();
    let voter = |account| {
        let most = 10_000 / u64::try_from(known.len().max(1)).unwrap();
        let vote = |gauge: &Account| GaugeVoteState {
            gauge: *gauge,
            vote: GaugeVote {
                slope: seeded.wide(),
                power: seeded.below(most + 1),
                end: Timestamp(seeded.u64()),
                voted_at: Timestamp(seeded.u64()),
            },
        };
        GaugeVoterState { account, votes: known.iter().map(vote).collect() }
    };
    let voters = accounts.into_iter().map(voter).collect();
    let (admin, total) = (seeded.account(), steps(seeded));
    GaugeControllerState { admin, type_count, gauges, types, total, voters }
}

fn curve_gauge(seeded: &mut Seeded, account: Account) -> CurveGaugeState {
    let created_at = Timestamp(seeded.u64() >> 1);
    let at = Timestamp(created_at.0 + (seeded.u64() >> 1));
    let integrate_inv_supply = seeded.wide();
    let accounts = seeded.accounts();
    let stake = |account| {
        let balance = seeded.bits(250);
        let stake = GaugeStake {
            balance,
            working_balance: seeded.up_to(balance),
            integrate_inv_supply_of: seeded.up_to(integrate_inv_supply),
            integrate_checkpoint_of: Timestamp(seeded.below(at.0.saturating_add(1))),
            integrate_fraction: seeded.wide(),
        };
        GaugeStakeState { account, stake }
    };
    let stakes: Vec<_> = accounts.into_iter().map(stake).collect();
    let sum = |part: fn(&GaugeStake) -> U256| {
        stakes.iter().fold(U256::ZERO, |sum, of| sum.wrapping_add(part(&of.stake)))
    };
    let period = GaugePeriod {
        period: seeded.u64(),
        at,
        integrate_inv_supply,
        inflation_rate: seeded.wide(),
        future_epoch_time: Timestamp(seeded.u64()),
        total_supply: sum(|stake| stake.balance),
        working_supply: sum(|stake| stake.working_balance),
    };
    let approvals = seeded.sorted(|seeded| (seeded.account(), seeded.account()));
    CurveGaugeState { account, created_at, period, stakes, approvals }
}

fn crv_emission(seeded: &mut Seeded) -> CrvEmission {
    let is_on = seeded.flag();
    let epoch = i64::try_from(seeded.u64() >> 1).unwrap();
    let rate = seeded.up_to(U256::from(INITIAL_RATE));
    CrvEmission {
        mining_epoch: if is_on { epoch } else { -1 },
        start_epoch_time: Timestamp(seeded.u64()),
        rate: if is_on { rate } else { U256::ZERO },
        start_epoch_supply: seeded.wide(),
        total_supply: seeded.amount(),
    }
}

fn minter_of_gauges(seeded: &mut Seeded) -> CurveMinter {
    let pairs = seeded.sorted(|seeded| (seeded.account(), seeded.account()));
    let minted = |(account, gauge)| MintedState { account, gauge, amount: seeded.amount() };
    let minted = pairs.into_iter().map(minted).collect();
    let allowed = seeded.sorted(|seeded| (seeded.account(), seeded.account()));
    CurveMinter { minted, allowed }
}

fn curve_gauges(seeded: &mut Seeded) -> CurveGaugesState {
    let minter = minter_of_gauges(seeded);
    let accounts = seeded.accounts();
    CurveGaugesState {
        token: crv_emission(seeded),
        escrow: vote_escrow(seeded),
        controller: gauge_controller(seeded),
        minter,
        gauges: accounts.into_iter().map(|account| curve_gauge(seeded, account)).collect(),
    }
}

fn balancer_gauges(seeded: &mut Seeded) -> BalancerGaugesState {
    let accounts = seeded.accounts();
    BalancerGaugesState {
        token_admin: TokenAdmin {
            mining_epoch: seeded.u64(),
            start_epoch_time: Timestamp(seeded.u64()),
            start_epoch_supply: seeded.amount(),
            rate: seeded.up_to(token_admin::INITIAL_RATE),
        },
        bal_supply: seeded.amount(),
        escrow: vote_escrow(seeded),
        controller: gauge_controller(seeded),
        minter: minter_of_gauges(seeded),
        gauges: accounts.into_iter().map(|account| balancer_gauge(seeded, account)).collect(),
    }
}

fn balancer_gauge(seeded: &mut Seeded, account: Account) -> BalancerGaugeState {
    let CurveGaugeState { period, stakes, .. } = curve_gauge(seeded, account);
    let tokens: Vec<_> = seeded.accounts().into_iter().take(8).collect();
    let stream = |token| {
        let period_finish = seeded.u64();
        RewardStream {
            token,
            distributor: seeded.account(),
            period_finish: Timestamp(period_finish),
            rate: seeded.wide(),
            last_update: Timestamp(seeded.below(period_finish.saturating_add(1))),
            integral: seeded.wide(),
        }
    };
    let rewards: Vec<_> = tokens.into_iter().map(stream).collect();
    let half = U256::from(u128::MAX);
    let stake = |GaugeStakeState { account, stake }| {
        let met = usize::try_from(seeded.below(rewards.len() as u64 + 1)).unwrap();
        let claim = |stream: &RewardStream| RewardClaim {
            integral_for: seeded.up_to(stream.integral),
            claimable: Amount(seeded.up_to(half)),
            claimed: Amount(seeded.up_to(half)),
        };
        BalancerStakeState { account, stake, rewards: rewards[..met].iter().map(claim).collect() }
    };
    let stakes = stakes.into_iter().map(stake).collect();
    let held = seeded.accounts();
    let held = held.into_iter().map(|token| HeldState { token, amount: seeded.amount() });
    let held = held.collect();
    let pairs = seeded.sorted(|seeded| (seeded.account(), seeded.account()));
    let allowance = |(owner, spender)| AllowanceState {
        owner,
        spender,
        amount: seeded.amount().max(Amount::from_u64(1)),
    };
    let allowances = pairs.into_iter().map(allowance).collect();
    let accounts = seeded.accounts();
    let receiver = |account| ReceiverState { account, receiver: seeded.account() };
    let receivers = accounts.into_iter().map(receiver).collect();
    BalancerGaugeState {
        identity: GaugeIdentity {
            account,
            pool_token: seeded.account(),
            admin: seeded.account(),
            vault: seeded.account(),
        },
        relative_weight_cap: seeded.up_to(U256::from(1_000_000_000_000_000_000_u64)),
        is_killed: seeded.flag(),
        period,
        stakes,
        rewards,
        held,
        allowances,
        receivers,
    }
}

fn week_amounts(seeded: &mut Seeded) -> Vec<WeekAmount> {
    let weeks = seeded.weeks();
    let of = |week: Timestamp| WeekAmount {
        week: week.0,
        amount: seeded.amount().max(Amount::from_u64(1)),
    };
    weeks.into_iter().map(of).collect()
}

fn fee_distributor(seeded: &mut Seeded) -> FeeDistributorState {
    let start_time = seeded.week().0;
    let accounts = seeded.accounts();
    let token = |token| {
        let balance = seeded.amount();
        FeeTokenState {
            token,
            start_time: seeded.u64(),
            time_cursor: seeded.u64(),
            cached_balance: Amount(seeded.up_to(balance.0.min(U256::from(u128::MAX)))),
            balance,
            tokens_per_week: week_amounts(seeded),
        }
    };
    let tokens = accounts.into_iter().map(token).collect();
    let accounts = seeded.accounts();
    let user = |user| {
        let tokens = seeded.accounts();
        FeeUserState {
            user,
            start_time: seeded.u64(),
            time_cursor: seeded.week().0,
            last_epoch_checkpointed: seeded.u64(),
            is_only_caller_enabled: seeded.flag(),
            balances: week_amounts(seeded),
            token_time_cursors: tokens.into_iter().map(|token| (token, seeded.u64())).collect(),
        }
    };
    FeeDistributorState {
        users: accounts.into_iter().map(user).collect(),
        start_time,
        time_cursor: start_time + seeded.week().0,
        total_supply: week_amounts(seeded),
        tokens,
    }
}

/// Everything in the system is of the past of this instant.
const NOW: u64 = 6000 * WEEK;

/// Times of different epochs, ascending.
fn epochs(seeded: &mut Seeded) -> Vec<Timestamp> {
    let weeks = seeded.weeks();
    weeks.into_iter().map(|week| Timestamp(week.0 + seeded.below(WEEK))).collect()
}

fn voting_reward(seeded: &mut Seeded) -> VotingRewardState {
    let times = loop {
        let times = epochs(seeded);
        if !times.is_empty() {
            break times;
        }
    };
    let locks = seeded.sorted(|seeded| LockId(seeded.u64()));
    let balance = |lock: LockId| {
        let of = |at: &Timestamp| BalanceCheckpoint { at: *at, balance: Amount(seeded.bits(250)) };
        (lock, times.iter().map(of).collect::<Vec<_>>())
    };
    let balances: Vec<_> = locks.into_iter().map(balance).collect();
    let last = |history: &[BalanceCheckpoint]| history.last().unwrap().balance.0;
    let sum = balances.iter().fold(U256::ZERO, |sum, (_, of)| sum.wrapping_add(last(of)));
    let supply = |at: &Timestamp| BalanceCheckpoint { at: *at, balance: Amount(sum) };
    let keys = seeded.sorted(|seeded| (seeded.account(), seeded.week()));
    let reward = |(token, epoch)| (token, epoch, seeded.amount());
    let rewards = keys.into_iter().map(reward).collect();
    let keys = seeded.sorted(|seeded| (seeded.account(), LockId(seeded.u64())));
    let earned = |(token, lock)| (token, lock, Timestamp(seeded.u64()));
    VotingRewardState {
        supply: times.iter().map(supply).collect(),
        balances,
        rewards,
        last_earn: keys.into_iter().map(earned).collect(),
        tokens: seeded.list(Seeded::account),
    }
}

fn lock(seeded: &mut Seeded, id: LockId, last: LockId) -> LockState {
    let kind = match seeded.below(3) {
        0 => LockKindState::Normal,
        1 => LockKindState::Locked { managed: last, weight: seeded.amount() },
        _ => LockKindState::Managed {
            is_deactivated: seeded.flag(),
            locked_rewards: Box::new(voting_reward(seeded)),
            free_rewards: Box::new(voting_reward(seeded)),
        },
    };
    let is_permanent = seeded.flag();
    let end = if is_permanent { Timestamp(0) } else { seeded.week() };
    let times = epochs(seeded);
    let point = |at: &Timestamp| LockPoint {
        at: *at,
        bias: seeded.height(),
        slope: seeded.height(),
        permanent: seeded.amount(),
    };
    LockState {
        id,
        points: times.iter().map(point).collect(),
        owner: seeded.maybe(Seeded::account),
        locked: LockedBalance { amount: Amount(seeded.bits(120)), end, is_permanent },
        kind,
    }
}

fn gauge_alone(seeded: &mut Seeded) -> GaugeState {
    let stored = seeded.wide();
    let accounts = seeded.accounts();
    let staker = |account| {
        let staker = Staker {
            balance: Amount(seeded.bits(250)),
            reward_per_token_paid: seeded.up_to(stored),
            rewards: seeded.amount(),
        };
        (account, staker)
    };
    let stakers: Vec<_> = accounts.into_iter().map(staker).collect();
    let sum = |sum: U256, (_, staker): &(Account, Staker)| sum.wrapping_add(staker.balance.0);
    let last_update_time = Timestamp(seeded.below(NOW));
    let totals = GaugeTotals {
        period_finish: Timestamp(last_update_time.0 + seeded.below(WEEK)),
        reward_rate: seeded.amount(),
        last_update_time,
        reward_per_token_stored: stored,
        total_supply: Amount(stakers.iter().fold(U256::ZERO, sum)),
        balance: seeded.amount(),
        fees0: seeded.amount(),
        fees1: seeded.amount(),
    };
    GaugeState { totals, stakers }
}

fn gauge(seeded: &mut Seeded, weight: Amount, index: U256) -> VotedGaugeState {
    let alone = gauge_alone(seeded);
    let tokens = seeded.sorted(Seeded::account);
    VotedGaugeState {
        is_alive: seeded.flag(),
        tokens: <[Account; 2]>::try_from(tokens).ok(),
        weight,
        supply_index: seeded.up_to(index),
        claimable: seeded.amount(),
        fees: voting_reward(seeded),
        bribes: voting_reward(seeded),
        gauge: seeded.flag().then_some(alone),
    }
}

fn distributor(seeded: &mut Seeded) -> DistributorState {
    let balance = seeded.amount();
    let weeks = seeded.weeks();
    let tokens_per_week = weeks.into_iter().map(|week| (week, seeded.amount())).collect();
    let locks = seeded.sorted(|seeded| LockId(seeded.u64()));
    DistributorState {
        time_cursor_of: locks.into_iter().map(|lock| (lock, seeded.week())).collect(),
        start_time: seeded.week(),
        last_token_time: Timestamp(seeded.below(NOW)),
        token_last_balance: Amount(seeded.up_to(balance.0)),
        balance,
        tokens_per_week,
    }
}

fn minter(seeded: &mut Seeded) -> MinterState {
    MinterState {
        weekly: seeded.amount(),
        active_period: seeded.week(),
        epoch_count: seeded.u64(),
        team_rate: u16::try_from(seeded.below(501)).unwrap(),
        tail_emission_rate: u16::try_from(1 + seeded.below(100)).unwrap(),
        nudged_period: seeded.maybe(Seeded::week),
        total_supply: seeded.amount(),
        balance: seeded.amount(),
    }
}

fn aerodrome(seeded: &mut Seeded) -> AerodromeState {
    let ids = seeded.sorted(|seeded| LockId(1 + seeded.below(1000)));
    let last = ids.last().copied().unwrap_or_default();
    let locks: Vec<_> = ids.iter().map(|id| lock(seeded, *id, last)).collect();
    let permanent = |sum: U256, lock: &LockState| {
        let amount = if lock.locked.is_permanent { lock.locked.amount.0 } else { U256::ZERO };
        sum.wrapping_add(amount)
    };
    let permanent_lock_balance = Amount(locks.iter().fold(U256::ZERO, permanent));
    let count = usize::try_from(seeded.below(3)).unwrap();
    let mut weights = vec![Amount::ZERO; count];
    let ballot = |lock: &LockId| {
        let vote = |(gauge, weight): (usize, &mut Amount)| {
            let votes = Amount(seeded.bits(200)).max(Amount::from_u64(1));
            *weight = weight.checked_add(votes).unwrap();
            (GaugeId(u32::try_from(gauge).unwrap()), votes)
        };
        let votes = weights.iter_mut().enumerate().map(vote).collect();
        (*lock, Ballot { votes, last_voted: Timestamp(seeded.below(NOW)) })
    };
    let ballots = ids.iter().map(ballot).collect();
    let index = seeded.wide();
    let times = epochs(seeded);
    let point = |at: &Timestamp| GlobalPoint {
        at: *at,
        bias: seeded.height(),
        slope: seeded.height(),
        permanent_lock_balance: seeded.amount(),
    };
    let points = times.iter().map(point).collect();
    let weeks = seeded.weeks();
    AerodromeState {
        updated_at: Timestamp(NOW),
        token: seeded.account(),
        locks,
        points,
        slope_changes: weeks.into_iter().map(|week| (week, seeded.i128())).collect(),
        locked_supply: Amount(seeded.bits(127)),
        permanent_lock_balance,
        last_lock: LockId(last.0 + seeded.below(5)),
        can_split: seeded.accounts(),
        everybody_can_split: seeded.flag(),
        gauges: weights.iter().map(|weight| gauge(seeded, *weight, index)).collect(),
        ballots,
        index,
        max_voting_num: u32::try_from(10 + seeded.below(1000)).unwrap(),
        whitelisted_locks: seeded.sorted(|seeded| LockId(seeded.u64())),
        whitelisted_tokens: seeded.accounts(),
        minter: minter(seeded),
        distributor: distributor(seeded),
    }
}

fn concentrated_gauge(seeded: &mut Seeded) -> ConcentratedGaugeState {
    let balance = seeded.amount();
    let reserve = seeded.up_to(balance.0);
    let ticks = seeded.sorted(Seeded::tick);
    let growth = |tick| (tick, seeded.wide().max(U256::ONE));
    let reward_growth_outside = ticks.into_iter().map(growth).collect();
    let ids = seeded.sorted(|seeded| PositionId(seeded.u64()));
    let position = |id| {
        let position = StakedPosition {
            owner: seeded.account(),
            range: seeded.range(1),
            liquidity: Liquidity(seeded.u128()),
            reward_growth_inside: seeded.wide(),
            rewards: seeded.amount(),
            last_update_time: Timestamp(seeded.u64()),
        };
        (id, position)
    };
    ConcentratedGaugeState {
        positions: ids.into_iter().map(position).collect(),
        period_finish: Timestamp(seeded.u64()),
        reward_rate: seeded.amount(),
        reward_reserve: Amount(reserve),
        rollover: Amount(seeded.up_to(balance.0.wrapping_sub(reserve))),
        reward_growth_global_x128: seeded.wide(),
        last_updated: Timestamp(seeded.u64()),
        balance,
        fees0: seeded.amount(),
        fees1: seeded.amount(),
        reward_growth_outside,
    }
}
