use tidemill_amm::concentrated::{Rounding, SwapAmount};
use tidemill_model::{Holding, OutcomeKind, PoolEvent, PositionId, Rejection};
use tidemill_units::{Amount, Amounts, Liquidity, Side, U256};

use super::Log;
use super::random_pool::{extend, random_tape};
use super::seeded::Seeded;
use super::synthetic_tape::{POOL, SyntheticTape, amounts, range};
use crate::{Footprint, MarketError};

const OWNER: u8 = 77;

/// A position of ours beside somebody's of the same range and liquidity, opened and closed with it.
fn check_twin(seed: u64) {
    let mut random = Seeded(seed);
    let mut synthetic = random_tape(&mut random, 30);
    let lower = random.between(-5, 4) * 60;
    let held = range(lower, lower + 60 * random.between(1, 4));
    let liquidity = 1 + random.wide(68);
    let paid = synthetic.mint(OWNER, held, liquidity);
    let opened_at = synthetic.tape().events.len();
    extend(&mut synthetic, &mut random, 60);
    let closed_at = synthetic.tape().events.len();
    let withdrawn = synthetic.burn(OWNER, held, liquidity);
    let collected = synthetic.collect(OWNER, held);
    extend(&mut synthetic, &mut random, 10);

    let events = &synthetic.tape().events;
    let mut log = Log::new(synthetic.tape(), Footprint::PriceTaker);
    log.record_all(&events[..opened_at]);
    let ours = log.open(held, liquidity, paid);
    log.record_all(&events[opened_at..closed_at]);
    let (principal, fees) = log.close(ours);
    assert_eq!(principal, withdrawn, "seed {seed}");
    assert_eq!(principal.checked_add(fees), Some(collected), "seed {seed}");
    log.record_all(&events[closed_at..]);
    assert_eq!(log.pool().history(), synthetic.pool(), "seed {seed}");
}

#[test]
fn a_price_taker_earns_to_the_unit_what_the_same_position_in_the_tape_was_paid() {
    (0..1_000).for_each(check_twin);
}

#[test]
fn two_positions_of_one_range_keep_their_own_fees() {
    for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
        let mut synthetic = SyntheticTape::deep_at_tick(30);
        synthetic.swap_in(Side::Token0, 1_000_000_000_000_000_000);
        let half = synthetic.tape().events.len();
        synthetic.swap_in(Side::Token0, 1_000_000_000_000_000_000);
        let events = &synthetic.tape().events;
        let mut log = Log::new(synthetic.tape(), footprint);
        log.record_all(&events[..half - 1]);
        let (held, liquidity) = (range(-120, 120), 1_000_000_000_000);
        let cost = |log: &Log| {
            let rounding = Rounding::Up;
            let cost = log.pool().pool().amounts_of(held, Liquidity(liquidity), rounding);
            cost.expect("a range")
        };
        let first_cost = cost(&log);
        let first = log.open(held, liquidity, first_cost);
        log.record_all(&events[half - 1..half]);
        let second_cost = cost(&log);
        let second = log.open(held, liquidity, second_cost);
        log.record_all(&events[half..]);
        let fees = |id| log.pool().worth(id).expect("open").fees.amount0.0;
        let (first_fees, second_fees) = (fees(first), fees(second));
        // 0.3 % of the same input twice, and once.
        assert!(first_fees.abs_diff(second_fees * U256::from(2)) <= U256::from(3), "{footprint:?}");
        assert_eq!(log.market.own(first).map(|(_, own)| own.id), Some(first));
        let (_, fees) = log.close(first);
        assert_eq!(fees.amount1, Amount::ZERO, "only token0 was paid in");
        assert_eq!(log.market.own(first).map(|(_, own)| own.id), None);
        assert_eq!(log.pool().worth(second).map(|worth| worth.fees.amount0.0), Some(second_fees));
    }
}

