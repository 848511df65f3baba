use alloy_primitives::aliases::U24;
use alloy_primitives::{B256, I256};
use alloy_sol_types::SolEvent;
use tidemill_model::{BuildEvent, Bytes32, PoolEvent};
use tidemill_units::{FeePips, SignedAmount, SignedAmounts, SignedLiquidity, SqrtPrice, U256};

use super::{address, after, amounts, first_topic, name, range, read, tick, unknown};
use crate::{DecodeFault, Decoded, RawLog};

/// Events of `PoolManager` (v4-core 1.0.2, `IPoolManager` and `IProtocolFees`) that are about one
/// pool.
mod events {
    #![allow(missing_docs, reason = "the macro takes no docs, and the contract has them")]
    alloy_sol_types::sol! {
        event Initialize(bytes32 indexed id, address indexed currency0, address indexed currency1,
            uint24 fee, int24 tickSpacing, address hooks, uint160 sqrtPriceX96, int24 tick);
        event ModifyLiquidity(bytes32 indexed id, address indexed sender, int24 tickLower,
            int24 tickUpper, int256 liquidityDelta, bytes32 salt);
        event Swap(bytes32 indexed id, address indexed sender, int128 amount0, int128 amount1,
            uint160 sqrtPriceX96, uint128 liquidity, int24 tick, uint24 fee);
        event Donate(bytes32 indexed id, address indexed sender, uint256 amount0, uint256 amount1);
        event ProtocolFeeUpdated(bytes32 indexed id, uint24 protocolFee);
    }
}

use events::{Donate, Initialize, ModifyLiquidity, ProtocolFeeUpdated, Swap};

/// Reads a log of the manager that is about this pool; one about another says so.
pub(crate) fn decode(pool_id: Bytes32, log: &RawLog) -> Result<Decoded, DecodeFault> {
    let topic = first_topic(log)?;
    let is_of_a_pool = [
        Initialize::SIGNATURE_HASH,
        ModifyLiquidity::SIGNATURE_HASH,
        Swap::SIGNATURE_HASH,
        Donate::SIGNATURE_HASH,
        ProtocolFeeUpdated::SIGNATURE_HASH,
    ]
    .contains(&topic);
    if !is_of_a_pool {
        return Err(unknown("Uniswap v4 pool", topic));
    }
    if log.topics.get(1).is_some_and(|id| *id != pool_id) {
        return Ok(Decoded::OtherPool);
    }
    decode_own(log, topic).map(Decoded::Event)
}

fn decode_own(log: &RawLog, topic: B256) -> Result<PoolEvent, DecodeFault> {
    let event = match topic {
        Swap::SIGNATURE_HASH => {
            let swap: Swap = read(log)?;
            // The log has the swapper's signs.
            let [amount0, amount1] = [swap.amount0, swap.amount1].map(|amount| {
                let turned = SignedAmount::from_i128(amount).checked_neg();
                turned.unwrap_or_default()
            });
            BuildEvent::ManagedSwap {
                amounts: SignedAmounts { amount0, amount1 },
                after: after(swap.sqrtPriceX96, swap.liquidity, swap.tick),
                fee: Some(FeePips(swap.fee.to())),
            }
        }
        ModifyLiquidity::SIGNATURE_HASH => {
            let change: ModifyLiquidity = read(log)?;
            let delta = i128::try_from(change.liquidityDelta)
                .map_err(|_| value::<ModifyLiquidity>("liquidityDelta", change.liquidityDelta))?;
            BuildEvent::ModifyLiquidity {
                owner: Some((address(change.sender), Bytes32(change.salt.0))),
                range: range(change.tickLower, change.tickUpper),
                delta: SignedLiquidity(delta),
            }
        }
        Donate::SIGNATURE_HASH => {
            let donate: Donate = read(log)?;
            BuildEvent::Donate(amounts(donate.amount0, donate.amount1))
        }
        ProtocolFeeUpdated::SIGNATURE_HASH => {
            let updated: ProtocolFeeUpdated = read(log)?;
            BuildEvent::ProtocolFeeUpdated(unpacked(updated.protocolFee))
        }
        _ => {
            let initialize: Initialize = read(log)?;
            // A uint160 always is one.
            let sqrt_price = SqrtPrice::from_x96(U256::from(initialize.sqrtPriceX96));
            return Ok(PoolEvent::Initialize {
                sqrt_price: sqrt_price.unwrap_or_default(),
                tick: Some(tick(initialize.tick)),
            });
        }
    };
    Ok(PoolEvent::Build(Box::new(event)))
}

/// The protocol's fees on token0 and token1: twelve bits each, token0's the lower.
fn unpacked(protocol_fee: U24) -> [u16; 2] {
    let packed: u32 = protocol_fee.to();
    [packed & 0xfff, packed >> 12].map(|fee| u16::try_from(fee).unwrap_or_default())
}

fn value<E: SolEvent>(field: &'static str, found: I256) -> DecodeFault {
    DecodeFault::Value {
        event: name::<E>(),
        field,
        found: found.to_string(),
        allowed: "-2^127 to 2^127 - 1",
    }
}
