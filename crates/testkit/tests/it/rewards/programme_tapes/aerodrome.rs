//! What Aerodrome's contracts would log, as the second model in big integers writes it: no registry
//! has their bytecode.

use num_bigint::BigInt;
use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{
    Address, AerodromeChoice, AerodromeGaugeLog, AerodromeLog, AerodromeVote, ProgrammeLog,
};
use tidemill_rewards::aerodrome::{
    Aerodrome, AerodromeState, Gauge, GaugeId, GaugeState, NewGauge, WEEK,
};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Amounts, Timestamp, U256};

use super::encoded::aerodrome as encoded;
use super::{Recorder, Tampering, fold, folded};
use crate::rewards::aerodrome::naive::Event;
use crate::rewards::aerodrome::{World, account, token};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_aerodrome_folds_to_the_second_models_state() {
    let worlds = Worlds {
        name: "tape of Aerodrome",
        stream: 807,
        tests: 10,
        most_in_one: 250,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        let start = world.system.state();
        let earlier = std::mem::take(&mut world.journal);
        for _ in 0..most {
            world.step(tally);
        }
        let mut recorder = Recorder::new();
        let all = earlier.iter().chain(&world.journal).flat_map(|(_, events)| events);
        let contracts = encoded::contracts(all);
        for (now, events) in &world.journal {
            recorder.begin_at(Timestamp(*now));
            let told = encoded::read(&contracts, events);
            check_told(&told, events);
            for log in told {
                recorder.log(ProgrammeLog::Aerodrome(log));
            }
        }
        if recorder.events.is_empty() {
            return most;
        }
        let (tape, text) = recorder.tape(start);
        let end = at_rest(world.system.state());
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        assert_eq!(state(fold_of.programme()), end, "world {seed}");
        check_tampering(&text, seed, tally, &end);
        most
    });
}

#[test]
fn a_tape_of_one_gauge_folds_to_the_second_models_state() {
    let worlds = Worlds {
        name: "tape of an Aerodrome gauge",
        stream: 808,
        tests: 10,
        most_in_one: 250,
        unit: "operations",
    };
    let operations = [
        "folded deposit",
        "folded withdraw",
        "folded claim_rewards",
        "folded notify_reward",
        "folded checkpointed",
        "found deposit.amount",
        "found withdraw.amount",
        "found claim_rewards.amount",
        "found notify_reward.amount",
        "found notify_reward.fees0",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        world.journal.clear();
        for _ in 0..most {
            world.step(tally);
        }
        let gauges = world.system.voter().gauges().len() as u32;
        for gauge in 0..gauges {
            one_gauge(&world, gauge, tally);
        }
        most
    });
}

/// The gauge that was handed its emission.
fn handed(log: &AerodromeLog) -> Option<u32> {
    if let AerodromeLog::DistributeReward { gauge, .. } = log { Some(*gauge) } else { None }
}

/// What the decoder reads is what happened: of a gauge that a call names twice, once.
fn check_told(told: &[AerodromeLog], events: &[Event]) {
    let order = |logs: &[AerodromeLog]| {
        let mut all: Vec<_> = logs.iter().map(|log| format!("{log:?}")).collect();
        all.sort();
        all.dedup();
        all
    };
    let expected = logs(events);
    let is_late = |log: &AerodromeLog| {
        let AerodromeLog::GaugeUpdated { gauge: updated } = log else { return false };
        expected.iter().any(|log| handed(log) == Some(*updated))
    };
    let expected: Vec<_> = expected.iter().filter(|log| !is_late(log)).cloned().collect();
    assert_eq!(order(told), order(&expected), "{events:#?}");
}

