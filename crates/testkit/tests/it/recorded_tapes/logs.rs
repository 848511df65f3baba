//! The contracts' logs as a tape's events.

use tidemill_model::{Address, BuildEvent, Bytes32, PoolEvent, RecordedAfter};
use tidemill_testkit::{Call, ContractLog, Evm};
use tidemill_units::{
    Amount, Amounts, FeePips, Liquidity, SignedAmount, SignedAmounts, SignedLiquidity, SqrtPrice,
    Tick, TickRange, U256,
};

use super::Recorder;

/// Records what the last transaction logged.
pub(crate) fn record(
    recorder: &mut Recorder,
    evm: &mut Evm,
    read: impl Fn(&str, &ContractLog) -> PoolEvent,
) {
    for log in evm.take_logs() {
        recorder.record(read(&signature(&log), &log));
    }
}

const SIGNATURES: [&str; 14] = [
    "Initialize(uint160,int24)",
    "Mint(address,address,int24,int24,uint128,uint256,uint256)",
    "Burn(address,int24,int24,uint128,uint256,uint256)",
    "Collect(address,address,int24,int24,uint128,uint128)",
    "Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)",
    "Flash(address,address,uint256,uint256,uint256,uint256)",
    "SetFeeProtocol(uint32,uint32,uint32,uint32)",
    "CollectProtocol(address,address,uint128,uint128)",
    "Initialize(bytes32,address,address,uint24,int24,address,uint160,int24)",
    "ModifyLiquidity(bytes32,address,int24,int24,int256,bytes32)",
    "Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)",
    "Donate(bytes32,address,uint256,uint256)",
    "ProtocolFeeUpdated(bytes32,uint24)",
    "IncreaseObservationCardinalityNext(uint16,uint16)",
];

/// The name of the event: a function of that signature has the same selector.
fn signature(log: &ContractLog) -> String {
    let first = log.topics[0].to_be_bytes::<32>();
    let is_it = |signature: &&&str| Call::new(signature, 0).encode()[..4] == first[..4];
    let found = SIGNATURES.iter().find(is_it);
    let (name, _) = found.unwrap_or_else(|| panic!("an unknown {log:?}")).split_once('(').unwrap();
    name.to_owned()
}

fn tick(word: U256) -> Tick {
    Tick(signed(word) as i32)
}

fn signed(word: U256) -> i128 {
    let size = SignedAmount::from_twos_complement(word);
    let magnitude = size.magnitude().0.to::<u128>() as i128;
    if size.is_negative() { magnitude.wrapping_neg() } else { magnitude }
}

fn address(word: U256) -> Address {
    let bytes = word.to_be_bytes::<32>();
    Address(bytes[12..].try_into().unwrap())
}

fn amounts(words: &[U256]) -> Amounts {
    Amounts { amount0: Amount(words[0]), amount1: Amount(words[1]) }
}

fn after(words: &[U256]) -> RecordedAfter {
    RecordedAfter {
        sqrt_price: SqrtPrice::from_x96(words[0]),
        liquidity: Some(Liquidity(words[1].to::<u128>())),
        tick: Some(tick(words[2])),
    }
}

fn range(words: &[U256]) -> TickRange {
    TickRange { lower: tick(words[0]), upper: tick(words[1]) }
}

fn shares(words: &[U256]) -> [u16; 2] {
    [words[0].to::<u16>(), words[1].to::<u16>()]
}

fn of_build(event: BuildEvent) -> PoolEvent {
    PoolEvent::Build(Box::new(event))
}

/// A log of `IPancakeV3PoolEvents`.
pub(crate) fn pancake(name: &str, log: &ContractLog) -> PoolEvent {
    let (topics, words) = (&log.topics, log.data.words());
    let liquidity = |word: U256| Liquidity(word.to::<u128>());
    match name {
        "Initialize" => PoolEvent::Initialize {
            sqrt_price: SqrtPrice::from_x96(words[0]).unwrap(),
            tick: Some(tick(words[1])),
        },
        "Mint" => PoolEvent::Mint {
            owner: Some(address(topics[1])),
            range: range(&topics[2..]),
            liquidity: liquidity(words[1]),
            amounts: amounts(&words[2..]),
        },
        "Burn" => PoolEvent::Burn {
            owner: Some(address(topics[1])),
            range: range(&topics[2..]),
            liquidity: liquidity(words[0]),
            amounts: amounts(&words[1..]),
        },
        "Collect" => PoolEvent::Collect {
            owner: Some(address(topics[1])),
            range: range(&topics[2..]),
            amounts: amounts(&words[1..]),
        },
        "Swap" => of_build(BuildEvent::PancakeSwap {
            amounts: SignedAmounts {
                amount0: SignedAmount::from_twos_complement(words[0]),
                amount1: SignedAmount::from_twos_complement(words[1]),
            },
            after: after(&words[2..]),
            protocol_fees: Some([words[5].to::<u128>(), words[6].to::<u128>()]),
        }),
        "Flash" => PoolEvent::Flash { paid: amounts(&words[2..]) },
        "SetFeeProtocol" => of_build(BuildEvent::SetFeeProtocol(shares(&words[2..]))),
        "CollectProtocol" => of_build(BuildEvent::CollectProtocol(amounts(&words))),
        other => panic!("{other} is no event of such a pool"),
    }
}

/// A log of v4's `IPoolManager` and `IProtocolFees`.
pub(crate) fn managed(name: &str, log: &ContractLog) -> PoolEvent {
    let (topics, words) = (&log.topics, log.data.words());
    // The log has the swapper's signs.
    let of_pool = |word: U256| SignedAmount::from_twos_complement(word.wrapping_neg());
    match name {
        "Initialize" => PoolEvent::Initialize {
            sqrt_price: SqrtPrice::from_x96(words[3]).unwrap(),
            tick: Some(tick(words[4])),
        },
        "ModifyLiquidity" => of_build(BuildEvent::ModifyLiquidity {
            owner: Some((address(topics[2]), Bytes32(words[3].to_be_bytes()))),
            range: range(&words),
            delta: SignedLiquidity(signed(words[2])),
        }),
        "Swap" => of_build(BuildEvent::ManagedSwap {
            amounts: SignedAmounts { amount0: of_pool(words[0]), amount1: of_pool(words[1]) },
            after: after(&words[2..]),
            fee: Some(FeePips(words[5].to::<u32>())),
        }),
        "Donate" => of_build(BuildEvent::Donate(amounts(&words))),
        "ProtocolFeeUpdated" => {
            let packed = words[0].to::<u32>();
            let shares = [(packed & 0xfff) as u16, (packed >> 12) as u16];
            of_build(BuildEvent::ProtocolFeeUpdated(shares))
        }
        other => panic!("{other} is no event of such a pool"),
    }
}
