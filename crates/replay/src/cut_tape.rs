use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Build, ConcentratedState, Pool};
use tidemill_market::{Footprint, Market, MarketError, ObservedError, ObservedPool, PoolMarket};
use tidemill_model::{
    BuildEvent, InitialPosition, PoolBuild, PoolEvent, PoolId, PoolStart, Tape, TapeEvent,
    WindowStart, WindowState,
};
use tidemill_store::AnyTape;
use tidemill_units::{BlockNumber, InstantUs, Liquidity, Tick, TickRange};

use crate::RunTape;
use crate::missing_prices::prepared;
use crate::replay_tape::chain_event;

/// Why a tape cannot begin later.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// Its own start is no pool's state.
    #[error("its own start is no pool's state: {0}")]
    Start(MarketError),
    /// What comes before does not lead to a state.
    #[error(
        "the pool's state there is not known, since what comes before does not reproduce ({0}); a \
         state at the start is needed: --state, or a description from `data snapshot`"
    )]
    Mismatch(MarketError),
    /// More of a range was burned than there was.
    #[error(
        "range {} to {}: more is burned before than there is; a state at the start is needed: \
         --state, or a description from `data snapshot`",
        .0.lower,
        .0.upper
    )]
    Range(TickRange),
    /// A tape of a Uniswap v3 pool with a tick map has no place for it.
    #[error(
        "the protocol has a share of the fees there, with which no tape of a Uniswap v3 pool with \
         a tick map begins; let it begin before block {0}, where that was set"
    )]
    ProtocolShare(BlockNumber),
    /// It is of no pool that can be followed without a tick map.
    #[error(transparent)]
    Observed(#[from] ObservedError),
    /// Nothing happens from there on.
    #[error("nothing happens from there on; the last event is in block {0}")]
    Nothing(BlockNumber),
}

/// Returns what a tape says from a time on, as a tape that begins with the pool's state there. It
/// is the tape itself where nothing comes before.
///
/// The state is that of executing again what comes before. Its fee growth counts from zero, and all
/// liquidity of a range counts as one position. A tape without a tick map begins where the record
/// says that the pool is; where the record contradicts itself, with the first swap.
///
/// # Errors
///
/// [`CutError`].
pub fn cut_tape(mut tape: AnyTape, from: InstantUs) -> Result<AnyTape, CutError> {
    let events = RunTape::from(&tape).events();
    let count = events.partition_point(|event| InstantUs::at_second(event.time) < from);
    let Some(last) = count.checked_sub(1).and_then(|at| events.get(at)) else { return Ok(tape) };
    let block = last.block;
    if count == events.len() {
        return Err(CutError::Nothing(block));
    }
    match &mut tape {
        AnyTape::Concentrated(tape) => {
            if let PoolStart::Window(start) = tape.header.start {
                tape.header.start = PoolStart::Window(window_at(tape, start, count)?);
            } else {
                let pool = folded(RunTape::Concentrated(tape), count)?;
                let pool = pool.concentrated().ok_or(UNKNOWN)?;
                begin_at(tape, pool.history(), count, block)?;
            }
            tape.events.drain(..count);
        }
        AnyTape::Shares(tape) => {
            let pool = folded(RunTape::Shares(tape), count)?;
            let pool = pool.shares().ok_or(UNKNOWN)?;
            tape.start = pool.history().clone();
            tape.header.state_after_block = block;
            tape.events.drain(..count);
        }
    }
    Ok(tape)
}

/// A market that has lost the one pool that it was given, or made another form of it.
const UNKNOWN: CutError = CutError::Start(MarketError::UnknownPool(PoolId(0)));

/// Executes the first so many events of a tape again.
fn folded(tape: RunTape<'_>, count: usize) -> Result<PoolMarket, CutError> {
    // What a tape leaves out of a swap, later events may tell.
    let prepared = prepared(tape).map_err(CutError::Start)?;
    let tape = prepared.tape();
    let mut market = Market::new(Footprint::PriceTaker);
    let id = tape.add_to(&mut market).map_err(CutError::Start)?;
    for (sequence, recorded) in (1..).zip(tape.events().iter().take(count)) {
        market.apply(&chain_event(id, sequence, recorded)).map_err(CutError::Mismatch)?;
    }
    market.pool(id).cloned().ok_or(UNKNOWN)
}

