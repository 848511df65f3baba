//! What programmes owe: the documented states by hand, and what is said of mistakes.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_rewards::{Account, Moment, VoteEscrow};
use tidemill_store::{ProgrammeState, write_programme_state};
use tidemill_units::{Amount, BlockNumber, Timestamp};

use crate::run::{command, example_programme, example_state, refused, tidemill};

const ALICE: &str = "0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
const BOB: &str = "0xb0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0";

/// A folder with the documented states of programmes, a pool, and the escrow of the fee
/// distributor's example.
fn states() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    for kind in ProgrammeState::KINDS {
        let name = format!("{kind}.json");
        fs::copy(example_programme(kind), place.path().join(name)).unwrap();
    }
    fs::copy(example_state("slipstream"), place.path().join("pool.json")).unwrap();
    let start = 1_700_092_800;
    let at = |seconds: u64| Moment { at: Timestamp(seconds), block: BlockNumber(seconds / 12) };
    let mut escrow = VoteEscrow::deployed(EscrowParameters::BALANCER, at(start - 1000));
    let hundred = Amount::from_decimal_str("100", 18).unwrap();
    let until = |weeks: u64| Timestamp(start + weeks * 604_800);
    escrow.create_lock(Account([0xa1; 20]), hundred, until(50), at(start - 1000)).unwrap();
    escrow.create_lock(Account([0xb0; 20]), hundred, until(30), at(start + 10)).unwrap();
    let text = write_programme_state(&escrow.state().into()).unwrap();
    fs::write(place.path().join("escrow.json"), text).unwrap();
    place
}

fn earned(place: &TempDir, arguments: &[&str]) -> Value {
    tidemill(place.path(), &[&["earn", "--json"], arguments].concat()).json()
}

fn of<'a>(earned: &'a Value, account: &str, place: &str) -> &'a Value {
    let accounts = earned["accounts"].as_array().unwrap();
    let is_meant = |entry: &&Value| entry["account"] == account && entry["place"] == place;
    accounts.iter().find(is_meant).unwrap_or_else(|| panic!("{account}, {place}: {earned}"))
}

/// Seventy thousand in a week, nobody staked for its first day, then Alice alone for a day, then
/// one part in four hers; she claimed after the third day.
#[test]
fn a_farm_with_a_day_for_nobody() {
    let place = states();
    let said =
        earned(&place, &["staking_rewards.json", "--at", "1700345600", "--until", "1700604800"]);
    assert_eq!((&said["kind"], &said["at"]), (&"staking_rewards".into(), &"1700345600".into()));
    assert_eq!(said["until"], "1700604800");
    let stream = &said["streams"][0];
    assert_eq!(stream["rate_per_second"], "115740740740740740");
    assert_eq!(stream["period_finish"], "1700604800");
    assert_eq!(stream["staked"], "4000000000000000000000");
    // Three days at the rate; and a day's for nobody, with what rounding kept back.
    assert_eq!(stream["to_be_streamed"], "29999999999999999808000");
    assert_eq!(stream["unallocated"], "10000000000000000384000");
    // The fourth day: a quarter of ten thousand, and three quarters with the day before.
    assert_eq!(of(&said, ALICE, "all")["claimable"], "2499999999999999984000");
    assert_eq!(of(&said, BOB, "all")["claimable"], "14999999999999999904000");
    assert_eq!(of(&said, ALICE, "all")["claimable_until"], "9999999999999999936000");
    assert_eq!(of(&said, BOB, "all")["staked"], "3000000000000000000000");
    let sum: u128 = ["owed", "to_be_streamed", "unallocated"]
        .map(|name| stream[name].as_str().unwrap().parse::<u128>().unwrap())
        .iter()
        .sum();
    assert_eq!(stream["held"], sum.to_string());
}

#[test]
fn one_account_alone_and_now() {
    let place = states();
    let said = earned(&place, &["staking_rewards.json", "--account", BOB]);
    assert_eq!(said["accounts"].as_array().unwrap().len(), 1);
    assert_eq!(said["until"], Value::Null);
    // The machine's clock is past the period's end: four days at three quarters, and half a day.
    assert_eq!(of(&said, BOB, "all")["claimable"], "37499999999999999760000");
    assert!(of(&said, BOB, "all").get("claimable_until").is_none());
}

