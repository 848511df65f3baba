//! See `crates/amm`.
