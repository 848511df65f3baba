//! The v3 pool, called directly and through the position manager; and the harness of its forks.

mod compare;
mod generate;
mod manager;
mod operations;

use tidemill_amm::concentrated::{Pool, PoolError};
use tidemill_testkit::{
    Address, Artifacts, Outcome, PoolBuild, PoolOracle, PoolParameters, Random, Revert,
};
use tidemill_units::{FeePips, SqrtPrice, U256};

use self::compare::Registry;
pub(crate) use self::generate::{first_price, gathering, home};
use self::manager::Manager;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

/// What kind of worlds a test makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regime {
    /// Prices and liquidity as pools have them.
    Ordinary,
    /// Prices near the lowest and the highest.
    Ends,
    /// Low prices and so much liquidity that one unit of the square root is worth many wei.
    Coarse,
    /// As ordinary, with positions of the real position manager beside the others.
    Managed,
}

/// What a test runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) build: PoolBuild,
    pub(crate) regime: Regime,
    /// How many tests share the operations of their kind of pool.
    pub(crate) tests: u64,
    /// What it must come to beyond what all do.
    pub(crate) reverts: &'static [&'static str],
}

const OPERATIONS_PER_WORLD: u64 = 300;

const V3: Plan = Plan {
    name: "v3 pool",
    build: PoolBuild::UniswapV3,
    regime: Regime::Ordinary,
    tests: 4,
    reverts: &[],
};

#[test]
fn pool_equals_the_contract_at_ordinary_prices() {
    check_sequences(Plan { name: "v3 pool, ordinary prices", regime: Regime::Ordinary, ..V3 });
}

#[test]
fn pool_equals_the_contract_near_both_ends_of_the_price() {
    check_sequences(Plan { name: "v3 pool, near both ends", regime: Regime::Ends, ..V3 });
}

#[test]
fn pool_equals_the_contract_where_prices_are_coarse() {
    check_sequences(Plan { name: "v3 pool, coarse prices", regime: Regime::Coarse, ..V3 });
}

#[test]
fn pool_equals_the_contract_under_the_position_manager() {
    let reverts =
        &["manager decrease: ", "manager collect: ", "manager mint: ", "manager increase: "];
    let (name, regime) = ("v3 pool, position manager", Regime::Managed);
    check_sequences(Plan { name, regime, reverts, ..V3 });
}

/// What every kind of world must have done in a run of the default length.
const OPERATIONS: [&str; 17] = [
    "initialize",
    "mint",
    "burn",
    "collect",
    "swap exact in",
    "swap exact out",
    "swap ending on a tick",
    "swap at its natural end",
    "swap of the amount to its limit",
    "flash",
    "set fee protocol",
    "collect protocol",
    "increase cardinality",
    "observe",
    "snapshot",
    "ticks crossed",
    "protocol fees collected",
];
const REVERTS: [&str; 36] = [
    "initialize: AI",
    "initialize: R",
    "mint: LOK",
    "mint: TLU",
    "mint: TLM",
    "mint: TUM",
    "mint: LO",
    "mint: M0",
    "mint: M1",
    "mint: ",
    "burn: LOK",
    "burn: TLU",
    "burn: TLM",
    "burn: TUM",
    "burn: LS",
    "burn: NP",
    "burn: ",
    "collect: LOK",
    "swap: AS",
    "swap: LOK",
    "swap: SPL",
    "swap: IIA",
    "flash: LOK",
    "flash: L",
    "flash: TF",
    "flash: F0",
    "flash: F1",
    "set fee protocol: LOK",
    "set fee protocol: ",
    "collect protocol: LOK",
    "increase cardinality: LOK",
    "observe: I",
    "observe: OLD",
    "snapshot: TLU",
    "snapshot: TLM",
    "snapshot: ",
];

