//! The Balancer v1 pool.

mod logs;
mod recorded;

use tidemill_amm::GasFigure;
use tidemill_amm::balancer_v1::{
    BPool, BPoolError, Binding, FACTS, INITIAL_SHARES, SwapExactIn, SwapExactOut,
};
use tidemill_testkit::{
    Address, Answer, Artifacts, BPoolOracle, BPoolSlot, Call, Outcome, Random, Revert, SlotChange,
    address_word,
};
use tidemill_units::{Amount, TokenIndex, TokenPair, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const TESTS: u64 = 2;
const OPERATIONS_PER_WORLD: u64 = 250;
const TOKENS: usize = 10;
/// No block of a deployed chain has had more.
const BLOCK_GAS: u64 = 100_000_000;
const ONE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

#[test]
fn bpool_equals_the_contract_first_half() {
    check_sequences("Balancer v1 pool, first half", 1);
}

#[test]
fn bpool_equals_the_contract_second_half() {
    check_sequences("Balancer v1 pool, second half", 2);
}

fn check_sequences(name: &'static str, part: u64) {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name,
        stream: part,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "steps of one or more operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, seed);
        world.set_up(tally);
        for index in 0..most {
            world.step(tally);
            if index % 32 == 0 || index + 1 == most {
                world.compare_getters();
            }
        }
        most
    });
}

const OPERATIONS: [&str; 15] = [
    "bind",
    "rebind",
    "unbind",
    "set swap fee",
    "set public swap",
    "finalize",
    "give",
    "gulp",
    "swap exact in",
    "swap exact out",
    "join pool",
    "exit pool",
    "join extern in",
    "exit pool in",
    "exit extern out",
];
const REVERTS: [&str; 40] = [
    "bind: ERR_IS_FINALIZED",
    "bind: ERR_MAX_TOKENS",
    "bind: ERR_MAX_TOTAL_WEIGHT",
    "bind: ERR_MAX_WEIGHT",
    "bind: ERR_MIN_BALANCE",
    "bind: ERR_MIN_WEIGHT",
    "rebind: ERR_NOT_BOUND",
    "unbind: ERR_NOT_BOUND",
    "gulp: ERR_NOT_BOUND",
    "finalize: ERR_MIN_TOKENS",
    "finalize: ERR_IS_FINALIZED",
    "set swap fee: ERR_MAX_FEE",
    "set swap fee: ERR_MIN_FEE",
    "swap exact in: ERR_BAD_LIMIT_PRICE",
    "swap exact in: ERR_LIMIT_OUT",
    "swap exact in: ERR_LIMIT_PRICE",
    "swap exact in: ERR_MATH_APPROX",
    "swap exact in: ERR_MAX_IN_RATIO",
    "swap exact in: ERR_DIV_ZERO",
    "swap exact in: ERR_MUL_OVERFLOW",
    "swap exact in: ERR_DIV_INTERNAL",
    "swap exact in: ERR_NOT_BOUND",
    "swap exact in: ERR_SWAP_NOT_PUBLIC",
    "swap exact out: ERR_LIMIT_IN",
    "swap exact out: ERR_MAX_OUT_RATIO",
    "swap exact out: ERR_MATH_APPROX",
    "join pool: ERR_LIMIT_IN",
    "join pool: ERR_MATH_APPROX",
    "join pool: ERR_NOT_FINALIZED",
    "join pool: <invalid opcode>",
    "exit pool: ERR_INSUFFICIENT_BAL",
    "exit pool: ERR_LIMIT_OUT",
    "exit pool: ERR_MATH_APPROX",
    "join extern in: ERR_MAX_IN_RATIO",
    "join extern in: ERR_LIMIT_OUT",
    "join pool out: ERR_BPOW_BASE_TOO_HIGH",
    "join pool out: ERR_MAX_IN_RATIO",
    "exit pool in: ERR_SUB_UNDERFLOW",
    "exit pool in: ERR_BPOW_BASE_TOO_LOW",
    "exit extern out: ERR_MAX_OUT_RATIO",
];

/// The model and the contract, side by side.
struct World {
    model: BPool,
    oracle: BPoolOracle,
    random: Random,
    seed: u64,
    /// The pool's tokens, in its order.
    order: Vec<Address>,
    /// Bits of the balances that this world deals in.
    scale: u64,
    last: String,
}

