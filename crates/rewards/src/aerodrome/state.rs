use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;
use tidemill_units::{Amount, Timestamp, U256};

use super::distributor::Distributor;
use super::escrow::{Escrow, Lock, LockKind};
use super::voter::{Ballot, VotedGauge, Voter};
use super::words::{LONGEST_LOCK, to_int128};
use super::{
    Aerodrome, BalanceCheckpoint, Gauge, GaugeId, GaugeTotals, GlobalPoint, LEAST_MAX_VOTING_NUM,
    LEAST_TAIL_RATE, LockId, LockPoint, LockedBalance, MOST_TAIL_RATE, MOST_TEAM_RATE, MinterState,
    Staker, VotingReward, WEEK, epoch_start,
};
use crate::Account;

/// A value that no such system can have: which, and what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("`{field}`: {allowed}")]
pub struct AerodromeStateError {
    /// Its name in the state.
    pub field: &'static str,
    /// What is allowed there.
    pub allowed: &'static str,
}

/// Everything that determines what the system does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AerodromeState {
    /// When the last operation was.
    pub updated_at: Timestamp,
    /// The token that is locked and emitted.
    pub token: Account,
    /// All locks that ever were, ascending.
    pub locks: Vec<LockState>,
    /// The voting power of all locks, oldest first.
    pub points: Vec<GlobalPoint>,
    /// By what the slope changes and when, ascending, at the starts of epochs.
    pub slope_changes: Vec<(Timestamp, i128)>,
    /// What is locked in all.
    pub locked_supply: Amount,
    /// What is locked for ever.
    pub permanent_lock_balance: Amount,
    /// The last lock's number.
    pub last_lock: LockId,
    /// Who may split locks, ascending.
    pub can_split: Vec<Account>,
    /// Whether everybody may.
    pub everybody_can_split: bool,
    /// The gauges, in the order they came.
    pub gauges: Vec<VotedGaugeState>,
    /// The locks' votes, ascending.
    pub ballots: Vec<(LockId, Ballot)>,
    /// Emission per vote since the start, with 18 decimals.
    pub index: U256,
    /// The most pools of a vote, 10 or more.
    pub max_voting_num: u32,
    /// The locks that vote in an epoch's last hour, ascending.
    pub whitelisted_locks: Vec<LockId>,
    /// The tokens that may be paid as bribes, ascending.
    pub whitelisted_tokens: Vec<Account>,
    /// What the emission depends on.
    pub minter: MinterState,
    /// What the distributor of rebases keeps.
    pub distributor: DistributorState,
}

/// A lock and its history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockState {
    /// Its number.
    pub id: LockId,
    /// Who owns it; nobody once it was withdrawn, merged or split.
    pub owner: Option<Account>,
    /// What it holds.
    pub locked: LockedBalance,
    /// What it is in the system of managed locks.
    pub kind: LockKindState,
    /// Its voting power, oldest first.
    pub points: Vec<LockPoint>,
}

/// What a lock is in the system of managed locks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockKindState {
    /// It stands for itself.
    Normal,
    /// It is deposited into a managed lock.
    Locked {
        /// Into which.
        managed: LockId,
        /// With how much.
        weight: Amount,
    },
    /// Others are deposited into it.
    Managed {
        /// Whether it is out of use.
        is_deactivated: bool,
        /// Rebases, which stay locked.
        locked_rewards: Box<VotingRewardState>,
        /// What its manager pays out.
        free_rewards: Box<VotingRewardState>,
    },
}

/// The rewards of a vote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VotingRewardState {
    /// The sum of all balances, oldest first, one of each epoch at most.
    pub supply: Vec<BalanceCheckpoint>,
    /// The balances of each lock, by lock ascending and oldest first.
    pub balances: Vec<(LockId, Vec<BalanceCheckpoint>)>,
    /// What was paid into each epoch, by token and the epoch's start, ascending.
    pub rewards: Vec<(Account, Timestamp, Amount)>,
    /// When a lock last claimed a token, ascending.
    pub last_earn: Vec<(Account, LockId, Timestamp)>,
    /// The tokens that are known as rewards.
    pub tokens: Vec<Account>,
}

