use tidemill_model::{ChainId, ProgrammeHeader, ProgrammeKind};
use tidemill_units::BlockNumber;

use super::FORMAT;
use crate::pool_state::{FieldFault, Fields, Json, Object, Value, address};
use crate::programme_state::read_programme;
use crate::{Fault, FormatFault, ProgrammeState};

/// Reads the first line of a tape.
pub(super) fn read_header(
    value: &Value<'_>,
) -> Result<(ProgrammeHeader, ProgrammeState), FieldFault> {
    let mut fields = Fields::of(value)?;
    let format = fields.take("format")?;
    let found = format.string("a text")?;
    if found != FORMAT {
        let fault = FormatFault::Version { found, expected: FORMAT };
        return Err((format.path().to_owned(), Fault::Format(fault)));
    }
    let chain_id = fields.take("chain_id")?.u64().map(ChainId)?;
    let contract = fields.take("address")?.address()?;
    let reward_tokens = fields.take("reward_tokens")?.list("a list of addresses")?;
    let reward_tokens = reward_tokens.iter().map(Value::address).collect::<Result<_, _>>()?;
    let pool = fields.take("pool")?.or_null().map(Value::address).transpose()?;
    let state_after_block = fields.take("state_after_block")?.u64().map(BlockNumber)?;
    let state_field = fields.take("state")?;
    fields.finish()?;
    let state = read_programme(&state_field)?;
    let Some(kind) = ProgrammeKind::from_name(state.kind()) else {
        let kind = Fields::of(&state_field)?.take("kind")?;
        return Err(kind.fault("a programme that has tapes"));
    };
    let header = ProgrammeHeader {
        kind,
        chain_id,
        address: contract,
        reward_tokens,
        pool,
        state_after_block,
    };
    Ok((header, state))
}

/// Writes the first line so that [`read_header`] gives it back.
pub(super) fn header_json(header: &ProgrammeHeader, state: &ProgrammeState) -> Object {
    let mut fields = Object::default();
    fields.put("format", Json::Text(FORMAT.to_owned()));
    fields.integer("chain_id", header.chain_id.0);
    fields.put("address", address(header.address));
    let tokens = header.reward_tokens.iter().map(|token| address(*token));
    fields.put("reward_tokens", Json::List(tokens.collect()));
    fields.put("pool", header.pool.map_or(Json::Null, address));
    fields.integer("state_after_block", header.state_after_block.0);
    fields.put("state", Json::Object(state.json()));
    fields
}