impl World {
    fn new(artifacts: &Artifacts, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let oracle = BPoolOracle::new(artifacts, TOKENS).unwrap();
        let scale = match random.below(8) {
            0 => 24,
            1 if random.once_in(3) => 200,
            2 if random.once_in(3) => 250,
            _ => 24 + random.below(110),
        };
        let (model, order, last) = Default::default();
        Self { model, oracle, random, seed, order, scale, last }
    }

    /// Binds a few tokens and mostly finalizes; the rest of the set-up comes at random.
    fn set_up(&mut self, tally: &mut Tally) {
        let count =
            if self.random.once_in(8) { self.random.below(2) } else { 2 + self.random.below(7) };
        self.set_swap_fee(tally);
        for _ in 0..count {
            self.bind(tally);
        }
        if !self.random.once_in(4) {
            self.finalize(tally);
        }
    }

    fn step(&mut self, tally: &mut Tally) {
        if !self.model.is_finalized() && self.random.once_in(2) {
            match self.random.below(16) {
                0..6 => self.bind(tally),
                6..10 => self.rebind(tally),
                10..12 => self.unbind(tally),
                12..14 => self.set_public_swap(tally),
                14 => self.set_swap_fee(tally),
                _ => self.finalize(tally),
            }
            return;
        }
        match self.random.below(100) {
            0..4 => self.give(tally),
            4..7 => self.gulp(tally),
            7..32 => self.swap_exact_in(tally),
            32..52 => self.swap_exact_out(tally),
            52..60 => self.join_pool(tally),
            60..68 => self.exit_pool(tally),
            68..76 => self.join_extern_in(tally),
            76..82 => self.join_pool_out(tally),
            82..89 => self.exit_pool_in(tally),
            89..96 => self.exit_extern_out(tally),
            96 => self.bind(tally),
            97 => self.unbind(tally),
            98 => self.rebind(tally),
            _ => match self.random.below(3) {
                0 => self.finalize(tally),
                1 => self.set_swap_fee(tally),
                _ => self.set_public_swap(tally),
            },
        }
    }

    /// A token by its index, nearly always one the pool has, and its address.
    fn token(&mut self) -> (TokenIndex, Address) {
        let count = self.order.len() as u64;
        if count == 0 || self.random.once_in(60) {
            let unbound = self.oracle.tokens.iter().find(|token| !self.order.contains(token));
            return (TokenIndex(200), *unbound.unwrap());
        }
        let index = self.random.below(count) as u8;
        (TokenIndex(index), self.order[usize::from(index)])
    }

    fn pair(&mut self) -> (TokenPair, [Address; 2]) {
        let (input, input_address) = self.token();
        let (mut output, mut output_address) = self.token();
        for _ in 0..4 {
            if output == input {
                (output, output_address) = self.token();
            }
        }
        (TokenPair { input, output }, [input_address, output_address])
    }

    fn balance(&self, token: TokenIndex) -> U256 {
        self.model.tokens().get(token.place()).map_or(U256::ZERO, |token| token.balance.0)
    }

    /// A part of something: tiny, ordinary, or about `numerator / denominator` of it.
    fn part(&mut self, whole: U256, numerator: u64, denominator: u64) -> U256 {
        match self.random.below(12) {
            0 => U256::from(self.random.below(3)),
            1 => self.random.wide(256) >> 2_usize,
            2 | 3 => {
                let edge = whole / U256::from(denominator) * U256::from(numerator);
                let nudge = U256::from(self.random.below(4));
                edge.saturating_add(nudge).saturating_sub(U256::from(2))
            }
            4 if self.random.once_in(8) => whole,
            5..8 => {
                let bits = self.random.below(whole.bit_len() as u64 + 1);
                self.random.wide(bits)
            }
            _ => {
                let half = whole / U256::from(denominator) * U256::from(numerator);
                self.random.up_to(half)
            }
        }
    }

    /// A limit that is off, exact, one beside, or random.
    fn limit(&mut self, exact: Option<U256>, off: U256) -> U256 {
        match (exact, self.random.below(10)) {
            (Some(exact), 0) => exact,
            (Some(exact), 1) => exact.saturating_add(U256::ONE),
            (Some(exact), 2) => exact.saturating_sub(U256::ONE),
            (_, 3) => self.random.wide(256),
            _ => off,
        }
    }

