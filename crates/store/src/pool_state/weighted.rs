//! The state of a Balancer v2 weighted pool.

use tidemill_amm::weighted::{Weighted, WeightedBuild, WeightedState};
use tidemill_units::U256;

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object, integer};
use super::{StateFault, refused};

pub(super) fn read(fields: &mut Fields<'_>) -> Result<Weighted, StateFault> {
    let state = read_fields(fields)?;
    Weighted::new(&state).map_err(refused)
}

fn read_fields(fields: &mut Fields<'_>) -> Result<WeightedState, FieldFault> {
    Ok(WeightedState {
        build: read_build(&fields.take("build")?)?,
        balances: fields.take("balances")?.amounts()?,
        decimals: fields.take("decimals")?.u8s()?,
        weights: fields.take("weights")?.u256s()?,
        rates: read_rates(&fields.take("rates")?)?,
        swap_fee: fields.take("swap_fee")?.u256()?,
        total_supply: fields.take("total_supply")?.amount()?,
        last_invariant: fields.take("last_invariant")?.u256()?,
        protocol_swap_fee: fields.take("protocol_swap_fee")?.u256()?,
        protocol_yield_fee: fields.take("protocol_yield_fee")?.u256()?,
        highest_rate_product: fields.take("highest_rate_product")?.u256()?,
    })
}

fn build_name(build: WeightedBuild) -> &'static str {
    match build {
        WeightedBuild::April2021 => "2021-04",
        WeightedBuild::September2022 => "2022-09",
    }
}

fn read_build(value: &Value<'_>) -> Result<WeightedBuild, FieldFault> {
    const EXPECTED: &str = "\"2021-04\" or \"2022-09\"";
    let name = value.string(EXPECTED)?;
    let builds = [WeightedBuild::April2021, WeightedBuild::September2022];
    let build = builds.into_iter().find(|build| build_name(*build) == name);
    build.ok_or_else(|| value.fault(EXPECTED))
}

fn read_rates(value: &Value<'_>) -> Result<Vec<Option<U256>>, FieldFault> {
    let rates = value.list("a list of integers or null, one for each token")?;
    rates.iter().map(|rate| rate.or_null().map(Value::u256).transpose()).collect()
}

pub(super) fn write(pool: &Weighted, fields: &mut Object) {
    let state = pool.state();
    fields.put("build", Json::Text(build_name(state.build).to_owned()));
    fields.integers("balances", state.balances);
    fields.integers("decimals", state.decimals);
    fields.integers("weights", state.weights);
    let rates = state.rates.iter().map(|rate| rate.map_or(Json::Null, integer));
    fields.put("rates", Json::List(rates.collect()));
    fields.integer("swap_fee", state.swap_fee);
    fields.integer("total_supply", state.total_supply);
    fields.integer("last_invariant", state.last_invariant);
    fields.integer("protocol_swap_fee", state.protocol_swap_fee);
    fields.integer("protocol_yield_fee", state.protocol_yield_fee);
    fields.integer("highest_rate_product", state.highest_rate_product);
}
