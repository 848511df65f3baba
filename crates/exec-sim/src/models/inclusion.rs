//! When orders are included.

use tidemill_units::BlockNumber;

/// A fixed delay in blocks; an order goes to the end of its block.
///
/// An order decided in block b is executed after the last recorded event of block b + delay, and
/// before the first one of any later block. Orders of one step are executed in the order of their
/// intents. An order whose block is beyond the tape's last one expires. What is decided on the
/// outcome of one of our own orders goes to the next block at the earliest, whatever the delay:
/// otherwise a strategy that always asks for more would never leave the block.
///
/// Unrealities: inclusion is certain, and nobody sees the order coming: no sandwich, no back-run,
/// no competition for the same trade. A delay of zero executes at the end of the very block whose
/// events were seen, which nobody can do; it is there to measure what latency costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// Blocks between decision and execution.
    pub delay_blocks: u64,
}

impl Default for Inclusion {
    fn default() -> Self {
        Self { delay_blocks: 1 }
    }
}

impl Inclusion {
    /// Returns the block that includes an order decided in this one, on a recorded event.
    pub fn due(&self, decided_in: BlockNumber) -> BlockNumber {
        BlockNumber(decided_in.0.saturating_add(self.delay_blocks))
    }

    /// Returns the block that includes an order decided on the outcome of one of our own.
    pub fn due_after_outcome(&self, decided_in: BlockNumber) -> BlockNumber {
        BlockNumber(decided_in.0.saturating_add(self.delay_blocks.max(1)))
    }
}
