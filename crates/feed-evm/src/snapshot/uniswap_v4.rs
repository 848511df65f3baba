use alloy_primitives::keccak256;
use tidemill_amm::concentrated::{Build, ConcentratedState, Pool, TickState};
use tidemill_model::{Address, Bytes32};
use tidemill_units::{FeeGrowth, FeePips, Liquidity, SignedLiquidity, SqrtPrice, Tick, U256};

use super::abi::{ContractCall, Words, address_word, int_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;
use super::tick_words::{initialized_ticks, words_of_all_ticks};

/// A pool of Uniswap v4's `PoolManager` without a hook. All but its number is its key: the manager
/// keeps a pool under the hash of it, and tells neither tokens nor spacing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UniswapV4Pool {
    /// The manager.
    pub manager: Address,
    /// Its tokens, in the order of their addresses; zeros are the chain's own coin.
    pub tokens: [Address; 2],
    /// Its fee.
    pub fee: FeePips,
    /// Its spacing, 1 to 32767.
    pub tick_spacing: i32,
}

/// Where the manager keeps things (v4-core 1.0.2 `StateLibrary`): its mapping of pools, and in a
/// pool the mappings of ticks and of bitmap words.
const POOLS: u64 = 6;
const TICKS: u64 = 4;
const BITMAP: u64 = 5;
/// Slots that one call asks for: 2,100 gas each, 2.2 million in all.
const MOST_SLOTS: usize = 1_000;
/// Slots of a tick: gross and net liquidity, and the fee growth outside of either token.
const TICK_SLOTS: usize = 3;
const EXTSLOAD: &str = "extsload(bytes32[])";
const MOST_SPACING: i32 = 32_767;

impl UniswapV4Pool {
    /// Returns what the manager calls the pool.
    pub fn id(&self) -> Bytes32 {
        let key = [
            address_word(self.tokens[0]),
            address_word(self.tokens[1]),
            U256::from(self.fee.0),
            int_word(self.tick_spacing),
            U256::ZERO,
        ];
        Bytes32(keccak256(key.map(|word| word.to_be_bytes::<32>()).as_flattened()).0)
    }

    /// The first of the pool's own slots.
    fn first_slot(&self) -> U256 {
        mapped(U256::from_be_bytes(self.id().0), U256::from(POOLS))
    }
}

/// The slot of a mapping's value.
fn mapped(key: U256, slot: U256) -> U256 {
    let words = [key.to_be_bytes::<32>(), slot.to_be_bytes::<32>()];
    keccak256(words.as_flattened()).into()
}

fn further(slot: U256, words: u64) -> U256 {
    slot.wrapping_add(U256::from(words))
}

/// Reads a pool with all its ticks out of the manager's storage, by its own `extsload`. Positions
/// are not in it. The protocol's fees are those of the pool's tokens that the manager has put
/// aside, over all its pools: it counts them by token.
///
/// Asks for every word of the tick bitmap, 6,932 of them over the spacing, and for three words of
/// each initialized tick, a thousand words a call.
///
/// Errors: `Reverted` and `Answer` for another contract, `Answer` for a pool without a price,
/// `State` for values that do not go together, as a dynamic fee.
pub async fn uniswap_v4_state(
    at: &AtBlock<'_>,
    pool: UniswapV4Pool,
) -> Result<ConcentratedState, SnapshotError> {
    if !(1..=MOST_SPACING).contains(&pool.tick_spacing) {
        let allowed = "1 to 32767";
        return Err(tidemill_amm::StateError::of("tick_spacing", allowed).into());
    }
    let mut state = whole_pool(at, pool).await?;
    state.ticks = ticks(at, pool).await?;
    // What no pool can be is noticed here, not in a replay.
    Pool::from_state(&state, at.block().time)?;
    Ok(state)
}

