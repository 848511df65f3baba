use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::parse::{digits, out_of_range, split_sign};

/// The index of a price: `price = 1.0001^tick`, token1 per token0 in raw units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub i32);

/// The ticks between which a position's liquidity is active: `lower <= tick < upper`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TickRange {
    /// First tick inside.
    pub lower: Tick,
    /// First tick above.
    pub upper: Tick,
}

const EXPECTED: &str = "a tick, -887272 to 887272";

impl Tick {
    /// The lowest tick (v3-core 1.0.1 `TickMath.MIN_TICK`).
    pub const MIN: Self = Self(-887_272);
    /// The highest tick (v3-core 1.0.1 `TickMath.MAX_TICK`).
    pub const MAX: Self = Self(887_272);

    /// Whether it lies within `MIN..=MAX`.
    pub fn is_valid(self) -> bool {
        Self::MIN <= self && self <= Self::MAX
    }

    /// Whether it is a multiple of the spacing; never for a spacing of zero.
    pub fn is_multiple_of(self, tick_spacing: i32) -> bool {
        self.0.checked_rem(tick_spacing) == Some(0)
    }

    /// Returns the highest multiple of the spacing at or below this tick, or `None` where it
    /// would leave `i32` or the spacing is not positive.
    pub fn floor_to(self, tick_spacing: i32) -> Option<Self> {
        if tick_spacing <= 0 {
            return None;
        }
        self.0.checked_sub(self.0.checked_rem_euclid(tick_spacing)?).map(Self)
    }
}

impl TickRange {
    /// Returns the widest range of a spacing, the one a full-range position takes.
    pub fn full(tick_spacing: i32) -> Option<Self> {
        let upper = Tick::MAX.floor_to(tick_spacing)?;
        Some(Self { lower: Tick(upper.0.checked_neg()?), upper })
    }

    /// Whether liquidity in this range is active at `tick`.
    pub fn contains(self, tick: Tick) -> bool {
        self.lower <= tick && tick < self.upper
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Display for TickRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}..{}", self.lower, self.upper)
    }
}

impl FromStr for Tick {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (negative, rest) = split_sign(text);
        let magnitude = digits(rest, EXPECTED)?;
        let magnitude = i32::try_from(magnitude).map_err(|_| out_of_range(text, EXPECTED))?;
        let tick = Self(if negative { magnitude.saturating_neg() } else { magnitude });
        if tick.is_valid() { Ok(tick) } else { Err(out_of_range(text, EXPECTED)) }
    }
}
