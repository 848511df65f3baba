use tidemill_units::{Amounts, FeePips, SignedAmounts, SignedLiquidity, TickRange};

use crate::{Address, Bytes32, RecordedAfter};

/// What a log of a concentrated pool says that Uniswap v3 has none of: of PancakeSwap's
/// `IPancakeV3PoolEvents`, of Slipstream's pool, gauge and factory, of v4's `IPoolManager` and
/// `IProtocolFees`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildEvent {
    /// Somebody swapped in a Pancake pool.
    PancakeSwap {
        /// What went into (positive) and out of (negative) the pool.
        amounts: SignedAmounts,
        /// The state after the swap, as far as recorded.
        after: RecordedAfter,
        /// What the protocol took of each token's fees, where recorded.
        protocol_fees: Option<[u128; 2]>,
    },
    /// The protocol's share of the swap fees of a Pancake pool was changed: so many 10,000ths of
    /// each token's; 0 is none.
    SetFeeProtocol([u16; 2]),
    /// The protocol of a Pancake pool was paid.
    CollectProtocol(Amounts),
    /// Liquidity was staked at a Slipstream pool's gauge, or taken back.
    Stake {
        /// The ticks.
        range: TickRange,
        /// How much; negative where it was taken back.
        delta: SignedLiquidity,
        /// Whether it went from the position manager's position to the gauge's; else the gauge's
        /// position was minted or burned beside.
        moves_position: bool,
    },
    /// A Slipstream pool's gauge was paid.
    CollectFees(Amounts),
    /// The factory of a Slipstream pool names another fee from here on.
    SetFee(FeePips),
    /// The factory of a Slipstream pool names another fee on liquidity that is not staked.
    SetUnstakedFee(FeePips),
    /// Somebody swapped in a v4 pool.
    ManagedSwap {
        /// What went into (positive) and out of (negative) the pool: the log has the swapper's
        /// signs, which are the opposite.
        amounts: SignedAmounts,
        /// The state after the swap, as far as recorded.
        after: RecordedAfter,
        /// What the swap cost in all, the protocol's part included, where recorded.
        fee: Option<FeePips>,
    },
    /// A position of a v4 pool was changed, and paid its fees.
    ModifyLiquidity {
        /// Who owns it and by what salt it is told apart, where recorded.
        owner: Option<(Address, Bytes32)>,
        /// Its ticks.
        range: TickRange,
        /// Liquidity added (positive) or removed; zero only pays the fees.
        delta: SignedLiquidity,
    },
    /// Both amounts were given to the liquidity in range of a v4 pool.
    Donate(Amounts),
    /// The protocol's fee on each token paid into a v4 pool was set, in pips.
    ProtocolFeeUpdated([u16; 2]),
}

impl BuildEvent {
    /// Returns the kind's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PancakeSwap { .. } | Self::ManagedSwap { .. } => "swap",
            Self::SetFeeProtocol(_) => "set_fee_protocol",
            Self::CollectProtocol(_) => "collect_protocol",
            Self::Stake { moves_position: true, .. } => "stake",
            Self::Stake { moves_position: false, .. } => "change_stake",
            Self::CollectFees(_) => "collect_fees",
            Self::SetFee(_) => "set_fee",
            Self::SetUnstakedFee(_) => "set_unstaked_fee",
            Self::ModifyLiquidity { .. } => "modify_liquidity",
            Self::Donate(_) => "donate",
            Self::ProtocolFeeUpdated(_) => "protocol_fee_updated",
        }
    }
}
