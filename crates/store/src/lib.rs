//! Tapes: one pool's recorded history, read and written whole, strictly, and without loss.
//!
//! Stands on `model` and `amm`. It turns a Parquet file, or a folder of CSV files, into a
//! [`tidemill_model::Tape`] and back. Every reader hands its rows to one builder, which holds all
//! the rules about content. Whether the history makes sense, that a swap could have happened at
//! that price, is not known here: that is for a replay to say. Files are in `docs/tape-format.md`.
//!
//! The states of pools and of reward programmes have files too, on `amm` and `rewards`:
//! `docs/pool-state.md`, `docs/programme-state.md`.
//!
//! ```
//! let tape = tidemill_store::sample()?;
//! assert_eq!(tape.events.len(), 39_159);
//! let file = tidemill_store::encode_tape(&tape, "week.parquet")?;
//! assert_eq!(tidemill_store::decode_tape(file.into(), "week.parquet")?, tape);
//! # Ok::<(), tidemill_store::TapeError>(())
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod atomic_write;
mod base_log;
mod bounties;
mod build_pool_json;
mod columns;
mod csv_lines;
mod csv_rows;
mod error;
mod fault;
mod feed_csv;
mod importer;
mod limits;
mod option_chain;
mod parquet_read;
mod parquet_write;
mod pool_json;
mod pool_rows;
mod pool_state;
mod price_series;
mod programme_state;
mod programme_tape;
mod row;
mod row_batch;
mod row_build_event;
mod row_event;
mod sample;
mod seal;
mod share_builder;
mod share_csv;
mod share_parquet;
mod share_pool_json;
mod share_row;
mod share_row_event;
mod share_row_text;
mod share_tape;
mod share_tape_info;
mod tape_builder;
mod tape_info;
mod tape_schema;
mod tick_band;
mod time_text;
mod vote_rows;

pub use atomic_write::write_atomically;
pub use bounties::{
    Bounty, BountyError, BountyFault, BountyTotal, GaugeWeek, read_bounties, read_bounties_file,
    total_bounties,
};
pub use columns::{OtherColumn, check_columns};
pub use error::TapeError;
pub use fault::{Fault, FormatFault};
pub use feed_csv::{FeedFile, FeedFileError, FeedFileKind, FeedRow, FeedRowFault};
pub use importer::{
    CsvSource, ImportSources, import, import_any_folder, import_folder, import_shares, open_tape,
};
pub use limits::{
    MAX_LINE_BYTES, MAX_POOL_JSON_BYTES, MAX_POOL_STATE_BYTES, MAX_PROGRAMME_STATE_BYTES, MAX_ROWS,
    MAX_TAPE_BYTES,
};
pub use option_chain::{ListedOption, OptionChainError, read_option_chain, read_option_chain_file};
pub use parquet_read::{decode_any_tape, decode_tape, read_any_tape, read_tape};
pub use parquet_write::{encode_tape, write_tape};
pub use pool_rows::PoolDescription;
pub use pool_state::PoolState;
pub use price_series::{PriceRowFault, PriceSeriesError, PricedAt, read_price_series};
pub use programme_state::{
    ProgrammeState, ProgrammeStateError, read_programme_state, write_programme_state,
};
pub use programme_tape::{
    ProgrammeTape, ProgrammeTapeReader, decode_programme_tape, encode_programme_tape,
    is_programme_tape, read_programme_tape, write_programme_tape,
};
pub use sample::{SAMPLE_BYTES, SAMPLE_NAME, sample};
pub use share_parquet::{encode_share_tape, write_share_tape};
pub use share_tape::{AnyTape, ShareTape};
pub use share_tape_info::{AnyTapeInfo, ShareTapeInfo};
pub use tape_info::{EventCounts, RecordedCounts, TapeInfo, TapeSpan};
pub use time_text::{read_time, time_text};
pub use vote_rows::{
    OthersVotes, PostedBribe, VoteFileError, VoteRowFault, read_bribes, read_votes,
};

#[cfg(test)]
mod tests;