pub(crate) fn check_sequences(plan: Plan) {
    let Plan { name, build, regime, tests, reverts } = plan;
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name,
        stream: 100 + regime as u64,
        tests,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let reverts = [&REVERTS[..], reverts].concat();
    let reached = Reached { operations: &OPERATIONS, reverts: &reverts };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, build, regime, seed);
        for index in 0..most {
            world.step(tally);
            world.compare(index + 1 == most);
        }
        most
    });
}

/// The model and the contract, side by side.
struct World {
    model: Pool,
    oracle: PoolOracle,
    manager: Option<Manager>,
    registry: Registry,
    random: Random,
    regime: Regime,
    seed: u64,
    steps: u64,
    now: u64,
    /// The tick about which prices and ranges gather.
    home: i32,
    /// Ends of most ranges, and targets of most swaps.
    ticks: Vec<i32>,
    /// Bits of most liquidity.
    liquidity_bits: u64,
    owners: Vec<Address>,
    last: String,
}

impl World {
    fn new(artifacts: &Artifacts, build: PoolBuild, regime: Regime, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let parameters = random.pick(&[
            PoolParameters { fee: 100, tick_spacing: 1 },
            PoolParameters { fee: 500, tick_spacing: 10 },
            PoolParameters { fee: 3_000, tick_spacing: 60 },
            PoolParameters { fee: 10_000, tick_spacing: 200 },
            PoolParameters { fee: 0, tick_spacing: 7 },
            PoolParameters { fee: 1, tick_spacing: 2_000 },
            PoolParameters { fee: 999_999, tick_spacing: 16_383 },
            PoolParameters { fee: 250_000, tick_spacing: 25 },
        ]);
        let (fee, spacing) = (FeePips(parameters.fee), parameters.tick_spacing);
        let (oracle, model) = match build {
            PoolBuild::UniswapV3 => {
                (PoolOracle::new(artifacts, parameters, 2), Pool::new(fee, spacing).unwrap())
            }
            PoolBuild::PancakeV3 => {
                let model = Pool::pancake_v3(fee, spacing).unwrap();
                (PoolOracle::pancake(artifacts, parameters, 2), model)
            }
        };
        let mut oracle = oracle.unwrap();
        let manager = (regime == Regime::Managed).then(|| Manager::deploy(&mut oracle, artifacts));
        let owners = vec![oracle.actors[0], oracle.actors[1], Address::repeat_byte(0x77)];
        let now =
            random.pick(&[1, 1_600_000_000, (1 << 32) - 5_000, random.clone().next_u64() >> 20]);
        let home = generate::home(&mut random, regime);
        let ticks = generate::gathering(&mut random, home, parameters.tick_spacing);
        let liquidity_bits = match regime {
            Regime::Ordinary | Regime::Managed => 10 + random.below(90),
            Regime::Ends => random.below(112),
            Regime::Coarse => 98 + random.below(16),
        };
        let mut world = Self {
            model,
            oracle,
            manager,
            registry: Registry::new(build),
            random,
            regime,
            seed,
            steps: 0,
            now,
            home,
            ticks,
            liquidity_bits,
            owners,
            last: String::new(),
        };
        world.oracle.evm.set_timestamp(U256::from(now));
        world
    }

    fn step(&mut self, tally: &mut Tally) {
        self.pass_time();
        self.steps += 1;
        if !self.model.is_initialized() && self.random.once_in(10) {
            return self.initialize(tally);
        }
        if self.model.is_initialized() && self.manager.is_some() && self.random.once_in(3) {
            return self.through_the_manager(tally);
        }
        match self.random.below(200) {
            0..44 => self.mint(tally),
            44..74 => self.burn(tally),
            74..94 => self.collect(tally),
            94..150 => self.swap(tally),
            150..160 => self.flash(tally),
            160..166 => self.set_fee_protocol(tally),
            166..172 => self.collect_protocol(tally),
            172..177 => self.increase_cardinality(tally),
            177..187 => self.observe(tally),
            187..197 => self.snapshot(tally),
            _ => self.initialize(tally),
        }
    }

