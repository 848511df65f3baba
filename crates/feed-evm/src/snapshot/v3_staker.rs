use std::collections::{BTreeMap, BTreeSet};

use tidemill_model::Address;
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{
    DepositState, IncentiveKey, IncentiveState, RewardState, StakeState, TokenId, V3Staker,
    V3StakerState,
};
use tidemill_units::{Amount, Liquidity, Tick, TickRange, U256};

use super::abi::{ContractCall, Words, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// Uniswap's v3-staker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V3StakerContract {
    /// The contract.
    pub address: Address,
    /// Every incentive that there ever was: a contract cannot list them, its `IncentiveCreated`
    /// logs do.
    pub incentives: Vec<IncentiveKey>,
    /// Every token that may be deposited, from its `DepositTransferred` logs.
    pub token_ids: Vec<TokenId>,
    /// Whoever may have something to claim beside those who have deposits: everybody who ever
    /// unstaked.
    pub owners: Vec<Address>,
}

const SECONDS: &str = "seconds in 64 bits";
const ZERO: Address = Address([0; 20]);
const STAKES: &str = "number of stakes";
const NAMED: &str = "that of the tokens and incentives named";

/// Reads a staker.
///
/// Costs a call for each incentive and each token, for each incentive of each token deposited, and
/// for each reward token of each owner.
///
/// Errors: `Reverted` and `Answer` for another contract, `V3Staker` for values that do not go
/// together. A list that leaves out a stake shows as `Answer` to `incentives(bytes32)` or
/// `deposits(uint256)`; one that leaves out a deposit without stakes, or who has a reward to
/// claim, shows in nothing.
pub async fn v3_staker_state(
    at: &AtBlock<'_>,
    staker: &V3StakerContract,
) -> Result<V3StakerState, SnapshotError> {
    let plain = |signature| ContractCall::new(staker.address, signature, &[]);
    let names =
        ["nonfungiblePositionManager()", "maxIncentiveStartLeadTime()", "maxIncentiveDuration()"];
    let answers = at.calls(&names.map(plain)).await?;
    let [manager, lead_time, duration] = answers.as_slice() else {
        return Err(plain("maxIncentiveDuration()").reverted("no answer".to_owned()));
    };
    let keys: BTreeSet<IncentiveKey> = staker.incentives.iter().copied().collect();
    let tokens: BTreeSet<TokenId> = staker.token_ids.iter().copied().collect();
    let (deposits, staked_of) = deposits(at, staker.address, &tokens).await?;
    let stakes = stakes(at, staker.address, &deposits, &keys).await?;
    for (token, words) in &staked_of {
        let found = stakes.iter().filter(|stake| stake.token_id == *token).count();
        counted(words, 1, found)?;
    }
    let mut owners: BTreeSet<Account> =
        staker.owners.iter().map(|owner| Account(owner.0)).collect();
    owners.extend(deposits.iter().map(|deposit| deposit.owner));
    let state = V3StakerState {
        staker: Account(staker.address.0),
        position_manager: Account(manager.address(0)?.0),
        max_incentive_start_lead_time_seconds: lead_time.number(0, SECONDS)?,
        max_incentive_duration_seconds: duration.number(0, SECONDS)?,
        incentives: incentives(at, staker.address, &keys, &stakes).await?,
        rewards: rewards(at, staker.address, &keys, &owners).await?,
        deposits,
        stakes,
    };
    V3Staker::new(&state)?;
    Ok(state)
}

fn counted(words: &Words, index: usize, found: usize) -> Result<(), SnapshotError> {
    let told: usize = words.number(index, "96 bits")?;
    if told == found { Ok(()) } else { Err(words.value(STAKES, NAMED)) }
}

