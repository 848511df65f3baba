//! The pictures of the strategies' pages: each is what its configuration draws, and each page has
//! one of its strategy working and one of it failing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use crate::recorded_tapes;
use crate::run::{refused, tidemill};

const CONFIGURATIONS: &str = "docs/strategies/configurations";
const PICTURES: &str = "docs/strategies/pictures";
const RULES: &str = "examples/rules";
const TAPES: &str = "target/recorded-tapes";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder with this ending, by their names without it.
fn files(folder: &str, ending: &str) -> BTreeMap<String, String> {
    let files = fs::read_dir(root().join(folder)).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|found| found == ending));
    files
        .map(|file| {
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(file).unwrap())
        })
        .collect()
}

/// The command that stands in a configuration.
fn command_of(configuration: &str) -> &str {
    let mut commands = configuration.lines().filter_map(|line| line.strip_prefix("#   tidemill "));
    let command = commands.next().unwrap();
    assert_eq!(commands.next(), None, "one command");
    command
}

/// A folder with all that the configurations name, and nothing drawn yet.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let folder = |name: &str| {
        let folder = place.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        folder
    };
    for (from, ending) in [(CONFIGURATIONS, "toml"), (RULES, "toml")] {
        for (name, text) in files(from, ending) {
            fs::write(folder(from).join(format!("{name}.{ending}")), text).unwrap();
        }
    }
    folder(PICTURES);
    let tapes = folder(TAPES);
    for (name, bytes) in recorded_tapes::recorded().unwrap() {
        fs::write(tapes.join(name), bytes).unwrap();
    }
    place
}

/// Draws the picture of a configuration and compares it; says so where its data is not there.
fn check(place: &Path, name: &str, configuration: &str) -> bool {
    let tape = configuration.lines().find_map(|line| line.strip_prefix("tape = "));
    if let Some(tape) = tape.map(|tape| tape.trim_matches('"'))
        && !place.join(CONFIGURATIONS).join(tape).exists()
    {
        println!("skipped: {name}, whose data set is not there");
        return false;
    }
    let command: Vec<&str> = command_of(configuration).split(' ').collect();
    let picture = format!("{PICTURES}/{name}.svg");
    assert_eq!(command[..2], ["backtest", &format!("{CONFIGURATIONS}/{name}.toml")], "{name}");
    assert!(command.windows(2).any(|words| words == ["--chart", &picture]), "{name}: {command:?}");
    tidemill(place, &command).good();
    let drawn = fs::read_to_string(place.join(&picture)).unwrap();
    let kept = fs::read_to_string(root().join(&picture)).unwrap_or_default();
    assert!(drawn == kept, "{name}: `scripts/pictures.sh {name}` draws another picture");
    assert!(drawn.len() < 40_000, "{name}: {} bytes", drawn.len());
    true
}

#[test]
fn every_picture_is_what_its_configuration_draws() {
    let place = place();
    let configurations: Vec<_> = files(CONFIGURATIONS, "toml").into_iter().collect();
    let checked: usize = thread::scope(|scope| {
        let parts: Vec<_> = configurations.chunks(configurations.len().div_ceil(4)).collect();
        let path = place.path();
        let checks = parts.into_iter().map(|part| {
            scope.spawn(move || part.iter().filter(|(name, text)| check(path, name, text)).count())
        });
        checks.collect::<Vec<_>>().into_iter().map(|check| check.join().unwrap()).sum()
    });
    assert!(checked >= 20, "{checked}: the built-in sample is always there");
}

/// Pages that are still without pictures.
const NOT_DRAWN: [&str; 5] =
    ["option_hedging", "pairs", "pool_exchange_arbitrage", "threshold_buy", "two_pool_arbitrage"];

