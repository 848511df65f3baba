//! Campaigns as a user designs them.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tidemill_amm::concentrated::Build;
use tidemill_units::Timestamp;

use crate::recorded_balancer_v1;
use crate::run::{refused, tidemill};
use crate::synthetic_builds::{KIN, SyntheticBuild};
use crate::synthetic_shares::SyntheticShares;

fn design(toml: &str) -> Value {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("c.toml"), toml).unwrap();
    tidemill(place.path(), &["campaign", "c.toml", "--json"]).json()
}

fn raw(value: &Value) -> u128 {
    value.as_str().unwrap().parse().unwrap()
}

/// Every part of every budget, added up, is the budget.
#[track_caller]
fn check_books(sheet: &Value) {
    for programme in sheet["programmes"].as_array().unwrap() {
        for outcome in programme["outcomes"].as_array().unwrap() {
            let parts = outcome["capture"].as_object().unwrap();
            assert_eq!(parts.len(), 10);
            let sum: u128 = parts.values().map(raw).sum();
            assert_eq!(sum, raw(&outcome["budget"]), "{}", programme["name"]);
        }
    }
}

/// The sample week, by every programme that fits it, as it was when somebody last looked at it:
/// `TIDEMILL_WRITE_GOLDEN=1` writes the file instead of comparing.
#[test]
fn the_sample_week_is_as_recorded() {
    let toml = "budgets = [\"0\", \"100000\", \"200000\"]\n[reward]\nsymbol = \"ARB\"\n\
                price_quote = \"0.8\"\n[supply]\nstaked_part = 0.6\n";
    let mut sheet = design(toml);
    check_books(&sheet);
    sheet["provenance"]["tidemill_version"] = Value::Null;
    // Points to draw with, which follow from the half-life.
    for programme in sheet["programmes"].as_array_mut().unwrap() {
        for outcome in programme["outcomes"].as_array_mut().unwrap() {
            assert_eq!(outcome.as_object_mut().unwrap().remove("path").unwrap()[0][0], 0.0);
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/campaign.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&sheet).unwrap());
    if std::env::var_os("TIDEMILL_WRITE_GOLDEN").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &text).unwrap();
    }
    assert!(text == fs::read_to_string(&file).unwrap(), "TIDEMILL_WRITE_GOLDEN=1 records it");
    let idle = ["parked", "just_in_time", "same_block"];
    let before = raw(&sheet["before"]["depth"][0]["depth"]["up"]);
    for programme in sheet["programmes"].as_array().unwrap() {
        let [none, half, whole] = [0, 1, 2].map(|place| &programme["outcomes"][place]);
        // Nothing paid, nothing changed; more paid, more liquidity.
        assert_eq!((raw(&none["added_quote"]), &none["depth"]), (0, &sheet["before"]["depth"]));
        assert_eq!(none["trade"], sheet["before"]["trade"]);
        let [less, more] = [half, whole].map(|outcome| raw(&outcome["added_quote"]));
        if programme["kind"] == "slipstream_gauge" {
            // Its voters get the fees of what is staked, and the emission is worth less than them.
            assert_eq!((less, more), (0, 0));
            assert!(raw(&whole["fees_to_voters_quote"]) > raw(&whole["budget_quote"]));
            continue;
        }
        assert!(0 < less && less < more);
        assert_eq!(whole["fees_to_voters_quote"], "0");
        let depth = |outcome: &Value| raw(&outcome["depth"][0]["depth"]["up"]);
        assert!(before < depth(half) && depth(half) < depth(whole));
        let impact = |outcome: &Value| outcome["trade"]["impact_bps"].as_f64().unwrap();
        assert!(impact(none) > impact(half) && impact(half) > impact(whole));
        // What remains falls from day to day.
        let kept: Vec<_> =
            (0..3).map(|day| raw(&whole["retained"][day]["capital_quote"])).collect();
        assert!(more > kept[0] && kept[0] > kept[1] && kept[1] > kept[2], "{kept:?}");
        assert_eq!(kept[0], more / 2, "after one half-life of seven days");
        let paid = idle.map(|group| raw(&whole["capture"][group]) > 0);
        let expected = match programme["kind"].as_str().unwrap() {
            "staking_rewards" => [true, false, false],
            "merkl" => [false, true, true],
            _ => [false, false, false],
        };
        assert_eq!(paid, expected, "{}", programme["name"]);
        // Only the staker leaves the part of what is not staked, and that is not spent.
        let percent = |part: &str| raw(&whole["capture"][part]) * 100 / raw(&whole["budget"]);
        let returned = percent("returned");
        let is_staker = programme["kind"] == "v3_staker";
        assert!(if is_staker { (35..41).contains(&returned) } else { returned == 0 }, "{returned}");
        assert_eq!(percent("rest"), 0);
        let spent = raw(&whole["spent_quote"]) * 100 / raw(&whole["budget_quote"]);
        assert!(spent.abs_diff(100 - returned) <= 1, "{spent}");
        // Only where ranges do not count are those paid whose range the price has left.
        let is_blind = programme["kind"] == "staking_rewards";
        assert_eq!(raw(&whole["capture"]["out_of_range"]) > 0, is_blind, "{}", programme["name"]);
    }
}

