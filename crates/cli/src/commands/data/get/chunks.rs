//! Chunks of a chain's history on their way into the data folder.

use tidemill_catalogue::{Answered, Block, Coverage, Gap, Record, Span, Writer, block_place};
use tidemill_feed_evm::backfill::{Chunk, SinkError};
use tidemill_feed_evm::rpc::BlockHeader;
use tidemill_units::{BlockNumber, Gas, GasPrice, InstantUs};

/// Keeps rows, from a sink that does not wait.
pub(super) fn append<R: Record>(
    writer: &mut Writer<R>,
    rows: Vec<R>,
    answered: &Answered,
) -> Result<(), SinkError> {
    let appended = tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(writer.append(rows, answered))
    });
    appended.map(drop).map_err(refused)
}

pub(super) fn refused(error: impl std::error::Error + Send + Sync + 'static) -> SinkError {
    SinkError(Box::new(error))
}

/// The first block of a range that is not kept yet; behind the range where all are.
pub(super) fn first_missing(coverage: &Coverage, (from, to): (u64, u64)) -> u64 {
    let place = |block| block_place(BlockNumber(block));
    let asked = place(from).zip(place(to.saturating_add(1)));
    let Some(asked) = asked.and_then(|(from, to)| Span::new(from, to)) else { return from };
    match coverage.missing(asked).first() {
        Some(span) => u64::try_from(span.from).unwrap_or(from),
        None => to.saturating_add(1),
    }
}

/// What of a chunk's blocks was answered, and what is a gap.
pub(super) fn answered(chunk: &Chunk) -> Result<Answered, SinkError> {
    let past = || SinkError("a block's number is past 2^63".into());
    let span = |from: BlockNumber, to: BlockNumber| {
        let to = BlockNumber(to.0.saturating_add(1));
        block_place(from).zip(block_place(to)).ok_or_else(past)
    };
    let (from, to) = span(chunk.from, chunk.to)?;
    let mut gaps = Vec::new();
    for gap in &chunk.gaps {
        let (from, to) = span(gap.from, gap.to)?;
        gaps.push(Gap { from, to, cause: gap.cause.to_string() });
    }
    Ok(Answered { spans: Span::new(from, to).into_iter().collect(), gaps })
}

pub(super) fn block(header: &BlockHeader) -> Block {
    Block {
        number: header.number,
        time: InstantUs::from_timestamp(header.time),
        hash: Some(header.hash),
        parent_hash: Some(header.parent_hash),
        base_fee: header.base_fee_wei.map(|fee| GasPrice(u128::from(fee))),
        gas_price: None,
        gas_used: Some(Gas(header.gas_used)),
    }
}
