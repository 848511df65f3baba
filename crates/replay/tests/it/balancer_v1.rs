//! A recorded Balancer v1 pool: DAI/WETH 20/80 from its creation on.

use tidemill_amm::balancer_v1::INITIAL_SHARES;
use tidemill_replay::{BacktestConfig, ReplayEnd, audit, backtest, record_journal, replay};
use tidemill_units::{SignedAmount, TokenAmounts};

use crate::data::FOOTPRINTS;
use crate::recorded_balancer_v1::tape;

/// What the data set's description says that the pool holds after its last row.
const AT_THE_END: [&str; 2] = ["18100816745067137206566505", "59334054981925089822263"];

#[test]
fn the_recorded_pool_reproduces_and_ends_with_what_went_in_and_out() {
    let Some((tape, held)) = tape() else { return };
    let report = replay(&tape, |_| {}).unwrap();
    assert_eq!(report.mismatch, None);
    let counts = &report.counts;
    assert_eq!((counts.swaps(), counts.liquidity_changes), (10_537, 48), "{counts:?}");
    let ReplayEnd::Shares(end) = report.end else { panic!("{:?}", report.end) };
    assert_eq!(end.balances, held);
    assert_eq!(end.balances, TokenAmounts::from_array(AT_THE_END.map(|end| end.parse().unwrap())));
    assert!(end.total_shares > INITIAL_SHARES, "somebody has joined");
}

#[test]
fn a_run_on_the_recorded_pool_adds_up_and_its_journal_can_be_audited() {
    let Some((tape, _)) = tape() else { return };
    let mut fees = Vec::new();
    for footprint in FOOTPRINTS {
        let config = format!("footprint = \"{footprint}\"\ndeposit_quote = \"1000000\"");
        let setup = BacktestConfig::from_toml(&config).unwrap().resolve(&tape).unwrap();
        let finished = backtest(&tape, setup.clone(), &|_| {}).unwrap();
        let run = finished.runs.last().unwrap();
        assert_eq!(run.strategy.name(), "full_range");
        let identity = &run.record.settlement.identity;
        assert!(identity.holds() && identity.fees > SignedAmount::ZERO, "{identity:?}");
        assert!(run.record.lvr > 0.0);
        // Somebody traded 10^11 wei, where rounding decides whether the pool reverts
        // (ERR_MATH_APPROX): with us in it, it does.
        let reverted = if footprint == "re-executed" { 1 } else { 0 };
        assert_eq!(run.reverted_with_us, reverted);
        let (journal, digest) = record_journal(&tape, &setup, &run.strategy).unwrap();
        assert_eq!(digest, run.digest);
        assert_eq!(audit(&tape, &setup, &run.strategy, journal).unwrap(), digest);
        fees.push(identity.fees.to_string().parse::<f64>().unwrap());
    }
    // 1 of some 51 million dollars: sharing the fees costs about a fiftieth of them.
    let [taker, real] = fees[..] else { panic!("both footprints") };
    assert!(real < taker && taker < real * 1.05, "{taker} {real}");
}
