//! The data folder: what was recorded, kept by source and day, checked and found again.
//!
//! A catalogue is a folder, or a prefix of an S3-compatible store, of Parquet files that DuckDB,
//! Polars and pandas read unchanged; `docs/data.md` has the layout. A [`Writer`] appends rows of a
//! [`Source`] and compacts them, [`Catalogue::read`] gives them back in order, and a [`Manifest`]
//! says what was asked for and answered, what is known to be missing, and the hash of every file.
//! Stands on `store` and `model`. It fetches nothing and knows no venue or node.
//!
//! ```
//! use tidemill_catalogue::{Answered, Catalogue, Range, Source};
//! use tidemill_model::{Candle, Interval};
//! use tidemill_units::{Decimal, InstantUs};
//!
//! # let folder = tempfile::tempdir()?;
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! let data = Catalogue::create(&folder.path().display().to_string())?;
//! let source = Source::candles("binance", "ETHUSDT", Interval::MINUTE)?;
//! let price: Decimal = "2345.67".parse()?;
//! let candle = Candle {
//!     open_time: InstantUs(0),
//!     open: price,
//!     high: price,
//!     low: price,
//!     close: price,
//!     volume: Decimal::ONE,
//!     quote_volume: None,
//!     trades: Some(1),
//! };
//! let mut writer = data.writer(&source, ()).await?;
//! writer.append(vec![candle], &Answered::span(0, 60_000_000)).await?;
//! writer.compact().await?;
//! let rows = data.read::<Candle>(&source, Range::All).await?.collect().await?;
//! assert_eq!(rows, [candle]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod catalogue;
mod columns;
mod coverage;
mod dataset;
mod error;
mod export;
pub mod import;
mod key;
mod location;
mod manifest;
mod parquet_file;
mod partition;
mod read_ahead;
mod record;
mod records;
mod rows;
#[cfg(feature = "s3")]
mod s3;
mod source;
mod store_fault;
mod synced_folder;
pub mod verify;
mod writer;

pub use catalogue::Catalogue;
pub use coverage::{Coverage, Gap, Span};
pub use dataset::{CoverageUnit, Dataset};
pub use error::{CatalogueError, FileFault, RecordFault};
pub use export::{ExportError, ExportForm};
pub use key::Key;
pub use manifest::{FileEntry, Manifest};
pub use partition::Partition;
pub use read_ahead::ReadAhead;
pub use record::{Frame, Record};
pub use records::block::Block;
pub use records::book::{BookMessage, BookRow, BookSide};
pub use records::pool_bar::PoolBar;
pub use records::pool_state::PoolSnapshot;
pub use records::series::{SeriesInfo, SeriesValue};
pub use records::trades::Seen;
pub use rows::{Range, Rows};
#[cfg(feature = "s3")]
pub use s3::credentials_file::{CredentialsFileError, CredentialsFileFault};
#[cfg(feature = "s3")]
pub use s3::{S3Settings, S3SettingsError};
pub use source::{Source, block_place};
pub use store_fault::StoreFault;
pub use writer::{Answered, Appended, Compacted, Writer};
