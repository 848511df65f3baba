//! Seeded inputs, the same in every run and for every crate.

use alloy_primitives::aliases::I24;
use alloy_primitives::{I256, Sign, U160};
use tidemill_amm::concentrated::SwapAmount;
use tidemill_units::{SqrtPrice, U256};

/// Inputs a workload goes through in a circle.
pub(crate) const COUNT: usize = 4096;

/// The `SplitMix64` generator (Steele, Lea and Flood, OOPSLA 2014): small, seeded, good enough to
/// spread inputs.
pub(crate) struct Random(u64);

impl Random {
    /// Returns a generator; workloads pass different seeds so that none depends on another.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns an integer in `0..bound`; the bias of the multiplication is below 2^-32 here.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        ((u128::from(self.word()) * u128::from(bound)) >> 64) as u32
    }

    /// Returns an integer in `low..=high`.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below(low.abs_diff(high) + 1) as i32
    }

    pub(crate) fn chance(&mut self) -> bool {
        self.word() & 1 == 1
    }

    /// Returns an integer below `2^bits`, spread evenly.
    pub(crate) fn of_bits(&mut self, bits: usize) -> U256 {
        U256::from_limbs(std::array::from_fn(|_| self.word())) >> (256 - bits)
    }

    /// Returns an integer below `bound`, spread evenly.
    pub(crate) fn below_wide(&mut self, bound: U256) -> U256 {
        U256::from_limbs(std::array::from_fn(|_| self.word())) % bound
    }
}

/// Turns a tick into the SDK's type.
pub(crate) fn to_i24(tick: i32) -> Result<I24, String> {
    I24::try_from(tick).map_err(|error| format!("tick {tick}: {error}"))
}

/// Turns a price into the SDK's type, of the same range.
pub(crate) fn to_u160(price: SqrtPrice) -> U160 {
    U160::from(price.to_x96())
}

/// Turns a swap's amount into the published crates' signed form: negative for exact output.
pub(crate) fn to_i256(amount: SwapAmount) -> Result<I256, String> {
    let (magnitude, sign) = match amount {
        SwapAmount::ExactIn(amount) => (amount, Sign::Positive),
        SwapAmount::ExactOut(amount) => (amount, Sign::Negative),
    };
    let signed = I256::checked_from_sign_and_abs(sign, magnitude.0);
    signed.ok_or_else(|| format!("amount {magnitude} passes 255 bits"))
}
