//! Balancer v2 composable stable pools of both builds, in the real vault.

mod gas;
mod logs;
mod node_snapshot;
mod settings;

use tidemill_amm::composable_stable::{
    ComposableStable, ComposableStableBuild, ComposableStableChange, ComposableStableExit,
    ComposableStableJoin, ComposableStableState, MINIMUM_SHARES, ShareTrade, TokenRate,
};
use tidemill_amm::{PoolError, SharePool, SwapAmount, Trade};
use tidemill_testkit::{
    Call, ComposableContract, ComposableOracle, ComposableParameters, Outcome, Random, Revert,
};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const TESTS: u64 = 2;
const OPERATIONS_PER_WORLD: u64 = 250;
/// After so many refusals on end a pool can hardly do anything any more.
const MOST_REFUSED: u64 = 12;
const ONE: u64 = 1_000_000_000_000_000_000;
const START: u64 = 1_670_000_000;
/// What the contract cannot store as a time.
const END_OF_TIME: u64 = 1 << 32;
const DAY: u64 = 86_400;

#[test]
fn composable_stable_equals_the_contracts_first_half() {
    check_sequences("composable stable pools, first half", 1);
}

#[test]
fn composable_stable_equals_the_contracts_second_half() {
    check_sequences("composable stable pools, second half", 2);
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
        while world.steps < most && world.refused < MOST_REFUSED {
            world.step(tally);
        }
        world.steps
    });
}

const OPERATIONS: [&str; 25] = [
    "swap in",
    "swap out",
    "buy shares, in",
    "buy shares, out",
    "sell shares, in",
    "sell shares, out",
    "join: initial",
    "join: exact tokens",
    "join: one token",
    "join: all tokens",
    "exit: all tokens",
    "exit: exact tokens",
    "exit: one token",
    "exit: recovery",
    "protocol paid",
    "look up protocol fees",
    "set protocol fees",
    "set rates",
    "update rate",
    "set rate duration",
    "set swap fee",
    "start ramp",
    "stop ramp",
    "disable recovery mode",
    "getters",
];
/// Those that every run of this length meets; the rarer ones are printed.
const REVERTS: [&str; 58] = [
    "swap in: BAL#001",
    "swap in: BAL#003",
    "swap in: BAL#004",
    "swap in: BAL#321",
    "swap in: BAL#329",
    "swap in: BAL#509",
    "swap in: BAL#510",
    "swap in: BAL#526",
    "swap out: BAL#001",
    "swap out: BAL#003",
    "swap out: BAL#004",
    "swap out: BAL#321",
    "buy shares, in: BAL#003",
    "buy shares, in: BAL#321",
    "buy shares, in: BAL#510",
    "buy shares, out: BAL#001",
    "buy shares, out: BAL#003",
    "buy shares, out: BAL#321",
    "sell shares, in: BAL#001",
    "sell shares, in: BAL#321",
    "sell shares, in: BAL#416",
    "sell shares, out: BAL#001",
    "sell shares, out: BAL#003",
    "join: initial: BAL#001",
    "join: initial: BAL#003",
    "join: initial: BAL#004",
    "join: initial: BAL#310",
    "join: initial: BAL#321",
    "join: exact tokens: BAL#001",
    "join: exact tokens: BAL#103",
    "join: exact tokens: BAL#208",
    "join: exact tokens: BAL#321",
    "join: one token: BAL#003",
    "join: one token: BAL#100",
    "join: one token: BAL#321",
    "join: all tokens: <none>",
    "join: all tokens: BAL#321",
    "exit: all tokens: <none>",
    "exit: all tokens: BAL#001",
    "exit: all tokens: BAL#434",
    "exit: exact tokens: BAL#001",
    "exit: exact tokens: BAL#103",
    "exit: exact tokens: BAL#207",
    "exit: one token: BAL#001",
    "exit: one token: BAL#100",
    "exit: one token: BAL#434",
    "exit: recovery: BAL#434",
    "exit: recovery: BAL#438",
    "look up protocol fees: BAL#321",
    "set rate duration: BAL#341",
    "set rate duration: BAL#436",
    "set swap fee: BAL#202",
    "set swap fee: BAL#203",
    "start ramp: BAL#317",
    "start ramp: BAL#318",
    "start ramp: BAL#319",
    "stop ramp: BAL#320",
    "update rate: BAL#341",
];

