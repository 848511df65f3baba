//! Recorded streams, and venues that misbehave.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod damage;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod recorded_streams;
mod support;
