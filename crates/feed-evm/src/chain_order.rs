use std::collections::VecDeque;

use crate::{DecodeError, DecodeFault, RawLog};

/// Puts logs in the order of the chain, each once.
///
/// Sources answer page by page and file by file, so logs come out of order within a window, and
/// where pages overlap, twice. A log that comes again is dropped and counted; a log at a place that
/// has another is refused, because one of them is of a block that is no more. Memory is bounded by
/// twice the window.
#[derive(Debug)]
pub struct ChainOrder {
    window: usize,
    /// In order: first those that were released, then those that are held. Boxed, so that a log
    /// that comes late moves pointers only.
    logs: VecDeque<Box<RawLog>>,
    released: usize,
    duplicates: u64,
}

impl ChainOrder {
    /// How many logs are held for one that belongs before them, if nothing else is asked for.
    pub const WINDOW: usize = 4_096;

    /// Begins to sort within a window of so many logs; with none, only what is in order is taken.
    pub fn new(window: usize) -> Self {
        Self { window, logs: VecDeque::new(), released: 0, duplicates: 0 }
    }

    /// Takes a log and returns the next one that is certain, if one is.
    ///
    /// Errors, with the log's place: another log was there ([`DecodeFault::Conflict`]), or it
    /// belongs before one that was already returned ([`DecodeFault::OutOfOrder`]).
    pub fn push(&mut self, log: RawLog) -> Result<Option<&RawLog>, DecodeError> {
        let is_next = self.logs.back().is_none_or(|last| last.place < log.place);
        if is_next {
            self.logs.push_back(Box::new(log));
        } else if !self.insert(log)? {
            return Ok(None);
        }
        let held = self.logs.len().saturating_sub(self.released);
        Ok(if held > self.window { self.release() } else { None })
    }

    /// Puts a log between others; false where it is there already.
    fn insert(&mut self, log: RawLog) -> Result<bool, DecodeError> {
        let at = |fault| DecodeError { place: log.place, fault };
        let place = match self.logs.binary_search_by_key(&log.place, |known| known.place) {
            Err(place) => place,
            Ok(place) => {
                let known = self.logs.get(place);
                if let Some(field) = known.and_then(|known| first_difference(known, &log)) {
                    return Err(at(DecodeFault::Conflict { field }));
                }
                self.duplicates = self.duplicates.saturating_add(1);
                return Ok(false);
            }
        };
        let last = self.released.checked_sub(1).and_then(|last| self.logs.get(last));
        if let Some(last) = last.filter(|_| place < self.released) {
            return Err(at(DecodeFault::OutOfOrder { before: last.place }));
        }
        self.logs.insert(place, Box::new(log));
        Ok(true)
    }

    /// Returns the next log where no more will come; `None` at the end.
    pub fn pop(&mut self) -> Option<&RawLog> {
        self.release()
    }

    /// Returns how many logs came again.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    fn release(&mut self) -> Option<&RawLog> {
        if self.released >= self.logs.len() {
            return None;
        }
        if self.released > self.window {
            self.logs.pop_front();
        } else {
            self.released = self.released.saturating_add(1);
        }
        self.logs.get(self.released.saturating_sub(1)).map(Box::as_ref)
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
