use tidemill_configuration::{Document, KeyPath, Mistake, Place, nearest_allowed};
use tidemill_market::FeedError;
use tidemill_model::ChainId;
use tidemill_strategies::BuildError;
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
    /// A strategy's parameter.
    #[error("strategy `{name}`: {error}")]
    Strategy {
        /// The strategy.
        name: String,
        /// Why it cannot run here.
        error: BuildError,
    },
    /// A rules file that cannot be read.
    #[error("strategy `{name}`: {error}")]
    RulesFile {
        /// The strategy.
        name: String,
        /// The file, and why.
        error: String,
    },
    /// A reward programme that cannot be.
    #[error("reward `{name}`: {error}")]
    Reward {
        /// The programme.
        name: String,
        /// Why not.
        error: String,
    },
    /// Another pool that cannot be.
    #[error("pool `{name}`: {error}")]
    Pool {
        /// The pool.
        name: String,
        /// Why not.
        error: String,
    },
    /// Two pools of one name.
    #[error("two pools are called `{0}`; give each its own name")]
    SamePool(String),
    /// A staking service that cannot be.
    #[error("staking `{name}`: {error}")]
    Staking {
        /// The service.
        name: String,
        /// Why not.
        error: String,
    },
    /// A feed that cannot be read.
    #[error("feed `{name}`: {error}")]
    Feed {
        /// The feed.
        name: String,
        /// Why not.
        error: String,
    },
    /// A chain of options that cannot be read.
    #[error("{0}")]
    OptionChain(String),
    /// Candles that a strategy needs and that cannot be built.
    #[error("strategy.needs: {error}")]
    NeededFeed {
        /// The feed.
        feed: String,
        /// Why not.
        error: FeedError,
    },
    /// Two feeds of one name.
    #[error("two feeds are called `{0}`; give each its own name")]
    SameFeed(String),
    /// Two exchanges of one name.
    #[error("two exchanges are called `{0}`; give each its own name")]
    SameExchange(String),
    /// Two instruments of one name.
    #[error("two instruments are called `{0}`; give each its own name")]
    SameInstrument(String),
    /// A voting service that cannot be.
    #[error("voting `{name}`: {error}")]
    Voting {
        /// The service.
        name: String,
        /// Why not.
        error: String,
    },
    /// Two voting services of one name.
    #[error("two voting services are called `{0}`; give each its own name")]
    SameVoting(String),
    /// Two staking services of one name.
    #[error("two staking services are called `{0}`; give each its own name")]
    SameStaking(String),
    /// Two reward programmes of one name.
    #[error("two reward programmes are called `{0}`; give each its own name")]
    SameReward(String),
    /// Two strategies of one name.
    #[error("two strategies are called `{0}`; give each its own name")]
    SameName(String),
    /// Gas cannot be valued.
    #[error(
        "native_price_quote is missing; needed because {tokens} is the coin that gas is paid in on \
         chain {chain}"
    )]
    NoNativePrice {
        /// The symbols, as `neither USDC nor DAI`.
        tokens: String,
        /// The chain.
        chain: ChainId,
    },
    /// The tape holds nothing to test on.
    #[error("the tape has no price: it has no event")]
    EmptyTape,
}

impl ConfigError {
    /// Says of what is wrong that it is at or below a key.
    pub(crate) fn at(self, at: KeyPath) -> Self {
        Self::At { at, error: Box::new(self) }
    }

    /// Says of what is wrong in which item of an array of tables it is; of what is wrong elsewhere,
    /// that it is because of that item.
    pub(crate) fn of_item(self, table: &str, place: usize) -> Self {
        self.at(KeyPath::of(table).item(place))
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

    fn mistake(&self) -> Option<&Mistake> {
        if let Self::At { error, .. } = self {
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
            Self::Number { key, .. } | Self::NotAllowed { key, .. } => key,
            Self::Strategy { error, .. } => return vec![KeyPath::of(&key_of(error))],
            Self::RulesFile { .. } => "strategy.file",
            Self::Reward { .. } => "reward",
            Self::Staking { .. } => "staking",
            Self::Voting { .. } => "voting",
            Self::Feed { .. } => "feed",
            Self::OptionChain(_) => "exchange.instrument.chain",
            Self::NeededFeed { .. } => "strategy.needs",
            Self::Pool { .. } => "pool.tape",
            Self::SamePool(_) => "pool.name",
            Self::SameFeed(_) => "feed.name",
            Self::SameVoting(_) => "voting.name",
            Self::SameStaking(_) => "staking.name",
            Self::SameReward(_) => "reward.name",
            Self::SameExchange(_) => "exchange.name",
            Self::SameInstrument(_) => "exchange.instrument.name",
            Self::SameName(_) => "strategy.name",
            Self::NoNativePrice { .. } | Self::EmptyTape => "tape",
            Self::Syntax(_) => return Vec::new(),
        };
        vec![KeyPath::of(key)]
    }

    /// The name that was most likely meant, of those that are allowed.
    fn meant(&self) -> Option<&str> {
        if let Self::At { error, .. } = self {
            return error.meant();
        }
        let Self::NotAllowed { value, allowed, .. } = self else { return None };
        nearest_allowed(value, allowed, LONG)
    }
}

/// Letters of a name from which on a likeness says something: symbols of tokens are all alike.
const LONG: usize = 5;

/// The key that keeps a strategy from being built; its kind, where none does alone.
fn key_of(error: &BuildError) -> String {
    if let BuildError::Parameter(parameter) = error {
        return format!("strategy.{}", parameter.name);
    }
    let key = if *error == BuildError::CompoundsItself {
        "compound_every_days"
    } else if *error == BuildError::NothingToFarm {
        "farm"
    } else if [BuildError::NothingToHedgeWith, BuildError::HedgesItsPair].contains(error) {
        "hedge"
    } else if matches!(error, BuildError::NothingToCoverWith | BuildError::TwoHedges) {
        "option_hedge"
    } else {
        "kind"
    };
    format!("strategy.{key}")
}