/// An emission that is worth more than the fees brings capital to a gauge whose voters get them.
#[test]
fn a_gauge_of_voters_has_to_pay_more_than_the_fees() {
    let sheet = design(
        "budgets = [\"1000000\", \"20000000\"]\n[[programme]]\nkind = \"slipstream_gauge\"\n",
    );
    check_books(&sheet);
    let [less, more] = [0, 1].map(|place| &sheet["programmes"][0]["outcomes"][place]);
    assert_eq!(less["added_quote"], "0");
    assert_eq!(less["yields"]["rewards"], 0.0);
    assert!(raw(&more["added_quote"]) > 0);
    // All of it is staked and lives on the emission, which pays what fees paid before.
    assert_eq!(more["yields"]["fees"], 0.0);
    let [rewards, need] =
        [&more["yields"]["rewards"], &sheet["before"]["need"]].map(|value| value.as_f64().unwrap());
    assert!((rewards / need - 1.0).abs() < 0.01, "{rewards} {need}");
    assert!(raw(&more["capture"]["added"]) > raw(&less["capture"]["added"]));
    let from = raw(&sheet["programmes"][0]["brings_from"]);
    assert!(raw(&less["budget"]) < from && from < raw(&more["budget"]), "{from}");
}

/// Without programmes those are compared that fit, and the others are named.
#[test]
fn a_kind_that_does_not_fit_the_schedule_is_left_out_of_the_default() {
    let sheet = design("budgets = [\"50000\"]\n[schedule]\nduration_days = 10\n");
    let programmes = sheet["programmes"].as_array().unwrap();
    let kinds: Vec<_> = programmes.iter().map(|programme| &programme["kind"]).collect();
    assert_eq!(kinds, ["staking_rewards", "v3_staker", "merkl"]);
    let notes = sheet["notes"].to_string();
    let said = "Left out, as it does not fit: programme `slipstream_gauge`: schedule.duration_days \
                is 10; allowed is whole epochs of 7 days.";
    assert!(notes.contains(said), "{notes}");
}

#[test]
fn where_no_capital_answers_none_comes() {
    let sheet = design(
        "budgets = [\"1000000\"]\n[supply]\nepsilon = 0\nplacement = \"present\"\n\
         [[programme]]\nkind = \"v3_staker\"\n",
    );
    let outcome = &sheet["programmes"][0]["outcomes"][0];
    assert_eq!(outcome["added_quote"], "0");
    assert_eq!(outcome["depth"], sheet["before"]["depth"]);
    assert_eq!(outcome["cost_per_depth_day"], Value::Null);
    check_books(&sheet);
}

