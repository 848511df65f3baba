//! A v4 pool: from one snapshot, its logs lead to the other, and each is the pool that the manager
//! keeps.

use serde_json::Value;
use tidemill_amm::Pool;
use tidemill_amm::concentrated::{Build, ConcentratedState};
use tidemill_feed_evm::snapshot::{
    BlockChoice, ChainReader, PoolContract, Reading, Said, SnapshotError, UniswapV4Pool,
    read_agreed, read_at_block, read_pool, tape_start, uniswap_v4_state,
};
use tidemill_feed_evm::{Decoded, RawLog, decode_pool_log};
use tidemill_model::{ChainId, PoolBuild, PoolHeader, Tape, TapeEvent, Token};
use tidemill_units::{FeeGrowth, FeePips, RelativeTolerance};

use super::node_reader::NodeReader;
use super::replayed_pool::replayed;
use super::{mirror, of_evm, through_file, wait};
use crate::concentrated::Regime;
use crate::tally::Tally;
use crate::uniswap_v4::World;
use tidemill_testkit::Artifacts;

const SEED: u64 = 0x5eed_0007;
const WORLDS: u64 = 4;
const STEPS: u64 = 150;

fn read(
    reader: &NodeReader,
    pool: UniswapV4Pool,
) -> Result<(tidemill_feed_evm::snapshot::SnapshotBlock, ConcentratedState), SnapshotError> {
    let read =
        read_at_block(reader, BlockChoice::Latest, 1, async |at| uniswap_v4_state(at, pool).await);
    wait(read)
}

fn pool_of(world: &World) -> UniswapV4Pool {
    UniswapV4Pool {
        manager: of_evm(world.oracle.manager),
        tokens: world.oracle.tokens.map(of_evm),
        fee: world.model.fee(),
        tick_spacing: world.model.tick_spacing(),
    }
}

fn events(build: &PoolBuild, logs: &[RawLog]) -> Vec<TapeEvent> {
    let mut events = Vec::new();
    for log in logs {
        let event = match decode_pool_log(build, log) {
            Ok(Decoded::Event(event)) => event,
            Ok(other) => panic!("{other:?}: {log:?}"),
            Err(error) => panic!("{error:?}: {log:?}"),
        };
        events.push(TapeEvent {
            block: log.place.block,
            log_index: log.place.log_index,
            time: log.time.unwrap(),
            gas_used: None,
            gas_price: None,
            event,
        });
    }
    events
}

#[test]
fn the_manager_is_read_as_it_is_and_logs_lead_from_one_snapshot_to_the_other() {
    let artifacts = Artifacts::load().unwrap();
    let mut tally = Tally::new("snapshots of v4 pools", SEED);
    let (mut folded, mut ticks) = (0, 0);
    for number in 0..WORLDS {
        let seed = SEED + number;
        let mut world = World::new(&artifacts, Regime::Ordinary, seed);
        while !world.model.is_initialized() || world.model.ticks().count() < 4 {
            world.step(&mut tally);
        }
        let Some(mut mirror) = mirror(&world.oracle.evm) else { return };
        let reader = NodeReader::new(&mirror.chain.node);
        let pool = pool_of(&world);
        let (from, first) = read(&reader, pool).unwrap();
        assert_eq!(first, world.model.state(), "seed {seed:#x}");
        assert_eq!(first.build, Build::UniswapV4);

        world.oracle.evm.start_journal();
        for _ in 0..STEPS {
            world.step(&mut tally);
        }
        mirror.follow(&world.oracle.evm.take_journal()).unwrap();
        let (_, last) = read(&reader, pool).unwrap();
        assert_eq!(last, world.model.state(), "seed {seed:#x}");
        let (_, any) = wait(read_at_block(&reader, BlockChoice::Latest, 1, async |at| {
            read_pool(at, &PoolContract::UniswapV4(pool)).await
        }))
        .unwrap();
        let Pool::Concentrated(any) = through_file(&any, 2) else { panic!() };
        assert_eq!(any.state(), last);

        let pool_id = pool.id();
        let protocol_fee = first.protocol_shares;
        let build = PoolBuild::UniswapV4 { pool_id, protocol_fee };
        let events = events(&build, &reader.logs(&[world.oracle.manager]));
        assert!(events.iter().all(|event| event.block > from.number));
        let (start, positions) = tape_start(&first, from.number, &[]).unwrap();
        let token = |symbol: &str| Token { symbol: symbol.into(), decimals: 18, address: None };
        let header = PoolHeader {
            chain_id: ChainId(31_337),
            pool: pool.manager,
            build,
            token0: token("ONE"),
            token1: token("TWO"),
            fee: pool.fee,
            tick_spacing: pool.tick_spacing,
            start,
            amount_tolerance: RelativeTolerance::EXACT,
        };
        folded += events.len();
        ticks += last.ticks.len();
        let tape = Tape { header, initial_positions: positions, events };
        let state = replayed(&tape).state();
        same_from(&first, &state, &last);
    }
    println!("seed {SEED:#x}: {WORLDS} pools, {ticks} ticks, {folded} events");
    assert!(folded > 100 && ticks > 20, "{folded} events, {ticks} ticks");
}

