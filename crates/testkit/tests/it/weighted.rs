//! Balancer v2 weighted pools of both builds, in the real vault.

mod fixed_point;
mod gas;
mod logs;
mod recorded;

use tidemill_amm::weighted::{
    MINIMUM_SHARES, Weighted, WeightedBuild, WeightedChange, WeightedError, WeightedExit,
    WeightedJoin, WeightedState,
};
use tidemill_amm::{PoolError, SwapAmount, Trade};
use tidemill_testkit::{Call, Outcome, Random, Revert, VaultOracle, VaultPool, WeightedContract};
use tidemill_units::{Amount, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const TESTS: u64 = 2;
const OPERATIONS_PER_WORLD: u64 = 400;
const ONE: u64 = 1_000_000_000_000_000_000;

#[test]
fn weighted_equals_the_contracts_first_half() {
    check_sequences("weighted pools, first half", 1);
}

#[test]
fn weighted_equals_the_contracts_second_half() {
    check_sequences("weighted pools, second half", 2);
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
        let mut world = World::new(seed, tally);
        for _ in 0..most {
            world.step(tally);
        }
        most
    });
}

const OPERATIONS: [&str; 16] = [
    "swap in",
    "swap out",
    "join: initial",
    "join: exact tokens",
    "join: one token",
    "join: all tokens",
    "exit: all tokens",
    "exit: exact tokens",
    "exit: one token",
    "protocol paid in tokens",
    "protocol paid in shares",
    "look up protocol fees",
    "set protocol fees",
    "set rates",
    "set swap fee",
    "getters",
];
/// Those that every run of this length meets; the rarer ones are printed.
const REVERTS: [&str; 27] = [
    "swap in: BAL#003",
    "swap in: BAL#304",
    "swap in: BAL#509",
    "swap in: BAL#510",
    "swap out: BAL#305",
    "swap out: BAL#526",
    "join: initial: BAL#204",
    "join: initial: BAL#310",
    "join: exact tokens: BAL#103",
    "join: exact tokens: BAL#208",
    "join: exact tokens: BAL#526",
    "join: one token: BAL#005",
    "join: one token: BAL#100",
    "join: one token: BAL#307",
    "join: all tokens: <none>",
    "join: all tokens: BAL#526",
    "exit: all tokens: BAL#001",
    "exit: all tokens: BAL#311",
    "exit: all tokens: BAL#406",
    "exit: all tokens: BAL#434",
    "exit: exact tokens: BAL#001",
    "exit: exact tokens: BAL#207",
    "exit: one token: BAL#001",
    "exit: one token: BAL#100",
    "exit: one token: BAL#306",
    "set swap fee: BAL#202",
    "set swap fee: BAL#203",
];

/// The model and the contract, side by side.
struct World {
    model: Weighted,
    oracle: VaultOracle,
    pool: VaultPool,
    count: usize,
    random: Random,
    seed: u64,
    /// Bits of the amounts of each token that this world mostly deals in.
    scale: Vec<u64>,
    /// What the actor holds of each token, as the model has it, and what the collector does.
    held: Vec<U256>,
    collected: Vec<U256>,
    shares: U256,
    protocol_shares: U256,
    /// What the provider says: the protocol's parts of swap fees and of the growth of rates.
    provider_fees: [U256; 2],
    last: String,
}

