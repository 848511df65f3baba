//! Balancer's fee distributor and vote escrow beside their bytecode.

use std::collections::{BTreeMap, HashMap};

use tidemill_rewards::fee_distributor::{
    FACTS, FeeClaimant, FeeDistributor, FeeDistributorError, FeeDistributorState,
};
use tidemill_rewards::vote_escrow::{EscrowParameters, VoteEscrow};
use tidemill_rewards::{Account, Moment, WEEK};
use tidemill_testkit::{
    Address, Artifacts, Call, FeeOracle, Outcome, Random, Revert, mapping_slot,
};
use tidemill_units::{Amount, BlockNumber, Timestamp, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const OPERATIONS: [&str; 17] = [
    "create_lock",
    "increase_amount",
    "increase_unlock_time",
    "withdraw",
    "donate",
    "depositToken",
    "depositTokens",
    "checkpoint",
    "checkpointUser",
    "checkpointToken",
    "checkpointTokens",
    "claimToken",
    "claimToken that pays",
    "claimTokens",
    "setOnlyCallerCheck",
    "more than 20 points of one lock in a week",
    "more than 20 weeks at once",
];
const REVERTS: [&str; 10] = [
    "constructor: StartInPast",
    "constructor: ZeroSupply",
    "depositToken: Fee distribution has not started yet",
    "depositToken: Maximum token balance exceeded",
    "checkpointToken: Maximum token balance exceeded",
    "checkpointUser: Fee distribution has not started yet",
    "claimToken: BAL#401",
    "claimToken: Fee distribution has not started yet",
    "claimToken: <invalid opcode>",
    "claimTokens: <invalid opcode>",
];

#[test]
fn fee_distributor_equals_the_contract() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "fee distributor",
        stream: 504,
        tests: 1,
        most_in_one: 200,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, seed, tally);
        for _ in 0..most {
            world.step(tally);
        }
        most
    });
}

const USERS: u8 = 5;

/// The model and the contracts, side by side.
pub(super) struct World {
    pub(super) model: FeeDistributor,
    pub(super) escrow: VoteEscrow,
    pub(super) oracle: FeeOracle,
    random: Random,
    seed: u64,
    now: Moment,
    scale: u64,
    /// Slots by account, second key and mapping, which are slow to hash.
    slots: HashMap<(Address, u64, u64), U256>,
    /// What users were paid in each token.
    paid: BTreeMap<(Account, Account), U256>,
    last: String,
}

impl World {
    fn new(artifacts: &Artifacts, seed: u64, tally: &mut Tally) -> Self {
        let mut random = Random::new(seed);
        let start = 1_650_000_000 + random.below(10 * WEEK);
        let mut now = moment(start);
        let mut oracle = FeeOracle::new(artifacts, 2, now.at.0, now.block.0).unwrap();
        let mut escrow = VoteEscrow::deployed(EscrowParameters::BALANCER, now);
        for user in 1..=USERS {
            let part = U256::from(10_u64).pow(U256::from(26));
            oracle.chain.fund(Address::repeat_byte(user), part).unwrap();
        }
        let scale = 10 + random.below(70);
        let mut locked = random.once_in(6);
        let (model, now) = loop {
            now = moment(now.at.0 + random.below(2 * WEEK));
            oracle.chain.set_moment(now.at.0, now.block.0);
            if locked {
                let end = now.at.0 + random.below(360 * 86_400) + WEEK;
                let from = Address::repeat_byte(1);
                let call = Call::new("create_lock(uint256,uint256)", 2);
                let call = call.word(U256::from(1_u64 << 60)).word(U256::from(end));
                let real = oracle.chain.send(from, oracle.chain.escrow, call).unwrap();
                let value = Amount::from_u64(1 << 60);
                let model = escrow.create_lock(account(from), value, Timestamp(end), now);
                assert_eq!(real.result.is_ok(), model.is_ok(), "first lock");
            }
            locked = !locked;
            let start = now.at.0 + random.below(3 * WEEK) - random.below(WEEK);
            let model = FeeDistributor::deployed(&escrow, start, now);
            assert_eq!(oracle.deploy(start).unwrap(), model.is_ok(), "{start} at {now:?}");
            match model {
                Ok(model) => break (model, now),
                Err(error) => tally.revert("constructor", &format!("{error:?}")),
            }
        };
        let (slots, paid, last) = Default::default();
        Self { model, escrow, oracle, random, seed, now, scale, slots, paid, last }
    }

