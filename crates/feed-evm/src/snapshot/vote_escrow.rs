use tidemill_model::Address;
use tidemill_rewards::vote_escrow::{EscrowParameters, EscrowPoint, LockedBalance};
use tidemill_rewards::vote_escrow::{LockerState, VoteEscrowState};
use tidemill_rewards::{Account, VoteEscrow, WEEK};
use tidemill_units::{BlockNumber, Timestamp, U256};

use super::abi::{ContractCall, Words, address_word};
use super::accounts::sorted;
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// A vote escrow, Curve's or Balancer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoteEscrowContract {
    /// The contract.
    pub address: Address,
    /// What is compiled into it; no function tells it.
    pub parameters: EscrowParameters,
    /// Everybody who ever locked: a contract cannot list them, its `Deposit` logs do.
    pub lockers: Vec<Address>,
}

const SECONDS: &str = "a time in 64 bits";
const I128: &str = "128 bits with their sign";
const HISTORY: &str = "point_history(uint256)";
const OF_USER: &str = "user_point_history(address,uint256)";

/// Reads an escrow with its whole history and its lockers' points.
///
/// Costs a call for each point of the total and of each locker, and for each week since the first
/// point and ahead as far as a lock can go.
///
/// Errors: `Reverted` and `Answer` for another contract, `Gauge` for values that do not go
/// together. A list that leaves out a locker shows as `Answer` to `supply()`.
pub async fn vote_escrow_state(
    at: &AtBlock<'_>,
    escrow: &VoteEscrowContract,
) -> Result<VoteEscrowState, SnapshotError> {
    let ask = |signature, words: &[U256]| ContractCall::new(escrow.address, signature, words);
    let answers = at.calls(&[ask("epoch()", &[]), ask("supply()", &[])]).await?;
    let [epoch, supply] = answers.as_slice() else {
        return Err(ask("epoch()", &[]).reverted("no answer".to_owned()));
    };
    let epoch: u64 = epoch.number(0, "0 or more")?;
    let calls: Vec<_> = (0..=epoch).map(|epoch| ask(HISTORY, &[U256::from(epoch)])).collect();
    let history = at.calls(&calls).await?.iter().map(point).collect::<Result<Vec<_>, _>>()?;
    let first = history.first().map_or(Timestamp(0), |point| point.at);
    let lockers = lockers(at, escrow).await?;
    let mut locked = lockers.iter().map(|locker| u128::try_from(locker.locked.amount).ok());
    let sum = locked.try_fold(U256::ZERO, |sum, amount| sum.checked_add(U256::from(amount?)));
    if sum != Some(supply.word(0)?) {
        return Err(supply.value("sum of locks", "that of the lockers named"));
    }
    let state = VoteEscrowState {
        maximum_lock: escrow.parameters.maximum_lock,
        searches_past: escrow.parameters.searches_past,
        slope_changes: slope_changes(at, escrow, first).await?,
        history,
        lockers,
    };
    VoteEscrow::new(&state)?;
    Ok(state)
}

fn point(words: &Words) -> Result<EscrowPoint, SnapshotError> {
    Ok(EscrowPoint {
        bias: words.wide_signed(0, I128)?,
        slope: words.wide_signed(1, I128)?,
        at: Timestamp(words.number(2, SECONDS)?),
        block: BlockNumber(words.number(3, "a height in 64 bits")?),
    })
}

/// What is due at the weeks from the first point to the last that a lock can end at.
async fn slope_changes(
    at: &AtBlock<'_>,
    escrow: &VoteEscrowContract,
    first: Timestamp,
) -> Result<Vec<(Timestamp, i128)>, SnapshotError> {
    let week = |time: u64| time.checked_div(WEEK).unwrap_or_default();
    let last = at.block().time.0.saturating_add(escrow.parameters.maximum_lock);
    let weeks = week(first.0)..=week(last);
    let times: Vec<u64> = weeks.map(|week| week.saturating_mul(WEEK)).collect();
    let ask = |time: &u64| {
        ContractCall::new(escrow.address, "slope_changes(uint256)", &[U256::from(*time)])
    };
    let answers = at.calls(&times.iter().map(ask).collect::<Vec<_>>()).await?;
    let mut changes = Vec::new();
    for (time, answer) in times.into_iter().zip(&answers) {
        let change = answer.wide_signed(0, I128)?;
        if change != 0 {
            changes.push((Timestamp(time), change));
        }
    }
    Ok(changes)
}

async fn lockers(
    at: &AtBlock<'_>,
    escrow: &VoteEscrowContract,
) -> Result<Vec<LockerState>, SnapshotError> {
    let accounts = sorted(&escrow.lockers);
    let names = ["locked(address)", "user_point_epoch(address)"];
    let calls = accounts.iter().flat_map(|account| {
        names.map(|name| ContractCall::new(escrow.address, name, &[address_word(*account)]))
    });
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    let mut lockers = Vec::new();
    let mut points = Vec::new();
    for (account, answers) in accounts.iter().zip(answers.chunks_exact(names.len())) {
        let [locked, epoch] = answers else { continue };
        let epoch: u64 = epoch.number(0, "0 or more")?;
        // Who never locked has no points, and is no locker.
        if epoch == 0 {
            continue;
        }
        let amount = locked.wide_signed(0, I128)?;
        let end = Timestamp(locked.number(1, SECONDS)?);
        let locked = LockedBalance { amount, end };
        lockers.push(LockerState { account: Account(account.0), locked, points: Vec::new() });
        points.extend((1..=epoch).map(|epoch| {
            let of = [address_word(*account), U256::from(epoch)];
            (lockers.len(), ContractCall::new(escrow.address, OF_USER, &of))
        }));
    }
    let calls: Vec<_> = points.iter().map(|(_, call)| call.clone()).collect();
    let answers = at.calls(&calls).await?;
    for ((place, _), words) in points.iter().zip(&answers) {
        if let Some(locker) = lockers.get_mut(place.saturating_sub(1)) {
            locker.points.push(point(words)?);
        }
    }
    Ok(lockers)
}
