use thiserror::Error;

/// Why the chef refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MasterChefError {
    /// The caller is not the owner (`add`, `set`).
    #[error("the caller does not own the chef")]
    NotOwner,
    /// The caller is not the developers' address (`dev`).
    #[error("the caller does not get the developers' share")]
    DevWut,
    /// More is withdrawn than was staked (`withdraw`).
    #[error("the withdrawal passes the stake")]
    WithdrawNotGood,
    /// There is no pool of this number; the contract stops at the invalid opcode.
    #[error("there is no such pool")]
    NoSuchPool,
    /// The developers' address is zero, and no token can be minted for it (`ERC20._mint`).
    #[error("the developers' share would be minted for the zero address")]
    MintToZeroAddress,
    /// A sum passes 2^256 - 1 (`SafeMath.add`).
    #[error("a sum passes 2^256 - 1")]
    AddOverflow,
    /// A difference is below zero (`SafeMath.sub`).
    #[error("a difference is below zero")]
    SubUnderflow,
    /// A product passes 2^256 - 1 (`SafeMath.mul`).
    #[error("a product passes 2^256 - 1")]
    MulOverflow,
    /// All weights are zero (`SafeMath.div`).
    #[error("division by zero: all pools have weight zero")]
    DivisionByZero,
    /// The chef holds less of the staked token than is to be given back; the revert is the
    /// token's.
    #[error("the chef holds too little of the staked token")]
    TokenShort,
    /// A payment takes the chef's holding past 2^256 - 1. No token whose supply is a `uint256`
    /// lets it come so far; the revert is the token's.
    #[error("a payment passes 2^256 - 1 of a token")]
    TokenOverflow,
    /// The caller is the zero address, which no transaction comes from.
    #[error("no transaction comes from the zero address")]
    NoCaller,
}

impl MasterChefError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none of
    /// its own ([`NoSuchPool`](Self::NoSuchPool), [`TokenShort`](Self::TokenShort),
    /// [`TokenOverflow`](Self::TokenOverflow), [`NoCaller`](Self::NoCaller)).
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::NotOwner => "Ownable: caller is not the owner",
            Self::DevWut => "dev: wut?",
            Self::WithdrawNotGood => "withdraw: not good",
            Self::MintToZeroAddress => "ERC20: mint to the zero address",
            Self::AddOverflow => "SafeMath: addition overflow",
            Self::SubUnderflow => "SafeMath: subtraction overflow",
            Self::MulOverflow => "SafeMath: multiplication overflow",
            Self::DivisionByZero => "SafeMath: division by zero",
            Self::NoSuchPool | Self::TokenShort | Self::TokenOverflow | Self::NoCaller => {
                return None;
            }
        })
    }
}
