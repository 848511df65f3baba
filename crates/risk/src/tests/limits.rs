use tidemill_model::{Intent, Placement, PoolId};
use tidemill_units::{Amount, Side, Tick, TickRange};

use super::synthetic_tape::{POOL, amounts, full_range, range};
use super::{DEPOSIT, Desk, loose, loss, open, open_in, swap};
use crate::{Limits, LossLimit, Refusal, ZeroLoss};

/// Asks for one thing after another and compares the last answer.
#[track_caller]
fn check(desk: &mut Desk, intent: Intent, expected: Result<(), Refusal>) {
    assert_eq!(desk.ask(intent).map(|_| ()), expected, "{intent:?}");
}

#[test]
fn positions_open_or_on_their_way_are_counted() {
    let mut desk = Desk::new(Limits { max_positions: 2, ..loose() });
    desk.open_position(1_000, 1_000);
    let on_its_way = desk.ask(open(1_000, 1_000)).expect("the second of two");
    let refused = Refusal::TooManyPositions { open: 2, limit: 2 };
    check(&mut desk, open(1_000, 1_000), Err(refused));
    desk.settle(on_its_way);
    check(&mut desk, open(1_000, 1_000), Err(refused));
    check(&mut desk, swap(Side::Token0, 1_000), Ok(()));
    let mut none = Desk::new(Limits { max_positions: 0, ..loose() });
    check(&mut none, open(1, 1), Err(Refusal::TooManyPositions { open: 0, limit: 0 }));
}

#[test]
fn exposure_counts_positions_openings_on_their_way_and_the_order_itself() {
    let limit = |amount| Limits { max_exposure_quote: Amount::from_u128(amount), ..loose() };
    check(&mut Desk::new(limit(3_000)), open(1_000, 2_000), Ok(()));
    let refused = |exposure, limit| {
        let [exposure, limit] = [exposure, limit].map(Amount::from_u128);
        Err(Refusal::TooMuchExposure { exposure, limit })
    };
    check(&mut Desk::new(limit(3_000)), open(1_000, 2_001), refused(3_001, 3_000));

    let mut desk = Desk::new(limit(500_000));
    let position = desk.open_position(100_000, 100_000);
    let held = desk.worth(position);
    desk.ask(open(50_000, 70_000)).expect("within the limit");
    desk.ask(swap(Side::Token0, 400_000)).expect("a swap is not exposure");
    let rest = 500_000 - held - 120_000;
    check(&mut desk, open(0, rest + 1), refused(500_001, 500_000));
    check(&mut desk, open(0, rest), Ok(()));
}

#[test]
fn nothing_new_passes_once_the_loss_limit_is_passed() {
    for intent in [open(10, 10), swap(Side::Token1, 10)] {
        let mut desk = Desk::new(Limits { max_loss: loss(700), ..loose() });
        let first = desk.ask(intent).expect("nothing lost yet");
        assert_eq!(first.intent, intent);
        desk.burn_gas(700);
        check(&mut desk, intent, Ok(()));
        desk.burn_gas(1);
        let [loss, limit] = [701, 700].map(Amount::from_u128);
        check(&mut desk, intent, Err(Refusal::LossLimit { loss, limit }));
    }
}

#[test]
fn gas_paid_before_the_first_check_counts_as_lost() {
    let mut desk = Desk::new(Limits { max_loss: loss(700), ..loose() });
    desk.burn_gas(701);
    let [loss, limit] = [701, 700].map(Amount::from_u128);
    check(&mut desk, open(10, 10), Err(Refusal::LossLimit { loss, limit }));
}

#[test]
fn a_loss_limit_is_above_zero_and_cannot_be_written_as_negative() {
    // An `Amount` has no sign, so zero is the only limit that would bind at once.
    assert_eq!(LossLimit::new(Amount::ZERO), Err(ZeroLoss));
    assert!("-1".parse::<Amount>().is_err());
    let least = Amount::from_u64(1);
    assert_eq!(LossLimit::new(least).map(LossLimit::amount), Ok(least));
}

#[test]
fn an_order_may_take_what_is_available_and_not_one_unit_more() {
    let insufficient = |available, wanted| {
        let [available, wanted] = [available, wanted].map(Amount::from_u128);
        Err(Refusal::InsufficientBalance { available, wanted })
    };
    let all = [
        open(DEPOSIT, DEPOSIT),
        open(0, DEPOSIT),
        swap(Side::Token0, DEPOSIT),
        swap(Side::Token1, DEPOSIT),
    ];
    for intent in all {
        check(&mut Desk::new(loose()), intent, Ok(()));
    }
    let too_much = [
        open(DEPOSIT + 1, 1),
        open(1, DEPOSIT + 1),
        swap(Side::Token0, DEPOSIT + 1),
        swap(Side::Token1, DEPOSIT + 1),
    ];
    for intent in too_much {
        check(&mut Desk::new(loose()), intent, insufficient(DEPOSIT, DEPOSIT + 1));
    }
    let mut desk = Desk::new(loose());
    desk.ask(swap(Side::Token0, 400_000)).expect("there is more");
    check(&mut desk, open(600_001, 0), insufficient(600_000, 600_001));
    check(&mut desk, swap(Side::Token0, 600_001), insufficient(600_000, 600_001));
    check(&mut desk, open(600_000, 0), Ok(()));
}

#[test]
fn asking_for_nothing_is_refused() {
    check(&mut Desk::new(loose()), open(0, 0), Err(Refusal::ZeroAmount));
    check(&mut Desk::new(loose()), swap(Side::Token0, 0), Err(Refusal::ZeroAmount));
}

#[test]
fn a_range_must_be_one_that_the_pool_allows() {
    let full = full_range();
    let good = [full, range(-60, 0), range(full.upper.0 - 60, full.upper.0)];
    for range in good {
        check(&mut Desk::new(loose()), open_in(range), Ok(()));
    }
    let bad = [
        range(60, 60),
        range(60, -60),
        range(-59, 60),
        range(-60, 61),
        range(full.lower.0 - 60, 0),
        range(0, full.upper.0 + 60),
        TickRange { lower: Tick(i32::MIN), upper: Tick(i32::MAX) },
    ];
    for range in bad {
        check(&mut Desk::new(loose()), open_in(range), Err(Refusal::BadRange));
    }
}

#[test]
fn an_order_in_a_pool_without_a_price_is_refused() {
    let pool = PoolId(9);
    let amount_in = Amount::from_u64(1);
    let elsewhere = [
        Intent::Open {
            pool,
            placement: Placement::Range(range(-60, 60)),
            desired: amounts(1, 1).into(),
        },
        Intent::Swap {
            pool,
            pair: Side::Token0.into_other(),
            amount_in,
            min_amount_out: Amount::ZERO,
        },
    ];
    for intent in elsewhere {
        check(&mut Desk::new(loose()), intent, Err(Refusal::NoPrice));
    }
    let mut desk = Desk::new(loose());
    desk.market = tidemill_market::Market::new(tidemill_market::Footprint::PriceTaker);
    let unstarted = super::SyntheticTape::at_tick(0);
    assert_eq!(desk.market.add_pool(unstarted.tape()), Ok(POOL));
    for intent in [open(1, 1), swap(Side::Token0, 1)] {
        check(&mut desk, intent, Err(Refusal::NoPrice));
    }
}