    fn weight(&mut self) -> U256 {
        match self.random.below(16) {
            0 => self.random.wide(70),
            1 => U256::from(50) * ONE,
            2 => U256::from(50) * ONE + U256::ONE,
            3 => ONE - U256::ONE,
            4..8 => ONE,
            8..12 => U256::from(1 + self.random.below(12)) * ONE,
            _ => ONE + self.random.up_to(U256::from(10) * ONE),
        }
    }

    fn binding(&mut self) -> Binding {
        let bits = match self.random.below(24) {
            0 => 20,
            1 if self.random.once_in(4) => 240,
            _ => self.scale,
        };
        let low = bits.saturating_sub(self.random.below(30)).max(8);
        let balance = (self.random.wide(low) | (U256::ONE << (low - 1) as usize)) >> 1_usize;
        Binding { balance: Amount(balance), denormalized_weight: self.weight() }
    }

    fn bind(&mut self, tally: &mut Tally) {
        let free: Vec<_> = self
            .oracle
            .tokens
            .iter()
            .copied()
            .filter(|token| !self.order.contains(token))
            .collect();
        let token = self.random.pick(&free);
        let binding = self.binding();
        self.last = format!("bind {token} {binding:?}");
        let already = Amount(self.oracle.held(token, self.oracle.pool));
        let result = self.model.bind(binding, already);
        if result == Err(BPoolError::TokenOverflow) {
            return;
        }
        if result.is_ok() {
            self.order.push(token);
        }
        let call = Call::new("bind(address,uint256,uint256)", 3).address(token);
        let call = call.word(binding.balance.0).word(binding.denormalized_weight);
        self.check("bind", result.map(|()| Vec::new()), call, tally);
    }

    fn rebind(&mut self, tally: &mut Tally) {
        let (token, address) = self.token();
        let mut binding = self.binding();
        if self.random.once_in(3) {
            let known = self.model.tokens().get(token.place());
            binding.denormalized_weight = known.map_or(ONE, |token| token.denormalized_weight);
        }
        self.last = format!("rebind {token:?} {binding:?}");
        let result = self.model.rebind(token, binding);
        if result == Err(BPoolError::TokenOverflow) {
            return;
        }
        let call = Call::new("rebind(address,uint256,uint256)", 3).address(address);
        let call = call.word(binding.balance.0).word(binding.denormalized_weight);
        self.check("rebind", result.map(|()| Vec::new()), call, tally);
    }

    fn unbind(&mut self, tally: &mut Tally) {
        let (token, address) = self.token();
        self.last = format!("unbind {token:?}");
        let result = self.model.unbind(token);
        if result.is_ok() {
            self.order.swap_remove(token.place());
        }
        let call = Call::new("unbind(address)", 1).address(address);
        self.check("unbind", result.map(|_| Vec::new()), call, tally);
    }

    fn set_swap_fee(&mut self, tally: &mut Tally) {
        let fee = match self.random.below(10) {
            0 => U256::from(1_000_000_000_000_u64) - U256::from(self.random.below(2)),
            1 => ONE / U256::from(10) + U256::from(self.random.below(2)),
            2 => self.random.wide(256),
            _ => U256::from(1_000_000_000_000_u64 + self.random.below(99_999_000_000_000_000)),
        };
        self.last = format!("set swap fee {fee}");
        let result = self.model.set_swap_fee(fee);
        let call = Call::new("setSwapFee(uint256)", 1).word(fee);
        self.check("set swap fee", result.map(|()| Vec::new()), call, tally);
    }

    fn set_public_swap(&mut self, tally: &mut Tally) {
        let is_public = !self.random.once_in(3);
        self.last = format!("set public swap {is_public}");
        let result = self.model.set_public_swap(is_public);
        let call = Call::new("setPublicSwap(bool)", 1).word(U256::from(u8::from(is_public)));
        self.check("set public swap", result.map(|()| Vec::new()), call, tally);
    }

    fn finalize(&mut self, tally: &mut Tally) {
        "finalize".clone_into(&mut self.last);
        let result = self.model.finalize();
        self.check("finalize", result.map(|()| Vec::new()), Call::new("finalize()", 0), tally);
    }

