//! Curve's first liquidity gauge, with its token, escrow, controller and minter, on a node.

use tidemill_feed_evm::snapshot::{
    BlockChoice, CurveGaugeContract, SnapshotError, curve_gauge_state, read_at_block,
};
use tidemill_rewards::curve_gauge::CurveGaugeState;
use tidemill_testkit::anvil::{AnvilChain, AnvilWorld};
use tidemill_testkit::{Address, Call, archived_code, built_code};
use tidemill_units::U256;

use super::node_reader::NodeReader;
use super::{of_evm, start, wait};

const CURVE: &str = "@setprotocol/set-protocol-v2@0.1.16/abi/curve";
const BALANCER: &str = "@balancer-labs/v2-deployments@3.2.0/20220325-gauge-controller/bytecode";

struct Gauge {
    gauge: Address,
    pool_token: Address,
    minter: Address,
}

fn deploy(chain: &mut AnvilChain) -> Gauge {
    let admin = chain.admin();
    let create = |chain: &mut AnvilChain, path: String, arguments| {
        chain.deploy(&archived_code(&path).unwrap(), arguments).unwrap()
    };
    let arguments = Call::bare(3).bytes(b"Curve DAO Token").bytes(b"CRV").word(U256::from(18));
    let token = create(chain, format!("{CURVE}/CRVToken.json"), arguments);
    let arguments = Call::bare(4).address(token).bytes(b"Vote escrow").bytes(b"ve").address(admin);
    let escrow = create(chain, format!("{BALANCER}/VotingEscrow.json"), arguments);
    let arguments = Call::bare(2).address(token).address(escrow);
    let controller = create(chain, format!("{CURVE}/GaugeController.json"), arguments);
    let arguments = Call::bare(2).address(token).address(controller);
    let minter = create(chain, format!("{CURVE}/Minter.json"), arguments);
    let call = Call::new("set_minter(address)", 1).address(minter);
    chain.set_up(admin, token, "set_minter", call).unwrap();
    let pool_token = chain.deploy(&built_code("Token").unwrap(), Call::bare(0)).unwrap();
    let arguments = Call::bare(2).address(pool_token).address(minter);
    let gauge = create(chain, format!("{CURVE}/LiquidityGauge.json"), arguments);
    let one = U256::from(10).pow(U256::from(18));
    let call = Call::new("add_type(string,uint256)", 2).bytes(b"Liquidity").word(one);
    chain.set_up(admin, controller, "add_type", call).unwrap();
    let call = Call::new("add_gauge(address,int128,uint256)", 3).address(gauge);
    let call = call.word(U256::ZERO).word(one);
    chain.set_up(admin, controller, "add_gauge", call).unwrap();
    // Emission begins a day after the token; `update_mining_parameters` starts it.
    chain.mine(2 * 86_400).unwrap();
    let call = Call::new("update_mining_parameters()", 0);
    chain.set_up(admin, token, "update_mining_parameters", call).unwrap();
    Gauge { gauge, pool_token, minter }
}

fn read(
    reader: &NodeReader,
    gauge: &Gauge,
    stakers: &[Address],
) -> Result<CurveGaugeState, SnapshotError> {
    let contract = CurveGaugeContract {
        address: of_evm(gauge.gauge),
        stakers: stakers.iter().map(|staker| of_evm(*staker)).collect(),
    };
    let read = read_at_block(reader, BlockChoice::Latest, 1, async |at| {
        curve_gauge_state(at, &contract).await
    });
    wait(read).map(|(_, state)| state)
}

#[test]
fn a_gauge_is_read_with_its_stakers() {
    let Some(AnvilWorld { mut chain, users, .. }) = start() else { return };
    let gauge = deploy(&mut chain);
    let send = |chain: &mut AnvilChain, user: Address, name: &str, call: Call| {
        chain.set_up(user, gauge.gauge, name, call).unwrap();
        chain.mine(7 * 86_400).unwrap();
    };
    for (user, amount) in users.iter().zip([700_u64, 1_100, 5]) {
        let amount = U256::from(amount);
        let mint = Call::new("mint(address,uint256)", 2).address(*user).word(amount);
        chain.set_up(*user, gauge.pool_token, "mint", mint).unwrap();
        send(&mut chain, *user, "deposit", Call::new("deposit(uint256)", 1).word(amount));
    }
    let allow = Call::new("set_approve_deposit(address,bool)", 2).address(users[1]);
    send(&mut chain, users[0], "set_approve_deposit", allow.word(U256::ONE));
    let withdraw = Call::new("withdraw(uint256)", 1).word(U256::from(100));
    send(&mut chain, users[1], "withdraw", withdraw);
    let reader = NodeReader::new(&chain.node);
    let state = read(&reader, &gauge, &users).unwrap();
    let balances: u64 = state.stakes.iter().map(|of| of.stake.balance.to::<u64>()).sum();
    assert_eq!((state.stakes.len(), balances), (3, 700 + 1_000 + 5));
    let account = |user: Address| tidemill_rewards::Account(of_evm(user).0);
    assert_eq!(state.approvals, [(account(users[1]), account(users[0]))]);
    assert!(state.period.inflation_rate > U256::ZERO);
    // What the state says was earned up to the last checkpoint, the minter pays.
    let of = |user| state.stakes.iter().find(|of| of.account == account(user)).unwrap().stake;
    let earned = of(users[1]).integrate_fraction;
    assert!(earned > U256::ZERO, "{state:?}");
    let answer = Call::new("integrate_fraction(address)", 1).address(users[1]);
    assert_eq!(chain.ask(gauge.gauge, answer).unwrap(), earned);
    let mint = Call::new("mint(address)", 1).address(gauge.gauge);
    chain.set_up(users[1], gauge.minter, "mint", mint).unwrap();
    let minted = Call::new("minted(address,address)", 2).address(users[1]).address(gauge.gauge);
    assert!(chain.ask(gauge.minter, minted).unwrap() > earned, "what came since is paid too");

    let error = read(&reader, &gauge, &users[..2]).unwrap_err();
    assert!(matches!(error, SnapshotError::Gauge(_)), "{error}: a staker is left out");
}
