use std::collections::BTreeMap;
use std::fmt;
use std::iter::Peekable;
use std::time::{Duration, Instant};

use tidemill_market::{
    FoldedProgramme, Footprint, Market, MarketError, NoFold, NoPools, PoolMarket, ProgrammeFold,
    ProgrammeMismatch, ProgrammePools, ProgrammeTotals,
};
use tidemill_model::{
    Address, ChainId, PoolId, ProgrammeKind, ProgrammeTapeEvent, Tape, TapeEvent,
};
use tidemill_rewards::Moment;
use tidemill_store::{ProgrammeState, ProgrammeStateError, ProgrammeTape};
use tidemill_units::{BlockNumber, LogIndex};

use crate::replay_tape::chain_event;

/// What executing a programme's tape again gave.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgrammeReplay {
    /// How many logs reproduced.
    pub events: u64,
    /// The same by kind, by name.
    pub counts: BTreeMap<&'static str, u64>,
    /// The first that did not; the replay stopped there.
    pub mismatch: Option<ProgrammeFinding>,
    /// What the logs came to.
    pub totals: ProgrammeTotals,
    /// How long it took, decoding excluded.
    pub elapsed: Duration,
}

/// The first event that does not reproduce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgrammeFinding {
    /// One of the programme's.
    Programme {
        /// Its block.
        block: BlockNumber,
        /// Its place in the block.
        log_index: LogIndex,
        /// What differs.
        mismatch: ProgrammeMismatch,
    },
    /// One of the pool's that the programme reads.
    Pool(MarketError),
}

/// Why a programme's tape could not be executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgrammeReplayError {
    /// A state that no programme of the kind can have.
    #[error(transparent)]
    State(#[from] ProgrammeStateError),
    /// A programme whose logs no fold has.
    #[error(transparent)]
    NoFold(#[from] NoFold),
    /// The programme reads a pool, and there is none.
    #[error("a {0} reads its pool: the pool's tape is needed beside (--pool TAPE)")]
    NeedsPool(ProgrammeKind),
    /// The programme reads no pool.
    #[error("a {0} reads no pool, and a pool's tape was given")]
    ReadsNoPool(ProgrammeKind),
    /// The pool is on another chain.
    #[error("the programme is on chain {}, its pool on chain {}", .programme.0, .pool.0)]
    OtherChain {
        /// The programme's chain.
        programme: ChainId,
        /// The pool's.
        pool: ChainId,
    },
    /// The tape is another pool's.
    #[error("the programme is about pool {expected}, the pool's tape is of {found}")]
    OtherPool {
        /// The programme's pool.
        expected: Address,
        /// The tape's.
        found: Address,
    },
    /// The pool's tape cannot be executed.
    #[error("the pool: {0}")]
    Pool(MarketError),
}

impl fmt::Display for ProgrammeFinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Programme { block, log_index, mismatch } => {
                write!(formatter, "block {block}, log index {log_index}: {mismatch}")
            }
            Self::Pool(error) => write!(formatter, "the pool: {error}"),
        }
    }
}

/// How many events pass between two reports of progress.
const PROGRESS_EVERY: u64 = 4_096;

/// The pool that a programme reads, on its way through its own tape.
struct Beside<'a> {
    market: Market,
    pool: PoolId,
    events: Peekable<std::iter::Zip<std::ops::RangeFrom<u64>, std::slice::Iter<'a, TapeEvent>>>,
}

/// Starts a fold from the state that a tape begins with.
///
/// Errors: a state that no programme of the kind can have; one of a programme without a fold.
pub fn start_programme(state: &ProgrammeState) -> Result<FoldedProgramme, ProgrammeReplayError> {
    Ok(state.resume()?.try_into()?)
}

