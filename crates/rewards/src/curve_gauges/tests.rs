use super::*;
use crate::gauge_controller::NewGauge;
use crate::vote_escrow::EscrowParameters;
use crate::{Moment, WEEK};
use tidemill_units::{BlockNumber, U256};

const ADMIN: Account = Account([0xad; 20]);
const GAUGE: Account = Account([0x60; 20]);
const ALICE: Account = Account([0xa1; 20]);
const BOB: Account = Account([0xb0; 20]);
const START: u64 = 2_800 * WEEK;
const ONE: u128 = 1_000_000_000_000_000_000;

fn at(after: u64) -> Timestamp {
    Timestamp(START + after)
}

/// One gauge that gets everything, Alice and Bob staked in it from the first day of emission.
fn system() -> CurveGauges {
    let supply = Amount::from_u128(1_303_030_303 * ONE);
    let token = CrvEmission::deployed(supply, at(0)).unwrap();
    let now = Moment { at: at(0), block: BlockNumber(1) };
    let escrow = VoteEscrow::deployed(EscrowParameters::CURVE, now);
    let mut system = CurveGauges::deployed(token, escrow, GaugeController::deployed(ADMIN, at(0)));
    system.token.update_mining_parameters(at(86_400)).unwrap();
    system.deploy_gauge(GAUGE, at(86_400)).unwrap();
    system.controller.add_type(ADMIN, U256::from(ONE), at(86_400)).unwrap();
    let gauge = NewGauge { account: GAUGE, gauge_type: 0, weight: U256::from(ONE) };
    system.controller.add_gauge(ADMIN, gauge, at(86_400)).unwrap();
    for recipient in [ALICE, BOB] {
        let deposit = GaugeDeposit { gauge: GAUGE, recipient, value: Amount::from_u128(ONE) };
        system.deposit(recipient, deposit, at(86_400)).unwrap();
    }
    system
}

#[test]
fn minted_is_what_was_claimable_and_only_once() {
    let mut system = system();
    let now = at(3 * WEEK);
    let before = system.clone();
    let claimable = system.claimable(GAUGE, ALICE, now).unwrap();
    assert_eq!(system, before, "asking changes nothing");
    assert_eq!(system.mint(ALICE, GAUGE, now), Ok(claimable));
    assert_eq!(system.mint(ALICE, GAUGE, now), Ok(Amount::ZERO));
    // Half of two weeks at the first rate: the week before the gauge's weight counts pays nobody.
    let due = U256::from(8_714_335_457_889_396_245_u64) * U256::from(WEEK);
    assert!(claimable.0 <= due && due - claimable.0 < U256::from(10));
    assert_eq!(CurveGauges::new(&system.state()), Ok(system));
}

#[test]
fn minting_for_another_without_leave_does_nothing_and_succeeds() {
    let mut system = system();
    let before = system.clone();
    assert_eq!(system.mint_for(BOB, GAUGE, ALICE, at(3 * WEEK)), Ok(Amount::ZERO));
    assert_eq!(system, before);
    system.toggle_approve_mint(ALICE, BOB);
    let minted = system.mint_for(BOB, GAUGE, ALICE, at(3 * WEEK)).unwrap();
    assert_eq!(system.minter().minted(ALICE, GAUGE), minted);
    assert!(!minted.is_zero());
}

#[test]
fn minting_from_several_gauges_is_all_or_nothing() {
    let mut system = system();
    let before = system.clone();
    let refused = system.mint_many(ALICE, &[GAUGE, Account([0xee; 20])], at(3 * WEEK));
    assert!(refused.is_err());
    assert_eq!(system, before);
}

#[test]
fn anybody_can_checkpoint_another_without_touching_the_boost() {
    let mut system = system();
    let before = system.gauge(GAUGE).unwrap().stake_of(ALICE);
    system.claimable_tokens(GAUGE, ALICE, at(3 * WEEK)).unwrap();
    let after = system.gauge(GAUGE).unwrap().stake_of(ALICE);
    assert_eq!(after.working_balance, before.working_balance);
    assert_eq!(after.integrate_checkpoint_of, at(3 * WEEK));
    let refused = system.user_checkpoint(BOB, GAUGE, ALICE, at(3 * WEEK));
    assert_eq!(refused, Err(CurveGaugeError::Unauthorized));
}

#[test]
fn after_500_weeks_without_a_checkpoint_the_rest_is_lost() {
    let (mut late, mut later) = (system(), system());
    let [late, later] = [(&mut late, 501), (&mut later, 600)]
        .map(|(system, weeks)| system.claimable(GAUGE, ALICE, at(weeks * WEEK)).unwrap());
    assert_eq!(late, later);
}

#[test]
fn a_year_of_hourly_checkpoints_passes_every_week_and_epoch() {
    let mut system = system();
    for hour in 25..=366 * 24 {
        system.claimable_tokens(GAUGE, ALICE, at(hour * 3600)).unwrap();
    }
    let minted = system.mint(ALICE, GAUGE, at(366 * 86_400)).unwrap();
    let minted = minted.checked_add(system.mint(BOB, GAUGE, at(366 * 86_400)).unwrap()).unwrap();
    let total = system.token.total_supply;
    assert_eq!(total, minted.checked_add(Amount::from_u128(1_303_030_303 * ONE)).unwrap());
    assert!(total <= system.token.available_supply(at(366 * 86_400)).unwrap());
}
