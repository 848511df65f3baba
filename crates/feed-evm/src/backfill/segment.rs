use tidemill_model::Bytes32;
use tidemill_units::BlockNumber;

use super::chunk::{Chunk, Gap, GapCause};
use super::fetch::{Fetcher, NoPiece};
use super::options::HeadersKept;
use super::piece::Blocks;

impl Fetcher<'_> {
    /// Fetches a chunk, in as many pieces as the nodes make necessary.
    pub(super) async fn chunk(
        &self,
        blocks: Blocks,
        turn: usize,
        mut parent: Option<Bytes32>,
    ) -> Chunk {
        let (from, to) = (BlockNumber(blocks.from), BlockNumber(blocks.to));
        let mut chunk = Chunk { from, to, logs: Vec::new(), headers: Vec::new(), gaps: Vec::new() };
        let mut next = Some(blocks.from);
        let mut narrower = u64::MAX;
        while let Some(from) = next.filter(|next| *next <= blocks.to) {
            let node = self.order(turn).next().unwrap_or(0);
            let width = self.ranges.width(node).min(narrower);
            let to = from.saturating_add(width.saturating_sub(1)).min(blocks.to);
            let range = Blocks { from, to };
            match self.piece(range, turn, parent).await {
                Ok(piece) => {
                    self.ranges.answered(node, range.count());
                    narrower = u64::MAX;
                    parent = last_hash(&piece.headers, to);
                    chunk.logs.extend(piece.logs);
                    chunk.headers.extend(piece.headers);
                    next = to.checked_add(1);
                }
                Err(NoPiece::Less { node, limit }) => {
                    narrower = self.ranges.refused(node, from, range.count(), limit);
                }
                Err(NoPiece::Failed(failures)) => {
                    let cause = match failures.range_limit() {
                        Some(_) => GapCause::TooManyLogs(failures),
                        None => GapCause::Failed(failures),
                    };
                    narrower = u64::MAX;
                    parent = None;
                    let (from, to) = (BlockNumber(from), BlockNumber(to));
                    chunk.gaps.push(Gap { from, to, cause });
                    next = to.0.checked_add(1);
                }
            }
        }
        chunk
    }

    /// Whether a chunk follows on the block of this hash, as far as its headers say.
    pub(super) fn follows(&self, chunk: &Chunk, parent: Option<Bytes32>) -> bool {
        let first = chunk.headers.first().filter(|header| header.number == chunk.from);
        match (self.options.headers, first, parent) {
            (HeadersKept::Every, Some(first), Some(parent)) => first.parent_hash == parent,
            (HeadersKept::Every | HeadersKept::OfLogs, _, _) => true,
        }
    }
}

/// The hash of the last block, if its header is there.
pub(super) fn last_hash(headers: &[crate::rpc::BlockHeader], last: u64) -> Option<Bytes32> {
    headers.last().filter(|header| header.number.0 == last).map(|header| header.hash)
}
