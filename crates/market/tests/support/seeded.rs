//! Random numbers from a seed, the same on every machine. Tests of several crates take this file in
//! with `#[path]`.
#![allow(dead_code, reason = "each crate uses its own part")]

/// Vigna's SplitMix64: a counter and a mixing of its bits.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u64::from(high.abs_diff(low)) + 1;
        low + i32::try_from(self.below(span)).expect("within the span")
    }

    /// Yes once in `times`, on average.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// A number of any length up to `bits`, so that small and huge ones are as frequent.
    pub(crate) fn wide(&mut self, bits: u64) -> u128 {
        let word = (u128::from(self.next()) << 64) | u128::from(self.next());
        match self.below(bits + 1) {
            0 => 0,
            length => word >> (128 - length),
        }
    }
}
