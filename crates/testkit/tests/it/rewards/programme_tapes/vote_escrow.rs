use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{ProgrammeLog, VoteEscrowLog};
use tidemill_rewards::VoteEscrow;
use tidemill_testkit::{Address, Artifacts, Random, Transaction};
use tidemill_units::Timestamp;

use super::{Recorder, Tampering, amount, fold, folded, is_call, is_log, to_address};
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
        let mut recorder = Recorder::new();
        for transaction in &journal {
            recorder.begin_in_block(transaction);
            for log in logs(escrow, transaction) {
                recorder.log(ProgrammeLog::VoteEscrow(log));
            }
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

/// What a node tells of a transaction: logs, or a checkpoint that has none.
pub(super) fn logs(escrow: Address, transaction: &Transaction) -> Vec<VoteEscrowLog> {
    let own = transaction.logs.iter().filter(|(address, _)| *address == escrow);
    let own: Vec<_> = own.map(|(_, log)| log).collect();
    let is_supply = |log| is_log(log, "Supply(uint256,uint256)");
    let logs = own.chunks(2).map(|pair| {
        let [log, supply] = pair else { panic!("{pair:?}") };
        assert!(is_supply(supply), "{supply:?}");
        let (provider, value, supply) = (to_address(log.topics[1]), amount(log, 0), supply);
        let supply = amount(supply, 1);
        if is_log(log, "Withdraw(address,uint256,uint256)") {
            return VoteEscrowLog::Withdraw { provider, value, supply };
        }
        assert!(is_log(log, "Deposit(address,uint256,uint256,int128,uint256)"), "{log:?}");
        VoteEscrowLog::Deposit {
            provider,
            value,
            locktime: Timestamp(log.topics[2].to()),
            deposit_type: amount(log, 1).0.to(),
            supply,
        }
    });
    let mut logs: Vec<_> = logs.collect();
    if transaction.to == escrow && is_call(transaction, "checkpoint()") {
        logs.push(VoteEscrowLog::Checkpointed {});
    }
    logs
}
