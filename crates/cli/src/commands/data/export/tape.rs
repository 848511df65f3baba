use std::path::{Path, PathBuf};

use tidemill_amm::Pool;
use tidemill_catalogue::{Catalogue, Dataset, Range, Source};
use tidemill_feed_evm::snapshot::tape_start;
use tidemill_model::{InitialPosition, PoolHeader, PoolStart, Tape, TapeEvent};
use tidemill_store::{PoolDescription, PoolState, ShareTape};

use crate::failure::Failure;

/// A tape that is to be written.
pub(super) struct Wanted<'a> {
    pub(super) source: &'a Source,
    pub(super) range: Range,
    /// The state that the pool's description begins with, with all ticks.
    pub(super) state: Option<&'a PathBuf>,
    pub(super) out: &'a Path,
}

/// Writes a pool's events as a tape; returns how many.
pub(super) async fn write(data: &Catalogue, wanted: Wanted<'_>) -> Result<u64, Failure> {
    let Wanted { source, range, state, out } = wanted;
    if source.dataset() != Dataset::PoolEvents {
        return Err(Failure::input(format!("{source}: is no pool's events; a tape is")));
    }
    let rows = data.read::<TapeEvent>(source, range).await.map_err(Failure::input)?;
    let frame = rows.frame().clone();
    let events = rows.collect().await.map_err(Failure::input)?;
    let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
    let written = match frame {
        PoolDescription::Concentrated(header) => {
            let initial_positions = match state {
                Some(file) => positions(file, &header, &events)?,
                None => Vec::new(),
            };
            tidemill_store::write_tape(out, &Tape { header, initial_positions, events })
        }
        PoolDescription::Shares(header, start) => {
            if let Some(file) = state {
                let text = "--state is of pools of positions; the description has this pool's own";
                return Err(Failure::input(format!("{}: {text}", file.display())));
            }
            tidemill_store::write_share_tape(out, &ShareTape { header, start: *start, events })
        }
    };
    written.map_err(Failure::input)?;
    Ok(count)
}

/// Ranges that add up to the ticks of the state that the tape begins with.
fn positions(
    file: &Path,
    header: &PoolHeader,
    events: &[TapeEvent],
) -> Result<Vec<InitialPosition>, Failure> {
    let wrong =
        |what: &dyn std::fmt::Display| Failure::input(format!("{}: {what}", file.display()));
    let Pool::Concentrated(pool) = PoolState::read(file).map_err(Failure::input)?.pool else {
        return Err(wrong(&"is the state of a pool of shares; the source is of positions"));
    };
    let PoolStart::Snapshot { block, sqrt_price, tick, liquidity } = header.start else {
        let text = "is for descriptions with a state and a tick map; the source's has none";
        return Err(wrong(&text));
    };
    let state = pool.state();
    if (state.sqrt_price, state.tick, state.liquidity) != (sqrt_price, tick, liquidity) {
        return Err(wrong(&"has another price, tick or liquidity than the source's description"));
    }
    let (_, positions) = tape_start(&state, block, events).map_err(|error| wrong(&error))?;
    Ok(positions)
}
