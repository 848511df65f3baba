//! A pool of Uniswap v4's manager on a real node: from a state on, by its logs, to the next state.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tidemill_testkit::anvil::{AnvilError, AnvilMirror};
use tidemill_testkit::{
    Artifacts, Call, LiquidityCall, ManagerOracle, ManagerSwapCall, PoolParameters, Random,
    built_code,
};
use tidemill_units::U256;

use crate::chain_pools::{borrowed, middle};
use crate::chain_runs::{VARIABLE, run, told};
use crate::run::{refused, tidemill};

const SEED: u64 = 0x5eed_0104;
const CONFIRMATIONS: u64 = 3;

/// The in-process manager with a pool in it, and a node with the same.
struct Managed {
    oracle: ManagerOracle,
    mirror: AnvilMirror,
    random: Random,
}

impl Managed {
    fn start() -> Option<Self> {
        let parameters = PoolParameters { fee: 3_000, tick_spacing: 60 };
        let mut oracle = ManagerOracle::new(&Artifacts::load().unwrap(), parameters, 2).unwrap();
        oracle.initialize(U256::from(1) << 96).unwrap().result.unwrap();
        let mirror = match AnvilMirror::of(&oracle.evm) {
            Ok(mirror) => mirror,
            Err(AnvilError::NotHere(reason))
                if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) =>
            {
                println!("skipped: {reason}");
                return None;
            }
            Err(error) => panic!("{error}"),
        };
        let mut managed = Self { oracle, mirror, random: Random::new(SEED) };
        // The manager's tokens tell no decimals; these keep what they hold in the same place.
        let code = built_code("DecimalToken").unwrap();
        let chain = &mut managed.mirror.chain;
        let told = chain.deploy(&code, Call::bare(1).word(U256::from(18))).unwrap();
        for token in managed.oracle.tokens {
            chain.copy_code(told, token).unwrap();
        }
        managed.oracle.evm.start_journal();
        for place in 0..2 {
            managed.provide(place, -600, 600, 1_000_000_000_000_000);
        }
        managed.settle();
        Some(managed)
    }

    /// Adds liquidity, or takes it out.
    fn provide(&mut self, actor: usize, lower: i32, upper: i32, delta: i128) {
        let delta = if delta < 0 {
            U256::from(delta.unsigned_abs()).wrapping_neg()
        } else {
            U256::from(delta.unsigned_abs())
        };
        let call = LiquidityCall { lower, upper, delta, salt: U256::from(actor) };
        let actor = self.oracle.actors[actor];
        self.oracle.modify_liquidity(actor, call).unwrap().result.unwrap();
    }

    fn swap(&mut self, zero_for_one: bool) {
        let amount = U256::from(1_000_000_000_000 + self.random.below(9_000_000_000_000));
        // The price of tick 400 on either side, about, which is never reached.
        let limit = (U256::from(1) << 96) / U256::from(100);
        let limit = limit * U256::from(if zero_for_one { 98 } else { 102 });
        let call = ManagerSwapCall {
            zero_for_one,
            amount_specified: amount.wrapping_neg(),
            sqrt_price_limit: limit,
        };
        let actor = self.oracle.actors[0];
        self.oracle.swap(actor, call).unwrap().result.unwrap();
    }

    /// Does on the node what was done since, and returns the last block that stays.
    fn settle(&mut self) -> u64 {
        let journal = self.oracle.evm.take_journal();
        self.mirror.follow(&journal).unwrap();
        self.oracle.evm.start_journal();
        for _ in 0..CONFIRMATIONS {
            self.mirror.chain.mine(12).unwrap();
        }
        self.mirror.chain.head().unwrap() - CONFIRMATIONS
    }

    fn key(&self) -> Vec<String> {
        let [token0, token1] = self.oracle.tokens.map(|token| token.to_string());
        let words = [
            &["data", "snapshot"].map(str::to_owned)[..],
            &[self.oracle.manager.to_string(), "--kind".to_owned(), "uniswap_v4".to_owned()],
            &["--token0".to_owned(), token0.clone(), "--token1".to_owned(), token1.clone()],
            &["--fee-pips", "3000", "--tick-spacing", "60", "--chain", "31337"].map(str::to_owned),
            &["--url-env", VARIABLE, "--url-env", VARIABLE].map(str::to_owned),
            &["--symbol".to_owned(), format!("{token0}=T0")],
            &["--symbol".to_owned(), format!("{token1}=T1")],
        ];
        words.concat()
    }

    fn url(&self) -> String {
        self.mirror.chain.node.http_url()
    }

    fn snapshot(&self, folder: &Path, block: u64, name: &str) -> Value {
        let mut arguments = self.key();
        let block = block.to_string();
        let (out, description) = (format!("{name}.json"), format!("{name}-pool.json"));
        let files = ["--block", &block, "--out", &out, "--description", &description];
        arguments.extend(files.map(str::to_owned));
        told(folder, &self.url(), &borrowed(&arguments));
        serde_json::from_str(&fs::read_to_string(folder.join(out)).unwrap()).unwrap()
    }
}

