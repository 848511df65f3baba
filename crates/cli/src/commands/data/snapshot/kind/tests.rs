use clap::{Parser, ValueEnum as _};
use tidemill_amm::crypto_swap::{CryptoGeneration, TwocryptoNgBuild};
use tidemill_amm::stable_swap::Generation;
use tidemill_feed_evm::snapshot::{
    CryptoSwapPool, MetaNgBasePool, PoolContract, SolidlyContract, SolidlyFee, StableSwapMetaPool,
    StableSwapNgPool, StableSwapPool, UniswapV4Pool,
};
use tidemill_model::Address;
use tidemill_units::FeePips;

use super::{Contract, Kind, Name};
use crate::commands::data::snapshot::programme::Programme;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    kind: Kind,
}

fn address(byte: u8) -> Address {
    Address([byte; 20])
}

fn read(arguments: &str) -> Result<Contract, String> {
    let words = ["snapshot"].into_iter().chain(arguments.split_whitespace());
    let command = Command::try_parse_from(words).map_err(|error| error.to_string())?;
    command.kind.contract(address(1)).map_err(|failure| failure.to_string())
}

#[track_caller]
fn check(arguments: &str, expected: &PoolContract) {
    assert_eq!(read(arguments), Ok(Contract::Pool(expected.clone())), "{arguments}");
}

fn text(byte: u8) -> String {
    address(byte).to_string()
}

#[test]
fn every_kind_is_read_or_says_what_it_has_to_be_told() {
    let needs = [
        (Name::UniswapV4, "--token0 is missing: "),
        (Name::Solidly, "--pair-fee is missing: "),
        (Name::StableSwapV0, "--coins is missing: "),
        (Name::StableSwapV1, "--coins is missing: "),
        (Name::StableSwapV2, "--coins is missing: "),
        (Name::StableSwapMeta, "--base-pool is missing: "),
        (Name::StableSwapNg, "--factory is missing: "),
        (Name::StableSwapMetaNg, "--factory is missing: "),
        (Name::V3Staker, "v3_staker: its state is not read by this command: "),
        (Name::BalancerGauge, "balancer_gauge: its state is not read by this command: "),
    ];
    for name in Name::value_variants() {
        let word = name.to_possible_value().unwrap().get_name().to_owned();
        let read = read(&format!("--kind {word}"));
        match needs.iter().find(|(of, _)| of == name) {
            None => assert!(read.is_ok(), "{word}: {read:?}"),
            Some((_, missing)) => {
                let said = read.unwrap_err();
                assert!(said.starts_with(missing), "{word}: {said}");
            }
        }
    }
}

#[test]
fn what_is_told_is_what_is_read() {
    let [two, three, four] = [2, 3, 4].map(text);
    let v4 = UniswapV4Pool {
        manager: address(1),
        tokens: [Address::default(), address(2)],
        fee: FeePips(500),
        tick_spacing: 10,
    };
    let zero = Address::default();
    let key = format!("--token0 {zero} --token1 {two} --fee-pips 500 --tick-spacing 10");
    check(&format!("--kind uniswap_v4 {key}"), &PoolContract::UniswapV4(v4));
    let solidly = |fee| {
        PoolContract::Solidly(SolidlyContract {
            address: address(1),
            fee,
            accounts: vec![address(2), address(3)],
        })
    };
    let holders = format!("--account {two} --account {three}");
    check(&format!("--kind solidly --pair-fee 1 {holders}"), &solidly(SolidlyFee::Solidly(1)));
    check(&format!("--kind velodrome_v2 {holders}"), &solidly(SolidlyFee::Velodrome2));
    let base = |shares, coins, generation| StableSwapPool {
        address: address(2),
        shares,
        coins,
        generation,
    };
    let three_pool = base(address(3), 3, Generation::V1);
    let meta =
        StableSwapMetaPool { address: address(1), base: three_pool, is_before_factory: false };
    let over = format!("--base-pool {two} --base-share-token {three}");
    check(&format!("--kind stable_swap_meta {over}"), &PoolContract::StableSwapMeta(meta));
    let ng = StableSwapNgPool { address: address(1), factory: address(4) };
    check(&format!("--kind stable_swap_ng --factory {four}"), &PoolContract::StableSwapNg(ng));
    let plain = MetaNgBasePool::Plain(base(address(2), 2, Generation::V2));
    let over = format!(
        "--kind stable_swap_meta_ng --factory {four} --base-pool {two} --base-kind stable_swap_v2"
    );
    check(&format!("{over} --base-coins 2"), &PoolContract::StableSwapMetaNg(ng, plain));
    let under = MetaNgBasePool::Ng(StableSwapNgPool { address: address(2), factory: address(3) });
    let over = over.replace("stable_swap_v2", "stable_swap_ng");
    let factory = format!("--base-factory {three}");
    check(&format!("{over} {factory}"), &PoolContract::StableSwapMetaNg(ng, under));
    let generation = CryptoGeneration::TwocryptoNg(TwocryptoNgBuild::V2_1_0);
    let crypto = CryptoSwapPool { address: address(1), generation };
    check("--kind twocrypto_ng_v2.1.0", &PoolContract::CryptoSwap(crypto));
}

#[test]
fn stakers_are_named_one_by_one_and_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stakers.txt");
    std::fs::write(&file, format!("{}\n\n {}\n", text(3), text(4))).unwrap();
    let arguments = format!("--account {} --accounts {}", text(2), file.display());
    let read_gauge = || read(&format!("--kind curve_gauge {arguments}"));
    let Ok(Contract::Programme(Programme::CurveGauge(gauge))) = read_gauge() else {
        panic!("{:?}", read_gauge());
    };
    assert_eq!(gauge.stakers, [2, 3, 4].map(address));
    std::fs::write(&file, "0x12\n").unwrap();
    let said = read_gauge().unwrap_err();
    assert!(said.contains("stakers.txt, line 1: `0x12` is not an address"), "{said}");
    std::fs::remove_file(&file).unwrap();
    assert!(read_gauge().unwrap_err().contains("stakers.txt: "));
}

#[test]
fn what_no_pool_is_is_refused() {
    let [one, two] = [1, 2].map(text);
    let key = format!("--kind uniswap_v4 --token0 {two} --token1 {one} --fee-pips 1");
    let said = read(&format!("{key} --tick-spacing 1")).unwrap_err();
    assert!(said.contains("--token0 is not below --token1"), "{said}");
    for arguments in ["--kind stable_swap_v1 --coins 5", "--kind stable_swap", "--kind uniswap_v1"]
    {
        assert!(read(arguments).unwrap_err().contains("invalid value"), "{arguments}");
    }
}
