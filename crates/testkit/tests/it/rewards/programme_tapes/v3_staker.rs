use tidemill_feed_evm::{Decoded, ProgrammeContracts, decode_pool_log};
use tidemill_market::{
    FoldedProgramme, Footprint, Market, PoolMarket, ProgrammeFold, ProgrammeMismatch,
};
use tidemill_model::{
    ChainId, Event, EventBody, PoolBuild, PoolEvent, PoolHeader, PoolId, PoolStart, Sequence, Tape,
    TapeEvent, Token,
};
use tidemill_rewards::Moment;
use tidemill_rewards::v3_staker::V3Staker;
use tidemill_store::ProgrammeTape;
use tidemill_testkit::{Artifacts, Random, Transaction};
use tidemill_units::{BlockNumber, LogIndex, RelativeTolerance, Timestamp, U256};

use super::{Place, Recorder, Tampering, of_evm, start, told};
use crate::rewards::v3_staker::World;
use crate::share_logs::raw_logs;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_the_v3_staker_folds_to_the_contracts_state() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let worlds = Worlds {
        name: "tape of the v3-staker",
        stream: 803,
        tests: 10,
        most_in_one: 250,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::recorded(&artifacts, seed);
        let (began, mut pool) = (world.staker.state(), pool_tape(&world));
        for _ in 0..most {
            world.step(tally);
        }
        let mut recorder = Recorder::new();
        recorder.place =
            Place { block: BlockNumber(1), log_index: LogIndex(1), time: pool.events[0].time };
        for transaction in world.oracle.pool.evm.take_journal() {
            recorder.begin(&transaction);
            logs(&world, &transaction, &mut recorder, &mut pool.events);
        }
        if recorder.events.is_empty() {
            return most;
        }
        let (tape, text) = recorder.tape(began);
        let fold = fold(&tape, &pool).unwrap_or_else(|error| panic!("{error:?}, world {seed}"));
        for (kind, count) in fold.counts() {
            tally.add(&format!("folded {kind}"), *count);
        }
        world.staker = staker(&fold).clone();
        world.compare_everything();
        let tampering = Tampering { shift: &[], blind: &BLIND };
        tampering.run(&text, &mut Random::new(seed), tally, |tape| {
            Ok(staker(&fold_of(tape, &pool)?) == &world.staker)
        });
        most
    });
}

const OPERATIONS: [&str; 18] = [
    "folded incentive_created",
    "folded incentive_ended",
    "folded deposit_transferred",
    "folded token_staked",
    "folded token_unstaked",
    "folded reward_claimed",
    "found incentive_created.reward",
    "found incentive_created.end_time",
    "found incentive_ended.refund",
    "found deposit_transferred.range",
    "found deposit_transferred.new_owner",
    "found deposit_transferred.token_id",
    "found token_staked.liquidity",
    "found token_staked.incentive_id",
    "found token_unstaked.token_id",
    "found reward_claimed.reward",
    "found reward_claimed.requested",
    "found reward_claimed.owner",
];

/// Where a reward goes makes no difference to the staker, nor does whose nothing was claimed, a
/// liquidity whose reward comes to the same, the ticks of a deposit that never was staked and is
/// gone, which of its deposits an owner gave to itself, or what was asked for where all was paid.
const BLIND: [&str; 7] = [
    "reward_claimed.to",
    "reward_claimed.requested",
    "reward_claimed.owner",
    "reward_claimed.reward_token",
    "deposit_transferred.range",
    "deposit_transferred.token_id",
    "token_staked.liquidity",
];

fn staker(fold: &ProgrammeFold) -> &V3Staker {
    let FoldedProgramme::V3Staker(fold) = fold.programme() else { panic!("{fold:?}") };
    fold.staker()
}

fn fold_of(tape: &ProgrammeTape, pool: &Tape) -> Result<ProgrammeFold, ProgrammeMismatch> {
    fold(tape, pool).map_err(|(_, error)| error)
}

/// Executes both tapes in the order of the chain.
fn fold(
    tape: &ProgrammeTape,
    pool: &Tape,
) -> Result<ProgrammeFold, (V3StakerLogAt, ProgrammeMismatch)> {
    let mut market = Market::new(Footprint::PriceTaker);
    market.add_pool(pool).unwrap();
    let mut fold = start(&tape.start);
    let mut swaps = (1..).zip(&pool.events).peekable();
    for event in &tape.events {
        let place = (event.block, event.log_index);
        while let Some((sequence, recorded)) =
            swaps.next_if(|(_, recorded)| (recorded.block, recorded.log_index) < place)
        {
            let event = Event::at(
                Sequence(sequence),
                recorded.time,
                EventBody::Chain(recorded.in_pool(PoolId(0))),
            );
            market.apply(&event).unwrap();
        }
        let now = Moment { at: event.time, block: event.block };
        let pools = market.pool(PoolId(0)).and_then(PoolMarket::concentrated).unwrap();
        fold.apply(&event.log, now, pools).map_err(|error| (place, error))?;
    }
    Ok(fold)
}

type V3StakerLogAt = (BlockNumber, LogIndex);

/// The pool's tape, which begins with its price.
fn pool_tape(world: &World) -> Tape {
    let token = |symbol: &str| Token { symbol: symbol.into(), decimals: 18, address: None };
    let header = PoolHeader {
        chain_id: ChainId(1),
        pool: of_evm(world.oracle.pool.pool),
        build: PoolBuild::UniswapV3,
        token0: token("ONE"),
        token1: token("TWO"),
        fee: world.pool.fee(),
        tick_spacing: world.pool.tick_spacing(),
        start: PoolStart::Creation,
        amount_tolerance: RelativeTolerance::EXACT,
    };
    let sqrt_price = world.pool.sqrt_price();
    let event = PoolEvent::Initialize { sqrt_price, tick: None };
    let place = (BlockNumber(1), LogIndex(0), Timestamp(world.now));
    Tape { header, initial_positions: Vec::new(), events: vec![at(place, event)] }
}

fn at((block, log_index, time): (BlockNumber, LogIndex, Timestamp), event: PoolEvent) -> TapeEvent {
    TapeEvent { block, log_index, time, gas_used: None, gas_price: None, event }
}

fn logs(
    world: &World,
    transaction: &Transaction,
    recorder: &mut Recorder,
    pool: &mut Vec<TapeEvent>,
) {
    let oracle = &world.oracle;
    let contracts = ProgrammeContracts::V3Staker { staker: of_evm(oracle.staker) };
    let range_of = |token_id: U256| Some(world.tokens[token_id.to::<usize>() - 1].range);
    let mut of_staker = told(&contracts, transaction, &range_of).into_iter();
    for log in raw_logs(transaction, 1) {
        if log.address == Some(of_evm(oracle.staker)) {
            recorder.log(of_staker.next().unwrap());
        } else if log.address == Some(of_evm(oracle.pool.pool))
            && let Decoded::Event(event) = decode_pool_log(&PoolBuild::UniswapV3, &log).unwrap()
        {
            let Place { block, log_index, time } = recorder.place;
            recorder.place.log_index = LogIndex(log_index.0 + 1);
            pool.push(at((block, log_index, time), event));
        }
    }
    assert_eq!(of_staker.next(), None);
}
