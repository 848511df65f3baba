use tidemill_feed_evm::ProgrammeContracts;
use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_rewards::VoteEscrow;
use tidemill_testkit::{Artifacts, Random};

use super::{Recorder, Tampering, fold, folded, no_ranges, of_evm, told};
use crate::rewards::vote_escrow::World;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_the_vote_escrow_folds_to_the_contracts_state() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "tape of the vote escrow",
        stream: 804,
        tests: 10,
        most_in_one: 250,
        unit: "operations",
    };
    let operations = [
        "folded deposit",
        "folded withdraw",
        "folded checkpointed",
        "found deposit.value",
        "found deposit.locktime",
        "found deposit.deposit_type",
        "found deposit.supply",
        "found withdraw.value",
        "found withdraw.supply",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::recorded(&artifacts, seed);
        let start = world.model.state();
        for _ in 0..most {
            world.step(tally);
        }
        let oracle = world.oracle.as_mut().unwrap();
        let (escrow, journal) = (oracle.escrow, oracle.evm.take_journal());
        let contracts = ProgrammeContracts::VoteEscrow { escrow: of_evm(escrow) };
        let mut recorder = Recorder::new();
        for transaction in &journal {
            recorder.begin_in_block(transaction);
            told(&contracts, transaction, &no_ranges).into_iter().for_each(|log| recorder.log(log));
        }
        if recorder.events.is_empty() {
            return most;
        }
        let (tape, text) = recorder.tape(start);
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        world.model = model(fold_of.programme()).clone();
        world.compare_all();
        // Who deposits for a lock makes no difference to it.
        let tampering = Tampering { shift: &[], blind: &["deposit.deposit_type"] };
        tampering.run(&text, &mut Random::new(seed), tally, |tape| {
            let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
            Ok(model(fold.programme()) == &world.model)
        });
        most
    });
}

fn model(programme: &FoldedProgramme) -> &VoteEscrow {
    let FoldedProgramme::VoteEscrow(model) = programme else { panic!("{programme:?}") };
    model
}
