//! Each kind of pool of shares from a folder to a report: replayed, imported, and every strategy
//! that makes sense run on it. Curve's pools of three coins and metapools are tested beside.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tidemill_amm::Pool;
use tidemill_amm::constant_product::Holder;
use tidemill_model::ShareEvent;
use tidemill_store::{PoolState, ShareTape};

use crate::run::{example_state, refused, tidemill};
use crate::seeded::Seeded;
use crate::share_folder::write_folder;
use crate::synthetic_shares::SyntheticShares;

const FOOTPRINTS: [&str; 2] = ["price-taker", "re-executed"];

/// A tape of one kind and what a run on it starts with.
struct Case {
    kind: &'static str,
    synthetic: SyntheticShares,
    config: &'static str,
}

/// The documented state of a kind, with some fields changed.
fn state(kind: &str, changed: &Value) -> SyntheticShares {
    let text = fs::read_to_string(example_state(kind)).unwrap();
    let mut state: Value = serde_json::from_str(&text).unwrap();
    for (field, value) in changed.as_object().unwrap() {
        state[field] = value.clone();
    }
    let state = PoolState::from_json(kind, state.to_string().as_bytes()).unwrap();
    SyntheticShares::starting_from(state.pool, state.tokens)
}

/// USDC, WETH and WBTC worth some ten million each.
fn weighted() -> SyntheticShares {
    let token = |symbol: &str, decimals: u8| json!({ "symbol": symbol, "decimals": decimals });
    state(
        "weighted",
        &json!({
            "tokens": [token("USDC", 6), token("WETH", 18), token("WBTC", 8)],
            "balances": ["10000000000000", "3300000000000000000000", "16600000000"],
            "decimals": ["6", "18", "8"],
            "weights": ["333333333333333333", "333333333333333334", "333333333333333333"],
            "rates": [null, null, null],
            "swap_fee": "3000000000000000",
            "total_supply": "20000000000000000000000",
            "protocol_swap_fee": "0",
        }),
    )
}

fn cases() -> Vec<Case> {
    let solidly = |is_stable: bool| {
        let changed = json!({ "is_stable": is_stable, "block_timestamp_last": "1690000000" });
        state("solidly", &changed)
    };
    let fee = json!({ "fee": "25", "fee_scale": "10000", "block_timestamp_last": "1690000000" });
    let pair = state("constant_product", &fee);
    let composable = state("composable_stable", &json!({}));
    let ng = state("stable_swap_ng", &json!({}));
    let dollars = "native_price_quote = \"3000\"\ndeposit_quote = \"2000\"";
    let ether = "native_price_quote = \"1\"\ndeposit_quote = \"200\"";
    [
        ("weighted", weighted(), "deposit_quote = \"300000\""),
        ("composable_stable", composable, ether),
        ("solidly", solidly(false), dollars),
        ("solidly", solidly(true), dollars),
        ("constant_product", pair, "deposit_quote = \"300000\""),
        ("stable_swap_ng", ng, "native_price_quote = \"3000\"\ndeposit_quote = \"300000\""),
    ]
    .into_iter()
    .zip(1..)
    .map(|((kind, mut synthetic, config), seed)| {
        let mut random = Seeded(seed);
        synthetic.busy(60, &mut |bound| random.below(bound));
        claim(&mut synthetic);
        synthetic.busy(60, &mut |bound| random.below(bound));
        Case { kind, synthetic, config }
    })
    .collect()
}

/// Somebody claims fees where a pool keeps them apart.
fn claim(synthetic: &mut SyntheticShares) {
    let Pool::Solidly(pool) = &mut synthetic.pool else { return };
    let claimed = pool.claim_fees(Holder::Others).unwrap();
    synthetic.record(ShareEvent::ClaimFees(Box::new(claimed.into())));
}

fn written(case: &Case, folder: &Path) {
    let (header, start) = (case.synthetic.header.clone(), case.synthetic.start.clone());
    write_folder(&ShareTape { header, start, events: case.synthetic.events.clone() }, folder);
}

#[test]
fn every_kind_replays_from_folder_and_file_to_the_state_it_was_left_in() {
    for mut case in cases() {
        let work = TempDir::new().unwrap();
        written(&case, &work.path().join("pool"));
        let import = ["tape", "import", "pool", "--out", "pool.parquet", "--json"];
        let imported = tidemill(work.path(), &import).json();
        assert_eq!(imported["pool_kind"], case.kind);
        let folder = tidemill(work.path(), &["replay", "pool", "--json"]).json();
        let file = tidemill(work.path(), &["replay", "pool.parquet", "--json"]).json();
        let events = case.synthetic.events.len();
        for json in [&folder, &file] {
            assert_eq!(json["events"], Value::from(events), "{}", case.kind);
            assert_eq!(json["mismatches"], 0, "{json}");
            let shares = case.synthetic.shares();
            let balances: Vec<_> =
                shares.balances().as_slice().iter().map(ToString::to_string).collect();
            assert_eq!(json["balances"], Value::from(balances), "{}", case.kind);
            assert_eq!(json["total_shares"], shares.total_shares().to_string());
        }
        assert!(folder["swaps_exact_in"].as_u64().unwrap() > 80, "{folder}");
        assert!(folder["liquidity_changes"].as_u64().unwrap() > 5, "{folder}");
        let text = tidemill(work.path(), &["replay", "pool"]).good();
        for title in ["deposits and withdrawals", "balances", "total shares", "virtual price"] {
            assert!(text.contains(title), "{text}");
        }
    }
}

