//! The embedded week with positions of ours in it, staked: what the market and the model of the
//! staker say beside the real pool, position manager and staker, which are sent every call of the
//! week and ours among them.

pub(super) mod chain;
mod ours;

use std::time::Instant;

use tidemill_model::PoolEvent;
use tidemill_units::{Amount, Timestamp, U256};

use self::ours::{ALICE, BOB, CAROL, Week};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// Something that we do at some second of the week.
type Act = fn(&mut Week);

/// What happens when, in seconds from the week's first event. The first incentive is of the first
/// reward token and runs for four days from the second on; the second is of the second token.
const ACTS: [(u64, Act); 19] = [
    (2 * HOUR, |week| week.create(0, 1_000_000_000_000_000_000_000_000)),
    (2 * HOUR, |week| week.create(1, 500_000_000_001)),
    (6 * HOUR, |week| {
        week.open(ALICE, (193_140, 195_140), [3_000_000_000_000, 900 * 10_u128.pow(18)])
    }),
    (DAY, |week| week.deposit(ALICE, 1, &[0])),
    (36 * HOUR, |week| {
        week.open(BOB, (193_900, 194_300), [600_000_000_000, 160 * 10_u128.pow(18)]);
        week.deposit(BOB, 2, &[]);
        week.stake(BOB, 0, 2);
    }),
    (2 * DAY, |week| {
        week.stake(ALICE, 1, 1);
        week.stake(BOB, 1, 2);
        week.refused_stake(BOB, 1, 2);
    }),
    (3 * DAY, |week| {
        week.unstake(ALICE, 0, 1);
        week.claim(ALICE, 0, 1_000_000_000_000_000_000_000);
        week.stake(ALICE, 0, 1);
    }),
    (84 * HOUR, |week| week.give(BOB, 2, CAROL)),
    (4 * DAY, |week| week.grow(1, [200_000_000_000, 60 * 10_u128.pow(18)])),
    (5 * DAY - 1, |week| week.refused_unstake(BOB, 0, 2)),
    // The first incentive's end, to the second: anybody unstakes.
    (5 * DAY, |week| week.unstake(BOB, 0, 2)),
    (132 * HOUR, |week| week.unstake(ALICE, 0, 1)),
    (6 * DAY + HOUR, |week| week.unstake(ALICE, 1, 1)),
    (6 * DAY + 2 * HOUR, |week| week.unstake(CAROL, 1, 2)),
    (6 * DAY + 2 * HOUR, |week| week.end(0)),
    (6 * DAY + 2 * HOUR, |week| week.end(1)),
    (6 * DAY + 3 * HOUR, |week| {
        for (user, incentive) in [(ALICE, 0), (ALICE, 1), (BOB, 0), (CAROL, 0), (CAROL, 1)] {
            week.claim(user, incentive, 0);
        }
    }),
    (6 * DAY + 3 * HOUR, |week| {
        week.withdraw(ALICE, 1);
        week.withdraw(CAROL, 2);
    }),
    (6 * DAY + 12 * HOUR, |week| {
        week.close(ALICE, 1);
        week.close(CAROL, 2);
    }),
];

#[test]
fn a_staked_week_earns_what_the_contract_pays() {
    let started = Instant::now();
    let tape = tidemill_store::sample().unwrap();
    let mut week = Week::new(&tape);
    let begin = tape.events[0].time.0;
    let mut acts = ACTS.iter().peekable();
    let mut swaps = 0;
    for (index, recorded) in tape.events.iter().enumerate() {
        while let Some((at, act)) = acts.next_if(|(at, _)| begin + at <= recorded.time.0) {
            week.set_time(Timestamp(begin + at));
            act(&mut week);
            week.compare();
        }
        week.set_time(recorded.time);
        week.replay(recorded);
        swaps += u64::from(matches!(recorded.event, PoolEvent::Swap { .. }));
        if index.is_multiple_of(500) {
            week.compare();
        }
    }
    assert_eq!(acts.next(), None, "the week is longer than our plans");
    assert_eq!(swaps, 38_235);
    let paid = [(ALICE, 0), (ALICE, 1), (CAROL, 0), (CAROL, 1)].map(|who| week.paid(who));
    println!(
        "{} events, {} compared, {:.1} s; paid {paid:?}",
        tape.events.len(),
        week.compared,
        started.elapsed().as_secs_f64()
    );
    assert_eq!(paid.map(|Amount(paid)| paid), EXPECTED.map(U256::from));
}

/// What was claimed in the end: Alice's and Carol's, of the first and of the second token.
const EXPECTED: [u128; 4] =
    [93_981_529_199_169_047_604_571, 46_614_843_786, 8_434_243_427_684_773_028_433, 3_871_707_626];
