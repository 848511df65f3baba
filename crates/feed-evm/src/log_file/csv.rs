use std::io::Read;

use alloy_primitives::{Bytes, hex};
use csv::ByteRecord;
use tidemill_model::{Address, Bytes32};
use tidemill_units::{BlockNumber, LogIndex, Timestamp};

use super::fault::{LogFileError, LogFileFault, field};
use crate::{LogPlace, RawLog};

/// Raw logs from CSV text with a header, one a row.
///
/// Columns go by their names, several of which are known for each field; others are passed over.
/// Topics stand in one column, separated by `|` or as a JSON list, or in `topic0` to `topic3`.
pub struct CsvLogs<R> {
    file: String,
    records: csv::Reader<R>,
    columns: Columns,
    record: ByteRecord,
    row: u64,
}

/// Where each field is.
#[derive(Clone, Copy, Debug, Default)]
struct Columns {
    block: usize,
    log_index: usize,
    data: usize,
    topics: Topics,
    address: Option<usize>,
    time: Option<usize>,
    block_hash: Option<usize>,
    transaction: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Topics {
    One(usize),
    Each([Option<usize>; 4]),
}

impl Default for Topics {
    fn default() -> Self {
        Self::One(0)
    }
}

const BLOCK: [&str; 3] = ["block_number", "blockNumber", "block"];
const LOG_INDEX: [&str; 2] = ["log_index", "logIndex"];
const DATA: [&str; 1] = ["data"];
const TOPICS: [&str; 1] = ["topics"];
const ADDRESS: [&str; 2] = ["address", "contract_address"];
const TIME: [&str; 5] =
    ["block_time_utc", "block_timestamp", "blockTimestamp", "timestamp", "block_time"];
const BLOCK_HASH: [&str; 2] = ["block_hash", "blockHash"];
const TRANSACTION: [&str; 3] = ["transaction_hash", "transactionHash", "tx_hash"];
const EACH_TOPIC: [&str; 4] = ["topic0", "topic1", "topic2", "topic3"];

impl<R: Read> CsvLogs<R> {
    /// Reads the header.
    ///
    /// Errors: a file that cannot be read, a field without a column or with two.
    pub fn new(file: &str, text: R) -> Result<Self, LogFileError> {
        let at = |fault| LogFileError { file: file.to_owned(), row: 0, fault };
        let mut records = csv::ReaderBuilder::new().from_reader(text);
        let header = records.byte_headers().map_err(|error| at(csv_fault(error)))?;
        let columns = Columns::new(header).map_err(at)?;
        Ok(Self { file: file.to_owned(), records, columns, record: ByteRecord::new(), row: 0 })
    }

    fn read(&mut self) -> Result<Option<RawLog>, LogFileFault> {
        if !self.records.read_byte_record(&mut self.record).map_err(csv_fault)? {
            return Ok(None);
        }
        self.columns.read(&self.record).map(Some)
    }
}

impl<R: Read> Iterator for CsvLogs<R> {
    type Item = Result<RawLog, LogFileError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row = self.row.saturating_add(1);
        let read = self.read().transpose()?;
        Some(read.map_err(|fault| LogFileError { file: self.file.clone(), row: self.row, fault }))
    }
}

fn csv_fault(error: csv::Error) -> LogFileFault {
    if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        return LogFileFault::Csv(format!("the row has {len} fields, the header {expected_len}"));
    }
    let said = error.to_string();
    if let csv::ErrorKind::Io(error) = error.into_kind() {
        return LogFileFault::Read(error);
    }
    LogFileFault::Csv(said)
}

impl Columns {
    fn new(header: &ByteRecord) -> Result<Self, LogFileFault> {
        let find = |names: &[&'static str]| {
            let is_named = |(_, name): &(usize, &[u8])| {
                names.iter().any(|known| known.as_bytes() == name.trim_ascii())
            };
            let mut found = header.iter().enumerate().filter(is_named).map(|(place, _)| place);
            let (first, second) = (found.next(), found.next());
            let name = names.first().copied().unwrap_or_default();
            if second.is_some() { Err(LogFileFault::TwoColumns(name)) } else { Ok(first) }
        };
        let need = |names: &[&'static str]| {
            let name = names.first().copied().unwrap_or_default();
            find(names)?.ok_or(LogFileFault::NoColumn(name))
        };
        let topics = match find(&TOPICS)? {
            Some(column) => Topics::One(column),
            None => {
                let mut each = [None; 4];
                for (column, name) in each.iter_mut().zip(EACH_TOPIC) {
                    *column = find(&[name])?;
                }
                if each[0].is_none() {
                    return Err(LogFileFault::NoColumn("topics"));
                }
                Topics::Each(each)
            }
        };
        Ok(Self {
            block: need(&BLOCK)?,
            log_index: need(&LOG_INDEX)?,
            data: need(&DATA)?,
            topics,
            address: find(&ADDRESS)?,
            time: find(&TIME)?,
            block_hash: find(&BLOCK_HASH)?,
            transaction: find(&TRANSACTION)?,
        })
    }

