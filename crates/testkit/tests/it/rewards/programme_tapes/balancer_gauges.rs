use tidemill_feed_evm::{BalancerGaugesContracts, ProgrammeContracts};
use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{BalancerGaugesLog, ProgrammeLog};
use tidemill_rewards::BalancerGauges;
use tidemill_testkit::{Random, Transaction};

use super::{
    Recorder, Tampering, fold, folded, is_log, no_ranges, of_evm, told, with_logging_tokens,
};
use crate::rewards::gauge_v5::World;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_balancers_gauges_folds_to_the_contracts_state() {
    let artifacts = with_logging_tokens();
    let worlds = Worlds {
        name: "tape of Balancer's gauges",
        stream: 811,
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
            let logs = told(&contracts(&world, &transaction), &transaction, &no_ranges);
            logs.into_iter().for_each(|log| recorder.log(log));
        }
        if recorder.events.is_empty() {
            return most;
        }
        for event in &recorder.events {
            count(&event.log, tally);
        }
        let (tape, text) = recorder.tape(start);
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        world.model = model(fold_of.programme()).clone();
        world.compare_all();
        world.compare("after the tape");
        check_tampering(&text, seed, tally, &world.model);
        most
    });
}

/// Counts what a kind of log alone does not tell.
#[expect(clippy::wildcard_enum_match_arm, reason = "most logs tell all")]
fn count(log: &ProgrammeLog, tally: &mut Tally) {
    match log {
        ProgrammeLog::BalancerGauges(BalancerGaugesLog::Minted { gauges, .. }) => {
            if gauges.iter().filter(|of| of.minted.is_some()).count() > 1 {
                tally.count("several gauges of one mint");
            }
            if gauges.iter().any(|of| of.minted.is_none()) {
                tally.count("a mint of a gauge with nothing due");
            }
        }
        ProgrammeLog::BalancerGauges(BalancerGaugesLog::Deposit { paid, .. })
            if !paid.is_empty() =>
        {
            tally.count("rewards paid with a deposit");
        }
        _ => {}
    }
}

fn check_tampering(text: &str, seed: u64, tally: &mut Tally, end: &BalancerGauges) {
    let tampering = Tampering { shift: &[], blind: &BLIND };
    tampering.run(text, &mut Random::new(seed), tally, |tape| {
        let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
        Ok(model(fold.programme()) == end)
    });
}

const OPERATIONS: [&str; 43] = [
    "folded deposit",
    "folded withdraw",
    "folded transfer",
    "folded approval",
    "folded update_liquidity_limit",
    "folded reward_distributor_updated",
    "folded reward_token_deposited",
    "folded given",
    "folded relative_weight_cap_changed",
    "folded gauge_created",
    "folded minted",
    "folded minter_approval_set",
    "folded mining_parameters_updated",
    "folded vote_for_gauge",
    "folded add_type",
    "folded new_type_weight",
    "folded new_gauge",
    "folded new_gauge_weight",
    "folded escrow_deposit",
    "folded escrow_withdraw",
    "folded rewards_claimed",
    "folded rewards_receiver_set",
    "folded killed_set",
    "folded gauge_checkpointed",
    "folded controller_gauge_checkpointed",
    "several gauges of one mint",
    "a mint of a gauge with nothing due",
    "rewards paid with a deposit",
    "found deposit.value",
    "found deposit.paid",
    "found deposit.working_balance",
    "found deposit.working_supply",
    "found withdraw.value",
    "found withdraw.working_supply",
    "found transfer.value",
    "found transfer.to_working_balance",
    "found update_liquidity_limit.working_balance",
    "found update_liquidity_limit.original_supply",
    "found minted.gauges",
    "found minted.value",
    "found rewards_claimed.paid",
    "found reward_token_deposited.amount",
    "found escrow_deposit.supply",
];

/// What is set and not made use of, or overwritten before it makes a difference, leaves none; nor
/// does leave for nothing, a claim where no reward token is, or how much one sends to oneself.
const BLIND: [&str; 24] = [
    "add_type.weight",
    "approval.owner",
    "approval.spender",
    "approval.value",
    "controller_gauge_checkpointed.addr",
    "escrow_deposit.deposit_type",
    "gauge_checkpointed.user",
    "gauge_created.relative_weight_cap",
    "killed_set.is_killed",
    "minter_approval_set.approval",
    "minter_approval_set.minter",
    "minter_approval_set.user",
    "new_gauge.weight",
    "new_type_weight.type_id",
    "new_type_weight.weight",
    "relative_weight_cap_changed.new_relative_weight_cap",
    "reward_distributor_updated.distributor",
    "rewards_claimed.receiver",
    "rewards_claimed.user",
    "rewards_receiver_set.receiver",
    "rewards_receiver_set.user",
    "transfer.spender",
    "transfer.value",
    "vote_for_gauge.weight",
];

fn model(programme: &FoldedProgramme) -> &BalancerGauges {
    let FoldedProgramme::BalancerGauges(model) = programme else { panic!("{programme:?}") };
    model
}

/// The system's contracts; whichever writes `GaugeCreated` is the factory.
fn contracts(world: &World, transaction: &Transaction) -> ProgrammeContracts {
    let created = |log| is_log(log, "GaugeCreated(address)");
    let factory = transaction.logs.iter().find(|(_, log)| created(log));
    let oracle = &world.oracle;
    ProgrammeContracts::BalancerGauges(BalancerGaugesContracts {
        token: of_evm(oracle.token),
        token_admin: of_evm(oracle.token_admin),
        escrow: of_evm(oracle.escrow),
        controller: of_evm(oracle.controller),
        minter: of_evm(oracle.minter),
        factory: factory.map(|(factory, _)| of_evm(*factory)).unwrap_or_default(),
        gauges: world.gauges.iter().map(|gauge| of_evm(*gauge)).collect(),
        admin: of_evm(oracle.admin),
        vault: of_evm(oracle.vault),
    })
}
