//! The table functions, one file each.

mod candles;
mod closes;
mod depth;
mod fee_yield;
mod pool_candles;
mod positions;
mod returns;
mod rolling_volume;
mod swap_rows;
mod swaps;
mod volatility;

use std::sync::Arc;

use datafusion::catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use tidemill_catalogue::Catalogue;

use crate::data_files::DataFiles;
use crate::feature::{Feature, FeatureTable};

/// The data folder, as the functions see it.
#[derive(Debug)]
pub(crate) struct Lake {
    pub(crate) data: Catalogue,
    pub(crate) files: DataFiles,
}

type Make = fn(&Arc<Lake>, &[Expr]) -> Result<Arc<dyn Feature>>;

/// Every table function: its name, and what it makes of a call.
pub(crate) const FUNCTIONS: [(&str, Make); 9] = [
    ("candles", candles::call),
    ("depth", depth::call),
    ("fee_yield", fee_yield::call),
    ("pool_candles", pool_candles::call),
    ("positions", positions::call),
    ("realised_volatility", volatility::call),
    ("returns", returns::call),
    ("rolling_volume", rolling_volume::call),
    ("swaps", swaps::call),
];

/// One table function over a data folder.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) lake: Arc<Lake>,
    pub(crate) make: Make,
}

impl TableFunctionImpl for Function {
    fn call_with_args(&self, arguments: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        let feature = (self.make)(&self.lake, arguments.exprs())?;
        Ok(Arc::new(FeatureTable(feature)))
    }
}

/// Says that nothing is stored of what was asked for, and what is.
fn nothing_stored<T>(what: &str, wanted: &str, stored: &[&str]) -> Result<T> {
    const SHOWN: usize = 12;
    let more = if stored.len() > SHOWN { ", …" } else { "" };
    let stored: Vec<_> = stored.iter().take(SHOWN).copied().collect();
    let stored = if stored.is_empty() { "none".to_owned() } else { stored.join(", ") };
    plan_err!("no {what} `{wanted}` is stored; stored: {stored}{more}")
}
