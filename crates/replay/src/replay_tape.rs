use std::time::{Duration, Instant};

use crate::missing_prices::with_prices;
use tidemill_market::{Footprint, Market, MarketError, ReplayCounts};
use tidemill_model::{Event, EventBody, PoolId, Sequence, Tape, TapeEvent};
use tidemill_units::{FeeGrowth, Liquidity, SqrtPrice, Tick};

/// What executing a tape again gave.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayReport {
    /// What was reproduced.
    pub counts: ReplayCounts,
    /// The first event that did not reproduce; the replay stopped there.
    pub mismatch: Option<MarketError>,
    /// The price at the end.
    pub sqrt_price: SqrtPrice,
    /// The tick at the end.
    pub tick: Tick,
    /// The liquidity in range at the end.
    pub liquidity: Liquidity,
    /// Fee growth since the tape's start, token0 and token1.
    pub fee_growth_global: [FeeGrowth; 2],
    /// How long it took, decoding excluded.
    pub elapsed: Duration,
}

/// How many events pass between two reports of progress.
const PROGRESS_EVERY: usize = 4_096;

/// Wraps a recorded event for the log, under the next number.
pub(crate) fn chain_event(pool: PoolId, sequence: u64, recorded: &TapeEvent) -> Event {
    Event {
        sequence: Sequence(sequence),
        happened_at: recorded.time,
        seen_at: recorded.time,
        body: EventBody::Chain(recorded.in_pool(pool)),
    }
}

/// Executes every event of a tape again and compares it with the record; `progress` is told now and
/// then how many are done.
///
/// Errors: those of a start that is no pool's state. An event that does not reproduce is not an
/// error but the finding: [`ReplayReport::mismatch`].
pub fn replay(tape: &Tape, mut progress: impl FnMut(u64)) -> Result<ReplayReport, MarketError> {
    let tape = &*with_prices(tape)?;
    let mut market = Market::new(Footprint::PriceTaker);
    let pool = market.add_pool(tape)?;
    let started = Instant::now();
    let mut mismatch = None;
    let mut done = 0;
    for batch in tape.events.chunks(PROGRESS_EVERY) {
        for recorded in batch {
            done += 1;
            if let Err(error) = market.apply(&chain_event(pool, done, recorded)) {
                mismatch = Some(error);
                break;
            }
        }
        progress(done);
        if mismatch.is_some() {
            break;
        }
    }
    let elapsed = started.elapsed();
    let replayed = market.pool(pool).ok_or(MarketError::UnknownPool(pool))?;
    let end = replayed.history();
    Ok(ReplayReport {
        counts: *replayed.counts(),
        mismatch,
        sqrt_price: end.sqrt_price(),
        tick: end.tick(),
        liquidity: end.liquidity(),
        fee_growth_global: end.fee_growth_global(),
        elapsed,
    })
}
