use tidemill_units::{Amount, BlockNumber, Timestamp, U256};

use super::{FeeClaimant, FeeDistributor, FeeDistributorError, FeeDistributorState, WeekAmount};
use crate::vote_escrow::{EscrowParameters, VoteEscrow};
use crate::{Account, Moment, WEEK};

const A: Account = Account([1; 20]);
const B: Account = Account([2; 20]);
const TOKEN: Account = Account([9; 20]);
const OWN: FeeClaimant = FeeClaimant { caller: A, user: A };
/// A Thursday.
const START: u64 = 2_800 * WEEK;
/// One year's lock of so much has a slope of 1,000 a second.
const LOCKED: u64 = 31_536_000_000;

fn at(seconds: u64) -> Moment {
    Moment { at: Timestamp(START + seconds), block: BlockNumber(1_000_000 + seconds / 12) }
}

fn amount(raw: u64) -> Amount {
    Amount::from_u64(raw)
}

/// An escrow where an account has a lock of so many weeks from the week before the start on, and
/// its distributor.
fn world(weeks: u64) -> (VoteEscrow, FeeDistributor) {
    let before = Moment { at: Timestamp(START - 1_000), block: BlockNumber(999_900) };
    let mut escrow = VoteEscrow::deployed(EscrowParameters::BALANCER, before);
    escrow.create_lock(A, amount(LOCKED), Timestamp(START + weeks * WEEK), before).unwrap();
    let distributor = FeeDistributor::deployed(&escrow, START, at(0)).unwrap();
    (escrow, distributor)
}

#[test]
fn a_lock_is_paid_for_its_first_whole_week_after_it() {
    let (mut escrow, mut fees) = world(50);
    escrow.create_lock(B, amount(LOCKED), Timestamp(START + 50 * WEEK), at(10)).unwrap();
    let claim = |fees: &mut FeeDistributor, escrow: &mut VoteEscrow, user, seconds| {
        fees.claim_token(FeeClaimant { caller: B, user }, TOKEN, escrow, at(seconds)).unwrap()
    };
    fees.deposit_token(TOKEN, amount(600), at(20)).unwrap();
    assert_eq!(claim(&mut fees, &mut escrow, A, WEEK - 1), Amount::ZERO, "the week is not over");
    fees.deposit_token(TOKEN, amount(600), at(WEEK)).unwrap();
    assert_eq!(claim(&mut fees, &mut escrow, A, WEEK + 1), amount(600));
    assert_eq!(claim(&mut fees, &mut escrow, B, WEEK + 1), Amount::ZERO, "locked in that week");
    assert_eq!(claim(&mut fees, &mut escrow, B, 2 * WEEK + 1), amount(300));
    assert_eq!(fees.claimable(A, TOKEN, &escrow, at(2 * WEEK + 2)), Ok(amount(300)));
}

#[test]
fn a_donation_is_spread_into_the_past() {
    let (mut escrow, mut fees) = world(50);
    fees.deposit_token(TOKEN, amount(100), at(WEEK - 302_400)).unwrap();
    fees.donate(TOKEN, amount(1_000)).unwrap();
    fees.checkpoint_token(TOKEN, at(WEEK + 302_400)).unwrap();
    assert_eq!(fees.tokens_distributed_in_week(TOKEN, START), amount(600), "half of the time");
    assert_eq!(fees.claim_token(OWN, TOKEN, &mut escrow, at(WEEK + 302_401)), Ok(amount(600)));
    assert_eq!(fees.claim_token(OWN, TOKEN, &mut escrow, at(2 * WEEK + 1)), Ok(amount(500)));
}

#[test]
fn what_falls_past_twenty_weeks_is_lost() {
    let (mut escrow, mut fees) = world(51);
    fees.deposit_token(TOKEN, Amount::ZERO, at(0)).unwrap_err();
    fees.deposit_token(TOKEN, Amount::ZERO, at(1)).unwrap();
    fees.donate(TOKEN, amount(2_500)).unwrap();
    fees.checkpoint_token(TOKEN, at(1 + 25 * WEEK)).unwrap();
    let state = fees.state();
    let weeks: Vec<_> = state.tokens[0].tokens_per_week.iter().map(|of| of.amount).collect();
    assert_eq!(weeks, [vec![amount(99)], vec![amount(100); 19]].concat());
    assert_eq!(fees.token_last_balance(TOKEN), amount(2_500), "501 of them are nobody's");
    fees.checkpoint(&mut escrow, at(1 + 25 * WEEK)).unwrap();
    assert_eq!(fees.time_cursor(), START + 20 * WEEK);
}

