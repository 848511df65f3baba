use proptest::prelude::*;
use tidemill_units::{Amount, Timestamp, U256};

use super::*;

const ANNA: Account = Account([1; 20]);
const BEN: Account = Account([2; 20]);
const VALIDATOR: Account = Account([8; 20]);
const OTHER: Account = Account([9; 20]);
const DAY: u64 = 86_400;

fn tokens(amount: u64) -> Amount {
    Amount::from_u64(amount)
}

/// Millionths.
fn parts(millionths: u64) -> Decimal {
    Decimal(U256::from(millionths) * U256::from(1_000_000_000_000_u64))
}

fn raw(last_decimals: u64) -> Decimal {
    Decimal(U256::from(last_decimals))
}

fn at(height: u64) -> Block {
    Block { height, time: Timestamp(height * 6) }
}

fn later(height: u64, days: u64) -> Block {
    Block { height, time: Timestamp(days * DAY) }
}

/// Two bonded validators, a tenth of commission each; nothing to proposers or the community.
fn two_validators() -> Staking {
    let nothing = Decimal::ZERO;
    let parameters = StakingParameters {
        power_reduction: tokens(1),
        community_tax: nothing,
        base_proposer_reward: nothing,
        bonus_proposer_reward: nothing,
        ..StakingParameters::default()
    };
    let state = StakingState { parameters, ..StakingState::default() };
    let mut staking = Staking::new(&state).unwrap();
    for operator in [VALIDATOR, OTHER] {
        staking.create_validator(operator, parts(100_000), tokens(1)).unwrap();
        staking.bond(operator).unwrap();
    }
    staking
}

fn allocate(staking: &mut Staking, amount: u64) {
    let vote = Vote { validator: VALIDATOR, power: 1, has_signed: true };
    staking.allocate(tokens(amount), &[vote], None).unwrap();
}

fn infraction(height: u64, power: u64, millionths: u64) -> Infraction {
    Infraction { validator: VALIDATOR, height, power, fraction: parts(millionths) }
}

#[test]
fn rewards_are_shared_by_stake_after_commission() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(300), at(1)).unwrap();
    staking.delegate(BEN, VALIDATOR, tokens(100), at(1)).unwrap();
    allocate(&mut staking, 1000);
    assert_eq!(staking.withdraw_rewards(ANNA, VALIDATOR, at(2)), Ok(tokens(675)));
    assert_eq!(staking.rewards_of(BEN, VALIDATOR, at(2)), Ok(parts(225_000_000)));
    assert_eq!(staking.withdraw_rewards(BEN, VALIDATOR, at(2)), Ok(tokens(225)));
    assert_eq!(staking.withdraw_commission(VALIDATOR), Ok(tokens(100)));
    assert_eq!(staking.held(), Decimal::ZERO);
}

#[test]
fn a_change_withdraws_and_its_fraction_goes_to_the_community() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(3), at(1)).unwrap();
    allocate(&mut staking, 7);
    // 6.3 for three tokens: 2.1 each, all three of them Anna's.
    let delegated = staking.delegate(ANNA, VALIDATOR, tokens(1), at(2)).unwrap();
    assert_eq!(delegated, Delegated { shares: Decimal::ONE, rewards: tokens(6) });
    assert_eq!(staking.community_pool(), parts(300_000));
    assert_eq!(staking.rewards_of(ANNA, VALIDATOR, at(3)), Ok(Decimal::ZERO));
}

#[test]
fn rewards_between_two_changes_in_one_block_are_stranded() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(10), at(1)).unwrap();
    allocate(&mut staking, 100);
    assert_eq!(staking.withdraw_rewards(ANNA, VALIDATOR, at(1)), Ok(Amount::ZERO));
    assert_eq!(staking.withdraw_rewards(ANNA, VALIDATOR, at(2)), Ok(Amount::ZERO));
    let validator = staking.validator(VALIDATOR).unwrap();
    assert_eq!(validator.outstanding, parts(100_000_000), "with commission");
    assert_eq!(validator.commission, parts(10_000_000));
    assert_eq!(staking.community_pool(), Decimal::ZERO);
}

