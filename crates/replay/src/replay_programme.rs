use std::collections::BTreeMap;
use std::fmt;
use std::iter::Peekable;
use std::time::{Duration, Instant};

use tidemill_amm::concentrated::Pool;
use tidemill_market::{
    ConcentratedMarket, FoldedProgramme, Footprint, Market, MarketError, NoFold, NoPools,
    PoolMarket, ProgrammeFold, ProgrammeMismatch, ProgrammePools, ProgrammeTotals, SwapHoldings,
    is_swap,
};
use tidemill_model::{
    Address, ChainId, PoolBuild, PoolId, PoolStart, ProgrammeKind, ProgrammeTapeEvent, Tape,
    TapeEvent,
};
use tidemill_rewards::Moment;
use tidemill_rewards::aerodrome::AerodromeError;
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
    /// One of the pool's after which the programme could emit no more.
    Followed {
        /// Its block.
        block: BlockNumber,
        /// Its place in the block.
        log_index: LogIndex,
        /// What the programme says.
        error: AerodromeError,
    },
}

/// Why a programme's tape could not be executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgrammeReplayError {
    /// A state that no programme of the kind can have.
    #[error(transparent)]
    State(#[from] ProgrammeStateError),
    /// A programme whose logs no fold has.
    #[error("{0} has no logs to execute")]
    NoFold(&'static str),
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
    /// The programme follows every change of its pool, and some are missing.
    #[error(
        "the programme's state is that after block {programme}, the pool's tape begins after \
         block {pool}: what happened to the pool between is missing"
    )]
    PoolBeginsLate {
        /// The last block in the programme's state.
        programme: BlockNumber,
        /// The last block before the pool's tape.
        pool: BlockNumber,
    },
    /// A campaign pays owners of positions, and the pool's tape does not name them all.
    #[error("a {0} pays the owners of positions, and the pool's tape does not name every owner")]
    NeedsOwners(ProgrammeKind),
    /// A campaign for a pool whose staked positions earn no fees, which the tape does not tell.
    #[error("a {0} for a pool with a gauge, in which staked positions earn no fees, is not known")]
    HasGauge(ProgrammeKind),
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
            Self::Followed { block, log_index, error } => write!(
                formatter,
                "the pool: block {block}, log index {log_index}: the gauge reverts: {error}"
            ),
        }
    }
}

/// How many events pass between two reports of progress.
const PROGRESS_EVERY: u64 = 4_096;

/// The pool that a programme reads, on its way through its own tape.
struct Beside<'a> {
    market: Market,
    pool: PoolId,
    /// The last block that is in the programme's state.
    state_after_block: BlockNumber,
    /// What the last swap left for a campaign to be shown the next one by.
    holdings: Option<SwapHoldings>,
    events: Peekable<std::iter::Zip<std::ops::RangeFrom<u64>, std::slice::Iter<'a, TapeEvent>>>,
}

/// Starts a fold from the state that a tape begins with.
///
/// Errors: a state that no programme of the kind can have; one of a programme without a fold.
pub fn start_programme(state: &ProgrammeState) -> Result<FoldedProgramme, ProgrammeReplayError> {
    let folded = FoldedProgramme::try_from(state.resume()?);
    folded.map_err(|NoFold| ProgrammeReplayError::NoFold(state.kind()))
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
    let mut beside = pool
        .map(|pool| Beside::new(pool, tape.header.state_after_block))
        .transpose()
        .map_err(ProgrammeReplayError::Pool)?;
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
        ProgrammeKind::V3Staker | ProgrammeKind::ConcentratedGauge | ProgrammeKind::Merkl => true,
        ProgrammeKind::StakingRewards
        | ProgrammeKind::MasterChef
        | ProgrammeKind::VoteEscrow
        | ProgrammeKind::CurveGauges
        | ProgrammeKind::BalancerGauges
        | ProgrammeKind::FeeDistribution
        | ProgrammeKind::TokenAdmin
        | ProgrammeKind::MerkleClaim
        | ProgrammeKind::Aerodrome
        | ProgrammeKind::AerodromeGauge
        | ProgrammeKind::CumulativeClaim
        | ProgrammeKind::LiquidStaking
        | ProgrammeKind::RateToken
        | ProgrammeKind::Vault
        | ProgrammeKind::ValidatorStaking => false,
    };
    if let (ProgrammeKind::Merkl, Some(pool)) = (header.kind, pool) {
        check_owners(header.kind, pool)?;
    }
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
    check_begin(tape, pool.start)?;
    match header.pool {
        Some(expected) if expected != pool.pool => {
            Err(ProgrammeReplayError::OtherPool { expected, found: pool.pool })
        }
        _ => Ok(()),
    }
}

