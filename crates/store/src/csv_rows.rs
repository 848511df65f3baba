use std::ops::Range;
use std::str::FromStr;

use tidemill_model::PoolBuild;
use tidemill_units::Tick;

use crate::csv_lines::{CsvLines, Line};
use crate::error::{RowFault, clip};
use crate::importer::file_error;
use crate::row::{Column, Row};
use crate::time_text::parse_time;
use crate::{Fault, FormatFault, TapeError};

/// The columns that every `events.csv` has; the others may be left out.
const EVENT_COLUMNS: [Column; 6] =
    [Column::Kind, Column::Time, Column::Block, Column::LogIndex, Column::Amount0, Column::Amount1];

const POSITION_COLUMNS: [Column; 3] = [Column::TickLower, Column::TickUpper, Column::Liquidity];
const STAKED_COLUMNS: [Column; 4] =
    [Column::TickLower, Column::TickUpper, Column::Liquidity, Column::Staked];

/// A column that a header names.
pub(crate) trait NamedColumn: Copy + PartialEq + 'static {
    /// The column that a fault of a whole row is put down to.
    const FIRST: Self;

    /// Returns the name in the header.
    fn name(self) -> &'static str;
}

impl NamedColumn for Column {
    const FIRST: Self = Self::Kind;

    fn name(self) -> &'static str {
        Column::name(self)
    }
}

/// Reads the rows of a CSV file by the names in its header.
pub(crate) struct CsvRows<'a> {
    file: &'a str,
    lines: CsvLines<'a>,
    /// The columns in this file's order.
    header: Vec<Column>,
    /// Where each field of the current line is.
    fields: Vec<Range<usize>>,
    row: u64,
}

/// Which of the two files it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    Events,
    InitialPositions,
}

impl<'a> CsvRows<'a> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`TapeError::File`] for no header, and for unknown, repeated or missing columns.
    pub(crate) fn new(
        file: &'a str,
        mut lines: CsvLines<'a>,
        (table, build): (Table, &PoolBuild),
    ) -> Result<Self, TapeError> {
        let error = |fault: FormatFault| file_error(file, fault);
        let header = match lines.next()? {
            None => return Err(error(FormatFault::Empty)),
            Some(Line::TooLong(_)) => return Err(error(FormatFault::LongLine)),
            Some(Line::Whole(line)) => read_table_header(line, table, build).map_err(error)?,
        };
        Ok(Self { file, lines, header, fields: Vec::new(), row: 0 })
    }

    /// Hands every row to `push`, in order.
    ///
    /// # Errors
    ///
    /// The first fault of a line, or what `push` says of its row.
    pub(crate) fn for_each(
        mut self,
        mut push: impl FnMut(&Row<'_>) -> Result<(), RowFault>,
    ) -> Result<(), TapeError> {
        while let Some(line) = self.lines.next()? {
            self.row = self.row.saturating_add(1);
            let pushed = split(line, &self.header, &mut self.fields)
                .and_then(|text| read_row(text, &self.header, &self.fields))
                .and_then(|row| push(&row));
            pushed.map_err(|fault| fault.at(self.file, self.row))?;
        }
        Ok(())
    }
}

fn read_table_header(
    line: &[u8],
    table: Table,
    build: &PoolBuild,
) -> Result<Vec<Column>, FormatFault> {
    let staked = matches!(build, PoolBuild::Slipstream { .. });
    match table {
        Table::Events => {
            // What is staked at the start stands with the initial positions.
            let mut columns = Column::of(build);
            columns.retain(|column| *column != Column::Staked);
            read_header(line, &columns, &EVENT_COLUMNS)
        }
        Table::InitialPositions if staked => read_header(line, &STAKED_COLUMNS, &STAKED_COLUMNS),
        Table::InitialPositions => read_header(line, &POSITION_COLUMNS, &POSITION_COLUMNS),
    }
}

/// Reads which columns a file has, in its order.
pub(crate) fn read_header<C: NamedColumn>(
    line: &[u8],
    allowed: &[C],
    required: &[C],
) -> Result<Vec<C>, FormatFault> {
    let text = std::str::from_utf8(line).map_err(|_| FormatFault::NotUtf8)?;
    let mut header = Vec::new();
    for name in text.split(',') {
        let known = allowed.iter().copied().find(|known| known.name() == name);
        let column = known.ok_or_else(|| FormatFault::UnknownColumn(clip(name)))?;
        if header.contains(&column) {
            return Err(FormatFault::DuplicateColumn(column.name()));
        }
        header.push(column);
    }
    match required.iter().find(|column| !header.contains(column)) {
        Some(missing) => Err(FormatFault::MissingColumn(missing.name())),
        None => Ok(header),
    }
}