#[test]
fn tables_have_the_same_figures() {
    let place = states();
    let run = ["earn", "staking_rewards.json", "--at", "1700345600", "--until", "1700604800"];
    let printed = tidemill(place.path(), &run).good();
    let streams = "staking_rewards at 1700345600, until 1700604800

all
  staked           4000000000000000000000
  rate per second  115740740740740740
  period finish    1700604800
  held             57500000000000000080000
  owed             17499999999999999888000
  to be streamed   29999999999999999808000
  unallocated      10000000000000000384000
";
    let accounts = [
        ["account", "place", "staked", "claimable", "claimable until"],
        [
            ALICE,
            "all",
            "1000000000000000000000",
            "2499999999999999984000",
            "9999999999999999936000",
        ],
        [
            BOB,
            "all",
            "3000000000000000000000",
            "14999999999999999904000",
            "37499999999999999760000",
        ],
    ];
    let line = |[account, place, staked, claimable, until]: [&str; 5]| {
        format!("{account:42}  {place:5}  {staked:>22}  {claimable:>23}  {until:>23}\n")
    };
    let expected = format!("{streams}\n{}", accounts.map(line).concat());
    assert_eq!(printed, expected);
}

/// A thousand a block while the bonus runs, a quarter to the first pool: by hand.
#[test]
fn a_chef_counts_blocks() {
    let place = states();
    let said = earned(&place, &["master_chef.json", "--at", "10760200", "--until", "10760300"]);
    assert_eq!(of(&said, ALICE, "pool 0")["claimable"], "25000000000000000000000");
    // 150 blocks of 750: a quarter of 112,500, and 22,500 of the 30 blocks when hers was alone.
    assert_eq!(of(&said, ALICE, "pool 1")["claimable"], "50625000000000000000000");
    assert_eq!(of(&said, BOB, "pool 1")["claimable"], "84375000000000000000000");
    assert_eq!(of(&said, BOB, "pool 1")["claimable_until"], "140625000000000000000000");
    assert_eq!(said["streams"][0]["unallocated"], "0");
    assert_eq!(said["streams"][1]["rate_per_block"], "250000000000000000000");
    let late = earned(&place, &["master_chef.json", "--at", "10850000"]);
    assert_eq!(late["streams"][0]["rate_per_block"], "100000000000000000000", "no bonus");
}

/// Half of the incentive's time, in a range that had all the liquidity: half of what is left.
#[test]
fn a_staker_is_told_what_its_pool_answers() {
    let place = states();
    let run = |more: &[&str]| earned(&place, &[&["v3_staker.json"], more].concat());
    let said = run(&["--at", "1700604800"]);
    let booked = of(&said, BOB, "rewards in 0x1f9840a85d5af5bf1d1762f925bdaddc4201f984");
    assert_eq!(booked["claimable"], "250000000000000000000");
    let place_of_stake = "token 612345 in incentive 0";
    assert_eq!(of(&said, ALICE, place_of_stake)["claimable"], Value::Null);
    // 1,209,600 seconds, less the 7558 that were paid for; ten of them at 150e15 of liquidity.
    let inside =
        340_282_366_920_938_463_463_374_u128 + 10 * ((1_u128 << 127) / 75_000_000_000_000_000);
    let told = run(&["--at", "1700604800", "--inside", &format!("612345={inside}")]);
    let claimable = of(&told, ALICE, place_of_stake)["claimable"].as_str().unwrap().to_owned();
    let claimable: u128 = claimable.parse().unwrap();
    let rate: u128 = told["streams"][0]["rate_per_second"].as_str().unwrap().parse().unwrap();
    assert!((rate * 10).abs_diff(claimable) < 1_000_000, "{claimable} at {rate} a second");
}

#[test]
fn gauges_say_what_can_be_minted() {
    let place = states();
    let said =
        earned(&place, &["curve_gauges.json", "--at", "1700870400", "--until", "1701302400"]);
    let gauge = "gauge 0x6060606060606060606060606060606060606060";
    // Alice has just minted.
    assert_eq!(of(&said, ALICE, gauge)["claimable"], "0");
    assert_ne!(of(&said, ALICE, gauge)["claimable_until"], "0");
    assert_eq!(of(&said, BOB, gauge)["staked"], "300000000000000000000");
    let amount = |account, name: &str| -> u128 {
        of(&said, account, gauge)[name].as_str().unwrap().parse().unwrap()
    };
    let (since, before) = (amount(BOB, "claimable_until"), amount(BOB, "claimable"));
    let alices = amount(ALICE, "claimable_until");
    assert!((since - before).abs_diff(3 * alices) < 1000, "three times her stake, both unboosted");
}

