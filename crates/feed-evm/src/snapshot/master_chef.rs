use std::collections::BTreeSet;

use tidemill_model::Address;
use tidemill_rewards::Account;
use tidemill_rewards::master_chef::{
    ChefPool, ChefTokenBalance, ChefUser, ChefUserState, MasterChef, MasterChefState,
};
use tidemill_units::{Amount, BlockNumber, U256};

use super::abi::{ContractCall, address_word};
use super::accounts::sorted;
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// SushiSwap's MasterChef.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterChefContract {
    /// The contract.
    pub address: Address,
    /// Everybody who ever staked: a contract cannot list them, its `Deposit` logs do.
    pub stakers: Vec<Address>,
}

const HEIGHT: &str = "a height in 64 bits";
/// More than any chef has had; a number beyond is no chef's.
const MOST_POOLS: u64 = 65_536;

/// Reads a chef with its pools and stakers.
///
/// Costs a call for each pool, and for each staker in each pool.
///
/// Errors: `Reverted` and `Answer` for another contract, `MasterChef` for values that do not go
/// together. A staker who is left out shows in nothing: the chef counts no sum of its stakes.
pub async fn master_chef_state(
    at: &AtBlock<'_>,
    chef: &MasterChefContract,
) -> Result<MasterChefState, SnapshotError> {
    let plain = |signature| ContractCall::new(chef.address, signature, &[]);
    let names = [
        "owner()",
        "devaddr()",
        "sushi()",
        "sushiPerBlock()",
        "startBlock()",
        "bonusEndBlock()",
        "poolLength()",
    ];
    let answers = at.calls(&names.map(plain)).await?;
    let [owner, dev, sushi, per_block, start, bonus_end, count] = answers.as_slice() else {
        return Err(plain("sushi()").reverted("no answer".to_owned()));
    };
    let sushi = sushi.address(0)?;
    let told = count.number(0, "at most 65536")?;
    if told > MOST_POOLS {
        return Err(count.value("number of pools", "at most 65536"));
    }
    let pools = pools(at, chef.address, told).await?;
    let own = [address_word(chef.address)];
    let balance = |token| ContractCall::new(token, "balanceOf(address)", &own);
    let supply = ContractCall::new(sushi, "totalSupply()", &[]);
    let answers = at.calls(&[supply, balance(sushi)]).await?;
    let [supply, held] = answers.as_slice() else {
        return Err(plain("sushi()").reverted("no answer".to_owned()));
    };
    let staked = pools.iter().map(|pool| pool.lp_token);
    let staked: BTreeSet<Account> = staked.filter(|token| token.0 != sushi.0).collect();
    let calls = staked.iter().map(|token| balance(Address(token.0)));
    let balances = at.calls(&calls.collect::<Vec<_>>()).await?;
    let mut lp_balances = Vec::new();
    for (token, balance) in staked.into_iter().zip(&balances) {
        let balance = Amount(balance.word(0)?);
        if !balance.is_zero() {
            lp_balances.push(ChefTokenBalance { token, balance });
        }
    }
    let state = MasterChefState {
        address: Account(chef.address.0),
        owner: Account(owner.address(0)?.0),
        dev: Account(dev.address(0)?.0),
        sushi_token: Account(sushi.0),
        sushi_per_block: Amount(per_block.word(0)?),
        start_block: BlockNumber(start.number(0, HEIGHT)?),
        bonus_end_block: BlockNumber(bonus_end.number(0, HEIGHT)?),
        sushi_supply: Amount(supply.word(0)?),
        sushi_balance: Amount(held.word(0)?),
        lp_balances,
        users: users(at, chef, pools.len()).await?,
        pools,
    };
    MasterChef::new(&state)?;
    Ok(state)
}

async fn pools(
    at: &AtBlock<'_>,
    chef: Address,
    count: u64,
) -> Result<Vec<ChefPool>, SnapshotError> {
    let ask = |number| ContractCall::new(chef, "poolInfo(uint256)", &[U256::from(number)]);
    let answers = at.calls(&(0..count).map(ask).collect::<Vec<_>>()).await?;
    let mut pools = Vec::new();
    for words in &answers {
        pools.push(ChefPool {
            lp_token: Account(words.address(0)?.0),
            alloc_point: words.word(1)?,
            last_reward_block: BlockNumber(words.number(2, HEIGHT)?),
            acc_sushi_per_share: words.word(3)?,
        });
    }
    Ok(pools)
}

async fn users(
    at: &AtBlock<'_>,
    chef: &MasterChefContract,
    pools: usize,
) -> Result<Vec<ChefUserState>, SnapshotError> {
    let accounts = sorted(&chef.stakers);
    let mut users = Vec::new();
    for pool in 0..pools {
        let ask = |account: &Address| {
            let of = [U256::from(pool), address_word(*account)];
            ContractCall::new(chef.address, "userInfo(uint256,address)", &of)
        };
        let answers = at.calls(&accounts.iter().map(ask).collect::<Vec<_>>()).await?;
        for (account, words) in accounts.iter().zip(&answers) {
            let user = ChefUser { amount: Amount(words.word(0)?), reward_debt: words.word(1)? };
            // Who left, or never was, is to the chef the same.
            if user != ChefUser::default() {
                users.push(ChefUserState { pool, account: Account(account.0), user });
            }
        }
    }
    Ok(users)
}
