use std::fmt;

use thiserror::Error;

/// A value that no programme of the kind can have: which, and what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{field}: {allowed}")]
pub struct StateError {
    /// Where it stands.
    pub field: Field,
    /// What is allowed there, such as `1 to 1000000`.
    pub allowed: &'static str,
}

/// A field of a state, by the name that state files use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its place, in a list.
    pub index: Option<usize>,
}

impl StateError {
    /// Returns the error of a field that is not a list.
    pub const fn of(name: &'static str, allowed: &'static str) -> Self {
        Self { field: Field { name, index: None }, allowed }
    }

    /// Returns the error of one place of a list.
    pub const fn at(name: &'static str, index: usize, allowed: &'static str) -> Self {
        Self { field: Field { name, index: Some(index) }, allowed }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            None => write!(formatter, "`{}`", self.name),
            Some(index) => write!(formatter, "`{}[{index}]`", self.name),
        }
    }
}
