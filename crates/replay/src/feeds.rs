//! Feeds from outside the pools: what a configuration says of them, where they are read from, and
//! all of them as one stream.

mod book_fold;
mod config;
mod folder;
mod holes;
mod merge;
mod needs;
mod origin;
mod published;
mod watch;

pub use config::{FeedConfig, FeedSetup};
pub use folder::FolderFeed;
pub use merge::{FeedMerge, FeedRecord, FeedRecords, FeedSource};
pub use origin::FeedOrigin;
pub use watch::Watched;

pub(crate) use config::DATA_FOLDER;
pub(crate) use needs::{check_needs, equip};
pub(crate) use origin::stream;