/// A gauge and the rewards of its voters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VotedGaugeState {
    /// Whether it takes votes, deposits and emissions.
    pub is_alive: bool,
    /// The pool's two tokens, two different ones; none where the pool pays no fees.
    pub tokens: Option<[Account; 2]>,
    /// Votes.
    pub weight: Amount,
    /// The voter's index when the gauge was last brought up to date.
    pub supply_index: U256,
    /// Emission that was not handed on yet.
    pub claimable: Amount,
    /// The fees, for those who vote.
    pub fees: VotingRewardState,
    /// The bribes, for those who vote.
    pub bribes: VotingRewardState,
    /// The gauge; none of one that is kept elsewhere.
    pub gauge: Option<GaugeState>,
}

/// A gauge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GaugeState {
    /// What it keeps beside its stakers.
    pub totals: GaugeTotals,
    /// Its stakers, ascending.
    pub stakers: Vec<(Account, Staker)>,
}

/// What the distributor of rebases keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistributorState {
    /// The epoch it was made in.
    pub start_time: Timestamp,
    /// When its balance was last recorded.
    pub last_token_time: Timestamp,
    /// The balance that was recorded then, less claims since.
    pub token_last_balance: Amount,
    /// Its balance.
    pub balance: Amount,
    /// What each week's locks get, ascending.
    pub tokens_per_week: Vec<(Timestamp, Amount)>,
    /// The first week each lock has not claimed, ascending.
    pub time_cursor_of: Vec<(LockId, Timestamp)>,
}

type Check = Result<(), AerodromeStateError>;

fn check(holds: bool, field: &'static str, allowed: &'static str) -> Check {
    if holds { Ok(()) } else { Err(AerodromeStateError { field, allowed }) }
}

impl Aerodrome {
    /// Returns the system in this state.
    ///
    /// Errors: the field that no system can have.
    pub fn new(state: &AerodromeState) -> Result<Self, AerodromeStateError> {
        check_escrow(state)?;
        check_votes(state)?;
        check_minter(state)?;
        let locks = state.locks.iter().map(|lock| (lock.id, lock_of(lock)));
        let distributor = &state.distributor;
        Ok(Self {
            escrow: Escrow {
                token: state.token,
                locks: locks.collect(),
                points: state.points.clone(),
                slope_changes: state.slope_changes.iter().copied().collect(),
                supply: state.locked_supply,
                permanent_lock_balance: state.permanent_lock_balance,
                last_id: state.last_lock,
                can_split: state.can_split.iter().copied().collect(),
                everybody_can_split: state.everybody_can_split,
            },
            voter: Voter {
                gauges: state.gauges.iter().map(gauge_of).collect(),
                ballots: state.ballots.iter().cloned().collect(),
                total_weight: total_weight(state)?,
                index: state.index,
                max_voting_num: state.max_voting_num,
                whitelisted_locks: state.whitelisted_locks.iter().copied().collect(),
                whitelisted_tokens: state.whitelisted_tokens.iter().copied().collect(),
            },
            minter: state.minter,
            distributor: Distributor {
                start_time: distributor.start_time,
                last_token_time: distributor.last_token_time,
                token_last_balance: distributor.token_last_balance,
                balance: distributor.balance,
                tokens_per_week: distributor.tokens_per_week.iter().copied().collect(),
                time_cursor_of: distributor.time_cursor_of.iter().copied().collect(),
            },
            updated_at: state.updated_at,
        })
    }

    /// Returns everything that determines what the system does.
    pub fn state(&self) -> AerodromeState {
        let (escrow, voter, distributor) = (&self.escrow, &self.voter, &self.distributor);
        AerodromeState {
            updated_at: self.updated_at,
            token: escrow.token,
            locks: escrow.locks.iter().map(|(id, lock)| lock_state(*id, lock)).collect(),
            points: escrow.points.clone(),
            slope_changes: sorted(&escrow.slope_changes),
            locked_supply: escrow.supply,
            permanent_lock_balance: escrow.permanent_lock_balance,
            last_lock: escrow.last_id,
            can_split: escrow.can_split.iter().copied().collect(),
            everybody_can_split: escrow.everybody_can_split,
            gauges: voter.gauges.iter().map(gauge_state).collect(),
            ballots: voter.ballots.iter().map(|(id, ballot)| (*id, ballot.clone())).collect(),
            index: voter.index,
            max_voting_num: voter.max_voting_num,
            whitelisted_locks: voter.whitelisted_locks.iter().copied().collect(),
            whitelisted_tokens: voter.whitelisted_tokens.iter().copied().collect(),
            minter: self.minter,
            distributor: DistributorState {
                start_time: distributor.start_time,
                last_token_time: distributor.last_token_time,
                token_last_balance: distributor.token_last_balance,
                balance: distributor.balance,
                tokens_per_week: sorted(&distributor.tokens_per_week),
                time_cursor_of: sorted(&distributor.time_cursor_of),
            },
        }
    }
}

