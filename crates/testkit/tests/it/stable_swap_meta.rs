//! Metapools beside a naive model in big integers: no package carries their bytecode.

pub(crate) mod naive;

use num_bigint::BigUint;
use tidemill_amm::stable_swap::{
    Exchange, Generation, LiquidityChange, OneCoin, StableSwap, StableSwapState,
};
use tidemill_amm::stable_swap_meta::{
    BeforeFactory, MetaExchange, StableSwapMeta, StableSwapMetaError, StableSwapMetaState,
};
use tidemill_amm::{SharePool, SwapAmount, Trade};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::double::{Double, Doubled};
use crate::stable_swap_ng::naive::{Refusable, big};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};
use naive::{NaiveBase, NaiveFirst, NaiveMeta, NaiveRamp};

const TESTS: u64 = 4;
const OPERATIONS_PER_WORLD: u64 = 100;
/// Refusals one after the other that end a world: it is then past repair.
const MOST_REFUSED: u32 = 6;

#[test]
fn stable_swap_meta_equals_the_naive_model_first_quarter() {
    check_sequences("metapool, first quarter", 1);
}

#[test]
fn stable_swap_meta_equals_the_naive_model_second_quarter() {
    check_sequences("metapool, second quarter", 2);
}

#[test]
fn stable_swap_meta_equals_the_naive_model_third_quarter() {
    check_sequences("metapool, third quarter", 3);
}

#[test]
fn stable_swap_meta_equals_the_naive_model_fourth_quarter() {
    check_sequences("metapool, fourth quarter", 4);
}

#[test]
fn metapools_before_the_factory_equal_the_naive_model_first_quarter() {
    check_sequences_of("metapool before the factory, first quarter", 5, true);
}

#[test]
fn metapools_before_the_factory_equal_the_naive_model_second_quarter() {
    check_sequences_of("metapool before the factory, second quarter", 6, true);
}

#[test]
fn metapools_before_the_factory_equal_the_naive_model_third_quarter() {
    check_sequences_of("metapool before the factory, third quarter", 7, true);
}

#[test]
fn metapools_before_the_factory_equal_the_naive_model_fourth_quarter() {
    check_sequences_of("metapool before the factory, fourth quarter", 8, true);
}

fn check_sequences(name: &'static str, part: u64) {
    check_sequences_of(name, part, false);
}

fn check_sequences_of(name: &'static str, part: u64, is_before_factory: bool) {
    let worlds = Worlds {
        name,
        stream: part,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let reached = if is_before_factory {
        Reached { operations: &OPERATIONS_BEFORE_FACTORY, reverts: &REVERTS_BEFORE_FACTORY }
    } else {
        Reached { operations: &OPERATIONS, reverts: &REVERTS }
    };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed, is_before_factory);
        let mut done = 0;
        while done < most && world.double.refused < MOST_REFUSED {
            world.step(tally);
            done += 1;
        }
        done
    });
}

const OPERATIONS: [&str; 15] = [
    "exchange",
    "exchange into base",
    "exchange out of base",
    "exchange in base",
    "add",
    "remove",
    "remove imbalance",
    "remove one coin",
    "withdraw admin fees",
    "ramp",
    "stop ramp",
    "give",
    "others in the base pool",
    "quote",
    "quote exact out",
];
const OPERATIONS_BEFORE_FACTORY: [&str; 19] = [
    "exchange",
    "exchange into base",
    "exchange out of base",
    "exchange in base",
    "add",
    "remove",
    "remove imbalance",
    "remove one coin",
    "withdraw admin fees",
    "donate admin fees",
    "set fees",
    "kill",
    "unkill",
    "ramp",
    "stop ramp",
    "give",
    "others in the base pool",
    "quote",
    "quote exact out",
];
const REVERTS_BEFORE_FACTORY: [&str; 18] = [
    "exchange: Killed",
    "exchange: Underflow",
    "exchange: SameCoin",
    "exchange: NoSuchCoin",
    "exchange: TooFewCoins",
    "exchange into base: TooFewCoins",
    "exchange out of base: TooFewCoins",
    "exchange in base: Base(ExchangeBelowMinimum)",
    "exchange in base: Killed",
    "add: FirstDepositIncomplete",
    "add: InvariantNotRaised",
    "add: SharesPassBound",
    "remove: TooFewCoins",
    "remove: Underflow",
    "remove imbalance: SharesPassBound",
    "remove one coin: NotEnoughCoins",
    "set fees: FeeTooHigh",
    "kill: KillDeadlinePassed",
];
const REVERTS: [&str; 19] = [
    "exchange: Overflow",
    "exchange: Underflow",
    "exchange: DivisionByZero",
    "exchange: SameCoin",
    "exchange: NoSuchCoin",
    "exchange: ExchangeTooSmall",
    "exchange into base: ExchangeTooSmall",
    "exchange out of base: ExchangeTooSmall",
    "exchange in base: Base(ExchangeBelowMinimum)",
    "add: FirstDepositIncomplete",
    "add: InvariantNotRaised",
    "add: Slippage",
    "remove: WithdrawalTooSmall",
    "remove: Underflow",
    "remove imbalance: NothingBurned",
    "remove imbalance: Slippage",
    "remove one coin: WithdrawalTooSmall",
    "ramp: RampTooSoon",
    "ramp: RampTooSteep",
];

