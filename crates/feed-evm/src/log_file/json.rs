use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};
use tidemill_units::{BlockNumber, LogIndex};

use super::csv::{read_address, read_data, read_hash, read_index, read_number, read_time};
use super::fault::{LogFileError, LogFileFault};
use crate::{LogPlace, RawLog};

/// Raw logs from JSON text: a list of logs as `eth_getLogs` answers, one log a line, or such an
/// answer with its envelope. Read one by one, never the whole text at once.
pub struct JsonLogs<R> {
    file: String,
    text: R,
    shape: Shape,
    row: u64,
    /// The text of one log, at most [`LONGEST`].
    element: Vec<u8>,
}

/// What surrounds the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Unknown,
    List,
    /// The list is the `result` of an answer.
    Answer,
    Lines,
    Done,
}

/// Bytes of one log at most; nodes bound the whole answer to some tens of millions.
const LONGEST: usize = 1 << 26;

/// The fields of an answer's envelope, as nodes and as explorers write it. A log has none of them.
const ENVELOPE: [&str; 5] = ["jsonrpc", "id", "result", "status", "message"];

/// A log as nodes write it.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct JsonLog<'a> {
    #[serde(borrow)]
    address: Option<Cow<'a, str>>,
    #[serde(borrow)]
    topics: Vec<Text<'a>>,
    #[serde(borrow)]
    data: Cow<'a, str>,
    #[serde(borrow, rename = "blockNumber")]
    block_number: Number<'a>,
    #[serde(borrow, rename = "logIndex")]
    log_index: Number<'a>,
    #[serde(borrow, rename = "blockHash")]
    block_hash: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "blockTimestamp", alias = "timeStamp")]
    block_timestamp: Option<Number<'a>>,
    #[serde(borrow, rename = "transactionHash")]
    transaction_hash: Option<Cow<'a, str>>,
    #[serde(default)]
    removed: bool,
}

/// A string that is borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A number as nodes or as files write it.
enum Number<'a> {
    Number(u64),
    Text(Cow<'a, str>),
}

/// By hand: an enum that tries one form after the other makes an error of each that does not fit.
impl<'de: 'a, 'a> Deserialize<'de> for Number<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyForm;

        impl<'de> Visitor<'de> for AnyForm {
            type Value = Number<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number, or one as text")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Number::Number(number))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Number::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Number::Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_any(AnyForm)
    }
}

impl Number<'_> {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

impl<R: BufRead> JsonLogs<R> {
    /// Reads logs from a text.
    pub fn new(file: &str, text: R) -> Self {
        let (shape, element) = (Shape::Unknown, Vec::new());
        Self { file: file.to_owned(), text, shape, row: 0, element }
    }

    fn read(&mut self) -> Result<Option<RawLog>, LogFileFault> {
        if self.shape == Shape::Unknown {
            self.shape = self.begin()?;
        }
        // A log's first field may have been read already, to tell what surrounds it.
        if !self.element.is_empty() {
            return self.element();
        }
        let next = self.peek()?;
        match (self.shape, next) {
            (Shape::Done | Shape::Lines, None) => Ok(None),
            (Shape::List | Shape::Answer, Some(b']')) => {
                self.text.consume(1);
                self.end()?;
                self.read()
            }
            (Shape::List | Shape::Answer, Some(b',')) if self.row > 1 => {
                self.text.consume(1);
                self.element()
            }
            (Shape::List | Shape::Answer, Some(_)) if self.row == 1 => self.element(),
            (Shape::Lines, Some(_)) => self.element(),
            (Shape::List | Shape::Answer, None) => Err(json("the list has no end")),
            (Shape::List | Shape::Answer, Some(_)) => Err(json("expected `,` or `]` after a log")),
            (Shape::Done, Some(_)) => Err(json("there is more after the list's end")),
            (Shape::Unknown, _) => Ok(None),
        }
    }

    /// Reads what stands before the first log.
    fn begin(&mut self) -> Result<Shape, LogFileFault> {
        match self.peek()? {
            Some(b'[') => {
                self.text.consume(1);
                Ok(Shape::List)
            }
            Some(b'{') => self.begin_object(),
            Some(_) | None => Ok(Shape::Lines),
        }
    }

    /// Reads an answer up to its list, or the first field's name of a log.
    fn begin_object(&mut self) -> Result<Shape, LogFileFault> {
        let mut is_first = true;
        loop {
            // The brace, or the comma behind a field.
            self.take_byte()?;
            if self.peek()? != Some(b'"') {
                return Ok(Shape::Lines);
            }
            self.take(Scan::default())?;
            let name = self.element.get(1..).unwrap_or_default();
            let name: String = serde_json::from_slice(name).map_err(json_fault)?;
            if is_first && !ENVELOPE.contains(&name.as_str()) {
                return Ok(Shape::Lines);
            }
            is_first = false;
            self.element.clear();
            if self.peek()? != Some(b':') {
                return Err(json("expected `:` behind a field of the answer"));
            }
            self.text.consume(1);
            if self.peek()? == Some(b'[') && name == "result" {
                self.text.consume(1);
                return Ok(Shape::Answer);
            }
            self.take(Scan::default())?;
            if name == "error" || name == "result" {
                let said = String::from_utf8_lossy(&self.element);
                let said: String = said.chars().take(200).collect();
                return Err(json(&format!("the answer has no logs, its {name} is {said}")));
            }
            serde_json::from_slice::<serde::de::IgnoredAny>(&self.element).map_err(json_fault)?;
            self.element.clear();
            if self.peek()? != Some(b',') {
                return Err(json("the answer has no `result`"));
            }
        }
    }

