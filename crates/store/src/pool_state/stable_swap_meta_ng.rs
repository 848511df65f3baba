//! The state of a Curve metapool of stableswap-ng: that of a stableswap-ng pool of two coins, and
//! its base pool, a state of another kind without tokens.

use tidemill_amm::stable_swap_meta_ng::{MetaNgBaseState, StableSwapMetaNg, StableSwapMetaNgState};

use super::fields::{FieldFault, Fields, Value};
use super::write::{Json, Object};
use super::{StateFault, at_field, refused, stable_swap, stable_swap_ng};

const PLAIN: &str = "stable_swap";
const NG: &str = "stable_swap_ng";

pub(super) fn read(fields: &mut Fields<'_>) -> Result<StableSwapMetaNg, StateFault> {
    let base = fields.take("base")?;
    let state = StableSwapMetaNgState {
        base: read_base(&base)?,
        own: stable_swap_ng::read_fields(fields)?,
    };
    // What is wrong with the base pool has names of its own: they are looked for in there.
    state.base.pool().map_err(|error| at_field(&base, &error))?;
    StableSwapMetaNg::new(&state).map_err(refused)
}

fn read_base(base: &Value<'_>) -> Result<MetaNgBaseState, FieldFault> {
    const EXPECTED: &str = "\"stable_swap\" or \"stable_swap_ng\"";
    let mut fields = Fields::of(base)?;
    let kind = fields.take("kind")?;
    let state = match kind.string(EXPECTED)?.as_str() {
        PLAIN => MetaNgBaseState::Plain(Box::new(stable_swap::read_fields(&mut fields)?)),
        NG => MetaNgBaseState::Ng(Box::new(stable_swap_ng::read_fields(&mut fields)?)),
        _ => return Err(kind.fault(EXPECTED)),
    };
    fields.finish()?;
    Ok(state)
}

pub(super) fn write(pool: &StableSwapMetaNg, fields: &mut Object) {
    let state = pool.state();
    let mut base = Object::default();
    let mut kind = |name: &str| base.put("kind", Json::Text(name.to_owned()));
    match state.base {
        MetaNgBaseState::Plain(plain) => {
            kind(PLAIN);
            stable_swap::write_state(*plain, &mut base);
        }
        MetaNgBaseState::Ng(ng) => {
            kind(NG);
            stable_swap_ng::write_state(&ng, &mut base);
        }
    }
    fields.put("base", Json::Object(base));
    stable_swap_ng::write_state(&state.own, fields);
}