    /// A world whose transactions are written down from its second block on.
    pub(super) fn recorded(artifacts: &Artifacts, seed: u64, tally: &mut Tally) -> Self {
        let mut world = Self::new(artifacts, seed, tally);
        world.now = moment(world.now.at.0 + 1);
        world.oracle.chain.set_moment(world.now.at.0, world.now.block.0);
        world.oracle.chain.evm.start_journal();
        world
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        self.pass_time(tally);
        match self.random.below(100) {
            0..22 => self.lock(tally),
            22..30 => self.donate(tally),
            30..40 => self.deposit(tally),
            40..45 => {
                let real = self.send(1, Call::new("checkpoint()", 0));
                let model = self.model.checkpoint(&mut self.escrow, self.now);
                self.check("checkpoint", model.map(|()| vec![]), real, tally);
            }
            45..54 => {
                let user = self.user();
                let real = self.send(1, Call::new("checkpointUser(address)", 1).address(user));
                let model = self.model.checkpoint_user(account(user), &self.escrow, self.now);
                self.check("checkpointUser", model.map(|()| vec![]), real, tally);
            }
            54..62 => self.checkpoint_token(tally),
            62..82 => self.claim(tally),
            82..94 => self.claim_several(tally),
            94..98 => {
                let enabled = self.random.once_in(3);
                let user = self.user();
                let call = Call::new("setOnlyCallerCheck(bool)", 1);
                let call = call.word(U256::from(u8::from(enabled)));
                let real = self.oracle.send(user, call).unwrap();
                self.last = format!("only caller {user} {enabled}");
                self.model.set_only_caller_check(account(user), enabled);
                self.check("setOnlyCallerCheck", Ok(vec![]), real, tally);
            }
            _ => self.burst(tally),
        }
    }

    fn pass_time(&mut self, tally: &mut Tally) {
        let at = self.now.at.0;
        let seconds = match self.random.below(40) {
            0..14 => 0,
            14..24 => self.random.below(86_400),
            24..32 => self.random.below(WEEK),
            // The last day of a week, its end, and the seconds around them.
            32..37 => {
                let end = (at / WEEK + 1) * WEEK;
                let around = self.random.pick(&[86_401, 86_400, 86_399, 1, 0]);
                (end - at).saturating_sub(around) + self.random.below(2)
            }
            37 | 38 => self.random.below(6) * WEEK,
            _ if self.random.once_in(8) => {
                tally.count("more than 20 weeks at once");
                (21 + self.random.below(60)) * WEEK + self.random.below(WEEK)
            }
            _ => self.random.below(3),
        };
        self.now = moment(at + seconds);
        self.oracle.chain.set_moment(self.now.at.0, self.now.block.0);
    }

    fn user(&mut self) -> Address {
        Address::repeat_byte(1 + self.random.below(u64::from(USERS) + 1) as u8)
    }

    fn token(&mut self) -> Address {
        self.oracle.tokens[self.random.below(2) as usize]
    }

    fn send(&mut self, from: u8, call: Call) -> Outcome {
        self.last = format!("{call:?} at {:?}", self.now);
        self.oracle.send(Address::repeat_byte(from), call).unwrap()
    }

