//! Pools of shares: from one snapshot, their logs lead to the other, to the unit.

use tidemill_amm::Pool;
use tidemill_amm::balancer_v1::BPool;
use tidemill_amm::constant_product::Pair;
use tidemill_amm::stable_swap::StableSwap;
use tidemill_amm::weighted::Weighted;
use tidemill_feed_evm::{CurveContracts, CurveLogs, RawLog, ShareContracts, ShareLogs};
use tidemill_market::fold;
use tidemill_model::{Bytes32, ParameterChange, ShareEvent};
use tidemill_testkit::anvil::{AnvilDriver, AnvilWorld};
use tidemill_testkit::{Address, Call};
use tidemill_units::{BlockNumber, RelativeTolerance, U256};

use super::node_reader::NodeReader;
use super::snapshots::{Everything, read_latest};
use super::{of_evm, start};

const SEED: u64 = 0x5eed_0006;

/// A pool that goes on from a snapshot by its logs.
struct Follower {
    name: &'static str,
    contracts: ShareContracts,
    /// Whose logs are asked for.
    asked: Vec<Address>,
    pool: Pool,
}

fn followers(world: &AnvilWorld, state: &Everything) -> Vec<Follower> {
    let tokens = world.tokens.map(of_evm);
    let all = |first: &[Address]| [first, &world.tokens].concat();
    let curve = world.curve;
    let coins = curve.coins.map(of_evm).to_vec();
    vec![
        Follower {
            name: "pair",
            contracts: ShareContracts::Pair { pair: of_evm(world.pair), tokens },
            asked: all(&[world.pair]),
            pool: Pool::ConstantProduct(Box::new(Pair::new(&state.pair).unwrap())),
        },
        Follower {
            name: "curve",
            contracts: ShareContracts::Curve(CurveContracts {
                pool: of_evm(curve.address),
                shares: of_evm(curve.shares),
                coins,
                logs: CurveLogs::StableSwap,
            }),
            asked: [&[curve.address, curve.shares], curve.coins.as_slice()].concat(),
            pool: Pool::StableSwap(Box::new(StableSwap::new(&state.curve).unwrap())),
        },
        Follower {
            name: "vault",
            contracts: ShareContracts::Vault {
                vault: of_evm(world.vault.address),
                pool: of_evm(world.vault.pool),
                pool_id: Bytes32(world.vault.id.to_be_bytes()),
                tokens: tokens.to_vec(),
            },
            asked: vec![world.vault.address, world.vault.pool],
            pool: Pool::Weighted(Box::new(Weighted::new(&state.weighted).unwrap())),
        },
        Follower {
            name: "bpool",
            contracts: ShareContracts::BalancerV1 {
                pool: of_evm(world.bpool),
                tokens: tokens.to_vec(),
            },
            asked: vec![world.bpool],
            pool: Pool::BalancerV1(Box::new(BPool::new(&state.bpool).unwrap())),
        },
    ]
}

impl Follower {
    /// Reads logs and folds what they say; `told` is what happened that no log tells, by block.
    fn follow(&mut self, logs: &[RawLog], told: &[(BlockNumber, ShareEvent)]) -> u64 {
        let mut reader = ShareLogs::new(self.contracts.clone());
        for log in logs {
            reader.push(log).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        }
        reader.finish().unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let (mut told, mut folded) = (told.iter().peekable(), 0);
        while let Some(log) = reader.take() {
            let time = log.time.unwrap();
            while let Some((_, event)) = told.next_if(|(block, _)| *block <= log.place.block) {
                fold(&mut self.pool, event, time, RelativeTolerance::EXACT).unwrap();
            }
            let result = fold(&mut self.pool, &log.event, time, RelativeTolerance::EXACT);
            assert!(result.is_ok(), "{}: {result:?}: {log:?}", self.name);
            folded += 1;
        }
        folded
    }
}

impl Follower {
    /// Compares everything with what was read.
    fn check(&self, last: &Everything) {
        if let Pool::ConstantProduct(pool) = &self.pool {
            // Whose the protocol's shares are is for the factory to say.
            let mut state = pool.state();
            state.fee_to = last.pair.fee_to;
            state.shares.clone_from(&last.pair.shares);
            assert_eq!(state, last.pair);
        } else if let Pool::StableSwap(pool) = &self.pool {
            assert_eq!(pool.state(), last.curve);
        } else if let Pool::Weighted(pool) = &self.pool {
            assert_eq!(pool.state(), last.weighted);
        } else if let Pool::BalancerV1(pool) = &self.pool {
            assert_eq!(pool.state(), last.bpool);
        } else {
            panic!("no state to compare {} with", self.name);
        }
    }
}

/// When the protocol's share of a pair's fees was switched: no log tells, the state does.
fn switches(driver: &mut AnvilDriver, from: u64) -> Vec<(BlockNumber, ShareEvent)> {
    let (factory, head) = (driver.world.pair_factory, driver.world.chain.head().unwrap());
    let mut is_on = |block: u64| {
        let call = Call::new("feeTo()", 0);
        let answer = driver.world.chain.view_at(factory, call, &format!("{block:#x}")).unwrap();
        answer.word(0).unwrap() != U256::ZERO
    };
    let (mut before, mut switches) = (is_on(from), Vec::new());
    for block in from + 1..=head {
        let now = is_on(block);
        if now != before {
            let change =
                ParameterChange { protocol_fee_on: Some(now), ..ParameterChange::default() };
            switches.push((BlockNumber(block), ShareEvent::SetParameters(Box::new(change))));
        }
        before = now;
    }
    switches
}

#[test]
fn logs_lead_from_one_snapshot_to_the_other() {
    let Some(world) = start() else { return };
    let mut driver = AnvilDriver::new(world, SEED);
    driver.act(80).unwrap();
    let reader = NodeReader::new(&driver.world.chain.node);
    let from = driver.world.chain.head().unwrap();
    let first = read_latest(&reader, &driver.world);
    driver.act(500).unwrap();
    let last = read_latest(&reader, &driver.world);
    let switches = switches(&mut driver, from);
    for mut follower in followers(&driver.world, &first) {
        let mut logs = reader.logs(&follower.asked);
        logs.retain(|log| log.place.block > BlockNumber(from));
        let told = if follower.name == "pair" { switches.as_slice() } else { &[] };
        let folded = follower.follow(&logs, told);
        println!("seed {SEED:#x}: {}: {} logs, {folded} events", follower.name, logs.len());
        assert!(folded > 20, "{}", follower.name);
        follower.check(&last);
    }
}
