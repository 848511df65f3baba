use tidemill_model::{PoolEvent, ShareEvent, TapeEvent};
use tidemill_units::{Amount, TokenIndex, TokenPair};

use crate::{PoolDescription, sample};

#[test]
fn rows_of_a_tape_are_read_back_one_batch_at_a_time() {
    let tape = sample().unwrap();
    let pool = PoolDescription::Concentrated(tape.header.clone());
    let json = pool.to_json().unwrap();
    assert_eq!(PoolDescription::read("pool.json", json.as_bytes()).unwrap(), pool);
    for events in tape.events.chunks(10_000) {
        let batch = pool.encode(events, "rows").unwrap();
        assert_eq!(pool.decode(&batch, "rows", 0).unwrap(), events);
    }
}

#[test]
fn an_event_of_another_kind_of_pool_is_refused() {
    let tape = sample().unwrap();
    let pool = PoolDescription::Concentrated(tape.header.clone());
    let pair = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };
    let one = Amount::from_u64(1);
    let swap = ShareEvent::Swap { pair, amount_in: one, amount_out: one };
    let event = TapeEvent { event: PoolEvent::Shares(swap), ..tape.events[0].clone() };
    let error = pool.encode(&[event], "rows").unwrap_err().to_string();
    assert!(error.contains("row 1") && error.contains("a pool of positions"), "{error}");
}
