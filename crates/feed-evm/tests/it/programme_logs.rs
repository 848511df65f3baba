//! Programmes of which no registry has the bytecode, and what needs a call.

use tidemill_feed_evm::{
    DecodeFault, ProgrammeContracts, ProgrammeLogs, ProgrammeTransaction, RawLog, TransactionCall,
    not_in_logs,
};
use tidemill_model::{
    Address, AerodromeGaugeLog, ProgrammeKind, ProgrammeLog, RateTokenLog, VaultLog,
};
use tidemill_units::{Amount, U256};

use crate::written::{contract, in_block, log, number, of, transfer};

const NOBODY: Address = Address([0; 20]);

fn read(
    contracts: &ProgrammeContracts,
    logs: Vec<RawLog>,
    call: Option<&TransactionCall>,
) -> Result<Vec<ProgrammeLog>, DecodeFault> {
    let logs = in_block(7, logs);
    let transaction =
        ProgrammeTransaction { logs: &logs, call, range_of: &|_| None, left_of: &|_| None };
    let told = ProgrammeLogs::new(contracts).decode(&transaction);
    told.map(|all| all.into_iter().map(|told| told.log).collect()).map_err(|error| error.fault)
}

fn amount(number: u64) -> Amount {
    Amount(U256::from(number))
}

#[test]
fn a_vaults_gifts_are_told_from_its_deposits() {
    let (vault, asset, user) = (contract(1), contract(2), contract(9));
    let contracts = ProgrammeContracts::Vault { vault, asset };
    let deposit = "Deposit(address,address,uint256,uint256)";
    let withdraw = "Withdraw(address,address,address,uint256,uint256)";
    let logs = vec![
        transfer(asset, user, vault, 5),
        transfer(asset, user, vault, 100),
        transfer(vault, NOBODY, user, 90),
        log(vault, deposit, &[of(user), of(contract(8))], &[number(100), number(90)]),
        transfer(vault, user, contract(8), 7),
        log(vault, "Harvested(uint256)", &[], &[number(1)]),
        log(vault, withdraw, &[of(user), of(user), of(contract(8))], &[number(10), number(9)]),
    ];
    let expected = [
        VaultLog::Given { amount: amount(5) },
        VaultLog::Deposit { owner: contract(8), assets: amount(100), shares: amount(90) },
        VaultLog::Transfer { from: user, to: contract(8), value: amount(7) },
        VaultLog::Withdraw { owner: contract(8), assets: amount(10), shares: amount(9) },
    ];
    assert_eq!(read(&contracts, logs, None), Ok(expected.map(ProgrammeLog::Vault).to_vec()));
}

#[test]
fn what_was_deposited_for_reth_stands_before_the_token() {
    let [token, deposit_pool, balances] = [1, 2, 3].map(contract);
    let contracts = ProgrammeContracts::RateToken { token, deposit_pool, balances };
    let user = of(contract(9));
    let minted = || {
        let signature = "TokensMinted(address,uint256,uint256,uint256)";
        log(token, signature, &[user], &[number(90), number(95), number(1)])
    };
    let received = "DepositReceived(address,uint256,uint256)";
    let updated = "BalancesUpdated(uint256,uint256,uint256,uint256,uint256)";
    let logs = vec![
        log(deposit_pool, received, &[user], &[number(100), number(1)]),
        transfer(token, NOBODY, contract(9), 90),
        minted(),
        log(balances, updated, &[], &[50, 1_000, 900, 800, 1].map(number)),
    ];
    let expected = [
        RateTokenLog::TokensMinted { to: contract(9), deposited: amount(100), amount: amount(90) },
        RateTokenLog::BalancesUpdated { total_eth: amount(1_000), reth_supply: amount(800) },
    ];
    assert_eq!(read(&contracts, logs, None), Ok(expected.map(ProgrammeLog::RateToken).to_vec()));
    let fault = read(&contracts, vec![minted()], None).unwrap_err();
    assert!(matches!(fault, DecodeFault::Unplaced { event: "TokensMinted", .. }), "{fault}");
}

#[test]
fn a_gauges_notification_has_the_fees_before_it() {
    let (gauge, reward) = (contract(1), contract(2));
    let contracts = ProgrammeContracts::AerodromeGauge { gauge, pool_fees_reward: reward };
    let fees = |amounts: [u64; 2]| {
        let signature = "ClaimFees(address,uint256,uint256)";
        log(gauge, signature, &[of(contract(9))], &amounts.map(number))
    };
    let of_reward = |from: u8, amount| {
        let signature = "NotifyReward(address,address,uint256,uint256)";
        let indexed = [of(contract(from)), of(contract(5)), number(0)];
        log(reward, signature, &indexed, &[number(amount)])
    };
    let notified = || {
        let indexed = [of(contract(9))];
        log(gauge, "NotifyReward(address,uint256)", &indexed, &[number(1_000)])
    };
    let told = |claimed: [u64; 2], fees: [u64; 2]| {
        let [claimed0, claimed1] = claimed.map(amount);
        let [fees0, fees1] = fees.map(amount);
        let amount = amount(1_000);
        let log = AerodromeGaugeLog::NotifyReward { amount, claimed0, claimed1, fees0, fees1 };
        Ok(vec![ProgrammeLog::AerodromeGauge(log)])
    };
    let logs = vec![fees([7, 8]), of_reward(1, 17), of_reward(1, 18), notified()];
    assert_eq!(read(&contracts, logs, None), told([7, 8], [17, 18]));
    let logs = vec![fees([7, 0]), of_reward(1, 17), of_reward(9, 3), notified()];
    assert_eq!(read(&contracts, logs, None), told([7, 0], [17, 0]));
    assert_eq!(read(&contracts, vec![notified()], None), told([0, 0], [0, 0]));
    let logs = vec![fees([7, 8]), of_reward(1, 17), notified()];
    assert!(matches!(read(&contracts, logs, None), Err(DecodeFault::Unplaced { .. })));
}

#[test]
fn what_only_a_call_says_is_refused_without_it() {
    let staker = contract(1);
    let contracts = ProgrammeContracts::V3Staker { staker };
    let claimed =
        || log(staker, "RewardClaimed(address,uint256)", &[of(contract(9))], &[number(5)]);
    let fault = read(&contracts, vec![claimed()], None).unwrap_err();
    assert!(matches!(fault, DecodeFault::Unplaced { event: "RewardClaimed", .. }), "{fault}");
    let named: Vec<_> = not_in_logs(ProgrammeKind::V3Staker).iter().map(|it| it.what).collect();
    assert!(named.contains(&"reward_claimed.owner"));
    for kind in ProgrammeKind::ALL {
        let all = not_in_logs(kind);
        assert!(all.iter().all(|fact| !fact.what.is_empty()), "{kind}");
    }
}
