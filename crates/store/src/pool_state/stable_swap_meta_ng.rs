//! The state of a Curve metapool of stableswap-ng: that of a stableswap-ng pool of two coins, and
//! its base pool, a state of another kind and perhaps what its tokens are called.

use tidemill_amm::stable_swap_meta_ng::{MetaNgBaseState, StableSwapMetaNg, StableSwapMetaNgState};
use tidemill_model::Token;

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object};
use super::{StateFault, at_field, read_tokens, refused, stable_swap, stable_swap_ng, token_json};

const PLAIN: &str = "stable_swap";
const NG: &str = "stable_swap_ng";

/// Reads the state, and what the tokens of the base pool are called if it says that.
pub(super) fn read(
    fields: &mut Fields<'_>,
    base_tokens: &mut Vec<Token>,
) -> Result<StableSwapMetaNg, StateFault> {
    let base = fields.take("base")?;
    let tokens_field = Fields::of(&base)?.take_optional("tokens");
    let state = StableSwapMetaNgState {
        base: read_base(&base)?,
        own: stable_swap_ng::read_fields(fields)?,
    };
    // What is wrong with the base pool has names of its own: they are looked for in there.
    state.base.pool().map_err(|error| at_field(&base, &error))?;
    let pool = StableSwapMetaNg::new(&state).map_err(refused)?;
    if let Some(field) = tokens_field {
        *base_tokens = read_tokens(&field)?;
        if base_tokens.len() != pool.base().count() {
            return Err(field.fault("one token for each of the base pool's balances").into());
        }
    }
    Ok(pool)
}

fn read_base(base: &Value<'_>) -> Result<MetaNgBaseState, FieldFault> {
    const EXPECTED: &str = "\"stable_swap\" or \"stable_swap_ng\"";
    let mut fields = Fields::of(base)?;
    fields.take_optional("tokens");
    let kind = fields.take("kind")?;
    let state = match kind.string(EXPECTED)?.as_str() {
        PLAIN => MetaNgBaseState::Plain(Box::new(stable_swap::read_fields(&mut fields)?)),
        NG => MetaNgBaseState::Ng(Box::new(stable_swap_ng::read_fields(&mut fields)?)),
        _ => return Err(kind.fault(EXPECTED)),
    };
    fields.finish()?;
    Ok(state)
}

pub(super) fn write(pool: &StableSwapMetaNg, base_tokens: &[Token], fields: &mut Object) {
    let state = pool.state();
    let mut base = Object::default();
    let mut kind = |name: &str| base.put("kind", Json::Text(name.to_owned()));
    match state.base {
        MetaNgBaseState::Plain(plain) => {
            kind(PLAIN);
            put_tokens(base_tokens, &mut base);
            stable_swap::write_state(*plain, &mut base);
        }
        MetaNgBaseState::Ng(ng) => {
            kind(NG);
            put_tokens(base_tokens, &mut base);
            stable_swap_ng::write_state(&ng, &mut base);
        }
    }
    fields.put("base", Json::Object(base));
    stable_swap_ng::write_state(&state.own, fields);
}

fn put_tokens(base_tokens: &[Token], base: &mut Object) {
    if !base_tokens.is_empty() {
        base.put("tokens", Json::List(base_tokens.iter().map(token_json).collect()));
    }
}
