use tidemill_model::{Bytes32, ChainId, OrderKey, RevertedBlock};
use tidemill_units::BlockNumber;

use crate::MarketError;

/// Why a block cannot be added to a chain, or taken back from it. The market is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// A block is to be taken back from a market that keeps nothing to do so.
    #[error("nothing is kept to take a block back with: the run was started without an undo log")]
    NothingKept,
    /// A block that is not among those that were told.
    #[error("{reverted} was reverted, and no such block is known")]
    UnknownBlock {
        /// The block.
        reverted: RevertedBlock,
    },
    /// A block below the newest: the newest goes first.
    #[error("{reverted} was reverted, and the newest block is {newest}: that has to go first")]
    NotNewest {
        /// The block.
        reverted: RevertedBlock,
        /// The newest of its chain.
        newest: BlockNumber,
    },
    /// A block of another hash than the one that was told.
    #[error("{reverted} was reverted by the hash {told}, and the one known has {known}")]
    OtherHash {
        /// The block.
        reverted: RevertedBlock,
        /// Its hash as it is known.
        known: Bytes32,
        /// Its hash as it was reverted by.
        told: Bytes32,
    },
    /// A block so old that nothing is kept of the state before it.
    #[error("{reverted} was reverted, and nothing up to block {settled} can be taken back")]
    TooDeep {
        /// The block.
        reverted: RevertedBlock,
        /// The newest block that stays.
        settled: BlockNumber,
    },
    /// A block, or something in a block, that is older than the newest of its chain.
    #[error("block {number} of chain {chain} follows block {newest}, which was not reverted")]
    OutOfOrder {
        /// The chain.
        chain: ChainId,
        /// Its newest block.
        newest: BlockNumber,
        /// The block that comes too late.
        number: BlockNumber,
    },
    /// Blocks between this and the newest were left out, and with them what may have been reverted.
    #[error("block {number} of chain {chain} follows block {newest}: those between are missing")]
    Missing {
        /// The chain.
        chain: ChainId,
        /// Its newest block.
        newest: BlockNumber,
        /// The block that comes too early.
        number: BlockNumber,
    },
    /// A log of a block that was not told, where blocks are.
    #[error(
        "something happened in block {number} of chain {chain}, and the newest that was told is \
         {newest}"
    )]
    Untold {
        /// The chain.
        chain: ChainId,
        /// Its newest block.
        newest: BlockNumber,
        /// The block that nobody told of.
        number: BlockNumber,
    },
    /// A block that stands on another than the one known: a reorganisation that nobody told.
    #[error(
        "block {number} of chain {chain} stands on {parent}, and the block known before it is \
         {known}"
    )]
    OtherParent {
        /// The chain.
        chain: ChainId,
        /// The block.
        number: BlockNumber,
        /// The hash of the block before it.
        parent: Bytes32,
        /// The hash of the newest block.
        known: Bytes32,
    },
    /// A rejection where the pools are on several chains: it does not say on which it was.
    #[error("the rejection of order {order} does not say on which of the chains it was")]
    NoChain {
        /// The order.
        order: OrderKey,
    },
    /// What remains of the log does not reproduce without the block, such as an outcome of ours
    /// that was told after the block and is of one before it.
    #[error("without {reverted} the rest of the log does not reproduce: {error}")]
    Remains {
        /// The block.
        reverted: RevertedBlock,
        /// What the rest came to.
        error: Box<MarketError>,
    },
}
