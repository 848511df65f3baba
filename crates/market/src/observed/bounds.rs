use tidemill_units::{Amount, FeeGrowth, Liquidity, U256};

/// How far a figure of a pool without a tick map is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// To the unit.
    Exact,
    /// Between two values.
    Bounded,
    /// It includes a swap of which nothing can be said.
    Unresolved,
}

impl Certainty {
    /// Returns the name that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Bounded => "bounded",
            Self::Unresolved => "unresolved",
        }
    }
}

/// The values between which the growth of one token's fees lies, both included.
///
/// As the contract's accumulator, both wrap at 2^256; growth counts from the tape's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GrowthBounds {
    /// The least it can be.
    pub least: FeeGrowth,
    /// The most it can be.
    pub most: FeeGrowth,
    /// How many swaps are in it whose fees are not bounded, and which count for nothing here.
    pub unresolved: u64,
}

impl GrowthBounds {
    /// Returns growth known to the unit.
    pub const fn exact(growth: FeeGrowth) -> Self {
        Self { least: growth, most: growth, unresolved: 0 }
    }

    /// Returns how far it is known.
    pub fn certainty(&self) -> Certainty {
        match (self.unresolved, self.least == self.most) {
            (0, true) => Certainty::Exact,
            (0, false) => Certainty::Bounded,
            (_, _) => Certainty::Unresolved,
        }
    }

    /// Returns how far the bounds are apart.
    pub fn width(&self) -> U256 {
        self.most.wrapping_sub(self.least).0
    }

    /// Whether a value lies within the bounds, swaps that are not bounded left out.
    pub fn contains(&self, growth: FeeGrowth) -> bool {
        growth.wrapping_sub(self.least).0 <= self.width()
    }

    /// Returns the growth since an earlier look at the same accumulator.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            least: self.least.wrapping_sub(earlier.least),
            most: self.most.wrapping_sub(earlier.most),
            unresolved: self.unresolved.saturating_sub(earlier.unresolved),
        }
    }

    /// Returns what this growth pays to a position of `liquidity` that is paid once, rounded down
    /// as the contract does: the least and the most; `None` past 2^256 - 1.
    pub fn earned_by(&self, liquidity: Liquidity) -> Option<[Amount; 2]> {
        let [least, most] = [self.least, self.most].map(|growth| growth.earned_by(liquidity));
        Some([Amount(least?), Amount(most?)])
    }

    pub(super) fn add(&mut self, growth: &Self) {
        self.least = self.least.wrapping_add(growth.least);
        self.most = self.most.wrapping_add(growth.most);
        self.unresolved = self.unresolved.saturating_add(growth.unresolved);
    }

    /// Widens the bounds until they hold the other's too.
    pub(super) fn join(&mut self, other: &Self) {
        if other.least.0 < self.least.0 {
            self.least = other.least;
        }
        if other.most.0 > self.most.0 {
            self.most = other.most;
        }
    }
}
