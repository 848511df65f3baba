//! Slipstream's pool beside a naive second one: no package carries its bytecode.

mod naive;
mod tape;

use num_bigint::BigUint as Nat;
use tidemill_amm::concentrated::{
    Build, Owner, Pool, PoolError, PositionKey, SlipstreamParameters, SwapAmount, SwapRequest,
    sqrt_price_at_tick,
};
use tidemill_testkit::Random;
use tidemill_units::{
    Amount, Amounts, FeePips, Liquidity, Side, SignedLiquidity, SqrtPrice, Tick, TickRange,
    Timestamp, U256,
};

use self::naive::{Answer, GAUGE, Key, NFT, NaivePool, nat_of};
use crate::concentrated::{Regime, gathering, home};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const OPERATIONS_PER_WORLD: u64 = 300;
const TESTS: u64 = 2;

#[test]
fn slipstream_pool_equals_the_naive_model() {
    check_sequences("Slipstream pool, ordinary prices", Regime::Ordinary);
}

#[test]
fn slipstream_pool_equals_the_naive_model_where_prices_are_coarse() {
    check_sequences("Slipstream pool, coarse prices", Regime::Coarse);
}

const OPERATIONS: [&str; 13] = [
    "mint",
    "burn",
    "collect",
    "stake",
    "unstake",
    "gauge adds",
    "gauge removes",
    "swap",
    "flash",
    "set fees",
    "collect gauge fees",
    "ticks crossed",
    "swap over staked liquidity",
];
const REVERTS: [&str; 12] = [
    "mint: TLU",
    "mint: TLM",
    "mint: TUM",
    "mint: LO",
    "mint: ",
    "burn: LS",
    "burn: NP",
    "stake: LS",
    "stake: NP",
    "swap: AS",
    "swap: SPL",
    "flash: L",
];

fn check_sequences(name: &'static str, regime: Regime) {
    let worlds = Worlds {
        name,
        stream: 500 + regime as u64,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(regime, seed);
        for _ in 0..most {
            world.step(tally);
            world.compare();
        }
        most
    });
}

struct World {
    model: Pool,
    naive: NaivePool,
    random: Random,
    seed: u64,
    steps: u64,
    now: u64,
    ticks: Vec<i32>,
    liquidity_bits: u64,
    last: String,
}

fn owner(name: u8) -> Owner {
    Owner([name; 20])
}

fn key_of((name, lower, upper): Key) -> PositionKey {
    PositionKey { owner: owner(name), range: range_of((lower, upper)) }
}

fn range_of((lower, upper): (i32, i32)) -> TickRange {
    TickRange { lower: Tick(lower), upper: Tick(upper) }
}

fn pair_of(amounts: Amounts) -> [Nat; 2] {
    [nat_of(amounts.amount0.0), nat_of(amounts.amount1.0)]
}

impl World {
    fn new(regime: Regime, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let fee = random.pick(&[0, 1, 100, 500, 3_000, 10_000, 100_000]);
        let unstaked_fee = random.pick(&[0, 1, 100_000, 500_000, 1_000_000]);
        let tick_spacing = random.pick(&[1, 50, 100, 200, 2_000, 7, 16_383]);
        let mut model = Pool::slipstream(SlipstreamParameters {
            fee: FeePips(fee),
            unstaked_fee: FeePips(unstaked_fee),
            tick_spacing,
            gauge: owner(GAUGE),
            position_manager: owner(NFT),
        })
        .unwrap();
        let home = home(&mut random, regime);
        let ticks = gathering(&mut random, home, tick_spacing);
        let price = sqrt_price_at_tick(Tick(home)).unwrap();
        let now = random.pick(&[1, 1_600_000_000, (1 << 32) - 200]);
        model.initialize(price, Timestamp(now)).unwrap();
        let mut naive = NaivePool {
            fee,
            unstaked_fee,
            spacing: tick_spacing,
            most: model.max_liquidity_per_tick().0,
            ..NaivePool::default()
        };
        naive.start(nat_of(price.to_x96()), now as u32);
        let liquidity_bits = match regime {
            Regime::Ordinary | Regime::Managed => 10 + random.below(90),
            Regime::Ends => random.below(112),
            Regime::Coarse => 98 + random.below(14),
        };
        let (steps, last) = (0, String::new());
        Self { model, naive, random, seed, steps, now, ticks, liquidity_bits, last }
    }

