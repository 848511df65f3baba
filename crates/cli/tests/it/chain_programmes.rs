//! Reward programmes' histories from a real node as tapes, replayed to what the chain says.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tidemill_testkit::Call;
use tidemill_testkit::anvil::AnvilDriver;

use crate::chain_runs::{VARIABLE, driven, run, told};
use crate::run::tidemill;

const SEED: u64 = 0x57a6;
const CONFIRMATIONS: u64 = 3;

/// What a contract without arguments answers at a block, as digits.
fn ask(driver: &mut AnvilDriver, contract: tidemill_testkit::Address, signature: &str) -> String {
    let answer = driver.world.chain.ask(contract, Call::new(signature, 0));
    answer.unwrap().to_string()
}

fn balance(
    driver: &mut AnvilDriver,
    token: tidemill_testkit::Address,
    of: tidemill_testkit::Address,
) -> String {
    let call = Call::new("balanceOf(address)", 1).address(of);
    driver.world.chain.ask(token, call).unwrap().to_string()
}

/// The state of StakingRewards that nobody has staked in.
fn unstaked(driver: &mut AnvilDriver) -> Value {
    let rewards = driver.world.rewards;
    let admin = driver.world.chain.admin().to_string();
    let held = balance(driver, rewards.reward_token, rewards.address);
    let mut word = |signature: &str| ask(driver, rewards.address, signature);
    assert_eq!(word("totalSupply()"), "0");
    json!({
        "kind": "staking_rewards", "build": "uniswap", "rewards_distribution": admin,
        "owner": null, "is_paused": false, "reward_is_staked": false,
        "rewards_duration": word("rewardsDuration()"), "period_finish": word("periodFinish()"),
        "reward_rate": word("rewardRate()"), "last_update_time": word("lastUpdateTime()"),
        "reward_per_token_stored": word("rewardPerTokenStored()"), "reward_balance": held,
        "stakers": [],
    })
}

/// The state of the staker with its incentive, before any deposit.
fn undeposited(driver: &AnvilDriver) -> Value {
    let (staker, pool) = (&driver.world.staker, &driver.world.pool);
    let [_, _, starts, ends, _] = staker.incentive.0;
    json!({
        "kind": "v3_staker", "staker": staker.address.to_string(),
        "position_manager": pool.manager.to_string(),
        "max_incentive_start_lead_time_seconds": (30 * 86_400).to_string(),
        "max_incentive_duration_seconds": (365 * 86_400).to_string(),
        "incentives": [{
            "key": {
                "reward_token": staker.reward_token.to_string(),
                "pool": pool.address.to_string(), "start_time": starts.to_string(),
                "end_time": ends.to_string(), "refundee": driver.world.chain.admin().to_string(),
            },
            "total_reward_unclaimed": "1000000000000000000000",
            "total_seconds_claimed_x128": "0",
        }],
        "deposits": [], "stakes": [], "rewards": [],
    })
}

/// What a replay says was paid is what the contract is short of.
fn paid_by(
    driver: &mut AnvilDriver,
    contract: tidemill_testkit::Address,
    token: tidemill_testkit::Address,
    (funds, replayed): (&str, &Value),
) {
    let left: u128 = balance(driver, token, contract).parse().unwrap();
    let paid: u128 = replayed["paid"][0]["amount"].as_str().unwrap().parse().unwrap();
    assert_eq!(paid, funds.parse::<u128>().unwrap() - left, "{replayed:#}");
    println!("{paid} paid");
}

/// Fetches a programme from a block's state on, as a tape.
fn fetch(
    driver: &AnvilDriver,
    folder: &Path,
    (name, address, token): (&str, tidemill_testkit::Address, tidemill_testkit::Address),
    (start, end): (u64, u64),
) {
    let words = format!(
        "data get programme {address} --chain 31337 --state {name}.json \
         --state-after-block {start} --to-block {end} --reward-token {token} \
         --out {name}.jsonl --url-env {VARIABLE} --confirmations {CONFIRMATIONS} --chunk-blocks 20"
    );
    let words: Vec<&str> = words.split_whitespace().collect();
    println!("{}", told(folder, &driver.world.chain.node.http_url(), &words));
}

