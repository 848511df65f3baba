//! Recorded logs, files that are wrong, and nodes that misbehave.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backfill;
mod faults;
mod live;
mod log_files;
mod node;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod recorded_logs;
