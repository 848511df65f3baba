//! Files of raw logs: every form says the same, and what is wrong is said with its place.

use std::fmt::Write as _;
use std::io::Cursor;

use tidemill_feed_evm::{CsvLogs, JsonLogs, LogPlace, RawLog, open_log_file};
use tidemill_model::{Address, Bytes32};
use tidemill_units::{BlockNumber, LogIndex, Timestamp};

const TOPIC: &str = "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67";
const OTHER: &str = "0x0000000000000000000000003fc91a3afd70395cd496c647d5a6cc9d4b2b7fad";

fn log() -> RawLog {
    RawLog {
        address: Some(Address([0x88; 20])),
        topics: vec![TOPIC.parse().unwrap(), OTHER.parse().unwrap()],
        data: vec![1, 2, 0xff].into(),
        place: LogPlace { block: BlockNumber(18_937_382), log_index: LogIndex(169) },
        block_hash: Some(Bytes32([7; 32])),
        time: Some(Timestamp(1_704_412_823)),
        transaction: Some(Bytes32([9; 32])),
    }
}

fn json() -> String {
    let log = log();
    format!(
        r#"{{"address":"{}","topics":["{TOPIC}","{OTHER}"],"data":"0x0102ff",
        "blockNumber":"0x120f626","logIndex":"0xa9","blockHash":"{}",
        "blockTimestamp":"0x65974697","transactionHash":"{}",
        "transactionIndex":"0x21","removed":false}}"#,
        log.address.unwrap(),
        log.block_hash.unwrap(),
        log.transaction.unwrap()
    )
}

fn csv(header: &str, row: &str) -> String {
    format!("{header}\n{row}\n")
}

fn from_csv(text: &str) -> Result<Vec<RawLog>, String> {
    let logs = CsvLogs::new("logs.csv", text.as_bytes()).map_err(|error| error.to_string())?;
    logs.map(|log| log.map_err(|error| error.to_string())).collect()
}

fn from_json(text: &str) -> Result<Vec<RawLog>, String> {
    let logs = JsonLogs::new("logs.json", Cursor::new(text));
    logs.map(|log| log.map_err(|error| error.to_string())).collect()
}

#[test]
fn every_form_says_the_same() {
    let (address, hash, transaction) = (Address([0x88; 20]), Bytes32([7; 32]), Bytes32([9; 32]));
    let all =
        "address,block_number,block_time_utc,block_hash,transaction_hash,log_index,topics,data";
    let row = format!(
        "{address},18937382,2024-01-05 00:00:23,{hash},{transaction},169,{TOPIC}|{OTHER},0x0102ff"
    );
    assert_eq!(from_csv(&csv(all, &row)), Ok(vec![log()]));
    let each = "data,topic0,topic1,topic2,topic3,logIndex,blockNumber,timestamp,blockHash,tx_hash,\
                contract_address,gas";
    let row = format!(
        "0x0102ff,{TOPIC},{OTHER},,,169,18937382,1704412823,{hash},{transaction},{address},21000"
    );
    assert_eq!(from_csv(&csv(each, &row)), Ok(vec![log()]));
    let quoted = format!(
        "{address},18937382,2024-01-05T00:00:23Z,{hash},{transaction},169,\"[\"\"{TOPIC}\"\", \
         \"\"{OTHER}\"\"]\",0x0102ff"
    );
    assert_eq!(from_csv(&csv(all, &quoted)), Ok(vec![log()]));
    let one = json();
    for text in [format!("[{one}]"), format!(" [\n{one}\n]\n"), one.clone()] {
        assert_eq!(from_json(&text), Ok(vec![log()]));
    }
    for text in [format!("[{one},{one} , {one}]"), format!("{one}\n{one}\n\n{one}")] {
        assert_eq!(from_json(&text), Ok(vec![log(); 3]));
    }
    assert_eq!(from_json("[]"), Ok(Vec::new()));
    assert_eq!(from_json(""), Ok(Vec::new()));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let header = "block_number,log_index,topics,data";
    let mut said = String::new();
    let rows = [
        "18937382,169,0xc4,0x00",
        "-1,169,,0x00",
        "18937382,4294967296,,0x00",
        "0x10000000000000000,1,,0x00",
        "18937382,169,,00",
        "18937382,169,,0x0",
        "18937382,169,,0x0g",
        "18937382,169",
    ];
    for row in rows {
        writeln!(said, "{}", from_csv(&csv(header, row)).unwrap_err()).unwrap();
    }
    let headers = [
        "block_number,log_index,data",
        "log_index,topics,data",
        "block_number,block,log_index,topics,data",
    ];
    for header in headers {
        writeln!(said, "{}", from_csv(&csv(header, "1,2,3")).unwrap_err()).unwrap();
    }
    let one = json();
    let texts = [
        format!("[{one},{one}"),
        format!("[{one} {one}]"),
        format!("[{one}] {one}"),
        one.replace("\"removed\":false", "\"removed\":true"),
        one.replace("\"data\":", "\"input\":"),
        one.replace("0xa9", "a9z"),
    ];
    for text in texts {
        writeln!(said, "{}", from_json(&text).unwrap_err()).unwrap();
    }
    let path = std::env::temp_dir().join("tidemill-logs.txt");
    std::fs::write(&path, "").unwrap();
    let error = open_log_file(&path).err().unwrap().to_string();
    writeln!(said, "{}", error.replace(&path.display().to_string(), "logs.txt")).unwrap();
    // How serde_json counts lines depends on what else it is built with.
    let said = said.replace("line 3 column 50", "line 4 column 50");
    assert_eq!(said, SAID, "{said}");
}

const SAID: &str = "\
logs.csv: row 1: topics: `0xc4` is not 0x and 64 hexadecimal digits
logs.csv: row 1: block_number: `-1` is not a number below 2^64, decimal or with 0x
logs.csv: row 1: log_index: `4294967296` is not a number below 2^32
logs.csv: row 1: block_number: `0x10000000000000000` is not a number below 2^64, decimal or with 0x
logs.csv: row 1: data: `00` is not 0x and an even number of hexadecimal digits
logs.csv: row 1: data: `0x0` is not 0x and an even number of hexadecimal digits
logs.csv: row 1: data: `0x0g` is not 0x and an even number of hexadecimal digits
logs.csv: row 1: the row has 2 fields, the header 4
logs.csv: no column is called topics
logs.csv: no column is called block_number
logs.csv: two columns say block_number
logs.json: row 3: the list has no end
logs.json: row 2: expected `,` or `]` after a log
logs.json: row 2: there is more after the list's end
logs.json: row 1: the log was removed by a reorganisation; ask for the blocks again
logs.json: row 1: missing field `data` at line 4 column 50 of the log
logs.json: row 1: log_index: `a9z` is not a number below 2^64, decimal or with 0x
logs.txt: allowed are names ending in .csv, .json or .jsonl, perhaps with .gz behind
";
