use tidemill_model::{
    InitialPosition, PoolBuild, PoolEvent, PoolHeader, PoolStart, Tape, TapeEvent, WindowStart,
    WindowState,
};
use tidemill_units::{Amount, BlockNumber, Gas, GasPrice, Liquidity, LogIndex, Tick, Timestamp};

use crate::Fault;
use crate::error::RowFault;
use crate::limits::MAX_ROWS;
use crate::row::{Column, Row};
use crate::row_event::{read_event, read_initial_position, value_fault};
use crate::time_text::{LAST_TIME, TIME_RANGE, time_text};

/// Checks rows one by one and collects them; the only way in which a reader can make a tape.
///
/// All rules about the content of a tape are here and in [`crate::row_event`], so that the
/// importer and the Parquet reader accept the same tapes.
pub(crate) struct TapeBuilder {
    tape: Tape,
    rows: u64,
}

/// The part of a tape that is wrong as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    InitialPositions,
    Events,
}

impl TapeBuilder {
    /// Starts a tape; the header has been checked where it was read.
    pub(crate) fn new(header: PoolHeader) -> Self {
        let tape = Tape { header, initial_positions: Vec::new(), events: Vec::new() };
        Self { tape, rows: 0 }
    }

    /// Adds an initial position; all of them come before the first event.
    pub(crate) fn push_initial_position(&mut self, row: &Row<'_>) -> Result<(), RowFault> {
        self.count_row()?;
        let position = read_initial_position(row, &self.tape.header)?;
        let range = position.range;
        let has_map = matches!(self.tape.header.start, PoolStart::Snapshot { .. });
        if !has_map || !self.tape.events.is_empty() {
            return Err(Column::Kind.fault(Fault::MisplacedPosition));
        }
        if let Some(before) = self.tape.initial_positions.last() {
            if before.range == range {
                return Err(Column::TickUpper.fault(Fault::DuplicatePosition(range)));
            }
            if before.range > range {
                let (found, after) = (range, before.range);
                let column =
                    if found.lower < after.lower { Column::TickLower } else { Column::TickUpper };
                return Err(column.fault(Fault::UnsortedPosition { found, after }));
            }
        }
        self.tape.initial_positions.push(position);
        Ok(())
    }

    /// Adds an event; rows come in chain order.
    pub(crate) fn push_event(&mut self, row: &Row<'_>) -> Result<(), RowFault> {
        self.count_row()?;
        let event = tape_event(row, &self.tape.header)?;
        self.check_recorded(&event.event)?;
        match self.tape.events.last() {
            Some(before) => check_successor(before, &event)?,
            None => self.check_first(&event)?,
        }
        self.tape.events.push(event);
        Ok(())
    }

    /// Ends the tape and checks what only the whole can show.
    pub(crate) fn finish(self) -> Result<Tape, (Part, Fault)> {
        self.check_tick_map().map_err(|fault| (Part::InitialPositions, fault))?;
        if self.tape.events.is_empty() {
            return Err((Part::Events, Fault::NoEvents));
        }
        Ok(self.tape)
    }

    fn count_row(&mut self) -> Result<(), RowFault> {
        self.rows = self.rows.saturating_add(1);
        if self.rows > MAX_ROWS {
            return Err(Column::Kind.fault(Fault::TooManyRows));
        }
        Ok(())
    }

    /// Without a tick map, a swap's state is all there is to go by.
    fn check_recorded(&self, event: &PoolEvent) -> Result<(), RowFault> {
        let is_window = matches!(self.tape.header.start, PoolStart::Window(_));
        let Some((_, after)) = event.swap().filter(|_| is_window) else { return Ok(()) };
        let column = if after.sqrt_price.is_none() {
            Column::SqrtPriceAfter
        } else if after.liquidity.is_none() {
            Column::LiquidityAfter
        } else if after.tick.is_none() {
            Column::TickAfter
        } else {
            return Ok(());
        };
        Err(column.fault(Fault::MissingWithoutTickMap))
    }

