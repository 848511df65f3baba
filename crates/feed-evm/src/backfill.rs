//! The history of some contracts, from nodes into a sink, complete or with its gaps named.

mod chunk;
mod confirm;
mod fetch;
mod options;
mod piece;
mod ranges;
mod run;
mod segment;

pub use chunk::{Chunk, Gap, GapCause, Resume, Sink, SinkError};
pub use options::{Agreement, BackfillError, BackfillOptions, BackfillRequest, HeadersKept};
pub use run::{BackfillReport, Progress, backfill};

pub(crate) use piece::contains;
