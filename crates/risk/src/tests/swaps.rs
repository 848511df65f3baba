//! What a swap loses, and whether the price is one to trade at.

use tidemill_units::{Bps, Side, SqrtPrice, Tick, U256};

use super::guarded::{Guarded, amount, minutes};
use super::synthetic_tape::{POOL, SyntheticTape, full_range};
use super::{DEPOSIT, open, swap};
use crate::price_deviation::deviation_bps;
use crate::{DeviationLimit, Refusal, Safeguards};

fn bounded(bps: u32) -> Safeguards {
    Safeguards { max_slippage: Some(Bps(bps)), ..Safeguards::default() }
}

#[test]
fn fee_and_impact_are_bounded_together() {
    // 30 bps are the fee, and rounding takes a unit more.
    let refused = Err(Refusal::TooMuchSlippage { lost_bps: 31, limit_bps: 30 });
    for side in [Side::Token0, Side::Token1] {
        Guarded::new(bounded(30)).check(swap(side, 1_000_000), refused);
        Guarded::new(bounded(31)).check(swap(side, 1_000_000), Ok(()));
    }
    // Liquidity of 10^7 over all prices: x * y = L^2, so that 10^5 less the fee moves the price
    // and gives 10^7 * 99,700 / (10^7 + 99,700) = 98,715 of the 100,000.
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, full_range(), 10_000_000);
    let refused = Err(Refusal::TooMuchSlippage { lost_bps: 129, limit_bps: 128 });
    Guarded::beside(tape.clone(), bounded(128)).check(swap(Side::Token0, 100_000), refused);
    Guarded::beside(tape, bounded(129)).check(swap(Side::Token0, 100_000), Ok(()));
}

#[test]
fn a_swap_that_the_pool_cannot_take_whole_loses_everything() {
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, super::synthetic_tape::range(-60, 60), 1_000_000);
    let refused = Err(Refusal::TooMuchSlippage { lost_bps: 10_000, limit_bps: 9_999 });
    Guarded::beside(tape, bounded(9_999)).check(swap(Side::Token0, 100_000), refused);
}

fn followed(bps: u32) -> Safeguards {
    let limit = DeviationLimit { most: Bps(bps), over: minutes(10) };
    Safeguards { price_deviation: Some(limit), ..Safeguards::default() }
}

#[test]
fn nothing_is_opened_or_swapped_far_from_the_mean_price() {
    let wishes = [open(10, 10), swap(Side::Token0, 10), swap(Side::Token1, 10)];
    let unknown = Err(Refusal::NoMeanPrice { pool: POOL, minutes: 10 });
    let mut guarded = Guarded::new(followed(50));
    for wish in wishes {
        guarded.check(wish, unknown);
    }
    guarded.wait(9);
    guarded.check(wishes[0], unknown);
    guarded.wait(1);
    for wish in wishes {
        guarded.check(wish, Ok(()));
    }
    // Five of the ten minutes at tick 100: a mean of 50, so 50 ticks above it. 1.0001^50 is
    // 1.005012.
    guarded.move_to(0, 100);
    guarded.wait(5);
    let refused = Err(Refusal::PriceDeviates { pool: POOL, apart_bps: 51, limit_bps: 50 });
    for wish in wishes {
        guarded.check(wish, refused);
    }
    // Twelve seconds later it is 49 ticks above a mean of 52 or less, rounded down.
    guarded.wait(1);
    for wish in wishes {
        guarded.check(wish, Ok(()));
    }
    // Below the mean as well.
    guarded.wait(10);
    guarded.move_to(1, 40);
    let refused = guarded.ask(wishes[0]).expect_err("sixty ticks");
    assert!(matches!(refused, Refusal::PriceDeviates { apart_bps: 59..=61, .. }), "{refused:?}");
}

#[test]
fn a_deviation_is_that_of_prices_and_not_of_their_roots() {
    let at = |tick| tidemill_amm::concentrated::sqrt_price_at_tick(Tick(tick)).expect("a tick");
    assert_eq!(deviation_bps(at(0), at(0)), 0);
    assert_eq!([deviation_bps(at(7), at(8)), deviation_bps(at(8), at(7))], [2, 2], "1, up");
    // 1.0001^6932 is 2.00007.
    assert_eq!(deviation_bps(at(-6_932), at(0)), 10_001);
    let four_to_one = [2_u8, 1].map(|root| SqrtPrice::from_x96(U256::from(root) << 96));
    let [Some(four), Some(one)] = four_to_one else { panic!("both are prices") };
    assert_eq!(deviation_bps(four, one), 30_000);
    assert_eq!(deviation_bps(SqrtPrice::MIN, SqrtPrice::HIGHEST_LIMIT), u32::MAX);
    assert_eq!(deviation_bps(SqrtPrice::ZERO, one), u32::MAX, "a pool without a price");
}

#[test]
fn a_swap_that_loses_nothing_is_within_any_bound() {
    use crate::slippage::{Simulated, check_slippage};
    let simulated = |at_spot, amount_out| Simulated {
        at_spot: amount(at_spot),
        amount_out: amount(amount_out),
    };
    assert_eq!(check_slippage(Bps(1), &simulated(DEPOSIT, DEPOSIT)), Ok(()));
    assert_eq!(check_slippage(Bps(1), &simulated(DEPOSIT, DEPOSIT + 1)), Ok(()));
    assert_eq!(check_slippage(Bps(1), &simulated(0, 0)), Ok(()));
    assert!(check_slippage(Bps(1), &simulated(9_999, 9_998)).is_err(), "2, up");
}
