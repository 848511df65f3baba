//! Recorded streams, and venues that misbehave.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod connection;
mod damage;
mod kraken_live;
mod live_faults;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod recorded_streams;
mod rest_faults;
mod server;
mod support;
