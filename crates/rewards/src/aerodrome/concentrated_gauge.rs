//! Slipstream's gauge: emissions for staked liquidity while the price is in its range.

use std::collections::BTreeMap;
use std::fmt;

use tidemill_units::{Amount, Amounts, Liquidity, Tick, TickRange, Timestamp, U256, mul_div};

use super::AerodromeError;
use super::gauge::{PassedOn, pass_on};
use super::words::{difference, epoch_next, quotient, seconds, sum};
use crate::Account;

/// 2^128.
const Q128: U256 = U256::from_limbs([0, 0, 1, 0]);

/// A position, an NFT of the position manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionId(pub u64);

impl fmt::Display for PositionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// What the gauge reads of its pool, as it is before the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolNow {
    /// The tick of the price.
    pub tick: Tick,
    /// The staked liquidity in range.
    pub staked_liquidity: Liquidity,
}

/// A staked position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakedPosition {
    /// Who staked it.
    pub owner: Account,
    /// Where it is.
    pub range: TickRange,
    /// How much it is.
    pub liquidity: Liquidity,
    /// The reward of one unit of liquidity in its range when it was last brought up to date, times
    /// 2^128; modulo 2^256.
    pub reward_growth_inside: U256,
    /// What it had earned and not claimed then.
    pub rewards: Amount,
    /// When that was.
    pub last_update_time: Timestamp,
}

/// Everything that determines what a gauge does, with the part of it that the pool keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConcentratedGaugeState {
    /// When what was notified has been paid out: the end of an epoch.
    pub period_finish: Timestamp,
    /// Reward units a second.
    pub reward_rate: Amount,
    /// What is still to be emitted.
    pub reward_reserve: Amount,
    /// What was emitted while no staked liquidity was in range; the next notification adds it.
    pub rollover: Amount,
    /// The reward of one unit of staked liquidity since the start, times 2^128; modulo 2^256.
    pub reward_growth_global_x128: U256,
    /// When it was last brought up to date.
    pub last_updated: Timestamp,
    /// Reward tokens the gauge holds.
    pub balance: Amount,
    /// Fees of token0 that were too few to be passed on.
    pub fees0: Amount,
    /// Fees of token1 that were too few to be passed on.
    pub fees1: Amount,
    /// The growth on the far side of each tick, where it is not zero; ascending.
    pub reward_growth_outside: Vec<(Tick, U256)>,
    /// The staked positions, ascending.
    pub positions: Vec<(PositionId, StakedPosition)>,
}

/// A gauge of a Slipstream pool.
///
/// Source: `CLGauge.sol`, aerodrome-finance/slipstream at 0f36abdb, and the rewards' part of
/// `CLPool.sol`, velodrome-finance/slipstream at a829b218. Numbers wrap where Solidity 0.7's do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConcentratedGauge {
    totals: Totals,
    outside: BTreeMap<Tick, U256>,
    positions: BTreeMap<PositionId, StakedPosition>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    period_finish: Timestamp,
    reward_rate: U256,
    reward_reserve: U256,
    rollover: U256,
    growth: U256,
    last_updated: Timestamp,
    balance: Amount,
    fees: Amounts,
}

/// What a gauge is notified of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The emission.
    pub amount: Amount,
    /// The most it may be, where its factory caps it; the rest goes to the redistributor.
    pub most: Option<Amount>,
    /// What a claim of the pool's fees gives.
    pub claimed: Amounts,
}

/// What a notification leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notified {
    /// What the redistributor gets.
    pub excess: Amount,
    /// What those who vote for the gauge get of the pool's fees.
    pub fees: Amounts,
    /// What is newly to be emitted, with what rolled over: the amount that the gauge logs.
    pub streamed: Amount,
}

