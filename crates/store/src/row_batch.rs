use std::fmt::{Display, Write as _};
use std::sync::Arc;

use arrow_array::builder::{
    Int32Builder, StringBuilder, TimestampMillisecondBuilder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use tidemill_model::{
    Address, BuildEvent, Bytes32, InitialPosition, PoolBuild, PoolEvent, RecordedAfter, TapeEvent,
};
use tidemill_units::{Amounts, FeePips, Liquidity, SignedAmount, SignedLiquidity, Tick, TickRange};

use crate::FormatFault;
use crate::error::RowFault;
use crate::row::{Column, INITIAL_POSITION};
use crate::row_event::value_fault;
use crate::tape_schema::tape_schema;
use crate::time_text::TIME_RANGE;

/// Collects rows column by column, in reused memory, for one batch after another.
#[derive(Default)]
pub(crate) struct RowBatch {
    kind: StringBuilder,
    time: TimestampMillisecondBuilder,
    block: UInt64Builder,
    log_index: UInt32Builder,
    amount0: StringBuilder,
    amount1: StringBuilder,
    sqrt_price_after: StringBuilder,
    liquidity: StringBuilder,
    tick_lower: Int32Builder,
    tick_upper: Int32Builder,
    owner: StringBuilder,
    gas_used: UInt64Builder,
    gas_price: UInt64Builder,
    liquidity_after: StringBuilder,
    tick_after: Int32Builder,
    salt: StringBuilder,
    fee: UInt32Builder,
    protocol_fee0: StringBuilder,
    protocol_fee1: StringBuilder,
    staked: StringBuilder,
    build: PoolBuild,
}

/// The columns that depend on what happened.
#[derive(Default)]
struct Cells<'a> {
    amount0: Option<&'a dyn Display>,
    amount1: Option<&'a dyn Display>,
    sqrt_price_after: Option<&'a dyn Display>,
    liquidity: Option<Liquidity>,
    range: Option<TickRange>,
    owner: Option<Address>,
    liquidity_after: Option<Liquidity>,
    tick_after: Option<Tick>,
    /// Instead of `liquidity`, where it has a sign.
    delta: Option<SignedLiquidity>,
    salt: Option<Bytes32>,
    fee: Option<FeePips>,
    protocol_fees: Option<[u128; 2]>,
    staked: Option<Liquidity>,
}

impl RowBatch {
    /// Starts a batch of a tape of a build.
    pub(crate) fn of(build: PoolBuild) -> Self {
        Self { build, ..Self::default() }
    }

    /// Adds the row of an initial position.
    pub(crate) fn push_initial_position(&mut self, position: &InitialPosition) {
        self.kind.append_value(INITIAL_POSITION);
        self.time.append_null();
        self.block.append_null();
        self.log_index.append_null();
        self.gas_used.append_null();
        self.gas_price.append_null();
        let (range, liquidity) = (Some(position.range), Some(position.liquidity));
        let is_staked = matches!(self.build, PoolBuild::Slipstream { .. });
        let staked = is_staked.then_some(position.staked);
        self.push_cells(&Cells { range, liquidity, staked, ..Cells::default() });
    }

    /// Adds the row of an event.
    ///
    /// # Errors
    ///
    /// A time or gas price beyond what the file can hold.
    pub(crate) fn push_event(&mut self, event: &TapeEvent) -> Result<(), RowFault> {
        const GAS_PRICE: &str = "a gas price of at most 2^64 - 1 wei";
        let millis = i64::try_from(event.time.0).ok().and_then(|time| time.checked_mul(1000));
        let time = event.time.0.to_string();
        let millis = millis.ok_or_else(|| value_fault(Column::Time, &time, TIME_RANGE))?;
        let gas_price = event.gas_price.map(|price| {
            let too_high = |_| value_fault(Column::GasPrice, &price.to_string(), GAS_PRICE);
            u64::try_from(price.0).map_err(too_high)
        });
        self.gas_price.append_option(gas_price.transpose()?);
        self.kind.append_value(event.event.kind());
        self.time.append_value(millis);
        self.block.append_value(event.block.0);
        self.log_index.append_value(event.log_index.0);
        self.gas_used.append_option(event.gas_used.map(|gas| gas.0));
        self.push_pool_event(&event.event);
        Ok(())
    }

