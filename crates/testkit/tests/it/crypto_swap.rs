//! The Curve crypto pools beside a model in big integers, which follows the contracts' sources
//! statement by statement: no registry package carries their bytecode.

#[expect(clippy::too_many_lines, reason = "it follows the contract's functions")]
mod ng_math;
#[expect(clippy::too_many_arguments, reason = "it follows the contracts' functions")]
mod old_math;
#[expect(
    clippy::too_many_lines,
    clippy::too_many_arguments,
    clippy::needless_range_loop,
    reason = "it follows the contracts' functions"
)]
mod pool;
#[expect(
    clippy::too_many_lines,
    clippy::too_many_arguments,
    reason = "it follows the contract's functions"
)]
mod two_ng_math;
mod word;

use num_bigint::{BigInt, BigUint, Sign};
use pool::{Build, Kind, Pool};
use tidemill_amm::PoolError;
use tidemill_amm::crypto_swap::{
    AGamma, ClaimFirst, CryptoGeneration, CryptoSwap, CryptoSwapError, CryptoSwapParameters,
    CryptoSwapState, TwoCryptoBuild, TwocryptoNgBuild,
};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};
use word::{Answer, Uint};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const OPERATIONS_PER_WORLD: u64 = 200;
/// Each makes a third of a run: with `TIDEMILL_OPERATIONS=300000`, 100,000 of each contract.
const TESTS: u64 = 9;

#[test]
fn crypto_swap_equals_the_naive_model_two_crypto() {
    check(CryptoGeneration::TwoCrypto(TwoCryptoBuild::Factory), "two-crypto", 1);
}

#[test]
fn crypto_swap_equals_the_naive_model_tricrypto2() {
    check(CryptoGeneration::Tricrypto2, "tricrypto2", 2);
}

#[test]
fn crypto_swap_equals_the_naive_model_tricrypto_ng() {
    check(CryptoGeneration::TricryptoNg, "tricrypto-ng", 3);
}

#[test]
fn crypto_swap_equals_the_naive_model_eurt() {
    check(CryptoGeneration::TwoCrypto(TwoCryptoBuild::Eurt), "two-crypto, EURT", 4);
}

#[test]
fn crypto_swap_equals_the_naive_model_crv() {
    check(CryptoGeneration::TwoCrypto(TwoCryptoBuild::Crv), "two-crypto, CRV", 5);
}

#[test]
fn crypto_swap_equals_the_naive_model_cvx() {
    check(CryptoGeneration::TwoCrypto(TwoCryptoBuild::Cvx), "two-crypto, CVX", 6);
}

#[test]
fn crypto_swap_equals_the_naive_model_euroc() {
    check(CryptoGeneration::TwoCrypto(TwoCryptoBuild::Euroc), "two-crypto, EUROC", 7);
}

#[test]
fn crypto_swap_equals_the_naive_model_twocrypto_ng_2_0() {
    let generation = CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_0_0);
    check(generation, "twocrypto-ng v2.0.0", 8);
}

#[test]
fn crypto_swap_equals_the_naive_model_twocrypto_ng_2_1() {
    let generation = CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_1_0);
    check(generation, "twocrypto-ng v2.1.0", 9);
}

fn is_ng(generation: CryptoGeneration) -> bool {
    matches!(generation, CryptoGeneration::TricryptoNg | CryptoGeneration::TwocryptoNg(_))
}

fn check(generation: CryptoGeneration, name: &'static str, part: u64) {
    let worlds = Worlds {
        name,
        stream: part,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    // The older pools refuse only what loses, not what gains nothing: some runs meet none.
    let loses: &[&str] = if is_ng(generation) { &["exchange: loss"] } else { &[] };
    let newest = CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_1_0);
    let ramps: &[&str] =
        if generation == newest { &["ramp: ramp underway"] } else { &["ramp: ramp soon"] };
    let reverts = [&REVERTS[..], loses, ramps].concat();
    let is_two_ng = matches!(generation, CryptoGeneration::TwocryptoNg(_));
    let own: &[&str] = if is_two_ng { &["exchange received"] } else { &["claim"] };
    let operations = [&OPERATIONS[..], own].concat();
    let reached = Reached { operations: &operations, reverts: &reverts };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(generation, seed);
        let mut done = 0;
        while done < most && !(world.is_dead() && world.random.once_in(4)) {
            world.step(tally);
            done += 1;
        }
        done
    });
}

