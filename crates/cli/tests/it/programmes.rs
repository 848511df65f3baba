//! Tapes of reward programmes, executed again.

use std::path::Path;

use serde_json::json;
use tidemill_model::{
    Address, AerodromeGaugeLog, AerodromeLog, Bytes32, ChainId, ConcentratedGaugeLog,
    ProgrammeHeader, ProgrammeKind, ProgrammeLog, ProgrammeTapeEvent, StakingRewardsLog, Tape,
    V3StakerLog,
};
use tidemill_replay::replay_programme;
use tidemill_rewards::Account;
use tidemill_rewards::aerodrome::{Aerodrome, GaugeId};
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsState};
use tidemill_rewards::v3_staker::{IncentiveKey, V3StakerState};
use tidemill_store::{ProgrammeState, ProgrammeTape, sample, write_programme_tape};
use tidemill_units::{Amount, BlockNumber, Liquidity, LogIndex, Timestamp, U256};

use crate::run::{Ran, example_programme, refused, tidemill};

const ALICE: Address = Address([0xa1; 20]);
const BOB: Address = Address([0xb0; 20]);
const TOKEN: Address = Address([0x77; 20]);
const START: u64 = 1_600_000_000;

pub(crate) fn tape(start: ProgrammeState, logs: Vec<(u64, ProgrammeLog)>) -> ProgrammeTape {
    let event = |(index, (seconds, log)): (usize, (u64, ProgrammeLog))| ProgrammeTapeEvent {
        block: BlockNumber(100 + index as u64),
        log_index: LogIndex(3),
        time: Timestamp(START + seconds),
        gas_used: None,
        gas_price: None,
        log,
    };
    ProgrammeTape {
        header: ProgrammeHeader {
            kind: ProgrammeKind::from_name(start.kind()).unwrap(),
            chain_id: ChainId(1),
            address: Address([1; 20]),
            reward_tokens: vec![TOKEN],
            pool: None,
            state_after_block: BlockNumber(99),
        },
        start,
        events: logs.into_iter().enumerate().map(event).collect(),
    }
}

/// Two stakers share a stream of a unit per second; what they are paid is the model's answer.
fn staking_tape() -> ProgrammeTape {
    let state = StakingRewardsState::uniswap(Account([9; 20]));
    let mut model = StakingRewards::new(&state).unwrap();
    let reward = Amount::from_u64(60 * 86_400);
    let at = |seconds| Timestamp(START + seconds);
    let [alice, bob] = [ALICE, BOB].map(|user| Account(user.0));
    let amount = Amount::from_u64(4_000);
    model.fund(reward).unwrap();
    model.notify_reward_amount(Account([9; 20]), reward, at(0)).unwrap();
    model.stake(alice, amount, at(10)).unwrap();
    model.stake(bob, amount, at(110)).unwrap();
    let paid = model.get_reward(alice, at(310)).unwrap();
    assert_eq!(paid, Amount::from_u64(200));
    let logs = vec![
        (0, StakingRewardsLog::Funded { amount: reward }),
        (0, StakingRewardsLog::RewardAdded { reward }),
        (10, StakingRewardsLog::Staked { user: ALICE, amount }),
        (110, StakingRewardsLog::Staked { user: BOB, amount }),
        (310, StakingRewardsLog::RewardPaid { user: ALICE, reward: paid }),
        (410, StakingRewardsLog::Withdrawn { user: BOB, amount: Amount::from_u64(1_000) }),
    ];
    let logs = logs.into_iter().map(|(at, log)| (at, ProgrammeLog::StakingRewards(log)));
    tape(state.into(), logs.collect())
}

pub(crate) fn replay(folder: &Path, tape: &ProgrammeTape, more: &[&str]) -> Ran {
    write_programme_tape(tape, &folder.join("tape.jsonl")).unwrap();
    tidemill(folder, &[&["replay", "tape.jsonl"], more].concat())
}