    fn check_first(&self, event: &TapeEvent) -> Result<(), RowFault> {
        let initializes = matches!(event.event, PoolEvent::Initialize { .. });
        match self.tape.header.start {
            PoolStart::Creation if initializes => Ok(()),
            PoolStart::Creation => {
                Err(Column::Kind.fault(Fault::NotInitialized { found: event.event.kind() }))
            }
            PoolStart::Snapshot { .. } | PoolStart::Window(_) if initializes => {
                Err(Column::Kind.fault(Fault::InitializedTwice))
            }
            PoolStart::Snapshot { block, .. }
            | PoolStart::Window(WindowStart { state: Some(WindowState { block, .. }), .. })
                if event.block <= block =>
            {
                let (found, snapshot) = (event.block.0, block.0);
                Err(Column::Block.fault(Fault::BeforeSnapshot { found, snapshot }))
            }
            PoolStart::Snapshot { .. } | PoolStart::Window(_) => Ok(()),
        }
    }

    fn check_tick_map(&self) -> Result<(), Fault> {
        let PoolStart::Snapshot { tick, liquidity: recorded, .. } = self.tape.header.start else {
            return Ok(());
        };
        let sum = self.sum_in_range(tick, |position| position.liquidity);
        if sum != Amount::from_u128(recorded.0) {
            return Err(Fault::IncompleteTickMap { tick, sum, recorded });
        }
        self.check_stakes(tick)
    }

    fn check_stakes(&self, tick: Tick) -> Result<(), Fault> {
        let recorded = match self.tape.header.build {
            PoolBuild::Slipstream { staked_liquidity, .. } => staked_liquidity,
            PoolBuild::UniswapV3 | PoolBuild::PancakeV3 { .. } | PoolBuild::UniswapV4 { .. } => {
                return Ok(());
            }
        };
        let sum = self.sum_in_range(tick, |position| position.staked);
        if sum != Amount::from_u128(recorded.0) {
            return Err(Fault::IncompleteStakes { tick, sum, recorded });
        }
        Ok(())
    }

    fn sum_in_range(&self, tick: Tick, of: impl Fn(&InitialPosition) -> Liquidity) -> Amount {
        let in_range = self.tape.initial_positions.iter().filter(|p| p.range.contains(tick));
        in_range.fold(Amount::ZERO, |sum, position| {
            sum.checked_add(Amount::from_u128(of(position).0)).unwrap_or(Amount::MAX)
        })
    }
}

/// Reads one event by itself.
pub(crate) fn tape_event(row: &Row<'_>, header: &PoolHeader) -> Result<TapeEvent, RowFault> {
    let event = read_event(row, header)?;
    let kind = event.kind();
    let missing = |column: Column| column.fault(Fault::Missing { kind });
    let event = TapeEvent {
        block: BlockNumber(row.block.ok_or_else(|| missing(Column::Block))?),
        log_index: LogIndex(row.log_index.ok_or_else(|| missing(Column::LogIndex))?),
        time: row.time.ok_or_else(|| missing(Column::Time))?,
        gas_used: row.gas_used.map(Gas),
        gas_price: row.gas_price.map(u128::from).map(GasPrice),
        event,
    };
    check_time_range(event.time)?;
    Ok(event)
}

pub(crate) fn check_time_range(time: Timestamp) -> Result<(), RowFault> {
    if time > LAST_TIME {
        return Err(value_fault(Column::Time, &time.0.to_string(), TIME_RANGE));
    }
    Ok(())
}

pub(crate) fn check_successor(before: &TapeEvent, event: &TapeEvent) -> Result<(), RowFault> {
    let after = (before.block.0, before.log_index.0);
    let found = (event.block.0, event.log_index.0);
    if found == after {
        let (block, log_index) = found;
        return Err(Column::LogIndex.fault(Fault::DuplicateEvent { block, log_index }));
    }
    if found < after {
        let column = if found.0 < after.0 { Column::Block } else { Column::LogIndex };
        return Err(column.fault(Fault::UnsortedEvent { found, after }));
    }
    if matches!(event.event, PoolEvent::Initialize { .. }) {
        return Err(Column::Kind.fault(Fault::InitializedTwice));
    }
    if event.time < before.time {
        let (found, after) = (time_text(event.time), time_text(before.time));
        return Err(Column::Time.fault(Fault::TimeGoesBack { found, after }));
    }
    if event.block == before.block && event.time != before.time {
        let (found, other) = (time_text(event.time), time_text(before.time));
        let block = event.block.0;
        return Err(Column::Time.fault(Fault::TwoTimes { found, other, block }));
    }
    Ok(())
}
