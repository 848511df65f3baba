//! What of Aerodrome's calls is in no log, or in no log alone.

use tidemill_model::{AerodromeChoice, AerodromeLog, ProgrammeLog};
use tidemill_units::U256;

use super::aerodrome::{Before, Reader, Role, Votes, push};
use super::{Told, TransactionCall, at};
use crate::{DecodeError, DecodeFault};

/// Returns the lock that a call claims rewards of votes for.
pub(super) fn claimed_for(reader: &Reader, call: &TransactionCall) -> Option<u64> {
    match reader.role(call.to)? {
        Role::Voter
            if call.is("claimBribes(address[],address[][],uint256)")
                || call.is("claimFees(address[],address[][],uint256)") =>
        {
            call.small(2)
        }
        Role::Fees(_) | Role::Bribe(_) | Role::Free(_)
            if call.is("getReward(uint256,address[])") =>
        {
            call.small(0)
        }
        Role::Token | Role::Escrow | Role::Voter | Role::Minter | Role::Distributor => None,
        Role::Gauge(_) | Role::Fees(_) | Role::Bribe(_) | Role::Locked | Role::Free(_) => None,
    }
}

/// Tells the votes, and what a call did that logs nothing.
///
/// Errors: votes of no call that is known.
pub(super) fn called(
    reader: &Reader,
    call: Option<&TransactionCall>,
    before: &Before<'_>,
    all: &mut Told,
) -> Result<(), DecodeError> {
    let role = call.and_then(|call| reader.role(call.to));
    let known = call.filter(|_| role == Some(Role::Voter));
    let count = before.votes.len();
    for votes in &before.votes {
        let told = known.filter(|_| count == 1).and_then(|call| voted(reader, call, votes));
        let Some(told) = told else {
            let event = if votes.voted.is_empty() { "Abstained" } else { "Voted" };
            let detail = "which call it was, and what it asked for, is in the call alone";
            return Err(at(votes.log)(DecodeFault::Unplaced { event, detail }));
        };
        push(all, votes.log, told);
    }
    let (Some(call), Some(role)) = (call, role) else { return Ok(()) };
    for told in unlogged(reader, (call, role), before) {
        all.call(call, ProgrammeLog::Aerodrome(told));
    }
    Ok(())
}

fn voted(reader: &Reader, call: &TransactionCall, votes: &Votes<'_>) -> Option<AerodromeLog> {
    let token_id = call.small(0).filter(|token_id| *token_id == votes.token_id)?;
    let (abstained, voted) = (votes.abstained.clone(), votes.voted.clone());
    if call.is("vote(uint256,address[],uint256[])") {
        let (pools, weights) = (call.addresses(1)?, call.list(2)?);
        let choices = pools.into_iter().zip(weights).map(|(pool, weight)| {
            Some(AerodromeChoice { gauge: reader.gauge_of_pool(pool)?, weight })
        });
        let weights = choices.collect::<Option<Vec<_>>>()?;
        return Some(AerodromeLog::Voted { token_id, weights, abstained, voted });
    }
    if call.is("poke(uint256)") {
        return Some(AerodromeLog::Poked { token_id, abstained, voted });
    }
    let is_reset = call.is("reset(uint256)") && voted.is_empty();
    is_reset.then_some(AerodromeLog::Abstained { token_id, abstained })
}

