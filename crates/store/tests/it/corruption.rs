//! Damaged files: never a panic, never another tape.

use bytes::Bytes;
use tidemill_store::{SAMPLE_BYTES, TapeError, decode_tape, encode_tape};

use crate::raw_parquet::reseal;
use crate::seeded::Seeded;
use crate::small_tape::{HEADER, POOL, POSITIONS, SWAP, events, import_bytes, small_tape};

const SEED: u64 = 0x636f_7272_7570_7400;

fn refusal(bytes: Vec<u8>) -> TapeError {
    decode_tape(bytes.into(), "tape.parquet").expect_err("damage is noticed")
}

#[test]
fn a_tape_cut_short_anywhere_is_refused() {
    let whole = encode_tape(&small_tape(&[SWAP]), "tape.parquet").unwrap();
    for length in 0..whole.len() {
        refusal(whole[..length].to_vec());
    }
    let cut = refusal(whole[..whole.len() / 2].to_vec());
    assert_eq!(
        cut.to_string(),
        "tape.parquet: is not a Parquet file, or cut short: it does not end with PAR1"
    );
    refusal([whole.as_slice(), b"x"].concat());
    refusal([whole.as_slice(), b"PAR1"].concat());
}

/// Every bit of the file counts, those of the seal and of the footer too.
#[test]
fn every_flipped_bit_of_a_small_tape_is_noticed() {
    let whole = encode_tape(&small_tape(&[SWAP]), "tape.parquet").unwrap();
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            refusal(bytes);
        }
    }
}

#[test]
fn flips_and_cuts_of_the_sample_are_noticed() {
    println!("seed {SEED:#x}");
    let mut random = Seeded(SEED);
    for _ in 0..40 {
        let at = usize::try_from(random.below(SAMPLE_BYTES.len() as u64)).unwrap();
        refusal(SAMPLE_BYTES[..at].to_vec());
        let mut bytes = SAMPLE_BYTES.to_vec();
        bytes[at] ^= 1 << random.below(8);
        refusal(bytes);
    }
    let mut bytes = SAMPLE_BYTES.to_vec();
    bytes[1000] ^= 1;
    let message = refusal(bytes).to_string();
    assert!(message.starts_with("tape.parquet: is damaged: its bytes hash to "), "{message}");
}

/// Overwrites, cuts, repeats and inserts pieces of `bytes`, one to eight times.
fn mutate(random: &mut Seeded, bytes: &mut Vec<u8>, words: &[&[u8]]) {
    for _ in 0..=random.below(8) {
        let length = bytes.len() as u64;
        let mut place = || usize::try_from(random.below(length + 1)).unwrap();
        let (one, other) = (place(), place());
        let (from, to) = (one.min(other), one.max(other).min(one.min(other) + 40));
        let word = words[usize::try_from(random.below(words.len() as u64)).unwrap()];
        match random.below(5) {
            0 if from < bytes.len() => bytes[from] = random.next().to_be_bytes()[0],
            1 if from < bytes.len() => bytes[from] ^= 1 << random.below(8),
            2 => drop(bytes.drain(from..to)),
            3 => drop(bytes.splice(from..from, bytes[from..to].to_vec())),
            _ => drop(bytes.splice(from..to, word.iter().copied())),
        }
    }
}

/// The fuzz target of the same name, bounded: the seal is made to fit, so that the decoder and
/// the rules behind it are reached.
#[test]
fn smoke_decode_tape() {
    println!("seed {SEED:#x}");
    let mut random = Seeded(SEED);
    let whole = encode_tape(&small_tape(&[SWAP]), "tape.parquet").unwrap();
    let words: [&[u8]; 4] = [b"\xff\xff\xff\x7f", b"\0", b"tidemill.", b"PAR1"];
    hush_the_parquet_library();
    let mut accepted = 0;
    for _ in 0..4000 {
        let mut bytes = whole.clone();
        mutate(&mut random, &mut bytes, &words);
        reseal(&mut bytes);
        if let Ok(tape) = decode_tape(Bytes::from(bytes), "tape.parquet") {
            accepted += 1;
            assert!(encode_tape(&tape, "again.parquet").is_ok(), "an accepted tape is valid");
        }
    }
    println!("{accepted} of 4000 accepted");
    assert!(accepted > 0, "some mutations are harmless, or the decoder was never reached");
}

/// The reader catches that library's panics; their messages would fill the screen here.
fn hush_the_parquet_library() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.location().is_some_and(|place| place.file().contains("parquet-")) {
            usual(info);
        }
    }));
}

/// The fuzz target of the same name, bounded.
#[test]
fn smoke_import_folder() {
    println!("seed {SEED:#x}");
    let mut random = Seeded(SEED);
    let words: [&[u8]; 9] =
        [b",", b"\n", b"-", b"\"", b"mint", b"887272", b"\xff", b"null", HEADER.as_bytes()];
    let files =
        [POOL.as_bytes(), events(&[SWAP]).as_bytes(), POSITIONS.as_bytes()].map(<[u8]>::to_vec);
    let mut accepted = 0;
    for round in 0..6000 {
        let mut files = files.clone();
        mutate(&mut random, &mut files[round % 3], &words);
        if let Ok(tape) = import_bytes(&files[0], &files[1], Some(&files[2])) {
            accepted += 1;
            assert!(encode_tape(&tape, "tape.parquet").is_ok(), "what is accepted can be written");
        }
    }
    assert!(accepted > 0, "some mutations are harmless, or this test would test nothing");
}