#[test]
fn a_validator_slashed_to_zero_cannot_be_joined_or_left() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(10), at(1)).unwrap();
    allocate(&mut staking, 100);
    let slashed = staking.slash(infraction(2, 10, 1_000_000), at(2)).unwrap();
    assert_eq!(slashed.from_validator, tokens(10));
    let before = staking.state();
    let refused = Err(StakingError::SharesWithoutTokens);
    assert_eq!(staking.delegate(BEN, VALIDATOR, tokens(1), at(3)), refused);
    let left = staking.undelegate(ANNA, VALIDATOR, tokens(1), at(3));
    assert_eq!(left, Err(StakingError::InsufficientShares));
    assert_eq!(staking.state(), before);
    assert_eq!(staking.tokens_of(ANNA, VALIDATOR), Ok(Amount::ZERO));
    // What was earned before the slash is still there.
    assert_eq!(staking.withdraw_rewards(ANNA, VALIDATOR, at(3)), Ok(tokens(90)));
}

#[test]
fn rewards_of_a_validator_without_tokens_go_to_the_community() {
    let mut staking = two_validators();
    allocate(&mut staking, 100);
    staking.delegate(ANNA, VALIDATOR, tokens(10), at(1)).unwrap();
    assert_eq!(staking.community_pool(), parts(90_000_000));
    assert_eq!(staking.validator(VALIDATOR).unwrap().outstanding, parts(10_000_000));
}

#[test]
fn an_unbonding_entry_is_slashed_by_its_initial_balance() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(1000), at(1)).unwrap();
    staking.undelegate(ANNA, VALIDATOR, tokens(100), at(5)).unwrap();
    staking.undelegate(ANNA, VALIDATOR, tokens(200), at(9)).unwrap();
    // The first left before the infraction of block 7.
    let slashed = staking.slash(infraction(7, 900, 500_000), at(10)).unwrap();
    assert_eq!(slashed.from_unbondings, tokens(100));
    assert_eq!(slashed.from_validator, tokens(350), "450 less 100");
    let slashed = staking.slash(infraction(7, 900, 500_000), at(11)).unwrap();
    assert_eq!(slashed.from_unbondings, tokens(100));
    // A third time nothing is left of it, and it counts all the same.
    let slashed = staking.slash(infraction(7, 900, 500_000), at(12)).unwrap();
    assert_eq!(slashed.from_unbondings, Amount::ZERO);
    assert_eq!(slashed.from_validator, Amount::ZERO, "350 were left and are gone");
    let done = staking.end_block(later(13, 30)).unwrap();
    let unbonded = Unbonded { delegator: ANNA, validator: VALIDATOR, amount: tokens(100) };
    assert_eq!(done.unbonded, vec![unbonded]);
}

#[test]
fn a_slash_in_its_own_block_spares_what_has_left() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(1000), at(1)).unwrap();
    staking.undelegate(ANNA, VALIDATOR, tokens(500), at(5)).unwrap();
    let slashed = staking.slash(infraction(5, 1000, 100_000), at(5)).unwrap();
    let from_validator = tokens(100);
    assert_eq!(slashed, Slashed { from_validator, ..Slashed::default() });
}

#[test]
fn slashes_between_split_what_a_delegation_earns() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(100), at(1)).unwrap();
    allocate(&mut staking, 1000);
    staking.slash(infraction(2, 100, 500_000), at(2)).unwrap();
    staking.delegate(BEN, VALIDATOR, tokens(50), at(3)).unwrap();
    allocate(&mut staking, 1000);
    // 900 alone, then half of 900: fifty tokens are left to Anna's hundred shares.
    assert_eq!(staking.withdraw_rewards(ANNA, VALIDATOR, at(4)), Ok(tokens(1350)));
    assert_eq!(staking.withdraw_rewards(BEN, VALIDATOR, at(4)), Ok(tokens(450)));
    assert_eq!(staking.delegation(BEN, VALIDATOR).unwrap().shares, parts(100_000_000));
}

#[test]
fn undelegation_can_give_one_token_less() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(7), at(1)).unwrap();
    staking.delegate(BEN, VALIDATOR, tokens(7), at(1)).unwrap();
    staking.slash(infraction(2, 3, 1_000_000), at(2)).unwrap();
    // 14 shares for 11 tokens: three tokens are 3.818181818181818181 shares, and these are worth
    // 2.999999999999999999 tokens.
    let left = staking.undelegate(ANNA, VALIDATOR, tokens(3), at(3)).unwrap();
    assert_eq!(left.amount, tokens(2));
    assert_eq!(staking.validator(VALIDATOR).unwrap().tokens, tokens(9));
    // Five tokens are 6.363636363636363636 shares of 14, and come back whole by rounding.
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(14), at(1)).unwrap();
    staking.slash(infraction(2, 3, 1_000_000), at(2)).unwrap();
    let left = staking.undelegate(ANNA, VALIDATOR, tokens(5), at(3)).unwrap();
    assert_eq!(left.amount, tokens(5));
}

