//! The state of a Curve crypto pool.

use tidemill_amm::crypto_swap::{
    AGamma, CryptoGeneration, CryptoSwap, CryptoSwapParameters, CryptoSwapState, TwoCryptoBuild,
    TwocryptoNgBuild,
};

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object};
use super::{StateFault, refused};

pub(super) fn read(fields: &mut Fields<'_>) -> Result<CryptoSwap, StateFault> {
    let state = read_fields(fields)?;
    CryptoSwap::new(&state).map_err(refused)
}

fn read_fields(fields: &mut Fields<'_>) -> Result<CryptoSwapState, FieldFault> {
    Ok(CryptoSwapState {
        generation: read_generation(&fields.take("generation")?)?,
        decimals: fields.take("decimals")?.u8s()?,
        balances: fields.take("balances")?.token_amounts()?,
        holdings: fields.take("holdings")?.token_amounts()?,
        total_supply: fields.take("total_supply")?.amount()?,
        initial_a_gamma: read_a_gamma(&fields.take("initial_a_gamma")?)?,
        initial_a_gamma_time: fields.take("initial_a_gamma_time")?.time()?,
        future_a_gamma: read_a_gamma(&fields.take("future_a_gamma")?)?,
        future_a_gamma_time: fields.take("future_a_gamma_time")?.time()?,
        parameters: read_parameters(fields)?,
        price_scale: fields.take("price_scale")?.u256s()?,
        price_oracle: fields.take("price_oracle")?.u256s()?,
        last_prices: fields.take("last_prices")?.u256s()?,
        last_prices_timestamp: fields.take("last_prices_timestamp")?.time()?,
        invariant: fields.take("invariant")?.u256()?,
        xcp_profit: fields.take("xcp_profit")?.u256()?,
        xcp_profit_a: fields.take("xcp_profit_a")?.u256()?,
        virtual_price: fields.take("virtual_price")?.u256()?,
        not_adjusted: fields.take("not_adjusted")?.boolean()?,
        has_fee_receiver: fields.take("has_fee_receiver")?.boolean()?,
        last_admin_fee_claim_timestamp: fields.take("last_admin_fee_claim_timestamp")?.time()?,
        admin_lp_virtual_balance: fields.take("admin_lp_virtual_balance")?.amount()?,
    })
}

fn name_of(generation: CryptoGeneration) -> &'static str {
    match generation {
        CryptoGeneration::TwoCrypto(build) => match build {
            TwoCryptoBuild::Eurt => "twocrypto_eurt",
            TwoCryptoBuild::Crv => "twocrypto_crv",
            TwoCryptoBuild::Cvx => "twocrypto_cvx",
            TwoCryptoBuild::Euroc => "twocrypto_euroc",
            TwoCryptoBuild::Factory => "twocrypto",
        },
        CryptoGeneration::Tricrypto2 => "tricrypto2",
        CryptoGeneration::TricryptoNg => "tricrypto_ng",
        CryptoGeneration::TwocryptoNg(build) => match build {
            TwocryptoNgBuild::V2_0_0 => "twocrypto_ng_v2.0.0",
            TwocryptoNgBuild::V2_1_0 => "twocrypto_ng_v2.1.0",
        },
    }
}

fn read_generation(value: &Value<'_>) -> Result<CryptoGeneration, FieldFault> {
    const EXPECTED: &str = "\"twocrypto\" or \"twocrypto_\" and one of \"eurt\", \"crv\", \"cvx\", \
        \"euroc\", \"ng_v2.0.0\", \"ng_v2.1.0\"; \"tricrypto2\" or \"tricrypto_ng\"";
    let name = value.string(EXPECTED)?;
    let all = CryptoGeneration::ALL;
    let generation = all.into_iter().find(|generation| name_of(*generation) == name);
    generation.ok_or_else(|| value.fault(EXPECTED))
}

fn read_a_gamma(value: &Value<'_>) -> Result<AGamma, FieldFault> {
    let mut fields = Fields::of(value)?;
    let read = AGamma { a: fields.take("a")?.u64()?, gamma: fields.take("gamma")?.u64()? };
    fields.finish()?;
    Ok(read)
}

fn a_gamma_json(value: AGamma) -> Json {
    let mut fields = Object::default();
    fields.integer("a", value.a);
    fields.integer("gamma", value.gamma);
    Json::Object(fields)
}

fn read_parameters(fields: &mut Fields<'_>) -> Result<CryptoSwapParameters, FieldFault> {
    Ok(CryptoSwapParameters {
        mid_fee: fields.take("mid_fee")?.u64()?,
        out_fee: fields.take("out_fee")?.u64()?,
        fee_gamma: fields.take("fee_gamma")?.u64()?,
        admin_fee: fields.take("admin_fee")?.u64()?,
        allowed_extra_profit: fields.take("allowed_extra_profit")?.u64()?,
        adjustment_step: fields.take("adjustment_step")?.u64()?,
        ma_time: fields.take("ma_time")?.u64()?,
    })
}

fn write_parameters(parameters: &CryptoSwapParameters, fields: &mut Object) {
    fields.integer("mid_fee", parameters.mid_fee);
    fields.integer("out_fee", parameters.out_fee);
    fields.integer("fee_gamma", parameters.fee_gamma);
    fields.integer("admin_fee", parameters.admin_fee);
    fields.integer("allowed_extra_profit", parameters.allowed_extra_profit);
    fields.integer("adjustment_step", parameters.adjustment_step);
    fields.integer("ma_time", parameters.ma_time);
}

pub(super) fn write(pool: &CryptoSwap, fields: &mut Object) {
    let state = pool.state();
    fields.put("generation", Json::Text(name_of(state.generation).to_owned()));
    fields.integers("decimals", state.decimals);
    fields.integers("balances", state.balances.as_slice());
    fields.integers("holdings", state.holdings.as_slice());
    fields.integer("total_supply", state.total_supply);
    fields.put("initial_a_gamma", a_gamma_json(state.initial_a_gamma));
    fields.integer("initial_a_gamma_time", state.initial_a_gamma_time.0);
    fields.put("future_a_gamma", a_gamma_json(state.future_a_gamma));
    fields.integer("future_a_gamma_time", state.future_a_gamma_time.0);
    write_parameters(&state.parameters, fields);
    fields.integers("price_scale", state.price_scale);
    fields.integers("price_oracle", state.price_oracle);
    fields.integers("last_prices", state.last_prices);
    fields.integer("last_prices_timestamp", state.last_prices_timestamp.0);
    fields.integer("invariant", state.invariant);
    fields.integer("xcp_profit", state.xcp_profit);
    fields.integer("xcp_profit_a", state.xcp_profit_a);
    fields.integer("virtual_price", state.virtual_price);
    fields.put("not_adjusted", Json::Boolean(state.not_adjusted));
    fields.put("has_fee_receiver", Json::Boolean(state.has_fee_receiver));
    fields.integer("last_admin_fee_claim_timestamp", state.last_admin_fee_claim_timestamp.0);
    fields.integer("admin_lp_virtual_balance", state.admin_lp_virtual_balance);
}