    /// An operation of the escrow, by model and contract.
    fn lock(&mut self, tally: &mut Tally) {
        let user = Address::repeat_byte(1 + self.random.below(u64::from(USERS)) as u8);
        let end = self.now.at.0 + self.random.below(54 * WEEK);
        let value = self.random.wide(self.scale);
        let word = U256::from(end);
        let who = account(user);
        let (name, call, model) = match self.random.below(4) {
            0 | 1 if self.escrow.locked(who).amount == 0 => {
                let call = Call::new("create_lock(uint256,uint256)", 2).word(value).word(word);
                let until = Timestamp(end);
                let model = self.escrow.create_lock(who, Amount(value), until, self.now);
                ("create_lock", call, model.map(|_| ()))
            }
            0 | 1 if self.escrow.locked(who).end <= self.now.at => {
                let model = self.escrow.withdraw(who, self.now);
                ("withdraw", Call::new("withdraw()", 0), model.map(|_| ()))
            }
            2 => {
                let call = Call::new("increase_unlock_time(uint256)", 1).word(word);
                let model = self.escrow.increase_unlock_time(who, Timestamp(end), self.now);
                ("increase_unlock_time", call, model.map(|_| ()))
            }
            _ => {
                let call = Call::new("increase_amount(uint256)", 1).word(value);
                let model = self.escrow.increase_amount(who, Amount(value), self.now);
                ("increase_amount", call, model.map(|_| ()))
            }
        };
        let escrow = self.oracle.chain.escrow;
        let real = self.oracle.chain.send(user, escrow, call).unwrap();
        assert_eq!(real.result.is_ok(), model.is_ok(), "{name}, {:?} {model:?}", real.result);
        if model.is_ok() {
            tally.count(name);
        }
    }

    /// So many changes of one lock that the distributor looks for its place by halving.
    fn burst(&mut self, tally: &mut Tally) {
        let who = Address::repeat_byte(1 + self.random.below(u64::from(USERS)) as u8);
        let escrow = self.oracle.chain.escrow;
        let mut done = 0;
        for _ in 0..18 + self.random.below(8) {
            let call = Call::new("increase_amount(uint256)", 1).word(U256::ONE);
            let real = self.oracle.chain.send(who, escrow, call).unwrap();
            let one = Amount::from_u64(1);
            let model = self.escrow.increase_amount(account(who), one, self.now);
            assert_eq!(real.result.is_ok(), model.is_ok());
            done += u64::from(model.is_ok());
            let later = self.random.below(2_000);
            self.now = moment(self.now.at.0 + later);
            self.oracle.chain.set_moment(self.now.at.0, self.now.block.0);
        }
        if done > 20 {
            tally.count("more than 20 points of one lock in a week");
        }
    }

    fn amount(&mut self) -> U256 {
        if self.random.once_in(60) { U256::ONE << 128 } else { self.random.wide(self.scale) }
    }

    fn donate(&mut self, tally: &mut Tally) {
        let (token, amount) = (self.token(), self.amount());
        self.last = format!("donate {amount}");
        self.model.donate(account(token), Amount(amount)).unwrap();
        let to = self.oracle.distributor;
        self.oracle.give(token, to, amount).unwrap().unwrap();
        tally.count("donate");
        self.compare();
    }

    fn deposit(&mut self, tally: &mut Tally) {
        let count = self.random.below(4);
        let mut deposits = Vec::new();
        for _ in 0..count.max(1) {
            let (token, amount) = (self.token(), self.amount());
            self.oracle.give(token, Address::repeat_byte(1), amount).unwrap().unwrap();
            deposits.push((token, amount));
        }
        let given = deposits.iter().map(|(token, amount)| (account(*token), Amount(*amount)));
        let given: Vec<_> = given.collect();
        if count < 2 {
            let (token, amount) = deposits[0];
            let call = Call::new("depositToken(address,uint256)", 2).address(token).word(amount);
            let real = self.send(1, call);
            let model = self.model.deposit_token(given[0].0, given[0].1, self.now);
            return self.check("depositToken", model.map(|_| vec![]), real, tally);
        }
        let tokens: Vec<_> = deposits.iter().map(|(token, _)| word(*token)).collect();
        let amounts: Vec<_> = deposits.iter().map(|(_, amount)| *amount).collect();
        let call = Call::new("depositTokens(address[],uint256[])", 2);
        let real = self.send(1, call.array(&tokens).array(&amounts));
        let model = self.model.deposit_tokens(&given, self.now);
        self.check("depositTokens", model.map(|()| vec![]), real, tally);
    }

    fn checkpoint_token(&mut self, tally: &mut Tally) {
        if self.random.once_in(2) {
            let token = self.token();
            let real = self.send(1, Call::new("checkpointToken(address)", 1).address(token));
            let model = self.model.checkpoint_token(account(token), self.now);
            return self.check("checkpointToken", model.map(|_| vec![]), real, tally);
        }
        let tokens = [self.token(), self.token()];
        let call = Call::new("checkpointTokens(address[])", 1).array(&tokens.map(word));
        let real = self.send(1, call);
        let model = self.model.checkpoint_tokens(&tokens.map(account), self.now);
        self.check("checkpointTokens", model.map(|()| vec![]), real, tally);
    }