#[test]
fn a_claim_takes_twenty_weeks_at_most() {
    let (mut escrow, mut fees) = world(51);
    for week in 0..30 {
        fees.deposit_token(TOKEN, amount(10), at(1 + week * WEEK)).unwrap();
        fees.checkpoint(&mut escrow, at(1 + week * WEEK)).unwrap();
    }
    let now = at(2 + 29 * WEEK);
    assert_eq!(fees.claim_token(OWN, TOKEN, &mut escrow, now), Ok(amount(200)));
    assert_eq!(fees.claim_token(OWN, TOKEN, &mut escrow, now), Ok(amount(90)));
    assert_eq!(fees.claim_token(OWN, TOKEN, &mut escrow, now), Ok(Amount::ZERO));
}

#[test]
fn a_week_without_votes_blocks_claims() {
    let (mut escrow, mut fees) = world(2);
    fees.deposit_token(TOKEN, amount(100), at(1)).unwrap();
    // The lock ends with the second week; the third and fourth have no votes at all.
    fees.checkpoint(&mut escrow, at(4 * WEEK + 1)).unwrap();
    fees.checkpoint_token(TOKEN, at(4 * WEEK + 1)).unwrap();
    let before = (fees.clone(), escrow.clone());
    let claim = fees.claim_token(OWN, TOKEN, &mut escrow, at(4 * WEEK + 1));
    assert_eq!(claim, Err(FeeDistributorError::DivisionByZero));
    assert_eq!((&fees, &escrow), (&before.0, &before.1), "a refused claim changes nothing");
    assert_eq!(fees.user_time_cursor(A), 0);
}

#[test]
fn the_first_second_of_a_week_notes_nothing() {
    let (mut escrow, mut fees) = world(50);
    fees.checkpoint(&mut escrow, at(WEEK)).unwrap();
    assert_eq!(fees.time_cursor(), START);
    fees.checkpoint(&mut escrow, at(WEEK + 1)).unwrap();
    assert_eq!(fees.time_cursor(), START + 2 * WEEK);
}

#[test]
fn refusals_of_strangers_and_of_early_birds() {
    let (mut escrow, mut fees) = world(50);
    fees.set_only_caller_check(A, true);
    let refused = fees.claim_token(FeeClaimant { caller: B, user: A }, TOKEN, &mut escrow, at(5));
    assert_eq!(refused, Err(FeeDistributorError::SenderNotAllowed));
    assert_eq!(refused.unwrap_err().reason(), Some("BAL#401"));
    assert_eq!(fees.checkpoint_user(A, &escrow, at(0)), Err(FeeDistributorError::NotStarted));
    let early = FeeDistributor::deployed(&escrow, START - 1, at(0));
    assert_eq!(early, Err(FeeDistributorError::StartInPast));
    let empty = VoteEscrow::deployed(EscrowParameters::BALANCER, at(0));
    let lost = FeeDistributor::deployed(&empty, START, at(0));
    assert_eq!(lost, Err(FeeDistributorError::ZeroSupply));
    fees.donate(TOKEN, Amount(U256::ONE << 128)).unwrap();
    let huge = fees.checkpoint_token(TOKEN, at(1));
    assert_eq!(huge, Err(FeeDistributorError::MaximumBalance));
}

#[test]
fn states_out_of_bounds_are_refused() {
    let state = FeeDistributorState { start_time: 5, ..FeeDistributorState::default() };
    assert_eq!(FeeDistributor::new(&state).unwrap_err().field.name, "start_time");
    let twice = WeekAmount { week: START, amount: amount(1) };
    let state = FeeDistributorState {
        start_time: START,
        time_cursor: START,
        total_supply: vec![twice; 2],
        ..FeeDistributorState::default()
    };
    assert_eq!(FeeDistributor::new(&state).unwrap_err().field.name, "total_supply");
    let (mut escrow, mut fees) = world(50);
    fees.deposit_token(TOKEN, amount(100), at(1)).unwrap();
    fees.claim_token(OWN, TOKEN, &mut escrow, at(WEEK + 1)).unwrap();
    assert_eq!(FeeDistributor::new(&fees.state()), Ok(fees));
}
