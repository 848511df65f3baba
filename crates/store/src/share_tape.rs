use tidemill_amm::Pool;
use tidemill_model::{SharePoolHeader, Tape, TapeEvent};

/// The recorded history of a pool of shares: the pool as it was, and every call since, in chain
/// order.
///
/// Events are strictly ascending by (block, log index), all of them
/// [`Shares`](tidemill_model::PoolEvent::Shares), and none is in a block that the start contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareTape {
    /// The pool.
    pub header: SharePoolHeader,
    /// The pool before the first event; never a concentrated one.
    pub start: Pool,
    /// What happened.
    pub events: Vec<TapeEvent>,
}

/// A tape of either form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "few tapes are open at a time")]
pub enum AnyTape {
    /// Of a pool in which each provider has positions of its own.
    Concentrated(Tape),
    /// Of a pool in which providers hold shares of the whole.
    Shares(ShareTape),
}
