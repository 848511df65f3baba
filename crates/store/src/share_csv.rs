use std::ops::Range;

use crate::csv_lines::{CsvLines, Line};
use crate::csv_rows::{read_header, split, whole};
use crate::error::RowFault;
use crate::importer::file_error;
use crate::share_row::{ShareColumn, ShareRow};
use crate::time_text::parse_time;
use crate::{Fault, FormatFault, TapeError};

/// The columns that every `events.csv` of a pool of shares has; the others may be left out.
const REQUIRED: [ShareColumn; 4] =
    [ShareColumn::Kind, ShareColumn::Time, ShareColumn::Block, ShareColumn::LogIndex];

/// Hands every row of an `events.csv` of a pool of shares to `push`, in order.
///
/// # Errors
///
/// A header that is none, the first fault of a line, or what `push` says of its row.
pub(crate) fn for_each_share_row(
    file: &str,
    mut lines: CsvLines<'_>,
    mut push: impl FnMut(&ShareRow<'_>) -> Result<(), RowFault>,
) -> Result<(), TapeError> {
    let error = |fault: FormatFault| file_error(file, fault);
    let header = match lines.next()? {
        None => return Err(error(FormatFault::Empty)),
        Some(Line::TooLong(_)) => return Err(error(FormatFault::LongLine)),
        Some(Line::Whole(line)) => read_header(line, &ShareColumn::ALL, &REQUIRED),
    };
    let header = header.map_err(error)?;
    let mut fields = Vec::new();
    let mut number: u64 = 0;
    while let Some(line) = lines.next()? {
        number = number.saturating_add(1);
        let pushed = split(line, &header, &mut fields)
            .and_then(|text| read_row(text, &header, &fields))
            .and_then(|row| push(&row));
        pushed.map_err(|fault| fault.at(file, number))?;
    }
    Ok(())
}

fn read_row<'l>(
    text: &'l str,
    header: &[ShareColumn],
    fields: &[Range<usize>],
) -> Result<ShareRow<'l>, RowFault> {
    let mut row = ShareRow::default();
    for (column, field) in header.iter().zip(fields) {
        let value = text.get(field.clone()).filter(|value| !value.is_empty());
        let Some(value) = value else { continue };
        set(&mut row, *column, value).map_err(|fault| column.fault(fault))?;
    }
    Ok(row)
}

fn set<'l>(row: &mut ShareRow<'l>, column: ShareColumn, value: &'l str) -> Result<(), Fault> {
    const U64: &str = "a whole number from 0 to 2^64 - 1";
    const U32: &str = "a whole number from 0 to 2^32 - 1";
    if let Some(text) = column.text_place().and_then(|place| row.texts.get_mut(place)) {
        *text = Some(value);
        return Ok(());
    }
    match column {
        ShareColumn::Kind => row.kind = value,
        ShareColumn::Time => row.time = Some(parse_time(value)?),
        ShareColumn::Block => row.block = Some(whole(value, U64)?),
        ShareColumn::LogIndex => row.log_index = Some(whole(value, U32)?),
        ShareColumn::GasUsed => row.gas_used = Some(whole(value, U64)?),
        ShareColumn::GasPrice => row.gas_price = Some(whole(value, U64)?),
        // Text, and set above.
        ShareColumn::TokenIn
        | ShareColumn::AmountIn
        | ShareColumn::TokenOut
        | ShareColumn::AmountOut
        | ShareColumn::AmountsIn
        | ShareColumn::AmountsOut
        | ShareColumn::Shares
        | ShareColumn::Fees
        | ShareColumn::Invariant
        | ShareColumn::TotalShares
        | ShareColumn::Balances
        | ShareColumn::Parameters => {}
    }
    Ok(())
}
