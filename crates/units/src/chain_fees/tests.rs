//! Numeric checks carry their ids from the project's list of domain checks.

mod arbitrum;
mod base_fee;
mod blob_fee;
mod fast_lz;
mod op_stack;
mod recorded;
mod transactions;
