use tidemill_amm::Pool;
use tidemill_amm::concentrated::{self, Build};
use tidemill_model::{
    ChainId, PoolBuild, PoolHeader, PoolStart, SharePoolHeader, Token, WindowStart, WindowState,
};
use tidemill_store::{PoolDescription, PoolState};
use tidemill_units::{BlockNumber, RelativeTolerance};

use super::Arguments;
use crate::failure::Failure;

/// Describes a pool that goes on from its state at the end of a block.
pub(super) fn of(
    arguments: &Arguments,
    block: BlockNumber,
    state: &PoolState,
) -> Result<PoolDescription, Failure> {
    if let Pool::Concentrated(pool) = &state.pool {
        return concentrated(arguments, block, pool, &state.tokens)
            .map(PoolDescription::Concentrated);
    }
    let header = SharePoolHeader {
        chain_id: ChainId(arguments.chain),
        pool: arguments.pool,
        tokens: state.tokens.clone(),
        base_tokens: state.base_tokens.clone(),
        state_after_block: block,
        amount_tolerance: RelativeTolerance::EXACT,
    };
    Ok(PoolDescription::Shares(header, Box::new(state.pool.clone())))
}

fn concentrated(
    arguments: &Arguments,
    block: BlockNumber,
    pool: &concentrated::Pool,
    tokens: &[Token],
) -> Result<PoolHeader, Failure> {
    let [token0, token1] = tokens else {
        return Err(Failure::input("a pool of positions has two tokens"));
    };
    let state = pool.state();
    let (sqrt_price, tick, liquidity) = (state.sqrt_price, state.tick, state.liquidity);
    let snapshot = PoolStart::Snapshot { block, sqrt_price, tick, liquidity };
    let (build, start) = match state.build {
        // A description with a tick map has no place for the protocol's share.
        Build::UniswapV3 if state.protocol_shares != [0; 2] => {
            let shares = state.protocol_shares.map(u8::try_from);
            let [Ok(share0), Ok(share1)] = shares else {
                return Err(Failure::input("the protocol's share is none that a v3 pool has"));
            };
            let fee_protocol = [share0, share1];
            let state = Some(WindowState { block, sqrt_price, tick, liquidity });
            (PoolBuild::UniswapV3, PoolStart::Window(WindowStart { fee_protocol, state }))
        }
        Build::UniswapV3 => (PoolBuild::UniswapV3, snapshot),
        Build::PancakeV3 => {
            (PoolBuild::PancakeV3 { fee_protocol: state.protocol_shares }, snapshot)
        }
        Build::Slipstream | Build::UniswapV4 => {
            let text = "--description: of a pool of positions it is written for uniswap_v3 and \
                        pancake_v3; of Slipstream's, write gauge and position manager yourself";
            return Err(Failure::input(text));
        }
    };
    Ok(PoolHeader {
        chain_id: ChainId(arguments.chain),
        pool: arguments.pool,
        build,
        token0: token0.clone(),
        token1: token1.clone(),
        fee: state.fee,
        tick_spacing: state.tick_spacing,
        start,
        amount_tolerance: RelativeTolerance::EXACT,
    })
}
