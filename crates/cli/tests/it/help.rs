//! The help of every command, as it was when somebody last looked at it.
//!
//! `TIDEMILL_WRITE_HELP=1` writes the files instead of comparing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tidemill_store::write_programme_tape;

use crate::folder::first_events;
use crate::programmes::staker_tape;
use crate::published::published_month;
use crate::run::{example_programme, example_state, tidemill};
use crate::windows::{write_logs, write_window};

const COMMANDS: [&[&str]; 30] = [
    &[],
    &["backtest"],
    &["campaign"],
    &["replay"],
    &["position"],
    &["jit"],
    &["quote"],
    &["earn"],
    &["claim"],
    &["data"],
    &["data", "ls"],
    &["data", "import"],
    &["data", "verify"],
    &["data", "get"],
    &["data", "get", "binance"],
    &["data", "get", "kraken"],
    &["data", "get", "rpc"],
    &["data", "get", "programme"],
    &["data", "get", "blocks"],
    &["data", "snapshot"],
    &["data", "token"],
    &["data", "record"],
    &["data", "record", "binance"],
    &["data", "record", "kraken"],
    &["data", "sql"],
    &["data", "export"],
    &["tape"],
    &["tape", "import"],
    &["tape", "info"],
    &["tape", "sample"],
];

#[test]
fn the_help_of_every_command_is_as_recorded_and_has_an_example() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    let is_writing = std::env::var_os("TIDEMILL_WRITE_HELP").is_some();
    for command in COMMANDS {
        let name = [&["tidemill"], command].concat().join("-");
        let file = folder.join(format!("{name}.txt"));
        let arguments = [command, &["--help"]].concat();
        let help = tidemill(&folder, &arguments).good();
        let (_, examples) = help.split_once("Example").unwrap_or_else(|| panic!("{name}: {help}"));
        let example = format!("tidemill {}", command.join(" "));
        assert!(examples.contains(example.trim_end()), "{name}: {examples}");
        if is_writing {
            fs::write(&file, &help).unwrap();
        }
        let recorded = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(help, recorded, "{name}: TIDEMILL_WRITE_HELP=1 records the change");
    }
}

/// Every subcommand that the help names is one of those above, and the other way round.
#[test]
fn no_command_is_without_recorded_help() {
    let listed = |arguments: &[&str]| -> Vec<String> {
        let help = tidemill(Path::new("."), arguments).good();
        let (_, list) = help.split_once("Commands:\n").unwrap();
        let names = list.lines().take_while(|line| !line.is_empty());
        let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
    };
    let commands = [
        "backtest", "campaign", "replay", "position", "jit", "quote", "earn", "claim", "data",
        "tape", "help",
    ];
    assert_eq!(listed(&["--help"]), commands);
    assert_eq!(
        listed(&["data", "--help"]),
        ["ls", "import", "verify", "get", "record", "snapshot", "token", "sql", "export", "help"]
    );
    assert_eq!(listed(&["tape", "--help"]), ["import", "info", "sample", "help"]);
}

#[test]
fn wrong_usage_is_exit_code_two() {
    let wrong: [&[&str]; 8] = [
        &[],
        &["mine"],
        &["backtest", "--json", "--verbose"],
        &["replay", "one", "two"],
        &["position"],
        &["position", "--lower", "x", "--upper", "1", "--liquidity", "1"],
        &["tape", "import", "folder"],
        &["tape", "sample"],
    ];
    for arguments in wrong {
        let ran = tidemill(Path::new("."), arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(
            ran.stderr.contains("try '--help'") || ran.stderr.contains("Usage:"),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
}

/// The part of a help text from a line on, up to the next empty line.
fn block_after<'a>(help: &'a str, start: &str) -> impl Iterator<Item = &'a str> {
    let lines = help.lines().skip_while(move |line| !line.starts_with(start)).skip(1);
    lines.take_while(|line| !line.is_empty()).map(str::trim)
}

/// The words of a command line; what is in double quotes is one word.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    words.collect()
}

/// Every example runs as it stands, in a folder that holds the files it names.
#[test]
fn every_example_runs() {
    let place = tempfile::tempdir().unwrap();
    tidemill(place.path(), &["tape", "sample", "--out", "week.parquet"]).good();
    write_window(place.path());
    first_events(50).write(&place.path().join("week"));
    fs::copy(example_state("constant_product"), place.path().join("pool.json")).unwrap();
    let staker = staker_tape(&tidemill_store::sample().unwrap(), None);
    write_programme_tape(&staker, &place.path().join("staker.jsonl")).unwrap();
    for (kind, name) in [("staking_rewards", "farm.json"), ("merkle_claim", "drop.json")] {
        fs::copy(example_programme(kind), place.path().join(name)).unwrap();
    }
    for (command, file) in [("backtest", "my.toml"), ("campaign", "campaign.toml")] {
        let help = tidemill(place.path(), &[command, "--help"]).good();
        let (_, rest) = help.split_once("A configuration, every key optional:\n").unwrap();
        let (configuration, _) = rest.split_once("\nKinds: ").unwrap();
        fs::write(place.path().join(file), configuration).unwrap();
    }
    let mut examples = BTreeSet::new();
    for command in COMMANDS {
        let help = tidemill(place.path(), &[command, &["--help"]].concat()).good();
        let joined = help.replace("\\\n", " ");
        examples.extend(block_after(&joined, "Example").map(str::to_owned));
    }
    let hours = "open_time_utc,open,high,low,close,volume\n2024-01-05 00:00:00,1,2,1,2,3\n";
    fs::write(place.path().join("hours.csv"), hours).unwrap();
    published_month(&place.path().join("BTCUSDT-1h-2024-01.zip"));
    let import = ["data", "import", "hours.csv", "--as", "binance-1h", "--set", "symbol=ETHUSDT"];
    tidemill(place.path(), &import).good();
    write_logs(place.path());
    // The import comes last: it replaces the tape of the others.
    // What is fetched or recorded comes from a network, which tests have none of; `data.rs`,
    // `exchange_history.rs`, `record.rs` and the `chain_` tests have venues and nodes here.
    let asks = ["get", "record", "snapshot", "token"].map(|verb| format!("tidemill data {verb}"));
    examples.retain(|example| {
        !asks.iter().any(|ask| example.starts_with(ask)) && !example.starts_with("export NODE=")
    });
    let (imports, others): (Vec<_>, Vec<_>) =
        examples.iter().partition(|example| example.contains("import"));
    for example in others.iter().chain(&imports) {
        let words = words(example);
        let ["tidemill", arguments @ ..] = words.as_slice() else { panic!("{example}") };
        let printed = tidemill(place.path(), arguments).good();
        assert!(!printed.is_empty(), "{example}");
    }
    assert!(others.len() >= 8, "{others:?}");
}
