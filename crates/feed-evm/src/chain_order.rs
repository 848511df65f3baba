use std::collections::{BTreeMap, VecDeque};

use crate::{DecodeError, DecodeFault, LogPlace, RawLog};

/// Puts logs in the order of the chain, each once.
///
/// Sources answer page by page and file by file, so logs come out of order within a window, and
/// where pages overlap, twice. A log that comes again is dropped and counted; a log at a place that
/// has another is refused, because one of them is of a block that is no more. Memory is bounded by
/// twice the window.
#[derive(Debug)]
pub struct ChainOrder {
    window: usize,
    held: BTreeMap<LogPlace, RawLog>,
    /// The last that were released, in order.
    released: VecDeque<RawLog>,
    duplicates: u64,
}

impl ChainOrder {
    /// How many logs are held for one that belongs before them, if nothing else is asked for.
    pub const WINDOW: usize = 4_096;

    /// Begins to sort within a window of so many logs; with none, only what is in order is taken.
    pub fn new(window: usize) -> Self {
        Self { window, held: BTreeMap::new(), released: VecDeque::new(), duplicates: 0 }
    }

    /// Takes a log and returns the next one that is certain, if one is.
    ///
    /// Errors, with the log's place: another log was there ([`DecodeFault::Conflict`]), or it
    /// belongs before one that was already returned ([`DecodeFault::OutOfOrder`]).
    pub fn push(&mut self, log: RawLog) -> Result<Option<RawLog>, DecodeError> {
        let at = |fault| DecodeError { place: log.place, fault };
        if let Some(known) = self.known(log.place) {
            return match first_difference(known, &log) {
                Some(field) => Err(at(DecodeFault::Conflict { field })),
                None => {
                    self.duplicates = self.duplicates.saturating_add(1);
                    Ok(None)
                }
            };
        }
        let before = self.released.back().map(|last| last.place);
        if let Some(before) = before.filter(|before| *before > log.place) {
            return Err(at(DecodeFault::OutOfOrder { before }));
        }
        self.held.insert(log.place, log);
        if self.held.len() <= self.window {
            return Ok(None);
        }
        Ok(self.release())
    }

    /// Returns the next log where no more will come; `None` at the end.
    pub fn pop(&mut self) -> Option<RawLog> {
        self.release()
    }

    /// Returns how many logs came again.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    fn known(&self, place: LogPlace) -> Option<&RawLog> {
        let held = self.held.get(&place);
        held.or_else(|| {
            let at = self.released.binary_search_by_key(&place, |log| log.place).ok()?;
            self.released.get(at)
        })
    }

    fn release(&mut self) -> Option<RawLog> {
        let (_, log) = self.held.pop_first()?;
        if self.released.len() > self.window {
            self.released.pop_front();
        }
        self.released.push_back(log.clone());
        Some(log)
    }
}

/// The first field in which two logs of one place differ; what one of them leaves out is no
/// difference.
fn first_difference(one: &RawLog, other: &RawLog) -> Option<&'static str> {
    fn differ<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
        one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one != other)
    }
    let fields = [
        ("block_hash", differ(&one.block_hash, &other.block_hash)),
        ("transaction_hash", differ(&one.transaction, &other.transaction)),
        ("address", differ(&one.address, &other.address)),
        ("topics", one.topics != other.topics),
        ("data", one.data != other.data),
        ("block_time", differ(&one.time, &other.time)),
    ];
    fields.into_iter().find(|(_, is_different)| *is_different).map(|(field, _)| field)
}
