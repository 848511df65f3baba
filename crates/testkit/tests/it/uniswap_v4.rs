//! Uniswap v4 pools without hooks, in the real pool manager.

mod generate;

use std::collections::{BTreeMap, HashSet};

use tidemill_amm::concentrated::{Build, LiquidityChange, Pool, PoolError, SaltedKey, SwapAmount};
use tidemill_testkit::{
    Address, Artifacts, LiquidityCall, ManagerOracle, ManagerSwapCall, Outcome, PoolParameters,
    Random, Revert,
};
use tidemill_units::{
    Amount, Amounts, FeePips, Side, SignedAmounts, Tick, TickRange, Timestamp, U256,
};

use crate::concentrated::{Regime, gathering, home};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const TESTS: u64 = 3;
const OPERATIONS_PER_WORLD: u64 = 300;

#[test]
fn v4_pool_equals_the_contract_at_ordinary_prices() {
    check_sequences("v4 pool, ordinary prices", Regime::Ordinary);
}

#[test]
fn v4_pool_equals_the_contract_near_both_ends_of_the_price() {
    check_sequences("v4 pool, near both ends", Regime::Ends);
}

#[test]
fn v4_pool_equals_the_contract_where_prices_are_coarse() {
    check_sequences("v4 pool, coarse prices", Regime::Coarse);
}

const OPERATIONS: [&str; 11] = [
    "initialize",
    "add",
    "remove",
    "poke",
    "swap exact in",
    "swap exact out",
    "swap at its natural end",
    "donate",
    "set protocol fee",
    "collect protocol fees",
    "ticks crossed",
];
const REVERTS: [&str; 23] = [
    "initialize: PoolAlreadyInitialized",
    "initialize: InvalidSqrtPrice",
    "modify: PoolNotInitialized",
    "modify: TicksMisordered",
    "modify: TickLowerOutOfBounds",
    "modify: TickUpperOutOfBounds",
    "modify: TickMisaligned",
    "modify: TickLiquidityOverflow",
    "modify: SafeCastOverflow",
    "modify: CannotUpdateEmptyPosition",
    "modify: panic",
    "swap: PoolNotInitialized",
    "swap: SwapAmountCannotBeZero",
    "swap: PriceLimitAlreadyExceeded",
    "swap: PriceLimitOutOfBounds",
    "swap: InvalidFeeForExactOut",
    "swap: SafeCastOverflow",
    "donate: PoolNotInitialized",
    "donate: NoLiquidityToReceiveFees",
    "donate: SafeCastOverflow",
    "set protocol fee: PoolNotInitialized",
    "set protocol fee: ProtocolFeeTooLarge",
    "collect protocol fees: panic",
];

fn check_sequences(name: &'static str, regime: Regime) {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name,
        stream: 400 + regime as u64,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, regime, seed);
        for _ in 0..most {
            world.step(tally);
            world.compare();
        }
        world.compare_all_slots();
        most
    });
}

/// The model and the contract, side by side.
pub(crate) struct World {
    pub(crate) model: Pool,
    pub(crate) oracle: ManagerOracle,
    random: Random,
    regime: Regime,
    seed: u64,
    steps: u64,
    home: i32,
    ticks: Vec<i32>,
    liquidity_bits: u64,
    last: String,
    tick_slots: BTreeMap<i32, U256>,
    word_slots: BTreeMap<i32, U256>,
    position_slots: BTreeMap<SaltedKey, U256>,
    known: HashSet<U256>,
}

impl World {
    pub(crate) fn new(artifacts: &Artifacts, regime: Regime, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let fees = [0, 1, 100, 500, 3_000, 10_000, 250_000, 999_000, 999_999, 1_000_000];
        let spacings = [1, 1, 10, 60, 200, 7, 2_000, 16_383, 16_384, 32_767];
        let parameters =
            PoolParameters { fee: random.pick(&fees), tick_spacing: random.pick(&spacings) };
        let oracle = ManagerOracle::new(artifacts, parameters, 2).unwrap();
        let model = Pool::uniswap_v4(FeePips(parameters.fee), parameters.tick_spacing).unwrap();
        let home = home(&mut random, regime);
        let ticks = gathering(&mut random, home, parameters.tick_spacing);
        let liquidity_bits = match regime {
            Regime::Ordinary | Regime::Managed => 10 + random.below(90),
            Regime::Ends => random.below(112),
            Regime::Coarse => 98 + random.below(16),
        };
        let mut known: HashSet<U256> = (0..4).map(|index| oracle.global(index)).collect();
        known.extend([oracle.protocol_fees(0), oracle.protocol_fees(1)]);
        Self {
            model,
            oracle,
            random,
            regime,
            seed,
            steps: 0,
            home,
            ticks,
            liquidity_bits,
            last: String::new(),
            tick_slots: BTreeMap::new(),
            word_slots: BTreeMap::new(),
            position_slots: BTreeMap::new(),
            known,
        }
    }

