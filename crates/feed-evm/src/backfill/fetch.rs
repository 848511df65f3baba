use std::sync::atomic::{AtomicUsize, Ordering};

use alloy_rpc_types_eth::Log;
use serde_json::{Value, json};
use tidemill_model::Bytes32;
use tidemill_units::BlockNumber;

use super::options::{Agreement, BackfillOptions, HeadersKept};
use super::piece::{Blocks, Piece, check_headers};
use super::ranges::Ranges;
use crate::RawLog;
use crate::rpc::{
    Ask, BlockHeader, CallError, DataFault, Endpoints, ErrorClass, LogQuery, RangeLimit, RpcError,
    RpcFault, check_logs, merge_logs, quantity,
};

pub(super) const HEADERS: &str = "eth_getBlockByNumber";
pub(super) const LOGS: &str = "eth_getLogs";

/// Asks nodes for ranges and checks what they answer.
pub(super) struct Fetcher<'a> {
    pub(super) endpoints: &'a Endpoints,
    pub(super) query: &'a LogQuery,
    pub(super) options: BackfillOptions,
    /// The nodes that have the blocks, by their places.
    pub(super) nodes: Vec<usize>,
    pub(super) ranges: Ranges,
    batches: Vec<AtomicUsize>,
    /// The last block whose successor is there to name it as its parent.
    last_attested: u64,
}

/// Why there is no piece.
#[derive(Debug)]
pub(super) enum NoPiece {
    /// A node would answer for fewer blocks.
    Less { node: usize, limit: RangeLimit },
    /// No node could be relied on.
    Failed(CallError),
}

impl<'a> Fetcher<'a> {
    pub(super) fn new(
        endpoints: &'a Endpoints,
        query: &'a LogQuery,
        options: BackfillOptions,
        (nodes, last): (Vec<usize>, u64),
    ) -> Self {
        let batch = |node| AtomicUsize::new(endpoints.batch_limit(node));
        let batches = (0..endpoints.len()).map(batch).collect();
        let ranges = Ranges::new(endpoints.len(), options.chunk_blocks);
        let last_attested = if options.confirmations == 0 { last.saturating_sub(1) } else { last };
        Self { endpoints, query, options, nodes, ranges, batches, last_attested }
    }

