use tidemill_catalogue::{Catalogue, FileEntry, Range, Span, Writer};
use tidemill_model::{PoolEvent, ShareEvent, TapeEvent};

use super::super::chunks;
use crate::failure::Failure;

/// Refuses to leave blocks out between a pool's state and the first block asked for.
pub(super) fn check_no_hole(
    writer: &Writer<TapeEvent>,
    state_after_block: u64,
    from: u64,
) -> Result<(), Failure> {
    let start = state_after_block.saturating_add(1);
    let missing = match from.checked_sub(1) {
        Some(last) if last >= start => {
            chunks::first_missing(&writer.manifest().coverage, (start, last))
        }
        Some(_) | None => from,
    };
    if missing >= from {
        return Ok(());
    }
    let text = format!(
        "--from-block {from}: blocks {missing} to {} would be left out; allowed is {missing} or \
         below, since a pool of shares is read from its state on",
        from.saturating_sub(1)
    );
    Err(Failure::input(text))
}

/// The last kept block of which the logs tell a pair's reserves.
pub(super) async fn last_reserves(
    data: &Catalogue,
    writer: &Writer<TapeEvent>,
    before: u64,
) -> Result<Option<u64>, Failure> {
    let source = &writer.manifest().source;
    let mut files: Vec<&FileEntry> = writer.manifest().files.iter().collect();
    files.sort_by(|one, other| other.last.cmp(&one.last));
    for file in files {
        let Some(span) = Span::new(file.first.first, file.last.first.saturating_add(1)) else {
            continue;
        };
        let rows = data.read::<TapeEvent>(source, Range::Keys(span)).await;
        let mut rows = rows.map_err(Failure::input)?;
        let mut last = None;
        while let Some(batch) = rows.next_rows().await.map_err(Failure::input)? {
            let told = batch.iter().rev().find(|row| row.block.0 < before && tells(&row.event));
            last = told.map(|row| row.block.0).or(last);
        }
        if last.is_some() {
            return Ok(last);
        }
    }
    Ok(None)
}

/// Whether the call behind an event of a pair ended in a `Sync`.
fn tells(event: &PoolEvent) -> bool {
    let PoolEvent::Shares(event) = event else { return false };
    match event {
        ShareEvent::PairSwap { .. }
        | ShareEvent::Deposit(_)
        | ShareEvent::Withdraw(_)
        | ShareEvent::Sync(_) => true,
        ShareEvent::Swap { .. }
        | ShareEvent::SwapUnderlying { .. }
        | ShareEvent::WithdrawImbalance(_)
        | ShareEvent::WithdrawOne { .. }
        | ShareEvent::Gift(_)
        | ShareEvent::Skim(_)
        | ShareEvent::ClaimFees(_)
        | ShareEvent::ClaimAdminFees(_)
        | ShareEvent::ClaimAdminShares(_)
        | ShareEvent::Ramp(_)
        | ShareEvent::StopRamp
        | ShareEvent::SetParameters(_)
        | ShareEvent::Claiming { .. }
        | ShareEvent::Base(_) => false,
    }
}