    fn give(&mut self, tally: &mut Tally) {
        let (token, address) = self.token();
        let amount = if self.random.once_in(200) {
            self.random.wide(256)
        } else {
            let balance = self.balance(token);
            self.random.up_to(balance / U256::from(8))
        };
        self.last = format!("give {token:?} {amount}");
        let real = match self.model.give(token, Amount(amount)) {
            Err(BPoolError::NotBound) => return,
            result => (result, self.oracle.give(address, amount).unwrap()),
        };
        self.check_outcome("give", real.0.map(|()| Vec::new()), real.1, tally);
    }

    fn gulp(&mut self, tally: &mut Tally) {
        let (token, address) = self.token();
        self.last = format!("gulp {token:?}");
        let result = self.model.gulp(token);
        let call = Call::new("gulp(address)", 1).address(address);
        self.check("gulp", result.map(|()| Vec::new()), call, tally);
    }

    fn swap_exact_in(&mut self, tally: &mut Tally) {
        let (pair, [input, output]) = self.pair();
        let balance = self.balance(pair.input);
        let amount_in = Amount(self.part(balance, 1, 2));
        let mut swap =
            SwapExactIn { pair, amount_in, min_amount_out: Amount::ZERO, max_price: U256::MAX };
        let expected = self.model.clone().swap_exact_amount_in(&swap).ok();
        let before = self.model.price_with_fee(pair).ok();
        let out = expected.map(|expected| expected.amount_out.0);
        swap.min_amount_out = Amount(self.limit(out, U256::ZERO));
        let after = expected.map(|expected| expected.price_after);
        let near = if self.random.once_in(3) { before } else { after };
        swap.max_price = self.limit(near, U256::MAX);
        self.last = format!("{swap:?}");
        let result = self.model.swap_exact_amount_in(&swap);
        let call = Call::new("swapExactAmountIn(address,uint256,address,uint256,uint256)", 5);
        let call = call.address(input).word(amount_in.0).address(output);
        let call = call.word(swap.min_amount_out.0).word(swap.max_price);
        let answer = result.map(|swap| vec![swap.amount_out.0, swap.price_after]);
        self.check("swap exact in", answer, call, tally);
    }

    fn swap_exact_out(&mut self, tally: &mut Tally) {
        let (pair, [input, output]) = self.pair();
        let balance = self.balance(pair.output);
        let amount_out = Amount(self.part(balance, 1, 3));
        let mut swap =
            SwapExactOut { pair, max_amount_in: Amount::MAX, amount_out, max_price: U256::MAX };
        let expected = self.model.clone().swap_exact_amount_out(&swap).ok();
        let before = self.model.price_with_fee(pair).ok();
        let paid = expected.map(|expected| expected.amount_in.0);
        swap.max_amount_in = Amount(self.limit(paid, U256::MAX));
        let after = expected.map(|expected| expected.price_after);
        let near = if self.random.once_in(3) { before } else { after };
        swap.max_price = self.limit(near, U256::MAX);
        self.last = format!("{swap:?}");
        let result = self.model.swap_exact_amount_out(&swap);
        let call = Call::new("swapExactAmountOut(address,uint256,address,uint256,uint256)", 5);
        let call = call.address(input).word(swap.max_amount_in.0).address(output);
        let call = call.word(amount_out.0).word(swap.max_price);
        let answer = result.map(|swap| vec![swap.amount_in.0, swap.price_after]);
        self.check("swap exact out", answer, call, tally);
    }

    /// Shares to mint or burn, and a limit for each token or, rarely, one too few.
    fn proportional(&mut self, off: U256, is_join: bool) -> (Amount, Vec<Amount>) {
        let supply = self.model.total_supply().0;
        let shares = if supply.is_zero() || self.random.once_in(30) {
            self.random.wide(100)
        } else {
            self.part(supply, 1, if is_join { 3 } else { 6 })
        };
        let shares = Amount(shares);
        let mut after = self.model.clone();
        let none = [Amount(off); 8];
        let parts =
            if is_join { after.join_pool(shares, &none) } else { after.exit_pool(shares, &none) };
        let count = self.order.len();
        let mut limits = vec![Amount(off); count];
        if let (Ok(parts), true) = (parts, self.random.once_in(3)) {
            for (limit, part) in limits.iter_mut().zip(parts.as_slice()) {
                *limit = Amount(self.limit(Some(part.0), off));
            }
        }
        if self.random.once_in(25) {
            limits.pop();
        }
        if self.random.once_in(25) {
            limits.push(Amount::ZERO);
        }
        (shares, limits)
    }

