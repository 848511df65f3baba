//! Rows of a table into rows of datasets.

use std::str::FromStr;

use csv::StringRecord;
use tidemill_model::{Address, Candle, Funding, Observation, PoolEvent, RecordedAfter, TapeEvent};
use tidemill_units::{
    Amount, Amounts, BlockNumber, Decimal, FeeGrowth, Gas, GasPrice, InstantUs, Liquidity,
    LogIndex, SignedAmounts, Tick, TickRange, U256,
};

use crate::columns::fits;
use crate::import::layout::{GasUnit, Layout, Numbers, Published};
use crate::import::{EventKind, time};
use crate::{Block, Dataset, PoolBar, PoolSnapshot, SeriesValue};

/// What is wrong with a field of a row.
#[derive(Debug)]
pub(crate) struct FieldFault {
    pub(crate) column: String,
    pub(crate) found: String,
    pub(crate) expected: &'static str,
    /// Whether it is a number like the others, only too large to be kept.
    pub(crate) too_large: bool,
}

/// Returns the columns of a dataset that a layout names, and whether it must; none where tables
/// cannot be imported.
pub(crate) const fn columns_of(dataset: Dataset) -> &'static [(&'static str, bool)] {
    match dataset {
        Dataset::Candles => &[
            ("open_time", true),
            ("open", true),
            ("high", true),
            ("low", true),
            ("close", true),
            ("volume", true),
            ("quote_volume", false),
            ("trades", false),
        ],
        Dataset::Funding => &[("time", true), ("rate", true), ("mark_price", false)],
        Dataset::Series => &[("time", true)],
        Dataset::Blocks => &[
            ("number", true),
            ("time", false),
            ("base_fee", false),
            ("gas_price", false),
            ("gas_used", false),
        ],
        Dataset::PoolEvents => &[
            ("block", true),
            ("log_index", true),
            ("time", true),
            ("kind", true),
            ("amount0", true),
            ("amount1", true),
            ("sqrt_price_after", true),
            ("liquidity_after", false),
            ("tick_after", false),
            ("tick_lower", true),
            ("tick_upper", true),
            ("liquidity", true),
            ("owner", false),
            ("gas_used", false),
            ("gas_price", false),
        ],
        Dataset::PoolStates => &[
            ("block", true),
            ("time", true),
            ("sqrt_price", true),
            ("tick", true),
            ("liquidity", true),
            ("fee_growth0", true),
            ("fee_growth1", true),
        ],
        Dataset::PoolBars => &[
            ("open_time", true),
            ("open", true),
            ("high", true),
            ("low", true),
            ("close", true),
            ("net0", true),
            ("net1", true),
            ("in0", true),
            ("in1", true),
            ("liquidity", true),
        ],
        Dataset::Trades | Dataset::Quotes | Dataset::Book | Dataset::Marks => &[],
    }
}

/// A layout made ready for the rows of one file.
pub(crate) struct Converter<'a> {
    layout: &'a Layout,
    /// The file's columns that are read, each once.
    pub(crate) columns: Vec<String>,
    zone_s: i64,
    owner: Option<Address>,
    /// How many numbers were rounded.
    pub(crate) rounded: u64,
}

impl<'a> Converter<'a> {
    /// Returns what reads rows of a layout, and of `more` columns.
    pub(crate) fn new(layout: &'a Layout, more: &[String]) -> Result<Self, String> {
        let mut columns: Vec<String> = layout.columns.values().cloned().collect();
        columns.extend(layout.values.values().map(|value| value.column.clone()));
        columns.extend(layout.item.iter().cloned());
        columns.extend(layout.owner_when.iter().map(|when| when.column.clone()));
        if let Some(Published::Column(column)) = &layout.published {
            columns.push(column.clone());
        }
        columns.extend(more.iter().cloned());
        columns.sort();
        columns.dedup();
        let zone_s = match layout.zone.as_deref() {
            None => 0,
            Some(zone) => time::read_offset(zone)
                .ok_or_else(|| format!("zone: `{zone}` is no offset such as +02:00"))?,
        };
        let owner = layout.owner_when.as_ref().map(|when| {
            when.owner.parse().map_err(|_| format!("owner_when: `{}` is no address", when.owner))
        });
        Ok(Self { layout, columns, zone_s, owner: owner.transpose()?, rounded: 0 })
    }

