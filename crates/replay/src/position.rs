use std::fmt;
use std::str::FromStr;

use tidemill_amm::concentrated::PoolError;
use tidemill_market::{Footprint, Market, MarketError, PoolMarket};
use tidemill_model::{
    Event, EventBody, GasPaid, Holding, OrderKey, Outcome, OutcomeKind, PoolId, PoolStart,
    PositionId, Sequence, Tape, WindowStart, WindowState,
};
use tidemill_units::{Amounts, BlockNumber, Liquidity, LogIndex, Tick, TickRange};

use crate::missing_prices::with_prices;
use crate::replay_tape::chain_event;

/// A place in a tape: right after an event, or after the last event of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapePoint {
    /// The block.
    pub block: BlockNumber,
    /// The event in it; the block's last without one.
    pub log_index: Option<LogIndex>,
}

/// A position to be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionRequest {
    /// Its ticks.
    pub range: TickRange,
    /// Its liquidity.
    pub liquidity: Liquidity,
    /// After what it is opened; the tape's start without one.
    pub open: Option<TapePoint>,
    /// After what it is closed; the tape's end without one.
    pub close: Option<TapePoint>,
    /// What it does to history.
    pub footprint: Footprint,
}

/// What a position paid and was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionReport {
    /// Paid in, rounded up.
    pub deposit: Amounts,
    /// Paid out for the liquidity, rounded down.
    pub withdraw: Amounts,
    /// Paid out as fees, rounded down.
    pub fees: Amounts,
    /// Swaps while it was open.
    pub swaps: u64,
    /// Those of them that traded against it.
    pub in_range_swaps: u64,
}

/// Why a position could not be followed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PositionError {
    /// The tape does not reproduce.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// A text that names no place in a tape.
    #[error("`{0}` is not BLOCK or BLOCK:LOG_INDEX")]
    BadPoint(String),
    /// No such event.
    #[error("the tape has no event at {point}; it spans blocks {first} to {last}")]
    NoSuchEvent {
        /// What was asked for.
        point: TapePoint,
        /// The first block that can be named.
        first: BlockNumber,
        /// The last.
        last: BlockNumber,
    },
    /// The position would close before it opens.
    #[error("the position closes at {close}, before it opens at {open}")]
    Reversed {
        /// Where it opens.
        open: TapePoint,
        /// Where it closes.
        close: TapePoint,
    },
    /// The pool has no price where the position opens.
    #[error("the pool is not initialized where the position opens")]
    NotInitialized,
    /// The pool refuses such a position.
    #[error("the pool refuses the position: {0}")]
    Refused(PoolError),
    /// Ticks that are not multiples of the spacing.
    #[error("tick {tick} is not a multiple of the tick spacing {spacing}")]
    OffSpacing {
        /// The tick.
        tick: Tick,
        /// The pool's spacing.
        spacing: i32,
    },
    /// A position of nothing.
    #[error("the liquidity is zero; allowed is 1 to 2^127 - 1")]
    NoLiquidity,
}

impl fmt::Display for TapePoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.log_index {
            Some(log_index) => write!(formatter, "block {}, log index {log_index}", self.block),
            None => write!(formatter, "block {}", self.block),
        }
    }
}

impl FromStr for TapePoint {
    type Err = PositionError;

    /// Reads `BLOCK` or `BLOCK:LOG_INDEX`, decimal digits only.
    fn from_str(text: &str) -> Result<Self, PositionError> {
        let bad = || PositionError::BadPoint(text.chars().take(80).collect());
        let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        let (block, log_index) = match text.split_once(':') {
            Some((block, log_index)) => (block, Some(log_index)),
            None => (text, None),
        };
        if !plain(block) || !log_index.is_none_or(plain) {
            return Err(bad());
        }
        let block = BlockNumber(block.parse().map_err(|_| bad())?);
        let log_index = log_index.map(|digits| digits.parse().map(LogIndex)).transpose();
        Ok(Self { block, log_index: log_index.map_err(|_| bad())? })
    }
}

/// Returns how many events are applied when a point is reached.
fn events_until(tape: &Tape, point: TapePoint) -> Result<usize, PositionError> {
    let events = &tape.events;
    let start = match tape.header.start {
        PoolStart::Snapshot { block, .. }
        | PoolStart::Window(WindowStart { state: Some(WindowState { block, .. }), .. }) => block,
        PoolStart::Creation | PoolStart::Window(WindowStart { state: None, .. }) => {
            events.first().map_or(BlockNumber(0), |event| event.block)
        }
    };
    let last = events.last().map_or(start, |event| event.block);
    let missing = || PositionError::NoSuchEvent { point, first: start, last };
    if point.block < start || point.block > last {
        return Err(missing());
    }
    match point.log_index {
        None => Ok(events.partition_point(|event| event.block <= point.block)),
        Some(log_index) => {
            let key = (point.block, log_index);
            let found = events.binary_search_by_key(&key, |event| (event.block, event.log_index));
            found.map(|index| index + 1).map_err(|_| missing())
        }
    }
}

