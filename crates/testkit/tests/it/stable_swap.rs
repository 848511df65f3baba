//! Curve's StableSwap pools: the sUSD pool beside its bytecode, the later generations beside a
//! second model in big integers and recorded answers of the chain.

mod gas;
mod later;
mod logs;
mod naive;
mod recorded;

use tidemill_amm::stable_swap::{
    Exchange, Generation, LiquidityChange, NewFees, NewParameters, OneCoin, StableSwap,
    StableSwapError, StableSwapState,
};
use tidemill_testkit::{
    Answer, Artifacts, Call, CurveOracle, CurveParameters, CurveSlot, Outcome, Random, Revert,
    SlotChange,
};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const TESTS: u64 = 2;
const OPERATIONS_PER_WORLD: u64 = 300;
const PRECISIONS: [u64; 4] = [1, 1_000_000_000_000, 1_000_000_000_000, 1];
const DAY: u64 = 86_400;

#[test]
fn susd_pool_equals_the_contract_first_half() {
    check_sequences("Curve sUSD pool, first half", 1);
}

#[test]
fn susd_pool_equals_the_contract_second_half() {
    check_sequences("Curve sUSD pool, second half", 2);
}

fn check_sequences(name: &'static str, part: u64) {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name,
        stream: part,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, seed);
        for index in 0..most {
            world.step(tally);
            if index % 16 == 0 || index + 1 == most {
                world.compare_getters();
            }
        }
        most
    });
}

const OPERATIONS: [&str; 17] = [
    "add liquidity",
    "exchange",
    "remove liquidity",
    "remove imbalance",
    "remove one coin",
    "give",
    "commit",
    "apply",
    "revert commit",
    "withdraw fees",
    "kill",
    "unkill",
    "get dy",
    "get dy underlying",
    "calc token amount",
    "calc one coin",
    "virtual price",
];
const REVERTS: [&str; 33] = [
    "add liquidity: Slippage",
    "add liquidity: FirstDepositIncomplete",
    "add liquidity: InvariantDidNotGrow",
    "add liquidity: Killed",
    "add liquidity: Overflow",
    "add liquidity: Underflow",
    "exchange: ExchangeBelowMinimum",
    "exchange: Killed",
    "exchange: NoSuchCoin",
    "exchange: Overflow",
    "exchange: Underflow",
    "exchange: DivisionByZero",
    "remove liquidity: WithdrawalBelowMinimum",
    "remove liquidity: DivisionByZero",
    "remove liquidity: NotEnoughShares",
    "remove liquidity: Underflow",
    "remove liquidity: Overflow",
    "remove imbalance: Slippage",
    "remove imbalance: Killed",
    "remove imbalance: NotEnoughShares",
    "remove imbalance: NothingBurned",
    "remove imbalance: Underflow",
    "remove one coin: OneCoinBelowMinimum",
    "remove one coin: OneCoinTooDear",
    "remove one coin: DivisionByZero",
    "give: TokenOverflow",
    "commit: WrongActionState",
    "commit: ParameterOutOfBounds",
    "apply: TooEarly",
    "apply: WrongActionState",
    "kill: KillDeadlinePassed",
    "get dy: Overflow",
    "virtual price: DivisionByZero",
];

/// The model and the contract, side by side.
struct World {
    model: StableSwap,
    oracle: CurveOracle,
    random: Random,
    seed: u64,
    now: u64,
    /// Bits of the scaled amounts that this world mostly deals in.
    scale: u64,
    last: String,
}

fn empty_state(generation: Generation, count: usize) -> StableSwapState {
    let none = TokenAmounts::zero(count).unwrap();
    StableSwapState {
        generation,
        balances: none,
        precisions: PRECISIONS[..count].to_vec(),
        admin_balances: none,
        total_supply: Amount::ZERO,
        initial_a: 100,
        future_a: 0,
        initial_a_time: Timestamp(0),
        future_a_time: Timestamp(0),
        fee: 4_000_000,
        admin_fee: 0,
        future_fee: 0,
        future_admin_fee: 0,
        admin_actions_deadline: Timestamp(0),
        is_killed: false,
        kill_deadline: Timestamp(0),
    }
}