/// The page stands alone, without a script, and says everything once more.
#[test]
fn the_page_and_its_data_are_written_beside_each_other() {
    let place = tempfile::tempdir().unwrap();
    let toml = "budgets = [\"50000\"]\n[[programme]]\nkind = \"v3_staker\"\n\
                name = \"</style><b>bold</b>\"\n";
    fs::write(place.path().join("c.toml"), toml).unwrap();
    let table = tidemill(place.path(), &["campaign", "c.toml", "--out", "report"]).good();
    assert!(table.contains("Report: report/campaign.html"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 120), "{table}");
    let page = fs::read_to_string(place.path().join("report/campaign.html")).unwrap();
    for reference in ["http:", "https:", "src=", "@import", "url(", "<script", "{{"] {
        assert!(!page.contains(reference), "{reference}");
    }
    assert!(!page.contains("<b>bold") && page.contains("&lt;b&gt;bold"), "a name is text");
    assert!(page.contains("✓ they do."));
    assert_eq!(page.matches("<polyline").count(), 1 + 6, "a key and six charts");
    let data = fs::read_to_string(place.path().join("report/campaign.json")).unwrap();
    let data: Value = serde_json::from_str(&data).unwrap();
    check_books(&data);
}

/// Swaps to and fro over a day, and the campaign on them.
fn on_shares(mut pool: SyntheticShares, sizes: [u128; 2], toml: &str) -> Value {
    let place = tempfile::tempdir().unwrap();
    for turn in 0..120_u8 {
        pool.skip_blocks(60);
        let way = turn % 2;
        pool.swap(way, 1 - way, sizes[usize::from(way)]).unwrap();
    }
    let SyntheticShares { header, start, events, .. } = pool;
    let tape = tidemill_store::ShareTape { header, start, events };
    tidemill_store::write_share_tape(&place.path().join("pool.parquet"), &tape).unwrap();
    fs::write(place.path().join("c.toml"), format!("tape = \"pool.parquet\"\n{toml}")).unwrap();
    let sheet = tidemill(place.path(), &["campaign", "c.toml", "--json"]).json();
    check_books(&sheet);
    sheet
}

const WAD: u128 = 1_000_000_000_000_000_000;
const SMALL: &str = "budgets = [\"1000\", \"2000\"]\n[measure]\ntrade_quote = \"30000\"\n";

#[test]
fn a_pair_of_shares_is_designed_for() {
    let sheet = on_shares(SyntheticShares::pair(), [20_000_000_000, 6_640 * WAD / 1_000], SMALL);
    // Twice 3,000,000 in a pair, and the fees since.
    let capital = raw(&sheet["before"]["capital_quote"]);
    assert!((5_990_000_000_000..6_100_000_000_000).contains(&capital), "{capital}");
    // 60 swaps of 20,000 and as many back, at 0.3 %.
    let fees = raw(&sheet["before"]["fees_quote"]);
    assert!((6_900_000_000..7_400_000_000).contains(&fees), "{fees}");
    // 30,000 into 3,000,000 gets about one part in a hundred less.
    let impact = sheet["before"]["trade"]["impact_bps"].as_f64().unwrap();
    assert!((95.0..103.0).contains(&impact), "{impact}");
    // sqrt(1.01) - 1 of 3,000,000.
    let up = raw(&sheet["before"]["depth"][0]["depth"]["up"]);
    assert!((14_900_000_000..15_200_000_000).contains(&up), "{up}");
    let programmes = sheet["programmes"].as_array().unwrap();
    let kinds: Vec<_> = programmes.iter().map(|programme| &programme["kind"]).collect();
    let gauges = ["curve_gauge", "balancer_gauge", "aerodrome_gauge"];
    assert_eq!(kinds, [&["staking_rewards", "master_chef"][..], &gauges].concat());
    for programme in programmes {
        let [less, more] = [0, 1].map(|place| raw(&programme["outcomes"][place]["added_quote"]));
        if programme["kind"] == "aerodrome_gauge" {
            // 2,000 in four weeks are less than the fees of a day.
            assert_eq!((less, more), (0, 0));
            continue;
        }
        assert!(0 < less && less < more, "{programme}");
        let capture = &programme["outcomes"][1]["capture"];
        assert_eq!((&capture["parked"], &capture["same_block"]), (&"0".into(), &"0".into()));
    }
}

