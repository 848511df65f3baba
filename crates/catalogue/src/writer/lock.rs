use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The right to write one source of a folder of this machine, which one writer has at a time.
///
/// It is a lock of the operating system on a file beside the manifest: gone when it is dropped, or
/// when its process ends, however that ends. The file says who has it, and goes with it.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
    path: PathBuf,
    root: PathBuf,
}

/// Why the lock is not ours.
#[derive(Debug)]
pub(super) enum LockFault {
    /// Another writer has it; who that is, as far as it says.
    Held(String),
    /// The system said no.
    System(io::Error),
}

/// The name of the file.
pub(crate) const LOCK: &str = "writer.lock";

/// How often the file is opened anew that its holder removed meanwhile.
const TRIES: u32 = 100;

impl WriterLock {
    /// Takes the lock of the source whose folder lies below a root; makes the folder where it is
    /// not there.
    pub(super) fn take(root: &Path, folder: &Path) -> Result<Self, LockFault> {
        let path = folder.join(LOCK);
        for _ in 0..TRIES {
            std::fs::create_dir_all(folder).map_err(LockFault::System)?;
            let mut options = OpenOptions::new();
            // What it says is the holder's until the lock is ours.
            options.read(true).write(true).create(true).truncate(false);
            let file = match options.open(&path) {
                Ok(file) => file,
                // The holder before has just removed the folder that it left empty.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(LockFault::System(error)),
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(LockFault::Held(holder(&path))),
                Err(TryLockError::Error(error)) => return Err(LockFault::System(error)),
            }
            if is_at(&file, &path).map_err(LockFault::System)? {
                let lock = Self { file, path, root: root.to_owned() };
                lock.tell().map_err(LockFault::System)?;
                return Ok(lock);
            }
        }
        Err(LockFault::Held(holder(&path)))
    }

    /// Writes down who has it.
    fn tell(&self) -> io::Result<()> {
        let program = std::env::current_exe().ok();
        let program = program.as_deref().and_then(Path::file_name).unwrap_or_default();
        let since = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
        let (process, program) = (std::process::id(), program.to_string_lossy());
        self.file.set_len(0)?;
        (&self.file).write_all(format!("process {process} ({program}) since {since}\n").as_bytes())
    }
}

/// Returns who has the lock, as far as the file says.
fn holder(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().next().map(str::trim).filter(|line| !line.is_empty());
    line.unwrap_or("another process").chars().take(200).collect()
}

/// Whether a file is still the one of its name: the holder before may have removed it.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;

    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere the file stays.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

impl Drop for WriterLock {
    /// Leaves the folder as if there had been no lock; what cannot be removed does no harm.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        if cfg!(unix) && std::fs::remove_file(&self.path).is_ok() {
            let folders = self.path.ancestors().skip(1);
            for folder in folders.take_while(|folder| *folder != self.root.as_path()) {
                // One that is not empty stays, and with it those above.
                if std::fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
    }
}
