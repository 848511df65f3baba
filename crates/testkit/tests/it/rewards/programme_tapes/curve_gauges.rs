use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{CurveGaugesLog, GaugeControllerLog, ProgrammeLog};
use tidemill_rewards::CurveGauges;
use tidemill_testkit::{Address, Artifacts, ContractLog, CurveGaugesOracle, Random, Transaction};
use tidemill_units::{Amount, U256};

use super::{
    Recorder, Tampering, amount, argument, data, fold, folded, is_call, is_log, of_evm, to_address,
    vote_escrow,
};
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
            for log in logs(&world.oracle, &transaction) {
                recorder.log(ProgrammeLog::CurveGauges(log));
            }
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

/// A boost that a gauge has set and that no call has been found for yet.
type Limit = Option<(Address, ContractLog)>;

/// What of a stake counts after it, and of all stakes.
type Working = Option<(Amount, Amount)>;

/// What a node tells of a transaction.
fn logs(oracle: &CurveGaugesOracle, transaction: &Transaction) -> Vec<CurveGaugesLog> {
    let mut all = Vec::new();
    let mut limit: Limit = None;
    let mut type_weight = None;
    for (address, log) in &transaction.logs {
        if oracle.gauges.contains(address) {
            if is_log(log, LIMIT) {
                all.extend(alone(limit.replace((*address, log.clone()))));
            } else {
                all.push(of_gauge(*address, log, working(&limit.take())));
            }
        } else if *address == oracle.minter {
            all.push(minted(log, working(&limit.take())));
        } else if *address == oracle.controller {
            all.extend(of_controller(log, &mut type_weight).map(CurveGaugesLog::Controller));
        } else if *address == oracle.token && transaction.to == oracle.token {
            all.extend(of_token(log));
        }
    }
    all.extend(alone(limit));
    if let Some((type_id, weight, total_weight)) = type_weight {
        let log = GaugeControllerLog::NewTypeWeight { type_id, weight, total_weight };
        all.push(CurveGaugesLog::Controller(log));
    }
    let locks = vote_escrow::logs(oracle.escrow, transaction);
    all.extend(locks.into_iter().map(CurveGaugesLog::Escrow));
    all.extend(call(oracle, transaction));
    all
}

const LIMIT: &str = "UpdateLiquidityLimit(address,uint256,uint256,uint256,uint256)";

fn working(limit: &Limit) -> Working {
    limit.as_ref().map(|(_, log)| (amount(log, 3), amount(log, 4)))
}

fn alone(limit: Limit) -> Option<CurveGaugesLog> {
    limit.map(|(gauge, log)| CurveGaugesLog::UpdateLiquidityLimit {
        gauge: of_evm(gauge),
        user: to_address(data(&log, 0)),
        original_balance: amount(&log, 1),
        original_supply: amount(&log, 2),
        working_balance: amount(&log, 3),
        working_supply: amount(&log, 4),
    })
}

fn of_gauge(gauge: Address, log: &ContractLog, limit: Working) -> CurveGaugesLog {
    let (gauge, provider, value) = (of_evm(gauge), to_address(log.topics[1]), amount(log, 0));
    if is_log(log, "Deposit(address,uint256)") {
        let (working_balance, working_supply) = limit.unzip();
        return CurveGaugesLog::Deposit { gauge, provider, value, working_balance, working_supply };
    }
    assert!(is_log(log, "Withdraw(address,uint256)"), "{log:?}");
    let (working_balance, working_supply) = limit.unwrap();
    CurveGaugesLog::Withdraw { gauge, provider, value, working_balance, working_supply }
}

fn minted(log: &ContractLog, limit: Working) -> CurveGaugesLog {
    assert!(is_log(log, "Minted(address,address,uint256)"), "{log:?}");
    let (working_balance, working_supply) = limit.unwrap();
    CurveGaugesLog::Minted {
        recipient: to_address(log.topics[1]),
        gauge: to_address(data(log, 0)),
        minted: amount(log, 1),
        working_balance,
        working_supply,
    }
}

