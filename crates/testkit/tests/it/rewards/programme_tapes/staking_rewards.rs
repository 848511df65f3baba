use tidemill_feed_evm::ProgrammeContracts;
use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{ProgrammeLog, StakingRewardsLog};
use tidemill_rewards::staking_rewards::StakingRewards;
use tidemill_testkit::{Artifacts, Random, Transaction};
use tidemill_units::Amount;

use super::{
    Recorder, Tampering, argument, fold, folded, is_call, no_ranges, of_evm, to_address, told,
};
use crate::rewards::staking_rewards::World;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_staking_rewards_folds_to_the_contracts_state() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "tape of StakingRewards",
        stream: 801,
        tests: 4,
        most_in_one: 250,
        unit: "operations",
    };
    let operations = [
        "folded staked",
        "folded withdrawn",
        "folded reward_paid",
        "folded reward_added",
        "folded funded",
        "folded checkpointed",
        "found staked.amount",
        "found staked.user",
        "found withdrawn.amount",
        "found withdrawn.user",
        "found reward_paid.reward",
        "found reward_paid.user",
        "found reward_added.reward",
        "found funded.amount",
        "found checkpointed.user",
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
            logs(&world, &transaction, &mut recorder);
        }
        if recorder.events.is_empty() {
            return most;
        }
        let (tape, text) = recorder.tape(start);
        let context = format!("world {seed}");
        let fold_of = folded(&tape, &NoPools, &context, tally);
        world.model = model(fold_of.programme()).clone();
        world.compare_storage();
        world.compare_getters(tally);
        // A notification is divided by the seconds of the period, and one that nobody was staked
        // for may be followed by another.
        let shift = [("reward_added.reward", 60 * 86_400)];
        let tampering = Tampering { shift: &shift, blind: &["reward_added.reward"] };
        tampering.run(&text, &mut Random::new(seed), tally, |tape| {
            let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
            Ok(model(fold.programme()) == &world.model)
        });
        most
    });
}

fn model(programme: &FoldedProgramme) -> &StakingRewards {
    let FoldedProgramme::StakingRewards(model) = programme else { panic!("{programme:?}") };
    model
}

/// What a node tells of a transaction. The test's tokens log no transfers: theirs are calls.
fn logs(world: &World, transaction: &Transaction, recorder: &mut Recorder) {
    let programme = world.oracle.programme;
    let is_funding = transaction.to == world.oracle.reward_token
        && is_call(transaction, "mint(address,uint256)")
        && to_address(argument(transaction, 0)) == of_evm(programme);
    if is_funding {
        let funded = StakingRewardsLog::Funded { amount: Amount(argument(transaction, 1)) };
        return recorder.log(ProgrammeLog::StakingRewards(funded));
    }
    let contracts = ProgrammeContracts::StakingRewards {
        contract: of_evm(programme),
        staking_token: of_evm(world.oracle.staking_token),
        reward_token: of_evm(world.oracle.reward_token),
    };
    let logs = told(&contracts, transaction, &no_ranges);
    logs.into_iter().for_each(|log| recorder.log(log));
}
