use tidemill_units::{Amount, Amounts, BlockNumber, Gas, GasPrice, Liquidity, Side, TickRange};

use crate::{OrderKey, PoolId, PositionId};

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
pub enum OutcomeKind {
    /// A position was opened.
    Opened {
        /// Its identity from now on.
        position: PositionId,
        /// The pool.
        pool: PoolId,
        /// Its ticks.
        range: TickRange,
        /// Its liquidity.
        liquidity: Liquidity,
        /// Tokens paid in.
        deposited: Amounts,
    },
    /// A position was closed and collected.
    Closed {
        /// The position.
        position: PositionId,
        /// Tokens that its liquidity was worth.
        withdrawn: Amounts,
        /// Fees that it had earned.
        fees: Amounts,
    },
    /// A swap was made.
    Swapped {
        /// The pool.
        pool: PoolId,
        /// The token paid in.
        input: Side,
        /// How much of it.
        amount_in: Amount,
        /// How much of the other token came out.
        amount_out: Amount,
    },
    /// The chain refused it; nothing changed but the gas.
    Rejected(Rejection),
    /// It was never included and never will be; nothing changed.
    Expired,
}

/// Why the chain refused an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The amounts are too small for any liquidity in that range.
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
}

impl GasPaid {
    /// Returns the cost in wei, or `None` past 2^256 - 1 (never for real figures).
    pub fn cost(&self) -> Option<Amount> {
        let gas = Amount::from_u64(self.gas.0).0;
        gas.checked_mul(Amount::from_u128(self.price.0).0).map(Amount)
    }
}

impl Rejection {
    /// Returns the reason in words.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::NoLiquidity => "the amounts give no liquidity in that range",
            Self::TooLittleReceived => "the swap would pay less than the least accepted",
            Self::InsufficientDepth => "the pool could not take the whole input",
            Self::InsufficientBalance => "the wallet does not hold the amount",
            Self::PoolReverted => "the pool reverted",
            Self::UnknownPosition => "no such position is open",
        }
    }
}
