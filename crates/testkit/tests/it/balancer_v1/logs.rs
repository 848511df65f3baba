//! The pool by its logs.

use tidemill_amm::Pool;
use tidemill_feed_evm::ShareContracts;
use tidemill_testkit::Artifacts;

use super::World;
use crate::share_logs::{Followed, Follower, of_evm};
use crate::worlds::{Reached, Worlds};

#[test]
fn bpool_is_followed_by_its_logs() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "Balancer v1 pool by its logs",
        stream: 722,
        tests: 20,
        most_in_one: 300,
        unit: "operations",
    };
    let operations = [
        "followed swap",
        "followed deposit",
        "followed withdraw",
        "steps compared",
        "refused: `LOG_CALL` cannot be told on a tape: it is none of the calls that a tape has: \
         the tape begins after `finalize`, and no log says what `gulp` took in",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, seed);
        world.set_up(tally);
        let mut steps = 0;
        while !world.model.is_finalized() && steps < most {
            world.step(tally);
            steps += 1;
        }
        let pool = of_evm(world.oracle.pool);
        let tokens = world.order.iter().map(|token| of_evm(*token)).collect();
        let contracts = ShareContracts::BalancerV1 { pool, tokens };
        let start = Pool::BalancerV1(Box::new(world.model.clone()));
        let mut follower = Follower::new(contracts, start);
        world.oracle.evm.start_journal();
        for _ in steps..most {
            world.step(tally);
            let context = format!("after {} (world {seed})", world.last);
            let evm = &mut world.oracle.evm;
            if follower.follow(evm, tally, &context, |_| None) == Followed::Untold {
                follower.reset(Pool::BalancerV1(Box::new(world.model.clone())));
                continue;
            }
            let Pool::BalancerV1(pool) = &follower.pool else { panic!("{context}") };
            assert_eq!(pool.state(), world.model.state(), "{context}");
            tally.count("steps compared");
        }
        most
    });
}
