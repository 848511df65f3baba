//! What SQL says of a data folder, against counts made by other means.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod candles;
mod folder;
mod formats;
mod manifests;
mod pools;
mod refusals;
