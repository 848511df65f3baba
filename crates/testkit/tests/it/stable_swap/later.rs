//! The two later generations beside the second model, operation by operation.

use num_bigint::{BigInt, Sign};
use tidemill_amm::stable_swap::{
    Exchange, Generation, LiquidityChange, NewFees, OneCoin, Ramp, StableSwap, StableSwapError,
    StableSwapState,
};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use super::naive::{Naive, Outcome, n};
use super::{DAY, random_fee};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const TESTS: u64 = 2;
const OPERATIONS_PER_WORLD: u64 = 250;

#[test]
fn three_pool_form_equals_the_second_model() {
    check_sequences("Curve 3pool form", Generation::V1, 11);
}

#[test]
fn plain_pool_form_equals_the_second_model() {
    check_sequences("Curve plain pool form", Generation::V2, 12);
}

fn check_sequences(name: &'static str, generation: Generation, part: u64) {
    let worlds = Worlds {
        name,
        stream: part,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(generation, seed);
        for _ in 0..most {
            world.step(tally);
        }
        most
    });
}

const OPERATIONS: [&str; 18] = [
    "add liquidity",
    "exchange",
    "remove liquidity",
    "remove imbalance",
    "remove one coin",
    "give",
    "ramp",
    "stop ramp",
    "commit",
    "apply",
    "withdraw fees",
    "donate fees",
    "kill",
    "unkill",
    "get dy",
    "calc token amount",
    "calc one coin",
    "virtual price",
];
const REVERTS: [&str; 24] = [
    "add liquidity: Slippage",
    "add liquidity: FirstDepositIncomplete",
    "add liquidity: InvariantDidNotGrow",
    "add liquidity: Killed",
    "add liquidity: Overflow",
    "add liquidity: DivisionByZero",
    "exchange: ExchangeBelowMinimum",
    "exchange: NoSuchCoin",
    "exchange: Overflow",
    "exchange: Underflow",
    "exchange: DivisionByZero",
    "remove liquidity: WithdrawalBelowMinimum",
    "remove liquidity: NotEnoughShares",
    "remove imbalance: Slippage",
    "remove imbalance: NothingBurned",
    "remove imbalance: DivisionByZero",
    "remove one coin: OneCoinBelowMinimum",
    "remove one coin: Underflow",
    "ramp: TooEarly",
    "ramp: RampTooSteep",
    "ramp: ParameterOutOfBounds",
    "commit: WrongActionState",
    "apply: TooEarly",
    "kill: KillDeadlinePassed",
];

struct World {
    model: StableSwap,
    naive: Naive,
    random: Random,
    seed: u64,
    now: u64,
    count: usize,
    scale: u64,
    last: String,
}

impl World {
    fn new(generation: Generation, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let count = 2 + random.below(3) as usize;
        let now = random.pick(&[1, 1_600_000_000, 1 << 40]);
        let a = match random.below(10) {
            0 => 1,
            1 => 999_999,
            2 => 1 + random.below(999_999),
            _ => random.pick(&[2, 10, 100, 200, 2_000, 5_000]),
        } * generation.amplification_precision();
        let none = TokenAmounts::zero(count).unwrap();
        let precisions = (0..count)
            .map(|_| random.pick(&[1, 1, 1_000_000_000_000, 10_000_000_000, 7]))
            .collect();
        let state = StableSwapState {
            generation,
            balances: none,
            precisions,
            admin_balances: none,
            total_supply: Amount::ZERO,
            initial_a: a,
            future_a: a,
            initial_a_time: Timestamp(0),
            future_a_time: Timestamp(0),
            fee: random_fee(&mut random),
            admin_fee: random.pick(&[0, 1, 5_000_000_000, 5_000_000_000, 10_000_000_000]),
            future_fee: 0,
            future_admin_fee: 0,
            admin_actions_deadline: Timestamp(0),
            is_killed: false,
            kill_deadline: Timestamp(now + 60 * DAY),
        };
        let model = StableSwap::new(&state).unwrap();
        let scale = match random.below(8) {
            0 => random.below(12) + 1,
            1 => 100 + random.below(24),
            _ => 45 + random.below(55),
        };
        let naive = naive_of(&model);
        Self { model, naive, random, seed, now, count, scale, last: String::new() }
    }