    /// Reads what stands behind the last log, up to the end of an answer.
    fn end(&mut self) -> Result<(), LogFileFault> {
        if self.shape == Shape::Answer {
            self.element.push(b'{');
            if self.peek()? == Some(b',') {
                self.text.consume(1);
            }
            self.take(Scan { depth: 1, ..Scan::default() })?;
            serde_json::from_slice::<serde::de::IgnoredAny>(&self.element).map_err(json_fault)?;
            self.element.clear();
        }
        self.shape = Shape::Done;
        Ok(())
    }

    /// The next byte that is not white space, left where it is.
    fn peek(&mut self) -> Result<Option<u8>, LogFileFault> {
        loop {
            let buffer = self.text.fill_buf()?;
            let Some(first) = buffer.first().copied() else { return Ok(None) };
            if !first.is_ascii_whitespace() {
                return Ok(Some(first));
            }
            self.text.consume(1);
        }
    }

    /// Moves the next byte over to the element.
    fn take_byte(&mut self) -> Result<(), LogFileFault> {
        self.element.extend(self.text.fill_buf()?.first());
        self.text.consume(1);
        Ok(())
    }

    /// Moves a value over to the element, as far as the scan has not gone through it.
    fn take(&mut self, mut scan: Scan) -> Result<(), LogFileFault> {
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let (length, is_whole) = scan.through(buffer);
            self.element.extend_from_slice(buffer.get(..length).unwrap_or_default());
            self.text.consume(length);
            if is_whole {
                return Ok(());
            }
            if self.element.len() > LONGEST {
                return Err(json("a log of more than 64 MiB"));
            }
        }
    }

    fn element(&mut self) -> Result<Option<RawLog>, LogFileFault> {
        self.peek()?;
        let depth = usize::from(!self.element.is_empty());
        self.take(Scan { depth, ..Scan::default() })?;
        let log: Result<JsonLog<'_>, _> = serde_json::from_slice(&self.element);
        let raw = log.map_err(json_fault).and_then(|log| log.raw());
        self.element.clear();
        raw.map(Some)
    }
}

/// How deep in a value a text is.
#[derive(Clone, Copy, Debug, Default)]
struct Scan {
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
}

impl Scan {
    /// Goes through a text to the end of the value; returns how far that is and whether the value
    /// is whole. What is no JSON ends somewhere, and is refused when it is read.
    fn through(&mut self, text: &[u8]) -> (usize, bool) {
        let mut at = 0_usize;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(place) = self.next_mark(rest) else { break };
            let end = at.saturating_add(place);
            at = end.saturating_add(1);
            let mark = rest.get(place).copied().unwrap_or_default();
            if self.is_escaped {
                self.is_escaped = false;
                continue;
            }
            match mark {
                b'"' => self.is_in_string = !self.is_in_string,
                b'\\' => self.is_escaped = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                // A bare value ends before what closes or goes on behind it.
                b',' | b'}' | b']' if self.depth == 0 => return (end, true),
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if matches!(mark, b'"' | b'}' | b']') && self.depth == 0 && !self.is_in_string {
                return (at, true);
            }
        }
        (text.len(), false)
    }

    /// Returns where the next byte is that changes how deep the text is.
    fn next_mark(&self, text: &[u8]) -> Option<usize> {
        if self.is_escaped {
            return Some(0);
        }
        if self.is_in_string {
            return memchr::memchr2(b'"', b'\\', text);
        }
        text.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b','))
    }
}

impl<R: BufRead> Iterator for JsonLogs<R> {
    type Item = Result<RawLog, LogFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row = self.row.saturating_add(1);
        let read = self.read();
        if read.is_err() {
            self.shape = Shape::Done;
        }
        let row = self.row;
        let error = |fault| LogFileError { file: self.file.clone(), row, fault };
        read.map_err(error).transpose()
    }
}

impl JsonLog<'_> {
    fn raw(&self) -> Result<RawLog, LogFileFault> {
        if self.removed {
            return Err(LogFileFault::Removed);
        }
        let topics = self.topics.iter().map(|Text(topic)| read_hash("topics", topic));
        let hash = |name, text: &Option<Cow<'_, str>>| {
            text.as_deref().map(|text| read_hash(name, text)).transpose()
        };
        Ok(RawLog {
            address: self.address.as_deref().map(read_address).transpose()?,
            topics: topics.collect::<Result<_, _>>()?,
            data: read_data(&self.data)?,
            place: LogPlace {
                block: BlockNumber(read_number("blockNumber", &self.block_number.text())?),
                log_index: LogIndex(read_index(&self.log_index.text())?),
            },
            block_hash: hash("blockHash", &self.block_hash)?,
            time: self.block_timestamp.as_ref().map(|time| read_time(&time.text())).transpose()?,
            transaction: hash("transactionHash", &self.transaction_hash)?,
        })
    }
}

/// What the reader says, whose lines and columns are those of the log, not of the file.
fn json_fault(error: serde_json::Error) -> LogFileFault {
    let said = error.to_string();
    if error.is_io() {
        return LogFileFault::Read(error.into());
    }
    let has_place = error.line() > 0;
    LogFileFault::Json(if has_place { format!("{said} of the log") } else { said })
}

fn json(fault: &str) -> LogFileFault {
    LogFileFault::Json(fault.to_owned())
}
