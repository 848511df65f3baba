//! Recorded data sets, which are not part of the repository.

use std::path::{Path, PathBuf};

/// A file among the recorded data sets, in the folder that `TIDEMILL_DATA` names or beside the
/// repository; `None`, said aloud, where it is not there.
pub(crate) fn recorded(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TIDEMILL_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no recorded data at {}", path.display());
    None
}
