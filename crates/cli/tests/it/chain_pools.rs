//! Pools' histories from a real node into the data folder, out of it as tapes, and replayed.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tidemill_testkit::anvil::{AnvilDriver, AnvilWorld};
use tidemill_testkit::{Call, Random};

use crate::chain_runs::{KillAt, Passage, VARIABLE, driven, told, with_node};
use crate::run::{content, refused, tidemill};

const SEED: u64 = 0x7cbc_0050;
/// With it nobody switches the pair's protocol fee in the part that is fetched.
const SHARES_SEED: u64 = 0x5a8e_0001;
/// With it nobody switches the v3 pool's protocol fee before the snapshot.
const POSITIONS_SEED: u64 = 0x7cbc_0051;
/// No reorganisation is made here.
const CONFIRMATIONS: u64 = 3;

/// The v3 pool as its description has it, from its creation.
pub(crate) fn describe(world: &AnvilWorld, folder: &Path) {
    let decimals = world.tokens.map(|token| if token == world.tokens[0] { 18 } else { 6 });
    let token = |place: usize| {
        json!({
            "symbol": format!("T{place}"), "decimals": decimals[place],
            "address": world.tokens[place].to_string().to_lowercase(),
        })
    };
    let pool = json!({
        "chain_id": 31337, "pool": world.pool.address.to_string(), "kind": "uniswap_v3",
        "token0": token(0), "token1": token(1), "fee_pips": 3000, "tick_spacing": 60,
    });
    fs::write(folder.join("pool.json"), pool.to_string()).unwrap();
}

/// The fetch of a pool, from a block to the last one that is settled.
pub(crate) fn fetch(from: u64, to: u64) -> Vec<String> {
    let numbers = [from.to_string(), to.to_string(), CONFIRMATIONS.to_string()];
    let [from, to, confirmations] = &numbers;
    let words = [
        "data",
        "get",
        "rpc",
        "--pool",
        "pool.json",
        "--from-block",
        from,
        "--to-block",
        to,
        "--confirmations",
        confirmations,
        "--chunk-blocks",
        "7",
        "--url-env",
        VARIABLE,
    ];
    words.map(str::to_owned).to_vec()
}

