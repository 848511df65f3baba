//! The reader of swaps by hand, beside the one that the ABI library makes from the signature.

use alloy_primitives::B256;
use alloy_sol_types::{SolEvent, sol};
use tidemill_feed_evm::{Decoded, LogPlace, RawLog, decode_pool_log};
use tidemill_model::{Bytes32, PoolBuild, PoolEvent, RecordedAfter};
use tidemill_units::{Liquidity, SignedAmount, SignedAmounts, SqrtPrice, Tick, U256};

sol! {
    event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1,
        uint160 sqrtPriceX96, uint128 liquidity, int24 tick);
}

/// The library's reading, and whether the log is what the library would write of it.
fn by_the_library(log: &RawLog) -> Option<PoolEvent> {
    let topics = log.topics.iter().map(|topic| B256::new(topic.0));
    let swap = Swap::decode_raw_log_validate(topics, &log.data).ok()?;
    let is_same = swap
        .encode_topics()
        .iter()
        .map(|topic| topic.0.0)
        .eq(log.topics.iter().map(|topic| topic.0))
        && swap.encode_data() == log.data;
    let signed = |raw: alloy_primitives::I256| SignedAmount::from_twos_complement(raw.into_raw());
    is_same.then(|| PoolEvent::Swap {
        amounts: SignedAmounts { amount0: signed(swap.amount0), amount1: signed(swap.amount1) },
        after: RecordedAfter {
            sqrt_price: SqrtPrice::from_x96(U256::from(swap.sqrtPriceX96)),
            liquidity: Some(Liquidity(swap.liquidity)),
            tick: Some(Tick(swap.tick.as_i32())),
        },
    })
}

fn by_hand(log: &RawLog) -> Option<PoolEvent> {
    match decode_pool_log(&PoolBuild::UniswapV3, log) {
        Ok(Decoded::Event(event)) => Some(event),
        Ok(other) => panic!("{other:?}"),
        Err(_) => None,
    }
}

#[test]
fn swaps_read_by_hand_are_the_librarys_on_all_inputs() {
    const SEED: u64 = 13;
    println!("seed {SEED}");
    let mut state = SEED;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut read = 0;
    for _ in 0..200_000 {
        let mut words = [[0_u8; 32]; 7];
        // The width in bytes that each field has, sometimes one more or a sign.
        let widths = [20, 20, 32, 32, 20, 16, 3];
        for (word, width) in words.iter_mut().zip(widths) {
            let is_negative = next() % 3 == 0;
            let fill = if is_negative && width != 20 && width != 16 { 0xff } else { 0 };
            word.fill(fill);
            let width = if next() % 40 == 0 { (width + 1).min(32) } else { width };
            for byte in word.iter_mut().rev().take(width) {
                *byte = next().to_le_bytes()[0];
            }
        }
        let [sender, recipient, rest @ ..] = words;
        let mut topics = vec![Bytes32(Swap::SIGNATURE_HASH.0), Bytes32(sender), Bytes32(recipient)];
        let mut data = rest.concat();
        match next() % 50 {
            0 => drop(topics.pop()),
            1 => topics.push(Bytes32(sender)),
            2 => data.truncate(159),
            3 => data.extend([0; 32]),
            _ => {}
        }
        let log = RawLog {
            address: None,
            topics,
            data: data.into(),
            place: LogPlace::default(),
            block_hash: None,
            time: None,
            transaction: None,
        };
        let expected = by_the_library(&log);
        read += u64::from(expected.is_some());
        assert_eq!(by_hand(&log), expected, "{log:?}");
    }
    println!("{read} of 200000 were swaps");
    assert!((50_000..190_000).contains(&read), "{read}");
}
