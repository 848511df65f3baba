//! The state of a Balancer v2 composable stable pool.

use tidemill_amm::composable_stable::{
    ComposableStable, ComposableStableBuild, ComposableStableState, TokenRate,
};

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object};
use super::{StateFault, refused};

pub(super) fn read(fields: &mut Fields<'_>) -> Result<ComposableStable, StateFault> {
    let state = read_fields(fields)?;
    ComposableStable::new(&state).map_err(refused)
}

fn read_fields(fields: &mut Fields<'_>) -> Result<ComposableStableState, FieldFault> {
    Ok(ComposableStableState {
        build: read_build(&fields.take("build")?)?,
        balances: fields.take("balances")?.amounts()?,
        decimals: fields.take("decimals")?.u8s()?,
        rates: read_rates(&fields.take("rates")?)?,
        swap_fee: fields.take("swap_fee")?.u256()?,
        amplification_start: fields.take("amplification_start")?.u64()?,
        amplification_end: fields.take("amplification_end")?.u64()?,
        amplification_start_time: fields.take("amplification_start_time")?.time()?,
        amplification_end_time: fields.take("amplification_end_time")?.time()?,
        total_supply: fields.take("total_supply")?.amount()?,
        vault_shares: fields.take("vault_shares")?.amount()?,
        last_invariant: fields.take("last_invariant")?.u256()?,
        last_amplification: fields.take("last_amplification")?.u64()?,
        protocol_swap_fee: fields.take("protocol_swap_fee")?.u256()?,
        protocol_yield_fee: fields.take("protocol_yield_fee")?.u256()?,
        in_recovery_mode: fields.take("in_recovery_mode")?.boolean()?,
    })
}

fn build_name(build: ComposableStableBuild) -> &'static str {
    match build {
        ComposableStableBuild::September2022 => "2022-09",
        ComposableStableBuild::November2022 => "2022-11",
    }
}

fn read_build(value: &Value<'_>) -> Result<ComposableStableBuild, FieldFault> {
    const EXPECTED: &str = "\"2022-09\" or \"2022-11\"";
    let name = value.string(EXPECTED)?;
    let builds = [ComposableStableBuild::September2022, ComposableStableBuild::November2022];
    let build = builds.into_iter().find(|build| build_name(*build) == name);
    build.ok_or_else(|| value.fault(EXPECTED))
}

fn read_rates(value: &Value<'_>) -> Result<Vec<Option<TokenRate>>, FieldFault> {
    let rates = value.list("a list of objects or null, one for each token")?;
    rates.iter().map(|rate| rate.or_null().map(read_rate).transpose()).collect()
}

fn read_rate(value: &Value<'_>) -> Result<TokenRate, FieldFault> {
    let mut fields = Fields::of(value)?;
    let rate = TokenRate {
        provided: fields.take("provided")?.u256()?,
        current: fields.take("current")?.u256()?,
        old: fields.take("old")?.u256()?,
        duration: fields.take("duration")?.u64()?,
        expires: fields.take("expires")?.time()?,
        is_exempt: fields.take("is_exempt")?.boolean()?,
    };
    fields.finish()?;
    Ok(rate)
}

fn rate_json(rate: TokenRate) -> Json {
    let mut fields = Object::default();
    fields.integer("provided", rate.provided);
    fields.integer("current", rate.current);
    fields.integer("old", rate.old);
    fields.integer("duration", rate.duration);
    fields.integer("expires", rate.expires.0);
    fields.put("is_exempt", Json::Boolean(rate.is_exempt));
    Json::Object(fields)
}

pub(super) fn write(pool: &ComposableStable, fields: &mut Object) {
    let state = pool.state();
    fields.put("build", Json::Text(build_name(state.build).to_owned()));
    fields.integers("balances", state.balances);
    fields.integers("decimals", state.decimals);
    let rates = state.rates.into_iter().map(|rate| rate.map_or(Json::Null, rate_json));
    fields.put("rates", Json::List(rates.collect()));
    fields.integer("swap_fee", state.swap_fee);
    fields.integer("amplification_start", state.amplification_start);
    fields.integer("amplification_end", state.amplification_end);
    fields.integer("amplification_start_time", state.amplification_start_time.0);
    fields.integer("amplification_end_time", state.amplification_end_time.0);
    fields.integer("total_supply", state.total_supply);
    fields.integer("vault_shares", state.vault_shares);
    fields.integer("last_invariant", state.last_invariant);
    fields.integer("last_amplification", state.last_amplification);
    fields.integer("protocol_swap_fee", state.protocol_swap_fee);
    fields.integer("protocol_yield_fee", state.protocol_yield_fee);
    fields.put("in_recovery_mode", Json::Boolean(state.in_recovery_mode));
}
