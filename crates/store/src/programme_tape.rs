//! Tapes of reward programmes: lines of JSON, the programme and its state first, a seal last.

mod header;
mod lines;
mod logs;
mod reader;
mod writer;

use tidemill_model::{ProgrammeHeader, ProgrammeTapeEvent};

use crate::ProgrammeState;

pub use reader::{
    ProgrammeTapeReader, decode_programme_tape, is_programme_tape, read_programme_tape,
};
pub use writer::{encode_programme_tape, write_programme_tape};

/// The version that the first line names.
pub(crate) const FORMAT: &str = "programme-1";

/// A reward programme's recorded history: the state that it starts from, and every log since.
///
/// Logs ascend by (block, log index), each once. An entry from a call trace has the index of the
/// log after it and stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeTape {
    /// The programme.
    pub header: ProgrammeHeader,
    /// Its state at the start.
    pub start: ProgrammeState,
    /// What happened.
    pub events: Vec<ProgrammeTapeEvent>,
}