/// The model and the contract, side by side.
struct World {
    model: ComposableStable,
    oracle: ComposableOracle,
    count: usize,
    random: Random,
    seed: u64,
    now: u64,
    /// A usual amount of each token.
    usual: Vec<U256>,
    /// What the actor holds of each token, as the model has it.
    held: Vec<U256>,
    /// What the provider says: the protocol's parts of swap fees and of the growth of rates.
    provider_fees: [U256; 2],
    last: String,
    steps: u64,
    /// Operations refused since the last that was not.
    refused: u64,
}

impl World {
    fn new(seed: u64, tally: &mut Tally) -> Self {
        let mut random = Random::new(seed);
        let count = 2 + random.below(4) as usize;
        let contract =
            random.pick(&[ComposableContract::September2022, ComposableContract::November2022]);
        tally.count(&format!("worlds of {contract:?}"));
        let build = match contract {
            ComposableContract::September2022 => ComposableStableBuild::September2022,
            ComposableContract::November2022 => ComposableStableBuild::November2022,
        };
        let decimals: Vec<u8> =
            (0..count).map(|_| random.pick(&[18, 18, 6, 8, 0, 17, 2])).collect();
        let rated = random.below(4);
        let durations: Vec<Option<u64>> = (0..count)
            .map(|_| {
                let duration = random.pick(&[0, 1, 60, 3_600, DAY, 10 * DAY]);
                (rated == 3 || rated > 0 && random.once_in(2)).then_some(duration)
            })
            .collect();
        let exempt = random.below(3);
        let exempt: Vec<bool> = durations
            .iter()
            .map(|it| it.is_some() && (exempt == 2 || exempt == 1 && random.once_in(2)))
            .collect();
        let at = if random.once_in(60) { END_OF_TIME - 15 * DAY } else { START };
        let parameters = ComposableParameters {
            contract,
            decimals,
            durations,
            exempt,
            amplification: amplification(&mut random),
            swap_fee: swap_fee(&mut random),
            at,
        };
        let oracle = ComposableOracle::new(&parameters).unwrap();
        let model = ComposableStable::new(&state(build, &parameters)).unwrap();
        let base = 17 + random.below(95);
        let apart = random.pick(&[1, 1, 2, 2, 4, 8, 8, 16, 30]);
        let usual = parameters
            .decimals
            .iter()
            .map(|decimals| {
                let value = U256::ONE << (base + random.below(apart)).min(111) as usize;
                value / U256::from(10).pow(U256::from(18 - decimals)) + U256::ONE
            })
            .collect();
        let actor = oracle.world.actor;
        let tokens = &oracle.world.tokens;
        let held = tokens.iter().map(|token| oracle.world.holding(*token, actor)).collect();
        let (provider_fees, last) = ([U256::ZERO; 2], String::new());
        Self {
            model,
            oracle,
            count,
            random,
            seed,
            now: at,
            usual,
            held,
            provider_fees,
            last,
            steps: 0,
            refused: 0,
        }
    }

    fn step(&mut self, tally: &mut Tally) {
        self.steps += 1;
        self.let_time_pass();
        let is_empty = self.model.total_supply().is_zero();
        match self.random.below(48) {
            _ if is_empty && !self.random.once_in(6) => self.first_join(tally),
            0..=12 => self.swap(tally),
            13..=20 => self.swap_shares(tally),
            21..=27 => self.join(tally),
            28..=35 => self.exit(tally),
            36 => self.set_swap_fee(tally),
            37 => self.set_protocol_fees(tally),
            38 => self.look_up_protocol_fees(tally),
            39 => self.set_rates(tally),
            40 => self.update_rate(tally),
            41 => self.set_rate_duration(tally),
            42 => self.start_ramp(tally),
            43 => self.stop_ramp(tally),
            44 => self.recovery_mode(tally),
            _ => self.compare_getters(tally),
        }
    }

    /// Something that logs tell and tapes have; a swap of the pool's own shares they have not.
    fn logged_step(&mut self, tally: &mut Tally) {
        self.steps += 1;
        self.let_time_pass();
        match self.random.below(33) {
            0..=18 => self.swap(tally),
            19..=24 => self.join(tally),
            25..=29 => self.exit(tally),
            30 => self.set_swap_fee(tally),
            31 => self.start_ramp(tally),
            _ => self.stop_ramp(tally),
        }
    }

