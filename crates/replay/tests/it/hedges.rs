//! Backtests of the week with a contract of an exchange against the pool's ether: what is traded,
//! what funding pays, and that every line adds up.

use std::fmt::Write as _;

use tempfile::TempDir;
use tidemill_model::{AccountEvent, EventBody, FeedItem, OutcomeKind, Rejection, TradeSide};
use tidemill_replay::{Backtest, BacktestConfig, Setup, audit, record_journal};
use tidemill_units::{Amount, SignedAmount};

use crate::data::{FOOTPRINTS, run, run_of, week};

/// A perpetual future that trades at the pool's own price, and pays every eight hours.
const EXCHANGE: &str = r#"
[[feed]]
name = "pool"
kind = "pool"
base = "WETH"

[[feed]]
name = "payments"
kind = "funding"
file = "funding.csv"

[[exchange]]
name = "binance"
deposit = "300000"
commission_bps = 4.5
half_spread_bps = 0.5

[[exchange.instrument]]
name = "ETH-PERP"
kind = "perpetual"
base = "WETH"
prices = "pool"
funding = "payments"
"#;

/// The rate of the payment of that number: the sign changes every third time.
fn rate(number: usize) -> &'static str {
    if number % 3 == 2 { "-0.0002" } else { "0.0001" }
}

/// Every eight hours of the week and some beyond, at 00:00, 08:00 and 16:00.
fn funding_file() -> String {
    let mut file = String::from("time,rate\n");
    let times = (0..40).map(|number| (number, 1_733_011_200 + number * 28_800));
    for (number, time) in times {
        let at = written(u64::try_from(time).unwrap());
        writeln!(file, "{at},{}", rate(usize::try_from(number).unwrap())).unwrap();
    }
    file
}

/// Writes a time of December 2024.
fn written(unix: u64) -> String {
    let since = unix - 1_733_011_200;
    let (day, hour) = (since / 86_400 + 1, since % 86_400 / 3_600);
    format!("2024-12-{day:02} {hour:02}:00:00")
}

fn setup_of(footprint: &str, strategies: &str) -> (Setup, TempDir) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("funding.csv"), funding_file()).unwrap();
    let text = format!("footprint = \"{footprint}\"\n{EXCHANGE}\n{strategies}");
    let mut config = BacktestConfig::from_toml(&text).unwrap();
    config.read_files(folder.path(), week()).unwrap();
    let setup = config.resolve(week()).unwrap();
    (setup, folder)
}

fn backtested(footprint: &str, strategies: &str) -> Backtest {
    let (setup, _folder) = setup_of(footprint, strategies);
    run(setup)
}

