use tidemill_feed_evm::snapshot::{V3StakerContract, v3_staker_state};
use tidemill_rewards::v3_staker::TokenId;
use tidemill_testkit::Artifacts;
use tidemill_units::U256;

use super::{latest, through_file};
use crate::anvil::node_reader::NodeReader;
use crate::anvil::{mirror, of_evm};
use crate::rewards::v3_staker::World;
use crate::tally::Tally;

const SEED: u64 = 0x5eed_0400;
const STEPS: u64 = 150;

#[test]
fn a_staker_is_read_by_lists_of_its_tokens_and_incentives() {
    let artifacts = Artifacts::load().unwrap();
    let mut tally = Tally::new("snapshots of the v3-staker", SEED);
    let (mut stakes, mut rewards) = (0, 0);
    for seed in SEED..SEED + 4 {
        let mut world = World::recorded(&artifacts, seed);
        for _ in 0..STEPS {
            world.step(&mut tally);
        }
        let Some(mut node) = mirror(&world.oracle.pool.evm) else { return };
        let reader = NodeReader::new(&node.chain.node);
        world.oracle.pool.evm.take_journal();
        let contract = |world: &World| V3StakerContract {
            address: of_evm(world.oracle.staker),
            incentives: world.staker.state().incentives.iter().map(|entry| entry.key).collect(),
            token_ids: (1..=world.tokens.len()).map(|id| TokenId(U256::from(id))).collect(),
            owners: world.users.map(of_evm).to_vec(),
        };
        let read = |contract: &V3StakerContract| {
            latest(&reader, async |at| v3_staker_state(at, contract).await).map(|(_, state)| state)
        };
        assert_eq!(read(&contract(&world)).unwrap(), world.staker.state(), "seed {seed:#x}");
        // The node goes on by the same transactions.
        for _ in 0..STEPS {
            world.step(&mut tally);
        }
        node.follow(&world.oracle.pool.evm.take_journal()).unwrap();
        let named = contract(&world);
        let state = read(&named).unwrap();
        assert_eq!(state, world.staker.state(), "seed {seed:#x}");
        through_file(state.clone());
        stakes += state.stakes.len();
        rewards += state.rewards.len();
        if let Some(stake) = state.stakes.first() {
            let mut less = named.clone();
            less.token_ids.retain(|token| *token != stake.token_id);
            let error = read(&less).unwrap_err().to_string();
            assert!(error.contains("number of stakes"), "{error}");
            let mut less = named;
            less.incentives.retain(|key| *key != stake.key);
            let error = read(&less).unwrap_err().to_string();
            assert!(error.contains("number of stakes"), "{error}");
        }
    }
    println!("seed {SEED:#x}: {stakes} stakes, {rewards} rewards to claim");
    assert!(stakes > 2 && rewards > 2, "{stakes} stakes, {rewards} rewards");
}