    fn at(&self) -> Timestamp {
        Timestamp(self.now)
    }

    fn let_time_pass(&mut self) {
        if self.random.once_in(10) {
            let state = self.model.state();
            let mut times = vec![state.amplification_end_time.0];
            times.extend(state.rates.iter().flatten().map(|rate| rate.expires.0));
            // The last second of a rate or ramp, the one before and the one after.
            let time = self.random.pick(&times) + self.random.below(3);
            self.now = self.now.max(time.saturating_sub(1).min(END_OF_TIME + DAY));
            self.oracle.world.evm.set_timestamp(U256::from(self.now));
            return;
        }
        self.now += match self.random.below(40) {
            0 => self.random.below(3 * DAY),
            1 => DAY,
            2 => self.random.below(20 * DAY),
            3..=10 => self.random.below(4_000),
            11..=25 => 0,
            _ => 12,
        };
        self.oracle.world.evm.set_timestamp(U256::from(self.now));
    }

    fn swap(&mut self, tally: &mut Tally) {
        let input = self.random.below(self.count as u64) as usize;
        let mut output = self.random.below(self.count as u64) as usize;
        if output == input && !self.random.once_in(50) {
            output = (input + 1) % self.count;
        }
        let is_exact_in = self.random.once_in(2);
        let amount = self.swapped_amount(if is_exact_in { input } else { output });
        let pair = TokenPair { input: TokenIndex(input as u8), output: TokenIndex(output as u8) };
        let trade = Trade { pair, amount: swap_amount(is_exact_in, amount) };
        self.last = format!("{trade:?}");
        let before = self.model.clone();
        let quoted = self.model.quote_swap(&trade, self.at());
        let result = self.model.swap_tokens(&trade, self.at());
        assert_eq!(quoted, result, "{}", self.context());
        let tokens = [self.oracle.world.tokens[input], self.oracle.world.tokens[output]];
        let kind = u64::from(!is_exact_in);
        let pool = self.oracle.pool;
        let real = self.oracle.world.swap(&pool, kind, tokens, amount).unwrap();
        let name = if is_exact_in { "swap in" } else { "swap out" };
        match result {
            Ok(quote) => {
                tally.count(name);
                let answer = if is_exact_in { quote.amount_out } else { quote.amount_in };
                let words = real.result.map(|answer| answer.words());
                assert_eq!(words, Ok(vec![answer.0]), "{}", self.context());
                self.held[input] -= quote.amount_in.0;
                self.held[output] += quote.amount_out.0;
                self.compare(Amount::ZERO, tally);
            }
            Err(error) => {
                assert_eq!(before, self.model, "{}", self.context());
                // The vault asks for an amount before it asks for two tokens.
                let reason = if amount.is_zero() { Some("BAL#510") } else { reason(error) };
                self.refused(name, reason, &real, tally);
            }
        }
    }

    fn swapped_amount(&mut self, place: usize) -> U256 {
        let balance = self.balances()[place];
        match self.random.below(14) {
            0 if self.random.once_in(3) => U256::from(self.random.below(3)),
            1 => balance,
            2 => balance.saturating_sub(U256::from(self.random.below(4))),
            3 => balance + U256::from(self.random.below(20)),
            4 if self.random.once_in(3) => self.random.wide(256),
            5 => self.random.up_to(self.usual[place] << 3_usize),
            _ => self.part_of(balance, 20).max(U256::ONE),
        }
    }

