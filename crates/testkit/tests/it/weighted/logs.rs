//! The pools by the vault's and their own logs.

use tidemill_amm::Pool;
use tidemill_feed_evm::ShareContracts;
use tidemill_model::Bytes32;

use super::World;
use crate::share_logs::{Followed, Follower, of_evm};
use crate::worlds::{Reached, Worlds};

#[test]
fn weighted_is_followed_by_its_logs() {
    let worlds = Worlds {
        name: "weighted pools by their logs",
        stream: 723,
        tests: 20,
        most_in_one: 200,
        unit: "operations",
    };
    let operations = [
        "followed swap",
        "followed deposit",
        "followed withdraw",
        "followed set_parameters",
        "steps compared",
        "whole states equal",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed, tally);
        let contracts = ShareContracts::Vault {
            vault: of_evm(world.oracle.vault),
            pool: of_evm(world.pool.address),
            pool_id: Bytes32(world.pool.id.to_be_bytes()),
            tokens: world.oracle.tokens.iter().map(|token| of_evm(*token)).collect(),
        };
        let start = |world: &World| Pool::Weighted(Box::new(world.model.clone()));
        let mut follower = Follower::new(contracts, start(&world));
        world.oracle.evm.start_journal();
        for _ in 0..most {
            let is_empty = world.model.total_supply().is_zero();
            world.step(tally);
            let context = world.context();
            if is_empty {
                // The first deposit is no call that a tape has.
                drop(world.oracle.evm.take_journal());
                follower.reset(start(&world));
                continue;
            }
            let evm = &mut world.oracle.evm;
            if follower.follow(evm, tally, &context, |_| None) == Followed::Untold {
                follower.reset(start(&world));
                continue;
            }
            let Pool::Weighted(pool) = &follower.pool else { panic!("{context}") };
            let (told, real) = (pool.state(), world.model.state());
            assert_eq!(told.balances, real.balances, "{context}");
            assert_eq!(told.total_supply, real.total_supply, "{context}");
            tally.count("steps compared");
            if told == real {
                tally.count("whole states equal");
                continue;
            }
            // Of two calls that give the same numbers, the other one.
            tally.count("calls that look alike");
            follower.reset(start(&world));
        }
        most
    });
}
