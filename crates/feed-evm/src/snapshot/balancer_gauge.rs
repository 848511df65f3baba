use std::collections::BTreeSet;

use tidemill_model::Address;
use tidemill_rewards::Account;
use tidemill_rewards::balancer_gauge::{
    AllowanceState, BalancerGauge, BalancerGaugeState, BalancerStakeState, GaugeIdentity,
    HeldState, MOST_REWARDS, ReceiverState, RewardClaim, RewardStream,
};
use tidemill_rewards::curve_gauge::{GaugePeriod, GaugeStake};
use tidemill_units::{Amount, Timestamp, U256};

use super::abi::{ContractCall, address_word};
use super::accounts::sorted;
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// Balancer's `LiquidityGaugeV5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerGaugeContract {
    /// The gauge.
    pub address: Address,
    /// Who may kill it and add rewards: the authorizer adaptor, which no function tells.
    pub admin: Address,
    /// Balancer's vault, which no function tells either.
    pub vault: Address,
    /// Everybody who ever had a stake: a contract cannot list them, its `Transfer` logs do.
    pub stakers: Vec<Address>,
    /// Owner and spender of every stake that somebody else was ever allowed to move, from its
    /// `Approval` logs.
    pub allowances: Vec<(Address, Address)>,
}

const SECONDS: &str = "a time in 64 bits";
const ZERO: Address = Address([0; 20]);
/// 10^18.
const SCALE: u64 = 1_000_000_000_000_000_000;

/// Reads a gauge with its stakers and what it pays beside the emission.
///
/// What waits for an account to be claimed has no function: what one tells has what came since
/// added, which is reckoned as the gauge does and taken off again.
///
/// Errors: `Reverted` and `Answer` for another contract, `Gauge` for values that do not go
/// together, as where a staker is left out: the stakes have to add up.
pub async fn balancer_gauge_state(
    at: &AtBlock<'_>,
    gauge: &BalancerGaugeContract,
) -> Result<BalancerGaugeState, SnapshotError> {
    let ask = |signature, words: &[U256]| ContractCall::new(gauge.address, signature, words);
    let names = [
        "lp_token()",
        "getRelativeWeightCap()",
        "is_killed()",
        "period()",
        "inflation_rate()",
        "future_epoch_time()",
        "totalSupply()",
        "working_supply()",
        "reward_count()",
    ];
    let answers = at.calls(&names.map(|name| ask(name, &[]))).await?;
    let [pool_token, cap, killed, period, rate, epoch, supply, working, count] = answers.as_slice()
    else {
        return Err(ask("period()", &[]).reverted("no answer".to_owned()));
    };
    let number: u64 = period.number(0, "0 or more")?;
    let in_period = [U256::from(number)];
    let names = ["period_timestamp(uint256)", "integrate_inv_supply(uint256)"];
    let answers = at.calls(&names.map(|name| ask(name, &in_period))).await?;
    let [now, integral] = answers.as_slice() else {
        return Err(ask("period()", &[]).reverted("no answer".to_owned()));
    };
    let count: usize = count.number(0, "at most 8")?;
    let period = GaugePeriod {
        period: number,
        at: Timestamp(now.number(0, SECONDS)?),
        integrate_inv_supply: integral.word(0)?,
        inflation_rate: rate.word(0)?,
        future_epoch_time: Timestamp(epoch.number(0, SECONDS)?),
        total_supply: supply.word(0)?,
        working_supply: working.word(0)?,
    };
    let pool_token = pool_token.address(0)?;
    let rewards = streams(at, gauge.address, count).await?;
    let accounts = sorted(&gauge.stakers);
    let state = BalancerGaugeState {
        identity: GaugeIdentity {
            account: Account(gauge.address.0),
            pool_token: Account(pool_token.0),
            admin: Account(gauge.admin.0),
            vault: Account(gauge.vault.0),
        },
        relative_weight_cap: cap.word(0)?,
        is_killed: killed.flag(0)?,
        stakes: stakes(at, gauge.address, &accounts, (&rewards, period.total_supply)).await?,
        held: held(at, gauge.address, pool_token, &rewards).await?,
        allowances: allowances(at, gauge).await?,
        receivers: receivers(at, gauge.address, &accounts).await?,
        period,
        rewards,
    };
    BalancerGauge::new(&state)?;
    Ok(state)
}

async fn streams(
    at: &AtBlock<'_>,
    gauge: Address,
    count: usize,
) -> Result<Vec<RewardStream>, SnapshotError> {
    let count = count.min(MOST_REWARDS);
    let ask = |place| ContractCall::new(gauge, "reward_tokens(uint256)", &[U256::from(place)]);
    let tokens = at.calls(&(0..count).map(ask).collect::<Vec<_>>()).await?;
    let mut calls = Vec::new();
    for token in &tokens {
        let of = [address_word(token.address(0)?)];
        calls.push(ContractCall::new(gauge, "reward_data(address)", &of));
    }
    let mut streams = Vec::new();
    for (token, words) in tokens.iter().zip(&at.calls(&calls).await?) {
        // The first word repeats the token, and the gauge never writes it.
        streams.push(RewardStream {
            token: Account(token.address(0)?.0),
            distributor: Account(words.address(1)?.0),
            period_finish: Timestamp(words.number(2, SECONDS)?),
            rate: words.word(3)?,
            last_update: Timestamp(words.number(4, SECONDS)?),
            integral: words.word(5)?,
        });
    }
    Ok(streams)
}

