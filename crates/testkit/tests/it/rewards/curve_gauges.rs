//! Curve's gauges, controller, minter, token and escrow beside the real contracts, all of them
//! driven together.

mod gas;
mod operations;
mod slots;

use tidemill_rewards::crv_emission::{CrvEmission, CrvEmissionError, EPOCH};
use tidemill_rewards::curve_gauge::{BOOST_WARMUP, CurveGaugeError};
use tidemill_rewards::gauge_controller::GaugeController;
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_rewards::{Account, CurveGauges, Moment, VoteEscrow, WEEK};
use tidemill_testkit::{Address, Artifacts, Call, CurveGaugesOracle, Random, Revert};
use tidemill_units::{Amount, BlockNumber, Timestamp, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};
use slots::Slots;

const TESTS: u64 = 2;
const OPERATIONS_PER_WORLD: u64 = 250;
const ACTORS: u8 = 4;

#[test]
fn curve_gauges_equal_the_contracts() {
    check("Curve's gauges, first half", 411);
}

#[test]
fn curve_gauges_equal_the_contracts_second_half() {
    check("Curve's gauges, second half", 412);
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
    pub(super) model: CurveGauges,
    pub(super) oracle: CurveGaugesOracle,
    slots: Slots,
    random: Random,
    seed: u64,
    now: Moment,
    /// Bits of the stakes that this world mostly deals in.
    scale: u64,
    last: String,
}

type Answer = Result<Vec<U256>, CurveGaugeError>;

/// A transaction to be sent.
struct Transaction {
    from: Address,
    to: Address,
    call: Call,
}

impl World {
    fn new(artifacts: &Artifacts, seed: u64, tally: &mut Tally) -> Self {
        let mut random = Random::new(seed);
        let at = 1_597_270_572 + random.below(WEEK);
        let now = Moment { at: Timestamp(at), block: BlockNumber(10_647_813) };
        let mut oracle = CurveGaugesOracle::new(artifacts, 18, at, now.block.0).unwrap();
        for actor in 0..ACTORS {
            oracle.fund(address(actor), U256::ONE << 88_usize).unwrap();
        }
        let supply = Amount::from_u128(1_303_030_303_000_000_000_000_000_000);
        let token = CrvEmission::deployed(supply, now.at).unwrap();
        let escrow = VoteEscrow::deployed(EscrowParameters::BALANCER, now);
        let controller = GaugeController::deployed(account(oracle.admin), now.at);
        let mut world = Self {
            model: CurveGauges::deployed(token, escrow, controller),
            oracle,
            slots: Slots::default(),
            scale: random.pick(&[8, 40, 90, 110]),
            random,
            seed,
            now,
            last: String::new(),
        };
        world.prelude(tally);
        world
    }

    /// A world whose transactions are written down from its second block on.
    pub(super) fn recorded(artifacts: &Artifacts, seed: u64, tally: &mut Tally) -> Self {
        let mut world = Self::new(artifacts, seed, tally);
        world.pass(1);
        world.oracle.evm.start_journal();
        world
    }

    /// Most worlds begin with something to divide.
    fn prelude(&mut self, tally: &mut Tally) {
        if self.random.once_in(2) {
            self.pass(86_400 + self.random.clone().below(WEEK));
            self.update_mining_parameters(tally);
        }
        for _ in 0..2 {
            self.add_type(tally);
            self.deploy_gauge(tally);
            self.deploy_gauge(tally);
            self.add_gauge(tally);
            self.add_gauge(tally);
            self.add_gauge(tally);
            self.create_lock(tally);
            self.create_lock(tally);
        }
    }

    fn pass(&mut self, seconds: u64) {
        self.now.at.0 += seconds;
        self.now.block.0 += seconds.div_ceil(13);
        self.oracle.set_moment(self.now.at.0, self.now.block.0);
    }

    fn pass_time(&mut self, tally: &mut Tally) {
        let week = self.now.at.0 / WEEK * WEEK;
        let seconds = match self.random.below(100) {
            0..35 => 0,
            35..50 => self.random.below(100),
            50..54 => self.seconds_to_a_turn(),
            54..65 => self.random.below(86_400),
            65..71 => week + WEEK - self.now.at.0,
            71..73 => week + WEEK - self.now.at.0 - 1,
            73..94 => self.random.below(WEEK),
            94..98 => self.random.below(4 * WEEK),
            98 => self.random.below(40 * WEEK),
            _ if self.random.once_in(40) => 450 * WEEK + self.random.below(200 * WEEK),
            _ => 0,
        };
        if seconds > 500 * WEEK {
            tally.count("more than 500 weeks at once");
        }
        self.pass(seconds);
    }

    /// Seconds to, or to just before or after, the end of a gauge's warm-up or of the epoch; none
    /// where that is not ahead.
    fn seconds_to_a_turn(&mut self) -> u64 {
        let mut turns = vec![self.model.token.start_epoch_time.0 + EPOCH];
        for gauge in &self.oracle.gauges {
            let created_at = self.model.gauge(account(*gauge)).unwrap().created_at();
            turns.push(created_at.0 + BOOST_WARMUP);
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
        operation: impl FnOnce(&mut CurveGauges) -> Answer,
    ) -> Answer {
        let context = format!("after {name} {} (world {})", self.last, self.seed);
        let before = self.random.once_in(16).then(|| self.model.clone());
        let model = operation(&mut self.model);
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
        let real = self.oracle.send(from, to, call).unwrap();
        let real = real.result.map(|answer| answer.words());
        assert_eq!(model.clone().map_err(expected), real, "model and contract, {context}");
        self.compare(&context);
        model
    }
}

/// How the contracts fail where the model gives this error.
fn expected(error: CurveGaugeError) -> Revert {
    error.reason().map_or(Revert::Empty, |reason| Revert::Reason(reason.to_owned()))
}

fn word(answer: Result<Amount, CurveGaugeError>) -> Answer {
    answer.map(|amount| vec![amount.0])
}

fn token(answer: Result<Vec<U256>, CrvEmissionError>) -> Answer {
    Ok(answer?)
}

fn address(actor: u8) -> Address {
    Address::repeat_byte(0x11 * (actor + 1))
}

fn account(address: Address) -> Account {
    Account(address.0.0)
}