pub(crate) fn borrowed(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

pub(crate) fn source(address: &tidemill_testkit::Address) -> String {
    format!("pool_events/chain=31337/pool={}", address.to_string().to_lowercase())
}

fn settled(driver: &mut AnvilDriver) -> u64 {
    for _ in 0..CONFIRMATIONS {
        driver.world.chain.mine(12).unwrap();
    }
    driver.world.chain.head().unwrap() - CONFIRMATIONS
}

#[test]
fn killed_at_fifty_points_the_folder_has_the_same_bytes_and_its_tape_is_the_chain() {
    let Some(mut driver) = driven(SEED, 100) else { return };
    let to = settled(&mut driver);
    let arguments = fetch(driver.world.first_block, to);
    let arguments = borrowed(&arguments);
    let passage = Passage::open(&driver.world.chain.node.http_url());
    let whole = tempfile::tempdir().unwrap();
    describe(&driver.world, whole.path());
    assert!(!passage.kill_at(KillAt::Nowhere, with_node(whole.path(), &passage.url, &arguments)));
    let requests = passage.asked();
    let truth = content(&whole.path().join("data"));
    let mut random = Random::new(SEED);
    let (mut kills, mut folders) = (0, 0);
    while kills < 50 {
        let folder = tempfile::tempdir().unwrap();
        describe(&driver.world, folder.path());
        let command = || with_node(folder.path(), &passage.url, &arguments);
        let data = folder.path().join("data");
        let mut point = || match random.once_in(2) {
            // The first requests only open the node.
            true => KillAt::Request(3 + random.below(requests / 2)),
            false => KillAt::Step(&data, random.below(24)),
        };
        while passage.kill_at(point(), command()) {
            kills += 1;
            assert!(kills < 500, "it gets nowhere");
        }
        folders += 1;
        let found = content(&folder.path().join("data"));
        let differ: Vec<_> = (found.keys().chain(truth.keys()))
            .filter(|file| found.get(*file) != truth.get(*file))
            .collect();
        assert!(differ.is_empty(), "seed {SEED:#x}, {kills} kills: {differ:?}");
    }
    println!("seed {SEED:#x}: {kills} kills, {folders} folders, {requests} requests a fetch");
    replays_as_the_chain(&mut driver, whole.path());
    let again = told(whole.path(), &passage.url, &arguments);
    assert_eq!((&again["blocks"], &again["logs"]), (&json!(0), &json!(0)), "{again:#}");
    assert!(content(&whole.path().join("data")) == truth, "asking again changes nothing");
}

/// The folder's tape of the v3 pool is replayed, and ends as the chain says.
fn replays_as_the_chain(driver: &mut AnvilDriver, folder: &Path) {
    let pool = driver.world.pool.address;
    let export = ["data", "export", &source(&pool), "--tape", "--out", "pool.parquet"];
    tidemill(folder, &export).good();
    let replayed = tidemill(folder, &["replay", "pool.parquet", "--json"]).json();
    let chain = &mut driver.world.chain;
    let mut words = |signature: &str, count: usize| -> Vec<String> {
        let answer = chain.view(pool, Call::new(signature, 0)).unwrap();
        (0..count).map(|place| answer.word(place).unwrap().to_string()).collect()
    };
    assert_eq!(replayed["sqrt_price_x96"], Value::from(words("slot0()", 1).remove(0)));
    assert_eq!(replayed["liquidity"], Value::from(words("liquidity()", 1).remove(0)));
    for (field, signature) in [
        ("fee_growth_global_0_x128", "feeGrowthGlobal0X128()"),
        ("fee_growth_global_1_x128", "feeGrowthGlobal1X128()"),
    ] {
        assert_eq!(replayed[field], Value::from(words(signature, 1).remove(0)), "{replayed:#}");
    }
    let verified = tidemill(folder, &["data", "verify", "--fail-on", "error", "--json"]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
}

/// A pool of shares: what it is called here, where it is, and how to ask for it.
struct Shares {
    name: &'static str,
    address: tidemill_testkit::Address,
    snapshot: Vec<String>,
    fetch: Vec<String>,
    /// Where its state has balances and shares.
    fields: &'static [&'static str],
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn pools(world: &AnvilWorld) -> [Shares; 4] {
    let share_token = format!("--share-token {}", world.curve.shares);
    let pool = |name, address, kind: &str, fetch: &str, fields| {
        let snapshot = words(&format!("--kind {kind}"));
        Shares { name, address, snapshot, fetch: words(fetch), fields }
    };
    let curve = format!("stable_swap_v0 --coins 4 {share_token}");
    let balances = &["/balances/0", "/balances/1", "/total_supply"];
    let of_curve = &["/balances/0", "/balances/1", "/balances/2", "/balances/3", "/total_supply"];
    [
        pool("pair", world.pair, "uniswap_v2", "", &["/reserve0", "/reserve1", "/total_supply"]),
        pool("curve", world.curve.address, &curve, &share_token, of_curve),
        pool("bpool", world.bpool, "balancer_v1", "", balances),
        pool("weighted", world.vault.pool, "weighted_2022_09", "", balances),
    ]
}

/// Reads a pool's state at a block, and its description.
fn snapshot(driver: &AnvilDriver, folder: &Path, pool: &Shares, block: u64) -> Value {
    let world = &driver.world;
    let mut arguments = words("data snapshot --chain 31337 --url-env");
    arguments.extend([VARIABLE, "--url-env", VARIABLE].map(str::to_owned));
    arguments.extend([pool.address.to_string(), "--block".to_owned(), block.to_string()]);
    arguments.extend(words(&format!("--out {0}-state.json --description {0}.json", pool.name)));
    arguments.extend(pool.snapshot.clone());
    for (place, token) in world.tokens.iter().chain(&world.curve.coins).enumerate() {
        arguments.extend(["--symbol".to_owned(), format!("{token}=T{place}")]);
    }
    told(folder, &world.chain.node.http_url(), &borrowed(&arguments));
    let state = fs::read_to_string(folder.join(format!("{}-state.json", pool.name))).unwrap();
    serde_json::from_str(&state).unwrap()
}

/// Fetches a pool from its state on.
fn fetch_shares(driver: &AnvilDriver, folder: &Path, pool: &Shares, to: u64) -> Value {
    let mut arguments = words(&format!("data get rpc --pool {}.json", pool.name));
    arguments.extend(words(&format!("--to-block {to} --confirmations {CONFIRMATIONS}")));
    arguments.extend(words(&format!("--chunk-blocks 9 --url-env {VARIABLE}")));
    arguments.extend(pool.fetch.clone());
    told(folder, &driver.world.chain.node.http_url(), &borrowed(&arguments))
}

/// A time in the middle of a source's events.
pub(crate) fn middle(folder: &Path, source: &str) -> String {
    tidemill(folder, &["data", "export", source, "--out", "events.csv"]).good();
    let events = fs::read_to_string(folder.join("events.csv")).unwrap();
    let names: Vec<&str> = events.lines().next().unwrap().split(',').collect();
    let column = names.iter().position(|name| *name == "time_utc").unwrap();
    let rows: Vec<&str> = events.lines().skip(1).collect();
    rows[rows.len() / 2].split(',').nth(column).unwrap().to_owned()
}

#[test]
fn pools_of_shares_replay_from_a_state_to_the_state_of_the_chain() {
    let Some(mut driver) = driven(SHARES_SEED, 40) else { return };
    let start = settled(&mut driver);
    let [whole, parts] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let pools = pools(&driver.world);
    for pool in &pools {
        snapshot(&driver, whole.path(), pool, start);
        let file = format!("{}.json", pool.name);
        fs::copy(whole.path().join(&file), parts.path().join(&file)).unwrap();
    }
    let switched = driver.counts.succeeded.get("v2 setFeeTo").copied();
    driver.act(120).unwrap();
    let end = settled(&mut driver);
    println!("seed {SHARES_SEED:#x}: {:?}", driver.counts);
    // No log tells of it.
    assert_eq!(switched, driver.counts.succeeded.get("v2 setFeeTo").copied());
    let mut random = Random::new(SHARES_SEED);
    for pool in &pools {
        let fetched = fetch_shares(&driver, whole.path(), pool, end);
        println!("{}: {fetched}", pool.name);
        // The same in parts, each in a process of its own.
        let mut to = start;
        while to < end {
            to = end.min(to + 1 + random.below(12));
            fetch_shares(&driver, parts.path(), pool, to);
        }
        let export =
            format!("data export {} --tape --out {}.parquet", source(&pool.address), pool.name);
        tidemill(whole.path(), &borrowed(&words(&export))).good();
        let file = format!("{}.parquet", pool.name);
        let replayed = tidemill(whole.path(), &["replay", &file, "--json"]).json();
        assert!(replayed["events"].as_u64().unwrap() > 8, "{}: {replayed:#}", pool.name);
        let state = snapshot(&driver, whole.path(), pool, end);
        let mut found = replayed["balances"].as_array().unwrap().clone();
        found.push(replayed["total_shares"].clone());
        let expected: Vec<Value> = pool
            .fields
            .iter()
            .map(|at| state.pointer(at).unwrap_or_else(|| panic!("{at}: {state:#}")).clone())
            .collect();
        assert_eq!(found, expected, "{}", pool.name);
        // From a later time on it begins with the state there, and ends as it did.
        let from = middle(whole.path(), &source(&pool.address));
        tidemill(whole.path(), &borrowed(&words(&format!("{export} --from {from}")))).good();
        let rest = tidemill(whole.path(), &["replay", &file, "--json"]).json();
        assert!(rest["events"].as_u64() < replayed["events"].as_u64(), "{rest:#}");
        for field in ["balances", "total_shares", "virtual_price"] {
            assert_eq!(rest[field], replayed[field], "{}", pool.name);
        }
        tidemill(whole.path(), &["data", "verify", &source(&pool.address)]).good();
    }
    assert!(content(&whole.path().join("data")) == content(&parts.path().join("data")));
}

#[test]
fn a_pool_of_positions_goes_on_from_a_snapshot() {
    let Some(mut driver) = driven(POSITIONS_SEED, 60) else { return };
    let start = settled(&mut driver);
    let folder = tempfile::tempdir().unwrap();
    let pool = Shares {
        name: "positions",
        address: driver.world.pool.address,
        snapshot: words("--kind uniswap_v3"),
        fetch: Vec::new(),
        fields: &[],
    };
    let before = snapshot(&driver, folder.path(), &pool, start);
    fs::copy(folder.path().join("positions-state.json"), folder.path().join("start.json")).unwrap();
    let description = fs::read(folder.path().join("positions.json")).unwrap();
    driver.act(100).unwrap();
    let end = settled(&mut driver);
    let after = snapshot(&driver, folder.path(), &pool, end);
    fs::write(folder.path().join("positions.json"), description).unwrap();
    let switches = driver.counts.succeeded.get("v3 setFeeProtocol");
    println!("seed {POSITIONS_SEED:#x}: {:?}, {switches:?} switches", driver.counts);
    fetch_shares(&driver, folder.path(), &pool, end);
    let export = format!("data export {} --tape --out pool.parquet --state", source(&pool.address));
    let export = words(&export);
    tidemill(folder.path(), &[&borrowed(&export)[..], &["start.json"]].concat()).good();
    let replayed = tidemill(folder.path(), &["replay", "pool.parquet", "--json"]).json();
    assert_eq!(replayed["sqrt_price_x96"], after["sqrt_price"], "{replayed:#}");
    assert_eq!(replayed["liquidity"], after["liquidity"]);
    assert!(replayed["events"].as_u64().unwrap() > 10, "{replayed:#}");
    assert_ne!(before["sqrt_price"], after["sqrt_price"]);
    let from = middle(folder.path(), &source(&pool.address));
    let later = [&borrowed(&export)[..], &["start.json", "--from", &from]].concat();
    let ran = tidemill(folder.path(), &later);
    if switches.is_none() {
        ran.good();
        let rest = tidemill(folder.path(), &["replay", "pool.parquet", "--json"]).json();
        assert!(rest["events"].as_u64() < replayed["events"].as_u64(), "{rest:#}");
        assert_eq!(rest["sqrt_price_x96"], replayed["sqrt_price_x96"]);
        assert_eq!(rest["liquidity"], replayed["liquidity"]);
    } else {
        assert!(ran.refusal(2).contains("the protocol has a share"), "{ran:?}");
    }
    // The state of another block is not the one that the description begins with.
    let refusal =
        refused(folder.path(), &[&borrowed(&export)[..], &["positions-state.json"]].concat());
    assert!(refusal.contains("than the source's description"), "{refusal}");
    let quote = ["quote", "start.json", "--in", "T0", "--out", "T1", "--amount", "1000"];
    tidemill(folder.path(), &quote).good();
}
