//! Reward programmes and farms that cannot be: exit code 2, the key, what is allowed, and nothing
//! written.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::run::refused;
use crate::share_farms;

/// A programme that runs, but for one line that takes another's place or comes to the others.
fn reward(changed: &[(&str, Option<&str>)]) -> String {
    let mut lines = vec![
        ("kind", Some("\"v3_staker\"")),
        ("token", Some("\"UNI\"")),
        ("amount", Some("\"100000\"")),
        ("price_quote", Some("\"12.5\"")),
    ];
    for (key, value) in changed {
        lines.retain(|(other, _)| other != key);
        lines.push((key, *value));
    }
    let lines = lines.iter().filter_map(|(key, value)| Some(format!("{key} = {}\n", (*value)?)));
    format!("[[reward]]\n{}", lines.collect::<String>())
}

/// What is said of a configuration in a folder that has `prices.csv` and `pool`.
fn said_in(folder: &Path, toml: &str) -> String {
    fs::write(folder.join("bad.toml"), toml).unwrap();
    let message = refused(folder, &["backtest", "bad.toml", "--out", "report"]);
    message.strip_prefix("bad.toml: ").unwrap_or(&message).to_owned()
}

#[track_caller]
fn check(toml: &str, expected: &str) {
    let place = TempDir::new().unwrap();
    assert_eq!(said_in(place.path(), toml), expected, "{toml}");
}

/// One line of the programme that runs, changed.
#[track_caller]
fn check_line(key: &str, value: &str, expected: &str) {
    check(&reward(&[(key, Some(value))]), expected);
}

const KINDS: &str = "v3_staker in a concentrated pool; merkl in one that is not Slipstream's; \
                     concentrated_gauge in a Slipstream pool; staking_rewards, master_chef, \
                     curve_gauge or balancer_gauge in a pool of shares; aerodrome_gauge in a \
                     Solidly pool";
const ABOVE_ZERO: &str = "an amount in whole reward tokens, above zero";
const WHOLE: &str = "an amount in whole tokens: digits, with at most one point among them";

#[test]
fn programmes_that_are_unknown_or_for_another_pool() {
    for kind in ["emission", "staking_rewards", "master_chef", "merkle_claim", ""] {
        let lines: &[_] = match kind {
            "master_chef" => &[("amount", None), ("per_block", Some("\"1\""))],
            _ => &[],
        };
        let quoted = format!("{kind:?}");
        let named = [lines, &[("kind", Some(quoted.as_str()))]].concat();
        check(&reward(&named), &format!("reward.kind is {kind}; allowed is {KINDS}"));
    }
    let taker = format!("footprint = \"price-taker\"\n{}", reward(&[]));
    let expected = "footprint is price-taker; allowed is re-executed beside a v3_staker, which \
                    pays by the pool's own seconds";
    check(&taker, expected);
    let place = TempDir::new().unwrap();
    share_farms::pair(&place.path().join("pool"));
    let shares = format!("tape = \"pool\"\n{}", reward(&[]));
    let expected = format!("reward.kind is v3_staker; allowed is {KINDS}");
    assert_eq!(said_in(place.path(), &shares), expected);
}

#[test]
fn amounts_that_are_none() {
    for (text, allowed) in [("0", ABOVE_ZERO), ("0.000", ABOVE_ZERO)] {
        let expected = format!("reward.amount is {text}; allowed is {allowed}");
        check_line("amount", &format!("{text:?}"), &expected);
    }
    for text in ["-1", "", "1e5", "nan", "1 000"] {
        let expected = format!("reward.amount is `{text}`; allowed is {WHOLE}");
        check_line("amount", &format!("{text:?}"), &expected);
    }
    let expected = format!("reward.amount is missing; allowed is {ABOVE_ZERO}");
    check(&reward(&[("amount", None)]), &expected);
    check_line(
        "per_block",
        "\"1\"",
        "reward.per_block is given; allowed is left out of a v3_staker",
    );
    check_line(
        "others_staked_bps",
        "1",
        "reward.others_staked_bps is given; allowed is left out of a v3_staker",
    );
    check_line("token_decimals", "78", "reward.token_decimals is 78; allowed is 0 to 77");
    check_line("name", "\"\"", &format!("reward.name is ; allowed is {NAMES}"));
    check_line("name", "\"a\\nb\"", &format!("reward.name is a\\nb; allowed is {NAMES}"));
}

const NAMES: &str = "1 to 40 characters, none of them a control character";