fn to_big(value: U256) -> BigUint {
    BigUint::from_bytes_le(&value.to_le_bytes::<32>())
}

fn bigs(amounts: &TokenAmounts) -> Vec<BigUint> {
    amounts.as_slice().iter().map(|amount| to_big(amount.0)).collect()
}

fn two(amounts: &TokenAmounts) -> [BigUint; 2] {
    bigs(amounts).try_into().unwrap()
}

fn list(values: &[U256]) -> TokenAmounts {
    let values: Vec<_> = values.iter().map(|value| Amount(*value)).collect();
    TokenAmounts::new(&values).unwrap()
}

/// Returns the naive base pool of a state.
pub(crate) fn naive_base(base: &StableSwapState, now: u64) -> NaiveBase {
    NaiveBase {
        hundredths: base.generation == Generation::V2,
        precisions: base.precisions.iter().map(|precision| big(*precision)).collect(),
        balances: bigs(&base.balances),
        admin_balances: bigs(&base.admin_balances),
        supply: to_big(base.total_supply.0),
        ramp: NaiveRamp {
            from: big(base.initial_a),
            to: big(base.future_a),
            starts: base.initial_a_time.0,
            ends: base.future_a_time.0,
        },
        fee: big(base.fee),
        admin_fee: big(base.admin_fee),
        now,
    }
}

/// Returns the naive pool of a state.
fn naive(state: &StableSwapMetaState, now: u64) -> NaiveMeta {
    let base = &state.base;
    let (balances, admin) = (two(&state.balances), two(&state.admin_balances));
    NaiveMeta {
        base: naive_base(base, now),
        first: state.before_factory.map(|kept| NaiveFirst {
            price: to_big(kept.base_virtual_price.0),
            updated: kept.base_cache_updated.0,
            admin_fee: big(kept.admin_fee),
            killed: kept.is_killed,
            kill_deadline: kept.kill_deadline.0,
        }),
        rate_multiplier: to_big(state.rate_multiplier),
        held: [&balances[0] + &admin[0], &balances[1] + &admin[1]],
        balances,
        supply: to_big(state.total_supply.0),
        ramp: NaiveRamp {
            from: big(state.initial_a),
            to: big(state.future_a),
            starts: state.initial_a_time.0,
            ends: state.future_a_time.0,
        },
        fee: big(state.fee),
        previous: two(&state.previous_balances),
        cumulative: two(&state.price_cumulative_last),
        updated: state.block_timestamp_last.0,
    }
}

/// The pool and its naive double.
struct World {
    pool: StableSwapMeta,
    double: Double<NaiveMeta>,
    random: Random,
    now: u64,
}

impl Doubled for World {
    type Naive = NaiveMeta;
    type Error = StableSwapMetaError;

    fn reason(error: &StableSwapMetaError) -> Option<&'static str> {
        error.reason()
    }

    fn state(&self) -> NaiveMeta {
        naive(&self.pool.state(), self.now)
    }

    fn double(&mut self) -> &mut Double<NaiveMeta> {
        &mut self.double
    }
}

