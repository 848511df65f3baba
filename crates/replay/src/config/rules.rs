use std::io::Read;
use std::path::Path;

use tidemill_strategies::{StrategyConfig, StrategyKind};

use super::text::open_beside;
use crate::ConfigError;

/// More than a rules file may have; one that has more is refused by its length.
const MOST_BYTES: u64 = 65_537;

/// Reads the file that a strategy of rules names, from the configuration's folder.
///
/// Errors: [`ConfigError::RulesFile`].
pub(super) fn read_rules(strategy: &mut StrategyConfig, folder: &Path) -> Result<(), ConfigError> {
    let name = strategy.name();
    let StrategyKind::Rules(rules) = &mut strategy.kind else { return Ok(()) };
    let Some(file) = &rules.file else { return Ok(()) };
    let read = |file: &str| -> Result<String, String> {
        let (shown, reader) = open_beside(folder, file)?;
        let mut text = String::new();
        let read = reader.take(MOST_BYTES).read_to_string(&mut text);
        read.map_err(|error| format!("{shown}: {error}"))?;
        Ok(text)
    };
    let text = read(file).map_err(|error| ConfigError::RulesFile { name, error })?;
    rules.read = Some(text);
    Ok(())
}
