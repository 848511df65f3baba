use tidemill_amm::StateError;
use tidemill_model::{Address, Bytes32};
use tidemill_rewards::master_chef::MasterChefStateError;
use tidemill_rewards::staking_rewards::StakingRewardsStateError;
use tidemill_rewards::v3_staker::V3StakerStateError;
use tidemill_units::BlockNumber;

/// A node that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{method}: {detail}")]
pub struct ReadError {
    /// What was asked.
    pub method: &'static str,
    /// What went wrong, in words that hold no key.
    pub detail: String,
}

/// Why there is no snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// A node gave no answer.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The node does not have the block, or its answer is no block.
    #[error("the node answers no block {0}")]
    NoBlock(String),
    /// The block was taken back while the state was read, and again in every further try.
    #[error("block {number} was {first}, then {now}: a reorganisation in every of {tries} tries")]
    Reorganised {
        /// The block.
        number: BlockNumber,
        /// Its hash when reading began.
        first: Bytes32,
        /// Its hash afterwards; zeros where there is none.
        now: Bytes32,
        /// How often it was tried.
        tries: u32,
    },
    /// Two nodes read another state at the same block; which of them is right, neither can say.
    #[error("two nodes say different things of block {number}, {hash}")]
    Disagree {
        /// The block.
        number: BlockNumber,
        /// Its hash.
        hash: Bytes32,
    },
    /// A call that a contract of this kind answers did revert: another contract, or another block.
    #[error("{contract} reverted in {call}: {detail}")]
    Reverted {
        /// The contract.
        contract: Address,
        /// The function's signature.
        call: &'static str,
        /// What the node says.
        detail: String,
    },
    /// An answer that no contract of this kind gives.
    #[error("{contract} answered {call} with {fault}")]
    Answer {
        /// The contract.
        contract: Address,
        /// The function's signature.
        call: &'static str,
        /// What is wrong with it.
        fault: AnswerFault,
    },
    /// What no function tells, and what the contract's storage does not show either: it is not laid
    /// out as that of this kind and version.
    #[error("{contract} does not tell {what}")]
    Untold {
        /// The contract.
        contract: Address,
        /// What is missing.
        what: &'static str,
    },
    /// Values that no pool of this kind can have together.
    #[error("no such pool: {0}")]
    State(#[from] StateError),
    /// Values that no gauge or escrow can have together.
    #[error("no such gauge or escrow: {0}")]
    Gauge(#[from] tidemill_rewards::StateError),
    /// Values that no StakingRewards can have together.
    #[error("no such programme: {0}")]
    StakingRewards(#[from] StakingRewardsStateError),
    /// Values that no v3-staker can have together.
    #[error("no such v3-staker: {0}")]
    V3Staker(#[from] V3StakerStateError),
    /// Values that no MasterChef can have together.
    #[error("no such MasterChef: {0}")]
    MasterChef(#[from] MasterChefStateError),
}

/// What is wrong with a contract's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// Less than the function returns; nothing at all where there is no contract.
    #[error("{found} bytes; allowed are {least} or more")]
    Short {
        /// Bytes there are.
        found: usize,
        /// Bytes needed.
        least: usize,
    },
    /// A word outside the type or the contract's own bounds.
    #[error("a {what} that it cannot be; allowed is {allowed}")]
    Value {
        /// What it should be.
        what: &'static str,
        /// What is allowed.
        allowed: &'static str,
    },
}
