use std::ops::Range;

use crate::FormatFault;

/// The metadata key that holds the seal.
pub(crate) const SEAL_KEY: &str = "tidemill.blake3";

/// What stands in the seal's place while the file is hashed: 64 digits.
pub(crate) const UNSEALED: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

const MAGIC: &[u8] = b"PAR1";

/// What Thrift's compact protocol puts between the key and its value of 64 bytes: a binary field,
/// one after the last, and its length (Parquet format, `KeyValue` of `parquet.thrift`).
const BETWEEN: [u8; 2] = [0x18, 64];

/// Writes the seal into a file encoded with [`UNSEALED`] in its place.
///
/// The seal is the BLAKE3 of the whole file with 64 zero digits where the seal stands. It covers
/// every byte, so that a reader need not decode a damaged one, nor trust a library to notice.
pub(crate) fn seal(bytes: &mut [u8]) -> Result<(), FormatFault> {
    let place = find_seal(bytes)?;
    let digits = hash_around(bytes, &place);
    if let Some(seal) = bytes.get_mut(place) {
        seal.copy_from_slice(digits.as_bytes());
    }
    Ok(())
}

/// Checks that the bytes are those that were sealed.
pub(crate) fn check_seal(bytes: &[u8]) -> Result<(), FormatFault> {
    let place = find_seal(bytes)?;
    let found = hash_around(bytes, &place);
    let recorded = bytes.get(place).unwrap_or_default();
    if found.as_bytes() != recorded {
        let recorded = String::from_utf8_lossy(recorded).escape_debug().to_string();
        return Err(FormatFault::Damaged { found, recorded });
    }
    Ok(())
}

fn hash_around(bytes: &[u8], place: &Range<usize>) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(bytes.get(..place.start).unwrap_or_default());
    hasher.update(UNSEALED.as_bytes());
    hasher.update(bytes.get(place.end..).unwrap_or_default());
    hasher.finalize().to_hex().to_string()
}

/// Returns where the 64 digits stand.
fn find_seal(bytes: &[u8]) -> Result<Range<usize>, FormatFault> {
    if !bytes.starts_with(MAGIC) {
        return Err(FormatFault::NotParquet("begin"));
    }
    let footer = footer(bytes).ok_or(FormatFault::NotParquet("end"))?;
    let marker = [SEAL_KEY.as_bytes(), &BETWEEN].concat();
    let text = bytes.get(footer.clone()).unwrap_or_default();
    let offset = text.windows(marker.len()).position(|window| window == marker);
    let place = offset.and_then(|offset| {
        let start = footer.start.checked_add(offset)?.checked_add(marker.len())?;
        let end = start.checked_add(UNSEALED.len())?;
        (end <= footer.end).then_some(start..end)
    });
    place.ok_or(FormatFault::NotATape)
}

/// Returns where the file's metadata stands: before its length and the closing magic.
fn footer(bytes: &[u8]) -> Option<Range<usize>> {
    let rest = bytes.strip_suffix(MAGIC)?;
    let (rest, length) = rest.split_last_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let start = rest.len().checked_sub(length)?;
    (start >= MAGIC.len()).then_some(start..rest.len())
}
