use std::io::BufRead;

use serde::Deserialize;
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
}

/// What surrounds the logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Unknown,
    List,
    Lines,
    Done,
}

/// A log as nodes write it.
#[derive(Deserialize)]
struct JsonLog {
    address: Option<String>,
    topics: Vec<String>,
    data: String,
    #[serde(rename = "blockNumber")]
    block_number: Number,
    #[serde(rename = "logIndex")]
    log_index: Number,
    #[serde(rename = "blockHash")]
    block_hash: Option<String>,
    #[serde(rename = "blockTimestamp", alias = "timeStamp")]
    block_timestamp: Option<Number>,
    #[serde(rename = "transactionHash")]
    transaction_hash: Option<String>,
    #[serde(default)]
    removed: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

impl Number {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl<R: BufRead> JsonLogs<R> {
    /// Reads logs from a text.
    pub fn new(file: &str, text: R) -> Self {
        Self { file: file.to_owned(), text, shape: Shape::Unknown, row: 0 }
    }

    fn read(&mut self) -> Result<Option<RawLog>, LogFileFault> {
        if self.shape == Shape::Unknown {
            self.shape = match self.peek()? {
                Some(b'[') => self.enter(),
                _ => Shape::Lines,
            };
        }
        let next = self.peek()?;
        match (self.shape, next) {
            (Shape::Done, None) | (Shape::Lines, None) => Ok(None),
            (Shape::List, Some(b']')) => {
                self.text.consume(1);
                self.shape = Shape::Done;
                self.read()
            }
            (Shape::List, Some(b',')) if self.row > 1 => {
                self.text.consume(1);
                self.element()
            }
            (Shape::List, Some(_)) if self.row == 1 => self.element(),
            (Shape::Lines, Some(_)) => self.element(),
            (Shape::List, None) => Err(json("the list has no end")),
            (Shape::List, Some(_)) => Err(json("expected `,` or `]` after a log")),
            (Shape::Done, Some(_)) => Err(json("there is more after the list's end")),
            (Shape::Unknown, _) => Ok(None),
        }
    }

    fn enter(&mut self) -> Shape {
        self.text.consume(1);
        Shape::List
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

    fn element(&mut self) -> Result<Option<RawLog>, LogFileFault> {
        let mut reader = serde_json::Deserializer::from_reader(&mut self.text);
        let log = JsonLog::deserialize(&mut reader).map_err(json_fault)?;
        log.raw().map(Some)
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

impl JsonLog {
    fn raw(&self) -> Result<RawLog, LogFileFault> {
        if self.removed {
            return Err(LogFileFault::Removed);
        }
        let topics = self.topics.iter().map(|topic| read_hash("topics", topic));
        let hash = |name, text: &Option<String>| {
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