#[test]
fn undelegations_of_one_block_share_an_entry() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(1000), at(1)).unwrap();
    for height in 2..=8 {
        staking.undelegate(ANNA, VALIDATOR, tokens(1), at(height)).unwrap();
        if height < 8 {
            staking.undelegate(ANNA, VALIDATOR, tokens(2), at(height)).unwrap();
        }
    }
    let entries = &staking.state().unbondings[0].entries;
    let balances: Vec<_> = entries.iter().map(|entry| entry.balance).collect();
    assert_eq!(balances, [3, 3, 3, 3, 3, 3, 1].map(tokens));
    let refused = staking.undelegate(ANNA, VALIDATOR, tokens(2), at(8));
    assert_eq!(refused, Err(StakingError::TooManyUnbondings));
}

#[test]
fn a_redelegation_cannot_move_on() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(100), at(1)).unwrap();
    staking.delegate(ANNA, OTHER, tokens(100), at(1)).unwrap();
    let moved = staking.redelegate(ANNA, [VALIDATOR, OTHER], tokens(10), at(2)).unwrap();
    assert_eq!(moved.completes_at, Some(Timestamp(12 + 21 * DAY)));
    let back = |staking: &mut Staking, at| {
        staking.redelegate(ANNA, [OTHER, VALIDATOR], tokens(100), at).map(|moved| moved.amount)
    };
    assert_eq!(back(&mut staking, at(3)), Err(StakingError::TransitiveRedelegation));
    staking.end_block(later(4, 22)).unwrap();
    assert_eq!(back(&mut staking, later(5, 22)), Ok(tokens(100)));
}

#[test]
fn a_redelegation_is_slashed_for_its_source() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(100), at(1)).unwrap();
    staking.redelegate(ANNA, [VALIDATOR, OTHER], tokens(60), at(5)).unwrap();
    let slashed = staking.slash(infraction(4, 100, 500_000), at(6)).unwrap();
    assert_eq!(slashed.from_redelegations, tokens(30));
    assert_eq!(slashed.from_validator, tokens(20));
    assert_eq!(staking.tokens_of(ANNA, OTHER), Ok(tokens(30)));
}

#[test]
fn redelegation_from_an_unbonded_validator() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(100), at(1)).unwrap();
    staking.begin_unbonding(VALIDATOR, at(2)).unwrap();
    let moved = staking.redelegate(ANNA, [VALIDATOR, OTHER], tokens(10), at(3)).unwrap();
    assert_eq!(moved.completes_at, Some(Timestamp(12 + 21 * DAY)), "from block 2");
    staking.end_block(later(4, 22)).unwrap();
    assert_eq!(staking.validator(VALIDATOR).unwrap().status, BondStatus::Unbonded);
    let moved = staking.redelegate(ANNA, [VALIDATOR, OTHER], tokens(10), later(5, 22)).unwrap();
    assert_eq!(moved.completes_at, None);
    let moved = staking.redelegate(ANNA, [VALIDATOR, OTHER], tokens(80), later(6, 22)).unwrap();
    assert_eq!(moved.completes_at, Some(Timestamp(43 * DAY)));
    assert_eq!(staking.validator(VALIDATOR), None);
}

#[test]
fn an_operator_that_leaves_is_jailed() {
    let mut staking = two_validators();
    staking.delegate(VALIDATOR, VALIDATOR, tokens(5), at(1)).unwrap();
    staking.undelegate(VALIDATOR, VALIDATOR, tokens(4), at(2)).unwrap();
    assert!(!staking.validator(VALIDATOR).unwrap().is_jailed);
    staking.undelegate(VALIDATOR, VALIDATOR, tokens(1), at(3)).unwrap();
    assert!(staking.validator(VALIDATOR).unwrap().is_jailed);
    staking.begin_unbonding(VALIDATOR, at(3)).unwrap();
    assert_eq!(staking.bond(VALIDATOR), Err(StakingError::Jailed));
    staking.end_block(later(9, 30)).unwrap();
    assert_eq!(staking.validator(VALIDATOR), None, "without shares it goes");
}