impl World {
    fn new(artifacts: &Artifacts, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let now = random.pick(&[1, 1_600_000_000, 1 << 40]);
        let amplification = random_amplification(&mut random);
        let fee = random_fee(&mut random);
        let parameters =
            CurveParameters { amplification: U256::from(amplification), fee: U256::from(fee) };
        let oracle = CurveOracle::new(artifacts, parameters, now).unwrap();
        let state = StableSwapState {
            initial_a: amplification,
            fee,
            kill_deadline: Timestamp(now + 60 * DAY),
            ..empty_state(Generation::V0, 4)
        };
        let model = StableSwap::new(&state).unwrap();
        let scale = match random.below(8) {
            0 => random.below(12) + 1,
            1 => 100 + random.below(24),
            _ => 45 + random.below(55),
        };
        let mut world = Self { model, oracle, random, seed, now, scale, last: String::new() };
        let tally = &mut Tally::new("start", seed);
        // An administrator's part from the start, in most worlds.
        if !world.random.once_in(4) {
            world.commit(tally);
            world.now += 4 * DAY;
            world.oracle.evm.set_timestamp(U256::from(world.now));
            world.apply(tally);
        }
        world
    }

    fn step(&mut self, tally: &mut Tally) {
        self.tick();
        if self.model.total_supply().is_zero() && !self.random.once_in(4) {
            return self.add_liquidity(tally);
        }
        if self.model.invariant(self.at()).is_err() && self.random.once_in(4) {
            // Too much of a coin, or none of it: only this still works.
            return self.remove_liquidity(tally);
        }
        match self.random.below(64) {
            0..19 => self.exchange(tally),
            19..29 => self.add_liquidity(tally),
            29..34 => self.remove_liquidity(tally),
            34..40 => self.remove_imbalance(tally),
            40..45 => self.remove_one_coin(tally),
            45..47 => self.give(tally),
            47 => self.commit(tally),
            48..50 => self.apply(tally),
            50 => self.revert_commit(tally),
            51 => self.withdraw_fees(tally),
            52 => self.kill_or_unkill(tally),
            53..56 => self.get_dy(tally),
            56 => self.get_dy_underlying(tally),
            57..59 => self.calc_token_amount(tally),
            59..62 => self.calc_one_coin(tally),
            _ => self.virtual_price(tally),
        }
    }