#[test]
fn programmes_replay_from_a_state_to_what_the_chain_says() {
    let Some(mut driver) = driven(SEED, 0) else { return };
    let start = driver.world.chain.head().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let farm = unstaked(&mut driver);
    let funds = farm["reward_balance"].as_str().unwrap().to_owned();
    fs::write(folder.path().join("farm.json"), farm.to_string()).unwrap();
    fs::write(folder.path().join("staker.json"), undeposited(&driver).to_string()).unwrap();
    driver.act(220).unwrap();
    for _ in 0..CONFIRMATIONS {
        driver.world.chain.mine(12).unwrap();
    }
    println!("seed {SEED:#x}: {:?}", driver.counts);
    let end = driver.world.chain.head().unwrap() - CONFIRMATIONS;
    let (rewards, staker) = (driver.world.rewards, driver.world.staker);
    let farm = ("farm", rewards.address, rewards.reward_token);
    fetch(&driver, folder.path(), farm, (start, end));
    let replayed = tidemill(folder.path(), &["replay", "farm.jsonl", "--json"]).json();
    assert!(replayed["events"].as_u64().unwrap() > 10, "{replayed:#}");
    paid_by(&mut driver, rewards.address, rewards.reward_token, (&funds, &replayed));
    let staked = ask(&mut driver, rewards.address, "totalSupply()");
    assert!(replayed.to_string().contains(&format!("\"{staked}\"")), "{staked}: {replayed:#}");
    fetch(&driver, folder.path(), ("staker", staker.address, staker.reward_token), (start, end));
    // What it pays depends on the pool, whose tape is beside it.
    crate::chain_pools::describe(&driver.world, folder.path());
    let words = crate::chain_pools::fetch(driver.world.first_block, end);
    told(folder.path(), &driver.world.chain.node.http_url(), &crate::chain_pools::borrowed(&words));
    let source = crate::chain_pools::source(&driver.world.pool.address);
    tidemill(folder.path(), &["data", "export", &source, "--tape", "--out", "pool.parquet"]).good();
    let replay = ["replay", "staker.jsonl", "--pool", "pool.parquet", "--json"];
    let replayed = tidemill(folder.path(), &replay).json();
    assert!(replayed["events"].as_u64().unwrap() > 10, "{replayed:#}");
    let funds = "1000000000000000000000";
    paid_by(&mut driver, staker.address, staker.reward_token, (funds, &replayed));
}

#[test]
fn a_programme_goes_on_from_a_state_that_the_command_read() {
    let Some(mut driver) = driven(SEED, 100) else { return };
    let folder = tempfile::tempdir().unwrap();
    let settle = |driver: &mut AnvilDriver| {
        for _ in 0..CONFIRMATIONS {
            driver.world.chain.mine(12).unwrap();
        }
        driver.world.chain.head().unwrap() - CONFIRMATIONS
    };
    let start = settle(&mut driver);
    let rewards = driver.world.rewards;
    let users: Vec<String> = driver.world.users.iter().map(ToString::to_string).collect();
    fs::write(folder.path().join("users.txt"), users.join("\n")).unwrap();
    let words = format!(
        "data snapshot {} --kind uniswap_staking_rewards --chain 31337 --block {start} \
         --url-env {VARIABLE} --url-env {VARIABLE} --out farm.json",
        rewards.address
    );
    let words: Vec<&str> = words.split_whitespace().collect();
    let url = driver.world.chain.node.http_url();
    let everybody = [&words[..], &["--accounts", "users.txt"]].concat();
    let read = told(folder.path(), &url, &everybody);
    assert_eq!((&read["kind"], &read["block"]), (&json!("staking_rewards"), &json!(start)));
    let state = fs::read_to_string(folder.path().join("farm.json")).unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    assert!(!state["stakers"].as_array().unwrap().is_empty(), "{state:#}");
    let nobody = run(folder.path(), &url, &words);
    let said = nobody.refusal(2);
    println!("{said}");
    let described = [&everybody[..], &["--description", "x.json"]].concat();
    let described = run(folder.path(), &url, &described);
    assert!(described.refusal(2).contains("--description is of pools"), "{described:?}");
    driver.act(250).unwrap();
    let end = settle(&mut driver);
    fetch(&driver, folder.path(), ("farm", rewards.address, rewards.reward_token), (start, end));
    let replayed = tidemill(folder.path(), &["replay", "farm.jsonl", "--json"]).json();
    assert!(replayed["events"].as_u64().unwrap() > 5, "{replayed:#}");
    let funds = state["reward_balance"].as_str().unwrap();
    paid_by(&mut driver, rewards.address, rewards.reward_token, (funds, &replayed));
    let staked = ask(&mut driver, rewards.address, "totalSupply()");
    assert!(replayed.to_string().contains(&format!("\"{staked}\"")), "{staked}: {replayed:#}");
}
