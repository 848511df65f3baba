//! A farm over the sample week, from its configuration to table, JSON and page.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::run::tidemill;

/// A programme over most of the week; one strategy as it is, and farmed in three ways.
const FARM: &str = r#"
[[reward]]
kind = "v3_staker"
name = "liquidity drive"
token = "UNI"
amount = "100000"
start = "2024-12-02 00:00:00"
end = "2024-12-07 00:00:00"
prices = "uni.csv"

[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000

[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000
farm = { claim = "break_even", proceeds = "compound" }

[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000
name = "daily"
farm = { claim = "every", claim_every_hours = 24, proceeds = "sell" }

[[strategy]]
kind = "fixed_range"
half_width_ticks = 1000
name = "patient"
farm = { programme = "liquidity drive", claim = "never", proceeds = "hold" }
"#;

const PRICES: &str = "time_utc,price_quote\n2024-11-30 00:00:00,12.5\n2024-12-04 06:00:00,13.75\n\
                      2024-12-06 12:00:00,11\n";

/// An amount of the report, in raw quote units.
pub(crate) fn amount(strategy: &Value, field: &str) -> i128 {
    strategy[field].as_str().unwrap().parse().unwrap()
}

/// Checks that the parts add up to the net result, to the unit.
#[track_caller]
pub(crate) fn check_identity(strategy: &Value) {
    let of = |field: &str| amount(strategy, field);
    let costs = of("il_quote") + of("swap_cost_quote") + of("gas_quote");
    assert_eq!(of("fees_quote") + of("rewards_quote") - costs, of("net_quote"), "{strategy}");
    let gained = of("final_quote") - of("hold_final_quote");
    assert_eq!(gained, of("net_quote"), "{strategy}");
}

fn place() -> TempDir {
    let place = TempDir::new().unwrap();
    fs::write(place.path().join("farm.toml"), FARM).unwrap();
    fs::write(place.path().join("uni.csv"), PRICES).unwrap();
    place
}

/// Fees, rewards, IL, swap cost, gas and net of each, in raw USDC.
const GOLDEN: [(&str, [i128; 6]); 4] = [
    ("fixed_range", [18_122_474_970, 0, 16_109_744_862, 0, 13_756_402, 1_998_973_706]),
    (
        "fixed_range farmed",
        [17_847_289_448, 20_369_507_025, 16_151_029_975, 61_108_522, 960_278_319, 21_044_379_657],
    ),
    (
        "daily",
        [18_122_474_970, 20_436_634_306, 16_109_744_862, 61_309_905, 526_154_578, 21_861_899_931],
    ),
    ("patient", [18_122_474_970, 17_637_216_987, 16_109_744_862, 0, 101_188_526, 19_548_758_569]),
];

const FIELDS: [&str; 6] =
    ["fees_quote", "rewards_quote", "il_quote", "swap_cost_quote", "gas_quote", "net_quote"];

#[test]
fn a_farm_over_the_week_reports_what_it_was_paid() {
    let place = place();
    let json = tidemill(place.path(), &["backtest", "farm.toml", "--json"]).json();
    let again = tidemill(place.path(), &["backtest", "farm.toml", "--json"]).json();
    assert_eq!(json, again);
    let strategies = json["strategies"].as_array().unwrap();
    let found: Vec<_> = strategies
        .iter()
        .map(|strategy| {
            check_identity(strategy);
            let name = strategy["name"].as_str().unwrap();
            (name, FIELDS.map(|field| amount(strategy, field)))
        })
        .collect();
    assert_eq!(found, GOLDEN);
    // The same position: what it earns in fees does not depend on whether it is staked.
    let [plain, _, daily, patient] = &found[..] else { panic!("four strategies") };
    assert_eq!((plain.1[0], plain.1[1]), (patient.1[0], 0));
    assert_eq!(daily.1[0], patient.1[0]);
}

#[test]
fn table_and_page_show_rewards() {
    let place = place();
    let table = tidemill(place.path(), &["backtest", "farm.toml", "--out", "report"]).good();
    for text in ["rewards", "fixed_range farmed", "✓ daily", "✓ patient"] {
        assert!(table.contains(text), "{text}: {table}");
    }
    let page = fs::read_to_string(place.path().join("report/report.html")).unwrap();
    let (markup, _) = page.split_once("<script").unwrap();
    for text in ["liquidity drive", "v3_staker", "rewards", "UNI", "uni.csv", "farm.claim"] {
        assert!(markup.contains(text), "{text}");
    }
    assert_eq!(page.matches("adds up to the raw unit").count(), 4, "one identity per strategy");
    assert!(!page.contains('✗'));
    let report = fs::read_to_string(place.path().join("report/report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    let printed = tidemill(place.path(), &["backtest", "farm.toml", "--json"]).json();
    assert_eq!(report["strategies"], printed["strategies"]);
}
