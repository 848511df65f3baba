//! The emission of BAL beside its bytecode.

use tidemill_rewards::token_admin::{
    FACTS, INITIAL_RATE, RATE_REDUCTION_TIME, TokenAdmin, TokenAdminError,
};
use tidemill_testkit::{Address, BalancerGaugeOracle, Call, Outcome, Random, Revert};
use tidemill_units::{Amount, Timestamp, U256};

use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const OPERATIONS: [&str; 6] = [
    "mint",
    "start_epoch_time_write",
    "future_epoch_time_write",
    "update_mining_parameters",
    "mintable_in_timeframe",
    "available_supply",
];
const REVERTS: [&str; 6] = [
    "mint: Mint amount exceeds remaining available supply",
    "mint: BAL#000",
    "update_mining_parameters: Epoch has not finished yet",
    "mintable_in_timeframe: start > end",
    "mintable_in_timeframe: too far in future",
    "mintable_in_timeframe: <invalid opcode>",
];

#[test]
fn token_admin_equals_the_contract() {
    let worlds =
        Worlds { name: "token admin", stream: 505, tests: 1, most_in_one: 400, unit: "operations" };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        (0..most).for_each(|_| world.step(tally));
        most
    });
}

#[test]
fn token_admin_gas_figures_are_those_of_the_contract() {
    let mut oracle = BalancerGaugeOracle::new(1_650_000_000, 1).unwrap();
    let mut measured = Vec::new();
    let mint = Call::new("mint(address,uint256)", 2).address(oracle.admin).word(U256::ONE);
    let update = Call::new("update_mining_parameters()", 0);
    for (seconds, call) in [(10, mint), (RATE_REDUCTION_TIME, update)] {
        oracle.evm.set_timestamp(U256::from(1_650_000_000 + seconds));
        let outcome = oracle.evm.send(oracle.admin, oracle.token_admin, call).unwrap();
        outcome.result.unwrap();
        measured.push(outcome.gas);
    }
    assert_eq!(FACTS.gas.iter().map(|figure| figure.gas).collect::<Vec<_>>(), measured);
}

/// The model and the contract, side by side.
pub(super) struct World {
    pub(super) model: TokenAdmin,
    pub(super) oracle: BalancerGaugeOracle,
    random: Random,
    start: u64,
    now: u64,
    supply: U256,
    last: String,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let start = 1_600_000_000 + random.below(200_000_000);
        let oracle = BalancerGaugeOracle::new(start, 1).unwrap();
        let model = TokenAdmin::activated(Amount::ZERO, Timestamp(start));
        assert_eq!(model.rate, INITIAL_RATE);
        let (supply, last) = Default::default();
        Self { model, oracle, random, start, now: start, supply, last }
    }

    /// A world whose transactions are written down from its second block on.
    pub(super) fn recorded(seed: u64) -> Self {
        let mut world = Self::new(seed);
        world.now += 1;
        world.oracle.evm.set_timestamp(U256::from(world.now));
        world.oracle.evm.start_journal();
        world
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        self.now += match self.random.below(24) {
            0..10 => 0,
            10..20 => self.random.below(1_000_000),
            20..22 => {
                let end = self.model.start_epoch_time.0 + RATE_REDUCTION_TIME;
                (end - 1 + self.random.below(3)).saturating_sub(self.now)
            }
            _ => self.random.below(RATE_REDUCTION_TIME),
        };
        self.oracle.evm.set_timestamp(U256::from(self.now));
        let at = Timestamp(self.now);
        match self.random.below(10) {
            0..4 => {
                let available = self.model.available_supply(at).unwrap().0;
                let left = available.saturating_sub(self.supply);
                let amount = match self.random.below(8) {
                    0 => left,
                    1 => left + U256::ONE,
                    2 => U256::MAX - self.random.wide(90),
                    _ => self.random.up_to(left),
                };
                let call = Call::new("mint(address,uint256)", 2);
                let call = call.address(Address::repeat_byte(7)).word(amount);
                let model = self.model.mint(Amount(amount), Amount(self.supply), at);
                if model.is_ok() {
                    self.supply += amount;
                }
                self.send("mint", call, model.map(|()| vec![]), tally);
            }
            4 => {
                let model = self.model.start_epoch_time_write(at);
                let model = model.map(|time| vec![U256::from(time.0)]);
                let name = "start_epoch_time_write";
                self.send(name, Call::new("start_epoch_time_write()", 0), model, tally);
            }
            5 => {
                let model = self.model.future_epoch_time_write(at);
                let model = model.map(|time| vec![U256::from(time.0)]);
                let name = "future_epoch_time_write";
                self.send(name, Call::new("future_epoch_time_write()", 0), model, tally);
            }
            6 => {
                let model = self.model.update_mining_parameters(at).map(|()| vec![]);
                let name = "update_mining_parameters";
                self.send(name, Call::new("update_mining_parameters()", 0), model, tally);
            }
            7 => {
                let model = self.model.available_supply(at).map(|supply| vec![supply.0]);
                self.send("available_supply", Call::new("available_supply()", 0), model, tally);
            }
            _ => {
                let [start, end] = [self.moment(), self.moment()];
                let call = Call::new("mintable_in_timeframe(uint256,uint256)", 2);
                let call = call.word(U256::from(start)).word(U256::from(end));
                let model = self.model.mintable_in_timeframe(Timestamp(start), Timestamp(end));
                let model = model.map(|amount| vec![amount.0]);
                self.send("mintable_in_timeframe", call, model, tally);
            }
        }
    }

    fn moment(&mut self) -> u64 {
        let epoch = self.model.start_epoch_time.0;
        match self.random.below(12) {
            0 => self.start - self.random.below(3),
            1 => epoch + self.random.below(3) * RATE_REDUCTION_TIME,
            2 => epoch + 2 * RATE_REDUCTION_TIME + self.random.below(2),
            3 => self.now,
            _ => {
                let span = epoch + 2 * RATE_REDUCTION_TIME - self.start;
                self.start + self.random.below(span)
            }
        }
    }

    fn send(
        &mut self,
        name: &str,
        call: Call,
        model: Result<Vec<U256>, TokenAdminError>,
        tally: &mut Tally,
    ) {
        self.last = format!("{name} at {}, {call:?}", self.now);
        let admin = self.oracle.token_admin;
        let real: Outcome = self.oracle.evm.send(self.oracle.admin, admin, call).unwrap();
        let model = model.map_err(|error| match error.reason() {
            Some(reason) => Revert::Reason(reason.to_owned()),
            None => Revert::InvalidOpcode,
        });
        let real = real.result.map(|answer| answer.words());
        assert_eq!(model, real, "{}", self.last);
        match &real {
            Ok(_) => tally.count(name),
            Err(revert) => tally.revert(name, revert.reason()),
        }
        let TokenAdmin { mining_epoch, start_epoch_time, start_epoch_supply, rate } = self.model;
        let expected = [
            ("getMiningEpoch()", U256::from(mining_epoch)),
            ("getStartEpochTime()", U256::from(start_epoch_time.0)),
            ("getStartEpochSupply()", start_epoch_supply.0),
            ("getInflationRate()", rate),
        ];
        for (getter, word) in expected {
            let real = self.oracle.evm.view(admin, Call::new(getter, 0)).unwrap();
            assert_eq!(real.unwrap().words(), [word], "{getter} after {}", self.last);
        }
    }
}