pub(super) fn of_controller(
    log: &ContractLog,
    type_weight: &mut Option<(u64, U256, U256)>,
) -> Option<GaugeControllerLog> {
    Some(match log {
        log if is_log(log, "NewTypeWeight(int128,uint256,uint256,uint256)") => {
            *type_weight = Some((data(log, 0).to(), data(log, 2), data(log, 3)));
            return None;
        }
        log if is_log(log, "AddType(string,int128)") => GaugeControllerLog::AddType {
            type_id: data(log, 1).to(),
            weight: type_weight.take().unwrap().1,
        },
        log if is_log(log, "NewGauge(address,int128,uint256)") => GaugeControllerLog::NewGauge {
            addr: to_address(data(log, 0)),
            gauge_type: data(log, 1).to(),
            weight: data(log, 2),
        },
        log if is_log(log, "NewGaugeWeight(address,uint256,uint256,uint256)") => {
            GaugeControllerLog::NewGaugeWeight {
                gauge_address: to_address(data(log, 0)),
                weight: data(log, 2),
                total_weight: data(log, 3),
            }
        }
        log if is_log(log, "VoteForGauge(uint256,address,address,uint256)") => {
            GaugeControllerLog::VoteForGauge {
                user: to_address(data(log, 1)),
                gauge_addr: to_address(data(log, 2)),
                weight: data(log, 3),
            }
        }
        log => panic!("an unknown {log:?}"),
    })
}

fn of_token(log: &ContractLog) -> Option<CurveGaugesLog> {
    if is_log(log, "UpdateMiningParameters(uint256,uint256,uint256)") {
        let (rate, supply) = (amount(log, 1), amount(log, 2));
        return Some(CurveGaugesLog::UpdateMiningParameters { rate, supply });
    }
    let is_burned = is_log(log, "Transfer(address,address,uint256)") && log.topics[2].is_zero();
    is_burned.then(|| CurveGaugesLog::Burned { value: amount(log, 0) })
}

/// A call that the contracts log nothing of.
fn call(oracle: &CurveGaugesOracle, transaction: &Transaction) -> Option<CurveGaugesLog> {
    let to = transaction.to;
    let address = |index| to_address(argument(transaction, index));
    let is = |signature| is_call(transaction, signature);
    let is_gauge = oracle.gauges.contains(&to);
    let gauge = of_evm(to);
    Some(if is_gauge && transaction.input.is_empty() {
        CurveGaugesLog::GaugeDeployed { gauge }
    } else if is_gauge && is("claimable_tokens(address)") {
        CurveGaugesLog::GaugeCheckpointed { gauge, user: address(0) }
    } else if is_gauge && is("set_approve_deposit(address,bool)") {
        CurveGaugesLog::ApproveDepositSet {
            gauge,
            recipient: of_evm(transaction.from),
            caller: address(0),
            can_deposit: !argument(transaction, 1).is_zero(),
        }
    } else if to == oracle.minter && is("toggle_approve_mint(address)") {
        let user = of_evm(transaction.from);
        CurveGaugesLog::ApproveMintToggled { user, minting_user: address(0) }
    } else if to == oracle.controller {
        CurveGaugesLog::Controller(of_controller_call(transaction)?)
    } else {
        return None;
    })
}

/// A call to a controller that it logs nothing of.
pub(super) fn of_controller_call(transaction: &Transaction) -> Option<GaugeControllerLog> {
    let is = |signature| is_call(transaction, signature);
    if is("add_type(string,uint256)") && argument(transaction, 1).is_zero() {
        return Some(GaugeControllerLog::TypeAdded {});
    }
    if is("checkpoint()") {
        return Some(GaugeControllerLog::Checkpointed {});
    }
    let is_of_gauge =
        is("checkpoint_gauge(address)") || is("gauge_relative_weight_write(address,uint256)");
    let addr = || to_address(argument(transaction, 0));
    is_of_gauge.then(|| GaugeControllerLog::GaugeCheckpointed { addr: addr() })
}
