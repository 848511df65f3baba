//! The newest blocks of a chain, as they come and as they are taken back.

mod branch;
mod event;
mod follow;
mod options;
mod run;
mod socket;

pub use event::{LiveEvent, LiveGap};
pub use options::{LiveOptions, LiveRequest};
pub use run::live;
