//! What each protocol's contracts write, one file each.

pub(crate) mod pancake_v3;
pub(crate) mod slipstream;
mod swap_words;
pub(crate) mod uniswap_v3;
pub(crate) mod uniswap_v4;

use alloy_primitives::aliases::{I24, U160};
use alloy_primitives::ruint::UintTryFrom;
use alloy_primitives::{B256, I256};
use alloy_sol_types::SolEvent;
use tidemill_model::{Address, Bytes32, PoolEvent, RecordedAfter};
use tidemill_units::{
    Amount, Amounts, Liquidity, SignedAmount, SignedAmounts, SqrtPrice, Tick, TickRange, U256,
};

use crate::{DecodeFault, Decoded, RawLog};

/// Reads a log as an event whose signature it has.
///
/// The library takes more data than the event has, and indexed fields with bits that their types
/// have not; neither is what a contract writes, so both are refused.
fn read<E: SolEvent>(log: &RawLog) -> Result<E, DecodeFault> {
    let fault = |detail: String| DecodeFault::Encoding { event: name::<E>(), detail };
    let topics = log.topics.iter().map(|topic| B256::new(topic.0));
    let event =
        E::decode_raw_log_validate(topics, &log.data).map_err(|error| fault(error.to_string()))?;
    let written = event.encode_topics();
    let is_same = written.iter().map(|topic| topic.0.0).eq(log.topics.iter().map(|it| it.0));
    if is_same && event.encode_data() == log.data {
        return Ok(event);
    }
    Err(fault("topics or data that no contract writes so".to_owned()))
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

/// A swap as v3 pools and most of their forks log it.
fn swap(log: &RawLog) -> Result<PoolEvent, DecodeFault> {
    let (amounts, after) = swap_words::read_swap(log)?;
    Ok(PoolEvent::Swap { amounts, after })
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
