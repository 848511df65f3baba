use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tidemill_units::{Amount, BlockNumber, U256};

use super::{
    Allocation, ChefPool, ChefTokenBalance, ChefUser, ChefUserState, MasterChef, MasterChefError,
    MasterChefState, MasterChefStateError,
};
use crate::Account;

const ALICE: Account = Account([1; 20]);
const BOB: Account = Account([2; 20]);
const OWNER: Account = Account([8; 20]);
const DEV: Account = Account([9; 20]);
const SUSHI: Account = Account([0x50; 20]);
const LP: Account = Account([0x60; 20]);
const OTHER_LP: Account = Account([0x61; 20]);

fn units(count: u64) -> Amount {
    Amount::from_u64(count)
}

fn whole(count: u64) -> Amount {
    Amount(U256::from(count) * U256::from(10_u64.pow(18)))
}

fn block(height: u64) -> BlockNumber {
    BlockNumber(height)
}

fn weight(alloc_point: u64) -> Allocation {
    Allocation { alloc_point: U256::from(alloc_point), with_update: true }
}

fn empty(sushi_per_block: Amount) -> MasterChefState {
    MasterChefState {
        address: Account([0xcc; 20]),
        owner: OWNER,
        dev: DEV,
        sushi_token: SUSHI,
        sushi_per_block,
        start_block: block(0),
        bonus_end_block: block(0),
        sushi_supply: Amount::ZERO,
        sushi_balance: Amount::ZERO,
        lp_balances: Vec::new(),
        pools: Vec::new(),
        users: Vec::new(),
    }
}

/// A chef with pools of these tokens and weights.
fn chef(sushi_per_block: u64, pools: &[(Account, u64)]) -> MasterChef {
    let mut chef = MasterChef::new(&empty(units(sushi_per_block))).unwrap();
    for (token, alloc_point) in pools {
        chef.add(OWNER, *token, weight(*alloc_point), block(0)).unwrap();
    }
    chef
}

/// Tries an operation that must fail, and must then have changed nothing.
fn check_refused<T: std::fmt::Debug>(
    chef: &MasterChef,
    expected: MasterChefError,
    operation: impl FnOnce(&mut MasterChef) -> Result<T, MasterChefError>,
) {
    let mut after = chef.clone();
    assert_eq!(operation(&mut after).unwrap_err(), expected);
    assert_eq!(&after, chef, "a refused operation changes nothing");
}

#[test]
fn q402_two_stakers_of_a_weighted_pool() {
    let mut chef = MasterChef::new(&empty(whole(40))).unwrap();
    chef.add(OWNER, LP, weight(30), block(50)).unwrap();
    chef.add(OWNER, OTHER_LP, weight(70), block(50)).unwrap();
    chef.deposit(ALICE, 0, whole(10), block(100)).unwrap();
    chef.deposit(BOB, 0, whole(30), block(110)).unwrap();
    let pending = |account| chef.pending_sushi(0, account, block(150)).unwrap();
    assert_eq!(pending(ALICE), whole(240));
    assert_eq!(pending(BOB), whole(360));
    chef.update_pool(0, block(150)).unwrap();
    assert_eq!(chef.pools()[0].acc_sushi_per_share, U256::from(24_000_000_000_000_u64));
    assert_eq!(chef.balance_of(SUSHI), whole(600));
    assert_eq!(chef.sushi_supply(), whole(660), "a tenth more for the developers");
}

#[test]
fn weights_changed_without_an_update_rewrite_the_past() {
    let mut chef = chef(10, &[(LP, 1), (OTHER_LP, 1)]);
    chef.deposit(ALICE, 0, units(1), block(0)).unwrap();
    let mut careful = chef.clone();
    let rash = Allocation { with_update: false, ..weight(4) };
    chef.set(OWNER, 1, rash, block(10)).unwrap();
    assert_eq!(chef.pending_sushi(0, ALICE, block(10)), Ok(units(20)));
    careful.set(OWNER, 1, weight(4), block(10)).unwrap();
    assert_eq!(careful.pending_sushi(0, ALICE, block(10)), Ok(units(50)));
}

#[test]
fn a_gift_takes_its_part_of_the_reward() {
    let mut chef = chef(10, &[(LP, 1)]);
    chef.deposit(ALICE, 0, units(1), block(0)).unwrap();
    chef.give(LP, units(4)).unwrap();
    assert_eq!(chef.deposit(ALICE, 0, units(0), block(10)), Ok(units(20)));
    assert_eq!(chef.balance_of(SUSHI), units(80), "nobody's");
}

