use std::num::NonZeroU32;

/// A stretch of time in whole minutes, one or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minutes(NonZeroU32);

impl Minutes {
    /// Returns so many minutes; `None` for none.
    pub fn new(minutes: u32) -> Option<Self> {
        NonZeroU32::new(minutes).map(Self)
    }

    /// Returns the number of minutes.
    pub fn count(self) -> u32 {
        self.0.get()
    }

    /// Returns it in seconds.
    pub fn seconds(self) -> u64 {
        u64::from(self.0.get()).saturating_mul(60)
    }
}
