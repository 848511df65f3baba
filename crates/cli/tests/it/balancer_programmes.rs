//! Tapes of Balancer's gauges and of its fee distributor, executed again.

use serde_json::json;
use tidemill_model::{
    Address, BalancerGaugesLog, FeeClaim, FeeDistributionLog, FeePayment, GaugeMint, GaugePayment,
    ProgrammeLog,
};
use tidemill_store::{ProgrammeState, write_programme_tape};
use tidemill_units::{Amount, Timestamp};

use crate::programmes::{replay, tape};
use crate::run::{example_programme, refused};

const ALICE: Address = Address([0xa1; 20]);
const BOB: Address = Address([0xb0; 20]);
const GAUGE: Address = Address([0x60; 20]);
const BROUGHT: Address = Address([0xae; 20]);
const FEES: Address = Address([0xba; 20]);
const BAL: &str = "0x7777777777777777777777777777777777777777";
/// Three parts in four of two days' share of the emission.
const BOBS: u128 = 32_369_304_663_912_291_240;
/// The part of four hundred that is Alice's by her votes, 93.97 of 149.59.
const ALICES_FEES: u128 = 251_282_051_282_051_282_051;

fn start(kind: &str) -> ProgrammeState {
    ProgrammeState::read(&example_programme(kind)).unwrap()
}

/// Bob mints what he has earned and Alice claims a token that others bring.
fn gauges(minted: u128, claimed: u128) -> Vec<(u64, ProgrammeLog)> {
    let [minted, claimed] = [minted, claimed].map(Amount::from_u128);
    let mint = GaugeMint {
        gauge: GAUGE,
        minted: Some(minted),
        working_balance: Amount::from_u128(120_000_000_000_000_000_000),
        working_supply: Amount::from_u128(160_000_000_000_000_000_000),
    };
    let paid = vec![GaugePayment { token: BROUGHT, receiver: ALICE, amount: claimed }];
    let logs = [
        BalancerGaugesLog::Minted { recipient: BOB, gauges: vec![mint], value: minted },
        BalancerGaugesLog::RewardsClaimed { gauge: GAUGE, user: ALICE, receiver: None, paid },
    ];
    logs.map(|log| (100_870_400, ProgrammeLog::BalancerGauges(log))).to_vec()
}

fn fees(amount: u128, week: u64) -> Vec<(u64, ProgrammeLog)> {
    let amount = Amount::from_u128(amount);
    let claimed = FeePayment { amount, user_token_time_cursor: Timestamp(week) };
    let claim = FeeClaim { token: FEES, checkpoint: None, claimed: Some(claimed) };
    let log = FeeDistributionLog::Claimed { user: ALICE, claims: vec![claim] };
    vec![(101_302_401, ProgrammeLog::FeeDistribution(log))]
}

#[test]
fn gauges_that_reproduce() {
    let folder = tempfile::tempdir().unwrap();
    let all = gauges(BOBS, 151_200_000_000_000_000_000);
    let tape = tape(start("balancer_gauges"), all);
    let printed = replay(folder.path(), &tape, &["--json"]).json();
    assert_eq!(printed["programme"], "balancer_gauges");
    assert_eq!((&printed["events"], &printed["mismatches"]), (&json!(2), &json!(0)));
    assert_eq!(printed["kinds"], json!({"minted": 1, "rewards_claimed": 1}));
    let (gauge, brought) = (GAUGE.to_string(), BROUGHT.to_string());
    let other = Address([0x61; 20]).to_string();
    let staked = json!([
        {"token": gauge, "amount": "400000000000000000000"},
        {"token": other, "amount": "0"},
    ]);
    assert_eq!(printed["staked"], staked);
    let paid = json!([
        {"token": BAL, "amount": BOBS.to_string()},
        {"token": brought, "amount": "151200000000000000000"},
    ]);
    assert_eq!(printed["paid"], paid);
    // Bob's part of the other token is three times Alice's.
    let unclaimed = json!([
        {"token": BAL, "amount": "0"},
        {"token": brought, "amount": "453600000000000000000"},
    ]);
    assert_eq!(printed["unclaimed"], unclaimed);
}

#[test]
fn gauges_with_one_unit_more() {
    let folder = tempfile::tempdir().unwrap();
    let with = |minted, claimed| {
        let all = gauges(minted, claimed);
        replay(folder.path(), &tape(start("balancer_gauges"), all), &[]).refusal(1).to_owned()
    };
    let said = with(BOBS + 1, 151_200_000_000_000_000_000);
    let expected =
        format!("block 100, log index 3: the minted gives minted {BOBS}, recorded is {}", BOBS + 1);
    assert_eq!(said, expected);
    let said = with(BOBS, 151_200_000_000_000_000_001);
    let expected = "block 101, log index 3: the rewards_claimed gives paid.amount \
                    151200000000000000000, recorded is 151200000000000000001";
    assert_eq!(said, expected);
}

#[test]
fn fees_that_reproduce_and_fees_that_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let run = |amount, week| {
        let all = fees(amount, week);
        replay(folder.path(), &tape(start("fee_distribution"), all), &["--json"])
    };
    let printed = run(ALICES_FEES, 1_701_302_400).json();
    assert_eq!(printed["programme"], "fee_distribution");
    let token = FEES.to_string();
    let paid = json!([{"token": token, "amount": ALICES_FEES.to_string()}]);
    assert_eq!(printed["paid"], paid);
    assert_eq!(printed["staked"], json!([{"token": null, "amount": "200000000000000000000"}]));
    // The week's four hundred are Alice's and Bob's, rounded down each.
    let left = 400_000_000_000_000_000_000 - ALICES_FEES - 1;
    assert_eq!(printed["unclaimed"], json!([{"token": token, "amount": left.to_string()}]));
    let said = run(ALICES_FEES - 1, 1_701_302_400).refusal(1).to_owned();
    assert!(said.contains("the claimed gives amount of a claim"), "{said}");
    let said = run(ALICES_FEES, 1_701_907_200).refusal(1).to_owned();
    assert!(said.ends_with("user_token_time_cursor 1701302400, recorded is 1701907200"), "{said}");
}

#[test]
fn tapes_of_parts_and_bad_fields() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let all = gauges(BOBS, 151_200_000_000_000_000_000);
    let tape = tape(start("balancer_gauges"), all);
    write_programme_tape(&tape, &path.join("good.jsonl")).unwrap();
    let good = std::fs::read_to_string(path.join("good.jsonl")).unwrap();
    let said = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        std::fs::write(path.join("bad.jsonl"), good.replacen(from, to, 1)).unwrap();
        refused(path, &["replay", "bad.jsonl"])
    };
    let missing = said(&format!("\"token\":\"{BROUGHT}\",\"receiver\""), "\"receiver\"");
    assert_eq!(missing, "bad.jsonl: line 3, field paid[0].token: is missing");
    let wrong = said("\"working_supply\":\"160000000000000000000\"}]", "\"working_supply\":-1}]");
    let expected = "bad.jsonl: line 2, field gauges[0].working_supply: `-1` is not allowed; ";
    assert!(wrong.starts_with(expected), "{wrong}");
    let part = said("\"kind\":\"balancer_gauges\"", "\"kind\":\"balancer_gauge\"");
    assert!(part.starts_with("bad.jsonl: line 1, field state."), "{part}");
}