impl World {
    fn new(seed: u64, tally: &mut Tally) -> Self {
        let mut random = Random::new(seed);
        let count = if random.once_in(2) { 2 } else { 2 + random.below(7) as usize };
        let contract = random.pick(&[
            WeightedContract::April2021,
            WeightedContract::April2021TwoTokens,
            WeightedContract::September2022,
            WeightedContract::September2022,
        ]);
        let count = if contract == WeightedContract::April2021TwoTokens { 2 } else { count };
        tally.count(&format!("worlds of {contract:?}"));
        let build = match contract {
            WeightedContract::April2021 | WeightedContract::April2021TwoTokens => {
                WeightedBuild::April2021
            }
            WeightedContract::September2022 => WeightedBuild::September2022,
        };
        let has_rates = build == WeightedBuild::September2022 && random.once_in(2);
        let rated: Vec<bool> = (0..count).map(|_| has_rates && random.once_in(2)).collect();
        let decimals: Vec<u8> =
            (0..count).map(|_| random.pick(&[18, 18, 6, 8, 0, 17, 2])).collect();
        let weights = weights(&mut random, count);
        let swap_fee = swap_fee(&mut random);
        let mut oracle = VaultOracle::new(&decimals).unwrap();
        let pool = oracle.weighted(contract, &weights, &rated, swap_fee).unwrap();
        let state = WeightedState {
            build,
            balances: vec![Amount::ZERO; count],
            decimals,
            weights,
            rates: rated.iter().map(|rated| rated.then(|| U256::from(ONE))).collect(),
            swap_fee,
            total_supply: Amount::ZERO,
            last_invariant: U256::ZERO,
            protocol_swap_fee: U256::ZERO,
            protocol_yield_fee: U256::ZERO,
            highest_rate_product: U256::ZERO,
        };
        let model = Weighted::new(&state).unwrap();
        let base = 4 + random.below(104);
        let scale = (0..count).map(|_| (base + random.below(14)).min(111)).collect();
        let held = oracle.tokens.iter().map(|token| oracle.holding(*token, oracle.actor)).collect();
        let (collected, last) = (vec![U256::ZERO; count], String::new());
        let (shares, protocol_shares) = (U256::ZERO, U256::ZERO);
        let provider_fees = [U256::ZERO; 2];
        Self {
            model,
            oracle,
            pool,
            count,
            random,
            seed,
            scale,
            held,
            collected,
            shares,
            protocol_shares,
            provider_fees,
            last,
        }
    }

    fn step(&mut self, tally: &mut Tally) {
        let is_empty = self.model.total_supply().is_zero();
        match self.random.below(32) {
            _ if is_empty && !self.random.once_in(6) => self.first_join(tally),
            0..=14 => self.swap(tally),
            15..=20 => self.join(tally),
            21..=26 => self.exit(tally),
            27 => self.set_swap_fee(tally),
            28 => self.set_protocol_fees(tally),
            29 => self.look_up_protocol_fees(tally),
            30 => self.set_rates(tally),
            _ => self.compare_getters(tally),
        }
    }

    fn swap(&mut self, tally: &mut Tally) {
        let input = self.random.below(self.count as u64) as usize;
        let mut output = self.random.below(self.count as u64) as usize;
        if output == input && !self.random.once_in(50) {
            output = (input + 1) % self.count;
        }
        let is_exact_in = self.random.once_in(2);
        let place = if is_exact_in { input } else { output };
        let balance = self.balances()[place];
        let third = balance / U256::from(10) * U256::from(3);
        let amount = match self.random.below(12) {
            0 => U256::from(self.random.below(3)),
            1 => third,
            2 => third + U256::from(self.random.below(20)),
            3 => {
                // Close to the largest that is allowed once the fee is off.
                let fee = self.model.swap_fee();
                let one = U256::from(ONE);
                (third.saturating_mul(one) / (one - fee)).saturating_add(self.random.wide(3))
            }
            4 => self.random.wide(256),
            5 => self.random.wide(self.scale[place]),
            _ => self.random.up_to(third),
        };
        let swap_amount = if is_exact_in {
            SwapAmount::ExactIn(Amount(amount))
        } else {
            SwapAmount::ExactOut(Amount(amount))
        };
        let pair = TokenPair { input: TokenIndex(input as u8), output: TokenIndex(output as u8) };
        let trade = Trade { pair, amount: swap_amount };
        self.last = format!("{trade:?}");
        let before = self.model.clone();
        let quoted = self.model.quote_swap(&trade);
        let result = self.model.swap_tokens(&trade);
        assert_eq!(quoted, result, "{}", self.context());
        let tokens = [self.oracle.tokens[input], self.oracle.tokens[output]];
        let kind = u64::from(!is_exact_in);
        let real = self.oracle.swap(&self.pool, kind, tokens, amount).unwrap();
        let name = if is_exact_in { "swap in" } else { "swap out" };
        match result {
            Ok(quote) => {
                tally.count(name);
                let answer = if is_exact_in { quote.amount_out } else { quote.amount_in };
                let words = real.result.map(|answer| answer.words());
                assert_eq!(words, Ok(vec![answer.0]), "{}", self.context());
                self.held[input] -= quote.amount_in.0;
                self.held[output] += quote.amount_out.0;
                self.compare();
            }
            Err(error) => {
                assert_eq!(before, self.model, "{}", self.context());
                // The vault asks for an amount before it asks for two tokens.
                let reason = if amount.is_zero() { Some("BAL#510") } else { reason(error) };
                self.refused(name, reason, &real, tally);
            }
        }
    }