#[test]
fn pools_of_shares_of_other_kinds_are_designed_for_too() {
    let toml = format!("{SMALL}[reward]\nsymbol = \"ARB\"\nprice_quote = \"0.8\"\n");
    let coins = on_shares(SyntheticShares::three_coins(), [20_000 * WAD, 20_000_000_000], &toml);
    let apart = SyntheticShares::fees_apart();
    let apart = on_shares(apart, [20_000_000_000, 6_640 * WAD / 1_000], &toml);
    for sheet in [coins, apart] {
        assert!(raw(&sheet["before"]["fees_quote"]) > 0);
        for side in ["up", "down"] {
            assert!(raw(&sheet["before"]["depth"][0]["depth"][side]) > 0, "{side}");
        }
        for programme in sheet["programmes"].as_array().unwrap() {
            let is_of_voters = programme["kind"] == "aerodrome_gauge";
            let came = raw(&programme["outcomes"][0]["added_quote"]) > 0;
            assert_eq!(came, !is_of_voters, "{programme}");
        }
    }
}

/// The recorded Balancer pool, which takes no more than half of what it has, and deposits in its
/// own rounding alone.
#[test]
fn a_recorded_balancer_pool_is_designed_for() {
    let Some((tape, _)) = recorded_balancer_v1::tape() else { return };
    let place = tempfile::tempdir().unwrap();
    tidemill_store::write_share_tape(&place.path().join("pool.parquet"), &tape).unwrap();
    let toml = "tape = \"pool.parquet\"\nbudgets = [\"10000\"]\n[measure]\n\
                depth_percent = [1, 2, 50]\ntrade_quote = \"1000\"\n";
    fs::write(place.path().join("c.toml"), toml).unwrap();
    let sheet = tidemill(place.path(), &["campaign", "c.toml", "--json"]).json();
    check_books(&sheet);
    let depth = |place: usize, side: &str| raw(&sheet["before"]["depth"][place]["depth"][side]);
    assert!(0 < depth(0, "up") && depth(0, "up") < depth(1, "up"));
    assert!(0 < depth(0, "down") && depth(0, "down") < depth(1, "down"));
    let outcome = &sheet["programmes"][0]["outcomes"][0];
    assert!(raw(&outcome["added_quote"]) > 0);
    assert!(raw(&outcome["depth"][0]["depth"]["up"]) > depth(0, "up"));
}

/// A block's reward of a token of six decimals, times 10^12, is less than the shares of a stable
/// pool: MasterChef's division leaves nothing of it. Nobody is paid, and so nobody comes.
#[test]
fn a_reward_of_few_decimals_is_lost_between_a_chefs_blocks() {
    let sheet = on_shares(SyntheticShares::three_coins(), [20_000 * WAD, 20_000_000_000], SMALL);
    let chef = &sheet["programmes"][1];
    assert_eq!(chef["kind"], "master_chef");
    let outcome = &chef["outcomes"][1];
    assert_eq!((raw(&outcome["added_quote"]), raw(&outcome["capture"]["present"])), (0, 0));
    assert_eq!(raw(&outcome["capture"]["rest"]), 1_818_028_800, "in the chef");
    assert_eq!(raw(&outcome["capture"]["returned"]), 168_321, "never minted");
    // The others pay, with 10^18 in place of 10^12.
    assert!(raw(&sheet["programmes"][0]["outcomes"][1]["added_quote"]) > 0);
}