#[test]
fn a_v4_pool_goes_on_from_a_snapshot_and_its_tape_can_begin_later() {
    let Some(mut managed) = Managed::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let start = managed.settle();
    let before = managed.snapshot(folder.path(), start, "start");
    assert_eq!((&before["kind"], &before["fee"]), (&"uniswap_v4".into(), &"3000".into()));
    for round in 0..30_u32 {
        if round == 12 {
            managed.settle();
        }
        managed.swap(round % 2 == 0);
        match round % 6 {
            1 => managed.provide(0, -120, 180, 50_000_000_000_000),
            // More than was added since the snapshot.
            3 => managed.provide(1, -600, 600, -100_000_000_000_000),
            5 => managed.provide(0, -120, 180, -50_000_000_000_000),
            _ => {}
        }
    }
    let end = managed.settle();
    let after = managed.snapshot(folder.path(), end, "end");
    assert_ne!(before["sqrt_price"], after["sqrt_price"]);
    let (to, confirmations) = (end.to_string(), CONFIRMATIONS.to_string());
    let get = ["data", "get", "rpc", "--pool", "start-pool.json", "--to-block", &to];
    let get = [&get[..], &["--confirmations", &confirmations, "--url-env", VARIABLE]].concat();
    told(folder.path(), &managed.url(), &get);
    let listed = tidemill(folder.path(), &["data", "ls", "--json"]).json();
    let source = listed[0]["source"].as_str().unwrap();
    let replayed = |more: &[&str]| {
        let export = ["data", "export", source, "--tape", "--out", "pool.parquet", "--state"];
        tidemill(folder.path(), &[&export[..], &["start.json"], more].concat()).good();
        tidemill(folder.path(), &["replay", "pool.parquet", "--json"]).json()
    };
    let whole = replayed(&[]);
    assert_eq!(
        (&whole["sqrt_price_x96"], &whole["liquidity"]),
        (&after["sqrt_price"], &after["liquidity"])
    );
    assert!(whole["events"].as_u64().unwrap() >= 45, "{whole:#}");
    // From the middle on.
    let from = middle(folder.path(), source);
    let rest = replayed(&["--from", &from]);
    assert!(rest["events"].as_u64() < whole["events"].as_u64(), "{rest:#}");
    assert_eq!(
        (&rest["sqrt_price_x96"], &rest["liquidity"]),
        (&whole["sqrt_price_x96"], &whole["liquidity"])
    );
    let quote = ["quote", "end.json", "--in", "T0", "--out", "T1", "--amount", "1000000"];
    tidemill(folder.path(), &quote).good();
    // Another key is another pool, of which the manager has nothing.
    let mut other = managed.key();
    let place = other.iter().position(|word| word == "3000").unwrap();
    other[place] = "500".to_owned();
    other.extend(["--block", &to, "--out", "none.json"].map(str::to_owned));
    let refusal = run(folder.path(), &managed.url(), &borrowed(&other));
    assert!(refusal.refusal(2).contains("that of the pool's key"), "{refusal:?}");
    let nothing =
        ["data", "export", source, "--tape", "--out", "x.parquet", "--from", "2099-01-01"];
    let said = refused(folder.path(), &[&nothing[..], &["--state", "start.json"]].concat());
    assert!(
        said.contains("a tape cannot begin at 2099-01-01T00:00:00Z: nothing happens"),
        "{said}"
    );
}
