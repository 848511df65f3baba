use super::*;
use crate::gauge_controller::{NewGauge, RELATIVE_ONE};
use crate::token_admin::{INITIAL_RATE, TokenAdminError};
use crate::vote_escrow::EscrowParameters;
use crate::{Moment, WEEK};
use tidemill_units::BlockNumber;

const ADMIN: Account = Account([0xad; 20]);
const GAUGE: Account = Account([0x60; 20]);
const POOL: Account = Account([0x11; 20]);
const VAULT: Account = Account([0xba; 20]);
const ALICE: Account = Account([0xa1; 20]);
const BOB: Account = Account([0xb0; 20]);
const START: u64 = 2_800 * WEEK;

fn at(after: u64) -> Timestamp {
    Timestamp(START + after)
}

/// One gauge that gets everything from the second week on, Alice and Bob staked alike in it.
fn system() -> BalancerGauges {
    let now = Moment { at: at(0), block: BlockNumber(1) };
    let escrow = VoteEscrow::deployed(EscrowParameters::BALANCER, now);
    let token_admin = TokenAdmin::activated(Amount::ZERO, at(0));
    let controller = GaugeController::deployed(ADMIN, at(0));
    let mut system = BalancerGauges::deployed(token_admin, Amount::ZERO, escrow, controller);
    let one = U256::from(RELATIVE_ONE);
    let identity = GaugeIdentity { account: GAUGE, pool_token: POOL, admin: ADMIN, vault: VAULT };
    system.deploy_gauge(identity, one, at(0)).unwrap();
    assert_eq!(system.deploy_gauge(identity, one, at(0)), Err(Error::KnownGauge));
    system.controller.add_type(ADMIN, one, at(0)).unwrap();
    let gauge = NewGauge { account: GAUGE, gauge_type: 0, weight: one };
    system.controller.add_gauge(ADMIN, gauge, at(0)).unwrap();
    for recipient in [ALICE, BOB] {
        let deposit = BalancerDeposit { recipient, value: Amount(one), claims: false };
        system.deposit(GAUGE, deposit, at(0)).unwrap();
    }
    system
}

#[test]
fn minted_is_what_was_claimable_and_only_once() {
    let mut system = system();
    let before = system.clone();
    let claimable = system.claimable(GAUGE, ALICE, at(3 * WEEK)).unwrap();
    assert_eq!(system, before, "asking changes nothing");
    assert_eq!(system.mint(ALICE, GAUGE, at(3 * WEEK)), Ok(claimable));
    assert_eq!(system.mint_each(ALICE, &[GAUGE; 2], at(3 * WEEK)), Ok(Amount::ZERO));
    // Half of two weeks at the first rate: the week before the gauge's weight counts pays nobody.
    assert_eq!(claimable, Amount(INITIAL_RATE * U256::from(WEEK)));
    assert_eq!(system.bal_supply, claimable);
    assert_eq!(BalancerGauges::new(&system.state()), Ok(system));
}

#[test]
fn minting_without_leave_fails_or_does_nothing_by_its_name() {
    let mut system = system();
    let before = system.clone();
    let refused = system.mint_for(BOB, &[GAUGE], ALICE, at(3 * WEEK));
    assert_eq!(refused, Err(Error::MintNotAllowed));
    assert_eq!(system.mint_where_allowed(BOB, GAUGE, ALICE, at(3 * WEEK)), Ok(Amount::ZERO));
    assert_eq!(system, before);
    system.set_minter_approval(ALICE, BOB, true);
    let minted = system.mint_for(BOB, &[GAUGE], ALICE, at(3 * WEEK)).unwrap();
    assert_eq!(system.minter().minted(ALICE, GAUGE), minted);
    assert!(!minted.is_zero());
    system.toggle_approve_mint(ALICE, BOB);
    assert!(!system.minter().may_mint_for(BOB, ALICE));
}

#[test]
fn minting_from_several_gauges_is_all_or_nothing() {
    let mut system = system();
    let before = system.clone();
    let gauges = [GAUGE, GAUGE, Account([0xee; 20])];
    assert!(system.mint_many(ALICE, &gauges, at(3 * WEEK)).is_err());
    assert!(system.mint_each(ALICE, &gauges, at(3 * WEEK)).is_err());
    assert_eq!(system, before);
    // BAL that came from elsewhere leaves less to mint than was earned.
    system.bal_supply = Amount(INITIAL_RATE * U256::from(3 * WEEK));
    let before = system.clone();
    let refused = system.mint(ALICE, GAUGE, at(3 * WEEK));
    assert_eq!(refused, Err(TokenAdminError::ExceedsAvailableSupply.into()));
    assert_eq!(system, before);
}

#[test]
fn anybody_can_count_what_another_earned_and_keep_its_boost() {
    let mut system = system();
    let before = system.gauge(GAUGE).unwrap().stake_of(ALICE);
    system.claimable_tokens(GAUGE, ALICE, at(3 * WEEK)).unwrap();
    let after = system.gauge(GAUGE).unwrap().stake_of(ALICE);
    assert_eq!(after.working_balance, before.working_balance);
    assert_eq!(after.integrate_checkpoint_of, at(3 * WEEK));
    let refused = system.user_checkpoint(BOB, GAUGE, ALICE, at(3 * WEEK));
    assert_eq!(refused, Err(Error::Unauthorized));
}

#[test]
fn a_year_of_hourly_checkpoints_pays_what_the_schedule_allows() {
    let mut system = system();
    for hour in 1..=364 * 24 {
        system.user_checkpoint(ALICE, GAUGE, ALICE, at(hour * 3600)).unwrap();
    }
    let end = at(364 * 86_400);
    let minted = [ALICE, BOB].map(|who| system.mint(who, GAUGE, end).unwrap().0);
    let due = INITIAL_RATE * U256::from(51 * WEEK);
    let lost = due - minted[0] - minted[1];
    assert!(lost < U256::from(4 * 364 * 24), "lost {lost}");
    assert!(system.bal_supply <= system.token_admin.available_supply(end).unwrap());
}