/// Executes every log of a programme's tape again and compares it with the record. Of a programme
/// that reads its pool, the pool's tape is executed beside it, in the order of the chain.
///
/// `progress` is told now and then how many logs are done.
///
/// Errors: a state that cannot be; a pool's tape missing, not wanted, of another pool or unusable.
/// A log that does not reproduce is not an error but the finding.
pub fn replay_programme(
    tape: &ProgrammeTape,
    pool: Option<&Tape>,
    mut progress: impl FnMut(u64),
) -> Result<ProgrammeReplay, ProgrammeReplayError> {
    check_pool(tape, pool)?;
    let mut fold = ProgrammeFold::new(start_programme(&tape.start)?);
    let mut beside = pool.map(Beside::new).transpose().map_err(ProgrammeReplayError::Pool)?;
    let started = Instant::now();
    let (mut events, mut mismatch) = (0, None);
    for event in &tape.events {
        if let Err(finding) = step(&mut fold, event, beside.as_mut()) {
            mismatch = Some(finding);
            break;
        }
        events += 1;
        if events % PROGRESS_EVERY == 0 {
            progress(events);
        }
    }
    let elapsed = started.elapsed();
    let (counts, totals) = (fold.counts().clone(), fold.totals());
    Ok(ProgrammeReplay { events, counts, mismatch, totals, elapsed })
}

fn check_pool(tape: &ProgrammeTape, pool: Option<&Tape>) -> Result<(), ProgrammeReplayError> {
    let header = &tape.header;
    let reads_a_pool = match header.kind {
        ProgrammeKind::V3Staker => true,
        ProgrammeKind::StakingRewards
        | ProgrammeKind::MasterChef
        | ProgrammeKind::VoteEscrow
        | ProgrammeKind::CurveGauges
        | ProgrammeKind::BalancerGauges
        | ProgrammeKind::FeeDistribution
        | ProgrammeKind::TokenAdmin
        | ProgrammeKind::MerkleClaim
        // Of these there are no tapes, and no reader lets one through.
        | ProgrammeKind::ConcentratedGauge
        | ProgrammeKind::AerodromeGauge => false,
    };
    let pool = match (pool, reads_a_pool) {
        (None, false) => return Ok(()),
        (None, true) => return Err(ProgrammeReplayError::NeedsPool(header.kind)),
        (Some(_), false) => return Err(ProgrammeReplayError::ReadsNoPool(header.kind)),
        (Some(pool), true) => &pool.header,
    };
    if pool.chain_id != header.chain_id {
        let (programme, pool) = (header.chain_id, pool.chain_id);
        return Err(ProgrammeReplayError::OtherChain { programme, pool });
    }
    match header.pool {
        Some(expected) if expected != pool.pool => {
            Err(ProgrammeReplayError::OtherPool { expected, found: pool.pool })
        }
        _ => Ok(()),
    }
}

fn step(
    fold: &mut ProgrammeFold,
    event: &ProgrammeTapeEvent,
    beside: Option<&mut Beside<'_>>,
) -> Result<(), ProgrammeFinding> {
    let now = Moment { at: event.time, block: event.block };
    let applied = match beside {
        None => fold.apply(&event.log, now, &NoPools),
        Some(beside) => {
            beside.advance(event).map_err(ProgrammeFinding::Pool)?;
            fold.apply(&event.log, now, beside.pools())
        }
    };
    applied.map_err(|mismatch| {
        let (block, log_index) = (event.block, event.log_index);
        ProgrammeFinding::Programme { block, log_index, mismatch }
    })
}

impl<'a> Beside<'a> {
    fn new(tape: &'a Tape) -> Result<Self, MarketError> {
        let mut market = Market::new(Footprint::PriceTaker);
        let pool = market.add_pool(tape)?;
        Ok(Self { market, pool, events: (1..).zip(&tape.events).peekable() })
    }

    /// Executes what comes before a log of the programme.
    fn advance(&mut self, event: &ProgrammeTapeEvent) -> Result<(), MarketError> {
        let place = (event.block, event.log_index);
        while let Some((sequence, recorded)) =
            self.events.next_if(|(_, recorded)| (recorded.block, recorded.log_index) < place)
        {
            self.market.apply(&chain_event(self.pool, sequence, recorded))?;
        }
        Ok(())
    }

    fn pools(&self) -> &dyn ProgrammePools {
        match self.market.pool(self.pool).and_then(PoolMarket::concentrated) {
            Some(pool) => pool,
            None => &NoPools,
        }
    }
}
