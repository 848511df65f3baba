//! Backtests that farm over the embedded week, sent call by call to the real pool, position manager
//! and staker: whatever a run says that it paid and was paid, the contracts say as well.

mod mirror;

use std::time::Instant;

use tidemill_model::{EventBody, OutcomeKind};
use tidemill_replay::{BacktestConfig, backtest, record_journal};
use tidemill_units::Amount;

use self::mirror::{Compared, Mirror};

/// Runs the only strategy of a configuration over the week, and its journal past the contracts.
fn farm(title: &str, config: &str) -> Compared {
    let started = Instant::now();
    let tape = tidemill_store::sample().unwrap();
    let setup = BacktestConfig::from_toml(config).unwrap().resolve(&tape).unwrap();
    let [strategy] = setup.strategies.as_slice() else { panic!("one strategy at a time") };
    let (journal, digest) = record_journal(&tape, &setup, strategy).unwrap();
    let mut mirror = Mirror::new(&tape, &setup);
    for event in &journal.events {
        match &event.body {
            EventBody::Chain(chain) => mirror.chain(event, chain),
            EventBody::Price(_) => mirror.price(event),
            EventBody::Programme(_) => panic!("programmes that are made up have no history"),
            EventBody::Block(_) | EventBody::Reverted(_) => panic!("a tape has no blocks"),
            EventBody::Data(_) | EventBody::Feed(_) | EventBody::Account(_) => {
                panic!("a run without feeds and exchanges")
            }
            EventBody::Outcome(outcome) => mirror.outcome(event, outcome),
        }
    }
    let compared = mirror.finish();
    // The report is about the same run.
    let finished = backtest(&tape, setup, &|_| {}).unwrap();
    let run = &finished.runs[0];
    assert_eq!(run.digest, digest);
    assert!(run.record.settlement.identity.holds());
    let outcomes = journal.events.iter();
    let refused = outcomes.filter(|event| match &event.body {
        EventBody::Outcome(outcome) => matches!(outcome.kind, OutcomeKind::Rejected(_)),
        EventBody::Chain(_)
        | EventBody::Programme(_)
        | EventBody::Price(_)
        | EventBody::Block(_)
        | EventBody::Reverted(_) => false,
        EventBody::Data(_) | EventBody::Feed(_) | EventBody::Account(_) => false,
    });
    println!(
        "{title}: {} events, {} rejected orders, {compared:?}, rewards_quote {}, {:.1} s",
        journal.events.len(),
        refused.count(),
        run.record.settlement.identity.rewards,
        started.elapsed().as_secs_f64()
    );
    compared
}

/// All week long, with a claim and a sale every day; the position never leaves.
#[test]
fn a_fixed_range_claims_every_day_what_the_contracts_pay() {
    let compared = farm(
        "daily claims",
        r#"
        [[reward]]
        kind = "v3_staker"
        token = "UNI"
        amount = "100000"
        price_quote = "12.5"

        [[strategy]]
        kind = "fixed_range"
        half_width_ticks = 1000
        farm = { claim = "every", claim_every_hours = 24, proceeds = "sell" }
        "#,
    );
    assert_eq!((compared.opened, compared.staked, compared.closed), (1, 1, 0));
    assert_eq!((compared.claimed, compared.sold), (7, 7));
    assert_eq!(compared.rewards, Amount::from_u128(1_681_061_662_625_389_414_172));
}

/// A narrow range takes itself out and in again, with what it was paid.
#[test]
fn a_narrow_range_compounds_what_the_contracts_pay() {
    let compared = farm(
        "compounding",
        r#"
        deposit_quote = "200000"

        [[reward]]
        kind = "v3_staker"
        token = "UNI"
        amount = "250000"
        price_quote = "12.5"

        [[strategy]]
        kind = "fixed_range"
        half_width_ticks = 150
        farm = { claim = "break_even", proceeds = "compound" }
        "#,
    );
    assert_eq!((compared.opened, compared.staked, compared.swapped), (5, 5, 3));
    assert_eq!((compared.unstaked, compared.sold, compared.closed), (4, 4, 4));
    assert_eq!(compared.rewards, Amount::from_u128(1_639_918_465_104_133_013_198));
}

/// The second of two programmes, which starts and ends within the week, for a position that follows
/// the price; the proceeds are kept.
#[test]
fn a_programme_within_the_week_pays_what_the_contracts_pay() {
    let compared = farm(
        "from Tuesday to Friday",
        r#"
        [[reward]]
        kind = "v3_staker"
        name = "another"
        token = "ABC"
        amount = "1"
        price_quote = "1"

        [[reward]]
        kind = "v3_staker"
        name = "within"
        token = "XYZ"
        token_decimals = 6
        amount = "1000000.000001"
        start = "2024-12-03 07:30:01"
        end = "2024-12-06 21:00:05"
        price_quote = "0.75"

        [[strategy]]
        kind = "recentre"
        half_width_ticks = 300
        threshold_ticks = 200
        farm = { programme = "within", claim = "every", claim_every_hours = 7, proceeds = "hold" }
        "#,
    );
    assert!(compared.claimed > 3 && compared.unstaked > 3, "{compared:?}");
    assert_eq!(compared.sold, 0);
}
