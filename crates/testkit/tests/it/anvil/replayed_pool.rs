//! The v3 pool: its logs, replayed by the market, give every value that the contract stores.

use tidemill_amm::concentrated::{Build, ConcentratedState, Pool, PositionKey};
use tidemill_feed_evm::snapshot::{
    BlockChoice, ConcentratedPool, concentrated_state, read_at_block, tape_start,
};
use tidemill_feed_evm::{Decoded, RawLog, decode_pool_log};
use tidemill_market::{Footprint, Market, PoolMarket};
use tidemill_model::{
    ChainId, Event, EventBody, InitialPosition, PoolBuild, PoolHeader, PoolId, PoolStart, Sequence,
    Tape, TapeEvent, Token,
};
use tidemill_testkit::anvil::AnvilDriver;
use tidemill_testkit::{Call, PositionId};
use tidemill_units::{FeeGrowth, FeePips, RelativeTolerance, U256};

use super::node_reader::NodeReader;
use super::{of_evm, start, wait};

const SEED: u64 = 0x5eed_0003;
const ACTIONS: u64 = 700;

fn tape(driver: &AnvilDriver, start: PoolStart, events: &[TapeEvent]) -> Tape {
    let token = |symbol: &str| Token { symbol: symbol.into(), decimals: 18, address: None };
    let header = PoolHeader {
        chain_id: ChainId(31_337),
        pool: of_evm(driver.world.pool.address),
        build: PoolBuild::UniswapV3,
        token0: token("ONE"),
        token1: token("TWO"),
        fee: FeePips(3000),
        tick_spacing: 60,
        start,
        amount_tolerance: RelativeTolerance::EXACT,
    };
    Tape { header, initial_positions: Vec::new(), events: events.to_vec() }
}

/// What the pool's logs say, and what was collected for the protocol, which no tape has.
fn events(logs: &[RawLog]) -> (Vec<TapeEvent>, [u128; 2]) {
    let (mut events, mut collected) = (Vec::new(), [0; 2]);
    for log in logs {
        match decode_pool_log(&PoolBuild::UniswapV3, log).unwrap() {
            Decoded::Event(event) => events.push(TapeEvent {
                block: log.place.block,
                log_index: log.place.log_index,
                time: log.time.unwrap(),
                gas_used: None,
                gas_price: None,
                event,
            }),
            Decoded::Irrelevant("CollectProtocol") => {
                for (sum, word) in collected.iter_mut().zip(log.data.chunks_exact(32)) {
                    *sum += u128::try_from(U256::from_be_slice(word)).unwrap();
                }
            }
            Decoded::Irrelevant(_) => {}
            Decoded::OtherPool => panic!("{log:?}"),
        }
    }
    (events, collected)
}

/// Replays a tape; every recorded amount, price, tick and liquidity has to come out again.
pub(super) fn replayed(tape: &Tape) -> Pool {
    let mut market = Market::new(Footprint::PriceTaker);
    market.add_pool(tape).unwrap();
    for (sequence, recorded) in (1..).zip(&tape.events) {
        let body = EventBody::Chain(recorded.in_pool(PoolId(0)));
        let event = Event::at(Sequence(sequence), recorded.time, body);
        let applied = market.apply(&event);
        assert!(applied.is_ok(), "{applied:?}: {recorded:?}");
    }
    let pool = market.pool(PoolId(0)).and_then(PoolMarket::concentrated).unwrap();
    pool.history().clone()
}

fn snapshot(reader: &NodeReader, driver: &AnvilDriver, at: BlockChoice) -> ConcentratedState {
    let pool = ConcentratedPool::UniswapV3(of_evm(driver.world.pool.address));
    let read = read_at_block(reader, at, 1, async |at| concentrated_state(at, pool).await);
    wait(read).unwrap().1
}

