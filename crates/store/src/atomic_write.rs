use std::io::{self, Write};
use std::path::Path;

use tempfile::Builder;

use crate::TapeError;

/// Writes a file whole or not at all.
///
/// The bytes go to a new file in the same folder, are forced to the disk, and take the name in one
/// step; a file of that name is replaced. Whatever happens in between, the name never stands for
/// half of the bytes, and on an error nothing is left behind.
///
/// # Errors
///
/// [`TapeError::Write`] naming the folder where no file can be made in it, and the file where it
/// cannot be filled or take its name (a folder of that name is in the way, the disk is full).
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), TapeError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    let in_folder = |source| write_error(folder, source);
    let mut file = builder().tempfile_in(folder).map_err(in_folder)?;
    let filled = file.write_all(bytes).and_then(|()| file.as_file().sync_all());
    filled.map_err(|source| write_error(path, source))?;
    file.persist(path).map_err(|error| write_error(path, error.error))?;
    // The new name itself is on the disk only once the folder is.
    sync_folder(folder).map_err(in_folder)
}

fn write_error(path: &Path, source: io::Error) -> TapeError {
    TapeError::Write { file: path.display().to_string(), source }
}

fn builder<'a>() -> Builder<'a, 'a> {
    let mut builder = Builder::new();
    builder.prefix(".tidemill-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As for any new file, the process's umask decides who may read it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
