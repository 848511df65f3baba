//! Tapes written down from the logs of the real contracts: replaying them reproduces every event,
//! and ends in the contract's own state.

mod logs;

use tidemill_amm::concentrated::{Owner, Pool, SaltedKey, sqrt_price_at_tick};
use tidemill_market::{Footprint, Market, PoolMarket};
use tidemill_model::{
    Address as OwnerAddress, ChainId, Event, EventBody, PoolBuild, PoolEvent, PoolHeader, PoolId,
    PoolStart, Sequence, Tape, TapeEvent, Token,
};
use tidemill_testkit::{
    Adjustment, Artifacts, Call, LiquidityCall, ManagerOracle, ManagerSwapCall, PoolOracle,
    PoolParameters, PoolSwapCall, PositionId, Random, int_word,
};
use tidemill_units::{
    BlockNumber, FeePips, LogIndex, RelativeTolerance, SqrtPrice, Tick, TickRange, Timestamp, U256,
};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const OPERATIONS_PER_WORLD: u64 = 250;
/// A tenth of what the pools themselves are tested by.
const TESTS: u64 = 10;

/// What happened to a pool, as its logs say it.
pub(crate) struct Recorder {
    pub(crate) tape: Tape,
    now: Timestamp,
}

impl Recorder {
    pub(crate) fn new(build: PoolBuild, fee: FeePips, tick_spacing: i32) -> Self {
        let token = |symbol: &str| Token { symbol: symbol.into(), decimals: 18, address: None };
        let header = PoolHeader {
            chain_id: ChainId(1),
            pool: OwnerAddress::default(),
            build,
            token0: token("ONE"),
            token1: token("TWO"),
            fee,
            tick_spacing,
            start: PoolStart::Creation,
            amount_tolerance: RelativeTolerance::EXACT,
        };
        let tape = Tape { header, initial_positions: Vec::new(), events: Vec::new() };
        Self { tape, now: Timestamp(1_600_000_000) }
    }

    /// The next event is in a block of its own, at a later time.
    pub(crate) fn record(&mut self, event: PoolEvent) {
        let block = BlockNumber(1 + self.tape.events.len() as u64);
        let (log_index, time) = (LogIndex(0), self.now);
        let (gas_used, gas_price) = (None, None);
        self.tape.events.push(TapeEvent { block, log_index, time, gas_used, gas_price, event });
    }

    pub(crate) fn pass(&mut self, seconds: u64) -> Timestamp {
        self.now = Timestamp(self.now.0 + seconds);
        self.now
    }

    /// Replays everything; no event may differ.
    pub(crate) fn replayed(&self, tally: &mut Tally, context: &str) -> Pool {
        let mut market = Market::new(Footprint::PriceTaker);
        market.add_pool(&self.tape).unwrap();
        for (sequence, recorded) in (1..).zip(&self.tape.events) {
            let event = Event::at(
                Sequence(sequence),
                recorded.time,
                EventBody::Chain(recorded.in_pool(PoolId(0))),
            );
            let applied = market.apply(&event);
            assert!(applied.is_ok(), "{applied:?}, {context}: {recorded:?}");
            tally.count(&format!("replayed {}", recorded.event.kind()));
        }
        let pool = market.pool(PoolId(0)).and_then(PoolMarket::concentrated).unwrap();
        pool.history().clone()
    }
}

/// Where a world's random calls come from: prices about a home, ranges that share their ends, and
/// amounts fine enough that no two calls round to one log.
struct Source {
    random: Random,
    home: i32,
    spacing: i32,
    bits: u64,
}

impl Source {
    fn new(seed: u64, spacing: i32) -> Self {
        let mut random = Random::new(seed);
        let home = random.between(-100_000, 100_000);
        let bits = 70 + random.below(25);
        Self { random, home, spacing, bits }
    }

    fn price(&self, tick: i32) -> SqrtPrice {
        sqrt_price_at_tick(Tick(tick)).unwrap()
    }

    fn tick(&mut self) -> i32 {
        let steps = self.random.pick(&[-50, -9, -3, -1, 0, 1, 2, 7, 40]);
        (self.home.div_euclid(self.spacing) + steps) * self.spacing
    }

    fn range(&mut self) -> (i32, i32) {
        let (one, other) = (self.tick(), self.tick());
        if one == other { (one, one + self.spacing) } else { (one.min(other), one.max(other)) }
    }

    fn liquidity(&mut self) -> u128 {
        let bits = self.bits;
        self.random.wide(bits).to::<u128>().max(1 << 60)
    }

