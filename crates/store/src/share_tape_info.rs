use std::collections::BTreeMap;
use std::path::Path;

use tidemill_model::SharePoolHeader;

use crate::importer::read_limited;
use crate::limits::MAX_TAPE_BYTES;
use crate::pool_json::tolerance_text;
use crate::{AnyTape, ShareTape, TapeError, TapeInfo, TapeSpan, decode_any_tape};

/// What a tape file of either form holds, in figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyTapeInfo {
    /// Of a pool in which each provider has positions of its own.
    Concentrated(Box<TapeInfo>),
    /// Of a pool in which providers hold shares of the whole.
    Shares(Box<ShareTapeInfo>),
}

/// What a tape file of a pool of shares holds, in figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareTapeInfo {
    /// The pool, its tokens and where the tape starts.
    pub pool: SharePoolHeader,
    /// The kind of pool, as state files name it.
    pub kind: &'static str,
    /// The tolerance in words that `pool.json` takes: `0`, `1e-9`.
    pub amount_relative_tolerance: String,
    /// All events.
    pub events: usize,
    /// Events by the kind's name.
    pub kinds: BTreeMap<&'static str, usize>,
    /// Where the events lie; a tape has at least one.
    pub span: Option<TapeSpan>,
    /// The file's size.
    pub file_bytes: usize,
    /// The BLAKE3 of the file, as `b3sum` prints it.
    pub file_blake3: String,
}

impl AnyTapeInfo {
    /// Reads a tape file and sums it up.
    ///
    /// # Errors
    ///
    /// As [`crate::read_any_tape`].
    pub fn read(path: &Path) -> Result<Self, TapeError> {
        let bytes = bytes::Bytes::from(read_limited(path, MAX_TAPE_BYTES)?);
        Ok(match decode_any_tape(bytes.clone(), &path.display().to_string())? {
            AnyTape::Concentrated(tape) => {
                Self::Concentrated(Box::new(TapeInfo::of(&tape, &bytes)))
            }
            AnyTape::Shares(tape) => Self::Shares(Box::new(ShareTapeInfo::of(&tape, &bytes))),
        })
    }
}

impl ShareTapeInfo {
    /// Sums up a tape and the file that it came from.
    pub fn of(tape: &ShareTape, file: &[u8]) -> Self {
        let mut kinds = BTreeMap::<&'static str, usize>::new();
        for event in &tape.events {
            let count = kinds.entry(event.event.kind()).or_default();
            *count = count.saturating_add(1);
        }
        Self {
            pool: tape.header.clone(),
            kind: tape.start.kind(),
            amount_relative_tolerance: tolerance_text(tape.header.amount_tolerance),
            events: tape.events.len(),
            kinds,
            span: TapeSpan::of(&tape.events),
            file_bytes: file.len(),
            file_blake3: blake3::hash(file).to_hex().to_string(),
        }
    }
}
