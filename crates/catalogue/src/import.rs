//! Tables into the data folder: CSV, JSON lines and Parquet, by a declared layout.

mod convert;
mod error;
mod layout;
mod presets;
mod run;
mod staged;
mod table;
mod time;

pub use error::ImportError;
pub use layout::{
    EventKind, GasUnit, Layout, Numbers, OwnerWhen, Published, TimeFormat, Unfit, ValueColumn,
};
pub use presets::{PRESETS, Preset};
pub use run::{Import, ImportReport, ImportedSource, Progress};
pub use staged::Staged;
pub(crate) use table::cell_text;
pub use time::read_instant;
