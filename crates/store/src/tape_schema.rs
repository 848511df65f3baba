use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, TimeUnit};

use crate::FormatFault;
use crate::row::Column;

/// The version of the format written and read here.
pub(crate) const FORMAT_VERSION: &str = "1";

/// The version of the format of tapes of shares.
pub(crate) const SHARES_VERSION: &str = "shares-1";

/// The metadata key of the version.
pub(crate) const VERSION_KEY: &str = "tidemill.tape_version";

/// The metadata key of the pool's description, the content of a `pool.json`.
pub(crate) const POOL_KEY: &str = "tidemill.pool";

/// Returns the columns of a tape: names, types and whether they may be null.
pub(crate) fn tape_schema() -> Arc<Schema> {
    let field = |column: Column| {
        Field::new(column.name(), data_type(column), !matches!(column, Column::Kind))
    };
    Arc::new(Schema::new(Column::ALL.map(field).to_vec()))
}

fn data_type(column: Column) -> DataType {
    match column {
        Column::Kind
        | Column::Amount0
        | Column::Amount1
        | Column::SqrtPriceAfter
        | Column::Liquidity
        | Column::LiquidityAfter
        | Column::Owner => DataType::Utf8,
        Column::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        Column::Block | Column::GasUsed | Column::GasPrice => DataType::UInt64,
        Column::LogIndex => DataType::UInt32,
        Column::TickLower | Column::TickUpper | Column::TickAfter => DataType::Int32,
    }
}

/// Checks that a file has exactly the columns of a tape of a concentrated pool, in order.
pub(crate) fn check_schema(found: &Schema) -> Result<(), FormatFault> {
    check_columns(found, &tape_schema())
}

/// Checks that a file has exactly these columns, in order.
pub(crate) fn check_columns(found: &Schema, expected: &Schema) -> Result<(), FormatFault> {
    let describe = |field: Option<&Arc<Field>>| match field {
        None => "no column".to_owned(),
        Some(field) => {
            let null = if field.is_nullable() { "" } else { " not null" };
            format!("{} {}{null}", field.name().escape_debug(), field.data_type())
        }
    };
    for at in 0..found.fields().len().max(expected.fields().len()) {
        let (found, expected) = (found.fields().get(at), expected.fields().get(at));
        let same = found.zip(expected).is_some_and(|(found, expected)| {
            found.name() == expected.name()
                && found.data_type() == expected.data_type()
                && found.is_nullable() == expected.is_nullable()
        });
        if !same {
            let (found, expected) = (describe(found), describe(expected));
            return Err(FormatFault::Column { number: at.saturating_add(1), found, expected });
        }
    }
    Ok(())
}
