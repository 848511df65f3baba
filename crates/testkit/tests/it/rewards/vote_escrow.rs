//! Vote escrows: the year's beside Balancer's contract, the four years' beside a naive model that
//! is held against the contract too.

mod naive;

use std::collections::BTreeMap;

use tidemill_rewards::vote_escrow::{EscrowParameters, EscrowPoint, VoteEscrow, VoteEscrowError};
use tidemill_rewards::{Account, Moment, WEEK};
use tidemill_testkit::{
    Address, Artifacts, Call, CurveGaugesOracle, Outcome, Random, Revert, VyperSlot,
};
use tidemill_units::{Amount, BlockNumber, Timestamp, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};
use naive::NaiveEscrow;

const OPERATIONS_PER_WORLD: u64 = 250;
const ACTORS: u8 = 5;
const OPERATIONS: [&str; 8] = [
    "create_lock",
    "increase_amount",
    "deposit_for",
    "increase_unlock_time",
    "withdraw",
    "checkpoint",
    "more than 255 weeks at once",
    "broken off after 255 weeks",
];
const REVERTS: [&str; 14] = [
    "create_lock: ",
    "create_lock: Withdraw old tokens first",
    "create_lock: Can only lock until time in the future",
    "increase_amount: ",
    "increase_amount: No existing lock found",
    "increase_amount: Cannot add to expired lock. Withdraw",
    "deposit_for: ",
    "deposit_for: No existing lock found",
    "increase_unlock_time: Lock expired",
    "increase_unlock_time: Can only increase lock duration",
    "withdraw: The lock didn't expire",
    "balanceOf: ",
    "balanceOfAt: ",
    "totalSupplyAt: ",
];

#[test]
fn vote_escrow_equals_the_contract() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let reverts = ["create_lock", "increase_unlock_time"]
        .map(|call| format!("{call}: Voting lock can be 1 year max"));
    check("vote escrow of one year", 401, EscrowParameters::BALANCER, &reverts, Some(&artifacts));
}

#[test]
fn vote_escrow_of_four_years_equals_a_naive_model() {
    let reverts = ["create_lock", "increase_unlock_time"]
        .map(|call| format!("{call}: Voting lock can be 4 years max"));
    let reverts = reverts.into_iter().chain(["totalSupply: ".to_owned()]).collect::<Vec<_>>();
    check("vote escrow of four years", 402, EscrowParameters::CURVE, &reverts, None);
}

fn check(
    name: &'static str,
    stream: u64,
    parameters: EscrowParameters,
    more_reverts: &[String],
    artifacts: Option<&Artifacts>,
) {
    let worlds =
        Worlds { name, stream, tests: 1, most_in_one: OPERATIONS_PER_WORLD, unit: "operations" };
    let more_reverts = more_reverts.iter().map(String::as_str);
    let reverts: Vec<&str> = REVERTS.into_iter().chain(more_reverts).collect();
    let reached = Reached { operations: &OPERATIONS, reverts: &reverts };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(parameters, artifacts, seed);
        for _ in 0..most {
            world.step(tally);
        }
        world.compare_all();
        most
    });
}

/// Our model, the naive one and, where there is one, the contract, side by side.
pub(super) struct World {
    pub(super) model: VoteEscrow,
    naive: NaiveEscrow,
    pub(super) oracle: Option<CurveGaugesOracle>,
    /// Whether a block has one time, as on a chain.
    blocks_have_times: bool,
    random: Random,
    seed: u64,
    now: Moment,
    /// Bits of the amounts that this world mostly deals in.
    scale: u64,
    /// Points of the total that were compared, and of each actor.
    seen: usize,
    seen_of: [usize; ACTORS as usize],
    /// Where the changes of slope are, which takes a hash each to find.
    change_slots: BTreeMap<Timestamp, VyperSlot>,
    last: String,
}

type Answer = Result<Vec<U256>, VoteEscrowError>;