#[test]
fn hold_and_full_range_run_on_every_kind_in_both_footprints() {
    for case in cases() {
        let work = TempDir::new().unwrap();
        written(&case, &work.path().join("pool"));
        let mut fees = Vec::new();
        for footprint in FOOTPRINTS {
            let strategies = "[[strategy]]\nkind = \"hold\"\n[[strategy]]\nkind = \"full_range\"";
            let config = format!(
                "tape = \"pool\"\nfootprint = \"{footprint}\"\n{}\n{strategies}\n",
                case.config
            );
            fs::write(work.path().join("run.toml"), config).unwrap();
            let json = tidemill(work.path(), &["backtest", "run.toml", "--json"]).json();
            fees.push(check_run(&json, &case, footprint));
            let text = tidemill(work.path(), &["backtest", "run.toml"]).good();
            for word in ["hold", "full_range", "✓ full_range", case.kind] {
                assert!(text.contains(word), "{word}: {text}");
            }
        }
        let [taker, real] = fees[..] else { panic!("both footprints") };
        assert!(real <= taker && taker < real * 3 / 2, "{}: {taker} {real}", case.kind);
    }
}

/// Returns the fees of the one deposit.
fn check_run(json: &Value, case: &Case, footprint: &str) -> i128 {
    let symbols: Vec<_> =
        case.synthetic.header.tokens.iter().map(|token| token.symbol.as_str()).collect();
    assert_eq!(json["pool"], format!("{} {}", symbols.join("/"), case.kind));
    let strategies = json["strategies"].as_array().unwrap();
    let names: Vec<_> = strategies.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["hold", "full_range"]);
    let amount = |strategy: &Value, name: &str| -> i128 {
        strategy[name].as_str().unwrap().parse().unwrap()
    };
    for strategy in strategies {
        let of = |name| amount(strategy, name);
        let parts = of("fees_quote") - of("il_quote") - of("swap_cost_quote") - of("gas_quote");
        assert_eq!(parts, of("net_quote"), "{strategy}");
        assert_eq!(strategy["footprint"], footprint);
    }
    let [hold, shares] = &strategies[..] else { panic!("two strategies") };
    assert_eq!([amount(hold, "fees_quote"), amount(hold, "net_quote")], [0, 0]);
    assert!(amount(shares, "fees_quote") > 0 && amount(shares, "gas_quote") > 0, "{shares}");
    assert!(shares["time_in_range"].as_f64().unwrap() > 0.9);
    let is_bounded = shares["dilution_bound"].is_number();
    assert_eq!(is_bounded, footprint == "price-taker", "{shares}");
    amount(shares, "fees_quote")
}

#[test]
fn strategies_with_ranges_are_refused_on_every_kind_with_one_message() {
    for case in cases() {
        let work = TempDir::new().unwrap();
        written(&case, &work.path().join("pool"));
        for strategy in ["fixed_range", "recentre", "volatility_range"] {
            let config =
                format!("tape = \"pool\"\n{}\n[[strategy]]\nkind = \"{strategy}\"\n", case.config);
            fs::write(work.path().join("run.toml"), config).unwrap();
            let expected = format!(
                "run.toml: strategy `{strategy}`: {strategy} places ranges of ticks, and a {} pool \
                 has none: its providers hold shares; hold and full_range run on it",
                case.kind
            );
            for arguments in [&["backtest", "run.toml"][..], &["backtest", "run.toml", "--json"]] {
                assert_eq!(refused(work.path(), arguments), expected);
            }
        }
    }
}

/// What the page says of fees and footprints is of shares, and of nobody's range.
#[test]
fn the_page_of_a_share_pool_speaks_of_shares() {
    for case in cases() {
        let work = TempDir::new().unwrap();
        written(&case, &work.path().join("pool"));
        for (footprint, meaning) in FOOTPRINTS.into_iter().zip([
            "The shares count as if they had been minted outside the recorded pool",
            "Every recorded call is made again in a pool that holds these shares",
        ]) {
            let config = format!("tape = \"pool\"\nfootprint = \"{footprint}\"\n{}\n", case.config);
            fs::write(work.path().join("run.toml"), config).unwrap();
            tidemill(work.path(), &["backtest", "run.toml", "--out", "report"]).good();
            let page = fs::read_to_string(work.path().join("report/report.html")).unwrap();
            let (markup, _) = page.split_once("<script").unwrap();
            let (_, markup) = markup.split_once("<body>").unwrap();
            assert!(markup.contains(meaning), "{}", case.kind);
            let of_ranges = ["inside its range", "the ranges held", "range to draw", "fee growth"];
            for wrong in of_ranges {
                assert!(!markup.contains(wrong), "{}: {wrong}", case.kind);
            }
            let fees = if case.kind == "solidly" { "fees per share" } else { "virtual price" };
            assert!(markup.contains(fees), "{}: {fees}", case.kind);
        }
    }
}
