use std::str::FromStr;

use tidemill_model::{Address, InitialPosition, PoolBuild, PoolEvent, PoolHeader, RecordedAfter};
use tidemill_units::{
    Amount, Amounts, Liquidity, SignedAmount, SignedAmounts, SqrtPrice, Tick, TickRange, U256,
};

use crate::Fault;
use crate::error::{RowFault, clip};
use crate::row::{Column, INITIAL_POSITION, Row, event_kinds};
use crate::row_build_event::{read_build_event, read_staked};
use crate::tick_band::tick_holds_price;

const PROTOCOL_FEE: &str = "0 for none, or a denominator from 4 to 10";
const POOL_PRICE: &str = "4295128739 to 1461446703485210103287273052203988822378723970341";
const ADDED: &str = "liquidity above zero";
pub(crate) const COLLECTED: &str = "an amount of at most 2^128 - 1";
const VALID_TICK: &str = "a tick from -887272 to 887272";

/// The columns that some kinds leave empty, in the file's order.
const SELECTIVE: [Column; 9] = [
    Column::Amount0,
    Column::Amount1,
    Column::SqrtPriceAfter,
    Column::Liquidity,
    Column::TickLower,
    Column::TickUpper,
    Column::Owner,
    Column::LiquidityAfter,
    Column::TickAfter,
];

/// Which of them each kind may fill.
pub(crate) const INITIALIZE: [Column; 2] = [Column::SqrtPriceAfter, Column::TickAfter];
pub(crate) const SWAP: [Column; 5] = [
    Column::Amount0,
    Column::Amount1,
    Column::SqrtPriceAfter,
    Column::LiquidityAfter,
    Column::TickAfter,
];
pub(crate) const POSITION: [Column; 6] = [
    Column::Amount0,
    Column::Amount1,
    Column::Liquidity,
    Column::TickLower,
    Column::TickUpper,
    Column::Owner,
];
pub(crate) const COLLECT: [Column; 5] =
    [Column::Amount0, Column::Amount1, Column::TickLower, Column::TickUpper, Column::Owner];
pub(crate) const AMOUNTS: [Column; 2] = [Column::Amount0, Column::Amount1];
const INITIAL: [Column; 3] = [Column::Liquidity, Column::TickLower, Column::TickUpper];

/// A row under the rules of its kind.
pub(crate) struct KindRow<'a> {
    pub(crate) row: &'a Row<'a>,
    kind: &'static str,
    tick_spacing: i32,
}

/// Reads what an event row says happened.
///
/// # Errors
///
/// An unknown kind, a column that the kind leaves empty, or else the first that is missing or
/// wrong.
pub(crate) fn read_event(row: &Row<'_>, header: &PoolHeader) -> Result<PoolEvent, RowFault> {
    let tick_spacing = header.tick_spacing;
    let as_kind = |kind, allowed: &[Column]| KindRow::new(row, kind, tick_spacing, allowed);
    if header.build != PoolBuild::UniswapV3 {
        return read_build_event(row, header);
    }
    match row.kind {
        "initialize" => as_kind("initialize", &INITIALIZE)?.initialize(),
        "swap" => as_kind("swap", &SWAP)?.swap(),
        "mint" => as_kind("mint", &POSITION)?.mint(),
        "burn" => as_kind("burn", &POSITION)?.burn(),
        "collect" => as_kind("collect", &COLLECT)?.collect(),
        "flash" => {
            let paid = as_kind("flash", &AMOUNTS)?.amounts()?;
            Ok(PoolEvent::Flash { paid })
        }
        "set_fee_protocol" => as_kind("set_fee_protocol", &AMOUNTS)?.set_fee_protocol(),
        other => Err(unknown_kind(other, &header.build)),
    }
}

pub(crate) fn unknown_kind(found: &str, build: &PoolBuild) -> RowFault {
    let (found, expected) = (clip(found), event_kinds(build));
    Column::Kind.fault(Fault::UnknownKind { found, expected })
}

/// Reads the range and liquidity of an initial position, and what of it is staked.
///
/// # Errors
///
/// The first column that is missing, wrong, or belongs to events only.
pub(crate) fn read_initial_position(
    row: &Row<'_>,
    header: &PoolHeader,
) -> Result<InitialPosition, RowFault> {
    let row = KindRow::new(row, INITIAL_POSITION, header.tick_spacing, &INITIAL)?;
    for column in [Column::Time, Column::Block, Column::LogIndex, Column::GasUsed, Column::GasPrice]
    {
        row.refuse(column)?;
    }
    let (range, liquidity) = (row.range()?, row.positive_liquidity()?);
    Ok(InitialPosition { range, liquidity, staked: read_staked(&row, header, liquidity)? })
}

