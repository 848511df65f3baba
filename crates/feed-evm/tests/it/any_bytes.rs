//! Every decoder answers whatever it is given: events, or an error of its own.

use tidemill_feed_evm::{
    CsvLogs, CurveContracts, CurveLogs, DecodeFault, JsonLogs, LogPlace, ManagedLogs, RawLog,
    ShareContracts, ShareLogs, decode_pool_log,
};
use tidemill_model::{Address, Bytes32, PoolBuild};
use tidemill_units::{BlockNumber, FeePips, Liquidity, LogIndex};

const SEED: u64 = 0x7469_6465;
const ROUNDS: usize = 20_000;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    /// A word as contracts write them: mostly small, sometimes negative or anything.
    fn word(&mut self) -> [u8; 32] {
        let mut word = [if self.below(24) == 0 { 0xff } else { 0 }; 32];
        let random = match self.below(6) {
            0 if self.below(8) == 0 => 32,
            1 => 20,
            2 => 16,
            3 => self.below(9),
            _ => self.below(2),
        };
        for byte in word.iter_mut().rev().take(random) {
            *byte = self.next().to_le_bytes()[0];
        }
        if self.below(5) == 0 {
            word = [0; 32];
            word[31] = u8::try_from(32 * self.below(8)).unwrap();
        }
        word
    }
}

/// Events that some decoder knows, so that logs of them are not all unknown; with how many of
/// their fields are indexed and how many words the others take.
const EVENTS: [(&str, usize, usize); 26] = [
    ("Swap(address,address,int256,int256,uint160,uint128,int24)", 2, 5),
    ("Mint(address,address,int24,int24,uint128,uint256,uint256)", 3, 4),
    ("Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)", 2, 7),
    ("Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)", 2, 6),
    ("Swap(address,uint256,uint256,uint256,uint256,address)", 2, 4),
    ("Sync(uint112,uint112)", 0, 2),
    ("Mint(address,uint256,uint256)", 1, 2),
    ("Burn(address,uint256,uint256,address)", 2, 2),
    ("Burn(address,address,uint256,uint256)", 2, 2),
    ("Transfer(address,address,uint256)", 2, 1),
    ("LOG_SWAP(address,address,address,uint256,uint256)", 3, 2),
    ("LOG_JOIN(address,address,uint256)", 2, 1),
    ("LOG_EXIT(address,address,uint256)", 2, 1),
    ("Swap(bytes32,address,address,uint256,uint256)", 3, 2),
    ("PoolBalanceChanged(bytes32,address,address[],int256[],uint256[])", 2, 12),
    ("TokenExchange(address,int128,uint256,int128,uint256)", 1, 4),
    ("TokenExchangeUnderlying(address,int128,uint256,int128,uint256)", 1, 4),
    ("AddLiquidity(address,uint256[2],uint256[2],uint256,uint256)", 1, 6),
    ("AddLiquidity(address,uint256[],uint256[],uint256,uint256)", 1, 10),
    ("RemoveLiquidity(address,uint256[],uint256[],uint256)", 1, 9),
    ("RemoveLiquidityOne(address,uint256,uint256)", 1, 2),
    ("ClaimAdminFee(address,uint256)", 1, 1),
    ("TokenExchange(address,uint256,uint256,uint256,uint256)", 1, 4),
    ("NewParameters(uint256,uint256,uint256,uint256,uint256,uint256,uint256)", 0, 7),
    ("IncreaseLiquidity(uint256,uint128,uint256,uint256)", 1, 3),
    ("Collect(uint256,address,uint256,uint256)", 1, 3),
];

fn contract(index: usize) -> Address {
    Address([u8::try_from(index).unwrap(); 20])
}

fn random_log(random: &mut Random, place: usize) -> RawLog {
    let (signature, mut indexed, mut words) = EVENTS[random.below(EVENTS.len())];
    if random.below(8) == 0 {
        (indexed, words) = (random.below(4), random.below(12));
    }
    let first = alloy_primitives::keccak256(signature.as_bytes()).0;
    let mut topics = vec![Bytes32(if random.below(16) == 0 { random.word() } else { first })];
    topics.extend((0..indexed).map(|_| Bytes32(random.word())));
    if random.below(24) == 0 {
        topics.clear();
    }
    let mut data: Vec<u8> = (0..words).flat_map(|_| random.word()).collect();
    if random.below(16) == 0 {
        data.truncate(random.below(data.len() + 1));
    }
    RawLog {
        address: (random.below(9) > 0).then(|| contract(1 + random.below(4))),
        topics,
        data: data.into(),
        place: LogPlace {
            block: BlockNumber(1 + place as u64 / 4),
            log_index: LogIndex(u32::try_from(place).unwrap()),
        },
        block_hash: None,
        time: None,
        transaction: (random.below(3) > 0).then_some(Bytes32([1; 32])),
    }
}

