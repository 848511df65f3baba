//! Reading values, and saying what is allowed instead.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use tidemill_model::Token;
use tidemill_units::Amount;

use crate::ConfigError;

pub(crate) fn not_allowed(key: &'static str, value: &dyn ToString, allowed: &str) -> ConfigError {
    ConfigError::NotAllowed { key, value: value.to_string(), allowed: allowed.to_owned() }
}

/// Whether a name can head a column.
pub(crate) fn is_printable(name: &str) -> bool {
    (1..=40).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Reads an amount in whole tokens. Zero has to be written out: an empty text is no amount.
pub(crate) fn whole(key: &'static str, text: &str, decimals: u8) -> Result<Amount, ConfigError> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if text.is_empty() || !is_plain {
        let allowed = "an amount in whole tokens: digits, with at most one point among them";
        return Err(not_allowed(key, &format!("`{}`", text.escape_debug()), allowed));
    }
    Amount::from_decimal_str(text, decimals).map_err(|error| ConfigError::Number { key, error })
}

pub(crate) fn alternatives(tokens: &[&Token]) -> String {
    let symbols: Vec<_> = tokens.iter().map(|token| token.symbol.as_str()).collect();
    match symbols.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        few => few.concat(),
    }
}

pub(super) fn neither(tokens: &[&Token]) -> String {
    let symbols: Vec<_> = tokens.iter().map(|token| token.symbol.as_str()).collect();
    match symbols.as_slice() {
        [rest @ .., last] => format!("neither {} nor {last}", rest.join(", ")),
        [] => String::from("no token"),
    }
}

/// Names that are allowed, or of what there is none.
pub(crate) fn listed(names: &[&str], table: &str) -> String {
    match names {
        [] => format!("the name of a {table}, of which there is none"),
        names => names.join(", "),
    }
}

/// Opens a file that a configuration in `folder` names; returns how errors name it, too.
///
/// Errors: the file, and why it cannot be opened.
pub(crate) fn open_beside(folder: &Path, name: &str) -> Result<(String, BufReader<File>), String> {
    let path = folder.join(name);
    let shown = path.display().to_string();
    let file = File::open(&path).map_err(|error| format!("{shown}: {error}"))?;
    Ok((shown, BufReader::new(file)))
}
