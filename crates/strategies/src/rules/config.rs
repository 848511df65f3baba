use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use tidemill_strategy::Strategy;

use super::{Program, QuoteScale, Rules};
use crate::declared::{Declared, Site};
use crate::{BuildError, FeedNeed, PoolFacts};

/// A strategy of rules as a configuration writes it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesConfig {
    /// The rules file, relative to the configuration's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What would stand in a file, instead of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Values of the file's parameters that are not to be as it says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, f64>,
    /// What stands in the file, once somebody who may read files has read it.
    #[serde(skip)]
    pub read: Option<String>,
}

impl fmt::Debug for RulesConfig {
    /// Says what the rules are and not where they were: runs of the same rules are the same run.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.as_ref().or(self.read.as_ref());
        let unread = self.file.as_ref().filter(|_| text.is_none());
        formatter
            .debug_struct("RulesConfig")
            .field("text", &text)
            .field("unread", &unread)
            .field("parameters", &self.parameters)
            .finish()
    }
}

impl RulesConfig {
    /// Returns the feeds and candles that the rules follow.
    ///
    /// Errors: as of [`StrategyKind::build`](crate::StrategyKind::build).
    pub fn needs(&self) -> Result<Vec<FeedNeed>, BuildError> {
        self.program().map(|program| program.needs())
    }

    /// Checks that the exchanges of a run have every instrument that the rules name.
    ///
    /// Errors: as of [`StrategyKind::build`](crate::StrategyKind::build).
    pub fn check_instruments(&self, names: &[&str]) -> Result<(), BuildError> {
        Ok(self.program()?.check_instruments(names).map_err(Box::new)?)
    }

    /// Returns what the file says it is about, if it can be read.
    pub(crate) fn hypothesis(&self) -> Option<String> {
        self.program().ok().map(|program| program.hypothesis().to_owned())
    }

    /// Returns rules that hold the tokens: an example of the form.
    pub(crate) fn example() -> Self {
        let text = "hypothesis = \"Holds the tokens that it starts with.\"\n";
        Self { text: Some(text.to_owned()), ..Self::default() }
    }

    /// Returns where the rules are, and their parameters with their values.
    fn rows(&self) -> Vec<(String, String)> {
        let file = self.file.iter().map(|file| ("file".to_owned(), file.clone()));
        let program = self.program();
        let parameters = program.as_ref().map(Program::parameters).unwrap_or_default();
        let row = |(name, value): &(String, f64)| (name.clone(), value.to_string());
        file.chain(parameters.iter().map(row)).collect()
    }

    fn built(
        &self,
        pool: Option<PoolFacts>,
        scale: Option<QuoteScale>,
    ) -> Result<Box<dyn Strategy>, BuildError> {
        let program = self.program()?;
        match pool {
            None => program.check_without_pool().map_err(Box::new)?,
            Some(PoolFacts::Shares { kind }) if program.needs_ticks() => {
                return Err(BuildError::NeedsRanges { strategy: "rules", pool: kind });
            }
            Some(PoolFacts::Shares { .. } | PoolFacts::Concentrated { .. }) => {}
        }
        Ok(Box::new(Rules::new(program, scale.ok_or(BuildError::NoScale)?)))
    }

    pub(crate) fn program(&self) -> Result<Program, BuildError> {
        let (name, text) = match (&self.file, &self.text, &self.read) {
            (Some(file), None, Some(read)) => (file.as_str(), read),
            (None, Some(text), _) => ("text", text),
            (Some(_), None, None) => return Err(BuildError::RulesUnread),
            (Some(_), Some(_), _) | (None, None, _) => return Err(BuildError::WhichRules),
        };
        Ok(Program::read(name, text, &self.parameters).map_err(Box::new)?)
    }
}

impl Declared for RulesConfig {
    fn name(&self) -> &'static str {
        "rules"
    }

    fn summary(&self) -> &'static str {
        "Does what the first of its rules says that holds."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        self.rows()
    }

    fn most_positions(&self) -> u32 {
        // Rules that cannot be read are refused when they are built.
        u32::from(self.program().is_ok_and(|program| program.provides()))
    }

    fn own_needs(&self) -> Result<Vec<FeedNeed>, BuildError> {
        self.needs()
    }

    fn needs_pool(&self) -> bool {
        false
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        self.built(site.pool, site.services.scale)
    }
}
