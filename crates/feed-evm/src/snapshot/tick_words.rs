use std::ops::RangeInclusive;

use tidemill_units::{Tick, U256};

/// Bits of a word of the tick bitmap.
const BITS: i32 = 256;

/// Returns the numbers of all words that a bitmap of this spacing, above zero, can have.
pub(super) fn words_of_all_ticks(spacing: i32) -> RangeInclusive<i32> {
    // The contracts round a tick over its spacing down.
    let word = |tick: Tick| tick.0.div_euclid(spacing).div_euclid(BITS);
    word(Tick::MIN)..=word(Tick::MAX)
}

/// Returns the ticks whose bits are set, ascending where the words are.
pub(super) fn initialized_ticks(
    spacing: i32,
    words: impl Iterator<Item = (i32, U256)>,
) -> Vec<Tick> {
    let mut ticks = Vec::new();
    for (word, bitmap) in words {
        let bits = (0..BITS).filter(|bit| bitmap.bit(bit.unsigned_abs() as usize));
        let tick = |bit: i32| word.saturating_mul(BITS).saturating_add(bit);
        ticks.extend(bits.map(|bit| Tick(tick(bit).saturating_mul(spacing))));
    }
    ticks
}
