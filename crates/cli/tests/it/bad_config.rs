//! Configurations that are wrong: exit code 2, the file, the key and what is allowed, and nothing
//! written.

use std::fs;
use std::path::Path;
use std::thread;

use crate::run::{content, refused, tidemill};

/// Checks the one line that is said of a value that cannot be used.
#[track_caller]
fn check(toml: &str, expected: &str) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("bad.toml"), toml).unwrap();
    let message = refused(place.path(), &["backtest", "bad.toml", "--out", "report"]);
    assert_eq!(message, format!("bad.toml: {expected}"));
}

/// Every file of the folder holds one mistake and, behind `#: `, all that is said of it: file, line
/// and column, what is wrong and what is allowed, and the line with what is meant underlined.
#[track_caller]
fn check_folder(command: &str, folder: &Path) -> usize {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    thread::scope(|scope| {
        let parts: Vec<_> = files.chunks(files.len().div_ceil(4)).collect();
        let checks = parts.into_iter().map(|part| {
            scope.spawn(move || part.iter().for_each(|file| check_file(command, file)))
        });
        checks.collect::<Vec<_>>().into_iter().for_each(|check| check.join().unwrap());
    });
    files.len()
}

fn check_file(command: &str, file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    let expected = text.lines().filter_map(|line| line.strip_prefix("#: "));
    let expected: String = expected.map(|line| format!("{line}\n")).collect();
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("bad.toml"), &text).unwrap();
    let before = content(place.path());
    let ran = tidemill(place.path(), &[command, "bad.toml", "--out", "report"]);
    let file = file.display();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{file}: {}", ran.stderr);
    assert_eq!(ran.stderr, format!("tidemill: {expected}"), "{file}");
    assert!(before == content(place.path()), "{file}: something was left behind");
}

#[test]
fn every_mistake_is_shown_at_its_line_and_nothing_runs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../replay/tests/bad");
    assert!(check_folder("backtest", &folder) >= 100);
}

#[test]
fn every_mistake_of_a_campaign_is_shown_at_its_line_and_nothing_runs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_campaigns");
    assert!(check_folder("campaign", &folder) >= 30);
}

/// Checks the first line that is said of a text that does not read.
#[track_caller]
fn check_text(toml: &str, position: &str, reason: &str) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("bad.toml"), toml).unwrap();
    let before = content(place.path());
    let ran = tidemill(place.path(), &["backtest", "bad.toml", "--out", "report"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let said = ran.refusal(2);
    assert!(said.starts_with(&format!("bad.toml:{position}: {reason}")), "{said}");
    assert!(before == content(place.path()), "something was left behind");
}

#[test]
fn unknown_keys() {
    check_text(
        "deposits = \"5\"\n",
        "1:1",
        "unknown field `deposits`, expected one of `tape`, `pool`, `quote`, ",
    );
    check_text(
        "[limits]\nmax_loss = \"5\"\n",
        "2:1",
        "unknown field `max_loss`, expected one of `max_positions`, `max_exposure_quote`, ",
    );
    check_text(
        "latency_blocks = 1\n\n[[strategy]]\nkind = \"recentre\"\nwidth_ticks = 5\n",
        "5:1",
        "unknown field `width_ticks`, expected one of `half_width_ticks`, `threshold_ticks`, ",
    );
    check_text(
        "[[strategy]]\nkind = \"recenter\"\n",
        "2:8",
        "strategy[0].kind: unknown variant `recenter`, expected one of `hold`, ",
    );
    check_text("[[strategy]]\nname = \"a\"\n", "1:1", "strategy[0]: missing field `kind`; allowed");
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
    check_text("tape = [\n", "1:9", "unclosed array, expected `]`");
    check_text("tape = \"a\"\ntape = \"b\"\n", "2:1", "duplicate key");
    let reason = "deposit_quote is the floating point `NaN`; allowed is a text in quotes";
    check_text("deposit_quote = nan\n", "1:17", reason);
    let reason = "limits.max_loss_quote is the integer `-5`; allowed is a text in quotes";
    check_text("[limits]\nmax_loss_quote = -5\n", "2:18", reason);
    let reason = "latency_blocks is the integer `-1`; allowed is a whole number from 0 on";
    check_text("latency_blocks = -1\n", "1:18", reason);
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
    assert_eq!(said, format!("below/bad.toml: below/no.parquet: cannot be read: {no_file}"));
}