#[test]
fn a_programme_that_reproduces() {
    let folder = tempfile::tempdir().unwrap();
    let printed = replay(folder.path(), &staking_tape(), &["--json"]).json();
    assert_eq!(printed["programme"], "staking_rewards");
    assert_eq!((&printed["events"], &printed["mismatches"]), (&json!(6), &json!(0)));
    let kinds =
        json!({"funded": 1, "reward_added": 1, "reward_paid": 1, "staked": 2, "withdrawn": 1});
    assert_eq!(printed["kinds"], kinds);
    assert_eq!(printed["staked"], json!([{"token": null, "amount": "7000"}]));
    let token = TOKEN.to_string();
    assert_eq!(printed["paid"], json!([{"token": token, "amount": "200"}]));
    // A stream of a unit per second since the first stake, 400 seconds long.
    assert_eq!(printed["unclaimed"], json!([{"token": token, "amount": "200"}]));
    let rows = replay(folder.path(), &staking_tape(), &[]).good();
    assert!(rows.contains(&format!("unclaimed, {token}")), "{rows}");
}

#[test]
fn one_unit_more_paid() {
    let folder = tempfile::tempdir().unwrap();
    let mut tape = staking_tape();
    let reward = Amount::from_u64(201);
    tape.events[4].log =
        ProgrammeLog::StakingRewards(StakingRewardsLog::RewardPaid { user: ALICE, reward });
    let ran = replay(folder.path(), &tape, &["--json"]);
    let expected = "block 104, log index 3: the reward_paid gives reward 200, recorded is 201";
    assert_eq!(ran.refusal(1), expected);
    let printed: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&printed["events"], &printed["mismatches"]), (&json!(4), &json!(1)));
}

#[test]
fn a_call_that_reverts() {
    let folder = tempfile::tempdir().unwrap();
    let mut tape = staking_tape();
    let amount = Amount::from_u64(4_001);
    tape.events[5].log =
        ProgrammeLog::StakingRewards(StakingRewardsLog::Withdrawn { user: BOB, amount });
    let ran = replay(folder.path(), &tape, &["--json"]);
    let expected = "block 105, log index 3: the withdrawn reverts: a difference is below zero";
    assert_eq!(ran.refusal(1), expected);
}

#[test]
fn tapes_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    replay(path, &staking_tape(), &[]).good();
    let good = std::fs::read_to_string(path.join("tape.jsonl")).unwrap();
    let cut: String = good.lines().take(4).map(|line| format!("{line}\n")).collect();
    std::fs::write(path.join("cut.jsonl"), cut).unwrap();
    let expected = "cut.jsonl: line 5: is missing: a tape ends with its seal, and this one is cut \
                    short before it";
    assert_eq!(refused(path, &["replay", "cut.jsonl"]), expected);
    std::fs::write(path.join("changed.jsonl"), good.replace("\"4000\"", "\"4001\"")).unwrap();
    let said = refused(path, &["replay", "changed.jsonl"]);
    assert!(said.starts_with("changed.jsonl: line 8, field seal: is damaged: "), "{said}");
    let said = refused(path, &["replay", "--pool", "tape.jsonl"]);
    assert_eq!(said, "--pool goes with the tape of a reward programme");
    tidemill(path, &["tape", "sample", "--out", "week.parquet"]).good();
    let said = refused(path, &["replay", "tape.jsonl", "--pool", "week.parquet"]);
    assert_eq!(said, "tape.jsonl: a staking_rewards reads no pool, and a pool's tape was given");
}

