//! SQL over the data folder: its Parquet files as tables, and table functions for what people ask
//! of them: candles at any interval, swaps, positions, returns, realised volatility, volume, depth
//! and fee yield.
//!
//! Stands on DataFusion, and is the only crate that knows it. It only reads: a statement that
//! would change or write anything is refused. Files are those that the manifests of the folder
//! name (`docs/data.md`), read in the order of their keys; a source is never held whole. Floats
//! are what SQL computes with; the exact numbers stay in the files, and their tables have them.

mod answer;
mod arguments;
mod columns;
mod data_files;
mod dataset_table;
mod error;
mod feature;
mod features;
mod ordered_scan;
mod pool_description;
mod session;

pub use answer::{Answer, Format};
pub use error::QueryError;
pub use session::QuerySession;