impl World {
    fn new(seed: u64, is_before_factory: bool) -> Self {
        let mut random = Random::new(seed);
        let now = random.pick(&[1_600_000_000, 1_700_000_000]);
        let value = 20 + random.below(70);
        let base = base_pool(&mut random, value, now);
        let places = random.pick(&[0, 0, 0, 10, 12, 18]);
        let a = 100 * (1 + random.below(3_000));
        let none = list(&[U256::ZERO; 2]);
        let mut state = StableSwapMetaState {
            base: base.state(),
            before_factory: is_before_factory.then(|| BeforeFactory {
                base_virtual_price: base.virtual_price(Timestamp(now)).unwrap(),
                base_cache_updated: Timestamp(now - random.below(700)),
                admin_fee: random.pick(&[0, 5_000_000_000, 5_000_000_000, 10_000_000_000]),
                is_killed: false,
                kill_deadline: Timestamp(now + random.below(5_184_000)),
            }),
            rate_multiplier: U256::from(10).pow(U256::from(18 + places)),
            balances: none,
            admin_balances: none,
            total_supply: Amount::ZERO,
            initial_a: a,
            future_a: a,
            initial_a_time: Timestamp(0),
            future_a_time: Timestamp(0),
            fee: random.pick(&[0, 1, 4_000_000, 4_000_000, 100_000_000, 5_000_000_000]),
            previous_balances: none,
            price_cumulative_last: none,
            block_timestamp_last: Timestamp(0),
        };
        if random.once_in(8) {
            let bits = random.pick(&[6, 60, 110, 255]);
            state.balances = list(&[random.wide(bits), random.wide(bits)]);
            state.admin_balances = list(&[random.wide(bits), random.wide(bits)]);
            state.total_supply = Amount(random.wide(bits));
        }
        let pool = StableSwapMeta::new(&state).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(pool.state(), state);
        let double = Double::new(naive(&state, now), seed);
        Self { pool, double, random, now }
    }

    fn step(&mut self, tally: &mut Tally) {
        self.now += match self.random.below(16) {
            0..4 => 0,
            4..10 => self.random.below(600),
            10..15 => self.random.below(200_000),
            _ => self.random.below(1 << 34),
        };
        self.double.naive.base.now = self.now;
        if self.pool.total_shares().is_zero() && !self.random.once_in(8) {
            return self.add(tally);
        }
        match self.random.below(100) {
            0..20 => self.exchange(tally),
            20..44 => self.exchange_underlying(tally),
            44..58 => self.add(tally),
            58..65 => self.remove(tally),
            65..72 => self.remove_imbalance(tally),
            72..80 => self.remove_one_coin(tally),
            80..83 => self.take_admin_fees(tally),
            83..87 => self.ramp(tally),
            87 if self.double.naive.first.is_some() => self.administer(tally),
            87..89 => self.give(tally),
            89..95 => self.others(tally),
            _ => self.quote(tally),
        }
        if self.random.once_in(2) {
            self.compare_views();
        }
    }

    fn at(&self) -> Timestamp {
        Timestamp(self.now)
    }

    /// Mostly a part of what there is, sometimes anything.
    fn part_of(&mut self, held: U256) -> U256 {
        match self.random.below(24) {
            0 if self.random.once_in(4) => self.random.wide(256),
            0 | 1 => U256::from(self.random.below(4)),
            2 => held,
            3 => held.saturating_add(U256::ONE),
            _ => {
                let most = held >> self.random.below(24) as usize;
                self.random.up_to(most)
            }
        }
    }

    /// An amount of the meta coin, the base pool's shares, or a base coin.
    fn amount(&mut self, underlying: bool, coin: usize) -> U256 {
        let state = self.pool.state();
        let held = match (underlying, coin) {
            (_, 0) => state.balances.as_slice()[0].0,
            (false, _) => state.balances.as_slice()[1].0,
            (true, coin) => state.base.balances.as_slice()[coin.min(3) - 1].0,
        };
        self.part_of(held)
    }

    fn amounts(&mut self) -> [U256; 2] {
        let state = self.pool.state();
        let shares = state.base.total_supply.0;
        if self.pool.total_shares().is_zero() && !self.random.once_in(8) {
            let base = self.random.up_to(shares >> 1_usize).max(U256::ONE);
            let meta = to_meta(base, state.rate_multiplier).max(U256::ONE);
            return [meta >> self.random.below(4) as usize, base];
        }
        let [meta, base] = [self.amount(false, 0), self.amount(false, 1)];
        match self.random.below(4) {
            0 => [meta, U256::ZERO],
            1 => [U256::ZERO, base],
            _ => [meta, base],
        }
    }

    fn pair(&mut self, count: u64) -> TokenPair {
        let most = count + u64::from(self.random.once_in(40));
        let input = self.random.below(most) as u8;
        let mut output = self.random.below(most) as u8;
        if input == output && !self.random.once_in(10) {
            output = (input + 1) % count as u8;
        }
        TokenPair { input: TokenIndex(input), output: TokenIndex(output) }
    }

