use tidemill_amm::concentrated::{Build, ConcentratedState, Pool, TickState};
use tidemill_model::Address;
use tidemill_units::{FeeGrowth, FeePips, Liquidity, SignedLiquidity, SqrtPrice, Tick, U256};

use super::abi::{ContractCall, Words, int_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;
use super::tick_words::{initialized_ticks, words_of_all_ticks};

/// A pool that is a contract of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcentratedPool {
    /// Uniswap v3-core 1.0.1.
    UniswapV3(Address),
    /// PancakeSwap v3-core 1.0.2.
    PancakeV3(Address),
    /// Velodrome's and Aerodrome's `CLPool`.
    Slipstream(Address),
}

const U24: &str = "24 bits";
const U128: &str = "128 bits";

impl ConcentratedPool {
    pub(super) fn address(self) -> Address {
        match self {
            Self::UniswapV3(address) | Self::PancakeV3(address) | Self::Slipstream(address) => {
                address
            }
        }
    }

    fn build(self) -> Build {
        match self {
            Self::UniswapV3(_) => Build::UniswapV3,
            Self::PancakeV3(_) => Build::PancakeV3,
            Self::Slipstream(_) => Build::Slipstream,
        }
    }

    fn call(self, signature: &'static str) -> ContractCall {
        ContractCall::new(self.address(), signature, &[])
    }
}

/// Reads a pool with all its ticks. Positions are not in it: a contract cannot list them.
///
/// Asks for every word of the tick bitmap, 6,932 of them over the spacing, and for each initialized
/// tick. The tick lens of v3-periphery is of no use here: it leaves out the fee growth outside.
///
/// Errors: `Reverted` and `Answer` for another contract, `Answer` for a pool without a price,
/// `State` for values that do not go together.
pub async fn concentrated_state(
    at: &AtBlock<'_>,
    pool: ConcentratedPool,
) -> Result<ConcentratedState, SnapshotError> {
    let mut state = whole_pool(at, pool).await?;
    state.ticks = ticks(at, pool, state.tick_spacing).await?;
    // What no pool can be is noticed here, not in a replay.
    Pool::from_state(&state, at.block().time)?;
    Ok(state)
}

async fn whole_pool(
    at: &AtBlock<'_>,
    pool: ConcentratedPool,
) -> Result<ConcentratedState, SnapshotError> {
    let mut calls = [
        "slot0()",
        "liquidity()",
        "fee()",
        "tickSpacing()",
        "feeGrowthGlobal0X128()",
        "feeGrowthGlobal1X128()",
    ]
    .map(|signature| pool.call(signature))
    .to_vec();
    let own: &[&'static str] = match pool {
        ConcentratedPool::UniswapV3(_) | ConcentratedPool::PancakeV3(_) => &["protocolFees()"],
        ConcentratedPool::Slipstream(_) => &["gaugeFees()", "unstakedFee()", "stakedLiquidity()"],
    };
    calls.extend(own.iter().map(|signature| pool.call(signature)));
    let answers = at.calls(&calls).await?;
    let [slot0, liquidity, fee, spacing, growth0, growth1, fees, own @ ..] = answers.as_slice()
    else {
        return Err(pool.call("slot0()").reverted("no answer".to_owned()));
    };
    let sqrt_price = SqrtPrice::from_x96(slot0.word(0)?).filter(|price| !price.to_x96().is_zero());
    let no_price = || slot0.value("square root price", "1 to 2^160 - 1, of an initialized pool");
    let (unstaked_fee, staked_liquidity) = match own {
        [fee, staked] => (FeePips(fee.number(0, U24)?), Liquidity(staked.number(0, U128)?)),
        _ => (FeePips(0), Liquidity::ZERO),
    };
    Ok(ConcentratedState {
        build: pool.build(),
        fee: FeePips(fee.number(0, U24)?),
        tick_spacing: tick_spacing(spacing)?,
        sqrt_price: sqrt_price.ok_or_else(no_price)?,
        tick: Tick(slot0.signed(1, "-887272 to 887272")?),
        liquidity: Liquidity(liquidity.number(0, U128)?),
        protocol_shares: protocol_shares(pool, slot0)?,
        protocol_fees: [fees.number(0, U128)?, fees.number(1, U128)?],
        fee_growth_global: [FeeGrowth(growth0.word(0)?), FeeGrowth(growth1.word(0)?)],
        ticks: Vec::new(),
        unstaked_fee,
        staked_liquidity,
    })
}

/// Above zero, or the bitmap could not be read.
fn tick_spacing(words: &Words) -> Result<i32, SnapshotError> {
    let allowed = "1 to 16383";
    let spacing = words.signed(0, allowed)?;
    if (1..=16_383).contains(&spacing) {
        Ok(spacing)
    } else {
        Err(words.value("tick spacing", allowed))
    }
}

/// Token0's share is in the low half: four of eight bits, of Pancake sixteen of thirty-two.
fn protocol_shares(pool: ConcentratedPool, slot0: &Words) -> Result<[u16; 2], SnapshotError> {
    Ok(match pool {
        ConcentratedPool::UniswapV3(_) => {
            let both: u8 = slot0.number(5, "8 bits")?;
            [u16::from(both & 15), u16::from(both >> 4)]
        }
        ConcentratedPool::PancakeV3(_) => {
            let both: u32 = slot0.number(5, "32 bits")?;
            let [high0, high1, low0, low1] = both.to_be_bytes();
            [u16::from_be_bytes([low0, low1]), u16::from_be_bytes([high0, high1])]
        }
        ConcentratedPool::Slipstream(_) => [0; 2],
    })
}

async fn ticks(
    at: &AtBlock<'_>,
    pool: ConcentratedPool,
    spacing: i32,
) -> Result<Vec<TickState>, SnapshotError> {
    let words = words_of_all_ticks(spacing);
    let calls = words
        .clone()
        .map(|word| ContractCall::new(pool.address(), "tickBitmap(int16)", &[int_word(word)]));
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    let bitmaps = answers.iter().map(|bitmap| bitmap.word(0)).collect::<Result<Vec<U256>, _>>()?;
    let initialized = initialized_ticks(spacing, words.zip(bitmaps));
    let calls = initialized
        .iter()
        .map(|tick| ContractCall::new(pool.address(), "ticks(int24)", &[int_word(tick.0)]));
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    initialized.iter().zip(&answers).map(|(tick, words)| read_tick(pool, *tick, words)).collect()
}

fn read_tick(
    pool: ConcentratedPool,
    tick: Tick,
    words: &Words,
) -> Result<TickState, SnapshotError> {
    const I128: &str = "128 bits with their sign";
    // Slipstream has the staked liquidity before the fee growth.
    let (staked, growth) = match pool {
        ConcentratedPool::UniswapV3(_) | ConcentratedPool::PancakeV3(_) => (0, 2),
        ConcentratedPool::Slipstream(_) => (words.wide_signed(2, I128)?, 3),
    };
    Ok(TickState {
        tick,
        liquidity_gross: Liquidity(words.number(0, U128)?),
        liquidity_net: SignedLiquidity(words.wide_signed(1, I128)?),
        fee_growth_outside: [FeeGrowth(words.word(growth)?), FeeGrowth(words.word(growth + 1)?)],
        staked_liquidity_net: SignedLiquidity(staked),
    })
}
