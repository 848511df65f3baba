use tidemill_rewards::balancer_gauge::FACTS;
use tidemill_rewards::gauge_controller::RELATIVE_ONE;
use tidemill_testkit::{Artifacts, BalancerGaugeOracle, Call};
use tidemill_units::U256;

use super::{WEEK, address};

/// What calls cost, one after the other in a new world with a lock and one reward token: the
/// figures that the facts state.
#[test]
fn gas_of_balancer_gauges_is_as_stated() {
    let artifacts = Artifacts::load().unwrap();
    let start = 1_650_000_000;
    let mut oracle = BalancerGaugeOracle::new(start, 1_000).unwrap();
    let (admin, who, other) = (oracle.admin, address(0), address(1));
    let one = U256::from(RELATIVE_ONE);
    let gauge = oracle.create_gauge(one).unwrap();
    let token = oracle.evm.deploy(admin, artifacts.token.clone()).unwrap();
    let (pool_token, escrow) = (oracle.pool_token, oracle.escrow);
    let (controller, minter) = (oracle.controller, oracle.minter);
    let mint = |count: u64| {
        let amount = one * U256::from(count);
        Call::new("mint(address,uint256)", 2).address(who).word(amount)
    };
    let approve =
        |spender| Call::new("approve(address,uint256)", 2).address(spender).word(U256::MAX);
    let add_type = Call::new("add_type(string,uint256)", 2).bytes(b"").word(one);
    let add_gauge = Call::new("add_gauge(address,int128,uint256)", 3).address(gauge);
    let add_reward = Call::new("add_reward(address,address)", 2).address(token).address(who);
    let until = U256::from(start + 31_000_000);
    let create_lock = Call::new("create_lock(uint256,uint256)", 2).word(one).word(until);
    let set_up = [
        (admin, pool_token, mint(9)),
        (who, token, mint(9)),
        (who, pool_token, approve(gauge)),
        (who, pool_token, approve(escrow)),
        (admin, controller, add_type),
        (admin, controller, add_gauge.word(U256::ZERO).word(one)),
        (admin, gauge, add_reward),
        (who, escrow, create_lock),
    ];
    for (from, to, call) in set_up {
        oracle.evm.set_up(from, to, "set up", call).unwrap();
    }
    let deposit = || Call::new("deposit(uint256)", 1).word(one);
    let bring = Call::new("deposit_reward_token(address,uint256)", 2).address(token).word(one);
    let week_later = [
        (gauge, deposit()),
        (gauge, bring),
        (gauge, deposit()),
        (gauge, Call::new("user_checkpoint(address)", 1).address(who)),
        (minter, Call::new("mint(address)", 1).address(gauge)),
        (gauge, Call::new("claim_rewards()", 0)),
        (gauge, Call::new("transfer(address,uint256)", 2).address(other).word(one)),
        (gauge, Call::new("withdraw(uint256)", 1).word(one)),
    ];
    let mut found = Vec::new();
    for (index, (to, call)) in week_later.into_iter().enumerate() {
        oracle.set_moment(start + (index as u64 + 1) * WEEK, 2_000 + index as u64);
        let outcome = oracle.evm.send(who, to, call).unwrap();
        outcome.result.unwrap();
        found.push(outcome.gas);
    }
    let stated: Vec<u64> = FACTS.gas.iter().map(|figure| figure.gas).collect();
    assert_eq!(stated, found);
}