    pub(crate) fn step(&mut self, tally: &mut Tally) {
        self.steps += 1;
        if !self.model.is_initialized() && self.random.once_in(10) {
            return self.initialize(tally);
        }
        match self.random.below(100) {
            0..42 => self.modify(tally),
            42..80 => self.swap(tally),
            80..86 => self.donate(tally),
            86..91 => self.set_protocol_fee(tally),
            91..96 => self.collect_protocol_fees(tally),
            _ => self.initialize(tally),
        }
    }

    fn context(&self) -> String {
        format!("after {} (step {} of world {})", self.last, self.steps, self.seed)
    }

    fn check(
        &mut self,
        operation: &str,
        expected: Result<Vec<U256>, PoolError>,
        real: Outcome,
        tally: &mut Tally,
    ) {
        let unknown = real.changes.iter().find(|change| !self.known.contains(&change.slot));
        assert_eq!(unknown, None, "changed, {}", self.context());
        let real = real.result.map(|answer| answer.words());
        match expected {
            Ok(words) => {
                assert_eq!(real, Ok(words), "{operation}: contract, model, {}", self.context());
                tally.count(operation);
            }
            Err(error) => {
                let name = error.reason(Build::UniswapV4).unwrap_or("panic");
                let expected = Err(revert_of(error));
                let real = real.map_err(selector_only);
                assert_eq!(real, expected, "{operation}: {error}, {}", self.context());
                tally.revert(operation, name);
            }
        }
    }

    fn initialize(&mut self, tally: &mut Tally) {
        let price = crate::concentrated::first_price(&mut self.random, self.home, self.regime);
        self.last = format!("initialize {price}");
        let model = self.model.initialize(price, Timestamp(7));
        let model = model.map(|tick| vec![tidemill_testkit::int_word(i64::from(tick.0))]);
        let real = self.oracle.initialize(price.to_x96()).unwrap();
        self.check("initialize", model, real, tally);
    }

    fn modify(&mut self, tally: &mut Tally) {
        let old = if self.random.once_in(3) { None } else { self.old_key() };
        let key = old.unwrap_or_else(|| self.new_key());
        let delta = self.delta(&key);
        self.last = format!("modify {key:?} by {delta:?}");
        let expected = self.model.modify_liquidity(key, delta).map(|change| {
            let LiquidityChange { principal, fees } = change;
            let due = |principal: tidemill_units::SignedAmount, fees: Amount| {
                principal.to_twos_complement().wrapping_neg().wrapping_add(fees.0)
            };
            vec![
                packed(due(principal.amount0, fees.amount0), due(principal.amount1, fees.amount1)),
                packed(fees.amount0.0, fees.amount1.0),
            ]
        });
        let call = LiquidityCall {
            lower: key.range.lower.0,
            upper: key.range.upper.0,
            delta: signed_word(delta.0),
            salt: U256::from_be_bytes(key.salt),
        };
        let name = match (&expected, delta.0) {
            (Err(_), _) => "modify",
            (Ok(_), 0) => "poke",
            (Ok(_), 1..) => "add",
            (Ok(_), _) => "remove",
        };
        let real = self.oracle.modify_liquidity(Address::from(key.owner.0), call).unwrap();
        self.check(name, expected, real, tally);
    }

