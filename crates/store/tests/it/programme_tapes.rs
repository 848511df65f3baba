//! Tapes of reward programmes: what is written reads back, and whatever is wrong in one is refused
//! by its line and field.

use tidemill_model::{
    Address, ChainId, ProgrammeHeader, ProgrammeKind, ProgrammeLog, ProgrammeTapeEvent,
    StakingRewardsLog,
};
use tidemill_rewards::Account;
use tidemill_rewards::staking_rewards::StakingRewardsState;
use tidemill_store::{
    ProgrammeTape, ProgrammeTapeReader, decode_programme_tape, encode_programme_tape,
    is_programme_tape, read_programme_tape, write_programme_tape,
};
use tidemill_units::{Amount, BlockNumber, Gas, GasPrice, LogIndex, Timestamp};

fn event(block: u64, log_index: u32, log: StakingRewardsLog) -> ProgrammeTapeEvent {
    ProgrammeTapeEvent {
        block: BlockNumber(block),
        log_index: LogIndex(log_index),
        time: Timestamp(1_600_000_000 + 12 * block),
        gas_used: (block == 11).then_some(Gas(105_990)),
        gas_price: (block == 11).then_some(GasPrice(1_000_000_007)),
        log: ProgrammeLog::StakingRewards(log),
    }
}

fn tape() -> ProgrammeTape {
    let (user, amount) = (Address([3; 20]), Amount::from_u64(5_184_000));
    ProgrammeTape {
        header: ProgrammeHeader {
            kind: ProgrammeKind::StakingRewards,
            chain_id: ChainId(1),
            address: Address([1; 20]),
            reward_tokens: vec![Address([2; 20])],
            pool: Some(Address([4; 20])),
            state_after_block: BlockNumber(10),
        },
        start: StakingRewardsState::uniswap(Account([9; 20])).into(),
        events: vec![
            event(11, 0, StakingRewardsLog::Funded { amount }),
            event(11, 1, StakingRewardsLog::RewardAdded { reward: amount }),
            event(12, 7, StakingRewardsLog::Checkpointed { user }),
            event(12, 7, StakingRewardsLog::Staked { user, amount }),
        ],
    }
}

fn lines() -> Vec<String> {
    let text = encode_programme_tape(&tape(), "good").unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Joins lines, with a seal that is theirs.
fn sealed(lines: &[String]) -> String {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    format!("{body}{{\"seal\":\"{}\"}}\n", blake3::hash(body.as_bytes()).to_hex())
}

#[track_caller]
fn refused(bytes: &[u8], expected: &str) {
    let error = decode_programme_tape(bytes, "bad").unwrap_err().to_string();
    assert_eq!(error, format!("bad: {expected}"));
}

/// Changes one line and seals again.
#[track_caller]
fn check(line: usize, change: (&str, &str), expected: &str) {
    let mut lines = lines();
    lines.pop();
    assert!(lines[line - 1].contains(change.0), "{}", lines[line - 1]);
    lines[line - 1] = lines[line - 1].replacen(change.0, change.1, 1);
    refused(sealed(&lines).as_bytes(), &format!("line {line}{expected}"));
}

#[test]
fn what_is_written_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tape.jsonl");
    write_programme_tape(&tape(), &path).unwrap();
    assert!(is_programme_tape(&path));
    assert_eq!(read_programme_tape(&path).unwrap(), tape());
    let text = std::fs::read_to_string(&path).unwrap();
    let second = "{\"block\":\"11\",\"log_index\":\"0\",\"time\":\"1600000132\",\
                  \"event\":\"funded\",\"amount\":\"5184000\",\
                  \"gas_used\":\"105990\",\"gas_price_wei\":\"1000000007\"}";
    assert_eq!(text.lines().nth(1), Some(second));
    let mut reader = ProgrammeTapeReader::new("tape", text.as_bytes()).unwrap();
    assert_eq!((reader.header(), reader.start()), (&tape().header, &tape().start));
    for expected in tape().events {
        assert_eq!(reader.next_event().unwrap(), Some(expected));
    }
    assert_eq!(reader.next_event().unwrap(), None);
    assert_eq!(reader.next_event().unwrap(), None);
}

#[test]
fn nothing_else_is_a_programmes_tape() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!is_programme_tape(folder.path()));
    assert!(!is_programme_tape(&folder.path().join("none")));
    let path = folder.path().join("other");
    std::fs::write(&path, "PAR1").unwrap();
    assert!(!is_programme_tape(&path));
}

#[test]
fn the_first_line() {
    check(
        1,
        ("programme-1", "programme-2"),
        ", field format: format version `programme-2`; this program reads version programme-1",
    );
    check(1, ("\"chain_id\":\"1\",", ""), ", field chain_id: is missing");
    check(1, ("\"pool\":", "\"pools\":"), ", field pool: is missing");
    check(1, ("{\"format", "{\"more\":1,\"format"), ", field more: is unknown");
    let state = ("\"kind\":\"staking_rewards\"", "\"kind\":\"staking_reward\"");
    let mut lines = lines();
    lines[0] = lines[0].replacen(state.0, state.1, 1);
    let error = decode_programme_tape(sealed(&lines[..5]).as_bytes(), "bad").unwrap_err();
    assert!(error.to_string().starts_with("bad: line 1, field state.kind: "), "{error}");
}

