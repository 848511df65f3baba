use tidemill_market::FeedError;
use tidemill_model::ChainId;
use tidemill_strategies::BuildError;
use tidemill_units::ParseError;

/// A value of a configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not TOML, an unknown key or a value of the wrong type; says where.
    #[error("{0}")]
    Syntax(String),
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
    /// A reward programme that cannot be.
    #[error("reward `{name}`: {error}")]
    Reward {
        /// The programme.
        name: String,
        /// Why not.
        error: String,
    },
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
