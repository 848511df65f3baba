use alloy_primitives::Bytes;
use tidemill_model::RecordedAfter;
use tidemill_units::{Liquidity, SignedAmount, SignedAmounts, SqrtPrice, Tick, U256};

use crate::{DecodeFault, RawLog};

const WORD: usize = 32;
const WORDS: usize = 5;

/// Reads `Swap(address indexed, address indexed, int256, int256, uint160, uint128, int24)`, the
/// log that nearly all of a pool's are, without the detour over its types.
///
/// Errors: as the decoder of the ABI says, and a topic that is no address.
pub(super) fn read_swap(log: &RawLog) -> Result<(SignedAmounts, RecordedAfter), DecodeFault> {
    let fault = |detail: &str| DecodeFault::Encoding { event: "Swap", detail: detail.to_owned() };
    let [_, sender, recipient] = log.topics.as_slice() else {
        return Err(fault("it has 2 indexed fields"));
    };
    if ![sender, recipient].iter().all(|topic| is_of(&topic.0, 12, 0)) {
        return Err(fault("an indexed field is no address"));
    }
    let words = words(&log.data).ok_or_else(|| fault("its other fields take 160 bytes"))?;
    let [amount0, amount1, price, liquidity, tick] = words;
    let is_negative = tick.get(29).is_some_and(|byte| byte & 0x80 != 0);
    let is_typed = is_of(price, 12, 0)
        && is_of(liquidity, 16, 0)
        && is_of(tick, 29, if is_negative { 0xff } else { 0 });
    if !is_typed {
        return Err(fault("a field is out of its type"));
    }
    let [amount0, amount1] = [amount0, amount1]
        .map(|word| SignedAmount::from_twos_complement(U256::from_be_bytes(*word)));
    let after = RecordedAfter {
        sqrt_price: SqrtPrice::from_x96(U256::from_be_bytes(*price)),
        liquidity: Some(Liquidity(u128::from_be_bytes(last(liquidity)))),
        tick: Some(Tick(i32::from_be_bytes(last(tick)))),
    };
    Ok((SignedAmounts { amount0, amount1 }, after))
}

fn words(data: &Bytes) -> Option<[&[u8; WORD]; WORDS]> {
    let (words, rest) = data.as_chunks::<WORD>();
    let words: &[[u8; WORD]; WORDS] = words.try_into().ok().filter(|_| rest.is_empty())?;
    Some(words.each_ref())
}

fn is_of(word: &[u8; WORD], count: usize, of: u8) -> bool {
    word.iter().take(count).all(|byte| *byte == of)
}

fn last<const N: usize>(word: &[u8; WORD]) -> [u8; N] {
    word.last_chunk().copied().unwrap_or([0; N])
}
