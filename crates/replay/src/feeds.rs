//! Feeds from outside the pools: what a configuration says of them, their files, and all of them
//! as one stream.

mod config;
mod file;
mod merge;
mod needs;
mod watch;

pub use config::{FeedConfig, FeedSetup};
pub use merge::{FeedMerge, FeedRecord, FeedRecords, FeedSource};
pub use watch::Watched;

pub(crate) use file::stream;
pub(crate) use needs::{check_needs, equip};
