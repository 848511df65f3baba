//! Staking a token of the pool instead of providing it, over the week.

use tidemill_replay::{BacktestConfig, StrategyRun};
use tidemill_units::SignedAmount;

use crate::data::{FOOTPRINTS, run, run_of, setup, week};

const STAKES: &str = r#"
[[staking]]
kind = "liquid_staking"
token = "WETH"
yearly_rate = "0.0365"
unbonding_hours = 24

[[staking]]
kind = "validator_staking"
token = "WETH"
yearly_rate = "0.0365"
unbonding_hours = 30
slash = [{ at = "2024-12-07 00:00:00", bps = 50 }]

[[strategy]]
kind = "hold"

[[strategy]]
name = "liquid"
kind = "stake"

[[strategy]]
name = "liquid and out"
kind = "stake"
leave_after_days = 2

[[strategy]]
name = "validator"
kind = "stake"
staking = "validator_staking"
compound_every_days = 1

[[strategy]]
name = "validator and out"
kind = "stake"
staking = "validator_staking"
leave_after_days = 2
"#;

fn actions(run: &StrategyRun) -> Vec<&str> {
    run.record.actions.iter().map(|action| action.what.as_str()).collect()
}

fn float(value: SignedAmount) -> f64 {
    value.to_string().parse().unwrap()
}

#[test]
fn the_parts_of_a_stake_add_up_and_its_rewards_are_the_rate() {
    for footprint in FOOTPRINTS {
        let finished = run(setup(&format!("footprint = \"{footprint}\"\n{STAKES}")));
        for run in &finished.runs {
            let name = run.strategy.name();
            let identity = &run.record.settlement.identity;
            assert!(identity.holds(), "{name}: {identity:?}");
            assert_eq!(identity.fees, SignedAmount::ZERO, "{name}");
            assert_eq!(identity.swap_cost, SignedAmount::ZERO, "{name}");
            assert!(run.refused.is_empty(), "{name}: {:?}", run.refused);
        }
        // Half a million of ether at 3.65 % a year for seven whole reports, a tenth kept; the price
        // at the end is a twelfth above that at the start.
        let liquid = run_of(&finished, "liquid");
        let rewards = float(liquid.record.settlement.identity.rewards) / 1e6;
        let expected = 500_000.0 * 0.0001 * 0.9 * 7.0 * (4_006.59 / 3_706.79);
        assert!((rewards / expected - 1.0).abs() < 1e-3, "{rewards} for {expected}");
        assert_eq!(actions(liquid), ["stake"]);
        let identity = &liquid.record.settlement.identity;
        assert_eq!(identity.il, SignedAmount::ZERO, "nothing was traded");
        assert_eq!(actions(run_of(&finished, "liquid and out")), ["stake", "unbond", "close"]);
        assert_eq!(actions(run_of(&finished, "validator and out")), ["stake", "unbond", "close"]);
        let validator = run_of(&finished, "validator");
        let compounded = ["compound"; 7];
        assert_eq!(actions(validator)[1..], compounded);
        // A slash of half a per cent is more than a week brings: the rest is lost capital.
        let identity = &validator.record.settlement.identity;
        assert_eq!(identity.rewards, SignedAmount::ZERO);
        let lost = float(identity.il) / 1e6;
        let slashed = 500_000.0 * (4_006.59 / 3_706.79) * (0.005 - 0.0001 * 0.95 * 7.0);
        assert!((lost / slashed - 1.0).abs() < 2e-2, "{lost} for {slashed}");
    }
}

fn refused(toml: &str) -> String {
    let config = BacktestConfig::from_toml(toml).unwrap();
    config.resolve(week()).unwrap_err().to_string()
}

#[test]
fn what_a_staking_service_cannot_be_is_refused() {
    let with = |changes: &str| {
        let kind = if changes.contains("kind") { "" } else { "kind = \"liquid_staking\"\n" };
        let token = if changes.contains("token") { "" } else { "token = \"WETH\"\n" };
        let rate = if changes.contains("yearly_rate") { "" } else { "yearly_rate = \"0.03\"\n" };
        refused(&format!("[[staking]]\n{kind}{token}{rate}{changes}\n"))
    };
    let validator = |changes: &str| with(&format!("kind = \"validator_staking\"\n{changes}"));
    let cases = [
        (
            with("kind = \"staking\""),
            "staking.kind is staking; allowed is liquid_staking or validator_staking",
        ),
        (with("token = \"ETH\""), "staking.token is ETH; allowed is USDC or WETH"),
        (
            with("token = \"USDC\""),
            "staking.token is USDC; allowed is a token of 18 decimals: validators are deposited \
             with 32 ether",
        ),
        (with("yearly_rate = \"11\""), "staking.yearly_rate is 11; allowed is 0 to 10"),
        (with("fee_bps = 10001"), "staking.fee_bps is 10001; allowed is 0 to 10000"),
        (with("unbonding_hours = 8761"), "staking.unbonding_hours is 8761; allowed is 0 to 8760"),
        (validator("unbonding_hours = 0"), "staking.unbonding_hours is 0; allowed is 1 to 8760"),
        (with("report_every_hours = 0"), "staking.report_every_hours is 0; allowed is 1 to 720"),
        (with("others = \"0\""), "staking.others is 0; allowed is an amount above zero"),
        (with("others = \"31\""), "staking.others is 31; allowed is 32 to 10^15 ether"),
        (
            with("slash = [{ at = \"2024-12-03 00:00:00\", bps = 1 }]"),
            "staking.slash is given; allowed is left out of liquid_staking: a lower rate says what \
             slashes cost",
        ),
        (
            validator("slash = [{ at = \"2024-12-03 00:00:00\", bps = 10001 }]"),
            "staking.slash.bps is 10001; allowed is 1 to 10000",
        ),
        (
            validator("slash = [{ at = \"2024-11-03 00:00:00\", bps = 1 }]"),
            "staking.slash.at is 2024-11-03 00:00:00; allowed is times in order, none before the \
             tape's first event",
        ),
        (
            with("name = \"\""),
            "staking.name is ; allowed is 1 to 40 characters, none of them a control character",
        ),
    ];
    for (message, expected) in cases {
        assert_eq!(message, expected);
    }
}

#[test]
fn what_cannot_be_staked_or_found_is_refused() {
    let twice = "[[staking]]\nkind = \"liquid_staking\"\ntoken = \"WETH\"\nyearly_rate = \"0\"\n";
    assert_eq!(
        refused(&format!("{twice}{twice}")),
        "two staking services are called `liquid_staking`; give each its own name"
    );
    assert_eq!(
        refused(&format!("{twice}[[strategy]]\nkind = \"stake\"\ncompound_every_days = 1\n")),
        "strategy `stake`: compound_every_days is given; liquid staking compounds by itself"
    );
    assert_eq!(
        refused("[[strategy]]\nkind = \"stake\"\n"),
        "strategy `stake`: stake needs a [[staking]] service for one of the pool's tokens"
    );
    assert_eq!(
        refused(&format!("{twice}[[strategy]]\nkind = \"stake\"\nstaking = \"other\"\n")),
        "strategy.staking is other; allowed is liquid_staking"
    );
    assert_eq!(
        refused(&format!("{twice}[[strategy]]\nkind = \"stake\"\nfarm = {{}}\n")),
        "strategy `stake farmed`: farm needs a [[reward]] programme to stake in and a strategy \
         that provides liquidity"
    );
}
