use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{
    Address as ModelAddress, FeeCheckpoint, FeeClaim, FeeDistributionLog, FeePayment, ProgrammeLog,
};
use tidemill_rewards::FeeDistribution;
use tidemill_testkit::{Address, ContractLog, FeeOracle, Random, Transaction};
use tidemill_units::Timestamp;

use super::{
    Recorder, Tampering, amount, argument, data, fold, folded, is_call, is_log, of_evm, to_address,
    vote_escrow, with_logging_tokens,
};
use crate::rewards::fee_distributor::World;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_the_fee_distributor_folds_to_the_contracts_state() {
    let artifacts = with_logging_tokens();
    let worlds = Worlds {
        name: "tape of the fee distributor",
        stream: 812,
        tests: 10,
        most_in_one: 200,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::recorded(&artifacts, seed, tally);
        let start =
            FeeDistribution { escrow: world.escrow.clone(), distributor: world.model.clone() };
        for _ in 0..most {
            world.step(tally);
        }
        let mut recorder = Recorder::new();
        for transaction in world.oracle.chain.evm.take_journal() {
            recorder.begin_in_block(&transaction);
            for log in logs(&world.oracle, &transaction) {
                recorder.log(ProgrammeLog::FeeDistribution(log));
            }
        }
        if recorder.events.is_empty() {
            return most;
        }
        for event in &recorder.events {
            count(&event.log, tally);
        }
        let (tape, text) = recorder.tape(start.state());
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        let end = model(fold_of.programme()).clone();
        assert_eq!(end.escrow, world.escrow, "world {seed}");
        world.model = end.distributor.clone();
        world.compare();
        check_tampering(&text, seed, tally, &end);
        most
    });
}

fn check_tampering(text: &str, seed: u64, tally: &mut Tally, end: &FeeDistribution) {
    let tampering = Tampering { shift: &[], blind: &BLIND };
    tampering.run(text, &mut Random::new(seed), tally, |tape| {
        let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
        Ok(model(fold.programme()) == end)
    });
}

/// Counts what a kind of log alone does not tell.
#[expect(clippy::wildcard_enum_match_arm, reason = "most logs tell all")]
fn count(log: &ProgrammeLog, tally: &mut Tally) {
    match log {
        ProgrammeLog::FeeDistribution(FeeDistributionLog::TokenDeposited {
            before: Some(_),
            after: Some(_),
            ..
        }) => tally.count("a deposit with two checkpoints"),
        ProgrammeLog::FeeDistribution(FeeDistributionLog::Claimed { claims, .. }) => {
            let paid = claims.iter().filter(|claim| claim.claimed.is_some()).count();
            match (paid, claims.len()) {
                (2.., _) => tally.count("several tokens paid by one claim"),
                (0, 1..) => tally.count("a claim that pays nothing"),
                _ => {}
            }
            if claims.iter().any(|claim| claim.checkpoint.is_some()) {
                tally.count("a claim that shares out");
            }
        }
        _ => {}
    }
}

const OPERATIONS: [&str; 24] = [
    "folded token_deposited",
    "folded given",
    "folded only_caller_opt_in",
    "folded token_checkpointed",
    "folded claimed",
    "folded checkpointed",
    "folded user_checkpointed",
    "folded escrow_deposit",
    "folded escrow_withdraw",
    "a deposit with two checkpoints",
    "several tokens paid by one claim",
    "a claim that pays nothing",
    "a claim that shares out",
    "found token_deposited.amount",
    "found token_deposited.before",
    "found token_deposited.after",
    "found given.amount",
    "found only_caller_opt_in.enabled",
    "found token_checkpointed.checkpoint",
    "found claimed.claims",
    "found claimed.user",
    "found escrow_deposit.value",
    "found escrow_deposit.supply",
    "found escrow_withdraw.value",
];

/// What is allowed may be taken back before it makes a difference, and a user's weeks may be noted
/// later all the same.
const BLIND: [&str; 2] = ["only_caller_opt_in.enabled", "user_checkpointed.user"];

fn model(programme: &FoldedProgramme) -> &FeeDistribution {
    let FoldedProgramme::FeeDistribution(model) = programme else { panic!("{programme:?}") };
    model
}

