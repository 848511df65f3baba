use std::collections::{BTreeMap, VecDeque};

use tidemill_model::{
    Address, PoolBuild, PoolEvent, PoolHeader, PoolStart, SharePoolHeader, TapeEvent,
};
use tidemill_units::{BlockNumber, Timestamp, TokenAmounts};

use crate::{
    ChainOrder, DecodeError, DecodeFault, Decoded, LogPlace, RawLog, ShareContracts, ShareLogs,
    decode_pool_log,
};

/// What was read of a pool's logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeLog {
    /// What happened, in the order of the chain.
    pub events: Vec<TapeEvent>,
    /// What else was seen.
    pub counts: LogCounts,
}

/// Logs that are no events of a tape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogCounts {
    /// Logs that came again.
    pub duplicates: u64,
    /// Logs that say nothing a tape has, by the event's name.
    pub irrelevant: BTreeMap<&'static str, u64>,
    /// Logs of other contracts, or about other pools.
    pub others: u64,
}

/// Turns a pool's raw logs into a tape's events as they come, with bounded memory.
///
/// Logs are put in the order of the chain within [`ChainOrder::WINDOW`] of them.
#[derive(Debug)]
pub struct TapeLogs {
    order: ChainOrder,
    reading: Reading,
}

/// What reads logs that are in order.
#[derive(Debug)]
struct Reading {
    decoder: Decoder,
    /// The last block that the start contains.
    start: Option<BlockNumber>,
    ready: VecDeque<TapeEvent>,
    irrelevant: BTreeMap<&'static str, u64>,
    others: u64,
}

#[derive(Debug)]
enum Decoder {
    Concentrated { build: PoolBuild, pool: Address },
    Shares(Box<ShareLogs>),
}

impl TapeLogs {
    /// Begins the tape of a pool of positions.
    pub fn concentrated(header: &PoolHeader) -> Self {
        let start = match header.start {
            PoolStart::Creation => None,
            PoolStart::Snapshot { block, .. } => Some(block),
            PoolStart::Window(window) => window.state.map(|state| state.block),
        };
        let (build, pool) = (header.build, header.pool);
        Self::new(Decoder::Concentrated { build, pool }, start)
    }

    /// Begins the tape of a pool of shares.
    pub fn shares(header: &SharePoolHeader, contracts: ShareContracts) -> Self {
        let decoder = Decoder::Shares(Box::new(ShareLogs::new(contracts)));
        Self::new(decoder, Some(header.state_after_block))
    }

    /// Says what a pair's reserves are at the start, and what it holds beyond them.
    #[must_use]
    pub fn with_reserves(mut self, reserves: TokenAmounts, given: TokenAmounts) -> Self {
        if let Decoder::Shares(logs) = &mut self.reading.decoder {
            logs.begin_with_reserves(reserves, given);
        }
        self
    }

    fn new(decoder: Decoder, start: Option<BlockNumber>) -> Self {
        Self {
            order: ChainOrder::new(ChainOrder::WINDOW),
            reading: Reading {
                decoder,
                start,
                ready: VecDeque::new(),
                irrelevant: BTreeMap::new(),
                others: 0,
            },
        }
    }

    /// Takes a log.
    ///
    /// Errors, each with the place: those of [`ChainOrder::push`], [`decode_pool_log`] and
    /// [`ShareLogs::push`], a log in a block that the start contains, one without a time.
    pub fn push(&mut self, log: RawLog) -> Result<(), DecodeError> {
        match self.order.push(log)? {
            Some(log) => self.reading.decode(log),
            None => Ok(()),
        }
    }

    /// Reads what is still held; what comes after it is of later blocks.
    ///
    /// Errors: as [`push`](Self::push).
    pub fn finish(&mut self) -> Result<(), DecodeError> {
        while let Some(log) = self.order.pop() {
            self.reading.decode(log)?;
        }
        let Reading { decoder: Decoder::Shares(logs), ready, .. } = &mut self.reading else {
            return Ok(());
        };
        logs.finish()?;
        drain(logs, ready)
    }

    /// Returns the next event that is ready, in the order of the chain.
    pub fn take(&mut self) -> Option<TapeEvent> {
        self.reading.ready.pop_front()
    }

    /// Returns what was seen beside events.
    pub fn counts(&self) -> LogCounts {
        let irrelevant = match &self.reading.decoder {
            Decoder::Concentrated { .. } => self.reading.irrelevant.clone(),
            Decoder::Shares(logs) => logs.irrelevant().clone(),
        };
        LogCounts { duplicates: self.order.duplicates(), irrelevant, others: self.reading.others }
    }
}

impl Reading {
    fn decode(&mut self, log: &RawLog) -> Result<(), DecodeError> {
        if let Some(start) = self.start.filter(|start| log.place.block <= *start) {
            let fault = DecodeFault::BeforeStart { start };
            return Err(DecodeError { place: log.place, fault });
        }
        let (build, pool) = match &mut self.decoder {
            Decoder::Shares(logs) => {
                logs.push(log)?;
                return drain(logs, &mut self.ready);
            }
            Decoder::Concentrated { build, pool } => (build, *pool),
        };
        if log.address.is_some_and(|address| address != pool) {
            self.others = self.others.saturating_add(1);
            return Ok(());
        }
        match decode_pool_log(build, log)? {
            Decoded::Event(event) => {
                self.ready.push_back(at(log.place, log.time, event)?);
            }
            Decoded::Irrelevant(name) => {
                let count = self.irrelevant.entry(name).or_insert(0);
                *count = count.saturating_add(1);
            }
            Decoded::OtherPool => self.others = self.others.saturating_add(1),
        }
        Ok(())
    }
}

fn drain(logs: &mut ShareLogs, ready: &mut VecDeque<TapeEvent>) -> Result<(), DecodeError> {
    while let Some(log) = logs.take() {
        ready.push_back(at(log.place, log.time, PoolEvent::Shares(log.event))?);
    }
    Ok(())
}

fn at(
    place: LogPlace,
    time: Option<Timestamp>,
    event: PoolEvent,
) -> Result<TapeEvent, DecodeError> {
    let time = time.ok_or(DecodeError { place, fault: DecodeFault::NoTime })?;
    let LogPlace { block, log_index } = place;
    Ok(TapeEvent { block, log_index, time, gas_used: None, gas_price: None, event })
}

/// Reads all logs of a pool of positions into a tape's events.
///
/// Errors: as [`TapeLogs::push`].
pub fn tape_from_logs(
    header: &PoolHeader,
    logs: impl IntoIterator<Item = RawLog>,
) -> Result<TapeLog, DecodeError> {
    collect(TapeLogs::concentrated(header), logs)
}

/// Reads all logs of a pool of shares into a tape's events.
///
/// Errors: as [`TapeLogs::push`].
pub fn share_tape_from_logs(
    header: &SharePoolHeader,
    contracts: ShareContracts,
    logs: impl IntoIterator<Item = RawLog>,
) -> Result<TapeLog, DecodeError> {
    collect(TapeLogs::shares(header, contracts), logs)
}

fn collect(
    mut tape: TapeLogs,
    logs: impl IntoIterator<Item = RawLog>,
) -> Result<TapeLog, DecodeError> {
    let mut events = Vec::new();
    for log in logs {
        tape.push(log)?;
        events.extend(std::iter::from_fn(|| tape.take()));
    }
    tape.finish()?;
    events.extend(std::iter::from_fn(|| tape.take()));
    Ok(TapeLog { events, counts: tape.counts() })
}