/// Two days of a share of the emission, three parts in four Bob's; and 604,800 seconds less a day
/// of a thousandth a second of another token, of which 1512 thousandths for each unit are counted.
#[test]
fn balancers_gauges_say_what_can_be_minted_and_claimed() {
    let place = states();
    let run = ["balancer_gauges.json", "--at", "1700870400", "--until", "1701302400"];
    let said = earned(&place, &run);
    let gauge = "gauge 0x6060606060606060606060606060606060606060";
    // Alice has just minted.
    assert_eq!(of(&said, ALICE, gauge)["claimable"], "0");
    assert_eq!(of(&said, BOB, gauge)["claimable"], "32369304663912291240");
    assert_ne!(of(&said, ALICE, gauge)["claimable_until"], "0");
    let token = format!("{gauge} in 0xaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeaeae");
    assert_eq!(of(&said, ALICE, &token)["claimable"], "151200000000000000000");
    assert_eq!(of(&said, BOB, &token)["claimable"], "453600000000000000000");
    // 86,400 seconds are left of the period, 86.4 in all.
    assert_eq!(of(&said, ALICE, &token)["claimable_until"], "172800000000000000000");
    // The other gauge has nearly all votes, and counts up to its cap.
    let stream = |place: &str| {
        let streams = said["streams"].as_array().unwrap();
        streams.iter().find(|stream| stream["place"] == place).unwrap().clone()
    };
    let capped = stream("gauge 0x6161616161616161616161616161616161616161");
    assert_eq!(capped["relative_weight"], "20000000000000000");
    assert_eq!(capped["rate_per_second"], "4794973544973544");
    assert_eq!(stream(&token)["held"], "700000000000000000000");
}

#[test]
fn votes_are_paid_fees_and_bribes() {
    let place = states();
    let said = earned(&place, &["aerodrome.json", "--at", "1700870400", "--until", "1701302400"]);
    let fees = "fees of gauge 0, lock 1, in 0xdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdc";
    assert_eq!(of(&said, ALICE, fees)["claimable"], "0", "the epoch is not over");
    assert_eq!(of(&said, ALICE, fees)["claimable_until"], "2000000");
    // A day of 19.29 a second, three parts in ten.
    assert_eq!(of(&said, BOB, "gauge 0")["claimable"], "499999999999999999979520");
    let locks =
        earned(&place, &["vote_escrow.json", "--at", "1702073600", "--until", "1763000000"]);
    assert_eq!(of(&locks, ALICE, "all")["votes"], "579512937595106473600");
    assert_eq!(of(&locks, ALICE, "all")["votes_until"], "0");
    assert_eq!(of(&locks, ALICE, "all")["claimable_until"], "1200000000000000000000");
}

/// The second week pays four hundred, by votes at its beginning: 93.97 of Alice's to 55.62 of
/// Bob's.
#[test]
fn a_fee_distributor_is_asked_with_its_escrow() {
    let place = states();
    let run = ["fee_distributor.json", "--escrow", "escrow.json", "--at", "1701302401"];
    let said = earned(&place, &run);
    let token = "token 0xbabababababababababababababababababababa";
    let claimable = |account| -> u128 {
        of(&said, account, token)["claimable"].as_str().unwrap().parse().unwrap()
    };
    let (alices, bobs) = (claimable(ALICE), claimable(BOB));
    let all = 400_000_000_000_000_000_000_u128;
    assert!(alices + bobs <= all && all - alices - bobs < 10, "{alices} and {bobs}");
    let ratio = alices * 10_000 / all;
    assert_eq!(ratio, 9397 * 10_000 / 14_959 + 1, "{alices}");
    assert_eq!(said["streams"][0]["held"], "400000000000000000000");
}

#[test]
fn delegations_requests_and_shares() {
    let place = states();
    let said = earned(&place, &["validator_staking.json", "--at", "1701907259"]);
    let unbonding = "unbonding from 0x7171717171717171717171717171717171717171";
    assert_eq!(of(&said, BOB, unbonding)["claimable"], "0");
    let due = earned(&place, &["validator_staking.json", "--at", "1701907260"]);
    assert_eq!(of(&due, BOB, unbonding)["claimable"], "20000000");
    let validator = "validator 0x7171717171717171717171717171717171717171";
    assert_eq!(of(&due, ALICE, validator)["claimable"], "441470");
    let lido = earned(&place, &["liquid_staking.json", "--at", "1700300000"]);
    assert_eq!(of(&lido, ALICE, "request 1")["claimable"], "39967299482241802161");
    assert_eq!(of(&lido, BOB, "request 2")["claimable"], "0");
    let vault = earned(&place, &["vault.json"]);
    assert_eq!(of(&vault, ALICE, "all")["staked"], "10999999999999999999");
}