fn sorted<K: Copy, V: Copy>(map: &BTreeMap<K, V>) -> Vec<(K, V)> {
    map.iter().map(|(key, value)| (*key, *value)).collect()
}

fn lock_of(state: &LockState) -> Lock {
    let kind = match &state.kind {
        LockKindState::Normal => LockKind::Normal,
        LockKindState::Locked { managed, weight } => {
            LockKind::Locked { managed: *managed, weight: *weight }
        }
        LockKindState::Managed { is_deactivated, locked_rewards, free_rewards } => {
            LockKind::Managed {
                is_deactivated: *is_deactivated,
                locked_rewards: Box::new(reward_of(locked_rewards)),
                free_rewards: Box::new(reward_of(free_rewards)),
            }
        }
    };
    Lock { owner: state.owner, locked: state.locked, kind, points: state.points.clone() }
}

fn lock_state(id: LockId, lock: &Lock) -> LockState {
    let kind = match &lock.kind {
        LockKind::Normal => LockKindState::Normal,
        LockKind::Locked { managed, weight } => {
            LockKindState::Locked { managed: *managed, weight: *weight }
        }
        LockKind::Managed { is_deactivated, locked_rewards, free_rewards } => {
            LockKindState::Managed {
                is_deactivated: *is_deactivated,
                locked_rewards: Box::new(reward_state(locked_rewards)),
                free_rewards: Box::new(reward_state(free_rewards)),
            }
        }
    };
    LockState { id, owner: lock.owner, locked: lock.locked, kind, points: lock.points.clone() }
}

fn reward_of(state: &VotingRewardState) -> VotingReward {
    let rewards = state.rewards.iter().map(|(token, epoch, amount)| ((*token, *epoch), *amount));
    let last_earn = state.last_earn.iter().map(|(token, lock, at)| ((*token, *lock), *at));
    VotingReward {
        supply: state.supply.clone(),
        balances: state.balances.iter().cloned().collect(),
        rewards: rewards.collect(),
        last_earn: last_earn.collect(),
        tokens: state.tokens.clone(),
    }
}

fn reward_state(reward: &VotingReward) -> VotingRewardState {
    let rewards = reward.rewards.iter().map(|((token, epoch), amount)| (*token, *epoch, *amount));
    let last_earn = reward.last_earn.iter().map(|((token, lock), at)| (*token, *lock, *at));
    VotingRewardState {
        supply: reward.supply.clone(),
        balances: reward.balances.iter().map(|(id, history)| (*id, history.clone())).collect(),
        rewards: rewards.collect(),
        last_earn: last_earn.collect(),
        tokens: reward.tokens.clone(),
    }
}

fn gauge_of(state: &VotedGaugeState) -> VotedGauge {
    let gauge = state.gauge.as_ref();
    VotedGauge {
        is_alive: state.is_alive,
        tokens: state.tokens,
        weight: state.weight,
        supply_index: state.supply_index,
        claimable: state.claimable,
        fees: reward_of(&state.fees),
        bribes: reward_of(&state.bribes),
        gauge: gauge.map(|kept| Gauge::of(kept.totals, kept.stakers.iter().copied().collect())),
    }
}

fn gauge_state(gauge: &VotedGauge) -> VotedGaugeState {
    VotedGaugeState {
        is_alive: gauge.is_alive,
        tokens: gauge.tokens,
        weight: gauge.weight,
        supply_index: gauge.supply_index,
        claimable: gauge.claimable,
        fees: reward_state(&gauge.fees),
        bribes: reward_state(&gauge.bribes),
        gauge: gauge.gauge.as_ref().map(Gauge::state),
    }
}

fn is_epoch(at: Timestamp) -> bool {
    epoch_start(at) == at
}

