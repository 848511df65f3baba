use tidemill_model::PoolEvent;
use tidemill_store::AnyTape;
use tidemill_units::TokenIndex;

use super::{Flow, measure};
use crate::config::{Placement, Supply};
use crate::number::from_amount;
use crate::recording::Recording;

fn supply(placement: Placement) -> Supply {
    Supply {
        required_return: None,
        epsilon: f64::INFINITY,
        cost_return: 0.0,
        placement,
        volume_elasticity: 0.0,
        half_life_days: 7.0,
        staked_part: 1.0,
        wide_part: 0.0,
        parked_part: 0.0,
    }
}

fn of_sample(quote: u8, placement: Placement) -> (Flow, AnyTape) {
    let tape = AnyTape::Concentrated(tidemill_store::sample().unwrap());
    let recording = Recording::of(&tape, &|_| {}).unwrap();
    (measure(&recording, TokenIndex(quote), &supply(placement)).unwrap(), tape)
}

/// Worked out from the recorded amounts alone: 0.05 % of what was paid in.
#[test]
fn the_sample_weeks_fees_are_five_basis_points_of_its_volume() {
    let (flow, tape) = of_sample(0, Placement::Present);
    let AnyTape::Concentrated(tape) = tape else { panic!("ranges") };
    let (mut volume, mut swaps) = (0.0, 0.0);
    for event in &tape.events {
        let PoolEvent::Swap { amounts, .. } = &event.event else { continue };
        swaps += 1.0;
        // One side is the quote token, in or out: its size is the trade's, but for the fee.
        volume += from_amount(amounts.amount0.magnitude());
    }
    let fees: f64 = flow.intervals.iter().map(|interval| interval.fees).sum();
    assert!((fees / (volume * 0.000_5) - 1.0).abs() < 1e-3, "{fees} of {volume}");
    let counted: f64 = flow.intervals.iter().map(|interval| interval.swaps).sum();
    assert!((counted - swaps).abs() < 0.5, "{counted}");
    let seconds: f64 = flow.intervals.iter().map(|interval| interval.seconds).sum();
    assert!((seconds - flow.seconds).abs() < 0.5, "{seconds}");
}

/// In either token the week is the same one.
#[test]
fn the_quote_token_changes_the_unit_and_not_the_yield() {
    let yields = [0, 1].map(|quote| {
        let (flow, _) = of_sample(quote, Placement::Full);
        let fees: f64 =
            flow.intervals.iter().map(|each| each.fees * each.per_capital / each.liquidity).sum();
        let lvr: f64 =
            flow.intervals.iter().map(|each| each.lvr_per_liquidity * each.per_capital).sum();
        (fees, lvr)
    });
    let [dollars, ether] = yields;
    for (one, other) in [(dollars.0, ether.0), (dollars.1, ether.1)] {
        assert!(one > 0.0 && (one / other - 1.0).abs() < 0.03, "{yields:?}");
    }
}

/// A full range loses an eighth of the variance of its price, whatever else it does.
#[test]
fn the_loss_of_a_full_range_is_an_eighth_of_the_variance() {
    let (flow, tape) = of_sample(0, Placement::Full);
    let AnyTape::Concentrated(tape) = tape else { panic!("ranges") };
    let lost: f64 =
        flow.intervals.iter().map(|each| each.lvr_per_liquidity * each.per_capital).sum();
    let mut variance = 0.0;
    let mut last: Option<(u64, f64)> = None;
    for event in &tape.events {
        let Some((_, after)) = event.event.swap() else { continue };
        let price = after.sqrt_price.map(tidemill_signals::sqrt_price_to_f64).unwrap();
        match last {
            Some((at, _)) if event.time.0 - at < super::SAMPLE_SECONDS => {}
            Some((_, before)) => {
                variance += (2.0 * libm::log(price / before)).powi(2);
                last = Some((event.time.0, price));
            }
            None => last = Some((event.time.0, price)),
        }
    }
    assert!((lost / (variance / 8.0) - 1.0).abs() < 0.05, "{lost} {variance}");
}
