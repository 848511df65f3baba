use crate::synced_folder::UNNAMED;
use crate::{Catalogue, Source};

/// Removes what a killed process left of files that it was writing to this machine's disk.
///
/// The store writes such a file beside its place, under its name, `#` and a number, and gives it
/// the name when it is whole; it never lists them. What cannot be removed does no harm.
pub(crate) fn remove_half_written(catalogue: &Catalogue, source: &Source) {
    let Some(root) = catalogue.folder() else { return };
    let folder = root.join(source.to_string());
    let mut folders = vec![folder.clone()];
    let below = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    folders.extend(below.map(|entry| entry.path()).filter(|path| path.is_dir()));
    for folder in folders {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some((whole, number)) = name.to_str().and_then(|name| name.rsplit_once('#')) else {
                continue;
            };
            let is_ours = [".parquet", ".json", UNNAMED].iter().any(|end| whole.ends_with(end));
            if is_ours && number.bytes().all(|byte| byte.is_ascii_digit()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}