    fn join_pool(&mut self, tally: &mut Tally) {
        let (shares, limits) = self.proportional(U256::MAX, true);
        self.last = format!("join pool {shares} {limits:?}");
        let result = self.model.join_pool(shares, &limits);
        let words: Vec<_> = limits.iter().map(|limit| limit.0).collect();
        let call = Call::new("joinPool(uint256,uint256[])", 2).word(shares.0).array(&words);
        self.check("join pool", result.map(|_| Vec::new()), call, tally);
    }

    fn exit_pool(&mut self, tally: &mut Tally) {
        let (shares, limits) = self.proportional(U256::ZERO, false);
        self.last = format!("exit pool {shares} {limits:?}");
        let result = self.model.exit_pool(shares, &limits);
        let words: Vec<_> = limits.iter().map(|limit| limit.0).collect();
        let call = Call::new("exitPool(uint256,uint256[])", 2).word(shares.0).array(&words);
        self.check("exit pool", result.map(|_| Vec::new()), call, tally);
    }

    fn join_extern_in(&mut self, tally: &mut Tally) {
        let (token, address) = self.token();
        let balance = self.balance(token);
        let amount = Amount(self.part(balance, 1, 2));
        let expected =
            self.model.clone().join_swap_extern_amount_in(token, amount, Amount::ZERO).ok();
        let limit = Amount(self.limit(expected.map(|shares| shares.0), U256::ZERO));
        self.last = format!("join with {amount} of {token:?} for {limit}");
        let result = self.model.join_swap_extern_amount_in(token, amount, limit);
        let call = Call::new("joinswapExternAmountIn(address,uint256,uint256)", 3);
        let call = call.address(address).word(amount.0).word(limit.0);
        self.check("join extern in", result.map(|shares| vec![shares.0]), call, tally);
    }

    fn join_pool_out(&mut self, tally: &mut Tally) {
        let (token, address) = self.token();
        let supply = self.model.total_supply().0;
        let shares = if self.random.once_in(40) {
            Amount(supply.saturating_sub(U256::from(self.random.below(2))))
        } else {
            Amount(self.part(supply, 1, 4))
        };
        let mut after = self.model.clone();
        let expected = after.join_swap_pool_amount_out(token, shares, Amount::MAX).ok();
        let limit = Amount(self.limit(expected.map(|amount| amount.0), U256::MAX));
        self.last = format!("join for {shares} with {token:?} up to {limit}");
        let result = self.model.join_swap_pool_amount_out(token, shares, limit);
        let call = Call::new("joinswapPoolAmountOut(address,uint256,uint256)", 3);
        let call = call.address(address).word(shares.0).word(limit.0);
        self.check("join pool out", result.map(|amount| vec![amount.0]), call, tally);
    }

    fn exit_pool_in(&mut self, tally: &mut Tally) {
        let (token, address) = self.token();
        let supply = self.model.total_supply().0;
        let shares = Amount(self.part(supply, 1, 8));
        let mut after = self.model.clone();
        let expected = after.exit_swap_pool_amount_in(token, shares, Amount::ZERO).ok();
        let limit = Amount(self.limit(expected.map(|amount| amount.0), U256::ZERO));
        self.last = format!("exit {shares} to {token:?} for {limit}");
        let result = self.model.exit_swap_pool_amount_in(token, shares, limit);
        let call = Call::new("exitswapPoolAmountIn(address,uint256,uint256)", 3);
        let call = call.address(address).word(shares.0).word(limit.0);
        self.check("exit pool in", result.map(|amount| vec![amount.0]), call, tally);
    }

    fn exit_extern_out(&mut self, tally: &mut Tally) {
        let (token, address) = self.token();
        let balance = self.balance(token);
        let amount = Amount(self.part(balance, 1, 3));
        let mut after = self.model.clone();
        let expected = after.exit_swap_extern_amount_out(token, amount, Amount::MAX).ok();
        let limit = Amount(self.limit(expected.map(|shares| shares.0), U256::MAX));
        self.last = format!("exit for {amount} of {token:?} up to {limit}");
        let result = self.model.exit_swap_extern_amount_out(token, amount, limit);
        let call = Call::new("exitswapExternAmountOut(address,uint256,uint256)", 3);
        let call = call.address(address).word(amount.0).word(limit.0);
        self.check("exit extern out", result.map(|shares| vec![shares.0]), call, tally);
    }