    fn at(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn tick(&mut self) {
        self.now += match self.random.below(24) {
            0..8 => 0,
            8..20 => self.random.below(1_000),
            20 => DAY,
            21 => 3 * DAY - 1,
            22 => 3 * DAY,
            _ => self.random.below(20 * DAY),
        };
        self.oracle.evm.set_timestamp(U256::from(self.now));
    }

    fn coin(&mut self) -> TokenIndex {
        TokenIndex(if self.random.once_in(60) { 4 } else { self.random.below(4) as u8 })
    }

    fn pair(&mut self) -> TokenPair {
        let input = self.coin();
        let output = match self.random.below(60) {
            0 => input,
            1 => self.coin(),
            _ => TokenIndex((input.0 + 1 + self.random.below(3) as u8) % 4),
        };
        TokenPair { input, output }
    }

    /// A raw amount of a coin, mostly of the world's own size.
    fn amount(&mut self, coin: usize) -> U256 {
        let unit = U256::from(PRECISIONS.get(coin).copied().unwrap_or(1));
        let held = self.oracle.balances().get(coin).copied().unwrap_or_default();
        match self.random.below(96) {
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
        }
    }

    fn amounts(&mut self) -> TokenAmounts {
        let mut amounts = [U256::ZERO; 4];
        match self.random.below(8) {
            // In proportion, or near it.
            0..3 => {
                let part = self.random.wide(32);
                for (amount, held) in amounts.iter_mut().zip(self.oracle.balances()) {
                    *amount = held.wrapping_shr(28).saturating_mul(part);
                    if self.random.once_in(4) {
                        *amount = amount.saturating_add(U256::ONE);
                    }
                }
            }
            3 => {
                let coin = self.random.below(4) as usize;
                amounts[coin] = self.amount(coin);
            }
            // Alike in scaled units.
            4 | 5 => {
                let scaled = self.random.wide(self.scale);
                for (amount, precision) in amounts.iter_mut().zip(PRECISIONS) {
                    *amount = scaled / U256::from(precision) + U256::ONE;
                }
            }
            _ => {
                for (coin, amount) in amounts.iter_mut().enumerate() {
                    *amount = self.amount(coin);
                }
            }
        }
        TokenAmounts::new(&amounts.map(Amount)).unwrap()
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
            6..11 => self.random.up_to(all >> 6),
            _ => self.random.up_to(all),
        })
    }

    /// A limit that just allows what the model would do, just forbids it, or is out of the way.
    fn limit(&mut self, outcome: Option<Amount>, is_least: bool) -> Amount {
        let free = if is_least { Amount::ZERO } else { Amount::MAX };
        let Some(Amount(outcome)) = outcome else {
            return if self.random.once_in(4) { Amount(self.random.wide(256)) } else { free };
        };
        match self.random.below(8) {
            0 => Amount(outcome),
            1 if is_least => Amount(outcome.saturating_add(U256::ONE)),
            1 => Amount(outcome.saturating_sub(U256::ONE)),
            _ => free,
        }
    }

    fn exchange(&mut self, tally: &mut Tally) {
        let pair = self.pair();
        let amount_in = Amount(self.amount(pair.input.place()));
        let mut exchange = Exchange { pair, amount_in, minimum_out: Amount::ZERO };
        let outcome = self.model.clone().exchange(exchange, self.at()).ok();
        exchange.minimum_out = self.limit(outcome, true);
        self.last = format!("{exchange:?}");
        let result = self.model.exchange(exchange, self.at());
        let name = self.random.pick(&[
            "exchange(int128,int128,uint256,uint256)",
            "exchange_underlying(int128,int128,uint256,uint256)",
        ]);
        let call = Call::new(name, 4).int(pair.input.0.into()).int(pair.output.0.into());
        let call = call.word(amount_in.0).word(exchange.minimum_out.0);
        let real = self.oracle.provide(call).unwrap();
        self.check("exchange", result.map(|_| Vec::new()), real, tally);
    }

    fn add_liquidity(&mut self, tally: &mut Tally) {
        let amounts = self.amounts();
        let outcome = self.model.clone().add_liquidity(&amounts, Amount::ZERO, self.at()).ok();
        let minimum = self.limit(outcome, true);
        self.last = format!("add {amounts:?} for {minimum}");
        let result = self.model.add_liquidity(&amounts, minimum, self.at());
        let call = Call::new("add_liquidity(uint256[4],uint256)", 5);
        let real = self.oracle.provide(listed(call, &amounts).word(minimum.0)).unwrap();
        self.check("add liquidity", result.map(|_| Vec::new()), real, tally);
    }

    fn remove_liquidity(&mut self, tally: &mut Tally) {
        let shares = self.share_amount();
        let mut minimums = TokenAmounts::zero(4).unwrap();
        let outcome = self.model.clone().remove_liquidity(shares, &minimums).ok();
        for (place, minimum) in minimums.as_mut_slice().iter_mut().enumerate() {
            let outcome = outcome.map(|paid| paid.as_slice()[place]);
            let limit = self.limit(outcome, true);
            // Else the first coin would nearly always decide.
            *minimum = if self.random.once_in(3) { limit } else { Amount::ZERO };
        }
        self.last = format!("remove {shares} for {minimums:?}");
        let result = self.model.remove_liquidity(shares, &minimums);
        let call = Call::new("remove_liquidity(uint256,uint256[4])", 5).word(shares.0);
        let real = self.oracle.provide(listed(call, &minimums)).unwrap();
        self.check("remove liquidity", result.map(|_| Vec::new()), real, tally);
    }

    fn remove_imbalance(&mut self, tally: &mut Tally) {
        let amounts = self.amounts();
        let outcome =
            self.model.clone().remove_liquidity_imbalance(&amounts, Amount::MAX, self.at()).ok();
        let maximum = self.limit(outcome, false);
        self.last = format!("remove {amounts:?} for {maximum}");
        let result = self.model.remove_liquidity_imbalance(&amounts, maximum, self.at());
        let call = Call::new("remove_liquidity_imbalance(uint256[4],uint256)", 5);
        let real = self.oracle.provide(listed(call, &amounts).word(maximum.0)).unwrap();
        self.check("remove imbalance", result.map(|_| Vec::new()), real, tally);
    }

    fn remove_one_coin(&mut self, tally: &mut Tally) {
        let (shares, coin) = (self.share_amount(), self.coin());
        let mut withdrawal = OneCoin { shares, coin, minimum_out: Amount::ZERO };
        let outcome = self.model.clone().remove_liquidity_one_coin(withdrawal, self.at()).ok();
        withdrawal.minimum_out = self.limit(outcome.map(|paid| paid.amount), true);
        self.last = format!("{withdrawal:?}");
        let result = self.model.remove_liquidity_one_coin(withdrawal, self.at());
        let minimum_out = withdrawal.minimum_out.0;
        let real =
            self.oracle.remove_liquidity_one_coin(shares.0, coin.0.into(), minimum_out).unwrap();
        self.check("remove one coin", result.map(|_| Vec::new()), real, tally);
    }

    fn give(&mut self, tally: &mut Tally) {
        let mut amounts = TokenAmounts::zero(4).unwrap();
        let coin = self.random.below(4) as usize;
        // The test's token wraps what a payment brings it past 2^256, which no real one comes to:
        // no gift that is accepted may come near.
        let is_empty = self.oracle.holdings()[coin].is_zero();
        amounts.as_mut_slice()[coin] = Amount(match self.random.below(12) {
            0 if !is_empty => U256::MAX,
            1 => self.random.wide(200),
            _ => self.random.wide(self.scale),
        });
        self.last = format!("give {amounts:?}");
        let result = self.model.give(&amounts);
        let words: [U256; 4] = std::array::from_fn(|place| amounts.as_slice()[place].0);
        let result_real = self.oracle.give(words).unwrap().map(|()| Answer::default());
        let real = Outcome { result: result_real, changes: Vec::new(), gas: 0 };
        self.check("give", result.map(|()| Vec::new()), real, tally);
    }

    fn commit(&mut self, tally: &mut Tally) {
        let amplification = random_amplification(&mut self.random);
        let amplification = if self.random.once_in(12) { 1_000_001 } else { amplification };
        let fee = random_fee(&mut self.random);
        let fee = if self.random.once_in(12) { 5_000_000_001 } else { fee };
        let admin_fee = self.random.pick(&[0, 1, 2_500_000_000, 5_000_000_000, 5_000_000_000]);
        let admin_fee = if self.random.once_in(12) { 5_000_000_001 } else { admin_fee };
        let new = NewParameters { amplification, fees: NewFees { fee, admin_fee } };
        self.last = format!("{new:?}");
        let result = self.model.commit_new_parameters(new, self.at());
        let call = Call::new("commit_new_parameters(uint256,uint256,uint256)", 3);
        let call =
            [amplification, fee, admin_fee].into_iter().map(U256::from).fold(call, Call::word);
        let real = self.oracle.administer(call).unwrap();
        self.check("commit", result.map(|()| Vec::new()), real, tally);
    }

    fn apply(&mut self, tally: &mut Tally) {
        "apply".clone_into(&mut self.last);
        let result = self.model.apply_new_parameters(self.at());
        let real = self.oracle.administer(Call::new("apply_new_parameters()", 0)).unwrap();
        self.check("apply", result.map(|()| Vec::new()), real, tally);
    }

    fn revert_commit(&mut self, tally: &mut Tally) {
        "revert".clone_into(&mut self.last);
        self.model.revert_new_parameters();
        let real = self.oracle.administer(Call::new("revert_new_parameters()", 0)).unwrap();
        self.check("revert commit", Ok(Vec::new()), real, tally);
    }

    fn withdraw_fees(&mut self, tally: &mut Tally) {
        "withdraw fees".clone_into(&mut self.last);
        self.model.withdraw_admin_fees();
        let real = self.oracle.administer(Call::new("withdraw_admin_fees()", 0)).unwrap();
        self.check("withdraw fees", Ok(Vec::new()), real, tally);
    }

    fn kill_or_unkill(&mut self, tally: &mut Tally) {
        if !self.random.once_in(3) || self.model.state().is_killed {
            "unkill".clone_into(&mut self.last);
            self.model.unkill_me();
            let real = self.oracle.administer(Call::new("unkill_me()", 0)).unwrap();
            return self.check("unkill", Ok(Vec::new()), real, tally);
        }
        "kill".clone_into(&mut self.last);
        let result = self.model.kill_me(self.at());
        let real = self.oracle.administer(Call::new("kill_me()", 0)).unwrap();
        let is_killed = result.is_ok();
        self.check("kill", result.map(|()| Vec::new()), real, tally);
        if is_killed {
            // A killed pool is dull: a few calls, then it lives again.
            for _ in 0..2 {
                self.add_liquidity(tally);
                self.exchange(tally);
                self.remove_imbalance(tally);
                self.remove_one_coin(tally);
                self.remove_liquidity(tally);
                self.get_dy(tally);
            }
            self.kill_or_unkill(tally);
        }
    }

    fn get_dy(&mut self, tally: &mut Tally) {
        let pair = self.pair();
        let amount = Amount(self.amount(pair.input.place()));
        self.last = format!("get dy {pair:?} {amount}");
        let result = self.model.get_dy(pair, amount, self.at());
        let call = Call::new("get_dy(int128,int128,uint256)", 3).int(pair.input.0.into());
        let real = self.oracle.view(call.int(pair.output.0.into()).word(amount.0)).unwrap();
        self.check_view("get dy", result, real, tally);
    }

    fn get_dy_underlying(&mut self, tally: &mut Tally) {
        let pair = self.pair();
        let amount = Amount(self.amount(pair.input.place()));
        self.last = format!("get dy underlying {pair:?} {amount}");
        let result = self.model.get_dy_underlying(pair, amount, self.at());
        let call = Call::new("get_dy_underlying(int128,int128,uint256)", 3);
        let call = call.int(pair.input.0.into()).int(pair.output.0.into()).word(amount.0);
        let real = self.oracle.view(call).unwrap();
        self.check_view("get dy underlying", result, real, tally);
    }

    fn calc_token_amount(&mut self, tally: &mut Tally) {
        let amounts = self.amounts();
        let is_deposit = self.random.once_in(2);
        let change =
            if is_deposit { LiquidityChange::Deposit } else { LiquidityChange::Withdrawal };
        self.last = format!("calc {change:?} {amounts:?}");
        let result = self.model.calc_token_amount(&amounts, change, self.at());
        let call = listed(Call::new("calc_token_amount(uint256[4],bool)", 5), &amounts);
        let real = self.oracle.view(call.word(U256::from(u8::from(is_deposit)))).unwrap();
        self.check_view("calc token amount", result, real, tally);
    }

    fn calc_one_coin(&mut self, tally: &mut Tally) {
        let (shares, coin) = (self.share_amount(), self.coin());
        self.last = format!("calc one coin {shares} {coin:?}");
        let result = self.model.calc_withdraw_one_coin(shares, coin, self.at());
        let call = Call::new("calc_withdraw_one_coin(uint256,int128)", 2);
        let real = self.oracle.view_zap(call.word(shares.0).int(coin.0.into())).unwrap();
        self.check_view("calc one coin", result, real, tally);
    }

    fn virtual_price(&mut self, tally: &mut Tally) {
        "virtual price".clone_into(&mut self.last);
        let result = self.model.virtual_price(self.at());
        let real = self.oracle.view(Call::new("get_virtual_price()", 0)).unwrap();
        self.check_view("virtual price", result, real, tally);
    }

    fn check_view(
        &self,
        operation: &str,
        model: Result<Amount, StableSwapError>,
        real: Result<Answer, Revert>,
        tally: &mut Tally,
    ) {
        let real = Outcome { result: real, changes: Vec::new(), gas: 0 };
        self.check(operation, model.map(|amount| vec![amount.0]), real, tally);
    }

    fn check(
        &self,
        operation: &str,
        model: Result<Vec<U256>, StableSwapError>,
        real: Outcome,
        tally: &mut Tally,
    ) {
        let context = || format!("after {} (world {}): {:?}", self.last, self.seed, self.model);
        match &model {
            Ok(_) => tally.count(operation),
            Err(error) => tally.revert(operation, &format!("{error:?}")),
        }
        let unknown = real.changes.iter().find(|change| !is_known(change));
        assert_eq!(unknown, None, "changed, {}", context());
        let real = real.result.map(|answer| answer.words());
        assert_eq!(model.map_err(expected), real, "model and contract, {}", context());
        self.compare_storage();
    }

    fn compare_storage(&self) {
        let state = self.model.state();
        let expected = [
            (CurveSlot::Amplification, U256::from(state.initial_a)),
            (CurveSlot::Fee, U256::from(state.fee)),
            (CurveSlot::AdminFee, U256::from(state.admin_fee)),
            (CurveSlot::AdminActionsDeadline, U256::from(state.admin_actions_deadline.0)),
            (CurveSlot::FutureA, U256::from(state.future_a)),
            (CurveSlot::FutureFee, U256::from(state.future_fee)),
            (CurveSlot::FutureAdminFee, U256::from(state.future_admin_fee)),
            (CurveSlot::KillDeadline, U256::from(state.kill_deadline.0)),
            (CurveSlot::IsKilled, U256::from(u8::from(state.is_killed))),
        ];
        for (slot, word) in expected {
            let real = self.oracle.slot(slot);
            assert_eq!(word, real, "{slot:?} after {} (world {})", self.last, self.seed);
        }
        let context = || format!("after {} (world {})", self.last, self.seed);
        assert_eq!(words(&state.balances), self.oracle.balances(), "balances {}", context());
        let holdings = state.balances.checked_add(&state.admin_balances).unwrap();
        assert_eq!(words(&holdings), self.oracle.holdings(), "holdings {}", context());
        assert_eq!(state.total_supply.0, self.oracle.total_supply(), "shares {}", context());
    }

    fn compare_getters(&mut self) {
        let state = self.model.state();
        assert_eq!(StableSwap::new(&state).as_ref(), Ok(&self.model), "the state is all there is");
        assert_eq!(self.oracle.provided().unwrap(), state.total_supply.0);
        for (place, balance) in state.balances.as_slice().iter().enumerate() {
            let call = Call::new("balances(int128)", 1).int(place as i64);
            let real = self.oracle.view(call).unwrap().unwrap().words();
            assert_eq!(real, vec![balance.0], "balances({place}) after {}", self.last);
        }
        let getters =
            [("A()", state.initial_a), ("fee()", state.fee), ("admin_fee()", state.admin_fee)];
        for (getter, word) in getters {
            let real = self.oracle.view(Call::new(getter, 0)).unwrap().unwrap().words();
            assert_eq!(real, vec![U256::from(word)], "{getter} after {}", self.last);
        }
        let real = self.oracle.view(Call::new("get_virtual_price()", 0)).unwrap();
        let model = self.model.virtual_price(self.at()).map(|price| vec![price.0]);
        assert_eq!(model.map_err(expected), real.map(|answer| answer.words()));
    }
}