/// A position of the sample week in the staker for a day.
pub(crate) fn staker_tape(week: &Tape, claimed: Option<Amount>) -> ProgrammeTape {
    let owner = ALICE;
    let first = week.events[0].time;
    let range = week.initial_positions.iter().find(|position| {
        let tidemill_model::PoolStart::Snapshot { tick, .. } = week.header.start else {
            return false;
        };
        position.range.lower <= tick && tick < position.range.upper
    });
    let [start_time, end_time] = [60, 86_460].map(|seconds| Timestamp(first.0 + seconds));
    let key = IncentiveKey {
        reward_token: Account(TOKEN.0),
        pool: Account(week.header.pool.0),
        start_time,
        end_time,
        refundee: Account(BOB.0),
    };
    let incentive_id = Bytes32(key.id());
    let token_id = U256::from(7);
    let reward = Amount::from_u128(10_u128.pow(24));
    let created = V3StakerLog::IncentiveCreated {
        reward_token: TOKEN,
        pool: week.header.pool,
        start_time,
        end_time,
        refundee: BOB,
        reward,
    };
    let range = range.map(|position| position.range);
    let old_owner = Address::default();
    let mut logs = vec![
        (1, created),
        (2, V3StakerLog::DepositTransferred { token_id, old_owner, new_owner: owner, range }),
        (
            1_000,
            V3StakerLog::TokenStaked {
                token_id,
                incentive_id,
                liquidity: Liquidity(10_u128.pow(15)),
            },
        ),
        (80_000, V3StakerLog::TokenUnstaked { token_id, incentive_id }),
    ];
    logs.extend(claimed.map(|reward| {
        let (to, requested) = (owner, Some(Amount::ZERO));
        (80_001, V3StakerLog::RewardClaimed { reward_token: TOKEN, owner, to, reward, requested })
    }));
    let logs = logs.into_iter().map(|(at, log)| (at, ProgrammeLog::V3Staker(log)));
    let mut tape = tape(V3StakerState::default().into(), logs.collect());
    tape.header.pool = Some(week.header.pool);
    let before = week.events[0].block.0;
    tape.header.state_after_block = BlockNumber(before - 1);
    for (place, event) in (1..).zip(&mut tape.events) {
        let time = Timestamp(event.time.0 - START + first.0);
        // Each stands in a block of the tape, after the pool's own logs.
        let behind = week.events.iter().take_while(|recorded| recorded.time <= time);
        let last = behind.last().unwrap();
        (event.block, event.time) = (last.block, last.time);
        event.log_index = LogIndex(last.log_index.0 + place);
    }
    tape
}

#[test]
fn a_staker_beside_the_tape_of_its_pool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let week = sample().unwrap();
    tidemill(path, &["tape", "sample", "--out", "week.parquet"]).good();
    let report = replay_programme(&staker_tape(&week, None), Some(&week), |_| {}).unwrap();
    assert_eq!(report.mismatch, None);
    let [earned] = report.totals.unclaimed.as_slice() else { panic!("{:?}", report.totals) };
    assert!(earned.amount > Amount::from_u128(10_u128.pow(18)), "{earned:?}");
    let with_pool = ["--pool", "week.parquet", "--json"];
    let whole = staker_tape(&week, Some(earned.amount));
    let printed = replay(path, &whole, &with_pool).json();
    let token = TOKEN.to_string();
    let paid = json!([{"token": token, "amount": earned.amount.to_string()}]);
    assert_eq!((&printed["paid"], &printed["unclaimed"]), (&paid, &json!([])));
    let more = earned.amount.checked_add(Amount::from_u64(1)).unwrap();
    let ran = replay(path, &staker_tape(&week, Some(more)), &with_pool);
    let said = ran.refusal(1);
    assert!(said.contains(": the reward_claimed gives reward "), "{said}");
    replay(path, &whole, &with_pool).good();
    let said = refused(path, &["replay", "tape.jsonl"]);
    let expected =
        "tape.jsonl: a v3_staker reads its pool: the pool's tape is needed beside (--pool TAPE)";
    assert_eq!(said, expected);
    let mut other = whole;
    other.header.pool = Some(BOB);
    write_programme_tape(&other, &path.join("other.jsonl")).unwrap();
    let said = refused(path, &["replay", "other.jsonl", "--pool", "week.parquet"]);
    let expected = format!(
        "other.jsonl: the programme is about pool {BOB}, the pool's tape is of {}",
        week.header.pool
    );
    assert_eq!(said, expected);
}

/// Seconds after [`START`] at which nothing has happened yet to the examples of Aerodrome's.
const AFTER_EXAMPLES: u64 = 1_700_870_400 - START;

