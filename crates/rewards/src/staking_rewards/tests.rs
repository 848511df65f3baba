use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tidemill_units::{Amount, Timestamp, U256};

use super::{
    Exit, StakerState, StakingRewards, StakingRewardsBuild, StakingRewardsError,
    StakingRewardsState, StakingRewardsStateError,
};
use crate::Account;

const ALICE: Account = Account([1; 20]);
const BOB: Account = Account([2; 20]);
const OWNER: Account = Account([8; 20]);
const GIVER: Account = Account([9; 20]);
const WEEK: u64 = 604_800;
const DAY: u64 = 86_400;

fn raw(text: &str) -> Amount {
    text.parse().unwrap()
}

fn units(count: u64) -> Amount {
    Amount::from_u64(count)
}

/// So many whole tokens of 18 decimals.
fn whole(count: u64) -> Amount {
    Amount(U256::from(count) * U256::from(10_u64.pow(18)))
}

/// Synthetix's build, whose periods last a week.
fn weekly() -> StakingRewards {
    StakingRewards::new(&StakingRewardsState::synthetix(OWNER, GIVER)).unwrap()
}

fn notify(programme: &mut StakingRewards, reward: Amount, at: u64) {
    programme.fund(reward).unwrap();
    programme.notify_reward_amount(GIVER, reward, Timestamp(at)).unwrap();
}

/// Tries an operation that must fail, and must then have changed nothing.
fn check_refused<T: std::fmt::Debug>(
    programme: &StakingRewards,
    expected: StakingRewardsError,
    operation: impl FnOnce(&mut StakingRewards) -> Result<T, StakingRewardsError>,
) {
    let mut after = programme.clone();
    assert_eq!(operation(&mut after).unwrap_err(), expected);
    assert_eq!(&after, programme, "a refused operation changes nothing");
}

#[test]
fn q401_two_notifications_and_two_stakers() {
    let mut programme = weekly();
    notify(&mut programme, whole(7000), 0);
    assert_eq!(programme.reward_rate(), raw("11574074074074074"));
    programme.stake(ALICE, whole(100), Timestamp(0)).unwrap();
    programme.stake(BOB, whole(300), Timestamp(DAY)).unwrap();
    programme.withdraw(ALICE, whole(50), Timestamp(3 * DAY)).unwrap();
    notify(&mut programme, whole(7000), 4 * DAY);
    assert_eq!(programme.reward_rate(), raw("16534391534391534"));
    assert_eq!(programme.period_finish(), U256::from(4 * DAY + WEEK));
    let earned = |account| programme.earned(account, Timestamp(WEEK)).unwrap();
    assert_eq!(earned(ALICE), raw("2255102040816326505550"));
    assert_eq!(earned(BOB), raw("6030612244897959081300"));
}

#[test]
fn q401b_rewards_are_stranded_while_nobody_is_staked() {
    let mut programme = weekly();
    notify(&mut programme, whole(WEEK), 0);
    programme.stake(ALICE, units(5), Timestamp(WEEK / 2)).unwrap();
    let paid = programme.get_reward(ALICE, Timestamp(10 * WEEK)).unwrap();
    assert_eq!(paid, whole(302_400));
    assert_eq!(programme.reward_balance(), whole(302_400), "nobody's, for ever");
}

#[test]
fn a_top_up_of_nothing_stretches_the_period_and_halves_the_rate() {
    let mut programme = weekly();
    notify(&mut programme, whole(7000), 0);
    notify(&mut programme, units(0), WEEK / 2);
    assert_eq!(programme.reward_rate(), raw("5787037037037037"));
    assert_eq!(programme.period_finish(), U256::from(WEEK + WEEK / 2));
}

#[test]
fn what_the_rate_leaves_over_is_never_paid() {
    let mut programme = weekly();
    notify(&mut programme, units(2 * WEEK - 1), 0);
    assert_eq!(programme.reward_rate(), units(1));
    assert_eq!(programme.reward_for_duration(), Ok(units(WEEK)));
    programme.stake(ALICE, units(1), Timestamp(0)).unwrap();
    assert_eq!(programme.get_reward(ALICE, Timestamp(WEEK)), Ok(units(WEEK)));
    assert_eq!(programme.reward_balance(), units(WEEK - 1));
}

