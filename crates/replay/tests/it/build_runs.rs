//! Replays, positions and backtests on tapes of Uniswap v3's kin.

use tidemill_market::Footprint;
use tidemill_replay::{
    BacktestConfig, PositionRequest, Setup, audit, backtest, follow_position, record_journal,
    replay,
};
use tidemill_units::{Liquidity, SignedAmount};

use crate::data::FOOTPRINTS;
use crate::synthetic_builds::{KIN, SyntheticBuild, range};

fn setup(made: &SyntheticBuild, footprint: &str) -> Setup {
    let text = format!("footprint = \"{footprint}\"\nnative_price_quote = \"3000\"\n");
    BacktestConfig::from_toml(&text).unwrap().resolve(&made.tape).unwrap()
}

#[test]
fn every_event_reproduces() {
    for build in KIN {
        let made = SyntheticBuild::lively(build, 40);
        let report = replay(&made.tape, |_| {}).unwrap();
        assert_eq!(report.mismatch, None, "{build:?}");
        assert_eq!(report.counts.events, made.tape.events.len() as u64);
        let end = *report.concentrated().unwrap();
        assert_eq!(end.fee_growth_global, made.pool.fee_growth_global(), "{build:?}");
        assert_eq!(end.sqrt_price, made.pool.sqrt_price(), "{build:?}");
    }
}

#[test]
fn a_position_is_followed_in_each_build() {
    for build in KIN {
        let made = SyntheticBuild::lively(build, 40);
        for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
            let request = PositionRequest {
                range: range(-600, 600),
                liquidity: Liquidity(1_000_000_000_000_000_000_000),
                open: Some("1000".parse().unwrap()),
                close: None,
                footprint,
            };
            let report = follow_position(&made.tape, &request, |_| {}).unwrap();
            assert!(!report.fees.amount0.is_zero() && !report.fees.amount1.is_zero(), "{build:?}");
            assert!(report.swaps >= 80 && report.in_range_swaps > 0, "{report:?}");
        }
    }
}

#[test]
fn every_strategy_adds_up_and_replays_from_its_journal() {
    for build in KIN {
        let made = SyntheticBuild::lively(build, 60);
        for footprint in FOOTPRINTS {
            let setup = setup(&made, footprint);
            let finished = backtest(&made.tape, setup.clone(), &|_| {}).unwrap();
            assert!(finished.runs.len() > 2, "{build:?}");
            let mut earned = 0;
            for run in &finished.runs {
                let identity = &run.record.settlement.identity;
                assert!(identity.holds(), "{build:?}: {identity:?}");
                earned += usize::from(identity.fees > SignedAmount::ZERO);
                let (journal, digest) = record_journal(&made.tape, &setup, &run.strategy).unwrap();
                assert_eq!(digest, run.digest);
                assert_eq!(audit(&made.tape, &setup, &run.strategy, journal).unwrap(), digest);
            }
            assert!(earned > 1, "{build:?}, {footprint}");
        }
    }
}
