//! Configurations that are wrong: each is refused at its line, with what is allowed.
//!
//! Every file of `tests/bad` holds one mistake and, behind `#: `, all that is said of it. With
//! `TIDEMILL_WRITE_BAD` set what is said is written there, to be read before it is kept.

use std::fs;
use std::path::{Path, PathBuf};

use tidemill_configuration::Document;
use tidemill_replay::{BacktestConfig, ConfigError};
use tidemill_strategies::StrategyKind;
use toml::{Table, Value};

use crate::data::week;

const FULL: &str = include_str!("../good/full.toml");
const WEEK: &str = include_str!("../good/week.toml");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// Reads a configuration, its files and its values, as the command does.
fn resolve(text: &str, folder: &Path) -> Result<(), ConfigError> {
    let mut config = BacktestConfig::from_toml(text)?;
    config.read_files(folder, week())?;
    config.resolve(week()).map(drop)
}

/// What is said of a configuration that is refused.
#[track_caller]
fn said(text: &str, folder: &Path) -> String {
    let error = resolve(text, folder).expect_err(text);
    error.show_in(&Document { name: "bad.toml", text })
}

#[test]
fn every_mistake_is_shown_as_its_file_says() {
    let mut files: Vec<_> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() >= 100, "only {} files", files.len());
    let mut others = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let expected: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("#: ")).map(str::to_owned).collect();
        // What a message says of a file names it by its path here.
        let here = format!("{}/", folder().display());
        let found = said(&text, &folder()).replace(&here, "");
        if found != expected.join("\n") {
            if std::env::var_os("TIDEMILL_WRITE_BAD").is_some() {
                let own = text.lines().filter(|line| !line.starts_with("#:"));
                let said = found.lines().map(|line| format!("#: {line}"));
                let lines: Vec<_> = own.map(str::to_owned).chain(said).collect();
                fs::write(&file, lines.join("\n") + "\n").unwrap();
            }
            others.push(format!("{}\n{found}\n", file.display()));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

#[test]
fn the_good_files_are_good() {
    assert!(BacktestConfig::from_toml(FULL).is_ok());
    let resolved = resolve(WEEK, &folder());
    assert!(resolved.is_ok(), "{}", resolved.unwrap_err());
}

/// The keys that the full file gives to a table, its lists of tables taken together.
fn keys_of<'t>(value: &'t Value, way: &[&str]) -> Vec<&'t str> {
    match (value, way) {
        (Value::Array(items), _) => items.iter().flat_map(|item| keys_of(item, way)).collect(),
        (Value::Table(table), []) => table.keys().map(String::as_str).collect(),
        (Value::Table(table), [key, rest @ ..]) => {
            table.get(*key).map(|value| keys_of(value, rest)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_full_file_has_every_key_that_there_is() {
    let full = Value::Table(toml::from_str::<Table>(FULL).unwrap());
    let kinds: Vec<_> = StrategyKind::every().iter().map(StrategyKind::name).collect();
    let refused = |toml: &str| BacktestConfig::from_toml(toml).unwrap_err().to_string();
    let quoted = |message: &str| -> Vec<String> {
        let (_, names) = message.split_once("expected ").unwrap();
        let (names, _) = names.split_once("; did you").unwrap_or((names, ""));
        names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    assert_eq!(quoted(&refused("[[strategy]]\nkind = \"x\"\n")), kinds);
    let strategies: Vec<_> =
        kinds.iter().map(|kind| format!("[[strategy]]\nkind = \"{kind}\"\n")).collect();
    let mut tables = vec![
        ("", ""),
        ("[limits]\n", "limits"),
        ("[[reward]]\n", "reward"),
        ("[[staking]]\n", "staking"),
        ("[[staking]]\n[[staking.slash]]\n", "staking.slash"),
        ("[[voting]]\n", "voting"),
        ("[[voting]]\n[[voting.gauge]]\n", "voting.gauge"),
        ("[[voting]]\n[[voting.bribe_token]]\n", "voting.bribe_token"),
        ("[[feed]]\n", "feed"),
        ("[[exchange]]\n", "exchange"),
        ("[[exchange]]\n[[exchange.tier]]\n", "exchange.tier"),
        ("[[exchange]]\n[[exchange.instrument]]\n", "exchange.instrument"),
        ("[[strategy]]\nkind = \"hold\"\n[strategy.farm]\n", "strategy.farm"),
        ("[[strategy]]\nkind = \"hold\"\n[strategy.hedge]\n", "strategy.hedge"),
        ("[[strategy]]\nkind = \"hold\"\n[strategy.option_hedge]\n", "strategy.option_hedge"),
        ("[[strategy]]\nkind = \"hold\"\n[strategy.size]\n", "strategy.size"),
        ("[[strategy]]\nkind = \"hold\"\n[strategy.trend_filter]\n", "strategy.trend_filter"),
        (
            "[[strategy]]\nkind = \"hold\"\n[strategy.volatility_filter]\n",
            "strategy.volatility_filter",
        ),
        ("[[strategy]]\nkind = \"hold\"\n[[strategy.needs]]\n", "strategy.needs"),
    ];
    tables.extend(strategies.iter().map(|table| (table.as_str(), "strategy")));
    for (table, way) in tables {
        let way: Vec<_> = way.split('.').filter(|key| !key.is_empty()).collect();
        let given = keys_of(&full, &way);
        for key in quoted(&refused(&format!("{table}unknown_key = 1\n"))) {
            assert!(given.contains(&key.as_str()), "{way:?} has no {key}");
        }
    }
}

/// The lines of a file that give a value to a key: number from 1 on, key and value.
fn entries(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    (1..).zip(text.lines()).filter_map(|(number, line)| {
        let (key, value) = line.split_once(" = ")?;
        Some((number, key, value))
    })
}

/// The file with another line in the place of one.
fn with_line(text: &str, number: usize, line: &str) -> String {
    let lines = (1..).zip(text.lines());
    lines.map(|(at, own)| format!("{}\n", if at == number { line } else { own })).collect()
}

/// Checks that a file is refused at a line and shows it; returns the message.
#[track_caller]
fn refused_at(text: &str, number: usize) -> String {
    let said = said(text, &folder());
    let line = text.lines().nth(number - 1).unwrap();
    assert!(said.starts_with(&format!("bad.toml:{number}:")), "line {number}, `{line}`: {said}");
    assert!(said.contains(&format!("\n{number} | {line}\n")), "{said}");
    said
}

#[test]
fn every_key_of_the_wrong_type_is_refused_at_its_line() {
    let mut count = 0;
    for (number, key, value) in entries(FULL) {
        let is_text = value.starts_with('"');
        for wrong in [if is_text { "5" } else { "\"5\"" }, "[[]]", "{ a = {} }", "1979-05-27"] {
            let text = with_line(FULL, number, &format!("{key} = {wrong}"));
            let said = refused_at(&text, number);
            assert!(said.lines().next().unwrap().contains(key), "{said}");
            count += 1;
        }
    }
    assert!(count > 400, "only {count}");
}

#[test]
fn every_key_that_is_misspelt_is_refused_at_its_line() {
    let mut count = 0;
    for (number, key, value) in entries(FULL) {
        // Of these tables any key may be: they are symbols of tokens.
        if key.chars().all(|letter| letter.is_ascii_uppercase()) {
            continue;
        }
        let wrong = format!("{key}x");
        let said = refused_at(&with_line(FULL, number, &format!("{wrong} = {value}")), number);
        assert!(said.contains(&format!("did you mean `{key}`?")), "{said}");
        count += 1;
    }
    assert!(count > 100, "only {count}");
}

#[test]
fn every_number_that_is_negative_or_absurd_is_refused_at_its_line() {
    let mut count = 0;
    for (number, key, value) in entries(WEEK) {
        let is_amount = value.starts_with("\"") && value.trim_matches('"').parse::<f64>().is_ok();
        let wrongs: &[&str] = match value.parse::<f64>() {
            Ok(_) if value.contains('.') => &["-1.0", "nan", "inf", "1e300"],
            Ok(_) => &["-1", "99999999999999999999"],
            Err(_) if is_amount => &["\"-1\"", "\"1e5\"", "\"\"", "\"1.5.5\""],
            Err(_) => &[],
        };
        for wrong in wrongs {
            let text = with_line(WEEK, number, &format!("{key} = {wrong}"));
            let said = refused_at(&text, number);
            assert!(!said.contains(" kind"), "{said}");
            count += 1;
        }
    }
    assert!(count > 130, "only {count}");
}
