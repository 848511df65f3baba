//! Recorded logs, and files that are wrong.

mod log_files;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod recorded_logs;
