use thiserror::Error;

/// Why the staker refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum V3StakerError {
    /// An incentive of nothing (`createIncentive`).
    #[error("the reward is zero")]
    RewardNotPositive,
    /// The start has passed (`createIncentive`).
    #[error("the incentive would start in the past")]
    StartInThePast,
    /// The start is further away than the staker allows (`createIncentive`).
    #[error("the incentive starts too far in the future")]
    StartTooFar,
    /// The incentive ends no later than it starts (`createIncentive`).
    #[error("the incentive does not end after its start")]
    StartNotBeforeEnd,
    /// The incentive lasts longer than the staker allows (`createIncentive`).
    #[error("the incentive lasts too long")]
    DurationTooLong,
    /// The incentive runs still (`endIncentive`).
    #[error("the incentive has not ended yet")]
    NotEnded,
    /// Nothing is left to be paid back, or there never was such an incentive (`endIncentive`).
    #[error("there is nothing to refund")]
    NoRefund,
    /// Somebody is staked still (`endIncentive`).
    #[error("deposits are staked in the incentive still")]
    StillStaked,
    /// A token of another contract than the position manager (`onERC721Received`).
    #[error("the token is not one of the position manager")]
    NotTheManager,
    /// The token is here already, so that nobody can send it again.
    #[error("the token is deposited already")]
    AlreadyDeposited,
    /// The deposit would belong to nobody (`transferDeposit`).
    #[error("a deposit cannot be transferred to the zero address")]
    InvalidRecipient,
    /// The sender does not own the deposit (`transferDeposit`).
    #[error("only its owner can transfer a deposit")]
    TransferByStranger,
    /// The token would come back as a new deposit (`withdrawToken`).
    #[error("a token cannot be withdrawn to the staker itself")]
    WithdrawToStaker,
    /// The token is staked in some incentive (`withdrawToken`).
    #[error("the token is staked")]
    WithdrawWhileStaked,
    /// The sender does not own the deposit (`withdrawToken`).
    #[error("only its owner can withdraw a token")]
    WithdrawByStranger,
    /// The sender does not own the deposit (`stakeToken`).
    #[error("only its owner can stake a token")]
    StakeByStranger,
    /// The incentive has not started (`stakeToken`).
    #[error("the incentive has not started")]
    NotStarted,
    /// The incentive has ended (`stakeToken`).
    #[error("the incentive has ended")]
    Ended,
    /// There is no such incentive, or nothing of its reward is left (`stakeToken`).
    #[error("there is no such incentive")]
    NoIncentive,
    /// The token is staked in this incentive (`stakeToken`).
    #[error("the token is staked in the incentive already")]
    AlreadyStaked,
    /// The position is in another pool (`stakeToken`).
    #[error("the position is in another pool than the incentive")]
    OtherPool,
    /// The position has no liquidity (`stakeToken`).
    #[error("the position has no liquidity")]
    NoLiquidity,
    /// The sender does not own the deposit, and the incentive runs still (`unstakeToken`).
    #[error("only its owner can unstake a token before the incentive ends")]
    UnstakeByStranger,
    /// The token is not staked in this incentive (`unstakeToken`).
    #[error("the token is not staked in the incentive")]
    UnstakeNothing,
    /// The token is not staked in this incentive (`getRewardInfo`).
    #[error("the token is not staked in the incentive, and has no reward")]
    NoStakeToInform,
    /// The position manager has no such token (`positions`).
    #[error("the position manager has no such token")]
    UnknownToken,
    /// The pool does not say the seconds inside the range (`snapshotCumulativesInside`).
    #[error("the pool refuses the seconds inside the range")]
    PoolRefused,
    /// Time is before the incentive's start; the contract asserts that it never is.
    #[error("rewards are asked for before the incentive's start")]
    BeforeStart,
    /// All the seconds so far are claimed; a second later the same call succeeds
    /// (`FullMath.mulDiv`).
    #[error("no seconds are left to divide the reward by")]
    NoSecondsLeft,
    /// The reward passes 2^256 - 1, which needs more seconds inside than have passed
    /// (`FullMath.mulDiv`).
    #[error("the reward passes 2^256 - 1")]
    RewardOverflow,
}

impl V3StakerError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none of its
    /// own.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::RewardNotPositive => "UniswapV3Staker::createIncentive: reward must be positive",
            Self::StartInThePast => {
                "UniswapV3Staker::createIncentive: start time must be now or in the future"
            }
            Self::StartTooFar => "UniswapV3Staker::createIncentive: start time too far into future",
            Self::StartNotBeforeEnd => {
                "UniswapV3Staker::createIncentive: start time must be before end time"
            }
            Self::DurationTooLong => {
                "UniswapV3Staker::createIncentive: incentive duration is too long"
            }
            Self::NotEnded => "UniswapV3Staker::endIncentive: cannot end incentive before end time",
            Self::NoRefund => "UniswapV3Staker::endIncentive: no refund available",
            Self::StillStaked => {
                "UniswapV3Staker::endIncentive: cannot end incentive while deposits are staked"
            }
            Self::NotTheManager => "UniswapV3Staker::onERC721Received: not a univ3 nft",
            Self::InvalidRecipient => {
                "UniswapV3Staker::transferDeposit: invalid transfer recipient"
            }
            Self::TransferByStranger => {
                "UniswapV3Staker::transferDeposit: can only be called by deposit owner"
            }
            Self::WithdrawToStaker => "UniswapV3Staker::withdrawToken: cannot withdraw to staker",
            Self::WithdrawWhileStaked => {
                "UniswapV3Staker::withdrawToken: cannot withdraw token while staked"
            }
            Self::WithdrawByStranger => {
                "UniswapV3Staker::withdrawToken: only owner can withdraw token"
            }
            Self::StakeByStranger => "UniswapV3Staker::stakeToken: only owner can stake token",
            Self::NotStarted => "UniswapV3Staker::stakeToken: incentive not started",
            Self::Ended => "UniswapV3Staker::stakeToken: incentive ended",
            Self::NoIncentive => "UniswapV3Staker::stakeToken: non-existent incentive",
            Self::AlreadyStaked => "UniswapV3Staker::stakeToken: token already staked",
            Self::OtherPool => "UniswapV3Staker::stakeToken: token pool is not the incentive pool",
            Self::NoLiquidity => "UniswapV3Staker::stakeToken: cannot stake token with 0 liquidity",
            Self::UnstakeByStranger => {
                "UniswapV3Staker::unstakeToken: only owner can withdraw token before incentive end \
                 time"
            }
            Self::UnstakeNothing => "UniswapV3Staker::unstakeToken: stake does not exist",
            Self::NoStakeToInform => "UniswapV3Staker::getRewardInfo: stake does not exist",
            Self::UnknownToken => "Invalid token ID",
            Self::AlreadyDeposited
            | Self::PoolRefused
            | Self::BeforeStart
            | Self::NoSecondsLeft
            | Self::RewardOverflow => return None,
        })
    }
}
