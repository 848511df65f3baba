//! The exceptions, each with its reason.

use std::path::Path;

use serde::Deserialize;

use crate::failure::Failure;
use crate::finding::Finding;

/// The allow-list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AllowList {
    #[serde(default)]
    allow: Vec<Row>,
}

/// One exception.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// A file from the root; a folder when it ends with a slash.
    path: String,
    /// The rule it is excused from.
    rule: String,
    /// Why.
    reason: String,
}

/// Reads the allow-list.
///
/// # Errors
/// [`Failure::Environment`] when the file is unreadable or a row lacks a field.
pub(super) fn read(path: &Path) -> Result<AllowList, Failure> {
    let failed = |error: String| Failure::Environment(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    AllowList::parse(&text).map_err(|error| failed(error.to_string()))
}

impl AllowList {
    /// Reads the list from TOML.
    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Returns the findings no row excuses, and one for each row, of the list at `own_path`, that
    /// excuses nothing or gives no reason.
    pub(super) fn apply(&self, own_path: &str, findings: Vec<Finding>) -> Vec<Finding> {
        let mut remaining: Vec<Finding> = Vec::new();
        let mut used = vec![false; self.allow.len()];
        for finding in findings {
            match self.allow.iter().position(|row| row.excuses(&finding)) {
                Some(index) => used[index] = true,
                None => remaining.push(finding),
            }
        }
        for (row, used) in self.allow.iter().zip(used) {
            let what = match (used, row.reason.trim().is_empty()) {
                (true, false) => continue,
                (_, true) => "no reason for",
                (false, false) => "nothing left to excuse by",
            };
            remaining.push(Finding {
                path: own_path.to_owned(),
                line: 1,
                rule: "allow-list",
                what: format!("{what} `{}` in `{}`", row.rule, row.path),
                allowed: "rows that are needed, with their reason".to_owned(),
            });
        }
        remaining
    }
}

impl Row {
    fn excuses(&self, finding: &Finding) -> bool {
        let covered = if self.path.ends_with('/') {
            finding.path.starts_with(&self.path)
        } else {
            finding.path == self.path
        };
        covered && finding.rule == self.rule
    }
}
