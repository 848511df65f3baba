//! Every decoder answers whatever it is given: events, or an error of its own.

use tidemill_feed_evm::{
    AerodromeContracts, AerodromeGaugeContracts, ConcentratedGaugeContracts, CsvLogs,
    CurveContracts, CurveLogs, DecodeFault, FeeContracts, JsonLogs, LiquidStakingContracts,
    LogPlace, ManagedLockContracts, ManagedLogs, ProgrammeContracts, ProgrammeLogs,
    ProgrammeTransaction, RawLog, ShareContracts, ShareLogs, TransactionCall, decode_pool_log,
};
use tidemill_model::{Address, Bytes32, PoolBuild};
use tidemill_units::{Amount, BlockNumber, FeePips, Liquidity, LogIndex, Tick, TickRange, U256};

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

/// The same of programmes.
const PROGRAMME_EVENTS: [(&str, usize, usize); 37] = [
    ("Transfer(address,address,uint256)", 2, 1),
    ("Deposit(address,uint256,uint8,uint256,uint256,uint256)", 3, 3),
    ("Withdraw(address,uint256,uint256,uint256)", 2, 2),
    ("Supply(uint256,uint256)", 0, 2),
    ("Merge(address,uint256,uint256,uint256,uint256,uint256,uint256,uint256)", 3, 5),
    ("CreateManaged(address,uint256,address,address,address)", 3, 2),
    ("DepositManaged(address,uint256,uint256,uint256,uint256)", 3, 2),
    ("Voted(address,address,uint256,uint256,uint256,uint256)", 3, 3),
    ("Abstained(address,address,uint256,uint256,uint256,uint256)", 3, 3),
    ("DistributeReward(address,address,uint256)", 2, 1),
    ("Mint(address,uint256,uint256,bool)", 2, 2),
    ("CheckpointToken(uint256,uint256)", 0, 2),
    ("Claimed(uint256,uint256,uint256,uint256)", 3, 1),
    ("NotifyReward(address,address,uint256,uint256)", 3, 1),
    ("ClaimRewards(address,address,uint256)", 2, 1),
    ("ClaimRewards(address,uint256)", 1, 1),
    ("NotifyReward(address,uint256)", 1, 1),
    ("ClaimFees(address,uint256,uint256)", 1, 2),
    ("Deposit(address,address,uint256)", 2, 1),
    ("Deposit(address,uint256,uint128)", 3, 0),
    ("Withdraw(address,uint256,uint128)", 3, 0),
    ("Transfer(address,address,uint256)", 3, 0),
    ("Claimed(address,address,uint256)", 2, 1),
    ("TreeUpdated(bytes32,bytes32,uint48)", 0, 3),
    ("Disputed(string)", 0, 3),
    ("DisputeResolved(bool)", 0, 1),
    ("Revoked()", 0, 0),
    ("Submitted(address,uint256,address)", 1, 2),
    ("TransferShares(address,address,uint256)", 2, 1),
    ("ETHDistributed(uint256,uint256,uint256,uint256,uint256,uint256)", 1, 5),
    ("TokenRebased(uint256,uint256,uint256,uint256,uint256,uint256,uint256)", 1, 6),
    ("WithdrawalRequested(uint256,address,address,uint256,uint256)", 3, 2),
    ("WithdrawalsFinalized(uint256,uint256,uint256,uint256,uint256)", 2, 3),
    ("WithdrawalClaimed(uint256,address,address,uint256)", 3, 1),
    ("StETHBurnRequested(bool,address,uint256,uint256)", 2, 2),
    ("TokensClaimed(address,address,uint256,uint256)", 0, 4),
    ("TokenCheckpointed(address,uint256,uint256)", 0, 3),
];

/// Calls of which some decoder reads arguments.
const CALLS: [&str; 16] = [
    "claim(address[],address[],uint256[],bytes32[][])",
    "submitReportData((uint256,uint256,uint256,uint256,uint256[],uint256[],uint256,uint256,\
     uint256,uint256[],uint256,bool,uint256,bytes32,uint256),uint256)",
    "vote(uint256,address[],uint256[])",
    "poke(uint256)",
    "reset(uint256)",
    "distribute(uint256,uint256)",
    "distribute(address[])",
    "claimRewards(address[])",
    "claimBribes(address[],address[][],uint256)",
    "getReward(uint256)",
    "getReward(address)",
    "toggleSplit(address,bool)",
    "claimMany(uint256[])",
    "claimTokens(address,address[])",
    "checkpointTokens(address[])",
    "claim(uint256,address,uint256,bytes32[])",
];

fn contract(index: usize) -> Address {
    Address([u8::try_from(index).unwrap(); 20])
}