    fn least(&mut self) -> U256 {
        match self.random.below(12) {
            0 => U256::MAX,
            1 => self.random.wide(90),
            _ => U256::ZERO,
        }
    }

    fn shares(&mut self) -> U256 {
        let supply = self.pool.total_shares().0;
        self.part_of(supply)
    }

    fn exchange(&mut self, tally: &mut Tally) {
        let (pair, at) = (self.pair(2), self.at());
        let places = (pair.input.place(), pair.output.place());
        let (amount, least) = (self.amount(false, places.0), self.least());
        let request = MetaExchange { pair, amount_in: Amount(amount), minimum_out: Amount(least) };
        let ours = self.pool.exchange(request, at).map(|out| to_big(out.0));
        let theirs = self.naively(|pool| pool.exchange(places, &to_big(amount), &to_big(least)));
        self.settle(tally, "exchange", ours, theirs);
    }

    fn exchange_underlying(&mut self, tally: &mut Tally) {
        let (pair, at) = (self.pair(4), self.at());
        let places = (pair.input.place(), pair.output.place());
        let (amount, least) = (self.amount(true, places.0), self.least());
        let request = MetaExchange { pair, amount_in: Amount(amount), minimum_out: Amount(least) };
        let ours = self.pool.exchange_underlying(request, at).map(|out| to_big(out.0));
        let (amount, least) = (to_big(amount), to_big(least));
        let theirs = self.naively(|pool| {
            let same = places == (0, 0);
            if same { Err("") } else { pool.exchange_underlying(places, &amount, &least) }
        });
        let name = match places {
            (0, _) => "exchange into base",
            (_, 0) => "exchange out of base",
            _ => "exchange in base",
        };
        self.settle(tally, name, ours, theirs);
    }

    fn add(&mut self, tally: &mut Tally) {
        let (amounts, least, at) = (list(&self.amounts()), self.least(), self.at());
        let ours = self.pool.add_liquidity(&amounts, Amount(least), at).map(|s| to_big(s.0));
        let theirs = self.naively(|pool| pool.add_liquidity(&two(&amounts), &to_big(least)));
        self.settle(tally, "add", ours, theirs);
    }

    fn remove(&mut self, tally: &mut Tally) {
        let (shares, at) = (self.shares(), self.at());
        let least = list(&[self.least(), U256::ZERO]);
        let ours = self.pool.remove_liquidity(Amount(shares), &least, at).map(|paid| two(&paid));
        let theirs = self.naively(|pool| pool.remove_liquidity(&to_big(shares), &two(&least)));
        self.settle(tally, "remove", ours, theirs);
    }

    fn remove_imbalance(&mut self, tally: &mut Tally) {
        let (amounts, at) = (list(&self.amounts()), self.at());
        let most = if self.random.once_in(5) { self.shares() } else { U256::MAX };
        let ours = self.pool.remove_liquidity_imbalance(&amounts, Amount(most), at);
        let ours = ours.map(|burned| to_big(burned.0));
        let theirs =
            self.naively(|pool| pool.remove_liquidity_imbalance(&two(&amounts), &to_big(most)));
        self.settle(tally, "remove imbalance", ours, theirs);
    }

    fn remove_one_coin(&mut self, tally: &mut Tally) {
        let (shares, least, at) = (self.shares(), self.least(), self.at());
        let coin = self.pair(2).input;
        let ours = self.pool.remove_liquidity_one_coin(Amount(shares), coin, Amount(least), at);
        let ours = ours.map(|paid| to_big(paid.0));
        let (shares, least) = (to_big(shares), to_big(least));
        let theirs = self.naively(|pool| pool.remove_one_coin(&shares, coin.place(), &least));
        self.settle(tally, "remove one coin", ours, theirs);
    }

    fn take_admin_fees(&mut self, tally: &mut Tally) {
        let ours = self.pool.withdraw_admin_fees(self.at());
        let ours = ours.map(|fees| [fees.converted, fees.bought, fees.kept].map(|f| to_big(f.0)));
        let theirs = self.naively(NaiveMeta::withdraw_admin_fees);
        self.settle(tally, "withdraw admin fees", ours, theirs);
    }

