use tidemill_model::{PoolEvent, PoolStart, Tape, WindowStart, WindowState};
use tidemill_units::{BlockNumber, Liquidity, Side, TickRange};

use super::Log;
use super::random_pool::{extend, random_tape};
use super::seeded::Seeded;
use super::synthetic_tape::{DEEP, SyntheticTape, full_range, range};
use crate::{
    Certainty, Footprint, GrowthBounds, MarketError, ObservedError, ObservedFault, ObservedPool,
    SwapClass,
};

/// Liquidity beside which no rounding is lost.
const MUCH: u128 = 1 << 100;

/// The rest of a tape from an event on, as somebody has it who was not there before.
fn window(tape: &Tape, from: usize, has_state: bool) -> Tape {
    let mut log = Log::new(tape, Footprint::PriceTaker);
    log.record_all(&tape.events[..from]);
    let pool = log.pool().history();
    let state = WindowState {
        block: BlockNumber(0),
        sqrt_price: pool.sqrt_price(),
        tick: pool.tick(),
        liquidity: pool.liquidity(),
    };
    let mut fee_protocol = [0; 2];
    for recorded in &tape.events[..from] {
        if let PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 } = recorded.event {
            fee_protocol = [fee_protocol0, fee_protocol1];
        }
    }
    let mut rest = tape.clone();
    rest.events.drain(..from);
    let state = has_state.then_some(state);
    rest.header.start = PoolStart::Window(WindowStart { fee_protocol, state });
    rest
}

fn replayed(tape: &Tape) -> ObservedPool {
    let mut pool = ObservedPool::new(tape).expect("a Uniswap v3 pool");
    for recorded in &tape.events {
        pool.apply(recorded);
    }
    pool
}

/// Compares a window with the whole tape, event by event; returns the window's pool.
fn check_window(tape: &Tape, from: usize, has_state: bool) -> ObservedPool {
    let observed = window(tape, from, has_state);
    let mut pool = ObservedPool::new(&observed).expect("a Uniswap v3 pool");
    let mut log = Log::new(tape, Footprint::PriceTaker);
    log.record_all(&tape.events[..from]);
    let mut origin = None;
    let ranges = [range(-120, 120), range(-480, -360), range(0, 60), range(-1_200, 1_200)];
    for recorded in &observed.events {
        if let (None, Some(_)) = (&origin, pool.place()) {
            let growth = log.pool().history().fee_growth_global();
            let seen = pool.fee_growth_global();
            let open = |range: TickRange| {
                let inside = pool.fee_growth_inside(range);
                let cost = log.pool().quote_own(range, Liquidity(MUCH)).expect("a range");
                (range, log.open(range, MUCH, cost), inside)
            };
            origin = Some((growth, seen, ranges.map(open)));
        }
        assert_eq!(log.record(recorded), Ok(()));
        pool.apply(recorded);
        let Some((growth, seen, positions)) = &origin else { continue };
        let history = log.pool().history();
        let place = pool.place().expect("it was there already");
        assert_eq!(place.sqrt_price, history.sqrt_price());
        assert_eq!((place.tick, place.liquidity), (history.tick(), history.liquidity()));
        for side in 0..2 {
            let truth = history.fee_growth_global()[side].wrapping_sub(growth[side]);
            let bounds = pool.fee_growth_global()[side].since(&seen[side]);
            assert!(bounds.contains(truth), "{bounds:?} without {truth} at {recorded:?}");
        }
        for (range, position, before) in positions {
            let fees = log.pool().worth(*position).expect("it is open").fees;
            let inside = pool.fee_growth_inside(*range);
            for (side, index) in [(Side::Token0, 0), (Side::Token1, 1)] {
                let bounds = inside[index].since(&before[index]);
                let [least, most] = bounds.earned_by(Liquidity(MUCH)).expect("few fees");
                let fee = fees.get(side);
                assert!(least <= fee && fee <= most, "{range} {bounds:?} {fee} at {recorded:?}");
            }
        }
    }
    assert_eq!(pool.report().findings, []);
    assert_eq!(pool.report().unresolved.swaps, 0);
    pool
}

#[test]
fn bounds_hold_what_the_whole_history_gives() {
    let mut totals = [0_u64; 4];
    for seed in 0..60 {
        println!("seed {seed}");
        let mut random = Seeded(seed);
        let synthetic = random_tape(&mut random, 150);
        let pool = check_window(synthetic.tape(), 40, seed % 2 == 0);
        for (total, class) in totals.iter_mut().zip(SwapClass::ALL) {
            *total += pool.report().class(class).swaps;
        }
    }
    println!("{totals:?}");
    let [exact, inferred, bounded, unresolved] = totals;
    assert!(exact > 1_000 && inferred > 200 && bounded > 20, "all classes are met");
    assert_eq!(unresolved, 0);
}

