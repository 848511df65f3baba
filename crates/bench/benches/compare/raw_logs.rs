//! W13: raw logs of v3 swaps, from memory.

use alloy_primitives::B256;
use alloy_sol_types::SolEvent;
use tidemill_feed_evm::{Decoded, LogPlace, RawLog, decode_pool_log};
use tidemill_model::{Bytes32, PoolBuild, PoolEvent};
use tidemill_units::U256;

use crate::harness::{Contestant, Row, Target, circle};
use crate::inputs::{COUNT, Random};

alloy_sol_types::sol! {
    /// The event of `UniswapV3Pool`.
    event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1,
        uint160 sqrtPriceX96, uint128 liquidity, int24 tick);
}

pub(crate) fn swaps() -> Result<Row, String> {
    let mut random = Random::seeded(13);
    let logs: Vec<RawLog> = (0..COUNT).map(|_| swap(&mut random)).collect();
    for log in &logs {
        compare(log)?;
    }
    let for_alloy = logs.clone();
    Ok(Row {
        title: "a raw log of a v3 swap decoded".to_owned(),
        target: Target::PerSecond(1e6),
        operations: 1,
        contestants: vec![
            (Contestant::Tidemill, circle(logs, |log| decode_pool_log(&PoolBuild::UniswapV3, log))),
            (Contestant::AlloySolTypes, circle(for_alloy, by_alloy)),
        ],
        notes: vec![
            "alloy-sol-types takes topics and data with more than the event has; ours refuses"
                .to_owned(),
        ],
    })
}

fn by_alloy(log: &RawLog) -> alloy_sol_types::Result<Swap> {
    let topics = log.topics.iter().map(|topic| B256::new(topic.0));
    Swap::decode_raw_log_validate(topics, &log.data)
}

/// A swap of whichever sign, amounts of up to 90 bits.
pub(crate) fn swap(random: &mut Random) -> RawLog {
    let mut address = || Bytes32(random.of_bits(160).to_be_bytes());
    let topics = vec![Bytes32(Swap::SIGNATURE_HASH.0), address(), address()];
    let amount = random.of_bits(90);
    let (into, out) = (amount, (amount >> 3_usize).wrapping_neg());
    let tick = random.between(-400_000, 400_000);
    let fill = if tick < 0 { U256::MAX << 32_usize } else { U256::ZERO };
    let bits = u32::from_be_bytes(tick.to_be_bytes());
    let words = [into, out, random.of_bits(130), random.of_bits(80), fill | U256::from(bits)];
    RawLog {
        address: None,
        topics,
        data: words.map(|word| word.to_be_bytes::<32>()).concat().into(),
        place: LogPlace::default(),
        block_hash: None,
        time: None,
        transaction: None,
    }
}

fn compare(log: &RawLog) -> Result<(), String> {
    let ours = decode_pool_log(&PoolBuild::UniswapV3, log).map_err(|error| error.to_string())?;
    let theirs = by_alloy(log).map_err(|error| error.to_string())?;
    let Decoded::Event(PoolEvent::Swap { amounts, after }) = ours else {
        return Err(format!("{ours:?} is no swap"));
    };
    let agree = amounts.amount0.to_twos_complement() == theirs.amount0.into_raw()
        && amounts.amount1.to_twos_complement() == theirs.amount1.into_raw()
        && after.sqrt_price.map(|price| price.to_x96()) == Some(U256::from(theirs.sqrtPriceX96))
        && after.liquidity.map(|liquidity| liquidity.0) == Some(theirs.liquidity)
        && after.tick.map(|tick| tick.0) == Some(theirs.tick.as_i32());
    if agree { Ok(()) } else { Err(format!("{log:?} is read otherwise by alloy-sol-types")) }
}
