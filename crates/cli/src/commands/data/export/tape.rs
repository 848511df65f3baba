use std::path::{Path, PathBuf};

use tidemill_amm::Pool;
use tidemill_catalogue::{Catalogue, Dataset, Range, Source, Span};
use tidemill_feed_evm::snapshot::tape_start;
use tidemill_model::{InitialPosition, PoolHeader, PoolStart, Tape, TapeEvent};
use tidemill_replay::{RunTape, cut_tape};
use tidemill_store::{AnyTape, PoolDescription, PoolState, ShareTape};
use tidemill_units::InstantUs;

use crate::commands::data::time_text;
use crate::failure::Failure;

/// A tape that is to be written.
pub(super) struct Wanted<'a> {
    pub(super) source: &'a Source,
    /// When it begins; with the source's first event where not given.
    pub(super) from: Option<InstantUs>,
    /// The first time that is left out.
    pub(super) to: Option<InstantUs>,
    /// The state that the pool's description begins with, with all ticks.
    pub(super) state: Option<&'a PathBuf>,
    pub(super) out: &'a Path,
}

/// Writes a pool's events as a tape; returns how many. One that begins later than the source
/// begins with the pool's state there.
pub(super) async fn write(data: &Catalogue, wanted: Wanted<'_>) -> Result<u64, Failure> {
    let Wanted { source, from, to, state, out } = wanted;
    if source.dataset() != Dataset::PoolEvents {
        return Err(Failure::input(format!("{source}: is no pool's events; a tape is")));
    }
    let range = to.map_or(Range::All, |to| Range::Time(Span { from: i64::MIN, to: to.0 }));
    let rows = data.read::<TapeEvent>(source, range).await.map_err(Failure::input)?;
    let frame = rows.frame().clone();
    let events = rows.collect().await.map_err(Failure::input)?;
    let mut tape = whole(frame, events, state)?;
    if let Some(from) = from {
        tape = cut_tape(tape, from).map_err(|error| {
            Failure::input(format!(
                "{source}: a tape cannot begin at {}: {error}; without --from it begins where its \
                 description does",
                time_text(from)
            ))
        })?;
    }
    let count = RunTape::from(&tape).events().len();
    let written = match &tape {
        AnyTape::Concentrated(tape) => tidemill_store::write_tape(out, tape),
        AnyTape::Shares(tape) => tidemill_store::write_share_tape(out, tape),
    };
    written.map_err(Failure::input)?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Puts the tape together that begins where the description does.
fn whole(
    frame: PoolDescription,
    events: Vec<TapeEvent>,
    state: Option<&PathBuf>,
) -> Result<AnyTape, Failure> {
    match (frame, state) {
        (PoolDescription::Concentrated(header), state) => {
            let initial_positions = match state {
                Some(file) => positions(file, &header, &events)?,
                None => Vec::new(),
            };
            Ok(AnyTape::Concentrated(Tape { header, initial_positions, events }))
        }
        (PoolDescription::Shares(header, start), None) => {
            Ok(AnyTape::Shares(ShareTape { header, start: *start, events }))
        }
        (PoolDescription::Shares(..), Some(file)) => {
            let text = "--state is of pools of positions; the description has this pool's own";
            Err(Failure::input(format!("{}: {text}", file.display())))
        }
    }
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
