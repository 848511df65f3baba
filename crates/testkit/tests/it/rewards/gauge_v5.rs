//! Balancer's gauges of the fifth version, their minter, controller, escrow and emission beside the
//! real contracts, all of them driven together.

mod controls;
mod gas;
mod operations;
mod slots;

use std::collections::BTreeMap;

use tidemill_rewards::balancer_gauge::{BalancerGaugeError, GaugeIdentity, RewardPayment};
use tidemill_rewards::gauge_controller::{GaugeController, RELATIVE_ONE};
use tidemill_rewards::token_admin::{RATE_REDUCTION_TIME, TokenAdmin};
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_rewards::{Account, BalancerGauges, Moment, VoteEscrow, WEEK};
use tidemill_testkit::{Address, Artifacts, BalancerGaugeOracle, Call, Random, Revert};
use tidemill_units::{Amount, BlockNumber, Timestamp, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};
use slots::Slots;

const TESTS: u64 = 2;
const OPERATIONS_PER_WORLD: u64 = 300;
const ACTORS: u8 = 4;
const MOST_GAUGES: usize = 3;
/// What the pool token, and the other reward tokens, revert with where the payer has too little.
const POOL_TOKEN_REASON: &str = "BAL#416";
const TOKEN_REASON: &str = "balance too low";

#[test]
fn balancer_gauges_equal_the_contracts() {
    check("Balancer's gauges, first half", 521);
}

#[test]
fn balancer_gauges_equal_the_contracts_second_half() {
    check("Balancer's gauges, second half", 522);
}

fn check(name: &'static str, stream: u64) {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name,
        stream,
        tests: TESTS,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let reached = Reached { operations: &operations::OPERATIONS, reverts: &operations::REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, seed, tally);
        for index in 0..most {
            world.step(tally);
            if index % 32 == 0 || index + 1 == most {
                world.compare_all();
            }
        }
        most
    });
}

/// The model and the contracts, side by side.
pub(super) struct World {
    pub(super) model: BalancerGauges,
    pub(super) oracle: BalancerGaugeOracle,
    pub(super) gauges: Vec<Address>,
    /// Tokens that can be rewards; the first is the pool's own.
    tokens: Vec<Address>,
    /// What everybody but the gauges should have of tokens: what they had, and what was paid.
    owned: BTreeMap<(Address, Address), U256>,
    slots: Slots,
    random: Random,
    seed: u64,
    now: Moment,
    /// Bits of the stakes that this world mostly deals in.
    scale: u64,
    /// Whether its rewards come in amounts that do not fit the gauge's words.
    is_rich: bool,
    /// Whether whole epochs pass at once more often.
    is_slow: bool,
    last: String,
}

type Answer = Result<Vec<U256>, BalancerGaugeError>;

/// What an operation gives back and moves.
#[derive(Default)]
struct Effect {
    words: Vec<U256>,
    payments: Vec<RewardPayment>,
    /// Token, who pays it, how much.
    taken: Option<(Address, Address, U256)>,
}

/// A transaction to be sent.
struct Transaction {
    from: Address,
    to: Address,
    call: Call,
}

impl World {
    fn new(artifacts: &Artifacts, seed: u64, tally: &mut Tally) -> Self {
        let mut random = Random::new(seed);
        let at = 1_650_000_000 + random.below(WEEK);
        let now = Moment { at: Timestamp(at), block: BlockNumber(14_600_000) };
        let mut oracle = BalancerGaugeOracle::new(at, now.block.0).unwrap();
        let mut tokens = vec![oracle.pool_token];
        for _ in 0..9 {
            tokens.push(oracle.evm.deploy(oracle.admin, artifacts.token.clone()).unwrap());
        }
        let token_admin = TokenAdmin::activated(Amount::ZERO, now.at);
        let escrow = VoteEscrow::deployed(EscrowParameters::BALANCER, now);
        let controller = GaugeController::deployed(account(oracle.admin), now.at);
        let mut world = Self {
            model: BalancerGauges::deployed(token_admin, Amount::ZERO, escrow, controller),
            oracle,
            gauges: Vec::new(),
            tokens,
            owned: BTreeMap::new(),
            slots: Slots::default(),
            scale: random.pick(&[6, 40, 90, 90, 110]),
            is_rich: random.once_in(6),
            is_slow: random.once_in(6),
            random,
            seed,
            now,
            last: String::new(),
        };
        for actor in 0..ACTORS {
            world.fund(address(actor));
        }
        world.prelude(tally);
        world
    }

