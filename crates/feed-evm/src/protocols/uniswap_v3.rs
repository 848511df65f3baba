use alloy_primitives::B256;
use alloy_sol_types::SolEvent;
use tidemill_model::PoolEvent;
use tidemill_units::{Liquidity, SqrtPrice, U256};

use super::{address, amounts, first_topic, irrelevant, range, read, swap, tick};
use crate::protocols::unknown;
use crate::{DecodeFault, Decoded, RawLog};

/// Events of `UniswapV3Pool` (v3-core 1.0.1, `IUniswapV3PoolEvents`).
mod events {
    #![allow(missing_docs, reason = "the macro takes no docs, and the contract has them")]
    alloy_sol_types::sol! {
        event Initialize(uint160 sqrtPriceX96, int24 tick);
        event Mint(address sender, address indexed owner, int24 indexed tickLower,
            int24 indexed tickUpper, uint128 amount, uint256 amount0, uint256 amount1);
        event Collect(address indexed owner, address recipient, int24 indexed tickLower,
            int24 indexed tickUpper, uint128 amount0, uint128 amount1);
        event Burn(address indexed owner, int24 indexed tickLower, int24 indexed tickUpper,
            uint128 amount, uint256 amount0, uint256 amount1);
        event Swap(address indexed sender, address indexed recipient, int256 amount0,
            int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick);
        event Flash(address indexed sender, address indexed recipient, uint256 amount0,
            uint256 amount1, uint256 paid0, uint256 paid1);
        event IncreaseObservationCardinalityNext(uint16 observationCardinalityNextOld,
            uint16 observationCardinalityNextNew);
        event SetFeeProtocol(uint8 feeProtocol0Old, uint8 feeProtocol1Old, uint8 feeProtocol0New,
            uint8 feeProtocol1New);
        event CollectProtocol(address indexed sender, address indexed recipient, uint128 amount0,
            uint128 amount1);
    }
}

use events::{
    Burn, Collect, CollectProtocol, Flash, IncreaseObservationCardinalityNext, Initialize, Mint,
    SetFeeProtocol, Swap,
};

pub(crate) fn decode(log: &RawLog) -> Result<Decoded, DecodeFault> {
    let topic = first_topic(log)?;
    let event = match topic {
        Swap::SIGNATURE_HASH => swap(log)?,
        SetFeeProtocol::SIGNATURE_HASH => {
            let set: SetFeeProtocol = read(log)?;
            PoolEvent::SetFeeProtocol {
                fee_protocol0: set.feeProtocol0New,
                fee_protocol1: set.feeProtocol1New,
            }
        }
        CollectProtocol::SIGNATURE_HASH => return irrelevant::<CollectProtocol>(log),
        topic => {
            let event = decode_common(log, topic).transpose();
            return event.unwrap_or_else(|| Err(unknown("Uniswap v3 pool", topic)));
        }
    };
    Ok(Decoded::Event(event))
}

/// Reads what the pools of Uniswap v3's forks write as it does; `None` for another event.
pub(super) fn decode_common(log: &RawLog, topic: B256) -> Result<Option<Decoded>, DecodeFault> {
    let event = match topic {
        Mint::SIGNATURE_HASH => {
            let mint: Mint = read(log)?;
            PoolEvent::Mint {
                owner: Some(address(mint.owner)),
                range: range(mint.tickLower, mint.tickUpper),
                liquidity: Liquidity(mint.amount),
                amounts: amounts(mint.amount0, mint.amount1),
            }
        }
        Burn::SIGNATURE_HASH => {
            let burn: Burn = read(log)?;
            PoolEvent::Burn {
                owner: Some(address(burn.owner)),
                range: range(burn.tickLower, burn.tickUpper),
                liquidity: Liquidity(burn.amount),
                amounts: amounts(burn.amount0, burn.amount1),
            }
        }
        Collect::SIGNATURE_HASH => {
            let collect: Collect = read(log)?;
            PoolEvent::Collect {
                owner: Some(address(collect.owner)),
                range: range(collect.tickLower, collect.tickUpper),
                amounts: amounts(collect.amount0, collect.amount1),
            }
        }
        Initialize::SIGNATURE_HASH => {
            let initialize: Initialize = read(log)?;
            // A uint160 always is one.
            let sqrt_price = SqrtPrice::from_x96(U256::from(initialize.sqrtPriceX96));
            PoolEvent::Initialize {
                sqrt_price: sqrt_price.unwrap_or_default(),
                tick: Some(tick(initialize.tick)),
            }
        }
        Flash::SIGNATURE_HASH => {
            let flash: Flash = read(log)?;
            PoolEvent::Flash { paid: amounts(flash.paid0, flash.paid1) }
        }
        IncreaseObservationCardinalityNext::SIGNATURE_HASH => {
            return irrelevant::<IncreaseObservationCardinalityNext>(log).map(Some);
        }
        _ => return Ok(None),
    };
    Ok(Some(Decoded::Event(event)))
}
