use std::fmt;

use thiserror::Error;

/// A value that no pool of the kind can have: which, and what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{field}: {allowed}")]
pub struct StateError {
    /// Where it stands.
    pub field: Field,
    /// What is allowed there, such as `1 to 1000000`.
    pub allowed: &'static str,
}

/// A field of a pool's state, by the name that state files use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The part of the state it is in: a metapool's `base`; none for the pool's own.
    pub within: Option<&'static str>,
    /// Its name.
    pub name: &'static str,
    /// Its place, in a list.
    pub index: Option<usize>,
}

impl StateError {
    /// Returns the error of a field that is not a list.
    pub const fn of(name: &'static str, allowed: &'static str) -> Self {
        Self { field: Field { within: None, name, index: None }, allowed }
    }

    /// Returns the error of one place of a list.
    pub const fn at(name: &'static str, index: usize, allowed: &'static str) -> Self {
        Self { field: Field { within: None, name, index: Some(index) }, allowed }
    }

    /// Returns the error as one of the state that this one is a part of, under this name there.
    pub const fn inside(self, part: &'static str) -> Self {
        let Field { name, index, .. } = self.field;
        Self { field: Field { within: Some(part), name, index }, ..self }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (part, dot) = self.within.map_or(("", ""), |part| (part, "."));
        match self.index {
            None => write!(formatter, "`{part}{dot}{}`", self.name),
            Some(index) => write!(formatter, "`{part}{dot}{}[{index}]`", self.name),
        }
    }
}
