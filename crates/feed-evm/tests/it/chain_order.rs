//! Logs come in any order within a window, and again where pages overlap.

use tidemill_feed_evm::{ChainOrder, DecodeError, LogPlace, RawLog};
use tidemill_model::Bytes32;
use tidemill_units::{BlockNumber, LogIndex};

fn log(block: u64, log_index: u32) -> RawLog {
    RawLog {
        address: None,
        topics: vec![Bytes32([1; 32])],
        data: vec![0; 32].into(),
        place: LogPlace { block: BlockNumber(block), log_index: LogIndex(log_index) },
        block_hash: None,
        time: None,
        transaction: None,
    }
}

fn ordered(window: usize, logs: &[RawLog]) -> Result<(Vec<LogPlace>, u64), DecodeError> {
    let mut order = ChainOrder::new(window);
    let mut places = Vec::new();
    for log in logs {
        places.extend(order.push(log.clone())?.map(|log| log.place));
    }
    places.extend(std::iter::from_fn(|| order.pop().map(|log| log.place)));
    Ok((places, order.duplicates()))
}

#[test]
fn logs_are_sorted_within_the_window_and_said_once() {
    let logs = [log(5, 2), log(5, 0), log(4, 9), log(5, 2), log(5, 1), log(4, 9)];
    let places = [log(4, 9), log(5, 0), log(5, 1), log(5, 2)].map(|log| log.place).to_vec();
    assert_eq!(ordered(4, &logs), Ok((places.clone(), 2)));
    // What was already said is known for as long as the window is.
    let again = [log(4, 9), log(5, 0), log(5, 1), log(5, 0), log(5, 1), log(5, 2)];
    assert_eq!(ordered(2, &again), Ok((places, 2)));
}

#[test]
fn a_log_from_before_the_window_is_refused() {
    let logs = [log(5, 0), log(5, 1), log(4, 0)];
    let error = ordered(1, &logs).unwrap_err().to_string();
    let said = "block 4, log index 0: the log is not after the one before it, block 5, log index \
                0, and further back than is sorted";
    assert_eq!(error, said);
    assert!(ordered(2, &logs).is_ok());
}

#[test]
fn two_logs_of_one_place_are_refused_by_what_differs() {
    let first = RawLog { block_hash: Some(Bytes32([2; 32])), ..log(5, 0) };
    let others = [
        ("block_hash", RawLog { block_hash: Some(Bytes32([3; 32])), ..log(5, 0) }),
        ("topics", RawLog { topics: Vec::new(), ..log(5, 0) }),
        ("data", RawLog { data: vec![1].into(), ..log(5, 0) }),
    ];
    for (field, other) in others {
        let error = ordered(9, &[first.clone(), other.clone()]).unwrap_err().to_string();
        let said = format!("block 5, log index 0: two logs have this place and differ in {field}");
        assert_eq!(error, said);
        // Also where the first has been said already.
        assert!(ordered(0, &[first.clone(), other]).is_err());
    }
    assert_eq!(ordered(9, &[first, log(5, 0)]).unwrap().1, 1, "left out is no difference");
}
