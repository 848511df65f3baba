use thiserror::Error;

/// Why a controller refuses an operation. The state is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GaugeControllerError {
    /// Only the administrator may do this.
    #[error("only the administrator may do this")]
    NotAdmin,
    /// There is no such type (`add_gauge`), and no room for it (`change_type_weight`).
    #[error("there is no such type of gauges")]
    UnknownType,
    /// The gauge was added before (`add_gauge`).
    #[error("the gauge was added before")]
    KnownGauge,
    /// The gauge was not added (`gauge_types`, `change_gauge_weight`).
    #[error("the gauge was not added")]
    UnknownGauge,
    /// The gauge voted for was not added (`vote_for_gauge_weights`).
    #[error("the gauge voted for was not added")]
    UnknownGaugeVote,
    /// The voter's lock ends by the beginning of next week (`vote_for_gauge_weights`).
    #[error("the lock ends before the vote would count")]
    LockTooShort,
    /// More than 10,000 basis points for one gauge (`vote_for_gauge_weights`).
    #[error("a vote has at most 10000 basis points")]
    TooMuch,
    /// Less than ten days since the last vote for this gauge (`vote_for_gauge_weights`).
    #[error("ten days have not passed since the last vote for this gauge")]
    TooOften,
    /// More than 10,000 basis points over all gauges (`vote_for_gauge_weights`).
    #[error("the votes would pass 10000 basis points over all gauges")]
    PowerUsed,
    /// A sum or product passes 2^256 - 1.
    #[error("a sum or product passes 2^256 - 1")]
    Overflow,
    /// A difference is below zero. A line comes to it where more slope is scheduled to end than it
    /// has; the gauge or its type then refuses everything.
    #[error("a difference is below zero")]
    Underflow,
}

impl GaugeControllerError {
    /// Returns the reason string that the contract reverts with; `None` where it gives none.
    pub const fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::UnknownGaugeVote => "Gauge not added",
            Self::LockTooShort => "Your token lock expires too soon",
            Self::TooMuch => "You used all your voting power",
            Self::TooOften => "Cannot vote so often",
            Self::PowerUsed => "Used too much power",
            Self::NotAdmin
            | Self::UnknownType
            | Self::KnownGauge
            | Self::UnknownGauge
            | Self::Overflow
            | Self::Underflow => return None,
        })
    }
}
