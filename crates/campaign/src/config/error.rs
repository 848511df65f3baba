use tidemill_configuration::{Document, KeyPath, Mistake, Place, nearest_allowed};
use tidemill_units::ParseError;

/// A value of a configuration that cannot be used.
///
/// Each says which key it is about: [`show_in`](Self::show_in) finds that in the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, an unknown key or a value of the wrong type; says where.
    #[error(transparent)]
    Syntax(Mistake),
    /// What is wrong at or below a key that is more precise than those that the error names itself:
    /// it knows which item of a list is meant.
    #[error("{error}")]
    At {
        /// The key.
        at: KeyPath,
        /// What is wrong.
        error: Box<Self>,
    },
    /// A number that cannot be read.
    #[error("{key} {error}")]
    Number {
        /// The key.
        key: &'static str,
        /// Why.
        error: ParseError,
    },
    /// A value outside what is allowed.
    #[error("{key} is {value}; allowed is {allowed}")]
    NotAllowed {
        /// The key.
        key: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// A programme's parameter, or what its contract refuses.
    #[error("programme `{name}`: {error}")]
    Programme {
        /// The programme.
        name: String,
        /// What is wrong with it.
        error: Box<Self>,
    },
    /// Two programmes of one name.
    #[error("two programmes are called `{0}`; give each its own name")]
    SameName(String),
    /// The reward token cannot be valued.
    #[error(
        "reward.price_quote is missing; needed because {symbol} is no token of the pool, so that \
         nothing here says what one is worth"
    )]
    NoRewardPrice {
        /// Its symbol.
        symbol: String,
    },
    /// The pool has nothing to measure.
    #[error("the tape {0}")]
    Unmeasurable(&'static str),
}

/// Keys that a programme is refused for and that are not its own.
const OF_ALL: [&str; 2] = ["schedule.", "budgets"];

/// Letters of a name from which on a likeness says something.
const LONG: usize = 4;

impl ConfigError {
    /// Says of what is wrong in which item of a list it is; of what is wrong elsewhere, that it is
    /// because of that item.
    pub(crate) fn of_item(self, list: &str, place: usize) -> Self {
        Self::At { at: KeyPath::of(list).item(place), error: Box::new(self) }
    }

    /// Returns the message with file, line, column and the line itself, as
    /// [`Document::show`] writes it, and with the name that was most likely meant.
    pub fn show_in(&self, document: &Document<'_>) -> String {
        let meant = self.meant().map(|name| format!("; did you mean `{name}`?"));
        document.show(&format!("{self}{}", meant.unwrap_or_default()), &self.place())
    }

    /// Returns where the mistake is.
    pub fn place(&self) -> Place {
        match self.mistake() {
            Some(mistake) => Place::Bytes(mistake.at.clone()),
            None => Place::Keys(self.keys()),
        }
    }

    /// The mistake in the text, also of what is wrong in an item of a list.
    fn mistake(&self) -> Option<&Mistake> {
        if let Self::At { error, .. } | Self::Programme { error, .. } = self {
            return error.mistake();
        }
        if let Self::Syntax(mistake) = self { Some(mistake) } else { None }
    }

    /// The keys that it may be about, the most likely first.
    fn keys(&self) -> Vec<KeyPath> {
        let key = match self {
            Self::At { at, error } => {
                let own = error.keys().into_iter();
                let mut keys: Vec<_> = own.map(|key| key.within(at).unwrap_or(key)).collect();
                keys.push(at.clone());
                return keys;
            }
            Self::Programme { error, .. } => return error.keys_of_programme(),
            Self::Number { key, .. } | Self::NotAllowed { key, .. } => key,
            Self::SameName(_) => "programme.name",
            Self::NoRewardPrice { .. } => "reward.symbol",
            Self::Unmeasurable(_) => "tape",
            Self::Syntax(_) => return Vec::new(),
        };
        vec![KeyPath::of(key)]
    }

    /// A programme names its own keys without its table.
    fn keys_of_programme(&self) -> Vec<KeyPath> {
        match self {
            Self::Number { key, .. } | Self::NotAllowed { key, .. } => {
                let is_its_own = !OF_ALL.iter().any(|other| key.starts_with(other));
                vec![if is_its_own { KeyPath::of("programme").key(key) } else { KeyPath::of(key) }]
            }
            Self::At { .. }
            | Self::Programme { .. }
            | Self::SameName(_)
            | Self::NoRewardPrice { .. }
            | Self::Unmeasurable(_)
            | Self::Syntax(_) => self.keys(),
        }
    }

    /// The name that was most likely meant, of those that are allowed.
    fn meant(&self) -> Option<&str> {
        if let Self::At { error, .. } | Self::Programme { error, .. } = self {
            return error.meant();
        }
        let Self::NotAllowed { value, allowed, .. } = self else { return None };
        nearest_allowed(value, allowed, LONG)
    }
}

#[cfg(test)]
mod tests;
