use crate::allocation::capital::{CapitalPool, allocate_capital};
use crate::allocation::votes::{Gauge, VoteAllocation, allocate_votes, in_basis_points};
use crate::allocation::{AllocationError, largest_remainder};

fn near(left: f64, right: f64, tolerance: f64) {
    assert!((left - right).abs() <= tolerance * right.abs().max(1.0), "{left} is not {right}");
}

fn gauges(rewards: &[f64], others: &[f64]) -> Vec<Gauge> {
    rewards.iter().zip(others).map(|(reward, others)| Gauge::uncapped(*reward, *others)).collect()
}

#[test]
fn q414a_votes_go_to_the_two_that_pay_most() {
    let gauges = gauges(&[10_000.0, 6_000.0, 3_000.0, 500.0], &[1e6, 4e5, 5e5, 2e5]);
    let VoteAllocation { votes, value } = allocate_votes(&gauges, 1e5, 30).unwrap();
    for (votes, expected) in votes.iter().zip([6780.3647, 93219.6353, 0.0, 0.0]) {
        near(*votes, expected, 1e-6);
    }
    near(value, 1201.360685912, 1e-9);
}

#[test]
fn q414c_votes_go_to_all_three() {
    let gauges = gauges(&[5_000.0, 5_000.0, 1_000.0], &[2e5, 8e5, 1e4]);
    let VoteAllocation { votes, value } = allocate_votes(&gauges, 3e5, 30).unwrap();
    for (votes, expected) in votes.iter().zip([222580.6452, 45161.2903, 32258.0645]) {
        near(*votes, expected, 1e-6);
    }
    near(value, 3664.122137405, 1e-9);
}

/// A small generator, so that every run has the same gauges.
fn random_gauges(seed: u64, count: usize) -> Vec<Gauge> {
    let mut state = seed;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let gauge =
        |_| Gauge { reward: 1e4 * next(), others: 1.0 + 1e6 * next(), cap: 1e3 + 1e5 * next() };
    (0..count).map(gauge).collect()
}

#[test]
fn marginal_rewards_are_equal_and_caps_are_kept() {
    for seed in 1..50 {
        let gauges = random_gauges(seed, 40);
        let votes = 2e4 * seed as f64;
        let allocation = allocate_votes(&gauges, votes, usize::MAX).unwrap();
        near(allocation.votes.iter().sum(), votes, 1e-9);
        let marginal = |gauge: &Gauge, votes: f64| {
            gauge.reward * gauge.others / (gauge.others + votes).powi(2)
        };
        let pairs: Vec<_> = gauges.iter().zip(allocation.votes).collect();
        let free = pairs.iter().filter(|(gauge, votes)| *votes > 0.0 && *votes < gauge.cap);
        let price = free.map(|(gauge, votes)| marginal(gauge, *votes)).fold(0.0, f64::max);
        for (gauge, votes) in pairs {
            assert!(votes >= 0.0 && votes <= gauge.cap);
            let here = marginal(gauge, votes);
            if votes == 0.0 {
                assert!(here <= price * (1.0 + 1e-9), "seed {seed}: one without votes pays more");
            } else if votes < gauge.cap {
                near(here / price, 1.0, 1e-9);
            } else {
                assert!(here >= price * (1.0 - 1e-9), "seed {seed}: a full one pays less");
            }
        }
    }
}

#[test]
fn the_closed_form_is_never_worse_than_equal_parts_or_a_single_gauge() {
    for seed in 0..50 {
        let mut gauges = random_gauges(seed, 12);
        gauges.iter_mut().for_each(|gauge| gauge.cap = f64::INFINITY);
        let votes = 10_000.0 * (seed + 1) as f64;
        let best = allocate_votes(&gauges, votes, 12).expect("usable numbers").value;
        let earned = |gauge: &Gauge, votes: f64| {
            if votes > 0.0 { gauge.reward * votes / (gauge.others + votes) } else { 0.0 }
        };
        let equal: f64 = gauges.iter().map(|gauge| earned(gauge, votes / 12.0)).sum();
        assert!(best >= equal * (1.0 - 1e-12), "seed {seed}: {best} below {equal}");
        for gauge in &gauges {
            assert!(best >= earned(gauge, votes) * (1.0 - 1e-12), "seed {seed}");
        }
    }
}

