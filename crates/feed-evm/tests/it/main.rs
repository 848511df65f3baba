//! Recorded logs, files that are wrong, what any bytes come to, and nodes that misbehave.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anvil_backfill;
mod anvil_driver;
mod anvil_live;
mod any_bytes;
mod backfill;
mod chain_order;
mod faults;
mod joined_logs;
mod live;
mod log_files;
mod node;
mod programme_logs;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod recorded_logs;
mod recorded_positions;
mod share_logs;
mod swap_words;
mod written;