/// The tape of one gauge of the system, from before anything happened to it.
fn one_gauge(world: &World, number: u32, tally: &mut Tally) {
    let mut recorder = Recorder::new();
    for (now, events) in &world.journal {
        recorder.begin_at(Timestamp(*now));
        for log in logs(events).iter().filter_map(|log| of_gauge(log, number)) {
            recorder.log(ProgrammeLog::AerodromeGauge(log));
        }
    }
    if recorder.events.is_empty() {
        return;
    }
    let (tape, text) = recorder.tape(GaugeState::default());
    let gauge = world.system.voter().gauge(GaugeId(number)).unwrap().gauge.as_ref().unwrap();
    let context = format!("gauge {number}");
    let fold_of = folded(&tape, &NoPools, &context, tally);
    assert_eq!(alone_of(fold_of.programme()), gauge, "{context}");
    let blind = ["checkpointed.from", "withdraw.from"];
    let tampering = Tampering { shift: &[], blind: &blind };
    tampering.run(&text, &mut Random::new(u64::from(number)), tally, |tape| {
        let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
        Ok(alone_of(fold.programme()) == gauge)
    });
}

fn alone_of(programme: &FoldedProgramme) -> &Gauge {
    let FoldedProgramme::AerodromeGauge(fold) = programme else { panic!("{programme:?}") };
    fold.gauge()
}

/// A log of the system as the gauge by itself has it.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are no gauge's")]
fn of_gauge(log: &AerodromeLog, number: u32) -> Option<AerodromeGaugeLog> {
    let none = Amount::ZERO;
    Some(match *log {
        AerodromeLog::GaugeDeposit { gauge, to, amount } if gauge == number => {
            AerodromeGaugeLog::Deposit { to, amount }
        }
        AerodromeLog::GaugeWithdraw { gauge, from, amount } if gauge == number => {
            AerodromeGaugeLog::Withdraw { from, amount }
        }
        AerodromeLog::GaugeClaimRewards { gauge, from, amount } if gauge == number => {
            AerodromeGaugeLog::ClaimRewards { from, amount }
        }
        AerodromeLog::GaugeCheckpointed { gauge, from } if gauge == number => {
            AerodromeGaugeLog::Checkpointed { from }
        }
        AerodromeLog::GaugeNotifyReward { gauge, amount } if gauge == number => {
            let [claimed0, claimed1, fees0, fees1] = [none; 4];
            AerodromeGaugeLog::NotifyReward { amount, claimed0, claimed1, fees0, fees1 }
        }
        AerodromeLog::DistributeReward {
            gauge, amount, claimed0, claimed1, fees0, fees1, ..
        } if gauge == number => {
            AerodromeGaugeLog::NotifyReward { amount, claimed0, claimed1, fees0, fees1 }
        }
        _ => return None,
    })
}

