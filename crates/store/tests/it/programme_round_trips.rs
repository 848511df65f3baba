//! Random states of every kind come back from their text unchanged; damaged text is refused, and
//! never ends the program.

use std::fs;

use tidemill_store::{ProgrammeState, read_programme_state, write_programme_state};

use crate::programme_seeded::random_state;
use crate::programme_states::examples;
use crate::seeded::Seeded;

#[test]
fn random_states_come_back() {
    for kind in ProgrammeState::KINDS {
        for seed in 0..200 {
            let state = random_state(kind, &mut Seeded(seed));
            assert_eq!(state.kind(), *kind);
            let programme = state.resume();
            let programme = programme.unwrap_or_else(|error| panic!("{kind} {seed}: {error}"));
            assert_eq!(ProgrammeState::from(&programme), state, "{kind} {seed}");
            let text = write_programme_state(&state).unwrap();
            assert_eq!(read_programme_state(&text), Ok(state), "{kind} {seed}");
        }
    }
}

#[test]
fn cut_text_is_refused() {
    for (kind, path) in examples() {
        let text = fs::read_to_string(path).unwrap();
        let text = text.trim_end();
        for end in 0..text.len() {
            assert!(read_programme_state(&text[..end]).is_err(), "{kind}: cut at {end}");
        }
    }
}

/// Whatever is still a state after the damage comes back from its own text.
#[test]
fn damaged_text_is_no_end() {
    const BYTES: &[u8] = b"\"{}[],:-0123456789abcdefx.truenl \n\\u\x00\xc3";
    let (mut read, mut refused) = (0_u32, 0_u32);
    for (kind, path) in examples() {
        let text = fs::read(path).unwrap();
        for seed in 0..600 {
            let mut seeded = Seeded(seed);
            let mut damaged = text.clone();
            for _ in 0..=seeded.below(3) {
                damage(&mut damaged, &mut seeded, BYTES);
            }
            let Ok(damaged) = String::from_utf8(damaged) else { continue };
            match read_programme_state(&damaged) {
                Ok(state) => {
                    let programme = state.resume().unwrap();
                    assert_eq!(ProgrammeState::from(&programme), state, "{kind} {seed}: {damaged}");
                    let text = write_programme_state(&state).unwrap();
                    assert_eq!(read_programme_state(&text), Ok(state), "{kind} {seed}");
                    read += 1;
                }
                Err(error) => {
                    assert!(!error.to_string().is_empty(), "{kind} {seed}");
                    refused += 1;
                }
            }
        }
    }
    assert!(read > 500 && refused > 5000, "{read} read, {refused} refused");
}

fn damage(text: &mut Vec<u8>, seeded: &mut Seeded, bytes: &[u8]) {
    let mut below =
        |bound: usize| usize::try_from(seeded.below(u64::try_from(bound.max(1)).unwrap())).unwrap();
    let at = below(text.len());
    let byte = bytes[below(bytes.len())];
    match below(4) {
        0 => text[at] = byte,
        1 => text.insert(at, byte),
        2 => {
            text.remove(at);
        }
        _ => {
            // A part of the text moves elsewhere.
            let end = text.len().min(at + below(60));
            let part: Vec<u8> = text.drain(at..end).collect();
            let to = below(text.len());
            text.splice(to..to, part);
        }
    }
}