async fn incentives(
    at: &AtBlock<'_>,
    staker: Address,
    keys: &BTreeSet<IncentiveKey>,
    stakes: &[StakeState],
) -> Result<Vec<IncentiveState>, SnapshotError> {
    let ask = |key: &IncentiveKey| {
        ContractCall::new(staker, "incentives(bytes32)", &[U256::from_be_bytes(key.id())])
    };
    let answers = at.calls(&keys.iter().map(ask).collect::<Vec<_>>()).await?;
    let mut incentives = Vec::new();
    for (key, words) in keys.iter().zip(&answers) {
        counted(words, 2, stakes.iter().filter(|stake| stake.key == *key).count())?;
        incentives.push(IncentiveState {
            key: *key,
            total_reward_unclaimed: Amount(words.word(0)?),
            total_seconds_claimed_x128: words.word(1)?,
        });
    }
    Ok(incentives)
}

/// Deposits, and what the contract says of each.
type Deposits = (Vec<DepositState>, BTreeMap<TokenId, Words>);

async fn deposits(
    at: &AtBlock<'_>,
    staker: Address,
    tokens: &BTreeSet<TokenId>,
) -> Result<Deposits, SnapshotError> {
    const TICK: &str = "-887272 to 887272";
    let ask = |token: &TokenId| ContractCall::new(staker, "deposits(uint256)", &[token.0]);
    let answers = at.calls(&tokens.iter().map(ask).collect::<Vec<_>>()).await?;
    let (mut deposits, mut said) = (Vec::new(), BTreeMap::new());
    for (token_id, words) in tokens.iter().zip(answers) {
        let owner = words.address(0)?;
        if owner == ZERO {
            continue;
        }
        let (lower, upper) = (Tick(words.signed(2, TICK)?), Tick(words.signed(3, TICK)?));
        let range = TickRange { lower, upper };
        deposits.push(DepositState { token_id: *token_id, owner: Account(owner.0), range });
        said.insert(*token_id, words);
    }
    Ok((deposits, said))
}

async fn stakes(
    at: &AtBlock<'_>,
    staker: Address,
    deposits: &[DepositState],
    keys: &BTreeSet<IncentiveKey>,
) -> Result<Vec<StakeState>, SnapshotError> {
    let pairs = deposits.iter().flat_map(|deposit| keys.iter().map(|key| (deposit.token_id, *key)));
    let pairs: Vec<(TokenId, IncentiveKey)> = pairs.collect();
    let ask = |(token, key): &(TokenId, IncentiveKey)| {
        let of = [token.0, U256::from_be_bytes(key.id())];
        ContractCall::new(staker, "stakes(uint256,bytes32)", &of)
    };
    let answers = at.calls(&pairs.iter().map(ask).collect::<Vec<_>>()).await?;
    let mut stakes = Vec::new();
    for ((token_id, key), words) in pairs.into_iter().zip(&answers) {
        let liquidity = Liquidity(words.number(1, "128 bits")?);
        if !liquidity.is_zero() {
            stakes.push(StakeState {
                token_id,
                key,
                seconds_per_liquidity_inside_initial_x128: words.word(0)?,
                liquidity,
            });
        }
    }
    Ok(stakes)
}

async fn rewards(
    at: &AtBlock<'_>,
    staker: Address,
    keys: &BTreeSet<IncentiveKey>,
    owners: &BTreeSet<Account>,
) -> Result<Vec<RewardState>, SnapshotError> {
    let tokens: BTreeSet<Account> = keys.iter().map(|key| key.reward_token).collect();
    let pairs = tokens.iter().flat_map(|token| owners.iter().map(|owner| (*token, *owner)));
    let pairs: Vec<(Account, Account)> = pairs.collect();
    let ask = |(token, owner): &(Account, Account)| {
        let of = [*token, *owner].map(|account| address_word(Address(account.0)));
        ContractCall::new(staker, "rewards(address,address)", &of)
    };
    let answers = at.calls(&pairs.iter().map(ask).collect::<Vec<_>>()).await?;
    let mut rewards = Vec::new();
    for ((reward_token, owner), words) in pairs.into_iter().zip(&answers) {
        let amount = Amount(words.word(0)?);
        if !amount.is_zero() {
            rewards.push(RewardState { reward_token, owner, amount });
        }
    }
    Ok(rewards)
}
