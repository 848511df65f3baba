//! Tapes of Uniswap v3's kin, from a folder and from a file: replayed, a position followed, and
//! backtested, in text and in JSON.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks out the variants that it is about"
)]

use std::fs;

use serde_json::Value;
use tempfile::TempDir;
use tidemill_amm::concentrated::Build;
use tidemill_model::{BuildEvent, PoolEvent};
use tidemill_store::write_tape;

use crate::build_folder::write_folder;
use crate::run::tidemill;
use crate::synthetic_builds::{KIN, SyntheticBuild};

/// A lively tape as a folder and as a file.
fn written(build: Build) -> (SyntheticBuild, TempDir) {
    let made = SyntheticBuild::lively(build, 40);
    let work = TempDir::new().unwrap();
    write_folder(&made.tape, &work.path().join("folder"));
    write_tape(&work.path().join("tape.parquet"), &made.tape).unwrap();
    (made, work)
}

const FORMS: [&str; 2] = ["folder", "tape.parquet"];

#[test]
fn each_build_replays_to_the_pool_that_was_left() {
    for build in KIN {
        let (made, work) = written(build);
        for form in FORMS {
            let json = tidemill(work.path(), &["replay", form, "--json"]).json();
            let events = made.tape.events.len();
            assert_eq!((&json["events"], &json["mismatches"]), (&events.into(), &0.into()));
            assert!(json["swaps"].as_u64().unwrap() >= 80, "{build:?} {form}: {json}");
            assert_eq!(json["sqrt_price_x96"], made.pool.sqrt_price().to_string(), "{build:?}");
            assert_eq!(json["tick"], made.pool.tick().0, "{build:?} {form}");
            assert_eq!(json["liquidity"], made.pool.liquidity().to_string(), "{build:?}");
            let growth = made.pool.fee_growth_global().map(|growth| growth.0.to_string());
            let shown = ["fee_growth_global_0_x128", "fee_growth_global_1_x128"];
            assert_eq!(shown.map(|name| json[name].clone()), growth.map(Value::from));
            let text = tidemill(work.path(), &["replay", form]).good();
            for shown in [events.to_string(), made.pool.sqrt_price().to_string()] {
                assert!(text.contains(&shown), "{build:?} {form}: {text}");
            }
        }
    }
}

#[test]
fn a_folder_of_each_build_is_imported_as_the_file_is_written() {
    for build in KIN {
        let (_, work) = written(build);
        let import = ["tape", "import", "folder", "--out", "imported.parquet", "--json"];
        let imported = tidemill(work.path(), &import).json();
        let written = tidemill(work.path(), &["tape", "info", "tape.parquet", "--json"]).json();
        assert_eq!(imported, written);
        let [one, other] = ["imported.parquet", "tape.parquet"]
            .map(|name| fs::read(work.path().join(name)).unwrap());
        assert_eq!(one, other, "{build:?}");
    }
}

#[test]
fn a_position_is_followed_in_each_build() {
    for build in KIN {
        let (_, work) = written(build);
        for footprint in ["price-taker", "re-executed"] {
            let run = |form: &str, more: &[&str]| {
                let request = ["position", form, "--lower", "-600", "--upper", "600"];
                let size = ["--liquidity", "1000000000000000000000", "--open", "1000"];
                let how = ["--footprint", footprint];
                let all = [request.as_slice(), &size, &how, more].concat();
                tidemill(work.path(), &all)
            };
            let json = run("folder", &["--json"]).json();
            assert_eq!(run("tape.parquet", &["--json"]).json(), json, "{build:?}");
            for field in ["fees0", "fees1", "deposit0", "withdraw0"] {
                let amount: u128 = json[field].as_str().unwrap().parse().unwrap();
                assert!(amount > 0, "{build:?} {footprint}: {json}");
            }
            assert!(json["in_range_swaps"].as_u64().unwrap() > 0, "{build:?}: {json}");
            let text = run("folder", &[]).good();
            assert!(text.contains(json["fees0"].as_str().unwrap()), "{build:?}: {text}");
            assert_eq!(run("tape.parquet", &[]).good(), text, "{build:?}");
        }
    }
}

#[test]
fn backtests_run_on_each_build() {
    for build in KIN {
        let (_, work) = written(build);
        for footprint in ["price-taker", "re-executed"] {
            let run = |form: &str, more: &[&str]| {
                let config = format!(
                    "tape = \"{form}\"\nfootprint = \"{footprint}\"\nnative_price_quote = \
                     \"2000\"\n"
                );
                fs::write(work.path().join("run.toml"), config).unwrap();
                tidemill(work.path(), &[&["backtest", "run.toml"], more].concat())
            };
            let [folder, file] = FORMS.map(|form| run(form, &["--json"]).json());
            let strategies = folder["strategies"].as_array().unwrap();
            assert_eq!(folder["strategies"], file["strategies"], "{build:?} {footprint}");
            assert!(strategies.len() > 2, "{folder}");
            let mut earned = 0;
            for strategy in strategies {
                let of =
                    |field: &str| -> i128 { strategy[field].as_str().unwrap().parse().unwrap() };
                let costs = of("il_quote") + of("swap_cost_quote") + of("gas_quote");
                assert_eq!(of("fees_quote") - costs, of("net_quote"), "{build:?}: {strategy}");
                earned += usize::from(of("fees_quote") > 0);
            }
            assert!(earned > 1, "{build:?} {footprint}: {folder}");
            let text = run("folder", &[]).good();
            for strategy in strategies {
                assert!(text.contains(strategy["name"].as_str().unwrap()), "{text}");
            }
        }
    }
}

/// What only this build's logs say is compared: a number one too high is named with its row.
#[test]
fn a_wrong_number_of_a_build_is_named() {
    for (build, field) in [
        (Build::PancakeV3, "protocol_fee0"),
        (Build::Slipstream, "amount0"),
        (Build::UniswapV4, "fee_pips"),
    ] {
        let (mut made, work) = written(build);
        let wrong = |event: &mut PoolEvent| match event {
            PoolEvent::Build(event) => match event.as_mut() {
                BuildEvent::PancakeSwap { protocol_fees: Some([fee0, _]), .. } if *fee0 > 0 => {
                    *fee0 += 1;
                    true
                }
                BuildEvent::CollectFees(amounts) => {
                    amounts.amount0.0 += tidemill_units::U256::ONE;
                    true
                }
                BuildEvent::ManagedSwap { fee: Some(fee), .. } => {
                    fee.0 += 1;
                    true
                }
                _ => false,
            },
            _ => false,
        };
        let mut rows = made.tape.events.iter_mut();
        let row = rows.find_map(|row| wrong(&mut row.event).then_some(&*row)).unwrap();
        let place = format!("block {}, log index {}", row.block, row.log_index);
        write_folder(&made.tape, &work.path().join("folder"));
        let ran = tidemill(work.path(), &["replay", "folder"]);
        let said = ran.refusal(1);
        assert!(said.contains(&place), "{build:?} {field}: {said}");
    }
}
