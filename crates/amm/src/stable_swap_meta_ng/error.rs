use thiserror::Error;

use crate::stable_swap::StableSwapError;
use crate::stable_swap_ng::StableSwapNgError;

/// Why a metapool of this generation refuses an operation. The state is then as it was, that of
/// the base pool too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StableSwapMetaNgError {
    /// What a pool of two coins refuses too.
    #[error(transparent)]
    Own(#[from] StableSwapNgError),
    /// The base pool, an older plain one, refuses.
    #[error("the base pool: {0}")]
    Base(#[from] StableSwapError),
    /// The base pool, a stableswap-ng one, refuses.
    #[error("the base pool: {0}")]
    BaseNg(StableSwapNgError),
    /// There is no such underlying coin.
    #[error("neither the pool nor its base pool has such a coin")]
    NoSuchCoin,
    /// Nothing is paid in (`exchange_underlying`).
    #[error("nothing is paid in")]
    NoInput,
    /// The output is below the caller's least (`exchange_underlying` through the metapool).
    #[error("the exchange gives less than asked for")]
    ExchangeTooSmall,
    /// Both coins are the base pool's (`get_dx_underlying`).
    #[error("the exchange does not pass through the metapool: ask its base pool")]
    OnlyInBase,
}

impl StableSwapMetaNgError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Own(error) | Self::BaseNg(error) => error.reason(),
            Self::Base(error) => error.reason(),
            Self::OnlyInBase => Some("Not a Metapool Swap. Use Base pool."),
            Self::NoSuchCoin | Self::NoInput | Self::ExchangeTooSmall => None,
        }
    }
}
