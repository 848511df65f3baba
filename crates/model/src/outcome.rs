use tidemill_units::{
    Amount, BlockNumber, Gas, GasPrice, Liquidity, TickRange, Timestamp, TokenAmounts, TokenIndex,
    TokenPair,
};

use crate::{
    AssetId, Ballot, InstrumentId, OrderKey, Placement, PoolId, PoolPair, PositionId, ProgrammeId,
    StakingId, TradeSide, VotingId,
};

/// How one of our orders ended, and what the transaction cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The order.
    pub order: OrderKey,
    /// The block that included it.
    pub block: BlockNumber,
    /// What was paid for it; a reverted transaction pays too.
    pub gas: GasPaid,
    /// What it did.
    pub kind: OutcomeKind,
}

/// Gas used and its price; the cost is their product, in wei.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GasPaid {
    /// Units used.
    pub gas: Gas,
    /// Price of one.
    pub price: GasPrice,
}

/// What an order did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "orders are rare, and plain data is easier to copy")]
pub enum OutcomeKind {
    /// A position was opened.
    Opened {
        /// Its identity from now on.
        position: PositionId,
        /// The pool.
        pool: PoolId,
        /// What it is.
        holding: Holding,
        /// Tokens paid in.
        deposited: TokenAmounts,
    },
    /// A position was closed and collected.
    Closed {
        /// The position.
        position: PositionId,
        /// Tokens that it was worth, fees apart.
        withdrawn: TokenAmounts,
        /// Fees that it had earned.
        fees: TokenAmounts,
    },
    /// A swap was made.
    Swapped {
        /// The pool.
        pool: PoolId,
        /// The token paid in and the one taken out.
        pair: TokenPair,
        /// How much was paid in.
        amount_in: Amount,
        /// How much of the other token came out.
        amount_out: Amount,
    },
    /// A swap was made in one pool, and back in another.
    Arbitraged {
        /// Where, and where back.
        legs: [PoolPair; 2],
        /// How much was paid in.
        amount_in: Amount,
        /// How much of the other token came out of the first pool and went into the second.
        between: Amount,
        /// How much came back.
        amount_out: Amount,
    },
    /// A position was put into a reward programme.
    Staked {
        /// The position.
        position: PositionId,
        /// The programme.
        programme: ProgrammeId,
        /// Swap fees that it was paid on the way, where it earns none while it is staked.
        fees: TokenAmounts,
    },
    /// A staked position was paid what it had earned, or a lock what its votes had in one token.
    Claimed {
        /// The position.
        position: PositionId,
        /// The reward.
        reward: Reward,
    },
    /// A position was taken out of its programme.
    Unstaked {
        /// The position.
        position: PositionId,
        /// What it was paid.
        reward: Reward,
    },
    /// A stake was asked back.
    Unbonding {
        /// The position.
        position: PositionId,
        /// When it can be closed.
        ready_at: Timestamp,
    },
    /// What a stake had earned was staked as well.
    Compounded {
        /// The position.
        position: PositionId,
        /// How much of its token.
        amount: Amount,
    },
    /// A lock's votes were divided among gauges.
    Voted {
        /// The position.
        position: PositionId,
        /// The gauges and their parts.
        ballot: Ballot,
    },
    /// A lock was made to end later.
    Extended {
        /// The position.
        position: PositionId,
        /// When it ends now.
        until: Timestamp,
    },
    /// A reward token was sold.
    Sold {
        /// The pool whose token was bought.
        pool: PoolId,
        /// What was sold.
        reward: Reward,
        /// What it was sold for.
        into: TokenIndex,
        /// How much of that came out.
        amount_out: Amount,
    },
    /// A trade was made at an exchange.
    Traded {
        /// What was traded.
        instrument: InstrumentId,
        /// Which way.
        side: TradeSide,
        /// How much of its base asset.
        quantity: Amount,
        /// What was paid or received for it, in raw quote units, commission apart.
        amount: Amount,
        /// What the exchange took for it, in raw quote units.
        commission: Amount,
    },
    /// The chain or the exchange refused it; nothing changed but the gas.
    Rejected(Rejection),
    /// It was never included and never will be; nothing changed.
    Expired,
}

/// So much of a reward token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reward {
    /// The token.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
}

