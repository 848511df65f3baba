//! Recorded stretches of pools' histories without a tick map, as tapes. Tests of several crates
//! take this file in with `#[path]`.
#![allow(dead_code, reason = "each crate uses its own part")]

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use tidemill_model::{
    Address, ChainId, PoolBuild, PoolEvent, PoolHeader, PoolStart, RecordedAfter, Tape, TapeEvent,
    Token, WindowStart,
};
use tidemill_units::{
    Amounts, BlockNumber, FeePips, LogIndex, RelativeTolerance, SignedAmount, SignedAmounts,
    TickRange, Timestamp,
};

/// The header of a window of a pool of 0.05 % without a protocol fee, opened by its first swap.
pub(crate) fn window_header(chain: u64, pool: &str, tokens: [(&str, u8); 2]) -> PoolHeader {
    let [token0, token1] = tokens.map(|(symbol, decimals)| Token {
        symbol: symbol.to_owned(),
        decimals,
        address: None,
    });
    PoolHeader {
        chain_id: ChainId(chain),
        pool: pool.parse::<Address>().unwrap(),
        build: PoolBuild::UniswapV3,
        token0,
        token1,
        fee: FeePips(500),
        tick_spacing: 10,
        start: PoolStart::Window(WindowStart { fee_protocol: [0; 2], state: None }),
        amount_tolerance: RelativeTolerance::EXACT,
    }
}

/// The set `univ3-arbitrum-weth-usdc-500-2025-07`.
pub(crate) fn arbitrum_fortnight(folder: &Path) -> Tape {
    let pool = "0xC6962004f452bE9203591991D15f6b388e09E8D0";
    let header = window_header(42_161, pool, [("WETH", 18), ("USDC", 6)]);
    let file = File::open(folder.join("events.csv.zst")).unwrap();
    let text = BufReader::new(zstd::Decoder::new(file).unwrap());
    let events = text.lines().skip(1).map(|line| fortnight_event(&line.unwrap())).collect();
    Tape { header, initial_positions: Vec::new(), events }
}

/// Its columns: block_number, log_index, unix_time, kind, amount0, amount1, sqrt_price_x96_after,
/// liquidity_after, tick_after, tick_lower, tick_upper, liquidity, via_nft_manager.
fn fortnight_event(line: &str) -> TapeEvent {
    let fields: Vec<&str> = line.split(',').collect();
    let signed = |place: usize| SignedAmount::from_i128(fields[place].parse().unwrap());
    let event = if fields[3] == "Swap" {
        PoolEvent::Swap {
            amounts: SignedAmounts { amount0: signed(4), amount1: signed(5) },
            after: RecordedAfter {
                sqrt_price: Some(fields[6].parse().unwrap()),
                liquidity: Some(fields[7].parse().unwrap()),
                tick: Some(fields[8].parse().unwrap()),
            },
        }
    } else {
        let owner = None;
        let [lower, upper] = [fields[9], fields[10]].map(|tick| tick.parse().unwrap());
        let range = TickRange { lower, upper };
        let liquidity = fields[11].parse().unwrap();
        let amounts =
            Amounts { amount0: fields[4].parse().unwrap(), amount1: fields[5].parse().unwrap() };
        match fields[3] {
            "Mint" => PoolEvent::Mint { owner, range, liquidity, amounts },
            "Burn" => PoolEvent::Burn { owner, range, liquidity, amounts },
            kind => panic!("the set has no {kind}"),
        }
    };
    TapeEvent {
        block: BlockNumber(fields[0].parse().unwrap()),
        log_index: LogIndex(fields[1].parse().unwrap()),
        time: Timestamp(fields[2].parse().unwrap()),
        gas_used: None,
        gas_price: None,
        event,
    }
}
