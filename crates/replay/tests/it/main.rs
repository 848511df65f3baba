//! Recorded history executed again, positions followed through it, and whole backtests.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounting;
mod arbitraged_pool;
mod bad;
mod balancer_v1;
mod boosted_runs;
mod build_runs;
mod configuration;
mod cut_tapes;
mod data;
mod feed_merge;
mod feeds;
mod folder_books;
mod folder_feeds;
mod folder_rows;
mod footprints;
mod gauge_runs;
mod gauge_tapes;
#[path = "../../../store/tests/support/genesis.rs"]
mod genesis;
mod genesis_pools;
mod hedges;
mod journals;
mod just_in_time;
mod library;
mod missing_prices;
mod observed_windows;
mod options;
mod pairs;
mod pool_exchange_arbitrage;
mod quoter;
#[path = "../../../store/tests/support/recorded_balancer_v1.rs"]
mod recorded_balancer_v1;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod recorded_positions;
#[path = "../../../store/tests/support/recorded_windows.rs"]
mod recorded_windows;
mod rule_twins;
mod rules_files;
mod safeguards;
mod second_pool;
#[path = "../../../market/tests/support/seeded.rs"]
mod seeded;
mod several_pools;
mod share_runs;
mod stakes;
mod stops;
#[path = "../../../market/tests/support/synthetic_builds.rs"]
mod synthetic_builds;
#[path = "../../../market/tests/support/synthetic_shares.rs"]
mod synthetic_shares;
#[path = "../../../market/tests/support/synthetic_tape.rs"]
mod synthetic_tape;
mod two_pool_arbitrage;
mod votes;
mod week;
mod without_pool;
