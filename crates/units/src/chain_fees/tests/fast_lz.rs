use proptest::prelude::*;

use crate::chain_fees::fast_lz_length;

/// Takes FastLZ of level 1 apart: literal runs and references back, as its format is written down.
fn decompressed(data: &[u8]) -> Vec<u8> {
    let (mut made, mut at) = (Vec::new(), 0);
    while at < data.len() {
        let lead = usize::from(data[at]);
        if lead < 32 {
            made.extend_from_slice(&data[at + 1..at + 2 + lead]);
            at += 2 + lead;
            continue;
        }
        let is_long = lead >> 5 == 7;
        let length = if is_long { 9 + usize::from(data[at + 1]) } else { (lead >> 5) + 2 };
        let low = usize::from(data[at + if is_long { 2 } else { 1 }]);
        let back = ((lead & 31) << 8) + low + 1;
        for _ in 0..length {
            made.push(made[made.len() - back]);
        }
        at += if is_long { 3 } else { 2 };
    }
    made
}

/// The compressor whose length is asked for, by its textbook loop and with what it writes.
fn compressed(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut places = vec![0_usize; 8_192];
    let word = |at: usize| u32::from_le_bytes([data[at], data[at + 1], data[at + 2], 0]);
    let hash = |word: u32| (word.wrapping_mul(2_654_435_769) >> 19) as usize & 8_191;
    let literals = |out: &mut Vec<u8>, run: &[u8]| {
        for part in run.chunks(32) {
            out.push(part.len() as u8 - 1);
            out.extend_from_slice(part);
        }
    };
    let (mut anchor, mut at) = (0, 2);
    while data.len() > 13 && at + 1 < data.len() - 13 {
        let before = places[hash(word(at))];
        places[hash(word(at))] = at;
        if at - before > 8_191 || word(before) != word(at) {
            at += 1;
            continue;
        }
        literals(&mut out, &data[anchor..at]);
        let mut length = 3;
        while at + length < data.len() - 5 && data[before + length] == data[at + length] {
            length += 1;
        }
        let (back, mut left) = (at - before - 1, length);
        let high = (back >> 8) as u8;
        while left >= 3 + 262 {
            out.extend_from_slice(&[0xe0 | high, 253, back as u8]);
            left -= 262;
        }
        if left <= 8 {
            out.extend_from_slice(&[((left as u8 - 2) << 5) | high, back as u8]);
        } else {
            out.extend_from_slice(&[0xe0 | high, (left - 9) as u8, back as u8]);
        }
        at += length;
        anchor = at;
        for place in [at - 2, at - 1] {
            places[hash(word(place))] = place;
        }
    }
    literals(&mut out, &data[anchor..]);
    out
}

/// Texts that repeat themselves, far and near, for long and short.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60),
        (any::<u8>(), 0..800_usize).prop_map(|(byte, count)| vec![byte; count]),
        (proptest::collection::vec(0..3_u8, 1..20), 1..40_usize)
            .prop_map(|(part, times)| part.repeat(times)),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

/// Published: op-geth, `TestFlzCompressLen`.
#[test]
fn published_lengths() {
    assert_eq!(fast_lz_length(&[]), 0);
    assert_eq!(fast_lz_length(&[1; 1_000]), 21);
    assert_eq!(fast_lz_length(&[0; 1_000]), 21);
}

proptest! {
    #[test]
    fn the_length_is_that_of_what_can_be_taken_back(text in texts()) {
        let small = compressed(&text);
        prop_assert_eq!(decompressed(&small), text.clone());
        prop_assert_eq!(fast_lz_length(&text), small.len());
    }

    /// A repetition saves at least the byte that leads the literals after it.
    #[test]
    fn no_text_grows_by_more_than_a_byte_in_thirty_two_and_one(text in texts()) {
        prop_assert!(fast_lz_length(&text) <= text.len() + text.len() / 32 + 1);
    }
}
