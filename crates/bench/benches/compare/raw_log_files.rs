//! W14: files of raw logs of v3 swaps, from text in memory to the events of a tape.

use std::fmt::Write as _;
use std::hint::black_box;

use tidemill_feed_evm::{CsvLogs, JsonLogs, LogFileError, RawLog, TapeLog, tape_from_logs};
use tidemill_model::{Bytes32, PoolHeader};
use tidemill_store::sample;
use tidemill_units::{BlockNumber, LogIndex, Timestamp};

use crate::harness::{Contestant, Row, Target};
use crate::inputs::{COUNT, Random};
use crate::raw_logs::swap;

/// As indexers export them, topics in one column.
pub(crate) fn csv() -> Result<Row, String> {
    let mut text = "block_number,block_time_utc,log_index,topics,data\n".to_owned();
    for log in logs() {
        let time = log.time.unwrap_or_default().0 % 60;
        let topics = log.topics.iter().map(hexadecimal).collect::<Vec<_>>().join("|");
        let LogPlace { block, index } = place(&log);
        let data = alloy_primitives::hex::encode_prefixed(&log.data);
        writeln!(text, "{block},2024-01-05 00:00:{time:02},{index},{topics},{data}")
            .map_err(|error| error.to_string())?;
    }
    row("a line of CSV to a v3 swap on a tape", text, |text| {
        CsvLogs::new("logs.csv", text).map(|logs| Box::new(logs) as Logs<'_>)
    })
}

/// As nodes answer `eth_getLogs`.
pub(crate) fn json() -> Result<Row, String> {
    let mut text = "[".to_owned();
    for log in logs() {
        let comma = if text.len() > 1 { "," } else { "" };
        let time = log.time.unwrap_or_default().0;
        let topics: Vec<String> = log.topics.iter().map(hexadecimal).collect();
        let LogPlace { block, index } = place(&log);
        let data = alloy_primitives::hex::encode_prefixed(&log.data);
        write!(
            text,
            "{comma}{{\"address\":null,\"topics\":{topics:?},\"data\":\"{data}\",\
             \"blockNumber\":\"{block:#x}\",\"logIndex\":\"{index:#x}\",\
             \"blockTimestamp\":\"{time:#x}\",\"removed\":false}}"
        )
        .map_err(|error| error.to_string())?;
    }
    text.push(']');
    row("a log of a node's JSON to a v3 swap on a tape", text, |text| {
        Ok(Box::new(JsonLogs::new("logs.json", text)) as Logs<'_>)
    })
}

type Logs<'a> = Box<dyn Iterator<Item = Result<RawLog, LogFileError>> + 'a>;

fn row(
    title: &str,
    text: String,
    open: impl Fn(&[u8]) -> Result<Logs<'_>, LogFileError> + 'static,
) -> Result<Row, String> {
    let header = sample().map_err(|error| error.to_string())?.header;
    let header = PoolHeader { start: tidemill_model::PoolStart::Creation, ..header };
    let read = move |text: &[u8]| -> Result<TapeLog, String> {
        let logs = open(text).map_err(|error| error.to_string())?;
        let logs = logs.map_while(Result::ok);
        tape_from_logs(&header, logs).map_err(|error| error.to_string())
    };
    let direct = read(text.as_bytes())?;
    if direct.events.len() != COUNT {
        return Err(format!("{} of {COUNT} logs were read", direct.events.len()));
    }
    let note = format!("{} bytes a log", text.len() / COUNT);
    Ok(Row {
        title: title.to_owned(),
        target: Target::PerSecond(1e6),
        operations: COUNT as u64,
        contestants: vec![(
            Contestant::Tidemill,
            Box::new(move |iterations| {
                for _ in 0..iterations {
                    black_box(read(black_box(text.as_bytes()))).ok();
                }
            }),
        )],
        notes: vec![note],
    })
}

/// Two swaps a block.
fn logs() -> impl Iterator<Item = RawLog> {
    let mut random = Random::seeded(14);
    (0..COUNT as u32).map(move |number| {
        let mut log = swap(&mut random);
        log.place.block = BlockNumber(18_937_382 + u64::from(number / 2));
        log.place.log_index = LogIndex(number % 2);
        log.time = Some(Timestamp(1_704_412_800 + u64::from(number / 2)));
        log
    })
}

struct LogPlace {
    block: u64,
    index: u32,
}

fn place(log: &RawLog) -> LogPlace {
    LogPlace { block: log.place.block.0, index: log.place.log_index.0 }
}

fn hexadecimal(word: &Bytes32) -> String {
    alloy_primitives::hex::encode_prefixed(word.0)
}