    fn amount(&mut self) -> U256 {
        let bits = self.bits - self.random.below(20);
        self.random.wide(bits).max(U256::from(1_u64 << 40))
    }

    /// A price to stop at, away from the present one, and whether that is below.
    fn limit(&mut self, price: SqrtPrice) -> Option<(SqrtPrice, bool)> {
        let offset = self.random.below(self.spacing as u64 + 1) as i32;
        let tick = self.tick() + offset;
        let limit = self.price(tick);
        (limit != price).then_some((limit, limit < price))
    }
}

fn negative(value: U256) -> U256 {
    value.wrapping_neg()
}

#[test]
fn a_tape_of_the_pancake_contracts_logs_replays_to_its_state() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "Pancake v3 tape",
        stream: 700,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let operations = [
        "replayed initialize",
        "replayed mint",
        "replayed burn",
        "replayed collect",
        "replayed swap",
        "replayed flash",
        "replayed set_fee_protocol",
        "replayed collect_protocol",
        "positions paid out",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = PancakeWorld::new(&artifacts, seed);
        for _ in 0..most {
            world.step();
        }
        world.pay_out(tally);
        world.compare(tally, seed);
        most
    });
}

struct PancakeWorld {
    oracle: PoolOracle,
    recorder: Recorder,
    source: Source,
    positions: Vec<(PositionId, u128)>,
}

impl PancakeWorld {
    fn new(artifacts: &Artifacts, seed: u64) -> Self {
        let all = [(100, 1), (500, 10), (2_500, 50), (10_000, 200), (0, 7)];
        let (fee, tick_spacing) = Random::new(seed ^ 1).pick(&all);
        let parameters = PoolParameters { fee, tick_spacing };
        let mut oracle = PoolOracle::pancake(artifacts, parameters, 2).unwrap();
        let source = Source::new(seed, tick_spacing);
        let build = PoolBuild::PancakeV3 { fee_protocol: [0; 2] };
        let mut recorder = Recorder::new(build, FeePips(fee), tick_spacing);
        oracle.evm.set_timestamp(U256::from(recorder.pass(0).0));
        oracle.initialize(source.price(source.home).to_x96()).unwrap();
        logs::record(&mut recorder, &mut oracle.evm);
        Self { oracle, recorder, source, positions: Vec::new() }
    }

    /// Makes a random call; one that reverts leaves no log.
    fn step(&mut self) {
        let now = self.recorder.pass(self.source.random.below(40));
        self.oracle.evm.set_timestamp(U256::from(now.0));
        let choice = self.source.random.below(100);
        match choice {
            0..24 => self.mint(),
            24..36 => {
                if let Some(index) = self.any_position() {
                    let (position, held) = self.positions[index];
                    let part = self.source.random.up_to(U256::from(held)).to::<u128>();
                    if self.oracle.burn(position, part).unwrap().result.is_ok() {
                        self.positions[index].1 -= part;
                    }
                }
            }
            36..44 => {
                if let Some(index) = self.any_position() {
                    let most = self.source.random.wide(128).to::<u128>();
                    self.oracle.collect(self.positions[index].0, [most, u128::MAX]).unwrap();
                }
            }
            44..86 => self.swap(),
            86..92 => {
                let loan = self.oracle.holdings().map(|held| held >> 3);
                self.oracle.flash(self.oracle.actors[0], loan, Adjustment(loan)).unwrap();
            }
            92..96 => {
                let shares = [0, 1_000, 3_200, 4_000, 2_345];
                let random = &mut self.source.random;
                let shares = [random.pick(&shares), random.pick(&shares)];
                self.oracle.set_fee_protocol(shares).unwrap();
            }
            _ => {
                let most = self.source.random.wide(128).to::<u128>();
                self.oracle.collect_protocol([u128::MAX, most]).unwrap();
            }
        }
        logs::record(&mut self.recorder, &mut self.oracle.evm);
    }

    fn any_position(&mut self) -> Option<usize> {
        let count = self.positions.len() as u64;
        (count > 0).then(|| self.source.random.below(count) as usize)
    }

    fn mint(&mut self) {
        let (lower, upper) = self.source.range();
        let owner = self.oracle.actors[self.source.random.below(2) as usize];
        let (position, liquidity) = (PositionId { owner, lower, upper }, self.source.liquidity());
        let (payer, exactly) = (self.oracle.actors[0], Adjustment::default());
        if self.oracle.mint(payer, position, liquidity, exactly).unwrap().result.is_ok() {
            match self.positions.iter_mut().find(|(known, _)| *known == position) {
                Some((_, held)) => *held += liquidity,
                None => self.positions.push((position, liquidity)),
            }
        }
    }

