//! The command itself, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_campaign;
mod bad_config;
mod bad_programmes;
mod bad_rewards;
mod bad_states;
mod bad_tapes;
mod balancer_programmes;
mod build_folder;
mod build_tapes;
mod campaign;
mod chain_kinds;
mod chain_logs;
mod chain_pools;
mod chain_programmes;
mod chain_reads;
mod chain_runs;
mod claim;
mod contract;
mod curve_tapes;
mod data;
mod earn;
mod exchange;
mod exchange_history;
mod farms;
mod folder;
#[path = "../../../store/tests/support/genesis.rs"]
mod genesis;
mod help;
mod jit;
mod output;
mod page;
mod pictures;
mod programmes;
mod published;
mod quote;
mod quoted_answers;
mod record;
#[path = "../../../store/tests/support/recorded_balancer_v1.rs"]
mod recorded_balancer_v1;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod recorded_pool;
#[path = "../../../replay/examples/recorded_tapes/tapes.rs"]
mod recorded_tapes;
mod run;
mod s3;
#[path = "../../../catalogue/tests/support/s3_server.rs"]
mod s3_server;
#[path = "../../../market/tests/support/seeded.rs"]
mod seeded;
mod share_farms;
mod share_folder;
mod share_kinds;
mod share_pools;
mod share_tapes;
mod streams;
#[path = "../../../market/tests/support/synthetic_builds.rs"]
mod synthetic_builds;
#[path = "../../../market/tests/support/synthetic_curve.rs"]
mod synthetic_curve;
#[path = "../../../market/tests/support/synthetic_meta_ng.rs"]
mod synthetic_meta_ng;
#[path = "../../../market/tests/support/synthetic_shares.rs"]
mod synthetic_shares;
mod tables;
mod tampered;
mod week;
mod windows;
