use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{Address, CumulativeClaimLog, ProgrammeKind, ProgrammeLog};
use tidemill_rewards::Account;
use tidemill_rewards::merkle_claim::{CumulativeClaim, CumulativeClaimState, Governance};
use tidemill_testkit::Random;

use super::encoded::cumulative_claim as encoded;
use super::{Recorder, Tampering, fold, folded, refuse_every_field};
use crate::rewards::merkle_claim::cumulative::World;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

/// Changes that may make no difference: who called of those who may, what was set again before
/// anything came of it, whose deposit it was that nobody got back, of what nothing was paid in, and
/// how a governor's own dispute ended before the next tree.
const BLIND: [&str; 16] = [
    "dispute_resolved.valid",
    "dispute_resolved.to",
    "revoked.merkle_root",
    "claimed.user",
    "operator_toggled.user",
    "operator_toggled.operator",
    "operator_toggled.is_whitelisted",
    "funded.amount",
    "funded.token",
    "claimed.caller",
    "tree_updated.merkle_root",
    "disputed.disputer",
    "dispute_amount_updated.dispute_amount",
    "dispute_token_updated.dispute_token",
    "dispute_period_updated.dispute_period",
    "epoch_duration_updated.new_epoch_duration",
];

#[test]
fn a_tape_of_merkls_distributor_folds_to_the_second_models_state() {
    let worlds = Worlds {
        name: "tape of Merkl's distributor",
        stream: 807,
        tests: 4,
        most_in_one: 100,
        unit: "operations",
    };
    let operations = [
        "folded claimed",
        "folded tree_updated",
        "folded disputed",
        "folded dispute_resolved",
        "folded revoked",
        "folded operator_toggled",
        "folded dispute_amount_updated",
        "folded dispute_token_updated",
        "folded dispute_period_updated",
        "folded epoch_duration_updated",
        "folded funded",
        "found claimed.user",
        "found claimed.token",
        "found claimed.amount",
        "found claimed.cumulative",
        "found claimed.merkle_proof",
        "found claimed.caller",
        "found tree_updated.merkle_root",
        "found tree_updated.end_of_dispute_period",
        "found operator_toggled.user",
        "found operator_toggled.operator",
        "found operator_toggled.is_whitelisted",
        "found funded.token",
        "found funded.amount",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        let start = world.model.state();
        (0..most).for_each(|_| world.step(tally));
        check(start, &world, seed, tally);
        most
    });
}

/// The world has compared its model with the second one after every operation.
fn check(start: CumulativeClaimState, world: &World, seed: u64, tally: &mut Tally) {
    let read = encoded::read(&start, &world.written);
    let recorder = Recorder::of(&read, ProgrammeKind::CumulativeClaim);
    if recorder.events.is_empty() {
        return;
    }
    let (tape, text) = recorder.tape(start);
    let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
    assert_eq!(model(fold_of.programme()), &world.model, "world {seed}");
    let tampering = Tampering { shift: &[], blind: &BLIND };
    refuse_every_field(&text, &mut Random::new(seed), tally);
    tampering.run(&text, &mut Random::new(seed), tally, |tape| {
        let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
        Ok(model(fold.programme()) == &world.model)
    });
}

fn model(programme: &FoldedProgramme) -> &CumulativeClaim {
    let FoldedProgramme::CumulativeClaim(model) = programme else { panic!("{programme:?}") };
    model
}

#[test]
fn trust_is_toggled_and_a_log_that_says_otherwise_is_found() {
    let governance = Governance {
        governors: vec![Account([1; 20])],
        trusted: vec![Account([2; 20])],
        ..Governance::default()
    };
    let state = CumulativeClaimState { governance, ..CumulativeClaimState::default() };
    let toggled = |who: u8, trust| {
        let eoa = Address([who; 20]);
        let log = CumulativeClaimLog::TrustedToggled { eoa, trust };
        (None, 1_700_000_000, ProgrammeLog::CumulativeClaim(log))
    };
    let trusted = |written: &[_]| {
        let recorder = Recorder::of(written, ProgrammeKind::CumulativeClaim);
        let (tape, _) = recorder.tape(state.clone());
        let fold = fold(&tape, &NoPools);
        fold.map(|fold| model(fold.programme()).governance().trusted.clone()).ok()
    };
    assert_eq!(trusted(&[toggled(2, false)]), Some(vec![]));
    let both = vec![Account([2; 20]), Account([3; 20])];
    assert_eq!(trusted(&[toggled(3, true)]), Some(both));
    assert_eq!(trusted(&[toggled(2, true)]), None);
    assert_eq!(trusted(&[toggled(3, false)]), None);
}
