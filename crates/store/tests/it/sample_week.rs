//! The embedded week: where it comes from, and that it is still that.

use std::path::PathBuf;

use tidemill_store::{SAMPLE_BYTES, TapeInfo, encode_tape, import_folder, sample};

use crate::recorded_data::data_folder;

const README: &str = include_str!("../../sample/README.md");

#[test]
fn the_sample_is_the_recorded_week() {
    let tape = sample().unwrap();
    let info = TapeInfo::of(&tape, SAMPLE_BYTES);
    let events = info.events;
    assert_eq!((info.initial_positions, events.total), (1963, 39_159));
    assert_eq!((events.swap, events.mint, events.burn), (38_235, 414, 510));
    assert_eq!(events.burn_of_nothing, 99);
    let span = info.span.unwrap();
    assert_eq!((span.first_block.0, span.last_block.0), (21_303_934, 21_354_333));
    assert_eq!((span.first_time.0, span.last_time.0), (1_733_011_211, 1_733_619_431));
}

#[test]
fn the_readme_beside_the_sample_states_its_hash_and_size() {
    let info = TapeInfo::of(&sample().unwrap(), SAMPLE_BYTES);
    assert!(README.contains(&info.file_blake3), "README.md states {}", info.file_blake3);
    assert!(README.contains(&info.file_bytes.to_string()), "README.md states {}", info.file_bytes);
}

#[test]
fn the_sample_is_made_again_byte_for_byte_from_its_source() {
    let folder: PathBuf = data_folder().join("univ3-usdc-weth-500-2024-12-week");
    if !folder.is_dir() {
        println!("skipped: no recorded data at {}", folder.display());
        return;
    }
    let tape = import_folder(&folder).unwrap();
    assert_eq!(tape, sample().unwrap());
    let bytes = encode_tape(&tape, "sample.parquet").unwrap();
    assert!(bytes == SAMPLE_BYTES, "{} bytes, and not those embedded", bytes.len());
}
