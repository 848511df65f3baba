//! Locks and what they are paid: vote escrows and Balancer's fee distributor.

use tidemill_rewards::fee_distributor::FeeDistributor;
use tidemill_rewards::vote_escrow::VoteEscrow;
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, Timestamp};

use super::entry::{Earnings, Entry, Times};

/// A lock earns votes, and can be withdrawn when it has ended.
pub(super) fn vote_escrow(escrow: &VoteEscrow, times: Times) -> Result<Earnings, String> {
    let mut earnings = Earnings::default();
    let votes = |account: Account, at: u64| {
        let votes = escrow.balance_of(account, Timestamp(at));
        votes.map_err(|error| format!("{account}: {error}"))
    };
    for locker in escrow.state().lockers {
        let account = locker.account;
        // No lock holds less than nothing.
        let locked = u128::try_from(locker.locked.amount).unwrap_or_default();
        let locked = Amount::from_u128(locked);
        let end = locker.locked.end.0;
        let entry = Entry::account(account, "all")
            .with("staked", locked)
            .with("period_finish", end)
            .with("votes", votes(account, times.at)?);
        let entry = match times.until {
            Some(until) => entry.with("votes_until", votes(account, until)?),
            None => entry,
        };
        let ended = |at| Ok::<_, String>(if at >= end { locked } else { Amount::ZERO });
        earnings.accounts.push(entry.claimable(times, ended)?);
    }
    let supply = escrow.total_supply(times.now()).map_err(|error| error.to_string())?;
    let stream = Entry::stream("all").with("staked", escrow.locked_supply());
    earnings.streams.push(stream.with("votes", supply));
    Ok(earnings)
}

/// A claim first brings supply and balances up to the time, of at most twenty weeks.
pub(super) fn fee_distributor(
    fees: &FeeDistributor,
    escrow: &VoteEscrow,
    times: Times,
) -> Result<Earnings, String> {
    let state = fees.state();
    // No answer depends on the block: weeks are times.
    let block = escrow.history().last().map(|point| point.block).unwrap_or_default();
    let mut earnings = Earnings::default();
    for token in &state.tokens {
        earnings.streams.push(
            Entry::stream(format!("token {}", token.token))
                .with("held", token.balance)
                .with("not_shared_out", not_shared_out(token.balance, token.cached_balance))
                .with("shared_out_to", token.time_cursor),
        );
    }
    let mut users: Vec<Account> = state.users.iter().map(|user| user.user).collect();
    users.extend(escrow.state().lockers.iter().map(|locker| locker.account));
    users.sort_unstable();
    users.dedup();
    for user in users {
        for token in &state.tokens {
            let entry = Entry::account(user, format!("token {}", token.token));
            let entry = entry.with_optional("staked", locked(escrow, user));
            let claimable = |at| {
                let now = Moment { at: Timestamp(at), block };
                fees.claimable(user, token.token, escrow, now)
            };
            earnings.accounts.push(entry.claimable(times, claimable)?);
        }
    }
    Ok(earnings)
}

fn not_shared_out(balance: Amount, cached: Amount) -> Amount {
    balance.checked_sub(cached).unwrap_or_default()
}

fn locked(escrow: &VoteEscrow, user: Account) -> Option<u128> {
    u128::try_from(escrow.locked(user).amount).ok()
}
