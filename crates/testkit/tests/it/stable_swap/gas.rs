//! What calls of the sUSD pool cost.

use tidemill_amm::stable_swap::FACTS;
use tidemill_testkit::{Artifacts, Call, CurveOracle, CurveParameters, Outcome};
use tidemill_units::U256;

/// An amount of each coin, in whole tokens.
fn listed(call: Call, tokens: [u64; 4]) -> Call {
    let unit =
        |place: usize| U256::from(if place.is_multiple_of(3) { 10_u64.pow(18) } else { 1_000_000 });
    let amounts = tokens.into_iter().enumerate();
    amounts.fold(call, |call, (place, tokens)| call.word(U256::from(tokens) * unit(place)))
}

fn cost(outcome: &Outcome) -> u64 {
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    outcome.gas
}

/// In the order of the facts.
fn measured(oracle: &mut CurveOracle) -> Vec<u64> {
    let million = U256::from(10).pow(U256::from(24));
    let add = |tokens| listed(Call::new("add_liquidity(uint256[4],uint256)", 5), tokens);
    let add = |tokens| add(tokens).word(U256::ZERO);
    let imbalance = Call::new("remove_liquidity_imbalance(uint256[4],uint256)", 5);
    let imbalance = listed(imbalance, [0, 10_000, 500, 0]).word(U256::MAX);
    let remove = Call::new("remove_liquidity(uint256,uint256[4])", 5).word(million >> 2);
    let exchange = |name: &str| {
        let call = Call::new(name, 4).int(0).int(1);
        call.word(million >> 8).word(U256::ZERO)
    };
    let calls = [
        add([1_000_000, 2_000_000, 3_000_000, 1_500_000]),
        add([10_000, 20_000, 30_000, 15_000]),
        add([0, 10_000, 0, 0]),
        exchange("exchange(int128,int128,uint256,uint256)"),
        exchange("exchange_underlying(int128,int128,uint256,uint256)"),
        listed(remove, [0; 4]),
        imbalance,
    ];
    let mut gas: Vec<_> = calls.map(|call| cost(&oracle.provide(call).unwrap())).to_vec();
    gas.push(cost(&oracle.remove_liquidity_one_coin(million >> 8, 1, U256::ZERO).unwrap()));
    let withdraw = Call::new("withdraw_admin_fees()", 0);
    gas.push(cost(&oracle.administer(withdraw).unwrap()));
    gas
}

#[test]
fn gas_figures_are_those_measured() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let parameters = CurveParameters { amplification: U256::from(256), fee: U256::from(4_000_000) };
    let mut oracle = CurveOracle::new(&artifacts, parameters, 1_600_000_000).unwrap();
    let commit = Call::new("commit_new_parameters(uint256,uint256,uint256)", 3);
    let words = [256, 4_000_000, 5_000_000_000_u64].map(U256::from);
    oracle.administer(words.into_iter().fold(commit, Call::word)).unwrap();
    oracle.evm.set_timestamp(U256::from(1_600_259_200));
    oracle.administer(Call::new("apply_new_parameters()", 0)).unwrap();
    let measured = measured(&mut oracle);
    println!("{measured:?}");
    let stated: Vec<_> = FACTS.gas.iter().map(|figure| figure.gas).collect();
    assert_eq!(measured, stated);
}
