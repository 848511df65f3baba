//! Stableswap-ng pools beside a naive model in big integers: no package carries their bytecode.

pub(crate) mod naive;

use num_bigint::{BigInt, BigUint};
use tidemill_amm::SharePool;
use tidemill_amm::stable_swap_ng::{
    Direction, Exchange, StableSwapNg, StableSwapNgError, StableSwapNgState, Withdrawal,
};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::double::{Double, Doubled};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};
use naive::{NaivePool, Refusable, big, unpack};

const TESTS: u64 = 4;
const OPERATIONS_PER_WORLD: u64 = 100;
/// Refusals one after the other that end a world: it is then past repair.
const MOST_REFUSED: u32 = 12;
const WAD: u64 = 1_000_000_000_000_000_000;

#[test]
fn stable_swap_ng_equals_the_naive_model_first_quarter() {
    check_sequences("stableswap-ng, first quarter", 1);
}

#[test]
fn stable_swap_ng_equals_the_naive_model_second_quarter() {
    check_sequences("stableswap-ng, second quarter", 2);
}

#[test]
fn stable_swap_ng_equals_the_naive_model_third_quarter() {
    check_sequences("stableswap-ng, third quarter", 3);
}

#[test]
fn stable_swap_ng_equals_the_naive_model_fourth_quarter() {
    check_sequences("stableswap-ng, fourth quarter", 4);
}

fn check_sequences(name: &'static str, part: u64) {
    let worlds = Worlds {
        name,
        stream: part,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        let mut done = 0;
        while done < most && world.double.refused < MOST_REFUSED {
            world.step(tally);
            done += 1;
        }
        done
    });
}

#[test]
fn exponential_equals_its_published_values() {
    let check = |x: &str, expected: u64| {
        let x: BigInt = x.parse().unwrap();
        assert_eq!(naive::exp(&x), BigInt::from(expected), "exp({x})");
    };
    // The values that the test suite of Solmate's `wadExp` pins.
    check("-3000000000000000000", 49_787_068_367_863_942);
    check("-2000000000000000000", 135_335_283_236_612_691);
    check("-1000000000000000000", 367_879_441_171_442_321);
    check("-500000000000000000", 606_530_659_712_633_423);
    check("-300000000000000000", 740_818_220_681_717_866);
    check("0", WAD);
    check("-41446531673892822313", 0);
    check("-41446531673892822312", 1);
}

/// A nearly drained pool that a deposit in proportion and back gains a little of: by the contract's
/// own rounding, since the naive model gives the same numbers.
#[test]
fn a_unit_that_rounding_lends_a_scarce_coin_is_worth_its_price() {
    let list = |values: [u128; 3]| amounts(&values.map(U256::from));
    let now = 1_721_555_717;
    let mut random = Random::new(1);
    let state = StableSwapNgState {
        asset_types: vec![0, 1, 0],
        stored_rates: list([1, 1, 1_000_000_000_000].map(|rate| rate * u128::from(WAD)))
            .checked_add(&list([0, u128::from(WAD / 10), 0]))
            .unwrap(),
        token_balances: list([2_737_438_252_964_574_211_923_734, SCARCE, 1_369_289_383_363]),
        stored_balances: list([2_737_438_252_964_574_211_923_734, SCARCE, 1_369_289_383_363]),
        admin_balances: list([4_027_769_971_456_748_844, SCARCE_FEES, 813_221]),
        total_supply: Amount::from_u128(3_383_415_978_555_334_062_425_706),
        initial_a: 20_000,
        future_a: 20_000,
        fee: 4_000_000,
        offpeg_fee_multiplier: U256::from(20_000_000_000_u64),
        ..fresh_state(&mut random, 3, now)
    };
    let mut pool = StableSwapNg::new(&state).unwrap();
    let mut naive = naive(&state, now);
    let (given, at) = (pool.balances().unwrap(), Timestamp(now));
    // At a rate of 1.1, twice the scarce coin scales to one unit more than twice.
    let scaled = |amount: u128| amount * 11 / 10;
    assert_eq!(scaled(2 * (SCARCE - SCARCE_FEES)), 2 * scaled(SCARCE - SCARCE_FEES) + 1);
    let shares = pool.add_liquidity(&given, Amount::ZERO, at).unwrap().shares;
    assert_eq!(naive.add_liquidity(&bigs(&given), &big(0)), Ok(to_big(shares.0)));
    let least = list([0; 3]);
    let withdrawal = Withdrawal { shares, least, claims_admin_fees: true };
    let taken = pool.remove_liquidity(&withdrawal, at).unwrap();
    let theirs = naive.remove_liquidity(&to_big(shares.0), &bigs(&least), true);
    assert_eq!(theirs, Ok(bigs(&taken)));
    let gain = taken.as_slice()[0].0 - given.as_slice()[0].0;
    assert_eq!(gain, U256::from(53));
    // No more than what the unit is worth.
    let pair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };
    let price = pool.spot_price(pair, at).unwrap();
    assert!(gain <= price.convert(Amount::from_u64(1)).unwrap().0);
}