/// What a node tells of a transaction.
fn logs(oracle: &FeeOracle, transaction: &Transaction) -> Vec<FeeDistributionLog> {
    let escrow = oracle.chain.escrow;
    let mut all: Vec<_> = vote_escrow::logs(escrow, transaction)
        .into_iter()
        .map(FeeDistributionLog::Escrow)
        .collect();
    let is = |signature| is_call(transaction, signature);
    if transaction.to != oracle.distributor {
        let logs = transaction.logs.iter();
        all.extend(
            logs.filter_map(|(token, log)| arrived(oracle, *token, log))
                .map(|(token, amount)| FeeDistributionLog::Given { token, amount }),
        );
        return all;
    }
    let address = |index| to_address(argument(transaction, index));
    let addresses = |from: usize| -> Vec<ModelAddress> {
        let count: usize = argument(transaction, from).to();
        (0..count).map(|index| address(from + 1 + index)).collect()
    };
    if is("depositToken(address,uint256)") || is("depositTokens(address[],uint256[])") {
        all.extend(deposits(oracle, transaction));
    } else if is("checkpointToken(address)") {
        all.extend(checkpoints(oracle, transaction, &[address(0)]));
    } else if is("checkpointTokens(address[])") {
        all.extend(checkpoints(oracle, transaction, &addresses(1)));
    } else if is("claimToken(address,address)") {
        all.push(claims(oracle, transaction, &[address(1)]));
    } else if is("claimTokens(address,address[])") {
        all.push(claims(oracle, transaction, &addresses(2)));
    } else if is("checkpoint()") {
        all.push(FeeDistributionLog::Checkpointed {});
    } else if is("checkpointUser(address)") {
        all.push(FeeDistributionLog::UserCheckpointed { user: address(0) });
    } else if !transaction.input.is_empty() {
        let [(_, log)] = transaction.logs.as_slice() else { panic!("{transaction:?}") };
        assert!(is_log(log, "OnlyCallerOptIn(address,bool)"), "{log:?}");
        let (user, enabled) = (to_address(data(log, 0)), !data(log, 1).is_zero());
        all.push(FeeDistributionLog::OnlyCallerOptIn { user, enabled });
    }
    all
}

/// A token's transfer to the distributor.
fn arrived(
    oracle: &FeeOracle,
    token: Address,
    log: &ContractLog,
) -> Option<(ModelAddress, tidemill_units::Amount)> {
    let is_transfer = oracle.tokens.contains(&token)
        && is_log(log, "Transfer(address,address,uint256)")
        && to_address(log.topics[2]) == of_evm(oracle.distributor);
    is_transfer.then(|| (of_evm(token), amount(log, 0)))
}

/// A token that was shared out.
fn checkpointed(
    oracle: &FeeOracle,
    of: &(Address, ContractLog),
) -> Option<(ModelAddress, FeeCheckpoint)> {
    let (address, log) = of;
    let is_one =
        *address == oracle.distributor && is_log(log, "TokenCheckpointed(address,uint256,uint256)");
    is_one.then(|| {
        let last_checkpoint_timestamp = Timestamp(data(log, 2).to());
        let checkpoint = FeeCheckpoint { amount: amount(log, 1), last_checkpoint_timestamp };
        (to_address(data(log, 0)), checkpoint)
    })
}

fn deposits(oracle: &FeeOracle, transaction: &Transaction) -> Vec<FeeDistributionLog> {
    let mut all: Vec<FeeDistributionLog> = Vec::new();
    let mut waiting = None;
    for of in &transaction.logs {
        if let Some((token, amount)) = arrived(oracle, of.0, &of.1) {
            let before = waiting.take();
            all.push(FeeDistributionLog::TokenDeposited { token, amount, before, after: None });
        } else if let Some((shared, checkpoint)) = checkpointed(oracle, of) {
            match all.last_mut() {
                Some(FeeDistributionLog::TokenDeposited { token, after, .. })
                    if *token == shared && after.is_none() =>
                {
                    *after = Some(checkpoint);
                }
                _ => waiting = Some(checkpoint),
            }
        }
    }
    all
}

/// Gives each token the first of the checkpoints that is its own.
fn shared_out(
    oracle: &FeeOracle,
    transaction: &Transaction,
    tokens: &[ModelAddress],
) -> Vec<Option<FeeCheckpoint>> {
    let logs = transaction.logs.iter();
    let mut logs: Vec<_> = logs.filter_map(|log| checkpointed(oracle, log)).collect();
    let each = tokens.iter().map(|token| {
        let place = logs.iter().position(|(shared, _)| shared == token)?;
        Some(logs.remove(place).1)
    });
    each.collect()
}

fn checkpoints(
    oracle: &FeeOracle,
    transaction: &Transaction,
    tokens: &[ModelAddress],
) -> Vec<FeeDistributionLog> {
    let each = tokens.iter().zip(shared_out(oracle, transaction, tokens));
    each.map(|(token, checkpoint)| FeeDistributionLog::TokenCheckpointed {
        token: *token,
        checkpoint,
    })
    .collect()
}

/// A claim: the call answers what was paid of each token, and a log says so of what is not nothing.
fn claims(
    oracle: &FeeOracle,
    transaction: &Transaction,
    tokens: &[ModelAddress],
) -> FeeDistributionLog {
    let mut paid = transaction.logs.iter().filter(|(address, log)| {
        *address == oracle.distributor
            && is_log(log, "TokensClaimed(address,address,uint256,uint256)")
    });
    let answered = transaction.answer.words();
    let amounts = &answered[answered.len() - tokens.len()..];
    let each = tokens.iter().zip(shared_out(oracle, transaction, tokens)).zip(amounts);
    let claims = each.map(|((token, checkpoint), of)| {
        let claimed = (!of.is_zero()).then(|| {
            let (_, log) = paid.next().unwrap();
            assert_eq!((to_address(data(log, 1)), data(log, 2)), (*token, *of), "{log:?}");
            let user_token_time_cursor = Timestamp(data(log, 3).to());
            FeePayment { amount: amount(log, 2), user_token_time_cursor }
        });
        FeeClaim { token: *token, checkpoint, claimed }
    });
    let claims = claims.collect();
    assert!(paid.next().is_none(), "{transaction:?}");
    FeeDistributionLog::Claimed { user: to_address(argument(transaction, 0)), claims }
}