    /// The nodes, the turn's own first.
    pub(super) fn order(&self, turn: usize) -> impl Iterator<Item = usize> + '_ {
        let count = self.nodes.len();
        let place = move |step: usize| turn.wrapping_add(step).checked_rem(count).unwrap_or(0);
        (0..count).filter_map(move |step| self.nodes.get(place(step)).copied())
    }

    /// Fetches a range from the first node that can be relied on.
    pub(super) async fn piece(
        &self,
        blocks: Blocks,
        turn: usize,
        parent: Option<Bytes32>,
    ) -> Result<Piece, NoPiece> {
        let mut failures: Vec<RpcError> = Vec::new();
        // A single node is asked twice, since what it did wrong may have been a moment's.
        let turns = if self.nodes.len() == 1 { 2 } else { 1 };
        for node in (0..turns).flat_map(|_| self.order(turn)) {
            let error = match self.attempt(blocks, node, parent).await {
                Ok(piece) => return Ok(piece),
                Err(error) => error,
            };
            if let Some(limit) = error.fault.range_limit()
                && blocks.count() > 1
            {
                return Err(NoPiece::Less { node, limit });
            }
            failures.push(error);
        }
        Err(NoPiece::Failed(CallError { failures }))
    }

    async fn attempt(
        &self,
        blocks: Blocks,
        node: usize,
        parent: Option<Bytes32>,
    ) -> Result<Piece, RpcError> {
        let logs = self.logs(blocks, node).await?;
        let every = self.options.headers == HeadersKept::Every;
        let asked = if every { self.every(blocks) } else { with_logs(blocks, &logs) };
        let mut headers = self.headers(&asked, node).await?;
        let blame = |fault| self.endpoints.blame(node, HEADERS, RpcFault::Data(fault));
        check_headers(&asked, &headers, parent).map_err(blame)?;
        headers.retain(|header| header.number.0 <= blocks.to);
        let mut piece = Piece { blocks, logs, headers };
        let blame = |fault| self.endpoints.blame(node, LOGS, RpcFault::Data(fault));
        piece.settle(every).map_err(blame)?;
        let doubtful = if every { piece.doubtful(self.query) } else { Vec::new() };
        if !doubtful.is_empty() || self.options.agreement == Agreement::Two {
            piece = self.confirm(piece, node, &doubtful).await?;
        }
        if !every {
            piece.keep_headers_of_logs();
        }
        Ok(piece)
    }

    /// Every block, and the one after: it names the last one's hash, which nothing else does.
    fn every(&self, blocks: Blocks) -> Vec<u64> {
        let after = u64::from(blocks.to <= self.last_attested);
        (blocks.from..=blocks.to.saturating_add(after)).collect()
    }

    /// The logs of a range as one node has them, checked by themselves.
    pub(super) async fn logs(&self, blocks: Blocks, node: usize) -> Result<Vec<RawLog>, RpcError> {
        let (from, to) = (BlockNumber(blocks.from), BlockNumber(blocks.to));
        let blame = |fault: DataFault| self.endpoints.blame(node, LOGS, RpcFault::Data(fault));
        let mut answers = Vec::with_capacity(self.query.filters.len());
        for filter in &self.query.filters {
            let logs: Vec<Log> = self.endpoints.on(node, &filter.by_range(from, to)).await?;
            answers.push(check_logs(filter, from, to, logs).map_err(blame)?);
        }
        merge_logs(answers).map_err(blame)
    }

    async fn headers(&self, numbers: &[u64], node: usize) -> Result<Vec<BlockHeader>, RpcError> {
        let mut headers = Vec::with_capacity(numbers.len());
        let mut rest = numbers;
        while !rest.is_empty() {
            let size = self.batch(node).min(rest.len());
            let (now, later) = rest.split_at(size);
            let params: Vec<Value> =
                now.iter().map(|number| json!([quantity(*number), false])).collect();
            let answer = match (size, params.as_slice()) {
                (1, [params]) => {
                    let ask = Ask { method: HEADERS, params: params.clone() };
                    self.endpoints.on(node, &ask).await.map(|header| vec![header])
                }
                _ => self.endpoints.batch_on(node, HEADERS, &params).await,
            };
            match answer {
                Ok(more) => {
                    headers.extend::<Vec<BlockHeader>>(more);
                    rest = later;
                }
                // Some take no batches, or only small ones, and say so in many ways.
                Err(error) if size > 1 && too_many_at_once(&error.fault) => {
                    self.shrink_batch(node, size / 2);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(headers)
    }

    fn batch(&self, node: usize) -> usize {
        self.batches.get(node).map_or(1, |batch| batch.load(Ordering::Relaxed)).max(1)
    }

    fn shrink_batch(&self, node: usize, size: usize) {
        if let Some(batch) = self.batches.get(node) {
            batch.fetch_min(size.max(1), Ordering::Relaxed);
        }
    }
}

/// Blocks with logs, and the last one: a node that has its header has the range.
fn with_logs(blocks: Blocks, logs: &[RawLog]) -> Vec<u64> {
    let mut numbers: Vec<u64> = logs.iter().map(|log| log.place.block.0).collect();
    numbers.push(blocks.to);
    numbers.dedup();
    numbers
}

fn too_many_at_once(fault: &RpcFault) -> bool {
    let refused = matches!(
        fault,
        RpcFault::Answer { .. }
            | RpcFault::Http { .. }
            | RpcFault::BodyTooLarge { .. }
            | RpcFault::OtherAnswer(_)
            | RpcFault::Shape(_)
            | RpcFault::Timeout(_)
    );
    refused && !matches!(fault.class(), ErrorClass::RetryAfter(_))
}
