use tidemill_units::Amount;

/// What may not be passed. Amounts are raw units of the quote token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Positions open or on their way at the same time.
    pub max_positions: u32,
    /// Value in pools, orders on their way included.
    pub max_exposure_quote: Amount,
    /// How far equity may fall below that of the first check before nothing is opened or swapped
    /// any more, for good.
    pub max_loss: LossLimit,
}

/// A loss, as a positive amount of the quote token. There is no way to write a negative one, which
/// elsewhere has turned limits on losses into limits that never bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LossLimit(Amount);

/// A loss limit of zero would refuse the first order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a loss limit must be above zero")]
pub struct ZeroLoss;

impl LossLimit {
    /// Returns a limit. Errors: [`ZeroLoss`].
    pub fn new(loss: Amount) -> Result<Self, ZeroLoss> {
        if loss.is_zero() { Err(ZeroLoss) } else { Ok(Self(loss)) }
    }

    /// Returns the most that may be lost.
    pub fn amount(self) -> Amount {
        self.0
    }
}
