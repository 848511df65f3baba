use tidemill_rewards::merkl::{CreatorRules, MerklWeights};

use super::{Incentive, Market, SECONDS_PER_YEAR};
use crate::config::{Placement, Supply};
use crate::flow::{Flow, Interval};
use crate::programme::{GaugeFamily, Rule, Votes};

/// A year in which 1,000 of liquidity were paid 100 and lost 20; one unit of capital is one unit
/// of liquidity.
fn a_year() -> Flow {
    let interval = Interval {
        seconds: SECONDS_PER_YEAR,
        fees: 100.0,
        fee_liquidity: 1_000.0,
        liquidity: 1_000.0,
        per_capital: 1.0,
        lvr_per_liquidity: 0.02,
        capital_in_range: 1_000.0,
        in_range_part: 1.0,
        swaps: 10.0,
    };
    Flow { capital: 1_000.0, seconds: SECONDS_PER_YEAR, intervals: vec![interval] }
}

fn plain() -> Supply {
    Supply {
        required_return: None,
        epsilon: f64::INFINITY,
        cost_return: 0.0,
        placement: Placement::Present,
        volume_elasticity: 0.0,
        half_life_days: 7.0,
        staked_part: 1.0,
        wide_part: 0.0,
        parked_part: 0.0,
    }
}

fn merkl(fees: u32, fee: u64) -> Rule {
    let weights = MerklWeights { fees, amount0: 10_000 - fees, amount1: 0 };
    let rules = CreatorRules { default_fees: fee, ..CreatorRules::default() };
    Rule::Merkl { weights, is_out_of_range_incentivized: false, rules }
}

const CHEF: Rule = Rule::MasterChef { block_seconds: 12 };

#[track_caller]
fn check(supply: &Supply, rule: &Rule, a_year_paid: f64, expected: f64) {
    let flow = a_year();
    let market = Market { flow: &flow, supply };
    let added = market.added(&Incentive { rule, a_year: a_year_paid, leak: 0.0 });
    assert!((added - expected).abs() < 1e-6 * (1.0 + expected), "{added} is not {expected}");
}

#[test]
fn capital_comes_until_it_is_diluted_to_what_it_asks_for() {
    // (100 + 50) / (1000 + x) = 100 / 1000.
    for rule in [Rule::StakingRewards, Rule::V3Staker, merkl(4_000, 0)] {
        check(&plain(), &rule, 50.0, 500.0);
        check(&plain(), &rule, 0.0, 0.0);
    }
    // A return of 5 % beside 2 % lost: 150 / (1000 + x) = 0.07, and 100 / (1000 + x) unpaid.
    let asks = Supply { required_return: Some(0.05), ..plain() };
    check(&asks, &Rule::V3Staker, 50.0, 150.0 / 0.07 - 1_000.0);
    check(&asks, &Rule::V3Staker, 0.0, 100.0 / 0.07 - 1_000.0);
    // Costs count as what is asked for.
    let costs = Supply { cost_return: 0.03, ..asks };
    check(&costs, &Rule::V3Staker, 50.0, 500.0);
    // The pool pays less than is asked for: nothing comes before 50 are paid, and nothing leaves.
    let demanding = Supply { required_return: Some(0.13), ..plain() };
    check(&demanding, &Rule::V3Staker, 50.0, 0.0);
    check(&demanding, &Rule::V3Staker, 80.0, 200.0);
}

#[test]
fn what_a_programme_keeps_brings_nothing() {
    // A tenth on top of what stakers get: they get ten elevenths.
    check(&plain(), &CHEF, 55.0, 500.0);
    // A fee of a tenth.
    check(&plain(), &merkl(0, 100_000_000), 50.0, 450.0);
    // A part that others catch.
    let flow = a_year();
    let supply = plain();
    let incentive = Incentive { rule: &merkl(0, 0), a_year: 50.0, leak: 0.5 };
    let added = Market { flow: &flow, supply: &supply }.added(&incentive);
    assert!((added - 250.0).abs() < 1e-6, "{added}");
}

#[test]
fn staking_less_leaves_more_to_those_who_come_but_not_in_the_staker() {
    let half = Supply { staked_part: 0.5, ..plain() };
    // 100 / (1000 + x) + 50 / (500 + x) = 0.1: x^2 = 250,000 with the root above zero at 500.
    let root = |x: f64| 100.0 / (1_000.0 + x) + 50.0 / (500.0 + x) - 0.1;
    let (mut low, mut high) = (0.0, 10_000.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if root(middle) > 0.0 { low = middle } else { high = middle }
    }
    check(&half, &Rule::StakingRewards, 50.0, low);
    check(&half, &Rule::V3Staker, 50.0, 500.0);
    assert!(low > 500.0);
}

