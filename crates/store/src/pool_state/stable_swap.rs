//! The state of a Curve StableSwap pool of the first generations.

use tidemill_amm::stable_swap::{Generation, StableSwap, StableSwapState};

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object};
use super::{StateFault, refused};

pub(super) fn read(fields: &mut Fields<'_>) -> Result<StableSwap, StateFault> {
    let state = read_fields(fields)?;
    StableSwap::new(&state).map_err(refused)
}

pub(super) fn read_fields(fields: &mut Fields<'_>) -> Result<StableSwapState, FieldFault> {
    Ok(StableSwapState {
        generation: read_generation(&fields.take("generation")?)?,
        balances: fields.take("balances")?.token_amounts()?,
        precisions: fields.take("precisions")?.u64s()?,
        admin_balances: fields.take("admin_balances")?.token_amounts()?,
        total_supply: fields.take("total_supply")?.amount()?,
        initial_a: fields.take("initial_a")?.u64()?,
        future_a: fields.take("future_a")?.u64()?,
        initial_a_time: fields.take("initial_a_time")?.time()?,
        future_a_time: fields.take("future_a_time")?.time()?,
        fee: fields.take("fee")?.u64()?,
        admin_fee: fields.take("admin_fee")?.u64()?,
        future_fee: fields.take("future_fee")?.u64()?,
        future_admin_fee: fields.take("future_admin_fee")?.u64()?,
        admin_actions_deadline: fields.take("admin_actions_deadline")?.time()?,
        is_killed: fields.take("is_killed")?.boolean()?,
        kill_deadline: fields.take("kill_deadline")?.time()?,
    })
}

fn read_generation(value: &Value<'_>) -> Result<Generation, FieldFault> {
    const EXPECTED: &str = "\"v0\", \"v1\" or \"v2\"";
    match value.string(EXPECTED)?.as_str() {
        "v0" => Ok(Generation::V0),
        "v1" => Ok(Generation::V1),
        "v2" => Ok(Generation::V2),
        _ => Err(value.fault(EXPECTED)),
    }
}

pub(super) fn write(pool: &StableSwap, fields: &mut Object) {
    write_state(pool.state(), fields);
}

pub(super) fn write_state(state: StableSwapState, fields: &mut Object) {
    let generation = match state.generation {
        Generation::V0 => "v0",
        Generation::V1 => "v1",
        Generation::V2 => "v2",
    };
    fields.put("generation", Json::Text(generation.to_owned()));
    fields.integers("balances", state.balances.as_slice());
    fields.integers("precisions", state.precisions);
    fields.integers("admin_balances", state.admin_balances.as_slice());
    fields.integer("total_supply", state.total_supply);
    fields.integer("initial_a", state.initial_a);
    fields.integer("future_a", state.future_a);
    fields.integer("initial_a_time", state.initial_a_time.0);
    fields.integer("future_a_time", state.future_a_time.0);
    fields.integer("fee", state.fee);
    fields.integer("admin_fee", state.admin_fee);
    fields.integer("future_fee", state.future_fee);
    fields.integer("future_admin_fee", state.future_admin_fee);
    fields.integer("admin_actions_deadline", state.admin_actions_deadline.0);
    fields.put("is_killed", Json::Boolean(state.is_killed));
    fields.integer("kill_deadline", state.kill_deadline.0);
}
