use tidemill_feed_evm::ProgrammeContracts;
use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{MerkleClaimLog, ProgrammeLog};
use tidemill_rewards::merkle_claim::MerkleClaim;
use tidemill_testkit::{Artifacts, MerkleOracle, Random, Transaction};
use tidemill_units::Amount;

use super::{
    Recorder, Tampering, argument, fold, folded, is_call, no_ranges, of_evm, to_address, told,
};
use crate::rewards::merkle_claim::World;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_the_merkle_distributor_folds_to_the_contracts_state() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "tape of the merkle distributor",
        stream: 806,
        tests: 10,
        most_in_one: 150,
        unit: "operations",
    };
    let operations = [
        "folded claimed",
        "folded funded",
        "found claimed.index",
        "found claimed.account",
        "found claimed.amount",
        "found claimed.merkle_proof",
        "found funded.amount",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::recorded(&artifacts, seed);
        let start = world.model.state();
        for _ in 0..most {
            world.step(tally);
        }
        let mut recorder = Recorder::new();
        for transaction in world.oracle.evm.take_journal() {
            recorder.begin(&transaction);
            logs(&world.oracle, &transaction).into_iter().for_each(|log| recorder.log(log));
        }
        if recorder.events.is_empty() {
            return most;
        }
        let (tape, text) = recorder.tape(start);
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        world.model = model(fold_of.programme()).clone();
        world.compare_everything();
        let tampering = Tampering { shift: &[], blind: &[] };
        tampering.run(&text, &mut Random::new(seed), tally, |tape| {
            let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
            Ok(model(fold.programme()) == &world.model)
        });
        most
    });
}

fn model(programme: &FoldedProgramme) -> &MerkleClaim {
    let FoldedProgramme::MerkleClaim(model) = programme else { panic!("{programme:?}") };
    model
}

/// What a node tells of a transaction. The test's token logs no transfers: its are calls.
fn logs(oracle: &MerkleOracle, transaction: &Transaction) -> Vec<ProgrammeLog> {
    let is_funding = transaction.to == oracle.token
        && is_call(transaction, "mint(address,uint256)")
        && to_address(argument(transaction, 0)) == of_evm(oracle.distributor);
    if is_funding {
        let amount = Amount(argument(transaction, 1));
        return vec![ProgrammeLog::MerkleClaim(MerkleClaimLog::Funded { amount })];
    }
    let (distributor, token) = (of_evm(oracle.distributor), of_evm(oracle.token));
    let contracts = ProgrammeContracts::MerkleClaim { distributor, token };
    told(&contracts, transaction, &no_ranges)
}