    /// A part of a whole, of any of so many orders of magnitude.
    fn part_of(&mut self, whole: U256, magnitudes: u64) -> U256 {
        let shift = self.random.below(magnitudes) as usize;
        self.random.up_to(whole >> shift)
    }

    fn balances(&self) -> Vec<U256> {
        self.model.vault_balances().as_slice().iter().map(|amount| amount.0).collect()
    }

    fn amounts(&mut self) -> TokenAmounts {
        let balances = self.balances();
        let amounts: Vec<Amount> = (0..self.count)
            .map(|token| {
                Amount(match self.random.below(8) {
                    0 | 1 => U256::ZERO,
                    2 => U256::from(self.random.below(3)),
                    3 => balances[token],
                    4 => self.random.wide(self.scale[token]),
                    5 if self.random.once_in(20) => self.random.wide(256),
                    _ => self.part_of(balances[token], 8),
                })
            })
            .collect();
        TokenAmounts::new(&amounts).unwrap()
    }

    fn first_join(&mut self, tally: &mut Tally) {
        let amounts: Vec<Amount> = (0..self.count)
            .map(|token| {
                let bits = self.scale[token];
                let amount = U256::ONE << (bits as usize) | self.random.wide(bits);
                Amount(match self.random.below(60) {
                    0 => self.random.wide(115),
                    1 => self.random.wide(256),
                    _ => amount,
                })
            })
            .collect();
        let amounts = TokenAmounts::new(&amounts).unwrap();
        self.make_join(&WeightedJoin::Initial { amounts }, tally);
    }

    fn join(&mut self, tally: &mut Tally) {
        let supply = self.model.total_supply().0;
        let shares = Amount(match self.random.below(8) {
            0 => supply.saturating_mul(U256::from(2)) + U256::from(self.random.below(2)),
            1 => U256::from(self.random.below(3)),
            2 => self.random.wide(256),
            3 => self.random.up_to(supply.saturating_mul(U256::from(3))),
            _ => self.part_of(supply, 40),
        });
        let token = TokenIndex(self.random.below(self.count as u64 + 1) as u8);
        let token = if self.random.once_in(6) { token } else { TokenIndex(token.0 % 2) };
        let join = match self.random.below(16) {
            0 => WeightedJoin::Initial { amounts: self.amounts() },
            1..=7 => {
                let amounts = if self.random.once_in(30) {
                    TokenAmounts::zero(1 + self.random.below(8) as usize).unwrap()
                } else {
                    self.amounts()
                };
                let least = WeightedJoin::ExactTokens { amounts, least_shares: Amount::ZERO };
                let quoted = self.model.quote_join(&least).map_or(U256::ZERO, |it| it.shares.0);
                let least_shares = match self.random.below(4) {
                    0 => quoted,
                    1 => quoted.saturating_add(U256::ONE),
                    _ => U256::ZERO,
                };
                WeightedJoin::ExactTokens { amounts, least_shares: Amount(least_shares) }
            }
            8..=11 => WeightedJoin::OneToken { token, shares },
            _ => WeightedJoin::AllTokens { shares },
        };
        self.make_join(&join, tally);
    }

    fn make_join(&mut self, join: &WeightedJoin, tally: &mut Tally) {
        let (name, data) = match join {
            WeightedJoin::Initial { amounts } => {
                ("join: initial", Call::bare(2).word(U256::ZERO).array(&words(amounts)))
            }
            WeightedJoin::ExactTokens { amounts, least_shares } => {
                let data = Call::bare(3).word(U256::ONE).array(&words(amounts));
                ("join: exact tokens", data.word(least_shares.0))
            }
            WeightedJoin::OneToken { token, shares } => {
                let data = Call::bare(3).word(U256::from(2)).word(shares.0);
                ("join: one token", data.word(U256::from(token.0)))
            }
            WeightedJoin::AllTokens { shares } => {
                ("join: all tokens", Call::bare(2).word(U256::from(3)).word(shares.0))
            }
        };
        self.last = format!("{join:?}");
        let is_first = self.model.total_supply().is_zero();
        let before = self.model.clone();
        let quoted = self.model.quote_join(join);
        let result = self.model.join(join);
        assert_eq!(quoted, result, "{}", self.context());
        let real = self.oracle.join(&self.pool, &data.encode()).unwrap();
        match result {
            Ok(change) => {
                assert_eq!(real.result.map(|_| ()), Ok(()), "{}", self.context());
                for (held, amount) in self.held.iter_mut().zip(change.amounts.as_slice()) {
                    *held -= amount.0;
                }
                self.shares += change.shares.0;
                if is_first {
                    self.shares -= MINIMUM_SHARES.0;
                }
                self.collect(&change, tally);
                tally.count(name);
                self.compare();
            }
            Err(error) => {
                assert_eq!(before, self.model, "{}", self.context());
                self.refused(name, error.reason(), &real, tally);
            }
        }
    }

