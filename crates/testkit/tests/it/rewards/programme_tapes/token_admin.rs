use tidemill_feed_evm::ProgrammeContracts;
use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_rewards::token_admin::TokenAdmin;
use tidemill_testkit::Random;

use super::{Recorder, Tampering, fold, folded, no_ranges, of_evm, told};
use crate::rewards::token_admin::World;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_the_token_admin_folds_to_the_contracts_state() {
    let worlds = Worlds {
        name: "tape of the token admin",
        stream: 813,
        tests: 10,
        most_in_one: 250,
        unit: "operations",
    };
    let operations = [
        "folded mining_parameters_updated",
        "found mining_parameters_updated.rate",
        "found mining_parameters_updated.supply",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::recorded(seed);
        let start = world.model;
        (0..most).for_each(|_| world.step(tally));
        let admin = world.oracle.token_admin;
        let mut recorder = Recorder::new();
        for transaction in world.oracle.evm.take_journal() {
            recorder.begin(&transaction);
            let contracts = ProgrammeContracts::TokenAdmin { admin: of_evm(admin) };
            let logs = told(&contracts, &transaction, &no_ranges);
            logs.into_iter().for_each(|log| recorder.log(log));
        }
        if recorder.events.is_empty() {
            return most;
        }
        let (tape, text) = recorder.tape(start);
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        // The world compares its model with the contract after every call.
        assert_eq!(model(fold_of.programme()), &world.model, "world {seed}");
        let tampering = Tampering { shift: &[], blind: &[] };
        tampering.run(&text, &mut Random::new(seed), tally, |tape| {
            let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
            Ok(model(fold.programme()) == &world.model)
        });
        most
    });
}

fn model(programme: &FoldedProgramme) -> &TokenAdmin {
    let FoldedProgramme::TokenAdmin(model) = programme else { panic!("{programme:?}") };
    model
}
