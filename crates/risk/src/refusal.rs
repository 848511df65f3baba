use tidemill_model::{AssetId, ChainId, FeedId, GapCause, PoolId, PositionId};
use tidemill_units::{Amount, Timestamp};

use crate::{DecisionKind, StopCause};

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
    /// A feed that the strategy depends on has said nothing for too long.
    #[error("feed {} has said nothing for {silent_minutes} minutes, the limit is {limit_minutes}",
        .feed.0)]
    FeedSilent {
        /// The feed.
        feed: FeedId,
        /// For how long, rounded up; the largest number where it never spoke.
        silent_minutes: u32,
        /// For how long it may.
        limit_minutes: u32,
    },
    /// Nothing was heard of the order's pool for too long.
    #[error("pool {} has been silent for {silent_minutes} minutes, the limit is {limit_minutes}",
        .pool.0)]
    PoolSilent {
        /// The pool.
        pool: PoolId,
        /// For how long, rounded up; the largest number where it never spoke.
        silent_minutes: u32,
        /// For how long it may.
        limit_minutes: u32,
    },
    /// Everything is being closed, or is: a stop of the whole portfolio was reached.
    #[error("the portfolio was stopped: {0}")]
    Stopped(StopCause),
    /// The position is being closed: a stop of its own was reached.
    #[error("position {} was stopped: {cause}", .position.0)]
    PositionStopped {
        /// The position.
        position: PositionId,
        /// Which stop.
        cause: StopCause,
    },
    /// A position was stopped in the pool a short while ago.
    #[error("pool {} is left alone until {} after a stop", .pool.0, .until.0)]
    CoolingDown {
        /// The pool.
        pool: PoolId,
        /// Until when, in seconds since 1970-01-01 UTC.
        until: Timestamp,
    },
    /// More of an asset would be held than allowed.
    #[error("{held} of asset {} would be held, the limit is {limit}", .asset.0)]
    TooMuchOfAsset {
        /// The asset.
        asset: AssetId,
        /// How much it would be, in its raw units.
        held: Amount,
        /// How much it may be.
        limit: Amount,
    },
    /// More value would be in a pool than allowed.
    #[error("{value} would be in pool {}, the limit is {limit}", .pool.0)]
    TooMuchInPool {
        /// The pool.
        pool: PoolId,
        /// What it would be, raw quote units.
        value: Amount,
        /// What it may be.
        limit: Amount,
    },
    /// More value would be on a chain than allowed.
    #[error("{value} would be on chain {chain}, the limit is {limit}")]
    TooMuchOnChain {
        /// The chain.
        chain: ChainId,
        /// What it would be, raw quote units.
        value: Amount,
        /// What it may be.
        limit: Amount,
    },
    /// More value would be at a venue than allowed.
    #[error("{value} would be at {venue}, the limit is {limit}")]
    TooMuchAtVenue {
        /// Whose contracts they are.
        venue: &'static str,
        /// What it would be, raw quote units.
        value: Amount,
        /// What it may be.
        limit: Amount,
    },
    /// More value would be in all pools than allowed.
    #[error("{value} would be in pools, the limit is {limit}")]
    TooMuchGross {
        /// What it would be, raw quote units.
        value: Amount,
        /// What it may be.
        limit: Amount,
    },
    /// Prices would matter more than allowed.
    #[error("net exposure would be {exposure}, the limit is {limit}")]
    TooMuchNetExposure {
        /// What it would be, raw quote units.
        exposure: Amount,
        /// What it may be.
        limit: Amount,
    },
    /// The price of one asset would matter more than allowed.
    #[error("exposure to asset {} would be {exposure}, the limit is {limit}", .asset.0)]
    TooMuchDelta {
        /// The asset.
        asset: AssetId,
        /// What it would be, raw quote units.
        exposure: Amount,
        /// What it may be.
        limit: Amount,
    },
    /// Too large a part of equity would be in one pool.
    #[error("{part_bps} bps of equity would be in the pool, the limit is {limit_bps}")]
    TooConcentrated {
        /// How large a part, rounded up.
        part_bps: u32,
        /// How large it may be.
        limit_bps: u32,
    },
    /// Others offer too little near the price.
    #[error("{depth} is offered near the price, the least is {least}")]
    TooShallow {
        /// How much, raw quote units.
        depth: Amount,
        /// The least that is enough.
        least: Amount,
    },
    /// Too large a part of a pool's liquidity in range would be ours.
    #[error("{part_bps} bps of pool {} would be ours, the limit is {limit_bps}", .pool.0)]
    TooLargeShare {
        /// The pool.
        pool: PoolId,
        /// How large a part, rounded up.
        part_bps: u32,
        /// How large it may be.
        limit_bps: u32,
    },
    /// Fee and impact would take too much of a swap.
    #[error("fee and impact would take {lost_bps} bps of the swap, the limit is {limit_bps}")]
    TooMuchSlippage {
        /// How much, rounded up.
        lost_bps: u32,
        /// How much they may.
        limit_bps: u32,
    },
    /// The price is too far from its mean.
    #[error("the price of pool {} is {apart_bps} bps from its mean, the limit is {limit_bps}",
        .pool.0)]
    PriceDeviates {
        /// The pool.
        pool: PoolId,
        /// By how much the higher is above the lower, rounded up.
        apart_bps: u32,
        /// By how much it may be.
        limit_bps: u32,
    },
    /// The price was not followed for long enough to know its mean.
    #[error("the price of pool {} is not known over {minutes} minutes yet", .pool.0)]
    NoMeanPrice {
        /// The pool.
        pool: PoolId,
        /// Over how long the mean is.
        minutes: u32,
    },
    /// As many openings as allowed were approved in the last 24 hours.
    #[error("{openings} positions were opened in 24 hours, the limit is {limit}")]
    TooManyOpenings {
        /// How many.
        openings: u32,
        /// How many may be.
        limit: u32,
    },
    /// More would be swapped in 24 hours than allowed.
    #[error("{swapped} would be swapped in 24 hours, the limit is {limit}")]
    TooMuchSwapped {
        /// What it would be, raw quote units.
        swapped: Amount,
        /// What it may be.
        limit: Amount,
    },
    /// As much gas as allowed was paid in the last 24 hours.
    #[error("{paid} was paid for gas in 24 hours, the limit is {limit}")]
    TooMuchGas {
        /// What it was, raw quote units.
        paid: Amount,
        /// What it may be.
        limit: Amount,
    },
    /// It would bring too little for what it costs.
    #[error("the {kind} would bring {gain} and has to bring {least}")]
    NotWorthwhile {
        /// What is decided about.
        kind: DecisionKind,
        /// What is expected of it, raw quote units.
        gain: Amount,
        /// What it has to bring: its cost times the margin.
        least: Amount,
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
    /// A swap and the one back may together give less than they take, or just as much.
    #[error("of {amount_in} paid in {least} have to come back: an arbitrage gains")]
    NothingGained {
        /// What is paid in, raw units.
        amount_in: Amount,
        /// The least that is accepted back, in the same units.
        least: Amount,
    },
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
    /// More of an option than there is: options are not sold short.
    #[error("{wanted} of the option are to be sold and {held} are there to be: none is sold short")]
    OptionNotHeld {
        /// What no other order on its way sells, in raw units.
        held: Amount,
        /// What is to be sold.
        wanted: Amount,
    },
    /// An option that has ended.
    #[error("the option has ended")]
    OptionEnded,
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
