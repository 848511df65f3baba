//! Slipstream's gauge beside a second model: a pool that knows every position and sums what each
//! tick has seen, with the gauge's statements in the contract's order.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use tidemill_rewards::aerodrome::{
    AerodromeError, ConcentratedGauge, Notification, PoolNow, PositionId, StakedPosition, WEEK,
};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Amounts, Liquidity, Tick, TickRange, Timestamp, U256};

use super::{account, big};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

type Failure = &'static str;

#[test]
fn the_concentrated_gauge_equals_the_naive_model() {
    let worlds = Worlds {
        name: "Slipstream gauge",
        stream: 0xae21,
        tests: 1,
        most_in_one: 200,
        unit: "operations",
    };
    let reached = Reached {
        operations: &[
            "deposit",
            "withdraw",
            "claim",
            "notify",
            "cross",
            "clear tick",
            "claimed above zero",
            "rolled over",
            "fees passed on",
            "capped",
        ],
        reverts: &[
            "deposit: GK",
            "deposit: NA",
            "deposit: SafeCast",
            "withdraw: NA",
            "claim: NA",
            "notify: ZR",
            "notify: ZRR",
            "notify: RRH",
            "notify: panic",
        ],
    };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        for _ in 0..most {
            world.step(tally);
        }
        most
    });
}

#[derive(Clone, Default)]
struct Nft {
    owner: u64,
    lower: i32,
    upper: i32,
    liquidity: BigInt,
    growth: BigInt,
    rewards: BigInt,
    updated: u64,
}

/// Pool and gauge in one. Numbers wrap at 2^256, as Solidity 0.7's do.
#[derive(Clone, Default)]
struct Naive {
    now: u64,
    tick: i32,
    finish: u64,
    rate: BigInt,
    reserve: BigInt,
    rollover: BigInt,
    global: BigInt,
    updated: u64,
    balance: BigInt,
    fees: [BigInt; 2],
    outside: BTreeMap<i32, BigInt>,
    nfts: BTreeMap<u64, Nft>,
}

fn modulus() -> BigInt {
    BigInt::from(2).pow(256)
}

fn wrap(value: BigInt) -> BigInt {
    ((value % modulus()) + modulus()) % modulus()
}

fn mul_div(a: &BigInt, b: &BigInt, by: &BigInt) -> Result<BigInt, Failure> {
    let result = a * b / by;
    if result >= modulus() { Err("panic") } else { Ok(result) }
}

fn q128() -> BigInt {
    BigInt::from(2).pow(128)
}

impl Naive {
    /// The staked liquidity in range, by looking at every position.
    fn staked(&self) -> BigInt {
        let here = |nft: &&Nft| nft.lower <= self.tick && self.tick < nft.upper;
        self.nfts.values().filter(here).map(|nft| &nft.liquidity).sum()
    }

    fn outside(&self, tick: i32) -> BigInt {
        self.outside.get(&tick).cloned().unwrap_or_default()
    }

    fn inside(&self, lower: i32, upper: i32, global: &BigInt) -> BigInt {
        let below = self.outside(lower);
        let below = if self.tick >= lower { below } else { wrap(global - below) };
        let above = self.outside(upper);
        let above = if self.tick < upper { above } else { wrap(global - above) };
        wrap(global - below - above)
    }

    fn update_global(&mut self, staked: &BigInt) -> Result<(), Failure> {
        let elapsed = self.now - self.updated;
        if elapsed != 0 {
            if self.reserve > BigInt::default() {
                let mut reward = wrap(&self.rate * elapsed);
                if reward > self.reserve {
                    reward = self.reserve.clone();
                }
                self.reserve -= &reward;
                if *staked > BigInt::default() {
                    self.global = wrap(&self.global + mul_div(&reward, &q128(), staked)?);
                } else {
                    self.rollover = wrap(&self.rollover + reward);
                }
            }
            self.updated = self.now;
        }
        Ok(())
    }

