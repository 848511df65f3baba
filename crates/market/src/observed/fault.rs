use tidemill_amm::concentrated::PoolError;
use tidemill_units::{Amount, BlockNumber, Liquidity, LogIndex, SqrtPrice, Tick};

/// A place where a tape without a tick map contradicts itself: an event is missing before it, or a
/// value is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("block {block}, log index {log_index}: {fault}")]
pub struct ObservedFinding {
    /// The event's block.
    pub block: BlockNumber,
    /// The event's place in it.
    pub log_index: LogIndex,
    /// What does not fit.
    pub fault: ObservedFault,
}

/// How an event does not fit what was recorded before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObservedFault {
    /// A swap without price, liquidity and tick: nothing can be trusted then.
    #[error("the swap does not say its price, liquidity and tick")]
    NotRecorded,
    /// The tick is not that of the price.
    #[error("tick {tick} is not that of the square root price {sqrt_price}")]
    TickOffPrice {
        /// The recorded tick.
        tick: Tick,
        /// The recorded price.
        sqrt_price: SqrtPrice,
    },
    /// The liquidity here is not what it was when the price was here before, mints and burns since
    /// taken into account.
    #[error(
        "liquidity {recorded} at tick {tick}, where what was recorded before it leaves {expected}: \
         a mint or burn is missing"
    )]
    Liquidity {
        /// The recorded tick.
        tick: Tick,
        /// What is recorded.
        recorded: Liquidity,
        /// What follows from the record before.
        expected: i128,
    },
    /// More liquidity is burned than there is.
    #[error("burning leaves liquidity {left} in range: a mint is missing")]
    NegativeLiquidity {
        /// What would be left.
        left: i128,
    },
    /// The price moved the way that the swap's amounts do not push it.
    #[error("the price goes from {before} to {after}, against what was paid: a swap is missing")]
    AgainstPayment {
        /// The price before.
        before: SqrtPrice,
        /// The price recorded.
        after: SqrtPrice,
    },
    /// The amounts do not follow from the prices and the liquidity between them.
    #[error(
        "the swap ({amount0}, {amount1}) does not follow from the price {before} and the liquidity \
         recorded on its way: an event is missing"
    )]
    Swap {
        /// Recorded change of token0.
        amount0: String,
        /// Recorded change of token1.
        amount1: String,
        /// The price before.
        before: SqrtPrice,
    },
    /// What a mint or burn moved is not what its liquidity is at the price.
    #[error("the {kind} gives {field} {computed} at the price, recorded is {recorded}")]
    Amount {
        /// The kind of event.
        kind: &'static str,
        /// Which amount.
        field: &'static str,
        /// What it should be.
        computed: Amount,
        /// The tape's.
        recorded: Amount,
    },
    /// The pool refuses the operation.
    #[error("the {kind} is impossible: {error}")]
    Reverts {
        /// The kind of event.
        kind: &'static str,
        /// Why.
        error: PoolError,
    },
    /// An event that no Uniswap v3 pool has, or not after its start.
    #[error("no {kind} stands inside a window of a Uniswap v3 pool's history")]
    OtherPool {
        /// The kind of event.
        kind: &'static str,
    },
}
