//! What the logs of a pool of shares say, one event for each call.
//!
//! One call writes several logs, so a transaction's are read together: as many as one transaction
//! has are held, and a few numbers from one to the next.

mod balancer_v1;
mod contracts;
mod curve;
mod curve_events;
mod metapool;
mod pair;
mod sink;
mod vault;

use std::collections::{BTreeMap, VecDeque};

use tidemill_model::ShareEvent;
use tidemill_units::{Timestamp, TokenAmounts};

pub use contracts::{CurveContracts, CurveLogs, ShareContracts};
use sink::Sink;

use crate::{DecodeError, DecodeFault, LogPlace, RawLog};

/// An event of a pool of shares, where the first log of its call stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareLog {
    /// Where.
    pub place: LogPlace,
    /// The block's time, where it is told.
    pub time: Option<Timestamp>,
    /// What happened.
    pub event: ShareEvent,
}

/// Turns raw logs, in the order of the chain, into events of one pool of shares.
///
/// Give it each log of the pool's contracts by [`push`](Self::push), ask for what is ready by
/// [`take`](Self::take), and call [`finish`](Self::finish) at the end: the last transaction is held
/// until something comes after it. Logs of other contracts are passed over, so that a whole
/// block's may be given. Where logs do not name their transaction, those of a block are read as
/// one.
///
/// With the tokens' own `Transfer` logs beside the pool's, what was given to a pool or taken out of
/// it by calls that the pool logs nothing of is an event as well; see `docs/raw-logs.md` for what
/// no log says.
#[derive(Debug)]
pub struct ShareLogs {
    contracts: ShareContracts,
    reader: Reader,
    held: Vec<RawLog>,
    last: Option<LogPlace>,
    ready: VecDeque<ShareLog>,
    irrelevant: BTreeMap<&'static str, u64>,
}

/// What each protocol needs from one transaction to the next.
#[derive(Debug)]
enum Reader {
    Pair(Box<pair::PairReader>),
    BalancerV1(balancer_v1::BPoolReader),
    Vault(Box<vault::VaultReader>),
    Curve(Box<curve::CurveReader>),
    Metapool(Box<metapool::MetapoolReader>),
}

impl ShareLogs {
    /// The most logs of one transaction, those of other contracts not counted.
    pub const MOST_LOGS: usize = 16_384;

    /// Begins to read the logs of a pool.
    pub fn new(contracts: ShareContracts) -> Self {
        let reader = match &contracts {
            ShareContracts::Pair { .. } => Reader::Pair(Box::default()),
            ShareContracts::BalancerV1 { .. } => {
                Reader::BalancerV1(balancer_v1::BPoolReader::new())
            }
            ShareContracts::Vault { .. } => Reader::Vault(Box::default()),
            ShareContracts::Curve(pool) => Reader::Curve(Box::new(curve::CurveReader::new(pool))),
            ShareContracts::Metapool { pool, base } => {
                Reader::Metapool(Box::new(metapool::MetapoolReader::new(pool, base)))
            }
        };
        Self {
            contracts,
            reader,
            held: Vec::new(),
            last: None,
            ready: VecDeque::new(),
            irrelevant: BTreeMap::new(),
        }
    }

    /// Says what a pair's reserves are before the first log, and what it holds beyond them. Until
    /// they are known, by this or by a log, what was given right before a withdrawal is not told.
    pub fn begin_with_reserves(&mut self, reserves: TokenAmounts, given: TokenAmounts) {
        if let Reader::Pair(reader) = &mut self.reader {
            reader.begin(reserves, given);
        }
    }

    /// Takes the next log.
    ///
    /// Errors: a log that is not after the one before it; one that its contract does not write;
    /// what no tape has an event for; more than [`MOST_LOGS`](Self::MOST_LOGS) of one transaction.
    /// Each names the log's place. What was read of the transaction is then lost; the events before
    /// it stay.
    pub fn push(&mut self, log: &RawLog) -> Result<(), DecodeError> {
        let at = |fault| DecodeError { place: log.place, fault };
        if let Some(before) = self.last.filter(|before| *before >= log.place) {
            return Err(at(DecodeFault::OutOfOrder { before }));
        }
        self.last = Some(log.place);
        if self.held.first().is_some_and(|first| !is_one_transaction(first, log)) {
            self.flush()?;
        }
        if log.address.is_none() && self.contracts.are_several() {
            let found = "no contract".to_owned();
            return Err(at(DecodeFault::OtherContract { found }));
        }
        if !self.contracts.concern(log) {
            return Ok(());
        }
        if self.held.len() >= Self::MOST_LOGS {
            self.held.clear();
            return Err(at(DecodeFault::TooManyLogs { most: Self::MOST_LOGS }));
        }
        self.held.push(log.clone());
        Ok(())
    }

    /// Reads the last transaction.
    ///
    /// Errors: as [`push`](Self::push).
    pub fn finish(&mut self) -> Result<(), DecodeError> {
        self.flush()
    }

    /// Returns the next event, in the order of the chain; `None` where none is ready yet.
    pub fn take(&mut self) -> Option<ShareLog> {
        self.ready.pop_front()
    }

    /// Returns how many logs said nothing that a tape has, by the event's name.
    pub fn irrelevant(&self) -> &BTreeMap<&'static str, u64> {
        &self.irrelevant
    }

    fn flush(&mut self) -> Result<(), DecodeError> {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return Ok(());
        }
        let mut sink = Sink::new(&mut self.irrelevant);
        let contracts = &self.contracts;
        match &mut self.reader {
            Reader::Pair(reader) => reader.transaction(contracts, &held, &mut sink)?,
            Reader::BalancerV1(reader) => reader.transaction(contracts, &held, &mut sink)?,
            Reader::Vault(reader) => reader.transaction(contracts, &held, &mut sink)?,
            Reader::Curve(reader) => reader.transaction(&held, &mut sink)?,
            Reader::Metapool(reader) => reader.transaction(&held, &mut sink)?,
        }
        self.ready.extend(sink.into_events());
        Ok(())
    }
}

fn is_one_transaction(first: &RawLog, log: &RawLog) -> bool {
    first.place.block == log.place.block && first.transaction == log.transaction
}