#[test]
fn a_tape_from_creation_is_known_to_the_unit() {
    let mut random = Seeded(7);
    let mut synthetic = SyntheticTape::at_tick(0);
    synthetic.mint(0, full_range(), DEEP);
    extend(&mut synthetic, &mut random, 60);
    let pool = replayed(synthetic.tape());
    assert_eq!(pool.report().findings, []);
    let growth = pool.fee_growth_global();
    let truth = synthetic.pool().fee_growth_global();
    for (bounds, truth) in growth.iter().zip(truth) {
        assert!(bounds.contains(truth));
    }
}

/// Two positions that meet, one beginning with as much as the other ends with.
#[test]
fn a_tick_without_net_liquidity_is_told_by_what_it_rounds() {
    let mut synthetic = SyntheticTape::deep_at_tick(30);
    synthetic.mint(1, range(-120, 60), 3_000_000_007);
    synthetic.mint(2, range(60, 240), 3_000_000_007);
    let from = synthetic.tape().events.len();
    for (side, amount) in [
        (Side::Token1, 4_000_000_000_000_000_001),
        (Side::Token0, 4_000_000_000_000_000_003),
        (Side::Token1, 3_777_777_777_777_777_777),
    ] {
        synthetic.swap_in(side, amount);
    }
    let pool = check_window(synthetic.tape(), from, true);
    assert!(pool.report().exact.swaps >= 2, "{:?}", pool.report());
}

/// Nobody ever rested where this position was.
#[test]
fn liquidity_that_was_only_jumped_over_is_bounded_closely() {
    let mut synthetic = SyntheticTape::deep_at_tick(30);
    synthetic.mint(1, range(120, 180), 50 * DEEP);
    let from = synthetic.tape().events.len();
    for tick in [100, 200, 101, 201] {
        synthetic.swap_to(tick);
    }
    let pool = check_window(synthetic.tape(), from, true);
    assert_eq!(pool.report().bounded.swaps + pool.report().inferred.swaps, 3);
    assert!(pool.report().bounded.swaps > 0, "{:?}", pool.report());
    for (bounds, truth) in pool.fee_growth_global().iter().zip(synthetic.pool().fee_growth_global())
    {
        assert!(!truth.0.is_zero());
        assert!(bounds.width() < truth.0 >> 40, "{bounds:?} of {truth}");
    }
}

/// Every event is left out once. A missing swap is named by the next one; a mint or burn away from
/// the price perhaps by a swap before it, which reads the liquidity on its way off later ones.
#[test]
fn a_hole_is_a_finding() {
    let mut random = Seeded(11);
    let synthetic = random_tape(&mut random, 80);
    let whole = window(synthetic.tape(), 10, true);
    assert_eq!(replayed(&whole).report().findings_in_all, 0);
    let (mut swaps, mut found) = (0, 0);
    for hole in 0..whole.events.len() {
        let mut holed = whole.clone();
        let missing = holed.events.remove(hole);
        let pool = replayed(&holed);
        let first = pool.report().findings.first();
        let is_swap = missing.event.kind() == "swap";
        if let Some(finding) = first.filter(|_| is_swap) {
            let (place, hole) =
                ((finding.block, finding.log_index), (missing.block, missing.log_index));
            assert!(place > hole, "found at {place:?}, missing at {hole:?}");
        }
        let is_followed = holed.events[hole..].iter().any(|event| event.event.kind() == "swap");
        let before = whole.events[..hole].iter().rev().find_map(|event| event.event.swap());
        let price = |after: tidemill_model::RecordedAfter| after.sqrt_price;
        let moved = before.map(|(_, after)| price(after))
            != missing.event.swap().map(|(_, after)| price(after));
        if is_swap && is_followed && moved {
            swaps += 1;
            found += usize::from(first.is_some());
        }
    }
    println!("{found} of {swaps}");
    assert!(swaps > 20);
    assert_eq!(found, swaps, "each missing swap is noticed");
}