    fn check(
        &mut self,
        operation: &str,
        model: Result<Vec<U256>, BPoolError>,
        call: Call,
        tally: &mut Tally,
    ) {
        for token in self.oracle.tokens.clone() {
            self.oracle.fund(token).unwrap();
        }
        let gas = if model == Err(BPoolError::OutOfGas) { BLOCK_GAS } else { u64::MAX >> 14 };
        self.oracle.evm.set_gas_limit(gas);
        let real = self.oracle.send(call).unwrap();
        self.oracle.evm.set_gas_limit(u64::MAX >> 14);
        self.check_outcome(operation, model, real, tally);
    }

    fn check_outcome(
        &mut self,
        operation: &str,
        model: Result<Vec<U256>, BPoolError>,
        real: Outcome,
        tally: &mut Tally,
    ) {
        let context = || format!("after {} (world {})", self.last, self.seed);
        assert_eq!(self.unknown(&real.changes), None, "changed, {}", context());
        match &model {
            Ok(_) => tally.count(operation),
            Err(_) => {
                let reason = real.result.as_ref().err().map_or("<none>", Revert::reason);
                tally.revert(operation, reason);
            }
        }
        let real = real.result.map(|answer| answer.words());
        assert_eq!(model.map_err(expected), real, "model and contract, {}", context());
        self.compare_storage();
    }

    /// Says which change of the contract nothing in the model stands for.
    fn unknown(&self, changes: &[SlotChange]) -> Option<SlotChange> {
        let is_known = |slot: &U256| {
            *slot <= U256::from(BPoolSlot::TotalWeight as u64)
                || *slot == BPoolOracle::shares_slot()
                || self
                    .oracle
                    .tokens
                    .iter()
                    .any(|token| BPoolOracle::record_slots(*token).contains(slot))
                || (0..8).any(|index| BPoolOracle::token_slot(index) == *slot)
        };
        changes.iter().copied().find(|change| !is_known(&change.slot))
    }

    fn compare_storage(&self) {
        let context = || format!("after {} (world {})", self.last, self.seed);
        let model = &self.model;
        let supply = model.total_supply().0;
        let expected = [
            (BPoolSlot::TotalSupply, supply),
            (BPoolSlot::Controller, BPoolOracle::controller_word(model.is_public_swap())),
            (BPoolSlot::SwapFee, model.swap_fee()),
            (BPoolSlot::Finalized, U256::from(u8::from(model.is_finalized()))),
            (BPoolSlot::Tokens, U256::from(model.tokens().len())),
            (BPoolSlot::TotalWeight, model.total_weight()),
        ];
        for (slot, word) in expected {
            assert_eq!(word, self.oracle.slot(slot), "{slot:?} {}", context());
        }
        assert_eq!(supply, self.oracle.shares(), "shares {}", context());
        let storage = |slot: U256| self.oracle.evm.storage(self.oracle.pool, slot);
        for (index, (token, address)) in model.tokens().iter().zip(&self.order).enumerate() {
            let real = BPoolOracle::record_slots(*address).map(storage);
            let weight = token.denormalized_weight;
            let record = [U256::ONE, U256::from(index), weight, token.balance.0];
            assert_eq!(record, real, "record of token {index} {}", context());
            let listed = storage(BPoolOracle::token_slot(index));
            assert_eq!(address_word(*address), listed, "token {index} {}", context());
            let held = self.oracle.held(*address, self.oracle.pool);
            assert_eq!(token.held.0, held, "held of token {index} {}", context());
        }
    }

    fn compare_getters(&mut self) {
        let occupied = self.oracle.evm.occupied_slots(self.oracle.pool);
        assert_eq!(self.unknown(&occupied), None, "occupied, after {}", self.last);
        let state = self.model.state();
        assert_eq!(BPool::new(&state).as_ref(), Ok(&self.model), "the state is all there is");
        for _ in 0..2 {
            let (pair, [input, output]) = self.pair();
            let price = self.model.price_with_fee(pair);
            self.compare_view("getSpotPrice(address,address)", [input, output], price);
            let price = self.model.price_without_fee(pair);
            self.compare_view("getSpotPriceSansFee(address,address)", [input, output], price);
        }
    }

