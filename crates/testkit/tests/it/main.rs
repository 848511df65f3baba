//! The pools of `tidemill-amm` beside the real contracts: after every random operation, everything
//! that can be seen from outside is equal, and so is every refusal.
#![allow(clippy::unwrap_used, reason = "an oracle that fails is a failed test")]

mod anvil;
mod balancer_v1;
mod composable_stable;
mod concentrated;
mod concentrated_forks;
mod concentrated_gas;
mod constant_product;
mod constant_product_forks;
mod crypto_swap;
mod double;
mod just_in_time;
mod oracle;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod recorded_pairs;
mod recorded_tapes;
mod rewards;
mod share_logs;
mod slipstream;
mod solidly;
mod stable_swap;
mod stable_swap_meta;
mod stable_swap_meta_ng;
mod stable_swap_ng;
#[path = "../../../market/tests/support/synthetic_shares.rs"]
mod synthetic_shares;
mod tally;
mod uniswap_v4;
mod weighted;
mod worlds;
