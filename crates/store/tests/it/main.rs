//! Tapes from the outside: what is accepted comes back unchanged, what is not is named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_folders;
mod bad_parquet;
mod bad_pool_json;
mod bad_rows;
mod bounties;
mod build_tapes;
mod corruption;
mod feed_files;
#[path = "../support/genesis.rs"]
mod genesis;
mod genesis_tapes;
mod good_folders;
mod option_chains;
mod pool_states;
mod price_series;
mod programme_bounds;
mod programme_round_trips;
mod programme_seeded;
mod programme_seeded_chains;
mod programme_seeded_systems;
mod programme_states;
mod programme_tapes;
mod raw_parquet;
#[path = "../support/recorded_data.rs"]
mod recorded_data;
mod round_trip;
mod sample_week;
mod seeded;
mod share_tapes;
mod small_tape;
#[path = "../../../market/tests/support/synthetic_builds.rs"]
mod synthetic_builds;
mod tape_info;
mod windows;
mod writing;
