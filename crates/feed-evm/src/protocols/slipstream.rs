use alloy_sol_types::SolEvent;
use tidemill_model::{BuildEvent, PoolEvent};

use super::uniswap_v3::decode_common;
use super::{amounts, first_topic, read, swap, unknown};
use crate::{DecodeFault, Decoded, RawLog};

/// Events that `CLPool` (slipstream, `ICLPoolEvents`) writes otherwise than Uniswap v3's.
mod events {
    #![allow(missing_docs, reason = "the macro takes no docs, and the contract has them")]
    alloy_sol_types::sol! {
        event Swap(address indexed sender, address indexed recipient, int256 amount0,
            int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick);
        event CollectFees(address indexed recipient, uint128 amount0, uint128 amount1);
        event SetFeeProtocol(uint8 feeProtocol0Old, uint8 feeProtocol1Old, uint8 feeProtocol0New,
            uint8 feeProtocol1New);
    }
}

use events::{CollectFees, SetFeeProtocol, Swap};

/// Reads a log of the pool. What is staked and which fees hold is not in its logs: the gauge and
/// the factory's modules say that.
pub(crate) fn decode(log: &RawLog) -> Result<Decoded, DecodeFault> {
    let event = match first_topic(log)? {
        Swap::SIGNATURE_HASH => swap(log)?,
        CollectFees::SIGNATURE_HASH => {
            let paid: CollectFees = read(log)?;
            let paid = amounts(paid.amount0, paid.amount1);
            PoolEvent::Build(Box::new(BuildEvent::CollectFees(paid)))
        }
        SetFeeProtocol::SIGNATURE_HASH => return super::irrelevant::<SetFeeProtocol>(log),
        topic => {
            let event = decode_common(log, topic).transpose();
            return event.unwrap_or_else(|| Err(unknown("Slipstream pool", topic)));
        }
    };
    Ok(Decoded::Event(event))
}