    fn push_pool_event(&mut self, event: &PoolEvent) {
        match event {
            PoolEvent::Initialize { sqrt_price, tick } => self.push_cells(&Cells {
                sqrt_price_after: Some(sqrt_price),
                tick_after: *tick,
                ..Cells::default()
            }),
            PoolEvent::Swap { amounts, after } => self.push_cells(&Cells {
                amount0: Some(&amounts.amount0),
                amount1: Some(&amounts.amount1),
                ..Cells::after(after)
            }),
            PoolEvent::Mint { owner, range, liquidity, amounts }
            | PoolEvent::Burn { owner, range, liquidity, amounts } => self.push_cells(&Cells {
                owner: *owner,
                range: Some(*range),
                liquidity: Some(*liquidity),
                ..Cells::of(amounts)
            }),
            PoolEvent::Collect { owner, range, amounts } => {
                self.push_cells(&Cells { owner: *owner, range: Some(*range), ..Cells::of(amounts) })
            }
            PoolEvent::Flash { paid } => self.push_cells(&Cells::of(paid)),
            PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 } => {
                self.push_cells(&Cells {
                    amount0: Some(fee_protocol0),
                    amount1: Some(fee_protocol1),
                    ..Cells::default()
                });
            }
            // The row's kind is then none that a reader of this file knows.
            PoolEvent::Shares(_) => self.push_cells(&Cells::default()),
            PoolEvent::Build(event) => self.push_build_event(event),
        }
    }

    fn push_build_event(&mut self, event: &BuildEvent) {
        match event {
            BuildEvent::PancakeSwap { amounts, after, protocol_fees } => self.push_cells(&Cells {
                amount0: Some(&amounts.amount0),
                amount1: Some(&amounts.amount1),
                protocol_fees: *protocol_fees,
                ..Cells::after(after)
            }),
            // An `int128` has an opposite in 256 bits; any other is not read back.
            BuildEvent::ManagedSwap { amounts, after, fee } => {
                let opposite = |amount: SignedAmount| amount.checked_neg().unwrap_or(amount);
                let (amount0, amount1) = (opposite(amounts.amount0), opposite(amounts.amount1));
                self.push_cells(&Cells {
                    amount0: Some(&amount0),
                    amount1: Some(&amount1),
                    fee: *fee,
                    ..Cells::after(after)
                });
            }
            BuildEvent::SetFeeProtocol([share0, share1])
            | BuildEvent::ProtocolFeeUpdated([share0, share1]) => self.push_cells(&Cells {
                amount0: Some(share0),
                amount1: Some(share1),
                ..Cells::default()
            }),
            BuildEvent::CollectProtocol(amounts)
            | BuildEvent::CollectFees(amounts)
            | BuildEvent::Donate(amounts) => self.push_cells(&Cells::of(amounts)),
            BuildEvent::Stake { range, delta, .. } => self.push_cells(&Cells {
                range: Some(*range),
                delta: Some(*delta),
                ..Cells::default()
            }),
            BuildEvent::SetFee(fee) | BuildEvent::SetUnstakedFee(fee) => {
                self.push_cells(&Cells { fee: Some(*fee), ..Cells::default() });
            }
            BuildEvent::ModifyLiquidity { owner, range, delta } => self.push_cells(&Cells {
                owner: owner.map(|(owner, _)| owner),
                salt: owner.map(|(_, salt)| salt),
                range: Some(*range),
                delta: Some(*delta),
                ..Cells::default()
            }),
        }
    }

    fn push_cells(&mut self, cells: &Cells<'_>) {
        push_text(&mut self.amount0, cells.amount0);
        push_text(&mut self.amount1, cells.amount1);
        push_text(&mut self.sqrt_price_after, cells.sqrt_price_after);
        match cells.delta {
            None => push_text(&mut self.liquidity, cells.liquidity),
            delta => push_text(&mut self.liquidity, delta),
        }
        self.tick_lower.append_option(cells.range.map(|range| range.lower.0));
        self.tick_upper.append_option(cells.range.map(|range| range.upper.0));
        push_text(&mut self.owner, cells.owner);
        push_text(&mut self.liquidity_after, cells.liquidity_after);
        self.tick_after.append_option(cells.tick_after.map(|tick| tick.0));
        if self.build != PoolBuild::UniswapV3 {
            push_text(&mut self.salt, cells.salt);
            self.fee.append_option(cells.fee.map(|fee| fee.0));
            push_text(&mut self.protocol_fee0, cells.protocol_fees.map(|[fee0, _]| fee0));
            push_text(&mut self.protocol_fee1, cells.protocol_fees.map(|[_, fee1]| fee1));
            push_text(&mut self.staked, cells.staked);
        }
    }

    /// Returns the rows added since the last call.
    pub(crate) fn take(&mut self) -> Result<RecordBatch, FormatFault> {
        let build = self.build;
        let columns = Column::of(&build).into_iter().map(|column| self.take_column(column));
        RecordBatch::try_new(tape_schema(&build), columns.collect())
            .map_err(|error| FormatFault::Parquet(error.to_string()))
    }

    fn take_column(&mut self, column: Column) -> ArrayRef {
        match column {
            Column::Kind => Arc::new(self.kind.finish()),
            Column::Time => Arc::new(self.time.finish().with_timezone("UTC")),
            Column::Block => Arc::new(self.block.finish()),
            Column::LogIndex => Arc::new(self.log_index.finish()),
            Column::Amount0 => Arc::new(self.amount0.finish()),
            Column::Amount1 => Arc::new(self.amount1.finish()),
            Column::SqrtPriceAfter => Arc::new(self.sqrt_price_after.finish()),
            Column::Liquidity => Arc::new(self.liquidity.finish()),
            Column::TickLower => Arc::new(self.tick_lower.finish()),
            Column::TickUpper => Arc::new(self.tick_upper.finish()),
            Column::Owner => Arc::new(self.owner.finish()),
            Column::GasUsed => Arc::new(self.gas_used.finish()),
            Column::GasPrice => Arc::new(self.gas_price.finish()),
            Column::LiquidityAfter => Arc::new(self.liquidity_after.finish()),
            Column::TickAfter => Arc::new(self.tick_after.finish()),
            Column::Salt => Arc::new(self.salt.finish()),
            Column::Fee => Arc::new(self.fee.finish()),
            Column::ProtocolFee0 => Arc::new(self.protocol_fee0.finish()),
            Column::ProtocolFee1 => Arc::new(self.protocol_fee1.finish()),
            Column::Staked => Arc::new(self.staked.finish()),
        }
    }
}

impl<'a> Cells<'a> {
    fn of(amounts: &'a Amounts) -> Self {
        Self { amount0: Some(&amounts.amount0), amount1: Some(&amounts.amount1), ..Self::default() }
    }

    fn after(after: &'a RecordedAfter) -> Self {
        Self {
            sqrt_price_after: after.sqrt_price.as_ref().map(|price| -> &dyn Display { price }),
            liquidity_after: after.liquidity,
            tick_after: after.tick,
            ..Self::default()
        }
    }
}

fn push_text(column: &mut StringBuilder, value: Option<impl Display>) {
    match value {
        None => column.append_null(),
        Some(value) => {
            // Writing into the builder's own buffer cannot fail; appending ends the value.
            let written = write!(column, "{value}");
            debug_assert!(written.is_ok(), "a string builder grows");
            column.append_value("");
        }
    }
}
