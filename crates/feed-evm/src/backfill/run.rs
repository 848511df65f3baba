use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tidemill_units::BlockNumber;

use super::chunk::{Chunk, Sink};
use super::fetch::Fetcher;
use super::options::{Agreement, BackfillError, BackfillOptions, BackfillRequest};
use super::piece::Blocks;
use super::segment::last_hash;
use crate::rpc::{CallError, Endpoints, RpcError, RpcFault};

/// How far a backfill is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The first block that is not yet kept.
    pub next: BlockNumber,
    /// Blocks kept in this run.
    pub blocks: u64,
    /// Blocks that are left.
    pub blocks_left: u64,
    /// Logs kept in this run.
    pub logs: u64,
    /// Gaps named in this run.
    pub gaps: u64,
    /// Requests sent in this run, each part of a batch counted.
    pub requests: u64,
    /// The time this run has taken.
    pub elapsed: Duration,
}

/// What a backfill did in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackfillReport {
    /// How far it came: to the end.
    pub progress: Progress,
    /// Why nodes were left out.
    pub left_out: Vec<RpcError>,
}

impl Progress {
    /// The time that is left if the rest goes as the blocks of this run did.
    pub fn time_left(&self) -> Option<Duration> {
        let elapsed = self.elapsed.as_millis().checked_mul(u128::from(self.blocks_left))?;
        let left = elapsed.checked_div(u128::from(self.blocks))?;
        u64::try_from(left).ok().map(Duration::from_millis)
    }
}

/// Fetches the logs of a range of blocks into a sink, in order, from several nodes at once; goes
/// on where the sink says it is.
///
/// `tell` hears of every chunk that was kept. Dropping the future at any point loses nothing that
/// the sink has.
///
/// Errors: a range or option that makes no sense, no node with the blocks, nodes that are gone for
/// several chunks, a sink that cannot go on.
pub async fn backfill(
    endpoints: &Endpoints,
    request: &BackfillRequest,
    options: BackfillOptions,
    sink: &mut dyn Sink,
    tell: &mut (dyn FnMut(&Progress) + Send),
) -> Result<BackfillReport, BackfillError> {
    check(request, options)?;
    let clock = endpoints.clock();
    let (start, requests) = (clock.now(), endpoints.requests());
    let resume = sink.progress()?;
    let first = resume.map_or(request.from, |resume| resume.next.max(request.from));
    let mut parent = resume.filter(|resume| resume.next == first).and_then(|kept| kept.parent);
    let total = request.to.0.saturating_add(1).saturating_sub(first.0);
    let mut progress = Progress {
        next: first,
        blocks: 0,
        blocks_left: total,
        logs: 0,
        gaps: 0,
        requests: 0,
        elapsed: Duration::ZERO,
    };
    if total == 0 {
        return Ok(BackfillReport { progress, left_out: Vec::new() });
    }
    let (nodes, left_out) = usable(endpoints, request.to, options).await?;
    let fetcher = Fetcher::new(endpoints, &request.query, options, (nodes, request.to.0));
    let chunks = chunk_ranges(first.0, request.to.0, options.chunk_blocks).enumerate();
    let fetches = chunks.map(|(turn, blocks)| fetcher.chunk(blocks, turn, None));
    let mut fetched = std::pin::pin!(stream::iter(fetches).buffered(options.window));
    let (mut turn, mut lost) = (0_usize, 0_u32);
    while let Some(mut chunk) = fetched.next().await {
        if !fetcher.follows(&chunk, parent) {
            // Some node gave another branch, or another chain: whoever follows on is asked.
            let blocks = Blocks { from: chunk.from.0, to: chunk.to.0 };
            chunk = fetcher.chunk(blocks, turn, parent).await;
        }
        turn = turn.wrapping_add(1);
        lost = if is_lost(&chunk) { lost.saturating_add(1) } else { 0 };
        if lost >= options.lost_chunks
            && let Some(gap) = chunk.gaps.pop()
        {
            return Err(BackfillError::Lost(Box::new(gap)));
        }
        parent = last_hash(&chunk.headers, chunk.to.0);
        progress.add(&chunk);
        sink.accept(chunk)?;
        progress.requests = endpoints.requests().saturating_sub(requests);
        progress.elapsed = clock.now().saturating_sub(start);
        tell(&progress);
    }
    Ok(BackfillReport { progress, left_out })
}

impl Progress {
    fn add(&mut self, chunk: &Chunk) {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let blocks = Blocks { from: chunk.from.0, to: chunk.to.0 }.count();
        self.next = BlockNumber(chunk.to.0.saturating_add(1));
        self.blocks = self.blocks.saturating_add(blocks);
        self.blocks_left = self.blocks_left.saturating_sub(blocks);
        self.logs = self.logs.saturating_add(count(chunk.logs.len()));
        self.gaps = self.gaps.saturating_add(count(chunk.gaps.len()));
    }
}

fn check(request: &BackfillRequest, options: BackfillOptions) -> Result<(), BackfillError> {
    let (from, to) = (request.from, request.to);
    if to < from {
        return Err(BackfillError::Range { from, to });
    }
    let zero = [
        ("chunk_blocks", options.chunk_blocks == 0),
        ("window", options.window == 0),
        ("lost_chunks", options.lost_chunks == 0),
    ];
    match zero.iter().find(|(_, zero)| *zero) {
        Some((name, _)) => Err(BackfillError::Zero(name)),
        None => Ok(()),
    }
}

/// The nodes that have the last block and enough after it, and why the others have not.
async fn usable(
    endpoints: &Endpoints,
    to: BlockNumber,
    options: BackfillOptions,
) -> Result<(Vec<usize>, Vec<RpcError>), BackfillError> {
    let needed = BlockNumber(to.0.saturating_add(options.confirmations));
    let (mut nodes, mut left_out) = (Vec::new(), Vec::new());
    for (index, head) in endpoints.heads().await.into_iter().enumerate() {
        match head {
            Ok(head) if head.number >= needed => nodes.push(index),
            Ok(head) => {
                let fault = RpcFault::Lagging { head: head.number, best: needed };
                left_out.push(endpoints.blame(index, "eth_getBlockByNumber", fault));
            }
            Err(error) => left_out.push(error),
        }
    }
    if nodes.is_empty() {
        let (confirmations, heads) = (options.confirmations, CallError { failures: left_out });
        return Err(BackfillError::BeyondHead { to, confirmations, heads });
    }
    if nodes.len() < 2 && options.agreement == Agreement::Two {
        let others = CallError { failures: left_out };
        return Err(BackfillError::NotTwo { usable: nodes.len(), others });
    }
    Ok((nodes, left_out))
}

/// Cuts a range at the multiples of a size.
fn chunk_ranges(first: u64, last: u64, size: u64) -> impl Iterator<Item = Blocks> {
    let end = move |from: u64| {
        let rest = from.checked_rem(size).unwrap_or(0);
        from.saturating_add(size.saturating_sub(rest).saturating_sub(1)).min(last)
    };
    let start = Blocks { from: first, to: end(first) };
    std::iter::successors(Some(start), move |blocks| {
        let from = blocks.to.checked_add(1).filter(|from| *from <= last)?;
        Some(Blocks { from, to: end(from) })
    })
}

/// Whether nothing is known of a whole chunk.
fn is_lost(chunk: &Chunk) -> bool {
    let gaps = chunk.gaps.iter().map(|gap| Blocks { from: gap.from.0, to: gap.to.0 }.count());
    let unknown = gaps.fold(0, u64::saturating_add);
    unknown >= Blocks { from: chunk.from.0, to: chunk.to.0 }.count()
}
