//! Logs of EVM chains: from files and nodes to the events of pools.
//!
//! Stands on `model`. It knows how contracts write their logs, and nothing of what they mean: that
//! a swap could have happened at that price is for a replay to say. What it cannot read it refuses
//! with the log's place; nothing is guessed, and no log is dropped unnamed.

pub mod backfill;
mod decode;
pub mod live;
mod log_file;
mod protocols;
mod raw_log;
pub mod rpc;

pub use decode::{DecodeError, DecodeFault, Decoded, decode_pool_log};
pub use log_file::{CsvLogs, JsonLogs, LogFile, LogFileError, LogFileFault, open_log_file};
pub use raw_log::{LogPlace, RawLog};