    fn exit(&mut self, tally: &mut Tally) {
        let supply = self.model.total_supply().0;
        let shares = Amount(match self.random.below(10) {
            0 => supply.saturating_mul(U256::from(3)) / U256::from(10),
            1 => U256::from(self.random.below(3)),
            2 => self.random.up_to(supply),
            3 => self.shares.saturating_add(U256::from(self.random.below(3))),
            4 => supply.saturating_add(U256::from(self.random.below(2))),
            5 if self.random.once_in(4) => self.random.wide(256),
            _ => self.part_of(self.shares >> 1_usize, 40),
        });
        let token = TokenIndex(self.random.below(self.count as u64 + 1) as u8);
        let token = if self.random.once_in(6) { token } else { TokenIndex(token.0 % 2) };
        let exit = match self.random.below(3) {
            0 => WeightedExit::OneToken { shares, token },
            1 => WeightedExit::AllTokens { shares },
            _ => {
                let mut amounts = self.amounts();
                if !self.random.once_in(4) {
                    let part = 1 + self.random.below(8) as usize;
                    for amount in amounts.as_mut_slice() {
                        *amount = Amount(amount.0 >> part);
                    }
                }
                let most = WeightedExit::ExactTokens { amounts, most_shares: Amount(U256::MAX) };
                let quoted = self.model.quote_exit(&most).map_or(U256::ZERO, |it| it.shares.0);
                let most_shares = match self.random.below(4) {
                    0 => quoted,
                    1 => quoted.saturating_sub(U256::ONE),
                    _ => U256::MAX,
                };
                WeightedExit::ExactTokens { amounts, most_shares: Amount(most_shares) }
            }
        };
        self.make_exit(&exit, tally);
    }

    fn make_exit(&mut self, exit: &WeightedExit, tally: &mut Tally) {
        let (name, data) = match exit {
            WeightedExit::OneToken { shares, token } => {
                let data = Call::bare(3).word(U256::ZERO).word(shares.0);
                ("exit: one token", data.word(U256::from(token.0)))
            }
            WeightedExit::AllTokens { shares } => {
                ("exit: all tokens", Call::bare(2).word(U256::ONE).word(shares.0))
            }
            WeightedExit::ExactTokens { amounts, most_shares } => {
                let data = Call::bare(3).word(U256::from(2)).array(&words(amounts));
                ("exit: exact tokens", data.word(most_shares.0))
            }
        };
        self.last = format!("{exit:?}");
        let before = self.model.clone();
        let quoted = self.model.quote_exit(exit);
        // The protocol holds shares too, which the actor cannot burn.
        let result = match quoted {
            Ok(change) if change.shares.0 > self.shares => {
                Err(WeightedError::InsufficientShares(self.model.build()))
            }
            Ok(_) | Err(_) => self.model.exit(exit),
        };
        let real = self.oracle.exit(&self.pool, &data.encode()).unwrap();
        match result {
            Ok(change) => {
                assert_eq!(real.result.map(|_| ()), Ok(()), "{}", self.context());
                for (held, amount) in self.held.iter_mut().zip(change.amounts.as_slice()) {
                    *held += amount.0;
                }
                self.shares -= change.shares.0;
                self.collect(&change, tally);
                tally.count(name);
                self.compare();
            }
            Err(error) => {
                assert_eq!(before, self.model, "{}", self.context());
                self.refused(name, error.reason(), &real, tally);
            }
        }
    }

    fn collect(&mut self, change: &WeightedChange, tally: &mut Tally) {
        if !change.protocol_amounts.is_zero() {
            tally.count("protocol paid in tokens");
        }
        if !change.protocol_shares.is_zero() {
            tally.count("protocol paid in shares");
        }
        for (collected, fee) in self.collected.iter_mut().zip(change.protocol_amounts.as_slice()) {
            *collected += fee.0;
        }
        self.protocol_shares += change.protocol_shares.0;
    }