const OPERATIONS: [&str; 10] = [
    "exchange",
    "add",
    "remove",
    "remove one",
    "ramp",
    "stop ramp",
    "give",
    "price scale moved",
    "profit claimed",
    "parameters",
];
const REVERTS: [&str; 3] = ["exchange: x[i]", "exchange: y", "add: x[i]"];

struct World {
    model: CryptoSwap,
    naive: Pool,
    random: Random,
    seed: u64,
    now: u64,
    last: String,
}

fn wide(value: U256) -> Uint {
    Uint::new(BigInt::from_bytes_le(Sign::Plus, &value.to_le_bytes::<32>()))
}

fn narrow(value: &Uint) -> U256 {
    let bytes = BigUint::try_from(value.value().clone()).unwrap().to_bytes_le();
    U256::from_le_slice(&bytes)
}

fn small(value: u64) -> Uint {
    Uint::from(i128::from(value))
}

fn wides(values: &[U256]) -> Vec<Uint> {
    values.iter().copied().map(wide).collect()
}

fn naive_of(state: &CryptoSwapState, now: u64) -> Pool {
    let (kind, build) = match state.generation {
        CryptoGeneration::TwoCrypto(build) => (
            Kind::Two,
            match build {
                TwoCryptoBuild::Eurt => Build::Eurt,
                TwoCryptoBuild::Crv => Build::Crv,
                TwoCryptoBuild::Cvx => Build::Cvx,
                TwoCryptoBuild::Euroc => Build::Euroc,
                TwoCryptoBuild::Factory => Build::Factory,
            },
        ),
        CryptoGeneration::Tricrypto2 => (Kind::Three, Build::Factory),
        CryptoGeneration::TricryptoNg => (Kind::Ng, Build::Factory),
        CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_0_0) => (Kind::TwoNg, Build::V2_0_0),
        CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_1_0) => (Kind::TwoNg, Build::V2_1_0),
    };
    let amounts = |amounts: &TokenAmounts| -> Vec<Uint> {
        amounts.as_slice().iter().map(|amount| wide(amount.0)).collect()
    };
    let pair = |shape: AGamma| [small(shape.a), small(shape.gamma)];
    let parameters = &state.parameters;
    Pool {
        kind,
        build,
        n: state.decimals.len(),
        precisions: state
            .decimals
            .iter()
            .map(|each| old_math::ten(18 - u32::from(*each)))
            .collect(),
        balances: amounts(&state.balances),
        token_balances: amounts(&state.holdings),
        total_supply: wide(state.total_supply.0),
        initial_a_gamma: pair(state.initial_a_gamma),
        future_a_gamma: pair(state.future_a_gamma),
        initial_a_gamma_time: small(state.initial_a_gamma_time.0),
        future_a_gamma_time: small(state.future_a_gamma_time.0),
        mid_fee: small(parameters.mid_fee),
        out_fee: small(parameters.out_fee),
        fee_gamma: small(parameters.fee_gamma),
        admin_fee: small(parameters.admin_fee),
        allowed_extra_profit: small(parameters.allowed_extra_profit),
        adjustment_step: small(parameters.adjustment_step),
        ma_time: small(parameters.ma_time),
        price_scale: wides(&state.price_scale),
        price_oracle: wides(&state.price_oracle),
        last_prices: wides(&state.last_prices),
        last_prices_timestamp: small(state.last_prices_timestamp.0),
        d: wide(state.invariant),
        xcp_profit: wide(state.xcp_profit),
        xcp_profit_a: wide(state.xcp_profit_a),
        virtual_price: wide(state.virtual_price),
        not_adjusted: state.not_adjusted,
        has_receiver: state.has_fee_receiver,
        last_admin_fee_claim_timestamp: small(state.last_admin_fee_claim_timestamp.0),
        admin_lp_virtual_balance: wide(state.admin_lp_virtual_balance.0),
        now: small(now),
    }
}