    fn swap_shares(&mut self, tally: &mut Tally) {
        let place = self.random.below(self.count as u64) as usize;
        let (is_buy, is_exact_in) = (self.random.once_in(2), self.random.once_in(2));
        let amount =
            if is_buy == is_exact_in { self.swapped_amount(place) } else { self.shares_amount() };
        let token = TokenIndex(place as u8);
        let given = swap_amount(is_exact_in, amount);
        let trade = if is_buy {
            ShareTrade::Buy { token, amount: given }
        } else {
            ShareTrade::Sell { token, amount: given }
        };
        self.last = format!("{trade:?}");
        let before = self.model.clone();
        let quoted = self.model.quote_shares(&trade, self.at());
        let result = self.model.swap_shares(&trade, self.at());
        assert_eq!(quoted, result, "{}", self.context());
        let (token, share) = (self.oracle.world.tokens[place], self.oracle.pool.address);
        let tokens = if is_buy { [token, share] } else { [share, token] };
        let pool = self.oracle.pool;
        let kind = u64::from(!is_exact_in);
        let real = self.oracle.world.swap(&pool, kind, tokens, amount).unwrap();
        let name = match (is_buy, is_exact_in) {
            (true, true) => "buy shares, in",
            (true, false) => "buy shares, out",
            (false, true) => "sell shares, in",
            (false, false) => "sell shares, out",
        };
        match result {
            Ok(quote) => {
                tally.count(name);
                let answer = if is_exact_in { quote.amount_out } else { quote.amount_in };
                let words = real.result.map(|answer| answer.words());
                assert_eq!(words, Ok(vec![answer.0]), "{}", self.context());
                if is_buy {
                    self.held[place] -= quote.amount_in.0;
                } else {
                    self.held[place] += quote.amount_out.0;
                }
                self.compare(quote.protocol_shares, tally);
            }
            Err(error) => {
                assert_eq!(before, self.model, "{}", self.context());
                self.refused(name, error.reason(), &real, tally);
            }
        }
    }

    /// A part of a whole, of any of so many orders of magnitude.
    fn part_of(&mut self, whole: U256, magnitudes: u64) -> U256 {
        let shift = self.random.below(magnitudes) as usize;
        self.random.up_to(whole >> shift)
    }

    fn shares_amount(&mut self) -> U256 {
        let supply = self.model.virtual_supply().0;
        let spendable = supply.saturating_sub(MINIMUM_SHARES.0);
        match self.random.below(14) {
            0 => U256::from(self.random.below(3)),
            1 => spendable + U256::from(self.random.below(3)),
            2 => supply + U256::from(self.random.below(2)),
            3 => self.random.up_to(supply << 1_usize),
            4 if self.random.once_in(3) => self.random.wide(256),
            5 if self.random.once_in(3) => self.random.wide(113),
            _ => self.part_of(spendable, 40),
        }
    }

    fn balances(&self) -> Vec<U256> {
        words(self.model.vault_balances())
    }

    fn amounts(&mut self) -> TokenAmounts {
        let balances = self.balances();
        let amounts: Vec<Amount> = (0..self.count)
            .map(|token| {
                Amount(match self.random.below(9) {
                    0 | 1 => U256::ZERO,
                    2 => U256::from(self.random.below(3)),
                    3 => balances[token],
                    4 => self.random.up_to(self.usual[token] << 1_usize),
                    5 if self.random.once_in(20) => self.random.wide(256),
                    6 => balances[token] >> 3_usize,
                    _ => self.part_of(balances[token], 12),
                })
            })
            .collect();
        TokenAmounts::new(&amounts).unwrap()
    }

    fn first_join(&mut self, tally: &mut Tally) {
        let amounts: Vec<Amount> = (0..self.count)
            .map(|token| {
                let amount = self.usual[token] + self.random.up_to(self.usual[token]);
                Amount(match self.random.below(60) {
                    0 => self.random.wide(115),
                    1 => self.random.wide(256),
                    2 => U256::ZERO,
                    _ => amount,
                })
            })
            .collect();
        let amounts = TokenAmounts::new(&amounts).unwrap();
        self.make_join(&ComposableStableJoin::Initial { amounts }, tally);
    }

    fn token(&mut self) -> TokenIndex {
        let count = self.count as u64;
        TokenIndex(if self.random.once_in(40) { count } else { self.random.below(count) } as u8)
    }

