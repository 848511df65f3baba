//! Gauges: Curve's system, Balancer's, Aerodrome's, and Slipstream's gauge.

use tidemill_rewards::aerodrome::{
    Aerodrome, ConcentratedGauge, Gauge, GaugeId, LockId, LockKind, PoolNow, VotingReward,
};
use tidemill_rewards::balancer_gauge::{BalancerGauge, RewardStream};
use tidemill_rewards::curve_gauge::{GaugePeriod, GaugeStake};
use tidemill_rewards::{Account, BalancerGauges, CurveGauges};
use tidemill_units::{Amount, Timestamp, U256, mul_div};

use super::entry::{Earnings, Entry, Times, sum, unallocated};

/// One in shares of the emission.
const ONE: u64 = 1_000_000_000_000_000_000;

pub(super) fn curve_gauges(system: &CurveGauges, times: Times) -> Result<Earnings, String> {
    let state = system.state();
    // Asking brings weights and the emission up to the time: a copy is asked.
    let mut asked = system.clone();
    let now = times.now();
    let mut token = system.token;
    token.start_epoch_time_write(now).map_err(|error| error.to_string())?;
    let epoch = token.future_epoch_time_write(now).map_err(|error| error.to_string())?;
    let mut earnings = Earnings::default();
    for gauge in &state.gauges {
        let place = format!("gauge {}", gauge.account);
        let weight = asked.controller.gauge_relative_weight_write(gauge.account, now, now);
        // A gauge that the controller does not know has no share.
        let weight = weight.unwrap_or_default();
        earnings.streams.push(emitted(&place, &gauge.period, (token.rate, weight), epoch));
        for stake in &gauge.stakes {
            let entry = staked(stake.account, &place, &stake.stake);
            let claimable = |at| asked.claimable(gauge.account, stake.account, Timestamp(at));
            earnings.accounts.push(entry.claimable(times, claimable)?);
        }
    }
    Ok(earnings)
}

pub(super) fn balancer_gauges(system: &BalancerGauges, times: Times) -> Result<Earnings, String> {
    let state = system.state();
    // Asking brings weights and the emission up to the time: a copy is asked.
    let mut asked = system.clone();
    let now = times.now();
    let mut admin = system.token_admin;
    let epoch = admin.future_epoch_time_write(now).map_err(|error| error.to_string())?;
    let mut earnings = Earnings::default();
    for gauge in &state.gauges {
        let account = gauge.identity.account;
        let place = format!("gauge {account}");
        let weight = asked.controller.gauge_relative_weight_write(account, now, now);
        // A gauge that the controller does not know has no share, and a killed one gets nothing.
        let weight = weight.unwrap_or_default().min(gauge.relative_weight_cap);
        let weight = if gauge.is_killed { U256::ZERO } else { weight };
        earnings.streams.push(emitted(&place, &gauge.period, (admin.rate, weight), epoch));
        let known = system.gauge(account).ok_or_else(|| format!("{place}: is not there"))?;
        for stake in &gauge.stakes {
            let entry = staked(stake.account, &place, &stake.stake);
            let claimable = |at| asked.claimable(account, stake.account, Timestamp(at));
            earnings.accounts.push(entry.claimable(times, claimable)?);
        }
        for stream in &gauge.rewards {
            brought(known, (&place, stream), times, &mut earnings)?;
        }
    }
    Ok(earnings)
}

/// A gauge's part of an emission, by its share in parts of 10^18.
fn emitted(
    place: &str,
    period: &GaugePeriod,
    (rate, weight): (U256, U256),
    epoch: Timestamp,
) -> Entry {
    let rate = mul_div(rate, weight, U256::from(ONE)).unwrap_or_default();
    Entry::stream(place)
        .with("staked", period.total_supply)
        .with("working", period.working_supply)
        .with("relative_weight", weight)
        .with("rate_per_second", rate)
        .with("period_finish", epoch.0)
}

fn staked(account: Account, place: &str, stake: &GaugeStake) -> Entry {
    Entry::account(account, place)
        .with("staked", stake.balance)
        .with("working", stake.working_balance)
}

/// Adds a reward token that others bring to a gauge, and what each staker has coming of it.
fn brought(
    gauge: &BalancerGauge,
    (place, stream): (&str, &RewardStream),
    times: Times,
    earnings: &mut Earnings,
) -> Result<(), String> {
    let place = format!("{place} in {}", stream.token);
    let is_over = stream.period_finish <= times.now();
    let rate = if is_over { U256::ZERO } else { stream.rate };
    let held = gauge.held(stream.token);
    earnings.streams.push(
        Entry::stream(&place)
            .with("rate_per_second", rate)
            .with("period_finish", stream.period_finish.0)
            .with("held", held),
    );
    for stake in gauge.state().stakes {
        // The contract keeps no rewards of the zero address.
        if stake.account == Account::default() {
            continue;
        }
        let entry = Entry::account(stake.account, &place).with("staked", stake.stake.balance);
        let claimable = |at| gauge.claimable_reward(stake.account, stream.token, Timestamp(at));
        earnings.accounts.push(entry.claimable(times, claimable)?);
    }
    Ok(())
}