/// What a naive pool's state would be as one of ours.
fn state_of(pool: &Pool, like: &CryptoSwapState) -> CryptoSwapState {
    let amounts = |values: &[Uint]| {
        let amounts: Vec<_> = values.iter().map(|value| Amount(narrow(value))).collect();
        TokenAmounts::new(&amounts).unwrap()
    };
    let short = |value: &Uint| u64::try_from(narrow(value)).unwrap();
    let shape = |pair: &[Uint; 2]| AGamma { a: short(&pair[0]), gamma: short(&pair[1]) };
    let prices = |values: &[Uint]| values.iter().map(narrow).collect();
    CryptoSwapState {
        generation: like.generation,
        decimals: like.decimals.clone(),
        balances: amounts(&pool.balances),
        holdings: amounts(&pool.token_balances),
        total_supply: Amount(narrow(&pool.total_supply)),
        initial_a_gamma: shape(&pool.initial_a_gamma),
        initial_a_gamma_time: Timestamp(short(&pool.initial_a_gamma_time)),
        future_a_gamma: shape(&pool.future_a_gamma),
        future_a_gamma_time: Timestamp(short(&pool.future_a_gamma_time)),
        parameters: CryptoSwapParameters {
            mid_fee: short(&pool.mid_fee),
            out_fee: short(&pool.out_fee),
            fee_gamma: short(&pool.fee_gamma),
            admin_fee: short(&pool.admin_fee),
            allowed_extra_profit: short(&pool.allowed_extra_profit),
            adjustment_step: short(&pool.adjustment_step),
            ma_time: short(&pool.ma_time),
        },
        price_scale: prices(&pool.price_scale),
        price_oracle: prices(&pool.price_oracle),
        last_prices: prices(&pool.last_prices),
        last_prices_timestamp: Timestamp(short(&pool.last_prices_timestamp)),
        invariant: narrow(&pool.d),
        xcp_profit: narrow(&pool.xcp_profit),
        xcp_profit_a: narrow(&pool.xcp_profit_a),
        virtual_price: narrow(&pool.virtual_price),
        not_adjusted: pool.not_adjusted,
        has_fee_receiver: pool.has_receiver,
        last_admin_fee_claim_timestamp: Timestamp(short(&pool.last_admin_fee_claim_timestamp)),
        admin_lp_virtual_balance: Amount(narrow(&pool.admin_lp_virtual_balance)),
    }
}

fn reason(error: CryptoSwapError) -> &'static str {
    match error {
        CryptoSwapError::Overflow => word::ARITHMETIC,
        CryptoSwapError::NoSuchCoin => "coin",
        CryptoSwapError::NothingPaidIn => "zero in",
        CryptoSwapError::NotGiven => "not given",
        CryptoSwapError::NothingAdded => "nothing added",
        CryptoSwapError::NothingMinted => "nothing minted",
        CryptoSwapError::TooManyShares => "shares",
        CryptoSwapError::UnsafeA => "A",
        CryptoSwapError::UnsafeGamma => "gamma",
        CryptoSwapError::UnsafeInvariant => "D",
        CryptoSwapError::UnsafeBalance => "x0",
        CryptoSwapError::UnsafeRatio => "x[i]",
        CryptoSwapError::UnsafeResult => "y",
        CryptoSwapError::UnpricedInvariant => "D price",
        CryptoSwapError::UnsafePriceScale => "price scale",
        CryptoSwapError::EmptyPool => "empty",
        CryptoSwapError::DidNotConverge => "converge",
        CryptoSwapError::Loss => "loss",
        CryptoSwapError::PriceTooLarge => "price size",
        CryptoSwapError::RampTooSoon => "ramp soon",
        CryptoSwapError::RampUnderway => "ramp underway",
        CryptoSwapError::RampTooShort => "ramp short",
        CryptoSwapError::RampOutOfBounds => "ramp bounds",
        CryptoSwapError::ParametersOutOfBounds => "parameters",
        CryptoSwapError::NoSuchCall => "no call",
    }
}

fn of_pool(error: PoolError) -> &'static str {
    let PoolError::CryptoSwap(error) = error else { panic!("{error}") };
    reason(error)
}

