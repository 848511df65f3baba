use tidemill_amm::StateError;
use tidemill_amm::concentrated::{PoolError, SnapshotFailure};
use tidemill_model::{OrderKey, PoolId, ProgrammeId};
use tidemill_units::{BlockNumber, LogIndex};

use crate::{BlockError, FeedError, ProgrammeMismatch, ShareMismatch};

/// Why an event could not be applied. The market is then not to be used any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarketError {
    /// A recorded event does not reproduce.
    #[error("block {block}, log index {log_index}: {mismatch}")]
    Mismatch {
        /// The event's block.
        block: BlockNumber,
        /// The event's place in it.
        log_index: LogIndex,
        /// What differs.
        mismatch: Mismatch,
    },
    /// A recorded log of a reward programme does not reproduce.
    #[error("block {block}, log index {log_index}: {mismatch}")]
    Programme {
        /// The log's block.
        block: BlockNumber,
        /// The log's place in it.
        log_index: LogIndex,
        /// What differs.
        mismatch: Box<ProgrammeMismatch>,
    },
    /// What a feed says contradicts what it is.
    #[error(transparent)]
    Feed(Box<FeedError>),
    /// A log of a reward programme that was never added.
    #[error("programme {} is not in this market", .0.0)]
    UnknownProgramme(ProgrammeId),
    /// An outcome of ours does not reproduce: the log is not one that this market wrote.
    #[error("the outcome of order {order} does not reproduce")]
    Outcome {
        /// The order.
        order: OrderKey,
    },
    /// An event of a pool that was never added.
    #[error("pool {} is not in this market", .0.0)]
    UnknownPool(PoolId),
    /// A pool whose providers do not hold shares, or with another number of tokens than its tape
    /// names.
    #[error("the pool at the start is not one of shares in the tokens that the tape names")]
    NotShares,
    /// A tape without a tick map, of which nothing can be executed that crosses a tick.
    #[error(
        "the tape has no tick map (\"tick_map\": \"unknown\"): it can be replayed with \
         `--fidelity observed` only; for all else the tape has to begin with the pool's creation, \
         or with all its ticks (`data snapshot`, then `data export --tape --state`)"
    )]
    NoTickMap,
    /// The state at the start of a tape is impossible.
    #[error("the state at the start is impossible: {0}")]
    Start(SnapshotFailure),
    /// The state at the start of a tape of another build than Uniswap v3 is impossible.
    #[error("the state at the start is impossible: {0}")]
    StartState(StateError),
    /// A position at the start of a tape does not fit its ticks.
    #[error("the positions at the start do not fit the pool: {0}")]
    StartPosition(PoolError),
    /// The liquidity in range at the start is not what the positions add up to.
    #[error(
        "the positions at the start add up to liquidity {computed} in range, recorded is {recorded}"
    )]
    StartLiquidity {
        /// What the positions add up to.
        computed: u128,
        /// What the header says.
        recorded: u128,
    },
    /// A block that cannot be added to its chain, or taken back from it.
    #[error(transparent)]
    Block(Box<BlockError>),
}

impl From<BlockError> for MarketError {
    fn from(error: BlockError) -> Self {
        Self::Block(Box::new(error))
    }
}

impl From<FeedError> for MarketError {
    fn from(error: FeedError) -> Self {
        Self::Feed(Box::new(error))
    }
}

/// How a recorded event differs from the pool's own answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The pool refuses the operation.
    #[error("the {kind} reverts: {error}")]
    Reverts {
        /// The kind of event.
        kind: &'static str,
        /// Why.
        error: PoolError,
    },
    /// A value differs.
    #[error("the {kind} gives {field} {computed}, recorded is {recorded}")]
    Value {
        /// The kind of event.
        kind: &'static str,
        /// Which value.
        field: &'static str,
        /// The pool's.
        computed: String,
        /// The tape's.
        recorded: String,
    },
    /// An event that pools of this kind do not have.
    #[error("a pool of this kind has no {kind} events")]
    OtherPool {
        /// The kind of event.
        kind: &'static str,
    },
    /// An event of a pool of shares.
    #[error(transparent)]
    Shares(Box<ShareMismatch>),
    /// The amounts are not those of any swap: exact input, exact output or to a price.
    #[error(
        "the swap ({amount0}, {amount1}) reproduces neither as exact input, nor as exact output, \
         nor to its price"
    )]
    Swap {
        /// Recorded change of token0.
        amount0: String,
        /// Recorded change of token1.
        amount1: String,
    },
}
