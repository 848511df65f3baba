//! What each protocol's contracts write, one file each.

pub(crate) mod pancake_v3;
pub(crate) mod slipstream;
pub(crate) mod uniswap_v3;
pub(crate) mod uniswap_v4;

use alloy_primitives::aliases::{I24, U160};
use alloy_primitives::ruint::UintTryFrom;
use alloy_primitives::{B256, I256};
use alloy_sol_types::SolEvent;
use tidemill_model::{Address, Bytes32, RecordedAfter};
use tidemill_units::{
    Amount, Amounts, Liquidity, SignedAmount, SignedAmounts, SqrtPrice, Tick, TickRange, U256,
};

use crate::{DecodeFault, Decoded, RawLog};

/// Reads a log as an event whose signature it has.
fn read<E: SolEvent>(log: &RawLog) -> Result<E, DecodeFault> {
    let topics = log.topics.iter().map(|topic| B256::new(topic.0));
    E::decode_raw_log_validate(topics, &log.data)
        .map_err(|error| DecodeFault::Encoding { event: name::<E>(), detail: error.to_string() })
}

/// Checks that a log is an event that changes nothing of what a tape has.
fn irrelevant<E: SolEvent>(log: &RawLog) -> Result<Decoded, DecodeFault> {
    read::<E>(log).map(|_| Decoded::Irrelevant(name::<E>()))
}

/// The name in an event's signature.
fn name<E: SolEvent>() -> &'static str {
    E::SIGNATURE.split('(').next().unwrap_or(E::SIGNATURE)
}

fn first_topic(log: &RawLog) -> Result<B256, DecodeFault> {
    log.topics.first().map(|topic| B256::new(topic.0)).ok_or(DecodeFault::NoTopic)
}

fn unknown(contract: &'static str, topic: B256) -> DecodeFault {
    DecodeFault::UnknownEvent { contract, topic: Bytes32(topic.0) }
}

fn address(address: alloy_primitives::Address) -> Address {
    Address(address.into_array())
}

fn tick(tick: I24) -> Tick {
    Tick(tick.as_i32())
}

fn range(lower: I24, upper: I24) -> TickRange {
    TickRange { lower: tick(lower), upper: tick(upper) }
}

fn amounts<T>(amount0: T, amount1: T) -> Amounts
where
    U256: UintTryFrom<T>,
{
    Amounts { amount0: Amount(U256::from(amount0)), amount1: Amount(U256::from(amount1)) }
}

fn signed_amounts(amount0: I256, amount1: I256) -> SignedAmounts {
    let [amount0, amount1] =
        [amount0, amount1].map(|word| SignedAmount::from_twos_complement(word.into_raw()));
    SignedAmounts { amount0, amount1 }
}

fn after(sqrt_price: U160, liquidity: u128, at: I24) -> RecordedAfter {
    RecordedAfter {
        sqrt_price: SqrtPrice::from_x96(U256::from(sqrt_price)),
        liquidity: Some(Liquidity(liquidity)),
        tick: Some(tick(at)),
    }
}
