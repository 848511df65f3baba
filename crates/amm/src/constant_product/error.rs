use thiserror::Error;

/// Why a pair refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PairError {
    /// A balance would not fit the 112 bits of a reserve (`_update`).
    #[error("a balance passes 2^112 - 1, the largest reserve")]
    Overflow,
    /// The deposit is worth less than one share (`mint`).
    #[error("the deposit mints no shares")]
    InsufficientLiquidityMinted,
    /// The shares are worth nothing of at least one token (`burn`).
    #[error("the shares are worth nothing of one token")]
    InsufficientLiquidityBurned,
    /// Neither token was asked for (`swap`).
    #[error("the swap asks for nothing")]
    InsufficientOutputAmount,
    /// A whole reserve, or more, was asked for (`swap`).
    #[error("the swap asks for a whole reserve or more")]
    InsufficientLiquidity,
    /// The output would go to one of the two token contracts (`swap`).
    #[error("the output of a swap cannot go to a token's own contract")]
    InvalidTo,
    /// Nothing was paid in (`swap`).
    #[error("nothing was paid for the swap")]
    InsufficientInputAmount,
    /// The product of the reserves would fall, after the fee (`swap`).
    #[error("the payment does not keep the product of the reserves")]
    K,
    /// A sum passes 2^256 - 1 (`SafeMath.add`).
    #[error("a sum passes 2^256 - 1")]
    AddOverflow,
    /// A difference is below zero (`SafeMath.sub`): too few shares to transfer, or a first
    /// deposit worth less than the minimum liquidity.
    #[error("a difference is below zero")]
    SubUnderflow,
    /// A product passes 2^256 - 1 (`SafeMath.mul`).
    #[error("a product passes 2^256 - 1")]
    MulOverflow,
    /// Shares are burned before any were minted; the contract stops at the invalid opcode.
    #[error("division by zero: no shares exist")]
    DivisionByZero,
    /// A payment takes the pair's holding past 2^256 - 1. No token whose supply is a `uint256`
    /// lets it come so far; the revert is the token's.
    #[error("a payment passes 2^256 - 1 of a token")]
    TokenOverflow,
}

impl PairError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none of
    /// its own ([`DivisionByZero`](Self::DivisionByZero), [`TokenOverflow`](Self::TokenOverflow)).
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::Overflow => "UniswapV2: OVERFLOW",
            Self::InsufficientLiquidityMinted => "UniswapV2: INSUFFICIENT_LIQUIDITY_MINTED",
            Self::InsufficientLiquidityBurned => "UniswapV2: INSUFFICIENT_LIQUIDITY_BURNED",
            Self::InsufficientOutputAmount => "UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT",
            Self::InsufficientLiquidity => "UniswapV2: INSUFFICIENT_LIQUIDITY",
            Self::InvalidTo => "UniswapV2: INVALID_TO",
            Self::InsufficientInputAmount => "UniswapV2: INSUFFICIENT_INPUT_AMOUNT",
            Self::K => "UniswapV2: K",
            Self::AddOverflow => "ds-math-add-overflow",
            Self::SubUnderflow => "ds-math-sub-underflow",
            Self::MulOverflow => "ds-math-mul-overflow",
            Self::DivisionByZero | Self::TokenOverflow => return None,
        })
    }
}