async fn stakes(
    at: &AtBlock<'_>,
    gauge: Address,
    accounts: &[Address],
    (streams, supply): (&[RewardStream], U256),
) -> Result<Vec<BalancerStakeState>, SnapshotError> {
    let names = [
        "balanceOf(address)",
        "working_balances(address)",
        "integrate_inv_supply_of(address)",
        "integrate_checkpoint_of(address)",
        "integrate_fraction(address)",
    ];
    let calls = accounts.iter().flat_map(|account| {
        names.map(|name| ContractCall::new(gauge, name, &[address_word(*account)]))
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
        let rewards = claims(at, gauge, *account, (streams, supply, stake.balance)).await?;
        if stake != GaugeStake::default() || !rewards.is_empty() {
            stakes.push(BalancerStakeState { account: Account(account.0), stake, rewards });
        }
    }
    Ok(stakes)
}

/// An account's part of the reward tokens, up to the last of which it has anything.
async fn claims(
    at: &AtBlock<'_>,
    gauge: Address,
    account: Address,
    (streams, supply, balance): (&[RewardStream], U256, U256),
) -> Result<Vec<RewardClaim>, SnapshotError> {
    const NAMES: [(&str, bool); 3] = [
        ("reward_integral_for(address,address)", true),
        ("claimable_reward(address,address)", false),
        ("claimed_reward(address,address)", false),
    ];
    let calls = streams.iter().flat_map(|stream| {
        let (token, user) = (address_word(Address(stream.token.0)), address_word(account));
        NAMES.map(|(name, token_first)| {
            let of = if token_first { [token, user] } else { [user, token] };
            ContractCall::new(gauge, name, &of)
        })
    });
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    let mut claims = Vec::new();
    for (stream, answers) in streams.iter().zip(answers.chunks_exact(NAMES.len())) {
        let [integral_for, claimable, claimed] = answers else { continue };
        let integral_for = integral_for.word(0)?;
        let since = integral_at(stream, supply, at.block().time)
            .and_then(|integral| integral.checked_sub(integral_for))
            .and_then(|growth| balance.checked_mul(growth))
            .and_then(|product| product.checked_div(U256::from(SCALE)));
        let stored = since.and_then(|since| claimable.word(0).ok()?.checked_sub(since));
        let bad = || claimable.value("claim", "what came since the last checkpoint, or more");
        claims.push(RewardClaim {
            integral_for,
            claimable: Amount(stored.ok_or_else(bad)?),
            claimed: Amount(claimed.word(0)?),
        });
    }
    let known = claims.iter().rposition(|claim| *claim != RewardClaim::default());
    claims.truncate(known.map_or(0, |place| place.saturating_add(1)));
    Ok(claims)
}

/// The integral of a reward token brought forward to now (`claimable_reward`).
fn integral_at(stream: &RewardStream, supply: U256, now: Timestamp) -> Option<U256> {
    if supply.is_zero() {
        return Some(stream.integral);
    }
    let until = now.min(stream.period_finish);
    let seconds = U256::from(until.0.checked_sub(stream.last_update.0)?);
    let paid = seconds.checked_mul(stream.rate)?.checked_mul(U256::from(SCALE))?;
    stream.integral.checked_add(paid.checked_div(supply)?)
}

async fn held(
    at: &AtBlock<'_>,
    gauge: Address,
    pool_token: Address,
    rewards: &[RewardStream],
) -> Result<Vec<HeldState>, SnapshotError> {
    let mut tokens: BTreeSet<Account> = rewards.iter().map(|stream| stream.token).collect();
    tokens.insert(Account(pool_token.0));
    let own = [address_word(gauge)];
    let ask = |token: &Account| ContractCall::new(Address(token.0), "balanceOf(address)", &own);
    let answers = at.calls(&tokens.iter().map(ask).collect::<Vec<_>>()).await?;
    let mut held = Vec::new();
    for (token, words) in tokens.into_iter().zip(&answers) {
        held.push(HeldState { token, amount: Amount(words.word(0)?) });
    }
    Ok(held)
}

async fn allowances(
    at: &AtBlock<'_>,
    gauge: &BalancerGaugeContract,
) -> Result<Vec<AllowanceState>, SnapshotError> {
    let pairs: BTreeSet<(Address, Address)> = gauge.allowances.iter().copied().collect();
    let ask = |(owner, spender): &(Address, Address)| {
        let of = [address_word(*owner), address_word(*spender)];
        ContractCall::new(gauge.address, "allowance(address,address)", &of)
    };
    let answers = at.calls(&pairs.iter().map(ask).collect::<Vec<_>>()).await?;
    let mut allowances = Vec::new();
    for ((owner, spender), words) in pairs.into_iter().zip(&answers) {
        let amount = Amount(words.word(0)?);
        if !amount.is_zero() {
            let (owner, spender) = (Account(owner.0), Account(spender.0));
            allowances.push(AllowanceState { owner, spender, amount });
        }
    }
    Ok(allowances)
}

async fn receivers(
    at: &AtBlock<'_>,
    gauge: Address,
    accounts: &[Address],
) -> Result<Vec<ReceiverState>, SnapshotError> {
    let ask = |account: &Address| {
        ContractCall::new(gauge, "rewards_receiver(address)", &[address_word(*account)])
    };
    let answers = at.calls(&accounts.iter().map(ask).collect::<Vec<_>>()).await?;
    let mut receivers = Vec::new();
    for (account, words) in accounts.iter().zip(&answers) {
        let receiver = words.address(0)?;
        if receiver != ZERO {
            let (account, receiver) = (Account(account.0), Account(receiver.0));
            receivers.push(ReceiverState { account, receiver });
        }
    }
    Ok(receivers)
}