impl<'a> KindRow<'a> {
    pub(crate) fn new(
        row: &'a Row<'a>,
        kind: &'static str,
        tick_spacing: i32,
        allowed: &[Column],
    ) -> Result<Self, RowFault> {
        let row = Self { row, kind, tick_spacing };
        for column in SELECTIVE {
            if !allowed.contains(&column) {
                row.refuse(column)?;
            }
        }
        Ok(row)
    }

    pub(crate) fn refuse(&self, column: Column) -> Result<(), RowFault> {
        let row = self.row;
        let number = |value: Option<u64>| value.map(|value| value.to_string());
        let tick = |value: Option<i32>| value.map(|value| value.to_string());
        let found = match column {
            Column::Kind => None,
            Column::Time => number(row.time.map(|time| time.0)),
            Column::Block => number(row.block),
            Column::LogIndex => number(row.log_index.map(u64::from)),
            Column::Amount0 => row.amount0.map(clip),
            Column::Amount1 => row.amount1.map(clip),
            Column::SqrtPriceAfter => row.sqrt_price_after.map(clip),
            Column::Liquidity => row.liquidity.map(clip),
            Column::TickLower => tick(row.tick_lower),
            Column::TickUpper => tick(row.tick_upper),
            Column::Owner => row.owner.map(clip),
            Column::GasUsed => number(row.gas_used),
            Column::GasPrice => number(row.gas_price),
            Column::LiquidityAfter => row.liquidity_after.map(clip),
            Column::TickAfter => tick(row.tick_after),
            Column::Salt => row.salt.map(clip),
            Column::Fee => number(row.fee.map(u64::from)),
            Column::ProtocolFee0 => row.protocol_fee0.map(clip),
            Column::ProtocolFee1 => row.protocol_fee1.map(clip),
            Column::Staked => row.staked.map(clip),
        };
        match found {
            None => Ok(()),
            Some(found) => Err(column.fault(Fault::NotEmpty { kind: self.kind, found })),
        }
    }

    pub(crate) fn need<T>(&self, column: Column, value: Option<T>) -> Result<T, RowFault> {
        value.ok_or_else(|| column.fault(Fault::Missing { kind: self.kind }))
    }

    pub(crate) fn number<T>(&self, column: Column, text: Option<&str>) -> Result<T, RowFault>
    where
        T: FromStr<Err: Into<Fault>>,
    {
        self.need(column, text)?.parse().map_err(|error: T::Err| column.fault(error))
    }

    pub(crate) fn amounts(&self) -> Result<Amounts, RowFault> {
        Ok(Amounts {
            amount0: self.number(Column::Amount0, self.row.amount0)?,
            amount1: self.number(Column::Amount1, self.row.amount1)?,
        })
    }

    pub(crate) fn signed_amounts(&self) -> Result<SignedAmounts, RowFault> {
        let amount0: SignedAmount = self.number(Column::Amount0, self.row.amount0)?;
        let amount1: SignedAmount = self.number(Column::Amount1, self.row.amount1)?;
        let moves = !amount0.is_zero() && !amount1.is_zero();
        if moves && amount0.is_negative() == amount1.is_negative() {
            let found = amount1.to_string();
            return Err(Column::Amount1.fault(Fault::OneWaySwap { found }));
        }
        Ok(SignedAmounts { amount0, amount1 })
    }

    fn price_after(&self) -> Result<Option<SqrtPrice>, RowFault> {
        let column = Column::SqrtPriceAfter;
        let Some(text) = self.row.sqrt_price_after else { return Ok(None) };
        let price: SqrtPrice = text.parse().map_err(|error| column.fault(Fault::Number(error)))?;
        if !price.is_valid() {
            return Err(value_fault(column, text, POOL_PRICE));
        }
        Ok(Some(price))
    }

    fn tick(&self, column: Column, tick: i32) -> Result<Tick, RowFault> {
        let tick = Tick(tick);
        if !tick.is_valid() {
            return Err(value_fault(column, &tick.to_string(), VALID_TICK));
        }
        Ok(tick)
    }

    fn tick_after(&self) -> Result<Option<Tick>, RowFault> {
        self.row.tick_after.map(|tick| self.tick(Column::TickAfter, tick)).transpose()
    }

