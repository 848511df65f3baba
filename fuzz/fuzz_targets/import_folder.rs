//! Imports arbitrary bytes as `pool.json`, `events.csv` and `initial_positions.csv`.
//!
//! The parts are separated by the byte 0x1e. A CSV part that begins as gzip data is taken for it.
//! What is accepted has to survive being written and read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemill_store::{CsvSource, ImportSources, encode_tape, import};

fn source<'a>(file: &str, bytes: &'a [u8]) -> CsvSource<'a> {
    let is_gzip = bytes.starts_with(&[0x1f, 0x8b]);
    CsvSource { file: file.to_owned(), bytes: Box::new(bytes), is_gzip }
}

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(3, |byte| *byte == 0x1e);
    let pool_json = parts.next().unwrap_or_default().to_vec();
    let events = source("events.csv", parts.next().unwrap_or_default());
    let initial_positions = parts.next().map(|bytes| source("initial_positions.csv", bytes));
    let pool_file = "pool.json".to_owned();
    let sources = ImportSources { pool_file, pool_json, events, initial_positions };
    if let Ok(tape) = import(sources) {
        let written = encode_tape(&tape, "tape.parquet");
        assert!(written.is_ok(), "what the importer accepts can be written: {written:?}");
    }
});