/// A stake in a gauge, a vote for nothing and a claim, from the example of the docs.
fn aerodrome_tape() -> (ProgrammeTape, Amount) {
    let state = ProgrammeState::read(&example_programme("aerodrome")).unwrap();
    let ProgrammeState::Aerodrome(of) = &state else { panic!("{state:?}") };
    let mut model = Aerodrome::new(of).unwrap();
    let at = |seconds| Timestamp(START + AFTER_EXAMPLES + seconds);
    let amount = Amount::from_u64(2_000_000_000_000_000_000);
    let (gauge, alice) = (GaugeId(0), Account(ALICE.0));
    model.stake(gauge, Account(BOB.0), amount, at(60)).unwrap();
    let paid = model.claim_emission(alice, gauge, alice, at(120)).unwrap();
    assert!(!paid.is_zero());
    let logs = [
        (60, AerodromeLog::GaugeDeposit { gauge: 0, to: BOB, amount }),
        (120, AerodromeLog::GaugeClaimRewards { gauge: 0, from: ALICE, amount: paid }),
        (130, AerodromeLog::WhitelistToken { token: TOKEN, is_allowed: true }),
    ];
    let logs = logs.map(|(at, log)| (AFTER_EXAMPLES + at, ProgrammeLog::Aerodrome(log)));
    (tape(state, logs.into()), paid)
}

#[test]
fn a_tape_of_aerodrome_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let (mut tape, paid) = aerodrome_tape();
    let printed = replay(folder.path(), &tape, &["--json"]).json();
    assert_eq!(printed["programme"], "aerodrome");
    let kinds = json!({"gauge_claim_rewards": 1, "gauge_deposit": 1, "whitelist_token": 1});
    assert_eq!(printed["kinds"], kinds);
    let token = format!("0x{}", "ae".repeat(20));
    assert_eq!(printed["paid"], json!([{"token": token, "amount": paid.to_string()}]));
    assert_eq!(printed["staked"][0]["token"], token);
    assert!(!printed["unclaimed"].as_array().unwrap().is_empty());
    let more = paid.checked_add(Amount::from_u64(1)).unwrap();
    let claim = AerodromeLog::GaugeClaimRewards { gauge: 0, from: ALICE, amount: more };
    tape.events[1].log = ProgrammeLog::Aerodrome(claim);
    let ran = replay(folder.path(), &tape, &[]);
    let expected = format!("the gauge_claim_rewards gives amount {paid}, recorded is {more}");
    assert_eq!(ran.refusal(1), format!("block 101, log index 3: {expected}"));
}

#[test]
fn tapes_of_gauges_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let state = ProgrammeState::read(&example_programme("aerodrome_gauge")).unwrap();
    let log = AerodromeGaugeLog::Deposit { to: BOB, amount: Amount::from_u64(5) };
    let shares = tape(state, vec![(AFTER_EXAMPLES + 9, ProgrammeLog::AerodromeGauge(log))]);
    let printed = replay(folder.path(), &shares, &["--json"]).json();
    assert_eq!(printed["programme"], "aerodrome_gauge");
    let staked = json!([{"token": null, "amount": "10000000000000000005"}]);
    assert_eq!(printed["staked"], staked);
    let state = ProgrammeState::read(&example_programme("concentrated_gauge")).unwrap();
    let log = ConcentratedGaugeLog::Checkpointed { from: ALICE, token_id: 41 };
    let ranges = tape(state, vec![(AFTER_EXAMPLES + 9, ProgrammeLog::ConcentratedGauge(log))]);
    let ran = replay(folder.path(), &ranges, &[]);
    let said = ran.refusal(2);
    assert!(
        said.ends_with(
            "a concentrated_gauge reads its pool: the pool's tape is needed \
                            beside (--pool TAPE)"
        ),
        "{said}"
    );
}

#[test]
fn fields_of_aerodrome_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tape.jsonl");
    write_programme_tape(&aerodrome_tape().0, &path).unwrap();
    let good = std::fs::read_to_string(&path).unwrap();
    for (from, to, field) in [
        ("\"gauge\":\"0\"", "\"gauge\":\"4294967296\"", "gauge"),
        ("\"gauge\":\"0\",", "", "gauge"),
        ("\"event\":\"gauge_deposit\"", "\"event\":\"gauge_deposits\"", "event"),
        ("\"to\":\"0xb0", "\"to\":\"0xg0", "to"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        std::fs::write(&path, bad).unwrap();
        let ran = tidemill(folder.path(), &["replay", "tape.jsonl"]);
        let said = ran.refusal(2);
        assert!(said.starts_with("tape.jsonl") && said.contains("line 2"), "{said}");
        assert!(said.contains(field), "{said}");
    }
}
