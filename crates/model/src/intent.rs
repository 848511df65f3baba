use std::fmt;

use tidemill_units::{
    Amount, BlockNumber, GasPrice, TickRange, Timestamp, TokenAmounts, TokenIndex, TokenPair,
};

use crate::{AssetId, Ballot, InstrumentId, PoolId, ProgrammeId, Sequence, TradeSide};

/// What a strategy wants done. Only `risk` can turn it into an approved order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Open a position with at most these amounts, as much of it as they allow.
    Open {
        /// The pool.
        pool: PoolId,
        /// Where in the pool.
        placement: Placement,
        /// The most of each token that may be paid in.
        desired: TokenAmounts,
    },
    /// Remove a position's liquidity and collect it with its fees; of a stake, ask it back, and
    /// collect it once it can be had; of a lock, withdraw it once it has ended.
    Close {
        /// The position.
        position: PositionId,
    },
    /// Swap an exact input.
    Swap {
        /// The pool.
        pool: PoolId,
        /// The token paid in and the one taken out.
        pair: TokenPair,
        /// How much is paid in.
        amount_in: Amount,
        /// The least of the other token that is accepted.
        min_amount_out: Amount,
    },
    /// Swap an exact input in one pool and what comes out back in another, in one transaction: both
    /// swaps are made or neither.
    Arbitrage {
        /// Where, and where back: two pools of one chain, the second's tokens the first's the other
        /// way round.
        legs: [PoolPair; 2],
        /// How much is paid in.
        amount_in: Amount,
        /// The least of the same token that is accepted back; more than was paid in.
        min_amount_out: Amount,
        /// What is paid for a place in the block, on top of the price of each unit of gas, where
        /// both swaps are made.
        tip: GasPrice,
    },
    /// Put a position into a reward programme.
    Stake {
        /// The position, open and not staked.
        position: PositionId,
        /// The programme.
        programme: ProgrammeId,
    },
    /// Be paid what a staked position has earned; it stays staked.
    Claim {
        /// The position.
        position: PositionId,
    },
    /// Take a position out of its programme and be paid what it has earned.
    Unstake {
        /// The position.
        position: PositionId,
    },
    /// Stake what a staked token has earned as well.
    Compound {
        /// The position, a stake.
        position: PositionId,
    },
    /// Divide a lock's votes among gauges.
    Vote {
        /// The position, a lock.
        position: PositionId,
        /// The gauges and their parts.
        ballot: Ballot,
    },
    /// Make a lock end later.
    Extend {
        /// The position, a lock.
        position: PositionId,
        /// When it is to end, the beginning of a week.
        until: Timestamp,
    },
    /// Be paid what a lock's votes have earned in one token.
    ClaimBribes {
        /// The position, a lock.
        position: PositionId,
        /// The token.
        token: AssetId,
    },
    /// Sell a reward token, outside the pools of the run.
    Sell {
        /// The pool whose token is bought, and in whose chain's coin gas is paid.
        pool: PoolId,
        /// What is sold.
        reward: AssetId,
        /// What it is sold for.
        into: TokenIndex,
        /// How much is sold.
        amount_in: Amount,
        /// The least that is accepted for it.
        min_amount_out: Amount,
    },
    /// Trade at an exchange at once, in full or not at all.
    Trade {
        /// What is traded.
        instrument: InstrumentId,
        /// Which way.
        side: TradeSide,
        /// How much of its base asset.
        quantity: Amount,
        /// The most that may be paid for it, or the least that is accepted, in raw quote units,
        /// commission apart.
        limit: Amount,
    },
}

impl Intent {
    /// Returns the position that it is about; `None` for an opening, swaps, a sale and a trade.
    pub const fn position(&self) -> Option<PositionId> {
        match *self {
            Self::Close { position }
            | Self::Stake { position, .. }
            | Self::Claim { position }
            | Self::Unstake { position }
            | Self::Compound { position }
            | Self::Vote { position, .. }
            | Self::Extend { position, .. }
            | Self::ClaimBribes { position, .. } => Some(position),
            Self::Open { .. }
            | Self::Swap { .. }
            | Self::Arbitrage { .. }
            | Self::Sell { .. }
            | Self::Trade { .. } => None,
        }
    }
}

/// Two tokens of a pool: the one paid in and the one taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolPair {
    /// The pool.
    pub pool: PoolId,
    /// Its tokens.
    pub pair: TokenPair,
}

/// Where in a pool a position is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Between two ticks of a concentrated pool, both multiples of its spacing.
    Range(TickRange),
    /// In all of the pool, as shares of it.
    Shares,
    /// Not in the pool at all: one of its tokens is staked.
    Stake(StakingId),
    /// Not in the pool either: one of its tokens is locked, for votes.
    Lock {
        /// Where.
        voting: VotingId,
        /// When the lock is to end, the beginning of a week: Thursday at 00:00 UTC.
        until: Timestamp,
    },
}

/// The number of a staking service within one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StakingId(pub u16);

/// The number of a voting service within one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VotingId(pub u16);

/// An intent that was approved and is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its identity.
    pub key: OrderKey,
    /// What is to be done.
    pub intent: Intent,
    /// The block in which it was decided.
    pub decided_in: BlockNumber,
}

/// The identity of an order: the event that triggered it and its place among the intents returned.
///
/// Retries reuse it and replays reproduce it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey {
    /// The triggering event.
    pub sequence: Sequence,
    /// Index among the intents of that step.
    pub intent: u16,
}

/// The identity of a position of ours: the order that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionId(pub OrderKey);

impl fmt::Display for OrderKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.sequence.0, self.intent)
    }
}
