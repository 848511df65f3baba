use tidemill_feed_evm::{CurveGaugesContracts, ProgrammeContracts};
use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_rewards::CurveGauges;
use tidemill_testkit::{Artifacts, CurveGaugesOracle, Random};

use super::{Recorder, Tampering, fold, folded, no_ranges, of_evm, told};
use crate::rewards::curve_gauges::World;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_curves_gauges_folds_to_the_contracts_state() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "tape of Curve's gauges",
        stream: 805,
        tests: 10,
        most_in_one: 250,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::recorded(&artifacts, seed, tally);
        let start = world.model.state();
        for _ in 0..most {
            world.step(tally);
        }
        let mut recorder = Recorder::new();
        for transaction in world.oracle.evm.take_journal() {
            recorder.begin_in_block(&transaction);
            let logs = told(&contracts(&world.oracle), &transaction, &no_ranges);
            logs.into_iter().for_each(|log| recorder.log(log));
        }
        if recorder.events.is_empty() {
            return most;
        }
        let (tape, text) = recorder.tape(start);
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        world.model = model(fold_of.programme()).clone();
        world.compare_all();
        check_tampering(&text, seed, tally, &world.model);
        most
    });
}

fn check_tampering(text: &str, seed: u64, tally: &mut Tally, end: &CurveGauges) {
    let tampering = Tampering { shift: &[], blind: &BLIND };
    tampering.run(text, &mut Random::new(seed), tally, |tape| {
        let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
        Ok(model(fold.programme()) == end)
    });
}

const OPERATIONS: [&str; 32] = [
    "folded deposit",
    "folded withdraw",
    "folded update_liquidity_limit",
    "folded minted",
    "folded vote_for_gauge",
    "folded add_type",
    "folded new_type_weight",
    "folded new_gauge",
    "folded new_gauge_weight",
    "folded update_mining_parameters",
    "folded burned",
    "folded escrow_deposit",
    "folded escrow_withdraw",
    "folded gauge_deployed",
    "folded gauge_checkpointed",
    "folded approve_deposit_set",
    "folded approve_mint_toggled",
    "folded controller_checkpointed",
    "folded controller_gauge_checkpointed",
    "found deposit.value",
    "found deposit.working_balance",
    "found deposit.working_supply",
    "found withdraw.value",
    "found withdraw.working_supply",
    "found update_liquidity_limit.working_balance",
    "found update_liquidity_limit.original_supply",
    "found minted.minted",
    "found minted.working_balance",
    "found vote_for_gauge.weight",
    "found new_gauge_weight.total_weight",
    "found escrow_deposit.supply",
    "found burned.value",
];

/// What is allowed and not made use of, or overwritten before it makes a difference, leaves none.
const BLIND: [&str; 9] = [
    "escrow_deposit.deposit_type",
    "approve_deposit_set.can_deposit",
    "approve_deposit_set.caller",
    "approve_deposit_set.recipient",
    "approve_deposit_set.gauge",
    "controller_gauge_checkpointed.addr",
    "new_type_weight.type_id",
    "vote_for_gauge.weight",
    "gauge_checkpointed.user",
];

fn model(programme: &FoldedProgramme) -> &CurveGauges {
    let FoldedProgramme::CurveGauges(model) = programme else { panic!("{programme:?}") };
    model
}

/// The system's contracts.
fn contracts(oracle: &CurveGaugesOracle) -> ProgrammeContracts {
    ProgrammeContracts::CurveGauges(CurveGaugesContracts {
        token: of_evm(oracle.token),
        escrow: of_evm(oracle.escrow),
        controller: of_evm(oracle.controller),
        minter: of_evm(oracle.minter),
        gauges: oracle.gauges.iter().map(|gauge| of_evm(*gauge)).collect(),
    })
}