impl World {
    fn new(parameters: EscrowParameters, artifacts: Option<&Artifacts>, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let at = random.pick(&[
            1_597_881_600,
            1_700_000_000,
            1_600_000_000 + random.clone().below(WEEK),
        ]);
        let now = Moment { at: Timestamp(at), block: BlockNumber(1 + random.below(20_000_000)) };
        let oracle = artifacts.map(|artifacts| {
            let mut oracle = CurveGaugesOracle::new(artifacts, 40, now.at.0, now.block.0).unwrap();
            for actor in 0..ACTORS {
                oracle.fund(address(actor), U256::ONE << 157_usize).unwrap();
            }
            let escrow = oracle.escrow;
            oracle.evm.watch(escrow);
            oracle
        });
        Self {
            model: VoteEscrow::deployed(parameters, now),
            naive: NaiveEscrow::new(parameters, now),
            oracle,
            blocks_have_times: false,
            scale: random.pick(&[30, 60, 90, 128]),
            random,
            seed,
            now,
            seen: 1,
            seen_of: [0; ACTORS as usize],
            change_slots: BTreeMap::new(),
            last: String::new(),
        }
    }

    /// A world of the real contract whose transactions are written down.
    pub(super) fn recorded(artifacts: &Artifacts, seed: u64) -> Self {
        let mut world = Self::new(EscrowParameters::BALANCER, Some(artifacts), seed);
        world.blocks_have_times = true;
        world.now.block.0 += 1;
        world.now.at.0 += 1;
        if let Some(oracle) = &mut world.oracle {
            oracle.set_moment(world.now.at.0, world.now.block.0);
            oracle.evm.start_journal();
        }
        world
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        self.pass_time(tally);
        let actor = self.random.below(u64::from(ACTORS)) as u8;
        match self.random.below(16) {
            0..4 => self.create_lock(actor, tally),
            4..6 => self.increase_amount(actor, "increase_amount", tally),
            6 => self.increase_amount(actor, "deposit_for", tally),
            7..10 => self.increase_unlock_time(actor, tally),
            10..13 => self.withdraw(actor, tally),
            _ => self.checkpoint(tally),
        }
        self.look_back(tally);
    }

    fn pass_time(&mut self, tally: &mut Tally) {
        let week = self.now.at.0 / WEEK * WEEK;
        let seconds = match self.random.below(40) {
            0..8 => 0,
            8..14 => self.random.below(100),
            14..20 => self.random.below(86_400),
            20..23 => week + WEEK - self.now.at.0,
            23..25 => week + WEEK - self.now.at.0 - 1,
            25..35 => self.random.below(5 * WEEK),
            35..39 => self.random.below(self.model.parameters().maximum_lock),
            _ if self.random.once_in(5) => self.random.below(600 * WEEK),
            _ => 0,
        };
        if seconds > 255 * WEEK {
            tally.count("more than 255 weeks at once");
        }
        let blocks = match self.random.below(10) {
            0 => self.random.below(10),
            1 => self.random.below(seconds + 1),
            _ => seconds.div_ceil(12),
        };
        let blocks = blocks.max(u64::from(self.blocks_have_times));
        self.now.at.0 += seconds;
        self.now.block.0 += if seconds == 0 { 0 } else { blocks };
        if let Some(oracle) = &mut self.oracle {
            oracle.set_moment(self.now.at.0, self.now.block.0);
        }
    }

    fn value(&mut self) -> Amount {
        let bits = match self.random.below(40) {
            0 => 140,
            1 => 128,
            2 => 2,
            _ => self.scale,
        };
        Amount(self.random.wide(bits))
    }

    fn unlock_time(&mut self, actor: u8) -> Timestamp {
        let now = self.now.at.0;
        let limit = now + self.model.parameters().maximum_lock;
        let end = self.model.locked(account(actor)).end.0;
        Timestamp(match self.random.below(24) {
            0 => self.random.below(2 * now),
            1 => now,
            2 => u64::MAX - self.random.below(2),
            3 => end,
            4..7 => limit - self.random.below(2),
            7 => limit / WEEK * WEEK + WEEK,
            8..11 => end + WEEK + self.random.below(2),
            _ => now + WEEK + self.random.below(self.model.parameters().maximum_lock),
        })
    }