#[test]
fn at_most_so_many_gauges_get_votes() {
    let gauges = random_gauges(7, 500);
    let all = allocate_votes(&gauges, 1e6, usize::MAX).unwrap();
    let few = allocate_votes(&gauges, 1e6, 30).unwrap();
    assert_eq!(few.votes.iter().filter(|votes| **votes > 0.0).count(), 30);
    assert!(few.value <= all.value);
    let none = allocate_votes(&gauges, 1e6, 0).unwrap();
    assert_eq!(none.value, 0.0);
    // Small enough to try every choice: no other two gauges earn more.
    let gauges = random_gauges(3, 8);
    let best = allocate_votes(&gauges, 5e4, 2).unwrap().value;
    for i in 0..8 {
        for j in 0..i {
            let pair = [gauges[i], gauges[j]];
            assert!(allocate_votes(&pair, 5e4, 2).unwrap().value <= best * (1.0 + 1e-9));
        }
    }
}

#[test]
fn caps_bind_and_the_rest_is_divided_again() {
    let mut gauges = gauges(&[5_000.0, 5_000.0, 1_000.0], &[2e5, 8e5, 1e4]);
    gauges[0].cap = 1e5;
    let votes = allocate_votes(&gauges, 3e5, 30).unwrap().votes;
    assert_eq!(votes[0], 1e5);
    near(votes.iter().sum(), 3e5, 1e-12);
    let all = [1.0; 3].map(|cap| Gauge { cap, ..gauges[0] });
    assert_eq!(allocate_votes(&all, 10.0, 30).unwrap().votes, [1.0; 3]);
}

#[test]
fn basis_points_add_up_by_largest_remainder() {
    assert_eq!(largest_remainder(&[1.0, 1.0, 1.0], 10_000), [3_334, 3_333, 3_333]);
    assert_eq!(largest_remainder(&[0.0, 2.0, 1.0], 10), [0, 7, 3]);
    assert_eq!(largest_remainder(&[0.0, 0.0], 10), [0, 0]);
    let gauges = random_gauges(5, 500);
    let points = in_basis_points(&allocate_votes(&gauges, 1e6, 30).unwrap()).unwrap();
    assert_eq!(points.iter().sum::<u64>(), 10_000);
    let nothing = VoteAllocation { votes: vec![0.0], value: 0.0 };
    assert_eq!(in_basis_points(&nothing), Err(AllocationError::Nothing));
}

#[test]
fn what_cannot_be_divided_is_refused() {
    let one = |reward, others, cap| {
        let gauge = Gauge { reward, others, cap };
        allocate_votes(&[gauge], 1.0, 1).unwrap_err().to_string()
    };
    assert_eq!(one(-1.0, 1.0, 1.0), "reward is -1; allowed is zero or more, and finite");
    assert_eq!(one(1.0, f64::NAN, 1.0), "others is NaN; allowed is zero or more, and finite");
    assert_eq!(one(1.0, 1.0, f64::NAN), "cap is NaN; allowed is zero or more, and finite");
    let empty = "pool 0 has a reward and nobody in it; put in a first amount by hand";
    assert_eq!(one(1.0, 0.0, 1.0), empty);
    let nothing = [Gauge::uncapped(0.0, 0.0)];
    assert_eq!(allocate_votes(&nothing, 1.0, 1).unwrap().votes, [0.0]);
}

#[test]
fn capital_goes_where_one_more_unit_earns_most() {
    let pool =
        |reward, others, yield_per_unit, cap| CapitalPool { reward, others, yield_per_unit, cap };
    // Without yields this is the division of votes.
    let pools = [(5_000.0, 2e5), (5_000.0, 8e5), (1_000.0, 1e4)];
    let pools = pools.map(|(reward, others)| pool(reward, others, 0.0, f64::INFINITY));
    let divided = allocate_capital(&pools, 3e5, 0.0).unwrap();
    for (capital, expected) in divided.capital.iter().zip([222580.6452, 45161.2903, 32258.0645]) {
        near(*capital, expected, 1e-6);
    }
    near(divided.value, 3664.122137405, 1e-9);
    near(divided.marginal_yield, 0.0055989583333, 1e-6);
    // With a required yield only so much is put to work that the last unit earns it.
    let divided = allocate_capital(&pools[..1], 3e5, 0.01).unwrap();
    near(divided.capital[0], (5_000.0_f64 * 2e5 / 0.01).sqrt() - 2e5, 1e-9);
    assert_eq!(divided.marginal_yield, 0.01);
    // A pool without dilution takes the rest, at most its cap.
    let mixed = [pool(5_000.0, 2e5, 0.0, f64::INFINITY), pool(0.0, 0.0, 0.01, 1e5)];
    let divided = allocate_capital(&mixed, 1.8e5, 0.0).unwrap();
    near(divided.capital.iter().sum(), 1.8e5, 1e-9);
    near(divided.capital[0], 116_227.766, 1e-6);
    assert!(allocate_capital(&[pool(1.0, 0.0, 0.0, 1.0)], 1.0, 0.0).is_err());
    assert!(allocate_capital(&[pool(1.0, 1.0, f64::NAN, 1.0)], 1.0, 0.0).is_err());
}