fn check_escrow(state: &AerodromeState) -> Check {
    let now = state.updated_at;
    let locks = &state.locks;
    let most = to_int128(state.locked_supply).is_ok() && state.locked_supply.0 <= max_int128();
    check(most, "locked_supply", "at most 2^127 - 1")?;
    let ids = BTreeSet::from_iter(locks.iter().map(|lock| lock.id));
    let ascends = locks.is_sorted_by(|a, b| a.id < b.id);
    let in_range = locks.first().is_none_or(|lock| lock.id.0 > 0)
        && locks.last().is_none_or(|lock| lock.id <= state.last_lock);
    check(ascends && in_range, "locks", "ascending, from 1 to last_lock")?;
    check(state.last_lock.0 < u64::MAX, "last_lock", "below 2^64 - 1")?;
    let points = state.points.is_sorted_by(|a, b| a.at < b.at)
        && state.points.last().is_none_or(|point| point.at <= now)
        && state.points.iter().all(|point| point.bias >= 0 && point.slope >= 0);
    check(points, "points", "ascending to updated_at, and nothing below zero")?;
    let changes = state.slope_changes.is_sorted_by(|a, b| a.0 < b.0)
        && state.slope_changes.iter().all(|(at, _)| is_epoch(*at));
    check(changes, "slope_changes", "ascending, at the starts of epochs")?;
    let mut permanent = Amount::ZERO;
    for lock in locks {
        let LockedBalance { amount, end, is_permanent } = lock.locked;
        let latest = now.0.saturating_add(LONGEST_LOCK);
        let fits = to_int128(amount).is_ok() && is_epoch(end) && end.0 <= latest;
        check(fits && !(is_permanent && end.0 > 0), "locks", "locked until an epoch's start")?;
        let points = lock.points.is_sorted_by(|a, b| a.at < b.at)
            && lock.points.last().is_none_or(|point| point.at <= now)
            && lock.points.iter().all(|point| point.bias >= 0 && point.slope >= 0);
        check(points, "locks", "points that ascend to updated_at")?;
        if is_permanent {
            permanent = Amount(permanent.0.saturating_add(amount.0));
        }
        match &lock.kind {
            LockKindState::Normal => {}
            LockKindState::Locked { managed, .. } => {
                check(ids.contains(managed), "locks", "deposited into locks that are")?;
            }
            LockKindState::Managed { locked_rewards, free_rewards, .. } => {
                check_reward(locked_rewards, now, "locks")?;
                check_reward(free_rewards, now, "locks")?;
            }
        }
    }
    let allowed = "what the permanent locks hold";
    check(permanent == state.permanent_lock_balance, "permanent_lock_balance", allowed)
}

fn max_int128() -> U256 {
    U256::from(i128::MAX.unsigned_abs())
}

fn check_reward(reward: &VotingRewardState, now: Timestamp, field: &'static str) -> Check {
    let is_history = |history: &[BalanceCheckpoint]| {
        let is_sorted = history.is_sorted_by(|a, b| epoch_start(a.at) < epoch_start(b.at));
        is_sorted && !history.is_empty() && history.last().is_none_or(|last| last.at <= now)
    };
    let balances = &reward.balances;
    let histories = balances.is_sorted_by(|a, b| a.0 < b.0)
        && balances.iter().all(|(_, history)| is_history(history))
        && (is_history(&reward.supply) || (reward.supply.is_empty() && balances.is_empty()));
    check(histories, field, "balances that ascend, one of each epoch")?;
    let last = |history: &[BalanceCheckpoint]| history.last().map_or(U256::ZERO, |c| c.balance.0);
    let total = balances
        .iter()
        .try_fold(U256::ZERO, |total, (_, history)| total.checked_add(last(history)));
    check(total == Some(last(&reward.supply)), field, "balances that add up to their sum")?;
    let rewards = reward.rewards.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1))
        && reward.rewards.iter().all(|(_, epoch, _)| is_epoch(*epoch) && *epoch <= now);
    check(rewards, field, "rewards that ascend, by the starts of epochs")?;
    let last_earn = reward.last_earn.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1));
    check(last_earn, field, "claims that ascend")
}

fn total_weight(state: &AerodromeState) -> Result<Amount, AerodromeStateError> {
    let mut gauges = state.gauges.iter();
    let total = gauges.try_fold(Amount::ZERO, |total, gauge| total.checked_add(gauge.weight));
    let allowed = "weights that add up to at most 2^256 - 1";
    total.ok_or(AerodromeStateError { field: "gauges", allowed })
}

