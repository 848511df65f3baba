//! The state of a Balancer v1 pool.

use tidemill_amm::balancer_v1::{BPool, BPoolState, BPoolToken};
use tidemill_units::{Amount, U256};

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object};
use super::{StateFault, refused};

pub(super) fn read(fields: &mut Fields<'_>) -> Result<BPool, StateFault> {
    let state = read_fields(fields)?;
    BPool::new(&state).map_err(refused)
}

fn read_fields(fields: &mut Fields<'_>) -> Result<BPoolState, FieldFault> {
    let balances = fields.take("balances")?.amounts()?;
    let held = fields.take("held")?;
    let weights = fields.take("denormalized_weight")?;
    let tokens = tokens(&balances, (&held, held.amounts()?), (&weights, weights.u256s()?))?;
    Ok(BPoolState {
        tokens,
        swap_fee: fields.take("swap_fee")?.u256()?,
        is_public_swap: fields.take("is_public_swap")?.boolean()?,
        is_finalized: fields.take("is_finalized")?.boolean()?,
        total_supply: fields.take("total_supply")?.amount()?,
    })
}

/// Puts the three lists together, which have to be of one length.
fn tokens(
    balances: &[Amount],
    (held_field, held): (&Value<'_>, Vec<Amount>),
    (weights_field, weights): (&Value<'_>, Vec<U256>),
) -> Result<Vec<BPoolToken>, FieldFault> {
    const EXPECTED: &str = "one for each balance";
    if held.len() != balances.len() {
        return Err(held_field.fault(EXPECTED));
    }
    if weights.len() != balances.len() {
        return Err(weights_field.fault(EXPECTED));
    }
    let lists = balances.iter().zip(held).zip(weights);
    let token = |((balance, held), denormalized_weight): ((&Amount, Amount), U256)| BPoolToken {
        balance: *balance,
        held,
        denormalized_weight,
    };
    Ok(lists.map(token).collect())
}

pub(super) fn write(pool: &BPool, fields: &mut Object) {
    let state = pool.state();
    fields.integers("balances", state.tokens.iter().map(|token| token.balance));
    fields.integers("held", state.tokens.iter().map(|token| token.held));
    let weights = state.tokens.iter().map(|token| token.denormalized_weight);
    fields.integers("denormalized_weight", weights);
    fields.integer("swap_fee", state.swap_fee);
    fields.put("is_public_swap", Json::Boolean(state.is_public_swap));
    fields.put("is_finalized", Json::Boolean(state.is_finalized));
    fields.integer("total_supply", state.total_supply);
}