#[test]
fn a_missing_mint_where_the_price_is_is_named() {
    let mut synthetic = SyntheticTape::deep_at_tick(30);
    let from = synthetic.tape().events.len();
    synthetic.swap_in(Side::Token1, 1_000_000);
    synthetic.mint(1, range(-60, 120), 5_000);
    synthetic.swap_in(Side::Token0, 1_000_000);
    synthetic.swap_in(Side::Token0, 1_000_000);
    let mut holed = window(synthetic.tape(), from, true);
    let after = holed.events[2].clone();
    holed.events.remove(1);
    let pool = replayed(&holed);
    let [finding] = &pool.report().findings[..] else { panic!("{:?}", pool.report().findings) };
    assert_eq!((finding.block, finding.log_index), (after.block, after.log_index));
    assert!(matches!(finding.fault, ObservedFault::Liquidity { .. }), "{finding}");
    assert_eq!(pool.report().unresolved.swaps, 1);
    let growth = pool.fee_growth_global();
    assert_eq!(growth.map(|bounds| bounds.certainty()), [Certainty::Unresolved; 2]);
}

#[test]
fn a_wrong_value_is_named() {
    let mut synthetic = SyntheticTape::deep_at_tick(30);
    let from = synthetic.tape().events.len();
    synthetic.swap_in(Side::Token1, 1_000_000_000);
    synthetic.mint(1, range(-60, 120), 5_000_000_000);
    synthetic.burn(1, range(-60, 120), 5_000);
    let tape = window(synthetic.tape(), from, true);
    let finding = |change: &dyn Fn(&mut Tape)| {
        let mut changed = tape.clone();
        change(&mut changed);
        let pool = replayed(&changed);
        pool.report().findings.first().expect("a finding").fault.clone()
    };
    let swap = |tape: &mut Tape, change: &dyn Fn(&mut tidemill_model::RecordedAfter)| {
        let PoolEvent::Swap { after, .. } = &mut tape.events[0].event else { panic!("a swap") };
        change(after);
    };
    let fault = finding(&|tape| {
        swap(tape, &|after| after.tick = after.tick.map(|tick| tidemill_units::Tick(tick.0 + 1)))
    });
    assert!(matches!(fault, ObservedFault::TickOffPrice { .. }), "{fault}");
    let fault = finding(&|tape| swap(tape, &|after| after.liquidity = None));
    assert!(matches!(fault, ObservedFault::NotRecorded), "{fault}");
    let fault = finding(&|tape| swap(tape, &|after| after.liquidity = Some(Liquidity(7))));
    assert!(matches!(fault, ObservedFault::Liquidity { .. }), "{fault}");
    let fault = finding(&|tape| {
        let PoolEvent::Mint { amounts, .. } = &mut tape.events[1].event else { panic!("a mint") };
        amounts.amount1.0 += tidemill_units::U256::ONE;
    });
    assert!(matches!(fault, ObservedFault::Amount { kind: "mint", field: "amount1", .. }));
    let fault = finding(&|tape| {
        let PoolEvent::Burn { liquidity, .. } = &mut tape.events[2].event else { panic!("a burn") };
        *liquidity = Liquidity(1 << 120);
    });
    assert!(matches!(fault, ObservedFault::NegativeLiquidity { .. }), "{fault}");
}

#[test]
fn a_tape_without_a_tick_map_has_no_exact_market() {
    let synthetic = SyntheticTape::deep_at_tick(30);
    let tape = window(synthetic.tape(), 1, false);
    let market = crate::ConcentratedMarket::new(&tape, Footprint::PriceTaker);
    assert_eq!(market.err(), Some(MarketError::NoTickMap));
    let mut rounded = tape;
    rounded.header.amount_tolerance = "1e-9".parse().expect("a tolerance");
    assert_eq!(ObservedPool::new(&rounded).err(), Some(ObservedError::Rounded));
}

#[test]
fn bounds_say_how_far_they_are_known() {
    let growth = |least: u64, most: u64| GrowthBounds {
        least: tidemill_units::FeeGrowth(tidemill_units::U256::from(least)),
        most: tidemill_units::FeeGrowth(tidemill_units::U256::from(most)),
        unresolved: 0,
    };
    assert_eq!(growth(5, 5).certainty(), Certainty::Exact);
    assert_eq!(growth(5, 6).certainty(), Certainty::Bounded);
    assert_eq!(growth(9, 15).since(&growth(5, 6)), growth(4, 9));
    assert!(growth(4, 9).contains(growth(9, 9).least));
    assert!(!growth(4, 9).contains(growth(10, 10).least));
    assert!(!growth(4, 9).contains(growth(3, 3).least));
}