    fn pass_time(&mut self) {
        let seconds = match self.random.below(32) {
            0..10 => 0,
            10..24 => self.random.below(100),
            24..29 => self.random.below(100_000),
            29 => self.random.below(1 << 32),
            30 => (1_u64 << 32) - 1,
            _ => self.random.pick(&[1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1]),
        };
        self.now += seconds;
        self.oracle.evm.set_timestamp(U256::from(self.now));
    }

    fn context(&self) -> String {
        format!("after {} (step {} of world {})", self.last, self.steps, self.seed)
    }

    fn check(
        &mut self,
        operation: &str,
        expected: Result<Vec<U256>, Revert>,
        real: Outcome,
        tally: &mut Tally,
    ) {
        if let Some(change) = self.registry.unknown(&real.changes) {
            panic!("the contract changed {change:?}, {}", self.context());
        }
        let real = real.result.map(|answer| answer.words());
        assert_eq!(expected, real, "{operation}: model and contract, {}", self.context());
        match expected {
            Ok(_) => tally.count(operation),
            Err(revert) => tally.revert(operation, revert.reason()),
        }
    }

    fn compare(&mut self, is_last: bool) {
        if is_last {
            let occupied = self.oracle.evm.occupied_slots(self.oracle.pool);
            assert_eq!(self.registry.unknown(&occupied), None, "occupied, {}", self.context());
        }
        let regularly = is_last || self.steps.is_multiple_of(64);
        let context = self.context();
        self.registry.compare(&self.model, &self.oracle, regularly, &context);
        if regularly {
            let Self { registry, model, oracle, random, .. } = self;
            registry.compare_getters(model, oracle, random, &context);
            if let Some(manager) = &self.manager {
                manager.compare(&mut self.oracle, &context);
            }
        }
    }

    fn initialize(&mut self, tally: &mut Tally) {
        let price = generate::first_price(&mut self.random, self.home, self.regime);
        self.last = format!("initialize {price}");
        let model = self.model.initialize(price, self.timestamp());
        let real = self.oracle.initialize(price.to_x96()).unwrap();
        self.check("initialize", model.map(|_| Vec::new()).map_err(revert_of), real, tally);
    }
}

/// How the contract reverts where the model gives this error.
fn revert_of(error: PoolError) -> Revert {
    let reason = match error {
        PoolError::AlreadyInitialized => "AI",
        PoolError::NotInitialized => "LOK",
        PoolError::PriceOutOfRange => "R",
        PoolError::TicksMisordered => "TLU",
        PoolError::LowerTickTooLow => "TLM",
        PoolError::UpperTickTooHigh => "TUM",
        PoolError::TickLiquidityOverflow => "LO",
        PoolError::LiquidityOverflow => "LA",
        PoolError::LiquidityUnderflow => "LS",
        PoolError::NoPosition => "NP",
        PoolError::ZeroSwap => "AS",
        PoolError::BadPriceLimit => "SPL",
        PoolError::NoLiquidityInRange => "L",
        PoolError::FlashUnderpaid0 => "F0",
        PoolError::FlashUnderpaid1 => "F1",
        PoolError::NoObservation => "I",
        PoolError::ObservationTooOld => "OLD",
        PoolError::TickOffSpacing
        | PoolError::LiquidityOutOfRange
        | PoolError::OutOfRange
        | PoolError::BadFeeProtocol
        | PoolError::TickNotInitialized => return Revert::Empty,
        PoolError::PriceLimitOutOfBounds
        | PoolError::FullFeeExactOut
        | PoolError::NetLiquidityOverflow
        | PoolError::ProtocolFeesExceeded
        | PoolError::BadFee
        | PoolError::NotInBuild => panic!("{error} is no error of these pools"),
    };
    Revert::Reason(reason.to_owned())
}

/// The price one unit above or below, where there is one.
fn neighbour(price: SqrtPrice, is_above: bool) -> SqrtPrice {
    let value = price.to_x96();
    let value =
        if is_above { value.saturating_add(U256::ONE) } else { value.saturating_sub(U256::ONE) };
    SqrtPrice::from_x96(value).unwrap_or(price)
}