#[test]
fn two_pools_of_one_token_each_count_the_stakes_of_both() {
    let mut chef = chef(10, &[(LP, 1), (LP, 1)]);
    chef.deposit(ALICE, 0, units(1), block(0)).unwrap();
    chef.deposit(BOB, 1, units(1), block(0)).unwrap();
    assert_eq!(chef.withdraw(ALICE, 0, units(1), block(10)), Ok(units(25)));
    assert_eq!(chef.withdraw(BOB, 1, units(1), block(10)), Ok(units(50)));
    assert_eq!(chef.balance_of(SUSHI), units(25), "nobody's");
}

#[test]
fn who_claims_first_is_paid_and_the_rest_is_forgotten() {
    let mut chef = chef(9, &[(LP, 1)]);
    chef.deposit(ALICE, 0, units(10), block(0)).unwrap();
    // At nine tenths of a unit per share, a stake of one unit is booked as owed nothing yet.
    let small: Vec<_> = (20..28).map(|index| Account([index; 20])).collect();
    for account in &small {
        chef.deposit(*account, 0, units(1), block(1)).unwrap();
    }
    // Nine more units for eighteen shares: half a unit each, and yet a whole one for the small.
    let owed = |account| chef.pending_sushi(0, account, block(2)).unwrap();
    assert_eq!(owed(ALICE), units(14));
    assert!(small.iter().all(|account| owed(*account) == units(1)));
    assert_eq!(chef.deposit(ALICE, 0, units(0), block(2)), Ok(units(14)));
    let paid = small.iter().map(|account| chef.deposit(*account, 0, units(0), block(2)).unwrap());
    let paid: Vec<_> = paid.collect();
    let [one, none] = [units(1), units(0)];
    assert_eq!(paid, [one, one, one, one, none, none, none, none]);
    assert_eq!(chef.pending_sushi(0, small[7], block(2)), Ok(none), "forgotten");
}

#[test]
fn weights_of_zero_lock_all_but_the_emergency_exit() {
    let mut chef = chef(9, &[(LP, 1)]);
    chef.deposit(ALICE, 0, units(10), block(0)).unwrap();
    chef.set(OWNER, 0, weight(0), block(5)).unwrap();
    check_refused(&chef, MasterChefError::DivisionByZero, |chef| {
        chef.withdraw(ALICE, 0, units(10), block(6))
    });
    check_refused(&chef, MasterChefError::DivisionByZero, |chef| {
        chef.set(OWNER, 0, weight(1), block(6))
    });
    assert_eq!(chef.emergency_withdraw(ALICE, 0), Ok(units(10)));
}

#[test]
fn developers_at_the_zero_address_lock_all_but_the_emergency_exit() {
    let mut chef = chef(9, &[(LP, 1)]);
    chef.deposit(ALICE, 0, units(10), block(0)).unwrap();
    check_refused(&chef, MasterChefError::DevWut, |chef| chef.set_dev(OWNER, OWNER));
    chef.set_dev(DEV, Account::default()).unwrap();
    check_refused(&chef, MasterChefError::MintToZeroAddress, |chef| {
        chef.withdraw(ALICE, 0, units(10), block(6))
    });
    assert_eq!(chef.emergency_withdraw(ALICE, 0), Ok(units(10)));
}

#[test]
fn nothing_is_minted_while_a_pool_is_empty() {
    let mut chef = chef(10, &[(LP, 1)]);
    chef.deposit(ALICE, 0, units(1), block(100)).unwrap();
    assert_eq!(chef.withdraw(ALICE, 0, units(1), block(101)), Ok(units(10)));
    assert_eq!(chef.sushi_supply(), units(11));
}

#[test]
fn an_emergency_withdrawal_forfeits_what_was_earned() {
    let mut chef = chef(10, &[(LP, 1)]);
    chef.deposit(ALICE, 0, units(1), block(0)).unwrap();
    chef.update_pool(0, block(10)).unwrap();
    assert_eq!(chef.emergency_withdraw(ALICE, 0), Ok(units(1)));
    assert_eq!(chef.deposit(ALICE, 0, units(0), block(20)), Ok(units(0)));
    assert_eq!(chef.balance_of(SUSHI), units(100), "nobody's");
}

#[test]
fn the_bonus_ends_within_an_interval() {
    let state = MasterChefState { bonus_end_block: block(4), ..empty(units(10)) };
    let mut chef = MasterChef::new(&state).unwrap();
    chef.add(OWNER, LP, weight(1), block(0)).unwrap();
    chef.deposit(ALICE, 0, units(1), block(2)).unwrap();
    // Two blocks at ten times ten units and three at ten.
    assert_eq!(chef.deposit(ALICE, 0, units(0), block(7)), Ok(units(230)));
    assert_eq!(chef.sushi_supply(), units(253));
}