/// About `10^x` for an `x` between the two, in thousandths.
fn scale(random: &mut Random, low: u64, high: u64) -> U256 {
    let places = low + random.below(high - low + 1);
    let unit = U256::from(10).pow(U256::from(places));
    unit / U256::from(1000) * U256::from(1000 + random.below(9000)) + U256::from(random.below(1000))
}

/// Either end of a range, or anything in it.
fn within(random: &mut Random, (low, high): (u64, u64)) -> u64 {
    let between = low + random.below(high - low + 1);
    random.pick(&[low, high, between])
}

fn first_parameters(random: &mut Random, is_ng: bool) -> CryptoSwapParameters {
    let mid_fee = random.pick(&[0, 1_000_000, 3_000_000, 26_000_000]);
    let out_fee = (mid_fee + random.pick(&[0, 1, 19_000_000, 45_000_000])).max(500_000);
    let ma_times = if is_ng { [87, 865, 872_541] } else { [1, 600, 604_799] };
    let admin_fees = if is_ng { [5_000_000_000; 3] } else { [0, 5_000_000_000, 10_000_000_000] };
    CryptoSwapParameters {
        mid_fee,
        out_fee,
        fee_gamma: random.pick(&[
            1,
            230_000_000_000_000,
            500_000_000_000_000,
            10_000_000_000_000_000,
            999_999_999_999_999_999,
        ]),
        admin_fee: random.pick(&admin_fees),
        allowed_extra_profit: random.pick(&[0, 2_000_000_000_000, 1_000_000_000_000_000_000]),
        adjustment_step: random.pick(&[0, 1, 146_000_000_000_000, 2_000_000_000_000_000]),
        ma_time: random.pick(&ma_times),
    }
}

fn first_state(random: &mut Random, generation: CryptoGeneration) -> CryptoSwapState {
    let count = generation.coins();
    let decimals: Vec<u8> = (0..count).map(|_| random.pick(&[18, 18, 18, 6, 8, 2, 0])).collect();
    let is_hostile = random.once_in(8);
    let (a, gamma) = match generation {
        CryptoGeneration::TwoCrypto(_) => {
            ((4_000, 4_000_000_000), (10_000_000_000, 20_000_000_000_000_000))
        }
        CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_0_0) => {
            ((4_000, 40_000_000), (10_000_000_000, 2_000_000_000_000_000))
        }
        CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_1_0) => {
            ((4_000, 40_000_000), (10_000_000_000, 199_000_000_000_000_000))
        }
        CryptoGeneration::Tricrypto2 | CryptoGeneration::TricryptoNg => {
            ((2_700, 270_000_000), (10_000_000_000, 50_000_000_000_000_000))
        }
    };
    let shape = if is_hostile {
        AGamma { a: within(random, a), gamma: within(random, gamma) }
    } else {
        let usual = random.pick(&[
            (400_000, 145_000_000_000_000),
            (1_707_629, 11_809_167_828_997),
            (540_000, 28_000_000_000_000),
            (20_000_000, if a.0 == 4_000 { gamma.1 / 2 } else { 10_000_000_000_000_000 }),
        ]);
        AGamma { a: usual.0, gamma: usual.1 }
    };
    let prices: Vec<U256> = (1..count)
        .map(|_| if is_hostile { scale(random, 3, 33) } else { scale(random, 14, 23) })
        .collect();
    let none = TokenAmounts::zero(count).unwrap();
    CryptoSwapState {
        generation,
        decimals,
        balances: none,
        holdings: none,
        total_supply: Amount::ZERO,
        initial_a_gamma: shape,
        initial_a_gamma_time: Timestamp(0),
        future_a_gamma: shape,
        future_a_gamma_time: Timestamp(0),
        parameters: first_parameters(random, is_ng(generation)),
        price_scale: prices.clone(),
        price_oracle: prices.clone(),
        last_prices: prices,
        last_prices_timestamp: Timestamp(1_700_000_000),
        invariant: U256::ZERO,
        xcp_profit: U256::ZERO,
        xcp_profit_a: U256::from(1_000_000_000_000_000_000_u64),
        virtual_price: U256::ZERO,
        not_adjusted: false,
        has_fee_receiver: generation == CryptoGeneration::Tricrypto2 || !random.once_in(4),
        last_admin_fee_claim_timestamp: Timestamp(0),
        admin_lp_virtual_balance: Amount::ZERO,
    }
}

