use super::*;

const SHARES: u64 = 1_000_000_000_000_000_000;

/// A day in which the number of shares stays, but for a provider who comes and goes.
fn recorded(changes: bool) -> Recording {
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

fn gauge(votes_of_present: u64, votes_of_added: u64) -> Rule {
    Rule::CurveGauge { votes_of_present, votes_of_added }
}

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
            for rule in [Rule::StakingRewards, CHEF, gauge(0, 0), gauge(2_000, 3_000)] {
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
    assert_eq!(paid(gauge(0, 0), CAPITAL).0, [50, 50, 0, 0, 0, 0]);
    let (chef, capture) = paid(CHEF, CAPITAL);
    // Ten elevenths to stakers, one to the developers.
    assert_eq!(chef, [45, 45, 0, 0, 0, 0]);
    let makers = u64::try_from(capture.makers.0).unwrap();
    assert_eq!(makers / 1_000_000_000, 90_909);
    assert!(capture.of(Group::SameBlock).is_zero());
}

#[test]
fn all_votes_raise_a_stake_to_two_and_a_half_times() {
    // 1000 of work beside 400.
    assert_eq!(paid(gauge(0, 10_000), CAPITAL).0, [29, 71, 0, 0, 0, 0]);
    assert_eq!(paid(gauge(10_000, 0), CAPITAL).0, [71, 29, 0, 0, 0, 0]);
}

#[test]
fn a_gauge_with_more_than_the_first_emission_is_refused() {
    let mut plan = plan(Placement::Present);
    plan.duration_seconds = 1;
    let got = shared(&recorded(false), (&plan, CAPITAL), (u64::MAX, 0.0), gauge(0, 0));
    let said = got.unwrap_err().to_string();
    assert!(said.starts_with("programme `p` refuses: `rate`"), "{said}");
}
