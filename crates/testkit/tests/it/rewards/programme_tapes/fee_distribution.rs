use tidemill_feed_evm::{FeeContracts, ProgrammeContracts};
use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{FeeDistributionLog, ProgrammeLog};
use tidemill_rewards::FeeDistribution;
use tidemill_testkit::{FeeOracle, Random};

use super::{Recorder, Tampering, fold, folded, no_ranges, of_evm, told, with_logging_tokens};
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
            let logs = told(&contracts(&world.oracle), &transaction, &no_ranges);
            logs.into_iter().for_each(|log| recorder.log(log));
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

/// The system's contracts.
fn contracts(oracle: &FeeOracle) -> ProgrammeContracts {
    ProgrammeContracts::FeeDistribution(FeeContracts {
        distributor: of_evm(oracle.distributor),
        escrow: of_evm(oracle.chain.escrow),
        tokens: oracle.tokens.iter().map(|token| of_evm(*token)).collect(),
    })
}