    fn earned(&self, id: u64) -> Result<BigInt, Failure> {
        let elapsed = self.now - self.updated;
        let mut global = self.global.clone();
        let zero = BigInt::default();
        let staked = self.staked();
        if elapsed != 0 && self.reserve > zero && staked > zero {
            let mut reward = wrap(&self.rate * elapsed);
            if reward > self.reserve {
                reward = self.reserve.clone();
            }
            global = wrap(global + mul_div(&reward, &q128(), &staked)?);
        }
        let nft = &self.nfts[&id];
        let inside = self.inside(nft.lower, nft.upper, &global);
        mul_div(&wrap(inside - &nft.growth), &nft.liquidity, &q128())
    }

    fn deposit(&mut self, id: u64, nft: &Nft, is_alive: bool) -> Result<BigInt, Failure> {
        if self.nfts.contains_key(&id) {
            return Err("NA");
        }
        if !is_alive {
            return Err("GK");
        }
        if nft.liquidity >= BigInt::from(2).pow(127) {
            return Err("SafeCast");
        }
        if nft.lower <= self.tick && self.tick < nft.upper {
            let staked = self.staked();
            self.update_global(&staked)?;
        }
        let growth = self.inside(nft.lower, nft.upper, &self.global.clone());
        self.nfts.insert(id, Nft { growth, updated: self.now, ..nft.clone() });
        Ok(BigInt::default())
    }

    fn get_reward(&mut self, owner: u64, id: u64) -> Result<BigInt, Failure> {
        if self.nfts.get(&id).is_none_or(|nft| nft.owner != owner) {
            return Err("NA");
        }
        if self.nfts[&id].updated != self.now {
            let staked = self.staked();
            self.update_global(&staked)?;
            let earned = self.earned(id)?;
            let (lower, upper) = (self.nfts[&id].lower, self.nfts[&id].upper);
            let growth = self.inside(lower, upper, &self.global.clone());
            let nft = self.nfts.get_mut(&id).unwrap();
            nft.updated = self.now;
            nft.rewards = wrap(&nft.rewards + earned);
            nft.growth = growth;
        }
        let paid = std::mem::take(&mut self.nfts.get_mut(&id).unwrap().rewards);
        if paid > self.balance {
            return Err("panic");
        }
        self.balance -= &paid;
        Ok(paid)
    }

    fn withdraw(&mut self, owner: u64, id: u64) -> Result<BigInt, Failure> {
        let paid = self.get_reward(owner, id)?;
        let nft = &self.nfts[&id];
        if nft.liquidity != BigInt::default() && nft.lower <= self.tick && self.tick < nft.upper {
            let staked = self.staked();
            self.update_global(&staked)?;
        }
        self.nfts.remove(&id);
        Ok(paid)
    }

    fn notify(
        &mut self,
        amount: &BigInt,
        most: Option<&BigInt>,
        claimed: &[BigInt; 2],
    ) -> Result<[BigInt; 3], Failure> {
        let zero = BigInt::default();
        if *amount == zero {
            return Err("ZR");
        }
        let mut answer = [BigInt::default(), BigInt::default(), BigInt::default()];
        if claimed.iter().any(|amount| *amount > zero) {
            for side in 0..2 {
                let fees = &self.fees[side] + &claimed[side];
                if fees >= modulus() {
                    return Err("panic");
                }
                if fees > BigInt::from(WEEK) {
                    self.fees[side] = BigInt::default();
                    answer[1 + side] = fees;
                } else {
                    self.fees[side] = fees;
                }
            }
        }
        self.balance += amount;
        let mut amount = amount.clone();
        if let Some(most) = most.filter(|most| amount > **most) {
            answer[0] = &amount - most;
            self.balance -= &answer[0];
            amount = most.clone();
        }
        if self.balance >= modulus() {
            return Err("panic");
        }
        let until_next = WEEK - self.now % WEEK;
        let staked = self.staked();
        self.update_global(&staked)?;
        amount = wrap(amount + std::mem::take(&mut self.rollover));
        if self.now >= self.finish {
            self.rate = &amount / until_next;
            self.reserve = amount;
        } else {
            let leftover = wrap(&self.rate * until_next);
            self.reserve = wrap(amount + leftover);
            self.rate = &self.reserve / until_next;
        }
        self.finish = self.now + until_next;
        if self.rate == zero {
            return Err("ZRR");
        }
        if self.rate > &self.balance / until_next {
            return Err("RRH");
        }
        Ok(answer)
    }

