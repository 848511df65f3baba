use std::collections::BTreeSet;

use tidemill_model::Address;
use tidemill_rewards::Account;
use tidemill_rewards::curve_gauge::{
    CurveGauge, CurveGaugeState, GaugePeriod, GaugeStake, GaugeStakeState,
};
use tidemill_units::{Timestamp, U256};

use super::abi::{ContractCall, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// A `LiquidityGauge` of Curve's first version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurveGaugeContract {
    /// The gauge.
    pub address: Address,
    /// Everybody who ever staked: a contract cannot list them, its `UpdateLiquidityLimit` logs do.
    pub stakers: Vec<Address>,
}

const SECONDS: &str = "a time in 64 bits";

/// Reads a gauge with its stakers. Who may deposit for whom is read among the stakers; to have
/// allowed somebody else leaves no log.
///
/// Errors: `Reverted` and `Answer` for another contract, `State` for values that do not go
/// together, as where a staker is left out: the stakes have to add up.
pub async fn curve_gauge_state(
    at: &AtBlock<'_>,
    gauge: &CurveGaugeContract,
) -> Result<CurveGaugeState, SnapshotError> {
    let ask = |signature, words: &[U256]| ContractCall::new(gauge.address, signature, words);
    let names = [
        "period()",
        "inflation_rate()",
        "future_epoch_time()",
        "totalSupply()",
        "working_supply()",
    ];
    let answers = at.calls(&names.map(|name| ask(name, &[]))).await?;
    let [period, rate, epoch, supply, working] = answers.as_slice() else {
        return Err(ask("period()", &[]).reverted("no answer".to_owned()));
    };
    let number: u64 = period.number(0, "0 or more")?;
    let in_period = [U256::from(number)];
    let answers = at
        .calls(&[
            ask("period_timestamp(uint256)", &[U256::ZERO]),
            ask("period_timestamp(uint256)", &in_period),
            ask("integrate_inv_supply(uint256)", &in_period),
        ])
        .await?;
    let [created, now, integral] = answers.as_slice() else {
        return Err(ask("period_timestamp(uint256)", &[]).reverted("no answer".to_owned()));
    };
    let accounts: BTreeSet<Address> = gauge.stakers.iter().copied().collect();
    let state = CurveGaugeState {
        account: Account(gauge.address.0),
        created_at: Timestamp(created.number(0, SECONDS)?),
        period: GaugePeriod {
            period: number,
            at: Timestamp(now.number(0, SECONDS)?),
            integrate_inv_supply: integral.word(0)?,
            inflation_rate: rate.word(0)?,
            future_epoch_time: Timestamp(epoch.number(0, SECONDS)?),
            total_supply: supply.word(0)?,
            working_supply: working.word(0)?,
        },
        stakes: stakes(at, gauge, &accounts).await?,
        approvals: approvals(at, gauge, &accounts).await?,
    };
    CurveGauge::new(&state)?;
    Ok(state)
}

async fn stakes(
    at: &AtBlock<'_>,
    gauge: &CurveGaugeContract,
    accounts: &BTreeSet<Address>,
) -> Result<Vec<GaugeStakeState>, SnapshotError> {
    let names = [
        "balanceOf(address)",
        "working_balances(address)",
        "integrate_inv_supply_of(address)",
        "integrate_checkpoint_of(address)",
        "integrate_fraction(address)",
    ];
    let calls = accounts.iter().flat_map(|account| {
        names.map(|name| ContractCall::new(gauge.address, name, &[address_word(*account)]))
    });
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    let mut stakes = Vec::new();
    for (account, answers) in accounts.iter().zip(answers.chunks_exact(names.len())) {
        let [balance, working, inverse, checkpoint, fraction] = answers else { continue };
        let stake = GaugeStake {
            balance: balance.word(0)?,
            working_balance: working.word(0)?,
            integrate_inv_supply_of: inverse.word(0)?,
            integrate_checkpoint_of: Timestamp(checkpoint.number(0, SECONDS)?),
            integrate_fraction: fraction.word(0)?,
        };
        stakes.push(GaugeStakeState { account: Account(account.0), stake });
    }
    Ok(stakes)
}

/// Pairs of who deposits and for whom, as state and contract have them.
async fn approvals(
    at: &AtBlock<'_>,
    gauge: &CurveGaugeContract,
    accounts: &BTreeSet<Address>,
) -> Result<Vec<(Account, Account)>, SnapshotError> {
    let signature = "approved_to_deposit(address,address)";
    let mut pairs = Vec::new();
    for caller in accounts {
        pairs.extend(accounts.iter().filter(|other| *other != caller).map(|other| (caller, other)));
    }
    let calls = pairs.iter().map(|(caller, recipient)| {
        let words = [address_word(**caller), address_word(**recipient)];
        ContractCall::new(gauge.address, signature, &words)
    });
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    let mut approved = Vec::new();
    for ((caller, recipient), answer) in pairs.into_iter().zip(&answers) {
        if answer.flag(0)? {
            approved.push((Account(caller.0), Account(recipient.0)));
        }
    }
    Ok(approved)
}