impl World {
    fn new(generation: CryptoGeneration, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let now = 1_700_000_000;
        let state = first_state(&mut random, generation);
        let model = CryptoSwap::new(&state).unwrap();
        assert_eq!(model.state(), state);
        let naive = naive_of(&state, now);
        Self { model, naive, random, seed, now, last: String::new() }
    }

    fn step(&mut self, tally: &mut Tally) {
        self.pass_time();
        if self.model.state().total_supply.is_zero() && !self.random.once_in(8) {
            self.found(tally);
            return;
        }
        match self.random.below(100) {
            0..=43 => self.exchange(tally),
            44..=49 => self.exchange_received(tally),
            50..=64 => self.add(tally),
            65..=69 => self.remove(tally),
            70..=83 => self.remove_one(tally),
            84..=86 => self.claim(tally),
            87..=90 => self.ramp(tally),
            91..=92 => self.stop_ramp(tally),
            93..=95 => self.give(tally),
            96..=97 => self.set_parameters(tally),
            _ => self.compare_views(),
        }
        if self.random.once_in(8) {
            self.compare_views();
        }
    }

    /// Whether nothing can ever be added again.
    fn is_dead(&self) -> bool {
        let state = self.model.state();
        state.total_supply.is_zero() && !state.invariant.is_zero()
    }

    fn pass_time(&mut self) {
        self.now += match self.random.below(16) {
            0..=4 => 0,
            5..=9 => 12,
            10..=12 => self.random.below(900),
            13 => self.random.below(20_000),
            14 => self.random.below(200_000),
            _ if self.random.once_in(20) => self.random.below(40_000_000),
            _ => 1,
        };
        self.naive.now = small(self.now);
    }

    fn count(&self) -> usize {
        self.model.generation().coins()
    }

    fn coin(&mut self) -> u8 {
        let count = self.count() as u64;
        if self.random.once_in(200) { 3 } else { self.random.below(count) as u8 }
    }

    /// What a value in 10^-18 of the first coin comes to in raw units of a coin.
    fn raw(&self, value: U256, coin: usize) -> U256 {
        let state = self.model.state();
        let wad = U256::from(10).pow(U256::from(18));
        let value =
            if coin == 0 { value } else { value.saturating_mul(wad) / state.price_scale[coin - 1] };
        value / U256::from(10).pow(U256::from(18 - state.decimals[coin]))
    }

    /// An amount of a coin, mostly in proportion to what the pool has.
    fn amount(&mut self, coin: usize) -> U256 {
        let state = self.model.state();
        let held = state.balances.as_slice().get(coin).map_or(U256::ZERO, |amount| amount.0);
        match self.random.below(32) {
            0 => U256::ZERO,
            1 => U256::ONE,
            2 => held,
            3 => held.saturating_add(U256::ONE),
            4 => self.random.wide(256),
            5 => self.random.wide(100),
            6..=8 => self.random.up_to(held.saturating_mul(U256::from(3))),
            9..=18 => self.random.up_to(held / U256::from(20)),
            19..=25 => self.random.up_to(held / U256::from(1000)),
            _ => self.random.up_to(held / U256::from(1_000_000)),
        }
    }

    fn amounts(&mut self) -> Vec<U256> {
        let count = self.count();
        let only = self.random.once_in(2).then(|| self.random.below(count as u64) as usize);
        (0..count)
            .map(
                |coin| {
                    if only.is_some_and(|only| only != coin) {
                        U256::ZERO
                    } else {
                        self.amount(coin)
                    }
                },
            )
            .collect()
    }

    /// The first deposit: mostly of nearly equal values.
    fn found(&mut self, tally: &mut Tally) {
        let value = if self.random.once_in(6) {
            scale(&mut self.random, 14, 32)
        } else {
            scale(&mut self.random, 18, 26)
        };
        let count = self.count();
        let amounts: Vec<_> = (0..count)
            .map(|coin| {
                let percent = if self.random.once_in(6) { 1 + self.random.below(400) } else { 100 };
                self.raw(value * U256::from(percent) / U256::from(100), coin)
            })
            .collect();
        self.add_amounts(&amounts, tally);
    }

