//! Backtests that stake a pair's shares in gauges of Curve's and Balancer's, sent call by call to
//! the real gauges, minters and escrow: whatever a run says that it was paid, the contracts mint.

mod contracts;
mod mirror;

use std::time::Instant;

use tidemill_amm::{SwapAmount, Trade};
use tidemill_model::{EventBody, ShareEvent};
use tidemill_replay::{BacktestConfig, backtest, record_journal};
use tidemill_store::ShareTape;
use tidemill_units::{Amount, Amounts, Side, Timestamp, TokenPair};

use self::contracts::Contracts;
use self::mirror::{Compared, Mirror};
use crate::synthetic_shares::SyntheticShares;

/// Nine days of a swap to and fro an hour, over a week's end.
fn tape() -> ShareTape {
    let mut made = SyntheticShares::pair();
    for hour in 0..9 * 24 {
        made.skip_blocks(300);
        let input = if hour % 2 == 0 { Side::Token0 } else { Side::Token1 };
        let now = made.now();
        let reserve = made.pool.shares().unwrap().balances().two().unwrap().get(input);
        let amount = SwapAmount::ExactIn(Amount(reserve.0 / Amount::from_u64(500).0));
        let pair: TokenPair = input.into_other();
        let quote = made.pool.swap(&Trade { pair, amount }, now).unwrap();
        let paid = Amounts::of(input, quote.amount_in);
        let taken = Amounts::of(input.other(), quote.amount_out);
        made.record(ShareEvent::PairSwap { paid, taken });
    }
    let SyntheticShares { header, start, events, .. } = made;
    ShareTape { header, start, events }
}

/// Runs the only strategy of a configuration over the tape, and its journal past the contracts.
fn farm(title: &str, config: &str, contracts: impl Fn(Timestamp) -> Contracts) -> Compared {
    let started = Instant::now();
    let tape = tape();
    let head = "footprint = \"re-executed\"\nnative_price_quote = \"3000\"\n";
    let setup = BacktestConfig::from_toml(&format!("{head}{config}")).unwrap();
    let setup = setup.resolve(&tape).unwrap();
    let [strategy] = setup.strategies.as_slice() else { panic!("one strategy at a time") };
    let (journal, digest) = record_journal(&tape, &setup, strategy).unwrap();
    let mut mirror = Mirror::new(&tape, &setup, contracts(tape.events[0].time));
    for event in &journal.events {
        match &event.body {
            EventBody::Chain(_) | EventBody::Price(_) => mirror.recorded(event),
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
    println!(
        "{title}: {} events, {compared:?}, rewards_quote {}, {:.1} s",
        journal.events.len(),
        run.record.settlement.identity.rewards,
        started.elapsed().as_secs_f64()
    );
    compared
}

#[test]
fn curves_gauge_mints_every_day_what_the_contracts_mint() {
    let config = r#"
        [[reward]]
        kind = "curve_gauge"
        token = "CRV"
        relative_weight_bps = 250
        price_quote = "0.5"

        [[strategy]]
        kind = "full_range"
        farm = { claim = "every", claim_every_hours = 24, proceeds = "hold" }
    "#;
    let compared = farm("Curve's gauge, daily", config, |first| Contracts::curve(first, 250));
    assert_eq!((compared.staked, compared.unstaked), (1, 0));
    assert!(compared.claimed >= 8 && compared.asked > 150, "{compared:?}");
    assert!(!compared.rewards.is_zero());
}

#[test]
fn curves_gauge_compounds_what_the_contracts_mint() {
    let config = r#"
        [[reward]]
        kind = "curve_gauge"
        token = "CRV"
        relative_weight_bps = 10000
        others_staked_bps = 3333
        price_quote = "0.5"

        [[strategy]]
        kind = "full_range"
        farm = { claim = "break_even", proceeds = "compound" }
    "#;
    let compared = farm("Curve's gauge, again", config, |first| Contracts::curve(first, 10_000));
    assert!(compared.staked > 2 && compared.unstaked > 1, "{compared:?}");
}

#[test]
fn balancers_gauge_mints_with_a_boost_what_the_contracts_mint() {
    let config = r#"
        [[reward]]
        kind = "balancer_gauge"
        token = "BAL"
        relative_weight_bps = 321
        others_staked_bps = 5000
        others_boost_bps = 17500
        boost_locked = "250000"
        others_locked = "3000000"
        price_quote = "4"

        [[strategy]]
        kind = "full_range"
        farm = { claim = "every", claim_every_hours = 20, proceeds = "hold" }
    "#;
    let compared = farm("Balancer's gauge, boosted", config, Contracts::balancer);
    assert_eq!((compared.staked, compared.unstaked), (1, 0));
    assert!(compared.claimed >= 10 && compared.asked > 150, "{compared:?}");
}

#[test]
fn balancers_gauge_compounds_with_one_lock_what_the_contracts_mint() {
    let config = r#"
        [[reward]]
        kind = "balancer_gauge"
        token = "BAL"
        relative_weight_bps = 321
        others_staked_bps = 5000
        others_boost_bps = 17500
        boost_locked = "250000"
        others_locked = "3000000"
        price_quote = "400"

        [[strategy]]
        kind = "full_range"
        farm = { claim = "break_even", proceeds = "compound" }
    "#;
    let compared = farm("Balancer's gauge, again", config, Contracts::balancer);
    assert!(compared.staked > 2 && compared.unstaked > 1, "{compared:?}");
}