    fn join(&mut self, tally: &mut Tally) {
        let (shares, token) = (Amount(self.shares_amount()), self.token());
        let join = match self.random.below(16) {
            0 => ComposableStableJoin::Initial { amounts: self.amounts() },
            1..=7 => {
                let amounts = if self.random.once_in(30) {
                    TokenAmounts::zero(1 + self.random.below(6) as usize).unwrap()
                } else {
                    self.amounts()
                };
                let least_shares = Amount::ZERO;
                let least = ComposableStableJoin::ExactTokens { amounts, least_shares };
                let quoted = self.model.quote_join(&least, self.at());
                let quoted = quoted.map_or(U256::ZERO, |it| it.shares.0);
                let least_shares = Amount(match self.random.below(4) {
                    0 => quoted,
                    1 => quoted.saturating_add(U256::ONE),
                    _ => U256::ZERO,
                });
                ComposableStableJoin::ExactTokens { amounts, least_shares }
            }
            8..=11 => ComposableStableJoin::OneToken { token, shares },
            _ => ComposableStableJoin::AllTokens { shares },
        };
        self.make_join(&join, tally);
    }

    fn make_join(&mut self, join: &ComposableStableJoin, tally: &mut Tally) {
        let (name, data) = match join {
            ComposableStableJoin::Initial { amounts } => {
                let mut amounts = words(amounts);
                let place = self.oracle.share_place();
                amounts.insert(place.min(amounts.len()), self.random.wide(64));
                ("join: initial", Call::bare(2).word(U256::ZERO).array(&amounts))
            }
            ComposableStableJoin::ExactTokens { amounts, least_shares } => {
                let data = Call::bare(3).word(U256::ONE).array(&words(amounts));
                ("join: exact tokens", data.word(least_shares.0))
            }
            ComposableStableJoin::OneToken { token, shares } => {
                let data = Call::bare(3).word(U256::from(2)).word(shares.0);
                ("join: one token", data.word(U256::from(token.0)))
            }
            ComposableStableJoin::AllTokens { shares } => {
                ("join: all tokens", Call::bare(2).word(U256::from(3)).word(shares.0))
            }
        };
        self.last = format!("{join:?}");
        let before = self.model.clone();
        let quoted = self.model.quote_join(join, self.at());
        let result = self.model.join(join, self.at());
        assert_eq!(quoted, result, "{}", self.context());
        let real = self.oracle.join(&data.encode()).unwrap();
        match result {
            Ok(change) => {
                assert_eq!(real.result.map(|_| ()), Ok(()), "{}", self.context());
                for (held, amount) in self.held.iter_mut().zip(change.amounts.as_slice()) {
                    *held -= amount.0;
                }
                tally.count(name);
                self.compare(change.protocol_shares, tally);
            }
            Err(error) => {
                assert_eq!(before, self.model, "{}", self.context());
                self.refused(name, error.reason(), &real, tally);
            }
        }
    }

    fn exit(&mut self, tally: &mut Tally) {
        let (shares, token) = (Amount(self.shares_amount()), self.token());
        let exit = match self.random.below(8) {
            0 | 1 => ComposableStableExit::OneToken { shares, token },
            2 | 3 => ComposableStableExit::AllTokens { shares },
            4 => ComposableStableExit::Recovery { shares },
            _ => {
                let mut amounts = self.amounts();
                if self.random.once_in(30) {
                    amounts = TokenAmounts::zero(1 + self.random.below(6) as usize).unwrap();
                } else if !self.random.once_in(4) {
                    let part = 1 + self.random.below(8) as usize;
                    for amount in amounts.as_mut_slice() {
                        *amount = Amount(amount.0 >> part);
                    }
                }
                let most_shares = Amount(U256::MAX);
                let most = ComposableStableExit::ExactTokens { amounts, most_shares };
                let quoted = self.model.quote_exit(&most, self.at());
                let quoted = quoted.map_or(U256::ZERO, |it| it.shares.0);
                let most_shares = Amount(match self.random.below(4) {
                    0 => quoted,
                    1 => quoted.saturating_sub(U256::ONE),
                    _ => U256::MAX,
                });
                ComposableStableExit::ExactTokens { amounts, most_shares }
            }
        };
        self.make_exit(&exit, tally);
    }