/// What a gauge that is kept elsewhere is handed, and passes on.
#[test]
#[expect(clippy::too_many_lines, reason = "it is one story of a week")]
fn a_gauge_elsewhere_is_handed_its_emission() {
    let at = |seconds| Timestamp(1_700_179_200 + seconds);
    let coins = [0, 1].map(token);
    let supply = Amount::from_u128(500_000_000 * 10_u128.pow(18));
    let mut system = Aerodrome::deployed(token(0), supply, at(0));
    let start = system.state();
    let mut recorder = Recorder::new();
    let mut log = |time, log| {
        recorder.begin_at(time);
        recorder.log(ProgrammeLog::Aerodrome(log));
    };
    let tokens = Some(coins.map(|token| Address(token.0)));
    log(at(1), AerodromeLog::GaugeCreated { gauge: 0, tokens, is_elsewhere: true });
    let new = NewGauge { tokens: Some(coins), by_governor: true, is_elsewhere: true };
    let gauge = system.create_gauge(new).unwrap();
    let value = Amount::from_u128(1_000 * 10_u128.pow(18));
    let lock = system.create_lock(account(1), value, 100 * WEEK, at(10)).unwrap();
    log(
        at(10),
        AerodromeLog::Deposit {
            token_id: 1,
            deposit_type: 1,
            value,
            locktime: system.escrow().lock(lock).unwrap().locked.end,
            owner: Some(Address(account(1).0)),
            supply: value,
        },
    );
    let weight = U256::from(7);
    system.vote(account(1), lock, &[(gauge, weight)], at(7_200)).unwrap();
    let votes = system.voter().gauge(gauge).unwrap().weight;
    let voted = vec![AerodromeVote { gauge: 0, weight: votes, total_weight: votes }];
    let weights = vec![AerodromeChoice { gauge: 0, weight }];
    log(at(7_200), AerodromeLog::Voted { token_id: 1, weights, abstained: Vec::new(), voted });
    let fees = Amounts { amount0: Amount::ZERO, amount1: Amount::from_u64(9) };
    system.notify_fees(gauge, fees, at(WEEK)).unwrap();
    let (reward, epoch, amount) = (Address(token(1).0), at(WEEK), Amount::from_u64(9));
    let epoch = Timestamp(epoch.0 / WEEK * WEEK);
    log(at(WEEK), AerodromeLog::FeesNotifyReward { gauge: 0, reward, epoch, amount });
    let emission = system.update_period(at(WEEK)).unwrap().unwrap();
    log(
        at(WEEK),
        AerodromeLog::Mint {
            weekly: emission.gauges,
            circulating_supply: system.minter().total_supply,
            is_tail: false,
            tokens: emission.rebase,
            team: emission.team,
        },
    );
    let left = Amount::from_u64(5);
    let amount = system.distribute_elsewhere(gauge, left, at(WEEK)).unwrap();
    assert!(amount > left);
    let zero = Amount::ZERO;
    let handed = |amount, claimed0, left| AerodromeLog::DistributeReward {
        gauge: 0,
        amount,
        claimed0,
        claimed1: zero,
        fees0: zero,
        fees1: zero,
        left,
    };
    log(at(WEEK), handed(amount, zero, Some(left)));
    let (tape, _) = recorder.tape(start);
    let fold_of = folded(&tape, &NoPools, "by hand", &mut Tally::new("", 0));
    assert_eq!(state(fold_of.programme()), at_rest(system.state()));
    let with_last = |log: AerodromeLog| {
        let mut tape = tape.clone();
        tape.events.last_mut().unwrap().log = ProgrammeLog::Aerodrome(log);
        fold(&tape, &NoPools).unwrap_err().1.to_string()
    };
    let said = with_last(handed(left, zero, Some(left)));
    assert!(said.contains(&format!("gives amount {amount}")), "{said}");
    let said = with_last(handed(amount, Amount::from_u64(1), Some(left)));
    assert!(said.contains("has fees"), "{said}");
    let said = with_last(handed(amount, zero, None));
    assert!(said.contains("reverts"), "{said}");
    let said = with_last(handed(amount, zero, Some(amount)));
    assert!(said.contains("gives amount 0"), "{said}");
    let mut early = tape.clone();
    early.events.retain(|event| event.log.kind() != "mint");
    let said = fold(&early, &NoPools).unwrap_err().1.to_string();
    assert!(said.contains("begins an epoch without the mint"), "{said}");
}

fn check_tampering(text: &str, seed: u64, tally: &mut Tally, end: &AerodromeState) {
    let tampering = Tampering { shift: &[], blind: &BLIND };
    tampering.run(text, &mut Random::new(seed), tally, |tape| {
        let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
        Ok(state(fold.programme()) == *end)
    });
}

fn state(programme: &FoldedProgramme) -> AerodromeState {
    let FoldedProgramme::Aerodrome(model) = programme else { panic!("{programme:?}") };
    at_rest(model.state())
}

/// A state without when the last call was: one that does nothing logs nothing.
fn at_rest(state: AerodromeState) -> AerodromeState {
    AerodromeState { updated_at: Timestamp(0), ..state }
}

