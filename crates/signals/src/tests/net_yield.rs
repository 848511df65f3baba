use super::{assert_close, assert_near};
use crate::{FundingRule, NetYield, break_even_time};

#[test]
fn q707_funding_follows_the_premium_outside_of_the_tolerance() {
    for (premium, expected) in [(0.000_4, 0.000_1), (0.001, 0.000_5), (-0.000_7, -0.000_2)] {
        assert_near(FundingRule::USUAL.rate(premium), expected, 1e-12);
    }
    assert_eq!(FundingRule::USUAL.rate(0.000_1), 0.000_1);
    assert_eq!(FundingRule { interest: 0.0, tolerance: 0.0 }.rate(0.001), 0.001);
}

/// The formula as venues write it, and that a dearer future never costs its longs less.
#[test]
fn funding_is_the_formula_and_rises_with_the_premium() {
    let rule = FundingRule::USUAL;
    let mut before = f64::NEG_INFINITY;
    for step in -2_000..2_000 {
        let premium = f64::from(step) * 1e-6;
        let rate = rule.rate(premium);
        let written = premium + (rule.interest - premium).clamp(-rule.tolerance, rule.tolerance);
        assert_near(rate, written, 1e-18);
        assert!(rate >= before);
        before = rate;
    }
    let negative = || FundingRule { tolerance: -0.1, ..rule }.rate(0.0);
    assert!(std::panic::catch_unwind(negative).is_err());
}

/// Loesch et al. 2021 (arXiv 2111.09192), in millions of dollars: 17 pools of Uniswap v3.
#[test]
fn q303_fees_and_impermanent_loss_of_seventeen_pools() {
    let pools = NetYield { fees: 199.3, loss: 260.1, ..NetYield::default() };
    assert_near(pools.net(), -60.8, 0.05);
}

#[test]
fn every_cost_is_taken_off() {
    let all = NetYield { fees: 16.0, rewards: 8.0, loss: 4.0, gas: 2.0, hedge: 1.0 };
    assert_eq!(all.net(), 17.0);
}

#[test]
fn q904_time_until_a_move_has_paid() {
    let years = break_even_time(100_000.0, 120.0, 0.05).unwrap();
    assert_close(years * 365.0, 8.76, 1e-12);
    assert_eq!(break_even_time(100_000.0, 120.0, 0.0), None);
    assert_eq!(break_even_time(100_000.0, 120.0, -0.01), None);
    assert_eq!(break_even_time(100_000.0, 0.0, 0.01), Some(0.0));
}
