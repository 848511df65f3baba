//! Tapes without a tick map.

use std::fs;
use std::path::Path;

use tidemill_market::ObservedPool;
use tidemill_model::{PoolStart, WindowStart};
use tidemill_store::read_tape;

use crate::recorded_data::recorded;
use crate::run::{refused, tidemill};

const POOL: &str = r#"{
 "chain_id": 42161,
 "pool": "0xC6962004f452bE9203591991D15f6b388e09E8D0",
 "kind": "uniswap_v3",
 "token0": { "symbol": "WETH", "decimals": 18 },
 "token1": { "symbol": "USDC", "decimals": 6 },
 "fee_pips": 500,
 "tick_spacing": 10,
 "tick_map": "unknown",
 "fee_protocol0": 0,
 "fee_protocol1": 0
}"#;

const HEADER: &str = "kind,time_utc,block,log_index,amount0,amount1,sqrt_price_x96_after,\
    liquidity_after,tick_after";

/// The first swaps of the recorded fortnight of that pool.
const SWAPS: [&str; 5] = [
    "swap,2025-06-26 21:30:36,351528575,10,1000000000000000,-2427482,3904507509444754959636885,\
     8255063126016221642,-198370",
    "swap,2025-06-26 21:30:54,351528646,9,77667115289191827,-188535496,3904505699970890871463828,\
     8255063126016221642,-198370",
    "swap,2025-06-26 21:30:57,351528661,26,-2813200158095869067,6835937500,\
     3904571275237793184115410,8255063126016221642,-198369",
    "swap,2025-06-26 21:30:57,351528661,54,-4185259959661322677,10170400000,\
     3904668837085678376637277,8255063126016221642,-198369",
    "swap,2025-06-26 21:30:57,351528661,60,-511519208708904548,1243053213,\
     3904680761353003613960220,8255063126016221642,-198369",
];

fn write(folder: &Path, swaps: &[&str]) {
    fs::write(folder.join("pool.json"), POOL).unwrap();
    fs::write(folder.join("events.csv"), format!("{HEADER}\n{}\n", swaps.join("\n"))).unwrap();
}

/// Writes a tape without a tick map, `window.parquet`, and the folder it comes from.
pub(crate) fn write_window(home: &Path) {
    let folder = home.join("window");
    fs::create_dir(&folder).unwrap();
    write(&folder, &SWAPS);
    tidemill(home, &["tape", "import", "window", "--out", "window.parquet"]).good();
}

/// Writes the first of those swaps as a raw log, `logs.csv`.
pub(crate) fn write_logs(home: &Path) {
    let signature = "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67";
    let someone = format!("0x{:064x}", 1);
    let words = [
        format!("{:064x}", 1_000_000_000_000_000_u64),
        format!("{:f>64}", format!("{:x}", -2_427_482_i32)),
        format!("{:064x}", 3_904_507_509_444_754_959_636_885_u128),
        format!("{:064x}", 8_255_063_126_016_221_642_u64),
        format!("{:f>64}", format!("{:x}", -198_370_i32)),
    ];
    let header = "block_number,block_time_utc,log_index,topics,data";
    let place = "351528575,2025-06-26 21:30:36,10";
    let topics = [signature, &someone, &someone].join("|");
    let text = format!("{header}\n{place},{topics},0x{}\n", words.concat());
    fs::write(home.join("logs.csv"), text).unwrap();
}

#[test]
fn a_window_is_replayed_as_observed_and_refused_elsewhere() {
    let home = tempfile::tempdir().unwrap();
    write_window(home.path());
    let command = ["replay", "window.parquet", "--fidelity", "observed"];
    let json = tidemill(home.path(), &[&command[..], &["--json"]].concat()).json();
    assert_eq!(json["fidelity"], "observed");
    assert_eq!(json["events"], 5);
    assert_eq!((&json["swaps"], &json["swaps_exact"]["swaps"]), (&4.into(), &4.into()));
    assert_eq!(json["opened_by_first_swap"], true);
    assert_eq!(json["swaps_exact"]["paid0"], "77667115289191827");
    assert_eq!(json["swaps_exact"]["share_of_volume1_ppm"], 1_000_000);
    assert_eq!(json["swaps_bounded"]["share_of_fees0_ppm"], 0);
    assert_eq!(json["fee_growth_global_0_x128"]["certainty"], "exact");
    assert_eq!(json["sqrt_price_x96"], "3904680761353003613960220");
    assert_eq!(json["findings"], serde_json::json!([]));
    let text = tidemill(home.path(), &command).good();
    for row in ["fidelity", "exact", "inferred", "bounded", "unresolved", "first unresolved"] {
        assert!(text.contains(row), "{text}");
    }
    for arguments in [
        &["replay", "window.parquet"][..],
        &[
            "position",
            "window.parquet",
            "--lower",
            "-198380",
            "--upper",
            "-198360",
            "--liquidity",
            "1000",
            "--footprint",
            "price-taker",
        ],
    ] {
        let refusal = refused(home.path(), arguments);
        assert!(refusal.contains("no tick map"), "{refusal}");
    }
}