/// A gauge has to follow every change of its pool since its state.
fn check_begin(tape: &ProgrammeTape, pool: PoolStart) -> Result<(), ProgrammeReplayError> {
    let programme = tape.header.state_after_block;
    match pool {
        PoolStart::Snapshot { block: pool, .. }
            if tape.header.kind == ProgrammeKind::ConcentratedGauge && pool > programme =>
        {
            Err(ProgrammeReplayError::PoolBeginsLate { programme, pool })
        }
        PoolStart::Snapshot { .. } | PoolStart::Creation | PoolStart::Window(_) => Ok(()),
    }
}

/// Errors: a pool of which it cannot be told who holds what, or who earns its fees.
fn check_owners(kind: ProgrammeKind, pool: &Tape) -> Result<(), ProgrammeReplayError> {
    if matches!(pool.header.build, PoolBuild::Slipstream { .. }) {
        return Err(ProgrammeReplayError::HasGauge(kind));
    }
    if pool.names_every_owner() { Ok(()) } else { Err(ProgrammeReplayError::NeedsOwners(kind)) }
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
            beside.advance(event, fold)?;
            fold.apply(&event.log, now, beside.pools())
        }
    };
    applied.map_err(|mismatch| {
        let (block, log_index) = (event.block, event.log_index);
        ProgrammeFinding::Programme { block, log_index, mismatch }
    })
}

impl<'a> Beside<'a> {
    fn new(tape: &'a Tape, state_after_block: BlockNumber) -> Result<Self, MarketError> {
        let mut market = Market::new(Footprint::PriceTaker);
        let pool = market.add_pool(tape)?;
        let events = (1..).zip(&tape.events).peekable();
        Ok(Self { market, pool, state_after_block, holdings: None, events })
    }

    /// Executes what comes before a log of the programme, lets a gauge follow it and shows a
    /// campaign the swaps.
    fn advance(
        &mut self,
        event: &ProgrammeTapeEvent,
        fold: &mut ProgrammeFold,
    ) -> Result<(), ProgrammeFinding> {
        let place = (event.block, event.log_index);
        let is_campaign = matches!(fold.programme(), FoldedProgramme::Merkl(_));
        while let Some((sequence, recorded)) =
            self.events.next_if(|(_, recorded)| (recorded.block, recorded.log_index) < place)
        {
            // What happened by then is in the programme's state.
            let is_news = recorded.block > self.state_after_block;
            let is_seen = is_news && is_campaign && is_swap(&recorded.event);
            // What the last swap left holds for the next change alone.
            let left = self.holdings.take().filter(|_| is_seen);
            let fresh = || self.history().filter(|_| is_seen).map(SwapHoldings::before);
            let holdings = left.or_else(fresh);
            let before = self.pools().now();
            let applied = self.market.apply(&chain_event(self.pool, sequence, recorded));
            applied.map_err(ProgrammeFinding::Pool)?;
            self.show(fold, recorded, holdings)?;
            let (Some(before), Some(after)) = (before, self.history()) else { continue };
            if !is_news {
                continue;
            }
            let followed = fold.follow(&recorded.event, before, after, recorded.time);
            followed.map_err(|error| {
                let (block, log_index) = (recorded.block, recorded.log_index);
                ProgrammeFinding::Followed { block, log_index, error }
            })?;
        }
        Ok(())
    }

    /// Shows a campaign a swap, with what every position was before it and is now.
    fn show(
        &mut self,
        fold: &mut ProgrammeFold,
        recorded: &TapeEvent,
        before: Option<SwapHoldings>,
    ) -> Result<(), ProgrammeFinding> {
        let (Some(mut before), Some(pool)) = (before, self.history()) else { return Ok(()) };
        let refused = |mismatch| {
            let TapeEvent { block, log_index, .. } = *recorded;
            ProgrammeFinding::Programme { block, log_index, mismatch }
        };
        let holdings = before.after(pool).map_err(|error| {
            refused(ProgrammeMismatch::Reverts { event: "swap", error: error.into() })
        })?;
        before.advance(pool);
        self.holdings = Some(before);
        fold.observe_swap(&holdings, recorded.time).map_err(refused)
    }

    /// The pool as recorded.
    fn history(&self) -> Option<&Pool> {
        let pool = self.market.pool(self.pool).and_then(PoolMarket::concentrated);
        pool.map(ConcentratedMarket::history)
    }

    fn pools(&self) -> &dyn ProgrammePools {
        match self.market.pool(self.pool).and_then(PoolMarket::concentrated) {
            Some(pool) => pool,
            None => &NoPools,
        }
    }
}