#[test]
fn logs_replayed_are_the_pool_word_for_word() {
    let Some(world) = start() else { return };
    let mut driver = AnvilDriver::new(world, SEED);
    driver.act(ACTIONS).unwrap();
    let reader = NodeReader::new(&driver.world.chain.node);
    let (events, collected) = events(&reader.logs(&[driver.world.pool.address]));
    let pool = replayed(&tape(&driver, PoolStart::Creation, &events));
    let mut state = pool.state();
    for (kept, collected) in state.protocol_fees.iter_mut().zip(collected) {
        *kept -= collected;
    }
    let read = snapshot(&reader, &driver, BlockChoice::Latest);
    assert_eq!(read.build, Build::UniswapV3);
    assert!(read.ticks.len() > 10, "{} ticks", read.ticks.len());
    assert!(read.protocol_fees.iter().any(|fees| *fees > 0), "no fees for the protocol");
    assert_eq!(state, read);
    let mut owed = 0;
    for (key, position) in pool.positions() {
        let PositionKey { owner, range } = *key;
        let owner = tidemill_testkit::Address::from(owner.0);
        let id = PositionId { owner, lower: range.lower.0, upper: range.upper.0 };
        let call = Call::new("positions(bytes32)", 1).word(id.key());
        let words = driver.world.chain.view(driver.world.pool.address, call).unwrap().words();
        let [growth0, growth1] = position.fee_growth_inside_last.map(|FeeGrowth(growth)| growth);
        let [owed0, owed1] = position.tokens_owed.map(U256::from);
        let liquidity = U256::from(position.liquidity.0);
        assert_eq!(words, [liquidity, growth0, growth1, owed0, owed1], "{key:?}");
        owed += usize::from(!owed0.is_zero() || !owed1.is_zero());
    }
    let positions = pool.positions().count();
    println!(
        "seed {SEED:#x}: {} actions, {} pool events, {} ticks, {positions} positions, {owed} of \
         them with tokens owed",
        driver.actions(),
        events.len(),
        read.ticks.len(),
    );
    assert!(owed > 0, "no position is owed anything");
}

#[test]
fn a_tape_can_start_at_any_block() {
    let Some(world) = start() else { return };
    let mut driver = AnvilDriver::new(world, SEED + 1);
    driver.act(ACTIONS).unwrap();
    let reader = NodeReader::new(&driver.world.chain.node);
    let (events, _) = events(&reader.logs(&[driver.world.pool.address]));
    let end = snapshot(&reader, &driver, BlockChoice::Latest);
    for place in [events.len() / 4, events.len() / 2, events.len() * 3 / 4] {
        // The snapshot is of a whole block: what follows it begins with the next one.
        let block = events[place].block;
        let first = events.iter().position(|event| event.block > block).unwrap();
        let start = snapshot(&reader, &driver, BlockChoice::Number(block));
        let (pool_start, positions) = tape_start(&start, block, &events[first..]).unwrap();
        check_sums(&start, &positions);
        let mut tape = tape(&driver, pool_start, &events[first..]);
        tape.initial_positions = positions;
        let state = replayed(&tape).state();
        println!("from block {block}: {} events, {} ticks", tape.events.len(), start.ticks.len());
        assert_eq!(state.sqrt_price, end.sqrt_price);
        assert_eq!((state.tick, state.liquidity), (end.tick, end.liquidity));
        let held = |state: &ConcentratedState| -> Vec<_> {
            let ticks = state.ticks.iter();
            ticks.map(|tick| (tick.tick, tick.liquidity_gross, tick.liquidity_net)).collect()
        };
        assert_eq!(held(&state), held(&end));
    }
}

/// The ranges have each tick's gross and net, to the unit.
fn check_sums(state: &ConcentratedState, positions: &[InitialPosition]) {
    for tick in &state.ticks {
        let sum = |of: fn(&InitialPosition) -> tidemill_units::Tick| -> u128 {
            let here = positions.iter().filter(|position| of(position) == tick.tick);
            here.map(|position| position.liquidity.0).sum()
        };
        let (begins, ends) = (sum(|at| at.range.lower), sum(|at| at.range.upper));
        assert_eq!(tick.liquidity_gross.0, begins + ends, "{tick:?}");
        assert_eq!(tick.liquidity_net.0, begins as i128 - ends as i128, "{tick:?}");
    }
}
