use tidemill_amm::StateError;
use tidemill_amm::stable_swap::Generation;
use tidemill_amm::stable_swap_meta::{StableSwapMeta, StableSwapMetaState};
use tidemill_model::Address;
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::abi::{ContractCall, Words, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;
use super::stable_swap::{StableSwapPool, stable_swap_state};

/// A metapool of Curve's factory, over the 3pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StableSwapMetaPool {
    /// The pool, which is its share token too.
    pub address: Address,
    /// The base pool.
    pub base: StableSwapPool,
    /// Whether it was made before the factory: of such a pool no function tells whether it is
    /// killed and until when it can be, and builds differ in where they keep it. It is refused.
    pub is_before_factory: bool,
}

const COINS: usize = 2;
const SECONDS: &str = "a time in 64 bits";
const U64: &str = "64 bits";
const BEFORE_FACTORY: &str = "whether it is killed and until when it can be, as a metapool of \
                              before the factory, whose builds keep it in different places";

/// Reads a metapool with its base pool.
///
/// Errors: `Reverted` and `Answer` for another contract, or another base pool; `Untold` for a pool
/// from before the factory; `State` for values that do not go together.
pub async fn stable_swap_meta_state(
    at: &AtBlock<'_>,
    pool: StableSwapMetaPool,
) -> Result<StableSwapMetaState, SnapshotError> {
    if pool.is_before_factory {
        return Err(SnapshotError::Untold { contract: pool.address, what: BEFORE_FACTORY });
    }
    let plain = |signature| ContractCall::new(pool.address, signature, &[]);
    let names = [
        "totalSupply()",
        "fee()",
        "initial_A()",
        "future_A()",
        "initial_A_time()",
        "future_A_time()",
        "get_previous_balances()",
        "get_price_cumulative_last()",
        "block_timestamp_last()",
    ];
    let answers = at.calls(&names.map(plain)).await?;
    let [supply, fee, from, to, starts, ends, previous, cumulative, written] = answers.as_slice()
    else {
        return Err(plain("fee()").reverted("no answer".to_owned()));
    };
    let coins = coins(at, pool).await?;
    let state = StableSwapMetaState {
        base: stable_swap_state(at, StableSwapPool { generation: Generation::V1, ..pool.base })
            .await?,
        before_factory: None,
        rate_multiplier: coins.rate_multiplier,
        balances: both("balances", coins.balances)?,
        admin_balances: both("admin_balances", coins.admin)?,
        total_supply: Amount(supply.word(0)?),
        initial_a: from.number(0, U64)?,
        future_a: to.number(0, U64)?,
        initial_a_time: Timestamp(starts.number(0, SECONDS)?),
        future_a_time: Timestamp(ends.number(0, SECONDS)?),
        fee: fee.number(0, U64)?,
        previous_balances: two_words("previous_balances", previous)?,
        price_cumulative_last: two_words("price_cumulative_last", cumulative)?,
        block_timestamp_last: Timestamp(written.number(0, SECONDS)?),
    };
    StableSwapMeta::new(&state)?;
    Ok(state)
}

fn both(name: &'static str, amounts: [Amount; COINS]) -> Result<TokenAmounts, SnapshotError> {
    Ok(TokenAmounts::new(&amounts).ok_or(StateError::of(name, "two amounts"))?)
}

fn two_words(name: &'static str, words: &Words) -> Result<TokenAmounts, SnapshotError> {
    both(name, [Amount(words.word(0)?), Amount(words.word(1)?)])
}

struct Coins {
    rate_multiplier: U256,
    balances: [Amount; COINS],
    admin: [Amount; COINS],
}

async fn coins(at: &AtBlock<'_>, pool: StableSwapMetaPool) -> Result<Coins, SnapshotError> {
    let ask = |name, place: u8| ContractCall::new(pool.address, name, &[U256::from(place)]);
    let answers = at
        .calls(&[
            ask("coins(uint256)", 0),
            ask("coins(uint256)", 1),
            ask("balances(uint256)", 0),
            ask("balances(uint256)", 1),
        ])
        .await?;
    let [coin, shares, balance0, balance1] = answers.as_slice() else {
        return Err(ask("coins(uint256)", 0).reverted("no answer".to_owned()));
    };
    if shares.address(0)? != pool.base.shares {
        return Err(shares.value("second coin", "the base pool's shares"));
    }
    let own = [address_word(pool.address)];
    let balance = |token| ContractCall::new(token, "balanceOf(address)", &own);
    let coin = coin.address(0)?;
    let decimals = ContractCall::new(coin, "decimals()", &[]);
    let answers = at.calls(&[balance(coin), balance(pool.base.shares), decimals]).await?;
    let [held0, held1, decimals] = answers.as_slice() else {
        return Err(ask("coins(uint256)", 0).reverted("no answer".to_owned()));
    };
    let rest = |held: &Words, balance: &Words| {
        let rest = Amount(held.word(0)?).checked_sub(Amount(balance.word(0)?));
        rest.ok_or_else(|| held.value("balance", "what the pool counts, or more"))
    };
    let digits = 36_u64.checked_sub(decimals.number(0, "0 to 18")?);
    let bad = || decimals.value("number of decimals", "0 to 18");
    let digits = digits.filter(|digits| *digits >= 18).ok_or_else(bad)?;
    Ok(Coins {
        rate_multiplier: U256::from(10).checked_pow(U256::from(digits)).ok_or_else(bad)?,
        balances: [Amount(balance0.word(0)?), Amount(balance1.word(0)?)],
        admin: [rest(held0, balance0)?, rest(held1, balance1)?],
    })
}

#[cfg(test)]
mod tests;