    fn step(&mut self, tally: &mut Tally) {
        self.steps += 1;
        self.now += self.random.pick(&[0, 0, 1, 13, 14, 15, 16, 1_000]);
        match self.random.below(100) {
            0..18 => self.mint(tally),
            18..30 => self.burn(tally),
            30..36 => self.collect(tally),
            36..50 => self.stake(tally),
            50..58 => self.gauge_changes(tally),
            58..88 => self.swap(tally),
            88..92 => self.flash(tally),
            92..95 => self.set_fees(tally),
            95..98 => self.collect_gauge_fees(tally),
            _ => self.grow(),
        }
    }

    fn time(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn seconds(&self) -> u32 {
        self.now as u32
    }

    fn check<T: PartialEq + std::fmt::Debug>(
        &self,
        operation: &str,
        model: Result<T, PoolError>,
        naive: &Answer<T>,
        tally: &mut Tally,
    ) {
        let model = model.map_err(|error| error.reason(Build::Slipstream).unwrap_or(""));
        let context = format!("{} (step {} of {})", self.last, self.steps, self.seed);
        assert_eq!(&model, naive, "{operation}: model, naive, {context}");
        match naive {
            Ok(_) => tally.count(operation),
            Err(reason) => tally.revert(operation, reason),
        }
    }

    fn tick(&mut self) -> i32 {
        match self.random.below(64) {
            0 => self.random.pick(&[Tick::MIN.0 - 1, Tick::MAX.0 + 1]),
            1 => self.random.between(Tick::MIN.0, Tick::MAX.0),
            _ => {
                let index = self.random.below(self.ticks.len() as u64) as usize;
                self.ticks[index]
            }
        }
    }

    fn key(&mut self, owners: &[u8]) -> Key {
        let (mut lower, mut upper) = (self.tick(), self.tick());
        if lower > upper && !self.random.once_in(24) {
            (lower, upper) = (upper, lower);
        }
        (self.random.pick(owners), lower, upper)
    }

    fn old_key(&mut self, owners: &[u8]) -> Option<Key> {
        let ours = |key: &&Key| owners.contains(&key.0);
        let keys: Vec<Key> = self.naive.positions.keys().filter(ours).copied().collect();
        (!keys.is_empty()).then(|| keys[self.random.below(keys.len() as u64) as usize])
    }

    fn held(&self, key: Key) -> u128 {
        self.naive.positions.get(&key).map_or(0, |position| position.liquidity)
    }

    fn part(&mut self, whole: u128) -> u128 {
        match self.random.below(8) {
            0..3 => whole,
            3 => 0,
            4 => whole.saturating_add(1),
            _ => self.random.up_to(U256::from(whole)).to::<u128>(),
        }
    }

    fn liquidity(&mut self) -> u128 {
        match self.random.below(40) {
            0 => self.naive.most + 1,
            1 => self.naive.most / 3,
            _ => self.random.wide(self.liquidity_bits).to::<u128>().max(1),
        }
    }

    fn mint(&mut self, tally: &mut Tally) {
        let (key, liquidity) = (self.key(&[NFT, NFT, 3]), self.liquidity());
        self.last = format!("mint {liquidity} {key:?}");
        let model = self.model.mint(key_of(key), Liquidity(liquidity), self.time());
        let naive = self.naive.modify(key, liquidity as i128, self.seconds());
        self.check("mint", model.map(pair_of), &naive, tally);
    }

    fn burn(&mut self, tally: &mut Tally) {
        let old = if self.random.once_in(8) { None } else { self.old_key(&[NFT, 3]) };
        let key = old.unwrap_or_else(|| self.key(&[NFT, 3]));
        let liquidity = self.part(self.held(key));
        self.last = format!("burn {liquidity} {key:?}");
        let model = self.model.burn(key_of(key), Liquidity(liquidity), self.time());
        let naive = self.naive.modify(key, -(liquidity as i128), self.seconds());
        if let Ok(amounts) = &naive {
            self.naive.credit(key, amounts);
        }
        self.check("burn", model.map(pair_of), &naive, tally);
    }

    fn collect(&mut self, tally: &mut Tally) {
        let Some(key) = self.old_key(&[NFT, GAUGE, 3]) else { return };
        let requested = [self.random.wide(128).to::<u128>(), u128::MAX];
        self.last = format!("collect {requested:?} {key:?}");
        let model = self.model.collect(key_of(key), requested);
        let naive = self.naive.collect(key, requested);
        self.check("collect", model.map(pair_of), &Ok(naive), tally);
    }

    fn stake(&mut self, tally: &mut Tally) {
        let unstakes = self.random.once_in(3);
        let from = if unstakes { GAUGE } else { NFT };
        let old = if self.random.once_in(8) { None } else { self.old_key(&[from]) };
        let key = old.unwrap_or_else(|| self.key(&[from]));
        let size = self.part(self.held(key)) as i128;
        let delta = if unstakes { -size } else { size };
        let range = (key.1, key.2);
        self.last = format!("stake {delta} {range:?}");
        let model = self.model.stake(range_of(range), SignedLiquidity(delta), true);
        let naive = self.naive.stake(range, delta, true);
        let name = if naive.is_ok() && unstakes { "unstake" } else { "stake" };
        self.check(name, model, &naive, tally);
    }

    /// The gauge's position changes in size, as the position manager does it for one that is
    /// staked.
    fn gauge_changes(&mut self, tally: &mut Tally) {
        let Some(key) = self.old_key(&[GAUGE]) else { return };
        let range = (key.1, key.2);
        if self.random.once_in(2) {
            let liquidity = self.random.wide(self.liquidity_bits).to::<u128>().max(1);
            self.last = format!("gauge adds {liquidity} {key:?}");
            let model = self.model.mint(key_of(key), Liquidity(liquidity), self.time());
            let naive = self.naive.modify(key, liquidity as i128, self.seconds());
            let staked = naive.is_ok();
            self.check("gauge adds", model.map(pair_of), &naive, tally);
            if staked {
                let delta = SignedLiquidity(liquidity as i128);
                let model = self.model.stake(range_of(range), delta, false);
                let naive = self.naive.stake(range, liquidity as i128, false);
                self.check("stake", model, &naive, tally);
            }
        } else {
            let held = U256::from(self.held(key));
            let liquidity = self.random.up_to(held).to::<u128>();
            if liquidity == 0 {
                return;
            }
            self.last = format!("gauge removes {liquidity} {key:?}");
            let delta = -(liquidity as i128);
            let model = self.model.stake(range_of(range), SignedLiquidity(delta), false);
            let naive = self.naive.stake(range, delta, false);
            self.check("stake", model, &naive, tally);
            let model = self.model.burn(key_of(key), Liquidity(liquidity), self.time());
            let naive = self.naive.modify(key, delta, self.seconds());
            if let Ok(amounts) = &naive {
                self.naive.credit(key, amounts);
            }
            self.check("gauge removes", model.map(pair_of), &naive, tally);
        }
    }

    fn amount(&mut self, side: Side) -> U256 {
        let price_bits = self.model.sqrt_price().to_x96().bit_len() as u64;
        let bits = match side {
            Side::Token0 => (self.liquidity_bits + 96).saturating_sub(price_bits),
            Side::Token1 => (self.liquidity_bits + price_bits).saturating_sub(96),
        };
        match self.random.below(16) {
            0 => U256::from(self.random.below(3)),
            1 => U256::MAX >> 1,
            _ => self.random.wide((bits + 2).clamp(3, 250)),
        }
    }

    fn swap(&mut self, tally: &mut Tally) {
        let index = self.random.below(self.ticks.len() as u64 - 2) as usize;
        let price = sqrt_price_at_tick(Tick(self.ticks[index + 2])).unwrap().to_x96();
        let limit = match self.random.below(24) {
            0 => SqrtPrice::MIN.to_x96(),
            1 => SqrtPrice::MAX.to_x96(),
            2 => self.model.sqrt_price().to_x96(),
            3..6 => price + U256::ONE,
            6..9 => price - U256::ONE,
            _ => price,
        };
        let limit = SqrtPrice::from_x96(limit).unwrap();
        let down = (limit < self.model.sqrt_price()) != self.random.once_in(40);
        let input = if down { Side::Token0 } else { Side::Token1 };
        let exact_in = self.random.once_in(2);
        let amount = Amount(self.amount(if exact_in { input } else { input.other() }));
        let request = SwapRequest {
            input,
            amount: if exact_in {
                SwapAmount::ExactIn(amount)
            } else {
                SwapAmount::ExactOut(amount)
            },
            price_limit: Some(limit),
        };
        self.last = format!("{request:?}");
        if self.naive.staked > 0 {
            tally.count("swap over staked liquidity");
        }
        let model = self.model.swap(request, self.time()).map(|result| {
            tally.add("ticks crossed", result.crossings as u64);
            [Side::Token0, Side::Token1].map(|side| nat_of(result.amounts.get(side).magnitude().0))
        });
        let seconds = self.seconds();
        let amount = (&nat_of(amount.0), exact_in);
        let naive = self.naive.swap(down, amount, &nat_of(limit.to_x96()), seconds);
        self.check("swap", model, &naive, tally);
    }

    fn flash(&mut self, tally: &mut Tally) {
        let loan = [self.amount(Side::Token0), self.amount(Side::Token1)];
        let loan = Amounts { amount0: Amount(loan[0]), amount1: Amount(loan[1]) };
        let mut paid = self.model.flash_fee(loan).unwrap();
        if self.random.once_in(4) {
            paid.amount0 = Amount(self.random.wide(100));
        }
        self.last = format!("flash {loan:?} {paid:?}");
        let model = self.model.flash(loan, paid);
        let naive = self.naive.flash(&pair_of(loan), &pair_of(paid));
        self.check("flash", model, &naive, tally);
    }

    fn set_fees(&mut self, tally: &mut Tally) {
        let fee = self.random.below(100_001) as u32;
        let unstaked = self.random.below(1_000_001) as u32;
        self.last = format!("set fees {fee} {unstaked}");
        self.model.set_fee(FeePips(fee)).unwrap();
        self.model.set_unstaked_fee(FeePips(unstaked)).unwrap();
        assert_eq!(self.model.set_fee(FeePips(100_001)), Err(PoolError::BadFee));
        assert_eq!(self.model.set_unstaked_fee(FeePips(1_000_001)), Err(PoolError::BadFee));
        (self.naive.fee, self.naive.unstaked_fee) = (fee, unstaked);
        tally.count("set fees");
    }

    fn collect_gauge_fees(&mut self, tally: &mut Tally) {
        self.last = "collect gauge fees".to_owned();
        let model = self.model.collect_gauge_fees();
        let naive = self.naive.collect_gauge_fees();
        self.check("collect gauge fees", model.map(pair_of), &Ok(naive), tally);
    }

    fn grow(&mut self) {
        let next = self.random.below(8) as u16;
        self.model.increase_observation_cardinality_next(next).unwrap();
        self.naive.cardinality_next = self.naive.cardinality_next.max(next);
    }

    fn compare(&self) {
        let context = format!("{} (step {} of {})", self.last, self.steps, self.seed);
        compare_pools(&self.model, &self.naive, &context);
    }
}

/// Compares everything observable of the two.
fn compare_pools(model: &Pool, naive: &NaivePool, context: &str) {
    assert_eq!(nat_of(model.sqrt_price().to_x96()), naive.price, "price, {context}");
    assert_eq!(model.tick().0, naive.tick, "tick, {context}");
    let liquidity = [model.liquidity().0, model.staked_liquidity().0];
    assert_eq!(liquidity, [naive.liquidity, naive.staked], "liquidity, {context}");
    let growth = model.fee_growth_global().map(|growth| nat_of(growth.0));
    assert_eq!(growth, naive.growth, "growth, {context}");
    assert_eq!(model.gauge_fees(), naive.gauge_fees, "gauge fees, {context}");
    let oracle = model.oracle();
    let observed = (oracle.observation(oracle.index()).time, oracle.index());
    assert_eq!(observed, (naive.observed, naive.index), "observation, {context}");
    assert_eq!(oracle.cardinality(), naive.cardinality, "cardinality, {context}");
    assert_eq!(model.ticks().count(), naive.ticks.len(), "ticks, {context}");
    for (tick, entry) in &naive.ticks {
        let info = model.tick_info(Tick(*tick)).unwrap();
        let found = (info.liquidity_gross.0, info.liquidity_net.0);
        assert_eq!(found, (entry.gross, entry.net), "tick {tick}, {context}");
        let staked = model.staked_liquidity_net(Tick(*tick)).0;
        assert_eq!(staked, entry.staked_net, "staked at {tick}, {context}");
        let outside = info.fee_growth_outside.map(|growth| nat_of(growth.0));
        assert_eq!(outside, entry.outside, "outside {tick}, {context}");
    }
    for (key, entry) in &naive.positions {
        let position = model.position(&key_of(*key));
        let found = (position.liquidity.0, position.tokens_owed);
        assert_eq!(found, (entry.liquidity, entry.owed), "{key:?}, {context}");
        let inside = position.fee_growth_inside_last.map(|growth| nat_of(growth.0));
        assert_eq!(inside, entry.inside, "{key:?}, {context}");
    }
    assert!(naive.staked <= naive.liquidity, "{context}");
}
