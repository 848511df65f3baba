use thiserror::Error;

/// Why an operation on liquid staking shares is refused. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LiquidError {
    /// Nothing is deposited.
    #[error("the deposit is zero")]
    ZeroDeposit,
    /// The receiver is the token contract itself.
    #[error("the token contract cannot hold its own shares")]
    ToTokenContract,
    /// The holder has fewer shares.
    #[error("the holder has fewer shares")]
    BalanceExceeded,
    /// The holder has fewer wrapped tokens.
    #[error("the holder has fewer wrapped tokens")]
    WrappedExceeded,
    /// Nothing is wrapped.
    #[error("nothing is wrapped")]
    ZeroWrap,
    /// Nothing is unwrapped.
    #[error("nothing is unwrapped")]
    ZeroUnwrap,
    /// A withdrawal below 100 units.
    #[error("the withdrawal is below 100 units")]
    RequestTooSmall,
    /// A withdrawal above 1000 ether.
    #[error("the withdrawal is above 1000 ether")]
    RequestTooLarge,
    /// A report has more validators than were deposited for.
    #[error("the report has more validators than were deposited for")]
    ReportedMoreDeposited,
    /// A report has fewer validators than the last.
    #[error("the report has fewer validators than the last")]
    ReportedLessValidators,
    /// A finalisation at a share rate of zero.
    #[error("the share rate is zero")]
    ZeroShareRate,
    /// There is no such request, or it is on the wrong side of what is final.
    #[error("there is no such request to be finalised")]
    InvalidRequest,
    /// Batches of a finalisation are out of order.
    #[error("the batches are not in order")]
    BatchesNotSorted,
    /// The last request to be finalised was made too shortly before the report.
    #[error("the request is too young to be finalised")]
    TooEarly,
    /// More shares are burned than was asked for.
    #[error("more shares are burned than was asked for")]
    BurnExceeded,
    /// The request is not final.
    #[error("the request is not final")]
    NotFinalized,
    /// The request was claimed.
    #[error("the request was claimed")]
    AlreadyClaimed,
    /// The request is another's.
    #[error("the request is another's")]
    NotOwner,
    /// A product passes 2^256 - 1 in the token contract.
    #[error("a product passes 2^256 - 1")]
    MulOverflow,
    /// A sum passes 2^256 - 1 in the token contract.
    #[error("a sum passes 2^256 - 1")]
    AddOverflow,
    /// A difference is below zero in the token contract.
    #[error("a difference is below zero")]
    SubUnderflow,
    /// There are no shares, or nothing is pooled.
    #[error("division by zero: no shares, or nothing pooled")]
    DivisionByZero,
    /// A number of the queue, or of a vault, does not fit its word: panic 0x11.
    #[error("a number does not fit its word")]
    PanicOverflow,
    /// A request of no shares is asked for its rate: panic 0x12.
    #[error("division by zero: a batch of no shares")]
    PanicDivision,
    /// The network's balance is zero while there are shares.
    #[error("the network balance is zero while there are shares")]
    NoNetworkBalance,
    /// The amount mints no share.
    #[error("the amount mints no share")]
    InvalidMint,
    /// Nothing is burned.
    #[error("nothing is burned")]
    InvalidBurn,
    /// The contract has too little to pay the exchange.
    #[error("there is too little collateral for the exchange")]
    InsufficientCollateral,
    /// The owner's shares are worth less.
    #[error("the owner's shares are worth less")]
    ExceededMaxWithdraw,
    /// The owner has fewer shares.
    #[error("the owner has fewer shares")]
    ExceededMaxRedeem,
}

impl LiquidError {
    /// Returns the contract's reason or the name of its error; `None` for panics.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::ZeroDeposit => "ZERO_DEPOSIT",
            Self::ToTokenContract => "TRANSFER_TO_STETH_CONTRACT",
            Self::BalanceExceeded => "BALANCE_EXCEEDED",
            Self::WrappedExceeded => "ERC20: burn amount exceeds balance",
            Self::ZeroWrap => "wstETH: can't wrap zero stETH",
            Self::ZeroUnwrap => "wstETH: zero amount unwrap not allowed",
            Self::RequestTooSmall => "RequestAmountTooSmall",
            Self::RequestTooLarge => "RequestAmountTooLarge",
            Self::ReportedMoreDeposited => "REPORTED_MORE_DEPOSITED",
            Self::ReportedLessValidators => "REPORTED_LESS_VALIDATORS",
            Self::ZeroShareRate => "ZeroShareRate",
            Self::InvalidRequest => "InvalidRequestId",
            Self::BatchesNotSorted => "BatchesAreNotSorted",
            Self::TooEarly => "IncorrectRequestFinalization",
            Self::BurnExceeded => "BurnAmountExceedsActual",
            Self::NotFinalized => "RequestNotFoundOrNotFinalized",
            Self::AlreadyClaimed => "RequestAlreadyClaimed",
            Self::NotOwner => "NotOwner",
            Self::MulOverflow => "MATH_MUL_OVERFLOW",
            Self::AddOverflow => "MATH_ADD_OVERFLOW",
            Self::SubUnderflow => "MATH_SUB_UNDERFLOW",
            Self::DivisionByZero => "MATH_DIV_ZERO",
            Self::NoNetworkBalance => {
                "Cannot calculate rETH token amount while total network balance is zero"
            }
            Self::InvalidMint => "Invalid token mint amount",
            Self::InvalidBurn => "Invalid token burn amount",
            Self::InsufficientCollateral => "Insufficient ETH balance for exchange",
            Self::ExceededMaxWithdraw => "ERC4626ExceededMaxWithdraw",
            Self::ExceededMaxRedeem => "ERC4626ExceededMaxRedeem",
            Self::PanicOverflow | Self::PanicDivision => return None,
        })
    }
}
