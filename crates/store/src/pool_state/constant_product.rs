//! The state of a v2 pair.

use tidemill_amm::constant_product::{Pair, PairState};
use tidemill_model::Address;

use super::fields::{FieldFault, Fields};
use super::write::{Json, Object, address, integer};
use super::{StateFault, refused};

pub(super) fn read(fields: &mut Fields<'_>) -> Result<Pair, StateFault> {
    let state = read_fields(fields)?;
    Pair::new(&state).map_err(refused)
}

fn read_fields(fields: &mut Fields<'_>) -> Result<PairState, FieldFault> {
    let fee_to = fields.take("fee_to")?;
    let fee_to = fee_to.or_null().map(|value| value.address()).transpose()?;
    let shares = fields.take("shares")?.amounts_by_address()?;
    Ok(PairState {
        fee: fields.take("fee")?.u32()?,
        fee_scale: fields.take("fee_scale")?.u32()?,
        protocol_share_numerator: fields.take("protocol_share_numerator")?.u32()?,
        protocol_share_denominator: fields.take("protocol_share_denominator")?.u32()?,
        fee_to: fee_to.map(|address| address.0),
        reserve0: fields.take("reserve0")?.amount()?,
        reserve1: fields.take("reserve1")?.amount()?,
        balance0: fields.take("balance0")?.amount()?,
        balance1: fields.take("balance1")?.amount()?,
        block_timestamp_last: fields.take("block_timestamp_last")?.u32()?,
        price0_cumulative_last: fields.take("price0_cumulative_last")?.u256()?,
        price1_cumulative_last: fields.take("price1_cumulative_last")?.u256()?,
        k_last: fields.take("k_last")?.u256()?,
        total_supply: fields.take("total_supply")?.amount()?,
        locked_shares: fields.take("locked_shares")?.amount()?,
        unburned_shares: fields.take("unburned_shares")?.amount()?,
        shares: shares.into_iter().map(|(holder, amount)| (holder.0, amount)).collect(),
    })
}

pub(super) fn write(pool: &Pair, fields: &mut Object) {
    let state = pool.state();
    fields.integer("fee", state.fee);
    fields.integer("fee_scale", state.fee_scale);
    fields.integer("protocol_share_numerator", state.protocol_share_numerator);
    fields.integer("protocol_share_denominator", state.protocol_share_denominator);
    fields.put("fee_to", state.fee_to.map_or(Json::Null, |holder| address(Address(holder))));
    fields.integer("reserve0", state.reserve0);
    fields.integer("reserve1", state.reserve1);
    fields.integer("balance0", state.balance0);
    fields.integer("balance1", state.balance1);
    fields.integer("block_timestamp_last", state.block_timestamp_last);
    fields.integer("price0_cumulative_last", state.price0_cumulative_last);
    fields.integer("price1_cumulative_last", state.price1_cumulative_last);
    fields.integer("k_last", state.k_last);
    fields.integer("total_supply", state.total_supply);
    fields.integer("locked_shares", state.locked_shares);
    fields.integer("unburned_shares", state.unburned_shares);
    let shares = state.shares.iter();
    let shares = shares.map(|(holder, held)| (Address(*holder).to_string(), integer(held)));
    fields.put("shares", Json::Object(shares.collect()));
}
