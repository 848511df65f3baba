//! How much others offer near the price, and how much of it would be ours.

use tidemill_amm::concentrated::Rounding;
use tidemill_market::{Footprint, Market};
use tidemill_model::Intent;
use tidemill_units::{Amount, Amounts, Bps, Side, Tick, TickRange};

use super::guarded::{Guarded, amount};
use super::seeded::Seeded;
use super::synthetic_shares::SyntheticShares;
use super::synthetic_tape::{POOL, SyntheticTape, amounts, full_range, range};
use super::{open, open_in};
use crate::depth::depth;
use crate::{DepthLimit, Refusal, Safeguards};

/// What 100 ticks take of 3,000,000 USDC and of 1,000 WETH.
const PARTS_OF_RESERVES: [u128; 2] = [14_939_451_786, 4_979_817_261_827_496_423];

/// Liquidity where some hold much and others little, in a dozen ranges.
fn patchwork(seed: u64) -> SyntheticTape {
    let mut random = Seeded(seed);
    let mut tape = SyntheticTape::at_tick(random.between(-200, 200));
    tape.mint(0, full_range(), 1_000_000);
    for owner in 1..12 {
        let lower = random.between(-12, 10) * 60;
        let upper = lower + random.between(1, 8) * 60;
        tape.mint(owner, range(lower, upper), 1 + random.wide(60));
    }
    tape.swap_to(random.between(-300, 300));
    tape
}

#[test]
fn depth_is_what_the_positions_near_the_price_are_made_of() {
    for seed in 0..60 {
        let tape = patchwork(seed);
        let guarded = Guarded::beside(tape.clone(), Safeguards::default());
        let ticks = 1 + u32::try_from(Seeded(seed + 1_000).below(600)).expect("small");
        let market = guarded.desk.market.pool(POOL).expect("added");
        let of = (Side::Token1.index(), guarded.desk.market.now());
        let found = depth(market, ticks, of).and_then(|depth| depth.two()).expect("a price");
        let (pool, ticks) = (tape.pool(), i32::try_from(ticks).expect("small"));
        let [low, high] = [pool.tick().0 - ticks, pool.tick().0 + ticks].map(Tick);
        let (mut naive, mut parts) = (Amounts::ZERO, 0);
        for (key, position) in pool.positions() {
            let lower = key.range.lower.max(low);
            let upper = key.range.upper.min(high);
            if lower < upper {
                let near = TickRange { lower, upper };
                let part = pool.amounts_of(near, position.liquidity, Rounding::Down);
                naive = naive.checked_add(part.expect("a range")).expect("small");
                parts += 1;
            }
        }
        // Both round down: the sum part by part, and the depth tick by tick.
        for side in [Side::Token0, Side::Token1] {
            let [found, naive] = [found, naive].map(|amounts| amounts.get(side));
            let slack = amount(2 * parts);
            assert!(found <= naive.checked_add(slack).unwrap(), "seed {seed}: {found} {naive}");
            assert!(naive <= found.checked_add(slack).unwrap(), "seed {seed}: {found} {naive}");
        }
    }
}

#[test]
fn nothing_is_opened_in_a_pool_that_is_too_shallow() {
    // L (1 - 1.0001^-50) of either token: 4,987,272.07 of 10^9, and one of either is worth one.
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, full_range(), 1_000_000_000);
    let deep = |least| {
        let limit = DepthLimit { least: amount(least), within_ticks: 100 };
        Safeguards { depth: Some(limit), ..Safeguards::default() }
    };
    Guarded::beside(tape.clone(), deep(9_974_544)).check(open(10, 10), Ok(()));
    let mut guarded = Guarded::beside(tape, deep(9_974_545));
    let (depth, least) = (amount(9_974_544), amount(9_974_545));
    guarded.check(open(10, 10), Err(Refusal::TooShallow { depth, least }));
    guarded.check(super::swap(Side::Token0, 10), Ok(()));
    let nowhere = SyntheticTape::at_tick(0);
    let mut guarded = Guarded::beside(nowhere, deep(1));
    let (depth, least) = (Amount::ZERO, amount(1));
    guarded.check(open(10, 10), Err(Refusal::TooShallow { depth, least }));
}

#[test]
fn the_depth_of_shares_is_what_can_be_bought_before_the_price_has_moved() {
    let shares = SyntheticShares::pair();
    let mut market = Market::new(Footprint::ReExecuted);
    let pool = market.add_share_pool(&shares.header, &shares.start, shares.now()).expect("a pool");
    let pool = market.pool(pool).expect("added");
    let found = depth(pool, 100, (Side::Token0.index(), market.now())).expect("a price");
    // Paying a part p of the reserve, 0.3 % of it a fee, takes 0.997 p / (1 + 0.997 p) of the
    // other, and moves the price by (1 + 0.997 p) (1 + p), which is 1.0001^100 here.
    let [usdc, weth] = PARTS_OF_RESERVES;
    for (found, most) in found.as_slice().iter().zip([usdc, weth]) {
        let most = amount(most);
        assert!(*found <= most, "{found} of {most}");
        let missing = most.checked_sub(*found).unwrap();
        assert!(missing.0 < most.0 >> 25, "{found} of {most}");
    }
}

#[test]
fn no_larger_part_of_a_pool_is_ours_than_may_be() {
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, full_range(), 1_000_000);
    let ours = |desired: u128| {
        let desired = amounts(desired, desired);
        tape.pool().liquidity_for(range(-60, 60), desired).expect("a range").0
    };
    let share = |ours: u128| u32::try_from((ours * 10_000).div_ceil(ours + 1_000_000)).unwrap();
    let limited = |bps| {
        let safeguards = Safeguards { max_pool_share: Some(Bps(bps)), ..Safeguards::default() };
        Guarded::beside(tape.clone(), safeguards)
    };
    let one = share(ours(1_000));
    assert!((2_000..3_000).contains(&one), "{one}");
    limited(one).check(open(1_000, 1_000), Ok(()));
    let refused =
        |part_bps, limit_bps| Err(Refusal::TooLargeShare { pool: POOL, part_bps, limit_bps });
    limited(one - 1).check(open(1_000, 1_000), refused(one, one - 1));
    // On its way, and when it is there; others' part is what it was.
    let two = share(2 * ours(1_000));
    for settles in [false, true] {
        let mut guarded = limited(two - 1);
        let first = guarded.ask(open(1_000, 1_000)).expect("a part");
        if settles {
            guarded.desk.settle(first);
        }
        guarded.check(open(1_000, 1_000), refused(two, two - 1));
        let mut guarded = limited(two);
        let first = guarded.ask(open(1_000, 1_000)).expect("a part");
        if settles {
            guarded.desk.settle(first);
        }
        guarded.check(open(1_000, 1_000), Ok(()));
    }
    // A range that the price is not in yet counts as if it were.
    let aside = open_in(range(60, 120));
    let Intent::Open { desired, .. } = aside else { panic!("an opening") };
    let liquidity = tape.pool().liquidity_for(range(60, 120), desired.two().unwrap());
    let part = share(liquidity.expect("a range").0);
    limited(part).check(aside, Ok(()));
    limited(part - 1).check(aside, refused(part, part - 1));
}
