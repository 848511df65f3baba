//! Decodes arbitrary bytes as a tape's Parquet file, as they are and with a fitting seal.
//!
//! The seal is computed here as `docs/tape-format.md` says, so that the decoder behind it is
//! reached. What is accepted has to survive being written and read back.
#![no_main]

use std::sync::Once;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use tidemill_store::{decode_tape, encode_tape};

const MARKER: &[u8] = b"tidemill.blake3\x18\x40";

fn sealed(data: &[u8]) -> Option<Vec<u8>> {
    let marker = data.windows(MARKER.len()).position(|window| window == MARKER)?;
    let start = marker + MARKER.len();
    let mut bytes = data.to_vec();
    bytes.get_mut(start..start + 64)?.fill(b'0');
    let digits = blake3::hash(&bytes).to_hex();
    bytes[start..start + 64].copy_from_slice(digits.as_bytes());
    Some(bytes)
}

fn check(bytes: Vec<u8>) {
    if let Ok(tape) = decode_tape(Bytes::from(bytes), "tape.parquet") {
        let written = encode_tape(&tape, "again.parquet");
        assert!(written.is_ok(), "what the reader accepts can be written: {written:?}");
    }
}

/// The reader turns panics of the Parquet library into errors. The fuzzer's hook would end the
/// process before it can; without the hook, a panic that leaves the reader still ends it.
fn let_the_reader_catch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|info| eprintln!("{info}"))));
}

fuzz_target!(|data: &[u8]| {
    let_the_reader_catch();
    check(data.to_vec());
    if let Some(bytes) = sealed(data) {
        check(bytes);
    }
});
