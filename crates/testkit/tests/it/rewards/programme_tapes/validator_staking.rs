use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::ProgrammeKind;
use tidemill_rewards::validator_staking::Staking;
use tidemill_testkit::Random;

use super::{Recorder, Tampering, fold, folded, refuse_every_field};
use crate::rewards::validator_staking::World;
use crate::worlds::{Reached, Worlds};

/// What makes no difference: what a removed validator had set, an infraction's height or power
/// where the same is burned, a vote so large that its last unit is below the last decimal, who
/// signed or proposed where that earns nothing.
const BLIND: [&str; 9] = [
    "create_validator.commission_rate",
    "create_validator.min_self_delegation",
    "edit_validator.commission_rate",
    "slash.infraction_height",
    "slash.power",
    "slash.fraction",
    "slash.validator",
    "allocated.votes",
    "allocated.proposer",
];

const OPERATIONS: [&str; 44] = [
    "folded create_validator",
    "folded edit_validator",
    "folded delegate",
    "folded unbond",
    "folded redelegate",
    "folded cancel_unbonding_delegation",
    "folded withdraw_rewards",
    "folded withdraw_commission",
    "folded allocated",
    "folded slash",
    "folded bonded",
    "folded began_unbonding",
    "folded jailed",
    "folded unjailed",
    "folded completed",
    "found create_validator.validator",
    "found edit_validator.commission_rate",
    "found delegate.delegator",
    "found delegate.amount",
    "found delegate.new_shares",
    "found delegate.rewards",
    "found unbond.amount",
    "found unbond.unbonded",
    "found unbond.completion_time",
    "found unbond.payments",
    "found redelegate.amount",
    "found redelegate.moved",
    "found redelegate.new_shares",
    "found redelegate.completion_time",
    "found redelegate.payments",
    "found cancel_unbonding_delegation.amount",
    "found cancel_unbonding_delegation.creation_height",
    "found cancel_unbonding_delegation.new_shares",
    "found withdraw_rewards.amount",
    "found withdraw_commission.amount",
    "found allocated.fees",
    "found allocated.votes",
    "found allocated.rewards",
    "found slash.power",
    "found slash.fraction",
    "found slash.burned",
    "found slash.burned_unbonding",
    "found slash.burned_redelegated",
    "found completed.unbonded",
];

#[test]
fn a_tape_of_validator_staking_folds_to_the_naive_models_state() {
    let worlds = Worlds {
        name: "tape of Cosmos staking",
        stream: 810,
        tests: 10,
        most_in_one: 400,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::recorded(seed);
        let start = world.model.state();
        (0..most).for_each(|_| world.step(tally));
        let recorder = Recorder::of(&world.written, ProgrammeKind::ValidatorStaking);
        if recorder.events.is_empty() {
            return most;
        }
        let (tape, text) = recorder.tape(start);
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        // The world has compared its model with the naive one after every operation.
        assert_eq!(model(fold_of.programme()), &world.model, "world {seed}");
        let tampering = Tampering { shift: &[], blind: &BLIND };
        refuse_every_field(&text, &mut Random::new(seed), tally);
        tampering.run(&text, &mut Random::new(seed), tally, |tape| {
            let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
            Ok(model(fold.programme()) == &world.model)
        });
        most
    });
}

fn model(programme: &FoldedProgramme) -> &Staking {
    let FoldedProgramme::ValidatorStaking(model) = programme else { panic!("{programme:?}") };
    model
}
