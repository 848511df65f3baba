//! The pool at the start of a tape.

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{
    Build, ConcentratedState, Owner, Pool, PositionKey, SaltedKey, SlipstreamParameters, Snapshot,
    TickLiquidity, TickState,
};
use tidemill_model::{Address, InitialPosition, PoolBuild, PoolHeader, PoolStart, Tape};
use tidemill_units::{FeePips, Liquidity, SignedLiquidity, Tick, TickRange, Timestamp};

use crate::MarketError;

pub(crate) fn pool_at_start(tape: &Tape, now: Timestamp) -> Result<Pool, MarketError> {
    match tape.header.start {
        PoolStart::Creation => return new_pool(&tape.header),
        PoolStart::Window(_) => return Err(MarketError::NoTickMap),
        PoolStart::Snapshot { .. } => {}
    }
    let mut pool = match tape.header.build {
        PoolBuild::UniswapV3 => uniswap_v3(tape, now)?,
        PoolBuild::PancakeV3 { .. }
        | PoolBuild::Slipstream { .. }
        | PoolBuild::UniswapV4 { .. } => of_state(tape, now)?,
    };
    for position in &tape.initial_positions {
        adopt(&mut pool, position).map_err(MarketError::StartPosition)?;
    }
    Ok(pool)
}

/// All the liquidity of a range counts as one position, whoever owns it.
fn adopt(
    pool: &mut Pool,
    position: &InitialPosition,
) -> Result<(), tidemill_amm::concentrated::PoolError> {
    let InitialPosition { range, liquidity, .. } = *position;
    if pool.build() == Build::UniswapV4 {
        pool.adopt_salted(pooled(range), liquidity)
    } else {
        pool.adopt(PositionKey { owner: Owner::default(), range }, liquidity)
    }
}

/// The key of all positions of a range in a v4 pool whose owners are not known.
pub(crate) fn pooled(range: TickRange) -> SaltedKey {
    SaltedKey { owner: Owner::default(), range, salt: [0; 32] }
}

fn new_pool(header: &PoolHeader) -> Result<Pool, MarketError> {
    let PoolHeader { fee, tick_spacing, .. } = *header;
    let owner = |address: Address| Owner(address.0);
    match header.build {
        PoolBuild::UniswapV3 => Pool::new(fee, tick_spacing),
        PoolBuild::PancakeV3 { .. } => Pool::pancake_v3(fee, tick_spacing),
        PoolBuild::Slipstream { unstaked_fee, gauge, position_manager, .. } => {
            Pool::slipstream(SlipstreamParameters {
                fee,
                unstaked_fee,
                tick_spacing,
                gauge: owner(gauge),
                position_manager: owner(position_manager),
            })
        }
        PoolBuild::UniswapV4 { .. } => Pool::uniswap_v4(fee, tick_spacing),
    }
    .map_err(|error| MarketError::Start(error.into()))
}

fn uniswap_v3(tape: &Tape, now: Timestamp) -> Result<Pool, MarketError> {
    let PoolHeader { fee, tick_spacing, .. } = tape.header;
    let PoolStart::Snapshot { sqrt_price, tick, liquidity, .. } = tape.header.start else {
        return new_pool(&tape.header);
    };
    let entry = |entry: TickState| TickLiquidity {
        tick: entry.tick,
        gross: entry.liquidity_gross,
        net: entry.liquidity_net,
    };
    let ticks = ticks_of(tape).into_iter().map(entry).collect();
    let snapshot = Snapshot { sqrt_price, tick, ticks };
    let pool = Pool::from_snapshot(fee, tick_spacing, &snapshot, now);
    let pool = pool.map_err(MarketError::Start)?;
    if pool.liquidity() != liquidity {
        let (computed, recorded) = (pool.liquidity().0, liquidity.0);
        return Err(MarketError::StartLiquidity { computed, recorded });
    }
    Ok(pool)
}

/// The pool of any build; who its gauge is does not matter where owners are not known.
fn of_state(tape: &Tape, now: Timestamp) -> Result<Pool, MarketError> {
    let PoolHeader { fee, tick_spacing, build, .. } = tape.header;
    let PoolStart::Snapshot { sqrt_price, tick, liquidity, .. } = tape.header.start else {
        return new_pool(&tape.header);
    };
    let none = FeePips(0);
    let (build, protocol_shares, unstaked_fee, staked_liquidity) = match build {
        PoolBuild::UniswapV3 => (Build::UniswapV3, [0; 2], none, Liquidity::ZERO),
        PoolBuild::PancakeV3 { fee_protocol } => {
            (Build::PancakeV3, fee_protocol, none, Liquidity::ZERO)
        }
        PoolBuild::Slipstream { unstaked_fee, staked_liquidity, .. } => {
            (Build::Slipstream, [0; 2], unstaked_fee, staked_liquidity)
        }
        PoolBuild::UniswapV4 { protocol_fee, .. } => {
            (Build::UniswapV4, protocol_fee, none, Liquidity::ZERO)
        }
    };
    let state = ConcentratedState {
        build,
        fee,
        tick_spacing,
        sqrt_price,
        tick,
        liquidity,
        protocol_shares,
        protocol_fees: [0; 2],
        fee_growth_global: Default::default(),
        ticks: ticks_of(tape),
        unstaked_fee,
        staked_liquidity,
    };
    Pool::from_state(&state, now).map_err(MarketError::StartState)
}

/// Adds the positions at the start up by tick. Sums that pass 2^128 saturate, and the pool then
/// refuses the snapshot.
fn ticks_of(tape: &Tape) -> Vec<TickState> {
    let mut ticks = BTreeMap::<Tick, TickState>::new();
    for position in &tape.initial_positions {
        let liquidity = position.liquidity.0;
        let signed = i128::try_from(liquidity).unwrap_or(i128::MAX);
        let staked = i128::try_from(position.staked.0).unwrap_or(i128::MAX);
        for (tick, is_lower) in [(position.range.lower, true), (position.range.upper, false)] {
            let entry = ticks.entry(tick).or_insert(TickState { tick, ..TickState::default() });
            let changed = |net: SignedLiquidity, by: i128| {
                let sum =
                    if is_lower { net.0.saturating_add(by) } else { net.0.saturating_sub(by) };
                SignedLiquidity(sum)
            };
            entry.liquidity_gross = Liquidity(entry.liquidity_gross.0.saturating_add(liquidity));
            entry.liquidity_net = changed(entry.liquidity_net, signed);
            entry.staked_liquidity_net = changed(entry.staked_liquidity_net, staked);
        }
    }
    ticks.into_values().collect()
}
