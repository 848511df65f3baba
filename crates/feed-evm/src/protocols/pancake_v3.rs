use alloy_sol_types::SolEvent;
use tidemill_model::{BuildEvent, PoolEvent};

use super::uniswap_v3::decode_common;
use super::{after, amounts, first_topic, read, signed_amounts, unknown};
use crate::{DecodeFault, Decoded, RawLog};

/// Events that `PancakeV3Pool` (v3-core 1.0.2, `IPancakeV3PoolEvents`) writes otherwise than
/// Uniswap's.
mod events {
    #![allow(missing_docs, reason = "the macro takes no docs, and the contract has them")]
    alloy_sol_types::sol! {
        event Swap(address indexed sender, address indexed recipient, int256 amount0,
            int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick,
            uint128 protocolFeesToken0, uint128 protocolFeesToken1);
        event SetFeeProtocol(uint32 feeProtocol0Old, uint32 feeProtocol1Old,
            uint32 feeProtocol0New, uint32 feeProtocol1New);
        event SetLmPoolEvent(address addr);
        event CollectProtocol(address indexed sender, address indexed recipient, uint128 amount0,
            uint128 amount1);
    }
}

use events::{CollectProtocol, SetFeeProtocol, SetLmPoolEvent, Swap};

pub(crate) fn decode(log: &RawLog) -> Result<Decoded, DecodeFault> {
    let event = match first_topic(log)? {
        Swap::SIGNATURE_HASH => {
            let swap: Swap = read(log)?;
            BuildEvent::PancakeSwap {
                amounts: signed_amounts(swap.amount0, swap.amount1),
                after: after(swap.sqrtPriceX96, swap.liquidity, swap.tick),
                protocol_fees: Some([swap.protocolFeesToken0, swap.protocolFeesToken1]),
            }
        }
        SetFeeProtocol::SIGNATURE_HASH => {
            let set: SetFeeProtocol = read(log)?;
            let share = |field, found: u32| {
                u16::try_from(found).map_err(|_| DecodeFault::Value {
                    event: "SetFeeProtocol",
                    field,
                    found: found.to_string(),
                    allowed: "0 to 4000 of 10,000",
                })
            };
            BuildEvent::SetFeeProtocol([
                share("feeProtocol0New", set.feeProtocol0New)?,
                share("feeProtocol1New", set.feeProtocol1New)?,
            ])
        }
        CollectProtocol::SIGNATURE_HASH => {
            let paid: CollectProtocol = read(log)?;
            BuildEvent::CollectProtocol(amounts(paid.amount0, paid.amount1))
        }
        SetLmPoolEvent::SIGNATURE_HASH => return super::irrelevant::<SetLmPoolEvent>(log),
        topic => {
            let event = decode_common(log, topic).transpose();
            return event.unwrap_or_else(|| Err(unknown("PancakeSwap v3 pool", topic)));
        }
    };
    Ok(Decoded::Event(PoolEvent::Build(Box::new(event))))
}
