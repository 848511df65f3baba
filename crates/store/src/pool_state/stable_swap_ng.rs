//! The state of a Curve stableswap-ng pool.

use tidemill_amm::stable_swap_ng::{StableSwapNg, StableSwapNgState};

use super::fields::{FieldFault, Fields};
use super::write::Object;
use super::{StateFault, refused};

pub(super) fn read(fields: &mut Fields<'_>) -> Result<StableSwapNg, StateFault> {
    let state = read_fields(fields)?;
    StableSwapNg::new(&state).map_err(refused)
}

pub(super) fn read_fields(fields: &mut Fields<'_>) -> Result<StableSwapNgState, FieldFault> {
    Ok(StableSwapNgState {
        asset_types: fields.take("asset_types")?.u8s()?,
        stored_rates: fields.take("stored_rates")?.token_amounts()?,
        token_balances: fields.take("token_balances")?.token_amounts()?,
        stored_balances: fields.take("stored_balances")?.token_amounts()?,
        admin_balances: fields.take("admin_balances")?.token_amounts()?,
        total_supply: fields.take("total_supply")?.amount()?,
        initial_a: fields.take("initial_a")?.u64()?,
        future_a: fields.take("future_a")?.u64()?,
        initial_a_time: fields.take("initial_a_time")?.time()?,
        future_a_time: fields.take("future_a_time")?.time()?,
        fee: fields.take("fee")?.u64()?,
        offpeg_fee_multiplier: fields.take("offpeg_fee_multiplier")?.u256()?,
        admin_fee: fields.take("admin_fee")?.u64()?,
        ma_exp_time: fields.take("ma_exp_time")?.u256()?,
        d_ma_time: fields.take("d_ma_time")?.u256()?,
        last_prices: fields.take("last_prices")?.token_amounts()?,
        ema_prices: fields.take("ema_prices")?.token_amounts()?,
        last_d: fields.take("last_d")?.amount()?,
        ema_d: fields.take("ema_d")?.amount()?,
        ma_last_time_p: fields.take("ma_last_time_p")?.time()?,
        ma_last_time_d: fields.take("ma_last_time_d")?.time()?,
    })
}

pub(super) fn write(pool: &StableSwapNg, fields: &mut Object) {
    write_state(&pool.state(), fields);
}

pub(super) fn write_state(state: &StableSwapNgState, fields: &mut Object) {
    fields.integers("asset_types", &state.asset_types);
    fields.integers("stored_rates", state.stored_rates.as_slice());
    fields.integers("token_balances", state.token_balances.as_slice());
    fields.integers("stored_balances", state.stored_balances.as_slice());
    fields.integers("admin_balances", state.admin_balances.as_slice());
    fields.integer("total_supply", state.total_supply);
    fields.integer("initial_a", state.initial_a);
    fields.integer("future_a", state.future_a);
    fields.integer("initial_a_time", state.initial_a_time.0);
    fields.integer("future_a_time", state.future_a_time.0);
    fields.integer("fee", state.fee);
    fields.integer("offpeg_fee_multiplier", state.offpeg_fee_multiplier);
    fields.integer("admin_fee", state.admin_fee);
    fields.integer("ma_exp_time", state.ma_exp_time);
    fields.integer("d_ma_time", state.d_ma_time);
    fields.integers("last_prices", state.last_prices.as_slice());
    fields.integers("ema_prices", state.ema_prices.as_slice());
    fields.integer("last_d", state.last_d);
    fields.integer("ema_d", state.ema_d);
    fields.integer("ma_last_time_p", state.ma_last_time_p.0);
    fields.integer("ma_last_time_d", state.ma_last_time_d.0);
}