    fn step(&mut self, tally: &mut Tally) {
        self.now += match self.random.below(24) {
            0..8 => 0,
            8..20 => self.random.below(1_000),
            20 => DAY,
            21 => 3 * DAY,
            _ => self.random.below(20 * DAY),
        };
        if self.model.total_supply().is_zero() && !self.random.once_in(4) {
            return self.add_liquidity(tally);
        }
        if self.model.invariant(self.at()).is_err() && self.random.once_in(4) {
            return self.remove_liquidity(tally);
        }
        match self.random.below(64) {
            0..18 => self.exchange(tally),
            18..26 => self.add_liquidity(tally),
            26..29 => self.remove_liquidity(tally),
            29..35 => self.remove_imbalance(tally),
            35..42 => self.remove_one_coin(tally),
            42 => self.give(tally),
            43..47 => self.ramp(tally),
            47..55 => self.administer(tally),
            _ => self.look(tally),
        }
    }

    fn at(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn coin(&mut self) -> usize {
        if self.random.once_in(60) { 4 } else { self.random.below(self.count as u64) as usize }
    }

    fn pair(&mut self) -> (usize, usize) {
        let input = self.coin();
        let other = 1 + self.random.below(self.count as u64 - 1) as usize;
        let output =
            if self.random.once_in(40) { self.coin() } else { (input + other) % self.count };
        (input, output)
    }

    fn amount(&mut self, coin: usize) -> Amount {
        let state = self.model.state();
        let unit = U256::from(state.precisions.get(coin).copied().unwrap_or(1));
        let held = state.balances.as_slice().get(coin).copied().unwrap_or_default().0;
        Amount(match self.random.below(96) {
            0 => self.random.wide(256),
            1 => self.random.wide(200),
            2 => self.random.wide(130),
            3 => U256::ZERO,
            4 => U256::ONE,
            5 => held,
            6..36 => self.random.up_to(held),
            36..60 => self.random.up_to(held.wrapping_shr(8)),
            60 => held.wrapping_shl(4),
            _ => self.random.wide(self.scale) / unit,
        })
    }

    fn amounts(&mut self) -> TokenAmounts {
        let state = self.model.state();
        let mut amounts = TokenAmounts::zero(self.count).unwrap();
        let part = self.random.wide(32);
        let scaled = self.random.wide(self.scale);
        let only = self.random.below(self.count as u64) as usize;
        let kind = self.random.below(8);
        for (coin, amount) in amounts.as_mut_slice().iter_mut().enumerate() {
            let held = state.balances.as_slice()[coin].0;
            amount.0 = match kind {
                0..3 => held.wrapping_shr(28).saturating_mul(part),
                3 if coin != only => U256::ZERO,
                4 | 5 => scaled / U256::from(state.precisions[coin]) + U256::ONE,
                _ => self.amount(coin).0,
            };
        }
        amounts
    }

    fn share_amount(&mut self) -> Amount {
        let all = self.model.total_supply().0;
        let is_stuck = self.model.invariant(self.at()).is_err() && self.random.once_in(2);
        Amount(match self.random.below(16) {
            _ if is_stuck => all,
            0 => all,
            1 => all.saturating_add(U256::ONE),
            2 => U256::ZERO,
            3 => self.random.wide(256),
            4 => all.saturating_sub(U256::from(self.random.below(20))),
            5 => self.random.wide(8),
            6..11 => self.random.up_to(all.wrapping_shr(6)),
            _ => self.random.up_to(all),
        })
    }

    /// A limit at the outcome, one past it, or out of the way.
    fn limit(&mut self, outcome: Option<Amount>, is_least: bool) -> Amount {
        let free = if is_least { Amount::ZERO } else { Amount::MAX };
        match (outcome, self.random.below(8)) {
            (Some(outcome), 0) => outcome,
            (Some(outcome), 1) if is_least => Amount(outcome.0.saturating_add(U256::ONE)),
            (Some(outcome), 1) => Amount(outcome.0.saturating_sub(U256::ONE)),
            _ => free,
        }
    }

    fn exchange(&mut self, tally: &mut Tally) {
        let (input, output) = self.pair();
        let pair = TokenPair { input: TokenIndex(input as u8), output: TokenIndex(output as u8) };
        let amount_in = self.amount(input);
        let mut exchange = Exchange { pair, amount_in, minimum_out: Amount::ZERO };
        let outcome = self.model.clone().exchange(exchange, self.at()).ok();
        exchange.minimum_out = self.limit(outcome, true);
        self.last = format!("{exchange:?}");
        let model = self.model.exchange(exchange, self.at()).map(|paid| vec![paid]);
        let minimum = big(exchange.minimum_out);
        let naive = self.naive.exchange((input, output), &big(amount_in), &minimum, &n(self.now));
        self.check("exchange", model, &naive.map(|paid| vec![paid]), tally);
    }

    fn add_liquidity(&mut self, tally: &mut Tally) {
        let amounts = self.amounts();
        let outcome = self.model.clone().add_liquidity(&amounts, Amount::ZERO, self.at()).ok();
        let minimum = self.limit(outcome, true);
        self.last = format!("add {amounts:?} for {minimum}");
        let model =
            self.model.add_liquidity(&amounts, minimum, self.at()).map(|minted| vec![minted]);
        let naive = self.naive.add_liquidity(&bigs(&amounts), &big(minimum), &n(self.now));
        self.check("add liquidity", model, &naive.map(|minted| vec![minted]), tally);
    }

    fn remove_liquidity(&mut self, tally: &mut Tally) {
        let shares = self.share_amount();
        let mut minimums = TokenAmounts::zero(self.count).unwrap();
        let outcome = self.model.clone().remove_liquidity(shares, &minimums).ok();
        let coin = self.random.below(self.count as u64) as usize;
        let outcome = outcome.map(|paid| paid.as_slice()[coin]);
        minimums.as_mut_slice()[coin] = self.limit(outcome, true);
        self.last = format!("remove {shares} for {minimums:?}");
        let model = self.model.remove_liquidity(shares, &minimums);
        let model = model.map(|paid| paid.as_slice().to_vec());
        let naive = self.naive.remove_liquidity(&big(shares), &bigs(&minimums));
        self.check("remove liquidity", model, &naive, tally);
    }

    fn remove_imbalance(&mut self, tally: &mut Tally) {
        let amounts = self.amounts();
        let mut clone = self.model.clone();
        let outcome = clone.remove_liquidity_imbalance(&amounts, Amount::MAX, self.at()).ok();
        let maximum = self.limit(outcome, false);
        self.last = format!("remove {amounts:?} for {maximum}");
        let model = self.model.remove_liquidity_imbalance(&amounts, maximum, self.at());
        let naive = self.naive.remove_imbalance(&bigs(&amounts), &big(maximum), &n(self.now));
        let model = model.map(|burned| vec![burned]);
        self.check("remove imbalance", model, &naive.map(|burned| vec![burned]), tally);
    }

    fn remove_one_coin(&mut self, tally: &mut Tally) {
        let (shares, coin) = (self.share_amount(), self.coin());
        let index = TokenIndex(coin as u8);
        let mut withdrawal = OneCoin { shares, coin: index, minimum_out: Amount::ZERO };
        let outcome = self.model.clone().remove_liquidity_one_coin(withdrawal, self.at()).ok();
        withdrawal.minimum_out = self.limit(outcome.map(|paid| paid.amount), true);
        self.last = format!("{withdrawal:?}");
        let model = self.model.remove_liquidity_one_coin(withdrawal, self.at());
        let minimum = big(withdrawal.minimum_out);
        let naive = self.naive.remove_one_coin(&big(shares), coin, &minimum, &n(self.now));
        let model = model.map(|paid| vec![paid.amount]);
        self.check("remove one coin", model, &naive.map(|paid| vec![paid]), tally);
    }

    fn give(&mut self, tally: &mut Tally) {
        let coin = self.random.below(self.count as u64) as usize;
        let bits = if self.random.once_in(10) { 200 } else { self.scale };
        let amount = Amount(self.random.wide(bits));
        self.last = format!("give {amount} of {coin}");
        let amounts = TokenAmounts::of(self.count, TokenIndex(coin as u8), amount).unwrap();
        let model = self.model.give(&amounts).map(|()| Vec::new());
        self.naive.holdings[coin] += big(amount);
        self.check("give", model, &Ok(Vec::new()), tally);
    }

    fn ramp(&mut self, tally: &mut Tally) {
        if self.random.once_in(4) {
            "stop".clone_into(&mut self.last);
            let model = self.model.stop_ramp_a(self.at()).map(|()| Vec::new());
            let naive = self.naive.stop_ramp(&n(self.now)).map(|()| Vec::new());
            return self.check("stop ramp", model, &naive, tally);
        }
        let now = self.model.a(self.at()).unwrap();
        let future_a = match self.random.below(8) {
            0 => self.random.pick(&[0, 1, 999_999, 1_000_000]),
            1 => now * 10 + self.random.below(3),
            2 => now / 10 + self.random.below(2),
            3 => self.random.below(1_000_000),
            _ => now / 2 + self.random.below(now * 2 + 1),
        };
        let future_time = Timestamp(self.now + self.random.pick(&[0, DAY - 1, DAY, DAY, 9 * DAY]));
        let ramp = Ramp { future_a, future_time };
        self.last = format!("{ramp:?}");
        let model = self.model.ramp_a(ramp, self.at()).map(|()| Vec::new());
        let naive = self.naive.ramp(&n(future_a), &n(future_time.0), &n(self.now));
        self.check("ramp", model, &naive.map(|()| Vec::new()), tally);
    }

    fn administer(&mut self, tally: &mut Tally) {
        let now = n(self.now);
        let none = || Ok(Vec::new());
        match self.random.below(8) {
            0 => {
                let fee = random_fee(&mut self.random) + self.random.below(12) / 11;
                let admin_fee =
                    self.random.pick(&[0, 1, 5_000_000_000, 10_000_000_000, 10_000_000_001]);
                self.last = format!("commit {fee} {admin_fee}");
                let model = self.model.commit_new_fee(NewFees { fee, admin_fee }, self.at());
                let naive = self.naive.commit_fee(&n(fee), &n(admin_fee), &now);
                self.check(
                    "commit",
                    model.map(|()| Vec::new()),
                    &naive.map(|()| Vec::new()),
                    tally,
                );
            }
            1..4 => {
                "apply".clone_into(&mut self.last);
                let model = self.model.apply_new_parameters(self.at()).map(|()| Vec::new());
                let naive = self.naive.apply_fee(&now).map(|()| Vec::new());
                self.check("apply", model, &naive, tally);
            }
            4 => {
                self.model.revert_new_parameters();
                self.naive.deadline = n(0);
                self.check("revert commit", none(), &none_naive(), tally);
            }
            5 => {
                let paid = self.model.withdraw_admin_fees();
                let held: Vec<_> = self.naive.holdings.clone();
                let paid_naive =
                    held.iter().zip(&self.naive.balances).map(|(a, b)| a - b).collect();
                self.naive.holdings = self.naive.balances.clone();
                self.check("withdraw fees", Ok(paid.as_slice().to_vec()), &Ok(paid_naive), tally);
            }
            6 => {
                let model = self.model.donate_admin_fees().map(|()| Vec::new());
                self.naive.balances = self.naive.holdings.clone();
                self.check("donate fees", model, &none_naive(), tally);
            }
            _ if self.model.state().is_killed => {
                self.model.unkill_me();
                self.naive.killed = false;
                self.check("unkill", none(), &none_naive(), tally);
            }
            _ => {
                let model = self.model.kill_me(self.at()).map(|()| Vec::new());
                let naive = self.naive.kill(&now).map(|()| Vec::new());
                self.check("kill", model, &naive, tally);
            }
        }
    }

    fn look(&mut self, tally: &mut Tally) {
        let now = n(self.now);
        match self.random.below(6) {
            0..2 => {
                let (input, output) = self.pair();
                let amount = self.amount(input);
                self.last = format!("get dy {input} {output} {amount}");
                let (i, j) = (TokenIndex(input as u8), TokenIndex(output as u8));
                let model = self.model.get_dy(TokenPair { input: i, output: j }, amount, self.at());
                let naive = self.naive.get_dy(input, output, &big(amount), &now);
                self.check_one("get dy", model, naive, tally);
            }
            2 => {
                let amounts = self.amounts();
                let is_deposit = self.random.once_in(2);
                let change =
                    if is_deposit { LiquidityChange::Deposit } else { LiquidityChange::Withdrawal };
                let model = self.model.calc_token_amount(&amounts, change, self.at());
                let naive = self.naive.calc_token_amount(&bigs(&amounts), is_deposit, &now);
                self.check_one("calc token amount", model, naive, tally);
            }
            3 => {
                let (shares, coin) = (self.share_amount(), self.coin());
                let index = TokenIndex(coin as u8);
                let model = self.model.calc_withdraw_one_coin(shares, index, self.at());
                let naive = self.naive.calc_one_coin(&big(shares), coin, &now);
                self.check_one("calc one coin", model, naive.map(|(paid, _)| paid), tally);
            }
            _ => {
                let model = self.model.virtual_price(self.at());
                self.check_one("virtual price", model, self.naive.virtual_price(&now), tally);
            }
        }
    }

    fn check_one(
        &self,
        operation: &str,
        model: Result<Amount, StableSwapError>,
        naive: Outcome<BigInt>,
        tally: &mut Tally,
    ) {
        let model = model.map(|amount| vec![amount]);
        self.check(operation, model, &naive.map(|amount| vec![amount]), tally);
    }

    fn check(
        &self,
        operation: &str,
        model: Result<Vec<Amount>, StableSwapError>,
        naive: &Outcome<Vec<BigInt>>,
        tally: &mut Tally,
    ) {
        match &model {
            Ok(_) => tally.count(operation),
            Err(error) => tally.revert(operation, &format!("{error:?}")),
        }
        let context =
            || format!("{operation}: {} (world {}): {:?}", self.last, self.seed, self.model);
        let model = model.map(|amounts| amounts.into_iter().map(big).collect::<Vec<_>>());
        let model = model.map_err(|error| error.reason().unwrap_or_default());
        assert_eq!(&model, naive, "the two models, {}", context());
        assert_eq!(naive_of(&self.model), self.naive, "the two states, {}", context());
    }
}

fn none_naive() -> Outcome<Vec<BigInt>> {
    Ok(Vec::new())
}

fn big(amount: Amount) -> BigInt {
    BigInt::from_bytes_le(Sign::Plus, &amount.0.to_le_bytes::<32>())
}

fn bigs(amounts: &TokenAmounts) -> Vec<BigInt> {
    amounts.as_slice().iter().copied().map(big).collect()
}

fn naive_of(model: &StableSwap) -> Naive {
    let state = model.state();
    let balances = bigs(&state.balances);
    let holdings = bigs(&state.balances.checked_add(&state.admin_balances).unwrap());
    Naive {
        hundredths: state.generation == Generation::V2,
        multipliers: state.precisions.iter().copied().map(n).collect(),
        balances,
        holdings,
        supply: big(state.total_supply),
        initial_a: n(state.initial_a),
        future_a: n(state.future_a),
        initial_time: n(state.initial_a_time.0),
        future_time: n(state.future_a_time.0),
        fee: n(state.fee),
        admin_fee: n(state.admin_fee),
        future_fee: n(state.future_fee),
        future_admin_fee: n(state.future_admin_fee),
        deadline: n(state.admin_actions_deadline.0),
        kill_deadline: n(state.kill_deadline.0),
        killed: state.is_killed,
    }
}