    fn exchange(&mut self, tally: &mut Tally) {
        let (i, j) = (self.coin(), self.coin());
        let j = if i == j && !self.random.once_in(20) { (j + 1) % self.count() as u8 } else { j };
        let dx = self.amount(usize::from(i));
        self.last = format!("exchange {i} {j} {dx}");
        let pair = TokenPair { input: TokenIndex(i), output: TokenIndex(j) };
        let before = self.model;
        let quote = before.quote_exchange(pair, Amount(dx), Timestamp(self.now));
        let result = self.model.exchange(pair, Amount(dx), Timestamp(self.now));
        match (&quote, &result) {
            (Ok(quote), Ok(result)) => assert_eq!(quote, result),
            (Err(quote), Err(result)) => assert_eq!(quote, result),
            (Err(quote), Ok(_)) => panic!("quote refused: {quote}"),
            (Ok(_), Err(_)) => tally.count("quoted, but not to be had"),
        }
        if before.state().price_scale != self.model.state().price_scale {
            tally.count("price scale moved");
        }
        let (i, j) = (usize::from(i), usize::from(j));
        let ours = result.map(|quote| quote.amount_out.0).map_err(reason);
        let dx = wide(dx);
        self.settle("exchange", ours, tally, |pool| pool.exchange(i, j, &dx));
    }

    fn exchange_received(&mut self, tally: &mut Tally) {
        let (i, j) = (self.coin(), self.coin());
        let given = self.amount(usize::from(i)) / U256::from(8);
        let none = TokenAmounts::zero(self.count()).unwrap();
        if let Some(gift) = TokenAmounts::of(none.len(), TokenIndex(i), Amount(given))
            && self.model.give(&gift).is_ok()
        {
            let held = &mut self.naive.token_balances[usize::from(i)];
            *held = held.clone() + wide(given);
        }
        let dx = if self.random.once_in(8) { given + U256::ONE } else { given };
        self.last = format!("exchange received {i} {j} {dx} of {given}");
        let pair = TokenPair { input: TokenIndex(i), output: TokenIndex(j) };
        let result = self.model.exchange_received(pair, Amount(dx), Timestamp(self.now));
        let (i, j) = (usize::from(i), usize::from(j));
        let ours = result.map(|quote| quote.amount_out.0).map_err(reason);
        let dx = wide(dx);
        self.settle("exchange received", ours, tally, |pool| pool.exchange_received(i, j, &dx));
    }

    fn add(&mut self, tally: &mut Tally) {
        let amounts = self.amounts();
        self.add_amounts(&amounts, tally);
    }

    fn add_amounts(&mut self, amounts: &[U256], tally: &mut Tally) {
        self.last = format!("add {amounts:?}");
        let ours = self.model.add_liquidity(&token_amounts(amounts), Timestamp(self.now));
        let ours = ours.map(|shares| shares.0).map_err(of_pool);
        let amounts = wides(amounts);
        self.settle("add", ours, tally, |pool| pool.add_liquidity(&amounts));
    }

    fn shares(&mut self) -> U256 {
        let supply = self.model.state().total_supply.0;
        match self.random.below(40) {
            0 => U256::ZERO,
            1 => U256::ONE,
            2 => supply,
            3 => supply.saturating_add(U256::ONE),
            4 => supply.saturating_sub(U256::ONE),
            5 => self.random.wide(256),
            6..=10 => self.random.up_to(supply),
            11..=30 => self.random.up_to(supply / U256::from(20)),
            _ => self.random.up_to(supply / U256::from(10_000)),
        }
    }

    fn remove(&mut self, tally: &mut Tally) {
        let shares = self.shares();
        let claim = if self.random.once_in(3) { ClaimFirst::No } else { ClaimFirst::Yes };
        self.last = format!("remove {shares} {claim:?}");
        let ours = self.model.remove_liquidity(Amount(shares), claim, Timestamp(self.now));
        let paid = ours.map(|paid| paid.as_slice().iter().map(|paid| paid.0).collect::<Vec<_>>());
        let shares = wide(shares);
        let ours = paid.clone().map(|paid| paid[0]).map_err(reason);
        self.settle("remove", ours, tally, |pool| {
            let theirs = pool.remove_liquidity(&shares, claim == ClaimFirst::Yes)?;
            assert_eq!(theirs.iter().map(narrow).collect::<Vec<_>>(), paid.unwrap_or_default());
            Ok(theirs[0].clone())
        });
    }