fn check_votes(state: &AerodromeState) -> Check {
    let mut weights = vec![Amount::ZERO; state.gauges.len()];
    check(state.ballots.is_sorted_by(|a, b| a.0 < b.0), "ballots", "ascending")?;
    for (lock, ballot) in &state.ballots {
        check(*lock <= state.last_lock, "ballots", "of locks that were")?;
        let allowed = "votes above zero for gauges that are, each once";
        let mut seen = BTreeSet::new();
        for (GaugeId(gauge), votes) in &ballot.votes {
            let place = usize::try_from(*gauge).ok();
            let weight = place.and_then(|place| weights.get_mut(place));
            let with_votes = weight.and_then(|weight| {
                *weight = weight.checked_add(*votes)?;
                Some(())
            });
            let is_new = seen.insert(*gauge);
            check(with_votes.is_some() && is_new && !votes.is_zero(), "ballots", allowed)?;
        }
        check(ballot.last_voted <= state.updated_at, "ballots", "cast by updated_at")?;
    }
    for (gauge, weight) in state.gauges.iter().zip(weights) {
        check(gauge.weight == weight, "gauges", "weights that are the votes' sums")?;
        check(gauge.supply_index <= state.index, "gauges", "indexes no larger than index")?;
        let differ = gauge.tokens.is_none_or(|[token0, token1]| token0 != token1);
        check(differ, "gauges", "two different tokens")?;
        check_reward(&gauge.fees, state.updated_at, "gauges")?;
        check_reward(&gauge.bribes, state.updated_at, "gauges")?;
        if let Some(gauge) = &gauge.gauge {
            check_gauge(gauge, state.updated_at)?;
        }
    }
    let allowed = "10 or more";
    check(state.max_voting_num >= LEAST_MAX_VOTING_NUM, "max_voting_num", allowed)
}

fn check_gauge(gauge: &GaugeState, now: Timestamp) -> Check {
    let field = "gauges";
    check_alone(gauge).map_err(|error| AerodromeStateError { field, ..error })?;
    check(gauge.totals.last_update_time <= now, field, "last_update_time no later than updated_at")
}

/// What holds of a gauge whatever is around it.
pub(super) fn check_alone(gauge: &GaugeState) -> Check {
    let (stakers, totals) = (&gauge.stakers, &gauge.totals);
    check(stakers.is_sorted_by(|a, b| a.0 < b.0), "stakers", "stakers that ascend")?;
    let total = stakers
        .iter()
        .try_fold(Amount::ZERO, |total, (_, staker)| total.checked_add(staker.balance));
    check(total == Some(totals.total_supply), "totals", "stakes that add up to their sum")?;
    let paid = |staker: &Staker| staker.reward_per_token_paid <= totals.reward_per_token_stored;
    let allowed = "stakers no further than the gauge";
    check(stakers.iter().all(|(_, staker)| paid(staker)), "stakers", allowed)?;
    let is_in_time = totals.last_update_time <= totals.period_finish;
    check(is_in_time, "totals", "last_update_time no later than period_finish")
}

fn check_minter(state: &AerodromeState) -> Check {
    let minter = &state.minter;
    check(minter.team_rate <= MOST_TEAM_RATE, "team_rate", "0 to 500")?;
    let rates = LEAST_TAIL_RATE..=MOST_TAIL_RATE;
    check(rates.contains(&minter.tail_emission_rate), "tail_emission_rate", "1 to 100")?;
    let period = is_epoch(minter.active_period) && minter.active_period <= state.updated_at;
    check(period, "active_period", "the start of an epoch up to updated_at")?;
    let distributor = &state.distributor;
    check(is_epoch(distributor.start_time), "start_time", "the start of an epoch")?;
    let is_past = distributor.last_token_time <= state.updated_at;
    check(is_past, "last_token_time", "no later than updated_at")?;
    let holds = distributor.token_last_balance <= distributor.balance;
    check(holds, "token_last_balance", "no more than the balance")?;
    let weeks = distributor.tokens_per_week.is_sorted_by(|a, b| a.0 < b.0)
        && distributor.tokens_per_week.iter().all(|(week, _)| week.0.rem_euclid(WEEK) == 0);
    check(weeks, "tokens_per_week", "ascending, at the starts of epochs")?;
    let cursors = distributor.time_cursor_of.is_sorted_by(|a, b| a.0 < b.0);
    check(cursors, "time_cursor_of", "ascending")
}
