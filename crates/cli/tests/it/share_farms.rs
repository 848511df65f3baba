//! Farms in pools of shares: what a stake beside others' earns.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::farms::{amount, check_identity};
use crate::run::tidemill;
use crate::share_pools;

/// When the first event of the pair's tape is.
pub(crate) const FIRST: &str = "2024-01-05 12:00:00";

/// The tape of a pair: an hour of a swap each minute and block, a supply of one whole share.
pub(crate) fn pair(path: &Path) {
    share_pools::folder(path);
}

/// Runs a deposit of a hundredth of the pool, staked in a programme.
fn farmed(programme: &str, farm: &str, footprint: &str) -> Value {
    let work = TempDir::new().unwrap();
    pair(&work.path().join("pair"));
    let config = format!(
        "tape = \"pair\"\nfootprint = \"{footprint}\"\ndeposit_quote = \"1000000\"\n\
         [[reward]]\ntoken = \"RWD\"\nprice_quote = \"2\"\n{programme}\n\
         [[strategy]]\nkind = \"full_range\"\nfarm = {farm}\n"
    );
    fs::write(work.path().join("run.toml"), config).unwrap();
    let json = tidemill(work.path(), &["backtest", "run.toml", "--json"]).json();
    let [strategy] = json["strategies"].as_array().unwrap().as_slice() else { panic!("one") };
    assert_eq!(strategy["name"], "full_range farmed");
    check_identity(strategy);
    strategy.clone()
}

/// Raw USDC that `of` seconds or blocks of `all` bring to a stake of a hundredth beside others':
/// 10,000 tokens at two dollars.
fn expected(of: i128, all: i128, beside: i128) -> i128 {
    20_000_000_000 * of / all / (100 * beside / 100 + 1)
}

#[track_caller]
fn is_near(found: i128, expected: i128) {
    // The swaps around the deposit move what a share takes by less than a hundredth.
    let off = (found - expected).abs();
    assert!(off * 50 < expected, "{found} is not nearly {expected}");
}

const NEVER: &str = "{ claim = \"never\", proceeds = \"hold\" }";

#[test]
fn staking_rewards_divide_time_among_what_is_staked() {
    let programme = "kind = \"staking_rewards\"\namount = \"10000\"";
    for footprint in ["price-taker", "re-executed"] {
        // Included a block after the first event, staked a block later: 3,420 of 3,540 seconds.
        let all = farmed(programme, NEVER, footprint);
        is_near(amount(&all, "rewards_quote"), expected(3_420, 3_540, 100));
        // With half of the pool staked, it is nearly twice as much; with none, everything.
        let half = farmed(&format!("{programme}\nothers_staked_bps = 5000"), NEVER, footprint);
        is_near(amount(&half, "rewards_quote"), expected(3_420, 3_540, 50));
        let alone = farmed(&format!("{programme}\nothers_staked_bps = 0"), NEVER, footprint);
        is_near(amount(&alone, "rewards_quote"), expected(3_420, 3_540, 0));
    }
}

#[test]
fn a_master_chef_divides_blocks_among_what_is_staked() {
    let programme = "kind = \"master_chef\"\nper_block = \"200\"";
    for footprint in ["price-taker", "re-executed"] {
        // 57 blocks from the stake's to the last, of 50 that the 10,000 tokens would pay.
        let all = farmed(programme, NEVER, footprint);
        is_near(amount(&all, "rewards_quote"), expected(57, 50, 100));
    }
}

/// Claims cost gas, sales cost their part, and both leave the reward what it was.
#[test]
fn what_is_sold_counts_before_the_cost_of_the_sale() {
    let programme = "kind = \"staking_rewards\"\namount = \"2000000\"";
    let kept = farmed(programme, NEVER, "re-executed");
    let sold = farmed(programme, "{ claim = \"break_even\", proceeds = \"sell\" }", "re-executed");
    let of = |strategy: &Value| amount(strategy, "rewards_quote");
    is_near(of(&sold), of(&kept));
    assert_eq!(amount(&kept, "swap_cost_quote"), 0);
    // Thirty basis points of what was sold, which is nearly everything.
    let cost = amount(&sold, "swap_cost_quote");
    let most = of(&sold) * 30 / 10_000;
    assert!(cost <= most + 100 && cost * 4 > most * 3, "{cost} of {most}");
    assert!(amount(&sold, "gas_quote") > amount(&kept, "gas_quote"));
    // Compounding leaves the programme for a while, and comes back larger.
    for footprint in ["price-taker", "re-executed"] {
        let compound = "{ claim = \"break_even\", proceeds = \"compound\" }";
        let larger = farmed(programme, compound, footprint);
        assert!(amount(&larger, "gas_quote") > amount(&sold, "gas_quote"), "{larger}");
        assert!(larger["rebalances"].as_u64().unwrap() >= 1, "{larger}");
    }
}
