use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{Address, MasterChefLog, ProgrammeLog};
use tidemill_rewards::master_chef::MasterChef;
use tidemill_testkit::{Artifacts, ContractLog, Random, Transaction};
use tidemill_units::{Amount, U256};

use super::{
    Recorder, Tampering, amount, argument, fold, folded, is_call, is_log, of_evm, to_address,
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
    let (chef, sushi) = (world.oracle.chef, world.oracle.sushi);
    let is_given = transaction.to != chef
        && (is_call(transaction, "mint(address,uint256)")
            || is_call(transaction, "transfer(address,uint256)"))
        && to_address(argument(transaction, 0)) == of_evm(chef);
    let mut push = |log| recorder.log(ProgrammeLog::MasterChef(log));
    if is_given {
        let token = of_evm(transaction.to);
        push(MasterChefLog::Given { token, amount: Amount(argument(transaction, 1)) });
    }
    if transaction.to != chef {
        return;
    }
    let of_token = transaction.logs.iter().filter(|(address, _)| *address == sushi);
    let transfers: Vec<Transfer> = of_token.filter_map(|(_, log)| Transfer::of(log)).collect();
    let minted = transfers.iter().filter(|transfer| transfer.from == Address::default());
    let minted = Amount(minted.fold(U256::ZERO, |sum, transfer| sum + transfer.amount.0));
    let own = transaction.logs.iter().find(|(address, _)| *address == chef);
    match own {
        Some((_, log)) => push(read(log, of_evm(chef), &transfers, minted)),
        None => push(call(transaction, minted)),
    }
}

struct Transfer {
    from: Address,
    to: Address,
    amount: Amount,
}

impl Transfer {
    fn of(log: &ContractLog) -> Option<Self> {
        is_log(log, "Transfer(address,address,uint256)").then(|| Self {
            from: to_address(log.topics[1]),
            to: to_address(log.topics[2]),
            amount: amount(log, 0),
        })
    }
}

fn read(log: &ContractLog, chef: Address, transfers: &[Transfer], minted: Amount) -> MasterChefLog {
    let (user, pid) = (to_address(log.topics[1]), log.topics[2].to::<u64>());
    let paid = transfers.iter().find(|transfer| transfer.from == chef && transfer.to == user);
    let paid = paid.map_or(Amount::ZERO, |transfer| transfer.amount);
    let amount = amount(log, 0);
    match log {
        log if is_log(log, "Deposit(address,uint256,uint256)") => {
            MasterChefLog::Deposit { user, pid, amount, paid, minted }
        }
        log if is_log(log, "Withdraw(address,uint256,uint256)") => {
            MasterChefLog::Withdraw { user, pid, amount, paid, minted }
        }
        log if is_log(log, "EmergencyWithdraw(address,uint256,uint256)") => {
            MasterChefLog::EmergencyWithdraw { user, pid, amount }
        }
        log => panic!("an unknown {log:?}"),
    }
}

/// A call that the chef logs nothing of.
fn call(transaction: &Transaction, minted: Amount) -> MasterChefLog {
    let word = |index| argument(transaction, index);
    match transaction {
        call if is_call(call, "add(uint256,address,bool)") => MasterChefLog::PoolAdded {
            lp_token: to_address(word(1)),
            alloc_point: word(0),
            with_update: !word(2).is_zero(),
            minted,
        },
        call if is_call(call, "set(uint256,uint256,bool)") => MasterChefLog::PoolSet {
            pid: word(0).to(),
            alloc_point: word(1),
            with_update: !word(2).is_zero(),
            minted,
        },
        call if is_call(call, "updatePool(uint256)") => {
            MasterChefLog::PoolUpdated { pid: word(0).to(), minted }
        }
        call if is_call(call, "massUpdatePools()") => MasterChefLog::PoolsUpdated { minted },
        call if is_call(call, "dev(address)") => MasterChefLog::DevSet { dev: to_address(word(0)) },
        call => panic!("an unknown {call:?}"),
    }
}