#[test]
fn the_least_liquidity_beside_a_position_is_what_its_range_had_while_swaps_went_through() {
    let mut synthetic = SyntheticTape::at_tick(0);
    synthetic.mint(1, range(-600, 600), 5_000_000_000);
    synthetic.mint(1, range(-60, 60), 3_000_000_000);
    let opened_at = synthetic.tape().events.len();
    synthetic.swap_to(30);
    let inside_at = synthetic.tape().events.len();
    synthetic.swap_to(90);
    synthetic.burn(1, range(-600, 600), 4_000_000_000);
    synthetic.swap_to(200);
    synthetic.mint(1, range(-600, 600), 9_000_000_000);
    synthetic.swap_to(100);
    let events = &synthetic.tape().events;
    let mut log = Log::new(synthetic.tape(), Footprint::PriceTaker);
    log.record_all(&events[..opened_at]);
    let held = range(0, 120);
    let rounding = Rounding::Up;
    let paid = log.pool().pool().amounts_of(held, Liquidity(7), rounding).expect("a range");
    let ours = log.open(held, 7, paid);
    let beside = |log: &Log| {
        let (_, own) = log.market.own(ours).expect("open");
        own.least_liquidity_beside
    };
    assert_eq!(beside(&log), None, "no swap yet");
    log.record_all(&events[opened_at..inside_at]);
    assert_eq!(beside(&log), Some(Liquidity(8_000_000_000)));
    log.record_all(&events[inside_at..inside_at + 1]);
    assert_eq!(beside(&log), Some(Liquidity(5_000_000_000)), "above tick 60");
    log.record_all(&events[inside_at + 1..]);
    // The swap from 90 to 200 is one step: it was beside us up to 120. What came later was more.
    assert_eq!(beside(&log), Some(Liquidity(1_000_000_000)));
}

/// Brings in an outcome that is a little off what the market would have answered.
fn check_refused(kind: impl Fn(&Log, Amounts) -> OutcomeKind) {
    for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
        let synthetic = SyntheticTape::deep_at_tick(0);
        let mut log = Log::new(synthetic.tape(), footprint);
        log.record_all(&synthetic.tape().events);
        let rounding = Rounding::Up;
        let held = range(-60, 60);
        let paid = log.pool().pool().amounts_of(held, Liquidity(1_000), rounding).expect("fits");
        log.open(held, 1_000, paid);
        let order = log.next_key();
        let kind = kind(&log, paid);
        assert_eq!(
            log.outcome(kind),
            Err(MarketError::Outcome { order }),
            "{footprint:?} {kind:?}"
        );
    }
}

#[test]
fn outcomes_that_the_market_cannot_reproduce_are_refused() {
    let held = range(-60, 60);
    let one = amounts(1, 0);
    check_refused(|log, paid| OutcomeKind::Opened {
        position: PositionId(log.next_key()),
        pool: POOL,
        holding: Holding::Range { range: held, liquidity: Liquidity(1_000) },
        deposited: paid.checked_add(one).expect("small").into(),
    });
    check_refused(|log, paid| OutcomeKind::Opened {
        position: PositionId(log.next_key()),
        pool: POOL,
        holding: Holding::Range { range: range(60, -60), liquidity: Liquidity(1_000) },
        deposited: paid.into(),
    });
    check_refused(|log, _| OutcomeKind::Closed {
        position: PositionId(log.next_key()),
        withdrawn: Amounts::ZERO.into(),
        fees: Amounts::ZERO.into(),
    });
    check_refused(|log, _| {
        let own = log.pool().own().next().expect("open");
        let worth = log.pool().worth(own.id).expect("open");
        let withdrawn = worth.principal.checked_add(one).expect("small");
        OutcomeKind::Closed {
            position: own.id,
            withdrawn: withdrawn.into(),
            fees: worth.fees.into(),
        }
    });
    check_refused(|log, _| {
        let own = log.pool().own().next().expect("open");
        let withdrawn = log.pool().worth(own.id).expect("open").principal;
        OutcomeKind::Closed { position: own.id, withdrawn: withdrawn.into(), fees: one.into() }
    });
    let swapped = |amount_in, amount_out| OutcomeKind::Swapped {
        pool: POOL,
        pair: Side::Token1.into_other(),
        amount_in: Amount::from_u64(amount_in),
        amount_out: Amount::from_u64(amount_out),
    };
    check_refused(|_, _| swapped(1_000_000, 1));
    check_refused(|_, _| swapped(0, 0));
}

