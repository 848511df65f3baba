use tidemill_feed_evm::ProgrammeContracts;
use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{MasterChefLog, ProgrammeLog};
use tidemill_rewards::master_chef::MasterChef;
use tidemill_testkit::{Artifacts, Random, Transaction};
use tidemill_units::Amount;

use super::{
    Recorder, Tampering, argument, fold, folded, is_call, no_ranges, of_evm, to_address, told,
};
use crate::rewards::master_chef::World;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_master_chef_folds_to_the_contracts_state() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "tape of MasterChef",
        stream: 802,
        tests: 4,
        most_in_one: 250,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::recorded(&artifacts, seed);
        let start = world.model.state();
        for _ in 0..most {
            world.step(tally);
        }
        let mut recorder = Recorder::new();
        for transaction in world.oracle.evm.take_journal() {
            recorder.begin_in_block(&transaction);
            logs(&world, &transaction, &mut recorder);
        }
        if recorder.events.is_empty() {
            return most;
        }
        let (tape, text) = recorder.tape(start);
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        world.model = model(fold_of.programme()).clone();
        world.compare_storage();
        world.compare_views(tally);
        let tampering = Tampering { shift: &[], blind: &BLIND };
        tampering.run(&text, &mut Random::new(seed), tally, |tape| {
            let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
            Ok(model(fold.programme()) == &world.model)
        });
        most
    });
}

const OPERATIONS: [&str; 23] = [
    "folded deposit",
    "folded withdraw",
    "folded emergency_withdraw",
    "folded pool_added",
    "folded pool_set",
    "folded pool_updated",
    "folded pools_updated",
    "folded dev_set",
    "folded given",
    "found deposit.amount",
    "found deposit.paid",
    "found deposit.minted",
    "found withdraw.amount",
    "found withdraw.paid",
    "found withdraw.minted",
    "found pool_set.alloc_point",
    "found pool_set.with_update",
    "found dev_set.dev",
    "found deposit.pid",
    "found withdraw.pid",
    "found emergency_withdraw.amount",
    "found given.amount",
    "found given.token",
];

/// What is overwritten before it makes a difference leaves none, nor does which pool or token the
/// nothing is of that was moved.
const BLIND: [&str; 11] = [
    "pool_set.alloc_point",
    "pool_set.with_update",
    "pool_set.pid",
    "pool_added.alloc_point",
    "pool_added.with_update",
    "dev_set.dev",
    "pool_updated.pid",
    "deposit.pid",
    "withdraw.pid",
    "emergency_withdraw.pid",
    "given.token",
];

fn model(programme: &FoldedProgramme) -> &MasterChef {
    let FoldedProgramme::MasterChef(model) = programme else { panic!("{programme:?}") };
    model
}

/// What a node tells of a transaction. The plain tokens of the test log no transfers: those are
/// calls.
fn logs(world: &World, transaction: &Transaction, recorder: &mut Recorder) {
    let chef = world.oracle.chef;
    let is_given = transaction.to != chef
        && (is_call(transaction, "mint(address,uint256)")
            || is_call(transaction, "transfer(address,uint256)"))
        && to_address(argument(transaction, 0)) == of_evm(chef);
    if is_given {
        let token = of_evm(transaction.to);
        let given = MasterChefLog::Given { token, amount: Amount(argument(transaction, 1)) };
        recorder.log(ProgrammeLog::MasterChef(given));
    }
    if transaction.to != chef {
        return;
    }
    let contracts = ProgrammeContracts::MasterChef {
        chef: of_evm(chef),
        reward_token: of_evm(world.oracle.sushi),
        tokens: world.oracle.lp_tokens.map(of_evm).to_vec(),
    };
    let logs = told(&contracts, transaction, &no_ranges);
    logs.into_iter().for_each(|log| recorder.log(log));
}