/// A tape counts fee growth from its own start.
fn same_from(first: &ConcentratedState, replayed: &ConcentratedState, last: &ConcentratedState) {
    let grown = |place: usize| {
        let [FeeGrowth(before), FeeGrowth(after)] =
            [first.fee_growth_global[place], last.fee_growth_global[place]];
        FeeGrowth(after.wrapping_sub(before))
    };
    assert_eq!(replayed.fee_growth_global, [grown(0), grown(1)]);
    assert_eq!((replayed.sqrt_price, replayed.tick), (last.sqrt_price, last.tick));
    assert_eq!((replayed.liquidity, replayed.fee), (last.liquidity, last.fee));
    assert_eq!(replayed.protocol_shares, last.protocol_shares);
    let held = |state: &ConcentratedState| -> Vec<_> {
        let ticks = state.ticks.iter();
        ticks.map(|tick| (tick.tick, tick.liquidity_gross, tick.liquidity_net)).collect()
    };
    assert_eq!(held(replayed), held(last));
}

#[test]
fn another_key_is_another_pool() {
    let artifacts = Artifacts::load().unwrap();
    let mut world = World::new(&artifacts, Regime::Ordinary, SEED);
    let mut tally = Tally::new("snapshots of v4 pools", SEED);
    while !world.model.is_initialized() {
        world.step(&mut tally);
    }
    let Some(mirror) = mirror(&world.oracle.evm) else { return };
    let reader = NodeReader::new(&mirror.chain.node);
    let pool = pool_of(&world);
    assert!(read(&reader, pool).is_ok());
    // What is not there has no fee; with a fee of zero it has no price either.
    let other = UniswapV4Pool { fee: FeePips(pool.fee.0 ^ 1), ..pool };
    let error = read(&reader, other).unwrap_err().to_string();
    assert!(error.contains("that of the pool's key") || error.contains("initialized"), "{error}");
    let turned = UniswapV4Pool { tokens: [pool.tokens[1], pool.tokens[0]], ..pool };
    assert!(read(&reader, turned).is_err());
    for spacing in [0, -1, 32_768] {
        let error = read(&reader, UniswapV4Pool { tick_spacing: spacing, ..pool }).unwrap_err();
        assert!(error.to_string().contains("tick_spacing"), "{error}");
    }
    let nothing = UniswapV4Pool { manager: of_evm(world.oracle.tokens[0]), ..pool };
    let error = read(&reader, nothing).unwrap_err();
    assert!(matches!(error, SnapshotError::Reverted { .. } | SnapshotError::Answer { .. }));
}

/// A node that answers another word of the manager's storage than there is.
struct Lying<'a>(&'a NodeReader);

impl ChainReader for Lying<'_> {
    fn ask(&self, method: &'static str, params: Vec<Value>) -> Reading<'_> {
        Box::pin(async move {
            let mut answers = self.0.ask(method, params).await?;
            for answer in answers.iter_mut().filter(|_| method == "eth_call") {
                if let Said::Value(Value::String(text)) = answer
                    && text.len() == 2 + 6 * 64
                {
                    // The pool's four words, behind place and length: the end of a fee growth.
                    let digit = 2 + 4 * 64 - 1;
                    let other = if text.as_bytes()[digit] == b'1' { "2" } else { "1" };
                    text.replace_range(digit..=digit, other);
                }
            }
            Ok(answers)
        })
    }
}

#[test]
fn two_nodes_have_to_agree() {
    let artifacts = Artifacts::load().unwrap();
    let mut world = World::new(&artifacts, Regime::Ordinary, SEED);
    let mut tally = Tally::new("v4 pools of two nodes", SEED);
    while !world.model.is_initialized() {
        world.step(&mut tally);
    }
    let Some(mirror) = mirror(&world.oracle.evm) else { return };
    let honest = [NodeReader::new(&mirror.chain.node), NodeReader::new(&mirror.chain.node)];
    let pool = pool_of(&world);
    let agreed = |readers| {
        wait(read_agreed(readers, BlockChoice::Latest, 1, async |at| {
            uniswap_v4_state(at, pool).await
        }))
    };
    let (_, state) = agreed([&honest[0], &honest[1]]).unwrap();
    assert_eq!(state, world.model.state());
    let lying = Lying(&honest[1]);
    for readers in [[&honest[0] as &dyn ChainReader, &lying], [&lying, &honest[0]]] {
        let error = agreed(readers).unwrap_err();
        assert!(matches!(error, SnapshotError::Disagree { .. }), "{error}");
    }
}