    fn create_lock(&mut self, actor: u8, tally: &mut Tally) {
        let (value, until) = (self.value(), self.unlock_time(actor));
        self.last = format!("create lock of {value:?} until {until:?} by {actor}");
        let model = self.model.create_lock(account(actor), value, until, self.now);
        let naive = self.naive.create_lock(actor, value.0, until.0, self.now);
        let call = Call::new("create_lock(uint256,uint256)", 2).word(value.0);
        let call = call.word(U256::from(until.0));
        self.settle("create_lock", (model.map(drop), naive), (actor, call), tally);
    }

    fn increase_amount(&mut self, actor: u8, name: &str, tally: &mut Tally) {
        let value = self.value();
        let sender = (actor + u8::from(name == "deposit_for")) % ACTORS;
        self.last = format!("{name} of {value:?} for {actor}");
        let model = self.model.increase_amount(account(actor), value, self.now);
        let naive = self.naive.increase_amount(actor, value.0, self.now);
        let call = if sender == actor {
            Call::new("increase_amount(uint256)", 1).word(value.0)
        } else {
            let call = Call::new("deposit_for(address,uint256)", 2).address(address(actor));
            call.word(value.0)
        };
        self.settle(name, (model.map(drop), naive), (sender, call), tally);
    }

    fn increase_unlock_time(&mut self, actor: u8, tally: &mut Tally) {
        let until = self.unlock_time(actor);
        self.last = format!("increase unlock time to {until:?} by {actor}");
        let model = self.model.increase_unlock_time(account(actor), until, self.now);
        let naive = self.naive.increase_unlock_time(actor, until.0, self.now);
        let call = Call::new("increase_unlock_time(uint256)", 1).word(U256::from(until.0));
        self.settle("increase_unlock_time", (model.map(drop), naive), (actor, call), tally);
    }

    fn withdraw(&mut self, actor: u8, tally: &mut Tally) {
        self.last = format!("withdraw by {actor}");
        let before = self.holding(actor);
        let model = self.model.withdraw(account(actor), self.now);
        let naive = self.naive.withdraw(actor, self.now);
        let paid = model.unwrap_or_default().0;
        let call = Call::new("withdraw()", 0);
        self.settle("withdraw", (model.map(drop), naive), (actor, call), tally);
        let expected = before.map(|before| before + paid);
        assert_eq!(expected, self.holding(actor), "paid, {}", self.last);
    }

    fn checkpoint(&mut self, tally: &mut Tally) {
        "checkpoint".clone_into(&mut self.last);
        let model = self.model.checkpoint(self.now);
        let naive = self.naive.checkpoint(self.now);
        let call = Call::new("checkpoint()", 0);
        self.settle("checkpoint", (model, naive), (0, call), tally);
        if self.model.history().last().is_some_and(|point| point.at < self.now.at) {
            tally.count("broken off after 255 weeks");
        }
    }

    /// What an actor has of the token, from its storage, where there is a contract.
    fn holding(&self, actor: u8) -> Option<U256> {
        let slot = VyperSlot::variable(3).account(address(actor));
        let oracle = self.oracle.as_ref()?;
        Some(oracle.evm.storage(oracle.token, slot.0))
    }

