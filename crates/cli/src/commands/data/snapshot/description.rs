use tidemill_amm::Pool;
use tidemill_amm::concentrated::{self, Build};
use tidemill_feed_evm::snapshot::PoolContract;
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
    contract: &PoolContract,
    block: BlockNumber,
    state: &PoolState,
) -> Result<PoolDescription, Failure> {
    if let Pool::Concentrated(pool) = &state.pool {
        return concentrated(arguments, contract, block, (pool, &state.tokens))
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
    contract: &PoolContract,
    block: BlockNumber,
    (pool, tokens): (&concentrated::Pool, &[Token]),
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
        Build::UniswapV4 => {
            let PoolContract::UniswapV4(managed) = contract else {
                return Err(Failure::input("a v4 pool was read that was not asked for"));
            };
            let (pool_id, protocol_fee) = (managed.id(), state.protocol_shares);
            (PoolBuild::UniswapV4 { pool_id, protocol_fee }, snapshot)
        }
        Build::Slipstream => {
            let text = "--description: it is not written of Slipstream's pools, since no function \
                        tells how much of a range is staked; begin with the pool's creation";
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
