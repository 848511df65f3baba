//! The state of a reward programme as a JSON file; fields are in `docs/programme-state.md`.

mod aerodrome;
mod balancer_gauge;
mod balancer_gauges;
mod crv_emission;
mod curve_gauge;
mod curve_gauges;
mod emission;
mod fee_distribution;
mod fee_distributor;
mod gauge_controller;
mod kinds;
mod liquid_staking;
mod master_chef;
mod merkl;
mod merkle_claim;
mod refusal;
mod staking_rewards;
mod token_admin;
mod v3_staker;
mod validator_staking;
pub(crate) mod value;
mod vote_escrow;

use serde_json::value::RawValue;
use tidemill_rewards::Programme;

use crate::importer::{file_error, read_limited};
use crate::limits::MAX_PROGRAMME_STATE_BYTES;
use crate::pool_state::{FieldFault, Fields, Json, Object, Value};
use crate::{Fault, FormatFault, TapeError};

pub use kinds::ProgrammeState;

use kinds::NAMES;
use refusal::Refusal;
use value::Record;

pub(crate) use value::StateValue;

/// Why a text is no state of a programme: where, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}", place(.field))]
pub struct ProgrammeStateError {
    /// The field, such as `stakers[2].balance`; empty for the text as a whole.
    pub field: String,
    /// What is wrong with it.
    pub fault: Box<Fault>,
}

/// What the states of one kind of programme have in common.
trait Resumable: Record {
    type Programme;
    type Refused;

    /// Returns the programme in this state.
    fn resume(&self) -> Result<Self::Programme, Self::Refused>;

    /// Says where in the state stands what the programme refused.
    fn refusal(&self, error: &Self::Refused) -> Refusal;
}

/// Reads the text of a state: one JSON object, `kind` and the fields of that kind.
///
/// Errors: text that is no JSON; a field that is missing, unknown, there twice or of the wrong
/// type; a value that no programme of the kind can have. Nothing is guessed.
pub fn read_programme_state(text: &str) -> Result<ProgrammeState, ProgrammeStateError> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
        let fault = Fault::Format(FormatFault::Json(error.to_string()));
        ProgrammeStateError { field: String::new(), fault: Box::new(fault) }
    })?;
    let state = read_programme(&Value::whole(raw));
    state.map_err(|(field, fault)| ProgrammeStateError { field, fault: Box::new(fault) })
}

/// Returns the text of a state that reads back as this; integers are strings of digits.
///
/// Errors: none that can occur; the JSON library has the type.
pub fn write_programme_state(state: &ProgrammeState) -> Result<String, FormatFault> {
    let text = serde_json::to_string_pretty(&state.json());
    text.map(|text| text + "\n").map_err(|error| FormatFault::Json(error.to_string()))
}

impl ProgrammeState {
    /// Reads a state file of at most 64 MiB.
    ///
    /// Errors: as [`ProgrammeState::from_json`], and [`TapeError::Read`] where the system cannot
    /// read it.
    pub fn read(path: &std::path::Path) -> Result<Self, TapeError> {
        let bytes = read_limited(path, MAX_PROGRAMME_STATE_BYTES)?;
        Self::from_json(&path.display().to_string(), &bytes)
    }

    /// Reads the bytes of a state file; `file` is how errors name it.
    ///
    /// Errors: [`TapeError::File`] for bytes that are no JSON, else as [`read_programme_state`]:
    /// [`TapeError::Field`].
    pub fn from_json(file: &str, bytes: &[u8]) -> Result<Self, TapeError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text =
            std::str::from_utf8(bytes).map_err(|_| file_error(file, FormatFault::NotUtf8))?;
        read_programme_state(text).map_err(|ProgrammeStateError { field, fault }| {
            let file = file.to_owned();
            if field.is_empty() {
                TapeError::File { file, fault }
            } else {
                TapeError::Field { file, field, fault }
            }
        })
    }

    /// Returns the programme in this state.
    ///
    /// Errors: a value that no programme of the kind can have. A state that was read has none.
    pub fn resume(&self) -> Result<Programme, ProgrammeStateError> {
        self.programme().map_err(|refusal| {
            let found = serde_json::value::to_raw_value(&self.json());
            let (field, fault) = match found {
                Ok(found) => refusal.fault(&Value::whole(&found)),
                Err(error) => (String::new(), FormatFault::Json(error.to_string()).into()),
            };
            ProgrammeStateError { field, fault: Box::new(fault) }
        })
    }

    /// Returns the state as part of a file, or the whole of one.
    pub(crate) fn json(&self) -> Object {
        let mut fields = Object::default();
        fields.put("kind", Json::Text(self.kind().to_owned()));
        self.write_fields(&mut fields);
        fields
    }
}

/// Reads a state that is part of a file, or the whole of one.
pub(crate) fn read_programme(value: &Value<'_>) -> Result<ProgrammeState, FieldFault> {
    let mut fields = Fields::of(value)?;
    let kind = fields.take("kind")?;
    let name = kind.string(NAMES)?;
    ProgrammeState::read_kind(&name, value, fields)?.ok_or_else(|| kind.fault(NAMES))
}

/// Reads the fields of a kind and asks the programme whether it can be so.
fn checked<T: Resumable>(value: &Value<'_>, mut fields: Fields<'_>) -> Result<Box<T>, FieldFault> {
    let state = T::read_fields(&mut fields)?;
    fields.finish()?;
    match state.resume() {
        Ok(_) => Ok(Box::new(state)),
        Err(error) => Err(state.refusal(&error).fault(value)),
    }
}

fn place(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("field {field}: ") }
}
