//! The embedded week against the results of two independent implementations, which stand in the
//! README of the recorded data set.

use tidemill_market::Footprint;
use tidemill_replay::{PositionReport, PositionRequest, follow_position, replay};
use tidemill_units::{Amounts, Liquidity, Tick, TickRange};

use crate::data::week;

#[test]
fn every_event_reproduces() {
    let mut progress = Vec::new();
    let report = replay(week(), |done| progress.push(done)).unwrap();
    assert_eq!(report.mismatch, None);
    let counts = report.counts;
    let kinds = [counts.swaps_exact_in, counts.swaps_exact_out, counts.swaps_price_limited];
    assert_eq!(counts.events, 39_159);
    assert_eq!(counts.swaps(), 38_235);
    assert_eq!(kinds, [33_809, 3_334, 1_092]);
    assert_eq!(counts.liquidity_changes, 825);
    assert_eq!(
        report.concentrated().unwrap().sqrt_price.to_string(),
        "1251675147291743787411274084583216"
    );
    assert_eq!(report.concentrated().unwrap().tick, Tick(193_362));
    assert_eq!(report.concentrated().unwrap().liquidity, Liquidity(16_393_840_546_567_820_779));
    let [growth0, growth1] =
        report.concentrated().unwrap().fee_growth_global.map(|growth| growth.to_string());
    assert_eq!(growth0, "18287659490360439488773067091041");
    assert_eq!(growth1, "4723791483254330712846426751379808900823");
    assert!(progress.is_sorted());
    assert_eq!(progress.last(), Some(&39_159));
}

fn whole_week(range: (i32, i32), footprint: Footprint) -> PositionReport {
    let range = TickRange { lower: Tick(range.0), upper: Tick(range.1) };
    let liquidity = Liquidity(1_000_000_000_000_000);
    let request = PositionRequest { range, liquidity, open: None, close: None, footprint };
    follow_position(week(), &request, |_| {}).unwrap()
}

fn texts(amounts: Amounts) -> [String; 2] {
    [amounts.amount0.to_string(), amounts.amount1.to_string()]
}

#[test]
fn a_narrow_position_re_executed() {
    let report = whole_week((194_130, 194_150), Footprint::ReExecuted);
    assert_eq!(texts(report.deposit), ["28415567", "8754073200434704"]);
    assert_eq!(texts(report.fees), ["1451098", "387059207711330"]);
    assert_eq!(report.swaps, 38_235);
    // The price ended below the range: all of it has become USDC.
    assert_eq!(texts(report.withdraw)[1], "0");
    assert!(0 < report.in_range_swaps && report.in_range_swaps < report.swaps / 10);
}

#[test]
fn a_wide_position_re_executed() {
    let report = whole_week((193_140, 195_140), Footprint::ReExecuted);
    assert_eq!(texts(report.deposit), ["2967260465", "801525878473367753"]);
    assert_eq!(texts(report.fees), ["53737648", "13880674733933661"]);
    assert_eq!(report.swaps, 38_235);
    assert!(report.in_range_swaps > report.swaps / 2);
}

/// So little liquidity changes history by less than a tenth of a percent.
#[test]
fn a_price_taker_of_little_liquidity_earns_nearly_the_same() {
    for range in [(194_130, 194_150), (193_140, 195_140)] {
        let taker = whole_week(range, Footprint::PriceTaker);
        let executed = whole_week(range, Footprint::ReExecuted);
        assert_eq!(taker.deposit, executed.deposit);
        for (taker, executed) in texts(taker.fees).into_iter().zip(texts(executed.fees)) {
            let [taker, executed]: [f64; 2] =
                [taker, executed].map(|fees| fees.parse::<f64>().unwrap());
            let more = taker / executed - 1.0;
            assert!(more.abs() < 1e-3, "{range:?}: {taker} is {more} more than {executed}");
        }
    }
}