fn curve(logs: CurveLogs) -> CurveContracts {
    let coins = vec![contract(3), contract(4)];
    CurveContracts { pool: contract(1), shares: contract(2), coins, logs }
}

#[test]
fn every_log_is_an_event_or_an_error_with_its_place() {
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    let builds = [
        PoolBuild::UniswapV3,
        PoolBuild::PancakeV3 { fee_protocol: [0; 2] },
        PoolBuild::Slipstream {
            unstaked_fee: FeePips(0),
            gauge: Address::default(),
            position_manager: Address::default(),
            staked_liquidity: Liquidity(0),
        },
        PoolBuild::UniswapV4 { pool_id: Bytes32([0; 32]), protocol_fee: [0; 2] },
    ];
    let manager = ManagedLogs::new(contract(1), PoolBuild::UniswapV3);
    let all = [
        ShareContracts::Pair { pair: contract(1), tokens: [contract(3), contract(4)] },
        ShareContracts::BalancerV1 {
            pool: contract(1),
            tokens: vec![Address::default(), contract(4)],
        },
        ShareContracts::Vault {
            vault: contract(1),
            pool: contract(2),
            pool_id: Bytes32([0; 32]),
            tokens: vec![Address::default(), contract(4)],
        },
        ShareContracts::Curve(curve(CurveLogs::StableSwap)),
        ShareContracts::Curve(curve(CurveLogs::StableSwapNg)),
        ShareContracts::Curve(curve(CurveLogs::Crypto)),
        ShareContracts::Curve(curve(CurveLogs::CryptoNg)),
        ShareContracts::Metapool {
            pool: curve(CurveLogs::StableSwap),
            base: CurveContracts { pool: contract(3), ..curve(CurveLogs::StableSwap) },
        },
    ];
    let mut readers: Vec<_> = all.iter().cloned().map(ShareLogs::new).collect();
    let mut counts = [0_u64; 3];
    for round in 0..ROUNDS {
        let log = random_log(&mut random, round);
        for build in &builds {
            match decode_pool_log(build, &log) {
                Ok(_) => counts[0] += 1,
                Err(error) => assert_eq!(error.place, log.place),
            }
        }
        if manager.decode(&log).is_ok() {
            counts[1] += 1;
        }
        for reader in &mut readers {
            if let Err(error) = reader.push(&log) {
                assert!(error.place <= log.place);
                assert!(!matches!(error.fault, DecodeFault::OutOfOrder { .. }), "{error}");
            }
            while reader.take().is_some() {
                counts[2] += 1;
            }
        }
    }
    println!("{counts:?} of {ROUNDS} logs of random words were read");
    assert!(counts.iter().all(|count| *count > 200), "{counts:?}");
}

#[test]
fn every_text_is_logs_or_an_error() {
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    let pieces = [
        "[",
        "]",
        "{",
        "}",
        ",",
        "\n",
        "\"",
        ":",
        "0x",
        "0xff",
        "topics",
        "data",
        "blockNumber",
        "logIndex",
        "removed",
        "true",
        "block_number,log_index,topics,data",
        "1",
        "18937382",
        "-1",
        "|",
        "\u{fffd}",
        " ",
        "null",
        "{\"topics\":[],\"data\":\"0x\",\"blockNumber\":1,\
        \"logIndex\":2}",
    ];
    let mut read = 0;
    for _ in 0..ROUNDS / 8 {
        let mut text: Vec<u8> = if random.below(2) == 0 {
            b"block_number,log_index,topics,data\n".to_vec()
        } else {
            Vec::new()
        };
        for _ in 0..random.below(12) {
            text.extend_from_slice(pieces[random.below(pieces.len())].as_bytes());
            if random.below(30) == 0 {
                text.push(random.next().to_le_bytes()[0]);
            }
        }
        // Both end: an error ends the iteration, or every row is used up.
        let json = JsonLogs::new("logs.json", text.as_slice()).take(1_000);
        read += json.filter(Result::is_ok).count();
        if let Ok(csv) = CsvLogs::new("logs.csv", text.as_slice()) {
            read += csv.take(1_000).filter(Result::is_ok).count();
        }
    }
    println!("{read} logs were read");
    assert!(read > 20, "{read}");
}
