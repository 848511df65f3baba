use thiserror::Error;

/// Why a pool refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BPoolError {
    /// The pool has no such token.
    #[error("the pool has no such token")]
    NotBound,
    /// Tokens, weights and the fee are fixed once shares exist.
    #[error("the pool is finalized")]
    IsFinalized,
    /// There are no shares before the pool is finalized.
    #[error("the pool is not finalized")]
    NotFinalized,
    /// A pool has two tokens or more.
    #[error("a pool is finalized with two tokens or more")]
    MinTokens,
    /// A pool has eight tokens or fewer.
    #[error("a pool has eight tokens or fewer")]
    MaxTokens,
    /// The swap fee is below a millionth.
    #[error("the swap fee is at least a millionth")]
    MinFee,
    /// The swap fee is above a tenth.
    #[error("the swap fee is at most a tenth")]
    MaxFee,
    /// A weight is below 1.
    #[error("a weight is at least 1")]
    MinWeight,
    /// A weight is above 50.
    #[error("a weight is at most 50")]
    MaxWeight,
    /// The weights together are above 50.
    #[error("the weights together are at most 50")]
    MaxTotalWeight,
    /// A balance is below a million raw units when its token is bound.
    #[error("a token is bound with a million raw units at least")]
    MinBalance,
    /// Swaps are not switched on.
    #[error("swaps are not open to the public")]
    SwapNotPublic,
    /// More than half of a balance would be paid in.
    #[error("the input passes half of the balance")]
    MaxInRatio,
    /// More than a third of a balance would be taken out.
    #[error("the output passes a third of the balance")]
    MaxOutRatio,
    /// The price is past the caller's limit before the swap.
    #[error("the price is past the limit already")]
    BadLimitPrice,
    /// The price would be past the caller's limit after the swap.
    #[error("the swap takes the price past the limit")]
    LimitPrice,
    /// More would be paid in than the caller allows.
    #[error("more would be paid in than allowed")]
    LimitIn,
    /// Less would be paid out than the caller asks for.
    #[error("less would be paid out than asked for")]
    LimitOut,
    /// Rounding would have made the operation free, or turned the price around.
    #[error("the amounts are too small for the pool's precision")]
    MathApprox,
    /// More shares than there are.
    #[error("there are fewer shares than that")]
    InsufficientBalance,
    /// A sum passes 2^256 - 1.
    #[error("a sum passes 2^256 - 1")]
    AddOverflow,
    /// A difference is below zero.
    #[error("a difference is below zero")]
    SubUnderflow,
    /// A product passes 2^256 - 1.
    #[error("a product passes 2^256 - 1")]
    MulOverflow,
    /// A division by zero.
    #[error("division by zero")]
    DivZero,
    /// A dividend, scaled by 10^18, passes 2^256 - 1.
    #[error("a dividend passes 2^256 - 1")]
    DivInternal,
    /// The base of a power is zero.
    #[error("the base of a power is zero")]
    BpowBaseTooLow,
    /// The base of a power is 2 or more.
    #[error("the base of a power is 2 or more")]
    BpowBaseTooHigh,
    /// A power's series takes more terms than any block has gas for.
    #[error("the power takes more gas than a block has")]
    OutOfGas,
    /// The caller's limits are fewer than the tokens; the contract stops at the invalid opcode.
    #[error("a limit is needed for each token")]
    MissingLimit,
    /// A payment takes the pool's holding past 2^256 - 1. No token whose supply is a `uint256`
    /// lets it come so far; the revert is the token's.
    #[error("a payment passes 2^256 - 1 of a token")]
    TokenOverflow,
    /// A deposit of several tokens is not what any number of shares costs. The contract takes it,
    /// and leaves a rest; see [`largest_join`](super::BPool::largest_join).
    #[error("the deposit is not in the proportions of the pool")]
    NotProportional,
}

impl BPoolError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none of its
    /// own ([`OutOfGas`](Self::OutOfGas), [`MissingLimit`](Self::MissingLimit),
    /// [`TokenOverflow`](Self::TokenOverflow)) and for what is no revert
    /// ([`NotProportional`](Self::NotProportional)).
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::NotBound => "ERR_NOT_BOUND",
            Self::IsFinalized => "ERR_IS_FINALIZED",
            Self::NotFinalized => "ERR_NOT_FINALIZED",
            Self::MinTokens => "ERR_MIN_TOKENS",
            Self::MaxTokens => "ERR_MAX_TOKENS",
            Self::MinFee => "ERR_MIN_FEE",
            Self::MaxFee => "ERR_MAX_FEE",
            Self::MinWeight => "ERR_MIN_WEIGHT",
            Self::MaxWeight => "ERR_MAX_WEIGHT",
            Self::MaxTotalWeight => "ERR_MAX_TOTAL_WEIGHT",
            Self::MinBalance => "ERR_MIN_BALANCE",
            Self::SwapNotPublic => "ERR_SWAP_NOT_PUBLIC",
            Self::MaxInRatio => "ERR_MAX_IN_RATIO",
            Self::MaxOutRatio => "ERR_MAX_OUT_RATIO",
            Self::BadLimitPrice => "ERR_BAD_LIMIT_PRICE",
            Self::LimitPrice => "ERR_LIMIT_PRICE",
            Self::LimitIn => "ERR_LIMIT_IN",
            Self::LimitOut => "ERR_LIMIT_OUT",
            Self::MathApprox => "ERR_MATH_APPROX",
            Self::InsufficientBalance => "ERR_INSUFFICIENT_BAL",
            Self::AddOverflow => "ERR_ADD_OVERFLOW",
            Self::SubUnderflow => "ERR_SUB_UNDERFLOW",
            Self::MulOverflow => "ERR_MUL_OVERFLOW",
            Self::DivZero => "ERR_DIV_ZERO",
            Self::DivInternal => "ERR_DIV_INTERNAL",
            Self::BpowBaseTooLow => "ERR_BPOW_BASE_TOO_LOW",
            Self::BpowBaseTooHigh => "ERR_BPOW_BASE_TOO_HIGH",
            Self::OutOfGas | Self::MissingLimit | Self::TokenOverflow | Self::NotProportional => {
                return None;
            }
        })
    }
}
