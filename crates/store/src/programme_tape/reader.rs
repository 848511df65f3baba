use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde_json::value::RawValue;
use tidemill_model::{ProgrammeHeader, ProgrammeTapeEvent};
use tidemill_units::{BlockNumber, Gas, GasPrice, LogIndex};

use super::ProgrammeTape;
use super::header::read_header;
use super::lines::{Line, Lines};
use super::logs::read_log;
use crate::limits::{MAX_LINE_BYTES, MAX_PROGRAMME_STATE_BYTES, MAX_ROWS};
use crate::pool_state::{FieldFault, Fields, Value};
use crate::{Fault, FormatFault, ProgrammeState, TapeError};

/// A tape of a reward programme, read line by line: it holds one line at a time.
///
/// Nothing of it can be relied on before the seal has been read, which comes last.
pub struct ProgrammeTapeReader<R> {
    lines: Lines<R>,
    header: ProgrammeHeader,
    start: ProgrammeState,
    last: Option<ProgrammeTapeEvent>,
    events: u64,
    is_done: bool,
}

impl<R: BufRead> ProgrammeTapeReader<R> {
    /// Reads the first line; `file` is how errors name the source.
    ///
    /// # Errors
    ///
    /// [`TapeError::Read`]; [`TapeError::Line`] naming the line and the field that is missing,
    /// unknown, there twice or wrong.
    pub fn new(file: &str, source: R) -> Result<Self, TapeError> {
        let mut lines = Lines::new(file, source);
        let limit = MAX_PROGRAMME_STATE_BYTES;
        let line = lines.next(limit)?.ok_or_else(|| lines.fault(FormatFault::NoSeal))?;
        let raw = json(&line).map_err(|fault| lines.fault(fault))?;
        let read = read_header(&Value::whole(raw));
        let (header, start) = read.map_err(|fault| lines.field_fault(fault))?;
        Ok(Self { lines, header, start, last: None, events: 0, is_done: false })
    }

    /// Returns which programme it is.
    pub fn header(&self) -> &ProgrammeHeader {
        &self.header
    }

    /// Returns its state at the start.
    pub fn start(&self) -> &ProgrammeState {
        &self.start
    }

    /// Returns the next log; `None` once the seal was read, was right, and nothing follows it.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and lines out of order, twice, missing or after the seal; a seal
    /// that is not that of the lines before it.
    pub fn next_event(&mut self) -> Result<Option<ProgrammeTapeEvent>, TapeError> {
        if self.is_done {
            return Ok(None);
        }
        let line = self.line()?.ok_or_else(|| self.lines.fault(FormatFault::NoSeal))?;
        let read = json(&line).map_err(|fault| (String::new(), fault)).and_then(|raw| {
            let mut fields = Fields::of(&Value::whole(raw))?;
            if let Some(seal) = fields.take_optional("seal") {
                fields.finish()?;
                return self.check_seal(&seal, &line).map(|()| None);
            }
            self.read_event(fields).map(Some)
        });
        let event = read.map_err(|fault| self.lines.field_fault(fault))?;
        let Some(event) = event else {
            self.is_done = true;
            return match self.line()? {
                None => Ok(None),
                Some(_) => Err(self.lines.fault(FormatFault::AfterSeal)),
            };
        };
        self.events = self.events.saturating_add(1);
        self.last = Some(event.clone());
        Ok(Some(event))
    }