    fn remove_one(&mut self, tally: &mut Tally) {
        let (shares, coin) = (self.shares(), self.coin());
        self.last = format!("remove {shares} in {coin}");
        let at = Timestamp(self.now);
        let ours = self.model.remove_liquidity_one_coin(Amount(shares), TokenIndex(coin), at);
        let ours = ours.map(|paid| paid.0).map_err(reason);
        let (shares, coin) = (wide(shares), usize::from(coin));
        if self.model.state().last_admin_fee_claim_timestamp == at {
            tally.count("profit claimed");
        }
        self.settle("remove one", ours, tally, |pool| {
            pool.remove_liquidity_one_coin(&shares, coin)
        });
    }

    fn claim(&mut self, tally: &mut Tally) {
        "claim".clone_into(&mut self.last);
        let before = self.model.state().total_supply;
        let ours = self.model.claim_admin_fees(Timestamp(self.now)).map_err(reason);
        if self.model.state().total_supply != before {
            tally.count("profit claimed");
        }
        let ours = ours.map(|()| U256::ZERO);
        self.settle("claim", ours, tally, |pool| pool.claim_admin_fees().map(|()| small(0)));
    }

    fn ramp(&mut self, tally: &mut Tally) {
        let now = self.model.state().future_a_gamma;
        let near = |random: &mut Random, value: u64| match random.below(6) {
            0 => value.saturating_mul(10),
            1 => value / 10,
            2 => random.next_u64() >> random.below(64),
            _ => value / 2 + random.below(value.max(2)),
        };
        let future =
            AGamma { a: near(&mut self.random, now.a), gamma: near(&mut self.random, now.gamma) };
        let length = self.random.pick(&[86_399, 86_400, 90_000, 600_000]);
        let end = self.now + length;
        self.last = format!("ramp to {future:?} in {length}");
        let ours = self.model.ramp_a_gamma(future, Timestamp(end), Timestamp(self.now));
        let ours = ours.map(|()| U256::ZERO).map_err(reason);
        self.settle("ramp", ours, tally, |pool| {
            pool.ramp([small(future.a), small(future.gamma)], &small(end)).map(|()| small(0))
        });
    }

    fn stop_ramp(&mut self, tally: &mut Tally) {
        "stop ramp".clone_into(&mut self.last);
        let ours = self.model.stop_ramp_a_gamma(Timestamp(self.now));
        let ours = ours.map(|()| U256::ZERO).map_err(reason);
        self.settle("stop ramp", ours, tally, |pool| pool.stop_ramp().map(|()| small(0)));
    }

    fn give(&mut self, tally: &mut Tally) {
        let count = self.count();
        let gift: Vec<_> = (0..count)
            .map(|coin| {
                let held = self.model.state().balances.as_slice()[coin].0;
                self.random.up_to(held / U256::from(1000))
            })
            .collect();
        self.last = format!("give {gift:?}");
        self.model.give(&token_amounts(&gift)).unwrap();
        self.settle("give", Ok(U256::ZERO), tally, |pool| {
            for (held, gift) in pool.token_balances.iter_mut().zip(&gift) {
                *held = (held.clone() + wide(*gift)).end()?;
            }
            Ok(small(0))
        });
    }

