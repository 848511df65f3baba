use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use tidemill_model::{PoolBuild, PoolHeader, PoolStart};

use crate::row::Column;
use crate::{FormatFault, check_columns};

/// The version of the format written and read here.
pub(crate) const FORMAT_VERSION: &str = "1";

/// The version of the format of tapes of concentrated pools that are not Uniswap v3's.
pub(crate) const BUILDS_VERSION: &str = "2";

/// The version of the format of tapes without a tick map.
pub(crate) const WINDOW_VERSION: &str = "3";

/// The version of the format of tapes of shares.
pub(crate) const SHARES_VERSION: &str = "shares-1";

/// The metadata key of the version.
pub(crate) const VERSION_KEY: &str = "tidemill.tape_version";

/// The metadata key of the pool's description, the content of a `pool.json`.
pub(crate) const POOL_KEY: &str = "tidemill.pool";

/// Returns the version that a tape has.
pub(crate) const fn version_of(header: &PoolHeader) -> &'static str {
    match (&header.build, &header.start) {
        (PoolBuild::UniswapV3, PoolStart::Window(_)) => WINDOW_VERSION,
        (PoolBuild::UniswapV3, PoolStart::Creation | PoolStart::Snapshot { .. }) => FORMAT_VERSION,
        (
            PoolBuild::PancakeV3 { .. }
            | PoolBuild::Slipstream { .. }
            | PoolBuild::UniswapV4 { .. },
            _,
        ) => BUILDS_VERSION,
    }
}

/// Returns the columns of a tape: names, types and whether they may be null.
pub(crate) fn tape_schema(build: &PoolBuild) -> Arc<Schema> {
    let field = |column: Column| {
        Field::new(column.name(), data_type(column), !matches!(column, Column::Kind))
    };
    Arc::new(Schema::new(Column::of(build).into_iter().map(field).collect::<Vec<_>>()))
}

fn data_type(column: Column) -> DataType {
    match column {
        Column::Kind
        | Column::Amount0
        | Column::Amount1
        | Column::SqrtPriceAfter
        | Column::Liquidity
        | Column::LiquidityAfter
        | Column::Owner
        | Column::Salt
        | Column::ProtocolFee0
        | Column::ProtocolFee1
        | Column::Staked => DataType::Utf8,
        Column::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        Column::Block | Column::GasUsed | Column::GasPrice => DataType::UInt64,
        Column::LogIndex | Column::Fee => DataType::UInt32,
        Column::TickLower | Column::TickUpper | Column::TickAfter => DataType::Int32,
    }
}

/// Checks that a file has exactly the columns of a tape of a concentrated pool, in order.
pub(crate) fn check_schema(found: &Schema, build: &PoolBuild) -> Result<(), FormatFault> {
    Ok(check_columns(found, &tape_schema(build))?)
}
