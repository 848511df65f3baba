use tidemill_rewards::curve_gauge::FACTS as GAUGE;
use tidemill_rewards::gauge_controller::FACTS as CONTROLLER;
use tidemill_rewards::vote_escrow::FACTS as ESCROW;
use tidemill_testkit::{Artifacts, Call, CurveGaugesOracle};
use tidemill_units::U256;

use super::address;

/// What calls cost, one after the other in a new world: the figures that the facts state.
#[test]
fn gas_of_curve_gauges_is_as_stated() {
    let artifacts = Artifacts::load().unwrap();
    let start = 1_597_270_572;
    let mut oracle = CurveGaugesOracle::new(&artifacts, 18, start, 10_647_813).unwrap();
    let who = address(0);
    oracle.fund(who, U256::ONE << 88_usize).unwrap();
    oracle.set_moment(start + 86_400, 10_654_000);
    let gauge = oracle.deploy_gauge().unwrap();
    let (pool_token, admin) = (oracle.pool_tokens[0], oracle.admin);
    let (escrow, controller, minter) = (oracle.escrow, oracle.controller, oracle.minter);
    let one = U256::from(10).pow(U256::from(18));
    let mint = Call::new("mint(address,uint256)", 2).address(who).word(one);
    oracle.evm.set_up(who, pool_token, "mint", mint).unwrap();
    let add_type = Call::new("add_type(string,uint256)", 2).bytes(b"").word(one);
    oracle.evm.set_up(admin, controller, "add_type", add_type).unwrap();
    let add = Call::new("add_gauge(address,int128)", 2).address(gauge).word(U256::ZERO);
    oracle.evm.set_up(admin, controller, "add_gauge", add).unwrap();
    let until = U256::from(start + 31_000_000);
    let half = one >> 1_usize;
    let mut found = Vec::new();
    let mut at = start + 86_400;
    let mut measure = |from, to, call: Call, wait: u64| {
        at += wait;
        oracle.set_moment(at, 10_654_000 + (at - start) / 13);
        let outcome = oracle.send(from, to, call).unwrap();
        outcome.result.unwrap();
        found.push(outcome.gas);
    };
    let create = Call::new("create_lock(uint256,uint256)", 2).word(one).word(until);
    measure(who, escrow, create, 0);
    measure(who, escrow, Call::new("increase_amount(uint256)", 1).word(one), 86_400);
    let vote = Call::new("vote_for_gauge_weights(address,uint256)", 2).address(gauge);
    measure(who, controller, vote.word(U256::from(10_000)), 0);
    let checkpoint = Call::new("checkpoint_gauge(address)", 1).address(gauge);
    measure(who, controller, checkpoint, 604_800);
    measure(who, gauge, Call::new("deposit(uint256)", 1).word(half), 0);
    measure(who, gauge, Call::new("deposit(uint256)", 1).word(half), 604_800);
    measure(who, gauge, Call::new("user_checkpoint(address)", 1).address(who), 604_800);
    measure(who, minter, Call::new("mint(address)", 1).address(gauge), 604_800);
    measure(who, gauge, Call::new("withdraw(uint256)", 1).word(one), 604_800);
    let stated = [ESCROW.gas, CONTROLLER.gas, GAUGE.gas].concat();
    let stated: Vec<u64> = stated.iter().map(|figure| figure.gas).collect();
    assert_eq!(stated, found);
}