    fn price(&mut self) -> SqrtPrice {
        let slot0 = self.oracle.view(Call::new("slot0()", 0)).unwrap().unwrap();
        SqrtPrice::from_x96(slot0.word(0).unwrap()).unwrap()
    }

    fn swap(&mut self) {
        let price = self.price();
        let Some((limit, is_down)) = self.source.limit(price) else { return };
        let amount = self.source.amount();
        let is_exact_in = self.source.random.once_in(2);
        let call = PoolSwapCall {
            zero_for_one: is_down,
            amount_specified: if is_exact_in { amount } else { negative(amount) },
            sqrt_price_limit: limit.to_x96(),
            adjustment: Adjustment::default(),
        };
        self.oracle.swap(self.oracle.actors[1], call).unwrap();
    }

    /// Every position is emptied, and all that it is owed stands on the tape.
    fn pay_out(&mut self, tally: &mut Tally) {
        for (position, held) in self.positions.clone() {
            self.oracle.burn(position, held).unwrap();
            logs::record(&mut self.recorder, &mut self.oracle.evm);
            self.oracle.collect(position, [u128::MAX; 2]).unwrap();
            logs::record(&mut self.recorder, &mut self.oracle.evm);
            tally.count("positions paid out");
        }
    }

    fn compare(&mut self, tally: &mut Tally, seed: u64) {
        let pool = self.recorder.replayed(tally, &format!("world {seed}"));
        let mut view = |signature: &str| {
            let answer = self.oracle.view(Call::new(signature, 0)).unwrap().unwrap();
            answer.words()
        };
        let slot0 = view("slot0()");
        let tick = int_word(i64::from(pool.tick().0));
        assert_eq!([slot0[0], slot0[1]], [pool.sqrt_price().to_x96(), tick], "world {seed}");
        let [share0, share1] = pool.protocol_shares().map(U256::from);
        assert_eq!(slot0[5], share0 | share1 << 16, "world {seed}");
        assert_eq!(view("liquidity()"), [U256::from(pool.liquidity().0)], "world {seed}");
        let [growth0, growth1] = pool.fee_growth_global().map(|growth| growth.0);
        assert_eq!(view("feeGrowthGlobal0X128()"), [growth0], "world {seed}");
        assert_eq!(view("feeGrowthGlobal1X128()"), [growth1], "world {seed}");
        let fees = pool.protocol_fees().map(U256::from);
        assert_eq!(view("protocolFees()"), fees, "world {seed}");
    }
}

#[test]
fn a_tape_of_the_v4_managers_logs_replays_to_its_state() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "Uniswap v4 tape",
        stream: 701,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let operations = [
        "replayed initialize",
        "replayed modify_liquidity",
        "replayed swap",
        "replayed donate",
        "replayed protocol_fee_updated",
        "positions compared",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = ManagedWorld::new(&artifacts, seed);
        for _ in 0..most {
            world.step();
        }
        world.compare(tally, seed);
        most
    });
}

struct ManagedWorld {
    oracle: ManagerOracle,
    recorder: Recorder,
    source: Source,
    positions: Vec<(SaltedKey, u128)>,
}

impl ManagedWorld {
    fn new(artifacts: &Artifacts, seed: u64) -> Self {
        let all = [(100, 1), (500, 10), (3_000, 60), (10_000, 200), (0, 7), (250_000, 500)];
        let (fee, tick_spacing) = Random::new(seed ^ 1).pick(&all);
        let parameters = PoolParameters { fee, tick_spacing };
        let mut oracle = ManagerOracle::new(artifacts, parameters, 2).unwrap();
        let source = Source::new(seed, tick_spacing);
        let build = PoolBuild::UniswapV4 { pool_id: Default::default(), protocol_fee: [0; 2] };
        let mut recorder = Recorder::new(build, FeePips(fee), tick_spacing);
        oracle.initialize(source.price(source.home).to_x96()).unwrap();
        logs::record(&mut recorder, &mut oracle.evm);
        Self { oracle, recorder, source, positions: Vec::new() }
    }

    fn step(&mut self) {
        self.recorder.pass(self.source.random.below(40));
        match self.source.random.below(100) {
            0..40 => self.modify(),
            40..88 => self.swap(),
            88..94 => {
                let amounts = [self.source.amount() >> 8, self.source.amount() >> 9];
                self.oracle.donate(self.oracle.actors[0], amounts).unwrap();
            }
            _ => {
                let shares = [0, 1, 500, 1_000, 1_000, 77];
                let random = &mut self.source.random;
                let shares = [random.pick(&shares), random.pick(&shares)];
                self.oracle.set_protocol_fee(shares).unwrap();
            }
        }
        logs::record(&mut self.recorder, &mut self.oracle.evm);
    }

