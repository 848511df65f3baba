use std::path::Path;

use tidemill_model::ProgrammeTapeEvent;

use super::header::header_json;
use super::logs::write_log;
use super::{ProgrammeTape, decode_programme_tape};
use crate::importer::file_error;
use crate::pool_state::{Json, Object};
use crate::{FormatFault, TapeError, write_atomically};

/// Writes a tape of a reward programme to a file, whole or not at all.
///
/// # Errors
///
/// As [`encode_programme_tape`], and [`TapeError::Write`].
pub fn write_programme_tape(tape: &ProgrammeTape, path: &Path) -> Result<(), TapeError> {
    let bytes = encode_programme_tape(tape, &path.display().to_string())?;
    write_atomically(path, bytes.as_bytes())
}

/// Returns the text of a tape of a reward programme; `file` is how errors name it.
///
/// # Errors
///
/// Those of reading it back, where no reader would take it; [`FormatFault::NotReadBack`] where what
/// is read is another tape.
pub fn encode_programme_tape(tape: &ProgrammeTape, file: &str) -> Result<String, TapeError> {
    let mut text = String::new();
    let put = |text: &mut String, fields: &Object| -> Result<(), TapeError> {
        let line = serde_json::to_string(fields);
        let line = line.map_err(|error| file_error(file, FormatFault::Json(error.to_string())))?;
        text.push_str(&line);
        text.push('\n');
        Ok(())
    };
    put(&mut text, &header_json(&tape.header, &tape.start))?;
    for event in &tape.events {
        put(&mut text, &event_json(event))?;
    }
    let mut seal = Object::default();
    seal.put("seal", Json::Text(blake3::hash(text.as_bytes()).to_hex().to_string()));
    put(&mut text, &seal)?;
    if decode_programme_tape(text.as_bytes(), file)? != *tape {
        return Err(file_error(file, FormatFault::NotReadBack));
    }
    Ok(text)
}

fn event_json(event: &ProgrammeTapeEvent) -> Object {
    let mut fields = Object::default();
    fields.integer("block", event.block.0);
    fields.integer("log_index", event.log_index.0);
    fields.integer("time", event.time.0);
    write_log(&event.log, &mut fields);
    if let Some(gas) = event.gas_used {
        fields.integer("gas_used", gas.0);
    }
    if let Some(price) = event.gas_price {
        fields.integer("gas_price_wei", price.0);
    }
    fields
}