/// Opens a position in a tape's pool, closes it, and says what it paid and was paid.
///
/// Errors: see [`PositionError`].
pub fn follow_position(
    tape: &Tape,
    request: &PositionRequest,
    progress: impl FnMut(u64),
) -> Result<PositionReport, PositionError> {
    if request.liquidity.is_zero() {
        return Err(PositionError::NoLiquidity);
    }
    let spacing = tape.header.tick_spacing;
    for tick in [request.range.lower, request.range.upper] {
        if !tick.is_multiple_of(spacing) {
            return Err(PositionError::OffSpacing { tick, spacing });
        }
    }
    let open_at = request.open.map_or(Ok(0), |point| events_until(tape, point))?;
    let close_at =
        request.close.map_or(Ok(tape.events.len()), |point| events_until(tape, point))?;
    if let (Some(open), Some(close)) = (request.open, request.close)
        && close_at < open_at
    {
        return Err(PositionError::Reversed { open, close });
    }
    let tape = &*with_prices(tape)?;
    let mut market = Market::new(request.footprint);
    let pool = market.add_pool(tape)?;
    let mut run = Follow { tape, market, pool, sequence: 0, request, progress };
    run.play(0..open_at, |_| {})?;
    let deposit = run.open()?;
    let (mut swaps, mut in_range_swaps) = (0, 0);
    let range = request.range;
    run.play(open_at..close_at, |(from, to)| {
        swaps += 1;
        in_range_swaps += u64::from(from.min(to) < range.upper && from.max(to) >= range.lower);
    })?;
    let (withdraw, fees) = run.close()?;
    Ok(PositionReport { deposit, withdraw, fees, swaps, in_range_swaps })
}

struct Follow<'a, P> {
    tape: &'a Tape,
    market: Market,
    pool: PoolId,
    sequence: u64,
    request: &'a PositionRequest,
    progress: P,
}

/// The one order of this run; sequence numbers of events start at one.
const ORDER: OrderKey = OrderKey { sequence: Sequence(0), intent: 0 };

impl<P: FnMut(u64)> Follow<'_, P> {
    fn tick(&self) -> Tick {
        let pool = self.market.pool(self.pool).and_then(PoolMarket::concentrated);
        pool.map_or(Tick(0), |pool| pool.pool().tick())
    }

    /// Applies events; shows the ticks before and after each swap.
    fn play(
        &mut self,
        events: std::ops::Range<usize>,
        mut swapped: impl FnMut((Tick, Tick)),
    ) -> Result<(), PositionError> {
        for recorded in &self.tape.events[events] {
            self.sequence += 1;
            let before = self.tick();
            self.market.apply(&chain_event(self.pool, self.sequence, recorded))?;
            if recorded.event.swap().is_some() {
                swapped((before, self.tick()));
            }
            if self.sequence.is_multiple_of(4_096) {
                (self.progress)(self.sequence);
            }
        }
        Ok(())
    }

    fn outcome(&mut self, kind: OutcomeKind) -> Result<(), MarketError> {
        self.sequence += 1;
        let (now, block) = (self.market.now(), self.market.block());
        let outcome = Outcome { order: ORDER, block, gas: GasPaid::default(), kind };
        self.market.apply(&Event::at(
            Sequence(self.sequence),
            now,
            EventBody::Outcome(Box::new(outcome)),
        ))
    }

    fn open(&mut self) -> Result<Amounts, PositionError> {
        let PositionRequest { range, liquidity, .. } = *self.request;
        let pool = self.market.pool(self.pool).and_then(PoolMarket::concentrated);
        let pool = pool.filter(|pool| pool.pool().is_initialized());
        let pool = pool.ok_or(PositionError::NotInitialized)?;
        let deposited = pool.quote_own(range, liquidity).map_err(PositionError::Refused)?;
        self.outcome(OutcomeKind::Opened {
            position: PositionId(ORDER),
            pool: self.pool,
            holding: Holding::Range { range, liquidity },
            deposited: deposited.into(),
        })?;
        Ok(deposited)
    }

    fn close(&mut self) -> Result<(Amounts, Amounts), PositionError> {
        let position = PositionId(ORDER);
        let worth = self.market.own(position).and_then(|(pool, own)| pool.worth(own.id));
        let worth = worth.ok_or(MarketError::Outcome { order: ORDER })?;
        let (withdrawn, fees) = (worth.principal, worth.fees);
        self.outcome(OutcomeKind::Closed {
            position,
            withdrawn: withdrawn.into(),
            fees: fees.into(),
        })?;
        Ok((withdrawn, fees))
    }
}