    /// A world whose transactions are written down from its second block on.
    pub(super) fn recorded(artifacts: &Artifacts, seed: u64, tally: &mut Tally) -> Self {
        let mut world = Self::new(artifacts, seed, tally);
        world.now = Moment {
            at: Timestamp(world.now.at.0 + 12),
            block: BlockNumber(world.now.block.0 + 1),
        };
        world.oracle.set_moment(world.now.at.0, world.now.block.0);
        world.oracle.evm.start_journal();
        world
    }

    /// Gives an actor more of the pool token than it can spend, for stakes and for locks.
    fn fund(&mut self, who: Address) {
        let (admin, pool_token) = (self.oracle.admin, self.oracle.pool_token);
        let amount = U256::ONE << 250_usize;
        let call = Call::new("mint(address,uint256)", 2).address(who).word(amount);
        self.oracle.evm.set_up(admin, pool_token, "mint", call).unwrap();
        let call = Call::new("approve(address,uint256)", 2).address(self.oracle.escrow);
        self.oracle.evm.set_up(who, pool_token, "approve", call.word(U256::MAX)).unwrap();
        self.owned.insert((pool_token, who), amount);
    }

    /// Most worlds begin with something to divide.
    fn prelude(&mut self, tally: &mut Tally) {
        self.add_type(tally);
        while self.gauges.len() < 2 {
            self.deploy_gauge(tally);
        }
        for _ in 0..4 {
            self.add_gauge(tally);
            self.create_lock(tally);
            self.add_reward(tally);
        }
        // Some have all the rewards that there is room for.
        let more = if self.random.once_in(8) { 40 } else { 0 };
        for _ in 0..more {
            self.add_reward(tally);
        }
    }

    /// Makes a gauge on both sides. The factory's call fails where the cap is too large.
    fn deploy_gauge(&mut self, tally: &mut Tally) {
        let cap = self.cap();
        let created = self.oracle.create_gauge(cap);
        let at = self.now.at;
        let Ok(gauge) = created else {
            let unknown = self.identity(Address::repeat_byte(0xee));
            let refused = self.model.deploy_gauge(unknown, cap, at);
            assert_eq!(
                refused,
                Err(BalancerGaugeError::CapTooLarge),
                "{cap} (world {})",
                self.seed
            );
            tally.revert("deploy_gauge", "CapTooLarge");
            return self.compare("after no new gauge");
        };
        self.model.deploy_gauge(self.identity(gauge), cap, at).unwrap();
        self.gauges.push(gauge);
        for actor in 0..ACTORS {
            let call = Call::new("approve(address,uint256)", 2).address(gauge).word(U256::MAX);
            let pool_token = self.oracle.pool_token;
            self.oracle.evm.set_up(address(actor), pool_token, "approve", call).unwrap();
        }
        tally.count("deploy_gauge");
        self.compare("after a new gauge");
    }

    fn identity(&self, gauge: Address) -> GaugeIdentity {
        GaugeIdentity {
            account: account(gauge),
            pool_token: account(self.oracle.pool_token),
            admin: account(self.oracle.admin),
            vault: account(self.oracle.vault),
        }
    }

    fn cap(&mut self) -> U256 {
        let one = U256::from(RELATIVE_ONE);
        match self.random.below(16) {
            0 => one + self.random.wide(200),
            1..8 => one,
            8 => U256::ZERO,
            _ => self.random.up_to(one),
        }
    }