    fn swap(&mut self, tally: &mut Tally) {
        let (request, limit) = self.request(tally);
        self.last = format!("{request:?}");
        let expected = self.model.swap(request, Timestamp(7)).map(|result| {
            tally.add("ticks crossed", result.crossings as u64);
            let SignedAmounts { amount0, amount1 } = result.amounts;
            let due =
                |amount: tidemill_units::SignedAmount| amount.to_twos_complement().wrapping_neg();
            vec![packed(due(amount0), due(amount1))]
        });
        let (amount, name) = match request.amount {
            SwapAmount::ExactIn(amount) => (amount.0.wrapping_neg(), "swap exact in"),
            SwapAmount::ExactOut(amount) => (amount.0, "swap exact out"),
        };
        let call = ManagerSwapCall {
            zero_for_one: request.input == Side::Token0,
            amount_specified: amount,
            sqrt_price_limit: limit.to_x96(),
        };
        let name = if expected.is_ok() { name } else { "swap" };
        let real = self.oracle.swap(self.oracle.actors[0], call).unwrap();
        self.check(name, expected, real, tally);
    }

    fn donate(&mut self, tally: &mut Tally) {
        let amounts =
            Amounts { amount0: self.amount(Side::Token0), amount1: self.amount(Side::Token1) };
        self.last = format!("donate {amounts:?}");
        let expected = self.model.donate(amounts).map(|()| {
            vec![packed(amounts.amount0.0.wrapping_neg(), amounts.amount1.0.wrapping_neg())]
        });
        let words = [amounts.amount0.0, amounts.amount1.0];
        let real = self.oracle.donate(self.oracle.actors[1], words).unwrap();
        self.check("donate", expected, real, tally);
    }

    fn set_protocol_fee(&mut self, tally: &mut Tally) {
        let shares = [0, 0, 1, 100, 500, 999, 1_000, 1_000, 1_001, 4_095];
        let shares = [self.random.pick(&shares), self.random.pick(&shares[..9])];
        self.last = format!("set protocol fee {shares:?}");
        let expected = self.model.set_protocol_fee(shares).map(|()| Vec::new());
        let real = self.oracle.set_protocol_fee(shares).unwrap();
        self.check("set protocol fee", expected, real, tally);
    }

    fn collect_protocol_fees(&mut self, tally: &mut Tally) {
        let token = self.random.below(2) as usize;
        let owed = U256::from(self.model.protocol_fees()[token]);
        let amount = match self.random.below(4) {
            0 => U256::ZERO,
            1 => owed + U256::ONE,
            _ => self.random.up_to(owed),
        };
        self.last = format!("collect {amount} of token {token}");
        let side = [Side::Token0, Side::Token1][token];
        let expected = self.model.collect_protocol_fees(side, Amount(amount));
        let real = self.oracle.collect_protocol_fees(token, amount).unwrap();
        self.check("collect protocol fees", expected.map(|paid| vec![paid.0]), real, tally);
    }

    fn compare(&self) {
        let check = |slot: U256, word: U256, what: &dyn std::fmt::Debug| {
            let real = self.oracle.slot(slot);
            assert!(
                word == real,
                "{what:?}: model {word:#x}, contract {real:#x}, {}",
                self.context()
            );
        };
        let model = &self.model;
        let [share0, share1] = model.protocol_shares().map(U256::from);
        // The contract writes the fee with the price.
        let fee = if model.is_initialized() { model.fee().0 } else { 0 };
        let slot0 = model.sqrt_price().to_x96()
            | low_bits(signed_word(i128::from(model.tick().0)), 24) << 160
            | share0 << 184
            | share1 << 196
            | U256::from(fee) << 208;
        let [growth0, growth1] = model.fee_growth_global().map(|growth| growth.0);
        let globals = [slot0, growth0, growth1, U256::from(model.liquidity().0)];
        for (index, word) in (0_u64..).zip(globals) {
            check(self.oracle.global(index), word, &("global", index));
        }
        for (token, owed) in model.protocol_fees().into_iter().enumerate() {
            check(self.oracle.protocol_fees(token), U256::from(owed), &("fees of", token));
        }
        let mut bitmap: BTreeMap<i32, U256> = BTreeMap::new();
        for (Tick(tick), _) in model.ticks() {
            let compressed = tick.div_euclid(model.tick_spacing());
            *bitmap.entry(compressed >> 8).or_default() |= U256::ONE << (compressed & 0xff);
        }
        for (tick, slot) in &self.tick_slots {
            let words = model.tick_info(Tick(*tick)).map_or([U256::ZERO; 3], |info| {
                let [outside0, outside1] = info.fee_growth_outside.map(|growth| growth.0);
                let net = signed_word(info.liquidity_net.0);
                [U256::from(info.liquidity_gross.0) | net << 128, outside0, outside1]
            });
            for (field, word) in words.into_iter().enumerate() {
                check(slot.wrapping_add(U256::from(field)), word, &("tick", tick, field));
            }
        }
        for (word, slot) in &self.word_slots {
            check(*slot, bitmap.get(word).copied().unwrap_or_default(), &("bitmap", word));
        }
        for (key, slot) in &self.position_slots {
            let position = model.salted_position(key);
            let [inside0, inside1] = position.fee_growth_inside_last.map(|growth| growth.0);
            let words = [U256::from(position.liquidity.0), inside0, inside1];
            for (field, word) in words.into_iter().enumerate() {
                check(slot.wrapping_add(U256::from(field)), word, &(key, field));
            }
        }
    }

