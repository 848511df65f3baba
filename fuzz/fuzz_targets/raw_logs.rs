//! Reads arbitrary bytes as a file of raw logs, CSV or JSON, and decodes what comes of it as every
//! protocol's.
//!
//! The first byte says which form. What is accepted as a log is given to each decoder: it answers
//! an event or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemill_feed_evm::{
    AerodromeContracts, AerodromeGaugeContracts, ChainOrder, ConcentratedGaugeContracts, CsvLogs,
    CurveContracts, CurveLogs, JsonLogs, LiquidStakingContracts, LogPlace, ManagedLogs,
    ProgrammeContracts, ProgrammeLogs, ProgrammeTransaction, RawLog, ShareContracts, ShareLogs,
    TransactionCall, decode_pool_log,
};
use tidemill_model::{Address, Bytes32, PoolBuild};

fn contracts() -> [ShareContracts; 5] {
    let contract = |byte| Address([byte; 20]);
    let coins = vec![contract(3), contract(4)];
    let curve = |logs| {
        let (pool, shares, coins) = (contract(1), contract(2), coins.clone());
        CurveContracts { pool, shares, coins, logs }
    };
    [
        ShareContracts::Pair { pair: contract(1), tokens: [contract(3), contract(4)] },
        ShareContracts::BalancerV1 { pool: contract(1), tokens: coins.clone() },
        ShareContracts::Vault {
            vault: contract(1),
            pool: contract(2),
            pool_id: Bytes32([0; 32]),
            tokens: coins.clone(),
        },
        ShareContracts::Curve(curve(CurveLogs::StableSwapNg)),
        ShareContracts::Metapool {
            pool: curve(CurveLogs::StableSwap),
            base: CurveContracts { pool: contract(3), ..curve(CurveLogs::StableSwap) },
        },
    ]
}

fn programmes() -> [ProgrammeContracts; 4] {
    let contract = |byte| Address([byte; 20]);
    let [one, two, three, four] = [1, 2, 3, 4].map(contract);
    let gauge = AerodromeGaugeContracts {
        pool: contract(0),
        gauge: four,
        fees_reward: contract(5),
        bribe_reward: contract(6),
        tokens: Some([contract(0), one]),
        is_elsewhere: false,
    };
    [
        ProgrammeContracts::Aerodrome(AerodromeContracts {
            token: contract(7),
            escrow: one,
            voter: two,
            minter: contract(8),
            distributor: three,
            gauges: vec![gauge],
            managed: vec![],
        }),
        ProgrammeContracts::ConcentratedGauge(ConcentratedGaugeContracts {
            gauge: one,
            tokens: [contract(0), two],
            reward_token: two,
            position_manager: three,
            pool_fees_reward: four,
            redistributor: None,
        }),
        ProgrammeContracts::CumulativeClaim { distributor: one },
        ProgrammeContracts::LiquidStaking(LiquidStakingContracts {
            token: one,
            wrapper: two,
            queue: three,
            burner: four,
            oracle: one,
        }),
    ]
}

/// Gives the logs to each programme as one transaction's, whose call is the first log's data.
fn decode_programmes(logs: &[RawLog]) {
    let call = logs.first().map(|log| TransactionCall {
        from: Address([9; 20]),
        to: log.address.unwrap_or_default(),
        input: log.data.clone(),
        place: LogPlace::default(),
        time: None,
    });
    let (range_of, left_of) = (&|_| None, &|_| None);
    for contracts in programmes() {
        let transaction = ProgrammeTransaction { logs, call: call.as_ref(), range_of, left_of };
        let _ = ProgrammeLogs::new(&contracts).decode(&transaction);
    }
}

fn decode(logs: impl Iterator<Item = RawLog>) {
    let logs: Vec<_> = logs.take(1_000).collect();
    decode_programmes(&logs);
    let mut readers = contracts().map(ShareLogs::new);
    let manager = ManagedLogs::new(Address([1; 20]), PoolBuild::UniswapV3);
    let mut order = ChainOrder::new(16);
    for log in logs {
        for build in [PoolBuild::UniswapV3, PoolBuild::PancakeV3 { fee_protocol: [0; 2] }] {
            let _ = decode_pool_log(&build, &log);
        }
        let _ = manager.decode(&log);
        if let Ok(Some(log)) = order.push(log) {
            for reader in &mut readers {
                let _ = reader.push(log);
                while reader.take().is_some() {}
            }
        }
    }
    for reader in &mut readers {
        let _ = reader.finish();
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((form, text)) = data.split_first() else { return };
    if form & 1 == 0 {
        decode(JsonLogs::new("logs.json", text).filter_map(Result::ok));
    } else if let Ok(logs) = CsvLogs::new("logs.csv", text) {
        decode(logs.filter_map(Result::ok));
    }
});
