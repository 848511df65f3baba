//! One broken rule at one place.

use std::fmt;

/// One broken rule at one place. Sorts by path, then line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// Path from the workspace root, with forward slashes.
    pub(crate) path: String,
    /// Line, counted from 1.
    pub(crate) line: usize,
    /// Name of the rule, as an allow-list row gives it.
    pub(crate) rule: &'static str,
    /// What was found.
    pub(crate) what: String,
    /// What is allowed instead.
    pub(crate) allowed: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, what, allowed } = self;
        write!(formatter, "{path}:{line}: {what}; allowed: {allowed} [{rule}]")
    }
}
