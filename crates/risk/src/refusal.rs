use tidemill_model::{FeedId, GapCause, PositionId};
use tidemill_units::Amount;

/// Why an intent was not approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// As many positions as allowed are open or on their way.
    #[error("{open} positions are open or on their way, the limit is {limit}")]
    TooManyPositions {
        /// How many.
        open: u32,
        /// How many may be.
        limit: u32,
    },
    /// More value would be in pools than allowed.
    #[error("exposure would be {exposure}, the limit is {limit}")]
    TooMuchExposure {
        /// What it would be, raw quote units.
        exposure: Amount,
        /// What it may be.
        limit: Amount,
    },
    /// Equity has fallen too far, now or before.
    #[error("the largest loss from the start was {loss}, the limit is {limit}")]
    LossLimit {
        /// The largest loss seen at a check, raw quote units.
        loss: Amount,
        /// How far it may be.
        limit: Amount,
    },
    /// A feed that the strategy or the pool depends on cannot vouch for what it says.
    #[error("feed {} has a gap: {cause}", .feed.0)]
    FeedGap {
        /// The feed.
        feed: FeedId,
        /// Why it cannot.
        cause: GapCause,
    },
    /// The wallet does not hold what the order may take.
    #[error("the wallet has {available} of a token available, the order may take {wanted}")]
    InsufficientBalance {
        /// What it has beyond orders in flight.
        available: Amount,
        /// What the order may take.
        wanted: Amount,
    },
    /// Ticks that the pool does not allow.
    #[error("the range is empty, off the tick spacing or out of bounds")]
    BadRange,
    /// A range in a pool that knows none, shares in one that has none, or amounts of other tokens
    /// than the pool's.
    #[error("the pool has no positions of that kind")]
    BadPlacement,
    /// A swap between tokens that are not two of the pool's, or a sale of one of them or for none.
    #[error("a swap is between two different tokens of the pool, a sale of another for one of its")]
    NoSuchPair,
    /// A position that is not open, or that an order on its way is about.
    #[error("position {} is not open or is busy", .0.0)]
    NotOpen(PositionId),
    /// A position that is staked, and has to be taken out of its programme first.
    #[error("position {} is staked", .0.0)]
    Staked(PositionId),
    /// A position that is in no programme.
    #[error("position {} is not staked", .0.0)]
    NotStaked(PositionId),
    /// A position that is no lock.
    #[error("position {} is not a lock", .0.0)]
    NotLocked(PositionId),
    /// A programme that is unknown, or for the providers of another pool.
    #[error("there is no such programme for the position's pool")]
    NoProgramme,
    /// An instrument that the run does not know.
    #[error("there is no such instrument")]
    NoInstrument,
    /// A quantity that cannot be traded.
    #[error("the quantity {quantity} is no multiple of {step}, or nothing")]
    BadQuantity {
        /// It, in raw units of the base asset.
        quantity: Amount,
        /// What it has to be a multiple of.
        step: Amount,
    },
    /// A trade that is worth less than the exchange takes.
    #[error("the trade is worth {value}, the exchange takes no less than {least}")]
    TooSmall {
        /// What it is worth, raw units of the instrument's quote asset.
        value: Amount,
        /// The least.
        least: Amount,
    },
    /// The account at the exchange could not carry the contracts.
    #[error("the account is worth {equity}, contracts would need {needed}")]
    TooLittleMargin {
        /// What it is worth, raw units of the quote asset.
        equity: Amount,
        /// The margin that all contracts and those on their way need.
        needed: Amount,
    },
    /// Nothing is asked for.
    #[error("the amount is zero")]
    ZeroAmount,
    /// A pool that is unknown or has no price: nothing can be valued.
    #[error("there is no price to value the order at")]
    NoPrice,
    /// Only what lowers exposure may pass here.
    #[error("the order would not lower exposure")]
    NotReducing,
}
