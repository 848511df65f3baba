use tidemill_amm::weighted::{Weighted, WeightedBuild, WeightedState};
use tidemill_model::Address;
use tidemill_units::{Amount, TokenAmounts, U256};

use super::abi::ContractCall;
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// A weighted pool of Balancer's second vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightedPool {
    /// The pool's contract; vault and id it tells itself.
    pub address: Address,
    /// Which contract it is.
    pub build: WeightedBuild,
}

/// `ProtocolFeeType` of the provider of percentages.
const SWAP_FEE: u64 = 0;
const YIELD_FEE: u64 = 2;
const MOST_TOKENS: usize = TokenAmounts::MOST;
const ZERO: Address = Address([0; 20]);

/// Reads a pool, and the vault's balances of it.
///
/// Errors: `Reverted` and `Answer` for another contract or build, `State` for values that do not go
/// together.
pub async fn weighted_state(
    at: &AtBlock<'_>,
    pool: WeightedPool,
) -> Result<WeightedState, SnapshotError> {
    let plain = |signature| ContractCall::new(pool.address, signature, &[]);
    let invariant = match pool.build {
        WeightedBuild::April2021 => "getLastInvariant()",
        WeightedBuild::September2022 => "getLastPostJoinExitInvariant()",
    };
    let names = [
        "getVault()",
        "getPoolId()",
        "getNormalizedWeights()",
        "getSwapFeePercentage()",
        "totalSupply()",
        invariant,
    ];
    let answers = at.calls(&names.map(plain)).await?;
    let [vault, id, weights, swap_fee, supply, last_invariant] = answers.as_slice() else {
        return Err(plain("getVault()").reverted("no answer".to_owned()));
    };
    let vault = vault.address(0)?;
    let held = ContractCall::new(vault, "getPoolTokens(bytes32)", &[id.word(0)?]);
    let held = at.call(&held).await?;
    let tokens = held.addresses(0, MOST_TOKENS)?;
    let decimals = tokens.iter().map(|token| ContractCall::new(*token, "decimals()", &[]));
    let decimals = at.calls(&decimals.collect::<Vec<_>>()).await?;
    let mut state = WeightedState {
        build: pool.build,
        balances: held.list(1, MOST_TOKENS)?.into_iter().map(Amount).collect(),
        decimals: Vec::new(),
        weights: weights.list(0, MOST_TOKENS)?,
        rates: vec![None; tokens.len()],
        swap_fee: swap_fee.word(0)?,
        total_supply: Amount(supply.word(0)?),
        last_invariant: last_invariant.word(0)?,
        protocol_swap_fee: U256::ZERO,
        protocol_yield_fee: U256::ZERO,
        highest_rate_product: U256::ZERO,
    };
    for decimals in &decimals {
        state.decimals.push(decimals.number(0, "0 to 18")?);
    }
    match pool.build {
        WeightedBuild::April2021 => {
            let collector = ContractCall::new(vault, "getProtocolFeesCollector()", &[]);
            let collector = at.call(&collector).await?.address(0)?;
            let fee = ContractCall::new(collector, "getSwapFeePercentage()", &[]);
            state.protocol_swap_fee = at.call(&fee).await?.word(0)?;
        }
        WeightedBuild::September2022 => read_rates(at, pool.address, &mut state).await?,
    }
    Weighted::new(&state)?;
    Ok(state)
}

/// What the build of 2022 has beside: the percentages that it looked up last, and tokens' rates.
async fn read_rates(
    at: &AtBlock<'_>,
    pool: Address,
    state: &mut WeightedState,
) -> Result<(), SnapshotError> {
    let cached = |kind| {
        ContractCall::new(pool, "getProtocolFeePercentageCache(uint256)", &[U256::from(kind)])
    };
    let plain = |signature| ContractCall::new(pool, signature, &[]);
    let answers = at
        .calls(&[
            cached(SWAP_FEE),
            cached(YIELD_FEE),
            plain("getATHRateProduct()"),
            plain("getRateProviders()"),
        ])
        .await?;
    let [swap, rate_growth, highest, providers] = answers.as_slice() else {
        return Err(plain("getRateProviders()").reverted("no answer".to_owned()));
    };
    state.protocol_swap_fee = swap.word(0)?;
    state.protocol_yield_fee = rate_growth.word(0)?;
    state.highest_rate_product = highest.word(0)?;
    let providers = providers.addresses(0, MOST_TOKENS)?;
    for (place, provider) in state.rates.iter_mut().zip(providers) {
        if provider != ZERO {
            let rate = at.call(&ContractCall::new(provider, "getRate()", &[])).await?;
            *place = Some(rate.word(0)?);
        }
    }
    Ok(())
}