    fn read(&self, record: &ByteRecord) -> Result<RawLog, LogFileFault> {
        let text = |name, column: usize| {
            let bytes = record.get(column).unwrap_or_default().trim_ascii();
            let lossy = || String::from_utf8_lossy(bytes).into_owned();
            std::str::from_utf8(bytes).map_err(|_| field(name, &lossy(), "UTF-8 text"))
        };
        let optional = |name, column: Option<usize>| match column {
            None => Ok(None),
            Some(column) => text(name, column).map(|text| Some(text).filter(|it| !it.is_empty())),
        };
        Ok(RawLog {
            address: optional("address", self.address)?.map(read_address).transpose()?,
            topics: self.topics(text)?,
            data: read_data(text("data", self.data)?)?,
            place: LogPlace {
                block: BlockNumber(read_number("block_number", text("block_number", self.block)?)?),
                log_index: LogIndex(read_index(text("log_index", self.log_index)?)?),
            },
            block_hash: optional("block_hash", self.block_hash)?
                .map(|text| read_hash("block_hash", text))
                .transpose()?,
            time: optional("block_time", self.time)?.map(read_time).transpose()?,
            transaction: optional("transaction_hash", self.transaction)?
                .map(|text| read_hash("transaction_hash", text))
                .transpose()?,
        })
    }

    fn topics<'a>(
        &self,
        text: impl Fn(&'static str, usize) -> Result<&'a str, LogFileFault>,
    ) -> Result<Vec<Bytes32>, LogFileFault> {
        let hash = |text: &str| read_hash("topics", text);
        match self.topics {
            Topics::One(column) => {
                let mut rest = text("topics", column)?;
                rest = rest.strip_prefix('[').unwrap_or(rest);
                rest = rest.strip_suffix(']').unwrap_or(rest);
                let mut topics = Vec::with_capacity(4);
                while !rest.is_empty() {
                    let end = memchr::memchr2(b'|', b',', rest.as_bytes()).unwrap_or(rest.len());
                    let (topic, behind) = rest.split_at(end);
                    let topic = topic.trim().trim_matches('"');
                    if !topic.is_empty() {
                        topics.push(hash(topic)?);
                    }
                    rest = behind.get(1..).unwrap_or_default();
                }
                Ok(topics)
            }
            Topics::Each(columns) => {
                let mut topics = Vec::new();
                for column in columns.into_iter().flatten() {
                    let topic = text("topics", column)?;
                    if !topic.is_empty() {
                        topics.push(hash(topic)?);
                    }
                }
                Ok(topics)
            }
        }
    }
}

pub(super) fn read_address(text: &str) -> Result<Address, LogFileFault> {
    let mut bytes = [0; 20];
    let read = hex::decode_to_slice(text, &mut bytes);
    let is_prefixed = text.starts_with("0x");
    read.ok()
        .filter(|()| is_prefixed)
        .map(|()| Address(bytes))
        .ok_or_else(|| field("address", text, "0x and 40 hexadecimal digits"))
}

pub(super) fn read_hash(name: &'static str, text: &str) -> Result<Bytes32, LogFileFault> {
    let mut bytes = [0; 32];
    let read = hex::decode_to_slice(text, &mut bytes);
    let is_prefixed = text.starts_with("0x");
    read.ok()
        .filter(|()| is_prefixed)
        .map(|()| Bytes32(bytes))
        .ok_or_else(|| field(name, text, "0x and 64 hexadecimal digits"))
}

pub(super) fn read_data(text: &str) -> Result<Bytes, LogFileFault> {
    let is_prefixed = text.starts_with("0x");
    hex::decode(text)
        .ok()
        .filter(|_| is_prefixed)
        .map(Bytes::from)
        .ok_or_else(|| field("data", text, "0x and an even number of hexadecimal digits"))
}

/// Reads a number as files write it, in decimal digits, or as nodes do, in hexadecimal.
pub(super) fn read_number(name: &'static str, text: &str) -> Result<u64, LogFileFault> {
    let fault = || field(name, text, "a number below 2^64, decimal or with 0x");
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    let is_plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u64::from_str_radix(digits, radix).ok().filter(|_| is_plain).ok_or_else(fault)
}

pub(super) fn read_index(text: &str) -> Result<u32, LogFileFault> {
    let number = read_number("log_index", text)?;
    u32::try_from(number).map_err(|_| field("log_index", text, "a number below 2^32"))
}

/// Reads seconds since 1970, or a date and time in UTC.
pub(super) fn read_time(text: &str) -> Result<Timestamp, LogFileFault> {
    if text.starts_with("0x") || text.bytes().all(|digit| digit.is_ascii_digit()) {
        return read_number("block_time", text).map(Timestamp);
    }
    let fault = || field("block_time", text, "seconds since 1970, or a date and time in UTC");
    let plain = text.trim_end_matches(" UTC").trim_end_matches('Z');
    let time: jiff::civil::DateTime = plain.parse().map_err(|_| fault())?;
    let zoned = time.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| fault())?;
    u64::try_from(zoned.timestamp().as_second()).map(Timestamp).map_err(|_| fault())
}
