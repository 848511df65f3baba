//! Snapshots of composable stable pools, from a node with the contracts.

use tidemill_amm::Pool;
use tidemill_amm::composable_stable::{ComposableStable, ComposableStableState};
use tidemill_feed_evm::snapshot::{
    BlockChoice, ComposableStablePool, SnapshotBlock, SnapshotError, composable_stable_state,
    read_at_block,
};
use tidemill_feed_evm::{ShareContracts, ShareLog, ShareLogs};
use tidemill_market::fold;
use tidemill_model::{Bytes32, ShareEvent};
use tidemill_testkit::Address;
use tidemill_units::RelativeTolerance;

use super::World;
use crate::anvil::node_reader::NodeReader;
use crate::anvil::{mirror, of_evm, through_file, wait};
use crate::tally::Tally;

const SEED: u64 = 0x5eed_0100;
const WORLDS: u64 = 8;
const STEPS: u64 = 60;

fn read(
    reader: &NodeReader,
    world: &World,
) -> Result<(SnapshotBlock, ComposableStableState), SnapshotError> {
    let pool = ComposableStablePool {
        address: of_evm(world.oracle.pool.address),
        build: world.model.state().build,
    };
    let read = read_at_block(reader, BlockChoice::Latest, 1, async |at| {
        composable_stable_state(at, pool).await
    });
    wait(read)
}

/// Worlds in which something can be done, one after the other.
fn worlds(tally: &mut Tally, keep: impl Fn(&World) -> bool) -> Vec<World> {
    let mut worlds = Vec::new();
    for seed in SEED.. {
        if worlds.len() as u64 == WORLDS {
            break;
        }
        let mut world = World::new(seed, tally);
        while world.steps < STEPS && world.refused < super::MOST_REFUSED {
            world.step(tally);
        }
        let is_alive = world.refused < super::MOST_REFUSED;
        let is_alive = is_alive && !world.model.state().in_recovery_mode;
        if is_alive && !world.model.total_supply().is_zero() && keep(&world) {
            worlds.push(world);
        }
    }
    worlds
}

#[test]
fn a_pool_is_read_as_it_is() {
    let mut tally = Tally::new("snapshots of composable stable pools", SEED);
    let (mut rates, mut ramps, mut recovering) = (0, 0, 0);
    for mut world in worlds(&mut tally, |_| true) {
        let Some(mut node) = mirror(&world.oracle.world.evm) else { return };
        let reader = NodeReader::new(&node.chain.node);
        assert_eq!(read(&reader, &world).unwrap().1, world.model.state(), "{}", world.context());
        world.oracle.world.evm.start_journal();
        for _ in 0..STEPS {
            world.step(&mut tally);
        }
        node.follow(&world.oracle.world.evm.take_journal()).unwrap();
        let model = world.model.state();
        if model.in_recovery_mode {
            // The pool answers zero for the protocol's percentages, and keeps others.
            let error = read(&reader, &world).unwrap_err();
            assert!(error.to_string().contains("recovery mode"), "{error}");
            recovering += 1;
            continue;
        }
        let (_, state) = read(&reader, &world).unwrap();
        assert_eq!(state, model, "{}", world.context());
        let pool = Pool::ComposableStable(Box::new(ComposableStable::new(&state).unwrap()));
        assert_eq!(through_file(&pool, state.balances.len()), pool);
        rates += state.rates.iter().flatten().count();
        ramps += usize::from(state.amplification_start != state.amplification_end);
    }
    println!("seed {SEED:#x}: {WORLDS} pools, {rates} rates, {ramps} ramps, {recovering} refused");
    assert!(rates > 3 && ramps > 1, "{rates} rates, {ramps} ramps");
}

#[test]
fn logs_lead_from_one_snapshot_to_the_other() {
    let mut tally = Tally::new("composable stable pools between snapshots", SEED);
    let (mut logs, mut events, mut odd) = (0, 0, 0);
    // No log places a rate, nor what a join finds of the protocol's percentages.
    let has_no_rate = |world: &World| world.model.state().rates.iter().all(Option::is_none);
    for mut world in worlds(&mut tally, has_no_rate) {
        let Some(mut node) = mirror(&world.oracle.world.evm) else { return };
        let reader = NodeReader::new(&node.chain.node);
        let (from, first) = read(&reader, &world).unwrap();
        world.oracle.world.evm.start_journal();
        for _ in 0..STEPS {
            world.logged_step(&mut tally);
        }
        node.follow(&world.oracle.world.evm.take_journal()).unwrap();
        let (_, last) = read(&reader, &world).unwrap();
        let asked: [Address; 2] = [world.oracle.world.vault, world.oracle.pool.address];
        let mut share_logs = ShareLogs::new(ShareContracts::Vault {
            vault: of_evm(asked[0]),
            pool: of_evm(asked[1]),
            pool_id: Bytes32(world.oracle.pool.id.to_be_bytes()),
            tokens: world.oracle.world.tokens.iter().map(|token| of_evm(*token)).collect(),
        });
        let mut pool = Pool::ComposableStable(Box::new(ComposableStable::new(&first).unwrap()));
        for log in reader.logs_after(&asked, from.number) {
            assert!(log.place.block > from.number, "{log:?}");
            share_logs.push(&log).unwrap();
            logs += 1;
        }
        share_logs.finish().unwrap();
        let told: Vec<ShareLog> = std::iter::from_fn(|| share_logs.take()).collect();
        // Shares that are burned for nothing: no log tells in which way, and ways differ.
        let is_of_nothing = |log: &ShareLog| {
            let ShareEvent::Withdraw(change) = &log.event else { return false };
            change.amounts.is_zero()
        };
        if told.iter().any(is_of_nothing) {
            odd += 1;
            continue;
        }
        for log in told {
            let folded = fold(&mut pool, &log.event, log.time.unwrap(), RelativeTolerance::EXACT);
            assert!(folded.is_ok(), "{folded:?}: {log:?}, {}", world.context());
            events += 1;
        }
        let Pool::ComposableStable(pool) = pool else { panic!() };
        assert_eq!(pool.state(), last, "{}", world.context());
    }
    println!("seed {SEED:#x}: {WORLDS} pools, {odd} of them odd, {logs} logs, {events} events");
    assert!(events > 50 && odd <= WORLDS / 2, "{events} events, {odd} odd pools");
}
