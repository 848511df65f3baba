//! Where in a state stands what a programme refuses.

use tidemill_rewards::StateError;

use crate::Fault;
use crate::pool_state::{FieldFault, Fields, Value};

/// What a programme says of a state that it cannot be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    steps: Vec<Step>,
    allowed: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Field(&'static str),
    Item(usize),
}

impl Refusal {
    /// Says what is allowed in a field of the state.
    pub(super) fn of(field: &'static str, allowed: &'static str) -> Self {
        Self { steps: vec![Step::Field(field)], allowed }
    }

    /// Means an item of the list instead.
    pub(super) fn item(mut self, index: usize) -> Self {
        self.steps.push(Step::Item(index));
        self
    }

    /// Means a field of the object instead.
    pub(super) fn field(mut self, name: &'static str) -> Self {
        self.steps.push(Step::Field(name));
        self
    }

    /// Means the same place in a part of the state.
    pub(super) fn within(mut self, part: &'static str) -> Self {
        self.steps.insert(0, Step::Field(part));
        self
    }

    /// Means the same place in an item of a list of the state.
    pub(super) fn within_item(mut self, list: &'static str, index: usize) -> Self {
        self.steps.insert(0, Step::Item(index));
        self.within(list)
    }

    /// Says what stands at the place.
    pub(super) fn fault(&self, state: &Value<'_>) -> FieldFault {
        let found = self.steps.iter().try_fold(state.clone(), |value, step| match step {
            Step::Field(name) => Fields::of(&value).ok()?.take_optional(name),
            Step::Item(index) => value.list("a list").ok()?.into_iter().nth(*index),
        });
        match found {
            Some(value) => value.fault(self.allowed),
            None => {
                let fault = Fault::Value { found: "nothing".to_owned(), expected: self.allowed };
                (self.path(state.path()), fault)
            }
        }
    }

    /// Returns the place as errors name it, behind that of the state.
    fn path(&self, state: &str) -> String {
        let mut path = state.to_owned();
        for step in &self.steps {
            match step {
                Step::Field(name) if path.is_empty() => path.push_str(name),
                Step::Field(name) => path.push_str(&format!(".{name}")),
                Step::Item(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }
}

impl From<StateError> for Refusal {
    fn from(error: StateError) -> Self {
        let refusal = Self::of(error.field.name, error.allowed);
        error.field.index.map_or(refusal.clone(), |index| refusal.item(index))
    }
}

/// Returns the item of a list that an error is about: the last of the shortest beginning that a
/// programme refuses so. The programmes look through their lists from the front.
pub(super) fn culprit<T: Clone, E: PartialEq>(
    list: &[T],
    error: &E,
    refused: impl Fn(Vec<T>) -> Option<E>,
) -> usize {
    let (mut good, mut bad) = (0_usize, list.len());
    while bad.saturating_sub(good) > 1 {
        let middle = good.midpoint(bad);
        let beginning = list.get(..middle).unwrap_or_default();
        if refused(beginning.to_vec()).as_ref() == Some(error) {
            bad = middle;
        } else {
            good = middle;
        }
    }
    good
}

/// As [`culprit`]; none where the list is empty, which is then what is wrong.
pub(super) fn culprit_of<T: Clone, E: PartialEq>(
    list: &[T],
    error: &E,
    refused: impl Fn(Vec<T>) -> Option<E>,
) -> Option<usize> {
    if list.is_empty() { None } else { Some(culprit(list, error, refused)) }
}