/// Calls that a fold is to have met, and fields in which it is to have found a change.
const OPERATIONS: [&str; 70] = [
    "folded deposit",
    "folded withdraw",
    "folded merge",
    "folded split",
    "folded lock_permanent",
    "folded unlock_permanent",
    "folded transfer",
    "folded create_managed",
    "folded deposit_managed",
    "folded withdraw_managed",
    "folded voted",
    "folded poked",
    "folded abstained",
    "folded gauge_created",
    "folded gauge_killed",
    "folded gauge_revived",
    "folded whitelist_token",
    "folded whitelist_nft",
    "folded distribute_reward",
    "folded mint",
    "folded nudge",
    "folded claimed",
    "folded bribe_notify_reward",
    "folded free_notify_reward",
    "folded bribe_claim_rewards",
    "folded fees_claim_rewards",
    "folded free_claim_rewards",
    "folded gauge_deposit",
    "folded gauge_withdraw",
    "folded gauge_claim_rewards",
    "folded gauge_notify_reward",
    "folded gauge_checkpointed",
    "folded gauge_updated",
    "folded voted_for_nothing",
    "folded rebase_checkpointed",
    "folded escrow_checkpointed",
    "folded split_toggled",
    "folded managed_state_set",
    "folded max_voting_num_set",
    "folded team_rate_set",
    "found deposit.token_id",
    "found deposit.value",
    "found deposit.locktime",
    "found deposit.owner",
    "found deposit.supply",
    "found transfer.to",
    "found voted.abstained",
    "found voted.voted",
    "found poked.voted",
    "found abstained.abstained",
    "found distribute_reward.amount",
    "found distribute_reward.claimed0",
    "found distribute_reward.fees0",
    "found distribute_reward.fees1",
    "found mint.weekly",
    "found mint.circulating_supply",
    "found mint.is_tail",
    "found mint.tokens",
    "found mint.team",
    "found claimed.epoch_start",
    "found claimed.epoch_end",
    "found claimed.amount",
    "found bribe_notify_reward.epoch",
    "found bribe_notify_reward.amount",
    "found bribe_claim_rewards.amount",
    "found fees_claim_rewards.amount",
    "found gauge_deposit.amount",
    "found gauge_deposit.to",
    "found gauge_withdraw.amount",
    "found gauge_claim_rewards.amount",
];

/// Whose a lock was that has ended since is in no later log. A call that paid or changed nothing
/// could have been another; a permission or a setting that is overwritten before it is made use of,
/// and a share of a vote that comes to the same votes, leave no trace.
const BLIND: [&str; 31] = [
    "deposit.owner",
    "transfer.to",
    "deposit.deposit_type",
    "voted.weights",
    "gauge_updated.gauge",
    "gauge_checkpointed.gauge",
    "gauge_checkpointed.from",
    "gauge_withdraw.gauge",
    "gauge_withdraw.from",
    "transfer.token_id",
    "voted_for_nothing.token_id",
    "rebase_checkpointed.token_id",
    "bribe_claim_rewards.gauge",
    "bribe_claim_rewards.token_id",
    "bribe_claim_rewards.reward",
    "fees_claim_rewards.gauge",
    "fees_claim_rewards.token_id",
    "fees_claim_rewards.reward",
    "free_claim_rewards.m_token_id",
    "free_claim_rewards.token_id",
    "free_claim_rewards.reward",
    "whitelist_token.token",
    "whitelist_token.is_allowed",
    "whitelist_nft.token_id",
    "whitelist_nft.is_allowed",
    "split_toggled.account",
    "split_toggled.is_allowed",
    "managed_state_set.m_token_id",
    "managed_state_set.is_deactivated",
    "max_voting_num_set.max_voting_num",
    "team_rate_set.rate",
];

fn n(value: &BigInt) -> u64 {
    let digits = value.to_u64_digits().1;
    assert!(digits.len() <= 1, "{value}");
    digits.first().copied().unwrap_or(0)
}

fn u256(value: &BigInt) -> U256 {
    U256::from_le_slice(&value.to_bytes_le().1)
}

fn a(value: &BigInt) -> Amount {
    Amount(u256(value))
}

fn at(value: &BigInt) -> Timestamp {
    Timestamp(n(value))
}

fn who(number: &BigInt) -> Address {
    Address(account(n(number)).0)
}

