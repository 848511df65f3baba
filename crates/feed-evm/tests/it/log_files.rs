//! Files of raw logs: every form says the same, and what is wrong is said with its place.

use std::fmt::Write as _;
use std::io::{BufReader, Cursor};

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

/// Read one byte, two bytes and so on at a time.
fn in_pieces(text: &str) -> Vec<Result<Vec<RawLog>, String>> {
    let read = |length| {
        let pieces = BufReader::with_capacity(length, Cursor::new(text));
        let logs = JsonLogs::new("logs.json", pieces);
        logs.map(|log| log.map_err(|error| error.to_string())).collect()
    };
    (1..40).map(read).collect()
}

#[test]
fn an_answer_is_read_with_what_surrounds_its_logs() {
    let one = json();
    let answers = [
        format!(r#"{{"jsonrpc":"2.0","id":1,"result":[{one},{one}]}}"#),
        format!(r#"{{ "result" : [ {one} , {one} ] , "id" : {{"a": ["]"]}}, "jsonrpc":"2.0"}} "#),
        format!(r#"{{"status":"1","message":"a \"quoted\" \\","result":[{one},{one}]}}"#),
        format!("[{one},{one}]"),
        format!("{one}\n{one}"),
    ];
    for answer in answers {
        assert_eq!(from_json(&answer), Ok(vec![log(); 2]), "{answer}");
        for pieces in in_pieces(&answer) {
            assert_eq!(pieces, Ok(vec![log(); 2]), "{answer}");
        }
    }
    assert_eq!(from_json(r#"{"jsonrpc":"2.0","id":1,"result":[]}"#), Ok(Vec::new()));
    // Escapes say the same as the characters themselves.
    let escaped = one.replace("0x0102ff", "\\u0030x0102ff");
    assert_eq!(from_json(&escaped), Ok(vec![log()]));
}

#[test]
fn an_answer_without_logs_says_why() {
    let one = json();
    let texts = [
        (
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"limit"}}"#.to_owned(),
            "row 1: the answer has no logs, its error is {\"code\":-32005,\"message\":\"limit\"}",
        ),
        (
            r#"{"status":"0","message":"NOTOK","result":"Max rate limit reached"}"#.to_owned(),
            "row 1: the answer has no logs, its result is \"Max rate limit reached\"",
        ),
        (r#"{"jsonrpc":"2.0","id":1}"#.to_owned(), "row 1: the answer has no `result`"),
        (r#"{"jsonrpc" "2.0"}"#.to_owned(), "row 1: expected `:` behind a field of the answer"),
        (format!(r#"{{"result":[{one}"#), "row 2: the list has no end"),
        (
            format!(r#"{{"result":[{one}]"#),
            "row 2: EOF while parsing an object at line 1 column 1 of the log",
        ),
        (format!(r#"{{"result":[{one}]}} {one}"#), "row 2: there is more after the list's end"),
        (
            "[5]".to_owned(),
            "row 1: invalid type: integer `5`, expected an object at line 1 column 1 of the log",
        ),
        ("nonsense".to_owned(), "row 1: expected ident at line 1 column 2 of the log"),
    ];
    for (text, expected) in texts {
        let said = from_json(&text).unwrap_err();
        assert_eq!(said, format!("logs.json: {expected}"), "{text}");
        for pieces in in_pieces(&text) {
            assert_eq!(pieces.unwrap_err(), said, "{text}");
        }
    }
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
