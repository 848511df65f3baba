//! Configurations that are wrong: exit code 2, the file, the key and what is allowed, and nothing
//! written.

use std::fs;

use crate::run::{content, refused, tidemill};

/// Checks the one line that is said of a value that cannot be used.
#[track_caller]
fn check(toml: &str, expected: &str) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("bad.toml"), toml).unwrap();
    let message = refused(place.path(), &["backtest", "bad.toml", "--out", "report"]);
    assert_eq!(message, format!("bad.toml: {expected}"));
}

/// Checks the block that is said of a text that does not read: file, line and column, and why.
#[track_caller]
fn check_block(toml: &str, position: &str, reason: &str) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("bad.toml"), toml).unwrap();
    let before = content(place.path());
    let ran = tidemill(place.path(), &["backtest", "bad.toml", "--out", "report"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines[0], format!("tidemill: bad.toml: TOML parse error at {position}"));
    assert!(lines.len() <= 6, "{}", ran.stderr);
    assert!(lines[lines.len() - 1].starts_with(reason), "{}", ran.stderr);
    assert!(before == content(place.path()), "something was left behind");
}

#[test]
fn unknown_keys() {
    check_block(
        "deposits = \"5\"\n",
        "line 1, column 1",
        "unknown field `deposits`, expected one of `tape`, `quote`, `deposit_quote`, ",
    );
    check_block(
        "[limits]\nmax_loss = \"5\"\n",
        "line 2, column 1",
        "unknown field `max_loss`, expected one of `max_positions`, `max_exposure_quote`, ",
    );
    check_block(
        "latency_blocks = 1\n\n[[strategy]]\nkind = \"recentre\"\nwidth_ticks = 5\n",
        "line 3, column 1",
        "unknown field `width_ticks`, expected `half_width_ticks` or `threshold_ticks`",
    );
    check_block(
        "[[strategy]]\nkind = \"recenter\"\n",
        "line 1, column 1",
        "unknown variant `recenter`, expected one of `hold`, ",
    );
    check_block("[[strategy]]\nname = \"a\"\n", "line 1, column 1", "missing field `kind`");
}

#[test]
fn feeds_that_cannot_be() {
    check(
        "[[strategy]]\nkind = \"hold\"\nneeds = [{ feed = \"binance\" }]\n",
        "strategy.needs.feed is binance; allowed is the name of a [[feed]], of which there is none",
    );
    let pool = "[[feed]]\nname = \"pool\"\nkind = \"pool\"\n";
    check(&format!("{pool}base = \"DAI\"\n"), "feed.base is DAI; allowed is USDC or WETH");
    check(
        &format!(
            "{pool}base = \"WETH\"\n[[strategy]]\nkind = \"hold\"\n\
             needs = [{{ feed = \"pool\", interval = \"fortnight\" }}]\n"
        ),
        "strategy.needs.interval `fortnight` is not an interval such as 1m, 15m, 1h or 1d",
    );
}

#[test]
fn texts_that_are_not_toml_or_of_the_wrong_type() {
    check_block("tape = [\n", "line 1, column 9", "unclosed array, expected `]`");
    check_block("tape = \"a\"\ntape = \"b\"\n", "line 2, column 1", "duplicate key");
    let reason = "invalid type: floating point `NaN`, expected a string";
    check_block("deposit_quote = nan\n", "line 1, column 17", reason);
    let reason = "invalid type: integer `-5`, expected a string";
    check_block("[limits]\nmax_loss_quote = -5\n", "line 2, column 18", reason);
    let reason = "invalid value: integer `-1`, expected u64";
    check_block("latency_blocks = -1\n", "line 1, column 18", reason);
}

#[test]
fn values_out_of_their_range() {
    let volatility =
        |sigmas: &str| format!("[[strategy]]\nkind = \"volatility_range\"\nsigmas = {sigmas}\n");
    let strategy = "strategy `volatility_range`: sigmas is";
    check(&volatility("nan"), &format!("{strategy} NaN; allowed is 0.1 to 20"));
    check(&volatility("20.5"), &format!("{strategy} 20.5; allowed is 0.1 to 20"));
    check(
        "[[strategy]]\nkind = \"recentre\"\nhalf_width_ticks = 9\n",
        "strategy `recentre`: half_width_ticks is 9; allowed is 10 to 443636",
    );
    check("latency_blocks = 101\n", "latency_blocks is 101; allowed is 0 to 100");
    check("footprint = \"both\"\n", "footprint is both; allowed is price-taker or re-executed");
    check("quote = \"DAI\"\n", "quote is DAI; allowed is USDC or WETH");
    let whole = "an amount in whole tokens: digits, with at most one point among them";
    check(
        "[limits]\nmax_loss_quote = \"-5\"\n",
        &format!("limits.max_loss_quote is `-5`; allowed is {whole}"),
    );
    check(
        "[limits]\nmax_loss_quote = \"0\"\n",
        "limits.max_loss_quote is 0; allowed is a loss, as an amount above zero",
    );
    check("deposit_quote = \"nan\"\n", &format!("deposit_quote is `nan`; allowed is {whole}"));
    check(
        "[[strategy]]\nkind = \"hold\"\n[[strategy]]\nkind = \"full_range\"\nname = \"hold\"\n",
        "two strategies are called `hold`; give each its own name",
    );
}

#[test]
fn files_that_are_not_there_or_not_text() {
    let place = tempfile::tempdir().unwrap();
    let no_file = "No such file or directory (os error 2)";
    let said = refused(place.path(), &["backtest", "no.toml"]);
    assert_eq!(said, format!("no.toml: {no_file}"));
    fs::write(place.path().join("bad.toml"), b"tape = \"\xff\"\n").unwrap();
    let said = refused(place.path(), &["backtest", "bad.toml"]);
    assert_eq!(said, "bad.toml: stream did not contain valid UTF-8");
    // A tape is looked for beside the configuration, not where the command runs.
    fs::create_dir(place.path().join("below")).unwrap();
    fs::write(place.path().join("below/bad.toml"), "tape = \"no.parquet\"\n").unwrap();
    let said = refused(place.path(), &["backtest", "below/bad.toml", "--out", "report"]);
    assert_eq!(said, format!("below/no.parquet: cannot be read: {no_file}"));
}
