use tidemill_units::{BlockNumber, GasPrice, InstantUs, LogIndex, Timestamp};

use crate::{
    AccountEvent, FeedData, FeedEvent, MinedBlock, Outcome, PoolEvent, PriceEvent, ProgrammeEvent,
    RevertedBlock,
};

/// The place of an event in the one log, assigned once by the tape reader or the sequencer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

/// The number of a pool within one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub u16);

/// One entry of the log: something became known.
///
/// The log is ordered by `seen_at`, so that look-ahead can enter only through a wrong `seen_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place.
    pub sequence: Sequence,
    /// When it happened: block or venue time.
    pub happened_at: InstantUs,
    /// The earliest instant at which we could have known it.
    pub seen_at: InstantUs,
    /// What became known.
    pub body: EventBody,
}

impl Event {
    /// Returns an event that happened at a block's time and was seen at once.
    pub fn at(sequence: Sequence, time: Timestamp, body: EventBody) -> Self {
        let time = InstantUs::at_second(time);
        Self { sequence, happened_at: time, seen_at: time, body }
    }

    /// Returns the second in which it happened; of an event of the chain, its block's time.
    pub fn second(&self) -> Timestamp {
        self.happened_at.second()
    }
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventBody {
    /// The chain did something.
    Chain(ChainEvent),
    /// Something happened to a reward programme; apart, since it is rare and larger.
    Programme(Box<ProgrammeEvent>),
    /// A token that no pool of the run trades has a new price.
    Price(PriceEvent),
    /// One of our orders came to an end; apart, since it is rare and much larger.
    Outcome(Box<Outcome>),
    /// An exchange did something to an account of ours; apart, since it is rare and larger.
    Account(Box<AccountEvent>),
    /// A chain has a new block.
    Block(MinedBlock),
    /// A block is no longer part of its chain.
    Reverted(RevertedBlock),
    /// A feed from outside the chain said something; apart, since it is larger.
    Data(Box<FeedData>),
    /// A feed can no longer vouch for what it says, or can again.
    Feed(FeedEvent),
}

/// A log of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEvent {
    /// The pool.
    pub pool: PoolId,
    /// Its block.
    pub block: BlockNumber,
    /// Its place in the block.
    pub log_index: LogIndex,
    /// What the transaction paid per gas, where recorded.
    pub gas_price: Option<GasPrice>,
    /// What happened.
    pub event: PoolEvent,
}
