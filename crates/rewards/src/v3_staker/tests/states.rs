//! States that are, and states that cannot be.

use super::*;

fn lived_in() -> V3StakerState {
    let (mut staker, mut pools) = staked(&[64, 64]);
    pools.pass(1, 30, 64);
    unstake(&mut staker, &pools, 1, 130);
    staker.state()
}

#[test]
fn a_state_comes_back() {
    for state in [V3StakerState::default(), empty().state(), lived_in()] {
        assert_eq!(V3Staker::new(&state).unwrap().state(), state);
    }
    assert_eq!(V3Staker::new(&lived_in()).unwrap().number_of_stakes(token(2)), 1);
}

#[test]
fn states_that_cannot_be_are_refused() {
    use V3StakerStateError as E;
    let check = |change: fn(&mut V3StakerState), error: E| {
        let mut state = lived_in();
        change(&mut state);
        assert_eq!(V3Staker::new(&state), Err(error));
    };
    check(|state| state.deposits.swap(0, 1), E::Unsorted("deposits"));
    check(|state| state.rewards.push(state.rewards[0]), E::Unsorted("rewards"));
    check(|state| state.stakes.push(state.stakes[0]), E::Unsorted("stakes"));
    check(|state| state.incentives.push(state.incentives[0]), E::Unsorted("incentives"));
    check(|state| state.incentives[0].key.end_time = Timestamp(100), E::Duration);
    check(|state| state.max_incentive_duration_seconds = 99, E::Duration);
    check(
        |state| state.incentives[0].total_seconds_claimed_x128 = U256::ONE << 160,
        E::TooManySeconds("total_seconds_claimed_x128"),
    );
    check(
        |state| state.stakes[0].seconds_per_liquidity_inside_initial_x128 = U256::ONE << 160,
        E::TooManySeconds("seconds_per_liquidity_inside_initial_x128"),
    );
    let range = TickRange { lower: Tick(3), upper: Tick(3) };
    check(|state| state.deposits[1].range.lower = state.deposits[1].range.upper, E::Range(range));
    check(|state| state.deposits[0].owner = Account::default(), E::NoOwner(token(1)));
    check(|state| state.deposits.truncate(1), E::NoDeposit(token(2)));
    check(|state| state.incentives.clear(), E::NoIncentive(token(2)));
    check(|state| state.stakes[0].liquidity = Liquidity(0), E::NoLiquidity(token(2)));
    check(|state| state.rewards[0].amount = Amount::ZERO, E::ZeroReward);
}
