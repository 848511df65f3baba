//! The state of a Curve metapool.

use tidemill_amm::stable_swap_meta::{BeforeFactory, StableSwapMeta, StableSwapMetaState};
use tidemill_model::Token;

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object};
use super::{StateFault, read_tokens, refused, stable_swap, token_json};

/// Reads the state, and what the tokens of the base pool are called if it says that.
pub(super) fn read(
    fields: &mut Fields<'_>,
    base_tokens: &mut Vec<Token>,
) -> Result<StableSwapMeta, StateFault> {
    let base = fields.take("base")?;
    let tokens_field = Fields::of(&base)?.take_optional("tokens");
    let state = read_fields(fields, &base)?;
    let pool = StableSwapMeta::new(&state).map_err(refused)?;
    if let Some(field) = tokens_field {
        *base_tokens = read_tokens(&field)?;
        if base_tokens.len() != pool.base().balances().len() {
            return Err(field.fault("one token for each of the base pool's balances").into());
        }
    }
    Ok(pool)
}

fn read_fields(
    fields: &mut Fields<'_>,
    base: &Value<'_>,
) -> Result<StableSwapMetaState, FieldFault> {
    let mut of_base = Fields::of(base)?;
    of_base.take_optional("tokens");
    let base = stable_swap::read_fields(&mut of_base)?;
    of_base.finish()?;
    Ok(StableSwapMetaState {
        base,
        before_factory: read_before_factory(&fields.take("before_factory")?)?,
        rate_multiplier: fields.take("rate_multiplier")?.u256()?,
        balances: fields.take("balances")?.token_amounts()?,
        admin_balances: fields.take("admin_balances")?.token_amounts()?,
        total_supply: fields.take("total_supply")?.amount()?,
        initial_a: fields.take("initial_a")?.u64()?,
        future_a: fields.take("future_a")?.u64()?,
        initial_a_time: fields.take("initial_a_time")?.time()?,
        future_a_time: fields.take("future_a_time")?.time()?,
        fee: fields.take("fee")?.u64()?,
        previous_balances: fields.take("previous_balances")?.token_amounts()?,
        price_cumulative_last: fields.take("price_cumulative_last")?.token_amounts()?,
        block_timestamp_last: fields.take("block_timestamp_last")?.time()?,
    })
}

fn read_before_factory(value: &Value<'_>) -> Result<Option<BeforeFactory>, FieldFault> {
    let Some(value) = value.or_null() else { return Ok(None) };
    let mut fields = Fields::of(value)?;
    let kept = BeforeFactory {
        base_virtual_price: fields.take("base_virtual_price")?.amount()?,
        base_cache_updated: fields.take("base_cache_updated")?.time()?,
        admin_fee: fields.take("admin_fee")?.u64()?,
        is_killed: fields.take("is_killed")?.boolean()?,
        kill_deadline: fields.take("kill_deadline")?.time()?,
    };
    fields.finish()?;
    Ok(Some(kept))
}

fn write_before_factory(kept: &BeforeFactory) -> Json {
    let mut fields = Object::default();
    fields.integer("base_virtual_price", kept.base_virtual_price);
    fields.integer("base_cache_updated", kept.base_cache_updated.0);
    fields.integer("admin_fee", kept.admin_fee);
    fields.put("is_killed", Json::Boolean(kept.is_killed));
    fields.integer("kill_deadline", kept.kill_deadline.0);
    Json::Object(fields)
}

pub(super) fn write(pool: &StableSwapMeta, base_tokens: &[Token], fields: &mut Object) {
    let state = pool.state();
    let mut base = Object::default();
    if !base_tokens.is_empty() {
        base.put("tokens", Json::List(base_tokens.iter().map(token_json).collect()));
    }
    stable_swap::write_state(state.base, &mut base);
    fields.put("base", Json::Object(base));
    let kept = state.before_factory.as_ref().map_or(Json::Null, write_before_factory);
    fields.put("before_factory", kept);
    fields.integer("rate_multiplier", state.rate_multiplier);
    fields.integers("balances", state.balances.as_slice());
    fields.integers("admin_balances", state.admin_balances.as_slice());
    fields.integer("total_supply", state.total_supply);
    fields.integer("initial_a", state.initial_a);
    fields.integer("future_a", state.future_a);
    fields.integer("initial_a_time", state.initial_a_time.0);
    fields.integer("future_a_time", state.future_a_time.0);
    fields.integer("fee", state.fee);
    fields.integers("previous_balances", state.previous_balances.as_slice());
    fields.integers("price_cumulative_last", state.price_cumulative_last.as_slice());
    fields.integer("block_timestamp_last", state.block_timestamp_last.0);
}
