//! Rules that stake, claim, sell rewards and leave by themselves.

use super::*;
use crate::RulesConfig;

/// Opens and stakes at once; what comes after that is up to the test.
const STAKES: &str = r#"hypothesis = "A farm, by rules."
[[rule]]
when = "!is_open"
do = "open"
half_width_ticks = 600
[[rule]]
when = "!is_staked"
do = "stake"
"#;

fn farmer(rules: &str, tape: SyntheticTape, seconds: [u64; 2]) -> Farmer {
    let text = Some(format!("{STAKES}{rules}"));
    let rules = RulesConfig { text, ..RulesConfig::default() };
    Farmer::of(&StrategyConfig::of(StrategyKind::Rules(rules)), tape, seconds)
}

#[test]
fn rules_claim_by_the_clock_as_a_farm_does() {
    let rules = "[[rule]]\nwhen = \"is_staked && minutes_open >= 120\"\ndo = \"claim\"\n\
                 every_minutes = 120\n";
    let mut by_rules = farmer(rules, quiet(190), LONG);
    let expected = ["0: open -600..600", "0: stake", "600: claim", "1200: claim", "1800: claim"];
    assert_eq!(by_rules.finish(), expected);
}

#[test]
fn rules_stake_in_a_programme_that_runs_and_in_no_other() {
    assert_eq!(farmer("", quiet(30), [500, 1_000]).finish(), ["0: open -600..600", "50: stake"]);
    // Before it begins and after it has ended there is nothing to do.
    assert_eq!(farmer("", quiet(30), [100_000, 200_000]).finish(), ["0: open -600..600"]);
}

/// What a position has earned is not known before its token has a price, and then to the unit.
#[test]
fn rules_claim_when_it_is_worth_it() {
    let rules = "[[rule]]\nwhen = \"reward_quote >= 1000\"\ndo = \"claim\"\n";
    let mut by_rules = farmer(rules, quiet(20), LONG);
    by_rules.go(6);
    assert_eq!(by_rules.desk.asked.len(), 2, "nothing has a price yet");
    let of = by_rules.gathered();
    by_rules.price(Amount::from_u64(999), of);
    by_rules.desk.decide();
    assert_eq!(by_rules.desk.asked.len(), 2, "a unit less is not enough");
    by_rules.price(Amount::from_u64(1_000), of);
    by_rules.desk.decide();
    assert!(by_rules.last().ends_with("claim"), "{}", by_rules.last());
}

#[test]
fn rules_claim_sell_and_leave() {
    let rules = "[[rule]]\nwhen = \"minutes_open >= 20 && minutes_open < 22\"\ndo = \"claim\"\n\
                 every_minutes = 60\n\
                 [[rule]]\nwhen = true\ndo = \"sell_rewards\"\n\
                 [[rule]]\nwhen = \"is_staked && minutes_open >= 30\"\ndo = \"unstake\"\n\
                 [[rule]]\nwhen = \"minutes_open >= 30\"\ndo = \"close\"\n";
    // The rules that open and stake again come first, so they end with the time.
    let once = STAKES
        .replace("\"!is_open\"", "\"!is_open && minutes_since_start < 10\"")
        .replace("\"!is_staked\"", "\"!is_staked && minutes_since_start < 10\"");
    let text = Some(format!("{once}{rules}"));
    let rules = RulesConfig { text, ..RulesConfig::default() };
    let config = StrategyConfig::of(StrategyKind::Rules(rules));
    let mut by_rules = Farmer::of(&config, quiet(40), LONG);
    by_rules.go(2);
    by_rules.price(Amount::from_u64(1), Amount::from_u64(1));
    let lines = by_rules.finish();
    let steps: Vec<_> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    let expected = ["open", "stake", "claim", "sell", "unstake", "sell", "close"];
    assert_eq!(steps, expected, "{lines:?}");
    assert_eq!(by_rules.desk.ledger.positions().count(), 0);
}