    fn modify(&mut self) {
        let (lower, upper) = self.source.range();
        let range = TickRange { lower: Tick(lower), upper: Tick(upper) };
        let random = &mut self.source.random;
        let actor = self.oracle.actors[random.below(2) as usize];
        let salt = random.pick(&[U256::ZERO, U256::MAX]);
        let key = SaltedKey { owner: Owner(actor.0.0), range, salt: salt.to_be_bytes() };
        let choice = random.below(8);
        let old = (choice > 3 && !self.positions.is_empty()).then(|| {
            let count = self.positions.len() as u64;
            self.positions[self.source.random.below(count) as usize]
        });
        let (key, held) = old.unwrap_or((key, 0));
        let liquidity = U256::from(self.source.liquidity());
        let (delta, is_added) = match choice {
            4 => (U256::ZERO, true),
            5..8 if held > 0 => (self.source.random.up_to(U256::from(held)), false),
            _ => (liquidity, true),
        };
        let call = LiquidityCall {
            lower: key.range.lower.0,
            upper: key.range.upper.0,
            delta: if is_added { delta } else { negative(delta) },
            salt: U256::from_be_bytes(key.salt),
        };
        let actor = tidemill_testkit::Address::from(key.owner.0);
        if self.oracle.modify_liquidity(actor, call).unwrap().result.is_err() {
            return;
        }
        let delta = delta.to::<u128>();
        let changed = |held: u128| if is_added { held + delta } else { held - delta };
        match self.positions.iter_mut().find(|(known, _)| *known == key) {
            Some((_, held)) => *held = changed(*held),
            None => self.positions.push((key, changed(0))),
        }
    }

    fn swap(&mut self) {
        let low_160 = (U256::ONE << 160) - U256::ONE;
        let price = self.oracle.slot(self.oracle.global(0)) & low_160;
        let Some((limit, is_down)) = self.source.limit(SqrtPrice::from_x96(price).unwrap()) else {
            return;
        };
        let amount = self.source.amount();
        let is_exact_in = self.source.random.once_in(2);
        let call = ManagerSwapCall {
            zero_for_one: is_down,
            amount_specified: if is_exact_in { negative(amount) } else { amount },
            sqrt_price_limit: limit.to_x96(),
        };
        self.oracle.swap(self.oracle.actors[1], call).unwrap();
    }

    fn compare(&self, tally: &mut Tally, seed: u64) {
        let pool = self.recorder.replayed(tally, &format!("world {seed}"));
        let slot = |index| self.oracle.slot(self.oracle.global(index));
        let low_24 = U256::from(0xff_ffff);
        let [share0, share1] = pool.protocol_shares().map(U256::from);
        let slot0 = pool.sqrt_price().to_x96()
            | (int_word(i64::from(pool.tick().0)) & low_24) << 160
            | share0 << 184
            | share1 << 196
            | U256::from(pool.fee().0) << 208;
        assert_eq!(slot(0), slot0, "world {seed}");
        let [growth0, growth1] = pool.fee_growth_global().map(|growth| growth.0);
        assert_eq!([slot(1), slot(2)], [growth0, growth1], "world {seed}");
        assert_eq!(slot(3), U256::from(pool.liquidity().0), "world {seed}");
        for (token, owed) in pool.protocol_fees().into_iter().enumerate() {
            let real = self.oracle.slot(self.oracle.protocol_fees(token));
            assert_eq!(real, U256::from(owed), "world {seed}");
        }
        for (key, held) in &self.positions {
            let (lower, upper) = (key.range.lower.0, key.range.upper.0);
            let owner = tidemill_testkit::Address::from(key.owner.0);
            let first = self.oracle.position(owner, lower, upper, U256::from_be_bytes(key.salt));
            let real =
                [0, 1, 2].map(|word: u64| self.oracle.slot(first.wrapping_add(U256::from(word))));
            let position = pool.salted_position(key);
            let [inside0, inside1] = position.fee_growth_inside_last.map(|growth| growth.0);
            assert_eq!(real, [U256::from(*held), inside0, inside1], "{key:?}, world {seed}");
            assert_eq!(position.liquidity.0, *held, "{key:?}, world {seed}");
            tally.count("positions compared");
        }
    }
}