const SCARCE: u128 = 2_884_611_360_558_841_060_997;
const SCARCE_FEES: u128 = 177_250_845_886_847_576_829;

const OPERATIONS: [&str; 18] = [
    "exchange",
    "exchange received",
    "add",
    "add first",
    "remove",
    "remove imbalance",
    "remove one coin",
    "withdraw admin fees",
    "ramp",
    "stop ramp",
    "set fee",
    "set admin fee",
    "set windows",
    "set rates",
    "give",
    "rebase",
    "quote",
    "quote exact out",
];
const REVERTS: [&str; 25] = [
    "exchange: Overflow",
    "exchange: Underflow",
    "exchange: DivisionByZero",
    "exchange: SameCoin",
    "exchange: NoSuchCoin",
    "exchange: NoInput",
    "exchange: ExchangeTooSmall",
    "exchange received: ReceivedTooLittle",
    "exchange received: ReceivedRebasing",
    "add: FirstDepositIncomplete",
    "add: InvariantNotRaised",
    "add: Slippage",
    "add: WrongCoinCount",
    "remove: NothingBurned",
    "remove: WithdrawalTooSmall",
    "remove: Underflow",
    "remove imbalance: NothingBurned",
    "remove imbalance: Slippage",
    "remove one coin: OneCoinTooSmall",
    "remove one coin: NothingBurned",
    "ramp: RampTooSoon",
    "ramp: RampTooShort",
    "ramp: RampTooSteep",
    "set fee: MultiplierTooHigh",
    "set windows: NoWindow",
];

pub(crate) fn to_big(value: U256) -> BigUint {
    BigUint::from_bytes_le(&value.to_le_bytes::<32>())
}

pub(crate) fn bigs(amounts: &TokenAmounts) -> Vec<BigUint> {
    amounts.as_slice().iter().map(|amount| to_big(amount.0)).collect()
}

pub(crate) fn amounts(values: &[U256]) -> TokenAmounts {
    let values: Vec<_> = values.iter().map(|value| Amount(*value)).collect();
    TokenAmounts::new(&values).unwrap()
}

/// Returns the naive pool of a state.
pub(crate) fn naive(state: &StableSwapNgState, now: u64) -> NaivePool {
    let pack = |low: BigUint, high: BigUint| low + (high << 128_u32);
    let prices = bigs(&state.last_prices).into_iter().zip(bigs(&state.ema_prices));
    NaivePool {
        asset_types: state.asset_types.clone(),
        rates: bigs(&state.stored_rates),
        token_balances: bigs(&state.token_balances),
        stored_balances: bigs(&state.stored_balances),
        admin_balances: bigs(&state.admin_balances),
        total_supply: to_big(state.total_supply.0),
        initial_a: big(state.initial_a),
        future_a: big(state.future_a),
        initial_a_time: state.initial_a_time.0,
        future_a_time: state.future_a_time.0,
        fee: big(state.fee),
        offpeg: to_big(state.offpeg_fee_multiplier),
        admin_fee: big(state.admin_fee),
        ma_exp_time: to_big(state.ma_exp_time),
        d_ma_time: to_big(state.d_ma_time),
        last_prices_packed: prices.map(|(last, average)| pack(last, average)).collect(),
        last_d_packed: pack(to_big(state.last_d.0), to_big(state.ema_d.0)),
        ma_last_time: pack(big(state.ma_last_time_p.0), big(state.ma_last_time_d.0)),
        now,
    }
}