    fn spaced_tick(&self, column: Column, tick: Option<i32>) -> Result<Tick, RowFault> {
        let tick = self.tick(column, self.need(column, tick)?)?;
        if !tick.is_multiple_of(self.tick_spacing) {
            let tick_spacing = self.tick_spacing;
            return Err(column.fault(Fault::OffSpacing { tick, tick_spacing }));
        }
        Ok(tick)
    }

    pub(crate) fn range(&self) -> Result<TickRange, RowFault> {
        let lower = self.spaced_tick(Column::TickLower, self.row.tick_lower)?;
        let upper = self.spaced_tick(Column::TickUpper, self.row.tick_upper)?;
        let range = TickRange { lower, upper };
        if lower >= upper {
            return Err(Column::TickUpper.fault(Fault::EmptyRange(range)));
        }
        Ok(range)
    }

    fn liquidity(&self) -> Result<Liquidity, RowFault> {
        self.number(Column::Liquidity, self.row.liquidity)
    }

    fn positive_liquidity(&self) -> Result<Liquidity, RowFault> {
        let liquidity = self.liquidity()?;
        if liquidity.is_zero() {
            return Err(value_fault(Column::Liquidity, "0", ADDED));
        }
        Ok(liquidity)
    }

    pub(crate) fn owner(&self) -> Result<Option<Address>, RowFault> {
        let read = |text: &str| text.parse().map_err(Fault::Address);
        self.row.owner.map(read).transpose().map_err(|fault| Column::Owner.fault(fault))
    }

    pub(crate) fn initialize(&self) -> Result<PoolEvent, RowFault> {
        let sqrt_price = self.need(Column::SqrtPriceAfter, self.price_after()?)?;
        let tick = self.tick_after()?;
        if let Some(tick) = tick.filter(|tick| !tick_holds_price(*tick, sqrt_price)) {
            let sqrt_price_x96 = sqrt_price.to_string();
            return Err(Column::TickAfter.fault(Fault::TickOffPrice { tick, sqrt_price_x96 }));
        }
        Ok(PoolEvent::Initialize { sqrt_price, tick })
    }

    fn swap(&self) -> Result<PoolEvent, RowFault> {
        Ok(PoolEvent::Swap { amounts: self.signed_amounts()?, after: self.after()? })
    }

    pub(crate) fn after(&self) -> Result<RecordedAfter, RowFault> {
        let sqrt_price = self.price_after()?;
        let text = self.row.liquidity_after;
        let liquidity =
            text.map(|text| self.number(Column::LiquidityAfter, Some(text))).transpose()?;
        Ok(RecordedAfter { sqrt_price, liquidity, tick: self.tick_after()? })
    }

    pub(crate) fn mint(&self) -> Result<PoolEvent, RowFault> {
        let amounts = self.amounts()?;
        let liquidity = self.positive_liquidity()?;
        let (range, owner) = (self.range()?, self.owner()?);
        Ok(PoolEvent::Mint { owner, range, liquidity, amounts })
    }

    pub(crate) fn burn(&self) -> Result<PoolEvent, RowFault> {
        let (amounts, liquidity) = (self.amounts()?, self.liquidity()?);
        let (range, owner) = (self.range()?, self.owner()?);
        Ok(PoolEvent::Burn { owner, range, liquidity, amounts })
    }

    pub(crate) fn collect(&self) -> Result<PoolEvent, RowFault> {
        let amounts = self.amounts()?;
        let (range, owner) = (self.range()?, self.owner()?);
        let most = U256::from(u128::MAX);
        for (column, amount) in
            [(Column::Amount0, amounts.amount0), (Column::Amount1, amounts.amount1)]
        {
            if amount.0 > most {
                return Err(value_fault(column, &amount.to_string(), COLLECTED));
            }
        }
        Ok(PoolEvent::Collect { owner, range, amounts })
    }

    fn set_fee_protocol(&self) -> Result<PoolEvent, RowFault> {
        let Amounts { amount0, amount1 } = self.amounts()?;
        Ok(PoolEvent::SetFeeProtocol {
            fee_protocol0: protocol_fee(Column::Amount0, amount0)?,
            fee_protocol1: protocol_fee(Column::Amount1, amount1)?,
        })
    }
}

fn protocol_fee(column: Column, denominator: Amount) -> Result<u8, RowFault> {
    let value = u8::try_from(denominator.0).ok();
    value
        .filter(|value| matches!(value, 0 | 4..=10))
        .ok_or_else(|| value_fault(column, &denominator.to_string(), PROTOCOL_FEE))
}

pub(crate) fn value_fault(column: Column, found: &str, expected: &'static str) -> RowFault {
    column.fault(Fault::Value { found: clip(found), expected })
}
