//! The state of a reward programme as a JSON file; fields are in `docs/programme-state.md`.

mod master_chef;
mod refusal;
mod staking_rewards;
mod v3_staker;
mod value;
mod vote_escrow;

use serde_json::value::RawValue;
use tidemill_rewards::master_chef::{MasterChef, MasterChefState};
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsState};
use tidemill_rewards::v3_staker::{V3Staker, V3StakerState};
use tidemill_rewards::vote_escrow::{VoteEscrow, VoteEscrowState};

use crate::importer::{file_error, read_limited};
use crate::limits::MAX_PROGRAMME_STATE_BYTES;
use crate::pool_state::{FieldFault, Fields, Json, Object, Value};
use crate::{Fault, FormatFault, TapeError};

use refusal::Refusal;
use value::Record;

pub(crate) use value::StateValue;

/// Everything that determines what a reward programme does, of whatever kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgrammeState {
    /// Synthetix's StakingRewards, or Uniswap's build of it.
    StakingRewards(Box<StakingRewardsState>),
    /// SushiSwap's MasterChef.
    MasterChef(Box<MasterChefState>),
    /// Uniswap's v3-staker.
    V3Staker(Box<V3StakerState>),
    /// A vote escrow.
    VoteEscrow(Box<VoteEscrowState>),
}

/// A reward programme that a state was resumed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Programme {
    /// Synthetix's StakingRewards, or Uniswap's build of it.
    StakingRewards(Box<StakingRewards>),
    /// SushiSwap's MasterChef.
    MasterChef(Box<MasterChef>),
    /// Uniswap's v3-staker.
    V3Staker(Box<V3Staker>),
    /// A vote escrow.
    VoteEscrow(Box<VoteEscrow>),
}

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
    /// The names of all kinds, as states have them in `kind`.
    pub const KINDS: &[&str] = &["staking_rewards", "master_chef", "v3_staker", "vote_escrow"];

    /// Returns the name of the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::StakingRewards(_) => "staking_rewards",
            Self::MasterChef(_) => "master_chef",
            Self::V3Staker(_) => "v3_staker",
            Self::VoteEscrow(_) => "vote_escrow",
        }
    }

    /// Reads a state file of at most 64 MiB.
    ///
    /// Errors: [`TapeError::Read`] where the system cannot read it; [`TapeError::File`] and
    /// [`TapeError::Field`] as [`read_programme_state`].
    pub fn read(path: &std::path::Path) -> Result<Self, TapeError> {
        let bytes = read_limited(path, MAX_PROGRAMME_STATE_BYTES)?;
        let file = path.display().to_string();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let text =
            std::str::from_utf8(bytes).map_err(|_| file_error(&file, FormatFault::NotUtf8))?;
        read_programme_state(text).map_err(|ProgrammeStateError { field, fault }| {
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
        let programme = match self {
            Self::StakingRewards(state) => resumed(&**state).map(Programme::StakingRewards),
            Self::MasterChef(state) => resumed(&**state).map(Programme::MasterChef),
            Self::V3Staker(state) => resumed(&**state).map(Programme::V3Staker),
            Self::VoteEscrow(state) => resumed(&**state).map(Programme::VoteEscrow),
        };
        programme.map_err(|refusal| {
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
        match self {
            Self::StakingRewards(state) => state.write_fields(&mut fields),
            Self::MasterChef(state) => state.write_fields(&mut fields),
            Self::V3Staker(state) => state.write_fields(&mut fields),
            Self::VoteEscrow(state) => state.write_fields(&mut fields),
        }
        fields
    }
}

impl Programme {
    /// Returns everything that determines what the programme does.
    pub fn state(&self) -> ProgrammeState {
        match self {
            Self::StakingRewards(programme) => programme.state().into(),
            Self::MasterChef(programme) => programme.state().into(),
            Self::V3Staker(programme) => programme.state().into(),
            Self::VoteEscrow(programme) => programme.state().into(),
        }
    }
}

/// Reads a state that is part of a file, or the whole of one.
pub(crate) fn read_programme(value: &Value<'_>) -> Result<ProgrammeState, FieldFault> {
    let mut fields = Fields::of(value)?;
    let kind = fields.take("kind")?;
    let name = kind.string(KINDS)?;
    Ok(match name.as_str() {
        "staking_rewards" => ProgrammeState::StakingRewards(checked(value, fields)?),
        "master_chef" => ProgrammeState::MasterChef(checked(value, fields)?),
        "v3_staker" => ProgrammeState::V3Staker(checked(value, fields)?),
        "vote_escrow" => ProgrammeState::VoteEscrow(checked(value, fields)?),
        _ => return Err(kind.fault(KINDS)),
    })
}

/// The kinds there are, for messages.
const KINDS: &str = "one of staking_rewards, master_chef, v3_staker, vote_escrow";

/// Reads the fields of a kind and asks the programme whether it can be so.
fn checked<T: Resumable>(value: &Value<'_>, mut fields: Fields<'_>) -> Result<Box<T>, FieldFault> {
    let state = T::read_fields(&mut fields)?;
    fields.finish()?;
    match state.resume() {
        Ok(_) => Ok(Box::new(state)),
        Err(error) => Err(state.refusal(&error).fault(value)),
    }
}

fn resumed<T: Resumable>(state: &T) -> Result<Box<T::Programme>, Refusal> {
    state.resume().map(Box::new).map_err(|error| state.refusal(&error))
}

fn place(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("field {field}: ") }
}

impl From<StakingRewardsState> for ProgrammeState {
    fn from(state: StakingRewardsState) -> Self {
        Self::StakingRewards(Box::new(state))
    }
}

impl From<MasterChefState> for ProgrammeState {
    fn from(state: MasterChefState) -> Self {
        Self::MasterChef(Box::new(state))
    }
}

impl From<V3StakerState> for ProgrammeState {
    fn from(state: V3StakerState) -> Self {
        Self::V3Staker(Box::new(state))
    }
}

impl From<VoteEscrowState> for ProgrammeState {
    fn from(state: VoteEscrowState) -> Self {
        Self::VoteEscrow(Box::new(state))
    }
}