    fn ramp(&mut self, tally: &mut Tally) {
        let at = self.at();
        if self.random.once_in(3) {
            let ours = self.pool.stop_ramp_a(at);
            let theirs = self.naively(|pool| pool.ramp.stop_ramp_a(pool.base.now));
            return self.settle(tally, "stop ramp", ours, theirs);
        }
        let current = u64::try_from(self.pool.amplification(at).unwrap()).unwrap() / 100;
        let future = match self.random.below(6) {
            0 => self.random.below(1_000_001),
            1 => current * 10 + self.random.below(2),
            _ => current * (1 + self.random.below(40)) / 10,
        };
        let ends = self.now + self.random.pick(&[86_399, 86_400, 100_000, 1_000_000]);
        let ours = self.pool.ramp_a(future, Timestamp(ends), at);
        let theirs = self.naively(|pool| pool.ramp.ramp_a(future, ends, pool.base.now));
        self.settle(tally, "ramp", ours, theirs);
    }

    /// What only the administrators of metapools before the factory can do.
    fn administer(&mut self, tally: &mut Tally) {
        match self.random.below(4) {
            0 => {
                let ours = self.pool.donate_admin_fees();
                let theirs = self.naively(NaiveMeta::donate_admin_fees);
                self.settle(tally, "donate admin fees", ours, theirs);
            }
            1 => {
                let fee = self.random.pick(&[0, 4_000_000, 5_000_000_000, 5_000_000_001]);
                let part = self.random.pick(&[0, 5_000_000_000, 10_000_000_000, 10_000_000_001]);
                let ours = self.pool.set_fees(fee, part);
                let theirs = self.naively(|pool| pool.set_fees(fee, part));
                self.settle(tally, "set fees", ours, theirs);
            }
            2 => {
                let ours = self.pool.kill_me(self.at());
                let theirs = self.naively(NaiveMeta::kill_me);
                self.settle(tally, "kill", ours, theirs);
            }
            _ => {
                let ours = self.pool.unkill_me();
                let theirs = self.naively(NaiveMeta::unkill_me);
                self.settle(tally, "unkill", ours, theirs);
            }
        }
    }

    fn give(&mut self, tally: &mut Tally) {
        let gift = list(&self.amounts());
        let ours = self.pool.give(&gift);
        let theirs = self.naively(|pool| {
            for (held, more) in pool.held.iter_mut().zip(two(&gift)) {
                *held += more;
                if held.bits() > 256 {
                    return Err("");
                }
            }
            Ok(())
        });
        self.settle(tally, "give", ours, theirs);
    }

    /// What others do in the base pool moves the rate.
    fn others(&mut self, tally: &mut Tally) {
        let at = self.at();
        let pair = self.pair(3);
        let places = (pair.input.place(), pair.output.place());
        let amount = self.amount(true, places.0 + 1);
        let shares = self.pool.state().base.total_supply.0 >> 4_usize;
        let shares = self.random.up_to(shares);
        let (ours, theirs) = match self.random.below(3) {
            0 => {
                let amount_in = Amount(amount);
                let request = Exchange { pair, amount_in, minimum_out: Amount::ZERO };
                let ours = self.pool.base_mut().exchange(request, at);
                let dx = to_big(amount);
                let act =
                    |pool: &mut NaiveMeta| pool.base.exchange(places.0, places.1, &dx, &big(0));
                (ours, self.naively(act))
            }
            1 => {
                let amounts = list(&[amount, U256::from(self.random.below(9)), amount]);
                let ours = self.pool.base_mut().add_liquidity(&amounts, Amount::ZERO, at);
                (ours, self.naively(|pool| pool.base.add_liquidity(&bigs(&amounts))))
            }
            _ => {
                let coin = pair.input;
                let shares = Amount(shares);
                let request = OneCoin { shares, coin, minimum_out: Amount::ZERO };
                let ours = self.pool.base_mut().remove_liquidity_one_coin(request, at);
                let burned = to_big(shares.0);
                let act = |pool: &mut NaiveMeta| pool.base.remove_one_coin(&burned, coin.place());
                (ours.map(|paid| paid.amount), self.naively(act))
            }
        };
        let ours = ours.map(|amount| to_big(amount.0)).map_err(StableSwapMetaError::Base);
        self.settle(tally, "others in the base pool", ours, theirs);
    }