    fn cross(&mut self, tick: i32, staked_at_start: &BigInt) -> Result<BigInt, Failure> {
        self.update_global(staked_at_start)?;
        let outside = wrap(&self.global - self.outside(tick));
        self.outside.insert(tick, outside);
        Ok(BigInt::default())
    }
}

struct World {
    gauge: ConcentratedGauge,
    naive: Naive,
    random: Random,
    seed: u64,
    scale: u64,
    next_id: u64,
}

const TICKS: i32 = 8;

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let now = 1_700_000_000 + random.below(WEEK);
        let scale = 20 + random.below(100);
        let mut state = ConcentratedGauge::default().state();
        let mut naive = Naive { now, updated: now, ..Naive::default() };
        state.last_updated = Timestamp(now);
        if random.once_in(2) {
            // Near where growth wraps.
            state.reward_growth_global_x128 = U256::MAX - random.wide(200);
            naive.global = big(state.reward_growth_global_x128);
        }
        if random.once_in(2) {
            // Somebody gave it tokens.
            state.balance = Amount(random.wide(90));
            naive.balance = big(state.balance.0);
        }
        if random.once_in(20) {
            // A rate its balance does not cover, as only a state can have it.
            state.reward_rate = Amount(random.wide(120));
            state.period_finish = Timestamp(now - now % WEEK + WEEK);
            naive.rate = big(state.reward_rate.0);
            naive.finish = state.period_finish.0;
        }
        let gauge = ConcentratedGauge::new(&state).unwrap();
        Self { gauge, naive, random, seed, scale, next_id: 1 }
    }

    fn pool(&self) -> PoolNow {
        let staked = self.naive.staked().to_string().parse::<u128>().unwrap();
        PoolNow { tick: Tick(self.naive.tick), staked_liquidity: Liquidity(staked) }
    }

    fn both(
        &mut self,
        name: &str,
        tally: &mut Tally,
        ours: impl FnOnce(&mut ConcentratedGauge) -> Result<Vec<BigInt>, AerodromeError>,
        theirs: impl FnOnce(&mut Naive) -> Result<Vec<BigInt>, Failure>,
    ) -> Option<Vec<BigInt>> {
        let before = self.gauge.clone();
        let result = ours(&mut self.gauge);
        let mut after = self.naive.clone();
        let naive = theirs(&mut after);
        let context = format!("{name}, seed {}, at {}", self.seed, self.naive.now);
        match (result, naive) {
            (Ok(answer), Ok(naive)) => {
                assert_eq!(answer, naive, "{context}");
                self.naive = after;
                tally.count(name);
                self.compare(&context);
                Some(answer)
            }
            (Err(error), Err(failure)) => {
                let reason = match error.concentrated_reason() {
                    Some(reason) => reason,
                    None if error == AerodromeError::SafeCastOverflow => "SafeCast",
                    None => "panic",
                };
                assert_eq!(reason, failure, "{context}");
                assert_eq!(before, self.gauge, "{context}");
                tally.revert(name, failure);
                None
            }
            (ours, theirs) => panic!("{ours:?} is not {theirs:?}, {context}"),
        }
    }

    fn compare(&self, context: &str) {
        let (state, naive) = (self.gauge.state(), &self.naive);
        let ours = [
            BigInt::from(state.period_finish.0),
            big(state.reward_rate.0),
            big(state.reward_reserve.0),
            big(state.rollover.0),
            big(state.reward_growth_global_x128),
            BigInt::from(state.last_updated.0),
            big(state.balance.0),
            big(state.fees0.0),
            big(state.fees1.0),
        ];
        let theirs = [
            BigInt::from(naive.finish),
            naive.rate.clone(),
            naive.reserve.clone(),
            naive.rollover.clone(),
            naive.global.clone(),
            BigInt::from(naive.updated),
            naive.balance.clone(),
            naive.fees[0].clone(),
            naive.fees[1].clone(),
        ];
        assert_eq!(ours, theirs, "{context}");
        for tick in -TICKS..=TICKS {
            let found = state.reward_growth_outside.iter().find(|(at, _)| at.0 == tick);
            let ours = found.map_or(BigInt::default(), |(_, growth)| big(*growth));
            assert_eq!(ours, naive.outside(tick), "{context}");
        }
        assert_eq!(state.positions.len(), naive.nfts.len(), "{context}");
        for ((id, position), (number, nft)) in state.positions.iter().zip(&naive.nfts) {
            assert_eq!(id.0, *number, "{context}");
            assert_eq!(big(position.reward_growth_inside), nft.growth, "{context}");
            assert_eq!(big(position.rewards.0), nft.rewards, "{context}");
            assert_eq!(position.last_update_time.0, nft.updated, "{context}");
        }
    }

    fn step(&mut self, tally: &mut Tally) {
        self.naive.now += match self.random.below(20) {
            0..6 => 0,
            6..12 => self.random.below(100),
            12..16 => self.random.below(86_400),
            16 => WEEK - self.naive.now % WEEK,
            17 => WEEK - self.naive.now % WEEK - 1,
            18 => self.random.below(WEEK),
            _ => self.random.below(3 * WEEK),
        };
        match self.random.below(20) {
            0..4 => self.deposit(tally),
            4..6 => self.withdraw(tally),
            6..10 => self.claim(tally),
            10..12 => self.notify(tally),
            _ => self.swap(tally),
        }
        let (pool, now) = (self.pool(), Timestamp(self.naive.now));
        for (id, nft) in &self.naive.nfts {
            let ours = self.gauge.earned(account(nft.owner), PositionId(*id), pool, now);
            let ours = ours.map(|earned| big(earned.0)).ok();
            assert_eq!(ours, self.naive.earned(*id).ok(), "seed {}", self.seed);
        }
    }

    fn deposit(&mut self, tally: &mut Tally) {
        let lower = self.random.between(-TICKS, TICKS - 1);
        let upper = self.random.between(lower + 1, TICKS);
        let bits = if self.random.once_in(30) { 128 } else { self.scale };
        let liquidity = (U256::ONE + self.random.wide(bits)).min(U256::from(u128::MAX));
        let owner = 1 + self.random.below(3);
        let is_alive = !self.random.once_in(12);
        let mut id = self.next_id;
        if self.random.once_in(15) && id > 1 {
            id = 1 + self.random.below(id - 1);
        }
        self.next_id += 1;
        let most = self.naive.staked() + big(liquidity);
        // No pool has more liquidity than a `uint128` holds.
        let all: BigInt = self.naive.nfts.values().map(|nft| &nft.liquidity).sum();
        if all + most >= q128() && liquidity < U256::ONE << 127 {
            return;
        }
        let position = StakedPosition {
            owner: account(owner),
            range: TickRange { lower: Tick(lower), upper: Tick(upper) },
            liquidity: Liquidity(liquidity.to::<u128>()),
            reward_growth_inside: U256::ZERO,
            rewards: Amount::ZERO,
            last_update_time: Timestamp(0),
        };
        let nft = Nft { owner, lower, upper, liquidity: big(liquidity), ..Nft::default() };
        let (pool, now) = (self.pool(), Timestamp(self.naive.now));
        self.both(
            "deposit",
            tally,
            |gauge| {
                gauge.deposit((PositionId(id), position), is_alive, pool, now)?;
                Ok(vec![BigInt::default()])
            },
            |naive| Ok(vec![naive.deposit(id, &nft, is_alive)?]),
        );
    }

    fn one(&mut self) -> (u64, u64) {
        let ids: Vec<_> = self.naive.nfts.iter().map(|(id, nft)| (*id, nft.owner)).collect();
        if ids.is_empty() || self.random.once_in(15) {
            (self.random.below(self.next_id + 1), 1 + self.random.below(3))
        } else {
            self.random.pick(&ids)
        }
    }

    fn withdraw(&mut self, tally: &mut Tally) {
        let ((id, owner), pool, now) = (self.one(), self.pool(), Timestamp(self.naive.now));
        let ours = |gauge: &mut ConcentratedGauge| {
            let paid = gauge.withdraw(account(owner), PositionId(id), pool, now)?;
            Ok(vec![big(paid.0)])
        };
        self.both("withdraw", tally, ours, |naive| Ok(vec![naive.withdraw(owner, id)?]));
    }

    fn claim(&mut self, tally: &mut Tally) {
        let ((id, owner), pool, now) = (self.one(), self.pool(), Timestamp(self.naive.now));
        let ours = |gauge: &mut ConcentratedGauge| {
            let paid = gauge.claim(account(owner), PositionId(id), pool, now)?;
            Ok(vec![big(paid.0)])
        };
        let paid = self.both("claim", tally, ours, |naive| Ok(vec![naive.get_reward(owner, id)?]));
        if paid.is_some_and(|paid| paid[0] > BigInt::default()) {
            tally.count("claimed above zero");
        }
    }

    fn notify(&mut self, tally: &mut Tally) {
        let bits = self.random.pick(&[0, 18, 80, 80, 80, 256]);
        let amount = if bits == 256 && !self.random.once_in(20) {
            self.random.wide(60)
        } else {
            self.random.wide(bits)
        };
        let most = self.random.once_in(4).then(|| self.random.wide(80));
        let fees = [self.random.wide(22), self.random.wide(40)];
        let claimed = if self.random.once_in(3) { [U256::ZERO; 2] } else { fees };
        let notification = Notification {
            amount: Amount(amount),
            most: most.map(Amount),
            claimed: Amounts { amount0: Amount(claimed[0]), amount1: Amount(claimed[1]) },
        };
        let rolled = self.naive.rollover > BigInt::default();
        let (pool, now) = (self.pool(), Timestamp(self.naive.now));
        let answer = self.both(
            "notify",
            tally,
            |gauge| {
                let done = gauge.notify(notification, pool, now)?;
                let fees = [done.fees.amount0, done.fees.amount1];
                Ok(vec![big(done.excess.0), big(fees[0].0), big(fees[1].0)])
            },
            |naive| {
                let most = most.map(big);
                naive.notify(&big(amount), most.as_ref(), &claimed.map(big)).map(Vec::from)
            },
        );
        let Some(answer) = answer else { return };
        let met = [("capped", 0), ("fees passed on", 1), ("fees passed on", 2)];
        for (name, _) in met.iter().filter(|(_, place)| answer[*place] > BigInt::default()) {
            tally.count(name);
        }
        if rolled {
            tally.count("rolled over");
        }
    }

    /// Moves the price over some ticks, and forgets one that nobody uses.
    fn swap(&mut self, tally: &mut Tally) {
        let target = self.random.between(-TICKS - 1, TICKS);
        let at_start = self.pool().staked_liquidity;
        let staked = self.naive.staked();
        let now = Timestamp(self.naive.now);
        let is_used = |naive: &Naive, tick: i32| {
            naive.nfts.values().any(|nft| nft.lower == tick || nft.upper == tick)
        };
        while self.naive.tick != target {
            let is_up = self.naive.tick < target;
            let crossed = if is_up { self.naive.tick + 1 } else { self.naive.tick };
            if is_used(&self.naive, crossed) {
                let ours = |gauge: &mut ConcentratedGauge| {
                    gauge.cross(Tick(crossed), at_start, now)?;
                    Ok(vec![BigInt::default()])
                };
                let theirs = |naive: &mut Naive| Ok(vec![naive.cross(crossed, &staked)?]);
                if self.both("cross", tally, ours, theirs).is_none() {
                    return;
                }
            }
            self.naive.tick += if is_up { 1 } else { -1 };
        }
        let tick = self.random.between(-TICKS, TICKS);
        if !is_used(&self.naive, tick) {
            self.gauge.clear_tick(Tick(tick));
            self.naive.outside.remove(&tick);
            tally.count("clear tick");
        }
    }
}