fn coin(number: &BigInt) -> Address {
    Address(token(n(number)).0)
}

fn gauge(number: &BigInt) -> u32 {
    u32::try_from(n(number)).unwrap()
}

/// What an earlier event of the same transaction leaves for a later one.
#[derive(Default)]
struct Before {
    owner: Option<Address>,
    team: Amount,
    tokens: Amount,
    updated: Option<u32>,
    claimed: [Amount; 2],
    /// Which of the pool's tokens is passed on next.
    side: usize,
    fees: [Amount; 2],
}

/// What a tape has of one transaction.
#[expect(clippy::too_many_lines, reason = "it is one table of events")]
fn logs(events: &[Event]) -> Vec<AerodromeLog> {
    let votes = |name: &str| -> Vec<AerodromeVote> {
        let of_name = events.iter().filter(|event| event.name == name);
        let vote = |event: &Event| AerodromeVote {
            gauge: gauge(&event.of[0]),
            weight: a(&event.of[2]),
            total_weight: a(&event.of[3]),
        };
        of_name.map(vote).collect()
    };
    let (abstained, voted) = (votes("Abstained"), votes("Voted"));
    let has = |name: &str| events.iter().any(|event| event.name == name);
    // What these log besides is in their own course.
    let is_managing = ["CreateManaged", "DepositManaged", "WithdrawManaged"].into_iter().any(has);
    let is_claiming = has("Claimed");
    let mut before = Before::default();
    let mut all = Vec::new();
    for (place, Event { name, of }) in events.iter().enumerate() {
        let log = match *name {
            "Deposit" if !is_managing && !is_claiming => {
                let supply = a(&events[place + 1].of[0]);
                let owner = before.owner.take();
                let (token_id, deposit_type) = (n(&of[0]), n(&of[1]));
                let (value, locktime) = (a(&of[2]), at(&of[3]));
                AerodromeLog::Deposit { token_id, deposit_type, value, locktime, owner, supply }
            }
            "Withdraw" => AerodromeLog::Withdraw {
                token_id: n(&of[0]),
                value: a(&of[1]),
                supply: a(&events[place + 1].of[0]),
            },
            "call vote" if abstained.is_empty() && voted.is_empty() => {
                AerodromeLog::VotedForNothing { token_id: n(&of[0]) }
            }
            "call vote" => {
                let choice = |pair: &[BigInt]| AerodromeChoice {
                    gauge: gauge(&pair[0]),
                    weight: u256(&pair[1]),
                };
                let weights = of[1..].chunks(2).map(choice).collect();
                let (abstained, voted) = (abstained.clone(), voted.clone());
                AerodromeLog::Voted { token_id: n(&of[0]), weights, abstained, voted }
            }
            "call poke" if !voted.is_empty() => {
                let (abstained, voted) = (abstained.clone(), voted.clone());
                AerodromeLog::Poked { token_id: n(&of[0]), abstained, voted }
            }
            "call reset" if !abstained.is_empty() => {
                AerodromeLog::Abstained { token_id: n(&of[0]), abstained: abstained.clone() }
            }
            "DepositManaged" => AerodromeLog::DepositManaged {
                token_id: n(&of[0]),
                m_token_id: n(&of[1]),
                weight: a(&of[2]),
                abstained: abstained.clone(),
                voted: voted.clone(),
            },
            "WithdrawManaged" => AerodromeLog::WithdrawManaged {
                token_id: n(&of[0]),
                m_token_id: n(&of[1]),
                weight: a(&of[2]),
                abstained: abstained.clone(),
                voted: voted.clone(),
            },
            "Reward.ClaimRewards" if is_managing => continue,
            name => match alone(name, of) {
                Some(log) => log,
                None => {
                    all.extend(before.distribution(name, of));
                    continue;
                }
            },
        };
        all.push(log);
    }
    all.extend(before.not_handed_on());
    all
}

