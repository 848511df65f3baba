use tidemill_amm::balancer_v1::{BPool, BPoolState, BPoolToken};
use tidemill_model::Address;
use tidemill_units::{Amount, TokenAmounts};

use super::abi::{ContractCall, address_word};
use super::at_block::AtBlock;
use super::error::SnapshotError;

/// Reads a pool of Balancer v1.
///
/// Errors: `Reverted` and `Answer` for another contract, `State` for values that do not go
/// together; a pool of more than eight tokens cannot be.
pub async fn balancer_v1_state(
    at: &AtBlock<'_>,
    pool: Address,
) -> Result<BPoolState, SnapshotError> {
    let plain = |signature| ContractCall::new(pool, signature, &[]);
    let names =
        ["getCurrentTokens()", "getSwapFee()", "isPublicSwap()", "isFinalized()", "totalSupply()"];
    let answers = at.calls(&names.map(plain)).await?;
    let [listed, swap_fee, is_public, is_finalized, supply] = answers.as_slice() else {
        return Err(plain("getCurrentTokens()").reverted("no answer".to_owned()));
    };
    let mut calls = Vec::new();
    for token in listed.addresses(0, TokenAmounts::MOST)? {
        let of = [address_word(token)];
        calls.push(ContractCall::new(pool, "getBalance(address)", &of));
        calls.push(ContractCall::new(pool, "getDenormalizedWeight(address)", &of));
        calls.push(ContractCall::new(token, "balanceOf(address)", &[address_word(pool)]));
    }
    let answers = at.calls(&calls).await?;
    let mut tokens = Vec::new();
    for token in answers.chunks_exact(3) {
        let [balance, weight, held] = token else { continue };
        tokens.push(BPoolToken {
            balance: Amount(balance.word(0)?),
            held: Amount(held.word(0)?),
            denormalized_weight: weight.word(0)?,
        });
    }
    let state = BPoolState {
        tokens,
        swap_fee: swap_fee.word(0)?,
        is_public_swap: is_public.flag(0)?,
        is_finalized: is_finalized.flag(0)?,
        total_supply: Amount(supply.word(0)?),
    };
    BPool::new(&state)?;
    Ok(state)
}
