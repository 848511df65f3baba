//! Rows without a price after the swap: what comes later decides.

use tidemill_model::{PoolEvent, Tape};
use tidemill_replay::{ReplayReport, replay};

/// The sample without the prices of every `step`-th row from `first` on; those of swaps to a price
/// are kept, because nothing else in a tape says where such a swap stopped.
fn without_prices(first: usize, step: usize) -> (Tape, usize) {
    let mut tape = tidemill_store::sample().expect("the sample");
    let mut emptied = 0;
    for row in (first..tape.events.len()).step_by(step) {
        let before = tape.events[row].event.clone();
        if let PoolEvent::Swap { after, .. } = &mut tape.events[row].event {
            after.sqrt_price = None;
            if stops_at(&tape, row) {
                tape.events[row].event = before;
            } else {
                emptied += 1;
            }
        }
    }
    (tape, emptied)
}

/// Whether a replay does not get past this row.
fn stops_at(tape: &Tape, row: usize) -> bool {
    let mut short = tape.clone();
    short.events.truncate(row + 1);
    replay(&short, |_| {}).expect("a start").mismatch.is_some()
}

#[test]
fn rows_without_a_price_reproduce_as_if_they_had_one() {
    let sample = tidemill_store::sample().expect("the sample");
    let expected = replay(&sample, |_| {}).expect("a start");
    let (tape, emptied) = without_prices(17, 613);
    assert!(emptied > 50, "{emptied}");
    let report = replay(&tape, |_| {}).expect("a start");
    assert_eq!(report.mismatch, None);
    // Before a swap to a recorded price both readings hold, so the kind may stay open; the state
    // that it leads to does not.
    assert_eq!(report.counts.swaps(), expected.counts.swaps());
    let end = |report: &ReplayReport| {
        (
            report.concentrated().unwrap().sqrt_price,
            report.concentrated().unwrap().tick,
            report.concentrated().unwrap().liquidity,
        )
    };
    assert_eq!(end(&report), end(&expected));
}
