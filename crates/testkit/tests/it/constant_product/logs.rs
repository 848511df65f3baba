//! The pair by its logs.

use tidemill_amm::Pool;
use tidemill_amm::constant_product::{Pair, PairState};
use tidemill_feed_evm::ShareContracts;
use tidemill_model::{ParameterChange, ShareEvent};
use tidemill_testkit::{Artifacts, Call, PairBuild, Transaction};
use tidemill_units::Amount;

use super::{Suite, UNISWAP, World};
use crate::share_logs::{Followed, Follower, of_evm, with_logging_tokens};
use crate::worlds::{Reached, Worlds};

#[test]
fn uniswap_pair_is_followed_by_its_logs() {
    check(&Suite { name: "v2 pair by its logs", part: 720, ..UNISWAP });
}

#[test]
fn sushi_pair_is_followed_by_its_logs() {
    let build = PairBuild::Sushi;
    check(&Suite { name: "Sushi pair by its logs", part: 721, build, ..UNISWAP });
}

/// The factory's switch is in no log of the pair's.
fn switch(transaction: &Transaction) -> Option<ShareEvent> {
    let selector = &Call::new("setFeeTo(address)", 0).encode()[..4];
    let argument = transaction.input.strip_prefix(selector)?;
    let protocol_fee_on = Some(argument.iter().any(|byte| *byte != 0));
    let change = ParameterChange { protocol_fee_on, ..ParameterChange::default() };
    Some(ShareEvent::SetParameters(Box::new(change)))
}

/// The pair without what logs do not tell: whose shares are whose.
fn of_nobody(pair: &Pair) -> Pool {
    let unburned_shares = Amount::ZERO;
    let state = PairState { shares: Default::default(), unburned_shares, ..pair.state() };
    Pool::ConstantProduct(Box::new(Pair::new(&state).unwrap()))
}

fn check(suite: &Suite) {
    let plain = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let logging = with_logging_tokens();
    let worlds = Worlds {
        name: suite.name,
        stream: suite.part,
        tests: 20,
        most_in_one: 400,
        unit: "steps of one or more operations",
    };
    let operations = [
        "followed pair_swap",
        "followed deposit",
        "followed withdraw",
        "followed sync",
        "followed gift",
        "followed skim",
        "steps compared",
        "worlds whose tokens log nothing",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let does_log = seed % 2 == 0;
        let mut world = World::new(suite, if does_log { &logging } else { &plain }, seed);
        if !does_log {
            tally.count("worlds whose tokens log nothing");
        }
        let oracle = &world.oracle;
        let (pair, tokens) = (of_evm(oracle.pair), oracle.tokens.map(of_evm));
        let start = of_nobody(&world.model);
        let mut follower = Follower::new(ShareContracts::Pair { pair, tokens }, start);
        world.oracle.evm.start_journal();
        for _ in 0..most {
            world.step(tally);
            let context = format!("after {} (world {seed})", world.last);
            let followed = follower.follow(&mut world.oracle.evm, tally, &context, switch);
            if followed == Followed::Untold {
                follower.reset(of_nobody(&world.model));
                continue;
            }
            let Pool::ConstantProduct(pool) = &follower.pool else { panic!("{context}") };
            let (told, real) = (pool.state(), world.model.state());
            assert_eq!((told.reserve0, told.reserve1), (real.reserve0, real.reserve1), "{context}");
            assert_eq!(told.total_supply, real.total_supply, "{context}");
            assert_eq!(told.k_last, real.k_last, "{context}");
            if does_log {
                let held = (told.balance0, told.balance1);
                assert_eq!(held, (real.balance0, real.balance1), "{context}");
            }
            tally.count("steps compared");
        }
        most
    });
}
