use tidemill_units::{Amounts, Liquidity, SignedAmounts, SqrtPrice, Tick, TickRange};

use crate::{Address, BuildEvent, ShareEvent};

/// What a log of a pool says happened: of a concentrated-liquidity pool (v3-core 1.0.1
/// `IUniswapV3PoolEvents`), or of a pool of shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolEvent {
    /// The pool got its first price.
    Initialize {
        /// The price set.
        sqrt_price: SqrtPrice,
        /// The tick of that price, where recorded.
        tick: Option<Tick>,
    },
    /// Somebody swapped.
    Swap {
        /// What went into (positive) and out of (negative) the pool.
        amounts: SignedAmounts,
        /// The state after the swap, as far as recorded.
        after: RecordedAfter,
    },
    /// Liquidity was added.
    Mint {
        /// Owner of the position at the pool, where recorded.
        owner: Option<Address>,
        /// The position's ticks.
        range: TickRange,
        /// Liquidity added.
        liquidity: Liquidity,
        /// Tokens paid in.
        amounts: Amounts,
    },
    /// Liquidity was removed; with zero liquidity, only the fees owed were brought up to date.
    Burn {
        /// Owner of the position at the pool, where recorded.
        owner: Option<Address>,
        /// The position's ticks.
        range: TickRange,
        /// Liquidity removed.
        liquidity: Liquidity,
        /// Tokens now owed to the owner for it, fees not included.
        amounts: Amounts,
    },
    /// Tokens owed were paid out.
    Collect {
        /// Owner of the position at the pool, where recorded.
        owner: Option<Address>,
        /// The position's ticks.
        range: TickRange,
        /// Tokens paid out.
        amounts: Amounts,
    },
    /// A flash loan was repaid.
    Flash {
        /// What was paid on top of the loan.
        paid: Amounts,
    },
    /// The protocol's share of the swap fees was changed.
    SetFeeProtocol {
        /// One n-th of the token0 fees goes to the protocol; 0 is none.
        fee_protocol0: u8,
        /// One n-th of the token1 fees goes to the protocol; 0 is none.
        fee_protocol1: u8,
    },
    /// Something happened to a pool of shares; stands on the tapes of such pools only.
    Shares(ShareEvent),
    /// Something that no log of Uniswap v3 says; stands on the tapes of its kin only. Apart, so
    /// that the others stay as small as they are.
    Build(Box<BuildEvent>),
}

/// What a tape recorded of a pool's state after a swap; each part may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordedAfter {
    /// The price.
    pub sqrt_price: Option<SqrtPrice>,
    /// The liquidity in range.
    pub liquidity: Option<Liquidity>,
    /// The tick.
    pub tick: Option<Tick>,
}

impl PoolEvent {
    /// Returns the kind's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Initialize { .. } => "initialize",
            Self::Swap { .. } => "swap",
            Self::Mint { .. } => "mint",
            Self::Burn { .. } => "burn",
            Self::Collect { .. } => "collect",
            Self::Flash { .. } => "flash",
            Self::SetFeeProtocol { .. } => "set_fee_protocol",
            Self::Shares(event) => event.kind(),
            Self::Build(event) => event.kind(),
        }
    }

    /// Returns what a swap in a concentrated pool did; `None` for anything else.
    pub fn swap(&self) -> Option<(SignedAmounts, RecordedAfter)> {
        match self {
            Self::Swap { amounts, after } => Some((*amounts, *after)),
            Self::Build(event) => match **event {
                BuildEvent::PancakeSwap { amounts, after, .. }
                | BuildEvent::ManagedSwap { amounts, after, .. } => Some((amounts, after)),
                BuildEvent::SetFeeProtocol(_)
                | BuildEvent::CollectProtocol(_)
                | BuildEvent::Stake { .. }
                | BuildEvent::CollectFees(_)
                | BuildEvent::SetFee(_)
                | BuildEvent::SetUnstakedFee(_)
                | BuildEvent::ModifyLiquidity { .. }
                | BuildEvent::Donate(_)
                | BuildEvent::ProtocolFeeUpdated(_) => None,
            },
            Self::Initialize { .. }
            | Self::Mint { .. }
            | Self::Burn { .. }
            | Self::Collect { .. }
            | Self::Flash { .. }
            | Self::SetFeeProtocol { .. }
            | Self::Shares(_) => None,
        }
    }

    /// Writes a price into a swap in a concentrated pool; does nothing to anything else.
    pub fn set_price_after(&mut self, price: SqrtPrice) {
        match self {
            Self::Swap { after, .. } => after.sqrt_price = Some(price),
            Self::Build(event) => match &mut **event {
                BuildEvent::PancakeSwap { after, .. } | BuildEvent::ManagedSwap { after, .. } => {
                    after.sqrt_price = Some(price);
                }
                BuildEvent::SetFeeProtocol(_)
                | BuildEvent::CollectProtocol(_)
                | BuildEvent::Stake { .. }
                | BuildEvent::CollectFees(_)
                | BuildEvent::SetFee(_)
                | BuildEvent::SetUnstakedFee(_)
                | BuildEvent::ModifyLiquidity { .. }
                | BuildEvent::Donate(_)
                | BuildEvent::ProtocolFeeUpdated(_) => {}
            },
            Self::Initialize { .. }
            | Self::Mint { .. }
            | Self::Burn { .. }
            | Self::Collect { .. }
            | Self::Flash { .. }
            | Self::SetFeeProtocol { .. }
            | Self::Shares(_) => {}
        }
    }
}
