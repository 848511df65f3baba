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
    observe: impl FnMut(&Engine, &Event, bool),
) -> Result<(), DriveError<W::Error>> {
    drive_while(engine, world, |_| true, observe)
}

/// Runs an engine as [`drive`] does, as long as `goes_on` says so of it before the next event. It
/// can be driven on from there.
///
/// Errors: see [`DriveError`].
pub fn drive_while<W: World>(
    engine: &mut Engine,
    world: &mut W,
    goes_on: impl Fn(&Engine) -> bool,
    mut observe: impl FnMut(&Engine, &Event, bool),
) -> Result<(), DriveError<W::Error>> {
    while goes_on(engine) {
        let next = world.next(engine.market()).map_err(DriveError::World)?;
        let Some(event) = next else { break };
        observe(engine, &event, false);
        let step = engine.step(&event).map_err(DriveError::Engine)?;
        for approved in step.approved {
            world.submit(approved);
        }
        observe(engine, &event, true);
    }
    Ok(())
}
