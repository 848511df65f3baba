use super::*;
use crate::programme::{GaugeFamily, Votes};

const SHARES: u64 = 1_000_000_000_000_000_000;

/// A day in which the number of shares stays, but for a provider who comes and goes.
pub(super) fn recorded(changes: bool) -> Recording {
    let at = |second: u64| Timestamp(1_000_000 + second);
    let mut supplies = vec![(at(0), Amount::from_u64(SHARES))];
    if changes {
        supplies.push((at(30_000), Amount::from_u64(SHARES * 3 / 2)));
        supplies.push((at(60_000), Amount::from_u64(SHARES)));
    }
    let sample = |second: u64| ShareSample::at(at(second));
    let samples = (0..=24).map(|hour| sample(hour * 3_600)).collect();
    let history = History::Shares(Box::new(ShareRecording { samples, supplies }));
    Recording::by_hand(about(DAY), history, Market::new(Footprint::PriceTaker))
}

fn boosted(family: GaugeFamily, [of_present, of_added]: [u64; 2]) -> Rule {
    Rule::BoostedGauge { family, votes: Votes { of_present, of_added } }
}

const FAMILIES: [GaugeFamily; 2] = [GaugeFamily::Curve, GaugeFamily::Balancer];

const CHEF: Rule = Rule::MasterChef { block_seconds: 12 };
const CAPITAL: f64 = 1e12;

fn paid(rule: Rule, added: f64) -> ([u64; 6], Capture) {
    let budget = 1_000_000_000_000_000;
    let plan = plan(Placement::Present);
    let got = shared(&recorded(false), (&plan, CAPITAL), (budget, added), rule).unwrap();
    (percent(&got, budget), got)
}

#[test]
fn every_budget_is_accounted_for_to_the_unit() {
    for recording in [recorded(false), recorded(true)] {
        let mut plan = plan(Placement::Present);
        for staked_part in [0.0, 0.4, 1.0] {
            plan.supply.staked_part = staked_part;
            let gauges =
                FAMILIES.map(|family| [[0, 0], [2_000, 3_000]].map(|votes| boosted(family, votes)));
            let others = [Rule::StakingRewards, CHEF, Rule::AerodromeGauge];
            for rule in gauges.into_iter().flatten().chain(others) {
                for (budget, added) in [(2_000_000, 0.0), (98_765_432_109_876_543, 5e11)] {
                    let got = shared(&recording, (&plan, CAPITAL), (budget, added), rule).unwrap();
                    assert_eq!(got.sum(), Some(Amount::from_u64(budget)), "{rule:?}");
                }
            }
        }
    }
}

#[test]
fn equal_stakes_are_paid_alike_and_a_visit_within_a_block_is_paid_nothing() {
    assert_eq!(paid(Rule::StakingRewards, CAPITAL).0, [50, 50, 0, 0, 0, 0]);
    assert_eq!(paid(Rule::AerodromeGauge, CAPITAL).0, [50, 50, 0, 0, 0, 0]);
    for family in FAMILIES {
        assert_eq!(paid(boosted(family, [0, 0]), CAPITAL).0, [50, 50, 0, 0, 0, 0]);
    }
    let (chef, capture) = paid(CHEF, CAPITAL);
    // Ten elevenths to stakers, one to the developers.
    assert_eq!(chef, [45, 45, 0, 0, 0, 0]);
    assert!(capture.returned < Amount::from_u64(1_000_000), "what no block mints");
    let makers = u64::try_from(capture.makers.0).unwrap();
    assert_eq!(makers / 1_000_000_000, 90_909);
    assert!(capture.of(Group::SameBlock).is_zero());
}

#[test]
fn all_votes_raise_a_stake_to_two_and_a_half_times() {
    for family in FAMILIES {
        // 1000 of work beside 400.
        let (parts, capture) = paid(boosted(family, [0, 10_000]), CAPITAL);
        assert_eq!(parts, [29, 71, 0, 0, 0, 0]);
        assert_eq!(paid(boosted(family, [10_000, 0]), CAPITAL).0, [71, 29, 0, 0, 0, 0]);
        // 10^15 over 1,209,600 seconds are 826,719,576 a second and a remainder; two sevenths of
        // that are for the present, but for what divisions leave.
        let present = u64::try_from(capture.of(Group::Present).0).unwrap();
        let due = 826_719_576 * 1_209_600 / 7 * 2;
        assert!(due - present < 20, "{family:?}: {present} of {due}");
    }
}

#[test]
fn an_aerodrome_gauge_pays_to_the_second_and_keeps_what_its_rates_leave() {
    // Half of 10^15 over each week of 604,800 seconds: 826,719,576 a second.
    let (_, capture) = paid(Rule::AerodromeGauge, CAPITAL);
    let each = Amount::from_u64(826_719_576 * 604_800);
    assert_eq!([Group::Present, Group::Added].map(|group| capture.of(group)), [each; 2]);
    assert_eq!(capture.rest, Amount::from_u64(2 * (500_000_000_000_000 - 826_719_576 * 604_800)));
    // Three fifths instead of a half while the present stake is half as much again: 420,000
    // seconds, of which 184,800 are of the first week.
    let plan = plan(Placement::Present);
    let campaign = (1_000_000_000_000_000, CAPITAL);
    let got = shared(&recorded(true), (&plan, CAPITAL), campaign, Rule::AerodromeGauge).unwrap();
    let due = 826_719_576 * (420_000 / 2 + 420_000 * 3 / 5 + 369_600 / 2);
    assert_eq!(got.of(Group::Present), Amount::from_u64(due));
}

#[test]
fn an_aerodrome_gauge_loses_the_seconds_without_a_stake() {
    let mut plan = plan(Placement::Present);
    plan.supply.staked_part = 0.0;
    let campaign = (1_000_000_000_000_000, 0.0);
    let got = shared(&recorded(true), (&plan, CAPITAL), campaign, Rule::AerodromeGauge).unwrap();
    assert_eq!(got.rest, Amount::from_u64(1_000_000_000_000_000));
}

#[test]
fn a_gauge_with_more_than_the_first_emission_is_refused() {
    let mut plan = plan(Placement::Present);
    plan.duration_seconds = 1;
    let rule = boosted(GaugeFamily::Curve, [0, 0]);
    let got = shared(&recorded(false), (&plan, CAPITAL), (u64::MAX, 0.0), rule);
    let said = got.unwrap_err().to_string();
    assert!(said.starts_with("programme `p` refuses: `rate`"), "{said}");
}
