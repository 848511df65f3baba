use tidemill_exec::World;
use tidemill_model::Event;

use crate::{Engine, EngineError};

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DriveError<E> {
    /// The engine refused an event.
    #[error(transparent)]
    Engine(EngineError),
    /// The outside broke down.
    #[error("{0}")]
    World(E),
}

/// Runs an engine in a world until there are no more events, showing each event to `observe` before
/// (`false`) and after (`true`) it is applied.
///
/// Errors: see [`DriveError`].
pub fn drive<W: World>(
    engine: &mut Engine,
    world: &mut W,
    mut observe: impl FnMut(&Engine, &Event, bool),
) -> Result<(), DriveError<W::Error>> {
    while let Some(event) = world.next(engine.market()).map_err(DriveError::World)? {
        observe(engine, &event, false);
        let step = engine.step(&event).map_err(DriveError::Engine)?;
        for approved in step.approved {
            world.submit(approved);
        }
        observe(engine, &event, true);
    }
    Ok(())
}
