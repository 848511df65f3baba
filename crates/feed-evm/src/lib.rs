//! Logs of EVM chains: from files and nodes to the events of pools.
//!
//! Stands on `model`. It knows how contracts write their logs, and nothing of what they mean: that
//! a swap could have happened at that price is for a replay to say. What it cannot read it refuses
//! with the log's place; nothing is guessed, and no log is dropped unnamed.

pub mod backfill;
mod chain_order;
mod decode;
mod event_table;
pub mod live;
mod log_file;
mod position_manager;
mod programme_logs;
mod protocols;
mod raw_log;
pub mod rpc;
mod share_logs;
pub mod snapshot;
mod tape_logs;
mod token;

pub use chain_order::ChainOrder;
pub use decode::{DecodeError, DecodeFault, Decoded, decode_pool_log};
pub use log_file::{CsvLogs, JsonLogs, LogFile, LogFileError, LogFileFault, open_log_file};
pub use position_manager::{ManagedEvent, ManagedLiquidity, ManagedLogs, ManagerLog};
pub use programme_logs::{
    AerodromeContracts, AerodromeGaugeContracts, BalancerGaugesContracts,
    ConcentratedGaugeContracts, CurveGaugesContracts, FeeContracts, LiquidStakingContracts,
    ManagedLockContracts, NotInLogs, PlacedProgrammeLog, ProgrammeContracts, ProgrammeLogs,
    ProgrammeTransaction, Source, TransactionCall, not_in_logs,
};
pub use raw_log::{LogPlace, RawLog};
pub use share_logs::{CurveContracts, CurveLogs, ShareContracts, ShareLog, ShareLogs};
pub use tape_logs::{LogCounts, TapeLog, TapeLogs, share_tape_from_logs, tape_from_logs};
pub use token::{TokenError, TokenFault, TokenMetadata, token_metadata, token_metadata_named};
