use std::collections::BTreeMap;
use std::fmt;

use tidemill_units::{BlockNumber, GasPrice};

use crate::{Bytes32, ChainId};

/// A block that became part of its chain; comes before the logs in it. When it was mined is when
/// the event happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinedBlock {
    /// Its chain.
    pub chain: ChainId,
    /// Its height.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Bytes32,
    /// The hash of the block before it.
    pub parent: Bytes32,
    /// What every transaction in it pays per gas at least, where the chain has such a fee.
    pub base_fee: Option<GasPrice>,
}

/// A block that is no longer part of its chain, and with it everything that happened in it. Of a
/// longer branch each block is taken back by an event of its own, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevertedBlock {
    /// Its chain.
    pub chain: ChainId,
    /// Its height.
    pub number: BlockNumber,
    /// Its hash, where it is known.
    pub hash: Option<Bytes32>,
}

/// How many of a chain's newest blocks can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReorgDepth {
    blocks: u64,
    of_chains: BTreeMap<ChainId, u64>,
}

impl Default for ReorgDepth {
    /// The two epochs after which Ethereum's blocks are final (consensus-specs, phase 0).
    fn default() -> Self {
        Self::new(64)
    }
}

impl ReorgDepth {
    /// Returns a depth in blocks that holds for every chain.
    pub const fn new(blocks: u64) -> Self {
        Self { blocks, of_chains: BTreeMap::new() }
    }

    /// Sets the depth of a chain whose blocks become final sooner or later than the others'.
    #[must_use]
    pub fn with_chain(mut self, chain: ChainId, blocks: u64) -> Self {
        self.of_chains.insert(chain, blocks);
        self
    }

    /// Returns the depth of a chain in blocks.
    pub fn of(&self, chain: ChainId) -> u64 {
        self.of_chains.get(&chain).copied().unwrap_or(self.blocks)
    }

    /// Whether a block can no longer be taken back where this is the newest of its chain.
    pub fn is_settled(&self, chain: ChainId, block: BlockNumber, newest: BlockNumber) -> bool {
        block.0.saturating_add(self.of(chain)) <= newest.0
    }
}

impl fmt::Display for RevertedBlock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "block {} of chain {}", self.number, self.chain)
    }
}
