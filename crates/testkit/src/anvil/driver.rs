mod bpool;
mod curve;
mod pair;
mod pool;
mod staking;
mod vault;

use std::collections::BTreeMap;

use revm::primitives::Address;
use tidemill_units::U256;

use crate::anvil::{AnvilBlock, AnvilError, AnvilWorld};
use crate::{Call, Random};

/// Makes random actions on the contracts of a world, the same from the same seed.
#[derive(Debug)]
pub struct AnvilDriver {
    /// The contracts and the chain.
    pub world: AnvilWorld,
    /// What was done.
    pub counts: DriverCounts,
    random: Random,
    /// Ranges that an actor has minted.
    ranges: Vec<(Address, i32, i32)>,
    /// Tokens of the position manager with their owners.
    tokens: Vec<(u64, Address)>,
    /// Those that are staked.
    staked: Vec<(u64, Address)>,
}

/// How many transactions went through, by name, and how many did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriverCounts {
    /// By name.
    pub succeeded: BTreeMap<&'static str, u64>,
    /// All others.
    pub reverted: u64,
}

/// What is done on one of the contracts.
type Act = fn(&mut AnvilDriver) -> Result<Vec<Step>, AnvilError>;

const KINDS: [Act; 6] = [
    AnvilDriver::pool,
    AnvilDriver::pair,
    AnvilDriver::staking,
    AnvilDriver::curve,
    AnvilDriver::vault,
    AnvilDriver::bpool,
];

/// A transaction that is about to be sent.
struct Step {
    name: &'static str,
    from: Address,
    to: Address,
    call: Call,
}

impl AnvilDriver {
    /// Starts where the set-up ended.
    pub fn new(world: AnvilWorld, seed: u64) -> Self {
        Self {
            world,
            counts: DriverCounts::default(),
            random: Random::new(seed),
            ranges: Vec::new(),
            tokens: Vec::new(),
            staked: Vec::new(),
        }
    }

    /// Returns how many transactions went through.
    pub fn actions(&self) -> u64 {
        self.counts.succeeded.values().sum()
    }

    /// Mines a block with an action on each of a few of the contracts; each is valid by the state
    /// before the block, and none depends on another. Answers the block.
    pub fn step(&mut self) -> Result<AnvilBlock, AnvilError> {
        let mut steps = Vec::new();
        let chosen = 1 + self.random.below(63);
        for (place, act) in KINDS.iter().enumerate() {
            if chosen >> place & 1 == 1 {
                steps.extend(act(self)?);
            }
        }
        for step in &steps {
            self.world.chain.queue(step.from, step.to, step.call.clone())?;
        }
        let seconds = [1, 12, 12, 24, 600][self.random.below(5) as usize];
        let block = self.world.chain.mine(seconds)?;
        for (step, succeeded) in steps.iter().zip(&block.succeeded) {
            if *succeeded {
                *self.counts.succeeded.entry(step.name).or_default() += 1;
            } else {
                self.counts.reverted += 1;
            }
        }
        Ok(block)
    }

    /// Mines blocks until so many more transactions went through.
    pub fn act(&mut self, actions: u64) -> Result<(), AnvilError> {
        let wanted = self.actions() + actions;
        while self.actions() < wanted {
            self.step()?;
        }
        Ok(())
    }

    fn user(&mut self) -> Address {
        let users = &self.world.users;
        users[self.random.below(users.len() as u64) as usize]
    }

    /// An amount of a few to all of so many bits.
    fn amount(&mut self, bits: u64) -> U256 {
        self.random.wide(bits) + U256::ONE
    }
}

impl Step {
    fn new(name: &'static str, from: Address, to: Address, call: Call) -> Self {
        Self { name, from, to, call }
    }
}
