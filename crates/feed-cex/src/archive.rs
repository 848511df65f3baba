//! Files as venues publish them: ZIP with one table inside, gzip or plain, read as they stream.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::Crc;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use sha2::{Digest, Sha256};
use zip::{CompressionMethod, ZipArchive};

use crate::dump::DumpFault;

/// What is wrong with the bytes of an archive, found while they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damage {
    #[error("the archive's member is not what its checksum says")]
    Checksum,
    #[error("the table has more than {0} bytes")]
    TooLong(u64),
}

/// Opens a table by the file's name: `.zip`, `.csv.gz` or `.csv`. Of an archive with several
/// members, `member` says which; without it there has to be just one.
///
/// A `.CHECKSUM` beside the file is held against it first.
pub(crate) fn open(
    path: &Path,
    member: Option<&str>,
    largest: u64,
) -> Result<Box<dyn Read + Send>, DumpFault> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    let name = name.unwrap_or_default();
    verify(path)?;
    let file = File::open(path).map_err(DumpFault::Read)?;
    if name.ends_with(".zip") {
        return open_member(file, member, largest);
    }
    if member.is_some() || !(name.ends_with(".csv") || name.ends_with(".csv.gz")) {
        return Err(DumpFault::Name);
    }
    let bound = Bound { left: largest, largest };
    if name.ends_with(".gz") {
        let text = MultiGzDecoder::new(BufReader::new(file));
        return Ok(Box::new(Checked { inner: text, bound, expected: None, crc: Crc::new() }));
    }
    let text = BufReader::new(file);
    Ok(Box::new(Checked { inner: text, bound, expected: None, crc: Crc::new() }))
}

fn open_member(
    file: File,
    member: Option<&str>,
    largest: u64,
) -> Result<Box<dyn Read + Send>, DumpFault> {
    let damaged = |error: zip::result::ZipError| DumpFault::Archive(error.to_string());
    let mut file = file;
    let (start, length, expected, method) = {
        let mut archive = ZipArchive::new(BufReader::new(&mut file)).map_err(damaged)?;
        let index = match member {
            Some(member) => archive
                .index_for_name(member)
                .ok_or_else(|| DumpFault::NoMember(member.to_owned()))?,
            None => only_file(&mut archive)?,
        };
        let member = archive.by_index_raw(index).map_err(damaged)?;
        if member.encrypted() {
            return Err(DumpFault::Archive("the member is encrypted".to_owned()));
        }
        if member.size() > largest {
            return Err(DumpFault::TooLong { limit: largest });
        }
        let expected = Some((member.crc32(), member.size()));
        (member.data_start(), member.compressed_size(), expected, member.compression())
    };
    file.seek(SeekFrom::Start(start)).map_err(DumpFault::Read)?;
    let packed = BufReader::new(file.take(length));
    let bound = Bound { left: largest, largest };
    let crc = Crc::new();
    if method == CompressionMethod::Deflated {
        let inner = DeflateDecoder::new(packed);
        return Ok(Box::new(Checked { inner, bound, expected, crc }));
    }
    if method == CompressionMethod::Stored {
        return Ok(Box::new(Checked { inner: packed, bound, expected, crc }));
    }
    Err(DumpFault::Archive(format!("the member is packed by {method}")))
}

/// The place of the one file in an archive.
fn only_file<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<usize, DumpFault> {
    let mut files = archive.file_names().filter(|name| !name.ends_with('/'));
    let (first, second) = (files.next().map(str::to_owned), files.next());
    if second.is_some() {
        let found = files.count().saturating_add(2);
        return Err(DumpFault::Members { found });
    }
    let index = first.and_then(|name| archive.index_for_name(&name));
    index.ok_or(DumpFault::Members { found: 0 })
}

struct Bound {
    left: u64,
    largest: u64,
}

/// Counts and sums what is read, and says at the end whether it was all of it.
struct Checked<R> {
    inner: R,
    bound: Bound,
    /// CRC-32 and length, where the archive tells them.
    expected: Option<(u32, u64)>,
    crc: Crc,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        if count == 0 && !buffer.is_empty() {
            let told = self.bound.largest.saturating_sub(self.bound.left);
            let found = (self.crc.sum(), told);
            if self.expected.is_some_and(|expected| expected != found) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, Damage::Checksum));
            }
        }
        self.crc.update(read);
        let long = u64::try_from(count).unwrap_or(u64::MAX);
        self.bound.left = self.bound.left.checked_sub(long).ok_or_else(|| {
            let damage = Damage::TooLong(self.bound.largest);
            io::Error::new(io::ErrorKind::InvalidData, damage)
        })?;
        Ok(count)
    }
}

/// Holds a file against the `.CHECKSUM` beside it, where there is one.
fn verify(path: &Path) -> Result<(), DumpFault> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".CHECKSUM");
    let mut told = String::new();
    match File::open(&beside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(DumpFault::Read(error)),
        // A line of a hash and a name; what is longer is no such file.
        Ok(file) => file.take(4_096).read_to_string(&mut told).map_err(DumpFault::Read)?,
    };
    let expected = told.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    if expected.len() != 64 || !expected.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(DumpFault::NoSha256);
    }
    let mut file = File::open(path).map_err(DumpFault::Read)?;
    let mut hash = Sha256::new();
    io::copy(&mut file, &mut hash).map_err(DumpFault::Read)?;
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == expected { Ok(()) } else { Err(DumpFault::Sha256 { expected, found }) }
}