#[test]
fn a_hole_in_a_window_is_a_finding() {
    let home = tempfile::tempdir().unwrap();
    let [first, second, _, fourth, fifth] = SWAPS;
    write(home.path(), &[first, second, fourth, fifth]);
    let ran = tidemill(home.path(), &["replay", ".", "--fidelity", "observed"]);
    let finding = ran.refusal(1);
    assert!(finding.contains("block 351528661, log index 54"), "{finding}");
}

#[test]
fn swaps_that_do_not_say_where_they_ended_are_findings() {
    let home = tempfile::tempdir().unwrap();
    let ran = tidemill(home.path(), &["replay", "--fidelity", "observed"]);
    let finding = ran.refusal(1);
    assert!(finding.contains("the swap does not say its price, liquidity and tick"), "{finding}");
}

/// What the README of the set promises, from its file through the data folder to a tape that says
/// itself that it has no tick map.
#[test]
fn a_fortnight_out_of_the_data_folder_is_where_the_chain_was_at_every_hour() {
    let Some(set) = recorded("univ3-arbitrum-weth-usdc-500-2025-07") else { return };
    let set = fs::canonicalize(set).unwrap();
    let home = tempfile::tempdir().unwrap();
    let ran = |arguments: &[&str]| tidemill(home.path(), arguments);
    let file = |name: &str| set.join(name).display().to_string();
    let (events, states) = (file("events.csv.zst"), file("hourly_states.csv"));
    let pool = "0xc6962004f452be9203591991d15f6b388e09e8d0";
    let of_pool = format!("pool={pool}");
    let named = ["--set", "chain=42161", "--set", &of_pool, "--json"];
    let layout = ["data", "import", &events, "--as", "arbitrum-weth-usdc-500", "--json"];
    assert_eq!(ran(&layout).json()["rows"], 378_511);
    let layout = ["data", "import", &states, "--as", "pool-states"];
    assert_eq!(ran(&[&layout[..], &named].concat()).json()["rows"], 334);
    let export = |dataset: &str, more: &[&str]| {
        let source = format!("{dataset}/chain=42161/pool={pool}");
        ran(&[&["data", "export", &source], more].concat()).good();
    };
    export("pool_events", &["--tape", "--out", "window.parquet"]);
    export("pool_states", &["--out", "states.csv"]);
    let replayed = ran(&["replay", "window.parquet", "--fidelity", "observed", "--json"]).json();
    let swaps = |class: &str| replayed[format!("swaps_{class}")]["swaps"].as_u64().unwrap();
    assert_eq!(["exact", "inferred", "bounded", "unresolved"].map(swaps), [305_229, 7_132, 1, 0]);
    assert_eq!(replayed["findings_in_all"], 0);
    let refusal = refused(home.path(), &["replay", "window.parquet"]);
    assert!(refusal.contains("no tick map"), "{refusal}");
    let tape = read_tape(&home.path().join("window.parquet")).unwrap();
    let start = WindowStart { fee_protocol: [0; 2], state: None };
    assert_eq!(tape.header.start, PoolStart::Window(start));
    let mut pool = ObservedPool::new(&tape).unwrap();
    let mut events = tape.events.iter().peekable();
    let mut equal = 0;
    for line in fs::read_to_string(home.path().join("states.csv")).unwrap().lines().skip(1) {
        // block, time, sqrt_price_x96, tick, liquidity, and fee growth.
        let fields: Vec<&str> = line.split(',').collect();
        let block: u64 = fields[0].parse().unwrap();
        while let Some(event) = events.next_if(|event| event.block.0 <= block) {
            pool.apply(event);
        }
        let place = pool.place().unwrap();
        let ours =
            [place.sqrt_price.to_string(), place.tick.to_string(), place.liquidity.to_string()];
        assert_eq!(ours.each_ref().map(String::as_str), fields[2..5], "at block {block}");
        equal += 1;
    }
    assert_eq!(equal, 334);
}
