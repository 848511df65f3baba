use tidemill_market::{
    FoldedProgramme, Footprint, Market, PoolMarket, ProgrammeFold, ProgrammeMismatch,
};
use tidemill_model::{
    ChainId, Event, EventBody, PoolBuild, PoolEvent, PoolHeader, PoolId, PoolStart, ProgrammeLog,
    RecordedAfter, Sequence, Tape, TapeEvent, Token, V3StakerLog,
};
use tidemill_rewards::Moment;
use tidemill_rewards::v3_staker::V3Staker;
use tidemill_store::ProgrammeTape;
use tidemill_testkit::{Artifacts, ContractLog, Random, Transaction};
use tidemill_units::{
    Amount, Amounts, BlockNumber, Liquidity, LogIndex, RelativeTolerance, SignedAmount,
    SignedAmounts, SqrtPrice, Tick, TickRange, Timestamp, U256,
};

use super::{
    Place, Recorder, Tampering, amount, argument, data, is_call, is_log, of_evm, start, to_address,
    to_bytes32,
};
use crate::rewards::v3_staker::World;
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
    for (address, log) in &transaction.logs {
        if *address == oracle.staker {
            recorder.log(ProgrammeLog::V3Staker(read(world, transaction, log)));
        } else if *address == oracle.pool.pool
            && let Some(event) = read_pool(log)
        {
            let Place { block, log_index, time } = recorder.place;
            recorder.place.log_index = LogIndex(log_index.0 + 1);
            pool.push(at((block, log_index, time), event));
        }
    }
}

fn read(world: &World, transaction: &Transaction, log: &ContractLog) -> V3StakerLog {
    let topics = &log.topics;
    match log {
        log if is_log(log, "IncentiveCreated(address,address,uint256,uint256,address,uint256)") => {
            V3StakerLog::IncentiveCreated {
                reward_token: to_address(topics[1]),
                pool: to_address(topics[2]),
                start_time: Timestamp(data(log, 0).to()),
                end_time: Timestamp(data(log, 1).to()),
                refundee: to_address(data(log, 2)),
                reward: amount(log, 3),
            }
        }
        log if is_log(log, "IncentiveEnded(bytes32,uint256)") => {
            let incentive_id = to_bytes32(topics[1]);
            V3StakerLog::IncentiveEnded { incentive_id, refund: amount(log, 0) }
        }
        log if is_log(log, "DepositTransferred(uint256,address,address)") => {
            let issued = world.tokens[topics[1].to::<usize>() - 1];
            V3StakerLog::DepositTransferred {
                token_id: topics[1],
                old_owner: to_address(topics[2]),
                new_owner: to_address(topics[3]),
                range: topics[2].is_zero().then_some(issued.range),
            }
        }
        log if is_log(log, "TokenStaked(uint256,bytes32,uint128)") => V3StakerLog::TokenStaked {
            token_id: topics[1],
            incentive_id: to_bytes32(topics[2]),
            liquidity: Liquidity(data(log, 0).to()),
        },
        log if is_log(log, "TokenUnstaked(uint256,bytes32)") => {
            V3StakerLog::TokenUnstaked { token_id: topics[1], incentive_id: to_bytes32(topics[2]) }
        }
        log if is_log(log, "RewardClaimed(address,uint256)") => {
            assert!(is_call(transaction, "claimReward(address,address,uint256)"));
            V3StakerLog::RewardClaimed {
                reward_token: to_address(argument(transaction, 0)),
                owner: of_evm(transaction.from),
                to: to_address(topics[1]),
                reward: amount(log, 0),
                requested: Some(Amount(argument(transaction, 2))),
            }
        }
        log => panic!("an unknown {log:?}"),
    }
}

/// A log of `IUniswapV3PoolEvents`; `None` for one that tapes leave out.
fn read_pool(log: &ContractLog) -> Option<PoolEvent> {
    let (topics, words) = (&log.topics, log.data.words());
    let tick = |word: U256| Tick(word.as_limbs()[0] as i32);
    let range = |words: &[U256]| TickRange { lower: tick(words[0]), upper: tick(words[1]) };
    let amounts = |words: &[U256]| Amounts { amount0: Amount(words[0]), amount1: Amount(words[1]) };
    let liquidity = |word: U256| Liquidity(word.to::<u128>());
    Some(match log {
        log if is_log(log, "Mint(address,address,int24,int24,uint128,uint256,uint256)") => {
            PoolEvent::Mint {
                owner: Some(to_address(topics[1])),
                range: range(&topics[2..]),
                liquidity: liquidity(words[1]),
                amounts: amounts(&words[2..]),
            }
        }
        log if is_log(log, "Burn(address,int24,int24,uint128,uint256,uint256)") => {
            PoolEvent::Burn {
                owner: Some(to_address(topics[1])),
                range: range(&topics[2..]),
                liquidity: liquidity(words[0]),
                amounts: amounts(&words[1..]),
            }
        }
        log if is_log(log, "Collect(address,address,int24,int24,uint128,uint128)") => {
            PoolEvent::Collect {
                owner: Some(to_address(topics[1])),
                range: range(&topics[2..]),
                amounts: amounts(&words[1..]),
            }
        }
        log if is_log(log, "Swap(address,address,int256,int256,uint160,uint128,int24)") => {
            PoolEvent::Swap {
                amounts: SignedAmounts {
                    amount0: SignedAmount::from_twos_complement(words[0]),
                    amount1: SignedAmount::from_twos_complement(words[1]),
                },
                after: RecordedAfter {
                    sqrt_price: SqrtPrice::from_x96(words[2]),
                    liquidity: Some(liquidity(words[3])),
                    tick: Some(tick(words[4])),
                },
            }
        }
        _ => return None,
    })
}
