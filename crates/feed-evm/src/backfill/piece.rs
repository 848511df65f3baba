use tidemill_model::Bytes32;
use tidemill_units::BlockNumber;

use crate::RawLog;
use crate::rpc::{BlockHeader, DataFault, LogQuery, maybe_missing, settle};

/// A range of blocks, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blocks {
    pub(super) from: u64,
    pub(super) to: u64,
}

/// The logs and headers of a range, checked against each other.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) blocks: Blocks,
    pub(super) logs: Vec<RawLog>,
    pub(super) headers: Vec<BlockHeader>,
}

impl Blocks {
    pub(super) fn count(self) -> u64 {
        self.to.saturating_sub(self.from).saturating_add(1)
    }
}

impl Piece {
    /// Checks every log against its block's header.
    pub(super) fn settle(&mut self, by_bloom: bool) -> Result<(), DataFault> {
        let mut rest: &mut [RawLog] = &mut self.logs;
        for header in &self.headers {
            let mine = rest.iter().take_while(|log| log.place.block == header.number).count();
            let (logs, others) = rest.split_at_mut(mine);
            settle(header, logs, by_bloom)?;
            rest = others;
        }
        // Every log has a header, since headers are asked for by the logs' blocks at least.
        match rest.first() {
            Some(log) => Err(DataFault::OutsideRange(log.place)),
            None => Ok(()),
        }
    }

    /// The headers of blocks that may have logs which did not come.
    pub(super) fn doubtful(&self, query: &LogQuery) -> Vec<BlockHeader> {
        let mut at = 0_usize;
        let mut doubtful = Vec::new();
        for header in &self.headers {
            let rest = self.logs.get(at..).unwrap_or_default();
            let mine = rest.iter().take_while(|log| log.place.block == header.number).count();
            if maybe_missing(query, header, rest.get(..mine).unwrap_or_default()) {
                doubtful.push(header.clone());
            }
            at = at.saturating_add(mine);
        }
        doubtful
    }

    /// The logs of one block replaced by others.
    pub(super) fn replace(&mut self, block: BlockNumber, logs: Vec<RawLog>) {
        self.logs.retain(|log| log.place.block != block);
        self.logs.extend(logs);
        self.logs.sort_by_key(|log| log.place);
    }

    /// Leaves only headers of blocks with logs.
    pub(super) fn keep_headers_of_logs(&mut self) {
        let logs = &self.logs;
        let has = |number| logs.binary_search_by_key(&number, |log| log.place.block).is_ok();
        self.headers.retain(|header| has(header.number));
    }
}

/// Whether every one of `few` is among `many`; both in the chain's order.
pub(crate) fn contains(many: &[RawLog], few: &[RawLog]) -> bool {
    let mut many = many.iter();
    few.iter().all(|log| many.any(|other| other == log))
}

/// Checks that headers are those asked for, and that each names the one before as its parent.
pub(super) fn check_headers(
    asked: &[u64],
    headers: &[BlockHeader],
    parent: Option<Bytes32>,
) -> Result<(), DataFault> {
    let first = asked.first().and_then(|first| first.checked_sub(1));
    let mut before = first.zip(parent);
    for (asked, header) in asked.iter().zip(headers) {
        if header.number.0 != *asked {
            let asked = BlockNumber(*asked);
            return Err(DataFault::OtherHeader { asked, found: header.number });
        }
        if let Some((number, hash)) = before
            && number.checked_add(1) == Some(*asked)
            && hash != header.parent_hash
        {
            let (block, named) = (header.number, header.parent_hash);
            return Err(DataFault::BrokenLink { block, named, before: hash });
        }
        before = Some((*asked, header.hash));
    }
    Ok(())
}