/// The pool and its naive double.
struct World {
    pool: StableSwapNg,
    double: Double<NaivePool>,
    random: Random,
    now: u64,
    count: usize,
    /// Bits that amounts of each coin mostly have at most.
    scale: Vec<u64>,
}

impl Doubled for World {
    type Naive = NaivePool;
    type Error = StableSwapNgError;

    fn reason(error: &StableSwapNgError) -> Option<&'static str> {
        error.reason()
    }

    fn state(&self) -> NaivePool {
        naive(&self.pool.state(), self.now)
    }

    fn double(&mut self) -> &mut Double<NaivePool> {
        &mut self.double
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let count = 2 + random.below(7) as usize;
        let now = random.pick(&[1_600_000_000, 1_700_000_000, 90_000]);
        let is_hostile = random.once_in(8);
        let mut state = fresh_state(&mut random, count, now);
        if is_hostile {
            disturb(&mut random, &mut state, now);
        }
        // One value in all coins, from dust to far past what any token has.
        let value = if is_hostile { 2 + random.below(140) } else { 10 + random.below(80) };
        let rates = state.stored_rates.as_slice().iter();
        let scale =
            rates.map(|rate| (value + 60).saturating_sub(rate.0.bit_len() as u64)).collect();
        let pool = StableSwapNg::new(&state).unwrap_or_else(|error| panic!("{error}: {state:?}"));
        assert_eq!(pool.state(), state);
        let double = Double::new(naive(&state, now), seed);
        Self { pool, double, random, now, count, scale }
    }

    fn step(&mut self, tally: &mut Tally) {
        self.pass_time();
        // An empty pool refuses nearly all else.
        if self.pool.total_shares().is_zero() && !self.random.once_in(8) {
            self.add(tally);
            return;
        }
        match self.random.below(100) {
            0..36 => self.exchange(tally),
            36..54 => self.add(tally),
            54..62 => self.remove(tally),
            62..70 => self.remove_imbalance(tally),
            70..78 => self.remove_one_coin(tally),
            78..80 => self.take_admin_fees(tally),
            80..84 => self.ramp(tally),
            84..90 => self.settings(tally),
            90..96 => self.move_tokens(tally),
            _ => self.quote(tally),
        }
        self.compare_views();
    }

    fn pass_time(&mut self) {
        self.now += match self.random.below(16) {
            0..4 => 0,
            4..10 => self.random.below(600),
            10..15 => self.random.below(200_000),
            _ => self.random.below(1 << 34),
        };
        self.double.naive.now = self.now;
    }

    fn at(&self) -> Timestamp {
        Timestamp(self.now)
    }

    /// Mostly about a part of what the pool has, sometimes anything.
    fn amount(&mut self, coin: usize) -> U256 {
        let held = self.pool.state().token_balances.as_slice()[coin].0;
        match self.random.below(24) {
            0 if self.random.once_in(4) => self.random.wide(256),
            0 | 1 => U256::from(self.random.below(4)),
            2 => held,
            3 => held.saturating_add(U256::ONE),
            4..12 => {
                let bits = self.scale[coin];
                self.random.wide(bits.min(256))
            }
            _ => {
                let held = held >> self.random.below(24) as usize;
                self.random.up_to(held)
            }
        }
    }

    fn amounts(&mut self) -> TokenAmounts {
        let is_empty = self.pool.total_shares().is_zero();
        let kind = if is_empty { 2 + self.random.below(12) } else { self.random.below(8) };
        let chosen = self.random.below(self.count as u64) as usize;
        let spread = self.random.below(20) as usize;
        let held = self.pool.state().token_balances;
        let mut values = vec![];
        for coin in 0..self.count {
            values.push(match kind {
                0 => self.amount(coin),
                1..3 if coin == chosen => self.amount(coin),
                1..3 => U256::ZERO,
                3..5 | 8.. => {
                    let bits = self.scale[coin].min(255) as usize;
                    U256::ONE << bits
                }
                5 => held.as_slice()[coin].0 >> spread,
                6 => U256::from(self.random.below(3)),
                _ => {
                    let bits = self.scale[coin].min(256);
                    self.random.wide(bits)
                }
            });
        }
        if self.random.once_in(200) {
            values.pop();
        }
        amounts(&values)
    }

    fn pair(&mut self) -> TokenPair {
        let count = self.count as u64 + u64::from(self.random.once_in(40));
        let input = self.random.below(count) as u8;
        let mut output = self.random.below(count) as u8;
        if input == output && !self.random.once_in(20) {
            output = (input + 1) % self.count as u8;
        }
        TokenPair { input: TokenIndex(input), output: TokenIndex(output) }
    }

    /// A bound that mostly holds.
    fn least(&mut self) -> U256 {
        match self.random.below(10) {
            0 => U256::MAX,
            1 => self.random.wide(90),
            _ => U256::ZERO,
        }
    }

    fn shares(&mut self) -> U256 {
        let supply = self.pool.state().total_supply.0;
        match self.random.below(10) {
            0 => supply,
            1 => supply.saturating_add(U256::ONE),
            2 => U256::from(self.random.below(3)),
            3 => self.random.wide(256),
            _ => {
                let most = supply >> self.random.below(20) as usize;
                self.random.up_to(most)
            }
        }
    }

    fn exchange(&mut self, tally: &mut Tally) {
        let (pair, at) = (self.pair(), self.at());
        let is_received = self.random.once_in(6);
        let coin = pair.input.place().min(self.count - 1);
        let amount = self.amount(coin);
        if is_received && self.random.once_in(2) {
            let mut gift = vec![U256::ZERO; self.count];
            gift[coin] = amount;
            let gift = amounts(&gift);
            let ours = self.pool.give(&gift);
            let theirs = self.naively(|pool| give(pool, &bigs(&gift)));
            self.settle(tally, "give", ours, theirs);
        }
        let exchange =
            Exchange { pair, amount_in: Amount(amount), least_out: Amount(self.least()) };
        let act =
            if is_received { StableSwapNg::exchange_received } else { StableSwapNg::exchange };
        let ours = act(&mut self.pool, &exchange, at)
            .map(|done| (to_big(done.amount_in.0), to_big(done.amount_out.0)));
        let places = (pair.input.place(), pair.output.place());
        let least = to_big(exchange.least_out.0);
        let theirs =
            self.naively(|pool| pool.exchange(places, &to_big(amount), &least, is_received));
        let name = if is_received { "exchange received" } else { "exchange" };
        self.settle(tally, name, ours, theirs);
    }

    fn add(&mut self, tally: &mut Tally) {
        let (amounts, least, at) = (self.amounts(), self.least(), self.at());
        let is_first = self.pool.total_shares().is_zero();
        let ours = self.pool.add_liquidity(&amounts, Amount(least), at);
        let ours = ours.map(|minted| to_big(minted.shares.0));
        if is_first && ours.is_ok() {
            tally.count("add first");
        }
        let theirs = self.naively(|pool| pool.add_liquidity(&bigs(&amounts), &to_big(least)));
        self.settle(tally, "add", ours, theirs);
    }

    fn remove(&mut self, tally: &mut Tally) {
        let (shares, at) = (self.shares(), self.at());
        let mut least = vec![U256::ZERO; self.count];
        least[0] = self.least();
        let claims_admin_fees = !self.random.once_in(3);
        let withdrawal =
            Withdrawal { shares: Amount(shares), least: amounts(&least), claims_admin_fees };
        let ours = self.pool.remove_liquidity(&withdrawal, at).map(|paid| bigs(&paid));
        let least = bigs(&withdrawal.least);
        let theirs =
            self.naively(|pool| pool.remove_liquidity(&to_big(shares), &least, claims_admin_fees));
        self.settle(tally, "remove", ours, theirs);
    }

    fn remove_imbalance(&mut self, tally: &mut Tally) {
        let (amounts, at) = (self.amounts(), self.at());
        let most = if self.random.once_in(5) { self.shares() } else { U256::MAX };
        let ours = self.pool.remove_liquidity_imbalance(&amounts, Amount(most), at);
        let ours = ours.map(|burned| to_big(burned.shares.0));
        let theirs =
            self.naively(|pool| pool.remove_liquidity_imbalance(&bigs(&amounts), &to_big(most)));
        self.settle(tally, "remove imbalance", ours, theirs);
    }

    fn remove_one_coin(&mut self, tally: &mut Tally) {
        let (shares, least, at) = (self.shares(), self.least(), self.at());
        let coin = self.pair().input;
        let ours = self.pool.remove_liquidity_one_coin(Amount(shares), coin, Amount(least), at);
        let ours = ours.map(|paid| to_big(paid.amount.0));
        let (shares, least) = (to_big(shares), to_big(least));
        let theirs =
            self.naively(|pool| pool.remove_liquidity_one_coin(&shares, coin.place(), &least));
        self.settle(tally, "remove one coin", ours, theirs);
    }

    fn take_admin_fees(&mut self, tally: &mut Tally) {
        let ours = self.pool.withdraw_admin_fees().map(|_| ());
        let theirs = self.naively(NaivePool::withdraw_admin_fees);
        self.settle(tally, "withdraw admin fees", ours, theirs);
    }

    fn ramp(&mut self, tally: &mut Tally) {
        let at = self.at();
        if self.random.once_in(3) {
            let ours = self.pool.stop_ramp_a(at);
            let theirs = self.naively(NaivePool::stop_ramp_a);
            return self.settle(tally, "stop ramp", ours, theirs);
        }
        let current = u64::try_from(self.pool.amplification(at).unwrap()).unwrap() / 100;
        let future = match self.random.below(8) {
            0 => self.random.below(1_000_001),
            1 => current * 10,
            2 => current * 10 + 1,
            3 => current / 10,
            _ => current * (1 + self.random.below(40)) / 10,
        };
        let length = self.random.pick(&[86_399, 86_400, 100_000, 1_000_000]);
        let ends = self.now + length + self.random.below(2);
        let ours = self.pool.ramp_a(future, Timestamp(ends), at);
        let theirs = self.naively(|pool| pool.ramp_a(future, ends));
        self.settle(tally, "ramp", ours, theirs);
    }

    fn settings(&mut self, tally: &mut Tally) {
        match self.random.below(4) {
            0 | 1 => {
                let fee = fee(&mut self.random);
                let multiplier = multiplier(&mut self.random);
                let ours = self.pool.set_new_fee(fee, multiplier);
                let theirs = self.naively(|pool| pool.set_new_fee(fee, &to_big(multiplier)));
                self.settle(tally, "set fee", ours, theirs);
            }
            2 => {
                let fee = self.random.pick(&[0, 1, 5_000_000_000, 5_000_000_001, 2_500_000_000]);
                let ours = self.pool.set_new_admin_fee(fee);
                let theirs = self.naively(|pool| {
                    pool.admin_fee = big(fee);
                    if fee > 5_000_000_000 { Err("") } else { Ok(()) }
                });
                self.settle(tally, "set admin fee", ours, theirs);
            }
            _ => {
                let price = window(&mut self.random);
                let d = window(&mut self.random);
                let ours = self.pool.set_ma_exp_time(price, d);
                let theirs = self.naively(|pool| pool.set_ma_exp_time(&to_big(price), &to_big(d)));
                self.settle(tally, "set windows", ours, theirs);
            }
        }
    }

    /// Rates, gifts and rebases: what the world does to a pool past its calls.
    fn move_tokens(&mut self, tally: &mut Tally) {
        match self.random.below(4) {
            0 | 1 => {
                let mut rates = self.pool.state().stored_rates;
                for rate in rates.as_mut_slice() {
                    let moved =
                        rate.0 / U256::from(100_000) * U256::from(99_990 + self.random.below(30));
                    rate.0 = moved.max(U256::ONE);
                }
                let ours = self.pool.set_rates(&rates);
                let theirs = self.naively(|pool| {
                    pool.rates = bigs(&rates);
                    Ok(())
                });
                self.settle(tally, "set rates", ours, theirs);
            }
            2 => {
                let gift = self.amounts();
                if gift.len() == self.count {
                    let ours = self.pool.give(&gift);
                    let theirs = self.naively(|pool| give(pool, &bigs(&gift)));
                    self.settle(tally, "give", ours, theirs);
                }
            }
            _ => {
                let types = self.pool.state().asset_types;
                let Some(coin) = types.iter().position(|kind| *kind == 2) else { return };
                let held = self.pool.state().token_balances.as_slice()[coin].0;
                let balance = match self.random.below(20) {
                    0 => self.amount(coin),
                    _ => held / U256::from(1000) * U256::from(990 + self.random.below(30)),
                };
                let ours = self.pool.rebase(TokenIndex(coin as u8), Amount(balance));
                let theirs = self.naively(|pool| {
                    pool.token_balances[coin] = to_big(balance);
                    Ok(())
                });
                self.settle(tally, "rebase", ours, theirs);
            }
        }
    }

    /// The common trait: a quote is what the swap then does; an exact output costs the least input.
    fn quote(&mut self, tally: &mut Tally) {
        use tidemill_amm::{SwapAmount, Trade};
        let (pair, at) = (self.pair(), self.at());
        let amount = Amount(self.amount(pair.output.place().min(self.count - 1)));
        let is_exact_out = self.random.once_in(2);
        let amount =
            if is_exact_out { SwapAmount::ExactOut(amount) } else { SwapAmount::ExactIn(amount) };
        let trade = Trade { pair, amount };
        let quote = self.pool.quote(&trade, at);
        let before = self.pool.state();
        let swapped = self.pool.swap(&trade, at);
        match (quote, swapped) {
            (Ok(quote), Ok(swapped)) => {
                assert_eq!(quote, swapped);
                if let SwapAmount::ExactOut(wanted) = amount {
                    assert!(quote.amount_out >= wanted);
                }
                let places = (pair.input.place(), pair.output.place());
                let paid = to_big(quote.amount_in.0);
                let theirs = self.naively(|pool| pool.exchange(places, &paid, &big(0), false));
                let ours = Ok((paid, to_big(quote.amount_out.0)));
                let name = if is_exact_out { "quote exact out" } else { "quote" };
                self.settle(tally, name, ours, theirs);
            }
            (_, Ok(swapped)) => {
                panic!("swapped {swapped:?} without a quote, world {}", self.double.seed)
            }
            // What only the swap meets: an oracle or token that refuses.
            (_, Err(_)) => assert_eq!(self.pool.state(), before),
        }
    }

    #[allow(clippy::needless_pass_by_value, reason = "an answer is used once")]
    fn check_view(&self, name: &str, ours: View, theirs: Refusable<Vec<BigUint>>) {
        let ours = ours.map_err(|error| error.reason().unwrap_or(""));
        assert_eq!(ours, theirs, "{name}, world {}", self.double.seed);
    }

    /// Compares the oracles, and one of the other views.
    fn compare_views(&mut self) {
        let at = self.at();
        let prices = self.pool.price_oracle(at).map(|prices| bigs(&prices));
        self.check_view("price_oracle", prices, Ok(self.double.naive.price_oracle()));
        self.check_view(
            "D_oracle",
            self.pool.d_oracle(at).map(one),
            Ok(vec![self.double.naive.d_oracle()]),
        );
        let (last, average): (Vec<_>, Vec<_>) =
            self.double.naive.last_prices_packed.iter().map(unpack).unzip();
        self.check_view("last_price", Ok(bigs(&self.pool.last_price())), Ok(last));
        self.check_view("ema_price", Ok(bigs(&self.pool.ema_price())), Ok(average));
        match self.random.below(8) {
            0..2 => self.compare_quotes(at),
            2 | 3 => {}
            4 => {
                let ours = self.pool.get_virtual_price(at).map(one);
                self.check_view(
                    "virtual price",
                    ours,
                    self.double.naive.virtual_price().map(|v| vec![v]),
                );
                let ours = self.pool.get_p(at).map(|prices| bigs(&prices));
                self.check_view("get_p", ours, self.double.naive.get_p());
            }
            5 | 6 => {
                let amounts = self.amounts();
                if amounts.len() == self.count {
                    self.compare_token_amount(&amounts, at);
                }
            }
            _ => self.compare_one_coin(at),
        }
    }

    fn compare_quotes(&mut self, at: Timestamp) {
        let pair = self.pair();
        let places = (pair.input.place(), pair.output.place());
        let dx = self.amount(places.0.min(self.count - 1));
        let theirs = self.double.naive.get_dy(places, &to_big(dx)).map(|dy| vec![dy]);
        self.check_view("get_dy", self.pool.get_dy(pair, Amount(dx), at).map(one), theirs);
        let dy = self.amount(places.1.min(self.count - 1));
        let theirs = self.double.naive.get_dx(places, &to_big(dy)).map(|dx| vec![dx]);
        self.check_view("get_dx", self.pool.get_dx(pair, Amount(dy), at).map(one), theirs);
        let ours = self.pool.dynamic_fee(pair).map(|fee| vec![to_big(fee)]);
        self.check_view(
            "dynamic_fee",
            ours,
            self.double.naive.dynamic_fee(places).map(|fee| vec![fee]),
        );
    }

    fn compare_token_amount(&self, amounts: &TokenAmounts, at: Timestamp) {
        for direction in [Direction::Deposit, Direction::Withdrawal] {
            let ours = self.pool.calc_token_amount(amounts, direction, at).map(one);
            let is_deposit = direction == Direction::Deposit;
            let theirs = self.double.naive.calc_token_amount(&bigs(amounts), is_deposit);
            self.check_view("calc_token_amount", ours, theirs.map(|shares| vec![shares]));
        }
    }

    fn compare_one_coin(&mut self, at: Timestamp) {
        let (shares, coin) = (self.shares(), self.pair().input);
        let naively =
            |a: BigUint| self.double.naive.calc_one_coin(&to_big(shares), coin.place(), &a);
        let view = self.double.naive.a_of_views().and_then(naively);
        let ours = self.pool.view_withdraw_one_coin(Amount(shares), coin, at).map(one);
        self.check_view("views' one coin", ours, view.map(|done| vec![done.0]));
        let pool = self.double.naive.a_precise().and_then(naively);
        let ours = self.pool.calc_withdraw_one_coin(Amount(shares), coin, at);
        let ours = ours.map(|done| vec![to_big(done.amount.0), to_big(done.fee.0)]);
        let pool = pool.and_then(|done| Ok(vec![done.0, done.1?]));
        self.check_view("calc_withdraw_one_coin", ours, pool);
    }
}

