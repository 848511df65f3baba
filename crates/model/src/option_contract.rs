use tidemill_units::{Decimal, InstantUs};

use crate::FeedId;

/// Whether an option buys or sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OptionKind {
    /// The right to buy.
    Call,
    /// The right to sell.
    Put,
}

/// What an option is on, and what it pays when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OptionContract {
    /// Whether it buys or sells.
    pub kind: OptionKind,
    /// The price that it buys or sells at, whole quote units for a whole unit of what it is on;
    /// above zero.
    pub strike: Decimal,
    /// When it ends; from then on it cannot be traded.
    pub expiry: InstantUs,
    /// The feed whose last price by then it is settled at.
    pub settlement: FeedId,
}

impl OptionKind {
    /// Returns its name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Put => "put",
        }
    }
}

impl OptionContract {
    /// Whether it has ended.
    pub fn has_ended(&self, now: InstantUs) -> bool {
        now >= self.expiry
    }

    /// Returns what a whole unit of it pays at a price, in whole quote units: zero where it is out
    /// of the money. `None` past what fits.
    pub fn intrinsic(&self, price: Decimal) -> Option<Decimal> {
        let gain = match self.kind {
            OptionKind::Call => price.checked_sub(self.strike)?,
            OptionKind::Put => self.strike.checked_sub(price)?,
        };
        Some(gain.max(Decimal::ZERO))
    }
}
