use std::io::{self, BufRead, ErrorKind, Read};

use crate::limits::MAX_LINE_BYTES;
use crate::{FormatFault, TapeError};

/// Splits text into lines and never holds more than one, of at most [`MAX_LINE_BYTES`].
///
/// Lines end in LF or CRLF, the last one perhaps in neither; a UTF-8 byte order mark at the start
/// is skipped.
pub(crate) struct CsvLines<'a> {
    file: String,
    reader: Box<dyn BufRead + 'a>,
    is_gzip: bool,
    line: Vec<u8>,
    at_start: bool,
}

/// A line, or so much of one as fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Whole(&'a [u8]),
    TooLong(&'a [u8]),
}

impl<'a> CsvLines<'a> {
    /// Reads from decompressed text; `is_gzip` says what its read errors mean.
    pub(crate) fn new(file: &str, reader: Box<dyn BufRead + 'a>, is_gzip: bool) -> Self {
        Self { file: file.to_owned(), reader, is_gzip, line: Vec::new(), at_start: true }
    }

    /// Returns the next line without its end, `None` behind the last.
    ///
    /// # Errors
    ///
    /// [`TapeError::File`] for bad gzip data, [`TapeError::Read`] for the system's own errors.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, TapeError> {
        self.line.clear();
        let mut limited = self.reader.by_ref().take(line_limit());
        if let Err(source) = limited.read_until(b'\n', &mut self.line) {
            return Err(self.read_error(source));
        }
        if self.line.is_empty() {
            return Ok(None);
        }
        let mut line = self.line.as_slice();
        if std::mem::take(&mut self.at_start) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.get(..MAX_LINE_BYTES) {
            Some(start) if line.len() > MAX_LINE_BYTES => Ok(Some(Line::TooLong(start))),
            _ => Ok(Some(Line::Whole(line))),
        }
    }

    fn read_error(&self, source: io::Error) -> TapeError {
        let file = self.file.clone();
        let kind = source.kind();
        let fault = if self.is_gzip && kind == ErrorKind::UnexpectedEof {
            FormatFault::GzipCutShort
        } else if self.is_gzip && matches!(kind, ErrorKind::InvalidData | ErrorKind::InvalidInput) {
            FormatFault::Gzip(source.to_string())
        } else {
            return TapeError::Read { file, source };
        };
        TapeError::File { file, fault: Box::new(fault.into()) }
    }
}

/// Room for a byte order mark, the longest line, CRLF, and one byte to see that it is longer.
fn line_limit() -> u64 {
    u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX).saturating_add(6)
}
