//! Balancer's gauge of the fifth version: that the oracle stands, ahead of a model.

use tidemill_testkit::{BalancerGaugeOracle, Call};
use tidemill_units::U256;

/// A week of the whole emission goes to the only staker of the only gauge.
#[test]
fn balancer_gauge_mints_what_its_schedule_says() {
    const WEEK: u64 = 604_800;
    let start = 2_800 * WEEK;
    let one = U256::from(1_000_000_000_000_000_000_u64);
    let mut oracle = BalancerGaugeOracle::new(start, 1_000).unwrap();
    let admin = oracle.admin;
    let gauge = oracle.create_gauge(one).unwrap();
    let mut send =
        |to, name: &'static str, call| oracle.evm.set_up(admin, to, name, call).unwrap().words();
    let mint = Call::new("mint(address,uint256)", 2).address(admin).word(one);
    send(oracle.pool_token, "mint", mint);
    let approve = Call::new("approve(address,uint256)", 2).address(gauge).word(one);
    send(oracle.pool_token, "approve", approve);
    let add_type = Call::new("add_type(string,uint256)", 2).bytes(b"all").word(one);
    send(oracle.controller, "add_type", add_type);
    let add = Call::new("add_gauge(address,int128,uint256)", 3).address(gauge);
    send(oracle.controller, "add_gauge", add.word(U256::ZERO).word(one));
    let deposit = Call::new("deposit(uint256)", 1).word(one);
    send(gauge, "deposit", deposit);
    // The weight counts from the next week on.
    oracle.evm.set_timestamp(U256::from(start + 2 * WEEK));
    let mut send =
        |to, name: &'static str, call| oracle.evm.set_up(admin, to, name, call).unwrap().words();
    let rate = send(oracle.token_admin, "rate", Call::new("rate()", 0));
    assert_eq!(rate, [U256::from(239_748_677_248_677_248_u64)], "145,000 BAL a week");
    let mint = Call::new("mint(address)", 1).address(gauge);
    let minted = send(oracle.minter, "mint", mint);
    let expected = U256::from(239_748_677_248_677_248_u64) * U256::from(WEEK);
    assert_eq!(minted, [expected]);
}
