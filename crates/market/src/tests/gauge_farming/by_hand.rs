use std::collections::VecDeque;

use tidemill_amm::concentrated::{
    Owner, Pool, PositionKey, SwapRequest, SwapStep, sqrt_price_at_tick,
};
use tidemill_model::{Address, BuildEvent, PoolEvent};
use tidemill_rewards::Account;
use tidemill_rewards::aerodrome::{
    ConcentratedGauge, Notification, PoolNow, PositionId as Number, StakedPosition,
};
use tidemill_units::{
    Amount, Amounts, Liquidity, Side, SignedAmounts, SignedLiquidity, Tick, TickRange, Timestamp,
    U256,
};

use crate::EpochEmission;
use crate::tests::synthetic_builds::{GAUGE, MANAGER};

const OWNER: Account = Account([0x55; 20]);

/// A pool and its gauge, each called as the contracts call each other. Our positions are the
/// position manager's, alone in their ranges, and go to the gauge and back.
pub(super) struct ByHand {
    pub(super) pool: Pool,
    pub(super) gauge: ConcentratedGauge,
    pub(super) upcoming: VecDeque<EpochEmission>,
}

fn of_manager(range: TickRange) -> PositionKey {
    PositionKey { owner: Owner(MANAGER.0), range }
}

impl ByHand {
    pub(super) fn now_of_pool(&self) -> PoolNow {
        PoolNow { tick: self.pool.tick(), staked_liquidity: self.pool.staked_liquidity() }
    }

    fn notify(&mut self, now: Timestamp) {
        while self.upcoming.front().is_some_and(|next| next.at <= now) {
            let EpochEmission { at, amount } = self.upcoming.pop_front().unwrap();
            let notification = Notification { amount, most: None, claimed: Amounts::ZERO };
            self.gauge.notify(notification, self.now_of_pool(), at).unwrap();
        }
    }

    /// Swaps, and crosses the ticks on which a step of the swap ends; `None` where the pool
    /// refuses.
    pub(super) fn swap(&mut self, request: SwapRequest, now: Timestamp) -> Option<SignedAmounts> {
        self.notify(now);
        let staked = self.pool.staked_liquidity();
        let mut steps = Vec::<SwapStep>::new();
        let staged = self.pool.stage_swap(request, &mut steps).ok()?;
        for step in steps.iter().filter(|step| step.tick[0] != step.tick[1]) {
            let reached = match step.input {
                Side::Token0 => Tick(step.tick[1].0 + 1),
                Side::Token1 => step.tick[1],
            };
            let is_reached = sqrt_price_at_tick(reached) == Some(step.sqrt_price[1]);
            if is_reached && self.pool.tick_info(reached).is_some() {
                self.gauge.cross(reached, staked, now).unwrap();
            }
        }
        Some(self.pool.commit_swap(&staged, now).amounts)
    }

    fn burn(&mut self, key: PositionKey, liquidity: Liquidity, now: Timestamp) -> Amounts {
        self.notify(now);
        let burned = self.pool.burn(key, liquidity, now).unwrap();
        for tick in [key.range.lower, key.range.upper] {
            if !self.pool.ticks().any(|(initialized, _)| initialized == tick) {
                self.gauge.clear_tick(tick);
            }
        }
        burned
    }

    /// Does again what was recorded; a swap is given as the call that it was.
    pub(super) fn record(&mut self, event: &PoolEvent, request: SwapRequest, now: Timestamp) {
        self.notify(now);
        let key =
            |owner: Option<Address>, range| PositionKey { owner: Owner(owner.unwrap().0), range };
        match *event {
            PoolEvent::Initialize { sqrt_price, .. } => {
                self.pool.initialize(sqrt_price, now).map(drop).unwrap();
            }
            PoolEvent::Swap { .. } => drop(self.swap(request, now)),
            PoolEvent::Mint { owner, range, liquidity, .. } => {
                self.pool.mint(key(owner, range), liquidity, now).map(drop).unwrap();
            }
            PoolEvent::Burn { owner, range, liquidity, .. } => {
                self.burn(key(owner, range), liquidity, now);
            }
            PoolEvent::Collect { owner, range, .. } => {
                self.pool.collect(key(owner, range), [u128::MAX; 2]).map(drop).unwrap();
            }
            PoolEvent::Build(ref build) => match **build {
                BuildEvent::Stake { range, delta, .. } => {
                    if range.contains(self.pool.tick()) {
                        self.gauge.update(self.pool.staked_liquidity(), now).unwrap();
                    }
                    self.pool.stake(range, delta, true).unwrap();
                }
                _ => unreachable!("no such event is recorded here"),
            },
            _ => unreachable!("no such event is recorded here"),
        }
    }

    pub(super) fn open(&mut self, range: TickRange, liquidity: u128, now: Timestamp) -> Amounts {
        self.notify(now);
        self.pool.mint(of_manager(range), Liquidity(liquidity), now).unwrap()
    }

    /// Returns what the liquidity was worth, and the fees.
    pub(super) fn close(&mut self, range: TickRange, now: Timestamp) -> (Amounts, Amounts) {
        let liquidity = self.pool.position(&of_manager(range)).liquidity;
        let principal = self.burn(of_manager(range), liquidity, now);
        let paid = self.pool.collect(of_manager(range), [u128::MAX; 2]).unwrap();
        let fees = Amounts {
            amount0: paid.amount0.checked_sub(principal.amount0).unwrap(),
            amount1: paid.amount1.checked_sub(principal.amount1).unwrap(),
        };
        (principal, fees)
    }

    /// Returns the fees that are collected first.
    pub(super) fn stake(&mut self, number: u64, range: TickRange, now: Timestamp) -> Amounts {
        self.notify(now);
        let liquidity = self.pool.position(&of_manager(range)).liquidity;
        self.burn(of_manager(range), Liquidity::ZERO, now);
        let fees = self.pool.collect(of_manager(range), [u128::MAX; 2]).unwrap();
        let position = StakedPosition {
            owner: OWNER,
            range,
            liquidity,
            reward_growth_inside: U256::ZERO,
            rewards: Amount::ZERO,
            last_update_time: Timestamp(0),
        };
        let pool = self.now_of_pool();
        self.gauge.deposit((Number(number), position), true, pool, now).unwrap();
        self.pool.stake(range, SignedLiquidity::positive(liquidity).unwrap(), true).unwrap();
        assert_eq!(self.pool.position(&of_manager(range)).liquidity, Liquidity::ZERO);
        fees
    }

    pub(super) fn claim(&mut self, number: u64, now: Timestamp) -> Amount {
        self.notify(now);
        let pool = self.now_of_pool();
        self.gauge.claim(OWNER, Number(number), pool, now).unwrap()
    }

    pub(super) fn unstake(&mut self, number: u64, range: TickRange, now: Timestamp) -> Amount {
        self.notify(now);
        let pool = self.now_of_pool();
        let paid = self.gauge.withdraw(OWNER, Number(number), pool, now).unwrap();
        let of_gauge = PositionKey { owner: Owner(GAUGE.0), range };
        let liquidity = self.pool.position(&of_gauge).liquidity;
        self.pool.stake(range, SignedLiquidity::negative(liquidity).unwrap(), true).unwrap();
        paid
    }
}
