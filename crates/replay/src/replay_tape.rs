use std::time::{Duration, Instant};

use crate::RunTape;
use crate::missing_prices::prepared;
use tidemill_market::{Footprint, Market, MarketError, PoolMarket, ReplayCounts};
use tidemill_model::{Event, EventBody, PoolId, Sequence, TapeEvent};
use tidemill_units::{Amount, FeeGrowth, Liquidity, SqrtPrice, Tick, TokenAmounts};

/// What executing a tape again gave.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayReport {
    /// What was reproduced.
    pub counts: ReplayCounts,
    /// The first event that did not reproduce; the replay stopped there.
    pub mismatch: Option<MarketError>,
    /// The pool at the end.
    pub end: ReplayEnd,
    /// How long it took, decoding excluded.
    pub elapsed: Duration,
}

/// A pool at the end of its tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayEnd {
    /// A concentrated pool.
    Concentrated(ConcentratedEnd),
    /// A pool of shares.
    Shares(Box<ShareEnd>),
}

/// A concentrated pool at the end of its tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcentratedEnd {
    /// Its price.
    pub sqrt_price: SqrtPrice,
    /// Its tick.
    pub tick: Tick,
    /// Its liquidity in range.
    pub liquidity: Liquidity,
    /// Fee growth since the tape's start, token0 and token1.
    pub fee_growth_global: [FeeGrowth; 2],
}

/// A pool of shares at the end of its tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareEnd {
    /// What belongs to its providers.
    pub balances: TokenAmounts,
    /// All shares there are.
    pub total_shares: Amount,
    /// Its invariant per share, times 10^18; `None` while there are no shares.
    pub virtual_price: Option<Amount>,
}

impl ReplayReport {
    /// Returns the end of a concentrated pool.
    pub fn concentrated(&self) -> Option<&ConcentratedEnd> {
        match &self.end {
            ReplayEnd::Concentrated(end) => Some(end),
            ReplayEnd::Shares(_) => None,
        }
    }
}

/// How many events pass between two reports of progress.
const PROGRESS_EVERY: usize = 4_096;

/// Wraps a recorded event for the log, under the next number.
pub(crate) fn chain_event(pool: PoolId, sequence: u64, recorded: &TapeEvent) -> Event {
    Event::at(Sequence(sequence), recorded.time, EventBody::Chain(recorded.in_pool(pool)))
}

/// Executes every event of a tape again and compares it with the record; `progress` is told now and
/// then how many are done.
///
/// Errors: those of a start that is no pool's state. An event that does not reproduce is not an
/// error but the finding: [`ReplayReport::mismatch`].
pub fn replay<'a>(
    tape: impl Into<RunTape<'a>>,
    mut progress: impl FnMut(u64),
) -> Result<ReplayReport, MarketError> {
    let prepared = prepared(tape.into())?;
    let tape = prepared.tape();
    let mut market = Market::new(Footprint::PriceTaker);
    let pool = tape.add_to(&mut market)?;
    let started = Instant::now();
    let mut mismatch = None;
    let mut done = 0;
    for batch in tape.events().chunks(PROGRESS_EVERY) {
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
    let end = end_of(replayed, &market).ok_or(MarketError::NotShares)?;
    Ok(ReplayReport { counts: *replayed.counts(), mismatch, end, elapsed })
}

fn end_of(pool: &PoolMarket, market: &Market) -> Option<ReplayEnd> {
    Some(match pool {
        PoolMarket::Concentrated(pool) => {
            let end = pool.history();
            ReplayEnd::Concentrated(ConcentratedEnd {
                sqrt_price: end.sqrt_price(),
                tick: end.tick(),
                liquidity: end.liquidity(),
                fee_growth_global: end.fee_growth_global(),
            })
        }
        PoolMarket::Shares(pool) => {
            let end = pool.history().shares()?;
            ReplayEnd::Shares(Box::new(ShareEnd {
                balances: end.balances(),
                total_shares: end.total_shares(),
                virtual_price: end.virtual_price(market.now()).ok(),
            }))
        }
    })
}
