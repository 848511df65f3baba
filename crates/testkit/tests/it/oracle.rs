//! The oracle itself.

use std::path::Path;

use tidemill_testkit::{Address, Artifacts, Call, OracleError, PairOracle, PairSwapCall, Revert};
use tidemill_units::U256;

#[test]
fn absent_contracts_are_an_error_that_names_the_command() {
    let error = Artifacts::load_from(Path::new("no/such/folder")).unwrap_err();
    assert!(matches!(error, OracleError::MissingArtifact(_)), "{error:?}");
    assert!(error.to_string().contains("sh contracts/fetch.sh"), "{error}");
}

/// The model needs no lock, because nothing can call it while it is borrowed: here is what the
/// contract does in the only case where the two could differ.
#[test]
fn pair_refuses_every_call_from_within_a_flash_swap() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let mut oracle = PairOracle::new(&artifacts, 2).unwrap();
    oracle.give([U256::from(1_000_000); 2]).unwrap().unwrap();
    oracle.mint(oracle.actors[0]).unwrap().result.unwrap();
    let to = oracle.actors[1];
    let swap = |reenter| PairSwapCall {
        out: [U256::from(10), U256::ZERO],
        to,
        paid: Some([U256::ZERO, U256::from(20)]),
        reenter,
    };
    let calls = [
        Call::new("sync()", 0),
        Call::new("skim(address)", 1).address(to),
        Call::new("mint(address)", 1).address(to),
        Call::new("burn(address)", 1).address(to),
    ];
    let locked = Revert::Reason("UniswapV2: LOCKED".to_owned());
    for call in calls {
        let outcome = oracle.swap(&swap(Some(call))).unwrap();
        assert_eq!(outcome.result, Err(locked.clone()));
        assert_eq!(outcome.changes, vec![], "a revert changes nothing");
    }
    let view = Call::new("balanceOf(address)", 1).address(Address::ZERO);
    oracle.swap(&swap(Some(view))).unwrap().result.unwrap();
    oracle.swap(&swap(None)).unwrap().result.unwrap();
}
