//! Proof of stake: delegations, and shares of pools and vaults.

use tidemill_rewards::liquid_staking::{Claim, LiquidStaking, RateToken, Vault};
use tidemill_rewards::validator_staking::{Block, Decimal, Staking};
use tidemill_units::{Amount, U256};

use super::entry::{Earnings, Entry, Times};

/// Rewards are allocated, not streamed: what can be withdrawn does not change by itself.
pub(super) fn validator_staking(staking: &Staking, times: Times) -> Result<Earnings, String> {
    let state = staking.state();
    // Later than any slash that the state tells of.
    let at = Block { height: u64::MAX, time: times.now() };
    let mut earnings = Earnings::default();
    for of in &state.validators {
        earnings.streams.push(
            Entry::stream(format!("validator {}", of.operator))
                .with("staked", of.tokens)
                .with("commission_rate", of.commission_rate.0)
                .with("held", of.outstanding.whole())
                .with("commission", of.commission.whole()),
        );
    }
    let pool = Entry::stream("all").with("held", staking.held().whole());
    earnings.streams.push(pool.with("unallocated", staking.community_pool().whole()));
    for of in &state.delegations {
        let place = format!("validator {}", of.validator);
        let said = |error: tidemill_rewards::validator_staking::StakingError| {
            format!("{}, {place}: {error}", of.delegator)
        };
        let Some(validator) = staking.validator(of.validator) else { continue };
        let staked = match validator.shares.is_zero() {
            true => Amount::ZERO,
            false => staking.tokens_of(of.delegator, of.validator).map_err(said)?,
        };
        let rewards = match of.shares.is_zero() {
            true => Decimal::ZERO,
            false => staking.rewards_of(of.delegator, of.validator, at).map_err(said)?,
        };
        let entry = Entry::account(of.delegator, &place).with("staked", staked);
        let whole = |_| Ok::<_, String>(rewards.whole());
        earnings.accounts.push(entry.claimable(times, whole)?);
    }
    for of in &state.unbondings {
        for entry in &of.entries {
            let place = format!("unbonding from {}", of.validator);
            let due = |at| {
                let is_due = at >= entry.completes_at.0;
                Ok::<_, String>(if is_due { entry.balance } else { Amount::ZERO })
            };
            let row = Entry::account(of.delegator, place).with("staked", entry.balance);
            let row = row.with("period_finish", entry.completes_at.0);
            earnings.accounts.push(row.claimable(times, due)?);
        }
    }
    Ok(earnings)
}

pub(super) fn liquid_staking(pool: &LiquidStaking, times: Times) -> Result<Earnings, String> {
    let state = pool.state();
    let mut earnings = Earnings::default();
    let pooled = pool.total_pooled().map_err(|error| error.to_string())?;
    earnings.streams.push(
        Entry::stream("all")
            .with("staked", pooled)
            .with("shares", pool.total_shares())
            .with("unfinalized", pool.unfinalized())
            .with("locked", state.locked),
    );
    for (holder, shares) in &state.shares {
        let worth = pool.pooled_by_shares(*shares).map_err(|error| error.to_string())?;
        let entry = Entry::account(*holder, "all").with("staked", worth);
        earnings.accounts.push(entry.with("shares", shares));
    }
    for (holder, tokens) in &state.wrapped {
        let worth = pool.pooled_by_shares(*tokens).map_err(|error| error.to_string())?;
        let entry = Entry::account(*holder, "wrapped").with("staked", worth);
        earnings.accounts.push(entry.with("shares", tokens));
    }
    // Each is claimed of a copy: what one is paid does not depend on the others.
    let mut claimed = pool.clone();
    for (id, request) in (1..).zip(&state.requests) {
        if request.is_claimed {
            continue;
        }
        let claim = Claim { request: id, owner: request.owner };
        // Not final, or without its ether: nothing can be claimed yet.
        let paid = claimed.claim(claim).unwrap_or_default();
        let entry = Entry::account(request.owner, format!("request {id}"));
        earnings.accounts.push(entry.claimable(times, |_| Ok::<_, String>(paid))?);
    }
    Ok(earnings)
}

pub(super) fn rate_token(token: &RateToken) -> Result<Earnings, String> {
    let mut earnings = Earnings::default();
    earnings.streams.push(
        Entry::stream("all")
            .with("staked", token.reported_balance)
            .with("shares", token.reported_supply)
            .with("collateral", token.collateral),
    );
    for (holder, tokens) in &token.tokens {
        let worth = token.value(*tokens).map_err(|error| format!("{holder}: {error}"))?;
        let entry = Entry::account(*holder, "all").with("staked", worth);
        earnings.accounts.push(entry.with("shares", tokens));
    }
    Ok(earnings)
}

pub(super) fn vault(vault: &Vault) -> Result<Earnings, String> {
    let mut earnings = Earnings::default();
    let shares = vault.total_shares().map(|shares| shares.0).unwrap_or(U256::MAX);
    let stream = Entry::stream("all").with("staked", vault.assets).with("shares", shares);
    earnings.streams.push(stream);
    for (holder, shares) in &vault.shares {
        let worth = vault.convert_to_assets(*shares);
        let worth = worth.map_err(|error| format!("{holder}: {error}"))?;
        let entry = Entry::account(*holder, "all").with("staked", worth);
        earnings.accounts.push(entry.with("shares", shares));
    }
    Ok(earnings)
}
