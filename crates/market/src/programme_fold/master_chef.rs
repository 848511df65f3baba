use tidemill_model::{Address, MasterChefLog};
use tidemill_rewards::master_chef::{Allocation, MasterChef, MasterChefError};
use tidemill_units::{Amount, BlockNumber};

use super::mismatch::Comparison;
use super::{Paid, ProgrammeMismatch, TokenTotal, account, address, total};

/// Makes the call behind a log, and compares what it paid and minted.
pub(super) fn apply(
    model: &mut MasterChef,
    log: &MasterChefLog,
    at: BlockNumber,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    let before = model.sushi_supply();
    let (paid, recorded) = call(model, log, at, with)?;
    if let Some((computed, recorded)) = paid {
        with.value("paid", computed, recorded)?;
    }
    if let Some(recorded) = recorded {
        // What there is of the token never falls.
        let minted = model.sushi_supply().checked_sub(before).unwrap_or_default();
        with.value("minted", minted, recorded)?;
    }
    let paid = paid.map(|(amount, _)| Paid { token: None, amount });
    Ok(paid.filter(|paid| !paid.amount.is_zero()))
}

/// What a call paid and what was recorded of that; what was recorded as minted.
type Answer = (Option<(Amount, Amount)>, Option<Amount>);

fn call(
    model: &mut MasterChef,
    log: &MasterChefLog,
    at: BlockNumber,
    with: Comparison,
) -> Result<Answer, ProgrammeMismatch> {
    let number =
        |pid: u64| usize::try_from(pid).map_err(|_| with.reverts()(MasterChefError::NoSuchPool));
    match *log {
        MasterChefLog::Deposit { user, pid, amount, paid, minted } => {
            let computed = model.deposit(account(user), number(pid)?, amount, at);
            let computed = computed.map_err(with.reverts())?;
            Ok((Some((computed, paid)), Some(minted)))
        }
        MasterChefLog::Withdraw { user, pid, amount, paid, minted } => {
            let computed = model.withdraw(account(user), number(pid)?, amount, at);
            let computed = computed.map_err(with.reverts())?;
            Ok((Some((computed, paid)), Some(minted)))
        }
        MasterChefLog::EmergencyWithdraw { user, pid, amount } => {
            let computed = model.emergency_withdraw(account(user), number(pid)?);
            with.value("amount", computed.map_err(with.reverts())?, amount)?;
            Ok((None, None))
        }
        MasterChefLog::PoolAdded { lp_token, alloc_point, with_update, minted } => {
            let allocation = Allocation { alloc_point, with_update };
            let owner = model.owner();
            let added = model.add(owner, account(lp_token), allocation, at);
            added.map(|_| (None, Some(minted))).map_err(with.reverts())
        }
        MasterChefLog::PoolSet { pid, alloc_point, with_update, minted } => {
            let allocation = Allocation { alloc_point, with_update };
            let owner = model.owner();
            let set = model.set(owner, number(pid)?, allocation, at);
            set.map(|()| (None, Some(minted))).map_err(with.reverts())
        }
        MasterChefLog::PoolUpdated { pid, minted } => {
            let updated = model.update_pool(number(pid)?, at);
            updated.map(|()| (None, Some(minted))).map_err(with.reverts())
        }
        MasterChefLog::PoolsUpdated { minted } => {
            let updated = model.mass_update_pools(at);
            updated.map(|()| (None, Some(minted))).map_err(with.reverts())
        }
        MasterChefLog::DevSet { dev } => {
            let set = model.set_dev(model.dev(), account(dev));
            set.map(|()| (None, None)).map_err(with.reverts())
        }
        MasterChefLog::Given { token, amount } => {
            let given = model.give(account(token), amount);
            given.map(|()| (None, None)).map_err(with.reverts())
        }
    }
}

/// The stakes of each pool; of a token with several pools, one after another.
pub(super) fn staked(model: &MasterChef) -> Vec<TokenTotal> {
    let users = model.state().users;
    let pools = model.pools().iter().enumerate();
    let staked = pools.map(|(pid, pool)| {
        let users = users.iter().filter(|staker| staker.pool == pid);
        let token: Address = address(pool.lp_token);
        TokenTotal { token: Some(token), amount: total(users.map(|staker| staker.user.amount)) }
    });
    staked.collect()
}

/// Everybody's claim on every pool; left out is one that no call could work out either.
pub(super) fn unclaimed(model: &MasterChef, at: BlockNumber) -> Vec<TokenTotal> {
    let users = model.state().users;
    let pending = users.iter().filter_map(|user| {
        let pending = model.pending_sushi(user.pool, user.account, at);
        pending.ok()
    });
    vec![TokenTotal { token: None, amount: total(pending) }]
}
