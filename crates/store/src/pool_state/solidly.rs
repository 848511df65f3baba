//! The state of a Solidly pool, of either build.

use tidemill_amm::solidly::{SolidlyBuild, SolidlyHolder, SolidlyPool, SolidlyState};
use tidemill_model::Address;

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object};
use super::{StateFault, refused};

pub(super) fn read(fields: &mut Fields<'_>) -> Result<SolidlyPool, StateFault> {
    let state = read_fields(fields)?;
    SolidlyPool::new(&state).map_err(refused)
}

fn read_fields(fields: &mut Fields<'_>) -> Result<SolidlyState, FieldFault> {
    const DECIMALS: &str = "0 to 77";
    let accounts = fields.take("accounts")?.by_address(read_holder)?;
    Ok(SolidlyState {
        build: read_build(&fields.take("build")?)?,
        is_stable: fields.take("is_stable")?.boolean()?,
        fee: fields.take("fee")?.u32()?,
        decimals0: fields.take("decimals0")?.unsigned(DECIMALS)?,
        decimals1: fields.take("decimals1")?.unsigned(DECIMALS)?,
        reserve0: fields.take("reserve0")?.amount()?,
        reserve1: fields.take("reserve1")?.amount()?,
        balance0: fields.take("balance0")?.amount()?,
        balance1: fields.take("balance1")?.amount()?,
        block_timestamp_last: fields.take("block_timestamp_last")?.time()?,
        reserve0_cumulative_last: fields.take("reserve0_cumulative_last")?.u256()?,
        reserve1_cumulative_last: fields.take("reserve1_cumulative_last")?.u256()?,
        index0: fields.take("index0")?.u256()?,
        index1: fields.take("index1")?.u256()?,
        fees0: fields.take("fees0")?.amount()?,
        fees1: fields.take("fees1")?.amount()?,
        locked: read_holder(&fields.take("locked")?)?,
        unburned: read_holder(&fields.take("unburned")?)?,
        others: read_holder(&fields.take("others")?)?,
        accounts: accounts.into_iter().map(|(holder, record)| (holder.0, record)).collect(),
    })
}

fn build_name(build: SolidlyBuild) -> &'static str {
    match build {
        SolidlyBuild::Solidly => "solidly",
        SolidlyBuild::Velodrome2 => "velodrome_v2",
    }
}

fn read_build(value: &Value<'_>) -> Result<SolidlyBuild, FieldFault> {
    const EXPECTED: &str = "\"solidly\" or \"velodrome_v2\"";
    let name = value.string(EXPECTED)?;
    let builds = [SolidlyBuild::Solidly, SolidlyBuild::Velodrome2];
    let build = builds.into_iter().find(|build| build_name(*build) == name);
    build.ok_or_else(|| value.fault(EXPECTED))
}

fn read_holder(value: &Value<'_>) -> Result<SolidlyHolder, FieldFault> {
    let mut fields = Fields::of(value)?;
    let holder = SolidlyHolder {
        shares: fields.take("shares")?.amount()?,
        supply_index0: fields.take("supply_index0")?.u256()?,
        supply_index1: fields.take("supply_index1")?.u256()?,
        claimable0: fields.take("claimable0")?.amount()?,
        claimable1: fields.take("claimable1")?.amount()?,
    };
    fields.finish()?;
    Ok(holder)
}

fn holder_json(holder: &SolidlyHolder) -> Json {
    let mut fields = Object::default();
    fields.integer("shares", holder.shares);
    fields.integer("supply_index0", holder.supply_index0);
    fields.integer("supply_index1", holder.supply_index1);
    fields.integer("claimable0", holder.claimable0);
    fields.integer("claimable1", holder.claimable1);
    Json::Object(fields)
}

pub(super) fn write(pool: &SolidlyPool, fields: &mut Object) {
    let state = pool.state();
    fields.put("build", Json::Text(build_name(state.build).to_owned()));
    fields.put("is_stable", Json::Boolean(state.is_stable));
    fields.integer("fee", state.fee);
    fields.integer("decimals0", state.decimals0);
    fields.integer("decimals1", state.decimals1);
    fields.integer("reserve0", state.reserve0);
    fields.integer("reserve1", state.reserve1);
    fields.integer("balance0", state.balance0);
    fields.integer("balance1", state.balance1);
    fields.integer("block_timestamp_last", state.block_timestamp_last.0);
    fields.integer("reserve0_cumulative_last", state.reserve0_cumulative_last);
    fields.integer("reserve1_cumulative_last", state.reserve1_cumulative_last);
    fields.integer("index0", state.index0);
    fields.integer("index1", state.index1);
    fields.integer("fees0", state.fees0);
    fields.integer("fees1", state.fees1);
    fields.put("locked", holder_json(&state.locked));
    fields.put("unburned", holder_json(&state.unburned));
    fields.put("others", holder_json(&state.others));
    let accounts = state.accounts.iter();
    let accounts =
        accounts.map(|(holder, record)| (Address(*holder).to_string(), holder_json(record)));
    fields.put("accounts", Json::Object(accounts.collect()));
}