#[test]
fn times_outside_the_contracts_bounds() {
    let time = "a UTC time as YYYY-MM-DD HH:MM:SS, from 1970 on";
    for text in ["2024-12-02", "2024-13-02 00:00:00", "tomorrow"] {
        let expected =
            format!("reward `v3_staker`: start `{text}` is not allowed; expected {time}");
        check_line("start", &format!("{text:?}"), &expected);
    }
    let order = |end: &str| format!("reward.end is {end}; allowed is later than the start");
    let from = ("start", Some("\"2024-12-03 00:00:00\""));
    for end in ["2024-12-03 00:00:00", "2024-12-02 23:59:59"] {
        check(&reward(&[from, ("end", Some(&format!("{end:?}")))]), &order(end));
    }
    // 730 days are allowed, and 30 days ahead.
    let long = reward(&[from, ("end", Some("\"2026-12-03 00:00:01\""))]);
    let allowed = "at most 730 days after the start, which a v3_staker allows";
    check(&long, &format!("reward.end is 2026-12-03 00:00:01; allowed is {allowed}"));
    let end = ("end", Some("\"2025-06-01 00:00:00\""));
    for start in ["2024-12-01 00:00:10", "2024-12-31 00:00:12"] {
        let expected = format!("reward.start is {start}; allowed is {STARTS}");
        check(&reward(&[end, ("start", Some(&format!("{start:?}")))]), &expected);
    }
}

/// The sample's first event, and thirty days later.
const STARTS: &str = "2024-12-01 00:00:11, the tape's first event, to 2024-12-31 00:00:11: a \
                      v3_staker starts neither in the past nor more than 30 days ahead";

#[test]
fn rewards_without_a_price() {
    let allowed = "one of price_quote and prices: a reward without a price is worth nothing that \
                   could be reported";
    let expected = format!("reward.price_quote is missing; allowed is {allowed}");
    check(&reward(&[("price_quote", None)]), &expected);
    for text in ["-1", "", "free"] {
        let expected = format!("reward.price_quote is `{text}`; allowed is {WHOLE}");
        check_line("price_quote", &format!("{text:?}"), &expected);
    }
    let place = TempDir::new().unwrap();
    fs::write(place.path().join("prices.csv"), "time_utc,price_quote\n2024-11-01 00:00:00,1\n")
        .unwrap();
    let both = reward(&[("prices", Some("\"prices.csv\""))]);
    let expected = format!("reward.price_quote is given beside prices; allowed is {allowed}");
    assert_eq!(said_in(place.path(), &both), expected);
}

#[test]
fn price_files_that_do_not_read() {
    let header = "time_utc,price_quote";
    let time = "a UTC time as YYYY-MM-DD HH:MM:SS, from 1970 on";
    let row = |row: u64, fault: &str| format!("reward `v3_staker`: prices.csv: row {row}: {fault}");
    let good = format!("{header}\n2024-11-30 00:00:00,12.5\n");
    let cases = [
        (String::new(), format!("reward `v3_staker`: prices.csv: the header is not `{header}`")),
        (
            "time,price\n2024-11-30 00:00:00,12.5\n".to_owned(),
            format!("reward `v3_staker`: prices.csv: the header is not `{header}`"),
        ),
        (format!("{header}\n"), "reward `v3_staker`: prices.csv: there is no price in it".into()),
        (
            format!("{good}2024-11-30 00:00:00,13\n"),
            row(2, "time_utc is not later than that of the row before"),
        ),
        (
            format!("{good}2024-11-29 23:59:59,13\n"),
            row(2, "time_utc is not later than that of the row before"),
        ),
        (
            format!("{good}2024-12-02 25:00:00,13\n"),
            row(2, &format!("time_utc `2024-12-02 25:00:00` is not allowed; expected {time}")),
        ),
        (
            format!("{good}2024-12-02 00:00:00;13\n"),
            row(2, "`2024-12-02 00:00:00;13` is not a time and a price, separated by a comma"),
        ),
        (
            format!("{good}2024-12-02 00:00:00,\n"),
            row(2, "`2024-12-02 00:00:00,` is not a time and a price, separated by a comma"),
        ),
        (
            format!("{header}\n2024-12-01 00:00:12,12.5\n"),
            "reward.prices is 2024-12-01 00:00:12; allowed is a price at 2024-12-01 00:00:11 or \
             before"
                .to_owned(),
        ),
    ];
    let toml = reward(&[("price_quote", None), ("prices", Some("\"prices.csv\""))]);
    for (text, expected) in cases {
        let place = TempDir::new().unwrap();
        fs::write(place.path().join("prices.csv"), &text).unwrap();
        assert_eq!(said_in(place.path(), &toml), expected, "{text}");
    }
    for price in ["-1", "cheap", "1,5"] {
        let place = TempDir::new().unwrap();
        let text = format!("{header}\n2024-11-30 00:00:00,{price}\n");
        fs::write(place.path().join("prices.csv"), text).unwrap();
        let said = said_in(place.path(), &toml);
        let number = "price_quote is not a decimal number of whole quote tokens: ";
        assert!(said.starts_with(&row(1, number)), "{said}");
    }
    let missing = "reward `v3_staker`: prices.csv: No such file or directory (os error 2)";
    check(&toml, missing);
}