type View = Result<Vec<BigUint>, StableSwapNgError>;

fn one(amount: Amount) -> Vec<BigUint> {
    vec![to_big(amount.0)]
}

fn give(pool: &mut NaivePool, gift: &[BigUint]) -> Refusable<()> {
    for (held, more) in pool.token_balances.iter_mut().zip(gift) {
        *held += more;
        if held.bits() > 256 {
            return Err("");
        }
    }
    Ok(())
}

pub(crate) fn fee(random: &mut Random) -> u64 {
    match random.below(4) {
        0 => random.pick(&[0, 1, 2, 3, 5_000_000_000, 5_000_000_001]),
        _ => random.below(100_000_000),
    }
}

pub(crate) fn multiplier(random: &mut Random) -> U256 {
    match random.below(6) {
        0 => random.wide(256),
        1 => U256::from(10_000_000_000_u64 + random.below(2)),
        _ => U256::from(random.below(100) * 10_000_000_000),
    }
}

pub(crate) fn window(random: &mut Random) -> U256 {
    match random.below(6) {
        0 => random.wide(256),
        1 => U256::from(random.below(2)),
        _ => U256::from(1 + random.below(100_000)),
    }
}

pub(crate) fn fresh_state(random: &mut Random, count: usize, now: u64) -> StableSwapNgState {
    let has_rebasing = random.once_in(3);
    let mut types: Vec<u8> = (0..count).map(|_| random.pick(&[0, 0, 1, 3])).collect();
    if has_rebasing {
        let place = random.below(count as u64) as usize;
        types[place] = 2;
    }
    let zeroes = amounts(&vec![U256::ZERO; count]);
    let rates: Vec<_> = types
        .iter()
        .map(|kind| {
            let decimals = random.pick(&[18, 18, 18, 6, 6, 8, 0, 12]);
            let rate = U256::from(10).pow(U256::from(36 - decimals));
            let odd = U256::from(1_000_000 + random.below(300_000));
            if *kind == 1 || *kind == 3 { rate / U256::from(1_000_000) * odd } else { rate }
        })
        .collect();
    let a = 100
        * match random.below(4) {
            0 => random.pick(&[1, 2, 999_999]),
            _ => 1 + random.below(3_000),
        };
    let fee = random.below(100_000_000);
    let most = U256::from(500) * U256::from(10).pow(U256::from(17)) / U256::from(fee.max(1));
    let at = Timestamp(now);
    StableSwapNgState {
        asset_types: types,
        stored_rates: amounts(&rates),
        token_balances: zeroes,
        stored_balances: zeroes,
        admin_balances: zeroes,
        total_supply: Amount::ZERO,
        initial_a: a,
        future_a: a,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee,
        offpeg_fee_multiplier: multiplier(random).min(most),
        admin_fee: 5_000_000_000,
        ma_exp_time: U256::from(1 + random.below(2_000)),
        d_ma_time: U256::from(62_324),
        last_prices: amounts(&vec![U256::from(WAD); count - 1]),
        ema_prices: amounts(&vec![U256::from(WAD); count - 1]),
        last_d: Amount::ZERO,
        ema_d: Amount::ZERO,
        ma_last_time_p: at,
        ma_last_time_d: at,
    }
}