    /// Returns a field by the file's column.
    pub(crate) fn text<'r>(&self, row: &'r StringRecord, column: &str) -> &'r str {
        let place = self.columns.iter().position(|name| name == column);
        place.and_then(|place| row.get(place)).unwrap_or_default()
    }

    fn field<'r>(&self, row: &'r StringRecord, name: &str) -> &'r str {
        self.layout.columns.get(name).map_or("", |column| self.text(row, column))
    }

    fn fault(&self, name: &str, found: &str, expected: &'static str) -> FieldFault {
        let column = self.layout.columns.get(name).map_or(name, String::as_str).to_owned();
        let found = found.chars().take(80).collect();
        FieldFault { column, found, expected, too_large: false }
    }

    fn parse<T: FromStr>(
        &self,
        row: &StringRecord,
        name: &str,
        expected: &'static str,
    ) -> Result<T, FieldFault> {
        let text = self.field(row, name);
        text.parse().map_err(|_| self.fault(name, text, expected))
    }

    fn optional<T: FromStr>(
        &self,
        row: &StringRecord,
        name: &str,
        expected: &'static str,
    ) -> Result<Option<T>, FieldFault> {
        if self.field(row, name).is_empty() {
            return Ok(None);
        }
        self.parse(row, name, expected).map(Some)
    }

    fn whole(&self, row: &StringRecord, name: &str) -> Result<u64, FieldFault> {
        self.parse(row, name, "a whole number below 2^64")
    }

    /// Reads a time by the dataset's column.
    pub(crate) fn time(&self, row: &StringRecord, name: &str) -> Result<InstantUs, FieldFault> {
        let text = self.field(row, name);
        self.read_time(text).map_err(|expected| self.fault(name, text, expected))
    }

    fn read_time(&self, text: &str) -> Result<InstantUs, &'static str> {
        use crate::import::TimeFormat::{Microseconds, Milliseconds, Seconds, Text};
        let expected = match self.layout.time {
            Text => time::TIME,
            Seconds | Milliseconds | Microseconds => time::UNIX,
        };
        time::read(text, self.layout.time, self.zone_s).ok_or(expected)
    }

    fn number(&mut self, text: &str, column: &str) -> Result<Decimal, FieldFault> {
        let read = match self.layout.numbers {
            Numbers::Decimal => text.parse().map(|value| (value, true)),
            Numbers::Float => Decimal::from_scientific(text).map(|read| (read.value, read.exact)),
        };
        let fault = |too_large| FieldFault {
            column: column.to_owned(),
            found: text.chars().take(80).collect(),
            expected: match self.layout.numbers {
                Numbers::Decimal => "a decimal number of at most 18 places, below 10^20",
                Numbers::Float => "a number below 10^20, perhaps with an exponent",
            },
            too_large,
        };
        let (value, exact) = read.map_err(|error| {
            fault(matches!(error, tidemill_units::ParseError::OutOfRange { .. }))
        })?;
        if !fits(value) {
            return Err(fault(true));
        }
        self.rounded += u64::from(!exact);
        Ok(value)
    }

    fn decimal(&mut self, row: &StringRecord, name: &str) -> Result<Decimal, FieldFault> {
        let column = self.layout.columns.get(name).cloned().unwrap_or_default();
        let text = self.text(row, &column).to_owned();
        self.number(&text, &column)
    }

    fn optional_decimal(
        &mut self,
        row: &StringRecord,
        name: &str,
    ) -> Result<Option<Decimal>, FieldFault> {
        if self.field(row, name).is_empty() {
            return Ok(None);
        }
        self.decimal(row, name).map(Some)
    }

    pub(crate) fn candle(&mut self, row: &StringRecord) -> Result<Candle, FieldFault> {
        Ok(Candle {
            open_time: self.time(row, "open_time")?,
            open: self.decimal(row, "open")?,
            high: self.decimal(row, "high")?,
            low: self.decimal(row, "low")?,
            close: self.decimal(row, "close")?,
            volume: self.decimal(row, "volume")?,
            quote_volume: self.optional_decimal(row, "quote_volume")?,
            trades: self.optional(row, "trades", "a whole number")?,
        })
    }

    pub(crate) fn funding(&mut self, row: &StringRecord) -> Result<Funding, FieldFault> {
        Ok(Funding {
            time: self.time(row, "time")?,
            rate: self.decimal(row, "rate")?,
            mark_price: self.optional_decimal(row, "mark_price")?,
        })
    }

    /// Returns a value of a series; `None` where the field is empty.
    pub(crate) fn series_value(
        &mut self,
        row: &StringRecord,
        column: &str,
    ) -> Result<Option<SeriesValue>, FieldFault> {
        let text = self.text(row, column).to_owned();
        if text.is_empty() {
            return Ok(None);
        }
        let value = self.number(&text, column)?;
        let time = self.time(row, "time")?;
        let late = |found: &str, column: &str| FieldFault {
            column: column.to_owned(),
            found: found.to_owned(),
            expected: "a time when it was published, in the format of the other times",
            too_large: false,
        };
        let published_at = match &self.layout.published {
            None => time,
            Some(Published::Column(column)) => {
                let text = self.text(row, column);
                self.read_time(text).map_err(|_| late(text, column))?
            }
            Some(Published::After(after)) => {
                let after = after.parse::<tidemill_model::Interval>().ok();
                let end = after.and_then(|after| time.checked_add_us(after.us()));
                end.ok_or_else(|| late("", column))?
            }
        };
        let parts: Vec<_> = self.layout.item.iter().map(|item| self.text(row, item)).collect();
        let item = parts.join("/").into();
        Ok(Some(SeriesValue { item, observation: Observation { time, published_at, value } }))
    }

    /// Says why a row of a series is a gap.
    pub(crate) fn unfit_cause(&self, row: &StringRecord, fault: &FieldFault) -> String {
        let parts: Vec<_> = self.layout.item.iter().map(|item| self.text(row, item)).collect();
        let item = if parts.is_empty() { String::new() } else { format!("{}: ", parts.join("/")) };
        format!("{item}`{}` is past what is kept", fault.found)
    }

    fn gas_price(
        &mut self,
        row: &StringRecord,
        name: &str,
    ) -> Result<Option<GasPrice>, FieldFault> {
        let text = self.field(row, name);
        if text.is_empty() {
            return Ok(None);
        }
        let wei = match self.layout.gas_unit {
            GasUnit::Wei => text.parse().ok(),
            // A thousandth of a millionth of a gwei is the last place that a wei can have.
            GasUnit::Gwei => Decimal::from_scientific(text).ok().and_then(|gwei| {
                let exact = gwei.exact && gwei.value.raw() % 1_000_000_000 == 0;
                let wei = u128::try_from(gwei.value.raw() / 1_000_000_000).ok();
                wei.filter(|_| exact)
            }),
        };
        let expected = "a gas price of whole wei";
        wei.map(|wei| Some(GasPrice(wei))).ok_or_else(|| self.fault(name, text, expected))
    }

    pub(crate) fn block(&mut self, row: &StringRecord) -> Result<Block, FieldFault> {
        let has_time = self.layout.columns.contains_key("time");
        Ok(Block {
            number: BlockNumber(self.whole(row, "number")?),
            time: if has_time { Some(self.time(row, "time")?) } else { None },
            hash: None,
            parent_hash: None,
            base_fee: self.gas_price(row, "base_fee")?,
            gas_price: self.gas_price(row, "gas_price")?,
            gas_used: self.optional(row, "gas_used", "a whole number")?.map(Gas),
        })
    }

    pub(crate) fn pool_snapshot(&mut self, row: &StringRecord) -> Result<PoolSnapshot, FieldFault> {
        let growth = |name| self.parse::<U256>(row, name, "digits of at most 256 bits");
        Ok(PoolSnapshot {
            block: BlockNumber(self.whole(row, "block")?),
            time: self.time(row, "time")?,
            sqrt_price: self.parse(row, "sqrt_price", "digits of at most 160 bits")?,
            tick: self.tick(row, "tick")?,
            liquidity: self.parse(row, "liquidity", "digits of at most 128 bits")?,
            fee_growth: [FeeGrowth(growth("fee_growth0")?), FeeGrowth(growth("fee_growth1")?)],
        })
    }

    fn tick(&self, row: &StringRecord, name: &str) -> Result<Tick, FieldFault> {
        self.parse(row, name, "a tick from -887272 to 887272").map(Tick)
    }

    pub(crate) fn pool_bar(&mut self, row: &StringRecord) -> Result<PoolBar, FieldFault> {
        let signed = "digits, perhaps with a minus sign";
        let digits = "digits of at most 256 bits";
        Ok(PoolBar {
            open_time: self.time(row, "open_time")?,
            open: self.tick(row, "open")?,
            high: self.tick(row, "high")?,
            low: self.tick(row, "low")?,
            close: self.tick(row, "close")?,
            net: [self.parse(row, "net0", signed)?, self.parse(row, "net1", signed)?],
            paid_in: Amounts {
                amount0: self.parse(row, "in0", digits)?,
                amount1: self.parse(row, "in1", digits)?,
            },
            liquidity: self.parse(row, "liquidity", "digits of at most 128 bits")?,
        })
    }

    pub(crate) fn pool_event(&mut self, row: &StringRecord) -> Result<TapeEvent, FieldFault> {
        let time = self.time(row, "time")?;
        let second = time.to_timestamp_up().filter(|_| time.0 % 1_000_000 == 0);
        let fault = |found: &str, expected| self.fault("time", found, expected);
        let second =
            second.ok_or_else(|| fault(self.field(row, "time"), "a whole second from 1970 on"))?;
        let word = self.field(row, "kind");
        let kind = self.layout.kinds.get(word).copied();
        let kind =
            kind.ok_or_else(|| self.fault("kind", word, "a kind of the layout's `kinds`"))?;
        let index = self.parse(row, "log_index", "a whole number below 2^32")?;
        let gas_used = self.optional(row, "gas_used", "a whole number")?.map(Gas);
        let gas_price = self.gas_price(row, "gas_price")?;
        Ok(TapeEvent {
            block: BlockNumber(self.whole(row, "block")?),
            log_index: LogIndex(index),
            time: second,
            gas_used,
            gas_price,
            event: self.event(row, kind)?,
        })
    }

    fn event(&self, row: &StringRecord, kind: EventKind) -> Result<PoolEvent, FieldFault> {
        let price = "digits of at most 160 bits";
        Ok(match kind {
            EventKind::Initialize => PoolEvent::Initialize {
                sqrt_price: self.parse(row, "sqrt_price_after", price)?,
                tick: self.optional(row, "tick_after", "a tick")?.map(Tick),
            },
            EventKind::Swap => PoolEvent::Swap {
                amounts: SignedAmounts {
                    amount0: self.parse(row, "amount0", "digits, perhaps with a minus sign")?,
                    amount1: self.parse(row, "amount1", "digits, perhaps with a minus sign")?,
                },
                after: RecordedAfter {
                    sqrt_price: self.optional(row, "sqrt_price_after", price)?,
                    liquidity: self.optional(row, "liquidity_after", "digits")?,
                    tick: self.optional(row, "tick_after", "a tick")?.map(Tick),
                },
            },
            EventKind::Mint => {
                let (owner, range) = (self.owner(row)?, self.range(row)?);
                let (liquidity, amounts) = (self.liquidity(row)?, self.amounts(row)?);
                PoolEvent::Mint { owner, range, liquidity, amounts }
            }
            EventKind::Burn => {
                let (owner, range) = (self.owner(row)?, self.range(row)?);
                let (liquidity, amounts) = (self.liquidity(row)?, self.amounts(row)?);
                PoolEvent::Burn { owner, range, liquidity, amounts }
            }
            EventKind::Collect => {
                let (owner, range) = (self.owner(row)?, self.range(row)?);
                PoolEvent::Collect { owner, range, amounts: self.amounts(row)? }
            }
        })
    }

    fn owner(&self, row: &StringRecord) -> Result<Option<Address>, FieldFault> {
        if let Some(when) = &self.layout.owner_when
            && self.text(row, &when.column) == when.is
        {
            return Ok(self.owner);
        }
        self.optional(row, "owner", "an address: 0x and 40 digits")
    }

    fn range(&self, row: &StringRecord) -> Result<TickRange, FieldFault> {
        let (lower, upper) = (self.tick(row, "tick_lower")?, self.tick(row, "tick_upper")?);
        if lower >= upper {
            let found = format!("{} to {}", lower.0, upper.0);
            return Err(self.fault("tick_upper", &found, "a tick above the lower one"));
        }
        Ok(TickRange { lower, upper })
    }

    fn liquidity(&self, row: &StringRecord) -> Result<Liquidity, FieldFault> {
        self.parse(row, "liquidity", "digits of at most 128 bits")
    }

    fn amounts(&self, row: &StringRecord) -> Result<Amounts, FieldFault> {
        let amount = |name| self.parse::<Amount>(row, name, "digits of at most 256 bits");
        Ok(Amounts { amount0: amount("amount0")?, amount1: amount("amount1")? })
    }
}
