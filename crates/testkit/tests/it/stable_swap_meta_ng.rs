//! Metapools of stableswap-ng beside a naive model in big integers: no package carries their
//! bytecode.

mod naive;

use num_bigint::BigUint;
use tidemill_amm::stable_swap::{Generation, StableSwap, StableSwapState};
use tidemill_amm::stable_swap_meta_ng::{
    MetaNgBase, MetaNgBaseState, StableSwapMetaNg, StableSwapMetaNgError, StableSwapMetaNgState,
    UnderlyingExchange,
};
use tidemill_amm::stable_swap_ng::{
    Direction, Exchange, StableSwapNg, StableSwapNgState, Withdrawal,
};
use tidemill_amm::{SharePool, SwapAmount, Trade, stable_swap};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::double::{Double, Doubled};
use crate::stable_swap_meta::naive::NaiveRamp;
use crate::stable_swap_meta::naive_base;
use crate::stable_swap_ng::naive::{Refusable, big};
use crate::stable_swap_ng::{amounts as list, bigs, fee, fresh_state, multiplier, to_big, window};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};
use naive::{Averaged, NaiveMetaNg, NaiveUnder};

const TESTS: u64 = 4;
const OPERATIONS_PER_WORLD: u64 = 100;
/// Refusals one after the other that end a world: it is then past repair.
const MOST_REFUSED: u32 = 8;
const WAD: u64 = 1_000_000_000_000_000_000;

#[test]
fn stable_swap_meta_ng_equals_the_naive_model_first_quarter() {
    check_sequences("stableswap-ng metapool, first quarter", 1);
}

#[test]
fn stable_swap_meta_ng_equals_the_naive_model_second_quarter() {
    check_sequences("stableswap-ng metapool, second quarter", 2);
}

#[test]
fn stable_swap_meta_ng_equals_the_naive_model_third_quarter() {
    check_sequences("stableswap-ng metapool, third quarter", 3);
}

