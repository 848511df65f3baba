use std::collections::BTreeMap;
use std::path::Path;

use tidemill_model::{BuildEvent, PoolEvent, PoolHeader, Tape, TapeEvent};
use tidemill_units::{BlockNumber, Timestamp};

use crate::importer::read_limited;
use crate::limits::MAX_TAPE_BYTES;
use crate::pool_json::tolerance_text;
use crate::{TapeError, decode_tape};

/// What a tape file holds, in figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeInfo {
    /// The pool, its start and its tolerance.
    pub pool: PoolHeader,
    /// The tolerance in words that `pool.json` takes: `0`, `1e-9`.
    pub amount_relative_tolerance: String,
    /// Ranges with liquidity at the start.
    pub initial_positions: usize,
    /// Events by kind.
    pub events: EventCounts,
    /// Where the events lie; a tape has at least one.
    pub span: Option<TapeSpan>,
    /// For how many rows each optional value is recorded.
    pub recorded: RecordedCounts,
    /// The file's size.
    pub file_bytes: usize,
    /// The BLAKE3 of the file, as `b3sum` prints it.
    pub file_blake3: String,
}

/// The first and the last event of a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapeSpan {
    /// The block of the first event.
    pub first_block: BlockNumber,
    /// The block of the last event.
    pub last_block: BlockNumber,
    /// The time of the first event.
    pub first_time: Timestamp,
    /// The time of the last event.
    pub last_time: Timestamp,
}

/// How many events of each kind a tape has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// All of them.
    pub total: usize,
    /// `initialize`, at most one.
    pub initialize: usize,
    /// `swap`.
    pub swap: usize,
    /// `mint`.
    pub mint: usize,
    /// `burn`, with and without liquidity.
    pub burn: usize,
    /// `burn` of no liquidity, which only brings the owed fees up to date.
    pub burn_of_nothing: usize,
    /// `collect`.
    pub collect: usize,
    /// `flash`.
    pub flash: usize,
    /// `set_fee_protocol`.
    pub set_fee_protocol: usize,
    /// What only the kin of Uniswap v3 have, by kind; empty for Uniswap v3.
    pub of_builds: BTreeMap<&'static str, usize>,
}

/// For how many events a tape records what it may leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordedCounts {
    /// Gas used by the transaction.
    pub gas_used: usize,
    /// Gas price of the transaction.
    pub gas_price_wei: usize,
    /// Owner of a mint, burn or collect.
    pub owner: usize,
    /// Price after a swap.
    pub sqrt_price_after: usize,
    /// Liquidity after a swap.
    pub liquidity_after: usize,
    /// Tick after a swap or initialize.
    pub tick_after: usize,
}

impl TapeInfo {
    /// Reads a tape file and sums it up.
    ///
    /// # Errors
    ///
    /// As [`crate::read_tape`].
    pub fn read(path: &Path) -> Result<Self, TapeError> {
        let bytes = bytes::Bytes::from(read_limited(path, MAX_TAPE_BYTES)?);
        let tape = decode_tape(bytes.clone(), &path.display().to_string())?;
        Ok(Self::of(&tape, &bytes))
    }

    /// Sums up a tape and the file that it came from.
    pub fn of(tape: &Tape, file: &[u8]) -> Self {
        let span = TapeSpan::of(&tape.events);
        Self {
            pool: tape.header.clone(),
            amount_relative_tolerance: tolerance_text(tape.header.amount_tolerance),
            initial_positions: tape.initial_positions.len(),
            events: EventCounts::of(tape),
            span,
            recorded: RecordedCounts::of(tape),
            file_bytes: file.len(),
            file_blake3: blake3::hash(file).to_hex().to_string(),
        }
    }
}

impl TapeSpan {
    /// Returns where events lie; `None` without any.
    pub(crate) fn of(events: &[TapeEvent]) -> Option<Self> {
        events.first().zip(events.last()).map(|(first, last)| Self {
            first_block: first.block,
            last_block: last.block,
            first_time: first.time,
            last_time: last.time,
        })
    }
}

impl EventCounts {
    fn of(tape: &Tape) -> Self {
        let mut counts = Self { total: tape.events.len(), ..Self::default() };
        for event in &tape.events {
            let count = match &event.event {
                PoolEvent::Initialize { .. } => &mut counts.initialize,
                PoolEvent::Swap { .. } => &mut counts.swap,
                PoolEvent::Mint { .. } => &mut counts.mint,
                PoolEvent::Burn { liquidity, .. } => {
                    add(&mut counts.burn_of_nothing, liquidity.is_zero());
                    &mut counts.burn
                }
                PoolEvent::Collect { .. } => &mut counts.collect,
                PoolEvent::Flash { .. } => &mut counts.flash,
                PoolEvent::SetFeeProtocol { .. } => &mut counts.set_fee_protocol,
                PoolEvent::Build(build) => match **build {
                    BuildEvent::PancakeSwap { .. } | BuildEvent::ManagedSwap { .. } => {
                        &mut counts.swap
                    }
                    BuildEvent::SetFeeProtocol(_) => &mut counts.set_fee_protocol,
                    BuildEvent::CollectProtocol(_)
                    | BuildEvent::Stake { .. }
                    | BuildEvent::CollectFees(_)
                    | BuildEvent::SetFee(_)
                    | BuildEvent::SetUnstakedFee(_)
                    | BuildEvent::ModifyLiquidity { .. }
                    | BuildEvent::Donate(_)
                    | BuildEvent::ProtocolFeeUpdated(_) => {
                        counts.of_builds.entry(build.kind()).or_default()
                    }
                },
                PoolEvent::Shares(_) => continue,
            };
            add(count, true);
        }
        counts
    }
}

impl RecordedCounts {
    fn of(tape: &Tape) -> Self {
        let mut counts = Self::default();
        for event in &tape.events {
            add(&mut counts.gas_used, event.gas_used.is_some());
            add(&mut counts.gas_price_wei, event.gas_price.is_some());
            if let Some((_, after)) = event.event.swap() {
                add(&mut counts.sqrt_price_after, after.sqrt_price.is_some());
                add(&mut counts.liquidity_after, after.liquidity.is_some());
                add(&mut counts.tick_after, after.tick.is_some());
            }
            match &event.event {
                PoolEvent::Build(build) => {
                    if let BuildEvent::ModifyLiquidity { owner, .. } = **build {
                        add(&mut counts.owner, owner.is_some());
                    }
                }
                PoolEvent::Initialize { tick, .. } => add(&mut counts.tick_after, tick.is_some()),
                PoolEvent::Mint { owner, .. }
                | PoolEvent::Burn { owner, .. }
                | PoolEvent::Collect { owner, .. } => add(&mut counts.owner, owner.is_some()),
                PoolEvent::Swap { .. }
                | PoolEvent::Flash { .. }
                | PoolEvent::SetFeeProtocol { .. }
                | PoolEvent::Shares(_) => {}
            }
        }
        counts
    }
}

fn add(count: &mut usize, one: bool) {
    *count = count.saturating_add(usize::from(one));
}