/// One position has all the staked liquidity of the pool, at a thousand a second.
#[test]
fn a_concentrated_gauge_is_asked_with_its_pool() {
    let place = states();
    let pool = fs::read_to_string(place.path().join("pool.json")).unwrap();
    let pool: Value = serde_json::from_str(&pool).unwrap();
    let gauge = json!({
        "kind": "concentrated_gauge",
        "period_finish": 1_702_678_400,
        "reward_rate": 1000,
        "reward_reserve": 604_800_000,
        "rollover": 0,
        "reward_growth_global_x128": 0,
        "last_updated": 1_702_073_600,
        "balance": 604_800_005,
        "fees0": 0,
        "fees1": 0,
        "reward_growth_outside": [],
        "positions": [[7, {
            "owner": ALICE,
            "range": { "lower": -887_200, "upper": 887_200 },
            "liquidity": pool["staked_liquidity"],
            "reward_growth_inside": 0,
            "rewards": 5,
            "last_update_time": 1_702_073_600,
        }]],
    });
    fs::write(place.path().join("gauge.json"), gauge.to_string()).unwrap();
    let run = ["gauge.json", "--pool", "pool.json", "--at", "1702073600", "--until", "1702073700"];
    let said = earned(&place, &run);
    assert_eq!(of(&said, ALICE, "position 7")["claimable"], "5");
    let until = of(&said, ALICE, "position 7")["claimable_until"].as_str().unwrap();
    assert!(["100004", "100005"].contains(&until), "{until}");
    assert_eq!(said["streams"][0]["to_be_streamed"], "604800000");
    assert_eq!(said["streams"][0]["staked_in_range"], pool["staked_liquidity"]);
}

/// The names of all facts of an answer.
fn facts(said: &Value) -> Vec<String> {
    let lists = ["streams", "accounts"].map(|list| said[list].as_array().unwrap());
    let entries = lists.into_iter().flatten().map(|entry| entry.as_object().unwrap());
    entries.flat_map(|entry| entry.keys().cloned()).collect()
}

/// Every kind answers with documented facts, or says why it does not.
#[test]
fn every_kind_answers() {
    let place = states();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/programme-state.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, page) = page.split_once("## What `tidemill earn` says").unwrap();
    let (page, _) = page.split_once("\n## ").unwrap();
    for kind in ProgrammeState::KINDS {
        let name = format!("{kind}.json");
        let at = if *kind == "master_chef" { "10760200" } else { "1702073600" };
        let mut run = vec!["earn", &name, "--at", at];
        match *kind {
            "fee_distributor" => run.extend(["--escrow", "escrow.json"]),
            "concentrated_gauge" => run.extend(["--pool", "pool.json"]),
            _ => {}
        }
        let ran = tidemill(place.path(), &run);
        match *kind {
            "gauge_controller" | "curve_gauge" | "balancer_gauge" | "concentrated_gauge" => {
                assert!(ran.refusal(2).contains(&format!("{kind}.json: ")), "{ran:?}");
            }
            _ => {
                assert!(ran.good().starts_with(&format!("{kind} at {at}\n\n")), "{kind}");
                let later = ["--until", "1702073601", "--json"];
                let said = tidemill(place.path(), &[run.as_slice(), &later].concat()).json();
                for fact in facts(&said) {
                    assert!(page.contains(&format!("`{fact}`")), "{kind}: {fact}");
                }
            }
        }
    }
}

#[test]
fn a_state_may_come_in_a_pipe() {
    let place = states();
    let piped = |name: &str| {
        let file = fs::File::open(place.path().join(name)).unwrap();
        let run = ["earn", "-", "--at", "1700345600", "--json"];
        command(place.path(), &run).stdin(file).output().unwrap()
    };
    let said: Value = serde_json::from_slice(&piped("staking_rewards.json").stdout).unwrap();
    assert_eq!(said, earned(&place, &["staking_rewards.json", "--at", "1700345600"]));
    fs::write(place.path().join("bad.json"), "{}").unwrap();
    let wrong = piped("bad.json");
    assert_eq!(wrong.status.code(), Some(2));
    assert_eq!(String::from_utf8(wrong.stderr).unwrap(), "tidemill: -: field kind: is missing\n");
}

