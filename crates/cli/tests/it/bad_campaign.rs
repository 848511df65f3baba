//! Campaigns that are wrong: exit code 2, the file, the key and what is allowed, and nothing
//! written.

use std::fs;

use crate::run::{content, refused, tidemill};

/// Checks the one line that is said of a value that cannot be used.
#[track_caller]
fn check(toml: &str, expected: &str) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("bad.toml"), toml).unwrap();
    let message = refused(place.path(), &["campaign", "bad.toml", "--out", "report"]);
    assert_eq!(message, format!("bad.toml: {expected}"));
}

/// Checks the first line that is said of a text that does not read.
#[track_caller]
fn check_text(toml: &str, position: &str, reason: &str) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("bad.toml"), toml).unwrap();
    let before = content(place.path());
    let ran = tidemill(place.path(), &["campaign", "bad.toml", "--out", "report"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let said = ran.refusal(2);
    assert!(said.starts_with(&format!("bad.toml:{position}: {reason}")), "{said}");
    assert!(before == content(place.path()), "something was left behind");
}

#[test]
fn unknown_keys_and_wrong_types() {
    check_text(
        "budget = \"5\"\n",
        "1:1",
        "unknown field `budget`, expected one of `tape`, `quote`, `budgets`, ",
    );
    check_text(
        "[supply]\nelasticity = 2.0\n",
        "2:1",
        "unknown field `elasticity`, expected one of `required_return`, `epsilon`, ",
    );
    check_text(
        "[[programme]]\nkind = \"merkl\"\nweights = 5\n",
        "3:1",
        "unknown field `weights`, expected one of `kind`, `name`, `fees_weight`, ",
    );
    let reason = "programme[0]: missing field `kind`; allowed is a text in quotes";
    check_text("[[programme]]\nname = \"a\"\n", "1:1", reason);
    let reason = "budgets[0] is the integer `5`; allowed is a text in quotes";
    check_text("budgets = [5]\n", "1:12", reason);
}

#[test]
fn programmes_that_are_not_or_do_not_fit() {
    let kinds = "staking_rewards, v3_staker, slipstream_gauge, merkl, for a concentrated pool";
    check(
        "[[programme]]\nkind = \"v3staker\"\n",
        &format!(
            "programme `v3staker`: kind is v3staker; allowed is {kinds}; did you mean `v3_staker`?"
        ),
    );
    check(
        "[[programme]]\nkind = \"master_chef\"\nname = \"chef\"\n",
        &format!("programme `chef`: kind is master_chef; allowed is {kinds}"),
    );
    check(
        "[[programme]]\nkind = \"v3_staker\"\nfees_weight = 10000\n",
        "programme `v3_staker`: fees_weight is given for v3_staker; allowed is with kind merkl \
         only",
    );
    check(
        "[[programme]]\nkind = \"merkl\"\nfees_weight = 9999\n",
        "programme `merkl`: fees_weight is 9999, 3000 and 3000; allowed is fees_weight, \
         token0_weight and token1_weight that add up to 10000",
    );
    check(
        "[[programme]]\nkind = \"merkl\"\n[[programme]]\nkind = \"v3_staker\"\nname = \"merkl\"\n",
        "two programmes are called `merkl`; give each its own name",
    );
}

#[test]
fn schedules_outside_the_contracts_own_bounds() {
    let with = |schedule: &str, kind: &str| {
        format!("[schedule]\n{schedule}\n[[programme]]\nkind = \"{kind}\"\n")
    };
    check(
        &with("lead_days = 31", "v3_staker"),
        "programme `v3_staker`: schedule.lead_days is 31; allowed is at most 30 days ahead \
         (startTime)",
    );
    check(
        &with("duration_days = 731", "v3_staker"),
        "programme `v3_staker`: schedule.duration_days is 731; allowed is at most 730 days \
         (maxIncentiveDuration)",
    );
    check(
        &with("duration_days = 10", "slipstream_gauge"),
        "programme `slipstream_gauge`: schedule.duration_days is 10; allowed is whole epochs of 7 \
         days",
    );
    check(
        &with("duration_days = 0.01", "merkl"),
        "programme `merkl`: schedule.duration_days is 0.01; allowed is at least an hour",
    );
    let nothing = "schedule.duration_days is 0; allowed is above 0, at most 3650 days";
    check(&with("duration_days = 0", "merkl"), nothing);
    check(
        &with("duration_days = -1.5", "merkl"),
        "schedule.duration_days is -1.5; allowed is above 0, at most 3650 days",
    );
    check(
        "budgets = [\"600\"]\n[[programme]]\nkind = \"merkl\"\n",
        "programme `merkl`: budgets is 600.000000; allowed is at least 1.000000 an hour",
    );
    check(
        "[[programme]]\nkind = \"merkl\"\nleast_hourly = \"0\"\n",
        "programme `merkl`: least_hourly is 0.000000; allowed is above 0: a token without a least \
         amount is not taken",
    );
    check(
        "budgets = [\"2\"]\n[[programme]]\nkind = \"slipstream_gauge\"\n",
        "programme `slipstream_gauge`: budgets is 2.000000; allowed is at least 2.419200, one raw \
         unit a second",
    );
}

#[test]
fn rewards_without_a_price_and_budgets_that_are_none() {
    check(
        "[reward]\nsymbol = \"ARB\"\n",
        "reward.price_quote is missing; needed because ARB is no token of the pool, so that \
         nothing here says what one is worth",
    );
    check(
        "[reward]\nsymbol = \"USDC\"\ndecimals = 18\n",
        "reward.decimals is 18; allowed is 6, those of the pool's USDC",
    );
    let whole = "an amount in whole tokens: digits, with at most one point among them";
    check("budgets = [\"-5\"]\n", &format!("budgets is `-5`; allowed is {whole}"));
    check(
        "budgets = [\"0.0000001\"]\n",
        "budgets `0.0000001` is out of range; expected an amount in whole tokens, with no more \
         decimals than the token has",
    );
    check("budgets = []\n", "budgets is a list of 0; allowed is 1 to 12 budgets");
    check("budgets = [\"2\", \"1\"]\n", "budgets is 1; allowed is ascending amounts, none twice");
    check("quote = \"DAI\"\n", "quote is DAI; allowed is USDC or WETH");
}

#[test]
fn parameters_that_are_absurd() {
    let supply = |line: &str| format!("[supply]\n{line}\n");
    check(&supply("epsilon = -1.0"), "supply.epsilon is -1; allowed is 0 to 1000, or inf");
    check(&supply("epsilon = nan"), "supply.epsilon is NaN; allowed is 0 to 1000, or inf");
    check(&supply("required_return = -0.1"), "supply.required_return is -0.1; allowed is 0 to 100");
    check(&supply("cost_return = inf"), "supply.cost_return is inf; allowed is 0 to 10");
    check(&supply("staked_part = 1.5"), "supply.staked_part is 1.5; allowed is 0 to 1");
    check(&supply("half_life_days = 0"), "supply.half_life_days is 0; allowed is 0.01 to 3650");
    check(&supply("band_percent = 0"), "supply.band_percent is 0; allowed is 0.01 to 900");
    check(
        &supply("placement = \"narrow\""),
        "supply.placement is narrow; allowed is present, band or full",
    );
    check(&supply("volume_elasticity = 1.0"), "supply.volume_elasticity is 1; allowed is 0 to 0.9");
    check("[cast]\nwide_part = -0.1\n", "cast.wide_part is -0.1; allowed is 0 to 1");
    check(
        "[cast]\nsame_block_every = 0\n",
        "cast.same_block_every is 0; allowed is 1 or more swaps",
    );
    check(
        "[measure]\ndepth_percent = [2.0, 1.0]\n",
        "measure.depth_percent is 1; allowed is ascending numbers, none twice",
    );
    check(
        "[measure]\ndepth_percent = [99.0]\n",
        "measure.depth_percent is 99; allowed is 0.01 to 50",
    );
    check(
        "[measure]\ntrade_quote = \"0\"\n",
        "measure.trade_quote is 0.000000; allowed is an amount above 0, below \
         1267650600228229401496703.205376",
    );
}

#[test]
fn files_that_are_not_there() {
    let place = tempfile::tempdir().unwrap();
    let said = refused(place.path(), &["campaign", "no.toml"]);
    assert_eq!(said, "no.toml: No such file or directory (os error 2)");
    fs::write(place.path().join("bad.toml"), "tape = \"no.parquet\"\n").unwrap();
    let said = refused(place.path(), &["campaign", "bad.toml", "--out", "report"]);
    let no_file = "No such file or directory (os error 2)";
    assert_eq!(said, format!("bad.toml: no.parquet: cannot be read: {no_file}"));
}