pub(super) fn aerodrome(system: &Aerodrome, times: Times) -> Result<Earnings, String> {
    let mut earnings = Earnings::default();
    for (number, voted) in (0..).zip(system.voter().gauges()) {
        let place = format!("gauge {}", GaugeId(number).0);
        let stream = Entry::stream(&place)
            .with("votes", voted.weight)
            .with("not_handed_on", voted.claimable);
        let Some(gauge) = &voted.gauge else {
            earnings.streams.push(stream);
            continue;
        };
        of_gauge(gauge, (&place, stream), times, &mut earnings)?;
    }
    for (number, voted) in (0..).zip(system.voter().gauges()) {
        let gauge = GaugeId(number).0;
        let kinds = [("fees", &voted.fees), ("bribes", &voted.bribes)];
        for (kind, reward) in kinds {
            let place = format!("{kind} of gauge {gauge}");
            voting_reward(system, (&place, reward), times, &mut earnings)?;
        }
    }
    for (id, lock) in system.escrow().locks() {
        if let LockKind::Managed { free_rewards, .. } = &lock.kind {
            let place = format!("rewards of managed lock {id}");
            voting_reward(system, (&place, free_rewards), times, &mut earnings)?;
        }
        // A rebase of a lock inside a managed one is the managed one's.
        if matches!(lock.kind, LockKind::Locked { .. }) {
            continue;
        }
        let rebase = system.claimable_rebase(id).map_err(|error| error.to_string())?;
        if let Some(owner) = lock.owner.filter(|_| !rebase.is_zero()) {
            let entry = Entry::account(owner, format!("rebase of lock {id}"));
            let entry = entry.with("staked", lock.locked.amount);
            earnings.accounts.push(entry.claimable(times, |_| Ok::<_, String>(rebase))?);
        }
    }
    Ok(earnings)
}

/// The gauge of a pool of shares by itself.
pub(super) fn aerodrome_gauge(gauge: &Gauge, times: Times) -> Result<Earnings, String> {
    let mut earnings = Earnings::default();
    of_gauge(gauge, ("all", Entry::stream("all")), times, &mut earnings)?;
    Ok(earnings)
}

/// Adds what each staker of a gauge has coming, and what the gauge streams.
fn of_gauge(
    gauge: &Gauge,
    (place, stream): (&str, Entry),
    times: Times,
    earnings: &mut Earnings,
) -> Result<(), String> {
    let totals = gauge.totals();
    let mut owed = Vec::new();
    for (account, staker) in gauge.stakers() {
        let entry = Entry::account(account, place).with("staked", staker.balance);
        let earned = |at| gauge.earned(account, Timestamp(at));
        owed.push(earned(times.at).map_err(|error| format!("{place}: {error}"))?);
        earnings.accounts.push(entry.claimable(times, earned)?);
    }
    let left = gauge.left(times.now()).map_err(|error| format!("{place}: {error}"))?;
    let owed = sum(owed)?;
    let stream = stream
        .with("staked", totals.total_supply)
        .with("rate_per_second", totals.reward_rate)
        .with("period_finish", totals.period_finish.0)
        .with("held", totals.balance)
        .with("owed", owed)
        .with("to_be_streamed", left);
    earnings.streams.push(unallocated(stream, totals.balance, sum([owed, left])?));
    Ok(())
}

/// Adds what each lock has coming of each token; the locks that have nothing coming are left out.
fn voting_reward(
    system: &Aerodrome,
    (place, reward): (&str, &VotingReward),
    times: Times,
    earnings: &mut Earnings,
) -> Result<(), String> {
    for (lock, history) in &reward.balances {
        let Some(owner) = owner(system, *lock) else { continue };
        let balance = history.last().map(|last| last.balance).unwrap_or_default();
        for token in &reward.tokens {
            let entry = Entry::account(owner, format!("{place}, lock {lock}, in {token}"));
            let earned = |at| reward.earned(*token, *lock, Timestamp(at));
            let entry = entry.with("staked", balance).claimable(times, earned)?;
            let is_nothing = |name| entry.fact(name).is_none_or(|amount| amount == "0");
            if !(is_nothing("claimable") && is_nothing("claimable_until")) {
                earnings.accounts.push(entry);
            }
        }
    }
    Ok(())
}

fn owner(system: &Aerodrome, lock: LockId) -> Option<Account> {
    system.escrow().lock(lock).and_then(|lock| lock.owner)
}

/// The pool's price and staked liquidity are taken to stay as they are.
pub(super) fn concentrated_gauge(
    gauge: &ConcentratedGauge,
    pool: PoolNow,
    times: Times,
) -> Result<Earnings, String> {
    let state = gauge.state();
    let mut earnings = Earnings::default();
    let mut owed = Vec::new();
    for (id, position) in &state.positions {
        let entry = Entry::account(position.owner, format!("position {id}"));
        let claimable = |at: u64| {
            let at = Timestamp(at);
            if at == position.last_update_time {
                return Ok(position.rewards);
            }
            let earned = gauge.earned(position.owner, *id, pool, at);
            let earned = earned.map_err(|error| error.to_string())?;
            let all = position.rewards.checked_add(earned);
            all.ok_or_else(|| "more than 2^256 - 1".to_owned())
        };
        owed.push(claimable(times.at).map_err(|error| format!("position {id}: {error}"))?);
        let entry = entry.with("staked", position.liquidity).claimable(times, claimable)?;
        earnings.accounts.push(entry);
    }
    let owed = sum(owed)?;
    if owed > state.balance {
        let why = "more could be claimed than the gauge holds: the pool is another one, or of \
                   another time";
        return Err(why.to_owned());
    }
    earnings.streams.push(
        Entry::stream("all")
            .with("staked_in_range", pool.staked_liquidity)
            .with("rate_per_second", state.reward_rate)
            .with("period_finish", state.period_finish.0)
            .with("held", state.balance)
            .with("owed", owed)
            .with("to_be_streamed", to_be_streamed(gauge, times, state.reward_reserve))
            .with("rollover", state.rollover),
    );
    Ok(earnings)
}

fn to_be_streamed(gauge: &ConcentratedGauge, times: Times, reserve: Amount) -> Amount {
    gauge.left(times.now()).min(reserve)
}