    fn line(&mut self) -> Result<Option<Line>, TapeError> {
        self.lines.next(u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX))
    }

    fn check_seal(&self, seal: &Value<'_>, line: &Line) -> Result<(), FieldFault> {
        const EXPECTED: &str = "64 hexadecimal digits in lower case";
        let recorded = seal.string(EXPECTED)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if recorded.len() != 64 || !recorded.bytes().all(is_digit) {
            return Err(seal.fault(EXPECTED));
        }
        let found = line.hash_before.to_hex().to_string();
        if found != recorded {
            let fault = FormatFault::Damaged { found, recorded };
            return Err((seal.path().to_owned(), Fault::Format(fault)));
        }
        if self.events == 0 { Err((String::new(), Fault::NoEvents)) } else { Ok(()) }
    }

    fn read_event(&self, mut fields: Fields<'_>) -> Result<ProgrammeTapeEvent, FieldFault> {
        if self.events >= MAX_ROWS {
            return Err((String::new(), Fault::TooManyRows));
        }
        let block = fields.take("block")?.u64().map(BlockNumber)?;
        let log_index = fields.take("log_index")?.u32().map(LogIndex)?;
        let time = fields.take("time")?.time()?;
        let gas_used = fields.take_optional("gas_used");
        let gas_used = gas_used.map(|value| value.u64().map(Gas)).transpose()?;
        let gas_price = fields.take_optional("gas_price_wei");
        let gas_price =
            gas_price.map(|value| value.u64().map(u128::from).map(GasPrice)).transpose()?;
        let log = read_log(self.header.kind, &mut fields)?;
        fields.finish()?;
        let event = ProgrammeTapeEvent { block, log_index, time, gas_used, gas_price, log };
        self.check_place(&event)?;
        Ok(event)
    }

    fn check_place(&self, event: &ProgrammeTapeEvent) -> Result<(), FieldFault> {
        let place = |event: &ProgrammeTapeEvent| (event.block.0, event.log_index.0);
        let fault = |field: &str, fault| Err((field.to_owned(), fault));
        let Some(last) = &self.last else {
            let (found, snapshot) = (event.block.0, self.header.state_after_block.0);
            if found > snapshot {
                return Ok(());
            }
            return fault("block", Fault::BeforeSnapshot { found, snapshot });
        };
        let (found, after) = (place(event), place(last));
        if found < after {
            let field = if found.0 < after.0 { "block" } else { "log_index" };
            return fault(field, Fault::UnsortedEvent { found, after });
        }
        if found == after && !last.log.is_from_trace() {
            let (block, log_index) = found;
            return fault("log_index", Fault::DuplicateEvent { block, log_index });
        }
        if event.time < last.time {
            let (found, after) = (event.time.0.to_string(), last.time.0.to_string());
            return fault("time", Fault::TimeGoesBack { found, after });
        }
        if event.block == last.block && event.time != last.time {
            let (found, other) = (event.time.0.to_string(), last.time.0.to_string());
            return fault("time", Fault::TwoTimes { found, other, block: event.block.0 });
        }
        Ok(())
    }
}

fn json(line: &Line) -> Result<&RawValue, Fault> {
    let parsed = serde_json::from_str(&line.text);
    parsed.map_err(|error| Fault::Format(FormatFault::Json(error.to_string())))
}

/// Whether a file is a programme's tape rather than a pool's, by its first byte: a brace, which no
/// other file that is a tape begins with. One that cannot be read is none.
pub fn is_programme_tape(path: &Path) -> bool {
    let mut first = [0];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut first));
    read.is_ok() && first == *b"{"
}

/// Reads a tape of a reward programme whole.
///
/// # Errors
///
/// As [`ProgrammeTapeReader`].
pub fn read_programme_tape(path: &Path) -> Result<ProgrammeTape, TapeError> {
    let file = path.display().to_string();
    let opened = File::open(path);
    let opened = opened.map_err(|source| TapeError::Read { file: file.clone(), source })?;
    collect(ProgrammeTapeReader::new(&file, BufReader::new(opened))?)
}

/// Reads the bytes of a tape of a reward programme; `file` is how errors name them.
///
/// # Errors
///
/// As [`ProgrammeTapeReader`].
pub fn decode_programme_tape(bytes: &[u8], file: &str) -> Result<ProgrammeTape, TapeError> {
    collect(ProgrammeTapeReader::new(file, bytes)?)
}

fn collect<R: BufRead>(mut reader: ProgrammeTapeReader<R>) -> Result<ProgrammeTape, TapeError> {
    let mut events = Vec::new();
    while let Some(event) = reader.next_event()? {
        events.push(event);
    }
    Ok(ProgrammeTape { header: reader.header, start: reader.start, events })
}