/// Makes a tape begin with its pool at the end of a block, after so many events.
fn begin_at(
    tape: &mut Tape,
    pool: &Pool,
    count: usize,
    block: BlockNumber,
) -> Result<(), CutError> {
    let before = tape.events.get(..count).unwrap_or_default();
    let positions = positions_at(pool, &tape.initial_positions, before)?;
    let state = pool.state();
    let shares = state.protocol_shares;
    let build = match tape.header.build {
        PoolBuild::UniswapV3 if shares != [0; 2] => {
            let set = before
                .iter()
                .rev()
                .find(|event| matches!(event.event, PoolEvent::SetFeeProtocol { .. }));
            return Err(CutError::ProtocolShare(set.map_or(block, |event| event.block)));
        }
        PoolBuild::UniswapV3 => PoolBuild::UniswapV3,
        PoolBuild::PancakeV3 { .. } => PoolBuild::PancakeV3 { fee_protocol: shares },
        PoolBuild::Slipstream { gauge, position_manager, .. } => PoolBuild::Slipstream {
            unstaked_fee: state.unstaked_fee,
            gauge,
            position_manager,
            staked_liquidity: state.staked_liquidity,
        },
        PoolBuild::UniswapV4 { pool_id, .. } => {
            PoolBuild::UniswapV4 { pool_id, protocol_fee: shares }
        }
    };
    let ConcentratedState { fee, sqrt_price, tick, liquidity, .. } = state;
    let start = PoolStart::Snapshot { block, sqrt_price, tick, liquidity };
    tape.initial_positions = positions;
    (tape.header.build, tape.header.fee, tape.header.start) = (build, fee, start);
    Ok(())
}

/// A tick and the one that ends its range.
type Ends = (Tick, Tick);

/// Returns what ranges hold, and hold staked, in a pool after these events of its tape.
fn positions_at(
    pool: &Pool,
    start: &[InitialPosition],
    events: &[TapeEvent],
) -> Result<Vec<InitialPosition>, CutError> {
    let mut held: BTreeMap<Ends, u128> = BTreeMap::new();
    let mut staked: BTreeMap<Ends, u128> = BTreeMap::new();
    // A pool of Uniswap v4's manager does not list its positions.
    let is_listed = pool.build() != Build::UniswapV4;
    for (key, position) in pool.positions().filter(|_| is_listed) {
        let of_all = held.entry((key.range.lower, key.range.upper)).or_default();
        // What all positions of a pool hold fits: their sums stand at its ticks.
        *of_all = of_all.saturating_add(position.liquidity.0);
    }
    for InitialPosition { range, liquidity, staked: at_gauge } in start {
        let ends = (range.lower, range.upper);
        staked.insert(ends, at_gauge.0);
        if !is_listed {
            held.insert(ends, liquidity.0);
        }
    }
    for recorded in events {
        let PoolEvent::Build(build) = &recorded.event else { continue };
        let (sums, range, delta) = match **build {
            BuildEvent::Stake { range, delta, .. } => (&mut staked, range, delta),
            BuildEvent::ModifyLiquidity { range, delta, .. } => (&mut held, range, delta),
            BuildEvent::PancakeSwap { .. }
            | BuildEvent::SetFeeProtocol(_)
            | BuildEvent::CollectProtocol(_)
            | BuildEvent::CollectFees(_)
            | BuildEvent::SetFee(_)
            | BuildEvent::SetUnstakedFee(_)
            | BuildEvent::ManagedSwap { .. }
            | BuildEvent::Donate(_)
            | BuildEvent::ProtocolFeeUpdated(_) => continue,
        };
        let sum = sums.entry((range.lower, range.upper)).or_default();
        *sum = sum.checked_add_signed(delta.0).ok_or(CutError::Range(range))?;
    }
    let position = |((lower, upper), liquidity): (Ends, u128)| InitialPosition {
        range: TickRange { lower, upper },
        liquidity: Liquidity(liquidity),
        staked: Liquidity(staked.get(&(lower, upper)).copied().unwrap_or(0)),
    };
    let held = held.into_iter().filter(|(_, liquidity)| *liquidity > 0);
    Ok(held.map(position).collect())
}

/// Where a pool without a tick map is after so many events.
fn window_at(tape: &Tape, start: WindowStart, count: usize) -> Result<WindowStart, CutError> {
    let mut pool = ObservedPool::new(tape)?;
    let mut fee_protocol = start.fee_protocol;
    let before = tape.events.get(..count).unwrap_or_default();
    for recorded in before {
        pool.apply(recorded);
        if let PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 } = recorded.event {
            fee_protocol = [fee_protocol0, fee_protocol1];
        }
    }
    let place = pool.place().filter(|_| pool.report().findings.is_empty());
    let state = place.zip(before.last()).map(|(place, last)| WindowState {
        block: last.block,
        sqrt_price: place.sqrt_price,
        tick: place.tick,
        liquidity: place.liquidity,
    });
    Ok(WindowStart { fee_protocol, state })
}
