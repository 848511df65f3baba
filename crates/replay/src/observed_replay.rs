use std::time::{Duration, Instant};

use tidemill_market::{GrowthBounds, ObservedError, ObservedPool, ObservedReport, Place};
use tidemill_model::Tape;

/// What a tape without a tick map gave.
#[derive(Clone, Debug)]
pub struct ObservedReplay {
    /// How much of it is exact, bounded or unresolved, and where it contradicts itself.
    pub report: ObservedReport,
    /// Where the pool was at the end; `None` where no swap ever said it.
    pub end: Option<Place>,
    /// The growth of fees since the tape's start, token0 and token1.
    pub fee_growth_global: [GrowthBounds; 2],
    /// How long it took, decoding excluded.
    pub elapsed: Duration,
}

/// How many events pass between two reports of progress.
const PROGRESS_EVERY: usize = 4_096;

/// Executes a tape again as far as its recorded prices and liquidity allow; a tick map, if it has
/// one, is left aside. `progress` is told now and then how many events are done.
///
/// Errors: [`ObservedError`]. Where the tape contradicts itself is not an error but a finding.
pub fn replay_observed(
    tape: &Tape,
    mut progress: impl FnMut(u64),
) -> Result<ObservedReplay, ObservedError> {
    let started = Instant::now();
    let mut pool = ObservedPool::new(tape)?;
    for batch in tape.events.chunks(PROGRESS_EVERY) {
        batch.iter().for_each(|recorded| pool.apply(recorded));
        progress(pool.report().events);
    }
    let elapsed = started.elapsed();
    Ok(ObservedReplay {
        report: pool.report().clone(),
        end: pool.place(),
        fee_growth_global: pool.fee_growth_global(),
        elapsed,
    })
}
