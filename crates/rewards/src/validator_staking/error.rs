use thiserror::Error;

/// Why an operation on validators or delegations is refused. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StakingError {
    /// There is no validator of this operator (`ErrNoValidatorFound`).
    #[error("there is no validator of this operator")]
    NoValidator,
    /// The operator has a validator already (`ErrValidatorOwnerExists`).
    #[error("the operator has a validator already")]
    ValidatorExists,
    /// A commission above one (`ErrCommissionHuge`).
    #[error("the commission is above one")]
    CommissionTooHigh,
    /// An amount of nothing (`ErrInvalidRequest` of the message server).
    #[error("the amount is zero")]
    ZeroAmount,
    /// The validator's tokens are all slashed while shares are left, so a share has no price
    /// (`ErrDelegatorShareExRateInvalid`).
    #[error("all of the validator's tokens were slashed: its shares have no price")]
    SharesWithoutTokens,
    /// There is no such delegation (`ErrNoDelegation`, `ErrEmptyDelegationDistInfo`).
    #[error("there is no such delegation")]
    NoDelegation,
    /// The validator has no tokens to take shares' price from (`ErrInsufficientShares`).
    #[error("the validator has no tokens: no amount can be turned into shares")]
    InsufficientShares,
    /// The amount is worth more shares than the delegation has (`ErrInvalidRequest`).
    #[error("the amount is worth more shares than the delegation has")]
    SharesExceeded,
    /// The pair has as many unbonding entries as are allowed (`ErrMaxUnbondingDelegationEntries`).
    #[error("there are as many unbonding entries as are allowed")]
    TooManyUnbondings,
    /// Both ends are one validator (`ErrSelfRedelegation`).
    #[error("a redelegation has to be to another validator")]
    SelfRedelegation,
    /// There is no validator to move to (`ErrBadRedelegationDst`).
    #[error("there is no validator to redelegate to")]
    NoDestination,
    /// A redelegation to the source is not complete (`ErrTransitiveRedelegation`).
    #[error("a redelegation to the source validator is not complete")]
    TransitiveRedelegation,
    /// The three have as many entries as are allowed (`ErrMaxRedelegationEntries`).
    #[error("there are as many redelegation entries as are allowed")]
    TooManyRedelegations,
    /// The shares are worth no token (`ErrTinyRedelegationAmount`).
    #[error("the shares are worth no whole token")]
    TinyRedelegation,
    /// The validator is jailed (`ErrValidatorJailed`).
    #[error("the validator is jailed")]
    Jailed,
    /// The validator is not jailed (`ErrValidatorNotJailed`).
    #[error("the validator is not jailed")]
    NotJailed,
    /// There is no unbonding entry of that height (`ErrNotFound`).
    #[error("there is no unbonding entry of that height")]
    NoUnbonding,
    /// More than the entry has (`ErrInvalidRequest`).
    #[error("the amount is more than the unbonding entry has")]
    UnbondingExceeded,
    /// The entry is past its completion (`ErrInvalidRequest`).
    #[error("the unbonding entry is complete")]
    UnbondingComplete,
    /// Less than the smallest decimal of commission is there (`ErrNoValidatorCommission`).
    #[error("there is no commission to withdraw")]
    NoCommission,
    /// A bonded validator was to be bonded, or another to begin unbonding (a panic of the SDK).
    #[error("the validator's status does not allow it")]
    WrongStatus,
    /// An unbonded validator cannot be slashed: its delegators could have left.
    #[error("an unbonded validator cannot be slashed")]
    SlashOfUnbonded,
    /// The infraction is later than the block.
    #[error("the infraction is in a later block")]
    FutureInfraction,
    /// A delegation's stake after its slashes is above what its shares are worth by more than three
    /// of the last decimal: the SDK panics.
    #[error("the stake after slashes is above what the shares are worth")]
    StakeAboveShares,
    /// A validator without shares is asked what a share is worth: the SDK panics.
    #[error("division by zero: the validator has no shares")]
    DivisionByZero,
    /// A number does not fit 256 bits; the SDK has 60 bits more for decimals before it panics.
    #[error("a number does not fit 256 bits")]
    Overflow,
    /// A part is larger than its whole: the SDK panics on a negative number of coins.
    #[error("a difference is below zero")]
    Underflow,
}

impl StakingError {
    /// Returns the words of the SDK's registered error; `None` where it has none of its own.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::NoValidator => "validator does not exist",
            Self::ValidatorExists => {
                "validator already exist for this operator address; must use new validator \
                 operator address"
            }
            Self::CommissionTooHigh => "commission cannot be more than 100%",
            Self::ZeroAmount | Self::SharesExceeded => "invalid request",
            Self::SharesWithoutTokens => {
                "cannot delegate to validators with invalid (zero) ex-rate"
            }
            Self::NoDelegation => "no delegation for (address, validator) tuple",
            Self::InsufficientShares => "insufficient delegation shares",
            Self::TooManyUnbondings => {
                "too many unbonding delegation entries for (delegator, validator) tuple"
            }
            Self::SelfRedelegation => "cannot redelegate to the same validator",
            Self::NoDestination => "redelegation destination validator not found",
            Self::TransitiveRedelegation => {
                "redelegation to this validator already in progress; first redelegation to this \
                 validator must complete before next redelegation"
            }
            Self::TooManyRedelegations => {
                "too many redelegation entries for (delegator, src-validator, dst-validator) tuple"
            }
            Self::TinyRedelegation => "too few tokens to redelegate (truncates to zero tokens)",
            Self::Jailed => "validator for this address is currently jailed",
            Self::NotJailed => "validator not jailed; cannot be unjailed",
            Self::NoUnbonding => "not found",
            Self::UnbondingExceeded | Self::UnbondingComplete => "invalid request",
            Self::NoCommission => "no validator commission to withdraw",
            Self::WrongStatus
            | Self::SlashOfUnbonded
            | Self::FutureInfraction
            | Self::StakeAboveShares
            | Self::DivisionByZero
            | Self::Overflow
            | Self::Underflow => return None,
        })
    }
}