/// Finds the fields of a line and returns it as text.
pub(crate) fn split<'l, C: NamedColumn>(
    line: Line<'l>,
    header: &[C],
    fields: &mut Vec<Range<usize>>,
) -> Result<&'l str, RowFault> {
    let (Line::Whole(bytes) | Line::TooLong(bytes)) = line;
    let fault =
        |column: C, fault: FormatFault| RowFault { column: column.name(), fault: fault.into() };
    let column_at = |offset: usize| {
        let commas = bytes.iter().take(offset).filter(|byte| **byte == b',').count();
        header.get(commas).or(header.last()).copied().unwrap_or(C::FIRST)
    };
    if matches!(line, Line::TooLong(_)) {
        return Err(fault(column_at(bytes.len()), FormatFault::LongLine));
    }
    if let Some(offset) = bytes.iter().position(|byte| matches!(byte, 0 | b'"')) {
        let is_nul = bytes.get(offset) == Some(&0);
        let found = if is_nul { FormatFault::Nul } else { FormatFault::Quote };
        return Err(fault(column_at(offset), found));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| fault(column_at(error.valid_up_to()), FormatFault::NotUtf8))?;
    fields.clear();
    let mut start = 0;
    for (comma, _) in text.match_indices(',') {
        fields.push(start..comma);
        start = comma.saturating_add(1);
    }
    fields.push(start..text.len());
    if fields.len() != header.len() {
        let column = header.get(fields.len()).or(header.last()).copied().unwrap_or(C::FIRST);
        let (found, expected) = (fields.len(), header.len());
        return Err(fault(column, FormatFault::FieldCount { found, expected }));
    }
    Ok(text)
}

fn read_row<'l>(
    text: &'l str,
    header: &[Column],
    fields: &[Range<usize>],
) -> Result<Row<'l>, RowFault> {
    let mut row = Row::default();
    for (column, field) in header.iter().zip(fields) {
        let value = text.get(field.clone()).filter(|value| !value.is_empty());
        let Some(value) = value else { continue };
        set(&mut row, *column, value).map_err(|fault| column.fault(fault))?;
    }
    Ok(row)
}

fn set<'l>(row: &mut Row<'l>, column: Column, value: &'l str) -> Result<(), Fault> {
    const U64: &str = "a whole number from 0 to 2^64 - 1";
    const U32: &str = "a whole number from 0 to 2^32 - 1";
    match column {
        Column::Kind => row.kind = value,
        Column::Time => row.time = Some(parse_time(value)?),
        Column::Block => row.block = Some(whole(value, U64)?),
        Column::LogIndex => row.log_index = Some(whole(value, U32)?),
        Column::Amount0 => row.amount0 = Some(value),
        Column::Amount1 => row.amount1 = Some(value),
        Column::SqrtPriceAfter => row.sqrt_price_after = Some(value),
        Column::Liquidity => row.liquidity = Some(value),
        Column::TickLower => row.tick_lower = Some(tick(value)?),
        Column::TickUpper => row.tick_upper = Some(tick(value)?),
        Column::Owner => row.owner = Some(value),
        Column::GasUsed => row.gas_used = Some(whole(value, U64)?),
        Column::GasPrice => row.gas_price = Some(whole(value, U64)?),
        Column::LiquidityAfter => row.liquidity_after = Some(value),
        Column::TickAfter => row.tick_after = Some(tick(value)?),
        Column::Salt => row.salt = Some(value),
        Column::Fee => row.fee = Some(whole(value, U32)?),
        Column::ProtocolFee0 => row.protocol_fee0 = Some(value),
        Column::ProtocolFee1 => row.protocol_fee1 = Some(value),
        Column::Staked => row.staked = Some(value),
    }
    Ok(())
}

/// Reads decimal digits only; the parsers of the standard library also take a plus sign.
pub(crate) fn whole<T: FromStr>(text: &str, expected: &'static str) -> Result<T, Fault> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let value = if is_digits { text.parse().ok() } else { None };
    value.ok_or_else(|| Fault::Value { found: clip(text), expected })
}

fn tick(text: &str) -> Result<i32, Fault> {
    Ok(text.parse::<Tick>()?.0)
}
