//! The state of a pool of concentrated liquidity, of any build.

use tidemill_amm::concentrated::{Build, ConcentratedState, Pool, TickState};
use tidemill_units::{FeeGrowth, FeePips, Liquidity, SignedLiquidity, SqrtPrice, Tick, Timestamp};

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object};
use super::{StateFault, refused};

pub(super) fn read(fields: &mut Fields<'_>, build: Build) -> Result<Pool, StateFault> {
    let state = read_fields(fields, build)?;
    // A state holds no observations: the oracle starts with the first trade.
    Pool::from_state(&state, Timestamp(0)).map_err(refused)
}

fn read_fields(fields: &mut Fields<'_>, build: Build) -> Result<ConcentratedState, FieldFault> {
    const SPACING: &str = "a whole number that fits 32 bits with its sign";
    const SHARE: &str = "an integer from 0 to 65535";
    const FEES: &str = "an integer from 0 to 2^128 - 1";
    let ticks = fields.take("ticks")?.list("a list of ticks")?;
    Ok(ConcentratedState {
        build,
        fee: FeePips(fields.take("fee")?.u32()?),
        tick_spacing: fields.take("tick_spacing")?.signed(SPACING)?,
        sqrt_price: read_price(&fields.take("sqrt_price")?)?,
        tick: read_tick(&fields.take("tick")?)?,
        liquidity: read_liquidity(&fields.take("liquidity")?)?,
        protocol_shares: pair(&fields.take("protocol_shares")?, |item| item.unsigned(SHARE))?,
        protocol_fees: pair(&fields.take("protocol_fees")?, |item| item.unsigned(FEES))?,
        fee_growth_global: read_growth(&fields.take("fee_growth_global")?)?,
        ticks: ticks.iter().map(read_tick_state).collect::<Result<_, _>>()?,
        unstaked_fee: FeePips(fields.take("unstaked_fee")?.u32()?),
        staked_liquidity: read_liquidity(&fields.take("staked_liquidity")?)?,
    })
}

fn read_tick_state(value: &Value<'_>) -> Result<TickState, FieldFault> {
    let mut fields = Fields::of(value)?;
    let state = TickState {
        tick: read_tick(&fields.take("tick")?)?,
        liquidity_gross: read_liquidity(&fields.take("liquidity_gross")?)?,
        liquidity_net: read_net(&fields.take("liquidity_net")?)?,
        fee_growth_outside: read_growth(&fields.take("fee_growth_outside")?)?,
        staked_liquidity_net: read_net(&fields.take("staked_liquidity_net")?)?,
    };
    fields.finish()?;
    Ok(state)
}

fn read_price(value: &Value<'_>) -> Result<SqrtPrice, FieldFault> {
    let price = SqrtPrice::from_x96(value.u256()?);
    price.ok_or_else(|| value.fault("a square root price as Q64.96, 0 to 2^160 - 1"))
}

fn read_tick(value: &Value<'_>) -> Result<Tick, FieldFault> {
    value.signed("a tick, -887272 to 887272").map(Tick)
}

fn read_liquidity(value: &Value<'_>) -> Result<Liquidity, FieldFault> {
    value.unsigned("liquidity, 0 to 2^128 - 1").map(Liquidity)
}

fn read_net(value: &Value<'_>) -> Result<SignedLiquidity, FieldFault> {
    value.signed("liquidity with its sign, within 2^127").map(SignedLiquidity)
}

fn read_growth(value: &Value<'_>) -> Result<[FeeGrowth; 2], FieldFault> {
    pair(value, |item| item.u256().map(FeeGrowth))
}

/// Reads a list of two: token0's and token1's.
fn pair<'a, T>(
    value: &Value<'a>,
    read: impl Fn(&Value<'a>) -> Result<T, FieldFault>,
) -> Result<[T; 2], FieldFault> {
    const EXPECTED: &str = "a list of two, for token0 and token1";
    let list = value.list(EXPECTED)?;
    let [first, second] = list.as_slice() else { return Err(value.fault(EXPECTED)) };
    Ok([read(first)?, read(second)?])
}

pub(super) fn write(pool: &Pool, fields: &mut Object) {
    let state = pool.state();
    fields.integer("fee", state.fee.0);
    fields.integer("tick_spacing", state.tick_spacing);
    fields.integer("sqrt_price", state.sqrt_price);
    fields.integer("tick", state.tick);
    fields.integer("liquidity", state.liquidity);
    fields.integers("protocol_shares", state.protocol_shares);
    fields.integers("protocol_fees", state.protocol_fees);
    fields.integers("fee_growth_global", state.fee_growth_global.map(|growth| growth.0));
    fields.integer("unstaked_fee", state.unstaked_fee.0);
    fields.integer("staked_liquidity", state.staked_liquidity);
    let ticks = state.ticks.iter().map(|entry| {
        let mut fields = Object::default();
        fields.integer("tick", entry.tick);
        fields.integer("liquidity_gross", entry.liquidity_gross);
        fields.integer("liquidity_net", entry.liquidity_net.0);
        let outside = entry.fee_growth_outside.map(|growth| growth.0);
        fields.integers("fee_growth_outside", outside);
        fields.integer("staked_liquidity_net", entry.staked_liquidity_net.0);
        Json::Object(fields)
    });
    fields.put("ticks", Json::List(ticks.collect()));
}
