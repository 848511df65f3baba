use tidemill_units::{BlockNumber, Timestamp};

/// When something happens, by both clocks of a chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Time of the block.
    pub at: Timestamp,
    /// Height of the block.
    pub block: BlockNumber,
}