/// What a position is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Liquidity between two ticks of a concentrated pool.
    Range {
        /// Its ticks.
        range: TickRange,
        /// Its liquidity.
        liquidity: Liquidity,
    },
    /// So many shares of a pool.
    Shares(Amount),
    /// A token of the pool, staked.
    Stake {
        /// Where.
        staking: StakingId,
        /// What is kept for it: shares, or the tokens themselves.
        shares: Amount,
    },
    /// A token of the pool, locked for votes.
    Lock {
        /// Where.
        voting: VotingId,
        /// When it can be withdrawn.
        until: Timestamp,
    },
}

/// Why the chain or an exchange refused an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The amounts are too small for any liquidity there.
    NoLiquidity,
    /// The swap would have paid less than the least accepted.
    TooLittleReceived,
    /// The swap could not take the whole input.
    InsufficientDepth,
    /// The wallet did not hold what was to be paid.
    InsufficientBalance,
    /// The pool reverted for another reason.
    PoolReverted,
    /// No such position is open.
    UnknownPosition,
    /// The reward programme reverted.
    ProgrammeReverted,
    /// The position is staked, or is not.
    WrongStake,
    /// The stake was asked back, and cannot be had yet.
    StillUnbonding,
    /// The lock has not ended.
    StillLocked,
    /// The exchange has no price for it.
    NoMarket,
    /// The price at the exchange had passed the limit.
    PriceMoved,
    /// The account at the exchange cannot carry it.
    InsufficientMargin,
    /// The quantity is no multiple of the instrument's step, or worth too little.
    BadQuantity,
}

impl GasPaid {
    /// Returns the cost in wei, or `None` past 2^256 - 1 (never for real figures).
    pub fn cost(&self) -> Option<Amount> {
        let gas = Amount::from_u64(self.gas.0).0;
        gas.checked_mul(Amount::from_u128(self.price.0).0).map(Amount)
    }
}

impl Holding {
    /// Returns where in its pool the position is.
    pub const fn placement(self) -> Placement {
        match self {
            Self::Range { range, .. } => Placement::Range(range),
            Self::Shares(_) => Placement::Shares,
            Self::Stake { staking, .. } => Placement::Stake(staking),
            Self::Lock { voting, until } => Placement::Lock { voting, until },
        }
    }
}

impl OutcomeKind {
    /// Whether an exchange said so: nothing on a chain has changed then, and no time of it passed.
    pub const fn is_of_exchange(&self) -> bool {
        match self {
            Self::Traded { .. } => true,
            Self::Rejected(rejection) => rejection.is_of_exchange(),
            Self::Opened { .. }
            | Self::Closed { .. }
            | Self::Swapped { .. }
            | Self::Arbitraged { .. }
            | Self::Staked { .. }
            | Self::Claimed { .. }
            | Self::Unstaked { .. }
            | Self::Unbonding { .. }
            | Self::Compounded { .. }
            | Self::Voted { .. }
            | Self::Extended { .. }
            | Self::Sold { .. }
            | Self::Expired => false,
        }
    }
}

impl Rejection {
    /// Whether only an exchange refuses so.
    pub const fn is_of_exchange(self) -> bool {
        match self {
            Self::NoMarket | Self::PriceMoved | Self::InsufficientMargin | Self::BadQuantity => {
                true
            }
            Self::NoLiquidity
            | Self::TooLittleReceived
            | Self::InsufficientDepth
            | Self::InsufficientBalance
            | Self::PoolReverted
            | Self::UnknownPosition
            | Self::ProgrammeReverted
            | Self::WrongStake
            | Self::StillUnbonding
            | Self::StillLocked => false,
        }
    }

    /// Returns the reason in words.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::NoLiquidity => "the amounts give no liquidity there",
            Self::TooLittleReceived => "the swap would pay less than the least accepted",
            Self::InsufficientDepth => "the pool could not take the whole input",
            Self::InsufficientBalance => "the wallet does not hold the amount",
            Self::PoolReverted => "the pool reverted",
            Self::UnknownPosition => "no such position is open",
            Self::ProgrammeReverted => "the reward programme reverted",
            Self::StillUnbonding => "the stake cannot be had back yet",
            Self::StillLocked => "the lock has not ended, or is not free yet",
            Self::NoMarket => "the exchange has no price for it",
            Self::PriceMoved => "the price at the exchange had passed the limit",
            Self::InsufficientMargin => "the account at the exchange cannot carry it",
            Self::BadQuantity => "the quantity is off the step or worth too little",
            Self::WrongStake => "the position is staked already, or is not staked",
        }
    }
}