    fn make_exit(&mut self, exit: &ComposableStableExit, tally: &mut Tally) {
        let (name, data) = match exit {
            ComposableStableExit::OneToken { shares, token } => {
                let data = Call::bare(3).word(U256::ZERO).word(shares.0);
                ("exit: one token", data.word(U256::from(token.0)))
            }
            ComposableStableExit::ExactTokens { amounts, most_shares } => {
                let data = Call::bare(3).word(U256::ONE).array(&words(amounts));
                ("exit: exact tokens", data.word(most_shares.0))
            }
            ComposableStableExit::AllTokens { shares } => {
                ("exit: all tokens", Call::bare(2).word(U256::from(2)).word(shares.0))
            }
            ComposableStableExit::Recovery { shares } => {
                ("exit: recovery", Call::bare(2).word(U256::from(255)).word(shares.0))
            }
        };
        self.last = format!("{exit:?}");
        let before = self.model.clone();
        let quoted = self.model.quote_exit(exit, self.at());
        let result = self.model.exit(exit, self.at());
        assert_eq!(quoted, result, "{}", self.context());
        let real = self.oracle.exit(&data.encode()).unwrap();
        match result {
            Ok(ComposableStableChange { amounts, protocol_shares, .. }) => {
                assert_eq!(real.result.map(|_| ()), Ok(()), "{}", self.context());
                for (held, amount) in self.held.iter_mut().zip(amounts.as_slice()) {
                    *held += amount.0;
                }
                tally.count(name);
                self.compare(protocol_shares, tally);
            }
            Err(error) => {
                assert_eq!(before, self.model, "{}", self.context());
                self.refused(name, error.reason(), &real, tally);
            }
        }
    }

    fn refused(
        &mut self,
        operation: &str,
        reason: Option<&'static str>,
        real: &Outcome,
        tally: &mut Tally,
    ) {
        tally.revert(operation, reason.unwrap_or("<none>"));
        self.refused += 1;
        let expected = reason.map_or(Revert::Empty, |reason| Revert::Reason(reason.to_owned()));
        assert_eq!(real.result.as_ref().err(), Some(&expected), "{}", self.context());
    }

    fn compare(&mut self, protocol_shares: Amount, tally: &mut Tally) {
        self.refused = 0;
        let pool = self.oracle.pool;
        let (_, mut balances) = self.oracle.world.pool_tokens(&pool).unwrap();
        let vault_shares = balances.remove(self.oracle.share_place());
        assert_eq!(self.balances(), balances, "balances, {}", self.context());
        assert_eq!(self.model.vault_shares().0, vault_shares, "vault's, {}", self.context());
        let supply = self.oracle.world.ask(&pool, "totalSupply()").unwrap();
        assert_eq!(self.model.total_supply().0, supply, "shares, {}", self.context());
        let last = Call::new("getLastJoinExitData()", 0);
        let last = self.oracle.world.evm.view(pool.address, last).unwrap().unwrap().words();
        let model = [U256::from(self.model.last_amplification()), self.model.last_invariant()];
        assert_eq!(model.to_vec(), last, "last join or exit, {}", self.context());
        for (token, address) in self.oracle.world.tokens.iter().enumerate() {
            let held = self.oracle.world.holding(*address, self.oracle.world.actor);
            assert_eq!(self.held[token], held, "held of {token}, {}", self.context());
        }
        let collected = self.shares_of(self.oracle.world.collector);
        assert_eq!(protocol_shares.0, collected, "collected, {}", self.context());
        if !collected.is_zero() {
            tally.count("protocol paid");
            self.oracle.give_collected(collected).unwrap();
        }
        let held = self.model.virtual_supply().0.saturating_sub(MINIMUM_SHARES.0);
        let actor = self.oracle.world.actor;
        assert_eq!(held, self.shares_of(actor), "shares held, {}", self.context());
        self.compare_rates();
        let state = self.model.state();
        let model = ComposableStable::new(&state);
        assert_eq!(model.as_ref(), Ok(&self.model), "state, {}", self.context());
    }

    fn shares_of(&mut self, holder: tidemill_testkit::Address) -> U256 {
        let call = Call::new("balanceOf(address)", 1).address(holder);
        let pool = self.oracle.pool;
        self.oracle.world.ask_with(&pool, "balanceOf", call).unwrap()
    }

    fn compare_rates(&mut self) {
        let state = self.model.state();
        for (token, rate) in state.rates.iter().enumerate() {
            let Some(rate) = rate else { continue };
            let address = self.oracle.world.tokens[token];
            let call = Call::new("getTokenRateCache(address)", 1).address(address);
            let pool = self.oracle.pool.address;
            let real = self.oracle.world.evm.view(pool, call).unwrap().unwrap().words();
            let model =
                [rate.current, rate.old, U256::from(rate.duration), U256::from(rate.expires.0)];
            assert_eq!(model.to_vec(), real, "rate of {token}, {}", self.context());
        }
    }