#[test]
fn stable_swap_meta_ng_equals_the_naive_model_fourth_quarter() {
    check_sequences("stableswap-ng metapool, fourth quarter", 4);
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

const OPERATIONS: [&str; 21] = [
    "exchange",
    "exchange received",
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
    "set fee",
    "set windows",
    "set rate",
    "give",
    "rebase",
    "others in an older base pool",
    "others in a younger base pool",
    "quote",
    "quote exact out",
];
const REVERTS: [&str; 20] = [
    "exchange: Own(Underflow)",
    "exchange: Own(SameCoin)",
    "exchange: Own(NoSuchCoin)",
    "exchange: Own(NoInput)",
    "exchange: Own(ExchangeTooSmall)",
    "exchange received: Own(ReceivedTooLittle)",
    "exchange received: Own(ReceivedRebasing)",
    "exchange into base: ExchangeTooSmall",
    "exchange out of base: ExchangeTooSmall",
    "exchange in base: NoInput",
    "exchange in base: NoSuchCoin",
    "exchange in base: Base(ExchangeBelowMinimum)",
    "exchange in base: BaseNg(ExchangeTooSmall)",
    "add: Own(FirstDepositIncomplete)",
    "add: Own(InvariantNotRaised)",
    "add: Own(Slippage)",
    "remove: Own(WithdrawalTooSmall)",
    "remove imbalance: Own(Slippage)",
    "remove one coin: Own(OneCoinTooSmall)",
    "ramp: Own(RampTooSoon)",
];

fn two(amounts: &TokenAmounts) -> [BigUint; 2] {
    bigs(amounts).try_into().unwrap()
}

/// Returns the naive pool of a state.
fn naive(state: &StableSwapMetaNgState, now: u64) -> NaiveMetaNg {
    let own = &state.own;
    let base = match &state.base {
        MetaNgBaseState::Plain(base) => NaiveUnder::Plain(naive_base(base, now)),
        MetaNgBaseState::Ng(base) => NaiveUnder::Ng(crate::stable_swap_ng::naive(base, now)),
    };
    let first = |list: &TokenAmounts| to_big(list.as_slice()[0].0);
    NaiveMetaNg {
        base,
        rebasing: own.asset_types[0] == 2,
        rate: first(&own.stored_rates),
        held: two(&own.token_balances),
        stored: two(&own.stored_balances),
        admin: two(&own.admin_balances),
        supply: to_big(own.total_supply.0),
        ramp: NaiveRamp {
            from: big(own.initial_a),
            to: big(own.future_a),
            starts: own.initial_a_time.0,
            ends: own.future_a_time.0,
        },
        fee: big(own.fee),
        offpeg: to_big(own.offpeg_fee_multiplier),
        price_window: to_big(own.ma_exp_time),
        d_window: to_big(own.d_ma_time),
        price: Averaged {
            last: first(&own.last_prices),
            average: first(&own.ema_prices),
            written: own.ma_last_time_p.0,
        },
        d: Averaged {
            last: to_big(own.last_d.0),
            average: to_big(own.ema_d.0),
            written: own.ma_last_time_d.0,
        },
        now,
    }
}

/// The pool and its naive double.
struct World {
    pool: StableSwapMetaNg,
    double: Double<NaiveMetaNg>,
    random: Random,
    now: u64,
}

impl Doubled for World {
    type Naive = NaiveMetaNg;
    type Error = StableSwapMetaNgError;

    fn reason(error: &StableSwapMetaNgError) -> Option<&'static str> {
        error.reason()
    }

    fn state(&self) -> NaiveMetaNg {
        naive(&self.pool.state(), self.now)
    }

    fn double(&mut self) -> &mut Double<NaiveMetaNg> {
        &mut self.double
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let now = random.pick(&[1_600_000_000, 1_700_000_000]);
        let value = 20 + random.below(70);
        let base = base_pool(&mut random, value, now);
        let mut own = fresh_state(&mut random, 2, now);
        own.asset_types[1] = 0;
        own.stored_rates.as_mut_slice()[1] = Amount::from_u64(WAD);
        if random.once_in(8) {
            let bits = random.pick(&[6, 60, 110, 256]);
            for coin in 0..2 {
                let held = random.wide(bits);
                let admin = if random.once_in(3) { random.up_to(held) } else { U256::ZERO };
                own.token_balances.as_mut_slice()[coin] = Amount(held);
                own.stored_balances.as_mut_slice()[coin] = Amount(held);
                own.admin_balances.as_mut_slice()[coin] = Amount(admin);
            }
            own.total_supply = Amount(random.wide(bits));
            own.last_d = Amount(random.wide(bits.min(128)));
        }
        let state = StableSwapMetaNgState { base: base.state(), own };
        let pool = StableSwapMetaNg::new(&state).unwrap_or_else(|error| panic!("{error}"));
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
        self.double.naive.now = self.now;
        self.double.naive.base.set_now(self.now);
        if self.pool.total_shares().is_zero() && !self.random.once_in(8) {
            return self.add(tally);
        }
        match self.random.below(100) {
            0..18 => self.exchange(tally),
            18..42 => self.exchange_underlying(tally),
            42..54 => self.add(tally),
            54..61 => self.remove(tally),
            61..68 => self.remove_imbalance(tally),
            68..75 => self.remove_one_coin(tally),
            75..77 => self.take_admin_fees(tally),
            77..81 => self.ramp(tally),
            81..86 => self.settings(tally),
            86..90 => self.move_tokens(tally),
            90..95 => self.others(tally),
            _ => self.quote(tally),
        }
        self.compare_oracles();
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

    fn own_amount(&mut self, coin: usize) -> U256 {
        let held = self.pool.state().own.token_balances.as_slice()[coin.min(1)].0;
        self.part_of(held)
    }

    /// An amount of an underlying coin.
    fn underlying_amount(&mut self, coin: usize) -> U256 {
        let Some(coin) = coin.checked_sub(1) else { return self.own_amount(0) };
        let held = match self.pool.state().base {
            MetaNgBaseState::Plain(base) => base.balances,
            MetaNgBaseState::Ng(base) => base.token_balances,
        };
        self.part_of(held.as_slice()[coin.min(held.len() - 1)].0)
    }

    fn amounts(&mut self) -> TokenAmounts {
        if self.pool.total_shares().is_zero() && !self.random.once_in(8) {
            let shares = self.pool.base().total_shares().0;
            let base = self.random.up_to(shares >> 1_usize).max(U256::ONE);
            let rate = self.pool.state().own.stored_rates.as_slice()[0].0;
            let scaled = base.checked_mul(U256::from(WAD)).unwrap_or(base);
            let meta = (scaled / rate).max(U256::ONE);
            return list(&[meta >> self.random.below(4) as usize, base]);
        }
        let (meta, base) = (self.own_amount(0), self.own_amount(1));
        match self.random.below(4) {
            0 => list(&[meta, U256::ZERO]),
            1 => list(&[U256::ZERO, base]),
            _ => list(&[meta, base]),
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

    fn underlying_pair(&mut self) -> TokenPair {
        let mut pair = self.pair(1 + self.pool.base().count() as u64);
        // Through the metapool, mostly.
        if pair.input.0 > 0 && pair.output.0 > 0 && !self.random.once_in(3) {
            if self.random.once_in(2) {
                pair.input = TokenIndex(0);
            } else {
                pair.output = TokenIndex(0);
            }
        }
        pair
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
        let (amount, least) = (self.own_amount(places.0), self.least());
        let is_received = self.random.once_in(5);
        if is_received && self.random.once_in(2) {
            let mut gift = [U256::ZERO; 2];
            gift[places.0.min(1)] = amount;
            self.give(tally, &list(&gift));
        }
        let request = Exchange { pair, amount_in: Amount(amount), least_out: Amount(least) };
        let (name, ours) = if is_received {
            ("exchange received", self.pool.exchange_received(&request, at))
        } else {
            ("exchange", self.pool.exchange(&request, at))
        };
        let ours = ours.map(|done| (to_big(done.amount_in.0), to_big(done.amount_out.0)));
        let (amount, least) = (to_big(amount), to_big(least));
        let theirs = self.naively(|pool| pool.exchange(places, &amount, &least, is_received));
        self.settle(tally, name, ours, theirs);
    }

    fn exchange_underlying(&mut self, tally: &mut Tally) {
        let (pair, at) = (self.underlying_pair(), self.at());
        let places = (pair.input.place(), pair.output.place());
        let (amount, least) = (self.underlying_amount(places.0), self.least());
        let (amount_in, least_out) = (Amount(amount), Amount(least));
        let request = UnderlyingExchange { pair, amount_in, least_out };
        let ours = self.pool.exchange_underlying(&request, at).map(|out| to_big(out.0));
        let (amount, least) = (to_big(amount), to_big(least));
        let theirs = self.naively(|pool| pool.exchange_underlying(places, &amount, &least));
        let name = match places {
            (0, _) => "exchange into base",
            (_, 0) => "exchange out of base",
            _ => "exchange in base",
        };
        self.settle(tally, name, ours, theirs);
    }

    fn add(&mut self, tally: &mut Tally) {
        let (amounts, least, at) = (self.amounts(), self.least(), self.at());
        let ours = self.pool.add_liquidity(&amounts, Amount(least), at);
        let ours = ours.map(|minted| to_big(minted.shares.0));
        let theirs = self.naively(|pool| pool.add_liquidity(&bigs(&amounts), &to_big(least)));
        self.settle(tally, "add", ours, theirs);
    }

    fn remove(&mut self, tally: &mut Tally) {
        let (shares, at) = (self.shares(), self.at());
        let least = list(&[self.least(), U256::ZERO]);
        let claims = !self.random.once_in(3);
        let withdrawal = Withdrawal { shares: Amount(shares), least, claims_admin_fees: claims };
        let ours = self.pool.remove_liquidity(&withdrawal, at).map(|paid| bigs(&paid));
        let least = bigs(&least);
        let theirs = self.naively(|pool| pool.remove_liquidity(&to_big(shares), &least, claims));
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
        let coin = self.pair(2).input;
        let ours = self.pool.remove_liquidity_one_coin(Amount(shares), coin, Amount(least), at);
        let ours = ours.map(|paid| to_big(paid.amount.0));
        let (shares, least) = (to_big(shares), to_big(least));
        let theirs =
            self.naively(|pool| pool.remove_liquidity_one_coin(&shares, coin.place(), &least));
        self.settle(tally, "remove one coin", ours, theirs);
    }

    fn take_admin_fees(&mut self, tally: &mut Tally) {
        let ours = self.pool.withdraw_admin_fees().map(|_| ());
        let theirs = self.naively(NaiveMetaNg::withdraw_admin_fees);
        self.settle(tally, "withdraw admin fees", ours, theirs);
    }

    fn ramp(&mut self, tally: &mut Tally) {
        let at = self.at();
        if self.random.once_in(3) {
            let ours = self.pool.stop_ramp_a(at);
            let theirs = self.naively(|pool| pool.ramp.stop_ramp_a(pool.now));
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
        let theirs = self.naively(|pool| pool.ramp.ramp_a(future, ends, pool.now));
        self.settle(tally, "ramp", ours, theirs);
    }

    fn settings(&mut self, tally: &mut Tally) {
        match self.random.below(3) {
            0 => {
                let (fee, multiplier) = (fee(&mut self.random), multiplier(&mut self.random));
                let ours = self.pool.set_new_fee(fee, multiplier);
                let theirs = self.naively(|pool| pool.set_new_fee(fee, &to_big(multiplier)));
                self.settle(tally, "set fee", ours, theirs);
            }
            1 => {
                let (price, d) = (window(&mut self.random), window(&mut self.random));
                let ours = self.pool.set_ma_exp_time(price, d);
                let theirs = self.naively(|pool| {
                    (pool.price_window, pool.d_window) = (to_big(price), to_big(d));
                    let product = &pool.price_window * &pool.d_window;
                    if product % (big(1) << 256_u32) == big(0) { Err("") } else { Ok(()) }
                });
                self.settle(tally, "set windows", ours, theirs);
            }
            _ => {
                let rate = self.pool.state().own.stored_rates.as_slice()[0].0;
                let moved = U256::from(99_990 + self.random.below(30));
                let rate = (rate / U256::from(100_000) * moved).max(U256::ONE);
                let ours = self.pool.set_rate(rate);
                let theirs = self.naively(|pool| {
                    pool.rate = to_big(rate);
                    Ok(())
                });
                self.settle(tally, "set rate", ours, theirs);
            }
        }
    }

    fn give(&mut self, tally: &mut Tally, gift: &TokenAmounts) {
        let ours = self.pool.give(gift);
        let theirs = self.naively(|pool| {
            for (held, more) in pool.held.iter_mut().zip(two(gift)) {
                *held += more;
                if held.bits() > 256 {
                    return Err("");
                }
            }
            Ok(())
        });
        self.settle(tally, "give", ours, theirs);
    }

    fn move_tokens(&mut self, tally: &mut Tally) {
        let own = self.pool.state().own;
        if own.asset_types[0] != 2 || self.random.once_in(3) {
            let gift = self.amounts();
            return self.give(tally, &gift);
        }
        let held = own.token_balances.as_slice()[0].0;
        let balance = match self.random.below(20) {
            0 => self.own_amount(0),
            _ => held / U256::from(1000) * U256::from(990 + self.random.below(30)),
        };
        let ours = self.pool.rebase(Amount(balance));
        let theirs = self.naively(|pool| {
            pool.held[0] = to_big(balance);
            Ok(())
        });
        self.settle(tally, "rebase", ours, theirs);
    }

    /// What others do in the base pool moves the rate.
    fn others(&mut self, tally: &mut Tally) {
        let at = self.at();
        let pair = self.pair(self.pool.base().count() as u64);
        let places = (pair.input.place(), pair.output.place());
        let amount = Amount(self.underlying_amount(places.0 + 1));
        let shares = self.pool.base().total_shares().0 >> 4_usize;
        let shares = Amount(self.random.up_to(shares));
        let (minimum_out, coin) = (Amount::ZERO, pair.input);
        let is_exchange = self.random.once_in(2);
        let (name, ours) = match self.pool.base_mut() {
            MetaNgBase::Plain(pool) => {
                let ours = if is_exchange {
                    let amount_in = amount;
                    pool.exchange(stable_swap::Exchange { pair, amount_in, minimum_out }, at)
                } else {
                    let request = stable_swap::OneCoin { shares, coin, minimum_out };
                    pool.remove_liquidity_one_coin(request, at).map(|paid| paid.amount)
                };
                ("others in an older base pool", ours.map_err(StableSwapMetaNgError::Base))
            }
            MetaNgBase::Ng(pool) => {
                let ours = if is_exchange {
                    let request = Exchange { pair, amount_in: amount, least_out: minimum_out };
                    pool.exchange(&request, at).map(|done| done.amount_out)
                } else {
                    let paid = pool.remove_liquidity_one_coin(shares, coin, minimum_out, at);
                    paid.map(|paid| paid.amount)
                };
                ("others in a younger base pool", ours.map_err(StableSwapMetaNgError::BaseNg))
            }
        };
        let theirs = self.naively(|pool| {
            if is_exchange {
                pool.base.exchange(places, &to_big(amount.0), &big(0))
            } else {
                pool.base.remove_one(&to_big(shares.0), coin.place())
            }
        });
        self.settle(tally, name, ours.map(|amount| to_big(amount.0)), theirs);
    }

    fn quote(&mut self, tally: &mut Tally) {
        let (pair, at) = (self.pair(2), self.at());
        let amount = Amount(self.own_amount(pair.output.place()));
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
        let theirs = self.naively(|pool| pool.exchange(places, &paid, &big(0), false));
        let name = if is_exact_out { "quote exact out" } else { "quote" };
        self.settle(tally, name, Ok((paid, to_big(swapped.amount_out.0))), theirs);
    }

    #[allow(clippy::needless_pass_by_value, reason = "an answer is used once")]
    fn check_view(
        &self,
        name: &str,
        ours: Result<Amount, StableSwapMetaNgError>,
        theirs: Refusable<BigUint>,
    ) {
        let ours = ours.map(|amount| to_big(amount.0));
        let ours = ours.map_err(|error| error.reason().unwrap_or(""));
        assert_eq!(ours, theirs, "{name}, world {}", self.double.seed);
    }

    fn compare_oracles(&self) {
        // Between calls the rate of the shares counts for nothing: oracles do not read it.
        let Ok(own) = StableSwapNg::new(&self.pool.state().own) else { panic!("a pool") };
        let naive = &self.double.naive;
        let prices = own.price_oracle(self.at()).unwrap();
        assert_eq!(bigs(&prices), [naive.price.at(&naive.price_window, self.now)]);
        let d = own.d_oracle(self.at()).unwrap();
        assert_eq!(to_big(d.0), naive.d.at(&naive.d_window, self.now));
    }

    fn compare_views(&mut self) {
        let at = self.at();
        let pair = self.pair(2);
        let places = (pair.input.place(), pair.output.place());
        match self.random.below(6) {
            0 => {
                let dx = self.own_amount(places.0);
                let theirs = self.double.naive.get_dy(places, &to_big(dx));
                self.check_view("get_dy", self.pool.get_dy(pair, Amount(dx), at), theirs);
            }
            1 | 2 => {
                let pair = self.underlying_pair();
                let places = (pair.input.place(), pair.output.place());
                let dx = self.underlying_amount(places.0);
                let theirs = self.double.naive.get_dy_underlying(places, &to_big(dx));
                let ours = self.pool.get_dy_underlying(pair, Amount(dx), at);
                self.check_view("get_dy_underlying", ours, theirs);
                let dy = self.underlying_amount(places.1);
                let theirs = self.double.naive.get_dx_underlying(places, &to_big(dy));
                let ours = self.pool.get_dx_underlying(pair, Amount(dy), at);
                self.check_view("get_dx_underlying", ours, theirs);
            }
            3 => {
                let amounts = self.amounts();
                let check = |direction, deposit| {
                    let ours = self.pool.calc_token_amount(&amounts, direction, at);
                    let theirs = self.double.naive.calc_token_amount(&bigs(&amounts), deposit);
                    self.check_view("calc_token_amount", ours, theirs);
                };
                check(Direction::Deposit, true);
                check(Direction::Withdrawal, false);
            }
            _ => {
                let own = self.pool.own(at);
                let price = own.clone().and_then(|own| Ok(own.get_virtual_price(at)?));
                self.check_view("virtual price", price, self.double.naive.virtual_price());
                let first = |prices: TokenAmounts| prices.as_slice()[0];
                let price = own.clone().and_then(|own| Ok(own.get_p(at).map(first)?));
                self.check_view("get_p", price, self.double.naive.get_p());
                let dy = self.own_amount(places.1);
                let theirs = self.double.naive.get_dx(places, &to_big(dy));
                let ours = own.clone().and_then(|own| Ok(own.get_dx(pair, Amount(dy), at)?));
                self.check_view("get_dx", ours, theirs);
                let shares = self.shares();
                let theirs = self.double.naive.calc_one_coin(&to_big(shares), places.0);
                let ours = own
                    .and_then(|own| {
                        Ok(own.calc_withdraw_one_coin(Amount(shares), pair.input, at)?)
                    })
                    .map(|paid| paid.amount);
                self.check_view("calc_withdraw_one_coin", ours, theirs.map(|done| done.0));
            }
        }
    }
}

/// A base pool of either generation with about 2^`value` of each coin in 10^-18.
fn base_pool(random: &mut Random, value: u64, now: u64) -> MetaNgBase {
    if random.once_in(2) {
        return MetaNgBase::Plain(Box::new(plain_base(random, value, now)));
    }
    let most = random.pick(&[1, 3, 7]);
    let count = 2 + random.below(most) as usize;
    let state: StableSwapNgState = fresh_state(random, count, now);
    let mut pool = StableSwapNg::new(&state).unwrap_or_else(|error| panic!("{error}"));
    let amounts: Vec<_> = state
        .stored_rates
        .as_slice()
        .iter()
        .map(|rate| {
            let scaled = ((U256::ONE << value as usize) + random.wide(value)) * U256::from(WAD);
            (scaled / rate.0).max(U256::ONE)
        })
        .collect();
    // A deposit of dust in coins of few digits may fail: the base pool is then empty.
    let _ = pool.add_liquidity(&list(&amounts), Amount::ZERO, Timestamp(now));
    MetaNgBase::Ng(Box::new(pool))
}

fn plain_base(random: &mut Random, value: u64, now: u64) -> StableSwap {
    let generation = random.pick(&[Generation::V1, Generation::V2]);
    let count = 2 + random.below(2) as usize;
    let precisions: Vec<u64> =
        (0..count).map(|_| random.pick(&[1, 1_000_000_000_000, 10_000_000_000])).collect();
    let none = list(&vec![U256::ZERO; count]);
    let unit = if generation == Generation::V2 { 100 } else { 1 };
    let a = unit * (1 + random.below(2_000)) + random.below(unit);
    let is_ramping = random.once_in(4);
    let mut pool = StableSwap::new(&StableSwapState {
        generation,
        balances: none,
        precisions: precisions.clone(),
        admin_balances: none,
        total_supply: Amount::ZERO,
        initial_a: a,
        future_a: if is_ramping { a * 2 } else { a },
        initial_a_time: Timestamp(if is_ramping { now } else { 0 }),
        future_a_time: Timestamp(if is_ramping { now + 1_000_000 } else { 0 }),
        fee: random.pick(&[0, 1_000_000, 4_000_000]),
        admin_fee: random.pick(&[0, 5_000_000_000]),
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    })
    .unwrap_or_else(|error| panic!("{error}"));
    let amounts: Vec<_> = precisions
        .iter()
        .map(|precision| {
            let amount = (U256::ONE << value as usize) + random.wide(value);
            (amount / U256::from(*precision)).max(U256::ONE)
        })
        .collect();
    // The later pools' loop does not converge on some odd amounts: the pool is then empty.
    let _ = pool.add_liquidity(&list(&amounts), Amount::ZERO, Timestamp(now));
    pool
}