#[test]
fn checkpoints_every_second_can_eat_the_whole_reward() {
    let mut programme = weekly();
    notify(&mut programme, units(WEEK), 0);
    // One unit a second, times 10^18, over a stake of one more than that.
    programme.stake(ALICE, Amount(whole(1).0 + U256::ONE), Timestamp(0)).unwrap();
    let mut impatient = programme.clone();
    for second in 1..=10 {
        assert_eq!(impatient.get_reward(ALICE, Timestamp(second)), Ok(units(0)));
    }
    assert_eq!(impatient.earned(ALICE, Timestamp(10)), Ok(units(0)));
    assert_eq!(programme.earned(ALICE, Timestamp(10)), Ok(units(9)));
}

#[test]
fn rewards_that_are_owed_can_be_promised_again() {
    let mut programme = weekly();
    notify(&mut programme, units(WEEK), 0);
    programme.stake(ALICE, units(1), Timestamp(0)).unwrap();
    let owed = programme.earned(ALICE, Timestamp(WEEK)).unwrap();
    assert_eq!(owed, programme.reward_balance(), "all is owed");
    let notified = programme.notify_reward_amount(GIVER, units(WEEK), Timestamp(WEEK));
    assert_eq!(notified, Ok(()), "nothing came, yet it passes");
    assert_eq!(programme.earned(ALICE, Timestamp(2 * WEEK)), Ok(units(2 * WEEK)));
    check_refused(&programme, StakingRewardsError::TokenShort, |programme| {
        programme.get_reward(ALICE, Timestamp(2 * WEEK))
    });
    let above = units(2 * WEEK);
    check_refused(&programme, StakingRewardsError::ProvidedRewardTooHigh, |programme| {
        programme.notify_reward_amount(GIVER, above, Timestamp(2 * WEEK))
    });
}

#[test]
fn stakes_pass_for_rewards_where_both_are_one_token() {
    let state = StakingRewardsState {
        reward_is_staked: true,
        ..StakingRewardsState::synthetix(OWNER, GIVER)
    };
    let mut programme = StakingRewards::new(&state).unwrap();
    programme.stake(ALICE, units(WEEK), Timestamp(0)).unwrap();
    programme.stake(BOB, units(WEEK), Timestamp(0)).unwrap();
    // Not a unit of reward ever comes.
    programme.notify_reward_amount(GIVER, units(2 * WEEK), Timestamp(0)).unwrap();
    let exit = Exit { withdrawn: units(WEEK), reward: units(WEEK) };
    assert_eq!(programme.exit(ALICE, Timestamp(WEEK)), Ok(exit));
    assert_eq!(programme.reward_balance(), units(0));
    check_refused(&programme, StakingRewardsError::TokenShort, |programme| {
        programme.withdraw(BOB, units(1), Timestamp(WEEK))
    });
    check_refused(&programme, StakingRewardsError::TokenShort, |programme| {
        programme.exit(BOB, Timestamp(WEEK))
    });
    check_refused(&programme, StakingRewardsError::CannotRecoverStakingToken, |programme| {
        programme.recover_reward_token(OWNER, units(0))
    });
}

#[test]
fn an_absurd_rate_locks_every_stake() {
    let mut programme = weekly();
    programme.stake(ALICE, units(1), Timestamp(0)).unwrap();
    notify(&mut programme, Amount::MAX, 0);
    check_refused(&programme, StakingRewardsError::MulOverflow, |programme| {
        programme.withdraw(ALICE, units(1), Timestamp(1))
    });
    check_refused(&programme, StakingRewardsError::MulOverflow, |programme| {
        programme.checkpoint_all(Timestamp(1))
    });
    let mut in_time = programme.clone();
    assert_eq!(in_time.withdraw(ALICE, units(1), Timestamp(0)), Ok(()));
}

#[test]
fn an_account_without_a_stake_cannot_exit() {
    let mut programme = weekly();
    notify(&mut programme, units(WEEK), 0);
    programme.stake(ALICE, units(1), Timestamp(0)).unwrap();
    programme.withdraw(ALICE, units(1), Timestamp(5)).unwrap();
    check_refused(&programme, StakingRewardsError::CannotWithdrawZero, |programme| {
        programme.exit(ALICE, Timestamp(9))
    });
    assert_eq!(programme.get_reward(ALICE, Timestamp(9)), Ok(units(5)));
}