    fn set_swap_fee(&mut self, tally: &mut Tally) {
        let fee = match self.random.below(8) {
            0 => U256::from(1_000_000_000_000_u64 - 1),
            1 => U256::from(ONE / 10 + 1),
            _ => swap_fee(&mut self.random),
        };
        self.last = format!("set swap fee {fee}");
        let result = self.model.set_swap_fee(fee);
        let call = Call::new("setSwapFeePercentage(uint256)", 1).word(fee);
        let real = self.oracle.call(&self.pool, call).unwrap();
        match result {
            Ok(()) => {
                tally.count("set swap fee");
                assert_eq!(real.result.map(|_| ()), Ok(()), "{}", self.context());
            }
            Err(error) => self.refused("set swap fee", error.reason(), &real, tally),
        }
    }

    fn set_protocol_fees(&mut self, tally: &mut Tally) {
        let half = ONE / 2;
        let swap = U256::from(self.random.pick(&[0, 1, half, half, half / 3, ONE / 100]));
        let growth = U256::from(self.random.pick(&[0, half, ONE / 7, ONE, ONE / 2 + 1]));
        self.last = format!("set protocol fees {swap} {growth}");
        let real = self.oracle.set_protocol_swap_fee(swap).unwrap();
        assert_eq!(real.result.map(|_| ()), Ok(()), "{}", self.context());
        let real = self.oracle.set_protocol_yield_fee(growth).unwrap();
        assert_eq!(real.result.map(|_| ()), Ok(()), "{}", self.context());
        self.provider_fees = [swap, growth];
        match self.model.build() {
            WeightedBuild::April2021 => self.model.set_protocol_swap_fee(swap).unwrap(),
            WeightedBuild::September2022 => {}
        }
        tally.count("set protocol fees");
    }

    fn look_up_protocol_fees(&mut self, tally: &mut Tally) {
        if self.model.build() == WeightedBuild::April2021 {
            return;
        }
        let [swap, growth] = self.provider_fees;
        self.last = format!("look up protocol fees {swap} {growth}");
        let result = self.model.update_protocol_fees(swap, growth);
        let call = Call::new("updateProtocolFeePercentageCache()", 0);
        let real = self.oracle.call(&self.pool, call).unwrap();
        match result {
            Ok(minted) => {
                tally.count("look up protocol fees");
                assert_eq!(real.result.map(|_| ()), Ok(()), "{}", self.context());
                self.protocol_shares += minted.0;
            }
            Err(error) => {
                self.refused("look up protocol fees", error.reason(), &real, tally);
            }
        }
        self.compare();
    }

    fn set_rates(&mut self, tally: &mut Tally) {
        let mut rates = self.model.state().rates;
        for (token, rate) in rates.iter_mut().enumerate() {
            if let Some(rate) = rate {
                let grown = *rate + *rate / U256::from(1 + self.random.below(1000));
                *rate = match self.random.below(8) {
                    0 => self.random.wide(256),
                    1 => U256::from(ONE),
                    2 => *rate - *rate / U256::from(1000),
                    _ if rate.bit_len() > 100 => U256::from(ONE),
                    _ => grown,
                };
                if self.random.once_in(100) {
                    *rate = U256::ZERO;
                }
                self.oracle.set_rate(self.oracle.tokens[token], *rate).unwrap();
            }
        }
        self.last = format!("set rates {rates:?}");
        self.model.set_rates(&rates).unwrap();
        tally.count("set rates");
    }

    fn refused(
        &self,
        operation: &str,
        reason: Option<&'static str>,
        real: &Outcome,
        tally: &mut Tally,
    ) {
        tally.revert(operation, reason.unwrap_or("<none>"));
        let expected = reason.map_or(Revert::Empty, |reason| Revert::Reason(reason.to_owned()));
        assert_eq!(real.result.as_ref().err(), Some(&expected), "{}", self.context());
    }