    fn quote(&mut self, tally: &mut Tally) {
        let (pair, at) = (self.pair(2), self.at());
        let amount = Amount(self.amount(false, pair.output.place()));
        let is_exact_out = self.random.once_in(2);
        let amount =
            if is_exact_out { SwapAmount::ExactOut(amount) } else { SwapAmount::ExactIn(amount) };
        let trade = Trade { pair, amount };
        let quote = self.pool.quote(&trade, at);
        let before = self.pool.state();
        let Ok(swapped) = self.pool.swap(&trade, at) else {
            assert_eq!(self.pool.state(), before);
            return;
        };
        assert_eq!(quote, Ok(swapped));
        if let SwapAmount::ExactOut(wanted) = amount {
            assert!(swapped.amount_out >= wanted);
        }
        let places = (pair.input.place(), pair.output.place());
        let paid = to_big(swapped.amount_in.0);
        let theirs = self.naively(|pool| pool.exchange(places, &paid, &big(0)));
        let name = if is_exact_out { "quote exact out" } else { "quote" };
        self.settle(tally, name, Ok(to_big(swapped.amount_out.0)), theirs);
    }

    #[allow(clippy::needless_pass_by_value, reason = "an answer is used once")]
    fn check_view(
        &self,
        name: &str,
        ours: Result<Amount, StableSwapMetaError>,
        theirs: Refusable<BigUint>,
    ) {
        let ours = ours.map(|amount| to_big(amount.0));
        let ours = ours.map_err(|error| error.reason().unwrap_or(""));
        assert_eq!(ours, theirs, "{name}, world {}", self.double.seed);
    }

    fn compare_views(&mut self) {
        let at = self.at();
        let pair = self.pair(2);
        let places = (pair.input.place(), pair.output.place());
        match self.random.below(5) {
            0 => {
                let dx = self.amount(false, places.0);
                let theirs = self.double.naive.get_dy(places, &to_big(dx));
                self.check_view("get_dy", self.pool.get_dy(pair, Amount(dx), at), theirs);
            }
            1 | 2 => {
                let pair = self.pair(4);
                let places = (pair.input.place(), pair.output.place());
                let dx = self.amount(true, places.0);
                let theirs = self.double.naive.get_dy_underlying(places, &to_big(dx));
                let ours = self.pool.get_dy_underlying(pair, Amount(dx), at);
                self.check_view("get_dy_underlying", ours, theirs);
            }
            3 => {
                let amounts = list(&self.amounts());
                let check = |change, deposit| {
                    let ours = self.pool.calc_token_amount(&amounts, change, at);
                    let theirs = self.double.naive.calc_token_amount(&two(&amounts), deposit);
                    self.check_view("calc_token_amount", ours, theirs);
                };
                check(LiquidityChange::Deposit, true);
                check(LiquidityChange::Withdrawal, false);
            }
            _ => {
                let price = self.pool.get_virtual_price(at);
                self.check_view("virtual price", price, self.double.naive.virtual_price());
                let shares = self.shares();
                let theirs = self.double.naive.calc_one_coin(&to_big(shares), places.0);
                let ours = self.pool.calc_withdraw_one_coin(Amount(shares), pair.input, at);
                self.check_view("calc_withdraw_one_coin", ours, theirs.map(|done| done.0));
            }
        }
    }
}

/// What base shares come to in the meta coin's raw units, about.
fn to_meta(shares: U256, rate_multiplier: U256) -> U256 {
    let unit = rate_multiplier / U256::from(1_000_000_000_000_000_000_u64);
    shares / unit
}

/// A 3pool with about 2^`value` of each coin in 10^-18.
fn base_pool(random: &mut Random, value: u64, now: u64) -> StableSwap {
    let precisions = random.pick(&[[1, 1_000_000_000_000, 1_000_000_000_000], [1, 1, 1]]);
    let none = list(&[U256::ZERO; 3]);
    let a = 1 + random.below(2_000);
    let is_ramping = random.once_in(4);
    let mut pool = StableSwap::new(&StableSwapState {
        generation: Generation::V1,
        balances: none,
        precisions: precisions.to_vec(),
        admin_balances: none,
        total_supply: Amount::ZERO,
        initial_a: a,
        future_a: if is_ramping { a * 2 } else { a },
        initial_a_time: Timestamp(if is_ramping { now } else { 0 }),
        future_a_time: Timestamp(if is_ramping { now + 1_000_000 } else { 0 }),
        fee: random.pick(&[0, 1_000_000, 4_000_000]),
        admin_fee: 5_000_000_000,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    })
    .unwrap_or_else(|error| panic!("{error}"));
    let amounts = precisions.map(|precision| {
        let amount = (U256::ONE << value as usize) + random.wide(value);
        (amount / U256::from(precision)).max(U256::ONE)
    });
    pool.add_liquidity(&list(&amounts), Amount::ZERO, Timestamp(now)).unwrap();
    pool
}
