use std::fmt;

/// The way to a key of a document, such as `strategy[2].half_width_ticks`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPath(Vec<Step>);

/// One step of the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a table, by its key.
    Key(String),
    /// Into a list, by the place in it, from 0 on.
    Item(usize),
}

impl KeyPath {
    /// Returns the way through tables, its keys separated by points; no key may hold a point.
    pub fn of(keys: &str) -> Self {
        Self(keys.split('.').map(|key| Step::Key(key.to_owned())).collect())
    }

    /// Returns the way to a key of what this one leads to.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    /// Returns the way to an item of the list that this one leads to.
    #[must_use]
    pub fn item(mut self, place: usize) -> Self {
        self.0.push(Step::Item(place));
        self
    }

    /// Returns its steps, the first from the document's root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Returns the way to the table or list that this one leads into; the root's is itself.
    pub(crate) fn parent(&self) -> Self {
        let above = self.0.split_last().map(|(_, above)| above.to_vec());
        Self(above.unwrap_or_default())
    }

    /// Whether it leads through these tables, their keys separated by points, whatever the items.
    pub(crate) fn leads_to(&self, keys: &str) -> bool {
        let own = self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item(_) => None,
        });
        own.eq(keys.split('.'))
    }

    /// Returns this way with the items of lists put in that another knows, and prolonged by it
    /// where it goes on: `reward.amount` within `reward[2]` is `reward[2].amount`, and `reward` is
    /// `reward[2]`. `None` where the two lead to different keys.
    pub fn within(&self, outer: &Self) -> Option<Self> {
        let mut own = self.0.iter().peekable();
        let mut merged = Vec::new();
        for step in &outer.0 {
            let next = match (step, own.peek()) {
                (Step::Key(_), None) => step,
                (Step::Key(key), Some(Step::Key(other))) if key == other => {
                    own.next();
                    step
                }
                (Step::Key(_), Some(_)) => return None,
                (Step::Item(_), Some(known @ Step::Item(_))) => {
                    let known = *known;
                    own.next();
                    known
                }
                (Step::Item(_), _) => step,
            };
            merged.push(next.clone());
        }
        merged.extend(own.cloned());
        Some(Self(merged))
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if place == 0 => formatter.write_str(key)?,
                Step::Key(key) => write!(formatter, ".{key}")?,
                Step::Item(item) => write!(formatter, "[{item}]")?,
            }
        }
        Ok(())
    }
}