    fn settle(
        &mut self,
        name: &str,
        (model, naive): (Result<(), VoteEscrowError>, Result<(), &'static str>),
        (sender, call): (u8, Call),
        tally: &mut Tally,
    ) {
        let context = format!("after {} (world {})", self.last, self.seed);
        match model {
            Ok(()) => tally.count(name),
            Err(error) => tally.revert(name, error.reason().unwrap_or_default()),
        }
        let reason = model.map_err(|error| error.reason().unwrap_or_default());
        assert_eq!(reason, naive, "model and naive model, {context}");
        let outcome = self.oracle.as_mut().map(|oracle| {
            let escrow = oracle.escrow;
            oracle.send(address(sender), escrow, call).unwrap()
        });
        if let Some(outcome) = &outcome {
            let real = outcome.result.clone().map(drop);
            assert_eq!(model.map_err(expected), real, "model and contract, {context}");
        }
        self.compare(outcome.as_ref(), &context);
    }

    /// Compares what the operation can have changed, and that it changed nothing else.
    fn compare(&mut self, outcome: Option<&Outcome>, context: &str) {
        self.naive.compare(&self.model, self.seen, context);
        let Some(oracle) = &self.oracle else {
            self.seen = self.model.history().len();
            return;
        };
        let mut words = Vec::new();
        words.push((VyperSlot::variable(0), U256::ZERO));
        words.push((SUPPLY, self.model.locked_supply().0));
        words.push((EPOCH, U256::from(self.model.history().len() - 1)));
        for index in self.seen - 1..self.model.history().len() {
            point_words(&mut words, history_slot(index), self.model.history()[index]);
        }
        for actor in 0..ACTORS {
            self.actor_words(&mut words, actor, self.seen_of[usize::from(actor)]);
        }
        for (week, change) in self.model.slope_changes() {
            let slot = *self.change_slots.entry(week).or_insert_with(|| change_slot(week));
            words.push((slot, int128(change)));
        }
        for (slot, word) in &words {
            let real = oracle.evm.storage(oracle.escrow, slot.0);
            assert_eq!(*word, real, "slot {:#x} {context}", slot.0);
        }
        for change in outcome.map(|outcome| outcome.changes.as_slice()).unwrap_or_default() {
            let known = words.iter().any(|(slot, _)| slot.0 == change.slot);
            assert!(known, "unknown change {change:?} {context}");
        }
        self.seen = self.model.history().len();
        for actor in 0..ACTORS {
            let points = self.model.user_points(account(actor)).len();
            self.seen_of[usize::from(actor)] = points;
        }
    }

    fn actor_words(&self, words: &mut Vec<(VyperSlot, U256)>, actor: u8, from: usize) {
        let locked = self.model.locked(account(actor));
        let slot = LOCKED.account(address(actor));
        words.push((slot, int128(locked.amount)));
        words.push((slot.member(U256::ONE), U256::from(locked.end.0)));
        let points = self.model.user_points(account(actor));
        let epoch = VyperSlot(users().0 + U256::ONE).account(address(actor));
        words.push((epoch, U256::from(points.len())));
        let list = users().account(address(actor));
        for (index, point) in points.iter().enumerate().skip(from) {
            point_words(words, list.member(U256::from(4 * (index + 1))), *point);
        }
    }

    /// At the end of a world: all of the storage, and the state carries all there is.
    pub(super) fn compare_all(&mut self) {
        let state = self.model.state();
        assert_eq!(VoteEscrow::new(&state).as_ref(), Ok(&self.model), "world {}", self.seed);
        let Some(oracle) = &self.oracle else { return };
        let mut words = vec![
            (SUPPLY, self.model.locked_supply().0),
            (EPOCH, U256::from(self.model.history().len() - 1)),
        ];
        for (index, point) in self.model.history().iter().enumerate() {
            point_words(&mut words, history_slot(index), *point);
        }
        for actor in 0..ACTORS {
            self.actor_words(&mut words, actor, 0);
        }
        for (week, change) in state.slope_changes {
            words.push((change_slot(week), int128(change)));
        }
        let mut words: Vec<_> = words.iter().map(|(slot, word)| (slot.0, *word)).collect();
        words.retain(|(_, word)| !word.is_zero());
        words.sort_unstable();
        let real = oracle.evm.occupied_slots(oracle.escrow);
        let mut real: Vec<_> = real.iter().map(|slot| (slot.slot, slot.word)).collect();
        real.sort_unstable();
        assert_eq!(words, real, "all of the storage, world {}", self.seed);
    }

    /// Asks for balances at times and blocks, past ones too.
    fn look_back(&mut self, tally: &mut Tally) {
        let actor = self.random.below(u64::from(ACTORS)) as u8;
        let first = self.model.history()[0];
        let at = match self.random.below(4) {
            0 => first.at.0 + self.random.below(self.now.at.0 - first.at.0 + 1),
            1 => self.now.at.0 + self.random.below(self.model.parameters().maximum_lock),
            _ => self.now.at.0,
        };
        let block = match self.random.below(8) {
            0 => self.now.block.0 + self.random.below(2),
            1 => (first.block.0 + self.random.below(3)).saturating_sub(1),
            _ => first.block.0 + self.random.below(self.now.block.0 - first.block.0 + 1),
        };
        let (who, height, now) = (account(actor), BlockNumber(block), self.now);
        let word = |answer: Result<Amount, VoteEscrowError>| answer.map(|amount| vec![amount.0]);
        let at_word = U256::from(at);
        let block_word = U256::from(block);
        let (name, model, naive, call): (_, Answer, _, _) = match self.random.below(4) {
            0 => (
                "balanceOf",
                word(self.model.balance_of(who, Timestamp(at))),
                self.naive.balance_of(actor, at),
                Call::new("balanceOf(address,uint256)", 2).address(address(actor)).word(at_word),
            ),
            1 => (
                "balanceOfAt",
                word(self.model.balance_of_at(who, height, now)),
                self.naive.balance_of_at(actor, block, now),
                Call::new("balanceOfAt(address,uint256)", 2)
                    .address(address(actor))
                    .word(block_word),
            ),
            2 => (
                "totalSupply",
                word(self.model.total_supply(Timestamp(at))),
                self.naive.total_supply(at),
                Call::new("totalSupply(uint256)", 1).word(at_word),
            ),
            _ => (
                "totalSupplyAt",
                word(self.model.total_supply_at(height, now)),
                self.naive.total_supply_at(block, now),
                Call::new("totalSupplyAt(uint256)", 1).word(block_word),
            ),
        };
        let context = format!("{name} of {actor} at {at} or {block} after {}", self.last);
        let context = format!("{context} (world {})", self.seed);
        match model {
            Ok(_) => tally.count(name),
            Err(_) => tally.revert(name, ""),
        }
        let bare = model.clone().map_err(drop);
        assert_eq!(bare, naive.map(|answer| vec![answer]), "naive model, {context}");
        if let Some(oracle) = &mut self.oracle {
            let real = oracle.evm.view(oracle.escrow, call).unwrap().map(|answer| answer.words());
            assert_eq!(model.map_err(expected), real, "{context}");
        }
    }
}

/// How the contract fails where the model gives this error.
fn expected(error: VoteEscrowError) -> Revert {
    error.reason().map_or(Revert::Empty, |reason| Revert::Reason(reason.to_owned()))
}

const SUPPLY: VyperSlot = VyperSlot(U256::from_limbs([1, 0, 0, 0]));
const LOCKED: VyperSlot = VyperSlot(U256::from_limbs([2, 0, 0, 0]));
const EPOCH: VyperSlot = VyperSlot(U256::from_limbs([3, 0, 0, 0]));
const HISTORY: u64 = 4;

fn history_slot(index: usize) -> VyperSlot {
    VyperSlot::variable(HISTORY).member(U256::from(4 * index))
}

/// The slot behind the history's 10^29 points of four words, as the compiler counts them: in
/// floating point.
fn users() -> VyperSlot {
    VyperSlot::variable(HISTORY).member(U256::from(399_999_999_999_999_965_732_603_428_864_u128))
}

fn change_slot(week: Timestamp) -> VyperSlot {
    VyperSlot(users().0 + U256::from(2)).key(U256::from(week.0))
}

fn point_words(words: &mut Vec<(VyperSlot, U256)>, slot: VyperSlot, point: EscrowPoint) {
    let members = [
        int128(point.bias),
        int128(point.slope),
        U256::from(point.at.0),
        U256::from(point.block.0),
    ];
    for (member, word) in members.into_iter().enumerate() {
        words.push((slot.member(U256::from(member)), word));
    }
}

fn int128(value: i128) -> U256 {
    let magnitude = U256::from(value.unsigned_abs());
    if value < 0 { magnitude.wrapping_neg() } else { magnitude }
}

fn address(actor: u8) -> Address {
    Address::repeat_byte(0x11 * (actor + 1))
}

fn account(actor: u8) -> Account {
    Account(address(actor).0.0)
}