/// Makes a fresh state absurd, inside the bounds.
fn disturb(random: &mut Random, state: &mut StableSwapNgState, now: u64) {
    let bits = random.pick(&[8, 60, 100, 130, 256]);
    for coin in 0..state.asset_types.len() {
        let held = random.wide(bits);
        let admin = if random.once_in(3) { random.up_to(held) } else { U256::ZERO };
        state.stored_balances.as_mut_slice()[coin] = Amount(held);
        state.token_balances.as_mut_slice()[coin] = Amount(held);
        state.admin_balances.as_mut_slice()[coin] = Amount(admin);
        if random.once_in(4) {
            state.stored_rates.as_mut_slice()[coin] = Amount(random.wide(200).max(U256::ONE));
        }
    }
    state.total_supply = Amount(random.wide(bits));
    state.last_d = Amount(random.wide(128));
    state.ema_d = Amount(random.wide(128));
    let price = U256::from(2 * WAD);
    for list in [&mut state.last_prices, &mut state.ema_prices] {
        for value in list.as_mut_slice() {
            *value = Amount(random.up_to(price));
        }
    }
    state.ma_exp_time = window(random).max(U256::ONE);
    state.d_ma_time = window(random).max(U256::ONE);
    if random.once_in(2) {
        state.initial_a = 100 + random.below(99_999_801);
        state.future_a = 100 + random.below(99_999_801);
        state.initial_a_time = Timestamp(now.saturating_sub(random.below(1_000_000)));
        state.future_a_time = Timestamp(now + random.below(1_000_000));
    }
}
