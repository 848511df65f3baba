//! The description of a pool of shares: its chain and contract, where its tape starts, and the
//! state it starts from.

use serde_json::value::RawValue;
use tidemill_amm::Pool;
use tidemill_model::{ChainId, SharePoolHeader};
use tidemill_units::{BlockNumber, RelativeTolerance};

use crate::importer::file_error;
use crate::pool_json::tolerance_text;
use crate::pool_state::{FieldFault, Fields, Json, Object, Value, read_state};
use crate::{FormatFault, PoolState, ShareTape, TapeError};

/// Whether a `pool.json` describes a pool of shares: it alone has a `state`.
pub(crate) fn is_share_pool_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let raw = std::str::from_utf8(bytes).ok();
    let raw: Option<&RawValue> = raw.and_then(|text| serde_json::from_str(text).ok());
    raw.and_then(|raw| Fields::of(&Value::whole(raw)).ok())
        .is_some_and(|mut fields| fields.take_optional("state").is_some())
}

/// Reads and checks the `pool.json` of a pool of shares, or the same text from a tape's metadata.
///
/// # Errors
///
/// [`TapeError::File`] for text that is no JSON object, [`TapeError::Field`] for a field that is
/// missing, unknown or wrong.
pub(crate) fn read_share_pool_json(
    file: &str,
    bytes: &[u8],
) -> Result<(SharePoolHeader, Pool), TapeError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| file_error(file, FormatFault::NotUtf8))?;
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|error| file_error(file, FormatFault::Json(error.to_string())))?;
    read_fields(&Value::whole(raw)).map_err(|(field, fault)| {
        let (file, fault) = (file.to_owned(), Box::new(fault));
        if field.is_empty() {
            TapeError::File { file, fault }
        } else {
            TapeError::Field { file, field, fault }
        }
    })
}

fn read_fields(value: &Value<'_>) -> Result<(SharePoolHeader, Pool), FieldFault> {
    const TOLERANCE: &str = "a relative tolerance such as 1e-9 or 0.000001, 0 to 0.01";
    let mut fields = Fields::of(value)?;
    let chain_id = fields.take("chain_id")?.u64().map(ChainId)?;
    let pool = fields.take("pool")?.address()?;
    let state_after_block = fields.take("state_after_block")?.u64().map(BlockNumber)?;
    let amount_tolerance = match fields.take_optional("amount_relative_tolerance") {
        None => RelativeTolerance::EXACT,
        Some(value) => {
            let text = value.decimal(TOLERANCE)?;
            text.parse().map_err(|_| value.fault(TOLERANCE))?
        }
    };
    let state_field = fields.take("state")?;
    let PoolState { tokens, base_tokens, pool: start } = read_state(&state_field)?;
    fields.finish()?;
    if start.shares().is_none() {
        let kind = Fields::of(&state_field)?.take("kind")?;
        return Err(kind.fault("a pool of shares; concentrated ones have tapes of their own form"));
    }
    let header = SharePoolHeader {
        chain_id,
        pool,
        tokens,
        base_tokens,
        state_after_block,
        amount_tolerance,
    };
    Ok((header, start))
}

/// Writes a tape's description so that [`read_share_pool_json`] gives it back.
pub(crate) fn share_pool_json_text(tape: &ShareTape) -> Result<String, FormatFault> {
    let header = &tape.header;
    let mut fields = Object::default();
    fields.integer("chain_id", header.chain_id.0);
    fields.put("pool", Json::Text(header.pool.to_string()));
    fields.integer("state_after_block", header.state_after_block.0);
    if !header.amount_tolerance.is_exact() {
        let text = tolerance_text(header.amount_tolerance);
        fields.put("amount_relative_tolerance", Json::Text(text));
    }
    let state = PoolState {
        tokens: header.tokens.clone(),
        base_tokens: header.base_tokens.clone(),
        pool: tape.start.clone(),
    };
    fields.put("state", Json::Object(state.json()));
    serde_json::to_string(&fields).map_err(|error| FormatFault::Json(error.to_string()))
}