impl Totals {
    /// Emits until now (`CLPool._updateRewardsGrowthGlobal`).
    fn updated(mut self, staked: Liquidity, at: Timestamp) -> Result<Self, AerodromeError> {
        let elapsed =
            at.0.checked_sub(self.last_updated.0).ok_or(AerodromeError::TimeOutOfRange)?;
        if elapsed == 0 {
            return Ok(self);
        }
        let reward = self.reward_rate.wrapping_mul(seconds(elapsed)).min(self.reward_reserve);
        if !self.reward_reserve.is_zero() {
            self.reward_reserve = self.reward_reserve.wrapping_sub(reward);
            if staked == Liquidity::ZERO {
                self.rollover = self.rollover.wrapping_add(reward);
            } else {
                self.growth = self.growth.wrapping_add(growth(reward, staked)?);
            }
        }
        self.last_updated = at;
        Ok(self)
    }
}

fn growth(reward: U256, staked: Liquidity) -> Result<U256, AerodromeError> {
    mul_div(reward, Q128, U256::from(staked.0)).ok_or(AerodromeError::Overflow)
}

impl ConcentratedGauge {
    /// Returns the gauge in this state.
    ///
    /// Errors: `Overflow` where a list is not ascending, a tick's growth is zero, or more is to be
    /// emitted than the gauge holds.
    pub fn new(state: &ConcentratedGaugeState) -> Result<Self, AerodromeError> {
        let outside = &state.reward_growth_outside;
        let are_sorted = outside.is_sorted_by(|a, b| a.0 < b.0)
            && state.positions.is_sorted_by(|a, b| a.0 < b.0)
            && outside.iter().all(|(_, growth)| !growth.is_zero());
        let owed = sum(state.reward_reserve, state.rollover)?;
        if !are_sorted || owed > state.balance {
            return Err(AerodromeError::Overflow);
        }
        Ok(Self {
            totals: Totals {
                period_finish: state.period_finish,
                reward_rate: state.reward_rate.0,
                reward_reserve: state.reward_reserve.0,
                rollover: state.rollover.0,
                growth: state.reward_growth_global_x128,
                last_updated: state.last_updated,
                balance: state.balance,
                fees: Amounts { amount0: state.fees0, amount1: state.fees1 },
            },
            outside: outside.iter().copied().collect(),
            positions: state.positions.iter().copied().collect(),
        })
    }

    /// Returns everything that determines what the gauge does.
    pub fn state(&self) -> ConcentratedGaugeState {
        let totals = &self.totals;
        ConcentratedGaugeState {
            period_finish: totals.period_finish,
            reward_rate: Amount(totals.reward_rate),
            reward_reserve: Amount(totals.reward_reserve),
            rollover: Amount(totals.rollover),
            reward_growth_global_x128: totals.growth,
            last_updated: totals.last_updated,
            balance: totals.balance,
            fees0: totals.fees.amount0,
            fees1: totals.fees.amount1,
            reward_growth_outside: self.outside.iter().map(|(tick, x)| (*tick, *x)).collect(),
            positions: self.positions.iter().map(|(id, staked)| (*id, *staked)).collect(),
        }
    }

    /// Returns what is still to be emitted in the running period.
    pub fn left(&self, at: Timestamp) -> Amount {
        let remaining = seconds(self.totals.period_finish.seconds_since(at));
        Amount(self.totals.reward_rate.wrapping_mul(remaining))
    }

    fn outside(&self, tick: Tick) -> U256 {
        self.outside.get(&tick).copied().unwrap_or_default()
    }

    /// The reward of one unit of liquidity in a range (`Tick.getRewardGrowthInside`).
    fn inside(&self, range: TickRange, tick: Tick, global: U256) -> U256 {
        let (lower, upper) = (self.outside(range.lower), self.outside(range.upper));
        let below = if tick >= range.lower { lower } else { global.wrapping_sub(lower) };
        let above = if tick < range.upper { upper } else { global.wrapping_sub(upper) };
        global.wrapping_sub(below).wrapping_sub(above)
    }

    /// Crosses an initialised tick, as a swap does; the staked liquidity is that of the swap's
    /// beginning, whichever tick it is (`CLPool.swap`, `Tick.cross`).
    ///
    /// Errors: `TimeOutOfRange`, `Overflow`.
    pub fn cross(
        &mut self,
        tick: Tick,
        staked_at_start: Liquidity,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        self.totals = self.totals.updated(staked_at_start, at)?;
        let outside = self.totals.growth.wrapping_sub(self.outside(tick));
        if outside.is_zero() {
            self.outside.remove(&tick);
        } else {
            self.outside.insert(tick, outside);
        }
        Ok(())
    }