    fn compare_getters(&mut self, tally: &mut Tally) {
        tally.count("getters");
        self.last.push_str(", asked");
        let pool = self.oracle.pool;
        let at = self.at();
        let rate = self.model.rate(at);
        let price = self.model.virtual_price(at).map(|price| price.0);
        assert_eq!(price, rate.map_err(PoolError::from), "{}", self.context());
        let supply = self.model.actual_supply().map(|supply| supply.0);
        for (name, model) in [("getRate()", rate), ("getActualSupply()", supply)] {
            let real = self.oracle.world.evm.view(pool.address, Call::new(name, 0)).unwrap();
            let model = model.map(|word| vec![word]).map_err(|error| {
                error.reason().map_or(Revert::Empty, |reason| Revert::Reason(reason.to_owned()))
            });
            assert_eq!(model, real.map(|answer| answer.words()), "{name}, {}", self.context());
        }
        let amplification = self.oracle.world.ask(&pool, "getAmplificationParameter()").unwrap();
        assert_eq!(U256::from(self.model.amplification(at)), amplification, "{}", self.context());
        let fee = self.oracle.world.ask(&pool, "getSwapFeePercentage()").unwrap();
        assert_eq!(self.model.swap_fee(), fee);
    }

    fn context(&self) -> String {
        let Self { last, seed, steps, now, .. } = self;
        format!("after {last} (world {seed}, step {steps}, at {now}, {:?})", self.model.state())
    }
}

fn words(amounts: &TokenAmounts) -> Vec<U256> {
    amounts.as_slice().iter().map(|amount| amount.0).collect()
}

fn swap_amount(is_exact_in: bool, amount: U256) -> SwapAmount {
    if is_exact_in {
        SwapAmount::ExactIn(Amount(amount))
    } else {
        SwapAmount::ExactOut(Amount(amount))
    }
}

/// The contract's reason for a swap that the model refuses.
fn reason(error: PoolError) -> Option<&'static str> {
    if let PoolError::ComposableStable(error) = error {
        return error.reason();
    }
    assert_eq!(error, PoolError::NoSuchPair);
    Some("BAL#509")
}

fn state(build: ComposableStableBuild, parameters: &ComposableParameters) -> ComposableStableState {
    let one = U256::from(ONE);
    let rates = parameters.durations.iter().zip(&parameters.exempt).map(|(duration, is_exempt)| {
        duration.map(|duration| TokenRate {
            provided: one,
            current: one,
            old: one,
            duration,
            expires: Timestamp(parameters.at + duration),
            is_exempt: *is_exempt,
        })
    });
    ComposableStableState {
        build,
        balances: vec![Amount::ZERO; parameters.decimals.len()],
        decimals: parameters.decimals.clone(),
        rates: rates.collect(),
        swap_fee: parameters.swap_fee,
        amplification_start: parameters.amplification * 1_000,
        amplification_end: parameters.amplification * 1_000,
        amplification_start_time: Timestamp(parameters.at),
        amplification_end_time: Timestamp(parameters.at),
        total_supply: Amount::ZERO,
        vault_shares: Amount::ZERO,
        last_invariant: U256::ZERO,
        last_amplification: 0,
        protocol_swap_fee: U256::ZERO,
        protocol_yield_fee: U256::ZERO,
        in_recovery_mode: false,
    }
}

fn amplification(random: &mut Random) -> u64 {
    match random.below(3) {
        0 => random.pick(&[1, 2, 5_000]),
        1 => 1 + random.below(5_000),
        _ => random.pick(&[10, 50, 100, 200, 1_000]),
    }
}

fn swap_fee(random: &mut Random) -> U256 {
    let smallest = 1_000_000_000_000_u64;
    let largest = ONE / 10;
    U256::from(match random.below(4) {
        0 => smallest,
        1 => largest,
        2 => random.pick(&[ONE / 100, ONE / 1000, ONE / 10_000 * 4]),
        _ => smallest + random.below(largest - smallest),
    })
}
