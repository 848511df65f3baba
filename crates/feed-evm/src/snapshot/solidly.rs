use std::collections::BTreeMap;

use tidemill_amm::solidly::{SolidlyBuild, SolidlyHolder, SolidlyPool, SolidlyState};
use tidemill_model::Address;
use tidemill_units::{Amount, Timestamp, U256};

use super::abi::{ContractCall, Words, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// A pair of Solidly or of those after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolidlyContract {
    /// The pool.
    pub address: Address,
    /// Whose contract it is, and how its fee is known.
    pub fee: SolidlyFee,
    /// Holders that are told apart: a contract cannot list them, its `Transfer` logs do. All
    /// others are read as one.
    pub accounts: Vec<Address>,
}

/// Where a pool's fee is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SolidlyFee {
    /// Compiled into the pairs of Solidly and its first forks, in ten-thousandths; no function
    /// tells it.
    Solidly(u32),
    /// With the factory, as Velodrome v2 and Aerodrome have it.
    Velodrome2,
}

const ZERO: Address = Address([0; 20]);
/// Whose the first shares are in Velodrome v2: its token refuses the zero address.
const ONE: Address = Address([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
const MOST_DECIMALS: u8 = 77;
/// Words that a holder is read from.
const OF_HOLDER: [&str; 5] = [
    "balanceOf(address)",
    "supplyIndex0(address)",
    "supplyIndex1(address)",
    "claimable0(address)",
    "claimable1(address)",
];

impl SolidlyFee {
    fn build(self) -> SolidlyBuild {
        match self {
            Self::Solidly(_) => SolidlyBuild::Solidly,
            Self::Velodrome2 => SolidlyBuild::Velodrome2,
        }
    }

    fn locked(self) -> Address {
        match self {
            Self::Solidly(_) => ZERO,
            Self::Velodrome2 => ONE,
        }
    }

    fn fees_contract(self) -> &'static str {
        match self {
            Self::Solidly(_) => "fees()",
            Self::Velodrome2 => "poolFees()",
        }
    }
}

/// Reads a pool with what it has set apart for those who provide. What nobody of the holders told
/// apart can claim, the others can, together: the dust of roundings is among it.
///
/// Errors: `Reverted` and `Answer` for another contract, `Answer` where those told apart hold or
/// can claim more than there is, `State` for values that do not go together.
pub async fn solidly_state(
    at: &AtBlock<'_>,
    pool: &SolidlyContract,
) -> Result<SolidlyState, SnapshotError> {
    let plain = |signature| ContractCall::new(pool.address, signature, &[]);
    let names = [
        "metadata()",
        "getReserves()",
        "reserve0CumulativeLast()",
        "reserve1CumulativeLast()",
        "index0()",
        "index1()",
        "totalSupply()",
        pool.fee.fees_contract(),
    ];
    let answers = at.calls(&names.map(plain)).await?;
    let [metadata, reserves, cumulative0, cumulative1, index0, index1, supply, fees] =
        answers.as_slice()
    else {
        return Err(plain("metadata()").reverted("no answer".to_owned()));
    };
    let is_stable = metadata.flag(4)?;
    let (token0, token1) = (metadata.address(5)?, metadata.address(6)?);
    let balance = |token, of| ContractCall::new(token, "balanceOf(address)", &[address_word(of)]);
    let apart = fees.address(0)?;
    let answers = at
        .calls(&[
            balance(token0, pool.address),
            balance(token1, pool.address),
            balance(token0, apart),
            balance(token1, apart),
        ])
        .await?;
    let [balance0, balance1, fees0, fees1] = answers.as_slice() else {
        return Err(plain("metadata()").reverted("no answer".to_owned()));
    };
    let holders = holders(at, pool).await?;
    let mut state = SolidlyState {
        build: pool.fee.build(),
        is_stable,
        fee: fee(at, pool, is_stable).await?,
        decimals0: decimals(metadata, 0)?,
        decimals1: decimals(metadata, 1)?,
        reserve0: Amount(reserves.word(0)?),
        reserve1: Amount(reserves.word(1)?),
        balance0: Amount(balance0.word(0)?),
        balance1: Amount(balance1.word(0)?),
        block_timestamp_last: Timestamp(reserves.number(2, "a time in 64 bits")?),
        reserve0_cumulative_last: cumulative0.word(0)?,
        reserve1_cumulative_last: cumulative1.word(0)?,
        index0: index0.word(0)?,
        index1: index1.word(0)?,
        fees0: Amount(fees0.word(0)?),
        fees1: Amount(fees1.word(0)?),
        locked: holders.locked,
        unburned: holders.unburned,
        others: SolidlyHolder::default(),
        accounts: holders.accounts,
    };
    state.others = others(&state, Amount(supply.word(0)?))
        .ok_or_else(|| supply.value("number of shares", "what the holders have, or more"))?;
    SolidlyPool::new(&state)?;
    Ok(state)
}

/// A token's decimals, of which the pool keeps the power of ten.
fn decimals(metadata: &Words, index: usize) -> Result<u8, SnapshotError> {
    let unit = metadata.word(index)?;
    let ten = U256::from(10);
    (0..=MOST_DECIMALS)
        .find(|decimals| ten.checked_pow(U256::from(*decimals)) == Some(unit))
        .ok_or_else(|| metadata.value("unit of a token", "a power of ten"))
}

async fn fee(
    at: &AtBlock<'_>,
    pool: &SolidlyContract,
    is_stable: bool,
) -> Result<u32, SnapshotError> {
    match pool.fee {
        SolidlyFee::Solidly(fee) => Ok(fee),
        SolidlyFee::Velodrome2 => {
            let factory = at.call(&ContractCall::new(pool.address, "factory()", &[])).await?;
            let of = [address_word(pool.address), U256::from(is_stable)];
            let fee = ContractCall::new(factory.address(0)?, "getFee(address,bool)", &of);
            at.call(&fee).await?.number(0, "ten-thousandths in 32 bits")
        }
    }
}

struct Holders {
    locked: SolidlyHolder,
    unburned: SolidlyHolder,
    accounts: BTreeMap<[u8; 20], SolidlyHolder>,
}

async fn holders(at: &AtBlock<'_>, pool: &SolidlyContract) -> Result<Holders, SnapshotError> {
    let (locked, own) = (pool.fee.locked(), pool.address);
    let mut accounts = vec![locked, own];
    accounts.extend(pool.accounts.iter().filter(|account| **account != locked && **account != own));
    let calls = accounts.iter().flat_map(|account| {
        OF_HOLDER.map(|name| ContractCall::new(own, name, &[address_word(*account)]))
    });
    let answers = at.calls(&calls.collect::<Vec<_>>()).await?;
    let mut holders = Holders {
        locked: SolidlyHolder::default(),
        unburned: SolidlyHolder::default(),
        accounts: BTreeMap::new(),
    };
    for (account, answers) in accounts.into_iter().zip(answers.chunks_exact(OF_HOLDER.len())) {
        let [shares, supply_index0, supply_index1, claimable0, claimable1] = answers else {
            continue;
        };
        let holder = SolidlyHolder {
            shares: Amount(shares.word(0)?),
            supply_index0: supply_index0.word(0)?,
            supply_index1: supply_index1.word(0)?,
            claimable0: Amount(claimable0.word(0)?),
            claimable1: Amount(claimable1.word(0)?),
        };
        if account == locked {
            holders.locked = holder;
        } else if account == own {
            holders.unburned = holder;
        } else if holder != SolidlyHolder::default() {
            holders.accounts.insert(account.0, holder);
        }
    }
    Ok(holders)
}

/// The rest of the shares, and the rest of what was set apart, as of now.
fn others(state: &SolidlyState, supply: Amount) -> Option<SolidlyHolder> {
    let told = state.accounts.values().chain([&state.locked, &state.unburned]);
    let mut others = SolidlyHolder {
        shares: supply,
        supply_index0: state.index0,
        supply_index1: state.index1,
        claimable0: state.fees0,
        claimable1: state.fees1,
    };
    for holder in told {
        others.shares = others.shares.checked_sub(holder.shares)?;
        let earned0 = earned(holder, state.index0.checked_sub(holder.supply_index0)?)?;
        let earned1 = earned(holder, state.index1.checked_sub(holder.supply_index1)?)?;
        let claims0 = holder.claimable0.checked_add(earned0)?;
        let claims1 = holder.claimable1.checked_add(earned1)?;
        others.claimable0 = others.claimable0.checked_sub(claims0)?;
        others.claimable1 = others.claimable1.checked_sub(claims1)?;
    }
    // Where all are told apart there is nobody left, and the dust is nobody's.
    Some(if others.shares.is_zero() { SolidlyHolder::default() } else { others })
}

/// What an index that has grown by so much brings (`_updateFor`).
fn earned(holder: &SolidlyHolder, growth: U256) -> Option<Amount> {
    let product = holder.shares.0.checked_mul(growth)?;
    product.checked_div(U256::from(1_000_000_000_000_000_000_u64)).map(Amount)
}

#[cfg(test)]
mod tests;