    /// No slot is occupied but the owner's, the controller's, and those compared.
    fn compare_all_slots(&self) {
        for change in self.oracle.evm.occupied_slots(self.oracle.manager) {
            let is_set_up = [U256::ZERO, U256::from(2)].contains(&change.slot);
            assert!(is_set_up || self.known.contains(&change.slot), "{change:?} in use");
        }
        assert_eq!(self.model.salted_positions().count(), {
            let all = self.position_slots.keys();
            let is_there =
                |key: &&SaltedKey| self.model.salted_positions().any(|(found, _)| found == *key);
            all.filter(is_there).count()
        });
    }

    fn note(&mut self, key: SaltedKey) {
        let TickRange { lower: Tick(lower), upper: Tick(upper) } = key.range;
        let mut known = Vec::new();
        for tick in [lower, upper] {
            let slot = self.oracle.tick(tick);
            known.extend((0..3).map(|field| slot.wrapping_add(U256::from(field))));
            self.tick_slots.insert(tick, slot);
            let word = tick.div_euclid(self.model.tick_spacing()) >> 8;
            known.push(self.oracle.bitmap(word));
            self.word_slots.insert(word, self.oracle.bitmap(word));
        }
        let owner = Address::from(key.owner.0);
        let salt = U256::from_be_bytes(key.salt);
        let slot = self.oracle.position(owner, lower, upper, salt);
        known.extend((0..3).map(|field| slot.wrapping_add(U256::from(field))));
        self.position_slots.insert(key, slot);
        self.known.extend(known);
    }
}

fn low_bits(word: U256, bits: usize) -> U256 {
    word & ((U256::ONE << bits) - U256::ONE)
}

fn signed_word(value: i128) -> U256 {
    let magnitude = U256::from(value.unsigned_abs());
    if value < 0 { magnitude.wrapping_neg() } else { magnitude }
}

/// A `BalanceDelta`.
fn packed(amount0: U256, amount1: U256) -> U256 {
    amount0 << 128 | low_bits(amount1, 128)
}

/// The selector that the contract reverts with; arguments are not compared.
fn revert_of(error: PoolError) -> Revert {
    if [PoolError::NetLiquidityOverflow, PoolError::ProtocolFeesExceeded].contains(&error) {
        return Revert::Panic(U256::from(0x11));
    }
    let Some(name) = error.reason(Build::UniswapV4) else {
        panic!("{error} is no error of the manager");
    };
    let arguments = match name {
        "TicksMisordered" | "TickMisaligned" => "(int24,int24)",
        "TickLowerOutOfBounds" | "TickUpperOutOfBounds" | "TickLiquidityOverflow" => "(int24)",
        "InvalidSqrtPrice" | "PriceLimitOutOfBounds" => "(uint160)",
        "PriceLimitAlreadyExceeded" => "(uint160,uint160)",
        "ProtocolFeeTooLarge" => "(uint24)",
        _ => "()",
    };
    Revert::Data(tidemill_testkit::Call::new(&format!("{name}{arguments}"), 0).encode())
}

fn selector_only(revert: Revert) -> Revert {
    if let Revert::Data(data) = &revert {
        return Revert::Data(data.slice(..4.min(data.len())));
    }
    revert
}

#[test]
fn a_dynamic_fee_is_refused() {
    use tidemill_amm::concentrated::ParametersError;
    let made = Pool::uniswap_v4(FeePips(0x80_0000), 60);
    assert_eq!(made, Err(ParametersError::DynamicFee));
}