#[test]
fn names_and_farms_that_do_not_fit() {
    check(
        &format!("{}{}", reward(&[]), reward(&[])),
        "two reward programmes are called `v3_staker`; give each its own name",
    );
    let range = |farm: &str| {
        format!("[[strategy]]\nkind = \"fixed_range\"\nhalf_width_ticks = 500\nfarm = {farm}\n")
    };
    let farmed = |farm: &str| format!("{}{}", reward(&[]), range(farm));
    check(
        &farmed("{ programme = \"other\" }"),
        "strategy.farm.programme is other; allowed is v3_staker",
    );
    check(
        &range("{ programme = \"other\" }"),
        "strategy.farm.programme is other; allowed is the name of a [[reward]], of which there is \
         none",
    );
    let nothing = "farm needs a [[reward]] programme to stake in and a strategy that provides \
                   liquidity";
    check(&range("{}"), &format!("strategy `fixed_range farmed`: {nothing}"));
    let hold = format!("{}[[strategy]]\nkind = \"hold\"\nfarm = {{}}\n", reward(&[]));
    check(&hold, &format!("strategy `hold farmed`: {nothing}"));
    let of = |what: &str| format!("strategy `fixed_range farmed`: farm.{what}");
    for claim in ["break_even", "never"] {
        check(
            &farmed(&format!("{{ claim = {claim:?}, claim_every_hours = 5 }}")),
            &of("claim_every_hours is 5; allowed is left out unless claim is `every`"),
        );
    }
    for hours in [0, 8_761] {
        check(
            &farmed(&format!("{{ claim = \"every\", claim_every_hours = {hours} }}")),
            &of(&format!("claim_every_hours is {hours}; allowed is 1 to 8760")),
        );
    }
    for cost in [0, 10_001] {
        check(
            &farmed(&format!("{{ max_sale_cost_bps = {cost} }}")),
            &of(&format!("max_sale_cost_bps is {cost}; allowed is 1 to 10000")),
        );
    }
    check(
        &format!("reward_sale_cost_bps = 10001\n{}", reward(&[])),
        "reward_sale_cost_bps is 10001; allowed is 0 to 10000",
    );
}

/// Programmes for shares have their own bounds.
#[test]
fn programmes_of_shares_out_of_their_bounds() {
    let place = TempDir::new().unwrap();
    share_farms::pair(&place.path().join("pool"));
    let said = |lines: &[(&str, Option<&str>)]| {
        said_in(place.path(), &format!("tape = \"pool\"\n{}", reward(lines)))
    };
    let synthetix = ("kind", Some("\"staking_rewards\""));
    assert_eq!(
        said(&[synthetix, ("others_staked_bps", Some("10001"))]),
        "reward.others_staked_bps is 10001; allowed is 0 to 10000"
    );
    assert_eq!(
        said(&[synthetix, ("per_block", Some("\"1\""))]),
        "reward.per_block is given; allowed is left out of a staking_rewards"
    );
    let late = said(&[
        synthetix,
        ("start", Some("\"2024-12-03 00:00:00\"")),
        ("end", Some("\"2025-12-03 00:00:00\"")),
    ]);
    let allowed = format!("{}, the tape's first event, or left out", share_farms::FIRST);
    assert_eq!(late, format!("reward.start is 2024-12-03 00:00:00; allowed is {allowed}"));
    let chef = ("kind", Some("\"master_chef\""));
    let each = ("per_block", Some("\"1\""));
    assert_eq!(said(&[chef, each]), "reward.amount is given; allowed is left out of a master_chef");
    assert_eq!(
        said(&[chef, each, ("amount", None), ("end", Some("\"2025-12-03 00:00:00\""))]),
        "reward.end is given; allowed is left out of a master_chef"
    );
    assert_eq!(
        said(&[chef, ("amount", None)]),
        format!("reward.per_block is missing; allowed is {ABOVE_ZERO}")
    );
    assert_eq!(
        said(&[chef, ("amount", None), ("per_block", Some("\"0\""))]),
        format!("reward.per_block is 0; allowed is {ABOVE_ZERO}")
    );
}