    fn set_parameters(&mut self, tally: &mut Tally) {
        let mut parameters = self.model.state().parameters;
        let is_ng = is_ng(self.model.generation());
        parameters.mid_fee = self.random.pick(&[0, 500_000, 5_000_000]);
        parameters.out_fee = parameters.mid_fee.max(500_000) + self.random.below(50_000_000);
        parameters.adjustment_step = self.random.below(10_000_000_000_000_000);
        if !is_ng && self.random.once_in(2) {
            parameters.admin_fee = self.random.below(10_000_000_001);
        }
        self.last = format!("{parameters:?}");
        let ours = self.model.apply_parameters(&parameters, Timestamp(self.now));
        let ours = ours.map(|()| U256::ZERO).map_err(reason);
        self.settle("parameters", ours, tally, |pool| {
            let admin_fee = small(parameters.admin_fee);
            if pool.admin_fee != admin_fee {
                pool.claim_admin_fees()?;
                pool.admin_fee = admin_fee;
            }
            pool.mid_fee = small(parameters.mid_fee);
            pool.out_fee = small(parameters.out_fee);
            pool.adjustment_step = small(parameters.adjustment_step);
            Ok(small(0))
        });
    }

    /// Does the same to the naive pool, and compares answer, refusal and state.
    fn settle(
        &mut self,
        operation: &str,
        ours: Answer<U256>,
        tally: &mut Tally,
        theirs: impl FnOnce(&mut Pool) -> Answer<Uint>,
    ) {
        let mut after = self.naive.clone();
        let theirs = theirs(&mut after).map(|value| narrow(&value));
        match theirs {
            Ok(_) => {
                self.naive = after;
                tally.count(operation);
            }
            Err(reason) => tally.revert(operation, reason),
        }
        let context = || format!("after {} (world {})", self.last, self.seed);
        assert_eq!(ours, theirs, "model and naive model, {}", context());
        let state = self.model.state();
        assert_eq!(state, state_of(&self.naive, &state), "state {}", context());
    }

    fn compare_views(&mut self) {
        let at = Timestamp(self.now);
        let (i, j) = (self.coin(), self.coin());
        let pair = TokenPair { input: TokenIndex(i), output: TokenIndex(j) };
        let (i, j) = (usize::from(i), usize::from(j));
        let amount = self.amount(i);
        let wanted = self.amount(j);
        let amounts = self.amounts();
        let shares = self.shares();
        let is_deposit = self.random.once_in(2);
        let (pool, naive) = (&self.model, &self.naive);
        let compare = |what: &str, ours: Answer<U256>, theirs: Answer<Uint>| {
            let theirs = theirs.map(|value| narrow(&value));
            assert_eq!(ours, theirs, "{what} after {} (world {})", self.last, self.seed);
        };
        let ours = pool.get_dy(pair, Amount(amount), at).map(|dy| dy.0).map_err(reason);
        compare("get_dy", ours, naive.get_dy(i, j, &wide(amount)));
        let ours = pool.get_dx(pair, Amount(wanted), at).map(|dx| dx.0).map_err(reason);
        compare("get_dx", ours, naive.get_dx(i, j, &wide(wanted)));
        let ours = pool.calc_token_amount(&token_amounts(&amounts), is_deposit, at);
        let ours = ours.map(|shares| shares.0).map_err(of_pool);
        compare("calc_token_amount", ours, naive.calc_token_amount(&wides(&amounts), is_deposit));
        let ours = pool.calc_withdraw_one_coin(Amount(shares), TokenIndex(i as u8), at);
        let ours = ours.map(|paid| paid.0).map_err(reason);
        compare("calc_withdraw_one_coin", ours, naive.calc_withdraw_one_coin(&wide(shares), i));
        compare("fee", pool.fee().map_err(reason), naive.fee());
        let ours = pool.get_virtual_price().map_err(reason);
        compare("get_virtual_price", ours, naive.get_virtual_price());
        compare("lp_price", pool.lp_price(at).map_err(reason), naive.lp_price());
        if pool.generation() != CryptoGeneration::Tricrypto2 {
            let ours = pool.price_oracle(TokenIndex(1), at).map_err(reason);
            compare("price_oracle", ours, naive.shown_oracle().map(|prices| prices[0].clone()));
        }
        let ours = pool.a_gamma(at).map(|shape| U256::from(shape.gamma)).map_err(reason);
        compare("gamma", ours, naive.a_gamma().map(|[_, gamma]| gamma));
    }
}

fn token_amounts(amounts: &[U256]) -> TokenAmounts {
    let amounts: Vec<_> = amounts.iter().copied().map(Amount).collect();
    TokenAmounts::new(&amounts).unwrap()
}