/// Every page but those shows both, says what it comes to and how to draw it.
#[test]
fn every_page_has_a_picture_of_it_working_and_of_it_failing() {
    let pages = files("docs/strategies", "md");
    let configurations = files(CONFIGURATIONS, "toml");
    let pictures = files(PICTURES, "svg");
    assert!(pictures.keys().eq(configurations.keys()), "one picture a configuration");
    let undrawn = |name: &str| name == "README" || NOT_DRAWN.contains(&name);
    for name in NOT_DRAWN {
        assert!(!pages[name].contains("](pictures/"), "{name} has pictures by now");
    }
    for (name, page) in pages.iter().filter(|(name, _)| !undrawn(name)) {
        for outcome in ["works", "fails"] {
            let picture = format!("{name}-{outcome}");
            assert!(page.contains(&format!("](pictures/{picture}.svg)")), "{picture}");
            let svg = pictures.get(&picture).unwrap();
            let net = svg.split("text-anchor=\"end\">").nth(1).unwrap();
            let net = net.split("</text>").next().unwrap().replace('\u{2212}', "-");
            assert!(page.contains(&net), "{picture}: the page says not its net of {net}");
            let command = command_of(&configurations[&picture]);
            assert!(page.contains(&format!("tidemill {command}\n")), "{picture}: {command}");
        }
    }
    for name in pictures.keys() {
        let link = format!("pictures/{name}.svg");
        assert!(pages.values().any(|page| page.contains(&link)), "{name} is on no page");
    }
}

/// Which of several, what there is, and where it goes: one line each, and nothing runs.
#[test]
fn what_cannot_be_drawn_is_said_at_once() {
    let place = tempfile::tempdir().unwrap();
    let two = "[[strategy]]\nkind = \"hold\"\n\n[[strategy]]\nkind = \"full_range\"\n";
    fs::write(place.path().join("two.toml"), two).unwrap();
    fs::create_dir(place.path().join("folder")).unwrap();
    let said = |more: &[&str]| {
        let arguments = [&["backtest", "two.toml", "--chart", "run.svg"], more].concat();
        refused(place.path(), &arguments)
    };
    assert_eq!(
        said(&[]),
        "--chart draws one strategy; name it with --strategy: hold or full_range"
    );
    assert_eq!(
        said(&["--strategy", "recentre"]),
        "--strategy is recentre; allowed is hold or full_range"
    );
    assert_eq!(
        said(&["--against", "fixed_range"]),
        "--against is fixed_range; allowed is hold or full_range"
    );
    assert_eq!(
        said(&["--strategy", "hold", "--against", "hold"]),
        "--against is hold, the strategy that is drawn; name another"
    );
    let at = |file: &str| {
        refused(place.path(), &["backtest", "two.toml", "--strategy", "hold", "--chart", file])
    };
    assert_eq!(at("folder"), "folder: cannot be written: it is a folder");
    let none = at("no/run.svg");
    assert!(none.starts_with("no/run.svg: cannot be written: "), "{none}");
    for wrong in [["backtest", "--strategy", "hold"], ["backtest", "--against", "hold"]] {
        let ran = tidemill(place.path(), &wrong);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{wrong:?}");
        assert!(ran.stderr.contains("--chart <FILE.svg>"), "{wrong:?}: {}", ran.stderr);
    }
}

/// The strategy that is left is drawn, and the table says where.
#[test]
fn the_other_one_of_two_is_drawn() {
    let place = tempfile::tempdir().unwrap();
    let two = "[[strategy]]\nkind = \"hold\"\n\n[[strategy]]\nkind = \"full_range\"\n";
    fs::write(place.path().join("two.toml"), two).unwrap();
    let command = ["backtest", "two.toml", "--chart", "run.svg", "--against", "hold"];
    let printed = tidemill(place.path(), &command).good();
    assert!(printed.ends_with("\nPicture: run.svg\n"), "{printed}");
    let svg = fs::read_to_string(place.path().join("run.svg")).unwrap();
    assert!(svg.contains("full_range less hold"), "{svg}");
    let json = tidemill(place.path(), &[&command[..], &["--json"]].concat()).json();
    assert_eq!(json["strategies"][1]["name"], "full_range");
    assert_eq!(svg, fs::read_to_string(place.path().join("run.svg")).unwrap());
}
