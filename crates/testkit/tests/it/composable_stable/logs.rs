//! The pools by the vault's and their own logs.

use tidemill_amm::Pool;
use tidemill_feed_evm::ShareContracts;
use tidemill_model::Bytes32;

use super::{MOST_REFUSED, World};
use crate::share_logs::{Followed, Follower, of_evm};
use crate::worlds::{Reached, Worlds};

#[test]
fn composable_stable_is_followed_by_its_logs() {
    let worlds = Worlds {
        name: "composable stable pools by their logs",
        stream: 724,
        tests: 20,
        most_in_one: 200,
        unit: "operations",
    };
    let operations = [
        "followed swap",
        "followed deposit",
        "followed withdraw",
        "followed set_parameters",
        "followed ramp",
        "steps compared",
        "whole states equal",
        "refused: `Swap` cannot be told on a tape: tapes have no event for a swap of the pool's \
         own shares",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed, tally);
        let oracle = &world.oracle;
        let contracts = ShareContracts::Vault {
            vault: of_evm(oracle.world.vault),
            pool: of_evm(oracle.pool.address),
            pool_id: Bytes32(oracle.pool.id.to_be_bytes()),
            tokens: oracle.world.tokens.iter().map(|token| of_evm(*token)).collect(),
        };
        let start = |world: &World| Pool::ComposableStable(Box::new(world.model.clone()));
        let mut follower = Follower::new(contracts, start(&world));
        world.oracle.world.evm.start_journal();
        while world.steps < most && world.refused < MOST_REFUSED {
            let is_empty = world.model.total_supply().is_zero();
            world.step(tally);
            let context = world.context();
            if is_empty {
                // The first deposit is no call that a tape has.
                drop(world.oracle.world.evm.take_journal());
                follower.reset(start(&world));
                continue;
            }
            let evm = &mut world.oracle.world.evm;
            if follower.follow(evm, tally, &context, |_| None) == Followed::Untold {
                follower.reset(start(&world));
                continue;
            }
            let Pool::ComposableStable(pool) = &follower.pool else { panic!("{context}") };
            let (told, real) = (pool.state(), world.model.state());
            assert_eq!(told.balances, real.balances, "{context}");
            assert_eq!(told.total_supply, real.total_supply, "{context}");
            assert_eq!(told.vault_shares, real.vault_shares, "{context}");
            tally.count("steps compared");
            if told == real {
                tally.count("whole states equal");
                continue;
            }
            // Of two calls that give the same numbers, the other one.
            tally.count("calls that look alike");
            follower.reset(start(&world));
        }
        world.steps
    });
}
