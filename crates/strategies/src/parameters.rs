use std::fmt::Display;

use crate::RulesError;

/// A parameter outside its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {value}; allowed is {allowed}")]
pub struct ParameterError {
    /// The parameter, unit included.
    pub name: &'static str,
    /// What was given.
    pub value: String,
    /// What is allowed.
    pub allowed: String,
}

/// Returns the value if it is within the range, both ends included. NaN is within none.
///
/// Errors: [`ParameterError`], naming what is allowed.
pub fn bounded<T: PartialOrd + Display>(
    name: &'static str,
    value: T,
    (low, high): (T, T),
) -> Result<T, ParameterError> {
    if low <= value && value <= high {
        Ok(value)
    } else {
        Err(ParameterError { name, value: value.to_string(), allowed: format!("{low} to {high}") })
    }
}

/// Why a strategy cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A parameter outside its range.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// A farm without a programme to stake in, or without a position to stake.
    #[error("farm needs a [[reward]] programme to stake in and a strategy that provides liquidity")]
    NothingToFarm,
    /// A stake that is to be compounded where that happens by itself.
    #[error("compound_every_days is given; liquid staking compounds by itself")]
    CompoundsItself,
    /// A stake without a service to stake at.
    #[error("stake needs a [[staking]] service for one of the pool's tokens")]
    NowhereToStake,
    /// A vote without a service to lock at.
    #[error("vote needs a [[voting]] service that locks one of the pool's tokens")]
    NowhereToVote,
    /// An arbitrage in a run of one pool.
    #[error("two_pool_arbitrage needs two pools: add a [[pool]] beside that of the tape")]
    NoSecondPool,
    /// An arbitrage between pools that have not two tokens in common.
    #[error("two_pool_arbitrage needs pools of the same two tokens; {first} and {second} are not")]
    NothingShared {
        /// One pool, by its name.
        first: String,
        /// The other.
        second: String,
    },
    /// An arbitrage against an exchange without one.
    #[error(
        "pool_exchange_arbitrage needs an [[exchange.instrument]] of kind perpetual on one of the \
         pool's tokens, at an exchange whose quote is another of them"
    )]
    NothingToTradeAgainst,
    /// A hedge without a contract to hedge with.
    #[error("hedge needs an [[exchange.instrument]] of kind perpetual on one of the pool's tokens")]
    NothingToHedgeWith,
    /// An option hedge without options to cover with.
    #[error(
        "option_hedge needs [[exchange.instrument]]s of kind option on one token of the pool, \
         paid in the other"
    )]
    NothingToCoverWith,
    /// Two hedges of one position.
    #[error("option_hedge is beside hedge, and each would cover what the other has covered")]
    TwoHedges,
    /// A pair without two instruments to trade.
    #[error("pairs needs two [[exchange.instrument]]")]
    NothingToPair,
    /// A hedge with a contract that the strategy inside trades itself.
    #[error("hedge would trade an instrument of the pair that it is around; name another one")]
    HedgesItsPair,
    /// What needs a pool, in a run without one.
    #[error(
        "{strategy} needs a pool, and this run has none; hold, pairs, threshold_buy and rules \
         that trade at exchanges run without one"
    )]
    NeedsPool {
        /// The kind of strategy, or what is around one.
        strategy: &'static str,
    },
    /// A strategy that trades at exchanges, without anything to trade there.
    #[error("threshold_buy needs an [[exchange.instrument]] to buy")]
    NothingToTrade,
    /// A filter or a size around a strategy that provides no liquidity.
    #[error(
        "size, trend_filter and volatility_filter are for strategies that provide liquidity; \
         {strategy} does not"
    )]
    NothingToFilter {
        /// The kind of strategy.
        strategy: &'static str,
    },
    /// A filter or a size that measures ticks, in a pool that has none.
    #[error("{what} measures ticks, and a {pool} pool has none")]
    NothingToMeasure {
        /// Which.
        what: &'static str,
        /// The kind of pool, by its name in state files.
        pool: &'static str,
    },
    /// A farm of a strategy that keeps several positions.
    #[error("farm stakes one position, and {strategy} keeps up to {positions}")]
    FarmsOne {
        /// The kind of strategy.
        strategy: &'static str,
        /// How many positions it keeps.
        positions: u32,
    },
    /// A strategy that follows ticks, in a pool that has none.
    #[error("{strategy} follows ticks, and a {pool} pool has none")]
    NeedsTicks {
        /// The kind of strategy.
        strategy: &'static str,
        /// The kind of pool, by its name in state files.
        pool: &'static str,
    },
    /// A strategy for pools of weights, in another.
    #[error("{strategy} holds shares of a weighted pool, weighted or balancer_v1; this is {pool}")]
    NeedsWeights {
        /// The kind of strategy.
        strategy: &'static str,
        /// The kind of pool, by its name in state files, or `concentrated`.
        pool: &'static str,
    },
    /// Rules with a mistake in them.
    #[error(transparent)]
    Rules(#[from] Box<RulesError>),
    /// Rules that are nowhere, or in two places.
    #[error("rules take one of file, a path beside the configuration, and text")]
    WhichRules,
    /// Rules whose file nobody has read.
    #[error("the file of the rules was not read")]
    RulesUnread,
    /// Rules without what their numbers are stated in.
    #[error("rules need the decimals of the pool's tokens")]
    NoScale,
    /// A strategy that places ranges, in a pool that has none.
    #[error(
        "{strategy} places ranges of ticks, and a {pool} pool has none: its providers hold shares; \
         hold and full_range run on it"
    )]
    NeedsRanges {
        /// The kind of strategy.
        strategy: &'static str,
        /// The kind of pool, by its name in state files.
        pool: &'static str,
    },
}
