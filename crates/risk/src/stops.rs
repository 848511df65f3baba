use std::fmt;

use tidemill_units::{Amount, Bps, U256, mul_div_rounding_up};

/// A fall as a part of a mark: 1 to 9,999 basis points. There is no way to write a negative one,
/// and none to write one that could never be or always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fall(Bps);

impl Fall {
    /// Returns a fall; `None` outside 1 to 9,999 basis points.
    pub fn new(bps: u32) -> Option<Self> {
        (1..Bps::ONE.0).contains(&bps).then_some(Self(Bps(bps)))
    }

    /// Returns it in basis points.
    pub fn bps(self) -> Bps {
        self.0
    }

    /// Returns the least that is not farther below a mark than this, rounded up.
    fn floor_of(self, mark: Amount) -> Amount {
        let kept = U256::from(Bps::ONE.0.saturating_sub(self.0.0));
        // A part of it is no more than the mark.
        mul_div_rounding_up(mark.0, kept, U256::from(Bps::ONE.0)).map_or(mark, Amount)
    }
}

/// When a value has fallen too far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StopRule {
    /// By more than this below what it was first.
    pub stop_loss: Option<Fall>,
    /// By more than this below the most that it ever was.
    pub trailing: Option<Fall>,
}

impl StopRule {
    pub(crate) fn is_set(&self) -> bool {
        self.stop_loss.is_some() || self.trailing.is_some()
    }
}

/// Why something is closed that no strategy wanted to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// Too far below the start.
    StopLoss,
    /// Too far below the high-water mark.
    TrailingStop,
    /// Out of range for too long.
    OutOfRange,
}

impl StopCause {
    /// All there are, in the order in which they are looked at.
    pub(crate) const ALL: [Self; 3] = [Self::StopLoss, Self::TrailingStop, Self::OutOfRange];

    /// Returns the name that reports and saved states use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StopLoss => "stop-loss",
            Self::TrailingStop => "trailing-stop",
            Self::OutOfRange => "out-of-range",
        }
    }
}

impl fmt::Display for StopCause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What a value is measured against, in raw quote units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) start: Amount,
    /// The high-water mark.
    pub(crate) high: Amount,
}

impl Mark {
    pub(crate) fn new(value: Amount) -> Self {
        Self { start: value, high: value }
    }

    /// Raises the high-water mark, and says whether the value has fallen too far.
    pub(crate) fn note(&mut self, rule: &StopRule, value: Amount) -> Option<StopCause> {
        self.high = self.high.max(value);
        let is_below =
            |fall: Option<Fall>, mark| fall.is_some_and(|fall| value < fall.floor_of(mark));
        if is_below(rule.stop_loss, self.start) {
            Some(StopCause::StopLoss)
        } else {
            is_below(rule.trailing, self.high).then_some(StopCause::TrailingStop)
        }
    }
}