    fn compare_view(
        &mut self,
        getter: &str,
        [input, output]: [Address; 2],
        model: Result<U256, BPoolError>,
    ) {
        let call = Call::new(getter, 2).address(input).address(output);
        let real = self.oracle.view(call).unwrap();
        let real = real.map(|answer: Answer| answer.words());
        let model = model.map(|word| vec![word]).map_err(expected);
        assert_eq!(model, real, "{getter} after {} (world {})", self.last, self.seed);
    }
}

/// How the contract fails where the model gives this error.
fn expected(error: BPoolError) -> Revert {
    match (error, error.reason()) {
        (_, Some(reason)) => Revert::Reason(reason.to_owned()),
        (BPoolError::TokenOverflow, None) => Revert::Reason("balance overflow".to_owned()),
        (BPoolError::OutOfGas, None) => Revert::Halt("OutOfGas(Basic)".to_owned()),
        (_, None) => Revert::InvalidOpcode,
    }
}

#[test]
fn initial_shares_are_a_hundred() {
    assert_eq!(INITIAL_SHARES.0, U256::from(100) * ONE);
}

/// Prints what ordinary calls cost, and checks what the facts say of it.
#[test]
fn calls_cost_what_the_facts_say() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let mut oracle = BPoolOracle::new(&artifacts, 2).unwrap();
    let [first, second] = [oracle.tokens[0], oracle.tokens[1]];
    for token in [first, second] {
        oracle.fund(token).unwrap();
        let call = Call::new("bind(address,uint256,uint256)", 3).address(token);
        let call = call.word(U256::from(1000) * ONE).word(ONE);
        assert!(oracle.send(call).unwrap().result.is_ok());
    }
    assert!(oracle.send(Call::new("finalize()", 0)).unwrap().result.is_ok());
    let swap = Call::new("swapExactAmountIn(address,uint256,address,uint256,uint256)", 5);
    let swap = swap.address(first).word(ONE).address(second).word(U256::ZERO).word(U256::MAX);
    let most = [U256::MAX; 2];
    let extern_in = Call::new("joinswapExternAmountIn(address,uint256,uint256)", 3);
    let calls = [
        ("swapExactAmountIn, equal weights", swap),
        ("joinPool, 2 tokens", Call::new("joinPool(uint256,uint256[])", 2).word(ONE).array(&most)),
        (
            "exitPool, 2 tokens",
            Call::new("exitPool(uint256,uint256[])", 2).word(ONE).array(&[U256::ZERO; 2]),
        ),
        (
            "joinswapExternAmountIn, equal weights",
            extern_in.address(first).word(ONE).word(U256::ZERO),
        ),
    ];
    let mut measured = Vec::new();
    for (name, call) in calls {
        let outcome = oracle.send(call).unwrap();
        assert!(outcome.result.is_ok(), "{name}");
        println!("{name}: {} gas", outcome.gas);
        measured.push(GasFigure { call: name, gas: outcome.gas });
    }
    assert_eq!(FACTS.gas, measured);
}

#[test]
fn a_power_without_end_takes_more_gas_than_a_block_has() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let mut world = World::new(&artifacts, 1);
    let mut tally = Tally::new("Balancer v1 power", 1);
    for (index, weight) in [(0, 200_u64), (1, 133)] {
        let token = world.oracle.tokens[index];
        let balance = U256::from(1000) * ONE;
        let denormalized_weight = ONE / U256::from(100) * U256::from(weight);
        let binding = Binding { balance: Amount(balance), denormalized_weight };
        world.model.bind(binding, Amount::ZERO).unwrap();
        world.order.push(token);
        world.oracle.fund(token).unwrap();
        let call = Call::new("bind(address,uint256,uint256)", 3).address(token);
        let call = call.word(balance).word(denormalized_weight);
        assert!(world.oracle.send(call).unwrap().result.is_ok());
    }
    world.finalize(&mut tally);
    let token = TokenIndex(0);
    let shares = Amount(U256::from(100) * ONE - U256::from(10_000));
    let result = world.model.join_swap_pool_amount_out(token, shares, Amount::MAX);
    assert_eq!(result, Err(BPoolError::OutOfGas));
    let call = Call::new("joinswapPoolAmountOut(address,uint256,uint256)", 3);
    let call = call.address(world.order[0]).word(shares.0).word(U256::MAX);
    world.check("join pool out", result.map(|amount| vec![amount.0]), call, &mut tally);
}
