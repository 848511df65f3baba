//! A recorded pool of shares through the command: Balancer v1 DAI/WETH 20/80 from its creation on,
//! as a folder that is made here of the data set's own files.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::recorded_balancer_v1::tape;
use crate::run::tidemill;
use crate::share_folder::write_folder;

#[test]
fn the_whole_recorded_balancer_pool_replays_and_takes_a_backtest() {
    let Some((tape, held)) = tape() else { return };
    let work = TempDir::new().unwrap();
    write_folder(&tape, &work.path().join("pool"));
    let json = tidemill(work.path(), &["replay", "pool", "--json"]).json();
    let number = |name: &str| json[name].as_u64().unwrap();
    assert_eq!(number("swaps_exact_in") + number("swaps_exact_out"), 10_537);
    assert_eq!((number("liquidity_changes"), number("mismatches")), (48, 0));
    let held: Vec<_> = held.as_slice().iter().map(ToString::to_string).collect();
    assert_eq!(json["balances"], Value::from(held));

    let mut fees = Vec::new();
    for footprint in ["price-taker", "re-executed"] {
        let config = format!("tape = \"pool\"\nfootprint = \"{footprint}\"\n");
        fs::write(work.path().join("run.toml"), config).unwrap();
        let json = tidemill(work.path(), &["backtest", "run.toml", "--json"]).json();
        assert_eq!(json["pool"], "DAI/WETH balancer_v1");
        assert_eq!(json["swaps"], 10_537);
        let shares = &json["strategies"][1];
        let of = |name: &str| -> i128 { shares[name].as_str().unwrap().parse().unwrap() };
        let parts = of("fees_quote") - of("il_quote") - of("swap_cost_quote") - of("gas_quote");
        assert_eq!(parts, of("net_quote"));
        fees.push(of("fees_quote"));
    }
    let [taker, real] = fees[..] else { panic!("both footprints") };
    assert!(real > 0 && real < taker && taker < real / 20 * 21, "{taker} {real}");
}
