use tidemill_model::PoolBuild;
use tidemill_units::Timestamp;

use crate::Fault;
use crate::error::RowFault;

/// The event kinds, for messages.
pub(crate) const EVENT_KINDS: &str =
    "one of initialize, swap, mint, burn, collect, flash, set_fee_protocol";

/// The event kinds of a tape, for messages.
pub(crate) const fn event_kinds(build: &PoolBuild) -> &'static str {
    match build {
        PoolBuild::UniswapV3 => EVENT_KINDS,
        PoolBuild::PancakeV3 { .. } => {
            "one of initialize, swap, mint, burn, collect, flash, set_fee_protocol, \
             collect_protocol"
        }
        PoolBuild::Slipstream { .. } => {
            "one of initialize, swap, mint, burn, collect, flash, stake, change_stake, \
             collect_fees, set_fee, set_unstaked_fee"
        }
        PoolBuild::UniswapV4 { .. } => {
            "one of initialize, swap, modify_liquidity, donate, protocol_fee_updated"
        }
    }
}

/// The kind of the rows that describe the snapshot a tape starts from.
pub(crate) const INITIAL_POSITION: &str = "initial_position";

/// The columns of a tape, in the order of the Parquet file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Kind,
    Time,
    Block,
    LogIndex,
    Amount0,
    Amount1,
    SqrtPriceAfter,
    Liquidity,
    TickLower,
    TickUpper,
    Owner,
    GasUsed,
    GasPrice,
    LiquidityAfter,
    TickAfter,
    Salt,
    Fee,
    ProtocolFee0,
    ProtocolFee1,
    Staked,
}

impl Column {
    /// How many a tape of a Uniswap v3 pool has.
    pub(crate) const COUNT: usize = 15;

    /// The columns of a tape of a Uniswap v3 pool, in order; those of its kin begin with them.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Kind,
        Self::Time,
        Self::Block,
        Self::LogIndex,
        Self::Amount0,
        Self::Amount1,
        Self::SqrtPriceAfter,
        Self::Liquidity,
        Self::TickLower,
        Self::TickUpper,
        Self::Owner,
        Self::GasUsed,
        Self::GasPrice,
        Self::LiquidityAfter,
        Self::TickAfter,
    ];

    /// What follows them on a tape of another build.
    pub(crate) const OF_BUILDS: [Self; 5] =
        [Self::Salt, Self::Fee, Self::ProtocolFee0, Self::ProtocolFee1, Self::Staked];

    /// Returns the columns of a tape of a build, in order.
    pub(crate) fn of(build: &PoolBuild) -> Vec<Self> {
        match build {
            PoolBuild::UniswapV3 => Self::ALL.to_vec(),
            PoolBuild::PancakeV3 { .. }
            | PoolBuild::Slipstream { .. }
            | PoolBuild::UniswapV4 { .. } => [&Self::ALL[..], &Self::OF_BUILDS].concat(),
        }
    }

    /// Returns the name in the header.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Time => "time_utc",
            Self::Block => "block",
            Self::LogIndex => "log_index",
            Self::Amount0 => "amount0",
            Self::Amount1 => "amount1",
            Self::SqrtPriceAfter => "sqrt_price_x96_after",
            Self::Liquidity => "liquidity",
            Self::TickLower => "tick_lower",
            Self::TickUpper => "tick_upper",
            Self::Owner => "owner",
            Self::GasUsed => "gas_used",
            Self::GasPrice => "gas_price_wei",
            Self::LiquidityAfter => "liquidity_after",
            Self::TickAfter => "tick_after",
            Self::Salt => "salt",
            Self::Fee => "fee_pips",
            Self::ProtocolFee0 => "protocol_fee0",
            Self::ProtocolFee1 => "protocol_fee1",
            Self::Staked => "staked_liquidity",
        }
    }

    /// Pairs a fault with this column.
    pub(crate) fn fault(self, fault: impl Into<Fault>) -> RowFault {
        RowFault { column: self.name(), fault: fault.into() }
    }
}

/// One row as both readers see it: no number checked beyond what its storage type demands.
///
/// Integers that can pass 64 bits are decimal text. `None` is an empty field or a null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) kind: &'a str,
    pub(crate) time: Option<Timestamp>,
    pub(crate) block: Option<u64>,
    pub(crate) log_index: Option<u32>,
    pub(crate) amount0: Option<&'a str>,
    pub(crate) amount1: Option<&'a str>,
    pub(crate) sqrt_price_after: Option<&'a str>,
    pub(crate) liquidity: Option<&'a str>,
    pub(crate) tick_lower: Option<i32>,
    pub(crate) tick_upper: Option<i32>,
    pub(crate) owner: Option<&'a str>,
    pub(crate) gas_used: Option<u64>,
    pub(crate) gas_price: Option<u64>,
    pub(crate) liquidity_after: Option<&'a str>,
    pub(crate) tick_after: Option<i32>,
    pub(crate) salt: Option<&'a str>,
    pub(crate) fee: Option<u32>,
    pub(crate) protocol_fee0: Option<&'a str>,
    pub(crate) protocol_fee1: Option<&'a str>,
    pub(crate) staked: Option<&'a str>,
}