const GAUGES_OF_VOTERS: [Rule; 2] = [Rule::SlipstreamGauge, Rule::AerodromeGauge];

#[test]
fn a_gauge_that_gives_fees_to_voters_is_chosen_for_its_emission_alone() {
    for rule in GAUGES_OF_VOTERS {
        // 150 / (1000 + x) = 100 / 1000; an emission below the fees is not worth a stake.
        check(&plain(), &rule, 150.0, 500.0);
        check(&plain(), &rule, 100.0, 0.0);
        // 100 / (500 + x) = 100 / 1000 beside a half that is not staked.
        check(&Supply { staked_part: 0.5, ..plain() }, &rule, 100.0, 500.0);
    }
}

#[test]
fn capital_that_comes_unpaid_stakes_until_emission_and_fees_pay_alike() {
    // 0.07 a year are asked for: 100 / 0.07 - 1000 come unpaid, and of 90 a year 90 / 0.07 - 1000
    // of them stake.
    let supply = Supply { required_return: Some(0.05), ..plain() };
    let flow = a_year();
    let market = Market { flow: &flow, supply: &supply };
    let unpaid = 100.0 / 0.07 - 1_000.0;
    let cases = [
        (50.0, unpaid, 0.0, 100.0 * 0.7),
        (90.0, unpaid, 90.0 / 0.07 - 1_000.0, 90.0),
        (140.0, 1_000.0, 1_000.0, 100.0),
    ];
    for rule in GAUGES_OF_VOTERS {
        for (a_year, added, staked, to_voters) in cases {
            let incentive = Incentive { rule: &rule, a_year, leak: 0.0 };
            check(&supply, &rule, a_year, added);
            let got = market.added(&incentive);
            assert!((market.staked(got, &incentive) - staked).abs() < 1e-6, "{rule:?} {a_year}");
            let voters = market.fees_to_voters(got, &incentive);
            assert!((voters - to_voters).abs() < 1e-6, "{voters} of {a_year}");
            let yields = market.yields(got, &incentive);
            assert!((yields.fees + yields.rewards - 0.07).abs() < 1e-9, "{yields:?}");
            let of_fees = 0.07 * (1.0 - staked / added);
            assert!((yields.fees - of_fees).abs() < 1e-9, "{yields:?}");
        }
    }
    // Elsewhere the fees are the stakers' own.
    let own = Incentive { rule: &Rule::V3Staker, a_year: 90.0, leak: 0.0 };
    assert_eq!((market.staked(10.0, &own), market.fees_to_voters(10.0, &own)), (10.0, 0.0));
}

#[test]
fn an_interval_without_a_second_takes_nothing_from_the_first_to_stake() {
    // Nobody is staked: 50 / x = 100 / 1000.
    let mut flow = a_year();
    flow.intervals.push(Interval { seconds: 0.0, fees: 0.0, ..flow.intervals[0] });
    let supply = Supply { staked_part: 0.0, ..plain() };
    let incentive = Incentive { rule: &Rule::SlipstreamGauge, a_year: 50.0, leak: 0.0 };
    let added = Market { flow: &flow, supply: &supply }.added(&incentive);
    assert!((added - 500.0).abs() < 1e-6, "{added}");
}

#[test]
fn a_budget_brings_nobody_below_what_the_first_to_come_asks_for() {
    let [slipstream, aerodrome] = GAUGES_OF_VOTERS;
    let from = |supply: &Supply, rule: &Rule| {
        let flow = a_year();
        let market = Market { flow: &flow, supply };
        let unpaid = Incentive { rule: &Rule::StakingRewards, a_year: 0.0, leak: 0.0 };
        let unpaid = market.added(&unpaid);
        market.brings_from(unpaid, rule).map(|budget| budget.round())
    };
    // The pool is at rest: any reward on top brings somebody, one in place of the fees of 100 none
    // below them.
    assert_eq!(from(&plain(), &Rule::V3Staker), Some(0.0));
    assert_eq!([slipstream, aerodrome].map(|rule| from(&plain(), &rule)), [Some(100.0); 2]);
    // 0.15 are asked for and 0.1 are paid in fees, to 1,000; a chef pays ten elevenths.
    let demanding = Supply { required_return: Some(0.13), ..plain() };
    assert_eq!(from(&demanding, &Rule::V3Staker), Some(50.0));
    assert_eq!(from(&demanding, &CHEF), Some(55.0));
    assert_eq!(from(&demanding, &slipstream), Some(150.0));
    // As many come unpaid as earn 0.07 of the 100.
    let asks = Supply { required_return: Some(0.05), ..plain() };
    assert_eq!(from(&asks, &Rule::V3Staker), Some(0.0));
    assert_eq!(from(&asks, &aerodrome), Some(100.0));
    assert_eq!(from(&Supply { epsilon: 0.0, ..plain() }, &Rule::V3Staker), None);
}