/// Events that stand for a call by themselves.
#[expect(clippy::too_many_lines, reason = "it is one table of events")]
fn alone(name: &str, of: &[BigInt]) -> Option<AerodromeLog> {
    Some(match name {
        "Transfer" if n(&of[0]) != 0 && n(&of[1]) != 0 => {
            AerodromeLog::Transfer { from: who(&of[0]), to: who(&of[1]), token_id: n(&of[2]) }
        }
        "Merge" => AerodromeLog::Merge {
            from: n(&of[0]),
            to: n(&of[1]),
            amount_from: a(&of[2]),
            amount_to: a(&of[3]),
            amount_final: a(&of[4]),
            locktime: at(&of[5]),
        },
        "Split" => AerodromeLog::Split {
            from: n(&of[0]),
            token_id1: n(&of[1]),
            token_id2: n(&of[2]),
            split_amount1: a(&of[3]),
            split_amount2: a(&of[4]),
            locktime: at(&of[5]),
        },
        "LockPermanent" => AerodromeLog::LockPermanent { token_id: n(&of[0]), amount: a(&of[1]) },
        "UnlockPermanent" => {
            AerodromeLog::UnlockPermanent { token_id: n(&of[0]), amount: a(&of[1]) }
        }
        "CreateManaged" => AerodromeLog::CreateManaged { to: who(&of[0]), m_token_id: n(&of[1]) },
        "call checkpoint" => AerodromeLog::EscrowCheckpointed {},
        "call toggleSplit" => AerodromeLog::SplitToggled {
            account: (n(&of[0]) != 0).then(|| who(&of[0])),
            is_allowed: n(&of[1]) == 1,
        },
        "call setManagedState" => {
            let (m_token_id, is_deactivated) = (n(&of[0]), n(&of[1]) == 1);
            AerodromeLog::ManagedStateSet { m_token_id, is_deactivated }
        }
        "call setMaxVotingNum" => {
            AerodromeLog::MaxVotingNumSet { max_voting_num: u32::try_from(n(&of[0])).unwrap() }
        }
        "call setTeamRate" => AerodromeLog::TeamRateSet { rate: u16::try_from(n(&of[0])).unwrap() },
        "WhitelistToken" => {
            AerodromeLog::WhitelistToken { token: coin(&of[0]), is_allowed: n(&of[1]) == 1 }
        }
        "WhitelistNFT" => {
            AerodromeLog::WhitelistNft { token_id: n(&of[0]), is_allowed: n(&of[1]) == 1 }
        }
        "GaugeCreated" => AerodromeLog::GaugeCreated {
            gauge: gauge(&of[0]),
            tokens: (n(&of[1]) == 1).then(|| [coin(&of[2]), coin(&of[3])]),
            is_elsewhere: false,
        },
        "GaugeKilled" => AerodromeLog::GaugeKilled { gauge: gauge(&of[0]) },
        "GaugeRevived" => AerodromeLog::GaugeRevived { gauge: gauge(&of[0]) },
        "Gauge.Deposit" => {
            AerodromeLog::GaugeDeposit { gauge: gauge(&of[0]), to: who(&of[1]), amount: a(&of[2]) }
        }
        "Gauge.Withdraw" => AerodromeLog::GaugeWithdraw {
            gauge: gauge(&of[0]),
            from: who(&of[1]),
            amount: a(&of[2]),
        },
        "Gauge.ClaimRewards" => AerodromeLog::GaugeClaimRewards {
            gauge: gauge(&of[0]),
            from: who(&of[1]),
            amount: a(&of[2]),
        },
        "call getReward" => {
            AerodromeLog::GaugeCheckpointed { gauge: gauge(&of[0]), from: who(&of[1]) }
        }
        "Nudge" => AerodromeLog::Nudge {
            period: at(&of[0]),
            old_rate: u16::try_from(n(&of[1])).unwrap(),
            new_rate: u16::try_from(n(&of[2])).unwrap(),
        },
        "Claimed" => AerodromeLog::Claimed {
            token_id: n(&of[0]),
            epoch_start: at(&of[1]),
            epoch_end: at(&of[2]),
            amount: a(&of[3]),
        },
        "call claim" => AerodromeLog::RebaseCheckpointed { token_id: n(&of[0]) },
        "Reward.ClaimRewards" => claimed(of),
        _ => return None,
    })
}

