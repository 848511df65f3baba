//! The sUSD pool by its logs, its share token's and its coins'.

use tidemill_amm::Pool;
use tidemill_amm::stable_swap::StableSwapState;
use tidemill_feed_evm::{CurveContracts, CurveLogs, ShareContracts};
use tidemill_units::Timestamp;

use super::World;
use crate::share_logs::{Followed, Follower, of_evm, with_logging_tokens};
use crate::worlds::{Reached, Worlds};

#[test]
fn susd_pool_is_followed_by_its_logs() {
    let artifacts = with_logging_tokens();
    let worlds = Worlds {
        name: "Curve sUSD pool by its logs",
        stream: 725,
        tests: 20,
        most_in_one: 300,
        unit: "operations",
    };
    let operations = [
        "followed swap",
        "followed deposit",
        "followed withdraw",
        "followed withdraw_imbalance",
        "followed set_parameters",
        "followed gift",
        "followed claim_admin_fees",
        "steps compared",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(&artifacts, seed);
        let contracts = ShareContracts::Curve(CurveContracts {
            pool: of_evm(world.oracle.pool),
            shares: of_evm(world.oracle.shares),
            coins: world.oracle.coins.map(of_evm).to_vec(),
            logs: CurveLogs::StableSwap,
        });
        let start = |world: &World| Pool::StableSwap(Box::new(world.model.clone()));
        let mut follower = Follower::new(contracts, start(&world));
        world.oracle.evm.start_journal();
        for _ in 0..most {
            world.step(tally);
            let context = format!("after {} (world {seed})", world.last);
            let evm = &mut world.oracle.evm;
            if follower.follow(evm, tally, &context, |_| None) == Followed::Untold {
                follower.reset(start(&world));
                continue;
            }
            let Pool::StableSwap(pool) = &follower.pool else { panic!("{context}") };
            assert_eq!(told(pool.state()), told(world.model.state()), "{context}");
            tally.count("steps compared");
        }
        most
    });
}

/// What logs tell of a state: fees that wait stand in logs that tapes leave out.
fn told(state: StableSwapState) -> StableSwapState {
    let (future_fee, future_admin_fee, admin_actions_deadline) = (0, 0, Timestamp(0));
    StableSwapState {
        future_a: state.initial_a,
        future_fee,
        future_admin_fee,
        admin_actions_deadline,
        ..state
    }
}