async fn whole_pool(
    at: &AtBlock<'_>,
    pool: UniswapV4Pool,
) -> Result<ConcentratedState, SnapshotError> {
    let first = pool.first_slot();
    let own: Vec<U256> = (0..4).map(|index| further(first, index)).collect();
    let mut calls = vec![load(pool.manager, &own)];
    calls.extend(pool.tokens.map(|token| {
        let signature = "protocolFeesAccrued(address)";
        ContractCall::new(pool.manager, signature, &[address_word(token)])
    }));
    let answers = at.calls(&calls).await?;
    let [loaded, fees0, fees1] = answers.as_slice() else {
        return Err(load(pool.manager, &own).reverted("no answer".to_owned()));
    };
    let words = loaded_words(loaded, own.len())?;
    let [slot0, growth0, growth1, liquidity] = words.as_slice() else {
        return Err(loaded.value("list", "as many words as slots"));
    };
    let sqrt_price = SqrtPrice::from_x96(low_bits(*slot0, 160));
    let sqrt_price = sqrt_price.filter(|price| !price.to_x96().is_zero());
    let no_price = || loaded.value("square root price", "that of an initialized pool");
    let twelve = |shift: usize| {
        let bits = low_bits(*slot0 >> shift, 12);
        u16::try_from(bits).map_err(|_| loaded.value("protocol fee", "12 bits"))
    };
    let fee = low_bits(*slot0 >> 208, 24);
    if fee != U256::from(pool.fee.0) {
        return Err(loaded.value("fee", "that of the pool's key"));
    }
    Ok(ConcentratedState {
        build: Build::UniswapV4,
        fee: pool.fee,
        tick_spacing: pool.tick_spacing,
        sqrt_price: sqrt_price.ok_or_else(no_price)?,
        tick: Tick(signed_24(*slot0 >> 160)),
        liquidity: Liquidity(low_128(*liquidity)),
        protocol_shares: [twelve(184)?, twelve(196)?],
        protocol_fees: [fees0.number(0, "128 bits")?, fees1.number(0, "128 bits")?],
        fee_growth_global: [FeeGrowth(*growth0), FeeGrowth(*growth1)],
        ticks: Vec::new(),
        unstaked_fee: FeePips(0),
        staked_liquidity: Liquidity::ZERO,
    })
}

async fn ticks(at: &AtBlock<'_>, pool: UniswapV4Pool) -> Result<Vec<TickState>, SnapshotError> {
    let first = pool.first_slot();
    let words = words_of_all_ticks(pool.tick_spacing);
    let bitmap = further(first, BITMAP);
    let slots: Vec<U256> = words.clone().map(|word| mapped(int_word(word), bitmap)).collect();
    let bitmaps = load_all(at, pool.manager, &slots).await?;
    let initialized = initialized_ticks(pool.tick_spacing, words.zip(bitmaps));
    let mapping = further(first, TICKS);
    let slots = initialized.iter().flat_map(|tick| {
        let slot = mapped(int_word(tick.0), mapping);
        [slot, further(slot, 1), further(slot, 2)]
    });
    let loaded = load_all(at, pool.manager, &slots.collect::<Vec<_>>()).await?;
    let mut ticks = Vec::with_capacity(initialized.len());
    for (tick, words) in initialized.into_iter().zip(loaded.chunks_exact(TICK_SLOTS)) {
        let [liquidity, outside0, outside1] = words else { continue };
        ticks.push(TickState {
            tick,
            liquidity_gross: Liquidity(low_128(*liquidity)),
            liquidity_net: SignedLiquidity(low_128(*liquidity >> 128).cast_signed()),
            fee_growth_outside: [FeeGrowth(*outside0), FeeGrowth(*outside1)],
            staked_liquidity_net: SignedLiquidity(0),
        });
    }
    Ok(ticks)
}

/// Loads slots, a thousand a call. Each call is one by itself: many of them in one would be more
/// gas than nodes give a call.
async fn load_all(
    at: &AtBlock<'_>,
    manager: Address,
    slots: &[U256],
) -> Result<Vec<U256>, SnapshotError> {
    let chunks = slots.chunks(MOST_SLOTS);
    let calls: Vec<_> = chunks.clone().map(|chunk| load(manager, chunk)).collect();
    let answers = at.calls_apart(&calls).await?;
    let mut words = Vec::with_capacity(slots.len());
    for (answer, chunk) in answers.iter().zip(chunks) {
        words.extend(loaded_words(answer, chunk.len())?);
    }
    Ok(words)
}

fn load(manager: Address, slots: &[U256]) -> ContractCall {
    // A list: where it begins, how long it is, what is in it.
    let mut words = vec![U256::from(32), U256::from(slots.len())];
    words.extend_from_slice(slots);
    ContractCall::new(manager, EXTSLOAD, &words)
}

fn loaded_words(answer: &Words, count: usize) -> Result<Vec<U256>, SnapshotError> {
    let words = answer.list(0, count)?;
    if words.len() == count {
        Ok(words)
    } else {
        Err(answer.value("list", "as many words as slots"))
    }
}

fn low_bits(word: U256, bits: usize) -> U256 {
    word & U256::MAX.wrapping_shr(256_usize.saturating_sub(bits))
}

fn low_128(word: U256) -> u128 {
    u128::try_from(low_bits(word, 128)).unwrap_or(u128::MAX)
}

/// The low 24 bits, with their sign.
fn signed_24(word: U256) -> i32 {
    let bits = u32::try_from(low_bits(word, 24)).unwrap_or(u32::MAX);
    // The sign is moved to the top and brought down again.
    (bits << 8).cast_signed() >> 8
}