const BOTH: &str = r#"
[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000

[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000
hedge = {}

[[strategy]]
kind = "recentre"
half_width_ticks = 300
threshold_ticks = 200
hedge = { band_bps = 300, ratio_bps = 5000, cover = "positions" }
"#;

#[test]
fn every_line_of_a_hedged_run_adds_up_in_both_footprints() {
    for footprint in FOOTPRINTS {
        let finished = backtested(footprint, BOTH);
        let plain = run_of(&finished, "fixed_range").record.settlement.identity;
        assert_eq!([plain.funding, plain.hedge], [SignedAmount::ZERO; 2]);
        for name in ["fixed_range hedged", "recentre hedged"] {
            let run = run_of(&finished, name);
            let settlement = run.record.settlement;
            assert!(settlement.identity.holds(), "{name} {footprint}: {settlement:?}");
            assert!(run.refused.is_empty(), "{name}: {:?}", run.refused);
            assert!(!settlement.identity.hedge.is_zero(), "{name}");
            assert!(!settlement.identity.funding.is_zero(), "{name}");
            assert!(settlement.commission > SignedAmount::ZERO, "{name}");
            assert!(settlement.identity.swap_cost > settlement.commission, "{name}: the spread");
        }
        // What the pool paid is not the hedge's affair.
        let hedged = run_of(&finished, "fixed_range hedged").record.settlement.identity;
        assert_eq!((hedged.fees, hedged.gas), (plain.fees, plain.gas), "{footprint}");
    }
}

#[test]
fn the_example_runs_as_it_is() {
    let example = include_str!("../../../../examples/hedged.toml");
    let finished = run(crate::data::setup(example));
    assert_eq!(finished.runs.len(), 4);
    for run in &finished.runs {
        let identity = run.record.settlement.identity;
        assert!(identity.holds() && identity.funding.is_zero(), "{}", run.strategy.name());
        assert_eq!(identity.hedge.is_zero(), run.strategy.hedge.is_none());
    }
}

#[test]
fn a_hedged_position_hardly_moves_with_the_price() {
    let finished = backtested("re-executed", BOTH);
    let moves = |name: &str| {
        let record = &run_of(&finished, name).record;
        record.hourly.sample_deviation().unwrap()
    };
    let (plain, hedged) = (moves("fixed_range"), moves("fixed_range hedged"));
    assert!(hedged < plain / 8.0, "{hedged} of {plain}");
}

/// Every payment is what the contract was short at the time, at its mark, worked out again.
#[test]
fn funding_is_paid_on_what_was_held_to_the_unit() {
    let strategies = "[[strategy]]\nkind = \"fixed_range\"\nhedge = {}\n";
    let (setup, _folder) = setup_of("re-executed", strategies);
    let (journal, digest) = record_journal(week(), &setup, &setup.strategies[0]).unwrap();
    assert_eq!(audit(week(), &setup, &setup.strategies[0], journal.clone()).unwrap(), digest);
    let (mut short, mut payments) = (0_i128, 0_usize);
    let mut due = None;
    for event in &journal.events {
        match &event.body {
            EventBody::Outcome(outcome) => {
                let OutcomeKind::Traded { side, quantity, .. } = outcome.kind else { continue };
                let quantity = i128::try_from(quantity.0).unwrap();
                short += if side == TradeSide::Sell { quantity } else { -quantity };
            }
            EventBody::Data(data) => {
                let FeedItem::Funding(funding) = data.item else { panic!("no other feed") };
                due = Some(funding.rate.raw());
            }
            EventBody::Account(account) => {
                let AccountEvent::Funding { received, .. } = **account else { panic!("solvent") };
                let rate = due.take().expect("a payment after its announcement");
                // Short receives a rate above zero. The notional is whole raw units first.
                assert_eq!(received.is_negative(), rate < 0, "{received}");
                let paid = received.to_string().parse::<f64>().unwrap().abs();
                let least = short as f64 * rate.unsigned_abs() as f64 / 1e36 * 3_000e6;
                assert!(paid > least && paid < least * 1.5, "{paid} {least}");
                payments += 1;
            }
            EventBody::Chain(_)
            | EventBody::Programme(_)
            | EventBody::Price(_)
            | EventBody::Block(_)
            | EventBody::Reverted(_)
            | EventBody::Feed(_) => {}
        }
    }
    assert!(payments >= 20, "{payments} payments in a week");
    assert!(short > 0);
}

#[test]
fn an_account_that_cannot_carry_the_contract_is_not_given_it() {
    let (mut setup, _folder) = setup_of("re-executed", BOTH);
    setup.exchanges[0].deposit = Amount::from_u64(10_000_000);
    let finished = run(setup);
    let run = run_of(&finished, "fixed_range hedged");
    assert!(run.refused.iter().any(|refused| {
        matches!(refused.refusal, tidemill_risk::Refusal::TooLittleMargin { .. })
    }));
    assert!(run.record.settlement.identity.hedge.is_zero());
    assert!(run.record.settlement.identity.holds());
    let rejected = Rejection::InsufficientMargin.describe();
    assert!(run.record.actions.iter().all(|action| action.detail != rejected), "risk comes first");
}