#[test]
fn commission_keeps_its_fraction() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(5), at(1)).unwrap();
    allocate(&mut staking, 5);
    assert_eq!(staking.withdraw_commission(VALIDATOR), Ok(Amount::ZERO));
    allocate(&mut staking, 6);
    assert_eq!(staking.withdraw_commission(VALIDATOR), Ok(tokens(1)));
    assert_eq!(staking.validator(VALIDATOR).unwrap().commission, parts(100_000));
    assert_eq!(staking.withdraw_commission(OTHER), Err(StakingError::NoCommission));
}

#[test]
fn allocation_gives_what_is_cut_off_to_the_community() {
    let mut staking = two_validators();
    let votes = [(VALIDATOR, 1), (OTHER, 2)];
    let vote = |(validator, power)| Vote { validator, power, has_signed: true };
    staking.allocate(tokens(1), &votes.map(vote), Some(ANNA)).unwrap();
    let outstanding = |operator| staking.validator(operator).unwrap().outstanding;
    assert_eq!(outstanding(VALIDATOR), raw(333_333_333_333_333_333));
    assert_eq!(outstanding(OTHER), raw(666_666_666_666_666_666));
    assert_eq!(staking.community_pool(), raw(1));
}

#[test]
fn proposer_is_paid_by_the_part_that_signed() {
    let state = StakingState::default();
    let mut staking = Staking::new(&state).unwrap();
    staking.create_validator(VALIDATOR, Decimal::ZERO, Amount::ZERO).unwrap();
    staking.create_validator(OTHER, Decimal::ZERO, Amount::ZERO).unwrap();
    let votes = [
        Vote { validator: VALIDATOR, power: 3, has_signed: true },
        Vote { validator: OTHER, power: 1, has_signed: false },
    ];
    staking.allocate(tokens(1000), &votes, Some(OTHER)).unwrap();
    // 1 % and three quarters of 4 % are 40; 2 % tax leave 940 to be shared.
    assert_eq!(staking.validator(OTHER).unwrap().outstanding, parts(275_000_000));
    assert_eq!(staking.validator(VALIDATOR).unwrap().outstanding, parts(705_000_000));
    assert_eq!(staking.community_pool(), parts(20_000_000));
}

#[test]
fn a_stake_above_its_shares_is_an_error() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(10), at(1)).unwrap();
    let mut state = staking.state();
    state.delegations[0].start_stake = Decimal(U256::from(10) * Decimal::ONE.0 + U256::from(3));
    let mut forgiven = Staking::new(&state).unwrap();
    assert_eq!(forgiven.withdraw_rewards(ANNA, VALIDATOR, at(2)), Ok(Amount::ZERO));
    state.delegations[0].start_stake.0 += U256::ONE;
    let mut refused = Staking::new(&state).unwrap();
    let result = refused.withdraw_rewards(ANNA, VALIDATOR, at(2));
    assert_eq!(result, Err(StakingError::StakeAboveShares));
    assert_eq!(refused.state(), state);
}

#[test]
fn an_unbonding_can_be_taken_back() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(10), at(1)).unwrap();
    staking.undelegate(ANNA, VALIDATOR, tokens(8), at(2)).unwrap();
    let cancel = |staking: &mut Staking, amount| {
        let entry = CancelledUnbonding { creation_height: 2, amount: tokens(amount) };
        staking.cancel_unbonding(ANNA, VALIDATOR, entry, at(3)).map(|done| done.shares)
    };
    assert_eq!(cancel(&mut staking, 9), Err(StakingError::UnbondingExceeded));
    assert_eq!(cancel(&mut staking, 3), Ok(parts(3_000_000)));
    assert_eq!(staking.state().unbondings[0].entries[0].initial_balance, tokens(5));
    assert_eq!(cancel(&mut staking, 5), Ok(parts(5_000_000)));
    assert_eq!(staking.state().unbondings, vec![]);
}

