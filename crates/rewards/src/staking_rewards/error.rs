use thiserror::Error;

/// Why a programme refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StakingRewardsError {
    /// Nothing was staked (`stake`).
    #[error("a stake cannot be zero")]
    CannotStakeZero,
    /// Nothing was asked back (`withdraw`), or there is no stake (`exit`).
    #[error("a withdrawal cannot be zero")]
    CannotWithdrawZero,
    /// The contract holds less of the reward token than a period would pay
    /// (`notifyRewardAmount`).
    #[error("the reward passes what the programme holds")]
    ProvidedRewardTooHigh,
    /// The caller may not notify rewards.
    #[error("the caller is not the programme's rewards distribution")]
    NotRewardsDistribution,
    /// The caller is not the owner (Synthetix's build).
    #[error("the caller does not own the programme")]
    NotOwner,
    /// Staking is paused (Synthetix's build).
    #[error("staking is paused")]
    Paused,
    /// The period has not ended yet (`setRewardsDuration`).
    #[error("the duration can only be set after the period's end")]
    PeriodNotComplete,
    /// The token to take out is what is staked (`recoverERC20`).
    #[error("the staking token cannot be recovered")]
    CannotRecoverStakingToken,
    /// Uniswap's build has no such function; a call to it reverts without a reason.
    #[error("this build of the contract has no such operation")]
    NotInThisBuild,
    /// A sum passes 2^256 - 1 (`SafeMath.add`).
    #[error("a sum passes 2^256 - 1")]
    AddOverflow,
    /// A difference is below zero (`SafeMath.sub`): more is withdrawn than was staked, or time
    /// ran backwards.
    #[error("a difference is below zero")]
    SubUnderflow,
    /// A product passes 2^256 - 1 (`SafeMath.mul`).
    #[error("a product passes 2^256 - 1")]
    MulOverflow,
    /// A period would last no time (`SafeMath.div`).
    #[error("division by zero: the duration is zero")]
    DivisionByZero,
    /// The contract holds too little of a token for what it owes (`SafeERC20`).
    #[error("the programme holds too little of the token")]
    TokenShort,
    /// A payment takes the contract's holding past 2^256 - 1. No token whose supply is a `uint256`
    /// lets it come so far; the revert is the token's.
    #[error("a payment passes 2^256 - 1 of a token")]
    TokenOverflow,
}

impl StakingRewardsError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none of
    /// its own ([`NotInThisBuild`](Self::NotInThisBuild),
    /// [`TokenOverflow`](Self::TokenOverflow)).
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::CannotStakeZero => "Cannot stake 0",
            Self::CannotWithdrawZero => "Cannot withdraw 0",
            Self::ProvidedRewardTooHigh => "Provided reward too high",
            Self::NotRewardsDistribution => "Caller is not RewardsDistribution contract",
            Self::NotOwner => "Only the contract owner may perform this action",
            Self::Paused => "This action cannot be performed while the contract is paused",
            Self::PeriodNotComplete => {
                "Previous rewards period must be complete before changing the duration for the \
                 new period"
            }
            Self::CannotRecoverStakingToken => "Cannot withdraw the staking token",
            Self::AddOverflow => "SafeMath: addition overflow",
            Self::SubUnderflow => "SafeMath: subtraction overflow",
            Self::MulOverflow => "SafeMath: multiplication overflow",
            Self::DivisionByZero => "SafeMath: division by zero",
            Self::TokenShort => "SafeERC20: low-level call failed",
            Self::NotInThisBuild | Self::TokenOverflow => return None,
        })
    }
}
