use tidemill_amm::concentrated::Rounding;
use tidemill_market::Footprint;
use tidemill_model::{Holding, Intent, OutcomeKind, PositionId, Rejection};
use tidemill_units::{Amount, Side};

use super::synthetic_tape::{DEEP, POOL, SyntheticTape, amounts, full_range, range};
use super::{Session, open, swap};

const FOOTPRINTS: [Footprint; 2] = [Footprint::PriceTaker, Footprint::ReExecuted];

/// A deep pool at tick 0, and two quiet blocks for orders to land in.
fn quiet_tape() -> SyntheticTape {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    for _ in 0..9 {
        synthetic.skip_blocks(1);
        synthetic.swap_in(Side::Token0, 1);
    }
    synthetic
}

/// Sends one order on the first quiet block and returns its end.
fn end_of(synthetic: &SyntheticTape, footprint: Footprint, intent: Intent) -> OutcomeKind {
    let mut session = Session::new(synthetic.tape(), footprint, 1);
    session.skip(3);
    session.send(intent);
    let outcome = session.outcome();
    session.finish();
    outcome.kind
}

#[test]
fn an_opening_takes_as_much_liquidity_as_the_amounts_allow_and_never_more_than_them() {
    let desired = amounts(1_000_000, 500_000);
    let held = range(-600, 1_200);
    for footprint in FOOTPRINTS {
        let kind = end_of(&quiet_tape(), footprint, open(held, 1_000_000, 500_000));
        let OutcomeKind::Opened {
            position,
            pool,
            holding: Holding::Range { range, liquidity },
            deposited,
        } = kind
        else {
            panic!("{kind:?}")
        };
        assert_eq!((pool, range), (POOL, held));
        assert_eq!(position.0.sequence.0, 3);
        assert!(desired.checked_sub(deposited.two().expect("two")).is_some(), "{deposited:?}");
        let state = quiet_tape().pool().clone();
        assert_eq!(Ok(liquidity), state.liquidity_for(held, desired));
        let more = tidemill_units::Liquidity(liquidity.0 + 10_000);
        let cost = state.amounts_of(held, more, Rounding::Up).expect("a range");
        assert!(desired.checked_sub(cost).is_none(), "as much as the amounts allow");
    }
}

#[test]
fn a_swap_pays_what_the_pool_would() {
    for footprint in FOOTPRINTS {
        let kind = end_of(&quiet_tape(), footprint, swap(Side::Token1, 1_000_000, 0));
        // A million less 0.3 % at a price of one, in a pool a quadrillion times as deep; the price
        // is a hair above one after what the tape paid in.
        let OutcomeKind::Swapped { amount_in, amount_out, .. } = kind else { panic!("{kind:?}") };
        assert_eq!(amount_in, Amount::from_u64(1_000_000));
        assert_eq!(amount_out, Amount::from_u64(996_999));
    }
}

#[test]
fn a_position_is_closed_for_what_it_is_worth_and_its_fees() {
    for footprint in FOOTPRINTS {
        let synthetic = quiet_tape();
        let mut session = Session::new(synthetic.tape(), footprint, 1);
        session.skip(3);
        let opened = session.send(open(range(-60, 60), 1_000_000, 1_000_000));
        let first = session.outcome();
        let OutcomeKind::Opened { deposited, .. } = first.kind else { panic!("{first:?}") };
        let position = PositionId(opened);
        session.send(Intent::Close { position });
        let second = session.outcome();
        let OutcomeKind::Closed { withdrawn, fees, .. } = second.kind else { panic!("{second:?}") };
        // Paid in rounded up, paid out rounded down, with nothing but dust swapped in between.
        let kept = deposited.checked_sub(&withdrawn).expect("rounding favours the pool");
        let kept = kept.two().expect("two");
        assert!(kept.amount0 <= Amount::from_u64(1) && kept.amount1 <= Amount::from_u64(2));
        assert!(fees.is_zero());
        session.finish();
    }
}

#[test]
fn what_the_chain_would_refuse_is_rejected_with_its_reason() {
    let rejected = |footprint, intent| match end_of(&quiet_tape(), footprint, intent) {
        OutcomeKind::Rejected(rejection) => rejection,
        other @ (OutcomeKind::Opened { .. }
        | OutcomeKind::Closed { .. }
        | OutcomeKind::Swapped { .. }
        | OutcomeKind::Arbitraged { .. }
        | OutcomeKind::Staked { .. }
        | OutcomeKind::Claimed { .. }
        | OutcomeKind::Unstaked { .. }
        | OutcomeKind::Unbonding { .. }
        | OutcomeKind::Compounded { .. }
        | OutcomeKind::Voted { .. }
        | OutcomeKind::Extended { .. }
        | OutcomeKind::Sold { .. }
        | OutcomeKind::Traded { .. }
        | OutcomeKind::Expired) => panic!("{other:?}"),
    };
    for footprint in FOOTPRINTS {
        let least = swap(Side::Token1, 1_000_000, 997_000);
        assert_eq!(rejected(footprint, least), Rejection::TooLittleReceived);
        let exactly = end_of(&quiet_tape(), footprint, swap(Side::Token1, 1_000_000, 996_999));
        assert!(matches!(exactly, OutcomeKind::Swapped { .. }), "{exactly:?}");
        let nothing = open(range(-60, 60), 1_000, 0);
        assert_eq!(rejected(footprint, nothing), Rejection::NoLiquidity);
    }
    let mut shallow = SyntheticTape::at_tick(0);
    shallow.mint(1, range(-60, 60), 1_000_000);
    for _ in 0..3 {
        shallow.skip_blocks(1);
        shallow.swap_in(Side::Token0, 1);
    }
    let whole = swap(Side::Token0, DEEP, 0);
    for footprint in FOOTPRINTS {
        let kind = end_of(&shallow, footprint, whole);
        assert_eq!(kind, OutcomeKind::Rejected(Rejection::InsufficientDepth), "{footprint:?}");
    }
}

#[test]
fn the_pool_that_orders_meet_moved_while_they_waited() {
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    synthetic.skip_blocks(1);
    synthetic.swap_in(Side::Token0, 1);
    synthetic.skip_blocks(1);
    synthetic.swap_to(6_000);
    synthetic.skip_blocks(1);
    synthetic.swap_in(Side::Token0, 1);
    // Decided at tick 0, executed at tick 6000: all token1 now.
    let kind = end_of(&synthetic, Footprint::PriceTaker, open(range(-600, 600), 1_000, 1_000));
    let OutcomeKind::Opened { deposited, .. } = kind else { panic!("{kind:?}") };
    let deposited = deposited.two().expect("two");
    assert!(deposited.amount0.is_zero() && !deposited.amount1.is_zero(), "{deposited:?}");
    let price_limited = swap(Side::Token1, 1_000_000, 900_000);
    let kind = end_of(&synthetic, Footprint::PriceTaker, price_limited);
    assert_eq!(kind, OutcomeKind::Rejected(Rejection::TooLittleReceived));
}

#[test]
fn the_full_range_can_be_opened() {
    for footprint in FOOTPRINTS {
        let kind = end_of(&quiet_tape(), footprint, open(full_range(), 1_000_000, 1_000_000));
        assert!(matches!(kind, OutcomeKind::Opened { .. }), "{kind:?}");
    }
}
