use std::env;

use tidemill_units::U256;

/// A small seeded generator: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014). The same seed gives the same operations on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`, which must not be zero; near enough to uniform.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next_u64()) * u128::from(bound);
        (product >> 64) as u64
    }

    /// Says yes once in `times`, on average.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Returns a number in `low..=high`.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let count = i64::from(high) - i64::from(low) + 1;
        let offset = self.below(count.unsigned_abs());
        (i64::from(low) + offset as i64) as i32
    }

    /// Returns one of the choices, of which there must be at least one.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// Returns an integer of at most `bits` bits, every length equally likely; one in eight is a
    /// power of two or one below it.
    pub fn wide(&mut self, bits: u64) -> U256 {
        let length = self.below(bits + 1) as usize;
        if length == 0 {
            return U256::ZERO;
        }
        let top = U256::ONE << (length - 1);
        match self.below(16) {
            0 => top,
            1 => top + (top - U256::ONE),
            _ => {
                let noise = U256::from_limbs([
                    self.next_u64(),
                    self.next_u64(),
                    self.next_u64(),
                    self.next_u64(),
                ]);
                top | (noise & (top - U256::ONE))
            }
        }
    }

    /// Returns a number in `0..=bound`, uniform but for a bias below 2^-64 of the range.
    pub fn up_to(&mut self, bound: U256) -> U256 {
        let noise =
            U256::from_limbs([self.next_u64(), self.next_u64(), self.next_u64(), self.next_u64()]);
        bound.checked_add(U256::ONE).map_or(noise, |count| noise % count)
    }
}

/// How long a random test runs and from where: `TIDEMILL_OPERATIONS` and `TIDEMILL_SEED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Seed of the generator.
    pub seed: u64,
    /// Operations of each kind of pool, over all tests of it.
    pub operations: u64,
}

impl Run {
    /// Operations where nothing else is asked for.
    pub const OPERATIONS: u64 = 100_000;
    const SEED: u64 = 0x7469_6465_6d69_6c6c;

    /// Reads the environment; what is unset takes the default, so that a plain run always does
    /// the same.
    ///
    /// # Panics
    ///
    /// Where a variable is set to something that is not a decimal number: silently testing
    /// something else than asked for would be worse.
    pub fn from_environment() -> Self {
        Self {
            seed: number("TIDEMILL_SEED", Self::SEED),
            operations: number("TIDEMILL_OPERATIONS", Self::OPERATIONS),
        }
    }
}

fn number(variable: &str, default: u64) -> u64 {
    match env::var(variable) {
        Ok(text) => match text.parse() {
            Ok(number) => number,
            Err(error) => panic!("{variable}={text} is not a decimal number: {error}"),
        },
        Err(_) => default,
    }
}