    /// Emits until now, as the pool does before its staked liquidity in range changes
    /// (`CLPool.stake`); `staked` is what it was until then.
    ///
    /// Errors: `TimeOutOfRange`, `Overflow`.
    pub fn update(&mut self, staked: Liquidity, at: Timestamp) -> Result<(), AerodromeError> {
        self.totals = self.totals.updated(staked, at)?;
        Ok(())
    }

    /// Forgets a tick that no liquidity begins or ends at any more (`Tick.clear`).
    pub fn clear_tick(&mut self, tick: Tick) {
        self.outside.remove(&tick);
    }

    fn staked(&self, owner: Account, id: PositionId) -> Result<&StakedPosition, AerodromeError> {
        let found = self.positions.get(&id).filter(|position| position.owner == owner);
        found.ok_or(AerodromeError::NotAuthorized)
    }

    /// Stakes a position of the sender's, whose fees the position manager has collected. The pool
    /// is to be told by its own `stake`, afterwards.
    ///
    /// Errors: `NotAlive` where the voter has killed the gauge; `NotAuthorized` where it is staked
    /// already; `TimeOutOfRange`, `Overflow`. Source: `CLGauge.deposit`.
    pub fn deposit(
        &mut self,
        (id, position): (PositionId, StakedPosition),
        is_alive: bool,
        pool: PoolNow,
        at: Timestamp,
    ) -> Result<(), AerodromeError> {
        if self.positions.contains_key(&id) {
            return Err(AerodromeError::NotAuthorized);
        }
        if !is_alive {
            return Err(AerodromeError::NotAlive);
        }
        if position.liquidity.0 > i128::MAX.unsigned_abs() {
            return Err(AerodromeError::SafeCastOverflow);
        }
        if position.range.contains(pool.tick) {
            self.totals = self.totals.updated(pool.staked_liquidity, at)?;
        }
        let reward_growth_inside = self.inside(position.range, pool.tick, self.totals.growth);
        let rewards = Amount::ZERO;
        let staked =
            StakedPosition { reward_growth_inside, rewards, last_update_time: at, ..position };
        self.positions.insert(id, staked);
        Ok(())
    }

    /// Returns what a staked position has earned since it was last brought up to date, rounded
    /// down.
    ///
    /// Errors: `NotAuthorized`, `TimeOutOfRange`, `Overflow`. Source: `CLGauge.earned`.
    pub fn earned(
        &self,
        owner: Account,
        id: PositionId,
        pool: PoolNow,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        let position = *self.staked(owner, id)?;
        let totals = &self.totals;
        let mut global = totals.growth;
        let elapsed = at.0.checked_sub(totals.last_updated.0);
        let elapsed = elapsed.ok_or(AerodromeError::TimeOutOfRange)?;
        let is_emitting = elapsed != 0 && !totals.reward_reserve.is_zero();
        if is_emitting && pool.staked_liquidity != Liquidity::ZERO {
            let reward = totals.reward_rate.wrapping_mul(seconds(elapsed));
            let reward = reward.min(totals.reward_reserve);
            global = global.wrapping_add(growth(reward, pool.staked_liquidity)?);
        }
        let grown = self.inside(position.range, pool.tick, global);
        let grown = grown.wrapping_sub(position.reward_growth_inside);
        let earned = mul_div(grown, U256::from(position.liquidity.0), Q128);
        earned.map(Amount).ok_or(AerodromeError::Overflow)
    }

    /// `_getReward`: what it brings up to date, and what is paid.
    fn claiming(
        &self,
        owner: Account,
        id: PositionId,
        pool: PoolNow,
        at: Timestamp,
    ) -> Result<(Totals, StakedPosition, Amount), AerodromeError> {
        let mut position = *self.staked(owner, id)?;
        let mut totals = self.totals;
        if position.last_update_time != at {
            let earned = self.earned(owner, id, pool, at)?;
            totals = totals.updated(pool.staked_liquidity, at)?;
            position.last_update_time = at;
            position.rewards = Amount(position.rewards.0.wrapping_add(earned.0));
            position.reward_growth_inside = self.inside(position.range, pool.tick, totals.growth);
        }
        let paid = std::mem::take(&mut position.rewards);
        totals.balance = difference(totals.balance, paid)?;
        Ok((totals, position, paid))
    }