#[test]
fn rejected_and_expired_orders_change_nothing() {
    let synthetic = SyntheticTape::deep_at_tick(0);
    let mut log = Log::new(synthetic.tape(), Footprint::ReExecuted);
    log.record_all(&synthetic.tape().events);
    for kind in [OutcomeKind::Rejected(Rejection::NoLiquidity), OutcomeKind::Expired] {
        assert_eq!(log.outcome(kind), Ok(()));
    }
    assert_eq!(log.pool().pool(), synthetic.pool());
    let initialized = synthetic.tape().events.iter().map(|recorded| recorded.event.clone());
    assert!(initialized.clone().all(|event| !matches!(event, PoolEvent::Swap { .. })));
    assert_eq!(log.pool().own().count(), 0);
}

#[test]
fn seconds_inside_are_those_of_the_pool_with_us_in_it() {
    let mut synthetic = SyntheticTape::deep_at_tick(30);
    let (held, liquidity) = (range(-120, 120), 1_000_000_000_000);
    let opened_at = synthetic.tape().events.len();
    synthetic.swap_in(Side::Token0, 1_000_000_000_000_000_000);
    synthetic.skip_blocks(50);
    synthetic.swap_in(Side::Token0, 1_000_000_000_000_000_000);
    let events = &synthetic.tape().events;
    for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
        let mut log = Log::new(synthetic.tape(), footprint);
        log.record_all(&events[..opened_at]);
        let cost = log.pool().pool().amounts_of(held, Liquidity(liquidity), Rounding::Up);
        let ours = log.open(held, liquidity, cost.expect("a range"));
        let opened = log.market.now();
        let before = log.pool().seconds_per_liquidity_inside(ours, opened);
        log.record_all(&events[opened_at..]);
        let now = log.market.now();
        let after = log.pool().seconds_per_liquidity_inside(ours, now);
        if footprint == Footprint::PriceTaker {
            assert_eq!((before, after), (None, None));
            continue;
        }
        let inside = log.pool().pool().snapshot_cumulatives_inside(now, held).expect("our range");
        assert_eq!(after, Some(inside.seconds_per_liquidity));
        let grown = after.expect("open").wrapping_sub(before.expect("open"));
        let seconds = U256::from(now.seconds_since(opened)) << 128;
        let all = grown * U256::from(log.pool().pool().liquidity().0);
        // All the liquidity in range together stood for all the seconds, but for roundings down.
        assert!(all <= seconds && all > seconds - (seconds >> 60), "{all} of {seconds}");
        log.close(ours);
        assert_eq!(log.pool().seconds_per_liquidity_inside(ours, now), None);
    }
}

#[test]
fn the_latest_request_is_that_of_the_latest_swap() {
    let mut synthetic = SyntheticTape::deep_at_tick(30);
    let quiet = synthetic.tape().events.len();
    let paid = 1_000_000_000_000_000_000;
    synthetic.swap_in(Side::Token0, paid);
    let mut log = Log::new(synthetic.tape(), Footprint::PriceTaker);
    log.record_all(&synthetic.tape().events[..quiet]);
    assert_eq!(log.pool().last_request(), None);
    log.record_all(&synthetic.tape().events[quiet..]);
    let request = log.pool().last_request().expect("a swap");
    assert_eq!(request.input, Side::Token0);
    assert_eq!(request.amount, SwapAmount::ExactIn(Amount::from_u128(paid)));
}
