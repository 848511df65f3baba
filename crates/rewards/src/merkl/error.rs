use thiserror::Error;

/// Why a campaign cannot be created, or refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MerklError {
    /// The campaign lasts less than an hour.
    #[error("a campaign lasts at least an hour")]
    DurationBelowHour,
    /// The reward token has no minimum set, so it is not taken.
    #[error("the reward token is not whitelisted")]
    TokenNotWhitelisted,
    /// The campaign pays less in an hour than the token's minimum.
    #[error("the campaign pays less in an hour than the reward token's minimum")]
    RewardTooLow,
    /// The three weights do not add up to 10,000.
    #[error("the weights of fees, amount0 and amount1 add up to 10,000")]
    WeightsNotWhole,
    /// The largest boost is below one.
    #[error("a boosted reward is at least 10,000, which is one")]
    BoostBelowOne,
    /// A fee is not below the whole, or a rebate above it.
    #[error("a fee is below 10^9 and a rebate at most 10^9")]
    FeeOutOfBounds,
    /// The end of the campaign is in the past.
    #[error("the campaign would be over before it is created")]
    AlreadyOver,
    /// A product passes 2^256 - 1, or the end passes 2^64 - 1.
    #[error("a number of the campaign passes what the contract can hold")]
    AmountOverflow,
    /// A swap before the start or after the end.
    #[error("the campaign is not running then")]
    OutsideCampaign,
    /// A time before the last one.
    #[error("time runs backwards")]
    TimeRunsBackwards,
    /// A sum passes 2^256 - 1.
    #[error("a sum passes 2^256 - 1")]
    SumOverflow,
    /// A boost for a campaign that has none.
    #[error("the campaign has no boost")]
    NoBoost,
}

impl MerklError {
    /// Returns the name of the contract's custom error; `None` for what the contract does not
    /// check, or the compiler's arithmetic does.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::DurationBelowHour => "CampaignDurationBelowHour",
            Self::TokenNotWhitelisted => "CampaignRewardTokenNotWhitelisted",
            Self::RewardTooLow => "CampaignRewardTooLow",
            Self::WeightsNotWhole
            | Self::BoostBelowOne
            | Self::FeeOutOfBounds
            | Self::AlreadyOver
            | Self::AmountOverflow
            | Self::OutsideCampaign
            | Self::TimeRunsBackwards
            | Self::SumOverflow
            | Self::NoBoost => return None,
        })
    }
}