#[test]
fn the_fields_of_a_log() {
    let amount = "\"amount\":\"5184000\"";
    check(
        2,
        (amount, "\"amount\":\"-1\""),
        ", field amount: `\"-1\"` is not allowed; expected an integer from 0 to 2^256 - \
                 1, decimal digits",
    );
    check(
        2,
        (amount, "\"amount\":1.5"),
        ", field amount: `1.5` is not allowed; expected an integer from 0 to 2^256 - 1, \
                 decimal digits",
    );
    check(2, (",\"amount\":\"5184000\"", ""), ", field amount: is missing");
    check(2, (amount, "\"amount\":\"1\",\"amount\":\"1\""), ", field amount: is there twice");
    check(2, (amount, "\"amount\":\"1\",\"user\":\"0x00\""), ", field user: is unknown");
    check(3, ("\"reward\"", "\"rewards\""), ", field reward: is missing");
    check(
        5,
        ("0x0303", "0303"),
        &format!(
            ", field user: `\"{}\"` is not allowed; expected an address: 0x and 40 \
                     hexadecimal digits",
            "03".repeat(20)
        ),
    );
    let kinds = "staked withdrawn reward_paid reward_added funded checkpointed \
                 rewards_duration_updated pause_changed recovered rewards_distribution_set";
    check(
        2,
        ("funded", "deposit"),
        &format!(", field event: `deposit` is no kind of event; expected one of {kinds}"),
    );
    check(2, ("\"block\":\"11\",", ""), ", field block: is missing");
}

#[test]
fn the_order_of_lines() {
    check(
        2,
        ("\"11\"", "\"10\""),
        ", field block: block 10 is not after block 10, the end of which the tape starts from",
    );
    check(
        3,
        ("\"log_index\":\"1\"", "\"log_index\":\"0\""),
        ", field log_index: duplicate: block 11, log index 0 is also the row before",
    );
    let order = "rows must ascend by block, then log index";
    check(
        4,
        ("\"12\"", "\"10\""),
        &format!(
            ", field block: unsorted: block 10, log index 7 comes after block 11, log \
                     index 1; {order}"
        ),
    );
    check(
        5,
        ("\"7\"", "\"6\""),
        &format!(
            ", field log_index: unsorted: block 12, log index 6 comes after block 12, log \
                     index 7; {order}"
        ),
    );
    check(
        5,
        ("1600000144", "1600000145"),
        ", field time: 1600000145 differs from 1600000144, the time of the row before in \
                 the same block 12",
    );
    check(
        4,
        ("1600000144", "1600000131"),
        ", field time: 1600000131 is before 1600000132, the time of the row before; time \
                 must not go back",
    );
    // An entry from a call trace stands before the log whose index it has.
    let mut lines = lines();
    lines.swap(3, 4);
    refused(
        sealed(&lines[..5]).as_bytes(),
        "line 5, field log_index: duplicate: block 12, log index 7 is also the row before",
    );
}

#[test]
fn every_truncation() {
    let text = lines().join("\n") + "\n";
    for length in 0..text.len() {
        let cut = &text.as_bytes()[..length];
        let error = decode_programme_tape(cut, "bad").unwrap_err().to_string();
        let line = 1 + text[..length].matches('\n').count();
        let expected = if cut.is_empty() || cut.ends_with(b"\n") {
            format!(
                "bad: line {line}: is missing: a tape ends with its seal, and this one is \
                         cut short before it"
            )
        } else {
            format!("bad: line {line}: is cut short: the file ends within the line")
        };
        assert_eq!(error, expected);
    }
}

#[test]
fn every_changed_byte() {
    let text = lines().join("\n") + "\n";
    for place in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= 1;
        assert!(decode_programme_tape(&bytes, "bad").is_err(), "byte {place}");
    }
}

#[test]
fn the_seal() {
    let good = lines();
    let mut more = good.join("\n") + "\n";
    more.push('\n');
    refused(more.as_bytes(), "line 7: stands after the seal, which is the last line of a tape");
    let mut other = good.clone();
    let found = other[5][9..73].to_owned();
    let recorded = "0".repeat(64);
    other[5] = other[5].replace(&found, &recorded);
    let text = other.join("\n") + "\n";
    refused(
        text.as_bytes(),
        &format!(
            "line 6, field seal: is damaged: its bytes hash to {found}, but it was \
                     written with {recorded}"
        ),
    );
    refused(sealed(&good[..1]).as_bytes(), "line 2: has no event; a tape has at least one");
    let mut upper = good.clone();
    upper[5] = upper[5].replace(&found, &"A".repeat(64));
    let text = upper.join("\n") + "\n";
    let error = decode_programme_tape(text.as_bytes(), "bad").unwrap_err().to_string();
    assert!(error.ends_with("expected 64 hexadecimal digits in lower case"), "{error}");
}

#[test]
fn text_that_is_no_json() {
    let mut bad = lines();
    bad[1] = "funded".to_owned();
    let error = decode_programme_tape(sealed(&bad[..5]).as_bytes(), "bad").unwrap_err();
    assert!(error.to_string().starts_with("bad: line 2: expected"), "{error}");
    let mut bytes = sealed(&lines()[..5]).into_bytes();
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 2;
    bytes[second] = 0xff;
    refused(&bytes, "line 2: is not UTF-8 text");
    let long = [lines()[0].clone(), " ".repeat(1 << 20) + "{}"];
    refused(sealed(&long).as_bytes(), "line 2: is longer than 1048576 bytes");
}

#[test]
fn a_tape_that_no_reader_takes_is_not_written() {
    let mut bad = tape();
    bad.events.swap(0, 1);
    let error = encode_programme_tape(&bad, "bad").unwrap_err().to_string();
    assert!(error.starts_with("bad: line 3, field log_index: unsorted"), "{error}");
    bad.events.clear();
    let error = encode_programme_tape(&bad, "bad").unwrap_err().to_string();
    assert_eq!(error, "bad: line 2: has no event; a tape has at least one");
}