fn claimed(of: &[BigInt]) -> AerodromeLog {
    let (token_id, from, reward, amount) = (n(&of[2]), who(&of[3]), coin(&of[4]), a(&of[5]));
    match n(&of[0]) {
        0 => {
            let gauge = gauge(&of[1]);
            AerodromeLog::FeesClaimRewards { gauge, token_id, from, reward, amount }
        }
        1 => {
            let gauge = gauge(&of[1]);
            AerodromeLog::BribeClaimRewards { gauge, token_id, from, reward, amount }
        }
        3 => {
            let m_token_id = n(&of[1]);
            AerodromeLog::FreeClaimRewards { m_token_id, token_id, from, reward, amount }
        }
        kind => panic!("rewards {kind} are claimed in another's course only"),
    }
}

impl Before {
    /// A gauge that was brought up to date and handed nothing.
    fn not_handed_on(&mut self) -> Option<AerodromeLog> {
        self.updated.take().map(|gauge| AerodromeLog::GaugeUpdated { gauge })
    }

    /// Events that stand before another of the same call, and those.
    fn distribution(&mut self, name: &str, of: &[BigInt]) -> Vec<AerodromeLog> {
        match name {
            "Transfer" if n(&of[0]) == 0 => self.owner = Some(who(&of[1])),
            "team Transfer" => self.team = a(&of[0]),
            "CheckpointToken" => self.tokens = a(&of[0]),
            "Mint" => {
                return vec![AerodromeLog::Mint {
                    weekly: a(&of[0]),
                    circulating_supply: a(&of[1]),
                    is_tail: n(&of[2]) == 1,
                    tokens: self.tokens,
                    team: self.team,
                }];
            }
            "call updateFor" => {
                let before = self.not_handed_on();
                self.updated = Some(gauge(&of[0]));
                return before.into_iter().collect();
            }
            "call notifyRewardAmount" => self.side = n(&of[0]) as usize,
            "ClaimFees" => self.claimed = [a(&of[1]), a(&of[2])],
            "Reward.NotifyReward" => return self.notified(of).into_iter().collect(),
            "Gauge.NotifyReward" if self.updated.is_none() => {
                let (gauge, amount) = (gauge(&of[0]), a(&of[1]));
                return vec![AerodromeLog::GaugeNotifyReward { gauge, amount }];
            }
            "DistributeReward" => {
                assert_eq!(self.updated.take(), Some(gauge(&of[0])));
                let [claimed0, claimed1] = std::mem::take(&mut self.claimed);
                let [fees0, fees1] = std::mem::take(&mut self.fees);
                return vec![AerodromeLog::DistributeReward {
                    gauge: gauge(&of[0]),
                    amount: a(&of[1]),
                    claimed0,
                    claimed1,
                    fees0,
                    fees1,
                    left: None,
                }];
            }
            "Transfer" | "Supply" | "Deposit" | "Abstained" | "Voted" | "call poke"
            | "call reset" | "Gauge.NotifyReward" => {}
            name => panic!("an unknown {name}"),
        }
        Vec::new()
    }

    fn notified(&mut self, of: &[BigInt]) -> Option<AerodromeLog> {
        let (reward, epoch, amount) = (coin(&of[2]), at(&of[3]), a(&of[4]));
        match n(&of[0]) {
            0 => {
                self.fees[self.side] = amount;
                None
            }
            1 => {
                let gauge = gauge(&of[1]);
                Some(AerodromeLog::BribeNotifyReward { gauge, reward, epoch, amount })
            }
            2 => None,
            _ => {
                let m_token_id = n(&of[1]);
                Some(AerodromeLog::FreeNotifyReward { m_token_id, reward, epoch, amount })
            }
        }
    }
}