    fn claim(&mut self, tally: &mut Tally) {
        let (user, token, sender) = (self.user(), self.token(), self.user());
        let call = Call::new("claimToken(address,address)", 2).address(user).address(token);
        self.last = format!("claim {token} for {user} by {sender} at {:?}", self.now);
        let real = self.oracle.send(sender, call).unwrap();
        let before = self.model.claimable(account(user), account(token), &self.escrow, self.now);
        let [of, by, what] = [user, sender, token].map(account);
        let who = FeeClaimant { caller: by, user: of };
        let model = self.model.claim_token(who, what, &mut self.escrow, self.now);
        if let Ok(amount) = model {
            assert_eq!(before, Ok(amount), "the view, {}", self.last);
            if !amount.is_zero() {
                tally.count("claimToken that pays");
            }
            *self.paid.entry((of, what)).or_default() += amount.0;
        }
        self.check("claimToken", model.map(|amount| vec![amount.0]), real, tally);
    }

    fn claim_several(&mut self, tally: &mut Tally) {
        let (user, sender) = (self.user(), self.user());
        let count = self.random.below(4);
        let tokens: Vec<_> = (0..count).map(|_| self.token()).collect();
        let words: Vec<_> = tokens.iter().copied().map(word).collect();
        let call = Call::new("claimTokens(address,address[])", 2).address(user).array(&words);
        self.last = format!("claim {tokens:?} for {user} by {sender} at {:?}", self.now);
        let real = self.oracle.send(sender, call).unwrap();
        let [of, by] = [user, sender].map(account);
        let list: Vec<_> = tokens.iter().copied().map(account).collect();
        let who = FeeClaimant { caller: by, user: of };
        let model = self.model.claim_tokens(who, &list, &mut self.escrow, self.now);
        let model = model.map(|amounts| {
            for (token, amount) in list.iter().zip(&amounts) {
                *self.paid.entry((of, *token)).or_default() += amount.0;
            }
            let head = [U256::from(32), U256::from(amounts.len())];
            head.into_iter().chain(amounts.iter().map(|amount| amount.0)).collect()
        });
        self.check("claimTokens", model, real, tally);
    }

    fn check(
        &mut self,
        operation: &str,
        model: Result<Vec<U256>, FeeDistributorError>,
        real: Outcome,
        tally: &mut Tally,
    ) {
        let expected = model.map_err(|error| match error.reason() {
            Some(reason) => Revert::Reason(reason.to_owned()),
            None => Revert::InvalidOpcode,
        });
        let real = real.result.map(|answer| answer.words());
        assert_eq!(expected, real, "after {} (world {})", self.last, self.seed);
        match &real {
            Ok(_) => tally.count(operation),
            Err(revert) => tally.revert(operation, revert.reason()),
        }
        self.compare();
    }

    fn slot(&mut self, account: Account, key: u64, mapping: u64) -> U256 {
        let address = Address::from(account.0);
        let hash = || FeeOracle::nested_slot(address, U256::from(key), mapping);
        *self.slots.entry((address, key, mapping)).or_insert_with(hash)
    }

    /// Compares every slot of the distributor with the model laid out in it, and all balances.
    pub(super) fn compare(&mut self) {
        let state = self.model.state();
        if self.random.once_in(16) {
            assert_eq!(FeeDistributor::new(&state).as_ref(), Ok(&self.model), "{}", self.last);
        }
        let mut expected = self.layout(&state);
        expected.retain(|_, word| !word.is_zero());
        let occupied = self.oracle.chain.evm.occupied_slots(self.oracle.distributor);
        let real: BTreeMap<_, _> =
            occupied.into_iter().map(|change| (change.slot, change.word)).collect();
        assert_eq!(expected, real, "storage after {} (world {})", self.last, self.seed);
        for token in &state.tokens {
            let address = Address::from(token.token.0);
            let balance = self.oracle.balance(address, self.oracle.distributor);
            assert_eq!(token.balance.0, balance, "balance after {}", self.last);
        }
        for ((user, token), paid) in &self.paid {
            if *user != Account([1; 20]) {
                let [user, token] = [user, token].map(|account| Address::from(account.0));
                assert_eq!(*paid, self.oracle.balance(token, user), "paid, after {}", self.last);
            }
        }
    }

