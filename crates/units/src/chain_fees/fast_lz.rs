#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "places in one slice, each below its length by the loops' bounds; the laws in the \
              tests take back what was compressed"
)]

/// How far back a repetition may be.
const REACH: usize = 0x1fff;
/// How many bytes of a repetition one instruction says, where another one follows.
const LONGEST: usize = 262;
/// The longest repetition that an instruction of two bytes says.
const SHORT: usize = 8;
/// The most bytes that one instruction copies from the input.
const MOST_LITERALS: usize = 32;
/// The end of the input in which no repetition begins.
const TAIL: usize = 13;
/// How far into that end a repetition may go on.
const UNSEARCHED_MATCH: usize = 8;

/// Returns how many bytes FastLZ (level 1) makes of these, without making them.
///
/// Greedy, with one remembered place for each of 8,192 hashes of three bytes. Source: what the OP
/// stack charges by since Fjord, op-geth `core/types/rollup_cost.go` at commit 0054716b
/// (`FlzCompressLen`), after `flzCompress` of Solady.
pub fn fast_lz_length(data: &[u8]) -> usize {
    let end = data.len().saturating_sub(TAIL);
    let mut places = [0_usize; 8_192];
    let (mut size, mut written, mut at) = (0, 0, 2);
    while let Some(Repetition { at: begin, before }) = next_repetition(data, &mut places, at, end) {
        size += literals(begin - written);
        let length = repeated(data, before, begin, end + UNSEARCHED_MATCH);
        size += repetition(length);
        at = begin + length;
        written = at;
        for place in [at - 2, at - 1] {
            places[hash(triple(data, place))] = place;
        }
    }
    size + literals(data.len() - written)
}

struct Repetition {
    /// Where it begins.
    at: usize,
    /// Where the same three bytes were before.
    before: usize,
}

/// The first place from `from` on whose three bytes were seen within reach; the last place before
/// `end` is only remembered.
fn next_repetition(
    data: &[u8],
    places: &mut [usize; 8_192],
    from: usize,
    end: usize,
) -> Option<Repetition> {
    (from..end).find_map(|at| {
        let bytes = triple(data, at);
        let before = std::mem::replace(&mut places[hash(bytes)], at);
        let is_same = at - before <= REACH && triple(data, before) == bytes;
        (is_same && at + 1 < end).then_some(Repetition { at, before })
    })
}

fn triple(data: &[u8], at: usize) -> u32 {
    let byte = |ahead: usize| u32::from(data[at + ahead]);
    byte(0) | byte(1) << 8 | byte(2) << 16
}

fn hash(bytes: u32) -> usize {
    (bytes.wrapping_mul(2_654_435_769) >> 19) as usize & 0x1fff
}

/// How many bytes from two places on are the same, the first three known to be, before `end`.
fn repeated(data: &[u8], before: usize, at: usize, end: usize) -> usize {
    let rest = data[before + 3..].iter().zip(&data[at + 3..end]);
    3 + rest.take_while(|(one, other)| one == other).count()
}

/// Bytes that say a repetition, at least three long: two for a short one, three for a long one,
/// and three more for each longest one before it.
fn repetition(length: usize) -> usize {
    let beyond = length - 3;
    let last = if beyond % LONGEST + 3 <= SHORT { 2 } else { 3 };
    3 * (beyond / LONGEST) + last
}

/// Bytes that say so many literals, each run of them led by one byte.
fn literals(count: usize) -> usize {
    count + count.div_ceil(MOST_LITERALS)
}