/// What the documentation shows runs as it stands, at the root of the repository.
#[test]
fn the_documented_commands_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/programme-state.md")).unwrap();
    let commands = page.lines().filter_map(|line| line.strip_prefix("tidemill "));
    let ran = commands.map(|command| {
        let words: Vec<&str> = command.split_whitespace().collect();
        tidemill(&root, &words).good()
    });
    assert_eq!(ran.filter(|printed| !printed.is_empty()).count(), 2);
}

#[test]
fn mistakes_are_named() {
    let place = states();
    let said = |arguments: &[&str]| refused(place.path(), &[&["earn"], arguments].concat());
    let absent = said(&["none.json"]);
    assert!(absent.starts_with("none.json: cannot be read"), "{absent}");
    fs::write(place.path().join("bad.json"), "{\"kind\": \"vault\"}").unwrap();
    assert_eq!(said(&["bad.json"]), "bad.json: field assets: is missing");
    assert_eq!(
        said(&["staking_rewards.json", "--at", "1700259199"]),
        "--at: 1700259199 is before the state's last update, 1700259200"
    );
    assert_eq!(
        said(&["staking_rewards.json", "--at", "1700259200", "--until", "1700259199"]),
        "--until: is before --at, which is 1700259200"
    );
    for text in ["", "-1", "1e9", "18446744073709551616", "now"] {
        let expected = "expected seconds since 1970 or a block, 0 to 2^64 - 1";
        let line = format!("--at: `{text}` is not allowed; {expected}");
        assert_eq!(said(&["vault.json", "--at", text]), line);
    }
    assert_eq!(
        said(&["master_chef.json"]),
        "--at: is missing; this master_chef counts blocks, say at which one"
    );
    let blocks = fs::read_to_string(example_programme("emission")).unwrap();
    let blocks = blocks.replace("\"seconds\"", "\"blocks\"");
    fs::write(place.path().join("blocks.json"), blocks).unwrap();
    assert_eq!(
        said(&["blocks.json"]),
        "--at: is missing; this emission counts blocks, say at which one"
    );
    let nobody = "0x0000000000000000000000000000000000000001";
    assert_eq!(
        said(&["vault.json", "--account", nobody]),
        format!("--account: the programme knows no {nobody}")
    );
    assert!(said(&["vault.json", "--account", "bob"]).starts_with("--account: `bob` is not an"));
}

#[test]
fn options_that_do_not_fit_are_named() {
    let place = states();
    let said = |arguments: &[&str]| refused(place.path(), &[&["earn"], arguments].concat());
    assert_eq!(
        said(&["vault.json", "--escrow", "escrow.json"]),
        "--escrow: is for a fee_distributor; the state is of a vault"
    );
    assert_eq!(
        said(&["fee_distributor.json"]),
        "--escrow: is missing; a fee distributor pays the locks of a vote escrow"
    );
    assert_eq!(
        said(&["fee_distributor.json", "--escrow", "vault.json"]),
        "--escrow: is no vote_escrow, which a fee distributor pays"
    );
    assert_eq!(
        said(&["concentrated_gauge.json"]),
        "--pool: is missing; what a concentrated gauge pays depends on its pool"
    );
    let other = said(&["concentrated_gauge.json", "--pool", "pool.json"]);
    assert!(other.contains("the pool is another one"), "{other}");
    fs::copy(example_state("stable_swap"), place.path().join("pool.json")).unwrap();
    assert_eq!(
        said(&["concentrated_gauge.json", "--pool", "pool.json"]),
        "pool.json: is a stable_swap pool; a concentrated one has the gauge"
    );
    for text in ["1", "1=", "=1", "x=1", "1=-1"] {
        let expected = "expected TOKEN_ID=SECONDS, integers below 2^256 and 2^160";
        let line = format!("--inside: `{text}` is not allowed; {expected}");
        assert_eq!(said(&["v3_staker.json", "--inside", text]), line);
    }
    let unknown = said(&["v3_staker.json", "--inside", "623456=1"]);
    assert_eq!(unknown, "--inside: token 623456 is not staked");
    let twice = ["v3_staker.json", "--inside", "612345=1", "--inside", "612345=2"];
    assert_eq!(said(&twice), "--inside: token 612345 is there twice");
    assert_eq!(
        said(&["vault.json", "--inside", "1=1"]),
        "--inside: is for a v3_staker; the state is of a vault"
    );
}