#[test]
fn parked_capital_takes_its_part_where_ranges_do_not_count() {
    // 100 / (1000 + x) + 50 / (1000 + 2 x) = 0.1.
    let parked = Supply { parked_part: 1.0, ..plain() };
    let expected = |x: f64| 100.0 / (1_000.0 + x) + 50.0 / (1_000.0 + 2.0 * x);
    let flow = a_year();
    let incentive = Incentive { rule: &Rule::StakingRewards, a_year: 50.0, leak: 0.0 };
    let added = Market { flow: &flow, supply: &parked }.added(&incentive);
    assert!((expected(added) - 0.1).abs() < 1e-9, "{added}");
    assert!(added < 400.0, "{added}");
    check(&parked, &Rule::V3Staker, 50.0, 500.0);
}

#[test]
fn a_finite_elasticity_brings_less_and_none_brings_nothing() {
    // 1000 ((150 / (1000 + x)) / 0.1)^2 = 1000 + x: the cube of the whole is 1000 times 1500^2.
    let two = Supply { epsilon: 2.0, ..plain() };
    check(&two, &Rule::V3Staker, 50.0, 2.25e9_f64.cbrt() - 1_000.0);
    let none = Supply { epsilon: 0.0, ..plain() };
    let rich = Supply { required_return: Some(0.0), epsilon: 0.0, ..plain() };
    for paid in [0.0, 1.0, 1e12] {
        check(&none, &Rule::V3Staker, paid, 0.0);
        check(&rich, &Rule::StakingRewards, paid, 0.0);
    }
}

#[test]
fn volume_that_answers_to_depth_brings_more() {
    // 100 sqrt(K / 1000) / K + 50 / K = 0.1 with K = 1000 y^2: y^2 - y - 1/2 = 0.
    let answers = Supply { volume_elasticity: 0.5, ..plain() };
    let y = f64::midpoint(1.0, 3_f64.sqrt());
    check(&answers, &Rule::V3Staker, 50.0, 1_000.0 * y * y - 1_000.0);
}

#[test]
fn boosts_are_those_of_curves_and_balancers_gauges() {
    // Votes for nobody who stakes: all at 40 percent, as without a boost.
    let rule = |of_present, of_added| Rule::BoostedGauge {
        family: GaugeFamily::Balancer,
        votes: Votes { of_present, of_added },
    };
    check(&plain(), &rule(0, 0), 50.0, 500.0);
    let flow = a_year();
    let supply = plain();
    let market = Market { flow: &flow, supply: &supply };
    let of =
        |rule: &Rule| market.yields(1_000.0, &Incentive { rule, a_year: 50.0, leak: 0.0 }).rewards;
    // All votes: a whole stake of 1000 beside 400 that work; none: the other way round.
    assert!((of(&rule(0, 10_000)) - 50.0 / 1.4 / 1_000.0).abs() < 1e-12);
    assert!((of(&rule(10_000, 0)) - 50.0 * 0.4 / 1.4 / 1_000.0).abs() < 1e-12);
}

#[test]
fn more_reward_never_brings_less() {
    let [slipstream, aerodrome] = GAUGES_OF_VOTERS;
    let others = [Rule::StakingRewards, Rule::V3Staker, merkl(5_000, 0), CHEF];
    let rules = others.into_iter().chain([slipstream, aerodrome]).collect::<Vec<_>>();
    let flow = a_year();
    for epsilon in [0.0, 0.5, 1.0, 3.0, 1_000.0, f64::INFINITY] {
        for required_return in [None, Some(0.0), Some(0.2)] {
            let supply = Supply { epsilon, required_return, ..plain() };
            let market = Market { flow: &flow, supply: &supply };
            for rule in &rules {
                let mut last = 0.0;
                for paid in (0..40).map(|power| 2_f64.powi(power) / 1_000.0) {
                    let added = market.added(&Incentive { rule, a_year: paid, leak: 0.0 });
                    assert!(added >= last, "{rule:?} {epsilon} {paid}: {added} after {last}");
                    assert!(added.is_finite());
                    last = added;
                }
            }
        }
    }
}