    fn pass_time(&mut self, tally: &mut Tally) {
        let week = self.now.at.0 / WEEK * WEEK;
        let seconds = match self.random.below(100) {
            0..40 => 0,
            40..52 => self.random.below(100),
            52..57 => self.seconds_to_a_turn(),
            57..68 => self.random.below(86_400),
            68..74 => week + WEEK - self.now.at.0,
            74..76 => week + WEEK - self.now.at.0 - 1,
            76..95 => self.random.below(WEEK),
            95..98 => self.random.below(4 * WEEK),
            98 => self.random.below(30 * WEEK),
            _ if self.is_slow || self.random.once_in(8) => {
                self.random.below(3 * RATE_REDUCTION_TIME)
            }
            _ if self.random.once_in(40) => 450 * WEEK + self.random.below(200 * WEEK),
            _ => 0,
        };
        if seconds > 500 * WEEK {
            tally.count("more than 500 weeks at once");
        }
        self.now.at.0 += seconds;
        self.now.block.0 += seconds.div_ceil(12);
        self.oracle.set_moment(self.now.at.0, self.now.block.0);
    }

    /// Seconds to, or to just before or after, the end of an epoch of BAL or of a reward's period;
    /// none where that is not ahead.
    fn seconds_to_a_turn(&mut self) -> u64 {
        let mut turns = vec![self.model.token_admin.start_epoch_time.0 + RATE_REDUCTION_TIME];
        for gauge in &self.gauges {
            let rewards = self.model.gauge(account(*gauge)).unwrap().rewards();
            turns.extend(rewards.iter().map(|stream| stream.period_finish.0));
        }
        turns.retain(|turn| *turn > self.now.at.0 && *turn < self.now.at.0 + 20 * WEEK);
        if turns.is_empty() {
            return 0;
        }
        self.random.pick(&turns) - self.now.at.0 - 1 + self.random.pick(&[0, 1, 1, 1, 2])
    }

    /// Runs an operation on both sides and compares answers and what is left behind.
    fn run(
        &mut self,
        name: &str,
        transaction: Transaction,
        tally: &mut Tally,
        operation: impl FnOnce(&mut BalancerGauges) -> Result<Effect, BalancerGaugeError>,
    ) -> bool {
        let context = format!("after {name} {} (world {})", self.last, self.seed);
        let before = self.random.once_in(16).then(|| self.model.clone());
        let model = operation(&mut self.model).map(|effect| self.book(effect));
        match &model {
            Ok(_) => tally.count(name),
            Err(error) => {
                // The tally names errors: most reverts of these contracts say nothing.
                tally.revert(name, &format!("{error:?}"));
                if let Some(before) = before {
                    assert_eq!(before, self.model, "a failure changes nothing, {context}");
                }
            }
        }
        let Transaction { from, to, call } = transaction;
        let real = self.oracle.evm.send(from, to, call).unwrap();
        let real = real.result.map(|answer| answer.words());
        compare_answers(model.clone(), &real, &context);
        self.compare(&context);
        model.is_ok()
    }

    /// Books what an operation moves to and from those that are no gauges; returns its answer.
    fn book(&mut self, effect: Effect) -> Vec<U256> {
        for RewardPayment { token, receiver, amount } in effect.payments {
            self.gain(Address::from(token.0), Address::from(receiver.0), amount.0);
        }
        if let Some((token, who, amount)) = effect.taken {
            self.gain(token, who, amount.wrapping_neg());
        }
        effect.words
    }

    fn gain(&mut self, token: Address, who: Address, amount: U256) {
        if !self.gauges.contains(&who) {
            let owned = self.owned.entry((token, who)).or_default();
            *owned = owned.wrapping_add(amount);
        }
    }
}

fn compare_answers(model: Answer, real: &Result<Vec<U256>, Revert>, context: &str) {
    if model == Err(BalancerGaugeError::TokenRefuses) {
        let says = real.as_ref().map_err(Revert::reason);
        assert!(matches!(says, Err(POOL_TOKEN_REASON | TOKEN_REASON)), "{real:?} {context}");
        return;
    }
    assert_eq!(&model.map_err(expected), real, "model and contract, {context}");
}

/// How the contracts fail where the model gives this error.
fn expected(error: BalancerGaugeError) -> Revert {
    error.reason().map_or(Revert::Empty, |reason| Revert::Reason(reason.to_owned()))
}

/// The effect of an operation that moves nothing.
fn words(words: Vec<U256>) -> Effect {
    Effect { words, ..Effect::default() }
}

fn address(actor: u8) -> Address {
    Address::repeat_byte(0x11 * (actor + 1))
}

fn account(address: Address) -> Account {
    Account(address.0.0)
}