#[test]
fn the_owner_takes_owed_rewards_and_stops_the_programme() {
    let mut programme = weekly();
    notify(&mut programme, units(WEEK), 0);
    programme.stake(ALICE, units(1), Timestamp(0)).unwrap();
    check_refused(&programme, StakingRewardsError::PeriodNotComplete, |programme| {
        programme.set_rewards_duration(OWNER, U256::ZERO, Timestamp(WEEK))
    });
    check_refused(&programme, StakingRewardsError::NotOwner, |programme| {
        programme.recover_reward_token(GIVER, units(1))
    });
    programme.recover_reward_token(OWNER, units(WEEK)).unwrap();
    check_refused(&programme, StakingRewardsError::TokenShort, |programme| {
        programme.get_reward(ALICE, Timestamp(WEEK))
    });
    programme.set_rewards_duration(OWNER, U256::ZERO, Timestamp(WEEK + 1)).unwrap();
    check_refused(&programme, StakingRewardsError::DivisionByZero, |programme| {
        programme.notify_reward_amount(GIVER, units(1), Timestamp(WEEK + 1))
    });
    programme.set_paused(OWNER, true).unwrap();
    check_refused(&programme, StakingRewardsError::Paused, |programme| {
        programme.stake(BOB, units(0), Timestamp(WEEK + 1))
    });
    assert_eq!(programme.withdraw(ALICE, units(1), Timestamp(WEEK + 1)), Ok(()));
}

#[test]
fn uniswaps_build_has_no_owner() {
    let programme = StakingRewards::new(&StakingRewardsState::uniswap(GIVER)).unwrap();
    check_refused(&programme, StakingRewardsError::NotInThisBuild, |programme| {
        programme.set_paused(GIVER, true)
    });
    check_refused(&programme, StakingRewardsError::NotInThisBuild, |programme| {
        programme.set_rewards_distribution(GIVER, ALICE)
    });
}

#[test]
fn states_that_no_contract_can_have_are_refused() {
    let uniswap = StakingRewardsState::uniswap(GIVER);
    let synthetix = StakingRewardsState::synthetix(OWNER, GIVER);
    let staker = StakerState { account: ALICE, balance: Amount::MAX, ..StakerState::default() };
    let other = StakerState { account: BOB, ..staker };
    let cases = [
        (
            StakingRewardsState { owner: Some(OWNER), ..uniswap.clone() },
            StakingRewardsStateError::Owner,
        ),
        (StakingRewardsState { owner: None, ..synthetix.clone() }, StakingRewardsStateError::Owner),
        (
            StakingRewardsState { is_paused: true, ..uniswap.clone() },
            StakingRewardsStateError::IsPaused,
        ),
        (
            StakingRewardsState { rewards_duration: U256::ONE, ..uniswap.clone() },
            StakingRewardsStateError::RewardsDuration,
        ),
        (
            StakingRewardsState { last_update_time: Timestamp(1), ..uniswap.clone() },
            StakingRewardsStateError::LastUpdateTime,
        ),
        (
            StakingRewardsState { stakers: vec![staker, staker], ..uniswap.clone() },
            StakingRewardsStateError::Stakers,
        ),
        (
            StakingRewardsState { stakers: vec![staker, other], ..uniswap.clone() },
            StakingRewardsStateError::Balance,
        ),
        (
            StakingRewardsState {
                stakers: vec![StakerState { reward_per_token_paid: U256::ONE, ..staker }],
                ..uniswap.clone()
            },
            StakingRewardsStateError::RewardPerTokenPaid,
        ),
        (
            StakingRewardsState {
                stakers: vec![StakerState { rewards: Amount::MAX, ..staker }],
                ..synthetix
            },
            StakingRewardsStateError::Rewards,
        ),
    ];
    for (state, expected) in cases {
        assert_eq!(StakingRewards::new(&state).unwrap_err(), expected);
    }
}

#[test]
fn a_checkpoint_of_all_leaves_the_zero_address_out() {
    let mut programme = weekly();
    notify(&mut programme, units(WEEK), 0);
    for account in [Account::default(), ALICE] {
        programme.stake(account, units(1), Timestamp(0)).unwrap();
    }
    programme.checkpoint_all(Timestamp(10)).unwrap();
    let stakers = programme.state().stakers;
    assert_eq!(stakers[0].rewards, units(0));
    assert_eq!(stakers[0].reward_per_token_paid, U256::ZERO);
    assert_eq!(stakers[1].rewards, units(5));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Stake(u8, Amount),
    Withdraw(u8, Amount),
    Claim(u8),
    Exit(u8),
    Notify(Amount),
    All,
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        (0_u64..4).prop_map(units),
        any::<u64>().prop_map(units),
        any::<u128>().prop_map(Amount::from_u128),
        (any::<[u64; 4]>()).prop_map(|limbs| Amount(U256::from_limbs(limbs))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u8..4, amount()).prop_map(|(who, amount)| Step::Stake(who, amount)),
        (0_u8..4, amount()).prop_map(|(who, amount)| Step::Withdraw(who, amount)),
        (0_u8..4).prop_map(Step::Claim),
        (0_u8..4).prop_map(Step::Exit),
        amount().prop_map(Step::Notify),
        Just(Step::All),
    ]
}