    fn layout(&mut self, state: &FeeDistributorState) -> BTreeMap<U256, U256> {
        let mut words = BTreeMap::new();
        words.insert(U256::from(FeeOracle::STATUS), U256::ONE);
        words.insert(U256::from(FeeOracle::TIME_CURSOR), U256::from(state.time_cursor));
        for of in &state.total_supply {
            let hash = || mapping_slot(U256::from(of.week), FeeOracle::SUPPLY);
            let key = (Address::ZERO, of.week, FeeOracle::SUPPLY);
            words.insert(*self.slots.entry(key).or_insert_with(hash), of.amount.0);
        }
        let packed = |start: u64, cursor: u64, rest: U256| {
            U256::from(start) | U256::from(cursor) << 64 | rest << 128
        };
        for token in &state.tokens {
            let slot = FeeOracle::slot(Address::from(token.token.0), FeeOracle::TOKEN);
            let cached = token.cached_balance.0;
            words.insert(slot, packed(token.start_time, token.time_cursor, cached));
            for of in &token.tokens_per_week {
                let slot = self.slot(token.token, of.week, FeeOracle::TOKEN_WEEK);
                words.insert(slot, of.amount.0);
            }
        }
        for user in &state.users {
            let address = Address::from(user.user.0);
            let epoch = U256::from(user.last_epoch_checkpointed);
            let slot = FeeOracle::slot(address, FeeOracle::USER);
            words.insert(slot, packed(user.start_time, user.time_cursor, epoch));
            let slot = FeeOracle::slot(address, FeeOracle::ONLY_CALLER);
            words.insert(slot, U256::from(u8::from(user.is_only_caller_enabled)));
            for of in &user.balances {
                words.insert(self.slot(user.user, of.week, FeeOracle::USER_WEEK), of.amount.0);
            }
            for (token, week) in &user.token_time_cursors {
                let key = word(Address::from(token.0));
                let slot = FeeOracle::nested_slot(address, key, FeeOracle::USER_TOKEN);
                words.insert(slot, U256::from(*week));
            }
        }
        words
    }
}

#[test]
fn fee_distributor_gas_figures_are_those_of_the_contract() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let start = 2_800 * WEEK;
    let mut oracle = FeeOracle::new(&artifacts, 1, start - 1_000, 100).unwrap();
    let user = Address::repeat_byte(1);
    oracle.chain.fund(user, U256::from(1_u64 << 62)).unwrap();
    let end = U256::from(start + 50 * WEEK);
    let lock = Call::new("create_lock(uint256,uint256)", 2).word(U256::from(1_u64 << 60)).word(end);
    oracle.chain.send(user, oracle.chain.escrow, lock).unwrap().result.unwrap();
    let mut measured = Vec::new();
    oracle.chain.set_moment(start + 1, 200);
    assert!(oracle.deploy(start).unwrap());
    let token = oracle.tokens[0];
    oracle.give(token, user, U256::from(1_u64 << 60)).unwrap().unwrap();
    let deposit = Call::new("depositToken(address,uint256)", 2).address(token);
    let deposit = deposit.word(U256::from(1_u64 << 30));
    let claim = Call::new("claimToken(address,address)", 2).address(user).address(token);
    let calls = [(0, deposit), (4, claim.clone()), (5, claim.clone()), (5, claim)];
    for (index, (weeks, call)) in calls.into_iter().enumerate() {
        oracle.chain.set_moment(start + weeks * WEEK + 100 + index as u64, 1_000);
        let outcome = oracle.send(user, call).unwrap();
        outcome.result.unwrap();
        measured.push(outcome.gas);
    }
    assert_eq!(FACTS.gas.iter().map(|figure| figure.gas).collect::<Vec<_>>(), measured);
}

/// Each second is a block of its own, so that no block has two times.
fn moment(at: u64) -> Moment {
    Moment { at: Timestamp(at), block: BlockNumber(at) }
}

fn account(address: Address) -> Account {
    Account(address.0.0)
}

fn word(address: Address) -> U256 {
    U256::from_be_slice(address.as_slice())
}