    fn compare(&mut self) {
        let (_, balances) = self.oracle.pool_tokens(&self.pool).unwrap();
        assert_eq!(self.balances(), balances, "balances, {}", self.context());
        let supply = self.oracle.ask(&self.pool, "totalSupply()").unwrap();
        assert_eq!(self.model.total_supply().0, supply, "shares, {}", self.context());
        let invariant = match self.model.build() {
            WeightedBuild::April2021 => "getLastInvariant()",
            WeightedBuild::September2022 => "getLastPostJoinExitInvariant()",
        };
        let invariant = self.oracle.ask(&self.pool, invariant).unwrap();
        assert_eq!(self.model.last_invariant(), invariant, "invariant, {}", self.context());
        for (token, address) in self.oracle.tokens.iter().enumerate() {
            let held = self.oracle.holding(*address, self.oracle.actor);
            assert_eq!(self.held[token], held, "held of {token}, {}", self.context());
            let collected = self.oracle.holding(*address, self.oracle.collector);
            assert_eq!(
                self.collected[token],
                collected,
                "collected of {token}, {}",
                self.context()
            );
        }
        let holders =
            [(self.oracle.actor, self.shares), (self.oracle.collector, self.protocol_shares)];
        for (holder, shares) in holders {
            let call = Call::new("balanceOf(address)", 1).address(holder);
            let real = self.oracle.ask_with(&self.pool, "balanceOf", call).unwrap();
            assert_eq!(shares, real, "shares of {holder}, {}", self.context());
        }
        if self.model.build() == WeightedBuild::September2022 {
            let product = self.oracle.ask(&self.pool, "getATHRateProduct()").unwrap();
            assert_eq!(self.model.highest_rate_product(), product, "rates, {}", self.context());
        }
        let state = self.model.state();
        assert_eq!(Weighted::new(&state).as_ref(), Ok(&self.model), "state, {}", self.context());
    }

    fn compare_getters(&mut self, tally: &mut Tally) {
        tally.count("getters");
        let mut expected = vec![("getInvariant()", self.model.invariant())];
        if self.model.build() == WeightedBuild::September2022 {
            let supply = self.model.actual_supply().map(|supply| supply.0);
            expected.push(("getActualSupply()", supply));
        }
        for (name, model) in expected {
            let real = self.oracle.evm.view(self.pool.address, Call::new(name, 0)).unwrap();
            let model = model.map(|word| vec![word]).map_err(|error| {
                error.reason().map_or(Revert::Empty, |reason| Revert::Reason(reason.to_owned()))
            });
            assert_eq!(model, real.map(|answer| answer.words()), "{name}, {}", self.context());
        }
        let fee = self.oracle.ask(&self.pool, "getSwapFeePercentage()").unwrap();
        assert_eq!(self.model.swap_fee(), fee);
    }

    fn context(&self) -> String {
        format!("after {} (world {}, {:?})", self.last, self.seed, self.model.state())
    }
}

fn words(amounts: &TokenAmounts) -> Vec<U256> {
    amounts.as_slice().iter().map(|amount| amount.0).collect()
}

/// The contract's reason for a swap that the model refuses.
fn reason(error: PoolError) -> Option<&'static str> {
    if let PoolError::Weighted(error) = error {
        return error.reason();
    }
    assert_eq!(error, PoolError::NoSuchPair);
    Some("BAL#509")
}

fn swap_fee(random: &mut Random) -> U256 {
    let smallest = 1_000_000_000_000_u64;
    let largest = ONE / 10;
    U256::from(match random.below(4) {
        0 => smallest,
        1 => largest,
        2 => random.pick(&[ONE / 100, ONE / 1000 * 3, ONE / 10_000 * 5]),
        _ => smallest + random.below(largest - smallest),
    })
}

/// Weights that add up: round ones, extreme ones and any.
fn weights(random: &mut Random, count: usize) -> Vec<U256> {
    let percent = ONE / 100;
    let mut weights = vec![percent; count];
    let mut left = ONE - percent * count as u64;
    match random.below(4) {
        0 if count == 2 => {
            weights = random
                .pick(&[
                    [ONE / 2, ONE / 2],
                    [ONE / 5 * 4, ONE / 5],
                    [ONE / 5, ONE / 5 * 4],
                    [percent, percent * 99],
                    [percent * 20 + 1, percent * 80 - 1],
                ])
                .to_vec()
        }
        0 | 1 => {
            let even = left / count as u64;
            for weight in &mut weights {
                *weight += even;
                left -= even;
            }
            weights[0] += left;
        }
        _ => {
            for weight in &mut weights[1..] {
                let part = random.below(left + 1);
                *weight += part;
                left -= part;
            }
            weights[0] += left;
        }
    }
    weights.into_iter().map(U256::from).collect()
}