fn build() -> impl Strategy<Value = StakingRewardsState> {
    let owned = StakingRewardsState::synthetix(OWNER, GIVER);
    prop_oneof![Just(StakingRewardsState::uniswap(GIVER)), Just(owned)]
}

fn make(
    programme: &mut StakingRewards,
    step: Step,
    at: Timestamp,
) -> Result<Amount, StakingRewardsError> {
    let who = |index: u8| Account([index; 20]);
    let nothing = |()| Amount::ZERO;
    match step {
        Step::Stake(index, amount) => programme.stake(who(index), amount, at).map(nothing),
        Step::Withdraw(index, amount) => programme.withdraw(who(index), amount, at).map(nothing),
        Step::Claim(index) => programme.get_reward(who(index), at),
        Step::Exit(index) => programme.exit(who(index), at).map(|exit| exit.reward),
        Step::Notify(reward) => {
            programme.fund(reward)?;
            programme.notify_reward_amount(GIVER, reward, at).map(nothing)
        }
        Step::All => programme.checkpoint_all(at).map(nothing),
    }
}

proptest! {
    #[test]
    fn what_is_paid_and_owed_never_exceeds_what_came(
        state in build(),
        steps in proptest::collection::vec((step(), 0_u64..2 * WEEK), 1..60),
    ) {
        let mut programme = StakingRewards::new(&state).unwrap();
        let (mut now, mut paid, mut came) = (0, U256::ZERO, U256::ZERO);
        for (step, seconds) in steps {
            now += seconds;
            // The quirk of promising again what is owed would break the law: fund before always.
            let before = programme.clone();
            let result = make(&mut programme, step, Timestamp(now));
            match (step, result) {
                (Step::Notify(reward), Ok(_)) => came = came.saturating_add(reward.0),
                (Step::Notify(_), Err(_)) => programme = before,
                (_, Ok(amount)) => paid += amount.0,
                (_, Err(_)) => prop_assert_eq!(&programme, &before, "a refusal changes nothing"),
            }
            let again = StakingRewards::new(&programme.state());
            prop_assert_eq!(again.as_ref(), Ok(&programme), "the state is all there is");
        }
        let owed = (0..4).map(|index| programme.earned(Account([index; 20]), Timestamp(now)));
        if let Ok(owed) = owed.collect::<Result<Vec<_>, _>>() {
            let owed = owed.iter().fold(paid, |sum, amount| sum + amount.0);
            prop_assert!(owed <= came, "{owed} of {came}");
        }
    }

    #[test]
    fn a_checkpoint_of_all_credits_each_what_it_had_earned(
        balances in proptest::collection::vec((amount(), 0..DAY), 1..20),
        reward in amount(),
        seconds in 0..WEEK,
    ) {
        let mut programme = weekly();
        programme.fund(reward).unwrap();
        programme.notify_reward_amount(GIVER, reward, Timestamp(0)).unwrap();
        let mut now = 0;
        for (index, (balance, seconds)) in balances.into_iter().enumerate() {
            now += seconds;
            let account = Account([index as u8 + 1; 20]);
            programme.stake(account, balance, Timestamp(now)).ok();
        }
        let at = Timestamp(now + seconds);
        let accounts: Vec<_> = programme.state().stakers.iter().map(|each| each.account).collect();
        let earned = accounts.iter().map(|account| programme.earned(*account, at));
        let earned = earned.collect::<Result<Vec<_>, _>>();
        let before = programme.clone();
        match (programme.checkpoint_all(at), earned) {
            (Ok(()), Ok(earned)) => {
                let stakers = programme.state().stakers;
                let credited: Vec<_> = stakers.iter().map(|each| each.rewards).collect();
                prop_assert_eq!(credited, earned);
                prop_assert_eq!(programme.reward_per_token(at), before.reward_per_token(at));
            }
            (Err(_), _) => prop_assert_eq!(&programme, &before),
            (Ok(()), Err(error)) => prop_assert!(false, "{error}"),
        }
    }
}

#[test]
fn builds_start_with_their_own_durations() {
    let uniswap = StakingRewardsState::uniswap(GIVER);
    assert_eq!(uniswap.build, StakingRewardsBuild::Uniswap);
    assert_eq!(uniswap.rewards_duration, U256::from(60 * DAY));
    assert_eq!(weekly().rewards_duration(), U256::from(WEEK));
}
