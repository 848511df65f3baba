//! What calls of the vault cost, in a pool of two tokens of 18 decimals, 80/20, whose tokens and
//! shares the caller holds already.

use tidemill_amm::weighted::FACTS;
use tidemill_testkit::{Call, VaultOracle, WeightedContract};
use tidemill_units::U256;

#[test]
fn gas_figures_are_those_of_the_contracts() {
    let contracts = [
        ("2021, 2 tokens", WeightedContract::April2021TwoTokens),
        ("2021", WeightedContract::April2021),
        ("2022", WeightedContract::September2022),
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

fn measure(contract: WeightedContract) -> Vec<(&'static str, u64)> {
    let one = U256::from(1_000_000_000_000_000_000_u64);
    let fifth = one / U256::from(5);
    let mut oracle = VaultOracle::new(&[18, 18]).unwrap();
    let weights = [one - fifth, fifth];
    let pool = oracle.weighted(contract, &weights, &[false; 2], one / U256::from(100)).unwrap();
    let million = one * U256::from(1_000_000);
    let join = |kind: u64, amounts: [U256; 2]| {
        let data = Call::bare(3).word(U256::from(kind)).array(&amounts).word(U256::ZERO);
        data.encode()
    };
    let mut measured = Vec::new();
    let mut keep = |name, outcome: tidemill_testkit::Outcome| {
        outcome.result.unwrap();
        measured.push((name, outcome.gas));
    };
    keep("joinPool, first", oracle.join(&pool, &join(0, [million; 2])).unwrap());
    keep("joinPool, later, exact tokens", oracle.join(&pool, &join(1, [one; 2])).unwrap());
    let tokens = [oracle.tokens[0], oracle.tokens[1]];
    keep("swap, given in", oracle.swap(&pool, 0, tokens, one).unwrap());
    keep("swap, given out", oracle.swap(&pool, 1, tokens, one).unwrap());
    let exit = Call::bare(2).word(U256::ONE).word(one).encode();
    keep("exitPool, exact shares for all tokens", oracle.exit(&pool, &exit).unwrap());
    measured
}