#[test]
fn halves_round_to_even() {
    let half = parts(500_000);
    assert_eq!(raw(5).mul_half_even(half), Some(raw(2)));
    assert_eq!(raw(7).mul_half_even(half), Some(raw(4)));
    assert_eq!(raw(7).mul_truncate(half), Some(raw(3)));
    let [two, three] = [2, 3].map(tokens);
    assert_eq!(Decimal::ratio_half_even(two, three), Some(raw(666_666_666_666_666_667)));
    assert_eq!(Decimal::ratio_truncate(two, three), Some(raw(666_666_666_666_666_666)));
    assert_eq!(Decimal::ratio_rounding_up(tokens(1), three), Some(raw(333_333_333_333_333_334)));
    assert_eq!(Decimal::ratio_half_even(two, Amount::ZERO), None);
    assert_eq!(raw(5).share_half_even(tokens(1), parts(2_000_000)), Some(raw(2)));
    assert_eq!(raw(7).share_half_even(tokens(1), parts(2_000_000)), Some(raw(4)));
    let most = Decimal(U256::MAX);
    assert_eq!(most.share_half_even(tokens(1), Decimal(U256::MAX)), Some(Decimal::ONE));
    assert_eq!(most.mul_half_even(raw(1_000_000_000_000_000_001)), None);
}

#[test]
fn states_no_chain_can_be_in_are_refused() {
    let mut staking = two_validators();
    staking.delegate(ANNA, VALIDATOR, tokens(10), at(1)).unwrap();
    let good = staking.state();
    assert_eq!(Staking::new(&good).as_ref(), Ok(&staking));
    let field = |change: &dyn Fn(&mut StakingState)| {
        let mut state = good.clone();
        change(&mut state);
        Staking::new(&state).unwrap_err().field
    };
    assert_eq!(field(&|state| state.parameters.max_entries = 0), "parameters");
    assert_eq!(field(&|state| state.parameters.community_tax = parts(1_000_001)), "parameters");
    assert_eq!(field(&|state| state.validators.reverse()), "validators");
    assert_eq!(field(&|state| state.validators[0].commission_rate = parts(2_000_000)), {
        "commission_rate"
    });
    assert_eq!(field(&|state| state.validators[0].period = 0), "period");
    assert_eq!(field(&|state| state.validators[0].shares = raw(1)), "shares");
    assert_eq!(field(&|state| state.validators[1].tokens = tokens(1)), "tokens");
    assert_eq!(field(&|state| state.validators[1].commission = raw(1)), "outstanding");
    assert_eq!(field(&|state| state.delegations[0].start_period = 9), "delegations");
    let too_much = |state: &mut StakingState| {
        state.community_pool = Decimal(U256::MAX);
        state.validators[0].outstanding = raw(1);
    };
    assert_eq!(field(&too_much), "outstanding");
}

proptest! {
    /// Whatever is delegated, slashed and allocated, payments never pass what came in, and what is
    /// left over stays less than was cut off.
    #[test]
    fn payments_never_pass_what_was_allocated(
        stakes in prop::collection::vec(1_u64..1_000_000_000, 1..6),
        rewards in prop::collection::vec(0_u64..1_000_000_000, 1..12),
        fraction in 0_u64..1_000_000,
    ) {
        let mut staking = two_validators();
        let delegators: Vec<_> = (0..stakes.len()).map(|i| Account([i as u8 + 20; 20])).collect();
        for (delegator, stake) in delegators.iter().zip(&stakes) {
            staking.delegate(*delegator, VALIDATOR, tokens(*stake), at(1)).unwrap();
        }
        let (mut came, mut paid) = (U256::ZERO, U256::ZERO);
        for (height, reward) in (2..).zip(&rewards) {
            allocate(&mut staking, *reward);
            came += U256::from(*reward);
            if height % 3 == 0 {
                staking.slash(infraction(height, stakes[0], fraction), at(height)).unwrap();
            }
            let delegator = delegators[height as usize % delegators.len()];
            paid += staking.withdraw_rewards(delegator, VALIDATOR, at(height)).unwrap().0;
        }
        for delegator in &delegators {
            paid += staking.withdraw_rewards(*delegator, VALIDATOR, at(100)).unwrap().0;
        }
        let held = staking.held();
        prop_assert_eq!(Decimal::from_amount(Amount(came - paid)), Some(held));
        prop_assert_eq!(Staking::new(&staking.state()), Ok(staking));
    }
}