    /// Claims what a position has earned; returns what the gauge pays its owner
    /// (`CLGauge.getReward`).
    ///
    /// Errors: `NotAuthorized`, `TimeOutOfRange`, `Overflow`.
    pub fn claim(
        &mut self,
        owner: Account,
        id: PositionId,
        pool: PoolNow,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        let (totals, position, paid) = self.claiming(owner, id, pool, at)?;
        self.totals = totals;
        self.positions.insert(id, position);
        Ok(paid)
    }

    /// Gives a position back to its owner, with what it has earned; the pool is to be told by its
    /// own `stake`, afterwards (`CLGauge.withdraw`).
    ///
    /// Errors: `NotAuthorized`, `TimeOutOfRange`, `Overflow`.
    pub fn withdraw(
        &mut self,
        owner: Account,
        id: PositionId,
        pool: PoolNow,
        at: Timestamp,
    ) -> Result<Amount, AerodromeError> {
        let (mut totals, position, paid) = self.claiming(owner, id, pool, at)?;
        let is_in_range = position.range.contains(pool.tick);
        if is_in_range && position.liquidity != Liquidity::ZERO {
            totals = totals.updated(pool.staked_liquidity, at)?;
        }
        self.totals = totals;
        self.positions.remove(&id);
        Ok(paid)
    }

    /// Takes an emission, to be paid out until the epoch's end with what is left of the last one
    /// and what rolled over.
    ///
    /// Errors: `ZeroAmount`, `ZeroRewardRate`, `RewardRateTooHigh`, `TimeOutOfRange`, `Overflow`.
    /// Source: `CLGauge.notifyRewardAmount`.
    pub fn notify(
        &mut self,
        notification: Notification,
        pool: PoolNow,
        at: Timestamp,
    ) -> Result<Notified, AerodromeError> {
        let Notification { amount, most, claimed } = notification;
        if amount.is_zero() {
            return Err(AerodromeError::ZeroAmount);
        }
        let PassedOn { kept, passed } = pass_on(self.totals.fees, claimed)?;
        let taken = most.map_or(amount, |most| most.min(amount));
        let balance = sum(self.totals.balance, taken)?;
        let mut totals = self.totals.updated(pool.staked_liquidity, at)?;
        let next = epoch_next(at);
        let until_next = seconds(next.seconds_since(at));
        let streamed = taken.0.wrapping_add(totals.rollover);
        let mut reserve = streamed;
        if at < totals.period_finish {
            reserve = reserve.wrapping_add(until_next.wrapping_mul(totals.reward_rate));
        }
        let reward_rate = quotient(reserve, until_next)?;
        if reward_rate.is_zero() {
            return Err(AerodromeError::ZeroRewardRate);
        }
        if reward_rate > quotient(balance.0, until_next)? {
            return Err(AerodromeError::RewardRateTooHigh);
        }
        totals.reward_rate = reward_rate;
        totals.reward_reserve = reserve;
        totals.rollover = U256::ZERO;
        totals.period_finish = next;
        totals.balance = balance;
        totals.fees = kept;
        let excess = difference(amount, taken)?;
        self.totals = totals;
        Ok(Notified { excess, fees: passed, streamed: Amount(streamed) })
    }

    /// Returns what the gauge keeps of a position; `None` for one that is not staked.
    pub fn position(&self, id: PositionId) -> Option<StakedPosition> {
        self.positions.get(&id).copied()
    }

    /// Returns when what was notified has been paid out, at the rate that it was notified at.
    pub fn period_finish(&self) -> Timestamp {
        self.totals.period_finish
    }

    /// Returns the most the gauge can still owe: what it holds.
    pub fn balance(&self) -> Amount {
        self.totals.balance
    }
}
