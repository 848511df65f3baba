use tidemill_feed_evm::snapshot::{BalancerGaugeContract, SnapshotError, balancer_gauge_state};
use tidemill_rewards::Account;
use tidemill_rewards::balancer_gauge::{BalancerGaugeState, RewardClaim};
use tidemill_rewards::curve_gauge::GaugeStake;
use tidemill_testkit::{Address, Artifacts};

use super::{latest, through_file};
use crate::anvil::node_reader::NodeReader;
use crate::anvil::{mirror, of_evm};
use crate::rewards::gauge_v5::World;
use crate::tally::Tally;

const SEED: u64 = 0x5eed_0500;
const STEPS: u64 = 150;

fn contract(world: &World, gauge: Address, state: &BalancerGaugeState) -> BalancerGaugeContract {
    let model = |account: Account| tidemill_model::Address(account.0);
    BalancerGaugeContract {
        address: of_evm(gauge),
        admin: of_evm(world.oracle.admin),
        vault: of_evm(world.oracle.vault),
        stakers: state.stakes.iter().map(|entry| model(entry.account)).collect(),
        allowances: state
            .allowances
            .iter()
            .map(|entry| (model(entry.owner), model(entry.spender)))
            .collect(),
    }
}

/// Who met a reward token and has nothing of it is not told apart from who never did; nor who has
/// nothing at all from nobody. A gauge looks at its balances of no tokens but these.
fn plain(mut state: BalancerGaugeState) -> BalancerGaugeState {
    for entry in &mut state.stakes {
        while entry.rewards.last() == Some(&RewardClaim::default()) {
            entry.rewards.pop();
        }
    }
    state.stakes.retain(|entry| entry.stake != GaugeStake::default() || !entry.rewards.is_empty());
    let (rewards, pool_token) = (&state.rewards, state.identity.pool_token);
    let is_looked_at = |token| token == pool_token || rewards.iter().any(|it| it.token == token);
    state.held.retain(|held| is_looked_at(held.token) && !held.amount.is_zero());
    state
}

#[test]
fn gauges_are_read_with_stakers_and_rewards() {
    let artifacts = Artifacts::load().unwrap();
    let mut tally = Tally::new("snapshots of Balancer's gauges", SEED);
    let (mut stakes, mut claims, mut allowances) = (0, 0, 0);
    for seed in SEED..SEED + 3 {
        let mut world = World::recorded(&artifacts, seed, &mut tally);
        for _ in 0..STEPS {
            world.step(&mut tally);
        }
        let Some(node) = mirror(&world.oracle.evm) else { return };
        let reader = NodeReader::new(&node.chain.node);
        for gauge in &world.gauges {
            let model = world.model.gauge(Account(gauge.0.0)).unwrap().state();
            let read = |contract: &BalancerGaugeContract| -> Result<_, SnapshotError> {
                let read = latest(&reader, async |at| balancer_gauge_state(at, contract).await);
                read.map(|(_, state)| state)
            };
            let named = contract(&world, *gauge, &model);
            let state = read(&named).unwrap();
            assert_eq!(plain(state.clone()), plain(model), "seed {seed:#x}");
            through_file(state.clone());
            stakes += state.stakes.len();
            claims += state.stakes.iter().map(|entry| entry.rewards.len()).sum::<usize>();
            allowances += state.allowances.len();
            if let Some(staker) = state.stakes.iter().find(|it| !it.stake.balance.is_zero()) {
                let mut less = named;
                less.stakers.retain(|account| account.0 != staker.account.0);
                let error = read(&less).unwrap_err();
                assert!(matches!(error, SnapshotError::Gauge(_)), "{error}");
            }
        }
    }
    println!("seed {SEED:#x}: {stakes} stakes, {claims} claims, {allowances} allowances");
    assert!(stakes > 10 && claims > 10 && allowances > 2, "{stakes}, {claims}, {allowances}");
}
