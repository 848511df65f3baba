use std::io::BufRead;

use crate::{Fault, FormatFault, TapeError};

/// The lines of a sealed file, one after another, hashed as they are read.
pub(super) struct Lines<R> {
    file: String,
    source: R,
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
    number: u64,
}

/// One line without its end.
pub(super) struct Line {
    pub(super) text: String,
    /// BLAKE3 of everything before the line, in hexadecimal digits.
    pub(super) hash_before: blake3::Hash,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(file: &str, source: R) -> Self {
        let (hasher, buffer) = (blake3::Hasher::new(), Vec::new());
        Self { file: file.to_owned(), source, hasher, buffer, number: 0 }
    }

    /// Returns the next line; `None` at the end of the file.
    ///
    /// Errors: a line that is too long, is not ended or is not UTF-8; what the system says.
    pub(super) fn next(&mut self, limit: u64) -> Result<Option<Line>, TapeError> {
        self.number = self.number.saturating_add(1);
        self.buffer.clear();
        let mut limited = std::io::Read::take(&mut self.source, limit.saturating_add(1));
        let read = limited.read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|source| TapeError::Read { file: self.file.clone(), source })?;
        if read == 0 {
            return Ok(None);
        }
        let hash_before = self.hasher.finalize();
        self.hasher.update(&self.buffer);
        let Some(text) = self.buffer.strip_suffix(b"\n") else {
            let is_long = u64::try_from(read).is_ok_and(|read| read > limit);
            let fault =
                if is_long { FormatFault::LineOver { limit } } else { FormatFault::LineCutShort };
            return Err(self.fault(fault));
        };
        let text = std::str::from_utf8(text).map_err(|_| self.fault(FormatFault::NotUtf8))?;
        Ok(Some(Line { text: text.to_owned(), hash_before }))
    }

    /// Says what is wrong with the latest line as a whole.
    pub(super) fn fault(&self, fault: impl Into<Fault>) -> TapeError {
        self.field_fault((String::new(), fault.into()))
    }

    /// Says what is wrong with a field of the latest line.
    pub(super) fn field_fault(&self, (field, fault): (String, Fault)) -> TapeError {
        let (file, line, fault) = (self.file.clone(), self.number, Box::new(fault));
        TapeError::Line { file, line, field, fault }
    }
}
