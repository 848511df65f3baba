use std::collections::BTreeMap;

use tidemill_amm::constant_product::{Pair, PairParameters, PairState};
use tidemill_model::Address;
use tidemill_units::{Amount, U256};

use super::abi::{ContractCall, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// A pair of Uniswap v2 or a fork of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairPool {
    /// The pair.
    pub address: Address,
    /// What the fork compiles into its pairs; no function tells it.
    pub parameters: PairParameters,
}

const ZERO: Address = Address([0; 20]);

/// Reads a pair. Of its shares those are told apart that the contract itself treats apart: those
/// of the zero address, of the pair, and of whom the protocol's share goes to.
///
/// Errors: `Reverted` and `Answer` for another contract, `State` for values that do not go
/// together.
pub async fn pair_state(at: &AtBlock<'_>, pool: PairPool) -> Result<PairState, SnapshotError> {
    let pair = pool.address;
    let plain = |signature| ContractCall::new(pair, signature, &[]);
    let balance = |token, of| ContractCall::new(token, "balanceOf(address)", &[address_word(of)]);
    let first = at
        .calls(&[
            plain("getReserves()"),
            plain("price0CumulativeLast()"),
            plain("price1CumulativeLast()"),
            plain("kLast()"),
            plain("totalSupply()"),
            plain("token0()"),
            plain("token1()"),
            plain("factory()"),
            balance(pair, ZERO),
            balance(pair, pair),
        ])
        .await?;
    let [reserves, price0, price1, k_last, supply, token0, token1, factory, locked, unburned] =
        first.as_slice()
    else {
        return Err(plain("getReserves()").reverted("no answer".to_owned()));
    };
    let second = at
        .calls(&[
            balance(token0.address(0)?, pair),
            balance(token1.address(0)?, pair),
            ContractCall::new(factory.address(0)?, "feeTo()", &[]),
        ])
        .await?;
    let [balance0, balance1, fee_to] = second.as_slice() else {
        return Err(plain("token0()").reverted("no answer".to_owned()));
    };
    let fee_to = Some(fee_to.address(0)?).filter(|account| *account != ZERO);
    let mut shares = BTreeMap::new();
    if let Some(account) = fee_to {
        let held = Amount(at.call(&balance(pair, account)).await?.word(0)?);
        if held.0 > U256::ZERO && account != pair {
            shares.insert(account.0, held);
        }
    }
    // The parameters are in the state that an empty pair of them has.
    let empty = Pair::empty(pool.parameters).state();
    let state = PairState {
        fee_to: fee_to.map(|account| account.0),
        reserve0: Amount(reserves.word(0)?),
        reserve1: Amount(reserves.word(1)?),
        balance0: Amount(balance0.word(0)?),
        balance1: Amount(balance1.word(0)?),
        block_timestamp_last: reserves.number(2, "32 bits")?,
        price0_cumulative_last: price0.word(0)?,
        price1_cumulative_last: price1.word(0)?,
        k_last: k_last.word(0)?,
        total_supply: Amount(supply.word(0)?),
        locked_shares: Amount(locked.word(0)?),
        unburned_shares: Amount(unburned.word(0)?),
        shares,
        ..empty
    };
    Pair::new(&state)?;
    Ok(state)
}
