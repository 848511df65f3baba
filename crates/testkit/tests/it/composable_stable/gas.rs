//! What calls of the vault cost, in a pool of three tokens of 18 decimals without rates, whose
//! tokens and shares the caller holds already.

use tidemill_amm::composable_stable::FACTS;
use tidemill_testkit::{Call, ComposableContract, ComposableOracle, ComposableParameters, Outcome};
use tidemill_units::U256;

#[test]
fn composable_stable_gas_figures_are_those_of_the_contracts() {
    let contracts = [
        ("2022-09", ComposableContract::September2022),
        ("2022-11", ComposableContract::November2022),
    ];
    let mut measured = Vec::new();
    for (name, contract) in contracts {
        for (call, gas) in measure(contract) {
            measured.push((format!("{call} ({name})"), gas));
        }
    }
    let listed: Vec<_> =
        FACTS.gas.iter().map(|figure| (figure.call.to_owned(), figure.gas)).collect();
    assert_eq!(listed, measured);
}

fn measure(contract: ComposableContract) -> Vec<(&'static str, u64)> {
    let one = U256::from(1_000_000_000_000_000_000_u64);
    let parameters = ComposableParameters {
        contract,
        decimals: vec![18; 3],
        durations: vec![None; 3],
        exempt: vec![false; 3],
        amplification: 200,
        swap_fee: one / U256::from(2_500),
        at: 1_670_000_000,
    };
    let mut oracle = ComposableOracle::new(&parameters).unwrap();
    let million = one * U256::from(1_000_000);
    let join = |kind: u64, amounts: &[U256]| {
        let data = Call::bare(3).word(U256::from(kind)).array(amounts).word(U256::ZERO);
        data.encode()
    };
    let mut measured = Vec::new();
    let mut keep = |name, outcome: Outcome| {
        outcome.result.unwrap();
        measured.push((name, outcome.gas));
    };
    keep("joinPool, first", oracle.join(&join(0, &[million; 4])).unwrap());
    keep("joinPool, later, exact tokens", oracle.join(&join(1, &[one; 3])).unwrap());
    let (pool, share) = (oracle.pool, oracle.pool.address);
    let tokens = [oracle.world.tokens[0], oracle.world.tokens[1]];
    keep("swap, given in", oracle.world.swap(&pool, 0, tokens, one).unwrap());
    keep("swap, given out", oracle.world.swap(&pool, 1, tokens, one).unwrap());
    let buy = oracle.world.swap(&pool, 0, [tokens[0], share], one).unwrap();
    keep("swap, token for shares, given in", buy);
    let sell = oracle.world.swap(&pool, 0, [share, tokens[0]], one).unwrap();
    keep("swap, shares for token, given in", sell);
    let exit = Call::bare(3).word(U256::ZERO).word(one).word(U256::ZERO).encode();
    keep("exitPool, exact shares for one token", oracle.exit(&exit).unwrap());
    if contract == ComposableContract::November2022 {
        let exit = Call::bare(2).word(U256::from(2)).word(one).encode();
        keep("exitPool, exact shares for all tokens", oracle.exit(&exit).unwrap());
    }
    oracle.own(Call::new("enableRecoveryMode()", 0)).unwrap().result.unwrap();
    let exit = Call::bare(2).word(U256::from(255)).word(one).encode();
    keep("exitPool, recovery mode", oracle.exit(&exit).unwrap());
    measured
}