/// What a call changed and did not log.
fn unlogged(
    reader: &Reader,
    (call, role): (&TransactionCall, Role),
    before: &Before<'_>,
) -> Vec<AerodromeLog> {
    let one = |told: Option<AerodromeLog>| told.into_iter().collect();
    match role {
        Role::Voter => by_voter(reader, call, before),
        Role::Escrow => one(by_escrow(call)),
        Role::Minter if call.is("setTeamRate(uint256)") => {
            let rate = call.small(0).and_then(|rate| u16::try_from(rate).ok());
            one(rate.map(|rate| AerodromeLog::TeamRateSet { rate }))
        }
        Role::Distributor => {
            let token_ids = if call.is("claim(uint256)") {
                call.word(0).map(|token_id| vec![token_id])
            } else if call.is("claimMany(uint256[])") {
                call.list(0)
            } else {
                None
            };
            let token_ids = token_ids.unwrap_or_default().into_iter();
            let token_ids = token_ids.filter_map(|token_id| u64::try_from(token_id).ok());
            let unpaid = token_ids.filter(|token_id| !before.rebased.contains(token_id));
            unpaid.map(|token_id| AerodromeLog::RebaseCheckpointed { token_id }).collect()
        }
        Role::Gauge(gauge) if call.is("getReward(address)") && !before.paid.contains(&gauge) => {
            let from = call.address(0);
            one(from.map(|from| AerodromeLog::GaugeCheckpointed { gauge, from }))
        }
        Role::Token | Role::Minter | Role::Gauge(_) | Role::Fees(_) => Vec::new(),
        Role::Bribe(_) | Role::Locked | Role::Free(_) => Vec::new(),
    }
}

fn by_escrow(call: &TransactionCall) -> Option<AerodromeLog> {
    if call.is("checkpoint()") {
        return Some(AerodromeLog::EscrowCheckpointed {});
    }
    if call.is("toggleSplit(address,bool)") {
        let account = call.address(0)?;
        let account = (account != tidemill_model::Address::default()).then_some(account);
        return Some(AerodromeLog::SplitToggled { account, is_allowed: call.small(1)? == 1 });
    }
    if call.is("setManagedState(uint256,bool)") {
        let (m_token_id, is_deactivated) = (call.small(0)?, call.small(1)? == 1);
        return Some(AerodromeLog::ManagedStateSet { m_token_id, is_deactivated });
    }
    None
}

fn by_voter(reader: &Reader, call: &TransactionCall, before: &Before<'_>) -> Vec<AerodromeLog> {
    if call.is("setMaxVotingNum(uint256)") {
        let most = call.small(0).and_then(|most| u32::try_from(most).ok());
        let set = |max_voting_num| AerodromeLog::MaxVotingNumSet { max_voting_num };
        return most.map(set).into_iter().collect();
    }
    if call.is("vote(uint256,address[],uint256[])") && before.votes.is_empty() {
        let told = call.small(0).map(|token_id| AerodromeLog::VotedForNothing { token_id });
        return told.into_iter().collect();
    }
    let gauges = |addresses: Option<Vec<_>>| -> Vec<u32> {
        let each = addresses.unwrap_or_default().into_iter();
        each.filter_map(|address| match reader.role(address) {
            Some(Role::Gauge(gauge)) => Some(gauge),
            Some(_) | None => None,
        })
        .collect()
    };
    if call.is("claimRewards(address[])") {
        let unpaid = gauges(call.addresses(0)).into_iter();
        let unpaid = unpaid.filter(|gauge| !before.paid.contains(gauge));
        let told = |gauge| AerodromeLog::GaugeCheckpointed { gauge, from: call.from };
        return unpaid.map(told).collect();
    }
    let updated = if call.is("updateFor(address[])") || call.is("distribute(address[])") {
        gauges(call.addresses(0))
    } else if call.is("updateFor(address)") {
        gauges(call.address(0).map(|gauge| vec![gauge]))
    } else if call.is("updateFor(uint256,uint256)") || call.is("distribute(uint256,uint256)") {
        // Past the last pool the call reverts.
        let most = U256::from(reader.gauge_count());
        let [from, to] = [0, 1].map(|index| call.word(index).unwrap_or_default().min(most));
        (from.saturating_to()..to.saturating_to()).collect()
    } else {
        Vec::new()
    };
    let updated = updated.into_iter().filter(|gauge| !before.distributed.contains(gauge));
    updated.map(|gauge| AerodromeLog::GaugeUpdated { gauge }).collect()
}
