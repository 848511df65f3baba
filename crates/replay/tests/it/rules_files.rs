//! Rules files beside a configuration: the documented ones, what is said of mistakes, and stops.

use std::fs;

use tempfile::TempDir;
use tidemill_replay::{Backtest, BacktestConfig, Setup, backtest, tear_sheet};
use tidemill_report::Provenance;

use crate::data::{run, week};

const DOCUMENTATION: &str = include_str!("../../../../docs/rules.md");

fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    let blocks = DOCUMENTATION.split(opening.as_str()).skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

/// Resolves a configuration beside the files.
fn resolve(config: &str, files: &[(&str, &str)]) -> Result<Setup, String> {
    resolve_in(&TempDir::new().unwrap(), config, files)
}

/// The same, with files that stay while the folder does.
fn resolve_in(folder: &TempDir, config: &str, files: &[(&str, &str)]) -> Result<Setup, String> {
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let mut config = BacktestConfig::from_toml(config).map_err(|error| error.to_string())?;
    config.read_files(folder.path(), week()).map_err(|error| error.to_string())?;
    config.resolve(week()).map_err(|error| error.to_string())
}

fn actions(finished: &Backtest) -> usize {
    assert_eq!(finished.runs[0].stopped, None);
    finished.runs[0].record.actions.len()
}

/// Minutes of a price that falls and rises between 900 and 1100, through the week.
fn minutes() -> String {
    let first = week().events[0].time.0 / 60 * 60;
    let mut file = String::from("open_time,open,high,low,close,volume\n");
    for minute in 0..7 * 24 * 60 {
        let phase = minute % 2_000;
        let price = if phase < 1_000 { 1_100 - phase / 5 } else { 900 + (phase - 1_000) / 5 };
        let time = tidemill_store::time_text(tidemill_units::Timestamp(first + minute * 60));
        file.push_str(&format!("{time},{price},{price},{price},{price},1\n"));
    }
    file
}

#[test]
fn the_documented_files_run() {
    let [patient, config, classic] = blocks("toml").try_into().unwrap();
    let setup = resolve(config, &[("patient.toml", patient)]).unwrap();
    assert_eq!(setup.strategies[0].parameters()[0].1, "patient.toml");
    let least = ("least_width_bps".to_owned(), "100".to_owned());
    let patience = ("patience_minutes".to_owned(), "60".to_owned());
    assert_eq!(setup.strategies[0].parameters()[1..], [least, patience]);
    let summary =
        "As wide as a day's moves; moves when the price has been outside for half an hour.";
    assert_eq!(setup.strategies[0].summary(), summary);
    // At least the swap and the position that it is for.
    assert!(actions(&run(setup)) >= 2);
    let config = "[[feed]]\nname = \"binance\"\nkind = \"candles\"\nfile = \"minutes.csv\"\n\
                  interval = \"1m\"\n[[strategy]]\nkind = \"rules\"\nfile = \"classic.toml\"\n";
    let minutes = minutes();
    let files = [("classic.toml", classic), ("minutes.csv", minutes.as_str())];
    let folder = TempDir::new().unwrap();
    let setup = resolve_in(&folder, config, &files).unwrap();
    assert_eq!(setup.strategies[0].needs.len(), 1, "both signals follow the same candles");
    let bought = actions(&run(setup));
    // Five times in the week the price is under 1000 for 1000 minutes and falls for half of them,
    // and it buys once an hour.
    assert!((35..=55).contains(&bought), "{bought}");
}

#[test]
fn the_documented_mistake_is_shown_as_documented() {
    let [patient, config, _] = blocks("toml").try_into().unwrap();
    let [shown] = blocks("text").try_into().unwrap();
    let wrong = patient.replace("minutes_out_of_range >=", "minutes_out_of_rage >=");
    assert_ne!(wrong, patient);
    let refused = resolve(config, &[("patient.toml", &wrong)]).unwrap_err();
    assert_eq!(refused, format!("strategy `rules`: {}", shown.trim_end()));
}

#[test]
fn a_file_that_is_not_there_or_no_text_is_named() {
    let config = "[[strategy]]\nkind = \"rules\"\nfile = \"none.toml\"\n";
    let refused = resolve(config, &[]).unwrap_err();
    assert!(
        refused.starts_with("strategy `rules`: ") && refused.contains("none.toml: "),
        "{refused}"
    );
    let config = "[[strategy]]\nkind = \"rules\"\n";
    let which = "strategy `rules`: rules take one of file, a path beside the configuration, and \
                 text";
    assert_eq!(resolve(config, &[]).unwrap_err(), which);
    let config = "[[strategy]]\nkind = \"rules\"\nname = \"a\"\ntext = \"hypothesis = 'h'\"\n\
                  parameters = { x = 1 }";
    let refused = resolve(config, &[]).unwrap_err();
    assert!(refused.starts_with("strategy `a`: text:1:1: the configuration sets `x`"), "{refused}");
    let unknown = "[[strategy]]\nkind = \"rules\"\ntext = '''\nhypothesis = \"h\"\n[signals]\n\
                   a = { kind = \"mid\", feed = \"nowhere\" }\n'''\n";
    let refused = resolve(unknown, &[]).unwrap_err();
    assert!(refused.starts_with("strategy.needs.feed is nowhere; allowed is "), "{refused}");
}

/// A fault ends the strategy and not the run; the report says so, and the others go on.
#[test]
fn a_strategy_that_stops_is_reported_and_the_others_go_on() {
    let text = |when: &str| {
        format!(
            "kind = \"rules\"\ntext = '''\nhypothesis = \"h\"\n[[rule]]\nwhen = \"!is_open\"\n\
             do = \"open\"\n[[rule]]\nwhen = \"{when}\"\ndo = \"close\"\n'''\n"
        )
    };
    let config = format!(
        "[[strategy]]\nname = \"stops\"\n{}[[strategy]]\nname = \"goes on\"\n{}",
        text("1 / min(0, 60 - minutes_since_start) > 0 && minutes_since_start > 90"),
        text("1 / (60 + minutes_since_start) > 1"),
    );
    // The divisor is zero within the first hour, before anything is decided by the rest.
    let finished = backtest(week(), resolve(&config, &[]).unwrap(), &|_| {}).unwrap();
    let stopped = finished.runs[0].stopped.clone().unwrap();
    let reason = stopped.cause.to_string();
    assert!(reason.starts_with("text:6:11: this divides by zero in `1 / min("), "{stopped:?}");
    assert_eq!(finished.runs[1].stopped, None);
    assert_ne!(finished.runs[0].digest, finished.runs[1].digest);
    let [tidemill_version, command] = [const { String::new() }; 2];
    let provenance = Provenance { tidemill_version, tape_blake3: None, command };
    let sheet = tear_sheet(week(), &finished, provenance);
    let shown = sheet.strategies[0].stopped.as_ref().unwrap();
    assert_eq!(shown.reason, reason);
}
