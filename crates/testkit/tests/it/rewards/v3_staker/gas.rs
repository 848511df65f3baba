//! What calls cost in the real contract, as the facts have it.

use tidemill_rewards::v3_staker::FACTS;
use tidemill_testkit::{Outcome, encode_incentives};
use tidemill_units::U256;

use super::scenes::{KEY_END, Scene};

fn gas(outcome: &Outcome) -> u64 {
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    outcome.gas
}

#[test]
fn staker_gas_is_as_stated() {
    let mut scene = Scene::new();
    let [alice, bob] = scene.users;
    let mut costs = Vec::new();
    let (first, second) = (scene.key(KEY_END), scene.key(KEY_END + 100));
    for (key, reward) in [(first, 1_000), (first, 500), (second, 1_000)] {
        let created = scene.oracle.create_incentive(alice, key, U256::from(reward)).unwrap();
        costs.push(gas(&created));
    }
    costs.pop();
    let tokens = [(); 4].map(|()| scene.mint(alice, (-600, 600), 1_000_000));
    scene.wait(100);
    let datas = [Vec::new(), first.encode(), encode_incentives(&[first, second])];
    for (token, data) in tokens.into_iter().zip(datas) {
        costs.push(gas(&scene.oracle.deposit(alice, alice, token, &data).unwrap()));
    }
    let [lone, one, several, _] = tokens;
    costs.push(gas(&scene.oracle.stake(alice, first, lone).unwrap()));
    scene.wait(50);
    costs.push(gas(&scene.oracle.transfer_deposit(alice, one, bob).unwrap()));
    for token in [lone, several] {
        costs.push(gas(&scene.oracle.unstake(alice, first, token).unwrap()));
    }
    gas(&scene.oracle.unstake(bob, first, one).unwrap());
    let token = scene.oracle.reward_tokens[0];
    costs.push(gas(&scene.oracle.claim(alice, token, alice, U256::ZERO).unwrap()));
    costs.push(gas(&scene.oracle.withdraw(alice, lone, alice).unwrap()));
    scene.wait(10_000);
    costs.push(gas(&scene.oracle.end_incentive(alice, first).unwrap()));
    let stated: Vec<u64> = FACTS.gas.iter().map(|figure| figure.gas).collect();
    assert_eq!(stated, costs, "stated and measured");
}