#[test]
fn a_pool_of_the_reward_token_counts_unclaimed_rewards_as_stakes() {
    let state = MasterChefState { sushi_supply: units(1000), ..empty(units(20)) };
    let mut chef = MasterChef::new(&state).unwrap();
    chef.add(OWNER, LP, weight(1), block(0)).unwrap();
    chef.add(OWNER, SUSHI, weight(1), block(0)).unwrap();
    chef.deposit(ALICE, 0, units(1), block(0)).unwrap();
    chef.deposit(BOB, 1, units(100), block(0)).unwrap();
    assert_eq!(chef.pending_sushi(1, BOB, block(10)), Ok(units(100)));
    chef.update_pool(0, block(10)).unwrap();
    assert_eq!(chef.pending_sushi(1, BOB, block(10)), Ok(units(50)));
}

#[test]
fn states_that_no_chef_can_have_are_refused() {
    let base = empty(units(1));
    let pool = ChefPool {
        lp_token: LP,
        alloc_point: U256::MAX,
        last_reward_block: block(0),
        acc_sushi_per_share: U256::ZERO,
    };
    let user = ChefUser { amount: units(1), reward_debt: U256::ONE };
    let user = ChefUserState { pool: 0, account: ALICE, user };
    let balance = ChefTokenBalance { token: LP, balance: units(1) };
    let cases = [
        (
            MasterChefState { sushi_balance: units(1), ..base.clone() },
            MasterChefStateError::SushiBalance,
        ),
        (
            MasterChefState { lp_balances: vec![balance, balance], ..base.clone() },
            MasterChefStateError::LpBalances,
        ),
        (
            MasterChefState { pools: vec![pool, pool], ..base.clone() },
            MasterChefStateError::AllocPoint,
        ),
        (MasterChefState { users: vec![user], ..base.clone() }, MasterChefStateError::Users),
        (
            MasterChefState { pools: vec![pool], users: vec![user], ..base },
            MasterChefStateError::RewardDebt,
        ),
    ];
    for (state, expected) in cases {
        assert_eq!(MasterChef::new(&state).unwrap_err(), expected);
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Deposit(u8, usize, Amount),
    Withdraw(u8, usize, Amount),
    Emergency(u8, usize),
    Set(usize, u64),
    Give(Amount),
    Mass,
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        (0_u64..4).prop_map(units),
        any::<u64>().prop_map(units),
        any::<u128>().prop_map(Amount::from_u128),
        any::<[u64; 4]>().prop_map(|limbs| Amount(U256::from_limbs(limbs))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let stake = || (0_u8..4, 0_usize..3, amount());
    prop_oneof![
        stake().prop_map(|(who, pool, amount)| Step::Deposit(who, pool, amount)),
        stake().prop_map(|(who, pool, amount)| Step::Withdraw(who, pool, amount)),
        (0_u8..4, 0_usize..3).prop_map(|(who, pool)| Step::Emergency(who, pool)),
        (0_usize..3, 0_u64..5).prop_map(|(pool, weight)| Step::Set(pool, weight)),
        amount().prop_map(Step::Give),
        proptest::prelude::Just(Step::Mass),
    ]
}

proptest! {
    #[test]
    fn refusals_change_nothing_and_more_updates_mint_no_more(
        steps in proptest::collection::vec((step(), 0_u64..1000), 1..50),
    ) {
        let mut chef = chef(1_000_003, &[(LP, 3), (OTHER_LP, 4)]);
        let mut now = 0;
        for (step, blocks) in steps {
            now += blocks;
            let (before, at) = (chef.clone(), block(now));
            let who = |index: u8| Account([index; 20]);
            let result = match step {
                Step::Deposit(index, pool, amount) => chef.deposit(who(index), pool, amount, at),
                Step::Withdraw(index, pool, amount) => chef.withdraw(who(index), pool, amount, at),
                Step::Emergency(index, pool) => chef.emergency_withdraw(who(index), pool),
                Step::Set(pool, alloc) => {
                    chef.set(OWNER, pool, weight(alloc), at).map(|()| Amount::ZERO)
                }
                Step::Give(amount) => chef.give(LP, amount).map(|()| Amount::ZERO),
                Step::Mass => chef.mass_update_pools(at).map(|()| Amount::ZERO),
            };
            if result.is_err() {
                prop_assert_eq!(&chef, &before, "a refusal changes nothing");
            }
            let again = MasterChef::new(&chef.state());
            prop_assert_eq!(again.as_ref(), Ok(&chef), "the state is all there is");
        }
        let (mut once, mut often) = (chef.clone(), chef);
        if once.mass_update_pools(block(now + 100)).is_ok() {
            for later in 1..=100 {
                often.mass_update_pools(block(now + later)).unwrap();
            }
            prop_assert!(often.sushi_supply() <= once.sushi_supply());
            for (once, often) in once.pools().iter().zip(often.pools()) {
                prop_assert!(often.acc_sushi_per_share <= once.acc_sushi_per_share);
            }
        }
    }
}