/// A concentrated pool of every build: Uniswap v4 counts no seconds, so that its staker is refused.
#[test]
fn every_build_of_a_concentrated_pool_is_designed_for() {
    for build in KIN {
        let made = SyntheticBuild::lively(build, 60);
        let mut tape = made.tape.clone();
        for event in &mut tape.events {
            event.time = Timestamp(1_700_000_000 + (event.block.0 - 1_000) * 400);
        }
        let place = tempfile::tempdir().unwrap();
        tidemill_store::write_tape(&place.path().join("pool.parquet"), &tape).unwrap();
        let kinds = ["staking_rewards", "slipstream_gauge", "merkl", "v3_staker"];
        let toml = |kinds: &[&str]| {
            let programmes: String =
                kinds.iter().map(|kind| format!("[[programme]]\nkind = \"{kind}\"\n")).collect();
            format!(
                "tape = \"pool.parquet\"\nbudgets = [\"0\", \"1000\"]\n[supply]\n\
                 placement = \"present\"\nrequired_return = 0.01\n[measure]\n\
                 trade_quote = \"0.001\"\n{programmes}"
            )
        };
        fs::write(place.path().join("c.toml"), toml(&kinds)).unwrap();
        let is_v4 = made.pool.build() == Build::UniswapV4;
        if is_v4 {
            let said = refused(place.path(), &["campaign", "c.toml", "--out", "report"]);
            let expected = "c.toml: programme `v3_staker`: kind is v3_staker; allowed is a pool \
                            that counts seconds per liquidity; this one has no oracle";
            assert_eq!(said, expected);
            fs::write(place.path().join("c.toml"), toml(&kinds[..3])).unwrap();
        }
        let sheet = tidemill(place.path(), &["campaign", "c.toml", "--json"]).json();
        check_books(&sheet);
        let programmes = sheet["programmes"].as_array().unwrap();
        assert_eq!(programmes.len(), if is_v4 { 3 } else { 4 });
    }
}

#[test]
fn what_a_gauge_of_shares_cannot_do_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let mut pool = SyntheticShares::pair();
    pool.skip_blocks(600);
    pool.swap(0, 1, 1_000_000_000).unwrap();
    let SyntheticShares { header, start, events, .. } = pool;
    let tape = tidemill_store::ShareTape { header, start, events };
    tidemill_store::write_share_tape(&place.path().join("pool.parquet"), &tape).unwrap();
    let check = |toml: &str, expected: &str| {
        let toml = format!("tape = \"pool.parquet\"\n{toml}");
        fs::write(place.path().join("c.toml"), toml).unwrap();
        let said = refused(place.path(), &["campaign", "c.toml", "--out", "report"]);
        assert_eq!(said, format!("c.toml: {expected}"));
    };
    check(
        "[schedule]\nduration_days = 331\n[[programme]]\nkind = \"curve_gauge\"\n",
        "programme `curve_gauge`: schedule.duration_days is 331; allowed is at most 330 days, one \
         rate of the emission",
    );
    check(
        "[[programme]]\nkind = \"curve_gauge\"\nvotes_of_present = 0.7\nvotes_of_added = 0.4\n",
        "programme `curve_gauge`: votes_of_added is 0.4; allowed is at most what votes_of_present \
         leaves of 1",
    );
    check(
        "budgets = [\"5000000000\"]\n[reward]\nsymbol = \"BAL\"\nprice_quote = \"2\"\n\
         [[programme]]\nkind = \"balancer_gauge\"\n",
        "programme `balancer_gauge`: budgets is 5000000000.000000000000000000; allowed is at most \
         579999.999999999998361600, the first year's emission",
    );
    check(
        "[[programme]]\nkind = \"aerodrome_gauge\"\nvotes_of_added = 0.4\n",
        "programme `aerodrome_gauge`: votes_of_added is given for aerodrome_gauge; allowed is with \
         kind curve_gauge or balancer_gauge only",
    );
    check(
        "[schedule]\nduration_days = 10\n[[programme]]\nkind = \"aerodrome_gauge\"\n",
        "programme `aerodrome_gauge`: schedule.duration_days is 10; allowed is whole epochs of 7 \
         days",
    );
    check(
        "budgets = [\"2\"]\n[[programme]]\nkind = \"aerodrome_gauge\"\n",
        "programme `aerodrome_gauge`: budgets is 2.000000; allowed is at least 2.419200, one raw \
         unit a second",
    );
    check(
        "[[programme]]\nkind = \"master_chef\"\nblock_seconds = 0\n",
        "programme `master_chef`: block_seconds is 0; allowed is 1 to 3600",
    );
    check(
        "[[programme]]\nkind = \"merkl\"\n",
        "programme `merkl`: kind is merkl; allowed is staking_rewards, master_chef, curve_gauge, \
         balancer_gauge, aerodrome_gauge, for shares",
    );
    check(
        "[supply]\nplacement = \"band\"\n",
        "supply.placement is band; allowed is present, in a pool of shares",
    );
    // A single event spans no time.
    check("", "the tape spans less than an hour: too little to measure");
}