fn random_log(random: &mut Random, events: &[(&str, usize, usize)], place: usize) -> RawLog {
    let (signature, mut indexed, mut words) = events[random.below(events.len())];
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
        let log = random_log(&mut random, &EVENTS, round);
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

fn random_call(random: &mut Random) -> TransactionCall {
    let signature = CALLS[random.below(CALLS.len())];
    let mut input = alloy_primitives::keccak256(signature.as_bytes()).0[..4].to_vec();
    for _ in 0..random.below(24) {
        input.extend(random.word());
    }
    if random.below(16) == 0 {
        input.truncate(random.below(input.len() + 1));
    }
    let (from, to) = (contract(random.below(9)), contract(1 + random.below(8)));
    let place = LogPlace { block: BlockNumber(1), log_index: LogIndex(u32::MAX) };
    TransactionCall { from, to, input: input.into(), place, time: None }
}

/// Every programme, of contracts that the random logs are of.
fn programmes() -> Vec<ProgrammeContracts> {
    let [one, two, three, four] = [1, 2, 3, 4].map(contract);
    let gauge = AerodromeGaugeContracts {
        pool: contract(0),
        gauge: three,
        fees_reward: four,
        bribe_reward: contract(8),
        tokens: Some([contract(0), one]),
        is_elsewhere: false,
    };
    let elsewhere = AerodromeGaugeContracts { gauge: four, is_elsewhere: true, ..gauge.clone() };
    let aerodrome = |[escrow, voter, minter, distributor]: [Address; 4], gauges| {
        ProgrammeContracts::Aerodrome(AerodromeContracts {
            token: contract(7),
            escrow,
            voter,
            minter,
            distributor,
            gauges,
            managed: vec![ManagedLockContracts {
                m_token_id: 1,
                locked_reward: contract(6),
                free_reward: contract(5),
            }],
        })
    };
    let (escrow, distributor) = (two, one);
    let tokens = vec![three, four];
    vec![
        ProgrammeContracts::StakingRewards {
            contract: one,
            staking_token: two,
            reward_token: three,
        },
        ProgrammeContracts::MasterChef { chef: one, reward_token: two, tokens: vec![three] },
        ProgrammeContracts::V3Staker { staker: one },
        ProgrammeContracts::VoteEscrow { escrow },
        ProgrammeContracts::TokenAdmin { admin: one },
        ProgrammeContracts::MerkleClaim { distributor, token: two },
        ProgrammeContracts::FeeDistribution(FeeContracts { distributor, escrow, tokens }),
        ProgrammeContracts::AerodromeGauge { gauge: one, pool_fees_reward: two },
        ProgrammeContracts::RateToken { token: one, deposit_pool: two, balances: three },
        ProgrammeContracts::Vault { vault: one, asset: two },
        ProgrammeContracts::CumulativeClaim { distributor },
        ProgrammeContracts::LiquidStaking(LiquidStakingContracts {
            token: one,
            wrapper: two,
            queue: three,
            burner: four,
            oracle: two,
        }),
        ProgrammeContracts::ConcentratedGauge(ConcentratedGaugeContracts {
            gauge: one,
            tokens: [contract(0), three],
            reward_token: two,
            position_manager: three,
            pool_fees_reward: four,
            redistributor: Some(contract(0)),
        }),
        aerodrome([one, two, three, four], vec![]),
        aerodrome([one, two, contract(8), contract(7)], vec![gauge.clone(), elsewhere]),
        aerodrome([contract(8), contract(7), one, two], vec![gauge]),
    ]
}

#[test]
fn every_transaction_is_a_programmes_events_or_an_error_with_its_place() {
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    let readers: Vec<_> = programmes().iter().map(ProgrammeLogs::new).collect();
    let mut counts = vec![0_u64; readers.len()];
    let range_of = |token_id: U256| {
        let range = TickRange { lower: Tick(-1), upper: Tick(1) };
        (token_id < U256::from(2)).then_some(range)
    };
    let left_of = |gauge: Address| (gauge == contract(4)).then_some(Amount::ZERO);
    for _ in 0..ROUNDS / 2 {
        let count = random.below(5);
        let log = |place| random_log(&mut random, &PROGRAMME_EVENTS, place);
        let logs: Vec<_> = (0..count).map(log).collect();
        let call = (random.below(3) > 0).then(|| random_call(&mut random));
        let transaction = ProgrammeTransaction {
            logs: &logs,
            call: call.as_ref(),
            range_of: &range_of,
            left_of: &left_of,
        };
        for (reader, count) in readers.iter().zip(&mut counts) {
            match reader.decode(&transaction) {
                Ok(told) => *count += told.len() as u64,
                Err(error) => assert!(logs.iter().any(|log| log.place == error.place), "{error}"),
            }
        }
    }
    println!("{counts:?} events were read");
    assert!(counts.iter().skip(10).all(|count| *count > 4), "{counts:?}");
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