fn random_amplification(random: &mut Random) -> u64 {
    match random.below(40) {
        0 => 0,
        1 => 1,
        2 => 1_000_000,
        3 => 999_999,
        4..8 => random.below(1_000_001),
        8..12 => 1 + random.below(20),
        _ => random.pick(&[10, 100, 256, 500, 2_000, 5_000]),
    }
}

fn random_fee(random: &mut Random) -> u64 {
    match random.below(8) {
        0 => 0,
        1 => 5_000_000_000,
        2 => random.below(5_000_000_001),
        3 => random.below(100),
        _ => random.pick(&[4_000_000, 1_000_000, 30_000_000, 100_000_000]),
    }
}

fn is_known(change: &SlotChange) -> bool {
    let slot = change.slot;
    (slot >= U256::from(3) && slot <= U256::from(15))
        || CurveOracle::balance_slots().contains(&slot)
}

/// How the contract fails where the model gives this error.
fn expected(error: StableSwapError) -> Revert {
    match error.reason() {
        Some(reason) => Revert::Reason(reason.to_owned()),
        None if error == StableSwapError::TokenOverflow => {
            Revert::Reason("balance overflow".to_owned())
        }
        None => Revert::Empty,
    }
}

fn listed(call: Call, amounts: &TokenAmounts) -> Call {
    amounts.as_slice().iter().fold(call, |call, amount| call.word(amount.0))
}

fn words(amounts: &TokenAmounts) -> [U256; 4] {
    std::array::from_fn(|place| amounts.as_slice()[place].0)
}
